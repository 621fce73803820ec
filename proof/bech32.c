/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/age/bech32.c src/base/num.c src/base/span.c
 * Bech32 decoding, into room that may be too small. */
#define EVA_BYTES 14
#include "eva.h"

#include "bech32.h"

int main(void)
{
    struct span s = eva_input(), hrp;
    /*@ split s.n; */
    uint8_t out[4];
    struct wr w = wr_of(out, sizeof out);
    struct fault f;
    return failed(bech32_decode(s, &hrp, &w, &f));
}
