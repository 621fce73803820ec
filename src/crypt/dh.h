/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 (RFC 7748), and Ed25519 keys seen as X25519 keys (for SSH keys). libsodium. */
#ifndef SANCTUM_CRYPT_DH_H
#define SANCTUM_CRYPT_DH_H

#include "err.h"

enum { DH_BYTES = 32 };

/* The public key of a secret. */
void dh_public(const uint8_t secret[DH_BYTES], uint8_t out[DH_BYTES]);
/* The shared secret. ERR_INPUT when it is all zero: `peer` is a point of small order. */
MUST struct err dh_shared(const uint8_t secret[DH_BYTES], const uint8_t peer[DH_BYTES],
                          uint8_t out[DH_BYTES]);
/* ERR_INPUT: not a point of the prime-order group. */
MUST struct err dh_from_ed25519_public(const uint8_t pk[DH_BYTES], uint8_t out[DH_BYTES]);
/* `seed`: the 32 bytes an Ed25519 key is made of. */
void dh_from_ed25519_seed(const uint8_t seed[DH_BYTES], uint8_t out[DH_BYTES]);

#endif
