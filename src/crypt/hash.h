/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC-SHA-256 that cannot fail and do not allocate (only hash_begin does).
 * Sources: FIPS 180-4, RFC 2104.
 */
#ifndef SANCTUM_CRYPT_HASH_H
#define SANCTUM_CRYPT_HASH_H

#include "err.h"
#include "span.h"

enum { HASH_BYTES = 32, HASH_BLOCK = 64, HASH_STATE = 112 };

/* SHA-256 of the concatenation of `n` parts. */
void hash_sha256_parts(const struct span *parts, size_t n, uint8_t out[HASH_BYTES]);
void hash_sha256(struct span in, uint8_t out[HASH_BYTES]);

/* A running SHA-256. hash_end frees it; hash_begin may be called again after. */
struct hash_run {
    void *ctx;
};
MUST struct err hash_begin(struct hash_run *h);
void hash_more(struct hash_run *h, struct span in);
void hash_end(struct hash_run *h, uint8_t out[HASH_BYTES]);

/* A MAC key with both padded blocks already absorbed: a MAC of a short text is two compressions. A
 * value; wiped by hash_mac_key_free. */
struct hash_mac_key {
    _Alignas(8) uint8_t inner[HASH_STATE], outer[HASH_STATE];
};
/* key: any length. Always OK today; the result is checked so that it may change. */
MUST struct err hash_mac_key_init(struct hash_mac_key *k, struct span key);
void hash_mac_key_free(struct hash_mac_key *k);
/* HMAC-SHA-256 of the concatenation of `n` parts. */
void hash_mac_parts(const struct hash_mac_key *k, const struct span *parts, size_t n,
                    uint8_t out[HASH_BYTES]);

#endif
