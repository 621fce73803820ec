/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader's files share: the string scanners and one step of escape decoding. */
#ifndef SANCTUM_JSON_JSON_INT_H
#define SANCTUM_JSON_JSON_INT_H

#include "json.h"

enum string_flag { STRING_ESCAPED = 1, STRING_LONE = 2 };

/*
 * From `at` (just behind the opening quote) to the closing quote; its offset. On bytes that are no
 * string content, *why is set and the offset is the place.
 */
size_t json_scan_string(struct span in, size_t at, unsigned *flags, const char **why);

/*
 * Copies a text up to the first byte that a string cannot hold as it is (a quote, a backslash, a
 * control character, what is not valid UTF-8), and behind it where it has a short escape and
 * `room` is left for one byte more than the rest of the text. Returns how many bytes of the text,
 * *put how many of out[0..room), which may be written behind that, too. room >= in.n.
 */
size_t json_copy_kept(struct span in, uint8_t *out, size_t room, size_t *put);
/* Copies the inside of a string up to the first backslash; how many bytes. What lies behind them in
 * out[0..in.n) may be written, too. */
size_t json_copy_raw(struct span in, uint8_t *out);

/* What the letter after a backslash stands for; 0: it is no short escape. */
extern const uint8_t json_short_escape[256];

/* No code point: the escape stands for half a surrogate pair. */
#define ESCAPE_LONE 0xffffffffU

/*
 * The escape that starts with the backslash at `at`: its length in bytes (2, 6, or 12 for a pair),
 * 0 when it is none. *cp gets the code point or ESCAPE_LONE.
 */
size_t json_escape_step(struct span in, size_t at, uint32_t *cp);

#endif
