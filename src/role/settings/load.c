/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree of a config file to struct settings, and every check that needs more than one
 * value. Called once a start or reload, by parent and by `sanctum config`. Each refusal names the
 * line.
 */
#include "file.h"
#include "settings_int.h"
#include "settings_load.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>

struct loader {
    struct settings *s;
    struct conf_fault *f;
};

static struct err fault(struct loader *l, const struct conf_node *node, const char *what)
{
    return conf_fault_at(l->f, node->line, node->column, "expected %s", what);
}

/* What the derivation expected, at the line of the member it is about. */
static struct err fault_in(struct loader *l, const struct conf_node *map, const char *member,
                           const char *what)
{
    const struct conf_node *m =
        map->kind == CONF_MAPPING ? conf_member(map, span_str(member)) : NULL;
    return fault(l, m ? m : map, what);
}

static struct err read_section(struct loader *l, enum section which, const struct conf_node *map,
                               void *target)
{
    return conf_read(&settings_tables[which], map, &l->s->arena, target, l->f);
}

static struct err take_array(struct loader *l, const struct conf_node *node, size_t max,
                             size_t size, void *pointer)
{
    if (node->n > max)
        return conf_fault_at(l->f, node->line, node->column,
                             "expected at most %zu entries, found %u", max, node->n);
    void *p;
    TRY(arena_take(&l->s->arena, node->n * size, &p));
    memcpy(pointer, &p, sizeof p);
    return OK;
}

/* A model's name, or a pattern for names. */
static bool is_name(struct span s)
{
    return s.n > 0 && s.n <= 256 && utf8_is_line(s);
}

/* ---- listeners ---- */

static struct err read_listener(struct loader *l, const struct conf_node *node,
                                struct settings_listener *out)
{
    const struct conf_table *t = &settings_tables[SECTION_listener];
    TRY(conf_defaults(t, &l->s->arena, out));
    if (node->kind == CONF_SCALAR)
        TRY(conf_value(&t->v[0], node, &l->s->arena, &out->address, l->f));
    else
        TRY(read_section(l, SECTION_listener, node, out));
    const char *expected = NULL;
    if (failed(settings_derive_listener(out, &expected)))
        return fault_in(l, node, "address", expected);
    for (size_t i = 0; i < l->s->n_listeners; i++)
        if (span_eq(l->s->listeners[i].address, out->address))
            return fault(l, node, "each address once");
    l->s->n_listeners++;
    return OK;
}

static struct err read_listeners(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    if (node->kind != CONF_SEQUENCE) {
        void *p;
        TRY(arena_take(&s->arena, sizeof *s->listeners, &p));
        s->listeners = p;
        return read_listener(l, node, s->listeners);
    }
    TRY(take_array(l, node, SETTINGS_LISTENERS_MAX, sizeof *s->listeners, &s->listeners));
    if (node->n == 0)
        return fault(l, node, "at least one address");
    for (const struct conf_node *m = node->first; m; m = m->next)
        TRY(read_listener(l, m, &s->listeners[s->n_listeners]));
    return OK;
}

/* ---- masking and timeouts, general and of a provider ---- */

/* Thresholds and operators, each at its own line. */
static struct err check_masking(struct loader *l, const struct conf_node *node,
                                const struct settings_masking *m)
{
    bool operators;
    size_t at;
    const char *expected = NULL;
    struct err e = settings_check_masking(l->s, m, &operators, &at, &expected);
    if (!failed(e) || !expected)
        return e;
    const struct conf_node *list =
        node ? conf_member(node, operators ? SPAN_LIT("operators") : SPAN_LIT("thresholds")) : NULL;
    const struct conf_node *one = list ? list->first : node;
    while (list && one && at--)
        one = one->next;
    return one ? fault(l, one, expected) : conf_fault_at(l->f, 0, 0, "expected %s", expected);
}

static struct err read_masking(struct loader *l, const struct conf_node *node,
                               struct settings_masking *m)
{
    m->entities &= ~((unsigned __int128)1 << ENTITY_SECRET);
    if (node)
        TRY(read_section(l, SECTION_masking, node, m));
    if (m->entities >> ENTITY_SECRET & 1 && !m->secrets)
        return fault_in(l, node, "secrets", "secrets: true where SECRET is among the entities");
    settings_masking_join(m);
    if (m->allow.n > SETTINGS_TEXTS_MAX || m->deny.n > SETTINGS_TEXTS_MAX)
        return fault(l, node, "at most 4096 texts in allow and in deny");
    return check_masking(l, node, m);
}

/* ---- providers ---- */

static const char *member_for(const char *expected)
{
    return strstr(expected, "vault:") ? "key" : strstr(expected, "trust") ? "trust" : "base_url";
}

static struct err read_provider(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    struct settings_provider *p = &s->providers[s->n_providers];
    if (!settings_name_ok(node->key))
        return conf_fault_at(l->f, node->key_line, node->key_column,
                             "expected a provider's name of letters, digits, dot, dash and "
                             "underscore, at most 64");
    p->name = node->key;
    p->timeouts = s->timeouts;
    p->masking = s->masking;
    TRY(conf_defaults(&settings_tables[SECTION_provider], &s->arena, p));
    TRY(read_section(l, SECTION_provider, node, p));
    const struct conf_node *sub = conf_member(node, SPAN_LIT("timeouts"));
    if (sub)
        TRY(read_section(l, SECTION_timeouts, sub, &p->timeouts));
    TRY(read_masking(l, conf_member(node, SPAN_LIT("masking")), &p->masking));
    const char *expected = NULL;
    if (failed(settings_derive_provider(p, &expected)))
        return fault_in(l, node, member_for(expected), expected);
    s->n_providers++;
    return OK;
}

static struct err read_providers(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    if (node->kind != CONF_MAPPING || node->n == 0)
        return fault(l, node, "at least one provider: a mapping from names to settings");
    TRY(take_array(l, node, SETTINGS_PROVIDERS_MAX, sizeof *s->providers, &s->providers));
    for (const struct conf_node *m = node->first; m; m = m->next)
        TRY(read_provider(l, m));
    return OK;
}

/* ---- models ---- */

static struct err unknown_provider(struct loader *l, const struct conf_node *node, struct span name)
{
    BUF_AUTO names = buf_init(SETTINGS_PROVIDERS_MAX * 66);
    for (size_t i = 0; i < l->s->n_providers; i++) {
        TRY(buf_puts(&names, i ? "|" : ""));
        TRY(buf_put(&names, l->s->providers[i].name));
    }
    TRY(buf_put_u8(&names, 0));
    struct span near = conf_nearest((const char *)names.p, name);
    int n = (int)(name.n > 64 ? 64 : name.n);
    if (near.n)
        return conf_fault_at(l->f, node->line, node->column,
                             "expected the name of a provider, found \"%.*s\"; did you mean %.*s?",
                             n, (const char *)name.p, SPAN_ARG(near));
    return conf_fault_at(l->f, node->line, node->column,
                         "expected the name of a provider, found \"%.*s\"", n,
                         (const char *)name.p);
}

static struct err read_target(struct loader *l, const struct conf_node *node,
                              struct settings_model *m)
{
    struct span text = node->text;
    size_t slash = span_find(text, 0, '/');
    struct settings_target t = {.model = span_from(text, slash + 1)};
    if (node->kind != CONF_SCALAR || slash == 0 || !is_name(t.model))
        return fault(l, node, "a target `provider/model`");
    size_t provider = settings_provider_find(l->s, span_cut(text, 0, slash));
    if (provider == l->s->n_providers)
        return unknown_provider(l, node, span_cut(text, 0, slash));
    t.provider = (uint32_t)provider;
    for (size_t i = 0; i < m->n_targets; i++)
        if (m->targets[i].provider == t.provider && span_eq(m->targets[i].model, t.model))
            return fault(l, node, "each target once");
    m->targets[m->n_targets++] = t;
    return OK;
}

static struct err read_model(struct loader *l, const struct conf_node *node)
{
    struct settings_model *m = &l->s->models[l->s->n_models];
    m->pattern = node->key;
    if (!is_name(m->pattern))
        return fault(l, node, "a model's name or pattern of 1 to 256 printable bytes");
    if (node->kind != CONF_SEQUENCE || node->n == 0)
        return fault(l, node, "a list of targets such as [provider/model]");
    TRY(take_array(l, node, SETTINGS_TARGETS_MAX, sizeof *m->targets, &m->targets));
    for (const struct conf_node *t = node->first; t; t = t->next)
        TRY(read_target(l, t, m));
    l->s->n_models++;
    return OK;
}

static struct err read_models(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    if (node->kind != CONF_MAPPING)
        return fault(l, node, "a mapping from model names to lists of targets");
    TRY(take_array(l, node, SETTINGS_MODELS_MAX, sizeof *s->models, &s->models));
    for (const struct conf_node *m = node->first; m; m = m->next)
        TRY(read_model(l, m));
    settings_models_sort(s);
    return OK;
}

/* One provider and no models: every name goes to it. */
static struct err default_model(struct loader *l)
{
    struct settings *s = l->s;
    if (s->n_providers != 1)
        return OK;
    void *model, *target;
    TRY(arena_take(&s->arena, sizeof *s->models, &model));
    TRY(arena_take(&s->arena, sizeof(struct settings_target), &target));
    s->models = model;
    *s->models = (struct settings_model){SPAN_LIT("*"), target, 1};
    s->models->targets[0].model = SPAN_LIT("*");
    s->n_models = 1;
    return OK;
}

/* ---- prices and budgets ---- */

static struct err read_prices(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    if (node->kind != CONF_MAPPING)
        return fault(l, node, "a mapping from `provider/model` to prices");
    TRY(take_array(l, node, SETTINGS_PRICES_MAX, sizeof *s->prices, &s->prices));
    for (const struct conf_node *m = node->first; m; m = m->next) {
        struct settings_price *p = &s->prices[s->n_prices];
        p->pattern = m->key;
        if (!is_name(p->pattern))
            return fault(l, m, "a pattern `provider/model` of 1 to 256 printable bytes");
        TRY(read_section(l, SECTION_price, m, p));
        if (!conf_member(m, SPAN_LIT("cached_input")))
            p->cached_input = p->input;
        if (!conf_member(m, SPAN_LIT("cache_write")))
            p->cache_write = p->input;
        s->n_prices++;
    }
    return OK;
}

static bool has_local(const struct settings *s)
{
    for (size_t i = 0; i < s->n_providers; i++)
        if (s->providers[i].trust == TRUST_LOCAL)
            return true;
    return false;
}

static struct err read_budget(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    struct settings_budget *b = &s->budgets[s->n_budgets];
    TRY(conf_defaults(&settings_tables[SECTION_budget], &s->arena, b));
    TRY(read_section(l, SECTION_budget, node, b));
    if (b->at_limit == AT_LIMIT_LOCAL && !has_local(s))
        return fault_in(l, node, "at_limit", "a provider with trust: local for at_limit: local");
    for (size_t i = 0; i < s->n_budgets; i++)
        if (span_eq(s->budgets[i].key, b->key) && s->budgets[i].window == b->window)
            return fault(l, node, "one budget for each key and window");
    s->n_budgets++;
    return OK;
}

static struct err read_budgets(struct loader *l, const struct conf_node *node)
{
    struct settings *s = l->s;
    if (node->kind != CONF_SEQUENCE)
        return fault(l, node, "a list of budgets");
    TRY(take_array(l, node, SETTINGS_BUDGETS_MAX, sizeof *s->budgets, &s->budgets));
    for (const struct conf_node *m = node->first; m; m = m->next)
        TRY(read_budget(l, m));
    return OK;
}

/* ---- what must be on this machine ---- */

/* A machine without the database cannot tell. */
static bool is_zone(struct span name)
{
#define ZONES "/usr/share/zoneinfo/"
    enum { ZONE_MAX = 1 << 20 };
    if (span_is(name, "UTC") || !file_exists(ZONES))
        return true;
    BUF_AUTO bytes = buf_init(ZONE_MAX), path = buf_init(4096);
    bool inside = name.n && name.p[0] != '/' && span_search(name, 0, SPAN_LIT("..")) == name.n;
    return inside && !failed(buf_puts(&path, ZONES)) && !failed(buf_put(&path, name)) &&
           !failed(buf_put_u8(&path, 0)) && !failed(file_read((const char *)path.p, &bytes)) &&
           span_starts(buf_span(&bytes), SPAN_LIT("TZif"));
#undef ZONES
}

static bool is_there(struct span file)
{
    BUF_AUTO path = buf_init(4096);
    return !failed(buf_put(&path, file)) && !failed(buf_put_u8(&path, 0)) &&
           file_exists((const char *)path.p);
}

static struct err check_machine(struct loader *l, const struct conf_node *root)
{
    const struct settings *s = l->s;
    bool tls = false;
    for (size_t i = 0; i < s->n_providers; i++)
        tls = tls || s->providers[i].tls;
    if (tls && !is_there(s->ca_file))
        return fault_in(l, root, "ca_file",
                        "ca_file to name a file that is there: the certificates that https "
                        "providers are checked against (Debian: ca-certificates)");
    if (!is_zone(s->time_zone))
        return fault_in(l, root, "time_zone", "a time zone's name, such as Europe/Berlin");
    return OK;
}

/* ---- all of it ---- */

static struct err check_version(struct loader *l, const struct conf_node *root)
{
    const struct conf_node *v = conf_member(root, SPAN_LIT("version"));
    if (!v)
        return fault(l, root, "version: 1");
    if (v->kind != CONF_SCALAR || v->quoted || !span_is(v->text, "1"))
        return fault(l, v, "version: 1, the only format there is");
    return OK;
}

static struct err read_defaults(struct loader *l)
{
    struct settings *s = l->s;
    TRY(conf_defaults(&settings_tables[SECTION_top], &s->arena, s));
    TRY(conf_defaults(&settings_tables[SECTION_masking], &s->arena, &s->masking));
    TRY(conf_defaults(&settings_tables[SECTION_audit], &s->arena, &s->audit));
    TRY(conf_defaults(&settings_tables[SECTION_limits], &s->arena, &s->limits));
    return conf_defaults(&settings_tables[SECTION_timeouts], &s->arena, &s->timeouts);
}

/* The sections without references to others. */
static struct err read_plain_sections(struct loader *l, const struct conf_node *root)
{
    struct settings *s = l->s;
    const struct {
        const char *name;
        enum section which;
        void *target;
    } sections[] = {{"audit", SECTION_audit, &s->audit},
                    {"limits", SECTION_limits, &s->limits},
                    {"timeouts", SECTION_timeouts, &s->timeouts}};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const struct conf_node *node = conf_member(root, span_str(sections[i].name));
        if (node)
            TRY(read_section(l, sections[i].which, node, sections[i].target));
    }
    return read_masking(l, conf_member(root, SPAN_LIT("masking")), &s->masking);
}

/* A member of the root, or of the embedded default where the file has none. */
static const struct conf_node *member(const struct conf_node *root,
                                      const struct conf_node *built_in, const char *name)
{
    const struct conf_node *node = conf_member(root, span_str(name));
    return node || !built_in ? node : conf_member(built_in, span_str(name));
}

static struct err read_root(struct loader *l, const struct conf_node *root)
{
    const struct conf_node *built_in;
    TRY(conf_parse(span_str(settings_default_yaml), "built-in config", &l->s->arena, &built_in,
                   NULL));
    if (root->kind != CONF_MAPPING)
        return fault(l, root, "settings such as version: 1");
    TRY(read_defaults(l));
    TRY(check_version(l, root));
    TRY(read_section(l, SECTION_top, root, l->s));
    TRY(settings_read_recognisers(l->s, root, l->f));
    TRY(read_plain_sections(l, root));
    TRY(read_listeners(l, member(root, built_in, "listen")));
    TRY(read_providers(l, member(root, built_in, "providers")));
    const struct conf_node *models = member(root, NULL, "models");
    TRY(models ? read_models(l, models) : default_model(l));
    const struct conf_node *prices = member(root, NULL, "prices");
    if (prices)
        TRY(read_prices(l, prices));
    const struct conf_node *budgets = member(root, NULL, "budgets");
    if (budgets)
        TRY(read_budgets(l, budgets));
    return check_machine(l, root);
}

struct err settings_parse(struct span yaml, const char *file, struct settings *out,
                          struct conf_fault *f)
{
    *out = (struct settings){.arena = arena_init(SETTINGS_MEMORY_MAX)};
    struct loader l = {out, f};
    const struct conf_node *root;
    struct err e = conf_parse(yaml, file, &out->arena, &root, f);
    if (!failed(e))
        e = read_root(&l, root);
    if (!failed(e))
        return OK;
    if (f && !*f->text)
        snprintf(f->text, sizeof f->text, "cannot be read: %s", err_word(e));
    settings_free(out);
    return e;
}
