/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to a provider: inspect, choose targets, mask for the target's rules, record, send;
 * and what happens when a target fails. Every hop starts from the caller's untouched body (M7).
 */
#include "upstream.h"

#include "detect.h"

#include <string.h>

/* Surfaces that a provider of each kind serves in its own dialect. */
static bool serves(uint32_t kind, enum llm_surface s)
{
    bool openai = s == LLM_CHAT || s == LLM_COMPLETIONS || s == LLM_EMBEDDINGS;
    bool anthropic = s == LLM_MESSAGES || s == LLM_COUNT_TOKENS;
    switch (kind) {
    case KIND_OPENAI:
        return openai || s == LLM_RESPONSES;
    case KIND_ANTHROPIC:
        return anthropic;
    case KIND_OLLAMA:
        return openai || s == LLM_MESSAGES || llm_info(s)->dialect == LLM_OLLAMA;
    default:
        return s == LLM_CHAT || s == LLM_COMPLETIONS || s == LLM_RESPONSES || anthropic ||
               s == LLM_OLLAMA_CHAT || s == LLM_OLLAMA_GENERATE;
    }
}

/* --- the request is complete ----------------------------------------------------------------- */

static struct err decode_body(struct exchange *x)
{
    if (x->codings.n == 0)
        return OK;
    struct buf plain = buf_init(x->body.max);
    struct err e = inflate_all(&x->codings, buf_span(&x->body), &plain);
    if (failed(e)) {
        buf_wipe(&plain);
        return e;
    }
    buf_wipe(&x->body);
    x->body = plain;
    x->counted += plain.n;
    x->gate->buffered += plain.n;
    return OK;
}

static struct err read_request(struct exchange *x, struct fault *f)
{
    struct gate *g = x->gate;
    g->doc_of = NULL;
    TRY(llm_read_request(&g->doc, x->surface, buf_span(&x->body), f));
    g->doc_of = x;
    return OK;
}

/* Keep what later steps need of the facts: the doc is everybody's. */
static struct err keep_facts(struct exchange *x)
{
    const struct llm_facts *f = &x->gate->doc.facts;
    x->stream = f->stream;
    x->include_usage = f->include_usage;
    return buf_put(&x->model, f->model);
}

/* Keep the targets whose provider speaks the dialect asked; returns how many are left. */
static size_t keep_speakers(struct exchange *x)
{
    size_t kept = 0;
    for (size_t i = 0; i < x->n_hops; i++)
        if (serves(x->gate->providers[x->hop[i].provider].s->kind, x->surface))
            x->hop[kept++] = x->hop[i];
    return x->n_hops = kept;
}

/* Names of models are recorded and shown in a header: one that holds a value of a person's is no
 * model's. Looked at only where the name could hold one. */
static bool names_somebody(struct exchange *x)
{
    enum { SHORTEST_KEY = 20 };
    struct gate *g = x->gate;
    struct span name = buf_span(&x->model);
    size_t digits = 0;
    bool odd = false;
    for (size_t i = 0; i < name.n; i++) {
        digits += (uint8_t)(name.p[i] - '0') < 10;
        odd = odd || name.p[i] >= 0x80 || strchr("@ %&\\=", name.p[i]);
    }
    odd |= digits >= 9;
    /* what is merely long may be a key, or base64 */
    enum detect_scope scope = odd ? DETECT_ALL : DETECT_CERTAIN;
    for (size_t i = 0; (odd || name.n >= SHORTEST_KEY) && i < x->n_hops; i++) {
        const struct gate_provider *p = &g->providers[x->hop[i].provider];
        const struct findings *found = NULL;
        if (p->engine &&
            (failed(detect_text(p->engine, g->work, SPAN_NONE, name, scope, &found)) || found->n))
            return true;
    }
    return false;
}

void hop_run(struct exchange *x)
{
    struct fault f = {0, "the body is not what this path takes"};
    x->gate->served++;
    if (local_answer(x))
        return;
    struct err e = decode_body(x);
    if (!failed(e) && x->gate->buffered > x->gate->settings->limits.buffered_total) {
        refuse(x, 503, "overloaded", "too many bytes are being buffered; try again");
        return;
    }
    if (err_cat(e) == ERR_NOMEM) {
        refuse(x, 503, "overloaded", "no memory for the request");
        return;
    }
    if (failed(e)) {
        bool large = err_cat(e) == ERR_LIMIT;
        refuse(x, large ? 413 : 400, large ? "request_too_large" : "bad_encoding",
               large ? "the decoded body is over the limit"
                     : "the body does not decode as its content-encoding says");
        return;
    }
    if (service_answer(x))
        return;
    e = read_request(x, &f);
    if (!failed(e))
        e = keep_facts(x);
    if (failed(e)) {
        bool ours = err_cat(e) == ERR_NOMEM;
        refuse(x, ours ? 503 : 400, ours ? "overloaded" : "invalid_request",
               ours ? "no memory for the request" : f.why);
        return;
    }
    if (x->model.n == 0) {
        refuse(x, 400, "model_missing", "the body names no model");
        return;
    }
    x->n_hops = settings_route(x->gate->settings, buf_span(&x->model), x->hop);
    if (x->n_hops == 0 || names_somebody(x)) {
        buf_clear(&x->model); /* may be anything: not for the record */
        refuse(x, 404, "model_not_found", "no target is configured for this model");
    } else if (keep_speakers(x) == 0)
        refuse(x, 400, "wrong_dialect",
               "this model's provider does not speak the API of this path");
    else
        hop_begin(x);
}

/* --- one hop --------------------------------------------------------------------------------- */

static struct gate_provider *provider_of(const struct exchange *x)
{
    return &x->gate->providers[x->hop[x->hop_at].provider];
}

static struct err put_query(struct exchange *x, const struct gate_provider *p, struct buf *out);

/* The path under the provider's base: base URLs of OpenAI-compatible providers end where "/v1"
 * would stand in ours. */
static struct err put_target(struct exchange *x, const struct gate_provider *p, struct buf *out)
{
    struct span base = p->s->path, path = span_str(llm_info(x->surface)->path);
    bool versioned = span_ends(base, SPAN_LIT("/v1")) || (p->s->kind == KIND_OPENAI && base.n);
    if (versioned && span_starts(path, SPAN_LIT("/v1/")))
        path = span_from(path, 3);
    TRY(buf_puts(out, llm_info(x->surface)->method));
    TRY(buf_put_u8(out, ' '));
    TRY(buf_put(out, base));
    TRY(buf_put(out, path));
    TRY(put_query(x, p, out));
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
static struct err may_leave(struct exchange *x, const struct gate_provider *p, struct span value,
                            bool *yes)
{
    const struct findings *found = NULL;
    *yes = !p->engine || is_date(value);
    if (*yes || !is_words(value))
        return OK;
    TRY(detect_text(p->engine, x->gate->work, SPAN_NONE, value, DETECT_STRUCTURED, &found));
    *yes = found->n == 0;
    return OK;
}

static struct err put_headers(struct exchange *x, const struct gate_provider *p, struct buf *out)
{
    struct span all = buf_span(&x->headers);
    for (size_t at = 0; at < all.n;) {
        size_t end = span_search(all, at, SPAN_LIT("\r\n")) + 2;
        struct span line = span_cut(all, at, end - at);
        size_t value = span_find(line, 0, ':') + 2;
        bool yes;
        TRY(may_leave(x, p, span_cut(line, value, line.n - value - 2), &yes));
        if (yes)
            TRY(buf_put(out, line));
        at = end;
    }
    return OK;
}

/* Query parameters likewise. A '%' is not plain, so nothing hides behind one. */
static struct err put_query(struct exchange *x, const struct gate_provider *p, struct buf *out)
{
    struct span all = span_from(buf_span(&x->query), 1);
    char mark = '?';
    for (size_t at = 0; at < all.n;) {
        size_t end = span_find(all, at, '&');
        struct span pair = span_cut(all, at, end - at);
        bool yes;
        TRY(may_leave(x, p, span_from(pair, span_find(pair, 0, '=') + 1), &yes));
        if (yes) {
            TRY(buf_put_u8(out, (uint8_t)mark));
            TRY(buf_put(out, pair));
            mark = '&';
        }
        at = end + 1;
    }
    return OK;
}

static struct err put_request(struct exchange *x, const struct gate_provider *p, struct span body)
{
    struct buf *out = &x->out;
    buf_clear(out);
    TRY(put_target(x, p, out));
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
    TRY(put_headers(x, p, out));
    TRY(answer_length(body.n, out));
    x->out_body = out->n;
    return buf_put(out, body);
}

/* What the hop changes in the body besides masking. */
static struct mask_changes changes_of(const struct exchange *x, const struct gate_provider *p)
{
    struct mask_changes c = {0};
    const struct settings_hop *h = &x->hop[x->hop_at];
    if (!span_eq(h->model, buf_span(&x->model)))
        c.model = h->model;
    c.add_usage = x->stream && !x->include_usage && p->s->kind == KIND_OPENAI &&
                  (x->surface == LLM_CHAT || x->surface == LLM_COMPLETIONS);
    return c;
}

/* Mask (or not, by the provider's trust) and build the upstream request. M6: any failure here ends
 * the hop with nothing sent. */
static struct err prepare(struct exchange *x, struct gate_provider *p, const struct mask_key *k,
                          struct fault *f)
{
    struct gate *g = x->gate;
    if (g->doc_of != x)
        TRY(read_request(x, f));
    struct mask_changes c = changes_of(x, p);
    buf_clear(&g->out);
    x->masked_hop = p->engine != NULL;
    if (p->engine) {
        TRY(mask_request(p->engine, g->work, k, x->map, &g->doc, &c, &g->out, f));
    } else {
        mask_session_reset(x->map); /* of the hop before; mask_request does it itself */
        TRY(mask_pass(g->work, &g->doc, &c, &g->out));
    }
    return put_request(x, p, buf_span(&g->out));
}

static void refuse_unprepared(struct exchange *x, struct err e, const struct fault *f)
{
    if (err_cat(e) == ERR_INPUT)
        refuse(x, 400, "cannot_mask", f->why);
    else if (err_cat(e) == ERR_LIMIT)
        refuse(x, 413, "request_too_large", "the request holds more than can be masked");
    else
        refuse(x, 503, "masking_failed", "the request could not be masked and was not sent");
}

void hop_begin(struct exchange *x)
{
    struct gate *g = x->gate;
    struct gate_provider *p = provider_of(x);
    const struct mask_key *k = NULL;
    struct err e = gate_provider_ready(g, p);
    if (!failed(e) && p->engine)
        e = gate_mask_key(g, x->who.name, &k);
    if (err_cat(e) == ERR_AGAIN) {
        exchange_wait(x, STEP_KEYS);
        return;
    }
    exchange_unwait(x);
    if (failed(e)) {
        hop_failed(x, HOP_NO_ADDRESS);
        return;
    }
    struct fault f = {0, "the request cannot be masked"};
    e = prepare(x, p, k, &f);
    if (failed(e)) {
        refuse_unprepared(x, e, &f);
        return;
    }
    hop_stored(x);
}

static void send_hop(struct exchange *x)
{
    struct gate_provider *p = provider_of(x);
    x->step = STEP_UPSTREAM;
    if (x->total_ns == 0) /* once, for all targets together */
        x->total_ns = loop_now_ns(x->gate->loop) + p->s->timeouts.total * 1000000U;
    x->wait_until_ns = 0;
    if (p->s->kind == KIND_ECHO)
        echo_answer(x);
    else
        upstream_send(x, p);
}

static void send_hop(struct exchange *x);

void hop_unstored(struct exchange *x)
{
    exchange_unwait(x);
    if (x->gate->settings->audit.on_failure == ON_FAILURE_ALLOW)
        send_hop(x);
    else
        refuse(x, 503, "audit_unavailable", "the request could not be recorded and was not sent");
}

void hop_stored(struct exchange *x)
{
    struct err e = record_opened(x);
    if (err_cat(e) == ERR_AGAIN) {
        exchange_wait(x, STEP_RECORD);
        gate_await_records(x->gate);
        return;
    }
    exchange_unwait(x);
    if (failed(e))
        refuse(x, 503, "audit_unavailable", "the request could not be recorded and was not sent");
    else
        send_hop(x);
}

/* --- failure --------------------------------------------------------------------------------- */

bool hop_more(const struct exchange *x)
{
    return !x->committed && x->hop_at + 1 < x->n_hops;
}

void hop_failed(struct exchange *x, enum hop_cause cause)
{
    static const struct {
        unsigned status;
        const char *code, *message;
    } said[] = {
        [HOP_NO_ADDRESS] = {503, "provider_unavailable",
                            "the provider's address or access key is not to be had"},
        [HOP_NO_CONNECTION] = {502, "upstream_unreachable", "no connection to the provider"},
        [HOP_NO_ANSWER] = {504, "upstream_timeout", "the provider did not answer"},
        [HOP_BAD_ANSWER] = {502, "upstream_bad_answer",
                            "the provider's answer is not what its API says"},
        [HOP_CUT] = {502, "upstream_cut", "the provider's answer ended before its end"},
        [HOP_NO_ROOM] = {503, "overloaded", "too many bytes are being buffered; try again"},
        [HOP_STATUS] = {502, "upstream_error", "the provider answered with an error"},
    };
    if (x->step == STEP_ENDED)
        return;
    if (hop_more(x)) {
        if (x->restore)
            restore_close(x->restore);
        x->restore = NULL;
        buf_clear(&x->answer);
        buf_clear(&x->head);
        x->seen = (struct llm_stream){0};
        x->streaming = false;
        x->hop_opened = false;
        x->hop_at++;
        hop_begin(x);
    } else {
        refuse(x, said[cause].status, said[cause].code, said[cause].message);
    }
}
