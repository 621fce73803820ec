/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streaming restorer. Each event is read by its shape; text that belongs to a lane goes through
 * what the lane held back, everything else is whole and restored at once.
 *
 *      restore_event ─ read ─ ends_here? ─ flush_lane ─ (event of our own)
 *                        └─ leaf ─ lane_leaf (held + piece) / restore_leaf ─ write
 *
 * Called for every event of every stream. Frequent: one short piece of text without a token. Never
 * happens: a byte of a lane lost, repeated or out of order.
 */
#include "restore_int.h"
#include "sse.h"

#include "json.h"
#include "json_put.h"
#include "num.h"
#include "wr.h"

#include <stdlib.h>

enum {
    HOLD_MAX = 320, /* the longest spelling of a token with its quotes */
    ITEM_MAX = 128,
    HEAD_MAX = 512,
};

struct lane {
    uint32_t at[2];
    uint8_t kind; /* enum llm_lane */
    bool json;    /* its text is JSON source */
    bool joined;
    bool busy;            /* the event at hand carries text of it */
    struct shifts shifts; /* of its text, where citations may count into it */
    uint16_t hold_n, item_n;
    uint8_t hold[HOLD_MAX], item[ITEM_MAX]; /* item: raw, with its quotes */
};

struct restore {
    struct restore_work w;
    enum llm_surface surface;
    struct llm_doc *doc;
    struct restore_options o;
    struct lane *lane;
    size_t lanes, lane_cap;
    uint64_t next_seq, shift; /* events of ours so far move the provider's numbers */
    size_t head_n[3];         /* id, created, model: raw values for events of ours */
    uint8_t head[3][HEAD_MAX];
};

struct err restore_open(const struct mask_session *s, enum llm_surface surface, struct llm_doc *doc,
                        const struct restore_options *o, struct restore **out)
{
    if (llm_info(surface)->framing == LLM_WHOLE)
        return err(ERR_BUG);
    TRY(session_sort((struct mask_session *)s));
    struct restore *r = calloc(1, sizeof *r);
    if (!r)
        return err(ERR_NOMEM);
    r->w = restore_work_of(s);
    r->surface = surface;
    r->doc = doc;
    if (o)
        r->o = *o;
    *out = r;
    return OK;
}

void restore_close(struct restore *r)
{
    if (!r)
        return;
    restore_work_free(&r->w);
    for (size_t i = 0; i < r->lanes; i++)
        shift_free(&r->lane[i].shifts);
    free(r->lane);
    free(r);
}

uint64_t restore_count(const struct restore *r)
{
    return r->w.count;
}

uint64_t restore_next_seq(const struct restore *r)
{
    return r->next_seq;
}

size_t restore_held(const struct restore *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->lanes; i++)
        n += r->lane[i].hold_n;
    return n;
}

/* ---- lanes ---- */

static struct err lane_of(struct restore *r, const struct llm_leaf *l, struct lane **out)
{
    for (size_t i = 0; i < r->lanes; i++) {
        struct lane *n = &r->lane[i];
        if (n->kind == l->lane && n->at[0] == l->at[0] && n->at[1] == l->at[1]) {
            *out = n;
            return OK;
        }
    }
    if (r->lanes == r->lane_cap) {
        size_t cap = r->lane_cap ? r->lane_cap * 2 : 2;
        if (cap > RESTORE_LANES)
            return err(ERR_LIMIT);
        struct lane *v = realloc(r->lane, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        r->lane = v;
        r->lane_cap = cap;
    }
    struct lane *n = &r->lane[r->lanes++];
    *n = (struct lane){.at = {l->at[0], l->at[1]}, .kind = l->lane, .json = l->kind == LLM_JSON};
    *out = n;
    return OK;
}

/* Run held text and w->text's rest through; w->out gets what is certain, the lane holds the rest.
 */
static struct err lane_run(struct restore *r, struct lane *n, bool final)
{
    struct restore_work *w = &r->w;
    struct look look = {.s = w->s,
                        .in = buf_span(&w->text),
                        .text = n->json ? LOOK_JSON : LOOK_PLAIN,
                        .final = final};
    size_t used;
    bool cited =
        n->kind == LLM_LANE_TEXT && (r->surface == LLM_CHAT || r->surface == LLM_RESPONSES);
    w->shifts = cited ? &n->shifts : NULL;
    struct err e = restore_run(w, &look, &n->joined, &used);
    w->shifts = NULL;
    TRY(e);
    struct span rest = span_from(look.in, used);
    if (rest.n > HOLD_MAX) { /* no spelling of a token is that long */
        TRY(buf_put(&w->out, rest));
        n->shifts.chars += shift_chars(rest);
        rest.n = 0;
    }
    n->hold_n = (uint16_t)rest.n;
    if (rest.n)
        memcpy(n->hold, rest.p, rest.n);
    return OK;
}

/* A leaf that is a piece of a lane. */
static struct err lane_leaf(struct restore *r, const struct llm_leaf *l, struct lane *n, bool final)
{
    struct restore_work *w = &r->w;
    bool held = n->hold_n > 0;
    uint64_t before = w->count;
    buf_clear(&w->text);
    buf_clear(&w->out);
    TRY(buf_put(&w->text, span(n->hold, n->hold_n)));
    TRY(restore_decode(w, r->doc, l));
    TRY(lane_run(r, n, final));
    if (!held && n->hold_n == 0 && w->count == before)
        return OK;
    return restore_replace(w, r->doc, l);
}

/* ---- events of our own ---- */

static void put_head(struct json_put *p, const struct restore *r, size_t i, const char *name)
{
    if (r->head_n[i])
        json_put_raw(p, name, span(r->head[i], r->head_n[i]));
}

static void chat_delta(struct json_put *p, const struct lane *n, struct span text)
{
    static const char *const names[] = {
        [LLM_LANE_TEXT] = "content",
        [LLM_LANE_REFUSAL] = "refusal",
        [LLM_LANE_REASONING] = "reasoning_content",
        [LLM_LANE_SUMMARY] = "reasoning",
    };
    json_put_object(p, "delta");
    if (n->kind == LLM_LANE_ARGS || n->kind == LLM_LANE_INPUT) {
        json_put_array(p, "tool_calls");
        json_put_object(p, NULL);
        json_put_u64(p, "index", n->at[1]);
        json_put_object(p, n->kind == LLM_LANE_ARGS ? "function" : "custom");
        json_put_str(p, n->kind == LLM_LANE_ARGS ? "arguments" : "input", text);
        json_put_end(p);
        json_put_end(p);
        json_put_end(p);
    } else if (n->kind == LLM_LANE_AUDIO || n->kind == LLM_LANE_CALL) {
        json_put_object(p, n->kind == LLM_LANE_AUDIO ? "audio" : "function_call");
        json_put_str(p, n->kind == LLM_LANE_AUDIO ? "transcript" : "arguments", text);
        json_put_end(p);
    } else {
        json_put_str(p, names[n->kind <= LLM_LANE_SUMMARY ? n->kind : LLM_LANE_TEXT], text);
    }
    json_put_end(p);
}

static void openai_piece(struct json_put *p, const struct restore *r, const struct lane *n,
                         struct span text)
{
    json_put_object(p, NULL);
    put_head(p, r, 0, "id");
    json_put_text(p, "object",
                  r->surface == LLM_CHAT ? "chat.completion.chunk" : "text_completion");
    put_head(p, r, 1, "created");
    put_head(p, r, 2, "model");
    json_put_array(p, "choices");
    json_put_object(p, NULL);
    json_put_u64(p, "index", n->at[0]);
    if (r->surface == LLM_CHAT)
        chat_delta(p, n, text);
    else
        json_put_str(p, "text", text);
    json_put_null(p, "finish_reason");
    json_put_end(p);
    json_put_end(p);
    json_put_end(p);
}

static void messages_piece(struct json_put *p, const struct lane *n, struct span text)
{
    bool json = n->kind == LLM_LANE_ARGS;
    json_put_object(p, NULL);
    json_put_text(p, "type", "content_block_delta");
    json_put_u64(p, "index", n->at[0]);
    json_put_object(p, "delta");
    json_put_text(p, "type", json ? "input_json_delta" : "text_delta");
    json_put_str(p, json ? "partial_json" : "text", text);
    json_put_end(p);
    json_put_end(p);
}

static const char *responses_type(const struct lane *n)
{
    static const char *const types[] = {
        [LLM_LANE_TEXT] = "response.output_text.delta",
        [LLM_LANE_REFUSAL] = "response.refusal.delta",
        [LLM_LANE_REASONING] = "response.reasoning_text.delta",
        [LLM_LANE_SUMMARY] = "response.reasoning_summary_text.delta",
        [LLM_LANE_ARGS] = "response.function_call_arguments.delta",
        [LLM_LANE_CALL] = "response.function_call_arguments.delta",
        [LLM_LANE_INPUT] = "response.custom_tool_call_input.delta",
        [LLM_LANE_CODE] = "response.code_interpreter_call_code.delta",
        [LLM_LANE_AUDIO] = "response.audio.transcript.delta",
    };
    return types[n->kind];
}

static void responses_piece(struct json_put *p, struct restore *r, const struct lane *n,
                            struct span text)
{
    json_put_object(p, NULL);
    json_put_text(p, "type", responses_type(n));
    json_put_u64(p, "sequence_number", r->next_seq);
    r->next_seq++;
    r->shift++;
    if (n->item_n)
        json_put_raw(p, "item_id", span(n->item, n->item_n));
    json_put_u64(p, "output_index", n->at[0]);
    if (n->kind == LLM_LANE_SUMMARY)
        json_put_u64(p, "summary_index", n->at[1]);
    else if (n->kind <= LLM_LANE_REASONING)
        json_put_u64(p, "content_index", n->at[1]);
    json_put_str(p, "delta", text);
    if (n->kind == LLM_LANE_TEXT) {
        json_put_array(p, "logprobs");
        json_put_end(p);
    }
    json_put_end(p);
}

static void ollama_piece(struct json_put *p, const struct restore *r, const struct lane *n,
                         struct span text)
{
    bool thought = n->kind == LLM_LANE_REASONING;
    json_put_object(p, NULL);
    put_head(p, r, 2, "model");
    put_head(p, r, 1, "created_at");
    if (r->surface == LLM_OLLAMA_CHAT) {
        json_put_object(p, "message");
        json_put_text(p, "role", "assistant");
        json_put_str(p, "content", thought ? SPAN_NONE : text);
        if (thought)
            json_put_str(p, "thinking", text);
        json_put_end(p);
    } else {
        json_put_str(p, "response", thought ? SPAN_NONE : text);
        if (thought)
            json_put_str(p, "thinking", text);
    }
    json_put_bool(p, "done", false);
    json_put_end(p);
}

static struct err write_event(const struct restore *r, struct span name, struct span data,
                              struct buf *out)
{
    enum llm_framing framing = llm_info(r->surface)->framing;
    if (framing == LLM_NDJSON)
        return sse_write_line(out, data);
    return sse_write(out, framing == LLM_SSE_NAMED ? name : SPAN_NONE, data);
}

/* Say what the lane held, in an event of its own. */
static struct err flush_lane(struct restore *r, struct lane *n, struct buf *out)
{
    struct restore_work *w = &r->w;
    if (n->hold_n == 0)
        return OK;
    buf_clear(&w->text);
    buf_clear(&w->out);
    TRY(buf_put(&w->text, span(n->hold, n->hold_n)));
    TRY(lane_run(r, n, true));
    buf_clear(&w->encoded);
    struct json_put p = json_put_to(&w->encoded);
    struct span text = buf_span(&w->out), name = SPAN_NONE;
    switch (r->surface) {
    case LLM_MESSAGES:
        messages_piece(&p, n, text);
        name = SPAN_LIT("content_block_delta");
        break;
    case LLM_RESPONSES:
        responses_piece(&p, r, n, text);
        name = span_str(responses_type(n));
        break;
    case LLM_OLLAMA_CHAT:
    case LLM_OLLAMA_GENERATE:
        ollama_piece(&p, r, n, text);
        break;
    default:
        openai_piece(&p, r, n, text);
    }
    TRY(json_put_done(&p));
    return write_event(r, name, buf_span(&w->encoded), out);
}

static struct err flush_all(struct restore *r, struct buf *out)
{
    for (size_t i = 0; i < r->lanes; i++)
        TRY(flush_lane(r, &r->lane[i], out));
    return OK;
}

/* ---- one event ---- */

static void keep_raw(struct restore *r, size_t i, struct span raw)
{
    if (r->head_n[i] || raw.n == 0 || raw.n > HEAD_MAX)
        return;
    memcpy(r->head[i], raw.p, raw.n);
    r->head_n[i] = raw.n;
}

static bool is_lane(const struct llm_leaf *l)
{
    return l->lane != LLM_LANE_NONE && (l->kind == LLM_TEXT || l->kind == LLM_JSON);
}

/* Mark the lanes this event has text for. */
static struct err mark_busy(struct restore *r)
{
    const struct llm_doc *d = r->doc;
    for (size_t i = 0; i < r->lanes; i++)
        r->lane[i].busy = false;
    for (size_t i = 0; i < d->leaves; i++) {
        struct lane *n;
        if (!is_lane(&d->leaf[i]))
            continue;
        TRY(lane_of(r, &d->leaf[i], &n));
        n->busy = true;
        if (d->item.n && d->item.n <= ITEM_MAX) {
            n->item_n = (uint16_t)d->item.n;
            memcpy(n->item, d->item.p, d->item.n);
        }
    }
    return OK;
}

/* Does this event end the lane? */
static bool ends(const struct restore *r, const struct lane *n)
{
    const struct llm_doc *d = r->doc;
    if (d->event == LLM_TYPE_FINISH)
        return true;
    if (d->event == LLM_TYPE_LANE_END && n->at[0] == d->at[0])
        return true;
    for (size_t i = 0; i < d->leaves; i++)
        if (d->leaf[i].kind == LLM_END_OF && d->leaf[i].at[0] == n->at[0])
            return true;
    return false;
}

/* Does a lane begin or go on here that never runs beside this one? Blocks and items follow each
 * other; within a choice a tool call follows text and other calls. But arguments that hold
 * something back are in the middle of their JSON: such a provider sends its calls side by side. */
static bool displaced(const struct restore *r, const struct lane *n)
{
    const struct llm_doc *d = r->doc;
    bool items = r->surface == LLM_MESSAGES || r->surface == LLM_RESPONSES;
    for (size_t i = 0; i < d->leaves; i++) {
        const struct llm_leaf *l = &d->leaf[i];
        bool call = l->lane == LLM_LANE_ARGS || l->lane == LLM_LANE_INPUT;
        if (!is_lane(l) || (l->lane == n->kind && l->at[0] == n->at[0] && l->at[1] == n->at[1]))
            continue;
        if (items ? l->at[0] != n->at[0] : call && !n->json && l->at[0] == n->at[0])
            return true;
    }
    return false;
}

static struct err renumber(struct restore *r, const struct llm_leaf *l)
{
    uint64_t v;
    if (failed(num_u64(llm_leaf_raw(r->doc, l), UINT64_MAX / 2, &v)))
        return OK;
    v += r->shift;
    r->next_seq = v + 1;
    if (r->shift == 0)
        return OK;
    void *p;
    TRY(arena_take(&r->doc->arena, 24, &p));
    struct wr w = wr_of(p, 24);
    wr_dec(&w, v);
    return splice_add(&r->w.edits, l->start, l->end, wr_span(&w));
}

/* A citation beside pieces of text: positions in all that the lane has said. */
static struct err lane_position(struct restore *r, const struct llm_leaf *l)
{
    for (size_t i = 0; i < r->lanes; i++) {
        const struct lane *n = &r->lane[i];
        if (n->kind == LLM_LANE_TEXT && n->at[0] == l->at[0] &&
            (r->surface == LLM_CHAT || n->at[1] == l->at[1]))
            return restore_position(&r->w, r->doc, l, &n->shifts, 0);
    }
    return OK;
}

static struct err event_leaves(struct restore *r)
{
    struct llm_doc *d = r->doc;
    r->w.edits = splice_of(d->body, &d->arena);
    r->w.cited_leaf = 0;
    for (size_t i = 0; i < d->leaves; i++) {
        const struct llm_leaf *l = &d->leaf[i];
        struct lane *n;
        if (l->kind == LLM_SEQ) {
            TRY(renumber(r, l));
        } else if ((l->kind == LLM_AT || l->kind == LLM_AT_END) && l->key == 0) {
            TRY(lane_position(r, l));
        } else if (!is_lane(l)) {
            TRY(restore_leaf(&r->w, d, l));
        } else {
            TRY(lane_of(r, l, &n));
            TRY(lane_leaf(r, l, n, ends(r, n)));
        }
    }
    return OK;
}

static bool usage_only(struct span data)
{
    const struct span names[] = {SPAN_LIT("choices"), SPAN_LIT("usage")};
    struct span v[2];
    return !failed(json_members(data, names, 2, v)) && span_is(v[0], "[]") && v[1].n > 1 &&
           v[1].p[0] == '{';
}

struct err restore_event(struct restore *r, struct span name, struct span data, struct buf *out)
{
    struct llm_doc *d = r->doc;
    if (llm_info(r->surface)->framing == LLM_SSE_DATA && span_is(span_trim(data), "[DONE]")) {
        TRY(flush_all(r, out));
        return write_event(r, name, SPAN_LIT("[DONE]"), out);
    }
    if (r->o.drop_usage && usage_only(data))
        return OK;
    TRY(llm_read_event(d, r->surface, data, NULL));
    if (mask_values(r->w.s) == 0) {
        for (size_t i = 0; i < d->leaves; i++)
            if (d->leaf[i].kind == LLM_SEQ)
                TRY(renumber(r, &d->leaf[i])); /* for an event of ours */
        return write_event(r, name, data, out);
    }
    keep_raw(r, 0, d->id);
    keep_raw(r, 1, d->created);
    keep_raw(r, 2, d->model);
    TRY(mark_busy(r));
    for (size_t i = 0; i < r->lanes; i++) {
        struct lane *n = &r->lane[i];
        if (!n->busy && (ends(r, n) || displaced(r, n)))
            TRY(flush_lane(r, n, out));
    }
    TRY(event_leaves(r));
    if (r->w.edits.n == 0)
        return write_event(r, name, data, out);
    buf_clear(&r->w.encoded);
    TRY(splice_write(&r->w.edits, &r->w.encoded));
    return write_event(r, name, buf_span(&r->w.encoded), out);
}

struct err restore_end(struct restore *r, bool cut, struct buf *out)
{
    (void)cut; /* held text is the model's own words either way */
    return flush_all(r, out);
}
