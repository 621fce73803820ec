/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files mapped read-only. Called by the inspection of model files, which reads a few places of very
 * large ones. A file that somebody cuts short while it is mapped raises SIGBUS where its bytes are
 * gone: the handler puts zeros there instead and remembers it, so that the reader ends its work and
 * then says that the file was not whole. A SIGBUS anywhere else stays what it was.
 */
#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAPS_MAX = 8 };

/* Written by the program, read by the handler in the same thread: lock-free by their type. */
static struct {
    atomic_uintptr_t base; /* 0: free */
    atomic_size_t n;
    atomic_bool torn;
} maps[MAPS_MAX];
static size_t page;

static void on_bus(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    uintptr_t at = (uintptr_t)info->si_addr & ~(uintptr_t)(page - 1);
    for (size_t i = 0; i < MAPS_MAX; i++) {
        uintptr_t base = atomic_load(&maps[i].base);
        if (!base || at < base || at - base >= atomic_load(&maps[i].n))
            continue;
        size_t rest = base + atomic_load(&maps[i].n) - at;
        if (mmap((void *)at, rest, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
            MAP_FAILED)
            break;
        atomic_store(&maps[i].torn, true);
        return;
    }
    signal(signal_number, SIG_DFL); /* not ours: the instruction faults again and ends it */
}

static struct err guard(void *base, size_t n)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    struct sigaction a = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    sigemptyset(&a.sa_mask);
    if (sigaction(SIGBUS, &a, NULL) != 0)
        return err_make(ERR_IO, (uint32_t)errno);
    for (size_t i = 0; i < MAPS_MAX; i++) {
        if (atomic_load(&maps[i].base))
            continue;
        atomic_store(&maps[i].n, n);
        atomic_store(&maps[i].torn, false);
        atomic_store(&maps[i].base, (uintptr_t)base);
        return OK;
    }
    return err(ERR_LIMIT);
}

/* One fault maps as much of the page cache's folio as its mapping holds: up to megabytes that stay
 * in memory until all of them are passed. Parts with different advice are mappings of their own. */
static void divide(uint8_t *p, size_t n)
{
    enum { PART = 1 << 18, PARTS_MAX = 256 };
    size_t part = PART;
    while (n / part > PARTS_MAX)
        part *= 2;
    (void)madvise(p, n, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < n; at += 2 * part)
        (void)madvise(p + at, n - at < part ? n - at : part, MADV_SEQUENTIAL);
}

struct err file_map_open(const char *path, struct file_map *m)
{
    *m = (struct file_map){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_make(ERR_IO, (uint32_t)errno);
    struct stat st;
    struct err e = OK;
    void *p = MAP_FAILED;
    if (fstat(fd, &st) < 0)
        e = err_make(ERR_IO, (uint32_t)errno);
    else if (!S_ISREG(st.st_mode))
        e = err_make(ERR_IO, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
    else if (st.st_size > 0) {
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        e = p == MAP_FAILED ? err_make(ERR_IO, (uint32_t)errno) : guard(p, (size_t)st.st_size);
        if (failed(e) && p != MAP_FAILED)
            munmap(p, (size_t)st.st_size);
        else if (!failed(e)) {
            divide(p, (size_t)st.st_size);
            *m = (struct file_map){span(p, (size_t)st.st_size), p, 0};
        }
    }
    close(fd);
    return e;
}

void file_map_passed(struct file_map *m, size_t at)
{
    enum { STEP = 1 << 18 }; /* whole steps only: a call costs a few microseconds */
    size_t end = at & ~(size_t)(STEP - 1);
    if (at == 0)
        m->passed = 0;
    if (!m->base || end <= m->passed || end > m->bytes.n)
        return;
    (void)madvise((uint8_t *)m->base + m->passed, end - m->passed, MADV_DONTNEED);
    m->passed = end;
}

bool file_map_torn(const struct file_map *m)
{
    for (size_t i = 0; m->base && i < MAPS_MAX; i++)
        if (atomic_load(&maps[i].base) == (uintptr_t)m->base)
            return atomic_load(&maps[i].torn);
    return false;
}

void file_map_close(struct file_map *m)
{
    for (size_t i = 0; m->base && i < MAPS_MAX; i++)
        if (atomic_load(&maps[i].base) == (uintptr_t)m->base)
            atomic_store(&maps[i].base, 0);
    if (m->base)
        munmap(m->base, m->bytes.n);
    *m = (struct file_map){0};
}
