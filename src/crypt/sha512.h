/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512 (FIPS 180-4), for formats of others that prescribe it. */
#ifndef SANCTUM_CRYPT_SHA512_H
#define SANCTUM_CRYPT_SHA512_H

#include "err.h"
#include "span.h"

enum { SHA512_BYTES = 64 };

/* The digest of the concatenation of `n` parts. ERR_NOMEM. */
MUST struct err sha512_parts(const struct span *parts, size_t n, uint8_t out[SHA512_BYTES]);

#endif
