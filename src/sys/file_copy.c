/* SPDX-License-Identifier: Apache-2.0 */
/* A file's bytes in large pages. Called at start-up, for the tagger's weights. */
#define _GNU_SOURCE
#include "file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys_int.h"

enum { LARGE = 2 << 20 /* bytes of a large page on most machines */ };

/* Room for n bytes from the beginning of a large page on. What follows the last whole one gets
 * small pages. */
static struct err make_room(size_t n, struct file_copy *c, uint8_t **at)
{
    size_t room = n + LARGE;
    void *p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return err(ERR_NOMEM);
    *at = (uint8_t *)p + (LARGE - (uintptr_t)p % LARGE) % LARGE;
    *c = (struct file_copy){span(*at, n), p, room};
    (void)madvise(*at, n - n % LARGE, MADV_HUGEPAGE);
    return OK;
}

static struct err read_all(int fd, uint8_t *to, size_t n)
{
    while (n) {
        size_t got;
        TRY(file_read_some(fd, to, n, &got));
        if (got == 0)
            return err_make(ERR_IO, EIO); /* cut short meanwhile */
        to += got;
        n -= got;
    }
    return OK;
}

static struct err copy(int fd, size_t max, struct file_copy *c)
{
    struct stat st;
    uint8_t *at;
    if (fstat(fd, &st) < 0)
        return io_error();
    if (!S_ISREG(st.st_mode))
        return err_make(ERR_IO, EINVAL);
    if (st.st_size <= 0 || (size_t)st.st_size > max)
        return err(ERR_LIMIT);
    TRY(make_room((size_t)st.st_size, c, &at));
    return read_all(fd, at, c->bytes.n);
}

struct err file_copy_open(const char *path, size_t max, struct file_copy *c)
{
    *c = (struct file_copy){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return io_error();
    struct err e = copy(fd, max, c);
    close(fd);
    if (failed(e))
        file_copy_close(c);
    return e;
}

void file_copy_close(struct file_copy *c)
{
    if (c->base)
        munmap(c->base, c->room);
    *c = (struct file_copy){0};
}
