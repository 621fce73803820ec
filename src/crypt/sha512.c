/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512 over libcrypto. Rare. */
#include "sha512.h"

#include <openssl/evp.h>

static bool run(EVP_MD_CTX *ctx, const EVP_MD *md, const struct span *parts, size_t n, uint8_t *out)
{
    bool ok = EVP_DigestInit_ex2(ctx, md, NULL) == 1;
    for (size_t i = 0; i < n && ok; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
    return ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

struct err sha512_parts(const struct span *parts, size_t n, uint8_t out[SHA512_BYTES])
{
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA2-512", NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = md && ctx && run(ctx, md, parts, n, out);
    EVP_MD_CTX_free(ctx);
    EVP_MD_free(md);
    return ok ? OK : err(ERR_NOMEM);
}
