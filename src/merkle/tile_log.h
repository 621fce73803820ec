/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a log as tiles: entries in, tiles and bundles out as they fill up, the rest at each
 * flush, then the signed checkpoint; mode 0600 in folders of 0700. Nobody reads tiles beyond the
 * checkpoint, so they are written under their own names; the checkpoint appears whole or not at
 * all.
 *
 *     tile_log_open → tile_log_append … → tile_log_flush → (sign tile_log_root) →
 *     tile_log_publish → tile_log_append …
 *
 * One writer a directory: the caller holds the lock. After an error the log is closed and opened
 * again.
 *
 * Nothing here waits for the medium but tile_log_settle and tile_log_publish: whoever can give the
 * entries again lets tiles settle when there is time, and after a crash of the machine goes on from
 * the size that was settled last. Whoever cannot, settles before he signs.
 *
 * T1 a file under a checkpoint is never written again with other bytes; one that is there with the
 * very bytes is left as it is. T2 bytes and names of all full tiles and bundles, and of the partial
 * ones of that size which are there, are on the medium when tile_log_settle answers OK. T3 a
 * partial tile or bundle stays until the full one is there, then it goes.
 */
#ifndef SANCTUM_MERKLE_TILE_LOG_H
#define SANCTUM_MERKLE_TILE_LOG_H

#include "tile_stack.h"

struct tile_log {
    const char *path; /* borrowed */
    struct tile_stack stack;
    struct buf bundle; /* entries of the unfinished bundle */
    uint64_t made;     /* files written since it was opened */
    /* of the unfinished tile of a level, bundles first: may it have partial ones, and were those
     * looked at which there were when this was opened? */
    bool partials[TILE_LEVELS + 1], looked[TILE_LEVELS + 1];
    /* hashes of a level (bundles first) that there were at the last flush: a partial tile on which
     * a checkpoint stands is not written again */
    uint64_t flushed[TILE_LEVELS + 1];
};

/* Go on after `size` entries; 0 makes the directory. Needs the full tiles of that size, and its
 * partial tile of level 0 and bundle where `size` is no multiple of 256. ERR_CORRUPT: they are not
 * there as they should be. Reads at most 255 tiles a level. */
MUST struct err tile_log_open(const char *path, uint64_t size, struct tile_log *out);
void tile_log_close(struct tile_log *l);
/* ERR_LIMIT: an entry of more than 65,535 bytes; nothing is changed. */
MUST struct err tile_log_append(struct tile_log *l, struct span entry);
/* Write the partial tiles and the partial bundle of the size reached. */
MUST struct err tile_log_flush(struct tile_log *l);
/* Wait until the tree of `to` entries in the directory `path` is on the medium (T2), of which that
 * of `from` is already. A file whose bytes could not be stored is removed: ERR_IO. */
MUST struct err tile_log_settle(const char *path, uint64_t from, uint64_t to);
/* Replace DIR/checkpoint, durably. `note` is signed for a size that was flushed. */
MUST struct err tile_log_publish(struct tile_log *l, struct span note);

static inline uint64_t tile_log_size(const struct tile_log *l)
{
    return l->stack.size;
}
static inline void tile_log_root(const struct tile_log *l, struct merkle_hash *out)
{
    tile_stack_root(&l->stack, out);
}

#endif
