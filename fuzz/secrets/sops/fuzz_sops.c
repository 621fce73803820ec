/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of every format: first byte the format. What is read has its items in order and inside
 * the source; a clear document is encrypted and opens again with the same values.
 */
#include "sops.h"

#include <stdio.h>
#include <stdlib.h>

/* covers: src/secrets/sops/yaml.c src/secrets/sops/yaml_scalar.c src/secrets/sops/yaml_flow.c */
/* covers: src/secrets/sops/json_doc.c src/secrets/sops/lines.c src/secrets/sops/yaml_props.c */
/* covers: src/secrets/sops/emit.c src/secrets/sops/place.c src/secrets/sops/change.c */
/* planted: src/secrets/sops/yaml.c | .end = (uint32_t)end, | .end = (uint32_t)end + 2, */

static struct age_keys ids;
static struct buf recipient;

static void prepare(void)
{
    struct age_keys to = {0};
    if (failed(age_generate(AGE_X25519, &ids)) || failed(age_recipients_of(&ids, &to)))
        abort();
    recipient = buf_init(256);
    if (failed(age_recipient_text(&to.v[0], &recipient)))
        abort();
    age_keys_free(&to);
}

/* A new member, and the first one gone again: what is taken reads back, whatever the document. */
static void change(struct sops_doc *d)
{
    struct buf out = buf_init(4 << 20);
    struct fault f;
    bool changed;
    struct span value = SPAN_LIT("{\"a\": [1, \"x\\ny\", {}], \"b\": null}");
    (void)!failed(sops_set(d, SPAN_LIT("[\"new\"][\"er\"][0]"), value, &changed, &out, &f));
    buf_clear(&out);
    for (uint32_t i = 1; i < d->n_nodes && i < 4; i++) {
        char index[300];
        const struct sops_node *n = &d->nodes[i];
        if (n->parent != 0 || n->name.n > 200)
            continue;
        snprintf(index, sizeof index, "[\"%.*s\"]", SPAN_ARG(n->name));
        (void)!failed(sops_set(d, span_str(index), SPAN_LIT("[true, 1.5]"), &changed, &out, &f));
        (void)!failed(sops_unset(d, span_str(index), &out, &f));
        buf_clear(&out);
    }
    buf_free(&out);
}

static void round_trip(struct sops_doc *d)
{
    static struct sops_policy p;
    struct buf out = buf_init(4 << 20);
    struct sops_doc again;
    struct fault f;
    p = (struct sops_policy){0};
    if (failed(sops_policy_add(&p, buf_span(&recipient), 0)))
        abort();
    if (!failed(sops_encrypt(d, &p, NULL, &out, &f))) {
        if (!failed(sops_read(&again, buf_span(&out), d->format, &f)) &&
            !failed(sops_open(&again, &ids, &f)))
            change(&again);
        sops_drop(&again);
    }
    buf_free(&out);
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
    struct err e = sops_read(&d, source, (enum sops_format)(data[0] % 4), &f);
    uint32_t at = 0;
    for (uint32_t i = 0; !failed(e) && i < d.n_items; i++) {
        if (d.items[i].start < at || d.items[i].end < d.items[i].start ||
            d.items[i].end > d.source.n)
            abort();
        at = d.items[i].start;
    }
    if (!failed(e))
        round_trip(&d);
    sops_drop(&d);
    return 0;
}
