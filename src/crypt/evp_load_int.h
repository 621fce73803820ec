/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcrypto, loaded when first needed. A program that mostly handles small things (sanctum age)
 * starts without it and loads it for bulk data and RSA. The table holds exactly the functions used,
 * typed by OpenSSL's own headers.
 */
#ifndef SANCTUM_CRYPT_EVP_LOAD_INT_H
#define SANCTUM_CRYPT_EVP_LOAD_INT_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#define EVP_LOADED(X)                                                                              \
    X(EVP_CIPHER_fetch)                                                                            \
    X(EVP_CIPHER_free)                                                                             \
    X(EVP_CIPHER_CTX_new)                                                                          \
    X(EVP_CIPHER_CTX_free)                                                                         \
    X(EVP_CIPHER_CTX_ctrl)                                                                         \
    X(EVP_CipherInit_ex2)                                                                          \
    X(EVP_CipherUpdate)                                                                            \
    X(EVP_CipherFinal_ex)                                                                          \
    X(EVP_PKEY_CTX_new_from_name)                                                                  \
    X(EVP_PKEY_CTX_new_from_pkey)                                                                  \
    X(EVP_PKEY_CTX_free)                                                                           \
    X(EVP_PKEY_fromdata_init)                                                                      \
    X(EVP_PKEY_fromdata)                                                                           \
    X(EVP_PKEY_free)                                                                               \
    X(EVP_PKEY_encrypt_init)                                                                       \
    X(EVP_PKEY_encrypt)                                                                            \
    X(EVP_PKEY_decrypt_init)                                                                       \
    X(EVP_PKEY_decrypt)                                                                            \
    X(EVP_PKEY_CTX_set_rsa_padding)                                                                \
    X(EVP_PKEY_CTX_set_rsa_oaep_md_name)                                                           \
    X(EVP_PKEY_CTX_set0_rsa_oaep_label)                                                            \
    X(OSSL_PARAM_BLD_new)                                                                          \
    X(OSSL_PARAM_BLD_free)                                                                         \
    X(OSSL_PARAM_BLD_push_BN)                                                                      \
    X(OSSL_PARAM_BLD_to_param)                                                                     \
    X(OSSL_PARAM_free)                                                                             \
    X(BN_bin2bn)                                                                                   \
    X(BN_clear_free)                                                                               \
    X(BN_num_bits)                                                                                 \
    X(CRYPTO_memdup)

struct evp_table {
#define X(name) __typeof__(name) *name;
    EVP_LOADED(X)
#undef X
};

/* The table, or NULL when this machine has no libcrypto 3. Loaded once a process. */
const struct evp_table *evp_load(void);

#endif
