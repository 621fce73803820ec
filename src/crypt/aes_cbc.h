/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-CBC with PKCS #7 padding (NIST SP 800-38A, RFC 5652 section 6.3), for formats of others that
 * prescribe it. It authenticates nothing: whoever can change the ciphertext changes the plain text.
 * What is sanctum's own uses seal.h.
 */
#ifndef SANCTUM_CRYPT_AES_CBC_H
#define SANCTUM_CRYPT_AES_CBC_H

#include "buf.h"

enum { AES_CBC_IV = 16 };

/* Is `n` bytes the length of a key: 16, 24 or 32? */
static inline bool aes_cbc_key_fits(size_t n)
{
    return n == 16 || n == 24 || n == 32;
}

/* Append the ciphertext, 1 to 16 bytes longer than `plain`. ERR_INPUT: the key's length; ERR_LIMIT
 * at out's ceiling or from 1 GiB on; ERR_NOMEM. */
MUST struct err aes_cbc_encrypt(struct span key, const uint8_t iv[AES_CBC_IV], struct span plain,
                                struct buf *out);
/* Append the plain text. ERR_CORRUPT: the length is no multiple of 16, or the padding is wrong;
 * then `out` is as it was. Else as aes_cbc_encrypt. */
MUST struct err aes_cbc_decrypt(struct span key, const uint8_t iv[AES_CBC_IV], struct span sealed,
                                struct buf *out);

#endif
