/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bcrypt_pbkdf: what OpenSSH stretches the passphrase of a private key with (OpenBSD's function;
 * bcrypt of Provos and Mazières, 1999, over SHA-512 instead of raw passwords). For reading such
 * keys; what is sanctum's own uses stretch.h.
 */
#ifndef SANCTUM_CRYPT_BCRYPT_H
#define SANCTUM_CRYPT_BCRYPT_H

#include "err.h"
#include "span.h"

enum {
    BCRYPT_KEY_MAX = 1024,  /* bytes of a derived key */
    BCRYPT_SALT_MAX = 1024, /* bytes of a salt */
    BCRYPT_ROUNDS_MAX = 512 /* about 10 ms a round and 32 bytes; ssh-keygen writes 16 or 24 */
};

/* `n` bytes of key. ERR_INPUT: an empty passphrase or salt, no bytes or no rounds; ERR_LIMIT: more
 * than the numbers above. */
MUST struct err bcrypt_pbkdf(struct span passphrase, struct span salt, uint64_t rounds,
                             uint8_t *out, size_t n);

#endif
