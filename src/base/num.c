/* SPDX-License-Identifier: Apache-2.0 */
/* Strict number parsing: refuses everything that two readers could read differently. */
#include "num.h"

struct err num_u64(struct span s, uint64_t max, uint64_t *out)
{
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
        return err(ERR_INPUT);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return err(ERR_INPUT);
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
            return err(ERR_LIMIT);
    }
    if (v > max)
        return err(ERR_LIMIT);
    *out = v;
    return OK;
}

struct err num_hex(struct span s, uint64_t *out)
{
    if (s.n == 0 || s.n > 16)
        return err(ERR_INPUT);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = num_hex_digit(s.p[i]);
        if (digit > 15)
            return err(ERR_INPUT);
        v = v << 4 | digit;
    }
    *out = v;
    return OK;
}
