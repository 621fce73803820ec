/* SPDX-License-Identifier: Apache-2.0 */
/* The math extension. */
#include "builtin_int.h"

#include <math.h>

#define FN(name)                                                                                   \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)

static bool is_number(struct cel_value v)
{
    return v.kind >= CEL_INT && v.kind <= CEL_DOUBLE;
}

/* The first that none passes, in the direction of `sign`. */
static struct cel_value extreme(struct run *r, const struct node *n, const struct cel_value *a,
                                size_t count, int sign)
{
    if (count == 1 && a[0].kind == CEL_LIST) {
        count = a[0].list->n;
        a = a[0].list->v;
    }
    if (count == 0)
        return cel_error(n, CEL_E_ARGUMENT, "at least one number expected");
    if (!cel_pay(r, count))
        return cel_exhausted(n);
    struct cel_value best = a[0];
    for (size_t i = 0; i < count; i++) {
        if (!is_number(a[i]))
            return cel_no_overload(n);
        int c = cel_order(a[i], best);
        if (c == 2 && i > 0)
            return cel_error(n, CEL_E_ARGUMENT, "NaN has no place in an order");
        if (c == sign)
            best = a[i];
    }
    return best;
}

FN(math_greatest)
{
    return extreme(r, n, a, count, 1);
}

FN(math_least)
{
    return extreme(r, n, a, count, -1);
}

#define OF_DOUBLE(name, result)                                                                    \
    FN(name)                                                                                       \
    {                                                                                              \
        (void)r, (void)count;                                                                      \
        if (a[0].kind != CEL_DOUBLE)                                                               \
            return cel_no_overload(n);                                                             \
        double d = a[0].d;                                                                         \
        return result;                                                                             \
    }

OF_DOUBLE(math_ceil, cel_double(ceil(d)))
OF_DOUBLE(math_floor, cel_double(floor(d)))
OF_DOUBLE(math_round, cel_double(round(d)))
OF_DOUBLE(math_trunc, cel_double(trunc(d)))
OF_DOUBLE(math_is_inf, cel_bool(isinf(d)))
OF_DOUBLE(math_is_nan, cel_bool(isnan(d)))
OF_DOUBLE(math_is_finite, cel_bool(isfinite(d)))

FN(math_abs)
{
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_INT:
        if (a[0].i == INT64_MIN)
            return cel_error(n, CEL_E_RANGE, "integer overflow");
        return cel_int(a[0].i < 0 ? -a[0].i : a[0].i);
    case CEL_UINT:
        return a[0];
    case CEL_DOUBLE:
        return cel_double(fabs(a[0].d));
    default:
        return cel_no_overload(n);
    }
}

FN(math_sign)
{
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_INT:
        return cel_int((a[0].i > 0) - (a[0].i < 0));
    case CEL_UINT:
        return cel_uint(a[0].u > 0);
    case CEL_DOUBLE:
        return isnan(a[0].d) ? a[0] : cel_double((a[0].d > 0) - (a[0].d < 0));
    default:
        return cel_no_overload(n);
    }
}

FN(math_sqrt)
{
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_INT:
        return cel_double(sqrt((double)a[0].i));
    case CEL_UINT:
        return cel_double(sqrt((double)a[0].u));
    case CEL_DOUBLE:
        return cel_double(sqrt(a[0].d));
    default:
        return cel_no_overload(n);
    }
}

/* ints and uints have the same bits: the result is of the operands' kind. */
#define BITWISE(name, op)                                                                          \
    FN(name)                                                                                       \
    {                                                                                              \
        (void)r, (void)count;                                                                      \
        if (a[0].kind != a[1].kind || (a[0].kind != CEL_INT && a[0].kind != CEL_UINT))             \
            return cel_no_overload(n);                                                             \
        struct cel_value v = a[0];                                                                 \
        v.u = a[0].u op a[1].u;                                                                    \
        return v;                                                                                  \
    }

BITWISE(math_bit_or, |)
BITWISE(math_bit_and, &)
BITWISE(math_bit_xor, ^)

FN(math_bit_not)
{
    (void)r, (void)count;
    struct cel_value v = a[0];
    if (v.kind != CEL_INT && v.kind != CEL_UINT)
        return cel_no_overload(n);
    v.u = ~v.u;
    return v;
}

static struct cel_value shift(const struct node *n, const struct cel_value *a, bool left)
{
    struct cel_value v = a[0];
    if ((v.kind != CEL_INT && v.kind != CEL_UINT) || a[1].kind != CEL_INT)
        return cel_no_overload(n);
    if (a[1].i < 0)
        return cel_error(n, CEL_E_ARGUMENT, "a shift by less than nothing");
    if (a[1].i >= 64)
        v.u = 0;
    else
        v.u = left ? v.u << a[1].i : v.u >> a[1].i;
    return v;
}

FN(math_shift_left)
{
    (void)r, (void)count;
    return shift(n, a, true);
}

FN(math_shift_right)
{
    (void)r, (void)count;
    return shift(n, a, false);
}
