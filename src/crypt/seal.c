/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticated encryption of vault values. Rare: a key of a provider, the masking root. */
#define _DEFAULT_SOURCE
#include "seal.h"
#include "derive.h"

#include <sodium.h>
#include <string.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    COMMITMENT = 32,
};
_Static_assert(NONCE + COMMITMENT + TAG == SEAL_OVERHEAD, "as the header says");

struct subkeys {
    uint8_t encryption[SEAL_KEY_BYTES];
    uint8_t commitment[COMMITMENT];
};

static struct err derive(const uint8_t key[SEAL_KEY_BYTES], struct span nonce, struct subkeys *k)
{
    return derive_key(span(key, SEAL_KEY_BYTES), "sanctum/seal/1", nonce, k, sizeof *k);
}

struct err seal_close(const uint8_t key[SEAL_KEY_BYTES], struct span about, struct span plain,
                      struct wr *out)
{
    struct subkeys k;
    uint8_t nonce[NONCE];
    if (plain.n > SEAL_MAX || out->full || out->cap - out->n < plain.n + SEAL_OVERHEAD)
        return err(ERR_LIMIT);
    if (sodium_init() < 0)
        return err(ERR_BUG);
    randombytes_buf(nonce, sizeof nonce);
    TRY(derive(key, span(nonce, NONCE), &k));
    wr_put(out, span(nonce, NONCE));
    wr_put(out, span(k.commitment, COMMITMENT));
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->p + out->n, NULL, plain.p, plain.n, about.p,
                                               about.n, NULL, nonce, k.encryption);
    out->n += plain.n + TAG;
    explicit_bzero(&k, sizeof k);
    return OK;
}

struct err seal_open(const uint8_t key[SEAL_KEY_BYTES], struct span about, struct span sealed,
                     struct wr *out)
{
    struct subkeys k;
    if (sealed.n < SEAL_OVERHEAD)
        return err(ERR_CORRUPT);
    if (out->full || out->cap - out->n < sealed.n - SEAL_OVERHEAD)
        return err(ERR_LIMIT);
    struct span nonce = span_cut(sealed, 0, NONCE);
    struct span body = span_from(sealed, NONCE + COMMITMENT);
    TRY(derive(key, nonce, &k));
    bool right =
        span_eq_const_time(span(k.commitment, COMMITMENT), span_cut(sealed, NONCE, COMMITMENT)) &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(out->p + out->n, NULL, NULL, body.p, body.n,
                                                   about.p, about.n, nonce.p, k.encryption) == 0;
    explicit_bzero(&k, sizeof k);
    if (!right)
        return err(ERR_CORRUPT);
    out->n += body.n - TAG;
    return OK;
}
