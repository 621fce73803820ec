/* SPDX-License-Identifier: Apache-2.0 */
/* Files below a path; see tree.h. A stack of paths stands for the recursion. */
#include "tree.h"

#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 16384, NAMES_MAX = 64 << 20 };

static struct err errno_err(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

/* A path and its NUL onto the stack. */
static struct err push(struct tree *t, const char *dir, const char *name)
{
    if (dir) {
        TRY(buf_puts(&t->waiting, dir));
        size_t n = strlen(dir);
        if (n && dir[n - 1] != '/')
            TRY(buf_put_u8(&t->waiting, '/'));
    }
    TRY(buf_puts(&t->waiting, name));
    return buf_put_u8(&t->waiting, 0);
}

/* ---- what was met ---- */

/* The place of x, or the free one where it belongs. */
static struct tree_number *place(const struct tree_seen *s, struct tree_number x)
{
    size_t i = (size_t)((x.inode ^ x.device << 32) * 0x9e3779b97f4a7c15U >> 20);
    for (;; i++) {
        struct tree_number *p = &s->v[i & (s->cap - 1)];
        if (!p->inode || (p->inode == x.inode && p->device == x.device))
            return p;
    }
}

bool tree_seen_has(const struct tree_seen *s, struct tree_number x)
{
    return s->cap && place(s, x)->inode;
}

struct err tree_seen_add(struct tree_seen *s, struct tree_number x, bool *was)
{
    if (2 * s->n >= s->cap) {
        struct tree_seen more = {.cap = s->cap ? 2 * s->cap : 256, .n = s->n};
        more.v = calloc(more.cap, sizeof *more.v);
        if (!more.v)
            return err(ERR_NOMEM);
        for (size_t i = 0; i < s->cap; i++)
            if (s->v[i].inode)
                *place(&more, s->v[i]) = s->v[i];
        free(s->v);
        *s = more;
    }
    struct tree_number *p = place(s, x);
    *was = p->inode != 0;
    s->n += !*was;
    *p = x;
    return OK;
}

void tree_seen_free(struct tree_seen *s)
{
    free(s->v);
    *s = (struct tree_seen){0};
}

/* ---- the walk ---- */

struct err tree_open(const char *path, struct tree *out)
{
    struct stat st;
    *out = (struct tree){.waiting = buf_init(TREE_WAITING_MAX), .path = buf_init(PATH_BYTES)};
    if (stat(path, &st) != 0)
        return errno_err();
    struct err e = push(out, NULL, path);
    if (failed(e))
        tree_close(out);
    return e;
}

/* The last path of the stack moves to t->path. */
static struct err pop(struct tree *t)
{
    size_t end = t->waiting.n - 1, from = end;
    while (from > 0 && t->waiting.p[from - 1])
        from--;
    buf_clear(&t->path);
    TRY(buf_put(&t->path, span(t->waiting.p + from, end + 1 - from)));
    t->waiting.n = from;
    return OK;
}

/* Last name first, so that the first is on top of the stack. */
static int by_name_backwards(const void *x, const void *y)
{
    return strcmp(*(const char *const *)y, *(const char *const *)x);
}

static struct err push_names(struct tree *t, const char *dir, struct buf *names,
                             bool (*skip)(const char *name))
{
    size_t n = 0, used = 0;
    for (size_t i = 0; i < names->n; i++)
        n += names->p[i] == 0;
    const char **list = malloc((n + 1) * sizeof *list);
    if (!list)
        return err(ERR_NOMEM);
    for (size_t at = 0; at < names->n; at += strlen((const char *)names->p + at) + 1)
        if (!skip || !skip((const char *)names->p + at))
            list[used++] = (const char *)names->p + at;
    qsort(list, used, sizeof *list, by_name_backwards);
    struct err e = OK;
    for (size_t i = 0; i < used && !failed(e); i++)
        e = push(t, dir, list[i]);
    free(list);
    return e;
}

static struct err push_dir(struct tree *t, struct tree_number number,
                           bool (*skip)(const char *name))
{
    BUF_AUTO names = buf_init(NAMES_MAX);
    const char *dir = (const char *)t->path.p;
    bool was = false;
    if (t->links)
        TRY(tree_seen_add(&t->dirs, number, &was));
    if (was)
        return OK;
    TRY(disk_names(dir, &names));
    return push_names(t, dir, &names, skip);
}

struct err tree_next(struct tree *t, bool (*skip)(const char *name), struct tree_file *out)
{
    bool first = t->path.n == 0;
    while (t->waiting.n) {
        struct stat st;
        TRY(pop(t));
        *out = (struct tree_file){.path = (const char *)t->path.p};
        if ((first ? stat : lstat)(out->path, &st) != 0)
            return errno_err();
        out->link = S_ISLNK(st.st_mode);
        if (out->link && t->links && stat(out->path, &st) != 0)
            return errno_err();
        out->number = (struct tree_number){st.st_dev, st.st_ino};
        out->size = (uint64_t)st.st_size;
        if (S_ISREG(st.st_mode))
            return OK;
        if (S_ISDIR(st.st_mode)) {
            TRY(push_dir(t, out->number, skip));
        } else if (first || t->links) {
            out->odd = true;
            return err_make(ERR_IO, EINVAL);
        }
        first = false;
    }
    return err(ERR_CLOSED);
}

void tree_close(struct tree *t)
{
    buf_free(&t->waiting);
    buf_free(&t->path);
    tree_seen_free(&t->dirs);
}
