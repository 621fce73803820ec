/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body as request, answer, event or tool arguments of any surface: refused with a reason, or
 * walked; then every leaf is a whole string or number of the body, in order, without overlap, in a
 * unit that holds it. The first byte chooses the surface, the second the reading. From ROUTE on it
 * is a line "METHOD TARGET" and then names of headers: a path leaves its place nowhere, and what
 * names the caller goes nowhere.
 */
/* covers: src/traffic/llm/read.c src/traffic/llm/event.c src/traffic/llm/usage.c */
/* covers: src/traffic/llm/surface.c src/traffic/llm/words.c src/traffic/llm/shapes.c */
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

enum { ROUTE = 0xf0 };

/* Names of credentials are never handed on, whatever the dialect. */
static void header(struct span name)
{
    static const char *const own[] = {"authorization",  "x-api-key",           "api-key",
                                      "cookie",         "proxy-authorization", "host",
                                      "content-length", "transfer-encoding",   "set-cookie"};
    for (int d = 0; d <= LLM_DIALECTS; d++) {
        bool passes =
            llm_header_up((enum llm_dialect)d, name) || llm_header_down((enum llm_dialect)d, name);
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            must(!passes || !span_eq_nocase(name, span_str(own[i])));
    }
}

static void line(struct span in)
{
    struct span first = span_cut(in, 0, span_find(in, 0, '\n'));
    size_t blank = span_find(first, 0, ' ');
    struct span method = span_cut(first, 0, blank), target = span_from(first, blank + 1);
    bool known;
    enum llm_surface s = llm_route(method, target, &known);
    must(s == LLM_NONE || (known && span_is(method, llm_info(s)->method)));
    (void)llm_caller_dialect(s, target, in.n % 2);
    struct span path = span_cut(target, 0, span_find(target, 0, '?'));
    const char *pattern = llm_info(s)->path;
    size_t fixed = strcspn(pattern, "*");
    if (s != LLM_NONE && pattern[fixed]) {
        struct span name = span_from(path, fixed);
        must(name.n > 0 && span_search(name, 0, SPAN_LIT("..")) == name.n);
        must(span_find(name, 0, '/') == name.n && span_find(name, 0, '%') == name.n);
    }
    (void)llm_query_up(s, span_from(target, path.n + 1));
    for (size_t at = first.n + 1; at < in.n;) {
        size_t end = span_find(in, at, '\n');
        header(span_cut(in, at, end - at));
        at = end + 1;
    }
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
    if (data[0] >= ROUTE) {
        line(span(data + 1, size - 1));
        return 0;
    }
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
