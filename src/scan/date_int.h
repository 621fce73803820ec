/* SPDX-License-Identifier: Apache-2.0 */
/* What date.c and date_world.c share: numbers of few digits, and the ways of the world to write a
 * day. */
#ifndef SANCTUM_SCAN_DATE_INT_H
#define SANCTUM_SCAN_DATE_INT_H

#include "check_int.h"
#include "scan_int.h"

/* What the first n digits of eight are as a number, the others made zeros before it. */
static inline unsigned date_decimal(uint64_t v, size_t n)
{
    v = n ? (v & 0x0F0F0F0F0F0F0F0FU) << (64 - 8 * n) : 0;
    v = (v * 10 + (v >> 8)) & 0x00FF00FF00FF00FFU;
    v = (v * 100 + (v >> 16)) & 0x0000FFFF0000FFFFU;
    return (unsigned)(v * 10000 + (v >> 32));
}

/* The digits at `at`, at most `max` and eight, as a number; *end is behind them. */
static inline unsigned date_number(struct span t, size_t at, size_t max, size_t *end)
{
    uint64_t v = load8_of(t, at);
    size_t n = digits_in(v);
    n = n < max ? n : max;
    *end = at + n;
    return date_decimal(v, n);
}

/* A day as one country writes it: [start, end); end 0 where there is none. */
struct date_world {
    size_t start, end;
};

/* "1990年5月17日", "1990년 5월 17일", "1990. 5. 17.", "2024-W10-2": a year's four digits at [at,
 * end). */
struct date_world date_world_of_year(struct span t, size_t at, size_t end);
/* "昭和58年4月12日", "ngày 5 tháng 3 năm 2024", "5 มีนาคม 2567", "5. 3. 2024": one or two digits at
 * [at, end). */
struct date_world date_world_of_day(struct span t, size_t at, size_t end);
/* "58.4.12" behind the letter of an emperor's reign, "S58.4.12": its end, or 0. */
size_t date_world_reign(struct span t, size_t at);
/* "3 4 87", which is a day behind its label alone: its end, or 0. */
size_t date_world_blanks(struct span t, size_t at, size_t end);

#endif
