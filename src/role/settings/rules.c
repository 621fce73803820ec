/* SPDX-License-Identifier: Apache-2.0 */
/* Masking settings as rules. Called once for each provider with rules of its own, and by commands.
 */
#include "settings_int.h"
#include "settings_rules.h"

static struct err take(struct arena *arena, size_t n, size_t size, void *pointer)
{
    void *p;
    TRY(arena_take(arena, n * size, &p));
    memcpy(pointer, &p, sizeof p);
    return OK;
}

/* The owner's words as terms: an allowed text is allowed whatever it was taken for, a denied one is
 * treated as a secret. */
static struct err terms(const struct settings_texts *t, enum entity e, struct arena *arena,
                        const struct scan_term **out)
{
    struct scan_term *v;
    TRY(take(arena, t->n, sizeof *v, &v));
    for (size_t i = 0; i < t->n; i++)
        v[i] = (struct scan_term){t->v[i], e};
    *out = v;
    return OK;
}

static struct err one_recogniser(const struct settings *s, const struct settings_recogniser *from,
                                 size_t i, struct arena *arena, struct scan_custom *out)
{
    struct scan_pattern *v;
    TRY(take(arena, from->patterns.n, sizeof *v, &v));
    for (size_t k = 0; k < from->patterns.n; k++) {
        double score;
        TRY(settings_pattern(from->patterns.v[k], &score, &v[k].regex, NULL));
        v[k].score = (float)score;
    }
    *out = (struct scan_custom){.v = v,
                                .n = from->patterns.n,
                                .words = from->words.v,
                                .words_n = from->words.n,
                                .words_score = (float)from->words_score,
                                .context = from->context.v,
                                .context_n = from->context.n,
                                .entity = settings_entity(s, from->entity),
                                .rule = (uint16_t)(SCAN_RULE_OWN + i)};
    return OK;
}

static struct err recognisers(const struct settings *s, struct arena *arena, struct mask_rules *out)
{
    struct scan_custom *v;
    struct span *own;
    TRY(take(arena, s->n_recognisers, sizeof *v, &v));
    for (size_t i = 0; i < s->n_recognisers; i++)
        TRY(one_recogniser(s, &s->recognisers[i], i, arena, &v[i]));
    out->custom = v;
    out->custom_n = s->n_recognisers;
    TRY(take(arena, ENTITY_ALL - ENTITY_OWN, sizeof *own, &own));
    for (size_t i = 0; i < ENTITY_ALL - ENTITY_OWN && settings_own_type(s, i).n; i++) {
        own[i] = settings_own_type(s, i);
        out->own_n = i + 1;
    }
    out->own = own;
    return OK;
}

static struct err thresholds(const struct settings *s, const struct settings_masking *m,
                             struct arena *arena, struct mask_rules *out)
{
    float *v;
    TRY(take(arena, ENTITY_ALL, sizeof *v, &v));
    for (size_t i = 0; i < m->thresholds.n; i++) {
        struct span type;
        double x;
        TRY(settings_threshold(m->thresholds.v[i], &type, &x, NULL));
        enum entity e = settings_entity(s, type);
        if (e == ENTITY_COUNT)
            return err(ERR_INPUT);
        v[e] = x > 0 ? (float)x : 1e-6F; /* 0 would mean: as all others */
    }
    out->thresholds = v;
    return OK;
}

static struct mask_operator as_mask(const struct settings_operator *o)
{
    static const enum mask_operator_kind kinds[] = {
        [OPERATOR_TOKEN] = MASK_TOKEN,     [OPERATOR_SURROGATE] = MASK_SURROGATE,
        [OPERATOR_ENCRYPT] = MASK_ENCRYPT, [OPERATOR_MASK] = MASK_STARS,
        [OPERATOR_HASH] = MASK_HASH,       [OPERATOR_REDACT] = MASK_REDACT,
        [OPERATOR_REPLACE] = MASK_REPLACE, [OPERATOR_KEEP] = MASK_KEEP,
    };
    return (struct mask_operator){kinds[o->kind], (unsigned)o->keep, o->text};
}

/* DEFAULT first, whatever its place in the file. It is not for secrets unless it can only make
 * them safer: `keep` and `mask N` there are said for SECRET itself. */
static struct err operators(const struct settings *s, const struct settings_masking *m,
                            struct arena *arena, struct mask_rules *out)
{
    struct mask_operator *v;
    struct settings_operator o;
    TRY(take(arena, ENTITY_ALL, sizeof *v, &v));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < m->operators.n; i++) {
            TRY(settings_operator(m->operators.v[i], &o, NULL));
            bool all = span_is(o.type, "DEFAULT");
            enum entity e = all ? ENTITY_COUNT : settings_entity(s, o.type);
            bool bares = o.kind == OPERATOR_KEEP || (o.kind == OPERATOR_MASK && o.keep);
            for (size_t k = 0; all && pass == 0 && k < ENTITY_ALL; k++)
                if (k != ENTITY_SECRET || !bares)
                    v[k] = as_mask(&o);
            if (!all && e == ENTITY_COUNT)
                return err(ERR_INPUT);
            if (!all && pass == 1)
                v[e] = as_mask(&o);
        }
    out->operators = v;
    return OK;
}

struct err settings_rules(const struct settings *s, const struct settings_masking *m,
                          struct arena *arena, struct mask_rules *out)
{
    static const enum mask_system system[] = {
        [SYSTEM_ALL] = MASK_SYSTEM_ALL,
        [SYSTEM_STRUCTURED] = MASK_SYSTEM_STRUCTURED,
        [SYSTEM_SECRETS] = MASK_SYSTEM_SECRETS,
        [SYSTEM_NONE] = MASK_SYSTEM_NONE,
    };
    *out = mask_rules_default();
    out->entities = (struct scan_set){{0}};
    for (int e = 0; e < ENTITY_COUNT; e++)
        if (e == ENTITY_SECRET ? m->secrets : (m->entities >> e & 1) != 0)
            scan_set_add(&out->entities, (enum entity)e);
    out->threshold = (float)m->threshold;
    out->system = system[m->system_prompts];
    TRY(terms(&m->allow, ENTITY_COUNT, arena, &out->allow));
    TRY(terms(&m->deny, ENTITY_SECRET, arena, &out->deny));
    out->allow_n = m->allow.n;
    out->deny_n = m->deny.n;
    TRY(recognisers(s, arena, out));
    TRY(thresholds(s, m, arena, out));
    return operators(s, m, arena, out);
}

struct err settings_add_operator(struct settings *s, struct settings_masking *m, struct span entry,
                                 const char **expected)
{
    struct settings_masking more = *m;
    bool of_operators;
    size_t at;
    TRY(take(&s->arena, m->operators.n + 1, sizeof *more.operators.v, &more.operators.v));
    if (m->operators.n)
        memcpy(more.operators.v, m->operators.v, m->operators.n * sizeof *more.operators.v);
    more.operators.v[more.operators.n++] = entry;
    TRY(settings_check_masking(s, &more, &of_operators, &at, expected));
    *m = more;
    return OK;
}
