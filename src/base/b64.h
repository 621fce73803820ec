/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text: base64 (RFC 4648 §4 and §5), hexadecimal, Crockford base32. Decoding is strict:
 * one spelling per value, no white space, zero trailing bits, padding exactly as asked.
 */
#ifndef SANCTUM_BASE_B64_H
#define SANCTUM_BASE_B64_H

#include "buf.h"
#include "wr.h"

enum b64_kind {
    B64_STD,     /* + / with = padding */
    B64_STD_RAW, /* + / without padding */
    B64_URL,     /* - _ with padding */
    B64_URL_RAW, /* - _ without padding */
};

/* Characters that n bytes take. */
size_t b64_len(size_t n, enum b64_kind kind);
void b64_encode(struct wr *w, struct span in, enum b64_kind kind);
/* Appends the bytes. ERR_INPUT with the position of the first wrong character in *at (may be NULL);
 * then w holds what was decoded before it. */
MUST struct err b64_decode(struct wr *w, struct span in, enum b64_kind kind, size_t *at);

/* Lower-case hexadecimal. */
void hex_encode(struct wr *w, struct span in);
/* Either case, an even count of digits. */
MUST struct err hex_decode(struct wr *w, struct span in);

/* The low 5*chars bits of v (chars <= 12), most significant first, lower-case Crockford base32. */
void base32_crockford(struct wr *w, uint64_t v, unsigned chars);

/* Value of one character of the standard or the URL alphabet, 64 when it is none. */
unsigned b64_digit(uint8_t c, bool url);

#endif
