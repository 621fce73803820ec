/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pickle unfolds to. A few bytes that name one list ten times in the next, and that in the
 * next again, cost the loader nothing and whoever walks, compares, prints or hashes the result the
 * whole tree ("a billion laughs"). Each value that holds others carries how many it holds all
 * together, every reference counted anew, as they stood when the reference was made; what lies in
 * the memo is the same value, so its number there is the one that counts. Small numbers are added
 * where they stand, in pickle_hold.
 */
#include "pickle_int.h"

enum { POWER_MAX = 31 };
#define UNFOLD_LIMIT ((uint64_t)1 << 30) /* values: what no reader gets through */

static uint64_t code_of(uint64_t n)
{
    if (n >> UNFOLD_DIGITS == 0)
        return n;
    unsigned power = (unsigned)(64 - __builtin_clzll(n)) - UNFOLD_DIGITS;
    return power > POWER_MAX ? 0xffff : (uint64_t)power << UNFOLD_DIGITS | n >> power;
}

void pickle_hold_much(struct machine *m, struct value *v, uint64_t more)
{
    uint64_t n = pickle_unfold(m, *v) - 1 + more, code = code_of(n);
    uint8_t *there = unfold_place(m, *v);
    if (there) {
        there[0] = (uint8_t)code;
        there[1] = (uint8_t)(code >> 8);
    } else {
        v->v = (v->v & ~(0xffffULL << UNFOLD_SHIFT)) | code << UNFOLD_SHIFT;
    }
    if (n < UNFOLD_LIMIT || m->unfolds)
        return;
    machine_note(m, WEIGHTS_MALFORMED, "pickle-unfold",
                 "containers named again and again in each other unfold to more than a billion "
                 "values");
    m->unfolds = true;
}
