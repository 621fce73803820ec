/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number and its groups, as number.c reads them once for the recognisers of cards and phones, and
 * what is nobody's.
 */
#ifndef SANCTUM_SCAN_NUMBER_INT_H
#define SANCTUM_SCAN_NUMBER_INT_H

#include "scan_int.h"

enum { CHAIN_GROUPS = 12, CHAIN_DIGITS = 40 };

/* Digit groups joined by single separators: "(021) 572 17-28" has three. */
struct chain {
    size_t start, end;           /* first digit, one past the last */
    uint8_t n;                   /* groups */
    uint32_t at[CHAIN_GROUPS];   /* each group's offset from start */
    uint8_t len[CHAIN_GROUPS];   /* its digits (255 = 255 or more) */
    uint8_t sep[CHAIN_GROUPS];   /* what stands before it: ' ' '-' '.' '/' '(' ')' ',' ':' */
    uint8_t first[CHAIN_GROUPS]; /* index of its first digit in `digits` */
    uint8_t digits_n;
    uint8_t digits[CHAIN_DIGITS + 8]; /* ASCII, of all groups that fit; 8 may be written behind */
    bool more;                        /* the text goes on with a further group */
};

/* Read the chain at `at` (a digit). */
void chain_read(struct span text, size_t at, struct chain *c);
/* Stars beside [start, end) that stand for digits or multiply ("****4111", "2*415"): not the one or
 * two of Markdown, nor three on both sides, which only emphasize. */
bool number_starred(struct span text, size_t start, size_t end);
static inline size_t chain_group_end(const struct chain *c, size_t group)
{
    return c->start + c->at[group] + c->len[group];
}

/* Does a sign or word of degrees stand behind a number, or may one? */
static inline bool geo_degrees_may(struct span t, size_t end)
{
    uint8_t c = peek(t, end);
    return c == 0xC2 || (c == ' ' && peek(t, end + 1) == 'd');
}

/* ---- what programs count (near.c) ---- */

/* Behind up to so many groups of up to so many digits, joined by blanks, the word at `at` says that
 * they are what programs count: "200 4252 bytes". */
enum { COUNTED_GROUPS = 3, COUNTED_DIGITS = 11 };
bool near_unit_word(struct span t, size_t at);
static inline bool near_unit(struct span t, size_t end)
{
    uint8_t c = peek(t, end + 1);
    return peek(t, end) == ' ' &&
           (c == 'b' || c == 'r' || c == 'k' || c == 'K' || c == 'M' || c == 'G') &&
           near_unit_word(t, end + 1);
}
/* HTTP/1.1" 200 4252: the three digits at `at` are what a server answered, and bytes follow. */
static inline bool near_status(struct span t, size_t at)
{
    return at > 2 && t.p[at - 1] == ' ' && t.p[at - 2] == '"' && is(t.p[at - 3], C_DIGIT) &&
           t.p[at] >= '1' && t.p[at] <= '5';
}
/* "[491/5000]": the digits and signs [at, end) are how far something is. */
static inline bool near_boxed(struct span t, size_t at, size_t end)
{
    return at && t.p[at - 1] == '[' && peek(t, end) == ']';
}

#endif
