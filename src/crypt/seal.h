/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing small values: XChaCha20-Poly1305 under a key of the value's own, derived from the given
 * key and a random 192-bit nonce, with a commitment to that key (plain XChaCha20-Poly1305 has
 * ciphertexts that open under two keys). Layout: nonce[24] commitment[32] ciphertext tag[16].
 */
#ifndef SANCTUM_CRYPT_SEAL_H
#define SANCTUM_CRYPT_SEAL_H

#include "err.h"
#include "span.h"
#include "wr.h"

enum { SEAL_KEY_BYTES = 32, SEAL_OVERHEAD = 24 + 32 + 16, SEAL_MAX = 1 << 20 };

/* Append the sealed form of `plain` (at most SEAL_MAX bytes) to `out`. `about` is authenticated and
 * must be given again to open: the caller makes it injective. */
MUST struct err seal_close(const uint8_t key[SEAL_KEY_BYTES], struct span about, struct span plain,
                           struct wr *out);
/* Append the plain text, or ERR_CORRUPT when key, `about` or any byte is not what was sealed: then
 * nothing is appended. */
MUST struct err seal_open(const uint8_t key[SEAL_KEY_BYTES], struct span about, struct span sealed,
                          struct wr *out);

#endif
