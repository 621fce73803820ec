/* SPDX-License-Identifier: Apache-2.0 */
/* Masking settings to rules. Called once per provider at start. */
#include "rules.h"
#include "settings_rules.h"

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
           texts_equal(&a->deny, &b->deny) && texts_equal(&a->thresholds, &b->thresholds) &&
           texts_equal(&a->operators, &b->operators);
}

struct err rules_engine(const struct settings *all, const struct settings_masking *s,
                        const struct ner *ner, struct mask_engine **out)
{
    struct arena arena = arena_init(SETTINGS_MEMORY_MAX);
    struct mask_rules r;
    struct err e = settings_rules(all, s, &arena, &r);
    if (!failed(e))
        e = mask_engine_new(&r, ner, out);
    arena_free(&arena);
    return e;
}
