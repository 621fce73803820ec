/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC over libcrypto's SHA256_* functions. Called for every access key, token and tree
 * node. The EVP interface would serve, but in OpenSSL 3.0 each EVP_DigestInit and each copy of a
 * context allocates, so a hash could fail for lack of memory, and a first fetch costs a millisecond
 * of start-up. The plain functions are marked deprecated, not removed; they cannot fail, allocate
 * nothing and use the same assembly.
 */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hash.h"

#include <openssl/sha.h>
#include <stdlib.h>

_Static_assert(sizeof(SHA256_CTX) <= HASH_STATE, "hash.h reserves room for the state");

static void absorb(SHA256_CTX *ctx, const struct span *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (parts[i].n)
            SHA256_Update(ctx, parts[i].p, parts[i].n);
}

void hash_sha256_parts(const struct span *parts, size_t n, uint8_t out[HASH_BYTES])
{
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    absorb(&ctx, parts, n);
    SHA256_Final(out, &ctx);
}

void hash_sha256(struct span in, uint8_t out[HASH_BYTES])
{
    hash_sha256_parts(&in, 1, out);
}

struct err hash_begin(struct hash_run *h)
{
    SHA256_CTX *ctx = malloc(sizeof *ctx);
    if (!ctx)
        return err(ERR_NOMEM);
    SHA256_Init(ctx);
    h->ctx = ctx;
    return OK;
}

void hash_more(struct hash_run *h, struct span in)
{
    absorb(h->ctx, &in, 1);
}

void hash_end(struct hash_run *h, uint8_t out[HASH_BYTES])
{
    SHA256_Final(out, h->ctx);
    free(h->ctx);
    h->ctx = NULL;
}

/* The state after absorbing the key XOR `pad`. */
static void absorb_key(uint8_t state[HASH_STATE], const uint8_t key[HASH_BLOCK], uint8_t pad)
{
    uint8_t block[HASH_BLOCK];
    SHA256_CTX ctx;
    for (size_t i = 0; i < HASH_BLOCK; i++)
        block[i] = key[i] ^ pad;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, HASH_BLOCK);
    memcpy(state, &ctx, sizeof ctx);
    explicit_bzero(block, sizeof block);
    explicit_bzero(&ctx, sizeof ctx);
}

struct err hash_mac_key_init(struct hash_mac_key *k, struct span key)
{
    uint8_t block[HASH_BLOCK] = {0};
    if (key.n > HASH_BLOCK)
        hash_sha256(key, block);
    else if (key.n)
        memcpy(block, key.p, key.n);
    absorb_key(k->inner, block, 0x36);
    absorb_key(k->outer, block, 0x5c);
    explicit_bzero(block, sizeof block);
    return OK;
}

void hash_mac_key_free(struct hash_mac_key *k)
{
    explicit_bzero(k, sizeof *k);
}

void hash_mac_parts(const struct hash_mac_key *k, const struct span *parts, size_t n,
                    uint8_t out[HASH_BYTES])
{
    SHA256_CTX ctx;
    memcpy(&ctx, k->inner, sizeof ctx);
    absorb(&ctx, parts, n);
    SHA256_Final(out, &ctx);
    memcpy(&ctx, k->outer, sizeof ctx);
    SHA256_Update(&ctx, out, HASH_BYTES);
    SHA256_Final(out, &ctx);
}
