/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys. Called a few times in a process's life. */
#define _GNU_SOURCE
#include "secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void secret_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}

struct err secret_new(size_t n, struct secret *out)
{
    *out = (struct secret){0};
    if (n > SECRET_MAX)
        return err(ERR_LIMIT);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (n + page - 1) / page * page;
    if (inner == 0)
        inner = page;
    size_t mapped = inner + 2 * page;
    uint8_t *base = mmap(NULL, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return err(ERR_NOMEM);
    if (mprotect(base + page, inner, PROT_READ | PROT_WRITE) < 0) {
        munmap(base, mapped);
        return err(ERR_NOMEM);
    }
    /* Best effort: the limit on locked memory is often 8 MiB, and old kernels lack the rest. */
    mlock(base + page, inner);
    madvise(base + page, inner, MADV_DONTDUMP);
    madvise(base + page, inner, MADV_WIPEONFORK);
    *out = (struct secret){base + page + inner - n, n, base, mapped};
    return OK;
}

struct err secret_copy(struct span s, struct secret *out)
{
    TRY(secret_new(s.n, out));
    if (s.n)
        memcpy(out->p, s.p, s.n);
    return OK;
}

void secret_free(struct secret *s)
{
    if (s->base) {
        secret_wipe(s->p, s->n);
        munmap(s->base, s->mapped);
    }
    *s = (struct secret){0};
}
