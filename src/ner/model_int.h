/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The weights file and what the tagger keeps of it. All numbers little-endian.
 *
 *   0    8  "sanctNER"
 *   8    4  format (NER_FORMAT)
 *  12    4  rows of weights, a multiple of ROWS_A_LINE
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

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define MODEL_MAGIC "sanctNER"
enum {
    MODEL_HEAD = 1024,
    MODEL_TRANS_AT = 64,
    MODEL_BIAS_AT = 226,
    MODEL_CALIBRATION_AT = 234,
    KINDS = 4,        /* PER LOC ORG ADR */
    CALIBRATION = 65, /* points per kind */
    UNITS = 32,       /* of the int8 weights per 1.0 of log odds */
    ROWS_MIN = 1 << 8,
    ROWS_MAX = 1 << 22,
    GAZ_LOG2_MIN = 4, /* a cache line of slots */
    GAZ_LOG2_MAX = 21,
    FORBIDDEN = INT16_MIN,
    EXP_POINTS = 24 * UNITS, /* e^-24 is nothing */
};

/*
 * The transitions as decode.c goes through them, as e to the scores: WIDTH of them are those from
 * begin of each kind, then those from inside. to_b[j]: from kind j's to begin of each kind; to_i:
 * to inside of the same kind; to_o; from_b[j]: from each to begin of kind j; o_b: from O to begin
 * of each kind, and zeros.
 */
struct trans_exp {
    float to_b[KINDS][WIDTH], from_b[KINDS][WIDTH], to_i[WIDTH], to_o[WIDTH], o_b[WIDTH], o_o;
};

struct ner {
    struct gaz_table gaz;
    const int8_t *rows;
    uint32_t row_count;
    bool avx2; /* cpu_has_avx2; the plain twins do without (crf.c, feature.c) */
    int16_t trans[LABELS][LABELS];
    int16_t label_bias[WIDTH]; /* of each label its kind's */
    uint8_t calibration[KINDS][CALIBRATION];
    float exp[EXP_POINTS + 1];   /* exp[k] = e^(-k/UNITS), the last one 0 */
    int16_t step[LABELS][WIDTH]; /* trans less that of O to O: to each label but O, or FORBIDDEN */
    int16_t step_to[LABELS][WIDTH]; /* ... from each label but O, by the one it leads to */
    int16_t from_o[LABELS];         /* ... from O to each label */
    struct trans_exp odds;
    int8_t few[FEAT_FEW][WIDTH]; /* the rows of the features with few values */
    char version[17];
};

/* The row of a feature number: its line, then the row in it (feature.c). */
static inline uint32_t model_row(uint32_t feature, uint32_t rows)
{
    uint32_t line = (uint32_t)((uint64_t)(feature / ROWS_A_LINE) * (rows / ROWS_A_LINE) >> 29);
    return line * ROWS_A_LINE + feature % ROWS_A_LINE;
}

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

/* Eight scores side by side: the larger of two, and sums that stop at the ends of int16_t. */
typedef int16_t v8i16 __attribute__((vector_size(16)));

#if defined(__x86_64__)
static inline v8i16 v8i16_max(v8i16 a, v8i16 b)
{
    return (v8i16)_mm_max_epi16((__m128i)a, (__m128i)b);
}

static inline v8i16 v8i16_add(v8i16 a, v8i16 b)
{
    return (v8i16)_mm_adds_epi16((__m128i)a, (__m128i)b);
}
#else
static inline v8i16 v8i16_max(v8i16 a, v8i16 b)
{
    v8i16 first = a > b;
    return (a & first) | (b & ~first);
}

static inline v8i16 v8i16_add(v8i16 a, v8i16 b)
{
    v8i16 sum;
    for (unsigned i = 0; i < WIDTH; i++) {
        int v = a[i] + b[i];
        sum[i] = (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
    }
    return sum;
}
#endif

/* The largest of the eight in every lane. */
static inline v8i16 v8i16_largest(v8i16 v)
{
    v = v8i16_max(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3));
    v = v8i16_max(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5));
    return v8i16_max(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
}

/* Of lanes that are all zeros or all ones, the first of ones; WIDTH when there is none. */
static inline unsigned v8i16_first(v8i16 v)
{
    typedef int8_t v8i8_lanes __attribute__((vector_size(WIDTH)));
    uint64_t lanes = (uint64_t) __builtin_convertvector(v, v8i8_lanes);
    return (unsigned)__builtin_ctzll(lanes | 1ULL << 63) / 8 + (lanes == 0);
}

static inline v8i16 v8i16_load(const int16_t p[WIDTH])
{
    v8i16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Is the score of any label but O above `least`? */
static inline bool emission_above(const struct emission *e, int least)
{
    v8i16 above = v8i16_load(e->y) > (int16_t)least;
    uint64_t half[2];
    memcpy(half, &above, sizeof half);
    return (half[0] | half[1]) != 0;
}

/* Emission of token i. Sums of words are made when first needed. */
void crf_emission(const struct ner *n, struct seq s, size_t i, struct emission *out);
/* One emission with the plain twin of the sum, whatever the CPU. */
void crf_emission_plain(const struct ner *n, struct seq s, size_t i, struct emission *out);

/* The same for many tokens in steps, in which rows are fetched ahead, for time goes in waiting.
 * First the sums for their neighbours of the dictionary's words from the one numbered `from` on:
 * nearly every word stands beside what may be a name. */
void crf_new_words(const struct ner *n, struct dict *d, size_t from);
/* Then the own sums of the words of the tokens at[0..count). */
void crf_words(const struct ner *n, struct seq s, const uint16_t *at, size_t count);
static inline struct word *crf_neighbour(const struct seq *s, size_t i, unsigned slot)
{
    return s->v[(ptrdiff_t)i + (ptrdiff_t)slot - 2].w;
}

/* Then the part of an emission that these sums tell, with the bias. */
static inline void crf_glance(const struct ner *n, const struct seq *s, size_t i,
                              struct emission *out)
{
    v8i16 sum = v8i16_load(n->label_bias);
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        sum += v8i16_load(crf_neighbour(s, i, slot)->sum[word_slot(slot)]);
    memcpy(out->y, &sum, sizeof sum);
}

/* Then the rest, added to what crf_glance put into e[at[k]]; of tokens that are no code. */
void crf_emissions(const struct ner *n, struct seq s, const uint16_t *at, size_t count,
                   struct emission *e);

/* ---- decode.c */

/* The probability that one token is of each kind, beginning or inside. */
struct marginal {
    float kind[KINDS];
};
/*
 * The best labels and the probabilities of a window of `count` tokens whose neighbours on both
 * sides are O. count <= BLOCK_TOKENS. `labels` are LABEL_O before; `m` is filled only if one of
 * them is not afterwards.
 */
void crf_decode(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels,
                struct marginal *m);

/* ---- window.c */

/* What the sieves say of a block. */
struct window {
    struct bits keep;                /* the others are O without a look */
    uint8_t made[BLOCK_TOKENS];      /* what of e is there (window.c) */
    struct emission e[BLOCK_TOKENS]; /* of the tokens that are kept */
};
/* Nothing is known of this block yet. */
void window_begin(struct window *w, struct seq s);
/* Mark the tokens that the full model must see and make their emissions. Those with sure[i] are
 * marked whatever the sieves say. Again for the same block with more that is sure: what was made
 * stays. */
void window_emissions(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w);
/* ---- memory.c */

enum { MEMORY_FEW = 2048 };

struct ner_memory {
    size_t max, n, slots; /* words allowed, words held, power of two: twice those held and more */
    size_t digested;      /* words that `digest` stands for: the first of `word` */
    uint8_t digest[NER_MEMORY_DIGEST_BYTES];
    uint64_t *word;          /* [max], as they came */
    uint8_t few[MEMORY_FEW]; /* 1: there is a word with this remainder; nearly always not */
    uint64_t v[];            /* 0 = free */
};

/* 0: it does not hold the word, as nearly always; else 1. NULL: 0. */
static inline unsigned memory_may_have(const struct ner_memory *m, uint64_t hash)
{
    return m ? m->few[hash % MEMORY_FEW] : 0;
}

/* The score from which the words of a PERSON finding are remembered. */
#define MEMORY_SCORE 0.7F
/* ... within its own text: the model saw the other places too, so it takes more to overrule it. */
#define MEMORY_SCORE_HERE 0.9F
/* What ner_memory_learn does for a conversation, for the text at hand: names of this block with at
 * least MEMORY_SCORE_HERE. at[k]: the token that found[k] begins with. */
void memory_learn_words(struct ner_memory *m, struct seq s, const struct finding *found,
                        const uint16_t *at, size_t count);
bool memory_has(const struct ner_memory *m, uint64_t hash); /* NULL: false */
bool memory_empty(const struct ner_memory *m);              /* NULL: true */
/* False when it was there already, or the memory is full. */
bool memory_add(struct ner_memory *m, uint64_t hash);
/* Is this word worth remembering as a name? */
bool memory_worth(const struct word *w);

/* ---- entity.c */

/* Who speaks for a token besides the model. */
enum witness { WITNESS_NONE, WITNESS_MEMORY, WITNESS_LISTS };

/* One labelled block, ready to become findings. */
enum { LABEL_ROOM = 8 /* labels behind those of BLOCK_TOKENS that may be read */ };
struct labelled {
    struct seq s;
    uint8_t *label;                  /* BLOCK_TOKENS + LABEL_ROOM */
    const struct marginal *marginal; /* of tokens whose label is not O */
    const uint8_t *witness;          /* enum witness of each token */
    uint16_t *first;                 /* entity_add: each finding's first token of its label */
};
/* Add the findings of tokens [from, n). */
MUST struct err entity_add(const struct ner *n, struct labelled b, size_t from,
                           struct findings *out);

/* Take away the findings from the given one on that are identifiers of a program (program.c). */
void program_drop(struct span text, struct labelled b, struct findings *f, size_t from);

#endif
