/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to tokens with their words. cut.c says where tokens begin and end; every distinct word is
 * made once and found again in the dictionary, across texts, until the dictionary is full.
 */
#include "ner_int.h"

#include <stddef.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define ALWAYS __attribute__((always_inline)) static inline

/* ---- dictionary */

enum { DICT_LOG2 = 14, DICT_SLOTS = 1 << DICT_LOG2, DICT_WORDS = 3 * (DICT_SLOTS / 4) };

_Static_assert(offsetof(struct dict_entry, word.sum[SUM_NEAR]) == 2 * 64, "see struct word");

/*
 * A slot tells its word by bits of the hash that do not choose the slot, in its upper half; the
 * lower half is the index into entry; 0 = free. A GROUP of slots is looked at together, so that a
 * word is nearly always found without a branch that could be guessed wrong.
 */
enum { GROUP = 4, TAG_SHIFT = 16, INDEX_MASK = (1 << TAG_SHIFT) - 1 };
struct dict {
    uint32_t slot[DICT_SLOTS];
    struct word *few[128]; /* by cuts.is: the empty word = none, or not made yet */
    size_t n;
    struct dict_entry entry[DICT_WORDS]; /* the first is the empty word, which pads blocks */
};

struct err dict_new(struct dict **out)
{
    struct dict *d = aligned_alloc(64, sizeof *d);
    if (!d)
        return err(ERR_NOMEM);
    /* An entry is made whole when its word comes: until then it takes no memory. */
    memset(d, 0, offsetof(struct dict, entry[1]));
    dict_clear(d);
    struct word *pad = dict_pad(d);
    pad->cap = CAP_NEWLINE;
    pad->kind = WORD_NEWLINE;
    pad->looks = LOOK_CAP + CAP_NEWLINE;
    pad->id = 2;
    feature_lists(pad);
    *out = d;
    return OK;
}

void dict_free(struct dict *d)
{
    if (d)
        explicit_bzero(d, sizeof *d);
    free(d);
}

void dict_refresh(struct dict *d)
{
    if (d->n + BLOCK_TOKENS > DICT_WORDS)
        dict_clear(d);
}

void dict_clear(struct dict *d)
{
    memset(d->slot, 0, sizeof d->slot);
    for (size_t i = 0; i < sizeof d->few / sizeof *d->few; i++)
        d->few[i] = dict_pad(d);
    d->n = 1;
}

size_t dict_count(const struct dict *d)
{
    return d->n;
}

struct dict_entry *dict_since(struct dict *d, size_t from, size_t *n)
{
    *n = d->n - from;
    return d->entry + from;
}

struct word *dict_pad(struct dict *d)
{
    return &d->entry[0].word;
}

/* What the word says of its token, whose flags stay. */
ALWAYS void tok_look(struct tok *t)
{
    enum { AT = offsetof(struct tok, flags), FROM = offsetof(struct word, flags) };
    enum { BYTES = offsetof(struct tok, looks) + 1 - AT };
    _Static_assert(offsetof(struct word, looks) + 1 - FROM == BYTES, "the same fields");
    uint8_t flags = t->flags;
    memcpy((uint8_t *)t + AT, (const uint8_t *)t->w + FROM, BYTES);
    t->flags = flags;
}

struct tok dict_padding(struct dict *d)
{
    struct tok t = {.w = dict_pad(d)};
    tok_look(&t);
    return t;
}

/* The group that a hash chooses. */
ALWAYS uint32_t group_of(uint32_t hash)
{
    return hash >> (32 - DICT_LOG2) & ~(GROUP - 1U);
}

/* The n bytes at text[at] as a key; returns its hash. */
ALWAYS uint32_t key_set(struct key *k, struct span text, size_t at, size_t n)
{
    enum { NEARLY_ALL = 16 /* bytes, of words that have no more */ };
    static const uint8_t ones[2 * NEARLY_ALL] = {[0 ... NEARLY_ALL - 1] = 0xff};
    bool few = n <= NEARLY_ALL && text.n - at >= NEARLY_ALL;
    uint64_t h;
    k->v[2] = k->v[3] = 0;
    if (few) {
        uint64_t word[2], keep[2]; /* n bytes of ones, then zeros */
        memcpy(word, text.p + at, sizeof word);
        memcpy(keep, ones + NEARLY_ALL - n, sizeof keep);
        k->v[0] = word[0] & keep[0];
        k->v[1] = word[1] & keep[1];
    } else {
        k->v[0] = k->v[1] = 0;
        memcpy(k->v, text.p + at, n < WORD_BYTES ? n : WORD_BYTES);
    }
    h = (k->v[0] ^ k->v[1] * 0x9fb21c651e98df25ULL) * 0x9e3779b97f4a7c15ULL;
    if (!few) /* else that is 0 */
        h ^= (k->v[2] ^ k->v[3] * 0xd6e8feb86659fd93ULL) * 0x9fb21c651e98df25ULL;
    return (uint32_t)(h >> 32);
}

#if defined(__x86_64__)
ALWAYS bool key_eq(const struct key *a, const struct key *b)
{
    const __m128i *x = (const __m128i *)(const void *)a, *y = (const __m128i *)(const void *)b;
    __m128i front = _mm_cmpeq_epi8(_mm_loadu_si128(x), _mm_loadu_si128(y));
    __m128i back = _mm_cmpeq_epi8(_mm_loadu_si128(x + 1), _mm_loadu_si128(y + 1));
    return _mm_movemask_epi8(_mm_and_si128(front, back)) == 0xffff;
}
#else
ALWAYS bool key_eq(const struct key *a, const struct key *b)
{
    return ((a->v[0] ^ b->v[0]) | (a->v[1] ^ b->v[1]) | (a->v[2] ^ b->v[2]) |
            (a->v[3] ^ b->v[3])) == 0;
}
#endif

/* A bit for each slot of a group that has the hash's tag, and for each that is free. */
#if defined(__x86_64__)
ALWAYS unsigned group_find(const uint32_t *group, uint32_t hash, unsigned *open)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)group);
    __m128i tag = _mm_set1_epi16((int16_t)hash);
    __m128i same = _mm_srai_epi32(_mm_cmpeq_epi16(v, tag), TAG_SHIFT);
    __m128i none = _mm_cmpeq_epi32(v, _mm_setzero_si128());
    *open = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(none));
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_andnot_si128(none, same)));
}
#else
ALWAYS unsigned group_find(const uint32_t *group, uint32_t hash, unsigned *open)
{
    unsigned same = 0;
    *open = 0;
    for (unsigned i = 0; i < GROUP; i++) {
        *open |= (unsigned)(group[i] == 0) << i;
        same |= (unsigned)(group[i] && (uint16_t)hash == group[i] >> TAG_SHIFT) << i;
    }
    return same;
}
#endif

/* The entry that most likely holds the word of this hash, in its first group: when none does, any
 * one or the empty word, which equals no key. */
ALWAYS uint32_t likely_entry(const struct dict *d, uint32_t hash)
{
    const uint32_t *group = d->slot + group_of(hash);
    unsigned open, same = group_find(group, hash, &open);
    return group[__builtin_ctz(same | 1U << (GROUP - 1))] & INDEX_MASK;
}

/* Where the word `key` lies, or where it belongs: then that slot is free. */
static uint32_t key_find(const struct dict *d, const struct key *key, uint32_t hash)
{
    for (uint32_t at = group_of(hash);; at = (at + GROUP) % DICT_SLOTS) {
        unsigned open, same = group_find(d->slot + at, hash, &open);
        for (; same; same &= same - 1) {
            uint32_t slot = at + (unsigned)__builtin_ctz(same);
            if (key_eq(&d->entry[d->slot[slot] & INDEX_MASK].key, key))
                return slot;
        }
        if (open)
            return at + (unsigned)__builtin_ctz(open);
    }
}

/* Rare: most words were met before, and lie where they are looked for first. */
static __attribute__((noinline)) struct word *dict_word(struct dict *d, const struct gaz_table *gaz,
                                                        const struct tok *t, uint8_t is,
                                                        const struct key *key, uint32_t hash)
{
    uint32_t slot = key_find(d, key, hash);
    if (d->slot[slot])
        return &d->entry[d->slot[slot] & INDEX_MASK].word;
    d->slot[slot] = hash << TAG_SHIFT | (uint32_t)d->n;
    struct dict_entry *e = &d->entry[d->n++];
    e->key = *key;
    size_t n = t->end - t->start;
    word_make((const uint8_t *)e->key.v, n < WORD_BYTES ? n : WORD_BYTES, cut_kind(is), &e->word);
    word_fetch(gaz, &e->word);
    return &e->word;
}

/* ---- tokens */

/*
 * Tokens are cut some at a time and their words looked up afterwards: by then the dictionary's part
 * of each is on its way into the cache.
 */
enum { BATCH = 128 };
struct batch {
    uint8_t is[BATCH];
    size_t words; /* tokens that are none of the few, or the first of one: */
    uint8_t at[BATCH];
    struct key key[BATCH];
    uint32_t hash[BATCH];
    uint16_t likely[BATCH];
};

/* The next tokens; those that are none of the few have the empty word. */
ALWAYS size_t cut_batch(struct cutter *c, struct dict *d, struct tok *out, size_t max,
                        struct batch *b)
{
    const struct word *none = dict_pad(d);
    size_t words = 0, n = cut_many(c, (struct cuts){out, b->is}, max < BATCH ? max : BATCH);
    for (size_t k = 0; k < n; k++) {
        struct tok *t = &out[k];
        t->w = d->few[b->is[k]];
        b->at[words] = (uint8_t)k;
        words += t->w == none;
        tok_look(t);
    }
    b->words = words;
    return n;
}

ALWAYS void hash_batch(const struct dict *d, struct span text, const struct tok *out,
                       struct batch *b)
{
    const size_t words = b->words;
    for (size_t k = 0; k < words; k++) {
        const struct tok *t = &out[b->at[k]];
        b->hash[k] = key_set(&b->key[k], text, t->start, t->end - t->start);
        __builtin_prefetch(&d->slot[group_of(b->hash[k])]);
    }
    for (size_t k = 0; k < words; k++) {
        b->likely[k] = (uint16_t)likely_entry(d, b->hash[k]);
        __builtin_prefetch(&d->entry[b->likely[k]]);
    }
}

/* The word of token `k` of the batch, which does not lie where it is looked for first. */
static struct word *find_anew(struct dict *d, const struct gaz_table *gaz, const struct tok *out,
                              const struct batch *b, size_t k)
{
    uint8_t is = b->is[b->at[k]];
    struct word *w = d->few[is]; /* made since, within the batch */
    if (w == dict_pad(d))
        w = dict_word(d, gaz, &out[b->at[k]], is, &b->key[k], b->hash[k]);
    if (is > CUT_SIGN)
        d->few[is] = w;
    return w;
}

/* The token takes what its word says while lookups and comparisons have it at hand. */
ALWAYS void take_word(struct tok *t, struct word *w)
{
    t->w = w;
    tok_look(t);
    __builtin_prefetch(w->aff);
    __builtin_prefetch(w->sum[SUM_NEAR]);
}

/* Which words are new cannot be guessed: those that are not found at once wait for the others. */
ALWAYS void find_batch(struct dict *d, const struct gaz_table *gaz, struct tok *out,
                       const struct batch *b)
{
    uint8_t late[BATCH];
    size_t n = 0, known = d->n;
    for (size_t k = 0; k < b->words; k++) {
        struct dict_entry *e = &d->entry[b->likely[k]];
        take_word(&out[b->at[k]], &e->word);
        late[n] = (uint8_t)k;
        n += !key_eq(&e->key, &b->key[k]);
    }
    for (size_t k = 0; k < n; k++)
        out[b->at[late[k]]].w = find_anew(d, gaz, out, b, late[k]);
    for (size_t i = known; i < d->n; i++)
        word_look_up(gaz, &d->entry[i].word);
    for (size_t k = 0; k < n; k++)
        take_word(&out[b->at[late[k]]], out[b->at[late[k]]].w);
}

ALWAYS size_t tokens(struct dict *d, const struct gaz_table *gaz, struct cutter *c, struct tok *out,
                     size_t max)
{
    struct batch b;
    size_t n = 0, more;
    do {
        more = cut_batch(c, d, out + n, max - n, &b);
        hash_batch(d, c->text, out + n, &b);
        find_batch(d, gaz, out + n, &b);
        n += more;
    } while (more);
    return n;
}

#if defined(__x86_64__)
/* The same code in fewer instructions, where the CPU has them. */
__attribute__((target("avx2,bmi"))) static size_t tokens_avx2(struct dict *d,
                                                              const struct gaz_table *gaz,
                                                              struct cutter *c, struct tok *out,
                                                              size_t max)
{
    return tokens(d, gaz, c, out, max);
}
#endif

size_t tokenise(struct dict *d, const struct gaz_table *gaz, struct span text, size_t *pos,
                struct tok *out, size_t max)
{
    struct cutter c = {text, *pos, CUT_NO_GLUE};
    size_t n;
#if defined(__x86_64__)
    if (cpu_has_avx2())
        n = tokens_avx2(d, gaz, &c, out, max);
    else
#endif
        n = tokens(d, gaz, &c, out, max);
    *pos = c.at;
    return n;
}
