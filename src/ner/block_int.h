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

/* ---- code.c */

/* Mark the tokens that are code. */
void code_mark(struct seq s);
/* ... and the words of "...": at the start of a JSON member, whose colon stands at `colon`. */
void code_mark_json_key(struct seq s, size_t colon);

#endif
