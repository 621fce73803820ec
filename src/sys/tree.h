/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a tree of files: every regular file below a path, in a fixed order (names sorted as
 * bytes, directories where they sort), without recursion. Symbolic links are not followed, nor is
 * anything that is neither a file nor a directory looked at.
 *
 *     struct tree t;
 *     TRY(tree_open("src", &t));
 *     while (!failed(e = tree_next(&t, skip, &f)))
 *         ...                                        f.path is valid until the next call
 *     tree_close(&t);                                e is ERR_CLOSED at the end
 */
#ifndef SANCTUM_SYS_TREE_H
#define SANCTUM_SYS_TREE_H

#include "buf.h"

/* Paths waiting to be looked at may take this many bytes together: a directory of a million files.
 */
#define TREE_WAITING_MAX ((size_t)256 << 20)

struct tree {
    struct buf waiting; /* paths, each with a NUL behind it; the last is looked at next */
    struct buf path;    /* the one given out */
};

struct tree_file {
    const char *path; /* begins with the path given to tree_open */
    uint64_t size;    /* bytes */
};

/* A file or a directory; a symbolic link given here is followed. ERR_IO when there is nothing. */
MUST struct err tree_open(const char *path, struct tree *out);
/*
 * The next file. `skip` (may be NULL) is asked for every name below the first path: true leaves the
 * file or the whole directory out. ERR_CLOSED: no more. ERR_IO: out->path could not be looked at;
 * the walk can go on. ERR_LIMIT, ERR_NOMEM end it.
 */
MUST struct err tree_next(struct tree *t, bool (*skip)(const char *name), struct tree_file *out);
void tree_close(struct tree *t);

#endif
