/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer. Frequent: buf_put of a few bytes into room that is already there. */
#define _GNU_SOURCE
#include "buf.h"
#include "page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256, BUF_LARGE = 64 << 10 };

struct buf buf_init(size_t max)
{
    return (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = buf_init(b->max);
}

void buf_wipe(struct buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->cap);
    buf_free(b);
}

struct err buf_reserve(struct buf *b, size_t n)
{
    if (n <= b->cap - b->n)
        return OK;
    if (n > b->max - b->n)
        return err(ERR_LIMIT);
    size_t cap = b->cap ? b->cap : BUF_FIRST;
    while (cap - b->n < n && cap <= b->max / 2)
        cap *= 2;
    if (cap - b->n < n || cap > b->max)
        cap = b->max;
    uint8_t *p = !b->p && cap >= BUF_LARGE ? page_alloc(cap) : realloc(b->p, cap);
    if (!p)
        return err(ERR_NOMEM);
    b->p = p;
    b->cap = cap;
    return OK;
}

struct err buf_put(struct buf *b, struct span s)
{
    if (s.n == 0)
        return OK;
    TRY(buf_reserve(b, s.n));
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    return OK;
}

struct err buf_put_u8(struct buf *b, uint8_t c)
{
    TRY(buf_reserve(b, 1));
    b->p[b->n++] = c;
    return OK;
}

struct err buf_put_u64(struct buf *b, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while ((v /= 10) != 0);
    return buf_put(b, span(digits + at, sizeof digits - at));
}

struct err buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return err(ERR_BUG);
    TRY(buf_reserve(b, (size_t)n + 1));
    va_start(ap, fmt);
    vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
    return OK;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

uint8_t *buf_take(struct buf *b, size_t *n)
{
    uint8_t *p = b->p;
    *n = b->n;
    *b = buf_init(b->max);
    return p;
}
