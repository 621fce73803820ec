/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing in parallel: one thread a core, and in each thread up to four files side by side, since
 * one SHA-256 alone leaves the processor waiting for its own last step (1.77 GB/s; four 2.95).
 * Files go to the threads largest first. A thread takes no second file while
 *   1. its fair share of what is left is one, or
 *   2. the file it has will take longer than the other threads need for all the rest.
 * Blocks are small enough to stay in a core's own cache between the read and the hash. The first
 * block that is not in the kernel's cache makes the file a cold one: from there on the kernel is
 * asked for the next 16 MiB while these are hashed; a cached file is spared that look-up. Not
 * mapped: page faults cost more than the copy (one file 1.50 against 1.56 GB/s, four 2.32 against
 * 2.48), and a file that is cut short meanwhile must be an error, not a signal.
 */
#define _GNU_SOURCE
#include "hashpool.h"

#include "blake.h"
#include "cmdkit.h"
#include "hash_lanes.h"
#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BLOCK = 64 << 10, AHEAD = 16 << 20, THREADS_MAX = 64, PATH_BYTES = 8192 };

struct place {
    size_t part;
    uint64_t bytes;
};

struct pool {
    const char *root;
    struct manifest *m;
    struct place *order; /* largest first */
    size_t threads;
    atomic_uint_fast64_t done;
    atomic_uint failure; /* struct err's value; 0: none */
    atomic_size_t bad, ended;
    pthread_mutex_t lock; /* over what follows */
    size_t next, open;    /* parts handed out; those of them not yet hashed */
    uint64_t left;        /* bytes of parts not yet hashed, as far as is known */
};

/* A file that is being hashed, or a piece of one. */
struct lane {
    struct manifest_part *part;
    int fd;
    bool cold;
    uint64_t at, end, bytes; /* place in the file; `bytes` as the pool counted them */
    uint8_t *block;
    struct hash_lane sha;
    struct blake2b b2;
    struct blake3 b3;
};

struct worker {
    struct pool *pool;
    struct lane lane[HASH_LANES];
    size_t n;
};

/* ---- one lane ---- */

/* Where the part's file lies; false: too long. */
static bool part_path(const struct pool *p, const struct manifest_part *part, char out[PATH_BYTES])
{
    bool single = span_is(part->path, ".");
    int n = single ? snprintf(out, PATH_BYTES, "%s", p->root)
                   : snprintf(out, PATH_BYTES, "%s/%.*s", p->root, SPAN_ARG(part->path));
    return n >= 0 && n < PATH_BYTES;
}

static struct err lane_open(const struct pool *p, struct lane *l)
{
    char path[PATH_BYTES];
    struct stat st;
    bool single = span_is(l->part->path, ".");
    if (!part_path(p, l->part, path))
        return err(ERR_LIMIT);
    int follow = single || p->m->allow_symlinks ? 0 : O_NOFOLLOW;
    l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
    if (l->fd < 0 || fstat(l->fd, &st) != 0)
        return err_make(ERR_IO, (uint32_t)errno);
    l->at = l->part->start;
    l->end = l->part->end == MANIFEST_WHOLE ? (uint64_t)st.st_size : l->part->end;
    if (!S_ISREG(st.st_mode) || l->end > (uint64_t)st.st_size)
        return err(ERR_CLOSED);
    if (p->m->hash == MANIFEST_BLAKE2B)
        return blake2b_begin(&l->b2);
    if (p->m->hash == MANIFEST_BLAKE3)
        blake3_begin(&l->b3);
    else
        hash_lane_begin(&l->sha);
    return OK;
}

/* What is cached without waiting; else from the disk, and ask for more. */
static ssize_t read_block(struct lane *l, size_t want)
{
    struct iovec v = {l->block, want};
    ssize_t n = l->cold ? -1 : preadv2(l->fd, &v, 1, (off_t)l->at, RWF_NOWAIT);
    if (n > 0)
        return n;
    if (!l->cold)
        (void)posix_fadvise(l->fd, (off_t)l->at, 2 * AHEAD, POSIX_FADV_WILLNEED);
    else if (l->at % AHEAD < BLOCK)
        (void)posix_fadvise(l->fd, (off_t)l->at + AHEAD, AHEAD, POSIX_FADV_WILLNEED);
    l->cold = true;
    do {
        n = pread(l->fd, l->block, want, (off_t)l->at);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* The next block; empty at the end. */
static struct err lane_read(struct lane *l, struct span *out)
{
    size_t want = l->end - l->at < BLOCK ? (size_t)(l->end - l->at) : BLOCK;
    *out = SPAN_NONE;
    if (!want)
        return OK;
    ssize_t n = read_block(l, want);
    if (n <= 0)
        return n < 0 ? err_make(ERR_IO, (uint32_t)errno) : err(ERR_CLOSED);
    l->at += (uint64_t)n;
    *out = span(l->block, (size_t)n);
    return OK;
}

static struct err lane_end(const struct pool *p, struct lane *l)
{
    if (p->m->hash == MANIFEST_BLAKE2B)
        return blake2b_end(&l->b2, l->part->digest);
    if (p->m->hash == MANIFEST_BLAKE3)
        blake3_end(&l->b3, l->part->digest);
    else
        hash_lane_end(&l->sha, l->part->digest);
    return OK;
}

/* ---- which thread hashes what ---- */

static size_t part_up(size_t n, size_t by)
{
    return (n + by - 1) / by;
}

/* May this thread hash one part more? The lock is held. */
static bool has_room(const struct worker *w)
{
    const struct pool *p = w->pool;
    uint64_t own = 0, longest = 0;
    if (p->next == p->m->n)
        return false;
    if (!w->n)
        return true;
    size_t share = part_up(p->m->n - p->next + p->open, p->threads);
    /* five are hashed as three and two, not as four and one */
    if (p->m->hash != MANIFEST_SHA256 || w->n >= part_up(share, part_up(share, HASH_LANES)))
        return false;
    for (size_t i = 0; i < w->n; i++) {
        uint64_t left = w->lane[i].end - w->lane[i].at;
        longest = left > longest ? left : longest;
        own += w->lane[i].bytes;
    }
    uint64_t others = p->left > own ? p->left - own : 0;
    /* the others hash side by side, 8/5 as fast */
    return p->threads == 1 || longest < others / (p->threads - 1) / 8 * 5;
}

/* Another part into a lane of its own, if this thread may have one. */
static bool take(struct worker *w)
{
    struct pool *p = w->pool;
    struct lane *l = &w->lane[w->n];
    pthread_mutex_lock(&p->lock);
    bool room = w->n < HASH_LANES && has_room(w);
    if (room) {
        struct place next = p->order[p->next++];
        uint8_t *block = l->block;
        *l = (struct lane){
            .part = &p->m->v[next.part], .bytes = next.bytes, .fd = -1, .block = block};
        p->open++;
        w->n++;
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

static void give_up(struct pool *p, const struct lane *l, struct err e)
{
    unsigned none = 0;
    if (atomic_compare_exchange_strong(&p->failure, &none, e.v))
        atomic_store(&p->bad, (size_t)(l->part - p->m->v));
}

/* A part is hashed, or was given up: its lane goes to the end of the list and off it. */
static void leave(struct worker *w, size_t i)
{
    struct pool *p = w->pool;
    struct lane gone = w->lane[i];
    if (gone.fd >= 0)
        close(gone.fd);
    if (gone.b2.ctx && failed(blake2b_end(&gone.b2, gone.part->digest))) /* given up midway */
        give_up(p, &gone, err(ERR_BUG));
    pthread_mutex_lock(&p->lock);
    p->open--;
    p->left -= gone.bytes;
    pthread_mutex_unlock(&p->lock);
    w->n--;
    w->lane[i] = w->lane[w->n];
    w->lane[w->n] = gone; /* its block serves again */
}

static struct err absorb(struct worker *w, const struct span part[])
{
    struct hash_lane *sha[HASH_LANES];
    if (w->pool->m->hash == MANIFEST_SHA256) {
        for (size_t i = 0; i < w->n; i++)
            sha[i] = &w->lane[i].sha;
        hash_lanes_more(sha, part, w->n);
        return OK;
    }
    if (w->pool->m->hash == MANIFEST_BLAKE2B)
        return blake2b_more(&w->lane[0].b2, part[0]);
    blake3_more(&w->lane[0].b3, part[0]);
    return OK;
}

/* A block of every lane; what has ended leaves. */
static void step(struct worker *w)
{
    struct pool *p = w->pool;
    struct span part[HASH_LANES];
    uint64_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        struct err e = lane_read(&w->lane[i], &part[i]);
        if (failed(e))
            give_up(p, &w->lane[i], e);
        n += part[i].n;
    }
    struct err e = absorb(w, part);
    if (failed(e))
        give_up(p, &w->lane[0], e);
    atomic_fetch_add(&p->done, n);
    for (size_t i = w->n; i-- > 0;) {
        struct lane *l = &w->lane[i];
        if (l->at < l->end)
            continue;
        if (failed(e = lane_end(p, l)))
            give_up(p, l, e);
        leave(w, i);
    }
}

static void *work(void *arg)
{
    struct pool *p = arg;
    struct worker w = {.pool = p};
    uint8_t *blocks = page_alloc((size_t)HASH_LANES * BLOCK);
    for (size_t i = 0; blocks && i < HASH_LANES; i++)
        w.lane[i].block = blocks + i * BLOCK;
    while (!atomic_load(&p->failure)) {
        while (take(&w)) {
            struct lane *l = &w.lane[w.n - 1];
            struct err e = blocks ? lane_open(p, l) : err(ERR_NOMEM);
            if (failed(e))
                give_up(p, l, e);
            if (failed(e))
                break;
        }
        if (!w.n)
            break;
        if (!atomic_load(&p->failure))
            step(&w);
    }
    while (w.n)
        leave(&w, w.n - 1);
    free(blocks);
    atomic_fetch_add(&p->ended, 1);
    return NULL;
}

/* ---- all of them ---- */

static void progress(struct pool *p, uint64_t total)
{
    while (atomic_load(&p->ended) < p->threads) {
        cmd_progress("hash", atomic_load(&p->done), total + 1);
        usleep(100000);
    }
    cmd_progress("hash", 1, 1);
}

static int largest_first(const void *a, const void *b)
{
    uint64_t x = ((const struct place *)a)->bytes, y = ((const struct place *)b)->bytes;
    return x > y ? -1 : x < y;
}

/* So that no core is left with the largest part at the end. A file that cannot be asked for its
 * size comes last; opening it will say why. */
static void sort_parts(struct pool *p)
{
    for (size_t i = 0; i < p->m->n; i++) {
        const struct manifest_part *part = &p->m->v[i];
        char path[PATH_BYTES];
        struct stat st;
        p->order[i] = (struct place){i, part->end - part->start};
        if (part->end == MANIFEST_WHOLE)
            p->order[i].bytes =
                part_path(p, part, path) && stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
        p->left += p->order[i].bytes;
    }
    qsort(p->order, p->m->n, sizeof *p->order, largest_first);
}

struct err hashpool_run(const char *root, struct manifest *m, uint64_t total, size_t *bad)
{
    struct pool p = {.root = root,
                     .m = m,
                     .order = calloc(m->n + 1, sizeof *p.order),
                     .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS_MAX];
    size_t n = 0;
    if (!p.order)
        return err(ERR_NOMEM);
    sort_parts(&p);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t want = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
    p.threads = want < m->n ? want : m->n ? m->n : 1;
    while (n < p.threads && pthread_create(&threads[n], NULL, work, &p) == 0)
        n++;
    if (n == 0)
        work(&p);
    else if (isatty(STDERR_FILENO) && n == p.threads)
        progress(&p, total);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(p.order);
    *bad = atomic_load(&p.bad);
    return (struct err){atomic_load(&p.failure)};
}
