/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals, in the words of the dialect that the caller speaks. */
#include "exchange.h"

#include <stdio.h>

/* A retry cannot mend what the request itself, the key or the rules are wrong about. */
static bool hopeless(unsigned status)
{
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

static struct err put_refusal(struct exchange *x, unsigned status, const char *code,
                              const char *message, struct buf *out)
{
    bool ours = x->head.n == 0;
    BUF_AUTO body = buf_init(16 * 1024);
    TRY(llm_error(x->dialect, status, code, message, span_str(x->id), &body));
    TRY(answer_head(x, status, out));
    TRY(buf_puts(out, "content-type: application/json\r\n"));
    TRY(buf_put(out, buf_span(&x->head)));
    if (ours && hopeless(status))
        TRY(buf_puts(out, "x-should-retry: false\r\n"));
    if (ours && status == 503)
        TRY(buf_puts(out, "retry-after: 1\r\n"));
    if (status == 401)
        TRY(buf_puts(out, "www-authenticate: Bearer\r\n"));
    if (status == 405 && x->allow)
        TRY(buf_printf(out, "allow: %s\r\n", x->allow));
    if (ours && status == 415)
        TRY(buf_puts(out, "accept-encoding: gzip, deflate, zstd, br\r\n"));
    TRY(answer_length(body.n, out));
    return x->head_only ? OK : buf_put(out, buf_span(&body));
}

/* The stream has begun: say it in the stream, then cut it, never a clean end. */
static void refuse_in_band(struct exchange *x, unsigned status, const char *code,
                           const char *message)
{
    struct buf *out = &x->gate->out;
    BUF_AUTO events = buf_init(LLM_BODY_MAX);
    buf_clear(out);
    x->status = (uint16_t)status;
    x->client->last = true;
    struct err e = restore_end(x->restore, true, &events);
    if (!failed(e))
        e = llm_error_event(x->surface, code, message, restore_next_seq(x->restore), &events);
    if (!failed(e) && x->chunked)
        e = buf_printf(out, "%zx\r\n", events.n);
    if (!failed(e))
        e = buf_put(out, buf_span(&events));
    if (!failed(e) && x->chunked)
        e = buf_puts(out, "\r\n");
    if (!failed(e))
        client_send(x->client, buf_span(out));
    exchange_end(x);
}

void refuse_as_upstream(struct exchange *x)
{
    unsigned status = x->status;
    const char *message = "the provider answered with an error";
    struct buf *out = &x->gate->out;
    buf_clear(out);
    if (failed(put_refusal(x, status, "upstream_error", message, out)))
        x->client->last = true;
    else
        client_send(x->client, buf_span(out));
    exchange_end(x);
}

void refuse(struct exchange *x, unsigned status, const char *code, const char *message)
{
    if (x->step == STEP_ENDED)
        return;
    x->gate->refused++;
    if (x->committed && x->restore) {
        refuse_in_band(x, status, code, message);
        return;
    }
    struct buf *out = &x->gate->out;
    buf_clear(out);
    buf_clear(&x->head);
    x->status = (uint16_t)status;
    if (x->committed || failed(put_refusal(x, status, code, message, out)))
        x->client->last = true; /* nothing sensible can be said: cut */
    else
        client_send(x->client, buf_span(out));
    if (!x->opened && x->who.name[0] && x->step != STEP_ENDED)
        record_refused(x);
    exchange_end(x);
}

void refuse_body(struct exchange *x, const char *code, const struct fault *f)
{
    char message[256];
    snprintf(message, sizeof message, "%s (at byte %zu of the body)", f->why, f->at);
    refuse(x, 400, code, f->at ? message : f->why);
}
