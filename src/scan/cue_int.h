/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A word as cue.c looks it up: folded (cue_word.c reads it so from the text) and hashed.
 */
#ifndef SANCTUM_SCAN_CUE_INT_H
#define SANCTUM_SCAN_CUE_INT_H

#include "span.h"

enum { WORD_BYTES_MAX = 40 };

struct folding {
    uint8_t b[WORD_BYTES_MAX + 16]; /* eight bytes may be read and written behind the last */
    size_t n;
    bool wide; /* holds characters of scripts that write words together */
};

/* Eight bytes, the first lowest. */
static inline uint64_t load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
}

static inline uint64_t hash_mix(uint64_t h)
{
    h *= 0x9E3779B97F4A7C15U;
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93U;
    return h ^ h >> 29;
}

static inline uint64_t hash_join(uint64_t a, uint64_t b)
{
    return hash_mix(hash_mix(a) ^ b);
}

/* Of f->b[at, at + n), eight bytes at a time. */
static inline uint64_t hash_piece(const struct folding *f, size_t at, size_t n)
{
    uint64_t h = n;
    for (; n > 8; n -= 8, at += 8)
        h = hash_mix(h ^ load8(f->b + at));
    return hash_mix(h ^ (n ? load8(f->b + at) << (64 - 8 * n) : 0));
}

static inline uint64_t hash_word(const struct folding *f)
{
    return hash_piece(f, 0, f->n);
}

/* Read one word at `at`, not past `end`: letters, folded, up to lowerUpper; what goes beyond
 * WORD_BYTES_MAX is passed over. Returns its end, `at` when no word begins there. */
size_t cue_word_read(struct span t, size_t at, size_t end, struct folding *f);

#endif
