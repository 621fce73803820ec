/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for one piece of work: many small takes, one release. Blocks double from 4 KiB; the sum of
 * all bytes handed out never passes the ceiling (ERR_LIMIT). Nothing is freed singly. The blocks
 * stay with the arena over arena_reset, so a steady load allocates nothing.
 */
#ifndef SANCTUM_BASE_ARENA_H
#define SANCTUM_BASE_ARENA_H

#include "err.h"
#include "span.h"

struct arena_block;
struct arena {
    struct arena_block *first, *cur;
    size_t used, max;
};

/* An empty arena that may hand out `max` bytes. Allocates nothing. */
struct arena arena_init(size_t max);
/* Zeroed memory, aligned to 16; valid until reset or free. n == 0 gives a valid pointer. */
MUST struct err arena_take(struct arena *a, size_t n, void **out);
/* A copy of s that lives in the arena. */
MUST struct err arena_copy(struct arena *a, struct span s, struct span *out);
/* Forget everything handed out; keep the first blocks (up to 256 KiB) for the next piece of work.
 */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);
/* Wipe the bytes, then free: for arenas that held secrets or personal data. */
void arena_wipe(struct arena *a);

#endif
