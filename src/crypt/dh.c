/* SPDX-License-Identifier: Apache-2.0 */
/* Diffie-Hellman on Curve25519. One or two a stanza. */
#include "dh.h"

#include <sodium.h>

void dh_public(const uint8_t secret[DH_BYTES], uint8_t out[DH_BYTES])
{
    crypto_scalarmult_curve25519_base(out, secret);
}

struct err dh_shared(const uint8_t secret[DH_BYTES], const uint8_t peer[DH_BYTES],
                     uint8_t out[DH_BYTES])
{
    return crypto_scalarmult_curve25519(out, secret, peer) == 0 ? OK : err(ERR_INPUT);
}

struct err dh_from_ed25519_public(const uint8_t pk[DH_BYTES], uint8_t out[DH_BYTES])
{
    return crypto_sign_ed25519_pk_to_curve25519(out, pk) == 0 ? OK : err(ERR_INPUT);
}

void dh_from_ed25519_seed(const uint8_t seed[DH_BYTES], uint8_t out[DH_BYTES])
{
    uint8_t wide[crypto_hash_sha512_BYTES];
    crypto_hash_sha512(wide, seed, DH_BYTES);
    for (int i = 0; i < DH_BYTES; i++)
        out[i] = wide[i];
    out[0] &= 248;
    out[31] = (uint8_t)((out[31] & 127) | 64);
    sodium_memzero(wide, sizeof wide);
}
