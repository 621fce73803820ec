/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to a provider: inspect, choose targets, have the request built (hop_request.c),
 * record, send; and what happens when a target fails. Every hop starts from the caller's untouched
 * body (M7).
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
    exchange_hold(x, plain.n);
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
    e = hop_read(x, &f);
    if (!failed(e))
        e = keep_facts(x);
    if (err_cat(e) == ERR_NOMEM) {
        refuse(x, 503, "overloaded", "no memory for the request");
        return;
    }
    if (failed(e)) {
        refuse_body(x, "invalid_request", &f);
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

void hop_begin(struct exchange *x)
{
    struct gate *g = x->gate;
    struct gate_provider *p = hop_provider(x);
    const struct mask_key *k = NULL;
    struct err e = gate_provider_ready(g, p);
    if (!failed(e) && p->engine)
        e = gate_mask_key(g, x->principal, &k);
    if (err_cat(e) == ERR_AGAIN) {
        exchange_wait(x, STEP_KEYS);
        return;
    }
    exchange_unwait(x);
    if (failed(e)) {
        hop_failed(x, HOP_NO_ADDRESS);
        return;
    }
    hop_request(x, p, k);
}

void hop_built(struct exchange *x, struct err e, const struct fault *f)
{
    if (!failed(e))
        hop_stored(x);
    else if (err_cat(e) == ERR_INPUT)
        refuse_body(x, "cannot_mask", f);
    else if (err_cat(e) == ERR_LIMIT)
        refuse(x, 413, "request_too_large", "the request holds more than can be masked");
    else
        refuse(x, 503, "masking_failed", "the request could not be masked and was not sent");
}

static void send_hop(struct exchange *x)
{
    struct gate_provider *p = hop_provider(x);
    x->step = STEP_UPSTREAM;
    if (x->total_ns == 0) /* once, for all targets together */
        x->total_ns = loop_now_ns(x->gate->loop) + p->s->timeouts.total * 1000000U;
    x->wait_until_ns = 0;
    if (p->s->kind == KIND_ECHO)
        echo_answer(x);
    else
        upstream_send(x, p);
}

void hop_unstored(struct exchange *x)
{
    exchange_unwait(x);
    if (record_waived(x))
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
        [HOP_UNTRUSTED] = {502, "upstream_untrusted",
                           "the provider's certificate was not accepted; the log says why"},
        [HOP_NO_ANSWER] = {504, "upstream_timeout", "the provider did not answer"},
        [HOP_BAD_ANSWER] = {502, "upstream_bad_answer",
                            "the provider's answer is not what its API says"},
        [HOP_CUT] = {502, "upstream_cut", "the provider's answer ended before its end"},
        [HOP_SILENT] = {504, "upstream_timeout", "the provider did not end its answer in time"},
        [HOP_NO_ROOM] = {503, "overloaded", "too many bytes are being buffered; try again"},
        [HOP_STATUS] = {502, "upstream_error", "the provider answered with an error"},
    };
    if (x->step == STEP_ENDED)
        return;
    if (hop_more(x)) {
        if (x->restore)
            restore_close(x->restore);
        x->restore = NULL;
        inflate_free(&x->unpack);
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
