/* SPDX-License-Identifier: Apache-2.0 */
/* Durable files. Frequent: disk_put and disk_sync, once a commit of the ledger. */
#define _GNU_SOURCE
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILL_STEP = 64 * 1024 };

static struct err io_error(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

struct err disk_open(const char *path, enum disk_open how, int *fd)
{
    static const int flags[] = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT | O_EXCL};
    *fd = open(path, flags[how] | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
    return *fd < 0 ? io_error() : OK;
}

bool disk_is_odd(struct err e)
{
    uint32_t why = err_detail(e);
    return err_cat(e) == ERR_IO && (why == ESPIPE || why == EISDIR || why == ELOOP || why == ENXIO);
}

void disk_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* For file systems without fallocate: the same by writing zeros. */
static struct err fill(int fd, uint64_t from, uint64_t size)
{
    static const uint8_t zeros[FILL_STEP];
    while (from < size) {
        size_t n = size - from < FILL_STEP ? (size_t)(size - from) : FILL_STEP;
        TRY(disk_put(fd, span(zeros, n), from));
        from += n;
    }
    return OK;
}

struct err disk_reserve(int fd, uint64_t size)
{
    uint64_t now;
    TRY(disk_size(fd, &now));
    if (fallocate(fd, 0, 0, (off_t)size) == 0)
        return OK;
    return errno == EOPNOTSUPP ? fill(fd, now, size) : io_error();
}

struct err disk_size(int fd, uint64_t *size)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return io_error();
    *size = (uint64_t)st.st_size;
    return OK;
}

struct err disk_written(int fd, uint64_t *end)
{
    *end = 0;
    for (off_t data; (data = lseek(fd, (off_t)*end, SEEK_DATA)) >= 0;) {
        off_t hole = lseek(fd, data, SEEK_HOLE);
        if (hole <= data)
            return disk_size(fd, end);
        *end = (uint64_t)hole;
    }
    return errno == ENXIO ? OK : disk_size(fd, end);
}

struct err disk_put(int fd, struct span s, uint64_t at)
{
    while (s.n) {
        ssize_t put = pwrite(fd, s.p, s.n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return io_error();
        s = span_from(s, (size_t)put);
        at += (uint64_t)put;
    }
    return OK;
}

struct err disk_get(int fd, void *p, size_t n, uint64_t at, size_t *got)
{
    *got = 0;
    while (*got < n) {
        ssize_t r = pread(fd, (uint8_t *)p + *got, n - *got, (off_t)(at + *got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return io_error();
        if (r == 0)
            break;
        *got += (size_t)r;
    }
    return OK;
}

struct err disk_sync(int fd)
{
    return fdatasync(fd) < 0 ? io_error() : OK;
}

struct err disk_sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error();
    struct err e = fsync(fd) < 0 && errno != EINVAL ? io_error() : OK;
    close(fd);
    return e;
}

struct err disk_rename(const char *from, const char *to)
{
    return rename(from, to) < 0 ? io_error() : OK;
}

struct err disk_remove(const char *path)
{
    return unlink(path) < 0 ? io_error() : OK;
}

struct err disk_lock(const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (*fd < 0)
        return io_error();
    int r;
    do
        r = flock(*fd, LOCK_EX | LOCK_NB);
    while (r < 0 && errno == EINTR);
    if (r == 0)
        return OK;
    struct err e = errno == EWOULDBLOCK ? err(ERR_AGAIN) : io_error();
    disk_close(fd);
    return e;
}

struct err disk_names(const char *dir, struct buf *out)
{
    DIR *d = opendir(dir);
    if (!d)
        return io_error();
    struct err e = OK;
    for (struct dirent *one; !failed(e) && (one = readdir(d)) != NULL;) {
        if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
            continue;
        e = buf_put(out, span(one->d_name, strlen(one->d_name) + 1));
    }
    closedir(d);
    return e;
}

struct err disk_check_private(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return io_error();
    bool ours = st.st_uid == geteuid() || st.st_uid == 0;
    return S_ISREG(st.st_mode) && ours && (st.st_mode & 077) == 0 ? OK : err(ERR_DENIED);
}

struct err disk_stamp(const char *path, struct disk_stamp *out)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return io_error();
    *out = (struct disk_stamp){st.st_ino, (uint64_t)st.st_size,
                               (uint64_t)st.st_ctim.tv_sec * 1000000000U +
                                   (uint64_t)st.st_ctim.tv_nsec};
    return OK;
}
