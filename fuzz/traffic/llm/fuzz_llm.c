/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body as request, answer, event or tool arguments of any surface: refused with a reason, or
 * walked; then every leaf is a whole string or number of the body, in order, without overlap, in a
 * unit that holds it. The first byte chooses the surface, the second the reading.
 */
/* covers: src/traffic/llm/read.c src/traffic/llm/event.c src/traffic/llm/usage.c */
/* planted: src/traffic/llm/read.c | .end = t->end, | .end = t->end + 1, */
#include "llm.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_leaf(const struct llm_doc *d, const struct llm_leaf *l, uint32_t from)
{
    must(l->start >= from && l->start < l->end && l->end <= d->body.n);
    struct span raw = llm_leaf_raw(d, l);
    must(raw.p[0] != '"' || (raw.n >= 2 && raw.p[raw.n - 1] == '"'));
    uint8_t c = raw.p[raw.n - 1];
    must(l->kind == LLM_NULLED || (c > 0x20 && c != ',' && c != '}' && c != ']' && c != ':'));
}

static void check(const struct llm_doc *d)
{
    uint32_t from = 0;
    for (size_t i = 0; i < d->leaves; i++) {
        const struct llm_leaf *l = &d->leaf[i];
        check_leaf(d, l, from);
        from = l->end;
        if (d->units) {
            must(l->unit < d->units);
            must(i >= d->unit[l->unit].first && i < d->unit[l->unit].last);
        }
    }
}

static void see(enum llm_surface s, struct span body)
{
    struct llm_usage u = {0};
    struct llm_stream st = {0};
    enum llm_event kind;
    (void)failed(llm_usage_whole(s, body, &u));
    size_t cut = body.n / 2;
    (void)failed(llm_stream_see(&st, s, SPAN_NONE, body, &kind));
    (void)failed(llm_stream_see(&st, s, SPAN_LIT("message_delta"), span_from(body, cut), &kind));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[16] = {3};
    static struct llm_doc doc;
    static bool ready;
    if (!ready)
        doc = llm_doc_of(seed);
    ready = true;
    if (size < 2)
        return 0;
    enum llm_surface s = (enum llm_surface)(1 + data[0] % (LLM_SURFACES - 1));
    struct span body = span(data + 2, size - 2);
    struct fault f = {0, NULL};
    struct err e;
    switch (data[1] % 4) {
    case 0: /* only where requests have a body */
        if (!llm_info(s)->has_text)
            return 0;
        e = llm_read_request(&doc, s, body, &f);
        break;
    case 1:
        e = llm_read_answer(&doc, s, body, &f);
        break;
    case 2: /* only where answers are streamed */
        if (llm_info(s)->framing == LLM_WHOLE)
            return 0;
        e = llm_read_event(&doc, s, body, &f);
        break;
    default:
        e = llm_read_args(&doc, body, &f);
    }
    if (!failed(e))
        check(&doc);
    else
        must(f.why && err_cat(e) != ERR_BUG);
    see(s, body);
    return 0;
}
