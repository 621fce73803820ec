/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals in the words of the dialect that the caller speaks: whole bodies, and the event that
 * ends a stream which has begun. The shapes follow what the official clients turn into their error
 * classes; an OpenAI in-band error has no `choices` and no event name, because clients drop or
 * crash on those.
 */
#include "json_put.h"
#include "llm.h"

static const char *openai_type(unsigned status)
{
    if (status == 401)
        return "authentication_error";
    if (status == 403)
        return "permission_error";
    if (status == 402)
        return "insufficient_quota";
    if (status == 429)
        return "rate_limit_error";
    return status < 500 ? "invalid_request_error" : "server_error";
}

static const char *anthropic_type(unsigned status)
{
    static const struct {
        unsigned status;
        const char *type;
    } types[] = {
        {401, "authentication_error"}, {402, "billing_error"},     {403, "permission_error"},
        {404, "not_found_error"},      {413, "request_too_large"}, {429, "rate_limit_error"},
        {503, "overloaded_error"},     {504, "timeout_error"},     {529, "overloaded_error"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].status == status)
            return types[i].type;
    return status < 500 ? "invalid_request_error" : "api_error";
}

static void openai_object(struct json_put *p, const char *type, const char *code,
                          const char *message)
{
    json_put_object(p, NULL);
    json_put_object(p, "error");
    json_put_text(p, "message", message);
    json_put_text(p, "type", type);
    json_put_null(p, "param");
    json_put_text(p, "code", code);
    json_put_end(p);
    json_put_end(p);
}

static void anthropic_object(struct json_put *p, const char *type, const char *code,
                             const char *message, struct span request_id)
{
    json_put_object(p, NULL);
    json_put_text(p, "type", "error");
    json_put_object(p, "error");
    json_put_text(p, "type", type);
    json_put_text(p, "message", message);
    json_put_object(p, "details");
    json_put_text(p, "error_code", code);
    json_put_end(p);
    json_put_end(p);
    if (request_id.n)
        json_put_str(p, "request_id", request_id);
    json_put_end(p);
}

static struct err ollama_object(struct json_put *p, const char *code, const char *message)
{
    BUF_AUTO text = buf_init(4096);
    TRY(buf_puts(&text, code));
    TRY(buf_puts(&text, ": "));
    TRY(buf_puts(&text, message));
    json_put_object(p, NULL);
    json_put_str(p, "error", buf_span(&text));
    json_put_end(p);
    return OK;
}

struct err llm_error(enum llm_dialect d, unsigned status, const char *code, const char *message,
                     struct span request_id, struct buf *out)
{
    struct json_put p = json_put_to(out);
    if (d == LLM_ANTHROPIC)
        anthropic_object(&p, anthropic_type(status), code, message, request_id);
    else if (d == LLM_OLLAMA)
        TRY(ollama_object(&p, code, message));
    else
        openai_object(&p, openai_type(status), code, message);
    return json_put_done(&p);
}

/* The Responses API has an `error` event too, but its clients end quietly without a last response.
 */
static void response_failed(struct json_put *p, const char *code, const char *message, uint64_t seq)
{
    json_put_object(p, NULL);
    json_put_text(p, "type", "response.failed");
    json_put_u64(p, "sequence_number", seq);
    json_put_object(p, "response");
    json_put_text(p, "id", "resp_failed");
    json_put_text(p, "object", "response");
    json_put_u64(p, "created_at", 0);
    json_put_text(p, "status", "failed");
    json_put_object(p, "error");
    json_put_text(p, "code", code);
    json_put_text(p, "message", message);
    json_put_end(p);
    json_put_array(p, "output");
    json_put_end(p);
    json_put_end(p);
    json_put_end(p);
}

struct err llm_error_event(enum llm_surface s, const char *code, const char *message, uint64_t seq,
                           struct buf *out)
{
    struct json_put p = json_put_to(out);
    switch (llm_info(s)->framing) {
    case LLM_SSE_DATA:
        TRY(buf_puts(out, "data: "));
        openai_object(&p, "server_error", code, message);
        break;
    case LLM_SSE_NAMED:
        if (s == LLM_RESPONSES) {
            TRY(buf_puts(out, "event: response.failed\ndata: "));
            response_failed(&p, code, message, seq);
        } else {
            TRY(buf_puts(out, "event: error\ndata: "));
            anthropic_object(&p, "api_error", code, message, SPAN_NONE);
        }
        break;
    case LLM_NDJSON:
        TRY(ollama_object(&p, code, message));
        TRY(json_put_done(&p));
        return buf_puts(out, "\n");
    default:
        return err(ERR_BUG);
    }
    TRY(json_put_done(&p));
    return buf_puts(out, "\n\n");
}
