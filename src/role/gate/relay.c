/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the provider's answer to the client's: restore, frame, send. Frequent: one event of a stream
 * comes in, goes through the restorer and leaves in one chunk before the next is looked at.
 *
 * The commit point (exchange.h): while another target is left, the opening events of a stream are
 * held, so that an error before the first output can still go elsewhere. Otherwise everything goes
 * out at once.
 */
#include "upstream.h"

#include "num.h"

enum { OPENING_MAX = 64 * 1024 }; /* bytes of opening events held; more commits */

static bool retryable(unsigned status)
{
    return status == 429 || status >= 500;
}

static bool send_events(struct exchange *x, bool last);

/* Give up this target for the next one. The upstream lets go first: the next hop takes its place.
 */
static void next_target(struct exchange *x, enum hop_cause cause)
{
    if (x->committed && x->streaming && x->answer.n && !send_events(x, false))
        return; /* what was good before the fault goes out first */
    if (x->up)
        upstream_cancel(x->up);
    hop_failed(x, cause);
}

/* --- the head -------------------------------------------------------------------------------- */

/* Does the provider ask for a longer wait than a caller should spend asleep? Some clients obey any
 * number; those are told not to try again by themselves, and why they cannot is still there to
 * read. A date is not worked out: with one, too, a caller is to decide itself. */
static bool waits_long(const struct http_head *h)
{
    static const struct {
        enum http_id id;
        uint64_t most;
    } asks[] = {{HTTP_RETRY_AFTER, 60}, {HTTP_RETRY_AFTER_MS, 60000}};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        struct span v = http_header(h, asks[i].id);
        uint64_t n;
        if (v.n && failed(num_u64(span_cut(v, 0, span_find(v, 0, '.')), asks[i].most, &n)))
            return true;
    }
    return false;
}

static struct err keep_head(struct exchange *x, const struct http_head *h)
{
    bool no_retry = h && x->status >= 400 && waits_long(h);
    if (no_retry)
        TRY(buf_puts(&x->head, "x-should-retry: false\r\n"));
    for (size_t i = 0; h && i < h->fields; i++) {
        if (h->field[i].id == HTTP_CONTENT_TYPE ||
            (no_retry && h->field[i].id == HTTP_X_SHOULD_RETRY) ||
            !llm_header_down(x->dialect, http_field_name(h, i)))
            continue;
        TRY(buf_put(&x->head, http_field_name(h, i)));
        TRY(buf_puts(&x->head, ": "));
        TRY(buf_put(&x->head, http_field_value(h, i)));
        TRY(buf_puts(&x->head, "\r\n"));
    }
    return OK;
}

static bool is_stream(const struct exchange *x, struct span content_type)
{
    struct span type = http_media_type(content_type);
    switch (llm_info(x->surface)->framing) {
    case LLM_SSE_DATA:
    case LLM_SSE_NAMED:
        return span_eq_nocase(type, SPAN_LIT("text/event-stream"));
    case LLM_NDJSON:
        return span_eq_nocase(type, SPAN_LIT("application/x-ndjson"));
    default:
        return false;
    }
}

static struct err begin_stream(struct exchange *x)
{
    struct gate *g = x->gate;
    bool lines = llm_info(x->surface)->framing == LLM_NDJSON;
    struct restore_options o = {.drop_usage = !x->include_usage};
    sse_init(&x->sse, lines ? SSE_LINES : SSE_EVENTS, &x->hold);
    g->doc_of = NULL;
    TRY(restore_open(x->map, x->surface, &g->doc, &o, &x->restore));
    x->chunked = !x->http10;
    if (x->http10)
        x->client->last = true; /* its body lasts to the end of the connection */
    return OK;
}

/* Providers are asked for answers as they are; some, or a proxy before them, compress all the same.
 */
static struct err begin_unpacking(struct exchange *x, struct span content_encoding)
{
    struct inflate_codings codings;
    TRY(inflate_parse(content_encoding, &codings));
    if (codings.n > 1)
        return err(ERR_INPUT);
    return codings.n ? inflate_begin(&x->unpack, codings.v[0]) : OK;
}

bool relay_head(struct exchange *x, unsigned status, struct span content_type,
                const struct http_head *h)
{
    if (retryable(status) && hop_more(x)) {
        next_target(x, HOP_STATUS);
        return false;
    }
    x->step = STEP_RELAY;
    x->status = (uint16_t)status;
    x->streaming = status < 300 && is_stream(x, content_type);
    buf_clear(&x->answer);
    struct err e = status < 200 || (x->streaming != x->stream && status < 300) ? err(ERR_INPUT)
                                                                               : keep_head(x, h);
    if (!failed(e) && h)
        e = begin_unpacking(x, http_header(h, HTTP_CONTENT_ENCODING));
    if (!failed(e) && x->streaming)
        e = begin_stream(x);
    if (!failed(e))
        return true;
    next_target(x, HOP_BAD_ANSWER);
    return false;
}

/* --- streams --------------------------------------------------------------------------------- */

static struct err put_stream_head(struct exchange *x, struct buf *out)
{
    bool lines = llm_info(x->surface)->framing == LLM_NDJSON;
    TRY(answer_head(x, x->status, out));
    TRY(buf_put(out, buf_span(&x->head)));
    TRY(buf_puts(out, lines ? "content-type: application/x-ndjson\r\n"
                            : "content-type: text/event-stream; charset=utf-8\r\n"));
    TRY(buf_puts(out, "cache-control: no-cache\r\nx-accel-buffering: no\r\n"));
    return buf_puts(out, x->chunked ? "transfer-encoding: chunked\r\n\r\n" : "\r\n");
}

static struct err put_chunk_size(size_t n, struct buf *out)
{
    uint8_t head[HTTP_CHUNK_HEAD_MAX];
    struct wr w = wr_of(head, sizeof head);
    http_write_chunk_head(&w, n);
    return buf_put(out, wr_span(&w));
}

static struct err put_piece(const struct exchange *x, struct span piece, struct buf *out)
{
    if (piece.n == 0)
        return OK;
    if (x->chunked)
        TRY(put_chunk_size(piece.n, out));
    TRY(buf_put(out, piece));
    return x->chunked ? buf_puts(out, "\r\n") : OK;
}

/* Send the events gathered in `answer`; `last` ends the body. False: the client is gone. */
static bool send_events(struct exchange *x, bool last)
{
    struct buf *out = &x->gate->out;
    buf_clear(out);
    struct err e = x->head_sent ? OK : put_stream_head(x, out);
    if (!failed(e))
        e = put_piece(x, buf_span(&x->answer), out);
    if (!failed(e) && last && x->chunked)
        e = buf_puts(out, "0\r\n\r\n");
    if (failed(e)) {
        client_close(x->client);
        return false;
    }
    x->committed = x->head_sent = true;
    buf_clear(&x->answer);
    return out->n == 0 || client_send(x->client, buf_span(out));
}

/* One event. ERR_INPUT: the provider's answer is broken; ERR_DENIED: it said so itself, and nothing
 * has gone out yet. */
static struct err take_event(struct exchange *x, const struct sse_event *ev)
{
    enum llm_event kind;
    if (span_trim(ev->data).n == 0)
        return OK; /* some providers' sign of life; clients would look for JSON in it */
    TRY(llm_stream_see(&x->seen, x->surface, ev->name, ev->data, &kind));
    if (kind == LLM_EVENT_ERROR && !x->seen.output && !x->committed) {
        x->status = (uint16_t)llm_error_inside(x->surface, ev->data);
        buf_clear(&x->answer);
        TRY(buf_put(&x->answer, ev->data));
        return err(ERR_DENIED);
    }
    return restore_event(x->restore, ev->name, ev->data, &x->answer);
}

/* JSON may be written over several lines, and comes as one event then; clients do not all take what
 * the format allows. Blanks for line ends mean the same, except where there is no JSON anyway. */
static struct err take_lines(struct exchange *x, struct sse_event ev)
{
    BUF_AUTO flat = buf_init(ev.data.n);
    TRY(buf_put(&flat, ev.data));
    for (size_t i = 0; i < flat.n; i++)
        if (flat.p[i] == '\n')
            flat.p[i] = ' ';
    ev.data = buf_span(&flat);
    return take_event(x, &ev);
}

static struct err take_any(struct exchange *x, const struct sse_event *ev)
{
    bool one = span_find(ev->data, 0, '\n') == ev->data.n;
    return one ? take_event(x, ev) : take_lines(x, *ev);
}

static void end_whole(struct exchange *x);

/* The stream is over before it went out: another target, or the error as a whole answer. */
static void give_up(struct exchange *x, struct err e)
{
    if (err_cat(e) != ERR_DENIED || hop_more(x) || x->status == 0) {
        next_target(x, err_cat(e) == ERR_DENIED ? HOP_STATUS : HOP_BAD_ANSWER);
        return;
    }
    if (x->up)
        upstream_cancel(x->up);
    x->streaming = false;
    end_whole(x);
}

/* Send what may go. False: the client is gone. */
static bool flush(struct exchange *x)
{
    bool held = hop_more(x) && !x->seen.output && x->answer.n < OPENING_MAX;
    /* The head waits for the first event, which may be an error. */
    return held || x->answer.n == 0 || send_events(x, false);
}

static bool stream_content(struct exchange *x, struct span piece)
{
    x->gate->doc_of = NULL;
    while (piece.n) {
        size_t used;
        struct sse_event ev;
        struct err e = sse_next(&x->sse, piece, &used, &ev);
        piece = span_from(piece, used);
        if (err_cat(e) == ERR_AGAIN)
            break;
        if (!failed(e))
            e = take_any(x, &ev);
        if (failed(e)) {
            give_up(x, e);
            return false;
        }
        if (!x->head_sent && !flush(x)) /* nobody waits for what came behind the first event */
            return false;
    }
    return true;
}

void relay_flush(struct exchange *x)
{
    if (x && x->step == STEP_RELAY && x->streaming)
        flush(x);
}

static void end_stream(struct exchange *x, bool whole)
{
    struct sse_event ev;
    struct err e = sse_end(&x->sse, &ev);
    x->gate->doc_of = NULL;
    if (!failed(e))
        e = take_any(x, &ev);
    bool forgot = whole && x->seen.finished && !x->seen.ended &&
                  llm_info(x->surface)->framing == LLM_SSE_DATA;
    if (forgot && (!failed(e) || err_cat(e) == ERR_CLOSED))
        e = take_event(x, &(struct sse_event){.data = SPAN_LIT("[DONE]")});
    if (failed(e) && err_cat(e) != ERR_CLOSED) {
        give_up(x, e);
        return;
    }
    if (!whole || (!x->seen.ended && !x->seen.failed)) {
        if (!hop_more(x) && x->answer.n && !send_events(x, false))
            return;
        hop_failed(x, HOP_CUT);
        return;
    }
    if (failed(restore_end(x->restore, false, &x->answer))) {
        hop_failed(x, HOP_BAD_ANSWER);
        return;
    }
    x->restored = restore_count(x->restore);
    if (send_events(x, true))
        exchange_end(x);
}

/* --- whole bodies ---------------------------------------------------------------------------- */

static struct err put_whole_head(struct exchange *x, size_t body_n, struct buf *out)
{
    uint64_t cost;
    TRY(answer_head(x, x->status, out));
    TRY(buf_put(out, buf_span(&x->head)));
    TRY(buf_puts(out, "content-type: application/json\r\nx-sanctum-restored: "));
    TRY(buf_put_u64(out, x->restored));
    TRY(buf_puts(out, "\r\n"));
    if (x->seen.usage.seen && cost_of(x, &x->seen.usage, &cost))
        TRY(buf_printf(out, "x-sanctum-cost-usd: %llu.%09llu\r\n",
                       (unsigned long long)(cost / 1000000000U),
                       (unsigned long long)(cost % 1000000000U)));
    return answer_length(body_n, out);
}

static struct err restore_whole(struct exchange *x, struct buf *body)
{
    struct gate *g = x->gate;
    g->doc_of = NULL;
    TRY(restore_body(x->map, x->surface, &g->doc, buf_span(&x->answer), body, &x->restored, NULL));
    if (x->status < 300)
        TRY(llm_usage_read(x->surface, &g->doc, &x->seen.usage));
    return OK;
}

static void end_whole(struct exchange *x)
{
    struct gate *g = x->gate;
    buf_clear(&g->body);
    struct err whole = restore_whole(x, &g->body);
    unsigned error = !failed(whole) && x->status < 300 && !x->seen.usage.seen
                         ? llm_error_inside(x->surface, buf_span(&x->answer))
                         : 0;
    if (retryable(error) && hop_more(x)) {
        next_target(x, HOP_STATUS);
        return;
    }
    if (error)
        x->status = (uint16_t)error;
    if (failed(whole)) {
        /* No JSON: a proxy's error page, say. Its words stay here, its status counts. */
        if (x->status >= 400)
            refuse_as_upstream(x);
        else
            next_target(x, HOP_BAD_ANSWER);
        return;
    }
    struct buf *out = &g->out;
    buf_clear(out);
    struct err e = put_whole_head(x, g->body.n, out);
    if (!failed(e))
        e = buf_put(out, buf_span(&g->body));
    x->committed = true;
    if (failed(e))
        client_close(x->client);
    else if (client_send_later(x->client, buf_span(out)))
        exchange_end(x);
}

/* --- both ------------------------------------------------------------------------------------ */

static bool plain_content(struct exchange *x, struct span piece)
{
    if (x->streaming)
        return stream_content(x, piece);
    struct gate *g = x->gate;
    exchange_hold(x, piece.n);
    bool room = g->buffered <= g->settings->limits.buffered_total;
    if (room && !failed(buf_put(&x->answer, piece)))
        return true;
    next_target(x, room ? HOP_BAD_ANSWER : HOP_NO_ROOM);
    return false;
}

bool relay_content(struct exchange *x, struct span piece)
{
    if (!x->unpack.state)
        return plain_content(x, piece);
    BUF_AUTO plain = buf_init(LLM_BODY_MAX);
    if (!failed(inflate_more(&x->unpack, piece, &plain)))
        return plain_content(x, buf_span(&plain));
    next_target(x, HOP_BAD_ANSWER);
    return false;
}

void relay_end(struct exchange *x, bool whole)
{
    if (x->step != STEP_RELAY)
        return;
    if (x->unpack.state && failed(inflate_end(&x->unpack)))
        whole = false;
    if (x->streaming)
        end_stream(x, whole);
    else if (whole)
        end_whole(x);
    else
        hop_failed(x, HOP_CUT);
}

bool relay_comment(struct exchange *x)
{
    struct buf *out = &x->gate->out;
    bool lines = llm_info(x->surface)->framing == LLM_NDJSON;
    buf_clear(out);
    return !lines && !failed(put_piece(x, SPAN_LIT(":\n\n"), out)) &&
           client_send(x->client, buf_span(out));
}

bool relay_ready(const struct exchange *x)
{
    return client_queued(x->client) < GATE_WRITE_HIGH;
}
