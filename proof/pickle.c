/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/machine/weights/pickle_op.c src/base/num.c src/base/span.c src/base/utf8.c
 * One pickle opcode with its argument, behind another byte.
 * explained: src/machine/weights/pickle_op.c: function memchr: precondition
 *   the line searched is [at, n) of the input: rd.h's invariant at <= n, proven in bundle.c and
 *   varint.c, relates two numbers that EVA keeps as two ranges once the first line's end is open
 */
#define EVA_BYTES 12
#include "eva.h"

#include "pickle_int.h"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct op o = {0};
    return n < 2 || pickle_op(s, 1, &o);
}
