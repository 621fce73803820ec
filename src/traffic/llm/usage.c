/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting: the providers' usage objects as one set of disjoint buckets, and what an event of a
 * stream means for fallback and end. Called for every event; most have neither usage nor an end,
 * and cost one pass over a hundred bytes.
 */
#include "json.h"
#include "llm.h"

/* Counts above this are a provider's error, not tokens. */
#define COUNT_MAX 1000000000000ULL

/* ---- one object of numbers, nested one level, as "name" or "outer.name" ---- */

struct count {
    struct span outer, name;
    uint64_t v;
    bool seen;
};

static void take(struct count *c, size_t n, const struct json *j, struct span outer,
                 const struct json_token *key, const struct json_token *t)
{
    for (size_t i = 0; i < n; i++)
        if (span_eq(outer, c[i].outer) && json_text_is(j, key, c[i].name))
            c[i].seen = !failed(json_get_u64(json_raw(j, t), COUNT_MAX, &c[i].v));
}

/* Fill the counts from the raw object `in`. Numbers that are no counts are as if absent. */
static struct err counts(struct span in, struct count *c, size_t n)
{
    struct json j = json_of(in);
    struct json_token t, key = {0}, outer_key = {0};
    struct span outer = SPAN_NONE;
    TRY(json_next(&j, &t));
    while (t.type != JSON_END) {
        if (t.type == JSON_KEY) {
            key = t;
        } else if (t.type == JSON_OBJECT && t.depth == 1) {
            outer_key = key;
            outer = json_inner(&j, &outer_key);
        } else if (t.type == JSON_OBJECT_END && t.depth == 1) {
            outer = SPAN_NONE;
        } else if (t.type == JSON_NUMBER && t.depth <= 2) {
            take(c, n, &j, t.depth == 2 ? outer : SPAN_NONE, &key, &t);
        } else if (t.type == JSON_OBJECT && t.depth > 1) {
            TRY(json_skip_rest(&j, &t));
        }
        TRY(json_next(&j, &t));
    }
    return OK;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t nano(struct span in)
{
    struct span raw;
    double v;
    if (failed(json_find(in, &raw, "cost", NULL)) || raw.n == 0 ||
        failed(json_get_double(raw, &v)) || !(v >= 0) || v > 1e9)
        return 0;
    return (uint64_t)(v * 1e9 + 0.5);
}

static struct err openai_usage(struct span raw, struct llm_usage *u)
{
    enum {
        PROMPT,
        INPUT,
        DONE,
        OUTPUT,
        CHAT_READ,
        READ,
        CHAT_WRITE,
        WRITE,
        THOUGHT,
        REASON,
        COST,
        N
    };
    struct count c[N] = {
        [PROMPT] = {SPAN_NONE, SPAN_LIT("prompt_tokens"), 0, false},
        [INPUT] = {SPAN_NONE, SPAN_LIT("input_tokens"), 0, false},
        [DONE] = {SPAN_NONE, SPAN_LIT("completion_tokens"), 0, false},
        [OUTPUT] = {SPAN_NONE, SPAN_LIT("output_tokens"), 0, false},
        [CHAT_READ] = {SPAN_LIT("prompt_tokens_details"), SPAN_LIT("cached_tokens"), 0, false},
        [READ] = {SPAN_LIT("input_tokens_details"), SPAN_LIT("cached_tokens"), 0, false},
        [CHAT_WRITE] = {SPAN_LIT("prompt_tokens_details"), SPAN_LIT("cache_write_tokens"), 0,
                        false},
        [WRITE] = {SPAN_LIT("input_tokens_details"), SPAN_LIT("cache_write_tokens"), 0, false},
        [THOUGHT] = {SPAN_LIT("completion_tokens_details"), SPAN_LIT("reasoning_tokens"), 0, false},
        [REASON] = {SPAN_LIT("output_tokens_details"), SPAN_LIT("reasoning_tokens"), 0, false},
        [COST] = {SPAN_NONE, SPAN_LIT("cost"), 0, false},
    };
    TRY(counts(raw, c, N));
    if (!c[PROMPT].seen && !c[INPUT].seen && !c[DONE].seen && !c[OUTPUT].seen)
        return OK;
    u->seen = true;
    u->cache_read = c[CHAT_READ].v + c[READ].v;
    u->cache_write = c[CHAT_WRITE].v + c[WRITE].v;
    u->input = less(c[PROMPT].v + c[INPUT].v, u->cache_read + u->cache_write);
    u->output = c[DONE].v + c[OUTPUT].v;
    u->reasoning = c[THOUGHT].v + c[REASON].v;
    struct span cost;
    TRY(json_find(raw, &cost, "cost", NULL));
    u->has_cost = cost.n > 0 && !span_is(cost, "null");
    u->cost_nano = u->has_cost ? nano(raw) : 0;
    return OK;
}

/* Running totals: what is not repeated in a later event keeps its value. */
static struct err anthropic_usage(struct span raw, struct llm_usage *u)
{
    enum { INPUT, READ, WRITE, HOUR, OUTPUT, THOUGHT, N };
    struct count c[N] = {
        [INPUT] = {SPAN_NONE, SPAN_LIT("input_tokens"), 0, false},
        [READ] = {SPAN_NONE, SPAN_LIT("cache_read_input_tokens"), 0, false},
        [WRITE] = {SPAN_NONE, SPAN_LIT("cache_creation_input_tokens"), 0, false},
        [HOUR] = {SPAN_LIT("cache_creation"), SPAN_LIT("ephemeral_1h_input_tokens"), 0, false},
        [OUTPUT] = {SPAN_NONE, SPAN_LIT("output_tokens"), 0, false},
        [THOUGHT] = {SPAN_LIT("output_tokens_details"), SPAN_LIT("thinking_tokens"), 0, false},
    };
    TRY(counts(raw, c, N));
    uint64_t *to[N] = {&u->input,          &u->cache_read, &u->cache_write,
                       &u->cache_write_1h, &u->output,     &u->reasoning};
    for (size_t i = 0; i < N; i++)
        if (c[i].seen) {
            *to[i] = c[i].v;
            u->seen = true;
        }
    return OK;
}

static struct err ollama_usage(struct span raw, struct llm_usage *u)
{
    struct count c[2] = {{SPAN_NONE, SPAN_LIT("prompt_eval_count"), 0, false},
                         {SPAN_NONE, SPAN_LIT("eval_count"), 0, false}};
    TRY(counts(raw, c, 2));
    if (c[0].seen || c[1].seen)
        *u = (struct llm_usage){.input = c[0].v, .output = c[1].v, .seen = true};
    return OK;
}

static struct err usage_object(enum llm_surface s, struct span raw, struct llm_usage *u)
{
    if (raw.n == 0 || raw.p[0] != '{' || s == LLM_COUNT_TOKENS) /* counting costs nothing */
        return OK;
    return llm_info(s)->dialect == LLM_ANTHROPIC ? anthropic_usage(raw, u) : openai_usage(raw, u);
}

struct err llm_usage_whole(enum llm_surface s, struct span body, struct llm_usage *u)
{
    struct span raw;
    if (llm_info(s)->dialect == LLM_OLLAMA)
        return ollama_usage(body, u);
    TRY(json_find(body, &raw, "usage", NULL));
    return usage_object(s, raw, u);
}

struct err llm_usage_read(enum llm_surface s, const struct llm_doc *answer, struct llm_usage *u)
{
    if (llm_info(s)->dialect == LLM_OLLAMA)
        return ollama_usage(answer->body, u);
    return usage_object(s, answer->usage, u);
}

/* Does the raw value hold text, or anything but nothing? */
static bool filled(struct span raw)
{
    return raw.n > 0 && !span_is(raw, "null") && !span_is(raw, "\"\"") && !span_is(raw, "[]") &&
           !span_is(raw, "{}");
}

unsigned llm_error_inside(enum llm_surface s, struct span body)
{
    struct span raw, code;
    uint64_t status;
    if (s == LLM_RESPONSES || failed(json_find(body, &raw, "error", NULL)) || !filled(raw))
        return 0;
    if (raw.p[0] != '{' || failed(json_find(raw, &code, "code", NULL)) ||
        failed(json_get_u64(code, 599, &status)) || status < 400)
        status = 502;
    return (unsigned)status;
}

/* ---- events ---- */

/* The members of a delta that are part of the answer. */
static bool delta_speaks(struct span delta)
{
    const struct span names[] = {SPAN_LIT("content"),           SPAN_LIT("tool_calls"),
                                 SPAN_LIT("refusal"),           SPAN_LIT("reasoning"),
                                 SPAN_LIT("reasoning_content"), SPAN_LIT("audio"),
                                 SPAN_LIT("function_call")};
    enum { NAMES = sizeof names / sizeof *names };
    struct span v[NAMES];
    bool speaks = false;
    if (!failed(json_members(delta, names, NAMES, v)))
        for (size_t i = 0; i < NAMES; i++)
            speaks |= filled(v[i]);
    return speaks;
}

static enum llm_event choice_event(struct span choices, enum llm_event seen)
{
    const struct span names[] = {SPAN_LIT("finish_reason"), SPAN_LIT("delta"), SPAN_LIT("text")};
    enum { FINISH, DELTA, TEXT, NAMES };
    struct json j = json_of(choices);
    struct json_token t;
    if (failed(json_next(&j, &t)) || t.type != JSON_ARRAY)
        return seen;
    for (;;) {
        struct span choice, v[NAMES];
        if (failed(json_skip_value(&j, &choice)))
            return seen;
        if (failed(json_members(choice, names, NAMES, v)))
            continue;
        if (filled(v[FINISH]))
            seen = LLM_EVENT_FINISH;
        if (filled(v[TEXT]) || delta_speaks(v[DELTA]))
            return LLM_EVENT_OUTPUT;
    }
}

static struct err openai_event(struct llm_stream *st, struct span data, enum llm_event *kind)
{
    const struct span names[] = {SPAN_LIT("error"), SPAN_LIT("usage"), SPAN_LIT("choices")};
    enum { ERROR, USAGE, CHOICES, NAMES };
    struct span v[NAMES];
    TRY(json_members(data, names, NAMES, v));
    if (filled(v[ERROR])) {
        *kind = LLM_EVENT_ERROR;
        return OK;
    }
    if (filled(v[USAGE]) && v[USAGE].p[0] == '{') {
        TRY(openai_usage(v[USAGE], &st->usage));
        *kind = LLM_EVENT_FINISH;
    }
    *kind = choice_event(v[CHOICES], *kind);
    return OK;
}

static struct err responses_event(struct llm_stream *st, struct span data, struct span type,
                                  enum llm_event *kind)
{
    if (span_is(type, "error") || span_is(type, "response.failed"))
        *kind = LLM_EVENT_ERROR;
    else if (span_is(type, "response.completed") || span_is(type, "response.incomplete"))
        *kind = LLM_EVENT_END;
    else if (!span_is(type, "response.created") && !span_is(type, "response.queued") &&
             !span_is(type, "response.in_progress") && !span_is(type, "keepalive"))
        *kind = LLM_EVENT_OUTPUT;
    struct span v;
    TRY(json_find(data, &v, "response", "usage", NULL));
    return filled(v) && v.p[0] == '{' ? openai_usage(v, &st->usage) : OK;
}

static struct err messages_event(struct llm_stream *st, struct span data, struct span type,
                                 enum llm_event *kind)
{
    struct span v = SPAN_NONE;
    if (span_is(type, "error")) {
        *kind = LLM_EVENT_ERROR;
    } else if (span_is(type, "message_stop")) {
        *kind = LLM_EVENT_END;
    } else if (span_is(type, "message_start")) {
        TRY(json_find(data, &v, "message", "usage", NULL));
    } else if (span_is(type, "message_delta")) {
        *kind = LLM_EVENT_FINISH;
        TRY(json_find(data, &v, "usage", NULL));
    } else if (span_is(type, "content_block_delta")) {
        *kind = LLM_EVENT_OUTPUT;
    } else if (span_is(type, "content_block_start")) {
        TRY(json_find(data, &v, "content_block", "type", NULL));
        if (!span_is(v, "\"text\"") && !span_is(v, "\"thinking\""))
            *kind = LLM_EVENT_OUTPUT;
        v = SPAN_NONE;
    }
    return filled(v) && v.p[0] == '{' ? anthropic_usage(v, &st->usage) : OK;
}

static struct err ollama_event(struct llm_stream *st, struct span data, enum llm_event *kind)
{
    const struct span names[] = {SPAN_LIT("error"), SPAN_LIT("done"), SPAN_LIT("message"),
                                 SPAN_LIT("response"), SPAN_LIT("thinking")};
    enum { ERROR, DONE, MESSAGE, RESPONSE, THINKING, NAMES };
    struct span v[NAMES], thought;
    TRY(json_members(data, names, NAMES, v));
    if (filled(v[ERROR])) {
        *kind = LLM_EVENT_ERROR;
        return OK;
    }
    if (span_is(v[DONE], "true")) {
        *kind = LLM_EVENT_END;
        return ollama_usage(data, &st->usage);
    }
    if (filled(v[RESPONSE]) || filled(v[THINKING]) || delta_speaks(v[MESSAGE]) ||
        (!failed(json_find(v[MESSAGE], &thought, "thinking", NULL)) && filled(thought)))
        *kind = LLM_EVENT_OUTPUT;
    return OK;
}

static struct err look(struct llm_stream *st, enum llm_surface s, struct span name,
                       struct span data, enum llm_event *kind)
{
    *kind = LLM_EVENT_OPENING;
    if (llm_info(s)->framing == LLM_SSE_DATA && span_is(span_trim(data), "[DONE]")) {
        *kind = LLM_EVENT_END;
        return OK;
    }
    if (s == LLM_OLLAMA_CHAT || s == LLM_OLLAMA_GENERATE)
        return ollama_event(st, data, kind);
    if (llm_info(s)->framing == LLM_SSE_DATA)
        return openai_event(st, data, kind);
    struct span type;
    TRY(json_find(data, &type, "type", NULL));
    type = type.n >= 2 ? span_cut(type, 1, type.n - 2) : name;
    if (s == LLM_RESPONSES)
        return responses_event(st, data, type, kind);
    return messages_event(st, data, type, kind);
}

struct err llm_stream_see(struct llm_stream *st, enum llm_surface s, struct span name,
                          struct span data, enum llm_event *kind)
{
    TRY(look(st, s, name, data, kind));
    st->output |= *kind == LLM_EVENT_OUTPUT || *kind == LLM_EVENT_FINISH;
    st->finished = *kind == LLM_EVENT_FINISH || (st->finished && *kind != LLM_EVENT_OUTPUT);
    st->ended |= *kind == LLM_EVENT_END;
    st->failed |= *kind == LLM_EVENT_ERROR;
    return OK;
}
