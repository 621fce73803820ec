/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of the first four bytes of known values, and the next place of a text where some of them
 * may stand: for many values, where nearly every two bytes are those of some (pairs_int.h). It may
 * stop at bytes that are in no value, never pass over some that are, in whatever case.
 */
#ifndef SANCTUM_TRAFFIC_MASK_HEADS_INT_H
#define SANCTUM_TRAFFIC_MASK_HEADS_INT_H

#include "span.h"

enum { HEADS_BYTES = 4 };

struct heads {
    uint64_t bit[65536 / 64];
};

/* Put in the first four bytes of a value; returns what heads_drop takes. */
uint16_t heads_add(struct heads *s, const uint8_t p[HEADS_BYTES]);
/* Take them out again; others may go with them, so: all. */
void heads_drop(struct heads *s, uint16_t head);
/* The offset of the next head at or after `at`; at least text.n - 3 when there is none. A cycle and
 * a half a byte, however many there are. */
size_t heads_next(const struct heads *s, struct span text, size_t at);

#endif
