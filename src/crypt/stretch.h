/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key from a passphrase: Argon2id 1.3 (RFC 9106), one lane. The parameters are stored beside what
 * the key opens; out-of-range ones are refused both ways: too low would be weak, too high a way to
 * exhaust memory with a crafted file.
 */
#ifndef SANCTUM_CRYPT_STRETCH_H
#define SANCTUM_CRYPT_STRETCH_H

#include "err.h"
#include "span.h"

enum { STRETCH_SALT_BYTES = 16, STRETCH_KEY_BYTES = 32 };
/* Accepted, and what new files get (about 0.6 s). */
enum {
    STRETCH_KIB_MIN = 64 * 1024,
    STRETCH_KIB_MAX = 2 * 1024 * 1024,
    STRETCH_PASSES_MIN = 3,
    STRETCH_PASSES_MAX = 16,
    STRETCH_KIB = 256 * 1024,
    STRETCH_PASSES = 3,
};

/* ERR_LIMIT: parameters out of range. ERR_NOMEM. */
MUST struct err stretch_passphrase(struct span passphrase, const uint8_t salt[STRETCH_SALT_BYTES],
                                   uint32_t kib, uint32_t passes, uint8_t key[STRETCH_KEY_BYTES]);

#endif
