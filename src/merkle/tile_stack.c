/* SPDX-License-Identifier: Apache-2.0 */
/* Unfinished tiles: pushed to once an entry; a level's 255 nodes are hashed when it is full. */
#include "tile_stack.h"

#include "merkle_proof.h"

void tile_stack_fold(const struct merkle_hash *hashes, size_t n, struct merkle_hash *out)
{
    struct merkle_hash row[TILE_WIDTH / 2];
    if (n == 1) {
        *out = hashes[0];
        return;
    }
    for (const struct merkle_hash *from = hashes; n > 1; from = row) {
        n /= 2;
        merkle_node_row(from, n, row);
    }
    *out = row[0];
}

struct err tile_stack_push(struct tile_stack *s, const struct merkle_hash *leaf,
                           const struct tile_sink *sink)
{
    struct merkle_hash h = *leaf;
    if (s->size == INT64_MAX)
        return err(ERR_LIMIT);
    for (int at = 0; at < TILE_LEVELS; at++) {
        unsigned n = tile_partial(s->size, at);
        s->level[at][n] = h;
        if (n + 1 < TILE_WIDTH)
            break;
        struct tile full = {at, TILE_WIDTH, tile_full(s->size, at)};
        TRY(sink->full(sink->self, &full, s->level[at]));
        tile_stack_fold(s->level[at], TILE_WIDTH, &h);
    }
    s->size++;
    return OK;
}

/* Full subtrees at the right edge lie in the unfinished tile of their level. */
static struct err node(void *self, unsigned height, uint64_t index, struct merkle_hash *out)
{
    const struct tile_stack *s = self;
    unsigned within = height % 8;
    tile_stack_fold(&s->level[height / 8][(index << within) % TILE_WIDTH], 1U << within, out);
    return OK;
}

void tile_stack_root(const struct tile_stack *s, struct merkle_hash *out)
{
    struct merkle_source source = {node, (void *)(uintptr_t)s};
    if (failed(merkle_proof_root(&source, 0, s->size, out)))
        __builtin_trap(); /* neither the source nor an aligned range fails */
}
