/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA-OAEP with SHA-256 (RFC 8017 §7.1), keys as big-endian numbers: age's ssh-rsa stanza. Loads
 * libcrypto when first used.
 */
#ifndef SANCTUM_CRYPT_RSA_H
#define SANCTUM_CRYPT_RSA_H

#include "err.h"
#include "span.h"
#include "wr.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 16384, RSA_BYTES_MAX = RSA_BITS_MAX / 8 };

/* Big-endian numbers, borrowed. For a public key d is empty. */
struct rsa_key {
    struct span n, e, d;
};

/* Append the ciphertext (as long as n). ERR_INPUT: not a usable key (RSA_BITS_MIN and _MAX are
 * refused beyond). ERR_CLOSED: no libcrypto here. */
MUST struct err rsa_seal(const struct rsa_key *key, const char *label, struct span plain,
                         struct wr *out);
/* Append the plain text. ERR_CORRUPT: it does not open under this key. */
MUST struct err rsa_open(const struct rsa_key *key, const char *label, struct span sealed,
                         struct wr *out);

#endif
