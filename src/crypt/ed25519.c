/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 over OpenSSL's EVP: called a few times a checkpoint, so keys are set up anew each time.
 */
#include "ed25519.h"

#include <openssl/evp.h>

struct err ed25519_public(const uint8_t seed[ED25519_SEED], uint8_t out[ED25519_PUBLIC])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, ED25519_SEED);
    size_t n = ED25519_PUBLIC;
    int ok = key && EVP_PKEY_get_raw_public_key(key, out, &n) == 1 && n == ED25519_PUBLIC;
    EVP_PKEY_free(key);
    return ok ? OK : err(ERR_NOMEM);
}

struct err ed25519_sign(const uint8_t seed[ED25519_SEED], struct span message,
                        uint8_t out[ED25519_SIGNATURE])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, ED25519_SEED);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = ED25519_SIGNATURE;
    int ok = key && ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
             EVP_DigestSign(ctx, out, &n, message.p, message.n) == 1 && n == ED25519_SIGNATURE;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok ? OK : err(ERR_NOMEM);
}

struct err ed25519_verify(const uint8_t key[ED25519_PUBLIC], struct span message,
                          const uint8_t signature[ED25519_SIGNATURE])
{
    EVP_PKEY *pk = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, key, ED25519_PUBLIC);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct err e = err(ERR_NOMEM);
    if (pk && ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pk, NULL) == 1)
        e = EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE, message.p, message.n) == 1
                ? OK
                : err(ERR_CORRUPT);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pk);
    return e;
}
