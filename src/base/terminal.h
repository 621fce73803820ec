/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a terminal is told between the characters it shows: colours, mostly (ECMA-48, "Control
 * functions for coded character sets", 5.4). Programs write it into logs and agents' tool results
 * hold it; a value that stands behind "\033[31m" or in which a colour changes is none the less the
 * value a reader sees.
 */
#ifndef SANCTUM_BASE_TERMINAL_H
#define SANCTUM_BASE_TERMINAL_H

#include "span.h"

#define TERMINAL_ESC 0x1b
/* The longest sequence that is read, in bytes: two colours of 24 bits take 36. */
enum { TERMINAL_MAX = 40 };

/*
 * The length of the sequence that begins with the ESC at t.p[at], 0 where none does. *blank: behind
 * it the text goes on elsewhere (the cursor was moved); else it goes on where it was (colours,
 * erasing). Of a command that carries a text, as links and titles do (OSC), the sequence is its
 * first bytes only: the text stays to be seen. *cut: the text ends within what may be a sequence.
 */
size_t terminal_sequence(struct span t, size_t at, bool *blank, bool *cut);
/* `t` without sequences (a blank for those that move the cursor), into `out`, which holds t.n bytes
 * and may be where t lies. Returns the length. */
size_t terminal_strip(struct span t, uint8_t *out);

#endif
