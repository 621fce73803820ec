/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys from a key: HKDF-Expand with SHA-256 (RFC 5869 §2.3). Every use has its own label, so that a
 * key for one purpose opens nothing of another. Label and context go into the info string each with
 * a u32 big-endian length before it, so no two pairs give one string.
 */
#ifndef SANCTUM_CRYPT_DERIVE_H
#define SANCTUM_CRYPT_DERIVE_H

#include "hash.h"

enum { DERIVE_KEY_BYTES = 32, DERIVE_MAX = 255 * HASH_BYTES };

/* Fill out[0, n), n <= DERIVE_MAX. `key` is uniformly random, 32 bytes or more. ERR_LIMIT,
 * ERR_NOMEM. */
MUST struct err derive_key(struct span key, const char *label, struct span context, void *out,
                           size_t n);

#endif
