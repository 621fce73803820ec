/* SPDX-License-Identifier: Apache-2.0 */
/* RSA-OAEP over libcrypto's EVP. Once a stanza, and only for old SSH keys. */
#define _DEFAULT_SOURCE
#include "rsa.h"
#include "evp_load_int.h"

enum { NUMBERS = 3 };

static bool push_numbers(const struct evp_table *evp, const struct rsa_key *k, OSSL_PARAM_BLD *bld,
                         BIGNUM *kept[NUMBERS])
{
    const struct span v[NUMBERS] = {k->n, k->e, k->d};
    static const char *const names[NUMBERS] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
                                               OSSL_PKEY_PARAM_RSA_D};
    for (int i = 0; i < NUMBERS; i++) {
        if (v[i].n == 0)
            continue;
        kept[i] = evp->BN_bin2bn(v[i].p, (int)v[i].n, NULL);
        if (!kept[i] || evp->OSSL_PARAM_BLD_push_BN(bld, names[i], kept[i]) != 1)
            return false;
    }
    int bits = kept[0] ? evp->BN_num_bits(kept[0]) : 0;
    return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
}

/* libcrypto's key, or NULL when the numbers are none. */
static EVP_PKEY *make_key(const struct evp_table *evp, const struct rsa_key *k)
{
    BIGNUM *kept[NUMBERS] = {0};
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;
    if (k->n.n > RSA_BYTES_MAX + 1 || k->e.n > 8 || k->d.n > RSA_BYTES_MAX + 1)
        return NULL;
    OSSL_PARAM_BLD *bld = evp->OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = evp->EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (bld && ctx && push_numbers(evp, k, bld, kept) &&
        (params = evp->OSSL_PARAM_BLD_to_param(bld)) != NULL &&
        evp->EVP_PKEY_fromdata_init(ctx) == 1 &&
        evp->EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
        key = NULL;
    evp->OSSL_PARAM_free(params);
    evp->OSSL_PARAM_BLD_free(bld);
    evp->EVP_PKEY_CTX_free(ctx);
    for (int i = 0; i < NUMBERS; i++)
        evp->BN_clear_free(kept[i]);
    return key;
}

static bool set_oaep(const struct evp_table *evp, EVP_PKEY_CTX *ctx, const char *label)
{
    size_t n = strlen(label);
    if (evp->EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
        evp->EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, "SHA256", NULL) != 1)
        return false;
    void *copy = evp->CRYPTO_memdup(label, n, __FILE__, __LINE__);
    return copy && evp->EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)n) == 1;
}

static struct err apply(const struct rsa_key *key, const char *label, bool sealing, struct span in,
                        struct wr *out)
{
    const struct evp_table *evp = evp_load();
    if (!evp)
        return err(ERR_CLOSED);
    EVP_PKEY *pkey = make_key(evp, key);
    if (!pkey)
        return err(ERR_INPUT);
    EVP_PKEY_CTX *ctx = evp->EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    __typeof__(EVP_PKEY_encrypt) *run = sealing ? evp->EVP_PKEY_encrypt : evp->EVP_PKEY_decrypt;
    __typeof__(EVP_PKEY_encrypt_init) *init =
        sealing ? evp->EVP_PKEY_encrypt_init : evp->EVP_PKEY_decrypt_init;
    uint8_t bytes[RSA_BYTES_MAX];
    size_t n = sizeof bytes;
    bool good =
        ctx && init(ctx) == 1 && set_oaep(evp, ctx, label) && run(ctx, bytes, &n, in.p, in.n) == 1;
    if (good)
        wr_put(out, span(bytes, n));
    explicit_bzero(bytes, sizeof bytes);
    evp->EVP_PKEY_CTX_free(ctx);
    evp->EVP_PKEY_free(pkey);
    return good ? wr_done(out) : err(sealing ? ERR_INPUT : ERR_CORRUPT);
}

struct err rsa_seal(const struct rsa_key *key, const char *label, struct span plain, struct wr *out)
{
    return apply(key, label, true, plain, out);
}

struct err rsa_open(const struct rsa_key *key, const char *label, struct span sealed,
                    struct wr *out)
{
    return apply(key, label, false, sealed, out);
}
