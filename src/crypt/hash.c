/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC over OpenSSL's EVP with one pre-fetched digest and reused contexts. Called for
 * every access key, token and tree node, so nothing here allocates after hash_prepare, except the
 * explicit begin and key set-up.
 */
#define _GNU_SOURCE
#include "hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { BLOCK = 64 };

static EVP_MD *sha256;
static EVP_MD_CTX *scratch;

/* libcrypto failing on a plain SHA-256 leaves nothing to go on with. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

void hash_prepare(void)
{
    if (sha256)
        return;
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    scratch = EVP_MD_CTX_new();
    must(sha256 && scratch);
}

static void absorb(EVP_MD_CTX *ctx, const struct span *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (parts[i].n)
            must(EVP_DigestUpdate(ctx, parts[i].p, parts[i].n));
}

void hash_sha256_parts(const struct span *parts, size_t n, uint8_t out[HASH_BYTES])
{
    hash_prepare();
    must(EVP_DigestInit_ex2(scratch, sha256, NULL));
    absorb(scratch, parts, n);
    must(EVP_DigestFinal_ex(scratch, out, NULL));
}

void hash_sha256(struct span in, uint8_t out[HASH_BYTES])
{
    hash_sha256_parts(&in, 1, out);
}

struct err hash_begin(struct hash_run *h)
{
    hash_prepare();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return err(ERR_NOMEM);
    must(EVP_DigestInit_ex2(ctx, sha256, NULL));
    h->ctx = ctx;
    return OK;
}

void hash_more(struct hash_run *h, struct span in)
{
    absorb(h->ctx, &in, 1);
}

void hash_end(struct hash_run *h, uint8_t out[HASH_BYTES])
{
    must(EVP_DigestFinal_ex(h->ctx, out, NULL));
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

/* A context that has absorbed the key XOR `pad`. */
static EVP_MD_CTX *keyed(const uint8_t key[BLOCK], uint8_t pad)
{
    uint8_t block[BLOCK];
    for (size_t i = 0; i < BLOCK; i++)
        block[i] = key[i] ^ pad;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx) {
        must(EVP_DigestInit_ex2(ctx, sha256, NULL));
        must(EVP_DigestUpdate(ctx, block, BLOCK));
    }
    explicit_bzero(block, sizeof block);
    return ctx;
}

struct err hash_mac_key_init(struct hash_mac_key *k, struct span key)
{
    hash_prepare();
    uint8_t block[BLOCK] = {0};
    if (key.n > BLOCK)
        hash_sha256(key, block);
    else if (key.n)
        memcpy(block, key.p, key.n);
    *k = (struct hash_mac_key){keyed(block, 0x36), keyed(block, 0x5c)};
    explicit_bzero(block, sizeof block);
    if (k->inner && k->outer)
        return OK;
    hash_mac_key_free(k);
    return err(ERR_NOMEM);
}

void hash_mac_key_free(struct hash_mac_key *k)
{
    EVP_MD_CTX_free(k->inner);
    EVP_MD_CTX_free(k->outer);
    *k = (struct hash_mac_key){0};
}

void hash_mac_parts(const struct hash_mac_key *k, const struct span *parts, size_t n,
                    uint8_t out[HASH_BYTES])
{
    must(EVP_MD_CTX_copy_ex(scratch, k->inner));
    absorb(scratch, parts, n);
    must(EVP_DigestFinal_ex(scratch, out, NULL));
    must(EVP_MD_CTX_copy_ex(scratch, k->outer));
    must(EVP_DigestUpdate(scratch, out, HASH_BYTES));
    must(EVP_DigestFinal_ex(scratch, out, NULL));
}
