/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text in any pieces (R5): the lane's text after streaming equals the text restored whole.
 * First byte: surface and kind of lane, and whether tokens or stand-ins are to be restored; second:
 * length of the pieces. 0x01 and 0x02 stand for tokens with and without brackets, 0x03 for a number
 * token, the rest is text. A third of the inputs goes in as raw events, 0x04 between them, and as a
 * whole body instead, which must be refused or passed on as JSON.
 */
/* covers: src/traffic/mask/restore.c src/traffic/mask/stream.c src/traffic/mask/shift.c */
/* covers: src/traffic/mask/look.c */
/* planted: src/traffic/mask/stream.c | memcpy(n->hold, rest.p, rest.n); | memcpy(n->hold, rest.p,
 * rest.n - (rest.n > 30)); */
#include "json.h"
#include "mask.h"
#include "restore.h"
#include "sse.h"
#include "utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOKENS, STAND_INS, SESSIONS };
static struct mask_session *sessions[SESSIONS];
static char tokens[SESSIONS][128], numbers[SESSIONS][128];
static struct llm_doc doc, reader;

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* What stands for the value in the session, without a final zero byte. */
static void copy_token(const struct mask_session *session, const char *value, char out[128])
{
    for (size_t i = 0; i < mask_values(session); i++) {
        enum entity type;
        struct span t, v;
        mask_value(session, i, &type, &t, &v);
        if (span_is(v, value) && t.n < 128)
            memcpy(out, t.p, t.n);
    }
    must(out[0]);
}

/* A request with a document, a mail address, a name and a number in tool arguments. */
static void prepare(unsigned which)
{
    static const uint8_t root[MASK_ROOT_BYTES] = {1}, seed[16] = {2};
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{"
        "\"type\":"
        "\"text\",\"data\":\"Ada Byron wrote to b@example.com\"}}]},{\"role\":\"assistant\","
        "\"content\":[{\"type\":\"tool_use\",\"input\":{\"n\":4111111111111111}}]}]}";
    static const struct scan_term names[] = {{SPAN_LIT("Ada Byron"), ENTITY_PERSON}};
    static struct mask_operator operators[ENTITY_ALL];
    struct mask_rules r = mask_rules_default();
    r.deny = names;
    r.deny_n = 1;
    r.operators = operators;
    for (size_t e = 0; e < ENTITY_ALL; e++)
        operators[e].kind = which == STAND_INS ? MASK_SURROGATE : MASK_TOKEN;
    struct mask_engine *e;
    struct mask_work *w;
    struct mask_key k;
    struct mask_session **session = &sessions[which];
    must(!failed(mask_engine_new(&r, NULL, &e)));
    must(!failed(mask_work_new(NULL, &w)));
    must(!failed(mask_session_new(MASK_SESSION_MAX, session)));
    must(!failed(mask_key_init(&k, span(root, sizeof root), SPAN_LIT("fuzz"))));
    if (which == 0) {
        doc = llm_doc_of(seed);
        reader = llm_doc_of(seed);
    }
    struct buf out = buf_init(4096);
    must(!failed(llm_read_request(&doc, LLM_MESSAGES, span_str(body), NULL)));
    must(!failed(mask_request(e, w, &k, *session, &doc, NULL, &out, NULL)));
    copy_token(*session, "b@example.com", tokens[which]);
    copy_token(*session, "4111111111111111", numbers[which]);
    buf_free(&out);
    mask_engine_free(e);
    mask_work_free(w);
    mask_key_free(&k);
}

static const struct {
    enum llm_surface surface;
    const char *name, *head, *tail;
    bool json; /* the text is JSON source */
} voices[] = {
    {LLM_CHAT, "", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\"}}]}", false},
    {LLM_CHAT, "",
     "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{"
     "\"arguments\":\"",
     "\"}}]}}]}", true},
    {LLM_MESSAGES, "content_block_delta",
     "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"partial_json\":\"", "\"}}", true},
    {LLM_OLLAMA_GENERATE, "", "{\"response\":\"", "\",\"done\":false}", false},
    {LLM_RESPONSES, "response.output_text.delta",
     "{\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"delta\":\"", "\"}", false},
    {LLM_COMPLETIONS, "", "{\"choices\":[{\"index\":0,\"text\":\"", "\"}]}", false},
    {LLM_OLLAMA_CHAT, "", "{\"message\":{\"role\":\"assistant\",\"thinking\":\"",
     "\"},\"done\":false}", false},
    {LLM_RESPONSES, "response.reasoning_summary_text.delta",
     "{\"type\":\"response.reasoning_summary_text.delta\",\"sequence_number\":1,\"item_id\":\"r\","
     "\"output_index\":0,\"summary_index\":0,\"delta\":\"",
     "\"}", false},
    {LLM_CHAT, "", "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"", "\"}}]}",
     false},
};

static void hear(enum llm_surface s, struct span stream, struct buf *text)
{
    struct buf hold = buf_init(SSE_EVENT_MAX);
    struct sse sse;
    sse_init(&sse, llm_info(s)->framing == LLM_NDJSON ? SSE_LINES : SSE_EVENTS, &hold);
    size_t used;
    struct sse_event e;
    while (!failed(sse_next(&sse, stream, &used, &e))) {
        stream = span_from(stream, used);
        must(!failed(llm_read_event(&reader, s, e.data, NULL)));
        for (size_t i = 0; i < reader.leaves; i++)
            if (reader.leaf[i].lane != LLM_LANE_NONE)
                must(!failed(json_unescape_buf(llm_leaf_inner(&reader, &reader.leaf[i]),
                                               JSON_LONE_REPLACE, text)));
    }
    buf_free(&hold);
}

static void speak(const struct mask_session *session, size_t voice, struct span text, size_t step,
                  struct buf *heard)
{
    struct restore *r;
    struct buf out = buf_init(1 << 24), data = buf_init(1 << 22);
    must(!failed(restore_open(session, voices[voice].surface, &doc, NULL, &r)));
    for (size_t i = 0, n; i < text.n; i += n) {
        n = text.n - i < step ? text.n - i : step;
        while (i + n < text.n && (text.p[i + n] & 0xc0) == 0x80)
            n++;
        buf_clear(&data);
        must(!failed(buf_puts(&data, voices[voice].head)));
        must(!failed(json_escape(span_cut(text, i, n), &data)));
        must(!failed(buf_puts(&data, voices[voice].tail)));
        must(!failed(restore_event(r, span_str(voices[voice].name), buf_span(&data), &out)));
        must(restore_held(r) < 400);
    }
    must(!failed(restore_end(r, false, &out)));
    must(restore_held(r) == 0);
    restore_close(r);
    hear(voices[voice].surface, buf_span(&out), heard);
    buf_free(&out);
    buf_free(&data);
}

static void raw_events(const struct mask_session *session, size_t voice, bool drop_usage,
                       struct span data)
{
    struct restore *r;
    struct restore_options o = {.drop_usage = drop_usage};
    struct buf out = buf_init(1 << 24), text = buf_init(1 << 24);
    must(!failed(restore_open(session, voices[voice].surface, &doc, &o, &r)));
    struct err e = OK;
    for (size_t at = 0, end; at <= data.n && !failed(e); at = end + 1) {
        end = span_find(data, at, 4);
        e = restore_event(r, span_str(voices[voice].name), span_cut(data, at, end - at), &out);
    }
    if (!failed(e) && span_find(data, 0, '\r') == data.n &&
        span_search(data, 0, SPAN_LIT("[DONE]")) == data.n)
        hear(voices[voice].surface, buf_span(&out), &text);
    if (!failed(e))
        e = restore_end(r, false, &out);
    restore_close(r);
    buf_free(&out);
    buf_free(&text);
}

/* A whole answer: refused, or JSON again. */
static void raw_body(const struct mask_session *session, enum llm_surface s, struct span body)
{
    struct buf out = buf_init(1 << 24);
    struct fault f = {0, NULL};
    if (failed(restore_body(session, s, &doc, body, &out, NULL, &f)))
        must(f.why && out.n == 0);
    else
        must(!failed(llm_read_answer(&reader, s, buf_span(&out), NULL)));
    if (!failed(llm_read_request(&doc, s, body, NULL))) {
        buf_clear(&out);
        must(!failed(restore_request(session, s, &doc, body, &out, NULL, &f)));
        must(!failed(llm_read_request(&reader, s, buf_span(&out), NULL)));
    }
    buf_free(&out);
}

/* The same text by itself. */
static void whole_text(const struct mask_session *session, struct span text, struct span heard)
{
    struct buf out = buf_init(1 << 24);
    must(!failed(restore_text(session, text, &out, NULL)));
    must(span_eq(buf_span(&out), heard));
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { VOICES = sizeof voices / sizeof *voices };
    if (!sessions[TOKENS]) {
        prepare(TOKENS);
        prepare(STAND_INS);
    }
    if (size < 2)
        return 0;
    size_t voice = data[0] % VOICES, which = data[0] / VOICES % SESSIONS;
    const struct mask_session *session = sessions[which];
    const char *token = tokens[which];
    struct buf text = buf_init(1 << 22), whole = buf_init(1 << 24), pieces = buf_init(1 << 24);
    for (size_t i = 2; i < size; i++)
        must(!failed(data[i] == 1   ? buf_puts(&text, token)
                     : data[i] == 2 ? buf_put(&text, span(token + 1, strlen(token) - 2))
                     : data[i] == 3 ? buf_puts(&text, numbers[which])
                                    : buf_put_u8(&text, data[i])));
    if (data[1] % 3 == 0) {
        raw_events(session, voice, data[1] % 2, buf_span(&text));
        raw_body(session, voices[voice].surface, buf_span(&text));
    } else {
        speak(session, voice, buf_span(&text), text.n + 1, &whole);
        speak(session, voice, buf_span(&text), data[1] / 3U + 1, &pieces);
        must(span_eq(buf_span(&whole), buf_span(&pieces)));
        if (!voices[voice].json && utf8_valid(buf_span(&text)))
            whole_text(session, buf_span(&text), buf_span(&whole));
    }
    buf_free(&text);
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
