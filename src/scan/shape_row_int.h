/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of shape.def as shape.c compares them, and the index that finds those worth comparing
 * (shape_index.c makes it, once per scanner).
 */
#ifndef SANCTUM_SCAN_SHAPE_ROW_INT_H
#define SANCTUM_SCAN_SHAPE_ROW_INT_H

#include "scan_int.h"

enum {
#define SHAPE(entity, shape, base, check, proof, marks) +1
    SHAPES = 0
#include "shape.def"
#undef SHAPE
};
enum { RUN_MAX = 20, LISTED = SHAPES * 64, SHAPE_MAX = 23, SHAPE_BYTES = SHAPE_MAX + 9 };

struct shape {
    uint8_t entity;
    const char *shape;
    float base;
    bool (*check)(struct span);
    float proof, marks;
};

extern const struct shape shape_rows[SHAPES];

/* What the first run is made of. Most shapes have capitals only, most words do not. */
enum kind { RUN_DIGITS, RUN_CAPITALS, RUN_LETTERS /* some of them small */, KINDS };

/* What stands behind the first run. */
enum follow {
    FOLLOW_END,    /* nothing that could belong to the value */
    FOLLOW_WORD,   /* a capital or digit at once */
    FOLLOW_LOWER,  /* a small letter at once */
    FOLLOW_DIGIT,  /* a sign, then a digit */
    FOLLOW_LETTER, /* a sign, then a capital */
    FOLLOW_SMALL,  /* a sign, then a small letter */
    FOLLOWS,
};

struct rows {
    uint16_t first, n;
};

/* The signs that digits may stand behind, and how many digits a bitmap of lengths tells apart. */
enum { SIGNS = 5, NO_THIRD = 0, THIRD_LETTER = 31, SECOND_SMALL = 31 };

/* A row of shape.def that may fit a first run, and what must hold for it. */
struct listed_row {
    uint32_t third; /* of a row in `digits` behind a sign, what it says of `third`; in `run` behind
                     * one how many digits may stand there behind letters, or letters behind digits
                     * (SECOND_SMALL: some small); else all bits */
    uint32_t letters; /* how many digits and letters may stand there without a sign, a bit each */
    uint16_t shape;   /* the row */
    uint8_t first;    /* the byte it begins with, 0 for several */
};

struct shape_index {
    /* behind so many digits, a sign and so many more: how many digits may follow behind a further
     * sign (a bit each, RUN_MAX more, NO_THIRD none), or whether a letter may */
    uint32_t third[SIGNS][RUN_MAX][RUN_MAX + 1];
    /* rows whose first run may be `n` of a kind, by what follows; for digits behind digits, or at
     * once behind letters, also by how many those are */
    struct rows run[KINDS][RUN_MAX][FOLLOWS], digits[KINDS][RUN_MAX][RUN_MAX + 1];
    struct listed_row row[LISTED];
    size_t rows_n;
    uint8_t shape[SHAPES][SHAPE_BYTES]; /* of shape_rows, zeros behind: eight bytes are readable */
    float odds[SHAPES]; /* of a match with everything but cues: the most it can have */
};

/* The number of a sign in `third`. */
static inline size_t sign_number(uint8_t c)
{
    return c == ' ' ? 0 : c == '-' ? 1 : c == '.' ? 2 : c == '/' ? 3 : 4;
}

#endif
