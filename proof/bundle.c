/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/merkle/tile.c src/base/num.c src/base/span.c
 * Entry bundles: u16 lengths through the read cursor. */
#define EVA_BYTES 12
#include "eva.h"

#include "tile.h"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n, at = 0;
    /*@ split n; */
    /* An entry takes two bytes at least. */
    for (int i = 0; i < EVA_BYTES / 2; i++) {
        struct rd r = {s.p, n, at};
        struct span entry;
        if (failed(tile_bundle_next(&r, &entry)))
            return 0;
        at = r.at;
        /*@ split at; */
        at = at + 0;
    }
    return 0;
}
