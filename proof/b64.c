/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/b64.c src/base/num.c src/base/span.c
 * Base64 of all kinds and hexadecimal, into room that may be too small. */
#define EVA_BYTES 10
#include "eva.h"

#include "b64.h"

int main(void)
{
    struct span s = eva_input();
    /*@ split s.n; */
    uint8_t out[4];
    size_t at;
    for (int kind = B64_STD; kind <= B64_URL_RAW; kind++) {
        struct wr w = wr_of(out, sizeof out);
        if (failed(b64_decode(&w, s, (enum b64_kind)kind, &at)))
            continue;
    }
    struct wr w = wr_of(out, sizeof out);
    return failed(hex_decode(&w, s));
}
