/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: whole reads with a ceiling, read-only maps, and writes that are either all there or not at
 * all. ERR_IO carries errno in its detail. Descriptors are close-on-exec.
 */
#ifndef SANCTUM_SYS_FILE_H
#define SANCTUM_SYS_FILE_H

#include "buf.h"

/* Append the whole of `fd` to `out` until its end. ERR_LIMIT at out's ceiling. */
MUST struct err file_read_fd(int fd, struct buf *out);
/* Append the whole file. Any type of file that can be read (a pipe too). */
MUST struct err file_read(const char *path, struct buf *out);
/* Write all of `s`, over short writes and EINTR. */
MUST struct err file_write_fd(int fd, struct span s);
/* One read of up to cap bytes; *n == 0 means the end. Retries EINTR. ERR_AGAIN on EAGAIN. */
MUST struct err file_read_some(int fd, void *p, size_t cap, size_t *n);
/* Would a read return at once, with bytes, the end or an error? */
bool file_waits(int fd);

/* A regular file mapped read-only. An empty file gives an empty span. When others cut the file
 * short meanwhile, the missing bytes read as 0 and file_map_torn says so. Eight at a time, of one
 * thread; takes the process's SIGBUS. ERR_LIMIT for a ninth. */
struct file_map {
    struct span bytes;
    void *base;
    size_t passed; /* bytes handed back by file_map_passed */
};
MUST struct err file_map_open(const char *path, struct file_map *m);
/* What lies before `at` was read: its memory is handed back. Reading it again is fine; 0 says that
 * the file is read from its beginning once more. */
void file_map_passed(struct file_map *m, size_t at);
bool file_map_torn(const struct file_map *m);
void file_map_close(struct file_map *m);

/* A copy of a regular file's bytes in large pages, where the system has them: for what is read at
 * random all over, which else waits for the tables of its pages. ERR_LIMIT: more than `max`. */
struct file_copy {
    struct span bytes;
    void *base;
    size_t room; /* of base */
};
MUST struct err file_copy_open(const char *path, size_t max, struct file_copy *c);
void file_copy_close(struct file_copy *c);

/* Replace `path`: write a temporary file beside it (mode given), fsync, rename, fsync the
 * directory. On any error `path` is as it was and no temporary file stays. */
MUST struct err file_replace(const char *path, struct span bytes, unsigned mode);
/* The same for a name that a person gave: a link is followed, and a device or a pipe is not
 * replaced but written into (/dev/null, /dev/stdout). */
MUST struct err file_put(const char *path, struct span bytes, unsigned mode);

/*
 * A file that appears under its name only when complete. Write to `fd`, then commit or drop. At
 * process death the temporary file may stay under its temporary name (".NAME.XXXXXX").
 */
struct file_draft {
    int fd;
    char *path, *temp;
};
MUST struct err file_draft_open(const char *path, unsigned mode, struct file_draft *d);
/* fsync, rename, fsync the directory. Frees the draft either way. */
MUST struct err file_draft_commit(struct file_draft *d);
/* Remove the temporary file. Safe on a draft that was committed or never opened ({.fd = -1}). */
void file_draft_drop(struct file_draft *d);

/* Create a directory and its missing parents with `mode`; fine when it is there already. */
MUST struct err file_make_dirs(const char *path, unsigned mode);
bool file_exists(const char *path);

#endif
