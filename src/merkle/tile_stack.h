/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing tree held as its unfinished tiles, one a level: what the writer of tiles and their
 * checker share. A zeroed struct is the empty tree; 64 KiB. Invariant: level[L] holds the first
 * tile_partial(size, L) hashes of the tile at level L that is not full yet.
 */
#ifndef SANCTUM_MERKLE_TILE_STACK_H
#define SANCTUM_MERKLE_TILE_STACK_H

#include "tile.h"

struct tile_stack {
    uint64_t size;
    struct merkle_hash level[TILE_LEVELS][TILE_WIDTH];
};

/* Gets each tile once, when it is full. */
struct tile_sink {
    struct err (*full)(void *self, const struct tile *t, const struct merkle_hash *hashes);
    void *self;
};

/* Add one leaf. Errors of the sink: then the stack is of no more use. ERR_LIMIT at 2^63 - 1 leaves.
 * Cost: one node hash on average. */
MUST struct err tile_stack_push(struct tile_stack *s, const struct merkle_hash *leaf,
                                const struct tile_sink *sink);
void tile_stack_root(const struct tile_stack *s, struct merkle_hash *out);
/* The root of the full subtree over hashes[0, n), n a power of two up to TILE_WIDTH. */
void tile_stack_fold(const struct merkle_hash *hashes, size_t n, struct merkle_hash *out);

#endif
