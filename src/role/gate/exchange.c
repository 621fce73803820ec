/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a request and ending an exchange. Frequent: head and body arrive in one piece; the head
 * is judged in place and only what outlives it (access identity, forwarded headers, the body) is
 * kept.
 */
#include "exchange.h"

#include "auth.h"
#include "b64.h"
#include "clock.h"
#include "upstream.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPARE_MAX = 64,          /* ended exchanges kept for reuse */
    KEEP_MAX = 64 * 1024,    /* a buffer larger than this is not kept with them */
    HEADERS_MAX = 16 * 1024, /* request header lines that go upstream */
    MODEL_MAX = 1024,
    WAIT_MS = 5000, /* for an answer of vault, resolve or ledger */
};

/* A request id: 20 characters of Crockford base32, unique in this process's life, not guessable. */
static void name_it(struct exchange *x)
{
    struct gate *g = x->gate;
    struct wr w = wr_of(x->id, sizeof x->id - 1);
    wr_str(&w, "req_");
    base32_crockford(&w, g->id_random, 8);
    base32_crockford(&w, ++g->id_next, 8);
    x->id[w.n] = 0;
}

static struct exchange *take_spare(struct gate *g)
{
    struct exchange *x = g->spare;
    if (x) {
        g->spare = x->next;
        x->next = NULL;
        g->n_spare--;
        return x;
    }
    x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    if (failed(mask_session_new(MASK_SESSION_MAX, &x->map))) {
        free(x);
        return NULL;
    }
    x->headers = buf_init(HEADERS_MAX);
    x->query = buf_init(HTTP_TARGET_MAX);
    x->model = buf_init(MODEL_MAX);
    x->head = buf_init(HTTP_HEAD_MAX);
    return x;
}

struct exchange *exchange_new(struct client *c)
{
    struct gate *g = c->gate;
    struct exchange *x = take_spare(g);
    if (!x)
        return NULL;
    size_t body_max = g->settings->limits.request_body;
    x->gate = g;
    x->client = c;
    x->phase = EXCHANGE_HEAD;
    x->step = STEP_KEYS;
    x->body.max = body_max;
    x->out.max = 2 * body_max + HTTP_HEAD_MAX; /* tokens may be longer than what they stand for */
    x->answer.max = 2 * (size_t)LLM_BODY_MAX;
    x->hold.max = g->settings->limits.event;
    http_request_init(&x->req);
    name_it(x);
    return x;
}

static void shrink(struct buf *b)
{
    if (b->cap > KEEP_MAX)
        buf_wipe(b);
    else
        buf_clear(b);
}

/* At the end of the round: nobody holds x any more. What it held is wiped or overwritten soon. */
static void reap(struct loop_deferred *d)
{
    struct exchange *x = LOOP_OWNER(d, struct exchange, reap);
    struct gate *g = x->gate;
    mask_session_reset(x->map);
    struct buf *all[] = {&x->body, &x->headers, &x->query,  &x->model,
                         &x->out,  &x->head,    &x->answer, &x->hold};
    bool keep = g->n_spare < SPARE_MAX;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (keep)
            shrink(all[i]);
        else
            buf_wipe(all[i]);
    if (!keep) {
        mask_session_free(x->map);
        free(x);
        return;
    }
    size_t from = offsetof(struct exchange, gate);
    memset((char *)x + from, 0, offsetof(struct exchange, req) - from);
    x->next = g->spare;
    g->spare = x;
    g->n_spare++;
}

void exchange_wait(struct exchange *x, enum exchange_step step)
{
    struct gate *g = x->gate;
    x->step = step;
    if (x->wait_until_ns == 0)
        x->wait_until_ns = loop_now_ns(g->loop) + WAIT_MS * UINT64_C(1000000);
    client_wait_until(x->client, x->wait_until_ns);
    if (x->at)
        return;
    x->next = g->waiting;
    x->at = &g->waiting;
    if (x->next)
        x->next->at = &x->next;
    g->waiting = x;
}

void exchange_unwait(struct exchange *x)
{
    if (!x->at)
        return;
    client_no_wait(x->client);
    *x->at = x->next;
    if (x->next)
        x->next->at = x->at;
    x->next = NULL;
    x->at = NULL;
}

/* Leave upstream, waiting list and books; the memory goes at the end of the round. */
static void leave(struct exchange *x)
{
    exchange_unwait(x);
    if (x->up)
        upstream_cancel(x->up);
    if (x->restore)
        restore_close(x->restore);
    x->restore = NULL;
    inflate_free(&x->unpack);
    service_drop(x);
    hop_drop(x);
    if (x->opened)
        record_closed(x);
    x->gate->buffered -= x->counted;
    if (x->principal)
        x->principal->buffered -= x->counted;
    x->counted = 0;
    x->step = STEP_ENDED;
    x->client = NULL;
    if (x->gate->doc_of == x)
        x->gate->doc_of = NULL;
    loop_defer(x->gate->loop, &x->reap, reap);
}

void exchange_cancel(struct exchange *x)
{
    if (x->step == STEP_ENDED)
        return;
    x->status = 0; /* nobody got an answer */
    leave(x);
}

void exchange_end(struct exchange *x)
{
    if (x->step == STEP_ENDED)
        return;
    struct client *c = x->client;
    leave(x);
    client_done(c);
}

void exchange_too_slow(struct exchange *x)
{
    if (x->phase == EXCHANGE_BUSY && x->step == STEP_RECORD) {
        hop_unstored(x);
        return;
    }
    if (x->phase == EXCHANGE_BUSY) {
        refuse(x, 503, "not_ready", "a part of sanctum did not answer in time");
        return;
    }
    x->phase = EXCHANGE_BUSY;
    refuse(x, 408, "request_timeout", "the request did not arrive in time");
}

void exchange_cut(struct exchange *x)
{
    bool head = x->phase == EXCHANGE_HEAD;
    x->phase = EXCHANGE_BUSY;
    refuse(x, 400, "bad_request",
           head ? "the connection ended within the request's head"
                : "the connection ended before the request's body did");
}

bool exchange_ask(struct exchange *x)
{
    if (x->head_sent)
        return relay_comment(x);
    return !x->http10 && client_send(x->client, SPAN_LIT("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* --- the head -------------------------------------------------------------------------------- */

static void refuse_later(struct exchange *x, unsigned status, const char *code, const char *message)
{
    if (!x->refusal.status)
        x->refusal = (struct refusal){(uint16_t)status, code, message};
}

/* The surface asked, and whose words an answer takes. Needs the request line only. */
static bool name_surface(struct exchange *x)
{
    bool known = false;
    struct span method = x->head_only ? SPAN_LIT("GET") : x->req.method_text;
    x->surface = llm_route(method, x->req.path, &known);
    x->dialect =
        llm_caller_dialect(x->surface, x->req.path, http_has(&x->req.head, HTTP_ANTHROPIC_VERSION));
    return known;
}

/* The head is no HTTP we take: answer and close, for nobody knows where the next request begins. */
static void refuse_head(struct exchange *x, const char *why)
{
    name_surface(x);
    const char *code = x->req.head.refusal == 431   ? "header_too_large"
                       : x->req.head.refusal == 414 ? "target_too_long"
                                                    : "bad_request";
    x->client->last = x->client->unread = true;
    x->phase = EXCHANGE_BUSY;
    refuse(x, x->req.head.refusal ? x->req.head.refusal : 400, code, why);
}

/* Keep the header lines and query parameters that the dialect's table lets through. */
static struct err keep_forwarded(struct exchange *x)
{
    const struct http_head *h = &x->req.head;
    for (size_t i = 0; i < h->fields; i++) {
        struct span name = http_field_name(h, i);
        if (!llm_header_up(x->dialect, name))
            continue;
        TRY(buf_put(&x->headers, name));
        TRY(buf_puts(&x->headers, ": "));
        TRY(buf_put(&x->headers, http_field_value(h, i)));
        TRY(buf_puts(&x->headers, "\r\n"));
    }
    for (size_t at = 0; at < x->req.query.n;) {
        size_t end = span_find(x->req.query, at, '&');
        struct span pair = span_cut(x->req.query, at, end - at);
        if (llm_query_up(x->surface, span_cut(pair, 0, span_find(pair, 0, '=')))) {
            TRY(buf_puts(&x->query, x->query.n ? "&" : "?"));
            TRY(buf_put(&x->query, pair));
        }
        at = end + 1;
    }
    return OK;
}

/* May this key ask for what it asks? Health, readiness and the bare root are anybody's who has a
 * key. */
static bool in_scope(const struct exchange *x, bool service)
{
    uint32_t needed = service ? KEY_SCOPE_analyze : x->surface != LLM_NONE ? KEY_SCOPE_models : 0;
    return (x->who.scopes & needed) == needed;
}

/* The method of a path that takes another than was asked: each takes one, or GET and HEAD. */
static const char *method_of(struct exchange *x)
{
    struct http_request get = {.method = HTTP_GET, .path = x->req.path};
    struct span method = SPAN_LIT("GET");
    bool known;
    bool gets = llm_route(method, get.path, NULL) != LLM_NONE || local_knows(&get, &known) ||
                service_take(x, method, &known);
    return gets ? "GET, HEAD" : "POST";
}

/* Nothing of ours is asked for: a refusal, once the body is read. */
static void refuse_path(struct exchange *x, bool known)
{
    if (!known) {
        refuse_later(x, 404, "unknown_path",
                     "sanctum does not serve this path and proxies no unknown one");
        return;
    }
    x->allow = method_of(x);
    refuse_later(x, 405, "method_not_allowed", "this path takes another method");
}

/* Who asks, and for what. Sets a refusal that is given once the body is read. */
static void judge_head(struct exchange *x)
{
    struct gate *g = x->gate;
    const struct http_head *h = &x->req.head;
    x->head_only = x->req.method == HTTP_HEAD;
    x->http10 = h->minor == 0;
    struct wr w = wr_of(x->path, sizeof x->path - 1);
    wr_put(&w, span_cut(x->req.path, 0, sizeof x->path - 1));
    x->path[w.n] = 0;
    bool known = name_surface(x);
    if (x->client->crowd) {
        refuse_later(x, 503, "too_many_connections", "too many connections; try again");
        return;
    }
    bool ours = local_knows(&x->req, &known);
    if (ours && span_is(x->req.path, "/health"))
        return;
    if (failed(auth_check(g, &x->req, x->client->listener, &x->who))) {
        refuse_later(x, 401, "invalid_api_key",
                     "no valid access key: create one with `sanctum key create`");
        return;
    }
    x->principal = gate_principal(g, x->who.name);
    struct span method = x->head_only ? SPAN_LIT("GET") : x->req.method_text;
    bool service = x->surface == LLM_NONE && !known && service_take(x, method, &known);
    x->wants_body = service || (x->surface != LLM_NONE && span_is(method, "POST"));
    if (x->surface == LLM_NONE && !service && !ours)
        refuse_path(x, known);
    else if (!in_scope(x, service))
        refuse_later(x, 403, "scope_missing", "this access key may not be used for that");
    if (failed(keep_forwarded(x)))
        refuse_later(x, 431, "header_too_large", "the forwarded headers are too large");
    if (failed(inflate_parse(http_header(h, HTTP_CONTENT_ENCODING), &x->codings)))
        refuse_later(x, 415, "unsupported_encoding",
                     "content-encoding must be gzip, deflate, zstd or br");
}

void exchange_hold(struct exchange *x, size_t n)
{
    x->counted += n;
    x->gate->buffered += n;
    if (x->principal)
        x->principal->buffered += n;
}

/*
 * Is there room for n bytes more of a request's body? A principal may hold SHARE times what all of
 * them leave free (a dynamic threshold): three quarters when it is alone, less the more others
 * hold, and however many large bodies it sends there is room left for another's.
 */
static bool has_room(const struct exchange *x, uint64_t n)
{
    enum { SHARE = 3 };
    uint64_t limit = x->gate->settings->limits.buffered_total, held = x->gate->buffered;
    if (held > limit || n > limit - held)
        return false;
    return !x->principal || (x->principal->buffered + n) / SHARE <= limit - held - n;
}

/* Room for the body, and a word to a client that waits for one. */
static void expect_body(struct exchange *x)
{
    struct gate *g = x->gate;
    const struct http_head *h = &x->req.head;
    if (h->framing == HTTP_LENGTH && h->length > g->settings->limits.request_body)
        refuse_later(x, 413, "request_too_large", "the request body is over the limit");
    if (h->framing == HTTP_LENGTH && !has_room(x, h->length))
        refuse_later(x, 503, "overloaded", "too many bytes are being buffered; try again");
    if (x->refusal.status &&
        (x->req.expect_continue || x->refusal.status == 413 || x->client->crowd)) {
        x->client->last = true; /* the body is not read, so the connection cannot go on */
        x->client->unread = true;
        x->phase = EXCHANGE_BUSY;
        refuse(x, x->refusal.status, x->refusal.code, x->refusal.message);
        return;
    }
    if (x->req.expect_continue)
        client_send(x->client, SPAN_LIT("HTTP/1.1 100 Continue\r\n\r\n"));
    if (h->framing == HTTP_LENGTH && x->wants_body && !x->refusal.status &&
        failed(buf_reserve(&x->body, h->length)))
        refuse_later(x, 503, "overloaded", "no memory for the request");
}

size_t exchange_take_head(struct exchange *x, struct span in)
{
    size_t used;
    struct fault f = {0, "malformed request"};
    struct err e = http_parse_request(in, &x->req, &used, &f);
    if (err_cat(e) == ERR_AGAIN)
        return 0;
    if (failed(e)) {
        refuse_head(x, f.why);
        return in.n; /* what follows cannot be told apart */
    }
    if (!x->req.head.keep_alive)
        x->client->last = true;
    judge_head(x);
    x->phase = EXCHANGE_BODY;
    http_body_init(&x->framing, &x->req.head);
    expect_body(x);
    if (x->phase == EXCHANGE_BODY && x->client && http_body_done(&x->framing))
        exchange_take_body(x, SPAN_NONE);
    return used;
}

/* --- the body -------------------------------------------------------------------------------- */

static void keep_piece(struct exchange *x, struct span piece)
{
    if (x->refusal.status || !x->wants_body)
        return; /* read to its end, not kept */
    bool room = has_room(x, piece.n);
    exchange_hold(x, piece.n);
    if (!room)
        refuse_later(x, 503, "overloaded", "too many bytes are being buffered; try again");
    else if (failed(buf_put(&x->body, piece)))
        refuse_later(x, 413, "request_too_large", "the request body is over the limit");
    if (x->refusal.status == 413)
        x->client->last = x->client->unread = true;
}

size_t exchange_take_body(struct exchange *x, struct span in)
{
    size_t at = 0;
    while (!http_body_done(&x->framing)) {
        size_t used;
        struct span piece;
        struct fault f = {0, "malformed body framing"};
        struct err e = http_body_next(&x->framing, span_from(in, at), &used, &piece, &f);
        if (err_cat(e) == ERR_AGAIN)
            return at + used;
        if (failed(e)) {
            x->client->last = true;
            x->phase = EXCHANGE_BUSY;
            refuse(x, 400, "bad_request", f.why);
            return in.n;
        }
        at += used;
        if (piece.n)
            keep_piece(x, piece);
        if (x->refusal.status == 413)
            break;
    }
    x->phase = EXCHANGE_BUSY;
    x->started_ns = clock_mono_ns();
    client_no_wait(x->client); /* what follows has deadlines of its own */
    if (x->refusal.status)
        refuse(x, x->refusal.status, x->refusal.code, x->refusal.message);
    else
        hop_run(x);
    return x->client && x->client->last && x->refusal.status == 413 ? in.n : at;
}

void exchange_retry(struct exchange *x)
{
    if (x->step == STEP_KEYS)
        hop_begin(x);
    else if (x->step == STEP_RECORD)
        hop_stored(x);
    else if (x->step == STEP_PROBE)
        (void)local_answer(x);
}

void exchange_drained(struct exchange *x)
{
    if (x->up && x->step == STEP_RELAY)
        upstream_resume(x->up);
}
