/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the trainer share: its input, its output, its arithmetic. */
#ifndef SANCTUM_TOOLS_NER_TRAIN_H
#define SANCTUM_TOOLS_NER_TRAIN_H

#include "model_int.h"

/* ---- arithmetic that is the same with every compiler and library */

struct rng {
    uint64_t v; /* never 0 */
};

static inline uint32_t rng_next(struct rng *r)
{
    r->v ^= r->v << 13;
    r->v ^= r->v >> 7;
    r->v ^= r->v << 17;
    return (uint32_t)((r->v * 0x2545f4914f6cdd1dULL) >> 32);
}

static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)((uint64_t)rng_next(r) * n >> 32);
}

/* e^x for x <= 0, to about 1e-7: 2^k times a polynomial. */
static inline float exp_neg(float x)
{
    if (x < -80)
        return 0;
    float z = x * 1.44269504F;
    int k = (int)(z - 0.5F);
    float f = (z - (float)k) * 0.693147181F;
    float p = 1 + f * (1 + f * (0.5F + f * (1.0F / 6 + f * (1.0F / 24 + f * (1.0F / 120)))));
    uint32_t bits = (uint32_t)(k + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float square_root(float v)
{
    return __builtin_sqrtf(v); /* one instruction, correctly rounded */
}

/* ---- input */

struct doc_span {
    uint32_t start, end; /* bytes of the text */
    uint8_t kind;        /* 0 PER, 1 LOC, 2 ORG, 3 ADR */
};

struct doc {
    struct span text;
    struct doc_span *spans;
    size_t n;
};

struct corpus {
    uint8_t *bytes;
    struct doc *docs;
    size_t n;
};

struct options {
    const char *lists, *out;
    const char *const *corpus; /* of argv */
    unsigned corpora, rows, epochs, runs;
    uint64_t seed;
};
bool options_read(int argc, char **argv, struct options *o);

/* Texts with spans: "D BYTES SPANS\n", the text, "\n", then "START END KIND\n" for each span. */
bool corpus_read(const char *path, struct corpus *c);
void corpus_shuffle(struct corpus *c, struct rng *r);
void corpus_free(struct corpus *c);

/* Word lists: "WORD\tFIRST\tLAST\tCOMMON\tCITY\tLEX\n"; the same folded word twice: the larger of
 * each value. The table has a quarter more slots than words at
 * least. */
bool lists_read(const char *path, struct gaz_table *t);
/* The words of a list into a table that is there. False: malformed. */
bool lists_add(const char *path, uint32_t *slots, unsigned log2);
void lists_free(struct gaz_table *t);

/* ---- output */

struct model_out {
    uint32_t rows;
    struct gaz_table gaz;
    int8_t *row;
    int16_t trans[LABELS][LABELS];
};
/* With recall bias 0 and a calibration that puts the score 0.7 at probability 1/2. */
bool model_write(const struct model_out *m, const char *path);

#endif
