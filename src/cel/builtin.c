/* SPDX-License-Identifier: Apache-2.0 */
/* The table of built-in functions and how one is found. Called once a call while compiling. */
#include "builtin_int.h"

static const struct builtin table[] = {
#define B(name, flag, min, max, fn, sig) {name, flag, min, max, cel_fn_##fn, sig},
#include "builtins.def"
#undef B
};
enum { COUNT = sizeof table / sizeof *table };

const struct builtin *cel_builtin(struct span name, unsigned *n)
{
    size_t lo = 0, hi = COUNT;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (span_cmp(span_str(table[mid].name), name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *n = 0;
    while (lo + *n < COUNT && span_is(name, table[lo + *n].name))
        ++*n;
    return *n ? &table[lo] : NULL;
}
