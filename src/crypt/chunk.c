/* SPDX-License-Identifier: Apache-2.0 */
/* The payload cipher of age. Once a 64 KiB chunk: here the time of a large file goes. */
#include "chunk.h"
#include "evp_load_int.h"

#include <sodium.h>
#include <stdlib.h>

/* Above this the 2 ms that libcrypto takes to load are earned back. */
enum { CHUNK_BULK_AFTER = 4 * 1024 * 1024 };

void chunk_begin(struct chunk *c, const uint8_t key[CHUNK_KEY], enum chunk_engine engine)
{
    *c = (struct chunk){.engine = engine};
    memcpy(c->key, key, CHUNK_KEY);
    if (sodium_init() < 0)
        abort();
}

/* libcrypto's context for this direction with the key set, or NULL: use libsodium. */
static EVP_CIPHER_CTX *bulk(struct chunk *c, bool sealing)
{
    if (c->ctx && c->sealing == sealing)
        return c->ctx;
    bool wanted =
        c->engine == CHUNK_BULK || (c->engine == CHUNK_AUTO && c->done >= CHUNK_BULK_AFTER);
    const struct evp_table *evp = wanted ? evp_load() : NULL;
    if (!evp) {
        if (wanted)
            c->engine = CHUNK_LIGHT;
        return NULL;
    }
    EVP_CIPHER_CTX *ctx = c->ctx ? c->ctx : evp->EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = evp->EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    bool ready =
        ctx && cipher && evp->EVP_CipherInit_ex2(ctx, cipher, c->key, NULL, sealing, NULL) == 1;
    evp->EVP_CIPHER_free(cipher);
    c->ctx = ctx;
    c->sealing = sealing;
    if (ready)
        return ctx;
    chunk_end(&(struct chunk){.ctx = ctx});
    c->ctx = NULL;
    c->engine = CHUNK_LIGHT;
    return NULL;
}

void chunk_seal(struct chunk *c, const uint8_t nonce[CHUNK_NONCE], struct span plain, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = plain.n <= INT32_MAX ? bulk(c, true) : NULL;
    c->done += plain.n;
    if (!ctx) {
        crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, NULL, 0, NULL, nonce,
                                                  c->key);
        return;
    }
    const struct evp_table *evp = evp_load();
    int n = 0, rest = 0;
    bool good = evp->EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, 1, NULL) == 1 &&
                (plain.n == 0 || evp->EVP_CipherUpdate(ctx, out, &n, plain.p, (int)plain.n) == 1) &&
                evp->EVP_CipherFinal_ex(ctx, out + n, &rest) == 1 &&
                evp->EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CHUNK_TAG, out + plain.n) == 1;
    if (!good)
        abort(); /* the cipher worked when it was set up; going on would write an unsealed chunk */
}

struct err chunk_open(struct chunk *c, const uint8_t nonce[CHUNK_NONCE], struct span sealed,
                      uint8_t *out)
{
    if (sealed.n < CHUNK_TAG)
        return err(ERR_CORRUPT);
    EVP_CIPHER_CTX *ctx = sealed.n <= INT32_MAX ? bulk(c, false) : NULL;
    c->done += sealed.n;
    if (!ctx)
        return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.p, sealed.n, NULL,
                                                         0, nonce, c->key) == 0
                   ? OK
                   : err(ERR_CORRUPT);
    const struct evp_table *evp = evp_load();
    size_t plain = sealed.n - CHUNK_TAG;
    uint8_t tag[CHUNK_TAG];
    int n = 0, rest = 0;
    memcpy(tag, sealed.p + plain, CHUNK_TAG);
    bool good = evp->EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, 0, NULL) == 1 &&
                evp->EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CHUNK_TAG, tag) == 1 &&
                (plain == 0 || evp->EVP_CipherUpdate(ctx, out, &n, sealed.p, (int)plain) == 1) &&
                evp->EVP_CipherFinal_ex(ctx, out + n, &rest) == 1;
    return good ? OK : err(ERR_CORRUPT);
}

void chunk_end(struct chunk *c)
{
    if (c->ctx)
        evp_load()->EVP_CIPHER_CTX_free(c->ctx);
    sodium_memzero(c, sizeof *c);
}

void chunk_seal_once(const uint8_t key[CHUNK_KEY], const uint8_t nonce[CHUNK_NONCE],
                     struct span plain, uint8_t *out)
{
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, NULL, 0, NULL, nonce,
                                              key);
}

struct err chunk_open_once(const uint8_t key[CHUNK_KEY], const uint8_t nonce[CHUNK_NONCE],
                           struct span sealed, uint8_t *out)
{
    if (sealed.n < CHUNK_TAG || crypto_aead_chacha20poly1305_ietf_decrypt(
                                    out, NULL, NULL, sealed.p, sealed.n, NULL, 0, nonce, key) != 0)
        return err(ERR_CORRUPT);
    return OK;
}
