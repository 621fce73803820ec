/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that must still be right after a crash: positioned writes, reserved space, synchronisation,
 * locks, and the check that nobody else may read them. For whole files see file.h. Descriptors are
 * close-on-exec, symbolic links at the end of a path are refused, files are made with mode 0600.
 * ERR_IO carries errno in its detail.
 */
#ifndef SANCTUM_SYS_DISK_H
#define SANCTUM_SYS_DISK_H

#include "buf.h"

enum disk_open {
    DISK_READ,
    DISK_WRITE,  /* read and write what exists */
    DISK_CREATE, /* must not exist yet */
};
MUST struct err disk_open(const char *path, enum disk_open how, int *fd);
/* Does the error of opening or reading say that the path leads to no regular file: a pipe, a
 * directory, a symbolic link? */
bool disk_is_odd(struct err e);
/* Close and set to -1; does nothing on -1. */
void disk_close(int *fd);

/* Give the file `size` bytes that are there already: later writes change no metadata, so that
 * disk_sync is one trip. The new bytes read as zero. ERR_IO with ENOSPC when the disk is full. */
MUST struct err disk_reserve(int fd, uint64_t size);
MUST struct err disk_size(int fd, uint64_t *size);
/* Where what was ever written ends, at most the size: from there on the file reads as zero, since
 * it was only reserved. Where the file system cannot tell, the size. Moves the descriptor's offset.
 */
MUST struct err disk_written(int fd, uint64_t *end);
/* Write all of s at `at`, over short writes. */
MUST struct err disk_put(int fd, struct span s, uint64_t at);
/* Read up to n bytes at `at`; *got < n only at the end of the file. */
MUST struct err disk_get(int fd, void *p, size_t n, uint64_t at, size_t *got);
/* Data (and the size, if it changed) is on the medium. After a failure nothing may be assumed about
 * what was written since the last success: the kernel forgets it. Never retry. */
MUST struct err disk_sync(int fd);
/* A name made in or removed from the directory is on the medium. */
MUST struct err disk_sync_dir(const char *dir);
MUST struct err disk_rename(const char *from, const char *to);
MUST struct err disk_remove(const char *path);

/* Hold the lock file `path` (made when missing) until *fd is closed or the process dies. ERR_AGAIN:
 * another process holds it. */
MUST struct err disk_lock(const char *path, int *fd);

/* Append the names in a directory, each with a NUL after it, in no order; "." and ".." left out. */
MUST struct err disk_names(const char *dir, struct buf *out);

/* A regular file of this user (or root) that no other user may read or write. ERR_DENIED. */
MUST struct err disk_check_private(int fd);
/* Which file this is and in which version: differs after any replacement or change. */
struct disk_stamp {
    uint64_t inode, size, changed_ns;
};
MUST struct err disk_stamp(const char *path, struct disk_stamp *out);

#endif
