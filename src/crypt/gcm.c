/* SPDX-License-Identifier: Apache-2.0 */
/* The cipher and digest of SOPS documents. Once a value. */
#include "gcm.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct err gcm_begin(struct gcm *g, const uint8_t key[GCM_KEY])
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = cipher && ctx && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, 1, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, GCM_NONCE, NULL) == 1 &&
                EVP_CipherInit_ex2(ctx, NULL, key, NULL, 1, NULL) == 1;
    EVP_CIPHER_free(cipher);
    g->ctx = ctx;
    if (good)
        return OK;
    gcm_end(g);
    return err(ERR_NOMEM);
}

void gcm_end(struct gcm *g)
{
    EVP_CIPHER_CTX_free(g->ctx);
    g->ctx = NULL;
}

static bool feed(EVP_CIPHER_CTX *ctx, struct span in, uint8_t *out)
{
    int n;
    return in.n == 0 || EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1;
}

struct err gcm_seal(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                    struct span plain, uint8_t *out, uint8_t tag[GCM_TAG])
{
    uint8_t rest[32];
    int n;
    if (plain.n > GCM_MAX || about.n > GCM_MAX)
        return err(ERR_LIMIT);
    bool good = EVP_CipherInit_ex2(g->ctx, NULL, NULL, nonce, 1, NULL) == 1 &&
                feed(g->ctx, about, NULL) && feed(g->ctx, plain, out) &&
                EVP_CipherFinal_ex(g->ctx, rest, &n) == 1 &&
                EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1;
    return good ? OK : err(ERR_BUG);
}

struct err gcm_open(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                    struct span sealed, const uint8_t tag[GCM_TAG], uint8_t *out)
{
    uint8_t rest[32], copy[GCM_TAG];
    int n;
    if (sealed.n > GCM_MAX || about.n > GCM_MAX)
        return err(ERR_LIMIT);
    memcpy(copy, tag, GCM_TAG);
    bool good = EVP_CipherInit_ex2(g->ctx, NULL, NULL, nonce, 0, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, copy) == 1 &&
                feed(g->ctx, about, NULL) && feed(g->ctx, sealed, out) &&
                EVP_CipherFinal_ex(g->ctx, rest, &n) == 1;
    return good ? OK : err(ERR_CORRUPT);
}

struct err gcm_hash_begin(struct gcm *h)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    h->ctx = ctx;
    if (ctx && EVP_DigestInit_ex2(ctx, EVP_sha512(), NULL) == 1)
        return OK;
    EVP_MD_CTX_free(ctx);
    h->ctx = NULL;
    return err(ERR_NOMEM);
}

void gcm_hash_more(struct gcm *h, struct span in)
{
    if (in.n && EVP_DigestUpdate(h->ctx, in.p, in.n) != 1)
        abort();
}

void gcm_hash_end(struct gcm *h, uint8_t out[GCM_SHA512])
{
    if (EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
        abort();
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}
