/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tagger knows of Unicode: is it a letter, is it upper case, what is it folded (lower case
 * without accents; most Latin letters become ASCII). Total on any code point. Digits of
 * every script are no letters. And where a word of ASCII ends, and whether it is one of some.
 */
#ifndef SANCTUM_NER_LETTERS_H
#define SANCTUM_NER_LETTERS_H

#include "span.h"

/* The byte at `at`, 0 beyond the text. */
static inline uint8_t byte_at(struct span t, size_t at)
{
    return at < t.n ? t.p[at] : 0;
}

/* 0 = no letter; else the folded code point, with LETTERS_UPPER set for an upper-case letter. */
#define LETTERS_UPPER 0x80000000U
uint32_t letters_fold(uint32_t cp);

/* An ideograph of a script written without blanks between words: each is a token of its own. */
static inline bool letters_ideograph(uint32_t cp)
{
    return (cp >= 0x3400 && cp < 0xa000) || (cp >= 0xf900 && cp < 0xfb00) ||
           (cp >= 0x20000 && cp < 0x40000);
}

/* A letter of a script that has no letter case (folding never changes it). */
static inline bool letters_caseless(uint32_t cp)
{
    return (cp >= 0x590 && cp < 0x10a0) || (cp >= 0x1100 && cp < 0x1c80) ||
           (cp >= 0x2e80 && cp < 0xa640) || (cp >= 0xa800 && cp < 0xab30) ||
           (cp >= 0xabc0 && cp < 0xfb00) || (cp >= 0xfb1d && cp < 0xff00) || cp >= 0x20000;
}

/* Of eight bytes, the top bit of each that is no ASCII letter. */
static inline uint64_t letters_not8(uint64_t v)
{
    const uint64_t each = 0x0101010101010101ULL, top = 0x80 * each;
    uint64_t low = (v | 0x20 * each) & ~top;
    uint64_t from_a = low + (0x80 - 'a') * each, past_z = low + (0x80 - 'z' - 1) * each;
    return (~from_a | past_z | v) & top;
}

/* The end of the run of ASCII letters at `at`: most words end within the first eight bytes. */
static inline size_t letters_ascii_end(struct span s, size_t at)
{
    uint64_t v;
    for (; s.n - at >= sizeof v; at += sizeof v) {
        memcpy(&v, s.p + at, sizeof v);
        v = letters_not8(v);
        if (v)
            return at + (size_t)__builtin_ctzll(v) / 8;
    }
    while (at < s.n && (uint8_t)(ascii_lower(s.p[at]) - 'a') < 26)
        at++;
    return at;
}

/* Is the word one of the n, in any letter case? Its first two letters at once refuse nearly all of
 * them: of one alone some have the same, which cannot be guessed. */
static inline bool one_of(struct span word, const char *const *of, size_t n)
{
    enum { LETTER_CASE = 0x2020, TWO = 2 };
    const uint8_t first[TWO] = {byte_at(word, 0), byte_at(word, 1)};
    uint16_t want, have;
    memcpy(&want, first, TWO);
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        memcpy(&have, of[i], TWO); /* of one letter, it and the zero behind it */
        if (((have ^ want) & ~LETTER_CASE) == 0 && span_is_nocase(word, of[i]))
            return true;
    }
    return false;
}

#endif
