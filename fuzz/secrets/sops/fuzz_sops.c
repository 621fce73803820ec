/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of every format: first byte the format. What is read has its items in order and inside
 * the source; a clear document is encrypted and opens again with the same values, also after one of
 * them was set and after its key was changed. And the bytes as a file of creation rules.
 */
#include "sops_int.h"

#include <stdio.h>
#include <stdlib.h>

/* covers: src/secrets/sops/yaml.c src/secrets/sops/yaml_scalar.c src/secrets/sops/yaml_flow.c */
/* covers: src/secrets/sops/json_doc.c src/secrets/sops/lines.c src/secrets/sops/doc.c */
/* covers: src/secrets/sops/meta.c src/secrets/sops/number.c src/secrets/sops/value.c */
/* covers: src/secrets/sops/spell.c src/secrets/sops/select.c src/secrets/sops/policy.c */
/* covers: src/secrets/sops/open.c src/secrets/sops/yaml_props.c src/secrets/sops/emit.c */
/* covers: src/secrets/sops/place.c src/secrets/sops/change.c */
/* planted: src/secrets/sops/yaml.c | .end = (uint32_t)end, | .end = (uint32_t)end + 2, */

static struct age_keys ids;
static struct buf recipient;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void prepare(void)
{
    struct age_keys to = {0};
    must(!failed(age_generate(AGE_X25519, &ids)) && !failed(age_recipients_of(&ids, &to)));
    recipient = buf_init(256);
    must(!failed(age_recipient_text(&to.v[0], &recipient)));
    age_keys_free(&to);
}

/* Its values as JSON; false when it has one that JSON has not. */
static bool values_of(const struct sops_doc *d, struct buf *out)
{
    return !failed(sops_write_json(d, out));
}

/* What was written opens with our key, and says `want` (NULL: whatever it says). */
static void opens_as(struct span file, enum sops_format format, const struct buf *want)
{
    struct sops_doc d;
    struct fault f;
    BUF_AUTO said = buf_init(4 << 20), plain = buf_init(4 << 20);
    must(!failed(sops_read(&d, file, format, &f)) && !failed(sops_open(&d, &ids, &f)));
    bool json = values_of(&d, &said);
    must(!want || (json && span_eq(buf_span(&said), buf_span(want))));
    if (!failed(sops_write_plain(&d, &plain))) {
        struct sops_doc clear;
        must(!failed(sops_read(&clear, buf_span(&plain), format, &f)) && !clear.meta.present);
        sops_drop(&clear);
    }
    sops_drop(&d);
}

/* An open document with a member more, and with its first ones changed and gone. */
static void set_and_unset(struct sops_doc *d, enum sops_format format)
{
    struct fault f;
    bool changed;
    struct span value = SPAN_LIT("{\"a\": [1, \"x\\ny\", {}], \"b\": null}");
    BUF_AUTO out = buf_init(4 << 20);
    if (!failed(sops_set(d, SPAN_LIT("[\"new\"][\"er\"][0]"), value, &changed, &out, &f)))
        opens_as(buf_span(&out), format, NULL);
    for (uint32_t i = 1; i < d->n_nodes && i < 4; i++) {
        char index[300];
        const struct sops_node *n = &d->nodes[i];
        if (n->parent != 0 || n->name.n > 200)
            continue;
        snprintf(index, sizeof index, "[\"%.*s\"]", SPAN_ARG(n->name));
        buf_clear(&out);
        if (!failed(sops_set(d, span_str(index), SPAN_LIT("[true, 1.5]"), &changed, &out, &f)))
            opens_as(buf_span(&out), format, NULL);
        buf_clear(&out);
        if (!failed(sops_unset(d, span_str(index), &out, &f)))
            opens_as(buf_span(&out), format, NULL);
    }
}

/* An open document under another key. */
static void rotate(struct sops_doc *d, enum sops_format format, const struct sops_policy *p)
{
    struct fault f;
    BUF_AUTO before = buf_init(4 << 20), rotated = buf_init(4 << 20);
    bool json = values_of(d, &before);
    struct err e = sops_rotate(d, p, &rotated, &f);
    must(err_cat(e) != ERR_BUG);
    if (!failed(e))
        opens_as(buf_span(&rotated), format, json ? &before : NULL);
}

static void change(struct span file, enum sops_format format, const struct sops_policy *p)
{
    struct sops_doc d;
    struct fault f;
    must(!failed(sops_read(&d, file, format, &f)) && !failed(sops_open(&d, &ids, &f)));
    set_and_unset(&d, format);
    sops_drop(&d);
    must(!failed(sops_read(&d, file, format, &f)) && !failed(sops_open(&d, &ids, &f)));
    rotate(&d, format, p);
    sops_drop(&d);
}

static void round_trip(struct sops_doc *d, uint8_t how)
{
    static struct sops_policy p;
    static const char *const rules[] = {"", "_clear", "_secret", "^a", "^(b|c)", "never", "enc"};
    BUF_AUTO out = buf_init(4 << 20), before = buf_init(4 << 20);
    struct fault f;
    p = (struct sops_policy){.mac_only_encrypted = how & 1};
    p.rule.kind = (enum sops_rule_kind)(how / 2 % (SOPS_ENCRYPTED_COMMENT_REGEX + 1));
    p.rule.text = span_str(rules[p.rule.kind]);
    must(!failed(sops_policy_add(&p, buf_span(&recipient), 0)));
    struct err e = sops_encrypt(d, &p, NULL, &out, &f);
    must(err_cat(e) != ERR_BUG); /* it has looked whether what it wrote opens */
    if (failed(e))
        return;
    bool json = values_of(d, &before);
    opens_as(buf_span(&out), d->format, json ? &before : NULL);
    if (how & 16) /* not always: it costs as much again */
        change(buf_span(&out), d->format, &p);
}

/* Somebody else's document: its own values, as far as it goes. */
static void open_foreign(struct sops_doc *d)
{
    struct sops_policy *p = malloc(sizeof *p);
    struct fault f;
    must(p != NULL);
    struct err e = sops_open(d, &ids, &f);
    must(!failed(e) || err_cat(e) != ERR_BUG);
    sops_policy_of(d, p);
    must(p->recipients <= SOPS_RECIPIENTS_MAX);
    free(p);
}

static void rules(struct span in)
{
    struct sops_policy *p = calloc(1, sizeof *p);
    struct arena a = arena_init(4 << 20);
    struct fault f = {0, NULL};
    must(p != NULL);
    struct err e = sops_policy_find(in, "dir/secrets.yaml", &a, p, &f);
    must(!failed(e) || err_cat(e) != ERR_BUG);
    must(p->recipients <= SOPS_RECIPIENTS_MAX);
    arena_free(&a);
    free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sops_doc d;
    struct fault f;
    if (ids.n == 0)
        prepare();
    if (size == 0 || size > 65536)
        return 0;
    struct span source = span(data + 1, size - 1);
    if (data[0] >= 0xf0) {
        rules(source);
        return 0;
    }
    struct err e = sops_read(&d, source, (enum sops_format)(data[0] % 4), &f);
    uint32_t at = 0;
    for (uint32_t i = 0; !failed(e) && i < d.n_items; i++) {
        must(d.items[i].start >= at && d.items[i].end >= d.items[i].start);
        must(d.items[i].end <= d.source.n);
        at = d.items[i].start;
    }
    uint32_t node;
    if (!failed(e) && !failed(sops_find(&d, SPAN_LIT("[\"a\"][0]"), &node, &f)))
        must(node < d.n_nodes);
    if (!failed(e) && d.meta.present)
        open_foreign(&d);
    else if (!failed(e))
        round_trip(&d, data[0] / 4);
    sops_drop(&d);
    return 0;
}
