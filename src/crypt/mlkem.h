/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ML-KEM-768 (FIPS 203, final): the lattice half of age's post-quantum recipient. Written here
 * because OpenSSL before 3.5 and libsodium have none. No branch, index or division depends on a
 * secret; the rejection sampling of the public matrix depends on public bytes only.
 * Cost: about 0.1 ms an operation.
 */
#ifndef SANCTUM_CRYPT_MLKEM_H
#define SANCTUM_CRYPT_MLKEM_H

#include "err.h"

enum {
    MLKEM_SEED = 64, /* d ‖ z */
    MLKEM_EK = 1184, /* encapsulation key: public */
    MLKEM_DK = 2400, /* decapsulation key: secret */
    MLKEM_CT = 1088,
    MLKEM_SECRET = 32,
    MLKEM_RANDOM = 32,
};

/* The key pair of a seed. */
void mlkem_keys(const uint8_t seed[MLKEM_SEED], uint8_t ek[MLKEM_EK], uint8_t dk[MLKEM_DK]);
/* A shared secret and the ciphertext that carries it; `m` is fresh randomness. ERR_INPUT when a
 * coefficient of ek is not reduced (FIPS 203 §7.2). */
MUST struct err mlkem_encapsulate(const uint8_t ek[MLKEM_EK], const uint8_t m[MLKEM_RANDOM],
                                  uint8_t ct[MLKEM_CT], uint8_t secret[MLKEM_SECRET]);
/* The shared secret of a ciphertext. Never fails: a wrong ciphertext gives a secret that nobody
 * else knows. `dk` is one that mlkem_keys made. */
void mlkem_decapsulate(const uint8_t dk[MLKEM_DK], const uint8_t ct[MLKEM_CT],
                       uint8_t secret[MLKEM_SECRET]);

#endif
