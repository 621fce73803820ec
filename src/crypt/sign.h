/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures with keys in PEM files: ECDSA on P-256, P-384 and P-521 with SHA-256, -384 and -512
 * (FIPS 186-5; signatures in DER), and Ed25519 (RFC 8032). The key dictates the algorithm; no other
 * kind of key is taken.
 */
#ifndef SANCTUM_CRYPT_SIGN_H
#define SANCTUM_CRYPT_SIGN_H

#include "buf.h"

struct sign_key {
    void *key; /* owned */
};

/* A private key from PEM (PKCS #8 or SEC 1). `passphrase` may be empty. ERR_INPUT: not such a key,
 * or the passphrase does not open it. */
MUST struct err sign_key_private(struct span pem, struct span passphrase, struct sign_key *out);
/* A public key from PEM (SubjectPublicKeyInfo). ERR_INPUT. */
MUST struct err sign_key_public(struct span pem, struct sign_key *out);
void sign_key_free(struct sign_key *k);
/* Append the public half as PEM text, its final newline included. */
MUST struct err sign_key_pem(const struct sign_key *k, struct buf *out);
/* "ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519". */
const char *sign_key_kind(const struct sign_key *k);

/* Append the signature of `text`. */
MUST struct err sign_make(const struct sign_key *k, struct span text, struct buf *out);
/* ERR_CORRUPT: not this key's signature of this text. */
MUST struct err sign_check(const struct sign_key *k, struct span text, struct span signature);

#endif
