/* SPDX-License-Identifier: Apache-2.0 */
/* Looking a name up beneath a folder. A few times a model file. */
#define _GNU_SOURCE
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct err io_error(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

static struct err look(int folder, const char *name, struct below *out)
{
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    struct stat st;
    *out = (struct below){.kind = BELOW_LINK};
    int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd < 0 && (errno == ELOOP || errno == EXDEV))
        return OK;
    out->kind = BELOW_MISSING;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG ? OK : io_error();
    struct err e = fstat(fd, &st) < 0 ? io_error() : OK;
    close(fd);
    TRY(e);
    out->kind = S_ISLNK(st.st_mode) ? BELOW_LINK : S_ISREG(st.st_mode) ? BELOW_FILE : BELOW_OTHER;
    out->size = (uint64_t)st.st_size;
    out->links = st.st_nlink;
    return OK;
}

struct err below_look(const char *folder, const char *name, struct below *out)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error();
    struct err e = look(fd, name, out);
    close(fd);
    return e;
}
