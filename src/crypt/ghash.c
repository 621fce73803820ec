/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GHASH as libcrypto's GCM has it, by the processor's own multiplication where there is one. Called
 * for every longer text of a request.
 */
#include "ghash.h"

#include <openssl/modes.h>

/* The cipher of a GCM whose tag is GHASH alone: the hash key is what it makes of zeros, and what
 * covers the tag is what it makes of the first counter, which ends in a one. */
static void no_cipher(const unsigned char in[GHASH_BYTES], unsigned char out[GHASH_BYTES],
                      const void *key)
{
    if (in[GHASH_BYTES - 1])
        memset(out, 0, GHASH_BYTES);
    else
        memcpy(out, key, GHASH_BYTES);
}

struct err ghash_new(struct ghash *g)
{
    uint8_t none[GHASH_BYTES] = {0};
    g->ctx = CRYPTO_gcm128_new(none, no_cipher);
    return g->ctx ? OK : err(ERR_NOMEM);
}

void ghash_free(struct ghash *g)
{
    CRYPTO_gcm128_release(g->ctx);
    g->ctx = NULL;
    explicit_bzero(g->key, sizeof g->key);
}

void ghash_key(struct ghash *g, const uint8_t key[GHASH_BYTES])
{
    memcpy(g->key, key, sizeof g->key);
    CRYPTO_gcm128_init(g->ctx, g->key, no_cipher);
}

void ghash_parts(const struct ghash *g, const struct span *parts, size_t n,
                 uint8_t out[GHASH_BYTES])
{
    enum { NONCE = 12 };
    static const uint8_t nonce[NONCE];
    CRYPTO_gcm128_setiv(g->ctx, nonce, NONCE);
    for (size_t i = 0; i < n; i++)
        if (parts[i].n)
            CRYPTO_gcm128_aad(g->ctx, parts[i].p, parts[i].n);
    CRYPTO_gcm128_tag(g->ctx, out, GHASH_BYTES);
}
