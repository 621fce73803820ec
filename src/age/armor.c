/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASCII armor both ways, a line at a time, in constant memory. Strict (there is one spelling of a
 * file): LF or CRLF, lines of exactly 64 but the last, white space only outside. Frequent: a line.
 *
 *     START --begin line--> BODY --short line or end line--> END --end line--> TAIL (blanks only)
 */
#include "age_int.h"
#include "b64.h"

#include <stdlib.h>

enum { IN = 32 * 1024, LINE = 64, LINE_BYTES = 48, OUT = 16 * 1024, BLANKS_MAX = 1024 };

enum armor_state { START, BODY, END, TAIL };
struct armor_in {
    struct age_source base;
    struct age_source *from;
    enum armor_state state;
    bool ended;
    struct err broken; /* reported when all decoded before it was taken */
    size_t blanks;     /* white space seen in START or TAIL */
    uint8_t last;      /* of it */
    uint64_t passed;   /* bytes in front of `in` */
    uint64_t line;     /* where the line in hand begins */
    const char *why;   /* what `broken` is about */
    size_t at, n;      /* of `in` */
    size_t stash_at, stash_n;
    uint8_t stash[LINE_BYTES]; /* the rest of a line that did not fit the caller's memory */
    uint8_t in[IN];
};

static struct err bad(struct armor_in *a, const char *why)
{
    a->why = why;
    return err_make(ERR_INPUT, AGE_ARMOR_FAILURE);
}

struct fault age_armor_fault(const struct age_source *s)
{
    const struct armor_in *a = (const struct armor_in *)s;
    return (struct fault){(size_t)a->line, a->why};
}

static struct err refill(struct armor_in *a)
{
    memmove(a->in, a->in + a->at, a->n - a->at);
    a->passed += a->at;
    a->n -= a->at;
    a->at = 0;
    while (a->n < IN / 2 && !a->ended) {
        size_t got = 0;
        TRY(a->from->read(a->from, a->in + a->n, IN - a->n, &got));
        a->n += got;
        a->ended = got == 0;
    }
    return OK;
}

/* The next line without its end; *whole: it had one. A line may not be longer than any legal one.
 */
static struct err next_line(struct armor_in *a, struct span *line, bool *whole)
{
    enum { LONGEST = 128 };
    if (a->n - a->at <= LONGEST && !a->ended)
        TRY(refill(a));
    struct span left = span_cut(span(a->in, a->n), a->at, LONGEST);
    size_t end = span_find(left, 0, '\n');
    a->line = a->passed + a->at;
    *whole = end < left.n;
    if (!*whole && left.n == LONGEST)
        return bad(a, "a line is too long");
    *line = span_cut(left, 0, end);
    a->at += end + *whole;
    if (*whole && line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return OK;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct err skip_blanks(struct armor_in *a)
{
    for (;;) {
        if (a->at == a->n && !a->ended)
            TRY(refill(a));
        if (a->at == a->n || !is_blank(a->in[a->at]))
            return OK;
        a->line = a->passed + a->at;
        if (++a->blanks > BLANKS_MAX)
            return bad(a, "too much white space");
        a->last = a->in[a->at++];
    }
}

static struct err read_start(struct armor_in *a)
{
    struct span line;
    bool whole;
    TRY(skip_blanks(a));
    if (a->blanks && a->last != '\n')
        return bad(a, "white space in front of the first line");
    TRY(next_line(a, &line, &whole));
    if (!whole || !span_is(line, AGE_ARMOR_BEGIN))
        return bad(a, "does not begin with the armor's first line");
    a->state = BODY;
    return OK;
}

static struct err read_tail(struct armor_in *a)
{
    a->blanks = 0;
    TRY(skip_blanks(a));
    a->line = a->passed + a->at;
    if (a->at != a->n)
        return bad(a, "something behind the armor's last line");
    a->state = TAIL;
    return OK;
}

/* One line of the body into the stash, which is empty. */
static struct err read_body(struct armor_in *a)
{
    struct span line;
    bool whole;
    TRY(next_line(a, &line, &whole));
    if (span_is(line, AGE_ARMOR_END))
        return read_tail(a);
    if (!whole)
        return bad(a, "the armor's last line is missing");
    if (a->state == END || line.n == 0 || line.n > LINE)
        return bad(a, a->state == END ? "a line behind a short one"
                                      : "a line that is empty or longer than 64");
    if (line.n < LINE || line.p[LINE - 1] == '=')
        a->state = END;
    struct wr w = wr_of(a->stash, sizeof a->stash);
    if (failed(b64_decode(&w, line, B64_STD, NULL)))
        return bad(a, "a line that is not canonical base64");
    a->stash_at = 0;
    a->stash_n = w.n;
    return OK;
}

static struct err armor_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    struct armor_in *a = (struct armor_in *)s;
    struct wr w = wr_of(p, cap);
    if (a->state == START && !failed(a->broken))
        a->broken = read_start(a);
    for (;;) {
        struct span some = span_cut(span(a->stash, a->stash_n), a->stash_at, w.cap - w.n);
        wr_put(&w, some);
        a->stash_at += some.n;
        if (w.n == w.cap || a->state == TAIL || failed(a->broken))
            break;
        a->broken = read_body(a);
    }
    *n = w.n;
    return w.n ? OK : a->broken;
}

struct err age_armor_reader(struct age_source *in, struct span head, struct age_source **out)
{
    struct armor_in *a = calloc(1, sizeof *a);
    if (!a)
        return err(ERR_NOMEM);
    struct span some = span_cut(head, 0, IN);
    a->base.read = armor_read;
    a->from = in;
    memcpy(a->in, some.p, some.n);
    a->n = some.n;
    *out = &a->base;
    return OK;
}

void age_armor_free(struct age_source *s)
{
    free(s);
}

struct armor_out {
    struct age_sink base;
    struct age_sink *to;
    size_t held; /* bytes of `line` */
    uint8_t line[LINE_BYTES];
    struct wr out;
    uint8_t memory[OUT];
};

static struct err flush(struct armor_out *a)
{
    struct span ready = wr_span(&a->out);
    a->out.n = 0;
    return ready.n ? a->to->write(a->to, ready) : OK;
}

static struct err put_line(struct armor_out *a)
{
    if (OUT - a->out.n <= LINE)
        TRY(flush(a));
    b64_encode(&a->out, span(a->line, a->held), B64_STD);
    wr_u8(&a->out, '\n');
    a->held = 0;
    return OK;
}

static struct err armor_write(struct age_sink *s, struct span bytes)
{
    struct armor_out *a = (struct armor_out *)s;
    while (bytes.n) {
        struct span some = span_cut(bytes, 0, LINE_BYTES - a->held);
        memcpy(a->line + a->held, some.p, some.n);
        a->held += some.n;
        bytes = span_from(bytes, some.n);
        if (a->held == LINE_BYTES)
            TRY(put_line(a));
    }
    return OK;
}

struct err age_armor_writer(struct age_sink *out, struct age_sink **sink)
{
    struct armor_out *a = calloc(1, sizeof *a);
    if (!a)
        return err(ERR_NOMEM);
    a->base.write = armor_write;
    a->to = out;
    a->out = wr_of(a->memory, OUT);
    wr_str(&a->out, AGE_ARMOR_BEGIN "\n");
    *sink = &a->base;
    return OK;
}

struct err age_armor_finish(struct age_sink *sink)
{
    struct armor_out *a = (struct armor_out *)sink;
    struct err e = a->held ? put_line(a) : OK;
    if (!failed(e) && OUT - a->out.n <= LINE)
        e = flush(a);
    wr_str(&a->out, AGE_ARMOR_END "\n");
    if (!failed(e))
        e = flush(a);
    age_armor_drop(sink);
    return e;
}

void age_armor_drop(struct age_sink *sink)
{
    free(sink);
}
