/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GHASH (NIST SP 800-38D, section 6.4): a fingerprint of 128 bits under a secret key, four times as
 * fast as a SHA-256. Two texts that somebody chose who knows neither the key nor any fingerprint
 * have the same one with a chance of (blocks of 16 bytes + 1) / 2^128. It is no MAC: a fingerprint
 * that is given away gives the key away. For tables inside one process.
 */
#ifndef SANCTUM_CRYPT_GHASH_H
#define SANCTUM_CRYPT_GHASH_H

#include "err.h"
#include "span.h"

enum { GHASH_BYTES = 16 };

struct ghash {
    void *ctx;
    uint8_t key[GHASH_BYTES];
};
/* ERR_NOMEM. A key has to be set before the first fingerprint. */
MUST struct err ghash_new(struct ghash *g);
/* Wipes the key. Safe on a zeroed struct. */
void ghash_free(struct ghash *g);
/* Cost: about that of 100 bytes. */
void ghash_key(struct ghash *g, const uint8_t key[GHASH_BYTES]);
/* Of the concatenation of `n` parts, as data that is authenticated only. */
void ghash_parts(const struct ghash *g, const struct span *parts, size_t n,
                 uint8_t out[GHASH_BYTES]);

#endif
