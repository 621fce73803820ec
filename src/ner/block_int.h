/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes over the tokens of a block share (context.c, code.c). The next token cannot be
 * guessed, so a branch that asks what it is costs more than all else: passes ask 64 tokens at once
 * by bits, or add up what a table says of each.
 */
#ifndef SANCTUM_NER_BLOCK_INT_H
#define SANCTUM_NER_BLOCK_INT_H

#include "ner_int.h"

/* ---- counts: what tables say of tokens, added up */

/* Four counts of tokens side by side; the name of each says where it begins. */
enum {
    COUNT_BITS = 16, /* a block has fewer tokens */
    COUNT_WORDS = 0,
    COUNT_LOWER = 16,  /* words in lower case */
    COUNT_UPPER = 16,  /* ... with a capital letter */
    COUNT_DIGITS = 32, /* numbers */
    COUNT_ALL = 32,    /* words all in capitals */
    COUNT_SLASHES = 48,
};
#define COUNT(kind) (1ULL << (kind))

static inline unsigned count_of(uint64_t counts, unsigned kind)
{
    return counts >> kind & ((1U << COUNT_BITS) - 1);
}

/* ---- bits: one for each token of a block, and 64 zeros and more on both sides */

enum { BITS_FRONT = 64, BITS_WORDS = BITS_FRONT / 64 + BLOCK_TOKENS / 64 + 2 };
struct bits {
    uint64_t v[BITS_WORDS];
};

/* Those of 64 tokens, the first of which is `at` - BITS_FRONT. */
static inline uint64_t bits_window(const struct bits *b, size_t at)
{
    return b->v[at / 64] >> at % 64 | b->v[at / 64 + 1] << 1 << (63 - at % 64);
}

/* How many tokens from i on, or before i, have theirs set, one after the other. */
static inline size_t bits_run(const struct bits *b, size_t i)
{
    size_t n = 0, more;
    do {
        uint64_t open = ~bits_window(b, BITS_FRONT + i + n);
        more = open ? (size_t)__builtin_ctzll(open) : 64;
        n += more;
    } while (more == 64);
    return n;
}

static inline size_t bits_run_before(const struct bits *b, size_t i)
{
    size_t n = 0, more;
    do {
        uint64_t open = ~bits_window(b, i - n);
        more = open ? (size_t)__builtin_clzll(open) : 64;
        n += more;
    } while (more == 64);
    return n;
}

/* Has any of the tokens [from, to) its bit? Of many tokens the answer may be a wrong yes. */
static inline bool bits_maybe_any(const struct bits *b, size_t from, size_t to)
{
    uint64_t those = to - from < 64 ? (1ULL << (to - from)) - 1 : 0;
    return !those || bits_window(b, BITS_FRONT + from) & those;
}

/* Tokens in order. */
struct stops {
    uint16_t at[BLOCK_TOKENS];
    size_t n;
};

static inline void bits_list(const struct bits *b, struct stops *out)
{
    size_t n = 0;
    for (size_t k = BITS_FRONT / 64; k < BITS_WORDS - 1; k++)
        for (uint64_t bits = b->v[k]; bits; bits &= bits - 1)
            out->at[n++] = (uint16_t)(64 * k - BITS_FRONT + (unsigned)__builtin_ctzll(bits));
    out->n = n;
}

/* The bits of each mark. */
struct marks {
    struct bits of[MARKS];
};

/* ---- code.c */

/* Mark the tokens that are code. */
void code_mark(struct seq s, const struct marks *m);
/* ... and the words of "...": at the start of a JSON member, whose colon stands at `colon`. */
void code_mark_json_key(struct seq s, size_t colon);

#endif
