/* SPDX-License-Identifier: Apache-2.0 */
/* Masking settings to rules. Called once per provider at start. */
#include "rules.h"

#include <stdlib.h>

static bool texts_equal(const struct settings_texts *a, const struct settings_texts *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!span_eq(a->v[i], b->v[i]))
            return false;
    return true;
}

bool rules_equal(const struct settings_masking *a, const struct settings_masking *b)
{
    return memcmp(&a->entities, &b->entities, sizeof a->entities) == 0 &&
           a->secrets == b->secrets && a->threshold == b->threshold &&
           a->system_prompts == b->system_prompts && texts_equal(&a->allow, &b->allow) &&
           texts_equal(&a->deny, &b->deny);
}

/* The owner's words as terms: an allowed text is allowed whatever it was taken for, a denied one is
 * treated as a secret. */
static struct err terms(const struct settings_texts *t, enum entity e, struct scan_term **out)
{
    struct scan_term *v = calloc(t->n + 1, sizeof *v);
    if (!v)
        return err(ERR_NOMEM);
    for (size_t i = 0; i < t->n; i++)
        v[i] = (struct scan_term){t->v[i], e};
    *out = v;
    return OK;
}

static void choose_entities(const struct settings_masking *s, struct scan_set *set)
{
    *set = (struct scan_set){{0}};
    for (int e = 0; e < ENTITY_COUNT; e++)
        if (e == ENTITY_SECRET ? s->secrets : (s->entities >> e & 1) != 0)
            scan_set_add(set, (enum entity)e);
}

struct err rules_engine(const struct settings_masking *s, const struct ner *ner,
                        struct mask_engine **out)
{
    static const enum mask_system system[] = {
        [SYSTEM_ALL] = MASK_SYSTEM_ALL,
        [SYSTEM_STRUCTURED] = MASK_SYSTEM_STRUCTURED,
        [SYSTEM_SECRETS] = MASK_SYSTEM_SECRETS,
        [SYSTEM_NONE] = MASK_SYSTEM_NONE,
    };
    struct mask_rules r = mask_rules_default();
    struct scan_term *allow = NULL, *deny = NULL;
    choose_entities(s, &r.entities);
    r.threshold = (float)s->threshold;
    r.system = system[s->system_prompts];
    struct err e = terms(&s->allow, ENTITY_COUNT, &allow);
    if (!failed(e))
        e = terms(&s->deny, ENTITY_SECRET, &deny);
    r.allow = allow;
    r.allow_n = s->allow.n;
    r.deny = deny;
    r.deny_n = s->deny.n;
    if (!failed(e))
        e = mask_engine_new(&r, ner, out);
    free(allow);
    free(deny);
    return e;
}
