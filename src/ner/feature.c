/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature numbers. A feature is a template number with one or two values, hashed to 32 bits; the
 * value chooses the row of weights. Templates with values of one word only are summed once per
 * word (struct word.sum); the others depend on the place.
 *
 * Rows lie eight to a cache line, which a number's upper bits choose; the low three choose the row
 * in it. What one value of a word tells at several places (itself, beside each neighbour, first of
 * a line or not) is one line, so that it is one hash and one wait for memory:
 *
 *   row    0         1-4                         5-7
 *   id     own       seen from a neighbour       position in the line
 *   exact  own       case of the line            position in the line
 *   coarse own       seen from a neighbour
 *
 * Changing anything here changes what the rows mean: NER_FORMAT rises and the weights are trained
 * again.
 */
#include "ner_int.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define TEMPLATE_FACTOR 0x9e3779b97f4a7c15ULL
#define MIX_FACTOR      0x9fb21c651e98df25ULL

static inline uint32_t mix(uint32_t tpl, uint32_t a, uint32_t b)
{
    uint64_t v = ((uint64_t)a << 32 | b) ^ tpl * TEMPLATE_FACTOR;
    unsigned __int128 h = (unsigned __int128)v * MIX_FACTOR;
    return (uint32_t)(((uint64_t)(h >> 64) ^ (uint64_t)h) >> 32);
}

static uint32_t line(uint32_t tpl, uint32_t a)
{
    return mix(tpl, a, 0) & ~(ROWS_A_LINE - 1U);
}

enum { ROW_OWN = 0, ROW_NEAR = 1, ROW_CASE = 1, ROW_POS = 5 };

static void lists(struct word *w)
{
    if (w->kind == WORD_SIGN) {
        w->exact = w->coarse = 0x10000U + w->shape;
        return;
    }
    const struct gaz g = w->gaz;
    static const uint8_t three[] = {0, 1, 2, 2}, of_common[] = {0, 1, 1, 2, 2, 0, 0, 0},
                         of_city[] = {0, 1, 1, 2, 2, 2, 2, 2};
    uint32_t v = (uint32_t)(g.first + 1) / 2;
    v = v * 3 + three[g.last & 3];
    v = v * 3 + of_common[g.common & 7];
    v = v * 3 + of_city[g.city & 7];
    v = v * LEX_COUNT + g.lex;
    w->exact = gaz_pack(g) << 4 | w->cap;
    w->coarse = v << 4 | w->cap;
}

void feature_lists(struct word *w)
{
    lists(w);
    w->form = w->sign ? 0x100U + w->shape : w->cap; /* a sign is what it is, all else its case */
    w->id_line = line(2, w->id);
    w->exact_line = line(5, w->exact);
    w->coarse_line = line(14, w->coarse);
}

static size_t word_own(const struct word *w, uint32_t *out)
{
    size_t n = 0;
    const struct gaz g = w->gaz;
    out[n++] = mix(1, 0, 0);
    out[n++] = w->id_line + ROW_OWN;
    out[n++] = mix(4, w->shape, w->cap);
    out[n++] = w->exact_line + ROW_OWN;
    if (w->kind != WORD_LETTERS)
        return n;
    for (unsigned k = 0; k < AFFIXES; k++) { /* how many cannot be guessed */
        out[n] = mix(6 + k, w->aff[k], w->cap);
        n += w->aff[k] != 0;
    }
    out[n++] = w->coarse_line + ROW_OWN;
    out[n++] = mix(15, (uint32_t)g.first << 4 | w->cap, g.common);
    out[n++] = mix(16, (uint32_t)g.last << 4 | w->cap, g.common);
    out[n++] = mix(17, (uint32_t)g.city << 4 | w->cap, g.common);
    out[n++] = mix(18, (uint32_t)g.lex << 4 | w->cap, 0);
    out[n++] = mix(19, (uint32_t)(g.first << 4 | g.last), w->shape);
    return n;
}

void feature_near(const struct word *w, uint32_t out[FEAT_NEAR])
{
    out[0] = w->id_line + ROW_NEAR;
    out[1] = w->coarse_line + ROW_NEAR;
}

size_t feature_word(const struct word *w, unsigned slot, uint32_t *out)
{
    if (slot == SLOT_OWN)
        return word_own(w, out);
    feature_near(w, out);
    for (unsigned k = 0; k < FEAT_NEAR; k++)
        out[k] += word_slot(slot) - 1;
    return FEAT_NEAR;
}

unsigned feature_own(const struct word *w, uint32_t out[FEAT_OWN_MAX])
{
    memset(out, 0, sizeof(uint32_t[FEAT_OWN_MAX]));
    return FEAT_OWN_MAX - (unsigned)word_own(w, out);
}

/* ---- features of the place */

/* What is hashed with each template, eight side by side. */
#define TEMPLATES(T)                                                                               \
    T(64), T(65), T(66), T(67), T(68), T(69), T(72), T(73), T(75), T(79), T(80), T(95), T(98),     \
        T(100), T(111), T(112)
#define NUMBER(t) (t)
static const uint8_t templates[FEAT_HASHED] = {TEMPLATES(NUMBER)};
enum { PLACE_KEY = 12, PLACE_RUN = 14, CASE_BITS = 8 /* of a line, in a value with the place */ };

static inline void put(struct place_values *v, unsigned k, uint32_t a, uint32_t b)
{
    v->a[k] = a;
    v->b[k] = b;
}

/* The nearest letters or digits left of token i and right of it, within three tokens. */
static inline const struct word *nearest_left(const struct seq *s, size_t i)
{
    uint32_t looks = four_bytes(s->marks->looks + BYTES_FRONT + i - 4);
    return s->v[i - 1 - (unsigned)__builtin_clz((looks & 0x80808000U) | 0x80U) / 8].w;
}

static inline const struct word *nearest_right(const struct seq *s, size_t i)
{
    uint32_t looks = four_bytes(s->marks->looks + BYTES_FRONT + i + 1);
    return s->v[i + 1 + (unsigned)__builtin_ctz((looks & 0x808080U) | 0x80000000U) / 8].w;
}

/* The features with few values: the line's and the word's letter case, a number below CASES; and
 * from there on the blanks on both sides and the word's form. */
enum { BLANKS = 3, FORMS = 0x180, CASE_CAPS = 16, CASES = 4 * CASE_CAPS };
_Static_assert(CASES + BLANKS * BLANKS * FORMS == FEAT_FEW, "all of them");

uint32_t feature_few(unsigned few)
{
    if (few < CASES)
        return mix(90, few / CASE_CAPS, few % CASE_CAPS);
    few -= CASES;
    return mix(70, few / FORMS / BLANKS, few / FORMS % BLANKS << 16 | few % FORMS);
}

/* None, one, or more blanks before the token. */
static inline uint32_t blanks(const struct tok *t)
{
    uint32_t n = t->start - t[-1].end;
    return n > BLANKS - 1 ? BLANKS - 1 : n;
}

static inline unsigned spacing(const struct tok *t)
{
    return CASES + (blanks(t) * BLANKS + blanks(t + 1)) * FORMS + t->w->form;
}

static inline void place_words(const struct seq *s, size_t i, struct place_values *v)
{
    const struct tok *t = &s->v[i];
    const struct word *l2 = t[-2].w, *l = t[-1].w, *w = t->w, *r = t[1].w, *r2 = t[2].w;
    uint32_t gw = w->exact, cw = w->coarse;
    put(v, 0, l->id, w->id);
    put(v, 1, w->id, r->id);
    put(v, 2, l->id, r->id);
    put(v, 3, l2->id, l->id);
    put(v, 4, r->id, r2->id);
    put(v, 5, l->form << 16 | w->form, r->form);
    put(v, 6, l->coarse, gw);
    put(v, 7, gw, r->coarse);
    put(v, 8, l->id, cw);
    put(v, 9, nearest_left(s, i)->id, cw);
    put(v, 10, nearest_right(s, i)->id, cw);
}

/* The run of name-like words: what follows it, what ends it, and where in it we are. */
static inline void place_run(const struct seq *s, size_t i, struct place_values *v)
{
    enum { MOST = 6 };
    const struct tok *t = &s->v[i];
    uint32_t len = (uint32_t)(t->run_to - t->run_from), at = (uint32_t)i - t->run_from;
    uint32_t where = (len > MOST ? MOST : len) << 3 | (at > MOST ? MOST : at);
    put(v, PLACE_RUN, s->v[t->run_to].w->id, where);
    put(v, PLACE_RUN + 1, s->v[t->run_to - 1].w->id, where);
}

/* What may be missing: bits of place_values.there. */
enum { THERE_KEY = 1, THERE_RUN = 2, THERE_ALL = 3 };

static inline uint32_t places_there(const struct tok *t)
{
    return (t->key_at != 0) * (uint32_t)THERE_KEY | (t->run_to != 0) * (uint32_t)THERE_RUN;
}

void feature_values(const struct seq *s, size_t i, struct place_values *v)
{
    const struct tok *t = &s->v[i];
    const struct word *w = t->w;
    const struct key_words key = context_key(s, i);
    unsigned line_case = s->line_case[t->line], pos = context_pos(s, i);
    place_words(s, i, v);
    put(v, PLACE_KEY - 1, pos << CASE_BITS | line_case, w->coarse);
    put(v, PLACE_KEY, key.one, key.far << 8 | t->cap);
    put(v, PLACE_KEY + 1, key.two, w->coarse);
    place_run(s, i, v);
    v->known[KNOWN_CASE_ID] = mix(92, line_case, w->id);
    v->known[KNOWN_CASE] = w->exact_line + ROW_CASE + line_case;
    v->known[KNOWN_ID_POS] = w->id_line + ROW_POS + pos;
    v->known[KNOWN_POS] = w->exact_line + ROW_POS + pos;
    v->few[0] = (uint16_t)(line_case * CASE_CAPS + w->cap);
    v->few[1] = (uint16_t)spacing(t);
    v->there = places_there(t);
}

/* Of the last eight numbers those that stay, by what is there. */
enum { LAST = FEAT_HASHED - 8 };
#define ONES(there) (0U - (uint32_t)((there) != 0))
#define KEEP(t)                                                                                    \
    {                                                                                              \
        ONES(1), ONES(1), ONES(1), ONES(1), ONES((t)&THERE_KEY), ONES((t)&THERE_KEY),              \
            ONES((t)&THERE_RUN), ONES((t)&THERE_RUN)                                               \
    }
static const uint32_t keep[THERE_ALL + 1][8] = {KEEP(0), KEEP(1), KEEP(2), KEEP(3)};

static inline void hash_plain(const struct place_values *v, uint32_t id[FEAT_HASHED])
{
#pragma GCC unroll 16
    for (unsigned k = 0; k < FEAT_HASHED; k++)
        id[k] = mix(templates[k], v->a[k], v->b[k]);
    for (unsigned k = LAST; k < FEAT_HASHED; k++)
        id[k] &= keep[v->there][k - LAST];
}

/* What needs no hash. */
static inline void known_ids(const struct place_values *v, struct place_ids *out)
{
    static const uint8_t missing[THERE_ALL + 1] = {4, 2, 2, 0};
    memcpy(out->id + FEAT_HASHED, v->known, sizeof v->known);
    out->missing = missing[v->there];
}

void feature_ids(const struct place_values *v, struct place_ids *out)
{
    hash_plain(v, out->id);
    known_ids(v, out);
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

/* mix of the four values whose upper and lower 32 bits are the lower halves of the lanes of a and
 * b, from four products of 32 bits: in the upper halves of *high exclusive or the lower of *low. No
 * sum is too large for its lane. */
AVX2 void mix_four(__m256i a, __m256i b, __m256i *high, __m256i *low)
{
    const __m256i c0 = _mm256_set1_epi64x((int64_t)(MIX_FACTOR & UINT32_MAX));
    const __m256i c1 = _mm256_set1_epi64x((int64_t)(MIX_FACTOR >> 32));
    const __m256i half = _mm256_set1_epi64x(UINT32_MAX);
    __m256i bc0 = _mm256_mul_epu32(b, c0), bc1 = _mm256_mul_epu32(b, c1);
    __m256i ac0 = _mm256_mul_epu32(a, c0), ac1 = _mm256_mul_epu32(a, c1);
    __m256i one = _mm256_add_epi64(ac0, _mm256_srli_epi64(bc0, 32));
    __m256i two = _mm256_add_epi64(bc1, _mm256_and_si256(one, half));
    *low = two;
    *high = _mm256_add_epi64(
        ac1, _mm256_add_epi64(_mm256_srli_epi64(one, 32), _mm256_srli_epi64(two, 32)));
}

AVX2 __m256i load_eight(const uint32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* mix of eight values, their templates' factors being `upper` and `lower`. */
AVX2 __m256i mix_eight(__m256i a, __m256i b, const uint32_t upper[8], const uint32_t lower[8])
{
    enum { ODD = 0xaa };
    __m256i high, low, odd_high, odd_low;
    a = _mm256_xor_si256(a, load_eight(upper));
    b = _mm256_xor_si256(b, load_eight(lower));
    mix_four(a, b, &high, &low);
    mix_four(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32), &odd_high, &odd_low);
    high = _mm256_blend_epi32(_mm256_srli_epi64(high, 32), odd_high, ODD);
    low = _mm256_blend_epi32(low, _mm256_slli_epi64(odd_low, 32), ODD);
    return _mm256_xor_si256(high, low);
}

#define UPPER(t) (uint32_t)((t)*TEMPLATE_FACTOR >> 32)
#define LOWER(t) (uint32_t)((t)*TEMPLATE_FACTOR)

AVX2 void hash_avx2(const struct place_values *v, uint32_t id[FEAT_HASHED])
{
    enum { EIGHT = 8 };
    static const uint32_t upper[] = {TEMPLATES(UPPER)}, lower[] = {TEMPLATES(LOWER)};
#pragma GCC unroll 2
    for (unsigned k = 0; k < FEAT_HASHED; k += EIGHT) {
        __m256i ids = mix_eight(load_eight(v->a + k), load_eight(v->b + k), upper + k, lower + k);
        if (k == LAST)
            ids = _mm256_and_si256(ids, load_eight(keep[v->there]));
        _mm256_storeu_si256((__m256i *)(void *)(id + k), ids);
    }
}

/* What is hashed with each template of the word itself: its affixes; its lists, in the order of
 * struct gaz, and its shape. The last two of each eight are known. */
#define AFFIX_TEMPLATES(T) T(6), T(7), T(8), T(9), T(10), T(11), T(0), T(0)
#define LIST_TEMPLATES(T)  T(15), T(16), T(4), T(17), T(18), T(19), T(0), T(0)

/* The affixes' numbers, 0 for those that are missing, of which `none` has a bit each, and behind
 * them the lines of id and lists, as they lie in the word. */
AVX2 __m256i own_affixes(const struct word *w, unsigned *none)
{
    enum { LINES_AT = offsetof(struct word, aff) + AFFIXES * sizeof(uint32_t) };
    _Static_assert(AFFIXES == 6 && offsetof(struct word, id_line) == LINES_AT &&
                       offsetof(struct word, exact_line) == LINES_AT + sizeof(uint32_t),
                   "one vector from `aff` on");
    enum { LINES = 0xc0, ALL = 0xff };
    static const uint32_t upper[] = {AFFIX_TEMPLATES(UPPER)}, lower[] = {AFFIX_TEMPLATES(LOWER)};
    __m256i v = load_eight(w->aff), gone = _mm256_cmpeq_epi32(v, _mm256_setzero_si256());
    __m256i ids = mix_eight(v, _mm256_set1_epi32(w->cap), upper, lower);
    *none = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(gone)) & (ALL ^ LINES);
    return _mm256_blend_epi32(_mm256_andnot_si256(gone, ids), v, LINES);
}

/* The others'. */
AVX2 __m256i own_lists(const struct word *w)
{
    enum { SHAPE = 1 << 2, LEX = 1 << 4, BOTH = 1 << 5, COARSE = 1 << 6, BIAS = 1 << 7 };
    _Static_assert(offsetof(struct gaz, last) == 1 && offsetof(struct gaz, common) == 2 &&
                       offsetof(struct gaz, city) == 3 && offsetof(struct gaz, lex) == 4,
                   "see the enum");
    static const uint32_t upper[] = {LIST_TEMPLATES(UPPER)}, lower[] = {LIST_TEMPLATES(LOWER)};
    const __m256i cap = _mm256_set1_epi32(w->cap), shape = _mm256_set1_epi32((int)w->shape);
    const __m256i both = _mm256_set1_epi32(w->gaz.first << 4 | w->gaz.last);
    __m256i v = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)&w->gaz));
    __m256i a = _mm256_or_si256(_mm256_slli_epi32(v, 4), cap);
    __m256i b = _mm256_set1_epi32(w->gaz.common);
    a = _mm256_blend_epi32(_mm256_blend_epi32(a, shape, SHAPE), both, BOTH);
    b = _mm256_blend_epi32(_mm256_blend_epi32(b, cap, SHAPE), shape, BOTH);
    b = _mm256_blend_epi32(b, _mm256_setzero_si256(), LEX);
    __m256i ids = mix_eight(a, b, upper, lower);
    ids = _mm256_blend_epi32(ids, _mm256_set1_epi32((int)w->coarse_line), COARSE);
    return _mm256_blend_epi32(ids, _mm256_set1_epi32((int)mix(1, 0, 0)), BIAS);
}

__attribute__((target("avx2"))) unsigned feature_own_avx2(const struct word *w,
                                                          uint32_t out[FEAT_OWN_MAX])
{
    enum { OF_LETTERS = 6 /* of the others */ };
    static const uint32_t kept[][8] = {{0, 0, ~0U, 0, 0, 0, 0, ~0U},
                                       {~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U}};
    bool letters = w->kind == WORD_LETTERS;
    unsigned none;
    __m256i front = own_affixes(w, &none);
    __m256i back = _mm256_and_si256(own_lists(w), load_eight(kept[letters]));
    _mm256_storeu_si256((__m256i *)(void *)out, front);
    _mm256_storeu_si256((__m256i *)(void *)(out + 8), back);
    return (unsigned)__builtin_popcount(none) + (letters ? 0 : OF_LETTERS);
}

__attribute__((target("avx2"))) void feature_ids_avx2(const struct place_values *v,
                                                      struct place_ids *out)
{
    hash_avx2(v, out->id);
    known_ids(v, out);
}
#endif

size_t feature_place(struct seq s, size_t i, uint32_t out[FEAT_PLACE_MAX])
{
    struct place_values v;
    struct place_ids p;
    feature_values(&s, i, &v);
    feature_ids(&v, &p);
    const uint32_t *id = p.id, *known = v.known;
    uint32_t code = mix(102, s.v[i].cap, 0);
    bool has_key = v.there & THERE_KEY, has_run = v.there & THERE_RUN;
    bool is_code = s.v[i].flags & TOKEN_CODE;
    const struct {
        uint32_t id;
        bool there;
    } all[FEAT_PLACE_MAX] = {
        {id[0], true},
        {id[1], true},
        {id[2], true},
        {id[3], true},
        {id[4], true},
        {id[5], true},
        {feature_few(v.few[1]), true},
        {id[6], true},
        {id[7], true},
        {id[8], true},
        {id[9], true},
        {id[10], true},
        {feature_few(v.few[0]), true},
        {known[KNOWN_CASE], true},
        {known[KNOWN_CASE_ID], true},
        {known[KNOWN_POS], true},
        {known[KNOWN_ID_POS], true},
        {id[11], true},
        {id[12], has_key},
        {id[13], has_key},
        {code, is_code},
        {id[14], has_run},
        {id[15], has_run},
    };
    size_t n = 0;
    for (unsigned k = 0; k < FEAT_PLACE_MAX; k++)
        if (all[k].there)
            out[n++] = all[k].id;
    return n;
}
