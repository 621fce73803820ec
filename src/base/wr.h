/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write cursor over memory that somebody else owns. A write that does not fit sets `full` and
 * writes nothing more; check once at the end with wr_done.
 */
#ifndef SANCTUM_BASE_WR_H
#define SANCTUM_BASE_WR_H

#include "err.h"
#include "span.h"

struct wr {
    uint8_t *p;
    size_t n, cap;
    bool full;
};

static inline struct wr wr_of(void *p, size_t cap)
{
    return (struct wr){p, 0, cap, false};
}

static inline void wr_put(struct wr *w, struct span s)
{
    if (w->full || s.n > w->cap - w->n) {
        w->full = true;
        return;
    }
    if (s.n)
        memcpy(w->p + w->n, s.p, s.n);
    w->n += s.n;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
    wr_put(w, span(&v, 1));
}

static inline void wr_str(struct wr *w, const char *s)
{
    wr_put(w, span_str(s));
}

/* `width` bytes (1..8), least significant first. */
static inline void wr_le(struct wr *w, unsigned width, uint64_t v)
{
    for (unsigned i = 0; i < width; i++)
        wr_u8(w, (uint8_t)(v >> (8 * i)));
}

/* `width` bytes (1..8), most significant first. */
static inline void wr_be(struct wr *w, unsigned width, uint64_t v)
{
    for (unsigned i = width; i-- > 0;)
        wr_u8(w, (uint8_t)(v >> (8 * i)));
}

/* Decimal digits of v. */
static inline void wr_dec(struct wr *w, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while ((v /= 10) != 0);
    wr_put(w, span(digits + at, sizeof digits - at));
}

static inline struct span wr_span(const struct wr *w)
{
    return span(w->p, w->n);
}

/* ERR_LIMIT when something did not fit. */
MUST static inline struct err wr_done(const struct wr *w)
{
    return w->full ? err(ERR_LIMIT) : OK;
}

#endif
