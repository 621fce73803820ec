/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates as signers of model manifests (RFC 5280): the chain is built to one of the
 * caller's roots at the time the leaf became valid, since such signatures carry no time of their
 * own. Nothing is taken from the system's store.
 */
#ifndef SANCTUM_CRYPT_CERT_H
#define SANCTUM_CRYPT_CERT_H

#include "sign.h"

enum { CERT_MAX = 16, CERT_BYTES_MAX = 64 << 10 };

/* Certificates in DER, the leaf first; owned by `bytes`. */
struct cert_chain {
    struct buf bytes;
    struct {
        size_t at, n;
    } v[CERT_MAX];
    size_t n;
};

/* Empty, ready for the functions below. */
struct cert_chain cert_chain_init(void);
void cert_chain_free(struct cert_chain *c);
/* Add a copy of one certificate, which must not lie in this chain itself. ERR_LIMIT above CERT_MAX.
 */
MUST struct err cert_chain_add(struct cert_chain *c, struct span der);
/* Add every certificate of a PEM file. ERR_INPUT: there is none, or one is broken. */
MUST struct err cert_chain_pem(struct cert_chain *c, struct span pem);
struct span cert_chain_der(const struct cert_chain *c, size_t i);

/* The leaf's public key, when the chain ends in one of `roots` and the leaf may sign (key usage
 * digitalSignature, or extended key usage codeSigning). ERR_DENIED otherwise; *why says it. */
MUST struct err cert_signer(const struct cert_chain *c, const struct cert_chain *roots,
                            struct sign_key *out, const char **why);
/* Do certificate and private key belong together? */
bool cert_matches(const struct cert_chain *c, const struct sign_key *key);

#endif
