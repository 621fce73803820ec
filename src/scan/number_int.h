/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number and its groups, as number.c reads them once for the recognisers of cards and phones.
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
static inline size_t chain_group_end(const struct chain *c, size_t group)
{
    return c->start + c->at[group] + c->len[group];
}

#endif
