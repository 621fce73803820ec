/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical JSON (RFC 8785): one spelling for one value, so that it can be hashed and signed. Used
 * for audit records, checkpoints and signed manifests.
 */
#ifndef SANCTUM_JSON_JCS_H
#define SANCTUM_JSON_JCS_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

/*
 * Append the canonical form of the JSON text `in` to `out`: no blanks, members sorted by the UTF-16
 * code units of their names, minimal escapes, numbers as ECMAScript prints doubles.
 * ERR_INPUT with `f` (may be NULL) filled when `in` is no JSON, a key comes twice in one object, a
 * surrogate stands alone or a number overflows a double; ERR_LIMIT over JSON_DEPTH, the arena's or
 * the buffer's ceiling. On failure `out` is as it was. Integers beyond 2^53 lose digits, as the RFC
 * has it: write them as strings.
 * Cost: O(n log n) in the members of an object, not recursive; about 40 bytes of `scratch` a token.
 * `scratch` is not reset.
 */
MUST struct err jcs_canonical(struct span in, struct arena *scratch, struct buf *out,
                              struct fault *f);

enum { JCS_NUMBER_MAX = 25 }; /* "-1.2345678901234567e-308" is 24 */
/*
 * A finite double as ECMAScript's Number::toString prints it: the shortest digits that read back as
 * the same double, the closest of those. Returns the length; 0 for NaN and infinities. Exact
 * integer arithmetic, no locale; integers below 2^53 take 10 ns, others up to 3 us.
 */
size_t jcs_number(double v, uint8_t out[JCS_NUMBER_MAX]);

#endif
