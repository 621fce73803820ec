/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop over lines of the commands that take --jsonl. Frequent: thousands of short lines.
 *
 * What is read is cut into blocks of whole lines, which a crew answers; the main thread reads them
 * and writes their answers, in order. A block is the crew's from crew_put to crew_take.
 */
#define _GNU_SOURCE
#include "jsonl.h"
#include "crew.h"
#include "file.h"
#include "json.h"
#include "proc.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    BLOCK = 64 << 10,   /* read at a time: what the nearest caches hold */
    AT_ONCE = 64 << 20, /* bytes of blocks that are not yet written: lines may be long */
    KEPT = 4 << 20,     /* a larger buffer is given back after its block */
};

struct block {
    struct buf in;   /* whole lines */
    struct buf said; /* their answers */
    size_t first;    /* number of the first line, from 1 */
    bool skipped;    /* that one was too long and is not here */
    bool bad, broken;
};

struct lines {
    const struct cmd_lines *how;
    struct crew *crew;
    struct block *ring; /* as many as the crew has room for */
    size_t filled;      /* blocks so far */
    struct buf in;      /* what was read and is in no block */
    size_t looked;      /* no line feed before that */
    size_t number;      /* lines in blocks so far */
    size_t bytes;       /* of the blocks that are not yet written */
    bool ended, too_long, bad, broken;
};

/* ---- clerks ---- */

/* What one thread of the crew answers with. */
struct clerk {
    const struct cmd_lines *how;
    void *own; /* NULL: there was no memory for a new one */
};

static void leave(void *clerk)
{
    struct clerk *c = clerk;
    if (c->own)
        c->how->close(c->own);
    free(c);
}

static void *engage(void *lines)
{
    const struct cmd_lines *how = ((struct lines *)lines)->how;
    struct clerk *c = malloc(sizeof *c);
    if (!c)
        return NULL;
    *c = (struct clerk){how, how->open(how->common)};
    if (c->own)
        return c;
    leave(c);
    return NULL;
}

/* What grew with a long line is given back: there are as many clerks as processors. */
static void renew(struct clerk *c)
{
    c->how->close(c->own);
    c->own = c->how->open(c->how->common);
}

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

/* All lines of a block: the crew's task. */
static void answer(void *clerk, void *task)
{
    static const char too_long[] = "the line is longer than 128 MiB";
    struct clerk *c = clerk;
    struct block *b = task;
    struct span in = buf_span(&b->in);
    size_t number = b->first;
    b->broken = !c->own;
    if (b->skipped) {
        put_error(b, number++, too_long);
        b->broken |= failed(buf_put_u8(&b->said, '\n'));
    }
    for (size_t at = 0, end; at < in.n && !b->broken; at = end + 1, number++) {
        end = span_find(in, at, '\n');
        struct span line = span_cut(in, at, end - at);
        size_t before = b->said.n;
        const char *why =
            line.n <= CMD_LINE_MAX ? c->how->answer(c->own, span_trim(line), &b->said) : too_long;
        if (why) {
            b->said.n = before;
            put_error(b, number, why);
        }
        b->broken |= failed(buf_put_u8(&b->said, '\n'));
    }
    if (c->own && (b->in.n > KEPT || b->said.n > KEPT))
        renew(c);
}

/* ---- output ---- */

static void give_back(struct buf *b)
{
    if (b->cap > KEPT)
        buf_wipe(b);
    else
        buf_clear(b);
}

static void write_oldest(struct lines *l)
{
    struct block *b = crew_take(l->crew);
    l->bytes -= b->in.n;
    l->bad |= b->bad;
    l->broken = l->broken || b->broken || failed(file_write_fd(STDOUT_FILENO, buf_span(&b->said)));
    give_back(&b->in);
    give_back(&b->said);
    b->bad = b->broken = false;
}

/* ---- input ---- */

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
    return crew_empty(l->crew) ||
           (!crew_full(l->crew) && l->bytes < AT_ONCE && file_waits(STDIN_FILENO));
}

static void run(struct lines *l)
{
    while (!l->ended && !l->broken) {
        struct block *b = &l->ring[l->filled % crew_room(l->crew)];
        if (!may_read(l)) {
            write_oldest(l);
            continue;
        }
        read_more(l);
        if (l->broken || !cut_block(l, b))
            continue;
        l->bytes += b->in.n;
        l->filled++;
        crew_put(l->crew, b);
    }
    while (!crew_empty(l->crew))
        write_oldest(l);
}

static struct err run_blocks(struct lines *l)
{
    size_t n = crew_room(l->crew);
    l->ring = calloc(n, sizeof *l->ring);
    if (!l->ring)
        return err(ERR_NOMEM);
    l->in = buf_init((size_t)CMD_LINE_MAX + 2 * BLOCK);
    for (size_t i = 0; i < n; i++)
        l->ring[i] = (struct block){.in = buf_init(l->in.max),
                                    .said = buf_init((size_t)CMD_ANSWER_MAX + 64 * BLOCK)};
    run(l);
    buf_wipe(&l->in);
    for (size_t i = 0; i < n; i++) {
        buf_wipe(&l->ring[i].in);
        buf_wipe(&l->ring[i].said);
    }
    free(l->ring);
    return OK;
}

int cmd_lines_run(const struct cmd_lines *how)
{
    struct lines l = {.how = how};
    const struct crew_work work = {&l, engage, leave, answer};
    proc_keep_memory(KEPT); /* malloc would keep a long line's for each thread */
    l.crew = crew_new(&work);
    struct err e = l.crew ? run_blocks(&l) : err(ERR_NOMEM);
    crew_free(l.crew);
    if (failed(e))
        return cmd_fail(how->call, EXIT_ERROR, "%s", cmd_err_text(e));
    if (l.broken)
        return cmd_fail(how->call, EXIT_ERROR, "%s: cannot read or write",
                        cmd_input_name(how->call));
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
