/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16 (RFC 2781), which Windows' editors and shells write: to UTF-8 and back. */
#ifndef SANCTUM_BASE_UTF16_H
#define SANCTUM_BASE_UTF16_H

#include "buf.h"

enum utf16_order { UTF16_NONE, UTF16_LITTLE, UTF16_BIG };

/* By the mark U+FEFF at the beginning; UTF16_NONE where there is none. */
enum utf16_order utf16_mark(struct span s);
/* Whole units, and no half of a surrogate pair without the other: the way there and back gives the
 * same bytes. */
bool utf16_valid(struct span s, enum utf16_order o);
/* Append as UTF-8, a mark too. Half a pair becomes U+FFFD, half a unit at the end is left out. At
 * most 1.5 times s.n. ERR_LIMIT, ERR_NOMEM. */
MUST struct err utf16_to_utf8(struct span s, enum utf16_order o, struct buf *out);
/* Append UTF-8 as UTF-16; a byte that is none becomes U+FFFD. At most twice s.n. ERR_LIMIT,
 * ERR_NOMEM. */
MUST struct err utf16_from_utf8(struct span s, enum utf16_order o, struct buf *out);

#endif
