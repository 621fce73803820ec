/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop over lines of the commands that take --jsonl. Frequent: thousands of short lines.
 *
 * What is read is cut into blocks of whole lines. Blocks stand in a ring: the main thread reads
 * them and writes their answers, in order; the others answer them. The first blocks are answered
 * where they are read, and all of them on one processor: most calls bring a few lines.
 *
 * Invariant: written <= taken <= filled <= written + ring_n. A block belongs to the main thread
 * before it is filled and after it is done, to one other in between.
 */
#define _GNU_SOURCE
#include "jsonl.h"
#include "file.h"
#include "json.h"
#include "proc.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BLOCK = 64 << 10, /* read at a time: what the nearest caches hold */
    EARLY = 4,        /* blocks after which threads are worth their start */
    THREADS_MAX = 64,
    AT_ONCE = 64 << 20, /* bytes of blocks that are not yet written: lines may be long */
    KEPT = 4 << 20,     /* a larger buffer is given back after its block */
};

struct block {
    struct buf in;   /* whole lines */
    struct buf said; /* their answers */
    size_t first;    /* number of the first line, from 1 */
    bool skipped;    /* that one was too long and is not here */
    bool bad, broken, done;
};

struct lines {
    const struct cmd_lines *how;
    struct buf in; /* what was read and is in no block */
    size_t looked; /* no line feed before that */
    size_t number; /* lines in blocks so far */
    size_t bytes;  /* of the blocks that are not yet written */
    bool ended, too_long, bad, broken;
    void *own; /* the main thread's */
    struct block *ring;
    size_t ring_n, written;
    /* Under the lock, once there are threads. */
    size_t filled, taken;
    bool over;
    size_t threads;
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    struct helper {
        struct lines *of;
        void *own;
        pthread_t thread;
    } helper[THREADS_MAX];
};

/* ---- answers ---- */

static void put_error(struct block *b, size_t number, const char *why)
{
    struct json_put p = json_put_to(&b->said);
    json_put_object(&p, NULL);
    json_put_u64(&p, "line", number);
    json_put_text(&p, "error", why);
    json_put_end(&p);
    b->broken |= failed(json_put_done(&p));
    b->bad = true;
}

static void answer(const struct cmd_lines *how, void *own, struct block *b)
{
    static const char too_long[] = "the line is longer than 32 MiB";
    struct span in = buf_span(&b->in);
    size_t number = b->first;
    if (b->skipped) {
        put_error(b, number++, too_long);
        b->broken |= failed(buf_put_u8(&b->said, '\n'));
    }
    for (size_t at = 0, end; at < in.n && !b->broken; at = end + 1, number++) {
        end = span_find(in, at, '\n');
        struct span line = span_cut(in, at, end - at);
        size_t before = b->said.n;
        const char *why =
            line.n <= CMD_LINE_MAX ? how->answer(own, span_trim(line), &b->said) : too_long;
        if (why) {
            b->said.n = before;
            put_error(b, number, why);
        }
        b->broken |= failed(buf_put_u8(&b->said, '\n'));
    }
}

static void *help(void *arg)
{
    struct helper *h = arg;
    struct lines *l = h->of;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (l->taken == l->filled && !l->over)
            pthread_cond_wait(&l->work, &l->lock);
        if (l->taken == l->filled)
            break;
        struct block *b = &l->ring[l->taken++ % l->ring_n];
        pthread_mutex_unlock(&l->lock);
        answer(l->how, h->own, b);
        pthread_mutex_lock(&l->lock);
        b->done = true;
        pthread_cond_signal(&l->done);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* Where no thread can be had the main one goes on alone. */
static void start_helpers(struct lines *l)
{
    size_t wanted = l->ring_n / 2;
    while (l->threads < wanted) {
        struct helper *h = &l->helper[l->threads];
        *h = (struct helper){.of = l, .own = l->how->open(l->how->common)};
        if (!h->own)
            return;
        if (pthread_create(&h->thread, NULL, help, h) != 0) {
            l->how->close(h->own);
            return;
        }
        l->threads++;
    }
}

static void end_helpers(struct lines *l)
{
    pthread_mutex_lock(&l->lock);
    l->over = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < l->threads; i++) {
        pthread_join(l->helper[i].thread, NULL);
        l->how->close(l->helper[i].own);
    }
}

/* ---- the ring ---- */

static void hand_out(struct lines *l, struct block *b)
{
    l->bytes += b->in.n;
    if (!l->threads && l->ring_n > 1 && l->filled == EARLY)
        start_helpers(l);
    if (!l->threads) {
        answer(l->how, l->own, b);
        b->done = true;
        l->filled++;
        l->taken++;
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->filled++;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
}

static void give_back(struct buf *b)
{
    if (b->cap > KEPT)
        buf_wipe(b);
    else
        buf_clear(b);
}

static void write_oldest(struct lines *l)
{
    struct block *b = &l->ring[l->written % l->ring_n];
    pthread_mutex_lock(&l->lock);
    while (!b->done)
        pthread_cond_wait(&l->done, &l->lock);
    pthread_mutex_unlock(&l->lock);
    l->bytes -= b->in.n;
    l->bad |= b->bad;
    l->broken = l->broken || b->broken || failed(file_write_fd(STDOUT_FILENO, buf_span(&b->said)));
    give_back(&b->in);
    give_back(&b->said);
    b->done = b->bad = b->broken = false;
    l->written++;
}

/* ---- input ---- */

static bool input_waits(void)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static void read_more(struct lines *l)
{
    size_t n = 0;
    l->broken |= failed(buf_reserve(&l->in, BLOCK)) ||
                 failed(file_read_some(STDIN_FILENO, l->in.p + l->in.n, BLOCK, &n));
    l->in.n += n;
    l->ended = n == 0;
}

static size_t count_lines(struct span in)
{
    size_t n = 0;
    for (size_t at = 0; at < in.n; at = span_find(in, at, '\n') + 1)
        n++;
    return n;
}

/* Drop what is left of a line that was too long, and its line feed; false: there is more of it. */
static bool pass_long_line(struct lines *l)
{
    size_t feed = span_find(buf_span(&l->in), 0, '\n');
    bool passed = feed < l->in.n || l->ended;
    buf_drop(&l->in, feed < l->in.n ? feed + 1 : l->in.n);
    l->looked = 0;
    l->too_long = !passed;
    return passed;
}

/* The whole lines that were read, moved into the block; false: there is none. */
static bool cut_block(struct lines *l, struct block *b)
{
    b->skipped = l->too_long;
    if (l->too_long && !pass_long_line(l))
        return false;
    const uint8_t *last =
        l->in.n > l->looked ? memrchr(l->in.p + l->looked, '\n', l->in.n - l->looked) : NULL;
    size_t end = l->ended ? l->in.n : last ? (size_t)(last - l->in.p) + 1 : 0;
    l->looked = l->in.n - end;
    if (!end && l->in.n > CMD_LINE_MAX) { /* it goes on for ever: none of it is kept */
        l->too_long = true;
        l->looked = 0;
        buf_clear(&l->in);
    }
    if (!end && !b->skipped)
        return false;
    struct buf in = b->in; /* what is whole stays where it lies, the rest moves */
    b->in = l->in;
    l->in = in;
    l->broken |= failed(buf_put(&l->in, span_from(buf_span(&b->in), end)));
    b->in.n = end;
    b->first = l->number + 1;
    l->number += b->skipped + count_lines(buf_span(&b->in));
    return true;
}

static bool may_read(const struct lines *l)
{
    return l->filled - l->written < l->ring_n && l->bytes < AT_ONCE &&
           (l->filled == l->written || input_waits());
}

static void run(struct lines *l)
{
    while (!l->ended && !l->broken) {
        struct block *b = &l->ring[l->filled % l->ring_n];
        if (!may_read(l)) {
            write_oldest(l);
            continue;
        }
        read_more(l);
        if (!l->broken && cut_block(l, b))
            hand_out(l, b);
    }
    while (l->written < l->filled)
        write_oldest(l);
}

static struct err begin(struct lines *l)
{
    unsigned cpus = proc_cpu_count();
    l->ring_n = cpus > 1 ? 2 * (size_t)(cpus < THREADS_MAX ? cpus : THREADS_MAX) : 1;
    l->ring = calloc(l->ring_n, sizeof *l->ring);
    l->own = l->how->open(l->how->common);
    if (!l->ring || !l->own)
        return err(ERR_NOMEM);
    l->in = buf_init((size_t)CMD_LINE_MAX + 2 * BLOCK);
    for (size_t i = 0; i < l->ring_n; i++) {
        l->ring[i].in = buf_init(l->in.max);
        l->ring[i].said = buf_init((size_t)CMD_ANSWER_MAX + 64 * BLOCK);
    }
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->done, NULL);
    run(l);
    end_helpers(l);
    return OK;
}

int cmd_lines_run(const struct cmd_lines *how)
{
    struct lines l = {.how = how};
    struct err e = begin(&l);
    for (size_t i = 0; l.ring && i < l.ring_n; i++) {
        buf_wipe(&l.ring[i].in);
        buf_wipe(&l.ring[i].said);
    }
    buf_wipe(&l.in);
    free(l.ring);
    if (l.own)
        how->close(l.own);
    if (failed(e))
        return cmd_fail(how->call, EXIT_ERROR, "%s", cmd_err_text(e));
    if (l.broken)
        return cmd_fail(how->call, EXIT_ERROR, "cannot read or write");
    return l.bad ? EXIT_ERROR : EXIT_CLEAN;
}

/* ---- members ---- */

/* The line was read whole to find the member: it is not read again. */
struct err cmd_get_text(struct span raw, struct buf *out)
{
    buf_clear(out);
    if (raw.n < 2 || raw.p[0] != '"')
        return err(ERR_INPUT);
    return json_unescape_buf(span_cut(raw, 1, raw.n - 2), JSON_LONE_KEEP, out);
}

void cmd_put_id(struct json_put *p, struct span raw)
{
    if (raw.n)
        json_put_raw(p, "id", raw);
    else
        json_put_null(p, "id");
}
