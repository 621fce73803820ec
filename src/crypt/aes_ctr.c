/* SPDX-License-Identifier: Apache-2.0 */
/* AES-CTR over libcrypto, loaded when first needed. Once an SSH key under a passphrase. */
#include "aes_ctr.h"
#include "evp_load_int.h"

enum { BYTES_MAX = 1 << 30 };

struct err aes_ctr(const uint8_t key[AES_CTR_KEY], const uint8_t iv[AES_CTR_IV], uint8_t *p,
                   size_t n)
{
    const struct evp_table *evp = evp_load();
    int done = 0;
    if (n >= BYTES_MAX)
        return err(ERR_LIMIT);
    if (!evp)
        return err(ERR_CLOSED);
    EVP_CIPHER *cipher = evp->EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
    EVP_CIPHER_CTX *ctx = evp->EVP_CIPHER_CTX_new();
    bool good = cipher && ctx && evp->EVP_CipherInit_ex2(ctx, cipher, key, iv, 1, NULL) == 1 &&
                evp->EVP_CipherUpdate(ctx, p, &done, p, (int)n) == 1 && (size_t)done == n;
    evp->EVP_CIPHER_CTX_free(ctx);
    evp->EVP_CIPHER_free(cipher);
    return good ? OK : err(ERR_NOMEM);
}
