/* SPDX-License-Identifier: Apache-2.0 */
/* The arena. Frequent: a take that fits the current block. */
#include "arena.h"

#include <stdlib.h>

enum { BLOCK_FIRST = 4096, BLOCK_LARGEST = 1 << 20, KEEP = 256 * 1024, ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    _Alignas(ALIGN) uint8_t bytes[];
};

struct arena arena_init(size_t max)
{
    return (struct arena){.max = max};
}

static struct err new_block(struct arena *a, size_t need)
{
    size_t cap = a->cur ? a->cur->cap * 2 : BLOCK_FIRST;
    if (cap > BLOCK_LARGEST)
        cap = BLOCK_LARGEST;
    if (cap < need)
        cap = need;
    struct arena_block *b = malloc(sizeof *b + cap);
    if (!b)
        return err(ERR_NOMEM);
    *b = (struct arena_block){.cap = cap};
    if (a->cur) {
        b->next = a->cur->next;
        a->cur->next = b;
    } else {
        a->first = b;
    }
    a->cur = b;
    return OK;
}

struct err arena_take(struct arena *a, size_t n, void **out)
{
    if (n > a->max - a->used)
        return err(ERR_LIMIT);
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    while (a->cur && need > a->cur->cap - a->cur->used && a->cur->next)
        a->cur = a->cur->next;
    if (!a->cur || need > a->cur->cap - a->cur->used)
        TRY(new_block(a, need));
    *out = a->cur->bytes + a->cur->used;
    memset(*out, 0, n);
    a->cur->used += need;
    a->used += n;
    return OK;
}

struct err arena_copy(struct arena *a, struct span s, struct span *out)
{
    void *p;
    TRY(arena_take(a, s.n, &p));
    if (s.n)
        memcpy(p, s.p, s.n);
    *out = span(p, s.n);
    return OK;
}

void arena_reset(struct arena *a)
{
    size_t kept = 0;
    struct arena_block **at = &a->first;
    while (*at) {
        struct arena_block *b = *at;
        if (kept + b->cap > KEEP) {
            *at = b->next;
            free(b);
            continue;
        }
        kept += b->cap;
        b->used = 0;
        at = &b->next;
    }
    a->cur = a->first;
    a->used = 0;
}

void arena_free(struct arena *a)
{
    while (a->first) {
        struct arena_block *next = a->first->next;
        free(a->first);
        a->first = next;
    }
    *a = arena_init(a->max);
}

void arena_wipe(struct arena *a)
{
    for (struct arena_block *b = a->first; b; b = b->next)
        explicit_bzero(b->bytes, b->cap);
    arena_free(a);
}
