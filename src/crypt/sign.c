/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and checking through OpenSSL. Called a few times per run, by `sanctum model`. */
#include "sign.h"

#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { SIGNATURE_MAX = 256 };

static const struct kind {
    const char *type, *group, *digest, *name;
} kinds[] = {
    {"EC", "prime256v1", "SHA256", "ecdsa-p256"},
    {"EC", "secp384r1", "SHA384", "ecdsa-p384"},
    {"EC", "secp521r1", "SHA512", "ecdsa-p521"},
    {"ED25519", "", NULL, "ed25519"},
};

static const struct kind *kind_of(const EVP_PKEY *key)
{
    char group[64] = "";
    size_t n = 0;
    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &n) != 1)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (EVP_PKEY_is_a(key, kinds[i].type) && strcmp(group, kinds[i].group) == 0)
            return &kinds[i];
    return NULL;
}

static struct err decode(struct span pem, int selection, struct span passphrase,
                         struct sign_key *out)
{
    EVP_PKEY *key = NULL;
    out->key = NULL;
    OSSL_DECODER_CTX *ctx =
        OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, NULL, selection, NULL, NULL);
    if (!ctx)
        return err(ERR_NOMEM);
    /* Always set, so that OpenSSL never asks on the terminal by itself. */
    OSSL_DECODER_CTX_set_passphrase(ctx, passphrase.n ? passphrase.p : (const uint8_t *)"",
                                    passphrase.n);
    const unsigned char *p = pem.p;
    size_t left = pem.n;
    bool good = OSSL_DECODER_from_data(ctx, &p, &left) == 1 && key && kind_of(key);
    OSSL_DECODER_CTX_free(ctx);
    ERR_clear_error();
    if (!good) {
        EVP_PKEY_free(key);
        return err(ERR_INPUT);
    }
    out->key = key;
    return OK;
}

struct err sign_key_private(struct span pem, struct span passphrase, struct sign_key *out)
{
    return decode(pem, EVP_PKEY_KEYPAIR, passphrase, out);
}

struct err sign_key_public(struct span pem, struct sign_key *out)
{
    return decode(pem, EVP_PKEY_PUBLIC_KEY, SPAN_NONE, out);
}

void sign_key_free(struct sign_key *k)
{
    EVP_PKEY_free(k->key);
    k->key = NULL;
}

struct err sign_key_pem(const struct sign_key *k, struct buf *out)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(k->key, EVP_PKEY_PUBLIC_KEY, "PEM",
                                                          "SubjectPublicKeyInfo", NULL);
    if (!ctx)
        return err(ERR_NOMEM);
    unsigned char *p = NULL;
    size_t n = 0;
    bool good = OSSL_ENCODER_to_data(ctx, &p, &n) == 1;
    OSSL_ENCODER_CTX_free(ctx);
    struct err e = good ? buf_put(out, span(p, n)) : err(ERR_BUG);
    OPENSSL_free(p);
    return e;
}

const char *sign_key_kind(const struct sign_key *k)
{
    return kind_of(k->key)->name;
}

struct err sign_make(const struct sign_key *k, struct span text, struct buf *out)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t n = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return err(ERR_NOMEM);
    bool good =
        EVP_DigestSignInit_ex(ctx, NULL, kind_of(k->key)->digest, NULL, NULL, k->key, NULL) == 1 &&
        EVP_DigestSign(ctx, signature, &n, text.p, text.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good ? buf_put(out, span(signature, n)) : err(ERR_INPUT);
}

struct err sign_check(const struct sign_key *k, struct span text, struct span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return err(ERR_NOMEM);
    bool good = EVP_DigestVerifyInit_ex(ctx, NULL, kind_of(k->key)->digest, NULL, NULL, k->key,
                                        NULL) == 1 &&
                EVP_DigestVerify(ctx, signature.p, signature.n, text.p, text.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good ? OK : err(ERR_CORRUPT);
}
