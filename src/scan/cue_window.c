/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a window for cue.c, a couple of dozen for every number whose surroundings are asked:
 * where letters stand becomes a bitmap, its edges are the words, and a word of up to eight letters
 * is hashed as it stands. Most are not in the table, which a filter says without a branch; what
 * needs a closer look is marked and looked at afterwards. A window that holds more than ASCII, or
 * is too long, goes to cue_words_plain, which is the oracle too.
 */
#include "cue_int.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum { WINDOW_MAX = 112, PAD = 24, SHORT_MAX = 8 };
_Static_assert(WINDOW_MAX + 16 <= 128, "two bitmaps, and room for the end of the last word");

/* Bit i stands for byte i of the window. */
struct bits {
    uint64_t v[2];
};

/* What stands where. */
struct classes {
    struct bits letter, lower, space;
    bool high; /* some byte is not ASCII */
};

#if defined(__x86_64__)
/* The n bytes at p; 15 more are readable. */
static void classes_read(const uint8_t *p, size_t n, struct classes *c)
{
    const __m128i from_a = _mm_set1_epi8((char)(0x80 - 'a')), blank = _mm_set1_epi8(' ');
    const __m128i case_bit = _mm_set1_epi8(0x20), past_z = _mm_set1_epi8((char)(0x80 + 26));
    unsigned high = 0;
    *c = (struct classes){0};
    for (size_t i = 0; i < n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i low = _mm_add_epi8(_mm_or_si128(v, case_bit), from_a);
        uint64_t in = n - i < 16 ? (1U << (n - i)) - 1 : 0xFFFF;
        uint64_t letter = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(past_z, low)) & in;
        uint64_t lower = letter & (unsigned)_mm_movemask_epi8(_mm_slli_epi16(v, 2));
        uint64_t space = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, blank)) & in;
        high |= (unsigned)_mm_movemask_epi8(v) & (unsigned)in;
        c->letter.v[i / 64] |= letter << i % 64;
        c->lower.v[i / 64] |= lower << i % 64;
        c->space.v[i / 64] |= space << i % 64;
    }
    c->high = high != 0;
}
#else
/* No vectors here: cue_words_plain reads every window. */
static void classes_read(const uint8_t *p, size_t n, struct classes *c)
{
    (void)p;
    (void)n;
    *c = (struct classes){.high = true};
}
#endif

/* A window as it is read: where its words stand, and of the words, a bit each, what to look at. */
struct reading {
    struct span t;
    size_t at, size;  /* the window */
    const uint8_t *p; /* its bytes, PAD more behind */
    uint8_t start[WINDOW_MAX], end[WINDOW_MAX];
    size_t n;
    uint64_t known; /* may be in the table, or is no short word */
    uint64_t doubt; /* something else than a blank stands before or behind */
    uint64_t gap;   /* something else than one blank and a word follows */
};

/* Where the bits of b stand. */
static inline size_t places(struct bits b, uint8_t *out)
{
    size_t n = 0;
    for (size_t k = 0; k < 2; k++)
        for (uint64_t left = b.v[k]; left; left &= left - 1)
            out[n++] = (uint8_t)(64 * k + (size_t)__builtin_ctzll(left));
    return n;
}

/* A bit for each of the n places that is in b, in order. */
static inline uint64_t marked(struct bits b, const uint8_t *place, size_t n)
{
    uint64_t found = 0;
    for (size_t i = 0; i < n; i++)
        found |= (b.v[place[i] / 64] >> place[i] % 64 & 1) << i;
    return found;
}

/* Where words begin (lowerUpper are two), and where they end. */
static inline void edges(const struct classes *c, struct bits *starts, struct bits *ends)
{
    uint64_t letter = 0, lower = 0;
    for (size_t k = 0; k < 2; k++) {
        uint64_t l = c->letter.v[k], after = l << 1 | letter;
        uint64_t split = l & ~c->lower.v[k] & (c->lower.v[k] << 1 | lower);
        starts->v[k] = l & (~after | split);
        ends->v[k] = after & (~l | split);
        letter = l >> 63;
        lower = c->lower.v[k] >> 63;
    }
}

/* Bit i is what stands at i + 1. */
static inline struct bits next_of(struct bits b)
{
    return (struct bits){{b.v[0] >> 1 | b.v[1] << 63, b.v[1] >> 1}};
}

/* Find the words, and with `marks` which of them are doubtful and what gaps; false when
 * cue_words_plain has to. */
static bool edges_find(struct reading *r, bool marks)
{
    struct classes c;
    struct bits starts, ends, before = {{0, 0}}, behind = {{0, 0}};
    classes_read(r->p, r->size, &c);
    if (c.high)
        return false;
    edges(&c, &starts, &ends);
    if (marks) {
        struct bits next = next_of(starts);
        uint64_t space = 0;
        for (size_t k = 0; k < 2; k++) {
            behind.v[k] = ends.v[k] & ~(c.space.v[k] & next.v[k]);
            before.v[k] = starts.v[k] & ~(c.space.v[k] << 1 | space);
            space = c.space.v[k] >> 63;
        }
    }
    r->n = places(starts, r->start);
    if (r->n > WORDS_MAX)
        return false;
    places(ends, r->end);
    r->gap = marked(behind, r->end, r->n);
    r->doubt = r->gap | marked(before, r->start, r->n);
    return true;
}

/* Hash all words as if they were short. */
static void words_hash(const struct cue_index *x, struct reading *r, struct word *w)
{
    uint64_t known = 0;
    for (size_t k = 0; k < r->n; k++) {
        const uint8_t *p = r->p + r->start[k];
        size_t n = (size_t)r->end[k] - r->start[k], head = n < SHORT_MAX ? n : SHORT_MAX;
        uint64_t letters = load8(p) | 0x2020202020202020U;
        uint64_t h = hash_mix(n ^ letters << (64 - 8 * head));
        w[k] = (struct word){.hash = h, .slot = &x->none};
        known |= (uint64_t)((unsigned)in_filter(x, h) | (n > SHORT_MAX) | may_have_stem(p[n - 1]))
                 << k;
    }
    r->known = known;
}

static uint64_t known_find(const struct cue_index *x, const struct reading *r, struct word *w)
{
    uint64_t known = 0;
    for (uint64_t left = r->known; left; left &= left - 1) {
        size_t k = (size_t)__builtin_ctzll(left), n = (size_t)r->end[k] - r->start[k];
        w[k].slot = slot_of(x, w[k].hash);
        bool found = n <= SHORT_MAX && (w[k].slot->n || w[k].slot->tail);
        if (!found && (n > SHORT_MAX || cue_may_have_stem(x, w[k].hash, r->p + r->start[k], n)))
            cue_look(x, r->t, r->at + r->start[k], r->at + r->end[k], &w[k]);
        known |= w[k].slot->n || w[k].slot->tail ? (uint64_t)1 << k : 0;
    }
    return known;
}

/* The letters [at, end) are no word; `from` is the window's start. */
static bool no_word(struct span t, size_t from, size_t at, size_t end)
{
    uint8_t before = at ? t.p[at - 1] : 0;
    if (end - at != 2 && !is(before, C_DIGIT) && before != '-' && before != ':' && before != '\'')
        return false;
    bool genitive = at > from && t.p[at - 1] == '\'' && end - at == 1 && t.p[at] == 's' &&
                    !is(peek(t, at + 1), C_LETTER);
    bool apart = at && t.p[at - 1] == ' ' && end - at != 2;
    return genitive || (!apart && cue_own_letters(t, at, end));
}

/* The bits of what is a word. */
static uint64_t words_kept(const struct reading *r)
{
    uint64_t kept = ((uint64_t)1 << r->n) - 1;
    for (uint64_t left = r->doubt; left; left &= left - 1) {
        size_t k = (size_t)__builtin_ctzll(left);
        if (no_word(r->t, r->at, r->at + r->start[k], r->at + r->end[k]))
            kept &= ~((uint64_t)1 << k);
    }
    return kept;
}

static void gaps_read(const struct reading *r, uint64_t kept, struct words *w)
{
    w->line = w->far = w->stop = 0;
    for (uint64_t left = (r->gap | ~kept >> 1) & kept; left; left &= left - 1) {
        size_t k = (size_t)__builtin_ctzll(left);
        uint64_t bit = (uint64_t)1 << k, behind = kept & ~(2 * bit - 1);
        size_t to = behind ? r->start[__builtin_ctzll(behind)] : r->size;
        cue_gap_read(r->t, r->at + r->end[k], r->at + to, &w->v[k]);
        unsigned bar = w->v[k].barrier;
        w->line |= bar & BAR_LINE ? bit : 0;
        w->far |= bar & (BAR_NUMBER | BAR_SENTENCE) ? bit : 0;
        w->stop |= bar ? bit : 0;
    }
}

/* False when the window is too long. `copy` holds its bytes where the text ends too early. */
static bool reading_of(struct reading *r, struct span t, size_t at, size_t end,
                       uint8_t copy[WINDOW_MAX + PAD])
{
    r->t = t;
    r->at = at;
    r->size = end - at;
    r->p = t.p + at;
    if (r->size > WINDOW_MAX)
        return false;
    if (t.n - at < r->size + PAD) {
        memset(copy, 0, WINDOW_MAX + PAD);
        memcpy(copy, r->p, t.n - at);
        r->p = copy;
    }
    return true;
}

void cue_words_read(const struct cue_index *x, struct span t, size_t at, size_t end,
                    struct words *w)
{
    uint8_t copy[WINDOW_MAX + PAD];
    struct reading r;
    if (x->plain || !reading_of(&r, t, at, end, copy) || !edges_find(&r, true)) {
        cue_words_plain(x, t, at, end, w);
        return;
    }
    words_hash(x, &r, w->v);
    w->known = known_find(x, &r, w->v);
    uint64_t kept = words_kept(&r);
    gaps_read(&r, kept, w);
    w->n = r.n;
    if (kept == ((uint64_t)1 << r.n) - 1)
        return;
    w->n = 0;
    for (uint64_t left = kept; left; left &= left - 1)
        w->v[w->n++] = w->v[__builtin_ctzll(left)];
    cue_words_mark(w);
}
