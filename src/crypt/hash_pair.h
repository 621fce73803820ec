/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4) of two short messages of one length at once: the nodes of a Merkle tree. One
 * stream of the processor's SHA instructions leaves half of their throughput unused; two fill it.
 * Where the processor has none, two calls of hash_sha256. Cost of two nodes of 65 bytes: as one.
 */
#ifndef SANCTUM_CRYPT_HASH_PAIR_H
#define SANCTUM_CRYPT_HASH_PAIR_H

#include "hash.h"

enum { HASH_PAIR_MAX = 119 }; /* bytes: two blocks with their padding */

/* n <= HASH_PAIR_MAX. An output may be an input. */
void hash_pair(const uint8_t *a, const uint8_t *b, size_t n, uint8_t out_a[HASH_BYTES],
               uint8_t out_b[HASH_BYTES]);
/* For tests and benchmarks: use the plain twin. False: this machine has nothing else. */
bool hash_pair_force_plain(bool plain);

#endif
