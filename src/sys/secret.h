/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for keys: pages of their own between guard pages, out of core files and (where the limit
 * allows) out of swap, zero in a forked child, wiped when freed. For few and long-lived secrets:
 * each takes at least a page.
 */
#ifndef SANCTUM_SYS_SECRET_H
#define SANCTUM_SYS_SECRET_H

#include "err.h"
#include "span.h"

enum { SECRET_MAX = 1024 * 1024 };

/* A zeroed struct is "no secret". */
struct secret {
    uint8_t *p;
    size_t n;
    void *base; /* of the mapping; the secret ends at the upper guard page */
    size_t mapped;
};

/* n zero bytes (0..SECRET_MAX). ERR_NOMEM. */
MUST struct err secret_new(size_t n, struct secret *out);
/* A copy of s, which the caller wipes. */
MUST struct err secret_copy(struct span s, struct secret *out);
/* Wipe and free. Safe on a zeroed or freed struct. */
void secret_free(struct secret *s);
/* Wipe n bytes so that no compiler leaves it out. */
void secret_wipe(void *p, size_t n);

static inline struct span secret_span(const struct secret *s)
{
    return (struct span){s->p, s->n};
}

#endif
