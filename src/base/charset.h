/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that are not UTF-8: UTF-16 (RFC 2781), which editors and shells of Windows write, and
 * windows-1252 (WHATWG Encoding Standard), in which its spreadsheets export; Latin-1 is all but a
 * part of it. To UTF-8 and back.
 */
#ifndef SANCTUM_BASE_CHARSET_H
#define SANCTUM_BASE_CHARSET_H

#include "buf.h"

enum charset { CHARSET_UTF8, CHARSET_UTF16_LE, CHARSET_UTF16_BE, CHARSET_WINDOWS_1252 };

/* As the WHATWG Encoding Standard calls it. */
const char *charset_name(enum charset c);
/* False: none is called so. */
bool charset_find(struct span name, enum charset *c);

/* UTF-16 by the mark U+FEFF at the beginning; CHARSET_UTF8 where there is none. */
enum charset charset_marked(struct span s);
/* UTF-16 by its mark; windows-1252 where more bytes outside ASCII are of no character of UTF-8 than
 * there are such characters; else UTF-8, whatever is broken in it. */
enum charset charset_of(struct span s);
/* For UTF-16: whole units, and no half of a surrogate pair without the other. Then, and for one
 * byte a character always, the way to UTF-8 and back gives the same bytes. */
bool charset_whole(struct span s, enum charset c);
/* Append as UTF-8, a mark too. Half a pair becomes U+FFFD, half a unit at the end is left out; what
 * is UTF-8 stays as it is. At most three times s.n. ERR_LIMIT, ERR_NOMEM. */
MUST struct err charset_to_utf8(struct span s, enum charset c, struct buf *out);
/* Append UTF-8 as `c`. A byte that is none becomes U+FFFD. At most twice s.n. ERR_INPUT:
 * windows-1252 has not all of it; ERR_LIMIT, ERR_NOMEM. */
MUST struct err charset_from_utf8(struct span s, enum charset c, struct buf *out);

#endif
