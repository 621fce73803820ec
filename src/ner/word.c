/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a word by itself: folded hash, affixes, letter case, shape, word lists. Made
 * once per distinct word of a block; never for every token.
 */
#include "ner_int.h"

#include "letters.h"
#include "utf8.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* n bytes at p, 1 to 8, zero behind them. */
static uint64_t load_bytes(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    if (n == 8) {
        memcpy(&v, p, 8);
    } else if (n >= 4) {
        uint32_t low, high;
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        v = low | (uint64_t)high << 8 * (n - 4);
    } else {
        v = p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
    }
    return v;
}

static inline uint64_t hash_step(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9fb21c651e98df25ULL;
    return h ^ h >> 32;
}

static inline uint64_t hash_end(uint64_t h)
{
    h *= 0xd6e8feb86659fd93ULL;
    return h ^ h >> 32;
}

enum { HASH_STEP = 8 };
static const uint64_t hash_start = 0x9e3779b97f4a7c15ULL;

uint64_t word_hash(const uint8_t *folded, size_t n)
{
    uint64_t h = hash_start ^ n;
    for (size_t i = 0; i < n; i += HASH_STEP)
        h = hash_step(h, load_bytes(folded + i, n - i < HASH_STEP ? n - i : HASH_STEP));
    return hash_end(h);
}

/* The same of bytes behind which there are zeros. Nearly all words have one or two steps, and which
 * cannot be guessed. */
static uint64_t hash_padded(const uint8_t folded[FOLDED_MAX], size_t n)
{
    uint64_t v[2];
    if (n == 0 || n > sizeof v)
        return word_hash(folded, n);
    memcpy(v, folded, sizeof v);
    uint64_t one = hash_step(hash_start ^ n, v[0]), two = hash_step(one, v[1]);
    uint64_t both = 0 - (uint64_t)(n > HASH_STEP);
    return hash_end((two & both) | (one & ~both));
}

/* One step over the letters of a word: the folded form of the next one, skipping joiners. */
struct letter {
    uint32_t fold; /* without LETTERS_UPPER; 0 = not a letter (an apostrophe) */
    bool upper, caseless;
};

static size_t letter_at(struct span s, size_t at, struct letter *l)
{
    uint32_t cp = s.p[at];
    size_t n = 1;
    if (cp >= 0x80)
        n = utf8_next(s, at, &cp);
    uint32_t f = letters_fold(cp);
    *l = (struct letter){f & ~LETTERS_UPPER, (f & LETTERS_UPPER) != 0, letters_caseless(cp)};
    return n;
}

static bool is_accent(uint32_t fold)
{
    return fold >= 0x300 && fold < 0x370;
}

size_t word_fold(struct span s, uint8_t out[FOLDED_MAX])
{
    size_t n = 0;
    for (size_t at = 0; at < s.n && n + 4 <= FOLDED_MAX;) {
        if ((uint8_t)((s.p[at] | 0x20) - 'a') < 26) {
            out[n++] = s.p[at++] | 0x20;
            continue;
        }
        struct letter l;
        at += letter_at(s, at, &l);
        if (l.fold && !is_accent(l.fold))
            n += utf8_put(l.fold, out + n);
    }
    return n;
}

/* Of the 16 slots of one cache line, a bit for each that begins as `want` does, and for each that
 * is free. */
enum { LINE_SLOTS = 16, GAZ_MASK = (1 << GAZ_BITS) - 1 };

#if defined(__x86_64__)
/* A bit for each of 16 lanes of 32 bits that are all ones or all zeros. */
static inline unsigned lanes(const __m128i v[4])
{
    __m128i front = _mm_packs_epi32(v[0], v[1]), back = _mm_packs_epi32(v[2], v[3]);
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(front, back));
}

static inline void line_find(const uint32_t *slot, uint32_t want, unsigned *same, unsigned *open)
{
    const __m128i low = _mm_set1_epi32(GAZ_MASK), key = _mm_set1_epi32((int)want);
    __m128i is[4], none[4];
    for (unsigned i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(slot + 4 * i));
        is[i] = _mm_cmpeq_epi32(_mm_andnot_si128(low, v), key);
        none[i] = _mm_cmpeq_epi32(v, _mm_setzero_si128());
    }
    *same = lanes(is);
    *open = lanes(none);
}
#else
static inline void line_find(const uint32_t *slot, uint32_t want, unsigned *same, unsigned *open)
{
    *same = *open = 0;
    for (unsigned i = 0; i < LINE_SLOTS; i++) {
        *same |= (unsigned)((slot[i] & ~(uint32_t)GAZ_MASK) == want) << i;
        *open |= (unsigned)(slot[i] == 0) << i;
    }
}
#endif

/* The slot of the word, or 0. */
static inline uint32_t gaz_slot(const struct gaz_table *t, uint64_t hash)
{
    if (!t->slots)
        return 0;
    uint32_t mask = (1U << t->log2) - 1, want = (uint32_t)(hash >> 32) & ~(uint32_t)GAZ_MASK;
    uint32_t at = (uint32_t)hash & mask & ~(LINE_SLOTS - 1U);
    for (unsigned i = 0; i < GAZ_PROBES; i += LINE_SLOTS, at = (at + LINE_SLOTS) & mask) {
        unsigned same, open;
        line_find(t->slots + at, want, &same, &open);
        same &= (open & -open) - 1; /* the word would stand before the first free one */
        if (!(same | open))
            continue;
        uint32_t found = 0U - (same != 0); /* no branch: every other word is listed */
        return t->slots[at + (unsigned)__builtin_ctz(same | 1U << (LINE_SLOTS - 1))] & found;
    }
    return 0;
}

struct gaz gaz_find(const struct gaz_table *t, uint64_t hash)
{
    return gaz_unpack(gaz_slot(t, hash));
}

/* Letter case and a pattern of it in which runs are one letter: McDonald -> XxXx. */
struct letter_count {
    unsigned upper, lower, none, all, pattern, last;
    bool first_upper;
};

static void count_letter(struct letter_count *c, unsigned kind)
{
    c->lower += kind == 1;
    c->upper += kind == 2;
    c->none += kind == 3;
    if (c->all++ == 0)
        c->first_upper = kind == 2;
    if (kind != c->last)
        c->pattern = c->pattern * 5 + kind;
    c->last = kind;
}

static enum word_cap cap_of(const struct letter_count *c)
{
    if (c->none > c->upper + c->lower)
        return CAP_NONE;
    if (c->upper == 0)
        return CAP_LOWER;
    if (c->all == 1)
        return CAP_INITIAL;
    if (c->lower == 0)
        return CAP_ALL;
    return c->first_upper && c->upper == 1 ? CAP_FIRST : CAP_MIXED;
}

static void count_letters(struct span s, struct letter_count *c)
{
    for (size_t at = 0; at < s.n;) {
        if ((uint8_t)((s.p[at] | 0x20) - 'a') < 26) {
            count_letter(c, s.p[at++] & 0x20 ? 1 : 2);
            continue;
        }
        struct letter l;
        at += letter_at(s, at, &l);
        if (!is_accent(l.fold))
            count_letter(c, !l.fold ? 4 : l.caseless ? 3 : l.upper ? 2 : 1);
    }
}

static uint32_t shape_of(unsigned pattern, unsigned letters)
{
    static const uint8_t length[] = {0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7};
    return pattern * 8 + length[letters < sizeof length ? letters : sizeof length - 1];
}

static void case_of(const struct letter_count *c, struct word *w)
{
    w->len = (uint8_t)(c->all > 255 ? 255 : c->all);
    w->cap = (uint8_t)cap_of(c);
    w->shape = shape_of(c->pattern, c->all);
}

/* Of a word and the zeros behind it: a bit for each ASCII letter, for each upper-case one, and the
 * letters folded. */
#if defined(__x86_64__)
static inline void letters_at(const uint8_t text[WORD_BYTES], uint8_t folded[FOLDED_MAX],
                              uint32_t *letters, uint32_t *upper)
{
    uint32_t small = 0;
    *letters = 0;
    for (unsigned i = 0; i < WORD_BYTES; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        __m128i low = _mm_or_si128(v, _mm_set1_epi8(0x20));
        __m128i is = _mm_and_si128(_mm_cmpgt_epi8(low, _mm_set1_epi8('a' - 1)),
                                   _mm_cmplt_epi8(low, _mm_set1_epi8('z' + 1)));
        _mm_storeu_si128((__m128i *)(void *)(folded + i), _mm_and_si128(low, is));
        *letters |= (uint32_t)_mm_movemask_epi8(is) << i;
        small |= (uint32_t)_mm_movemask_epi8(_mm_slli_epi16(v, 2)) << i;
    }
    *upper = *letters & ~small;
}
#else
static inline void letters_at(const uint8_t text[WORD_BYTES], uint8_t folded[FOLDED_MAX],
                              uint32_t *letters, uint32_t *upper)
{
    *letters = *upper = 0;
    for (unsigned i = 0; i < WORD_BYTES && text[i]; i++) {
        bool is = (uint8_t)((text[i] | 0x20) - 'a') < 26;
        folded[i] = is ? text[i] | 0x20 : 0;
        *letters |= (uint32_t)is << i;
        *upper |= (uint32_t)(is && !(text[i] & 0x20)) << i;
    }
}
#endif

/* McDonald, iPhone: runs of small and large letters take turns. */
static void mixed_case(uint32_t upper, unsigned n, struct word *w)
{
    uint32_t inside = (uint32_t)((1ULL << (n - 1)) - 1);
    unsigned kind = (upper & 1) + 1, pattern = kind;
    for (uint32_t turns = (upper ^ upper >> 1) & inside; turns; turns &= turns - 1) {
        kind ^= 1 ^ 2;
        pattern = pattern * 5 + kind;
    }
    w->cap = CAP_MIXED;
    w->shape = shape_of(pattern, n);
}

/*
 * Fold a word of ASCII letters and tell its case without a loop or a branch: nearly every word is
 * one. False when it holds anything else; the loops above then do the same letter by letter.
 */
static bool ascii_letters(struct span s, uint8_t folded[FOLDED_MAX], struct word *w)
{
    static const uint8_t cap[] = {CAP_LOWER, CAP_ALL, CAP_FIRST}, pattern[] = {1, 2, 2 * 5 + 1};
    uint32_t letters, upper, all = (uint32_t)((1ULL << s.n) - 1);
    letters_at(s.p, folded, &letters, &upper);
    unsigned is = (upper != 0) + ((upper != 0) & (upper != all));
    if ((letters != all) | (s.n == 0))
        return false;
    w->len = (uint8_t)s.n;
    if ((uint64_t)(upper >> 1) * (upper ^ all) != 0) { /* one branch for both: neither is zero */
        mixed_case(upper, (unsigned)s.n, w);
        return true;
    }
    w->cap = s.n == 1 && upper ? CAP_INITIAL : cap[is];
    w->shape = shape_of(pattern[is], (unsigned)s.n);
    return true;
}

/* Returns the bytes of the folded word. */
static size_t letters_make(struct span s, uint8_t folded[FOLDED_MAX], struct word *w)
{
    struct letter_count c = {0};
    if (ascii_letters(s, folded, w))
        return s.n;
    memset(folded, 0, WORD_BYTES);
    count_letters(s, &c);
    case_of(&c, w);
    return word_fold(s, folded);
}

/* Hash of the n low bytes of `v`, up to four. */
static uint32_t affix(uint32_t v, unsigned n)
{
    return ((v & 0xffffffffU >> (32 - 8 * n)) + n) * 0x9e3779b1U | 1;
}

static uint32_t load4(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* From two loads: pieces of what was just written would each be waited for. An affix is shorter
 * than its word; without a branch, for how long that is cannot be guessed. */
static void affixes(const uint8_t f[FOLDED_MAX], size_t n, struct word *w)
{
    enum { SHORTEST = 2, LONGEST = 4 };
    size_t missing = (LONGEST - n) & (0U - (size_t)(n < LONGEST));
    uint32_t front = load4(f), back = load4(f + n - LONGEST + missing) << 8 * (missing & 3);
    for (unsigned k = SHORTEST; k <= LONGEST; k++) {
        uint32_t there = 0U - (k < n);
        w->aff[k - SHORTEST] = affix(front, k) & there;
        w->aff[k - SHORTEST + AFFIXES / 2] = affix(back >> 8 * (LONGEST - k), k) & there;
    }
}

enum { NAME_WORD_MAX = 24 /* letters */ };

/* A plain word of the language in lower case is no name; one that is also a rare name is not worth
 * the search: tweets that call Rose `rose` are lost, everything else is faster. */
static enum word_hint hint_of(const struct word *w)
{
    static const uint8_t by[] = {HINT_NONE,  HINT_LINK,  HINT_SHY,   HINT_SHY,
                                 HINT_MAYBE, HINT_MAYBE, HINT_MAYBE, HINT_MAYBE};
    const struct gaz g = w->gaz;
    switch (w->kind) {
    case WORD_DIGITS:
        return HINT_NUMBER;
    case WORD_SIGN:
        return strchr("-.&'\",/#", w->sign) || w->sign == 1 ? HINT_LINK : HINT_NONE;
    case WORD_NEWLINE:
        return HINT_NONE;
    default:
        break;
    }
    /* Without a branch: what the next word is cannot be guessed. */
    unsigned maybe = (w->cap != CAP_LOWER) | (g.common == 0) | (g.lex == LEX_COUNTRY) |
                     (g.lex == LEX_STREET) | (g.first >= 3) | (g.city >= 4);
    unsigned listed = (g.first | g.last | g.city) != 0;
    unsigned link = (w->len < 5) | (g.lex == LEX_PARTICLE);
    return (enum word_hint)by[maybe << 2 | listed << 1 | link];
}

/* Marks of signs. A byte that is no ASCII counts as 1. */
#define MARK(kind) (1U << MARK_##kind)
static const uint16_t sign_marks[LOOK_CAP] = {
    [1] = MARK(END),
    ['\t'] = MARK(LINE) | MARK(END) | MARK(HEAD) | MARK(SEPARATES),
    ['"'] = MARK(END) | MARK(HEAD),
    ['&'] = MARK(JOINS),
    ['\''] = MARK(END) | MARK(JOINS),
    ['('] = MARK(CHAIN) | MARK(END),
    [')'] = MARK(END),
    ['*'] = MARK(END),
    [','] = MARK(END) | MARK(HEAD) | MARK(SEPARATES),
    ['-'] = MARK(HEAD) | MARK(JOINS),
    ['.'] = MARK(CHAIN) | MARK(HEAD) | MARK(DOT) | MARK(JOINS),
    ['/'] = MARK(CHAIN),
    [':'] = MARK(LINE),
    [';'] = MARK(END) | MARK(HEAD) | MARK(SEPARATES),
    ['<'] = MARK(END),
    ['='] = MARK(LINE),
    ['>'] = MARK(LINE) | MARK(END),
    ['@'] = MARK(CHAIN),
    ['['] = MARK(END),
    ['\\'] = MARK(CHAIN),
    [']'] = MARK(END),
    ['_'] = MARK(CHAIN) | MARK(HEAD),
    ['`'] = MARK(END),
    ['{'] = MARK(END),
    ['|'] = MARK(LINE) | MARK(END) | MARK(HEAD) | MARK(SEPARATES),
    ['}'] = MARK(END),
    ['~'] = MARK(CHAIN),
};

static unsigned marks_of(const struct word *w)
{
    static const uint16_t of_kind[] = {
        [WORD_LETTERS] = MARK(LETTERS) | MARK(HEAD),
        [WORD_DIGITS] = MARK(CHAIN) | MARK(DIGITS) | MARK(BEFORE),
        [WORD_NEWLINE] = MARK(LINE) | MARK(END),
    };
    static const uint16_t of_hint[] = {
        [HINT_LINK] = MARK(CONNECTS),
        [HINT_NUMBER] = MARK(CONNECTS),
        [HINT_SHY] = MARK(CONNECTS) | MARK(SHY),
        [HINT_MAYBE] = MARK(CONNECTS) | MARK(MAYBE),
    };
    unsigned marks = of_hint[w->hint];
    if (w->kind == WORD_SIGN)
        return marks | (w->sign < LOOK_CAP ? sign_marks[w->sign] : 0);
    marks |= of_kind[w->kind] | (w->gaz.lex == LEX_PARTICLE ? MARK(BEFORE) | MARK(JOINS) : 0);
    if (w->kind == WORD_LETTERS)
        marks |= (w->len > 2 ? MARK(LONG) : 0) | (w->len > NAME_WORD_MAX ? MARK(CHAIN) : 0);
    return marks;
}

void word_look_up(const struct gaz_table *gaz, struct word *w)
{
    if (w->kind == WORD_LETTERS)
        w->gaz = gaz_unpack(gaz_slot(gaz, w->hash));
    w->hint = (uint8_t)hint_of(w);
    w->marks = (uint16_t)marks_of(w);
    feature_lists(w);
}

void word_fetch(const struct gaz_table *gaz, const struct word *w)
{
    if (gaz->slots)
        __builtin_prefetch(gaz->slots + ((uint32_t)w->hash & ((1U << gaz->log2) - 1) & ~15U));
}

/* A byte that is no UTF-8 looks like any sign of more bytes. */
static uint8_t looks_of(const struct word *w)
{
    if (w->sign == 0)
        return (uint8_t)(LOOK_CAP + w->cap);
    return w->sign < LOOK_CAP ? w->sign : 1;
}

/* What emphasizes is to the features what a quotation mark is: only beside words of prose are they
 * asked, for to identifiers it belongs. So are the brackets around the text of a link. One star or
 * tilde is mostly an item's, a comment's or a pointer's, a tie or a home: what it was in the
 * training. */
static void sign_make(struct span s, struct word *w)
{
    static const uint8_t quote[] = {'"'};
    uint8_t c = s.p[0];
    bool emphasis = sign_emphasizes(c), link = s.n == 1 && (c == '[' || c == ']');
    bool quotes = link || (emphasis && (s.n > 1 || c == '_' || c == '`'));
    w->hash = quotes ? word_hash(quote, 1) : word_hash(s.p, s.n);
    w->cap = CAP_SIGN;
    w->len = 1;
    w->sign = s.n == 1 || emphasis ? c : 1;
    w->shape = quotes ? quote[0] : w->sign;
}

void word_make(const uint8_t text[WORD_BYTES], size_t n, enum word_kind kind, struct word *w)
{
    const struct span s = span(text, n);
    memset(w, 0, offsetof(struct word, sum)); /* sums are made before they are read */
    w->kind = (uint8_t)kind;
    uint8_t folded[FOLDED_MAX] = {0};
    switch (kind) {
    case WORD_LETTERS:
        n = letters_make(s, folded, w);
        w->hash = hash_padded(folded, n);
        affixes(folded, n, w);
        break;
    case WORD_DIGITS:
        w->len = (uint8_t)(s.n > 9 ? 9 : s.n);
        w->hash = word_hash((const uint8_t *)"0000000000", w->len);
        w->cap = CAP_DIGITS;
        w->shape = w->len;
        break;
    case WORD_SIGN:
        sign_make(s, w);
        break;
    case WORD_NEWLINE:
        w->hash = 1;
        w->cap = CAP_NEWLINE;
        break;
    }
    w->id = (uint32_t)(w->hash >> 32) | 1;
    w->looks = looks_of(w);
}
