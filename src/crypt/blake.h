/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BLAKE2b with 512 bits (RFC 7693, by libcrypto) and BLAKE3 with 256 bits (the BLAKE3 paper, plain
 * C): digests that signed model manifests may use.
 */
#ifndef SANCTUM_CRYPT_BLAKE_H
#define SANCTUM_CRYPT_BLAKE_H

#include "err.h"
#include "span.h"

enum { BLAKE2B_BYTES = 64, BLAKE3_BYTES = 32, BLAKE3_CHUNK = 1024, BLAKE3_TREE_MAX = 54 };

struct blake2b {
    void *ctx;
};
MUST struct err blake2b_begin(struct blake2b *h);
MUST struct err blake2b_more(struct blake2b *h, struct span in);
/* Frees it; ERR_BUG when the digest could not be had. */
MUST struct err blake2b_end(struct blake2b *h, uint8_t out[BLAKE2B_BYTES]);

/* A value; nothing to free. Inputs up to 2^64 bytes. */
struct blake3 {
    uint32_t tree[BLAKE3_TREE_MAX][8]; /* chaining values of complete subtrees */
    size_t tree_n;
    uint32_t cv[8];
    uint8_t block[64];
    size_t block_n, blocks; /* of the chunk in hand */
    uint64_t chunk;
};
void blake3_begin(struct blake3 *h);
void blake3_more(struct blake3 *h, struct span in);
void blake3_end(struct blake3 *h, uint8_t out[BLAKE3_BYTES]);

#endif
