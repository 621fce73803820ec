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

/* A point of small order: everybody can make signatures by it. Its y, without the sign of x, is one
 * of 0, 1, -1 (each in two spellings where there are two) and the two of order 8. */
static bool small_order(const uint8_t key[ED25519_PUBLIC])
{
    static const uint8_t eighth[2][ED25519_PUBLIC] = {
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
         0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
         0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}};
    uint8_t y[ED25519_PUBLIC];
    memcpy(y, key, sizeof y);
    y[31] &= 0x7f;
    if (memcmp(y, eighth[0], sizeof y) == 0 || memcmp(y, eighth[1], sizeof y) == 0)
        return true;
    uint8_t low = 0, high = 0xff;
    for (size_t i = 1; i < 31; i++) {
        low |= y[i];
        high &= y[i];
    }
    bool tiny = low == 0 && y[31] == 0 && y[0] <= 1;
    return tiny || (high == 0xff && y[31] == 0x7f && y[0] >= 0xec);
}

struct err ed25519_verify(const uint8_t key[ED25519_PUBLIC], struct span message,
                          const uint8_t signature[ED25519_SIGNATURE])
{
    if (small_order(key))
        return err(ERR_CORRUPT);
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
