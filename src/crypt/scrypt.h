/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scrypt (RFC 7914) with r = 8, p = 1: what age's passphrase stanza is made of. New formats of ours
 * use stretch.h.
 */
#ifndef SANCTUM_CRYPT_SCRYPT_H
#define SANCTUM_CRYPT_SCRYPT_H

#include "err.h"
#include "span.h"

enum { SCRYPT_KEY_BYTES = 32, SCRYPT_LOG_MAX = 22 };

/* N = 2^log_n, 1 <= log_n <= SCRYPT_LOG_MAX; takes 2^log_n KiB of memory, 0.7 s at 18. ERR_LIMIT,
 * ERR_NOMEM. */
MUST struct err scrypt_key(struct span passphrase, struct span salt, unsigned log_n,
                           uint8_t out[SCRYPT_KEY_BYTES]);

#endif
