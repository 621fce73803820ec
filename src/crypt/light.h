/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, SHA-512, HMAC and HKDF on libsodium: for programs that handle a few hundred bytes and
 * end. Starting libcrypto takes 2 ms, libsodium 0.3 ms; per byte this is slower than hash.h.
 * Sources: FIPS 180-4, RFC 2104, RFC 5869.
 */
#ifndef SANCTUM_CRYPT_LIGHT_H
#define SANCTUM_CRYPT_LIGHT_H

#include "err.h"
#include "span.h"

enum { LIGHT_BYTES = 32, LIGHT_SHA512 = 64 };

/* Of the concatenation of `n` parts. */
void light_sha256(const struct span *parts, size_t n, uint8_t out[LIGHT_BYTES]);
void light_sha512(const struct span *parts, size_t n, uint8_t out[LIGHT_SHA512]);
/* HMAC-SHA-256 of the concatenation; the key has any length. */
void light_mac(struct span key, const struct span *parts, size_t n, uint8_t out[LIGHT_BYTES]);
/* HKDF-Expand of one block: n <= LIGHT_BYTES bytes of T(1). `info` is the concatenation of parts.
 */
void light_expand(struct span key, const struct span *info, size_t parts, uint8_t *out, size_t n);
/* Extract, then expand to 32 bytes. */
void light_hkdf(struct span ikm, struct span salt, struct span info, uint8_t out[LIGHT_BYTES]);

#endif
