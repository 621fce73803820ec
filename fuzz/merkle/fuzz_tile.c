/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tile paths and entry bundles on any bytes. Checked: a path that is read is the one path of its
 * tile; entries lie one behind the other and a bundle written anew from them is the same.
 */
/* covers: src/merkle/tile.c */
/* planted: src/merkle/tile.c | num_u64(span_from(path, at + 3), TILE_WIDTH - 1, &width) |
 * num_u64(span_from(path, at + 3), TILE_WIDTH, &width) */
#include "tile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_path(struct span in)
{
    struct tile t;
    struct fault f = {0, NULL};
    char text[TILE_PATH_MAX];
    struct wr w = wr_of(text, sizeof text);
    if (failed(tile_parse(in, &t, &f))) {
        must(f.why && f.at <= in.n);
        return;
    }
    tile_path(&t, &w);
    must(!failed(wr_done(&w)) && span_eq(wr_span(&w), in));
    /* A tree that has this tile as its last one, if there is such a tree. */
    unsigned shift = t.level == TILE_ENTRIES ? 8 : 8 * ((unsigned)t.level + 1);
    if (shift < 64 && t.number < UINT64_MAX >> shift) {
        uint64_t size = (t.number << shift) + ((uint64_t)(t.width % TILE_WIDTH) << (shift - 8));
        must(tile_full(size, t.level) == t.number);
        must(tile_partial(size, t.level) == t.width % TILE_WIDTH);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size), entry;
    check_path(in);
    BUF_AUTO again = buf_init(size + 2);
    struct rd r = rd_of(in);
    struct err e;
    while (!failed(e = tile_bundle_next(&r, &entry)))
        must(!failed(tile_bundle_put(&again, entry)));
    must(err_cat(e) == (r.at == size ? ERR_CLOSED : ERR_INPUT) || err_cat(e) == ERR_INPUT);
    must(again.n <= size && span_eq(buf_span(&again), span_cut(in, 0, again.n)));
    return 0;
}
