/* SPDX-License-Identifier: Apache-2.0 */
/* Standard streams and files of `sanctum age`. */
#define _GNU_SOURCE
#include "agecmd_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err io_error(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

/* Open at the first byte. A link is followed, so that the file it names is replaced, not the link.
 */
static struct err open_now(struct output *o)
{
    struct stat st;
    o->opened = true;
    if (!o->path) {
        o->fd = STDOUT_FILENO;
        return OK;
    }
    if (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
        o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return o->fd < 0 ? io_error() : OK;
    }
    char *real = realpath(o->path, NULL);
    struct err e = file_draft_open(real ? real : o->path, o->mode, &o->draft);
    free(real);
    o->fd = o->draft.fd;
    o->whole = !failed(e);
    return e;
}

static struct err output_write(struct age_sink *s, struct span bytes)
{
    struct output *o = (struct output *)s;
    if (!o->opened)
        TRY(open_now(o));
    return file_write_fd(o->fd, bytes);
}

/* The mode that open(2) would have given a new file. */
static unsigned masked(unsigned mode)
{
    mode_t mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

void output_init(struct output *o, const char *path, unsigned mode)
{
    bool standard = !path || strcmp(path, "-") == 0;
    *o = (struct output){.sink = {output_write},
                         .fd = -1,
                         .path = standard ? NULL : path,
                         .mode = masked(mode),
                         .draft = {.fd = -1}};
}

/* Give the finished file a name that nobody has yet: in one step where the file system can, else by
 * a second name, else by taking the name first. */
static struct err take_name(const char *temp, const char *path)
{
    if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return OK;
    if (errno != EEXIST && link(temp, path) == 0)
        return unlink(temp) < 0 ? io_error() : OK;
    int fd = errno == EEXIST ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error();
    close(fd);
    if (rename(temp, path) == 0)
        return OK;
    struct err e = io_error();
    unlink(path);
    return e;
}

struct err output_finish(struct output *o)
{
    if (!o->opened)
        TRY(open_now(o));
    struct err e = OK;
    if (o->whole) {
        /* Complete under its name; like its peers, without waiting for the disk. */
        if (o->fresh)
            e = take_name(o->draft.temp, o->draft.path);
        else if (rename(o->draft.temp, o->draft.path) < 0)
            e = io_error();
        if (!failed(e)) {
            free(o->draft.temp);
            o->draft.temp = NULL;
        }
        file_draft_drop(&o->draft);
    } else if (o->path && close(o->fd) < 0) {
        e = io_error();
    }
    o->fd = -1;
    return e;
}

void output_drop(struct output *o)
{
    if (o->whole)
        file_draft_drop(&o->draft);
    else if (o->path && o->fd >= 0)
        close(o->fd);
    o->fd = -1;
}

static struct err fd_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    return file_read_some(((struct fd_source *)s)->fd, p, cap, n);
}

struct err input_open(const char *path, struct fd_source *in)
{
    bool standard = !path || strcmp(path, "-") == 0;
    *in = (struct fd_source){{fd_read}, STDIN_FILENO};
    if (!standard)
        in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return in->fd < 0 ? io_error() : OK;
}

void input_close(struct fd_source *in)
{
    if (in->fd > STDERR_FILENO)
        close(in->fd);
}
