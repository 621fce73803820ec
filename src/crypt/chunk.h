/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ChaCha20-Poly1305 (RFC 8439) for streams of chunks under one key: no additional data, a nonce a
 * chunk. On libsodium at first; after CHUNK_BULK_AFTER bytes libcrypto is loaded, whose wide vector
 * code is twice as fast and whose start costs 2 ms. Both give the same bytes.
 */
#ifndef SANCTUM_CRYPT_CHUNK_H
#define SANCTUM_CRYPT_CHUNK_H

#include "err.h"
#include "span.h"

enum { CHUNK_KEY = 32, CHUNK_NONCE = 12, CHUNK_TAG = 16 };

enum chunk_engine { CHUNK_AUTO, CHUNK_LIGHT, CHUNK_BULK };
struct chunk {
    uint8_t key[CHUNK_KEY];
    enum chunk_engine engine;
    uint64_t done; /* bytes so far, for CHUNK_AUTO */
    void *ctx;     /* libcrypto's, once loaded */
    bool sealing;  /* what ctx was made for */
};

/* CHUNK_BULK falls back to CHUNK_LIGHT where libcrypto cannot be loaded. Allocates nothing. */
void chunk_begin(struct chunk *c, const uint8_t key[CHUNK_KEY], enum chunk_engine engine);
/* out gets plain.n + CHUNK_TAG bytes; it may be plain.p. A nonce is used once. */
void chunk_seal(struct chunk *c, const uint8_t nonce[CHUNK_NONCE], struct span plain, uint8_t *out);
/* out gets sealed.n - CHUNK_TAG bytes; it may be sealed.p. ERR_CORRUPT: key, nonce or bytes are
 * not those of the sealing (nothing in `out` may then be used). */
MUST struct err chunk_open(struct chunk *c, const uint8_t nonce[CHUNK_NONCE], struct span sealed,
                           uint8_t *out);
/* Wipes the key. Safe on a zeroed struct. */
void chunk_end(struct chunk *c);

/* One message under a key of its own. */
void chunk_seal_once(const uint8_t key[CHUNK_KEY], const uint8_t nonce[CHUNK_NONCE],
                     struct span plain, uint8_t *out);
MUST struct err chunk_open_once(const uint8_t key[CHUNK_KEY], const uint8_t nonce[CHUNK_NONCE],
                                struct span sealed, uint8_t *out);

#endif
