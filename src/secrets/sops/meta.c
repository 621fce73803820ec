/* SPDX-License-Identifier: Apache-2.0 */
/* The sops section: read from the items below it, written in the format's own shape. */
#include "num.h"
#include "sops_int.h"
#include "wr.h"

static const char *const rule_names[] = {
    [SOPS_UNENCRYPTED_SUFFIX] = "unencrypted_suffix",
    [SOPS_ENCRYPTED_SUFFIX] = "encrypted_suffix",
    [SOPS_UNENCRYPTED_REGEX] = "unencrypted_regex",
    [SOPS_ENCRYPTED_REGEX] = "encrypted_regex",
    [SOPS_UNENCRYPTED_COMMENT_REGEX] = "unencrypted_comment_regex",
    [SOPS_ENCRYPTED_COMMENT_REGEX] = "encrypted_comment_regex",
};
enum { RULES = sizeof rule_names / sizeof *rule_names };

/* ---- reading ---- */

/* "PREFIX" NUMBER: the number moves *name behind it. */
static bool take_index(struct span *name, const char *prefix, uint64_t *out)
{
    struct span head = span_str(prefix);
    if (!span_starts(*name, head))
        return false;
    size_t end = head.n;
    while (end < name->n && (uint8_t)(name->p[end] - '0') < 10)
        end++;
    if (failed(num_u64(span_cut(*name, head.n, end - head.n), UINT32_MAX - 1, out)))
        return false;
    *name = span_from(*name, end);
    return true;
}

static struct err recipient_at(struct sops_meta *m, uint32_t group, uint64_t index,
                               struct sops_recipient **out)
{
    /* Members of one list element come together; `index` counts within its group. */
    uint64_t seen = 0;
    for (uint32_t i = 0; i < m->recipients; i++)
        if (m->to[i].group == group && seen++ == index) {
            *out = &m->to[i];
            return OK;
        }
    if (m->recipients == SOPS_RECIPIENTS_MAX || index != seen)
        return err(ERR_LIMIT);
    m->to[m->recipients] = (struct sops_recipient){.group = group};
    *out = &m->to[m->recipients++];
    return OK;
}

static bool foreign_list(struct span name)
{
    static const char *const kinds[] = {"pgp__",   "kms__",      "gcp_kms__",
                                        "hckms__", "azure_kv__", "hc_vault__"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_starts(name, span_str(kinds[i])))
            return true;
    return false;
}

static struct err read_recipient(struct sops_meta *m, struct span name, const struct sops_item *it,
                                 bool *taken)
{
    uint64_t group = 0, index;
    struct sops_recipient *r;
    *taken = false;
    bool grouped = take_index(&name, "key_groups__list_", &group);
    if (grouped) {
        if (group >= 255)
            return err(ERR_LIMIT);
        if (m->groups <= group)
            m->groups = (uint32_t)group + 1;
        name = span_from(name, span_starts(name, SPAN_LIT("__map_")) ? 6 : name.n);
    }
    if (foreign_list(name))
        m->foreign = true;
    if (!take_index(&name, "age__list_", &index))
        return OK;
    TRY(recipient_at(m, (uint32_t)group, index, &r));
    *taken = true;
    if (span_is(name, "__map_enc"))
        r->enc = it->text;
    if (span_is(name, "__map_recipient"))
        r->recipient = it->text;
    return OK;
}

static struct err read_plain(struct sops_meta *m, struct span name, uint32_t i,
                             const struct sops_item *it, struct fault *f)
{
    if (span_is(name, "mac")) {
        m->mac = it->text;
        m->mac_item = i;
    } else if (span_is(name, "lastmodified")) {
        m->lastmodified = it->text;
        m->modified_item = i;
    } else if (span_is(name, "version")) {
        m->version = it->text;
    } else if (span_is(name, "mac_only_encrypted")) {
        m->mac_only_encrypted = it->text.n && (it->text.p[0] | 32) == 't';
    } else if (span_is(name, "shamir_threshold")) {
        uint64_t v;
        if (failed(num_u64(it->text, 255, &v)))
            return sops_fail(f, SOPS_FORMAT, it->start, "a malformed shamir_threshold");
        m->threshold = (uint32_t)v;
    }
    for (uint32_t k = 1; k < RULES; k++)
        if (span_is(name, rule_names[k]) && it->text.n) {
            if (m->rule.kind != SOPS_RULE_NONE)
                return sops_fail(f, SOPS_FORMAT, it->start, "more than one selection rule");
            m->rule = (struct sops_rule){(enum sops_rule_kind)k, it->text};
        }
    return OK;
}

/* Top-level age keys make key groups count for nothing; they would be mixed up here. */
static bool has_top_level(const struct sops_doc *d)
{
    for (uint32_t i = 0; i < d->n_nodes; i++) {
        const struct sops_node *n = &d->nodes[i];
        if (n->meta && n->index != UINT32_MAX && span_is(d->nodes[n->parent].name, "age")) {
            uint32_t up = d->nodes[n->parent].parent;
            if (up != SOPS_NO_NODE && span_is(d->nodes[up].name, "sops"))
                return true;
        }
    }
    return false;
}

struct err sops_meta_read(struct sops_doc *d, struct fault *f)
{
    struct sops_meta *m = &d->meta;
    BUF_AUTO name = buf_init(4096);
    bool top = has_top_level(d);
    uint32_t first_root = SOPS_NO_NODE;
    for (uint32_t i = 0; i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        if (!d->nodes[it->node].meta || it->type == SOPS_COMMENT)
            continue;
        uint32_t root = it->node; /* several documents each hold a section; the first counts */
        while (d->nodes[root].parent != SOPS_NO_NODE)
            root = d->nodes[root].parent;
        first_root = first_root == SOPS_NO_NODE ? root : first_root;
        if (root != first_root)
            continue;
        m->present = true;
        buf_clear(&name);
        if (failed(sops_flat_name(d, it->node, &name)))
            return sops_fail(f, SOPS_FORMAT, it->start, "a name in the sops section is too long");
        struct span n = buf_span(&name);
        bool taken;
        if (top && span_starts(n, SPAN_LIT("key_groups__")))
            continue;
        TRY(read_recipient(m, n, it, &taken));
        if (!taken)
            TRY(read_plain(m, n, i, it, f));
    }
    return OK;
}

/* ---- writing ---- */

struct writer {
    const struct sops_doc *d;
    const struct sops_meta *m;
    struct buf *out;
    bool first; /* JSON: no comma before the next member */
};

static bool is_json(const struct writer *w)
{
    return w->d->format == SOPS_JSON || w->d->format == SOPS_BINARY;
}

static struct err indent(struct writer *w, uint32_t tabs)
{
    if (w->m->indent)
        return buf_printf(w->out, "%*s", (int)(tabs * w->m->indent), "");
    for (uint32_t i = 0; i < tabs; i++)
        TRY(buf_puts(w->out, is_json(w) ? "\t" : "    "));
    return OK;
}

/* YAML: the columns of a level. */
static uint32_t level(const struct writer *w)
{
    return w->m->indent > 1 ? w->m->indent : 4;
}

static struct err spell(struct writer *w, struct span text, enum sops_type type, uint32_t column)
{
    bool lines = w->d->format == SOPS_DOTENV || w->d->format == SOPS_INI;
    struct sops_item place = {.column = lines ? SOPS_IN_SECTION : column, .type = SOPS_STR};
    return sops_spell(w->d, &place, type, text, w->out);
}

/* JSON: comma, line end, indentation, quoted name. */
static struct err json_name(struct writer *w, uint32_t tabs, const char *name)
{
    TRY(buf_puts(w->out, w->first ? "\n" : ",\n"));
    w->first = false;
    TRY(indent(w, tabs));
    return buf_printf(w->out, "\"%s\": ", name);
}

static struct err member(struct writer *w, const char *name, struct span text, enum sops_type type)
{
    if (text.n == 0)
        return OK;
    if (is_json(w)) {
        TRY(json_name(w, 2, name));
        return spell(w, text, type, 0);
    }
    if (w->d->format == SOPS_YAML)
        TRY(buf_printf(w->out, "%*s%s: ", (int)level(w), "", name));
    else
        TRY(buf_printf(w->out, w->d->format == SOPS_INI ? "%-26s = " : "sops_%s=", name));
    bool date = w->d->format == SOPS_YAML && type == SOPS_STR && sops_yaml_type(text) == SOPS_TIME;
    if (date)
        TRY(buf_printf(w->out, "\"%.*s\"", SPAN_ARG(text)));
    else
        TRY(spell(w, text, type, level(w)));
    return buf_put_u8(w->out, '\n');
}

static struct err yaml_recipient(struct writer *w, const struct sops_recipient *r, uint32_t column)
{
    TRY(buf_printf(w->out, "%*s- enc: ", (int)column, ""));
    TRY(spell(w, r->enc, SOPS_STR, column + 2));
    return buf_printf(w->out, "\n%*srecipient: %.*s\n", (int)column + 2, "",
                      SPAN_ARG(r->recipient));
}

static struct err json_recipient(struct writer *w, const struct sops_recipient *r, uint32_t tabs,
                                 bool first)
{
    TRY(buf_puts(w->out, first ? "\n" : ",\n"));
    TRY(indent(w, tabs));
    TRY(buf_puts(w->out, "{"));
    w->first = true;
    TRY(json_name(w, tabs + 1, "enc"));
    TRY(spell(w, r->enc, SOPS_STR, 0));
    TRY(json_name(w, tabs + 1, "recipient"));
    TRY(spell(w, r->recipient, SOPS_STR, 0));
    TRY(buf_puts(w->out, "\n"));
    TRY(indent(w, tabs));
    return buf_puts(w->out, "}");
}

static struct err flat_recipient(struct writer *w, const struct sops_recipient *r, uint32_t i)
{
    char name[96];
    struct wr n = wr_of(name, sizeof name - 1);
    if (w->m->groups > 1) {
        wr_str(&n, "key_groups__list_");
        wr_dec(&n, r->group);
        wr_str(&n, "__map_");
    }
    wr_str(&n, "age__list_");
    wr_dec(&n, i);
    size_t stem = n.n;
    wr_str(&n, "__map_enc");
    name[n.n] = 0;
    TRY(member(w, name, r->enc, SOPS_STR));
    n.n = stem;
    wr_str(&n, "__map_recipient");
    name[n.n] = 0;
    return member(w, name, r->recipient, SOPS_STR);
}

/* One list of recipients: those of group `g`. */
static struct err age_list(struct writer *w, uint32_t g, uint32_t depth)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->m->recipients; i++) {
        const struct sops_recipient *r = &w->m->to[i];
        if (w->m->groups > 1 && r->group != g)
            continue;
        if (is_json(w))
            TRY(json_recipient(w, r, depth, n == 0));
        else if (w->d->format == SOPS_YAML)
            TRY(yaml_recipient(w, r, depth));
        else
            TRY(flat_recipient(w, r, n));
        n++;
    }
    return OK;
}

static struct err json_list_end(struct writer *w, uint32_t tabs)
{
    TRY(buf_puts(w->out, "\n"));
    TRY(indent(w, tabs));
    w->first = false;
    return buf_puts(w->out, "]");
}

static struct err one_group(struct writer *w)
{
    if (w->m->groups > 1)
        return OK;
    if (is_json(w)) {
        TRY(json_name(w, 2, "age"));
        TRY(buf_puts(w->out, "["));
        TRY(age_list(w, 0, 3));
        return json_list_end(w, 2);
    }
    if (w->d->format == SOPS_YAML)
        TRY(buf_printf(w->out, "%*sage:\n", (int)level(w), ""));
    return age_list(w, 0, 2 * level(w));
}

static struct err json_group(struct writer *w, uint32_t g)
{
    TRY(buf_puts(w->out, g ? ",\n" : "\n"));
    TRY(indent(w, 3));
    TRY(buf_puts(w->out, "{"));
    w->first = true;
    TRY(json_name(w, 4, "age"));
    TRY(buf_puts(w->out, "["));
    TRY(age_list(w, g, 5));
    TRY(json_list_end(w, 4));
    TRY(buf_puts(w->out, "\n"));
    TRY(indent(w, 3));
    return buf_puts(w->out, "}");
}

static struct err many_groups(struct writer *w)
{
    if (w->m->groups <= 1)
        return OK;
    if (is_json(w)) {
        TRY(json_name(w, 2, "key_groups"));
        TRY(buf_puts(w->out, "["));
    } else if (w->d->format == SOPS_YAML) {
        TRY(buf_printf(w->out, "%*skey_groups:\n", (int)level(w), ""));
    }
    for (uint32_t g = 0; g < w->m->groups; g++) {
        if (is_json(w)) {
            TRY(json_group(w, g));
            continue;
        }
        if (w->d->format == SOPS_YAML)
            TRY(buf_printf(w->out, "%*s- age:\n", (int)(2 * level(w)), ""));
        TRY(age_list(w, g, 3 * level(w) + 2));
    }
    return is_json(w) ? json_list_end(w, 2) : OK;
}

static struct err rule(struct writer *w, enum sops_rule_kind kind)
{
    return w->m->rule.kind == kind ? member(w, rule_names[kind], w->m->rule.text, SOPS_STR) : OK;
}

/* Sorted by name, as the reference writes them. */
static struct err members(struct writer *w)
{
    char number[16];
    struct wr n = wr_of(number, sizeof number);
    wr_dec(&n, w->m->threshold);
    TRY(one_group(w));
    TRY(rule(w, SOPS_ENCRYPTED_COMMENT_REGEX));
    TRY(rule(w, SOPS_ENCRYPTED_REGEX));
    TRY(rule(w, SOPS_ENCRYPTED_SUFFIX));
    TRY(many_groups(w));
    TRY(member(w, "lastmodified", w->m->lastmodified, SOPS_STR));
    TRY(member(w, "mac", w->m->mac, SOPS_STR));
    if (w->m->mac_only_encrypted)
        TRY(member(w, "mac_only_encrypted", SPAN_LIT("true"), SOPS_BOOL));
    if (w->m->groups > 1)
        TRY(member(w, "shamir_threshold", wr_span(&n), SOPS_INT));
    TRY(rule(w, SOPS_UNENCRYPTED_COMMENT_REGEX));
    TRY(rule(w, SOPS_UNENCRYPTED_REGEX));
    TRY(rule(w, SOPS_UNENCRYPTED_SUFFIX));
    return member(w, "version", w->m->version, SOPS_STR);
}

struct err sops_meta_write(const struct sops_doc *d, const struct sops_meta *m, struct buf *out)
{
    struct writer w = {d, m, out, true};
    if (d->format == SOPS_YAML)
        TRY(buf_puts(out, "sops:\n"));
    else if (d->format == SOPS_INI)
        TRY(buf_puts(out, "[sops]\n"));
    else if (is_json(&w)) {
        TRY(buf_puts(out, "\n"));
        TRY(indent(&w, 1));
        TRY(buf_puts(out, "\"sops\": {"));
    }
    TRY(members(&w));
    if (!is_json(&w))
        return OK;
    TRY(buf_puts(out, "\n"));
    TRY(indent(&w, 1));
    return buf_puts(out, "}");
}
