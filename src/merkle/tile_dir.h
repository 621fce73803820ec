/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the tiles of a log from a directory: whole tiles and bundles, and the roots of subtrees
 * from which proofs are made. Nothing read is trusted: a proof made here is worth what its check
 * against a signed root says.
 */
#ifndef SANCTUM_MERKLE_TILE_DIR_H
#define SANCTUM_MERKLE_TILE_DIR_H

#include "merkle_proof.h"
#include "tile.h"

/* The tree of `size` leaves in `path` (borrowed). Keeps one tile a level: at most 64 KiB. */
struct tile_dir {
    const char *path;
    uint64_t size;
    struct {
        bool loaded;
        uint64_t number;
        struct buf bytes;
    } kept[TILE_LEVELS];
};

struct tile_dir tile_dir_of(const char *path, uint64_t size);
void tile_dir_close(struct tile_dir *d);

/* Append the whole of a file. ERR_LIMIT at out's ceiling; ERR_CORRUPT: no regular file (a pipe
 * would never end, a link leads elsewhere); ERR_IO. */
MUST struct err tile_dir_file(const char *path, struct buf *out);
/* Append DIR/PATH and a NUL. */
MUST struct err tile_dir_name(const char *dir, const struct tile *t, struct buf *out);
/* Is the very file there? */
bool tile_dir_has(const struct tile_dir *d, const struct tile *t);
/*
 * Read a tile into `out` (emptied first; its ceiling is the most that is read). A partial one may
 * be read from the full one of its number. For a level, exactly width * 32 bytes. ERR_IO with
 * ENOENT: not there. ERR_CORRUPT: of another length. For a bundle, the whole file.
 */
MUST struct err tile_dir_read(const struct tile_dir *d, const struct tile *t, struct buf *out);
/* As struct merkle_source wants it, for subtrees within `size`. */
MUST struct err tile_dir_node(void *self, unsigned height, uint64_t index, struct merkle_hash *out);
/* The entry of this index, in `bundle`, which it overwrites. ERR_INPUT: index >= size. ERR_CORRUPT:
 * the bundle does not hold it. */
MUST struct err tile_dir_entry(const struct tile_dir *d, uint64_t index, struct buf *bundle,
                               struct span *out);

#endif
