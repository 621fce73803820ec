/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The weights file and what the tagger keeps of it. All numbers little-endian.
 *
 *   0    8  "sanctNER"
 *   8    4  format (NER_FORMAT)
 *  12    4  log2 of the rows of weights
 *  16    4  log2 of the slots of the word lists
 *  20    4  units per 1.0 of log odds (UNITS)
 *  24    8  language, NUL-padded
 *  32   32  SHA-256 of bytes 8-31 and of all bytes from 64 on
 *  64  162  transitions int16[LABELS][LABELS], from row to column; forbidden ones are 0
 * 226    8  recall bias int16 of PER, LOC, ORG, ADR, in units: added to their labels' scores
 * 234  260  calibration u8[4][CALIBRATION]: probability (index/64) of a finding of PER, LOC, ORG,
 *           ADR to score * 255, never falling
 * 494       zero up to MODEL_HEAD
 * 1024      word lists u32[], then rows int8[][WIDTH]
 */
#ifndef SANCTUM_NER_MODEL_INT_H
#define SANCTUM_NER_MODEL_INT_H

#include "ner_int.h"

#define MODEL_MAGIC "sanctNER"
enum {
    MODEL_HEAD = 1024,
    MODEL_TRANS_AT = 64,
    MODEL_BIAS_AT = 226,
    MODEL_CALIBRATION_AT = 234,
    KINDS = 4,        /* PER LOC ORG ADR */
    CALIBRATION = 65, /* points per kind */
    UNITS = 32,       /* of the int8 weights per 1.0 of log odds */
    ROWS_LOG2_MIN = 8,
    ROWS_LOG2_MAX = 22,
    GAZ_LOG2_MAX = 21,
    EXP_POINTS = 24 * UNITS, /* e^-24 is nothing */
};

struct ner {
    struct gaz_table gaz;
    const int8_t *rows;
    unsigned rows_shift; /* a feature number >> rows_shift is its row */
    int16_t trans[LABELS][LABELS];
    int16_t bias[KINDS];
    uint8_t calibration[KINDS][CALIBRATION];
    float exp[EXP_POINTS]; /* exp[k] = e^(-k/UNITS) */
    float trans_exp[LABELS][LABELS];
    char version[17];
};

/* e^(units/UNITS) for units <= 0. */
static inline float model_exp(const struct ner *n, int32_t units)
{
    return units <= -EXP_POINTS ? 0.0F : n->exp[-units];
}

/* ---- crf.c */

/* Scores of one token in units; O is 0. */
struct emission {
    int16_t y[WIDTH];
};
/* Emission of token i. Sums of words are made when first needed. */
void crf_emission(const struct ner *n, struct seq s, size_t i, struct emission *out);
/* The same with the plain twin of the sum, whatever the CPU. */
void crf_emission_plain(const struct ner *n, struct seq s, size_t i, struct emission *out);

/* Label probabilities of one token. */
struct marginal {
    float p[LABELS];
};
/*
 * The best labels and the probabilities of a window of `count` tokens whose neighbours on both
 * sides are O. count <= BLOCK_TOKENS.
 */
void crf_decode(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels,
                struct marginal *m);

#endif
