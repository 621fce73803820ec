/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bech32 text (BIP 173) without its limit of 90 characters: how age spells keys. One case
 * throughout, checksum, zero padding bits; the human-readable part is kept in the case it has.
 */
#ifndef SANCTUM_AGE_BECH32_H
#define SANCTUM_AGE_BECH32_H

#include "buf.h"
#include "err.h"
#include "span.h"
#include "wr.h"

enum { BECH32_HRP_MAX = 83 };

/* Append HRP, "1", data and checksum to `out`. The case of the result is that of `hrp`, which must
 * hold letters of one case only. */
MUST struct err bech32_encode(struct span hrp, struct span data, struct buf *out);
/* *hrp borrows from `text`; the data is appended to `data`. ERR_INPUT with the reason in *f (may be
 * NULL), ERR_LIMIT when it does not fit: nothing in `data` counts then. */
MUST struct err bech32_decode(struct span text, struct span *hrp, struct wr *data, struct fault *f);

#endif
