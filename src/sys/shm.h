/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that processes share by descriptor: anonymous, of fixed size, sealed so that no holder can
 * shrink it under the others (no SIGBUS). Parent makes segments and keeps them, so what is in them
 * survives the death of a role.
 */
#ifndef SANCTUM_SYS_SHM_H
#define SANCTUM_SYS_SHM_H

#include "err.h"
#include "span.h"

enum { SHM_MAX = 1 << 30 };

struct shm {
    void *p;
    size_t n;
};

enum shm_rights { SHM_READ, SHM_READ_WRITE };

/* A zeroed segment of n bytes (1..SHM_MAX). `name` is for /proc only. */
MUST struct err shm_create(const char *name, size_t n, int *fd);
/* A second descriptor of the segment that can only ever be mapped for reading. */
MUST struct err shm_read_only(int fd, int *out);
/* A segment holding a copy of `bytes` that nobody can change any more, writer included. */
MUST struct err shm_blob(const char *name, struct span bytes, int *fd);
/* The same of a regular file's bytes, copied by the kernel alone. ERR_LIMIT: more than `max`. */
MUST struct err shm_blob_file(const char *name, const char *path, size_t max, int *fd);

/* Put a segment of megabytes that is read at random into large pages, where the system has them:
 * for all who map it. */
void shm_large_pages(int fd);

/* Map the whole segment; the descriptor may be closed after. ERR_DENIED: not a segment whose size
 * is sealed, or rights it does not have. ERR_INPUT: smaller than `at_least`. */
MUST struct err shm_map(int fd, enum shm_rights rights, size_t at_least, struct shm *out);
void shm_unmap(struct shm *m);

static inline struct span shm_span(const struct shm *m)
{
    return (struct span){m->p, m->n};
}

#endif
