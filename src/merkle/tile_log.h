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
 * One writer a directory: the caller holds the lock. What a crash leaves beyond the last published
 * checkpoint is written anew when the entries come again. After an error the log is closed and
 * opened again.
 *
 * T1 a file under a checkpoint is never written again. T2 bytes and names are on the medium when
 * tile_log_flush answers OK: what it was flushed for may be signed. T3 a partial tile or bundle
 * stays until the full one is there, then it goes.
 */
#ifndef SANCTUM_MERKLE_TILE_LOG_H
#define SANCTUM_MERKLE_TILE_LOG_H

#include "tile_stack.h"

/* Files that are synchronised later: the next one waits for the oldest. */
enum { TILE_LOG_UNDER_WAY = 32 };
/* Folders in which names were made since the last flush: two a level and two of bundles. */
enum { TILE_LOG_FOLDERS = 2 * (TILE_LEVELS + 1) };

struct tile_log {
    const char *path; /* borrowed */
    struct tile_stack stack;
    struct buf bundle;                 /* entries of the unfinished bundle */
    int under_way[TILE_LOG_UNDER_WAY]; /* descriptors, a ring; -1: none */
    unsigned oldest;
    bool partials[TILE_LEVELS +
                  1]; /* may the unfinished tile of a level (bundles first) have any? */
    /* hashes of a level (bundles first) that there were at the last flush: a partial tile on which
     * a checkpoint stands is not written again */
    uint64_t flushed[TILE_LEVELS + 1];
    struct buf unsynced[TILE_LOG_FOLDERS]; /* paths with NUL, empty: none */
};

/* Go on after `size` entries, those of the last checkpoint; 0 makes the directory. ERR_CORRUPT:
 * tiles or bundle of that size are not there as they should be. */
MUST struct err tile_log_open(const char *path, uint64_t size, struct tile_log *out);
void tile_log_close(struct tile_log *l);
/* ERR_LIMIT: an entry of more than 65,535 bytes; nothing is changed. */
MUST struct err tile_log_append(struct tile_log *l, struct span entry);
/* Write the partial tiles and the partial bundle of the size reached, and make all names durable.
 */
MUST struct err tile_log_flush(struct tile_log *l);
/* Replace DIR/checkpoint. `note` is signed for a size that was flushed. */
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
