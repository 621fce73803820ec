/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef SANCTUM_BASE_UTF8_H
#define SANCTUM_BASE_UTF8_H

#include "err.h"
#include "span.h"

/* Offset of the first byte that is not valid UTF-8; s.n when all is. About 8 GB/s on ASCII. */
size_t utf8_valid_prefix(struct span s);

static inline bool utf8_valid(struct span s)
{
    return utf8_valid_prefix(s) == s.n;
}

/* Valid UTF-8 without control characters (below blank, and DEL): text that a line may hold. */
bool utf8_is_line(struct span s);

/*
 * Decode the code point at `at` (< s.n). Returns its length in bytes (1..4) and sets *cp. A byte
 * that starts no valid sequence gives length 1 and U+FFFD: total on any input.
 */
size_t utf8_next(struct span s, size_t at, uint32_t *cp);
/* A letter of ASCII, or a byte of any character beyond it: nearly all of those are letters. */
static inline bool utf8_letter_byte(uint8_t c)
{
    return ascii_is_letter(c) || c >= 0x80;
}

/* A place inside a character moved to its start, or behind it; one between two characters stays. */
static inline size_t utf8_floor(struct span s, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && at < s.n && (s.p[at] & 0xc0) == 0x80; i++)
        at--;
    return at;
}

static inline size_t utf8_ceil(struct span s, size_t at)
{
    for (int i = 0; i < 3 && at < s.n && (s.p[at] & 0xc0) == 0x80; i++)
        at++;
    return at;
}
/* Code points in s, counted as utf8_next would step. */
size_t utf8_count(struct span s);
/* Encode cp (a scalar value) into out[4]; returns 1..4, or 0 when cp is none. */
size_t utf8_put(uint32_t cp, uint8_t out[4]);

#endif
