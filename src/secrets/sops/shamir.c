/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shamir's sharing of the data key, byte by byte over GF(2^8) modulo x^8+x^4+x^3+x+1. Products go
 * without tables or branches on secrets. Rare.
 */
#define _DEFAULT_SOURCE
#include "random.h"
#include "sops_int.h"

static uint8_t multiply(uint8_t a, uint8_t b)
{
    uint8_t out = 0;
    for (int i = 0; i < 8; i++) {
        out ^= (uint8_t)(a & (0U - (b >> i & 1U)));
        a = (uint8_t)(a << 1 ^ (0x1b & (0U - (a >> 7 & 1U))));
    }
    return out;
}

/* a^254; 0 stays 0. */
static uint8_t inverse(uint8_t a)
{
    uint8_t out = 1;
    for (int i = 0; i < 7; i++) {
        a = multiply(a, a);
        out = multiply(out, a);
    }
    return out;
}

void sops_shamir_split(const uint8_t key[SOPS_KEY], uint32_t n, uint32_t k,
                       uint8_t shares[][SOPS_KEY + 1])
{
    uint8_t factor[256];
    for (uint32_t s = 0; s < n; s++)
        shares[s][SOPS_KEY] = (uint8_t)(s + 1);
    for (uint32_t i = 0; i < SOPS_KEY; i++) {
        random_bytes(factor, k);
        factor[0] = key[i];
        for (uint32_t s = 0; s < n; s++) {
            uint8_t y = 0;
            for (uint32_t j = k; j-- > 0;)
                y = (uint8_t)(multiply(y, (uint8_t)(s + 1)) ^ factor[j]);
            shares[s][i] = y;
        }
    }
    explicit_bzero(factor, sizeof factor);
}

struct err sops_shamir_join(const uint8_t shares[][SOPS_KEY + 1], uint32_t n, uint8_t key[SOPS_KEY])
{
    for (uint32_t i = 0; i < SOPS_KEY; i++)
        key[i] = 0;
    for (uint32_t a = 0; a < n; a++) {
        uint8_t xa = shares[a][SOPS_KEY], basis = 1;
        for (uint32_t b = 0; b < n; b++) {
            uint8_t xb = shares[b][SOPS_KEY];
            if (a == b)
                continue;
            if (xa == xb || xb == 0)
                return err(ERR_INPUT);
            basis = multiply(basis, multiply(xb, inverse(xa ^ xb)));
        }
        for (uint32_t i = 0; i < SOPS_KEY; i++)
            key[i] ^= multiply(basis, shares[a][i]);
    }
    return OK;
}
