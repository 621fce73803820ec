/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-3 and SHAKE (FIPS 202) without a library: ML-KEM and X-Wing need them, libsodium has none,
 * and starting libcrypto for them costs more than a small age file takes. Constant time in the
 * data.
 *
 *     struct keccak k = keccak_begin(KECCAK_SHAKE256);
 *     keccak_absorb(&k, in);
 *     keccak_squeeze(&k, out, n);          // as often as wanted; no absorbing after the first
 *     keccak_wipe(&k);
 */
#ifndef SANCTUM_CRYPT_KECCAK_H
#define SANCTUM_CRYPT_KECCAK_H

#include "span.h"

enum keccak_kind { KECCAK_SHA3_256, KECCAK_SHA3_512, KECCAK_SHAKE128, KECCAK_SHAKE256 };

struct keccak {
    uint64_t lanes[25];
    unsigned at, rate; /* bytes */
    uint8_t suffix;
    bool squeezing;
};

struct keccak keccak_begin(enum keccak_kind kind);
void keccak_absorb(struct keccak *k, struct span in);
void keccak_squeeze(struct keccak *k, uint8_t *out, size_t n);
void keccak_wipe(struct keccak *k);
/* All at once: `n` bytes of the digest of the concatenated parts. */
void keccak_parts(enum keccak_kind kind, const struct span *parts, size_t count, uint8_t *out,
                  size_t n);

#endif
