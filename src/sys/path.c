/* SPDX-License-Identifier: Apache-2.0 */
/* Places in the file system; called at start-up. */
#define _GNU_SOURCE
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "sys_int.h"

struct err path_current_dir(struct buf *out)
{
    char here[4096];
    return getcwd(here, sizeof here) ? buf_puts(out, here) : io_error();
}

struct err path_private_dir(const char *path)
{
    TRY(file_make_dirs(path, 0700));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error();
    struct stat st;
    struct err e = OK;
    if (fstat(fd, &st) < 0)
        e = io_error();
    else if (st.st_uid != geteuid())
        e = err(ERR_DENIED);
    else if ((st.st_mode & 07777) != 0700 && fchmod(fd, 0700) < 0)
        e = io_error();
    close(fd);
    return e;
}

struct err path_open(const char *path, int *fd)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return *fd < 0 ? io_error() : OK;
}
