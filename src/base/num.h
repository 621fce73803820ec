/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers: strict text to integer, and arithmetic that says when it overflows. */
#ifndef SANCTUM_BASE_NUM_H
#define SANCTUM_BASE_NUM_H

#include "err.h"
#include "span.h"

/* Decimal digits only: no sign, no blank, no leading zero except "0" itself. ERR_INPUT, ERR_LIMIT
 * above `max`. */
MUST struct err num_u64(struct span s, uint64_t max, uint64_t *out);
/* Value of a hexadecimal digit of either case, 16 when c is none. */
static inline unsigned num_hex_digit(uint8_t c)
{
    c = ascii_lower(c);
    if ((uint8_t)(c - '0') < 10)
        return (unsigned)(c - '0');
    return (uint8_t)(c - 'a') < 6 ? (unsigned)(c - 'a') + 10 : 16;
}
/* Hexadecimal digits of either case, 1 to 16 of them. */
MUST struct err num_hex(struct span s, uint64_t *out);

MUST static inline struct err num_add(size_t a, size_t b, size_t *out)
{
    return __builtin_add_overflow(a, b, out) ? err(ERR_LIMIT) : OK;
}

MUST static inline struct err num_mul(size_t a, size_t b, size_t *out)
{
    return __builtin_mul_overflow(a, b, out) ? err(ERR_LIMIT) : OK;
}

#endif
