/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4) of up to four messages at once in one thread: the files of a model. One
 * message waits for each of its own steps; three or four side by side go 1.65 times as fast in all.
 * Where the processor has no SHA instructions, each in turn as hash_more does.
 */
#ifndef SANCTUM_CRYPT_HASH_LANES_H
#define SANCTUM_CRYPT_HASH_LANES_H

#include "hash.h"

enum { HASH_LANES = 4, HASH_SHORT_MAX = 119 /* bytes: two blocks with their padding */ };

/* A running SHA-256: a value, nothing to free. */
struct hash_lane {
    uint32_t h[8];
    uint64_t n;               /* bytes so far */
    uint8_t tail[HASH_BLOCK]; /* the last n % 64 of them */
};

void hash_lane_begin(struct hash_lane *l);
/* Append part[i] to *lane[i] for each i < n <= HASH_LANES. Any lengths; of about one length they
 * are fastest. A lane stands once in the list. */
void hash_lanes_more(struct hash_lane *const lane[], const struct span part[], size_t n);
/* The digest of what was appended; the lane must then begin anew. */
void hash_lane_end(struct hash_lane *l, uint8_t out[HASH_BYTES]);
/* The digests of `lanes` <= HASH_LANES messages of n <= HASH_SHORT_MAX bytes each: the nodes of a
 * tree. An output may be an input. */
void hash_lanes_short(const uint8_t *const in[], size_t n, size_t lanes, uint8_t *const out[]);
/* For tests and benchmarks: use the plain twin. False: this machine has nothing else. */
bool hash_lanes_force_plain(bool plain);

#endif
