/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the weights say of each token: the sums of its rows. Sums are integers, so every CPU gives
 * the same. A row is eight int8 and the sum eight int16, one 128-bit vector. Called for the tokens
 * that window.c lets through; what words alone decide is summed once and kept with them.
 */
#include "model_int.h"

typedef int8_t v8i8 __attribute__((vector_size(8)));
typedef int8_t v16i8 __attribute__((vector_size(16)));

static inline const int8_t *row_of(const struct ner *n, uint32_t id)
{
    return n->rows + (size_t)model_row(id, n->row_count) * WIDTH;
}

/* Each int8 twice makes an int16 whose upper half is the number: the shift gives it its sign. */
static inline v8i16 wide_row(const int8_t *row)
{
    v8i8 v;
    v8i16 wide;
    memcpy(&v, row, sizeof v);
    v16i8 twice = __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    memcpy(&wide, &twice, sizeof wide);
    return wide >> 8;
}

static inline void sum_rows(const struct ner *n, const uint32_t *ids, size_t count,
                            int16_t out[WIDTH])
{
    v8i16 sum = {0};
    for (size_t k = 0; k < count; k++)
        sum += wide_row(row_of(n, ids[k]));
    memcpy(out, &sum, sizeof sum);
}

static void sum_rows_plain(const struct ner *n, const uint32_t *ids, size_t count,
                           int16_t out[WIDTH])
{
    memset(out, 0, sizeof(int16_t[WIDTH]));
    for (size_t k = 0; k < count; k++) {
        const int8_t *row = row_of(n, ids[k]);
        for (unsigned y = 0; y < WIDTH; y++)
            out[y] = (int16_t)(out[y] + row[y]);
    }
}

typedef void sum_fn(const struct ner *, const uint32_t *, size_t, int16_t[WIDTH]);

/* Where the rows of four feature numbers begin, in bytes: row_of, four at a time. */
enum { FOUR = 4 };
#if defined(__x86_64__)
static inline void rows_at(const struct ner *n, const uint32_t ids[FOUR], uint32_t at[FOUR])
{
    const __m128i lines = _mm_set1_epi32((int)(n->row_count / ROWS_A_LINE));
    __m128i id = _mm_loadu_si128((const __m128i *)(const void *)ids), line = _mm_srli_epi32(id, 3);
    __m128i even = _mm_mul_epu32(line, lines);
    __m128i odd = _mm_mul_epu32(_mm_srli_epi64(line, 32), lines);
    even = _mm_srli_epi64(even, 23);
    odd = _mm_slli_epi64(_mm_srli_epi64(odd, 23), 32);
    line = _mm_andnot_si128(_mm_set1_epi32(63), _mm_or_si128(even, odd));
    id = _mm_slli_epi32(_mm_and_si128(id, _mm_set1_epi32(7)), 3);
    _mm_storeu_si128((__m128i *)(void *)at, _mm_or_si128(line, id));
}
#else
static inline void rows_at(const struct ner *n, const uint32_t ids[FOUR], uint32_t at[FOUR])
{
    for (unsigned k = 0; k < FOUR; k++)
        at[k] = model_row(ids[k], n->row_count) * WIDTH;
}
#endif

/* a if `first`, else b; no branch. */
static inline const int8_t *either(bool first, const int8_t *a, const int8_t *b)
{
    uintptr_t mask = 0 - (uintptr_t)first;
    return (const int8_t *)(((uintptr_t)a & mask) | ((uintptr_t)b & ~mask));
}

/* Always as many rows, those that are missing zero: a loop of one length costs less than its end
 * guessed wrong. The first `sure` are there. */
static inline void fetch_all(const struct ner *n, const uint32_t *ids, size_t count,
                             const int8_t **row, size_t sure, size_t rows)
{
    static const int8_t no_row[WIDTH];
    uint32_t at[FEAT_PLACE_ROOM];
    for (size_t k = 0; k < rows; k += FOUR)
        rows_at(n, ids + k, at + k);
#pragma GCC unroll 32
    for (size_t k = 0; k < rows; k++) {
        row[k] = k < sure ? n->rows + at[k] : either(k < count, n->rows + at[k], no_row);
        __builtin_prefetch(row[k]);
    }
}

static inline void sum_all(const int8_t *const *row, size_t rows, v8i16 sum, int16_t out[WIDTH])
{
#pragma GCC unroll 32
    for (size_t k = 0; k < rows; k++)
        sum += wide_row(row[k]);
    memcpy(out, &sum, sizeof sum);
}

static inline struct word *neighbour(struct seq s, size_t i, unsigned slot)
{
    return s.v[(ptrdiff_t)i + (ptrdiff_t)slot - 2].w;
}

/* ---- sums that are kept with the words */

static void word_sums(const struct ner *n, struct word *w, uint8_t want, sum_fn *sum)
{
    uint32_t ids[FEAT_OWN_MAX];
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        if (want & ~w->summed & (slot == SLOT_OWN ? SUMMED_OWN : SUMMED_NEAR))
            sum(n, ids, feature_word(w, slot, ids), w->sum[word_slot(slot)]);
    w->summed |= want;
}

/* Bias and sums, which are there. */
static inline v8i16 words_sum(const struct ner *n, struct seq s, size_t i)
{
    v8i16 sum = v8i16_load(n->label_bias);
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        sum += v8i16_load(neighbour(s, i, slot)->sum[word_slot(slot)]);
    return sum;
}

static void make_words(const struct ner *n, struct seq s, size_t i, sum_fn *sum)
{
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        word_sums(n, neighbour(s, i, slot), slot == SLOT_OWN ? SUMMED_OWN : SUMMED_NEAR, sum);
}

static inline void emission(const struct ner *n, struct seq s, size_t i, struct emission *out,
                            sum_fn *sum)
{
    uint32_t ids[FEAT_PLACE_ROOM];
    size_t count = feature_place(s, i, ids);
    sum(n, ids, count, out->y);
    make_words(n, s, i, sum);
    v8i16 y = v8i16_load(out->y) + words_sum(n, s, i);
    memcpy(out->y, &y, sizeof y);
}

void crf_glance(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    v8i16 y = words_sum(n, s, i);
    memcpy(out->y, &y, sizeof y);
}

void crf_emission(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows);
}

void crf_emission_plain(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows_plain);
}

/* The words around the tokens at[0..tokens) whose sums are missing, from then on marked as made.
 * Without a branch that could be guessed wrong: nearly all is there, but what is not comes at any
 * place. */
struct missing {
    size_t owns, nears;
    struct word *own[BLOCK_TOKENS];
    struct word *near[BLOCK_TOKENS * (WORD_SLOTS - 1)];
};

static bool is_missing(struct word *w, uint8_t want)
{
    bool missing = !(w->summed & want);
    w->summed |= want;
    return missing;
}

static void find_missing(struct seq s, const uint16_t *at, size_t tokens, struct missing *m)
{
    static const uint8_t beside[] = {0, 1, 3, 4};
    m->owns = m->nears = 0;
    for (size_t k = 0; k < tokens; k++) {
        m->own[m->owns] = s.v[at[k]].w;
        m->owns += is_missing(s.v[at[k]].w, SUMMED_OWN);
        for (unsigned j = 0; j < sizeof beside; j++) {
            struct word *w = neighbour(s, at[k], beside[j]);
            m->near[m->nears] = w;
            m->nears += is_missing(w, SUMMED_NEAR);
        }
    }
}

/* Sums whose rows are on their way into the cache while others are made. */
enum { OWN_AHEAD = 8, NEAR_AHEAD = 16 };

static void own_sums(const struct ner *n, const struct missing *m)
{
    const int8_t *ring[OWN_AHEAD][FEAT_OWN_MAX];
    for (size_t k = 0; k < m->owns + OWN_AHEAD; k++) {
        const int8_t **row = ring[k % OWN_AHEAD];
        if (k >= OWN_AHEAD && k - OWN_AHEAD < m->owns)
            sum_all(row, FEAT_OWN_MAX, (v8i16){0}, m->own[k - OWN_AHEAD]->sum[word_slot(SLOT_OWN)]);
        if (k >= m->owns)
            continue;
        uint32_t ids[FEAT_OWN_MAX] = {0};
        fetch_all(n, ids, feature_word(m->own[k], SLOT_OWN, ids), row, FEAT_OWN_MIN, FEAT_OWN_MAX);
    }
}

/* The four sums of a word for its neighbours, from rows that lie side by side. */
static inline void near_sum(const int8_t *const row[FEAT_NEAR], int16_t out[][WIDTH])
{
    for (unsigned k = 0; k < WORD_SLOTS - 1; k++) {
        v8i16 sum = wide_row(row[0] + WIDTH * k) + wide_row(row[1] + WIDTH * k);
        memcpy(out[k], &sum, sizeof sum);
    }
}

static void near_sums(const struct ner *n, const struct missing *m)
{
    const int8_t *ring[NEAR_AHEAD][FEAT_NEAR];
    for (size_t k = 0; k < m->nears + NEAR_AHEAD; k++) {
        const int8_t **row = ring[k % NEAR_AHEAD];
        if (k >= NEAR_AHEAD && k - NEAR_AHEAD < m->nears)
            near_sum(row, m->near[k - NEAR_AHEAD]->sum + SUM_NEAR);
        if (k >= m->nears)
            continue;
        uint32_t ids[FOUR] = {0};
        feature_near(m->near[k], ids);
        fetch_all(n, ids, FEAT_NEAR, row, FEAT_NEAR, FEAT_NEAR);
    }
}

void crf_words(const struct ner *n, struct seq s, const uint16_t *at, size_t tokens)
{
    struct missing m;
    find_missing(s, at, tokens, &m);
    own_sums(n, &m);
    near_sums(n, &m);
}

/* ---- sums of one token */

/* The rows of a token's place, on their way. */
struct pending {
    size_t i;
    const int8_t *row[FEAT_PLACE_MAX];
};

static inline void fetch(const struct ner *n, struct seq s, size_t i, struct pending *p)
{
    uint32_t ids[FEAT_PLACE_ROOM];
    memset(ids + FEAT_PLACE_MIN, 0, sizeof ids - FEAT_PLACE_MIN * sizeof ids[0]);
    size_t count = feature_place(s, i, ids);
    p->i = i;
    fetch_all(n, ids, count, p->row, FEAT_PLACE_MIN, FEAT_PLACE_MAX);
}

static inline void settle(const struct pending *p, struct emission *e)
{
    sum_all(p->row, FEAT_PLACE_MAX, v8i16_load(e[p->i].y), e[p->i].y);
}

void crf_emissions(const struct ner *n, struct seq s, const uint16_t *at, size_t count,
                   struct emission *e)
{
    enum { AHEAD = 8 };
    struct pending ring[AHEAD];
    for (size_t k = 0; k < count; k++) {
        if (k >= AHEAD)
            settle(&ring[k % AHEAD], e);
        fetch(n, s, at[k], &ring[k % AHEAD]);
    }
    for (size_t k = count < AHEAD ? 0 : count - AHEAD; k < count; k++)
        settle(&ring[k % AHEAD], e);
}
