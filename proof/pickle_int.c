/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/machine/weights/pickle_op.c src/base/num.c src/base/span.c src/base/utf8.c
 * The decimal lines of old pickles as integers. */
#define EVA_BYTES 6
#include "eva.h"

#include "pickle_int.h"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    int64_t v;
    return pickle_decimal(s, &v);
}
