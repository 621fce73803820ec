/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files. Called by commands and by parent; the gate opens no file. */
#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

static struct err io_error(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

struct err file_read_some(int fd, void *p, size_t cap, size_t *n)
{
    ssize_t got;
    do
        got = read(fd, p, cap);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? err(ERR_AGAIN) : io_error();
    *n = (size_t)got;
    return OK;
}

bool file_waits(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Room for a file whose size is known, and for the byte that would follow it. */
static struct err make_room(int fd, struct buf *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        (uint64_t)st.st_size >= out->max - out->n)
        return OK;
    return buf_reserve(out, (size_t)st.st_size + 1);
}

struct err file_read_fd(int fd, struct buf *out)
{
    TRY(make_room(fd, out));
    for (;;) {
        size_t room = out->max - out->n, got;
        if (room == 0) {
            uint8_t probe;
            TRY(file_read_some(fd, &probe, 1, &got));
            return got ? err(ERR_LIMIT) : OK;
        }
        if (out->cap == out->n)
            TRY(buf_reserve(out, room < READ_STEP ? room : READ_STEP));
        room = out->cap - out->n;
        TRY(file_read_some(fd, out->p + out->n, room < READ_STEP ? room : READ_STEP, &got));
        if (got == 0)
            return OK;
        out->n += got;
    }
}

struct err file_read(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return io_error();
    struct err e = file_read_fd(fd, out);
    close(fd);
    return e;
}

struct err file_write_fd(int fd, struct span s)
{
    while (s.n) {
        ssize_t put = write(fd, s.p, s.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return io_error();
        s = span_from(s, (size_t)put);
    }
    return OK;
}

struct err file_draft_open(const char *path, unsigned mode, struct file_draft *d)
{
    *d = (struct file_draft){.fd = -1};
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash - path) + 1 : 0;
    if (asprintf(&d->temp, "%.*s.%s.XXXXXX", dir, path, path + dir) < 0) {
        d->temp = NULL;
        return err(ERR_NOMEM);
    }
    d->path = strdup(path);
    if (d->path)
        d->fd = mkostemp(d->temp, O_CLOEXEC);
    if (d->fd >= 0 && fchmod(d->fd, mode) == 0)
        return OK;
    struct err e = d->path ? io_error() : err(ERR_NOMEM);
    file_draft_drop(d);
    return e;
}

static struct err sync_dir_of(char *path)
{
    int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error();
    struct err e = fsync(fd) < 0 && errno != EINVAL ? io_error() : OK;
    close(fd);
    return e;
}

struct err file_draft_commit(struct file_draft *d)
{
    struct err e = OK;
    if (fsync(d->fd) < 0 && errno != EINVAL)
        e = io_error();
    if (!failed(e) && rename(d->temp, d->path) < 0)
        e = io_error();
    if (!failed(e)) {
        free(d->temp);
        d->temp = NULL;
        e = sync_dir_of(d->path);
    }
    file_draft_drop(d);
    return e;
}

void file_draft_drop(struct file_draft *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->temp)
        unlink(d->temp);
    free(d->temp);
    free(d->path);
    *d = (struct file_draft){.fd = -1};
}

struct err file_replace(const char *path, struct span bytes, unsigned mode)
{
    struct file_draft d;
    TRY(file_draft_open(path, mode, &d));
    struct err e = file_write_fd(d.fd, bytes);
    if (failed(e)) {
        file_draft_drop(&d);
        return e;
    }
    return file_draft_commit(&d);
}

/* Into a device or a pipe. */
static struct err write_into(const char *path, struct span bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return io_error();
    struct err e = file_write_fd(fd, bytes);
    if (close(fd) < 0 && !failed(e))
        e = io_error();
    return e;
}

struct err file_put(const char *path, struct span bytes, unsigned mode)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_into(path, bytes);
    char *real = realpath(path, NULL);
    struct err e = file_replace(real ? real : path, bytes, mode);
    free(real);
    return e;
}

struct err file_make_dirs(const char *path, unsigned mode)
{
    char *copy = strdup(path);
    if (!copy)
        return err(ERR_NOMEM);
    struct err e = OK;
    for (char *at = copy; !failed(e) && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char keep = *at;
        *at = 0;
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            e = io_error();
        *at = keep;
    }
    struct stat st;
    if (!failed(e) && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
        e = err_make(ERR_IO, ENOTDIR);
    free(copy);
    return e;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
