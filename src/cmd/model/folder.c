/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a model's folder without recursion; directories wait on a list. */
#include "folder.h"

#include "manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { NAMES_MAX = 512 << 20, PATH_BYTES = 8192 };

void folder_free(struct folder *f)
{
    buf_free(&f->names);
    buf_free(&f->odd);
    free(f->v);
    *f = (struct folder){0};
}

struct span folder_name(const struct folder *f, size_t i)
{
    return span_str((const char *)f->names.p + f->v[i].name);
}

static struct err io(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

static bool covered(struct span path, const struct span *ignore, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_starts(path, ignore[i]) && (path.n == ignore[i].n || path.p[ignore[i].n] == '/'))
            return true;
    return false;
}

static struct err add(struct folder *f, struct span name, uint64_t size)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 64;
        struct folder_file *v = realloc(f->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        f->v = v;
        f->cap = cap;
    }
    f->v[f->n++] = (struct folder_file){f->names.n, size};
    TRY(buf_put(&f->names, name));
    return buf_put_u8(&f->names, 0);
}

struct walk {
    const char *root;
    const struct span *ignore;
    size_t ignore_n;
    bool links;
    struct folder *out;
    struct buf waiting; /* relative directories, each ended by a NUL */
};

static struct err entry(struct walk *w, const char *rel)
{
    char path[PATH_BYTES];
    struct stat st;
    if (covered(span_str(rel), w->ignore, w->ignore_n))
        return OK;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", w->root, rel) >= sizeof path)
        return err(ERR_LIMIT);
    if (lstat(path, &st) != 0)
        return io();
    if (S_ISDIR(st.st_mode)) {
        TRY(buf_puts(&w->waiting, rel));
        return buf_put_u8(&w->waiting, 0);
    }
    if (S_ISLNK(st.st_mode) && w->links && stat(path, &st) != 0)
        return io();
    if (S_ISREG(st.st_mode))
        return add(w->out, span_str(rel), (uint64_t)st.st_size);
    return w->out->odd.n ? OK : buf_puts(&w->out->odd, rel);
}

static struct err one_folder(struct walk *w, const char *rel)
{
    char path[PATH_BYTES];
    if ((size_t)snprintf(path, sizeof path, "%s%s%s", w->root, *rel ? "/" : "", rel) >= sizeof path)
        return err(ERR_LIMIT);
    DIR *d = opendir(path);
    if (!d)
        return io();
    struct err e = OK;
    const struct dirent *de;
    while (!failed(e) && (errno = 0, de = readdir(d)) != NULL) {
        if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
            continue;
        if ((size_t)snprintf(path, sizeof path, "%s%s%s", rel, *rel ? "/" : "", de->d_name) >=
            sizeof path)
            e = err(ERR_LIMIT);
        else
            e = entry(w, path);
    }
    if (!failed(e) && errno)
        e = io();
    closedir(d);
    return e;
}

static const struct folder *sorting; /* qsort has no argument of its own; one walk at a time */

static int by_name(const void *a, const void *b)
{
    const struct folder_file *x = a, *y = b;
    return manifest_path_cmp(span_str((const char *)sorting->names.p + x->name),
                             span_str((const char *)sorting->names.p + y->name));
}

static struct err walk_all(struct walk *w)
{
    TRY(one_folder(w, ""));
    while (w->waiting.n) {
        size_t at = w->waiting.n - 1;
        while (at && w->waiting.p[at - 1])
            at--;
        char rel[PATH_BYTES];
        snprintf(rel, sizeof rel, "%s", (const char *)w->waiting.p + at);
        w->waiting.n = at;
        TRY(one_folder(w, rel));
    }
    return OK;
}

struct err folder_read(const char *root, const struct span *ignore, size_t ignore_n, bool links,
                       struct folder *out)
{
    *out = (struct folder){.names = buf_init(NAMES_MAX), .odd = buf_init(PATH_BYTES)};
    struct stat st;
    if (stat(root, &st) != 0)
        return io();
    if (S_ISREG(st.st_mode)) {
        out->single = true;
        return add(out, SPAN_LIT("."), (uint64_t)st.st_size);
    }
    struct walk w = {root, ignore, ignore_n, links, out, buf_init(NAMES_MAX)};
    struct err e = walk_all(&w);
    buf_free(&w.waiting);
    sorting = out;
    if (!failed(e) && out->n)
        qsort(out->v, out->n, sizeof *out->v, by_name);
    return e;
}
