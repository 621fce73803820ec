/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in provider's answers in the form of OpenAI's Responses API: one message with one text,
 * whole or as the events that build it up. Only echo.c calls this.
 */
#include "exchange.h"

#include "json_put.h"

enum { EVENT_MAX = 4 << 20 };

static void put_part(struct json_put *p, const char *name, struct span text)
{
    json_put_object(p, name);
    json_put_text(p, "type", "output_text");
    json_put_str(p, "text", text);
    json_put_array(p, "annotations");
    json_put_end(p);
    json_put_end(p);
}

/* The message; without its text while it is in progress. */
static void put_item(struct json_put *p, const char *name, bool done, struct span text)
{
    json_put_object(p, name);
    json_put_text(p, "id", "msg_1");
    json_put_text(p, "type", "message");
    json_put_text(p, "role", "assistant");
    json_put_text(p, "status", done ? "completed" : "in_progress");
    json_put_array(p, "content");
    if (done)
        put_part(p, NULL, text);
    json_put_end(p);
    json_put_end(p);
}

void echo_response(struct exchange *x, struct json_put *p, const char *status, struct span text)
{
    bool done = strcmp(status, "completed") == 0;
    json_put_text(p, "id", x->id);
    json_put_text(p, "object", "response");
    json_put_u64(p, "created_at", 0);
    json_put_text(p, "status", status);
    json_put_null(p, "error");
    json_put_null(p, "incomplete_details");
    json_put_null(p, "instructions");
    json_put_str(p, "model", x->hop[x->hop_at].model);
    json_put_array(p, "output");
    if (done)
        put_item(p, NULL, true, text);
    json_put_end(p);
    json_put_bool(p, "parallel_tool_calls", true);
    json_put_text(p, "tool_choice", "auto");
    json_put_array(p, "tools");
    json_put_end(p);
    if (!done)
        return;
    uint64_t tokens = text.n / 4 + 1;
    json_put_object(p, "usage");
    json_put_u64(p, "input_tokens", tokens);
    json_put_object(p, "input_tokens_details");
    json_put_u64(p, "cached_tokens", 0);
    json_put_end(p);
    json_put_u64(p, "output_tokens", tokens);
    json_put_object(p, "output_tokens_details");
    json_put_u64(p, "reasoning_tokens", 0);
    json_put_end(p);
    json_put_u64(p, "total_tokens", 2 * tokens);
    json_put_end(p);
}

/* A stream in the making: the events count up. */
struct events {
    struct exchange *x;
    struct buf *out;
    uint64_t seq;
};

/* What an event carries besides its type and number: the member of that name, or a text. */
enum carries { CARRIES_RESPONSE, CARRIES_ITEM, CARRIES_PART, CARRIES_DELTA, CARRIES_TEXT };

static void put_carried(struct json_put *p, struct exchange *x, enum carries what, bool done,
                        struct span text)
{
    if (what == CARRIES_RESPONSE) {
        json_put_object(p, "response");
        echo_response(x, p, done ? "completed" : "in_progress", text);
        json_put_end(p);
        return;
    }
    json_put_u64(p, "output_index", 0);
    if (what == CARRIES_ITEM) {
        put_item(p, "item", done, text);
        return;
    }
    json_put_text(p, "item_id", "msg_1");
    json_put_u64(p, "content_index", 0);
    if (what == CARRIES_PART)
        put_part(p, "part", text);
    else
        json_put_str(p, what == CARRIES_DELTA ? "delta" : "text", text);
}

static struct err event(struct events *v, const char *type, enum carries what, bool done,
                        struct span text)
{
    BUF_AUTO json = buf_init(EVENT_MAX);
    struct json_put p = json_put_to(&json);
    json_put_object(&p, NULL);
    json_put_text(&p, "type", type);
    json_put_u64(&p, "sequence_number", v->seq++);
    put_carried(&p, v->x, what, done, text);
    json_put_end(&p);
    TRY(json_put_done(&p));
    return sse_write(v->out, span_str(type), buf_span(&json));
}

struct err echo_response_stream(struct exchange *x, struct span text, struct buf *out)
{
    struct events v = {x, out, 0};
    TRY(event(&v, "response.created", CARRIES_RESPONSE, false, SPAN_NONE));
    TRY(event(&v, "response.output_item.added", CARRIES_ITEM, false, SPAN_NONE));
    TRY(event(&v, "response.content_part.added", CARRIES_PART, false, SPAN_NONE));
    for (struct span rest = text; rest.n;) {
        size_t n = span_find(rest, 1, ' ');
        TRY(event(&v, "response.output_text.delta", CARRIES_DELTA, false, span_cut(rest, 0, n)));
        rest = span_from(rest, n);
    }
    TRY(event(&v, "response.output_text.done", CARRIES_TEXT, true, text));
    TRY(event(&v, "response.content_part.done", CARRIES_PART, true, text));
    TRY(event(&v, "response.output_item.done", CARRIES_ITEM, true, text));
    return event(&v, "response.completed", CARRIES_RESPONSE, true, text);
}
