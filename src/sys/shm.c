/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed anonymous memory. Called at start-up only. */
#define _GNU_SOURCE
#include "shm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "sys_int.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

enum { SIZE_SEALS = F_SEAL_SHRINK | F_SEAL_GROW };
enum { LARGE = 2 << 20 /* bytes of a large page on most machines */ };

static struct err drop(int *fd, struct err e)
{
    close(*fd);
    *fd = -1;
    return e;
}

static struct err create(const char *name, int *fd)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    *fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
    if (*fd < 0 && errno == EINVAL)
        *fd = memfd_create(name, flags);
    return *fd < 0 ? io_error() : OK;
}

struct err shm_create(const char *name, size_t n, int *fd)
{
    *fd = -1;
    if (n == 0 || n > SHM_MAX)
        return err(ERR_LIMIT);
    TRY(create(name, fd));
    if (ftruncate(*fd, (off_t)n) < 0 || fcntl(*fd, F_ADD_SEALS, SIZE_SEALS | F_SEAL_SEAL) < 0)
        return drop(fd, io_error());
    return OK;
}

struct err shm_read_only(int fd, int *out)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    *out = open(path, O_RDONLY | O_CLOEXEC);
    return *out < 0 ? io_error() : OK;
}

/* What was written is final. Closes `whole`; *fd has an offset of its own, at the start. */
static struct err blob_end(int whole, struct err e, int *fd)
{
    if (!failed(e) && fcntl(whole, F_ADD_SEALS, SIZE_SEALS | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        e = io_error();
    if (!failed(e))
        e = shm_read_only(whole, fd);
    close(whole);
    return e;
}

struct err shm_blob(const char *name, struct span bytes, int *fd)
{
    *fd = -1;
    if (bytes.n > SHM_MAX)
        return err(ERR_LIMIT);
    int whole;
    TRY(create(name, &whole));
    return blob_end(whole, file_write_fd(whole, bytes), fd);
}

static struct err copy_file(int from, int to, size_t max)
{
    for (size_t room = max + 1; room;) {
        ssize_t n = sendfile(to, from, NULL, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? io_error() : OK;
        room -= (size_t)n;
    }
    return err(ERR_LIMIT);
}

struct err shm_blob_file(const char *name, const char *path, size_t max, int *fd)
{
    *fd = -1;
    if (max > SHM_MAX)
        return err(ERR_LIMIT);
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), whole;
    if (from < 0)
        return io_error();
    struct err e = create(name, &whole);
    if (!failed(e))
        e = blob_end(whole, copy_file(from, whole, max), fd);
    close(from);
    return e;
}

/* Where n bytes can begin a large page, if the segment has any; NULL: anywhere. */
static void *place_for(size_t n)
{
    if (n < LARGE)
        return NULL;
    uint8_t *room = mmap(NULL, n + LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    munmap(room, n + LARGE);
    return room + (LARGE - (uintptr_t)room % LARGE) % LARGE;
}

struct err shm_map(int fd, enum shm_rights rights, size_t at_least, struct shm *out)
{
    *out = (struct shm){0};
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat st;
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || fstat(fd, &st) < 0)
        return err(ERR_DENIED);
    if (st.st_size <= 0 || st.st_size > SHM_MAX || (size_t)st.st_size < at_least)
        return err(ERR_INPUT);
    int prot = PROT_READ | (rights == SHM_READ_WRITE ? PROT_WRITE : 0);
    size_t n = (size_t)st.st_size;
    void *p = mmap(place_for(n), n, prot, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return errno == EACCES || errno == EPERM ? err(ERR_DENIED) : io_error();
    *out = (struct shm){p, n};
    return OK;
}

void shm_large_pages(int fd)
{
    struct shm m;
    if (failed(shm_map(fd, SHM_READ, LARGE, &m)))
        return;
    (void)madvise(m.p, m.n - m.n % LARGE, MADV_COLLAPSE);
    shm_unmap(&m);
}

void shm_unmap(struct shm *m)
{
    if (m->p)
        munmap(m->p, m->n);
    *m = (struct shm){0};
}
