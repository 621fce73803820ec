/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory to read files into. The kernel copies a file from the start of a page with `rep movsb`;
 * on AMD's Zen 3 that takes four times as long to a place a few bytes into a page, which is where
 * malloc puts large memory (sixteen bytes: one core signed 2 GiB of weights in twice the time).
 */
#ifndef SANCTUM_BASE_PAGE_H
#define SANCTUM_BASE_PAGE_H

#include <stdint.h>
#include <stdlib.h>

/* At least `n` bytes that begin on a page; free() ends them. NULL: no memory. */
static inline void *page_alloc(size_t n)
{
    const size_t page = 4096;
    return n <= SIZE_MAX - page ? aligned_alloc(page, (n + page - 1) / page * page) : NULL;
}

#endif
