/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping read by its table. */
#include "conf.h"

#include <stdio.h>

enum { NAMES_MAX = 2048 };

static const struct conf_setting *row_for(const struct conf_table *t, struct span key)
{
    for (size_t i = 0; i < t->n; i++)
        if (span_is(key, t->v[i].name))
            return &t->v[i];
    return NULL;
}

static struct err unknown_key(const struct conf_table *t, const struct conf_node *m,
                              struct conf_fault *f)
{
    char names[NAMES_MAX] = "";
    size_t n = 0;
    for (size_t i = 0; i < t->n && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? "|" : "", t->v[i].name);
    struct span near = conf_nearest(names, m->key);
    int shown = (int)(m->key.n > 64 ? 64 : m->key.n);
    if (near.n)
        return conf_fault_at(f, m->key_line, m->key_column,
                             "expected a setting of %s, found \"%.*s\"; did you mean %.*s?",
                             t->name, shown, (const char *)m->key.p, SPAN_ARG(near));
    return conf_fault_at(f, m->key_line, m->key_column, "expected a setting of %s, found \"%.*s\"",
                         t->name, shown, (const char *)m->key.p);
}

struct err conf_read(const struct conf_table *t, const struct conf_node *map, struct arena *arena,
                     void *target, struct conf_fault *f)
{
    if (map->kind != CONF_MAPPING)
        return conf_fault_at(f, map->line, map->column, "expected the settings of %s, found a %s",
                             t->name, map->kind == CONF_SCALAR ? "single value" : "list");
    for (const struct conf_node *m = map->first; m; m = m->next) {
        const struct conf_setting *s = row_for(t, m->key);
        if (!s)
            return unknown_key(t, m, f);
        if (s->type != CONF_NESTED)
            TRY(conf_value(s, m, arena, (uint8_t *)target + s->offset, f));
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].flags & CONF_REQUIRED && !conf_member(map, span_str(t->v[i].name)))
            return conf_fault_at(f, map->line, map->column, "expected %s in %s, found none",
                                 t->v[i].name, t->name);
    return OK;
}
