/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of check digits share. */
#ifndef SANCTUM_SCAN_CHECK_INT_H
#define SANCTUM_SCAN_CHECK_INT_H

#include "check.h"

static inline bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static inline bool is_upper(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26;
}

static inline unsigned digit(struct span v, size_t i)
{
    return (unsigned)v.p[i] - '0';
}

static inline unsigned number2(struct span v, size_t i)
{
    return digit(v, i) * 10 + digit(v, i + 1);
}

/* 0-9 and A-Z (either case) as 0 to 35, 36 for anything else. */
static inline unsigned base36(uint8_t c)
{
    if (is_digit(c))
        return (unsigned)c - '0';
    c = (uint8_t)(c & ~0x20U);
    return is_upper(c) ? (unsigned)c - 'A' + 10 : 36;
}

/* Exactly n digits and nothing else. */
bool check_digits(struct span v, size_t n);
/* Sum of digit x weight over the first strlen(weights) characters; a weight is '0' to '9', and ':'
 * for ten. */
unsigned check_weigh(struct span v, const char *weights);
/* All characters equal. */
bool check_same(struct span v);
/* A day that exists; a two-digit year is enough (29 February needs year mod 4). */
bool check_date(unsigned year, unsigned month, unsigned day);

#endif
