/* SPDX-License-Identifier: Apache-2.0 */
/* Edits by position. Frequent: a handful of edits in a body of kilobytes. */
#include "splice.h"

enum { FIRST_EDITS = 16 };

struct splice splice_of(struct span in, struct arena *arena)
{
    return (struct splice){.in = in, .arena = arena, .out_n = in.n};
}

static struct err grow(struct splice *s)
{
    if (s->n < s->cap)
        return OK;
    size_t cap = s->cap ? s->cap * 2 : FIRST_EDITS;
    void *fresh;
    TRY(arena_take(s->arena, cap * sizeof *s->v, &fresh));
    if (s->n)
        memcpy(fresh, s->v, s->n * sizeof *s->v);
    s->v = fresh;
    s->cap = cap;
    return OK;
}

struct err splice_add(struct splice *s, size_t start, size_t end, struct span with)
{
    size_t last = s->n ? s->v[s->n - 1].end : 0;
    if (start < last || end < start || end > s->in.n) /* S1, S2 */
        return err(ERR_BUG);
    size_t left = s->out_n - (end - start), sum;
    if (__builtin_add_overflow(left, with.n, &sum))
        return err(ERR_LIMIT);
    TRY(grow(s));
    s->v[s->n++] = (struct splice_edit){start, end, with};
    s->out_n = sum;
    return OK;
}

/* The unchanged bytes before edit i; behind the last one for i == n. */
static struct span gap(const struct splice *s, size_t i)
{
    size_t from = i ? s->v[i - 1].end : 0;
    size_t to = i < s->n ? s->v[i].start : s->in.n;
    return span_cut(s->in, from, to - from);
}

struct err splice_write(const struct splice *s, struct buf *out)
{
    TRY(buf_reserve(out, s->out_n));
    for (size_t i = 0; i < s->n; i++) {
        TRY(buf_put(out, gap(s, i)));
        TRY(buf_put(out, s->v[i].with));
    }
    return buf_put(out, gap(s, s->n));
}

struct err splice_pieces(const struct splice *s, struct span *pieces, size_t cap, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i <= s->n; i++) {
        struct span both[2] = {gap(s, i), i < s->n ? s->v[i].with : SPAN_NONE};
        for (size_t k = 0; k < 2; k++) {
            if (both[k].n == 0)
                continue;
            if (*n == cap)
                return err(ERR_LIMIT);
            pieces[(*n)++] = both[k];
        }
    }
    return OK;
}
