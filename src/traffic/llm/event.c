/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of streams: read by their shape, then told apart by their type. Called for every event of
 * every stream; frequent: one piece of text.
 */
#include "shape_int.h"

/* Which lane `delta` of a Responses event belongs to, by the event's type. */
static const struct {
    const char *type;
    uint8_t kind, lane;
} response_lanes[] = {
    {"response.output_text.delta", LLM_TEXT, LLM_LANE_TEXT},
    {"response.refusal.delta", LLM_TEXT, LLM_LANE_REFUSAL},
    {"response.reasoning_text.delta", LLM_TEXT, LLM_LANE_REASONING},
    {"response.reasoning_summary_text.delta", LLM_TEXT, LLM_LANE_SUMMARY},
    {"response.function_call_arguments.delta", LLM_JSON, LLM_LANE_ARGS},
    {"response.mcp_call_arguments.delta", LLM_JSON, LLM_LANE_ARGS},
    {"response.custom_tool_call_input.delta", LLM_TEXT, LLM_LANE_INPUT},
    {"response.code_interpreter_call_code.delta", LLM_TEXT, LLM_LANE_CODE},
    {"response.audio.transcript.delta", LLM_TEXT, LLM_LANE_AUDIO},
    {"response.audio.delta", LLM_SKIP, LLM_LANE_NONE},
};

static void response_event(struct llm_doc *d)
{
    uint8_t kind = LLM_TEXT, lane = LLM_LANE_TEXT;
    for (size_t i = 0; i < sizeof response_lanes / sizeof *response_lanes; i++)
        if (span_is(d->type, response_lanes[i].type)) {
            kind = response_lanes[i].kind;
            lane = response_lanes[i].lane;
        }
    for (size_t i = 0; i < d->leaves; i++)
        if (d->leaf[i].depth == 1 && d->leaf[i].lane != LLM_LANE_NONE) {
            d->leaf[i].kind = kind;
            d->leaf[i].lane = lane;
        }
    if (span_is(d->type, "response.completed") || span_is(d->type, "response.incomplete") ||
        span_is(d->type, "response.failed") || span_is(d->type, "error"))
        d->event = LLM_TYPE_FINISH;
    else if (span_ends(d->type, SPAN_LIT(".done")))
        d->event = LLM_TYPE_LANE_END;
}

static void messages_event(struct llm_doc *d)
{
    if (span_is(d->type, "content_block_stop"))
        d->event = LLM_TYPE_LANE_END;
    else if (span_is(d->type, "message_delta") || span_is(d->type, "message_stop") ||
             span_is(d->type, "error"))
        d->event = LLM_TYPE_FINISH;
}

struct err llm_read_event(struct llm_doc *d, enum llm_surface s, struct span data, struct fault *f)
{
    const struct shape *shape = shape_event(s);
    if (!shape)
        return fault_at(f, ERR_BUG, 0, "this surface does not stream");
    d->facts = (struct llm_facts){.choices = 1};
    TRY(llm_read_shape(d, shape, LLM_TEXT, false, data, f));
    if (s == LLM_RESPONSES)
        response_event(d);
    else if (s == LLM_MESSAGES)
        messages_event(d);
    return OK;
}
