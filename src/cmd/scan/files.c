/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of trees: met by one thread, which walks the trees, read and scanned by a crew, told in
 * the order of the walk. Small files go to the crew by the batch.
 */
#include "scanjob_int.h"

#include "crew.h"
#include "file.h"
#include "tree.h"

#include <stdlib.h>

enum {
    BATCH_FILES = 64,
    BATCH_BYTES = 256 << 10,
    AT_ONCE = 64 << 20, /* bytes of files that wait to be told */
    PATHS_MAX = 1 << 20,
};

/* A file, or what the walk could not enter. */
struct file {
    size_t path; /* where it begins in the batch's paths */
    uint64_t size;
    const char *trouble; /* NULL: `error` says it, or there is none */
    struct err error;
    bool looked, binary;
    struct buf bytes, utf8;
    struct span text;
    struct findings found;
};

/* The crew's task. */
struct batch {
    const struct job *job;
    struct buf paths; /* each with a NUL */
    struct file v[BATCH_FILES];
    size_t n;
    uint64_t bytes;
};

struct walk {
    struct job *job;
    struct crew *crew;
    struct batch *ring; /* one more than the crew has room for: the one that is being filled */
    size_t ring_n, put;
    uint64_t bytes; /* of the batches that are not yet told */
};

/* ---- the crew's part ---- */

/* What a thread needs is in the batch. */
static void *no_tools(void *common)
{
    return common;
}

static void leave_tools(void *own)
{
    (void)own;
}

static const char *path_of(const struct batch *b, const struct file *f)
{
    return (const char *)b->paths.p + f->path;
}

static void look_at(const struct batch *b, struct file *f)
{
    size_t max = (size_t)b->job->max_size;
    if (f->trouble || failed(f->error))
        return;
    if (f->size > max) {
        f->trouble = "larger than --max-size, not looked at";
        return;
    }
    f->bytes = buf_init(max);
    f->utf8 = buf_init(max * 2);
    f->error = file_read(path_of(b, f), &f->bytes);
    if (failed(f->error))
        return;
    f->looked = true;
    f->binary = !text_of(buf_span(&f->bytes), &f->utf8, &f->text);
    if (!f->binary)
        f->error = text_scan(b->job, f->text, &f->found);
}

/* Reads the job, and writes nothing but the batch. */
static void look(void *own, void *task)
{
    struct batch *b = task;
    (void)own;
    for (size_t i = 0; i < b->n; i++)
        look_at(b, &b->v[i]);
}

/* ---- the main thread's ---- */

static void tell(struct job *j, const struct batch *b, struct file *f)
{
    if (failed(f->error) || f->trouble)
        job_trouble(j, path_of(b, f), f->trouble ? f->trouble : cmd_err_text(f->error));
    if (f->binary)
        j->binary++;
    else if (f->looked)
        job_tell(j, &(struct source){.path = path_of(b, f), .text = f->text}, &f->found);
    findings_free(&f->found);
    buf_free(&f->bytes);
    buf_free(&f->utf8);
}

static void tell_oldest(struct walk *w)
{
    struct batch *b = crew_take(w->crew);
    for (size_t i = 0; i < b->n; i++)
        tell(w->job, b, &b->v[i]);
    w->bytes -= b->bytes;
    buf_clear(&b->paths);
    b->bytes = b->n = 0;
}

/* The batch that is being filled goes to the crew. */
static void hand_out(struct walk *w)
{
    struct batch *b = &w->ring[w->put % w->ring_n];
    if (b->n == 0)
        return;
    while (crew_full(w->crew) || (w->bytes > AT_ONCE && !crew_empty(w->crew)))
        tell_oldest(w);
    w->bytes += b->bytes;
    w->put++;
    crew_put(w->crew, b);
}

/* A file, or what could not be entered, with what is known of it. */
static void meet(struct walk *w, const char *path, struct file is)
{
    struct batch *b = &w->ring[w->put % w->ring_n];
    is.path = b->paths.n;
    if (failed(buf_put(&b->paths, span(path, strlen(path) + 1)))) {
        job_trouble(w->job, path, cmd_err_text(err(ERR_NOMEM)));
        return;
    }
    b->v[b->n++] = is;
    b->bytes += is.size;
    if (b->n == BATCH_FILES || b->bytes >= BATCH_BYTES || b->paths.n > PATHS_MAX / 2)
        hand_out(w);
}

static bool skip_name(const char *name)
{
    return strcmp(name, ".git") == 0 || strcmp(name, ".hg") == 0 || strcmp(name, ".svn") == 0;
}

static void walk_tree(struct walk *w, const char *path)
{
    struct tree t;
    struct tree_file f;
    struct err e = tree_open(path, &t);
    if (failed(e)) {
        meet(w, path, (struct file){.error = e});
        return;
    }
    for (size_t done = 1; !failed(e = tree_next(&t, skip_name, &f)) || err_cat(e) == ERR_IO;
         done++) {
        if (!failed(e))
            meet(w, f.path, (struct file){.size = f.size});
        else if (f.odd)
            meet(w, f.path, (struct file){.trouble = "neither a file nor a folder"});
        else
            meet(w, f.path, (struct file){.error = e});
        if (done % 64 == 0) /* how many are still to come is a guess */
            cmd_progress("files", done, done + t.waiting.n / 64 + 1);
    }
    if (err_cat(e) != ERR_CLOSED)
        meet(w, path, (struct file){.error = e});
    tree_close(&t);
}

struct err files_scan(struct job *j, const char *const *paths, size_t n)
{
    const struct crew_work work = {j, no_tools, leave_tools, look};
    struct walk w = {.job = j, .crew = crew_new(&work)};
    if (!w.crew)
        return err(ERR_NOMEM);
    w.ring_n = crew_room(w.crew) + 1;
    w.ring = calloc(w.ring_n, sizeof *w.ring);
    struct err e = w.ring ? OK : err(ERR_NOMEM);
    for (size_t i = 0; w.ring && i < w.ring_n; i++) {
        w.ring[i].job = j;
        w.ring[i].paths = buf_init(PATHS_MAX);
    }
    for (size_t i = 0; w.ring && i < n; i++)
        walk_tree(&w, paths[i]);
    if (w.ring)
        hand_out(&w);
    while (!crew_empty(w.crew))
        tell_oldest(&w);
    crew_free(w.crew);
    for (size_t i = 0; w.ring && i < w.ring_n; i++)
        buf_free(&w.ring[i].paths);
    free(w.ring);
    return e;
}
