/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the weights say of each token: the sums of its rows. Sums are integers, so every CPU gives
 * the same. A row is eight int8 and the sum eight int16, one 128-bit vector. Called for the tokens
 * that window.c lets through; what words alone decide is summed once and kept with them.
 */
#include "model_int.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS __attribute__((always_inline)) static inline

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

/* Where the rows of feature numbers begin. Always as many, those that are missing with the number
 * 0: a loop of one length costs less than its end guessed wrong. */
ALWAYS void locate(const struct ner *n, const uint32_t *ids, uint32_t *at, size_t rows)
{
#pragma GCC unroll 8
    for (size_t k = 0; k < rows; k += FOUR)
        rows_at(n, ids + k, at + k);
}

ALWAYS void fetch(const struct ner *n, const uint32_t *at, size_t rows)
{
#pragma GCC unroll 32
    for (size_t k = 0; k < rows; k++)
        __builtin_prefetch(n->rows + at[k]);
}

/* Rows on their way into the cache. */
struct pending {
    uint32_t at[FEAT_FETCHED];
    size_t missing;
};

/* The sum of its rows and `sum`; the row of each number that is missing goes again. */
ALWAYS v8i16 sum_fetched(const struct ner *n, const struct pending *p, size_t rows, v8i16 sum)
{
#pragma GCC unroll 32
    for (size_t k = 0; k < rows; k++)
        sum += wide_row(n->rows + p->at[k]);
    return sum - wide_row(n->rows) * (int16_t)p->missing;
}

typedef void ids_fn(const struct place_values *, struct place_ids *);
typedef unsigned own_fn(const struct word *, uint32_t *);
typedef void locate_fn(const struct ner *, const uint32_t *, uint32_t *, size_t);
typedef v8i16 fetched_fn(const struct ner *, const struct pending *, size_t, v8i16);

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

/* rows_at, eight at a time, four at the end. */
AVX2 void locate_avx2(const struct ner *n, const uint32_t *ids, uint32_t *at, size_t rows)
{
    enum { EIGHT = 8, ODD = 0xaa };
    const __m256i lines = _mm256_set1_epi32((int)(n->row_count / ROWS_A_LINE));
    const __m256i low = _mm256_set1_epi32(ROWS_A_LINE - 1), line = _mm256_set1_epi32(~63);
    size_t k = 0;
#pragma GCC unroll 4
    for (; k + EIGHT <= rows; k += EIGHT) {
        __m256i id = _mm256_loadu_si256((const __m256i *)(const void *)(ids + k));
        __m256i even = _mm256_mul_epu32(_mm256_srli_epi32(id, 3), lines);
        __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(id, 35), lines);
        __m256i both = _mm256_blend_epi32(_mm256_srli_epi64(even, 23),
                                          _mm256_slli_epi64(_mm256_srli_epi64(odd, 23), 32), ODD);
        __m256i row = _mm256_slli_epi32(_mm256_and_si256(id, low), 3);
        both = _mm256_or_si256(_mm256_and_si256(both, line), row);
        _mm256_storeu_si256((__m256i *)(void *)(at + k), both);
    }
    if (k < rows)
        rows_at(n, ids + k, at + k);
}

AVX2 v8i16 wide_avx2(const int8_t *row)
{
    return (v8i16)_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)row));
}

AVX2 v8i16 sum_avx2(const struct ner *n, const struct pending *p, size_t rows, v8i16 sum)
{
#pragma GCC unroll 32
    for (size_t k = 0; k < rows; k++)
        sum += wide_avx2(n->rows + p->at[k]);
    return sum - wide_avx2(n->rows) * (int16_t)p->missing;
}
#endif

/* ---- sums that are kept with the words */

static void word_sums(const struct ner *n, struct word *w, uint8_t want, sum_fn *sum)
{
    uint32_t ids[FEAT_OWN_MAX];
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        if (want & ~w->summed & (slot == SLOT_OWN ? SUMMED_OWN : SUMMED_NEAR))
            sum(n, ids, feature_word(w, slot, ids), w->sum[word_slot(slot)]);
    w->summed |= want;
}

static void make_words(const struct ner *n, struct seq s, size_t i, sum_fn *sum)
{
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        word_sums(n, crf_neighbour(&s, i, slot), slot == SLOT_OWN ? SUMMED_OWN : SUMMED_NEAR, sum);
}

static inline void emission(const struct ner *n, struct seq s, size_t i, struct emission *out,
                            sum_fn *sum)
{
    uint32_t ids[FEAT_PLACE_MAX];
    size_t count = feature_place(s, i, ids);
    sum(n, ids, count, out->y);
    make_words(n, s, i, sum);
    struct emission words;
    crf_glance(n, &s, i, &words);
    v8i16 y = v8i16_load(out->y) + v8i16_load(words.y);
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

/* The words of the tokens at[0..tokens) whose own sums are missing, from then on marked as made.
 * Without a branch that could be guessed wrong: nearly all is there, but what is not comes at any
 * place. */
struct missing {
    size_t n;
    struct word *w[BLOCK_TOKENS];
};

static void find_missing(struct seq s, const uint16_t *at, size_t tokens, struct missing *m)
{
    m->n = 0;
    for (size_t k = 0; k < tokens; k++) {
        struct word *w = s.v[at[k]].w;
        m->w[m->n] = w;
        m->n += !(w->summed & SUMMED_OWN);
        w->summed |= SUMMED_OWN;
    }
}

/* Sums whose rows are on their way into the cache while others are made. */
enum { OWN_AHEAD = 8, PLACES_AHEAD = 6, NEAR_AHEAD = 16, RING = 8 };

ALWAYS void own_sums(const struct ner *n, const struct missing *m, own_fn *number, locate_fn *find,
                     fetched_fn *sum)
{
    struct pending ring[OWN_AHEAD];
    for (size_t k = 0; k < m->n + OWN_AHEAD; k++) {
        struct pending *p = &ring[k % OWN_AHEAD];
        size_t old = k - OWN_AHEAD; /* at first past all */
        if (old < m->n) {
            v8i16 own = sum(n, p, FEAT_OWN_MAX, (v8i16){0});
            memcpy(m->w[old]->sum[SUM_OWN], &own, sizeof own);
        }
        if (k >= m->n)
            continue;
        uint32_t ids[FEAT_OWN_MAX];
        p->missing = number(m->w[k], ids);
        find(n, ids, p->at, FEAT_OWN_MAX);
        fetch(n, p->at, FEAT_OWN_MAX);
    }
}

/* The four sums of a word for its neighbours, from rows that lie side by side. */
static inline void near_sum(const int8_t *a, const int8_t *b, int16_t out[][WIDTH])
{
    for (unsigned k = 0; k < WORD_SLOTS - 1; k++) {
        v8i16 sum = wide_row(a + WIDTH * k) + wide_row(b + WIDTH * k);
        memcpy(out[k], &sum, sizeof sum);
    }
}

typedef void near_fn(const int8_t *, const int8_t *, int16_t[][WIDTH]);

ALWAYS void near_sums(const struct ner *n, struct dict_entry *v, size_t count, near_fn *sum)
{
    uint32_t ring[NEAR_AHEAD][FOUR];
    for (size_t k = 0; k < count + NEAR_AHEAD; k++) {
        uint32_t *at = ring[k % NEAR_AHEAD], ids[FOUR] = {0};
        if (k >= NEAR_AHEAD && k - NEAR_AHEAD < count) {
            struct word *w = &v[k - NEAR_AHEAD].word;
            sum(n->rows + at[0], n->rows + at[1], w->sum + SUM_NEAR);
            w->summed |= SUMMED_NEAR;
        }
        if (k >= count)
            continue;
        feature_near(&v[k].word, ids);
        locate(n, ids, at, FOUR);
        fetch(n, at, FEAT_NEAR);
    }
}

#if defined(__x86_64__)
/* near_sum, two rows of each at a time. */
AVX2 void near_sum_avx2(const int8_t *a, const int8_t *b, int16_t out[][WIDTH])
{
    for (unsigned k = 0; k < WORD_SLOTS - 1; k += 2) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(a + WIDTH * k));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(b + WIDTH * k));
        _mm256_storeu_si256((__m256i *)(void *)out[k],
                            _mm256_add_epi16(_mm256_cvtepi8_epi16(x), _mm256_cvtepi8_epi16(y)));
    }
}

__attribute__((target("avx2"))) static void near_sums_avx2(const struct ner *n,
                                                           struct dict_entry *v, size_t count)
{
    near_sums(n, v, count, near_sum_avx2);
}

__attribute__((target("avx2"))) static void own_sums_avx2(const struct ner *n,
                                                          const struct missing *m)
{
    own_sums(n, m, feature_own_avx2, locate_avx2, sum_avx2);
}
#endif

void crf_new_words(const struct ner *n, struct dict *d, size_t from)
{
    size_t count;
    struct dict_entry *v = dict_since(d, from, &count);
    if (count == 0)
        return;
#if defined(__x86_64__)
    if (n->avx2)
        near_sums_avx2(n, v, count);
    else
#endif
        near_sums(n, v, count, near_sum);
}

void crf_words(const struct ner *n, struct seq s, const uint16_t *at, size_t tokens)
{
    struct missing m;
    find_missing(s, at, tokens, &m);
    if (m.n == 0)
        return;
#if defined(__x86_64__)
    if (n->avx2)
        own_sums_avx2(n, &m);
    else
#endif
        own_sums(n, &m, feature_own, locate, sum_fetched);
}

/* ---- sums of tokens */

/* Tokens at[0..count) whose emissions go to e. */
struct wanted {
    const uint16_t *at;
    size_t count;
    struct emission *e;
};

/* Where the rows of a place's numbers begin. */
ALWAYS const struct pending *locate_place(const struct ner *n, const struct place_ids *ids,
                                          struct pending *p, locate_fn *find)
{
    find(n, ids->id, p->at, FEAT_FETCHED);
    p->missing = ids->missing;
    return p;
}

ALWAYS void add_place(const struct ner *n, const struct pending *p, struct emission *e,
                      fetched_fn *sum)
{
    v8i16 y = sum(n, p, FEAT_FETCHED, v8i16_load(e->y));
    memcpy(e->y, &y, sizeof y);
}

/* The rows of the features with few values are always at hand. */
static inline void add_few(const struct ner *n, const struct place_values *v, struct emission *e)
{
    v8i16 y = v8i16_load(e->y) + wide_row(n->few[v->few[0]]) + wide_row(n->few[v->few[1]]);
    memcpy(e->y, &y, sizeof y);
}

/*
 * A token's values are gathered, then hashed, its rows found, fetched and, PLACES_AHEAD later,
 * summed; each while the one behind it is a step behind. Rows are fetched in three parts with work
 * between them: memory answers a steady trickle sooner than bursts.
 */
ALWAYS void emissions(const struct ner *n, const struct seq *s, struct wanted w, ids_fn *number,
                      locate_fn *find, fetched_fn *sum)
{
    enum { HASHED = 1, FOUND = 2, SUMMED = 3 + PLACES_AHEAD };
    enum { LINES = FEAT_FETCHED - 1 /* KNOWN_POS lies in another's */, PART = LINES / 3 };
    const struct pending *found = NULL; /* by the step before */
    struct place_values v[2];
    struct place_ids ids[2];
    struct pending ring[RING];
    for (size_t k = 0; k < w.count + SUMMED; k++) {
        const struct pending *p = found;
        size_t hash = k - HASHED, next = k - FOUND, old = k - SUMMED; /* at first past all */
        if (p)
            fetch(n, p->at, PART);
        if (k < w.count) {
            feature_values(s, w.at[k], &v[k % 2]);
            add_few(n, &v[k % 2], &w.e[w.at[k]]);
        }
        if (p)
            fetch(n, p->at + PART, PART);
        found = NULL;
        if (next < w.count)
            found = locate_place(n, &ids[next % 2], &ring[next % RING], find);
        if (hash < w.count)
            number(&v[hash % 2], &ids[hash % 2]);
        if (p)
            fetch(n, p->at + 2 * PART, LINES - 2 * PART);
        if (old < w.count)
            add_place(n, &ring[old % RING], &w.e[w.at[old]], sum);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void emissions_avx2(const struct ner *n, const struct seq *s,
                                                           struct wanted w)
{
    emissions(n, s, w, feature_ids_avx2, locate_avx2, sum_avx2);
}
#endif

void crf_emissions(const struct ner *n, struct seq s, const uint16_t *at, size_t count,
                   struct emission *e)
{
    struct wanted w = {at, count, e};
    if (count == 0)
        return;
#if defined(__x86_64__)
    if (n->avx2) {
        emissions_avx2(n, &s, w);
        return;
    }
#endif
    emissions(n, &s, w, feature_ids, locate, sum_fetched);
}
