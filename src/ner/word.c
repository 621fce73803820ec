/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a word by itself: folded hash, affixes, letter case, shape, word lists. Made
 * once per distinct word of a block; never for every token.
 */
#include "ner_int.h"

#include "letters.h"
#include "utf8.h"

uint64_t word_hash(const uint8_t *folded, size_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15ULL ^ n;
    for (size_t i = 0; i < n; i++)
        h = (h ^ folded[i]) * 0x100000001b3ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    return h ^ h >> 32;
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
        struct letter l;
        at += letter_at(s, at, &l);
        if (l.fold && !is_accent(l.fold))
            n += utf8_put(l.fold, out + n);
    }
    return n;
}

struct gaz gaz_find(const struct gaz_table *t, uint64_t hash)
{
    if (!t->slots)
        return (struct gaz){0};
    uint32_t mask = (1U << t->log2) - 1, want = (uint32_t)(hash >> 32) & ~((1U << GAZ_BITS) - 1);
    uint32_t at = (uint32_t)hash & mask;
    for (unsigned i = 0; i < GAZ_PROBES; i++, at = (at + 1) & mask) {
        uint32_t e = t->slots[at];
        if (e == 0)
            break;
        if ((e & ~((1U << GAZ_BITS) - 1)) == want)
            return gaz_unpack(e);
    }
    return (struct gaz){0};
}

/* Letter case and a pattern of it in which runs are one letter: McDonald -> XxXx. */
static void case_of(struct span s, struct word *w)
{
    unsigned upper = 0, lower = 0, none = 0, count = 0, pattern = 0, last = 0;
    bool first_upper = false;
    for (size_t at = 0; at < s.n;) {
        struct letter l;
        at += letter_at(s, at, &l);
        if (is_accent(l.fold))
            continue;
        unsigned kind = !l.fold ? 4 : l.caseless ? 3 : l.upper ? 2 : 1;
        upper += kind == 2;
        lower += kind == 1;
        none += kind == 3;
        if (count++ == 0)
            first_upper = kind == 2;
        if (kind != last)
            pattern = pattern * 5 + kind;
        last = kind;
    }
    w->len = (uint8_t)(count > 255 ? 255 : count);
    if (none > upper + lower)
        w->cap = CAP_NONE;
    else if (upper == 0)
        w->cap = CAP_LOWER;
    else if (count == 1)
        w->cap = CAP_INITIAL;
    else if (lower == 0)
        w->cap = CAP_ALL;
    else
        w->cap = first_upper && upper == 1 ? CAP_FIRST : CAP_MIXED;
    unsigned bucket = count < 4 ? count : count < 6 ? 4 : count < 9 ? 5 : count < 13 ? 6 : 7;
    w->shape = pattern * 8 + bucket;
}

static void affixes(const uint8_t *f, size_t n, struct word *w)
{
    for (size_t k = 1; k <= 4; k++) {
        w->aff[k - 1] = n > k ? (uint32_t)(word_hash(f, k) >> 32) | 1 : 0;
        w->aff[k + 3] = n > k ? (uint32_t)(word_hash(f + n - k, k) >> 32) | 1 : 0;
    }
}

void word_make(struct span s, enum word_kind kind, const struct gaz_table *gaz, struct word *w)
{
    *w = (struct word){.kind = (uint8_t)kind};
    uint8_t folded[FOLDED_MAX];
    size_t n = 0;
    switch (kind) {
    case WORD_LETTERS:
        n = word_fold(s, folded);
        w->hash = word_hash(folded, n);
        w->gaz = gaz_find(gaz, w->hash);
        case_of(s, w);
        affixes(folded, n, w);
        break;
    case WORD_DIGITS:
        w->len = (uint8_t)(s.n > 9 ? 9 : s.n);
        w->hash = word_hash((const uint8_t *)"0000000000", w->len);
        w->cap = CAP_DIGITS;
        w->shape = w->len;
        break;
    case WORD_SIGN:
        w->hash = word_hash(s.p, s.n);
        w->cap = CAP_SIGN;
        w->len = 1;
        w->sign = s.n == 1 ? s.p[0] : 1;
        w->shape = w->sign;
        break;
    case WORD_NEWLINE:
        w->hash = 1;
        w->cap = CAP_NEWLINE;
        break;
    }
    w->id = (uint32_t)(w->hash >> 32) | 1;
}
