/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a window for cue.c, a dozen for every number whose surroundings are asked: where
 * letters stand becomes a bitmap, its edges are the words, and a word of up to eight letters is
 * hashed as it stands. Most are not in the table, which a filter says without a branch; what stands
 * between two is looked at only where a sign is that says something. Windows with letters beyond
 * ASCII take a few words longer; those too long, with characters of four bytes or with what is none
 * go to cue_words_plain, which is the oracle, too, and reads all of them where the vectors this
 * needs are missing.
 */
#include "cue_int.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define RARE   __attribute__((noinline, cold))

enum { LANES = 32, HALF = 64, WINDOW_MAX = 2 * HALF - LANES, PAD = LANES, SHORT_MAX = 8 };

/* What stands where in one half of a window, bit i for its byte i. */
struct half {
    uint64_t letter, lower, high;
    uint64_t says;  /* cue_gap_read makes something of it */
    uint64_t joins; /* may make letters beside it part of a value, as does what is unknown */
    uint64_t starts, stops; /* where words begin, where none goes on */
    size_t first;           /* words that begin before */
};

/* A window as it is read. */
struct reading {
    struct span t;
    size_t at, size;  /* the window */
    const uint8_t *p; /* its bytes, PAD more behind */
    struct half half[2];
    uint8_t start[WORDS_MAX], end[WORDS_MAX];
    size_t n; /* words */
};

/* The signs, a bit for each row of ASCII they stand in: a byte is one when its two nibbles agree.
 */
enum {
    SAYS_CONTROL = 1,  /* tab, line break */
    SAYS_POINT = 2,    /* "!. */
    SAYS_MIDDLE = 4,   /* digits, colon, semicolon, <=>? */
    SAYS_SQUARE = 8,   /* [] */
    SAYS_CURLY = 16,   /* {|} */
    JOINS_MIDDLE = 32, /* digits, colon */
    JOINS_POINT = 64,  /* dash, apostrophe */
    SAYS = 31,
    JOINS = 96,
};
#define DIGIT (SAYS_MIDDLE | JOINS_MIDDLE)
static const uint8_t by_low[16] = {
    DIGIT,
    DIGIT | SAYS_POINT,
    DIGIT | SAYS_POINT,
    DIGIT,
    DIGIT,
    DIGIT,
    DIGIT,
    DIGIT | JOINS_POINT,
    DIGIT,
    DIGIT | SAYS_CONTROL,
    DIGIT | SAYS_CONTROL,
    SAYS_MIDDLE | SAYS_SQUARE | SAYS_CURLY,
    SAYS_MIDDLE | SAYS_CURLY,
    SAYS_MIDDLE | SAYS_SQUARE | SAYS_CURLY | JOINS_POINT,
    SAYS_MIDDLE | SAYS_POINT,
    SAYS_MIDDLE,
};
static const uint8_t by_high[16] = {
    SAYS_CONTROL, 0, SAYS_POINT | JOINS_POINT, DIGIT, 0, SAYS_SQUARE, 0, SAYS_CURLY, 0 /* .. */};

TARGET static inline uint64_t mask_of(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

TARGET static inline void classes_read(struct reading *r)
{
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)by_low));
    const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)by_high));
    const __m256i from_a = _mm256_set1_epi8((char)(0x80 - 'a')), fold = _mm256_set1_epi8(0x20);
    const __m256i past_z = _mm256_set1_epi8((char)(0x80 + 26)), zero = _mm256_setzero_si256();
    const __m256i says = _mm256_set1_epi8(SAYS), joins = _mm256_set1_epi8(JOINS);
    memset(r->half, 0, sizeof r->half);
    for (size_t i = 0; i <= r->size; i += LANES) {
        struct half *h = &r->half[i / HALF];
        uint64_t all = UINT32_MAX, in = _bzhi_u64(all, (unsigned)(r->size - i));
        __m256i v = _mm256_loadu_si256((const void *)(r->p + i));
        __m256i from = _mm256_add_epi8(_mm256_or_si256(v, fold), from_a);
        __m256i nibble = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
        __m256i sign =
            _mm256_and_si256(_mm256_shuffle_epi8(low, v), _mm256_shuffle_epi8(high, nibble));
        uint64_t letter = mask_of(_mm256_cmpgt_epi8(past_z, from)) & in;
        uint64_t joined = mask_of(_mm256_cmpgt_epi8(_mm256_and_si256(sign, joins), zero));
        h->letter |= letter << i % HALF;
        h->lower |= (letter & mask_of(_mm256_slli_epi16(v, 2))) << i % HALF;
        h->high |= (mask_of(v) & in) << i % HALF;
        h->says |= (mask_of(_mm256_cmpgt_epi8(_mm256_and_si256(sign, says), zero)) & in)
                   << i % HALF;
        h->joins |= (joined | (in ^ all)) << i % HALF;
    }
}

/* Is the character of three bytes at p a letter? Those of U+2000 to U+3004 are signs. */
static inline bool is_wide_letter(const uint8_t *p)
{
    bool sign = p[0] == 0xE2 || (p[0] == 0xE3 && p[1] == 0x80 && p[2] < 0x85);
    return !sign && !(p[0] == 0xEF && p[1] == 0xBF && p[2] == 0xBD);
}

/* The width of the character beyond ASCII at `i`, which *letter says is one; 0 where more has to be
 * known of it. */
static size_t wide_read(const struct reading *r, size_t i, bool *letter)
{
    const uint8_t *p = r->p + i;
    size_t width = p[0] < 0xE0 ? 2 : 3;
    if (p[0] < 0xC2 || p[0] > 0xEF || i + width > r->size)
        return 0;
    for (size_t k = 1; k < width; k++)
        if ((p[k] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
        return 0; /* no character */
    if (p[0] == 0xC2)
        *letter = p[1] == 0xAA || p[1] == 0xBA;
    else if (width == 2)
        *letter = !(p[0] == 0xC3 && (p[1] == 0x97 || p[1] == 0xB7));
    else
        *letter = is_wide_letter(p);
    return p[0] == 0xE2 && p[1] == 0x98 ? 0 : width; /* U+2600: telephones are letters */
}

/* Adds the letters beyond ASCII; false where cue_words_plain has to read the window. */
TARGET RARE static bool wide_letters(struct reading *r)
{
    const uint8_t *p = r->p;
    if (p[r->size - 1] == '"' && is(peek(r->t, r->at + r->size), C_HIGH))
        return false; /* of an abbreviation in Hebrew, perhaps */
    for (size_t i = 0, width; i < r->size; i += width) {
        bool letter = false;
        uint64_t left = r->half[i / HALF].high >> i % HALF;
        width = left ? _tzcnt_u64(left) : HALF - i % HALF;
        if (width)
            continue; /* to the next one */
        width = wide_read(r, i, &letter);
        if (!width || (i > 1 && p[i - 1] == '"' && p[i - 2] >= 0x80) ||
            (i > 1 && p[i - 1] == 's' && p[i - 2] == '\''))
            return false;
        for (size_t k = i; letter && k < i + width; k++)
            r->half[k / HALF].letter |= (uint64_t)1 << k % HALF;
    }
    return true;
}

/* Looks up the words with such letters: *looked is a bit for each, w->known for those in the table;
 * false where cue_words_plain has to read the window. */
TARGET RARE static bool wide_words(const struct cue_index *x, const struct reading *r,
                                   struct words *w, uint64_t *looked)
{
    for (size_t i = 0; i < 2 * HALF; i++) {
        const struct half *h = &r->half[i / HALF];
        uint64_t left = (h->high & h->letter) >> i % HALF;
        if (!left) {
            i |= HALF - 1;
            continue;
        }
        i += _tzcnt_u64(left);
        size_t k = h->first + (size_t)_mm_popcnt_u64(h->starts << (HALF - 1 - i % HALF)) - 1;
        if (k >= WORDS_MAX) /* never: edges_find counted them. gcc's sanitizers do not see it */
            return false;
        size_t from = r->at + r->start[k], to = r->at + r->end[k];
        struct word *word = &w->v[k];
        if (cue_look(x, r->t, from, r->at + r->size, word) != to || !word->hash)
            return false;
        *looked |= (uint64_t)1 << k;
        w->known |= (uint64_t)(word->slot->n || word->slot->tail) << k;
        i = r->end[k];
    }
    return true;
}

/* Where words begin (lowerUpper are two), and where they stop. */
TARGET static inline void edges_find(struct reading *r)
{
    uint64_t letter = 0, lower = 0;
    r->n = 0;
    for (size_t k = 0; k < 2; k++) {
        struct half *h = &r->half[k];
        uint64_t split = h->letter & ~(h->lower | h->high) & (h->lower << 1 | lower);
        h->stops = ~h->letter | split;
        h->starts = h->letter & (~(h->letter << 1 | letter) | split);
        h->first = r->n;
        r->n += (size_t)_mm_popcnt_u64(h->starts);
        letter = h->letter >> 63;
        lower = h->lower >> 63;
    }
}

/* Hash the words as if all were short; returns a bit for each that may be in the table. */
TARGET static inline uint64_t words_hash(const struct cue_index *x, struct reading *r,
                                         struct word *w)
{
    uint64_t may = 0;
    size_t k = 0;
    for (size_t half = 0; half < 2; half++) {
        const struct half *h = &r->half[half];
        for (uint64_t left = h->starts; left; left = _blsr_u64(left), k++) {
            size_t i = _tzcnt_u64(left), at = half * HALF + i;
            uint64_t stop = h->stops >> i >> 1;
            size_t n = stop ? _tzcnt_u64(stop) + 1 : HALF - i + _tzcnt_u64(h[1].stops);
            uint64_t v = load8(r->p + at) | 0x2020202020202020U;
            v <<= 64 - 8 * (n < SHORT_MAX ? n : SHORT_MAX);
            uint64_t hash = hash_mix(n ^ v);
            r->start[k] = (uint8_t)at;
            r->end[k] = (uint8_t)(at + n);
            w[k] = (struct word){.hash = hash, .slot = &x->none};
            may |= (uint64_t)((unsigned)in_filter(x, hash) | (n > SHORT_MAX) | may_have_stem(v))
                   << k;
        }
    }
    return may;
}

/* hash_piece of n letters, more than SHORT_MAX, at most twice as many. */
static inline uint64_t long_hash(const uint8_t *p, size_t n)
{
    uint64_t v = load8(p) | 0x2020202020202020U, more = load8(p + 8) | 0x2020202020202020U;
    return hash_mix(hash_mix(n ^ v) ^ more << (16 * SHORT_MAX - 8 * n));
}

/* What the table has of word k, which was hashed as if it were short. */
static inline void word_look(const struct cue_index *x, const struct reading *r, size_t k,
                             struct word *w)
{
    size_t at = r->start[k], n = r->end[k] - at;
    if (n <= 2 * SHORT_MAX) {
        if (n > SHORT_MAX)
            w->hash = long_hash(r->p + at, n);
        w->slot = slot_of(x, w->hash);
        if (w->slot->n || w->slot->tail || !cue_may_have_stem(x, w->hash, r->p + at, n))
            return;
    }
    cue_word_hash(x, r->t, r->at + at, r->at + at + n, &w->hash);
    w->slot = slot_of(x, w->hash);
}

/* May it make letters behind it part of a value? */
static inline bool joins_letters(uint8_t c)
{
    return is(c, C_DIGIT) || c == '-' || c == ':' || c == '\'';
}

/* The letters [at, end) are no word; `from` is the window's start. */
static __attribute__((noinline)) bool no_word(struct span t, size_t from, size_t at, size_t end)
{
    bool genitive = at > from && t.p[at - 1] == '\'' && end - at == 1 && t.p[at] == 's' &&
                    !is(peek(t, at + 1), C_LETTER);
    bool apart = at && t.p[at - 1] == ' ' && end - at != 2;
    return genitive || (!apart && cue_own_letters(t, at, end));
}

/* The bits of what is a word. What is none stands behind what joins, or is two letters before it.
 */
TARGET static inline uint64_t words_kept(const struct reading *r)
{
    uint64_t kept = ((uint64_t)1 << r->n) - 1, before = r->at && joins_letters(r->t.p[r->at - 1]);
    for (size_t half = 0; half < 2; half++) {
        const struct half *h = &r->half[half];
        uint64_t two = (~(h->stops >> 1) & (h->stops & h->joins) >> 2) | (uint64_t)3 << (HALF - 2);
        for (uint64_t left = h->starts & (two | h->joins << 1 | before); left;
             left = _blsr_u64(left)) {
            size_t k = h->first + (size_t)_mm_popcnt_u64(h->starts & _blsmsk_u64(left)) - 1;
            if (no_word(r->t, r->at, r->at + r->start[k], r->at + r->end[k]))
                kept &= ~((uint64_t)1 << k);
        }
        before = h->joins >> (HALF - 1);
    }
    return kept;
}

/* Signs that say something are looked at with all of the gap they stand in. */
TARGET static inline void gaps_read(const struct reading *r, uint64_t kept, struct words *w)
{
    w->line = w->far = w->stop = 0;
    for (size_t half = 0; half < 2; half++) {
        const struct half *h = &r->half[half];
        for (uint64_t left = h->says; left;) {
            size_t k = h->first + (size_t)_mm_popcnt_u64(h->starts & _blsmsk_u64(left));
            uint64_t before = _bzhi_u64(kept, (unsigned)k), behind = kept ^ before;
            size_t to = behind ? r->start[_tzcnt_u64(behind)] : r->size;
            left &= to < (half + 1) * HALF ? ~(uint64_t)0 << to % HALF : 0;
            if (!before)
                continue;
            k = 63 - (size_t)__builtin_clzll(before);
            cue_gap_read(r->t, r->at + r->end[k], r->at + to, &w->v[k]);
            unsigned bar = w->v[k].barrier;
            w->line |= (uint64_t)((bar & BAR_LINE) != 0) << k;
            w->far |= (uint64_t)((bar & (BAR_NUMBER | BAR_SENTENCE)) != 0) << k;
            w->stop |= (uint64_t)(bar != 0) << k;
        }
    }
}

/* Leave out the words that are none. */
TARGET RARE static void words_drop(uint64_t kept, struct words *w)
{
    w->n = 0;
    for (uint64_t left = kept; left; left &= left - 1)
        w->v[w->n++] = w->v[_tzcnt_u64(left)];
    w->known = _pext_u64(w->known, kept);
    w->line = _pext_u64(w->line, kept);
    w->far = _pext_u64(w->far, kept);
    w->stop = _pext_u64(w->stop, kept);
}

/* The window's bytes, in `copy` where the text ends too early; false when it is too long. */
static inline bool reading_begin(struct reading *r, uint8_t copy[WINDOW_MAX + PAD])
{
    r->p = r->t.p + r->at;
    if (r->size > WINDOW_MAX)
        return false;
    if (r->t.n - r->at < r->size + PAD) {
        memset(copy, 0, WINDOW_MAX + PAD);
        if (r->t.n > r->at)
            memcpy(copy, r->p, r->t.n - r->at);
        r->p = copy;
    }
    return true;
}

/* False when cue_words_plain has to. */
TARGET static bool window_read(const struct cue_index *x, struct span t, size_t at, size_t end,
                               struct words *w)
{
    uint8_t copy[WINDOW_MAX + PAD];
    struct reading r;
    uint64_t looked = 0;
    r.t = t;
    r.at = at;
    r.size = end - at;
    if (!reading_begin(&r, copy))
        return false;
    classes_read(&r);
    bool high = r.half[0].high | r.half[1].high;
    if (high && !wide_letters(&r))
        return false;
    edges_find(&r);
    if (r.n > WORDS_MAX)
        return false;
    uint64_t may = words_hash(x, &r, w->v);
    w->known = 0;
    if (high && !wide_words(x, &r, w, &looked))
        return false;
    for (uint64_t left = may & ~looked; left; left = _blsr_u64(left)) {
        size_t k = _tzcnt_u64(left);
        word_look(x, &r, k, &w->v[k]);
        w->known |= (uint64_t)(w->v[k].slot->n || w->v[k].slot->tail) << k;
    }
    uint64_t kept = words_kept(&r);
    bool all = kept == ((uint64_t)1 << r.n) - 1;
    if (looked & ~kept)
        return false; /* cue_gap_read takes such letters for signs */
    gaps_read(&r, kept, w);
    w->n = r.n;
    if (!all)
        words_drop(kept, w);
    return true;
}

bool cue_has_vectors(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}
#else
static bool window_read(const struct cue_index *x, struct span t, size_t at, size_t end,
                        struct words *w)
{
    (void)x, (void)t, (void)at, (void)end, (void)w;
    return false;
}

bool cue_has_vectors(void)
{
    return false;
}
#endif

void cue_words_read(const struct cue_index *x, struct span t, size_t at, size_t end,
                    struct words *w)
{
    if (!x->vectors || !window_read(x, t, at, end, w))
        cue_words_plain(x, t, at, end, w);
}
