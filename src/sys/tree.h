/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a tree of files: every regular file below a path, in a fixed order (names sorted as
 * bytes, directories where they sort), without recursion. Symbolic links are followed when the
 * caller asks for it; nothing that is neither a file nor a directory is opened.
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

/* Which files or directories were met: a set of their numbers on their devices. */
struct tree_seen {
    struct tree_number {
        uint64_t device, inode; /* inode 0: a free place */
    } * v;
    size_t n, cap;
};
/* *was: it was in already. ERR_NOMEM. */
MUST struct err tree_seen_add(struct tree_seen *s, struct tree_number x, bool *was);
bool tree_seen_has(const struct tree_seen *s, struct tree_number x);
void tree_seen_free(struct tree_seen *s);

struct tree {
    struct buf waiting; /* paths, each with a NUL behind it; the last is looked at next */
    struct buf path;    /* the one given out */
    /* Set after tree_open: symbolic links are followed, each directory is entered once, and what
     * is neither file nor directory is ERR_IO instead of left out. */
    bool links;
    struct tree_seen dirs;
};

struct tree_file {
    const char *path; /* begins with the path given to tree_open */
    uint64_t size;    /* bytes */
    struct tree_number number;
    bool link; /* the path's last name is a symbolic link */
    bool odd;  /* with ERR_IO: neither a file nor a directory (a pipe, a device, a socket) */
};

/* A file or a directory; a symbolic link given here is followed. ERR_IO when there is nothing. */
MUST struct err tree_open(const char *path, struct tree *out);
/*
 * The next file. `skip` (may be NULL) is asked for every name below the first path: true leaves the
 * file or the whole directory out. ERR_CLOSED: no more. ERR_IO: out->path could not be looked at
 * (the first path is neither file nor directory: out->odd); the walk can go on. ERR_LIMIT,
 * ERR_NOMEM end it.
 */
MUST struct err tree_next(struct tree *t, bool (*skip)(const char *name), struct tree_file *out);
void tree_close(struct tree *t);

#endif
