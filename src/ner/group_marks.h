/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of 64 that decide where group.c looks, as bitmaps (bit i: the byte at p[i]). Vectors on
 * x86-64, and a plain twin with the same result.
 */
#ifndef SANCTUM_NER_GROUP_MARKS_H
#define SANCTUM_NER_GROUP_MARKS_H

#include <stdint.h>

enum { GROUP_STEP = 64 };

struct group_marks {
    uint64_t word;  /* ASCII letters, digits, "_", what is above 127 */
    uint64_t key;   /* those but the digits */
    uint64_t upper; /* A-Z, and 0xC3, with which most accented capitals begin */
    uint64_t sign;  /* "@" */
    uint64_t quote; /* both ASCII ones */
    uint64_t gives; /* ":" and "=" */
};

struct group_marks group_marks(const uint8_t p[GROUP_STEP]);
struct group_marks group_marks_plain(const uint8_t p[GROUP_STEP]);

#endif
