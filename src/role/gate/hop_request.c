/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hop's request as the provider gets it: masked by its rules or, for a trusted one, as it is.
 * Most are built at once, with the gate's own scratch; a long body takes turns with everything else
 * (hop_long.c).
 */
#include "hop_build.h"

#include "detect.h"

#include <string.h>

enum { LONG_BODY = 32 * 1024 }; /* bytes: shorter ones are done in about a millisecond */

struct gate_provider *hop_provider(const struct exchange *x)
{
    return &x->gate->providers[x->hop[x->hop_at].provider];
}

struct err hop_read(struct exchange *x, struct fault *f)
{
    struct gate *g = x->gate;
    g->doc_of = NULL;
    TRY(llm_read_request(&g->doc, x->surface, buf_span(&x->body), f));
    g->doc_of = x;
    return OK;
}

/* --- head ------------------------------------------------------------------------------------ */

/* A list of plain words, as version and feature headers hold it. */
static bool is_words(struct span v)
{
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = ascii_lower(v.p[i]);
        if ((uint8_t)(c - 'a') > 25 && (uint8_t)(c - '0') > 9 && !strchr("-_.,;:=/+ ", c))
            return false;
        if (c == ' ' && (i == 0 || v.p[i - 1] != ','))
            return false;
    }
    return true;
}

/* "2023-06-01" */
static bool is_date(struct span v)
{
    bool good = v.n == 10;
    for (size_t i = 0; i < v.n && good; i++)
        good = i == 4 || i == 7 ? v.p[i] == '-' : (uint8_t)(v.p[i] - '0') < 10;
    return good;
}

/* May this value of a header or query parameter leave? What is not plain, or holds a value that the
 * rules name, stays here. */
static struct err may_leave(const struct build *b, struct span value, bool *yes)
{
    const struct findings *found = NULL;
    *yes = !b->p->engine || is_date(value);
    if (*yes || !is_words(value))
        return OK;
    TRY(detect_text(b->p->engine, b->work, SPAN_NONE, value, DETECT_STRUCTURED, &found));
    *yes = found->n == 0;
    return OK;
}

static struct err put_headers(const struct build *b, struct buf *out)
{
    struct span all = buf_span(&b->x->headers);
    for (size_t at = 0; at < all.n;) {
        size_t end = span_search(all, at, SPAN_LIT("\r\n")) + 2;
        struct span line = span_cut(all, at, end - at);
        size_t value = span_find(line, 0, ':') + 2;
        bool yes;
        TRY(may_leave(b, span_cut(line, value, line.n - value - 2), &yes));
        if (yes)
            TRY(buf_put(out, line));
        at = end;
    }
    return OK;
}

/* Query parameters likewise. A '%' is not plain, so nothing hides behind one. */
static struct err put_query(const struct build *b, struct buf *out)
{
    struct span all = span_from(buf_span(&b->x->query), 1);
    char mark = '?';
    for (size_t at = 0; at < all.n;) {
        size_t end = span_find(all, at, '&');
        struct span pair = span_cut(all, at, end - at);
        bool yes;
        TRY(may_leave(b, span_from(pair, span_find(pair, 0, '=') + 1), &yes));
        if (yes) {
            TRY(buf_put_u8(out, (uint8_t)mark));
            TRY(buf_put(out, pair));
            mark = '&';
        }
        at = end + 1;
    }
    return OK;
}

/* The path under the provider's base: base URLs of OpenAI-compatible providers end where "/v1"
 * would stand in ours. */
static struct err put_target(const struct build *b, struct buf *out)
{
    const struct exchange *x = b->x;
    const struct gate_provider *p = b->p;
    struct span base = p->s->path, path = span_str(llm_info(x->surface)->path);
    bool versioned = span_ends(base, SPAN_LIT("/v1")) || (p->s->kind == KIND_OPENAI && base.n);
    if (versioned && span_starts(path, SPAN_LIT("/v1/")))
        path = span_from(path, 3);
    TRY(buf_puts(out, llm_info(x->surface)->method));
    TRY(buf_put_u8(out, ' '));
    TRY(buf_put(out, base));
    TRY(buf_put(out, path));
    TRY(put_query(b, out));
    return buf_puts(out, " HTTP/1.1\r\n");
}

static struct err put_credential(const struct exchange *x, const struct gate_provider *p,
                                 struct buf *out)
{
    if (p->s->kind == KIND_ANTHROPIC && !http_has(&x->req.head, HTTP_ANTHROPIC_VERSION))
        TRY(buf_puts(out, "anthropic-version: 2023-06-01\r\n"));
    if (p->key.n == 0)
        return OK;
    TRY(buf_puts(out, p->s->kind == KIND_ANTHROPIC ? "x-api-key: " : "authorization: Bearer "));
    TRY(buf_put(out, buf_span(&p->key)));
    return buf_puts(out, "\r\n");
}

/* --- body ------------------------------------------------------------------------------------ */

static struct err put_request(const struct build *b, struct span body)
{
    struct exchange *x = b->x;
    const struct gate_provider *p = b->p;
    struct buf *out = &x->out;
    buf_clear(out);
    TRY(put_target(b, out));
    bool bare_ip6 = span_find(p->s->host, 0, ':') < p->s->host.n;
    uint64_t usual = p->s->tls ? 443 : 80;
    TRY(buf_puts(out, bare_ip6 ? "host: [" : "host: "));
    TRY(buf_put(out, p->s->host));
    if (bare_ip6)
        TRY(buf_puts(out, "]"));
    if (p->s->port != usual)
        TRY(buf_printf(out, ":%llu", (unsigned long long)p->s->port));
    TRY(buf_puts(out, "\r\nuser-agent: sanctum/" SANCTUM_VERSION "\r\naccept-encoding: identity\r\n"
                      "content-type: application/json\r\n"));
    TRY(put_credential(x, p, out));
    TRY(put_headers(b, out));
    TRY(answer_length(body.n, out));
    x->out_body = out->n;
    return buf_put(out, body);
}

/* What the hop changes in the body besides masking. */
static struct mask_changes changes_of(const struct build *b)
{
    const struct exchange *x = b->x;
    struct mask_changes c = {0};
    const struct settings_hop *h = &x->hop[x->hop_at];
    if (!span_eq(h->model, buf_span(&x->model)))
        c.model = h->model;
    c.add_usage = x->stream && !x->include_usage && b->p->s->kind == KIND_OPENAI &&
                  (x->surface == LLM_CHAT || x->surface == LLM_COMPLETIONS);
    return c;
}

struct err build_request(const struct build *b, struct fault *f)
{
    struct exchange *x = b->x;
    struct mask_changes c = changes_of(b);
    buf_clear(b->out);
    x->masked_hop = b->p->engine != NULL;
    if (b->p->engine) {
        TRY(mask_request(b->p->engine, b->work, b->k, x->map, b->doc, &c, b->out, f));
    } else {
        mask_session_reset(x->map); /* of the hop before; mask_request does it itself */
        TRY(mask_pass(b->work, b->doc, &c, b->out));
    }
    return put_request(b, buf_span(b->out));
}

void hop_request(struct exchange *x, const struct gate_provider *p, const struct mask_key *k)
{
    struct gate *g = x->gate;
    struct fault f = {0, HOP_UNMASKABLE};
    struct err e = OK;
    if (p->engine && x->body.n > LONG_BODY) {
        e = build_long(x);
        if (!failed(e))
            return;
    } else if (g->doc_of != x) {
        e = hop_read(x, &f);
    }
    const struct build b = {x, p, k, g->work, &g->doc, &g->out};
    if (!failed(e))
        e = build_request(&b, &f);
    hop_built(x, e, &f);
}
