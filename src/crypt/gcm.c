/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cipher of SOPS documents. Once a value. The processor's own instructions where it
 * has them; else libcrypto, which a short program pays for with a millisecond of start-up.
 */
#define _DEFAULT_SOURCE
#include "evp_load_int.h"
#include "gcm_blocks_int.h"

#include <stdlib.h>

static bool plain_forced;

bool gcm_force_plain(bool plain)
{
    plain_forced = plain;
    return gcm_blocks_here();
}

struct err gcm_begin(struct gcm *g, const uint8_t key[GCM_KEY])
{
    *g = (struct gcm){0};
    if (gcm_blocks_here() && !plain_forced) {
        g->blocks = aligned_alloc(_Alignof(struct gcm_blocks), sizeof *g->blocks);
        if (!g->blocks)
            return err(ERR_NOMEM);
        gcm_blocks_begin(g->blocks, key);
        return OK;
    }
    const struct evp_table *evp = evp_load();
    if (!evp)
        return err(ERR_CLOSED);
    EVP_CIPHER *cipher = evp->EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *ctx = evp->EVP_CIPHER_CTX_new();
    bool good = cipher && ctx && evp->EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, 1, NULL) == 1 &&
                evp->EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, GCM_NONCE, NULL) == 1 &&
                evp->EVP_CipherInit_ex2(ctx, NULL, key, NULL, 1, NULL) == 1;
    evp->EVP_CIPHER_free(cipher);
    g->ctx = ctx;
    if (good)
        return OK;
    gcm_end(g);
    return err(ERR_NOMEM);
}

void gcm_end(struct gcm *g)
{
    if (g->blocks)
        explicit_bzero(g->blocks, sizeof *g->blocks);
    free(g->blocks);
    if (g->ctx)
        evp_load()->EVP_CIPHER_CTX_free(g->ctx);
    *g = (struct gcm){0};
}

static bool feed(const struct evp_table *evp, EVP_CIPHER_CTX *ctx, struct span in, uint8_t *out)
{
    int n;
    return in.n == 0 || evp->EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1;
}

struct err gcm_seal(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                    struct span plain, uint8_t *out, uint8_t tag[GCM_TAG])
{
    uint8_t rest[32];
    int n;
    if (plain.n > GCM_MAX || about.n > GCM_MAX)
        return err(ERR_LIMIT);
    if (g->blocks) {
        gcm_blocks_run(g->blocks, true, nonce, about, plain, out, tag);
        return OK;
    }
    const struct evp_table *evp = evp_load();
    bool good = evp->EVP_CipherInit_ex2(g->ctx, NULL, NULL, nonce, 1, NULL) == 1 &&
                feed(evp, g->ctx, about, NULL) && feed(evp, g->ctx, plain, out) &&
                evp->EVP_CipherFinal_ex(g->ctx, rest, &n) == 1 &&
                evp->EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1;
    return good ? OK : err(ERR_BUG);
}

struct err gcm_open(struct gcm *g, const uint8_t nonce[GCM_NONCE], struct span about,
                    struct span sealed, const uint8_t tag[GCM_TAG], uint8_t *out)
{
    uint8_t rest[32], own[GCM_TAG];
    int n;
    if (sealed.n > GCM_MAX || about.n > GCM_MAX)
        return err(ERR_LIMIT);
    if (g->blocks) {
        gcm_blocks_run(g->blocks, false, nonce, about, sealed, out, own);
        return span_eq_const_time(span(own, GCM_TAG), span(tag, GCM_TAG)) ? OK : err(ERR_CORRUPT);
    }
    const struct evp_table *evp = evp_load();
    memcpy(own, tag, GCM_TAG);
    bool good = evp->EVP_CipherInit_ex2(g->ctx, NULL, NULL, nonce, 0, NULL) == 1 &&
                evp->EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, own) == 1 &&
                feed(evp, g->ctx, about, NULL) && feed(evp, g->ctx, sealed, out) &&
                evp->EVP_CipherFinal_ex(g->ctx, rest, &n) == 1;
    return good ? OK : err(ERR_CORRUPT);
}
