/* SPDX-License-Identifier: Apache-2.0 */
/* From a model name to its targets. Called for every request, on a handful of patterns. */
#include "settings_int.h"

void settings_free(struct settings *s)
{
    arena_free(&s->arena);
    *s = (struct settings){.arena = arena_init(SETTINGS_MEMORY_MAX)};
}

bool settings_match(struct span pattern, struct span text)
{
    size_t p = 0, t = 0, star = pattern.n, retry = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            retry = t;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star < pattern.n) {
            p = star + 1; /* the last star takes one byte more */
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

size_t settings_provider_find(const struct settings *s, struct span name)
{
    size_t i = 0;
    while (i < s->n_providers && !span_eq(s->providers[i].name, name))
        i++;
    return i;
}

static size_t stars(struct span pattern)
{
    size_t n = 0;
    for (size_t i = 0; i < pattern.n; i++)
        n += pattern.p[i] == '*';
    return n;
}

/* Rule 2 of settings_route: does a come before b? */
static bool before(struct span a, struct span b)
{
    size_t sa = stars(a), sb = stars(b);
    if ((sa == 0) != (sb == 0))
        return sa == 0;
    if (a.n - sa != b.n - sb)
        return a.n - sa > b.n - sb;
    return span_cmp(a, b) < 0;
}

bool settings_models_ordered(const struct settings *s)
{
    for (size_t i = 1; i < s->n_models; i++)
        if (!before(s->models[i - 1].pattern, s->models[i].pattern))
            return false;
    return true;
}

/* Insertion: at most SETTINGS_MODELS_MAX entries, once a start. */
void settings_models_sort(struct settings *s)
{
    for (size_t i = 1; i < s->n_models; i++) {
        struct settings_model one = s->models[i];
        size_t k = i;
        for (; k > 0 && before(one.pattern, s->models[k - 1].pattern); k--)
            s->models[k] = s->models[k - 1];
        s->models[k] = one;
    }
}

static size_t follow(const struct settings_model *m, struct span asked,
                     struct settings_hop out[SETTINGS_TARGETS_MAX])
{
    for (size_t i = 0; i < m->n_targets; i++) {
        bool carry = span_is(m->targets[i].model, "*");
        out[i] = (struct settings_hop){m->targets[i].provider, carry ? asked : m->targets[i].model};
    }
    return m->n_targets;
}

size_t settings_route(const struct settings *s, struct span asked,
                      struct settings_hop out[SETTINGS_TARGETS_MAX])
{
    size_t i = 0;
    for (; i < s->n_models && stars(s->models[i].pattern) == 0; i++)
        if (span_eq(s->models[i].pattern, asked))
            return follow(&s->models[i], asked, out);
    size_t slash = span_find(asked, 0, '/');
    size_t provider = settings_provider_find(s, span_cut(asked, 0, slash));
    if (slash + 1 < asked.n && provider < s->n_providers) {
        out[0] = (struct settings_hop){(uint32_t)provider, span_from(asked, slash + 1)};
        return 1;
    }
    for (; i < s->n_models; i++)
        if (settings_match(s->models[i].pattern, asked))
            return follow(&s->models[i], asked, out);
    return 0;
}
