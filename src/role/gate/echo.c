/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider that is built in: a model that answers by saying what it was told. It shows a
 * newcomer, without an account or a download, what would have left the machine: the tokens of the
 * masked request spelt so that the restorer does not take them for tokens (‹PERSON·k7f3q2mx›).
 *
 * It makes the answer that a provider would send and feeds it to the relay, so that it goes the
 * same way as every other answer.
 */
#include "exchange.h"

#include "json.h"
#include "json_put.h"

enum { SAID_MAX = 64 * 1024, TEXT_MAX = 1 << 20, ANSWER_MAX = 8 << 20, TOKEN_MAX = 65 };

/* The last thing a user said in the masked request, decoded: a message, or a bare prompt. */
static struct err last_words(struct exchange *x, struct buf *out)
{
    struct gate *g = x->gate;
    struct llm_doc *d = &g->doc;
    g->doc_of = NULL;
    TRY(llm_read_request(d, x->surface, span_from(buf_span(&x->out), x->out_body), NULL));
    const struct llm_unit *u = NULL;
    for (size_t i = 0; i < d->units; i++) {
        const struct llm_unit *at = &d->unit[i];
        bool bare = at->phase == LLM_PHASE_MESSAGES && at->role == LLM_ROLE_OTHER;
        if (at->role == LLM_ROLE_USER || (bare && !(u && u->role == LLM_ROLE_USER)))
            u = at;
    }
    for (uint32_t i = u ? u->first : 0; u && i < u->last; i++)
        if (d->leaf[i].kind == LLM_TEXT)
            TRY(json_unescape_buf(llm_leaf_inner(d, &d->leaf[i]), JSON_LONE_REPLACE, out));
    return OK;
}

/* `text` with every <TYPE_digest> shown as ‹TYPE·digest›. */
static struct err show_tokens(struct span text, struct buf *out)
{
    for (size_t at = 0; at < text.n; at++) {
        struct span near = span_cut(text, at, text.n - at > TOKEN_MAX ? TOKEN_MAX : text.n - at);
        size_t length = text.p[at] == '<' ? span_find(near, 0, '>') : near.n;
        size_t end = at + length, mark = end;
        while (mark > at && length < near.n && text.p[mark] != '_')
            mark--;
        if (length >= near.n || mark <= at + 1) {
            TRY(buf_put_u8(out, text.p[at]));
            continue;
        }
        TRY(buf_puts(out, "\xe2\x80\xb9"));
        TRY(buf_put(out, span_cut(text, at + 1, mark - at - 1)));
        TRY(buf_puts(out, "\xc2\xb7"));
        TRY(buf_put(out, span_cut(text, mark + 1, end - mark - 1)));
        TRY(buf_puts(out, "\xe2\x80\xba"));
        at = end;
    }
    return OK;
}

/* What a person may want to read of it: whole characters. */
static struct span head_of(struct span said)
{
    size_t n = said.n;
    if (n > SAID_MAX)
        for (n = SAID_MAX; n > 0 && (said.p[n] & 0xc0) == 0x80;)
            n--;
    return span_cut(said, 0, n);
}

static struct err compose(struct exchange *x, struct buf *text)
{
    BUF_AUTO said = buf_init(LLM_BODY_MAX);
    TRY(last_words(x, &said));
    struct span begin = head_of(buf_span(&said));
    TRY(buf_puts(text, "You said: "));
    TRY(buf_put(text, begin));
    if (begin.n < said.n)
        TRY(buf_printf(text, " ... (%zu bytes in all)", said.n));
    TRY(buf_puts(text, "\n\nWhat would have left this machine: "));
    return show_tokens(begin, text);
}

/* --- whole answers --------------------------------------------------------------------------- */

static void put_usage(struct json_put *p, const char *in, const char *out, size_t n)
{
    json_put_object(p, "usage");
    json_put_u64(p, in, n / 4 + 1);
    json_put_u64(p, out, n / 4 + 1);
    if (*in == 'p')
        json_put_u64(p, "total_tokens", 2 * (n / 4 + 1));
    json_put_end(p);
}

static void put_openai(struct exchange *x, struct json_put *p, struct span text, bool chat)
{
    json_put_text(p, "id", x->id);
    json_put_text(p, "object", chat ? "chat.completion" : "text_completion");
    json_put_u64(p, "created", 0);
    json_put_str(p, "model", x->hop[x->hop_at].model);
    json_put_array(p, "choices");
    json_put_object(p, NULL);
    json_put_u64(p, "index", 0);
    if (chat) {
        json_put_object(p, "message");
        json_put_text(p, "role", "assistant");
        json_put_str(p, "content", text);
        json_put_null(p, "refusal");
        json_put_end(p);
    } else {
        json_put_str(p, "text", text);
    }
    json_put_null(p, "logprobs");
    json_put_text(p, "finish_reason", "stop");
    json_put_end(p);
    json_put_end(p);
    put_usage(p, "prompt_tokens", "completion_tokens", text.n);
}

static void put_anthropic(struct exchange *x, struct json_put *p, struct span text)
{
    json_put_text(p, "id", x->id);
    json_put_text(p, "type", "message");
    json_put_text(p, "role", "assistant");
    json_put_str(p, "model", x->hop[x->hop_at].model);
    json_put_array(p, "content");
    json_put_object(p, NULL);
    json_put_text(p, "type", "text");
    json_put_str(p, "text", text);
    json_put_end(p);
    json_put_end(p);
    json_put_text(p, "stop_reason", "end_turn");
    json_put_null(p, "stop_sequence");
    put_usage(p, "input_tokens", "output_tokens", text.n);
}

static void put_ollama(struct exchange *x, struct json_put *p, struct span text, bool done)
{
    json_put_str(p, "model", x->hop[x->hop_at].model);
    json_put_text(p, "created_at", "1970-01-01T00:00:00Z");
    if (x->surface == LLM_OLLAMA_CHAT) {
        json_put_object(p, "message");
        json_put_text(p, "role", "assistant");
        json_put_str(p, "content", text);
        json_put_end(p);
    } else {
        json_put_str(p, "response", text);
    }
    json_put_bool(p, "done", done);
    if (done) {
        json_put_text(p, "done_reason", "stop");
        json_put_u64(p, "eval_count", text.n / 4 + 1);
    }
}

static struct err put_whole(struct exchange *x, struct span text, struct buf *out)
{
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    if (x->surface == LLM_COUNT_TOKENS)
        json_put_u64(&p, "input_tokens", x->body.n / 4 + 1);
    else if (llm_info(x->surface)->dialect == LLM_ANTHROPIC)
        put_anthropic(x, &p, text);
    else if (llm_info(x->surface)->dialect == LLM_OLLAMA)
        put_ollama(x, &p, text, true);
    else if (x->surface == LLM_RESPONSES)
        echo_response(x, &p, "completed", text);
    else
        put_openai(x, &p, text, x->surface == LLM_CHAT);
    json_put_end(&p);
    return json_put_done(&p);
}

/* --- streams --------------------------------------------------------------------------------- */

/* One OpenAI chunk: role, a piece of text, the finish, or the usage. */
enum chunk { CHUNK_ROLE, CHUNK_TEXT, CHUNK_FINISH, CHUNK_USAGE };

static struct err openai_chunk(struct exchange *x, enum chunk kind, struct span text,
                               struct buf *out)
{
    bool chat = x->surface == LLM_CHAT;
    BUF_AUTO json = buf_init(ANSWER_MAX);
    struct json_put p = json_put_to(&json);
    json_put_object(&p, NULL);
    json_put_text(&p, "id", x->id);
    json_put_text(&p, "object", chat ? "chat.completion.chunk" : "text_completion");
    json_put_u64(&p, "created", 0);
    json_put_str(&p, "model", x->hop[x->hop_at].model);
    json_put_array(&p, "choices");
    if (kind != CHUNK_USAGE) {
        json_put_object(&p, NULL);
        json_put_u64(&p, "index", 0);
        if (chat)
            json_put_object(&p, "delta");
        if (kind == CHUNK_ROLE && chat)
            json_put_text(&p, "role", "assistant");
        if (kind != CHUNK_FINISH || !chat)
            json_put_str(&p, chat ? "content" : "text", text);
        if (chat)
            json_put_end(&p);
        if (kind == CHUNK_FINISH)
            json_put_text(&p, "finish_reason", "stop");
        else
            json_put_null(&p, "finish_reason");
        json_put_end(&p);
    }
    json_put_end(&p);
    if (kind == CHUNK_USAGE)
        put_usage(&p, "prompt_tokens", "completion_tokens", text.n);
    json_put_end(&p);
    TRY(json_put_done(&p));
    return sse_write(out, SPAN_NONE, buf_span(&json));
}

static struct err ollama_line(struct exchange *x, struct span text, bool done, struct buf *out)
{
    BUF_AUTO json = buf_init(ANSWER_MAX);
    struct json_put p = json_put_to(&json);
    json_put_object(&p, NULL);
    put_ollama(x, &p, text, done);
    json_put_end(&p);
    TRY(json_put_done(&p));
    return sse_write_line(out, buf_span(&json));
}

static struct err anthropic_text(struct span text, struct buf *out)
{
    BUF_AUTO json = buf_init(ANSWER_MAX);
    struct json_put p = json_put_to(&json);
    json_put_object(&p, NULL);
    json_put_text(&p, "type", "content_block_delta");
    json_put_u64(&p, "index", 0);
    json_put_object(&p, "delta");
    json_put_text(&p, "type", "text_delta");
    json_put_str(&p, "text", text);
    json_put_end(&p);
    json_put_end(&p);
    TRY(json_put_done(&p));
    return sse_write(out, SPAN_LIT("content_block_delta"), buf_span(&json));
}

static struct err anthropic_open(struct exchange *x, struct buf *out)
{
    BUF_AUTO json = buf_init(ANSWER_MAX);
    struct json_put p = json_put_to(&json);
    json_put_object(&p, NULL);
    json_put_text(&p, "type", "message_start");
    json_put_object(&p, "message");
    json_put_text(&p, "id", x->id);
    json_put_text(&p, "type", "message");
    json_put_text(&p, "role", "assistant");
    json_put_str(&p, "model", x->hop[x->hop_at].model);
    json_put_array(&p, "content");
    json_put_end(&p);
    json_put_null(&p, "stop_reason");
    json_put_null(&p, "stop_sequence");
    put_usage(&p, "input_tokens", "output_tokens", 0);
    json_put_end(&p);
    json_put_end(&p);
    TRY(json_put_done(&p));
    TRY(sse_write(out, SPAN_LIT("message_start"), buf_span(&json)));
    return sse_write(out, SPAN_LIT("content_block_start"),
                     SPAN_LIT("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                              "{\"type\":\"text\",\"text\":\"\"}}"));
}

static struct err anthropic_close(size_t n, struct buf *out)
{
    BUF_AUTO json = buf_init(1024);
    TRY(sse_write(out, SPAN_LIT("content_block_stop"),
                  SPAN_LIT("{\"type\":\"content_block_stop\",\"index\":0}")));
    TRY(buf_printf(&json,
                   "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
                   "\"stop_sequence\":null},\"usage\":{\"output_tokens\":%zu}}",
                   n / 4 + 1));
    TRY(sse_write(out, SPAN_LIT("message_delta"), buf_span(&json)));
    return sse_write(out, SPAN_LIT("message_stop"), SPAN_LIT("{\"type\":\"message_stop\"}"));
}

static struct err put_text(struct exchange *x, struct span text, struct buf *out)
{
    switch (llm_info(x->surface)->dialect) {
    case LLM_ANTHROPIC:
        return anthropic_text(text, out);
    case LLM_OLLAMA:
        return ollama_line(x, text, false, out);
    default:
        return openai_chunk(x, CHUNK_TEXT, text, out);
    }
}

/* A word at a time, as models do. */
static struct err put_words(struct exchange *x, struct span text, struct buf *out)
{
    while (text.n) {
        size_t n = span_find(text, 1, ' ');
        TRY(put_text(x, span_cut(text, 0, n), out));
        text = span_from(text, n);
    }
    return OK;
}

static struct err put_stream(struct exchange *x, struct span text, struct buf *out)
{
    enum llm_dialect d = llm_info(x->surface)->dialect;
    if (x->surface == LLM_RESPONSES)
        return echo_response_stream(x, text, out);
    if (d == LLM_ANTHROPIC)
        TRY(anthropic_open(x, out));
    else if (d == LLM_OPENAI)
        TRY(openai_chunk(x, CHUNK_ROLE, SPAN_NONE, out));
    TRY(put_words(x, text, out));
    if (d == LLM_ANTHROPIC)
        return anthropic_close(text.n, out);
    if (d == LLM_OLLAMA)
        return ollama_line(x, SPAN_NONE, true, out);
    TRY(openai_chunk(x, CHUNK_FINISH, SPAN_NONE, out));
    if (x->include_usage)
        TRY(openai_chunk(x, CHUNK_USAGE, text, out));
    return sse_write(out, SPAN_NONE, SPAN_LIT("[DONE]"));
}

void echo_answer(struct exchange *x)
{
    BUF_AUTO text = buf_init(TEXT_MAX), answer = buf_init(ANSWER_MAX);
    struct err e = compose(x, &text);
    if (!failed(e))
        e = x->stream ? put_stream(x, buf_span(&text), &answer)
                      : put_whole(x, buf_span(&text), &answer);
    const char *type = !x->stream                                    ? "application/json"
                       : llm_info(x->surface)->framing == LLM_NDJSON ? "application/x-ndjson"
                                                                     : "text/event-stream";
    if (failed(e))
        hop_failed(x, HOP_BAD_ANSWER);
    else if (relay_head(x, 200, span_str(type), NULL) && relay_content(x, buf_span(&answer))) {
        relay_flush(x);
        relay_end(x, true);
    }
}
