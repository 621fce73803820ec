/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the drivers share: an input of any bytes and any length up to EVA_BYTES, which Frama-C's EVA
 * follows for all values at once; a driver splits by length. A driver proves that no run of the
 * parser reads or writes outside its objects, reads what nobody wrote, overflows a signed number,
 * shifts too far or divides by zero.
 */
#ifndef SANCTUM_PROOF_EVA_H
#define SANCTUM_PROOF_EVA_H

#include "rd.h"
#include "span.h"

#include <__fc_builtin.h>

static uint8_t eva_bytes[EVA_BYTES];

static inline struct span eva_input(void)
{
    Frama_C_make_unknown((char *)eva_bytes, sizeof eva_bytes);
    return span(eva_bytes, (size_t)Frama_C_interval(0, EVA_BYTES));
}

#endif
