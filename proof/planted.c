/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c
 * A parser that trusts a length: EVA must see it, or its silence about the others means nothing. */
#define EVA_BYTES 8
#include "eva.h"

#include "rd.h"

int main(void)
{
    struct span s = eva_input();
    struct rd r = rd_of(s);
    uint8_t n;
    if (failed(rd_u8(&r, &n)))
        return 0;
    return s.p[n];
}
