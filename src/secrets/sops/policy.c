/* SPDX-License-Identifier: Apache-2.0 */
/* Creation rules: .sops.yaml read with the YAML reader of documents. Once a command. */
#include "num.h"
#include "regex.h"
#include "sops_int.h"

enum { RULES_MAX = 1024 };

/* "creation_rules__list_3__map_REST" to 3 and REST. */
static bool rule_member(struct span name, uint32_t *rule, struct span *rest)
{
    struct span head = SPAN_LIT("creation_rules__list_"), map = SPAN_LIT("__map_");
    uint64_t v;
    if (!span_starts(name, head))
        return false;
    name = span_from(name, head.n);
    size_t end = span_search(name, 0, map);
    if (end == name.n || failed(num_u64(span_cut(name, 0, end), RULES_MAX, &v)))
        return false;
    *rule = (uint32_t)v;
    *rest = span_from(name, end + map.n);
    return true;
}

/* The flat name of any node, root included in none. */
static struct err flat(const struct sops_doc *d, uint32_t node, struct buf *out)
{
    uint32_t way[SOPS_DEPTH + 2], n = 0;
    for (uint32_t at = node; at != SOPS_NO_NODE && n < SOPS_DEPTH + 2; at = d->nodes[at].parent)
        way[n++] = at;
    buf_clear(out);
    for (uint32_t i = n > 0 ? n - 1 : 0; i-- > 0;) {
        const struct sops_node *s = &d->nodes[way[i]];
        if (s->index != UINT32_MAX) {
            TRY(buf_printf(out, "__list_%u", s->index));
            continue;
        }
        TRY(buf_puts(out, out->n ? "__map_" : ""));
        TRY(buf_put(out, s->name));
    }
    return OK;
}

/* Keys that nothing can be wrapped for here; to leave them out would lock somebody out. */
static bool is_foreign(struct span name)
{
    static const char *const kinds[] = {"pgp",   "kms",      "gcp_kms", "hckms",
                                        "azure", "hc_vault", "merge"};
    size_t at = span_search(name, 0, SPAN_LIT("key_groups__list_"));
    struct span rest =
        at == 0 ? span_from(name, span_search(name, 0, SPAN_LIT("__map_")) + 6) : name;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_starts(rest, span_str(kinds[i])))
            return true;
    return false;
}

static struct err take_member(struct sops_policy *p, struct span name, struct span text)
{
    static const char *const rules[] = {NULL,
                                        "unencrypted_suffix",
                                        "encrypted_suffix",
                                        "unencrypted_regex",
                                        "encrypted_regex",
                                        "unencrypted_comment_regex",
                                        "encrypted_comment_regex"};
    struct span groups = SPAN_LIT("key_groups__list_");
    uint64_t v;
    for (uint32_t i = 1; i < sizeof rules / sizeof *rules; i++)
        if (span_is(name, rules[i])) {
            if (p->rule.kind != SOPS_RULE_NONE)
                return err(ERR_INPUT);
            p->rule = (struct sops_rule){(enum sops_rule_kind)i, text};
        }
    if (text.n && is_foreign(name))
        return err_make(ERR_DENIED, SOPS_NO_CLASS);
    if (span_is(name, "age") || span_starts(name, SPAN_LIT("age__list_")))
        return sops_policy_add(p, text, 0);
    if (span_is(name, "mac_only_encrypted"))
        p->mac_only_encrypted = span_is(text, "true");
    if (span_is(name, "shamir_threshold")) {
        TRY(num_u64(text, 255, &v));
        p->threshold = (uint32_t)v;
    }
    if (!span_starts(name, groups))
        return OK;
    name = span_from(name, groups.n);
    size_t end = span_search(name, 0, SPAN_LIT("__map_age__list_"));
    if (end == name.n)
        return OK;
    TRY(num_u64(span_cut(name, 0, end), 254, &v));
    return sops_policy_add(p, text, (uint32_t)v);
}

/* Does rule number `rule` fit the path? One without path_regex fits every path. */
static struct err fits(const struct sops_doc *d, uint32_t rule, const char *path, bool *there,
                       bool *fit)
{
    BUF_AUTO name = buf_init(8192);
    *there = *fit = false;
    bool restricted = false, matched = false;
    for (uint32_t i = 0; i < d->n_items; i++) {
        uint32_t r;
        struct span rest;
        TRY(flat(d, d->items[i].node, &name));
        if (d->items[i].type == SOPS_COMMENT || !rule_member(buf_span(&name), &r, &rest) ||
            r != rule)
            continue;
        *there = true;
        if (!span_is(rest, "path_regex"))
            continue;
        struct regex *re = NULL;
        restricted = true;
        TRY(regex_compile(d->items[i].text, 0, NULL, &re, NULL));
        struct err e = regex_match(re, span_str(path), &matched);
        regex_free(re);
        TRY(e);
    }
    *fit = *there && (!restricted || matched);
    return OK;
}

static struct err take_rule(const struct sops_doc *d, uint32_t rule, struct arena *arena,
                            struct sops_policy *p)
{
    BUF_AUTO name = buf_init(8192);
    for (uint32_t i = 0; i < d->n_items; i++) {
        uint32_t r;
        struct span rest, text;
        TRY(flat(d, d->items[i].node, &name));
        if (d->items[i].type == SOPS_COMMENT || !rule_member(buf_span(&name), &r, &rest) ||
            r != rule)
            continue;
        TRY(arena_copy(arena, d->items[i].text, &text));
        TRY(take_member(p, rest, text));
    }
    return OK;
}

/* stores: {yaml: {indent: 2}, json: {indent: 2}, json_binary: {indent: 2}} */
static struct err take_stores(const struct sops_doc *d, struct sops_policy *p)
{
    static const struct {
        const char *name;
        enum sops_format format;
    } stores[] = {{"stores__map_yaml__map_indent", SOPS_YAML},
                  {"stores__map_json__map_indent", SOPS_JSON},
                  {"stores__map_json_binary__map_indent", SOPS_BINARY}};
    enum { INDENT_MAX = 32 };
    BUF_AUTO name = buf_init(8192);
    for (uint32_t i = 0; i < d->n_items; i++) {
        uint64_t v;
        TRY(flat(d, d->items[i].node, &name));
        for (size_t k = 0; k < sizeof stores / sizeof *stores; k++)
            if (d->items[i].type == SOPS_INT && span_is(buf_span(&name), stores[k].name) &&
                !failed(num_u64(d->items[i].text, INDENT_MAX, &v)))
                p->indent[stores[k].format] = (uint32_t)v;
    }
    return OK;
}

static struct err find(const struct sops_doc *d, const char *path, struct arena *arena,
                       struct sops_policy *p, struct fault *f)
{
    TRY(take_stores(d, p));
    for (uint32_t rule = 0; rule < RULES_MAX; rule++) {
        bool there, fit;
        if (failed(fits(d, rule, path, &there, &fit)))
            return sops_fail(f, SOPS_NO_CLASS, 0, "a path_regex of .sops.yaml is not valid");
        if (!there)
            break;
        if (fit) {
            struct err e = take_rule(d, rule, arena, p);
            if (err_cat(e) == ERR_DENIED)
                return fault_at(f, ERR_DENIED, 0,
                                "the creation rule has keys of other kinds than age");
            return err_cat(e) == ERR_INPUT
                       ? fault_at(f, ERR_INPUT, 0, "the creation rule is not well formed")
                       : e;
        }
    }
    return fault_at(f, ERR_DENIED, 0, "no creation rule of .sops.yaml fits this file");
}

struct err sops_policy_find(struct span config, const char *path, struct arena *arena,
                            struct sops_policy *p, struct fault *f)
{
    struct sops_doc d;
    *p = (struct sops_policy){0};
    struct err e = sops_read(&d, config, SOPS_YAML, f);
    if (!failed(e))
        e = find(&d, path, arena, p, f);
    sops_drop(&d);
    return e;
}
