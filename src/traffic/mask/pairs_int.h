/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of two bytes that known values begin with, and the next place of a text where some of them
 * stand. It may stop at two bytes that are in no value (the bytes of others were mixed up), never
 * pass over two that are: whoever asks looks closer.
 */
#ifndef SANCTUM_TRAFFIC_MASK_PAIRS_INT_H
#define SANCTUM_TRAFFIC_MASK_PAIRS_INT_H

#include "span.h"

/* Each pair has one of eight bits, by its first byte: bytes a and b may be a pair where
 * first[a] & second[b]. The same by the halves of each byte, for 32 places at once. */
struct pairs {
    uint8_t first[256], second[256];
    uint8_t low[2][16], high[2][16];
};

/* Put in a pair; with `nocase` its letters in both cases. */
void pairs_add(struct pairs *s, uint8_t a, uint8_t b, bool nocase);
/* The offset of the next pair at or after `at`; at least text.n - 1 when there is none. A third of
 * a cycle a byte where the processor has AVX2, one and a half else. */
size_t pairs_next(const struct pairs *s, struct span text, size_t at);
/* The plain twin of pairs_next, whatever the processor. */
size_t pairs_next_plain(const struct pairs *s, struct span text, size_t at);

#endif
