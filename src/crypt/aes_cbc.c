/* SPDX-License-Identifier: Apache-2.0 */
/* AES-CBC over libcrypto. Rare: the anonymizer's `encrypt`, values of a few dozen bytes. */
#include "aes_cbc.h"

#include <openssl/evp.h>

enum { BLOCK = 16, BYTES_MAX = 1 << 30 };

static const char *cipher_name(size_t key_bytes)
{
    return key_bytes == 16 ? "AES-128-CBC" : key_bytes == 24 ? "AES-192-CBC" : "AES-256-CBC";
}

/* Run one way into `to`, which has room for in.n + BLOCK bytes. */
static struct err run(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *c, struct span key, const uint8_t *iv,
                      bool encrypt, struct span in, uint8_t *to, size_t *n)
{
    int body = 0, tail = 0;
    if (EVP_CipherInit_ex2(ctx, c, key.p, iv, encrypt, NULL) != 1)
        return err(ERR_NOMEM);
    if (in.n && EVP_CipherUpdate(ctx, to, &body, in.p, (int)in.n) != 1)
        return err(ERR_CORRUPT);
    if (EVP_CipherFinal_ex(ctx, to + body, &tail) != 1)
        return err(ERR_CORRUPT);
    *n = (size_t)body + (size_t)tail;
    return OK;
}

static struct err crypt(struct span key, const uint8_t *iv, bool encrypt, struct span in,
                        struct buf *out)
{
    size_t n = 0;
    if (!aes_cbc_key_fits(key.n))
        return err(ERR_INPUT);
    if (in.n >= BYTES_MAX)
        return err(ERR_LIMIT);
    TRY(buf_reserve(out, in.n + BLOCK));
    EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, cipher_name(key.n), NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct err e =
        c && ctx ? run(ctx, c, key, iv, encrypt, in, out->p + out->n, &n) : err(ERR_NOMEM);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(c);
    if (!failed(e))
        out->n += n;
    return e;
}

struct err aes_cbc_encrypt(struct span key, const uint8_t iv[AES_CBC_IV], struct span plain,
                           struct buf *out)
{
    return crypt(key, iv, true, plain, out);
}

struct err aes_cbc_decrypt(struct span key, const uint8_t iv[AES_CBC_IV], struct span sealed,
                           struct buf *out)
{
    if (sealed.n == 0 || sealed.n % BLOCK)
        return err(ERR_CORRUPT);
    return crypt(key, iv, false, sealed, out);
}
