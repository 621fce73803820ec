/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of a command that serves. Their number and their bytes are limited; a client that
 * stands still is closed. */
#include "webserve.h"

#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_HEAD = 512 };
#define DEADLINE_NS UINT64_C(8000000000)

struct server;
struct client {
    struct server *server;
    struct loop_watch watch;
    struct loop_timer deadline;
    int fd; /* -1: free */
    bool last;
    size_t sent;
    struct http_request request;
    struct buf in, out;
};

struct server {
    web_fn *fn;
    void *self;
    size_t body_max;
    struct loop *loop;
    struct loop_watch watch;
    int listener;
    struct client clients[WEB_CLIENTS];
};

/* --- answers ------------------------------------------------------------------------------- */

void web_refuse(struct web_answer *a, unsigned status)
{
    a->status = status;
    a->type = "text/plain; charset=utf-8";
    a->caching = "no-store";
    buf_clear(&a->body);
    struct err e = buf_printf(&a->body, "%u %s\n", status, http_reason(status));
    (void)e; /* without its text the answer is as clear */
}

static struct err put_answer(struct client *c, const struct web_answer *a)
{
    uint8_t head[ANSWER_HEAD];
    struct wr w = wr_of(head, sizeof head);
    bool without_body = c->request.method == HTTP_HEAD;
    http_write_status(&w, a->status);
    http_write_header(&w, SPAN_LIT("content-type"), span_str(a->type));
    http_write_header(&w, SPAN_LIT("cache-control"), span_str(a->caching));
    http_write_header(&w, SPAN_LIT("x-content-type-options"), SPAN_LIT("nosniff"));
    if (c->last)
        http_write_header(&w, SPAN_LIT("connection"), SPAN_LIT("close"));
    http_write_length(&w, a->body.n);
    http_write_end(&w);
    TRY(wr_done(&w));
    TRY(buf_put(&c->out, wr_span(&w)));
    return without_body ? OK : buf_put(&c->out, buf_span(&a->body));
}

static struct web_answer new_answer(void)
{
    return (struct web_answer){.status = 200,
                               .type = "text/plain; charset=utf-8",
                               .caching = "no-store",
                               .body = buf_init(WEB_ANSWER_MAX)};
}

static struct err refuse(struct client *c, unsigned status)
{
    struct web_answer a = new_answer();
    c->last = true;
    web_refuse(&a, status);
    struct err e = put_answer(c, &a);
    buf_free(&a.body);
    return e;
}

static bool host_is_ours(const struct http_head *h)
{
    struct net_addr a;
    struct span host = http_header(h, HTTP_HOST);
    if (span_is(host, "localhost") || span_starts(host, SPAN_LIT("localhost:")))
        return true;
    return (!failed(net_parse(host, &a)) || !failed(net_parse_ip(host, 0, &a))) &&
           net_is_loopback(&a);
}

static struct err respond(struct client *c, struct span body)
{
    const struct http_request *r = &c->request;
    struct web_request ask = {
        .method = r->method == HTTP_HEAD ? HTTP_GET : r->method, .target = r->target, .body = body};
    struct web_answer a = new_answer();
    if (host_is_ours(&r->head))
        c->server->fn(c->server->self, &ask, &a);
    else
        web_refuse(&a, 421);
    struct err e = put_answer(c, &a);
    buf_free(&a.body);
    return e;
}

/* --- connections --------------------------------------------------------------------------- */

static void drop(struct client *c)
{
    loop_timer_stop(&c->deadline);
    loop_unwatch(&c->watch);
    net_close(&c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
}

static void on_deadline(struct loop_timer *t)
{
    drop(LOOP_OWNER(t, struct client, deadline));
}

static struct err put_off(struct client *c)
{
    struct loop *l = c->server->loop;
    return loop_timer_set(l, &c->deadline, loop_now_ns(l) + DEADLINE_NS, on_deadline);
}

static struct err send_out(struct client *c)
{
    while (c->sent < c->out.n) {
        size_t n;
        TRY(net_write(c->fd, span_from(buf_span(&c->out), c->sent), &n));
        c->sent += n;
        TRY(put_off(c));
    }
    c->sent = 0;
    buf_clear(&c->out);
    return c->last ? err(ERR_CLOSED) : OK;
}

/* Bytes of the body; more than may be: refused. */
static struct err body_length(struct client *c, size_t *n)
{
    const struct http_head *h = &c->request.head;
    *n = 0;
    if (h->framing == HTTP_NO_BODY)
        return OK;
    bool taken = h->framing == HTTP_LENGTH && c->server->body_max && !c->request.expect_continue;
    if (taken && h->length <= c->server->body_max) {
        *n = (size_t)h->length;
        return OK;
    }
    TRY(refuse(c, taken ? 413 : 400));
    return err(ERR_LIMIT);
}

/* What was read, as a request; ERR_AGAIN when it is not whole. */
static struct err take_request(struct client *c)
{
    size_t head, body;
    struct span in = buf_span(&c->in);
    struct err e = http_parse_request(in, &c->request, &head, NULL);
    if (err_cat(e) == ERR_AGAIN && c->in.n < WEB_HEAD_MAX)
        return e;
    if (failed(e) || head > WEB_HEAD_MAX)
        return refuse(c, !failed(e) || err_cat(e) == ERR_AGAIN ? 431 : c->request.head.refusal);
    if (failed(body_length(c, &body)))
        return OK; /* refused */
    if (in.n - head < body) {
        http_request_init(&c->request); /* read anew with the next bytes, which may move it */
        return err(ERR_AGAIN);
    }
    c->last = !c->request.head.keep_alive;
    e = respond(c, span_cut(in, head, body));
    memmove(c->in.p, c->in.p + head + body, c->in.n - head - body);
    c->in.n -= head + body;
    http_request_init(&c->request);
    return e;
}

static struct err read_more(struct client *c)
{
    size_t n;
    TRY(buf_reserve(&c->in, WEB_HEAD_MAX));
    TRY(net_read(c->fd, c->in.p + c->in.n, WEB_HEAD_MAX, &n));
    c->in.n += n;
    return OK;
}

/* Until the socket gives or takes no more. Any error ends the connection, ERR_AGAIN waits. */
static struct err go_on(struct client *c)
{
    for (;;) {
        TRY(send_out(c));
        struct err e = c->in.n ? take_request(c) : err(ERR_AGAIN);
        if (!failed(e))
            continue;
        if (err_cat(e) != ERR_AGAIN)
            return e;
        TRY(read_more(c));
    }
}

static void on_client(struct loop_watch *w, unsigned ready)
{
    struct client *c = LOOP_OWNER(w, struct client, watch);
    (void)ready;
    struct err e = go_on(c);
    if (err_cat(e) != ERR_AGAIN)
        drop(c);
}

static struct client *free_client(struct server *s)
{
    for (size_t i = 0; i < WEB_CLIENTS; i++)
        if (s->clients[i].fd < 0)
            return &s->clients[i];
    return NULL;
}

static void on_listener(struct loop_watch *w, unsigned ready)
{
    struct server *s = LOOP_OWNER(w, struct server, watch);
    struct net_addr peer;
    int fd;
    (void)ready;
    while (!failed(net_accept(s->listener, &fd, &peer))) {
        struct client *c = free_client(s);
        if (!c) {
            net_close(&fd);
            continue;
        }
        *c = (struct client){.server = s,
                             .fd = fd,
                             .in = buf_init(2 * WEB_HEAD_MAX + s->body_max),
                             .out = buf_init(WEB_ANSWER_MAX + ANSWER_HEAD)};
        http_request_init(&c->request);
        if (failed(put_off(c)) || failed(loop_watch(s->loop, &c->watch, fd, on_client)))
            drop(c);
    }
}

/* --- start --------------------------------------------------------------------------------- */

static struct err run(struct server *s, const struct net_addr *at)
{
    char text[NET_TEXT_MAX];
    struct net_addr bound;
    TRY(loop_new(&s->loop));
    TRY(net_listen(at, false, &s->listener));
    TRY(net_local(s->listener, &bound));
    TRY(loop_watch_level(s->loop, &s->watch, s->listener, on_listener));
    printf("serving http://%s/\n", net_format(&bound, text));
    fflush(stdout);
    return loop_run(s->loop);
}

struct err web_serve(const struct net_addr *at, size_t body_max, web_fn *fn, void *self)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return err(ERR_NOMEM);
    s->fn = fn;
    s->self = self;
    s->body_max = body_max;
    s->listener = -1;
    for (size_t i = 0; i < WEB_CLIENTS; i++)
        s->clients[i].fd = -1;
    struct err e = net_is_loopback(at) ? run(s, at) : err(ERR_INPUT);
    net_close(&s->listener);
    free(s);
    return e;
}
