/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256 in counter mode (NIST SP 800-38A), for formats of others that prescribe it: OpenSSH's
 * private keys. It authenticates nothing.
 */
#ifndef SANCTUM_CRYPT_AES_CTR_H
#define SANCTUM_CRYPT_AES_CTR_H

#include "err.h"
#include "span.h"

enum { AES_CTR_KEY = 32, AES_CTR_IV = 16 };

/* Encrypt or decrypt `n` bytes where they lie. ERR_LIMIT from 1 GiB on; ERR_CLOSED: no libcrypto on
 * this machine; ERR_NOMEM. */
MUST struct err aes_ctr(const uint8_t key[AES_CTR_KEY], const uint8_t iv[AES_CTR_IV], uint8_t *p,
                        size_t n);

#endif
