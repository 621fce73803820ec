/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM (FIPS 197, NIST SP 800-38D) with the processor's own instructions, for nonces of 32
 * bytes. Asked for by gcm.c. No table and no branch depends on a secret.
 */
#ifndef SANCTUM_CRYPT_GCM_BLOCKS_INT_H
#define SANCTUM_CRYPT_GCM_BLOCKS_INT_H

#include "gcm.h"

enum { GCM_ROUND_KEYS = 15, GCM_BLOCK = 16 };

struct gcm_blocks {
    _Alignas(16) uint8_t round[GCM_ROUND_KEYS][GCM_BLOCK];
    _Alignas(16) uint8_t h[GCM_BLOCK]; /* the hash key, bytes reversed */
};

/* Has this processor the instructions? */
bool gcm_blocks_here(void);
void gcm_blocks_begin(struct gcm_blocks *g, const uint8_t key[GCM_KEY]);
/* Encrypt or decrypt in.n bytes to `out`, and make the tag over `about` and the encrypted bytes. */
void gcm_blocks_run(const struct gcm_blocks *g, bool seal, const uint8_t nonce[GCM_NONCE],
                    struct span about, struct span in, uint8_t *out, uint8_t tag[GCM_TAG]);

#endif
