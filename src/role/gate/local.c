/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate answers itself: health, readiness, and the lists of models, which come from the
 * settings and not from a provider.
 */
#include "exchange.h"

#include "json_put.h"
#include "probe.h"

#include <string.h>

bool local_knows(const struct http_request *r, bool *known)
{
    bool asks = r->method == HTTP_GET || r->method == HTTP_HEAD;
    if (span_is(r->path, "/health") || span_is(r->path, "/ready")) {
        *known = true;
        return asks;
    }
    return r->method == HTTP_HEAD && span_is(r->path, "/");
}

/* What /ready says of a provider; NULL while that is being found out. */
static const char *state_of(struct gate *g, struct gate_provider *p)
{
    struct err e = gate_provider_ready(g, p);
    if (err_cat(e) == ERR_AGAIN)
        return NULL;
    if (failed(e))
        return "unavailable";
    if (p->s->kind == KIND_ECHO || p->n_idle > 0)
        return "ready";
    if (!probe_fresh(p))
        probe_start(p);
    return p->probe.runs ? NULL : p->probe.reached ? "ready" : "unreachable";
}

static void ready(struct exchange *x)
{
    struct gate *g = x->gate;
    bool open = false;
    for (size_t i = 0; i < g->settings->n_providers; i++)
        open |= state_of(g, &g->providers[i]) == NULL; /* all at once, not one by one */
    if (open) {
        exchange_wait(x, STEP_PROBE);
        return;
    }
    exchange_unwait(x);
    BUF_AUTO body = buf_init(64 * 1024);
    struct json_put p = json_put_to(&body);
    bool all = true;
    json_put_object(&p, NULL);
    json_put_object(&p, "providers");
    for (size_t i = 0; i < g->settings->n_providers; i++) {
        const char *state = state_of(g, &g->providers[i]);
        all = all && state && strcmp(state, "ready") == 0;
        json_put_key(&p, g->settings->providers[i].name);
        json_put_text(&p, NULL, state ? state : "unavailable");
    }
    json_put_end(&p);
    json_put_bool(&p, "ready", all);
    json_put_end(&p);
    if (failed(json_put_done(&p)))
        refuse(x, 503, "overloaded", "no memory");
    else
        answer_whole(x, all ? 200 : 503, "application/json", buf_span(&body));
}

/* A model a client may ask for by name: patterns with a star are no names. */
static bool is_name(struct span pattern)
{
    return span_find(pattern, 0, '*') == pattern.n;
}

static void put_model(struct json_put *p, enum llm_dialect d, struct span name)
{
    json_put_object(p, NULL);
    switch (d) {
    case LLM_ANTHROPIC:
        json_put_text(p, "type", "model");
        json_put_str(p, "id", name);
        json_put_str(p, "display_name", name);
        json_put_text(p, "created_at", "1970-01-01T00:00:00Z");
        break;
    case LLM_OLLAMA:
        json_put_str(p, "name", name);
        json_put_str(p, "model", name);
        json_put_text(p, "modified_at", "1970-01-01T00:00:00Z");
        json_put_u64(p, "size", 0);
        json_put_text(p, "digest", "");
        json_put_object(p, "details");
        json_put_end(p);
        break;
    default:
        json_put_str(p, "id", name);
        json_put_text(p, "object", "model");
        json_put_u64(p, "created", 0);
        json_put_text(p, "owned_by", "sanctum");
    }
    json_put_end(p);
}

static void put_models(struct json_put *p, const struct gate *g, enum llm_dialect d)
{
    const struct settings *s = g->settings;
    bool echo = false;
    for (size_t i = 0; i < s->n_models; i++)
        if (is_name(s->models[i].pattern))
            put_model(p, d, s->models[i].pattern);
    for (size_t i = 0; i < s->n_providers && !echo; i++)
        if ((echo = s->providers[i].kind == KIND_ECHO))
            put_model(p, d, s->providers[i].name);
}

static void models(struct exchange *x)
{
    BUF_AUTO body = buf_init(1 << 20);
    struct json_put p = json_put_to(&body);
    json_put_object(&p, NULL);
    if (x->dialect == LLM_OPENAI)
        json_put_text(&p, "object", "list");
    json_put_array(&p, x->dialect == LLM_OLLAMA ? "models" : "data");
    put_models(&p, x->gate, x->dialect);
    json_put_end(&p);
    if (x->dialect == LLM_ANTHROPIC) {
        json_put_bool(&p, "has_more", false);
        json_put_null(&p, "first_id");
        json_put_null(&p, "last_id");
    }
    json_put_end(&p);
    if (failed(json_put_done(&p)))
        refuse(x, 503, "overloaded", "no memory");
    else
        answer_whole(x, 200, "application/json", buf_span(&body));
}

static void one_model(struct exchange *x)
{
    struct settings_hop hops[SETTINGS_TARGETS_MAX];
    BUF_AUTO body = buf_init(64 * 1024), id = buf_init(sizeof x->path);
    struct json_put p = json_put_to(&body);
    struct err e = llm_path_model(x->surface, span_str(x->path), &id);
    struct span name = buf_span(&id);
    put_model(&p, x->dialect, name);
    if (failed(e))
        refuse(x, 503, "overloaded", "no memory");
    else if (settings_route(x->gate->settings, name, hops) == 0)
        refuse(x, 404, "model_not_found", "no target is configured for this model");
    else if (failed(json_put_done(&p)))
        refuse(x, 503, "overloaded", "no memory");
    else
        answer_whole(x, 200, "application/json", buf_span(&body));
}

bool local_answer(struct exchange *x)
{
    struct span path = span_str(x->path);
    if (span_is(path, "/health")) {
        answer_whole(x, 200, "application/json", SPAN_LIT("{\"status\":\"ok\"}"));
        return true;
    }
    if (span_is(path, "/ready")) {
        ready(x);
        return true;
    }
    switch (x->surface) {
    case LLM_NONE: /* HEAD /, or a service */
        if (x->service)
            return false;
        answer_whole(x, 200, "text/plain", SPAN_NONE);
        return true;
    case LLM_MODELS:
    case LLM_OLLAMA_TAGS:
        models(x);
        return true;
    case LLM_MODEL:
        one_model(x);
        return true;
    case LLM_OLLAMA_VERSION:
        answer_whole(x, 200, "application/json", SPAN_LIT("{\"version\":\"0.6.4\"}"));
        return true;
    default:
        return false;
    }
}
