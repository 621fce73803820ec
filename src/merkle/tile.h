/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and contents of tiles (C2SP tlog-tiles). A tile at level L, number N holds up to 256
 * hashes: the roots of full subtrees of 2^(8L) leaves, numbers 256N and following. An entry bundle
 * holds the entries of the level-0 tile of the same number, each behind a u16 big-endian length.
 *
 *     tile/<L>/<N>[.p/<W>]    tile/entries/<N>[.p/<W>]    N of 1234067 is x001/x234/067
 *
 * A full tile has no .p part; W is 1 to 255. Tiles of no hash do not exist.
 */
#ifndef SANCTUM_MERKLE_TILE_H
#define SANCTUM_MERKLE_TILE_H

#include "buf.h"
#include "merkle.h"
#include "rd.h"
#include "wr.h"

enum {
    TILE_WIDTH = 256,
    TILE_BYTES = TILE_WIDTH * MERKLE_BYTES,
    TILE_LEVELS = 8,    /* 2^63 leaves need levels 0..7 */
    TILE_ENTRIES = -1,  /* in the place of a level: the entry bundle */
    TILE_PATH_MAX = 64, /* bytes that any path of ours takes */
    TILE_ENTRY_MAX = 65535,
};
/* No tree has a tile of a higher number. */
#define TILE_NUMBER_MAX (((uint64_t)1 << 56) - 1)
#define TILE_BUNDLE_MAX ((size_t)TILE_WIDTH * (2 + TILE_ENTRY_MAX))

struct tile {
    int level;       /* 0..7 or TILE_ENTRIES */
    unsigned width;  /* 1..256 */
    uint64_t number; /* <= TILE_NUMBER_MAX */
};

/* Full tiles that a tree of `size` leaves has at `level` (TILE_ENTRIES counts as 0). */
uint64_t tile_full(uint64_t size, int level);
/* Width of its partial tile there, 0 when it has none. */
unsigned tile_partial(uint64_t size, int level);
/* Append the path, without a NUL. `t` is within the limits above. */
void tile_path(const struct tile *t, struct wr *out);
/* Exactly what tile_path writes, one spelling a tile. ERR_INPUT. */
MUST struct err tile_parse(struct span path, struct tile *out, struct fault *f);

/* Append one entry to a bundle. ERR_LIMIT over TILE_ENTRY_MAX or the buffer's ceiling. */
MUST struct err tile_bundle_put(struct buf *bundle, struct span entry);
/* Borrow the next entry. ERR_CLOSED at the end, ERR_INPUT when the bundle is cut. */
MUST struct err tile_bundle_next(struct rd *bundle, struct span *entry);

#endif
