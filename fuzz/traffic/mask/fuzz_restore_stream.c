/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text in any pieces (R5): the lane's text after streaming equals the text restored whole.
 * First byte: surface and kind of lane; second: length of the pieces. 0x01 and 0x02 stand for
 * tokens with and without brackets, 0x03 for a number token, the rest is text. A third of the
 * inputs goes in as raw events instead, which must be refused or passed on as JSON.
 */
/* covers: src/traffic/mask/restore.c src/traffic/mask/stream.c src/traffic/mask/shift.c */
/* covers: src/traffic/mask/look.c */
/* planted: src/traffic/mask/stream.c | memcpy(n->hold, rest.p, rest.n); | memcpy(n->hold, rest.p,
 * rest.n - (rest.n > 30)); */
#include "json.h"
#include "mask.h"
#include "restore.h"
#include "sse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mask_session *session;
static struct llm_doc doc, reader;
static char token[64], number[64];

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void prepare(void)
{
    static const uint8_t root[MASK_ROOT_BYTES] = {1}, seed[16] = {2};
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"to "
        "b@example.com\"},{\"role\":\"assistant\","
        "\"content\":[{\"type\":\"tool_use\",\"input\":{\"n\":4111111111111111}}]}]}";
    struct mask_rules r = mask_rules_default();
    r.entities.bits[ENTITY_PERSON / 64] &= ~((uint64_t)1 << ENTITY_PERSON % 64);
    struct mask_engine *e;
    struct mask_work *w;
    struct mask_key k;
    must(!failed(mask_engine_new(&r, NULL, &e)));
    must(!failed(mask_work_new(NULL, &w)));
    must(!failed(mask_session_new(MASK_SESSION_MAX, &session)));
    must(!failed(mask_key_init(&k, span(root, sizeof root), SPAN_LIT("fuzz"))));
    doc = llm_doc_of(seed);
    reader = llm_doc_of(seed);
    struct buf out = buf_init(4096);
    must(!failed(llm_read_request(&doc, LLM_MESSAGES, span_str(body), NULL)));
    must(!failed(mask_request(e, w, &k, session, &doc, NULL, &out, NULL)));
    must(mask_values(session) == 2);
    enum entity type;
    struct span t, v;
    mask_value(session, 0, &type, &t, &v);
    memcpy(token, t.p, t.n);
    mask_value(session, 1, &type, &t, &v);
    memcpy(number, t.p, t.n);
    buf_free(&out);
    mask_engine_free(e);
    mask_work_free(w);
    mask_key_free(&k);
}

static const struct {
    enum llm_surface surface;
    const char *name, *head, *tail;
} voices[] = {
    {LLM_CHAT, "", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\"}}]}"},
    {LLM_CHAT, "",
     "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{"
     "\"arguments\":\"",
     "\"}}]}}]}"},
    {LLM_MESSAGES, "content_block_delta",
     "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"partial_json\":\"", "\"}}"},
    {LLM_OLLAMA_GENERATE, "", "{\"response\":\"", "\",\"done\":false}"},
    {LLM_RESPONSES, "response.output_text.delta",
     "{\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"delta\":\"", "\"}"},
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

static void speak(size_t voice, struct span text, size_t step, struct buf *heard)
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

static void raw_event(size_t voice, struct span data)
{
    struct restore *r;
    struct buf out = buf_init(1 << 24), text = buf_init(1 << 24);
    must(!failed(restore_open(session, voices[voice].surface, &doc, NULL, &r)));
    struct err e = restore_event(r, span_str(voices[voice].name), data, &out);
    if (!failed(e))
        e = restore_event(r, span_str(voices[voice].name), data, &out);
    if (!failed(e) && span_find(data, 0, '\r') == data.n && span_find(data, 0, '[') > 0)
        hear(voices[voice].surface, buf_span(&out), &text);
    restore_close(r);
    buf_free(&out);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!session)
        prepare();
    if (size < 2)
        return 0;
    size_t voice = data[0] % (sizeof voices / sizeof *voices);
    struct buf text = buf_init(1 << 22), whole = buf_init(1 << 24), pieces = buf_init(1 << 24);
    for (size_t i = 2; i < size; i++)
        must(!failed(data[i] == 1   ? buf_puts(&text, token)
                     : data[i] == 2 ? buf_put(&text, span(token + 1, strlen(token) - 2))
                     : data[i] == 3 ? buf_puts(&text, number)
                                    : buf_put_u8(&text, data[i])));
    if (data[1] % 3 == 0) {
        raw_event(voice, buf_span(&text));
    } else {
        speak(voice, buf_span(&text), text.n + 1, &whole);
        speak(voice, buf_span(&text), data[1] / 3U + 1, &pieces);
        must(span_eq(buf_span(&whole), buf_span(&pieces)));
    }
    buf_free(&text);
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
