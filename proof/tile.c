/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/merkle/tile.c src/base/num.c src/base/span.c
 * Tile paths. */
#define EVA_BYTES 26
#include "eva.h"

#include "tile.h"

int main(void)
{
    struct span s = eva_input();
    /*@ split s.n; */
    struct tile t;
    struct fault f;
    if (!failed(tile_parse(s, &t, &f))) {
        uint8_t out[TILE_PATH_MAX];
        struct wr w = wr_of(out, sizeof out);
        tile_path(&t, &w);
    }
    return 0;
}
