/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM with nonces of 32 bytes, and SHA-512: what SOPS documents and encrypted values in
 * requests are made of. For what we keep on disk use seal.h. By the processor's own instructions
 * where it has them, else by libcrypto, loaded then. Cost: about 0.2 µs a short value.
 */
#ifndef SANCTUM_CRYPT_GCM_H
#define SANCTUM_CRYPT_GCM_H

#include "err.h"
#include "span.h"

enum { GCM_KEY = 32, GCM_NONCE = 32, GCM_TAG = 16, GCM_SHA512 = 64, GCM_MAX = 1 << 30 };

struct gcm_blocks;
struct gcm {
    struct gcm_blocks *blocks; /* one of the two is set */
    void *ctx;
};
/* ERR_NOMEM; ERR_CLOSED: this machine has neither the instructions nor libcrypto. */
MUST struct err gcm_begin(struct gcm *g, const uint8_t key[GCM_KEY]);
/* Wipes the key. Safe on a zeroed struct. */
void gcm_end(struct gcm *g);
/* out gets plain.n bytes (it may not overlap). ERR_LIMIT above GCM_MAX bytes. */
MUST struct err gcm_seal(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                         struct span plain, uint8_t *out, uint8_t tag[GCM_TAG]);
/* out gets sealed.n bytes, which count only on OK. ERR_CORRUPT: not what was sealed. */
MUST struct err gcm_open(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                         struct span sealed, const uint8_t tag[GCM_TAG], uint8_t *out);

/* For tests: use libcrypto. False: this machine has nothing else. */
bool gcm_force_plain(bool plain);

/* A running SHA-512. gcm_hash_end frees it. */
MUST struct err gcm_hash_begin(struct gcm *h);
void gcm_hash_more(struct gcm *h, struct span in);
void gcm_hash_end(struct gcm *h, uint8_t out[GCM_SHA512]);

#endif
