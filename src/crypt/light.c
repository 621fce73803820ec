/* SPDX-License-Identifier: Apache-2.0 */
/* The small digests of the age engine. A handful a file. */
#include "light.h"

#include <sodium.h>

void light_sha256(const struct span *parts, size_t n, uint8_t out[LIGHT_BYTES])
{
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    for (size_t i = 0; i < n; i++)
        crypto_hash_sha256_update(&s, parts[i].p, parts[i].n);
    crypto_hash_sha256_final(&s, out);
}

void light_sha512(const struct span *parts, size_t n, uint8_t out[LIGHT_SHA512])
{
    crypto_hash_sha512_state s;
    crypto_hash_sha512_init(&s);
    for (size_t i = 0; i < n; i++)
        crypto_hash_sha512_update(&s, parts[i].p, parts[i].n);
    crypto_hash_sha512_final(&s, out);
    sodium_memzero(&s, sizeof s);
}

void light_mac(struct span key, const struct span *parts, size_t n, uint8_t out[LIGHT_BYTES])
{
    static const uint8_t none = 0;
    crypto_auth_hmacsha256_state s;
    crypto_auth_hmacsha256_init(&s, key.n ? key.p : &none, key.n);
    for (size_t i = 0; i < n; i++)
        if (parts[i].n)
            crypto_auth_hmacsha256_update(&s, parts[i].p, parts[i].n);
    crypto_auth_hmacsha256_final(&s, out);
    sodium_memzero(&s, sizeof s);
}

void light_expand(struct span key, const struct span *info, size_t parts, uint8_t *out, size_t n)
{
    enum { PARTS_MAX = 8 };
    static const uint8_t one = 1;
    struct span all[PARTS_MAX + 1];
    uint8_t block[LIGHT_BYTES];
    if (parts > PARTS_MAX || n > LIGHT_BYTES)
        __builtin_trap(); /* the callers' lists are constants */
    for (size_t i = 0; i < parts; i++)
        all[i] = info[i];
    all[parts] = span(&one, 1);
    light_mac(key, all, parts + 1, block);
    memcpy(out, block, n);
    sodium_memzero(block, sizeof block);
}

void light_hkdf(struct span ikm, struct span salt, struct span info, uint8_t out[LIGHT_BYTES])
{
    uint8_t prk[LIGHT_BYTES];
    light_mac(salt, &ikm, 1, prk);
    light_expand(span(prk, sizeof prk), &info, 1, out, LIGHT_BYTES);
    sodium_memzero(prk, sizeof prk);
}
