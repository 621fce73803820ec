/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The read cursor: every binary parser of outside bytes takes its bytes through it. It compares by
 * subtraction, so a length that lies cannot make a pointer wrap. All functions fail with ERR_INPUT
 * when too few bytes are left and then move nothing.
 */
#ifndef SANCTUM_BASE_RD_H
#define SANCTUM_BASE_RD_H

#include "err.h"
#include "span.h"

struct rd {
    const uint8_t *p; /* start of the whole input */
    size_t n;         /* its length */
    size_t at;        /* next byte to read; at <= n */
};

static inline struct rd rd_of(struct span s)
{
    return (struct rd){s.p, s.n, 0};
}

static inline size_t rd_left(const struct rd *r)
{
    return r->n - r->at;
}

/* Borrow the next `n` bytes. */
MUST static inline struct err rd_take(struct rd *r, uint64_t n, struct span *out)
{
    if (n > rd_left(r))
        return err(ERR_INPUT);
    *out = (struct span){r->p ? r->p + r->at : NULL, (size_t)n};
    r->at += (size_t)n;
    return OK;
}

MUST static inline struct err rd_skip(struct rd *r, uint64_t n)
{
    struct span ignored;
    return rd_take(r, n, &ignored);
}

MUST static inline struct err rd_u8(struct rd *r, uint8_t *out)
{
    if (rd_left(r) < 1)
        return err(ERR_INPUT);
    *out = r->p[r->at++];
    return OK;
}

/* An unsigned number of `width` bytes (1..8), least significant byte first. */
MUST static inline struct err rd_le(struct rd *r, unsigned width, uint64_t *out)
{
    if (width > 8 || rd_left(r) < width)
        return err(ERR_INPUT);
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v |= (uint64_t)r->p[r->at + i] << (8 * i);
    r->at += width;
    *out = v;
    return OK;
}

/* The same, most significant byte first. */
MUST static inline struct err rd_be(struct rd *r, unsigned width, uint64_t *out)
{
    if (width > 8 || rd_left(r) < width)
        return err(ERR_INPUT);
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v = v << 8 | r->p[r->at + i];
    r->at += width;
    *out = v;
    return OK;
}

/* Fails when bytes remain: a message with a tail is not the message. */
MUST static inline struct err rd_end(const struct rd *r)
{
    return r->at == r->n ? OK : err(ERR_INPUT);
}

#endif
