/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An owned, growing byte buffer with a ceiling given at birth. Growth doubles; reaching the ceiling
 * is ERR_LIMIT and leaves the content unchanged. A zeroed struct buf is a valid empty buffer with
 * ceiling 0.
 *
 * Invariants: B1 n <= cap <= max. B2 p == NULL iff cap == 0.
 */
#ifndef SANCTUM_BASE_BUF_H
#define SANCTUM_BASE_BUF_H

#include "err.h"
#include "span.h"

struct buf {
    uint8_t *p;
    size_t n, cap, max;
};

/* An empty buffer that may grow to `max` bytes. Allocates nothing. */
struct buf buf_init(size_t max);
/* Free the memory and leave an empty buffer with the same ceiling. */
void buf_free(struct buf *b);
/* Wipe the bytes, then free: for buffers that held secrets or personal data. */
void buf_wipe(struct buf *b);
/* Make room for `n` more bytes. ERR_LIMIT over the ceiling, ERR_NOMEM. */
MUST struct err buf_reserve(struct buf *b, size_t n);
MUST struct err buf_put(struct buf *b, struct span s);
MUST struct err buf_put_u8(struct buf *b, uint8_t c);
/* Append a NUL-terminated string (without its NUL). */
MUST static inline struct err buf_puts(struct buf *b, const char *s)
{
    return buf_put(b, span_str(s)); /* here, so that the length of a literal is known */
}
/* Append a decimal number. */
MUST struct err buf_put_u64(struct buf *b, uint64_t v);
/* printf into the buffer; only for constant formats. */
MUST struct err buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop the first `n` bytes (n <= b->n); the rest moves down. Cost O(rest). */
void buf_drop(struct buf *b, size_t n);
/* Hand the memory over: the caller frees the returned pointer; `b` is empty after. */
uint8_t *buf_take(struct buf *b, size_t *n);

static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->p, b->n};
}

static inline void buf_clear(struct buf *b)
{
    b->n = 0;
}

#define BUF_AUTO __attribute__((cleanup(buf_free))) struct buf

#endif
