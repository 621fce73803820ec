/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 signatures (RFC 8032, pure): libcrypto. A secret key is its 32-byte seed.
 * Cost: sign 70 µs (two point multiplications: the public key is derived anew), verify 90 µs.
 */
#ifndef SANCTUM_CRYPT_ED25519_H
#define SANCTUM_CRYPT_ED25519_H

#include "err.h"
#include "span.h"

enum { ED25519_SEED = 32, ED25519_PUBLIC = 32, ED25519_SIGNATURE = 64 };

/* The public key of a seed. ERR_NOMEM. */
MUST struct err ed25519_public(const uint8_t seed[ED25519_SEED], uint8_t out[ED25519_PUBLIC]);
/* ERR_NOMEM. */
MUST struct err ed25519_sign(const uint8_t seed[ED25519_SEED], struct span message,
                             uint8_t out[ED25519_SIGNATURE]);
/* ERR_CORRUPT: `signature` is not one of `message` by this key, or the key is no point or one of
 * small order. ERR_NOMEM. */
MUST struct err ed25519_verify(const uint8_t key[ED25519_PUBLIC], struct span message,
                               const uint8_t signature[ED25519_SIGNATURE]);

#endif
