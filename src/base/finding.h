/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a detector says: these bytes are of that entity type. Shared by the scanner and the tagger,
 * which do not see each other. Offsets are bytes of the text scanned, end exclusive.
 */
#ifndef SANCTUM_BASE_FINDING_H
#define SANCTUM_BASE_FINDING_H

#include "err.h"
#include "span.h"

/* Every entity type; the names are the public ones (entity.def). */
enum entity {
#define ENTITY(name, weight) ENTITY_##name,
#include "entity.def"
#undef ENTITY
    ENTITY_COUNT,
    /* Types that the owner named: ENTITY_OWN + i is the i-th of them. */
    ENTITY_OWN,
    ENTITY_ALL = ENTITY_OWN + 32,
};

/* Public name of a type; "CUSTOM" for one of the owner's, whose name its scanner's maker knows;
 * "UNKNOWN" for a number that is none. */
const char *entity_name(enum entity e);
/* The type called `name` (exact case), or ENTITY_COUNT. */
enum entity entity_find(struct span name);

struct finding {
    uint32_t start, end; /* bytes; start < end */
    uint16_t entity;     /* enum entity */
    uint16_t rule;       /* the detector's own rule number; 0 = none */
    float score;         /* 0..1 */
};

/* A growing list with a ceiling. A zeroed list with `max` set is valid and empty. */
struct findings {
    struct finding *v;
    size_t n, cap, max;
};

/* Append. ERR_LIMIT at the ceiling, ERR_NOMEM. */
MUST struct err findings_add(struct findings *f, struct finding one);
/* Put `more` among f->v[first..]; both begin in order, and so does the result. As findings_add. */
MUST struct err findings_merge(struct findings *f, size_t first, const struct findings *more);
void findings_free(struct findings *f);

#endif
