/* SPDX-License-Identifier: Apache-2.0 */
/* Entity names and the findings list. Frequent: findings_add into room that is already there. */
#include "finding.h"

#include <stdlib.h>

static const char *const names[] = {
#define ENTITY(name, weight) #name,
#include "entity.def"
#undef ENTITY
};

const char *entity_name(enum entity e)
{
    if (e >= ENTITY_OWN && e < ENTITY_ALL)
        return names[ENTITY_CUSTOM];
    return (size_t)e < ENTITY_COUNT ? names[e] : "UNKNOWN";
}

enum entity entity_find(struct span name)
{
    for (size_t i = 0; i < ENTITY_COUNT; i++)
        if (span_is(name, names[i]))
            return (enum entity)i;
    return ENTITY_COUNT;
}

struct err findings_add(struct findings *f, struct finding one)
{
    if (f->n == f->cap) {
        if (f->cap == f->max)
            return err(ERR_LIMIT);
        size_t cap = f->cap ? f->cap * 2 : 16;
        if (cap > f->max)
            cap = f->max;
        struct finding *v = realloc(f->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        f->v = v;
        f->cap = cap;
    }
    f->v[f->n++] = one;
    return OK;
}

struct err findings_merge(struct findings *f, size_t first, const struct findings *more)
{
    size_t old = f->n, add = more->n;
    for (size_t i = 0; i < add; i++)
        TRY(findings_add(f, more->v[i]));
    for (size_t to = f->n; add; to--) {
        bool mine = old == first || f->v[old - 1].start < more->v[add - 1].start;
        f->v[to - 1] = mine ? more->v[--add] : f->v[--old];
    }
    return OK;
}

void findings_free(struct findings *f)
{
    free(f->v);
    *f = (struct findings){.max = f->max};
}
