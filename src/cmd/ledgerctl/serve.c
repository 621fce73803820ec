/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum ledger serve`: the signed log over HTTP as C2SP tlog-tiles says, read-only, for log
 * tools on this machine: /checkpoint, /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>]. Nothing
 * beyond the checkpoint is given out, so what is given never changes and may be kept for ever.
 *
 *   [reading] ──a whole request──▶ [writing] ──all taken──▶ [reading]     8 s without progress, a
 *       └──────── malformed, end of input, deadline ────────▶ closed      broken request: closed
 */
#include "file.h"
#include "http.h"
#include "ledgerctl_int.h"
#include "loop.h"
#include "net.h"
#include "tile_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 64, REQUEST_MAX = 8192, ANSWER_HEAD = 512 };
#define DEADLINE_NS  UINT64_C(8000000000)
#define DEFAULT_ADDR "127.0.0.1:4046"

struct server;
struct client {
    struct server *server;
    struct loop_watch watch;
    struct loop_timer deadline;
    int fd; /* -1: free */
    bool last;
    size_t got, sent;
    struct http_request request;
    struct buf out;
    uint8_t in[REQUEST_MAX];
};

struct server {
    struct place place;
    struct loop *loop;
    struct loop_watch watch;
    int listener;
    struct client clients[CLIENTS];
};

/* --- answers ------------------------------------------------------------------------------- */

static struct err answer(struct client *c, unsigned status, const char *type, const char *caching,
                         struct span body)
{
    uint8_t head[ANSWER_HEAD];
    struct wr w = wr_of(head, sizeof head);
    bool without_body = c->request.method == HTTP_HEAD;
    http_write_status(&w, status);
    http_write_header(&w, SPAN_LIT("content-type"), span_str(type));
    http_write_header(&w, SPAN_LIT("cache-control"), span_str(caching));
    http_write_header(&w, SPAN_LIT("x-content-type-options"), SPAN_LIT("nosniff"));
    if (c->last)
        http_write_header(&w, SPAN_LIT("connection"), SPAN_LIT("close"));
    http_write_length(&w, body.n);
    http_write_end(&w);
    TRY(wr_done(&w));
    TRY(buf_put(&c->out, wr_span(&w)));
    return without_body ? OK : buf_put(&c->out, body);
}

static struct err refuse(struct client *c, unsigned status)
{
    BUF_AUTO text = buf_init(64);
    TRY(buf_printf(&text, "%u %s\n", status, http_reason(status)));
    return answer(c, status, "text/plain; charset=utf-8", "no-store", buf_span(&text));
}

static struct err read_checkpoint(const struct server *s, struct buf *note, uint64_t *size)
{
    BUF_AUTO name = buf_init(PLACE_PATH + 16);
    struct note n;
    struct checkpoint head;
    TRY(buf_printf(&name, "%s/checkpoint", s->place.dir));
    TRY(buf_put_u8(&name, 0));
    TRY(tile_dir_file((const char *)name.p, note));
    TRY(note_parse(buf_span(note), &n, NULL));
    TRY(checkpoint_parse(n.text, &head, NULL));
    *size = head.size;
    return OK;
}

/* A bundle may be read from a wider one: cut it to its width. */
static struct err cut_bundle(unsigned width, struct buf *bytes)
{
    struct rd r = rd_of(buf_span(bytes));
    struct span entry;
    while (width--)
        TRY(tile_bundle_next(&r, &entry));
    bytes->n = r.at;
    return OK;
}

/* Has the tree of `size` entries this tile, whole or a beginning of it? */
static bool is_covered(const struct tile *t, uint64_t size)
{
    uint64_t full = tile_full(size, t->level);
    return t->number < full || (t->number == full && t->width <= tile_partial(size, t->level));
}

static struct err answer_tile(struct client *c, const struct tile *t)
{
    uint64_t size;
    BUF_AUTO note = buf_init(NOTE_MAX);
    BUF_AUTO bytes = buf_init(TILE_BUNDLE_MAX);
    if (failed(read_checkpoint(c->server, &note, &size)) || !is_covered(t, size))
        return refuse(c, 404);
    struct tile_dir dir = tile_dir_of(c->server->place.dir, size);
    struct err e = tile_dir_read(&dir, t, &bytes);
    if (!failed(e) && t->level == TILE_ENTRIES)
        e = cut_bundle(t->width, &bytes);
    if (failed(e))
        return refuse(c, 500);
    return answer(c, 200, "application/octet-stream", "public, max-age=31536000, immutable",
                  buf_span(&bytes));
}

static struct err answer_checkpoint(struct client *c)
{
    uint64_t size;
    BUF_AUTO note = buf_init(NOTE_MAX);
    if (failed(read_checkpoint(c->server, &note, &size)))
        return refuse(c, 404);
    return answer(c, 200, "text/plain; charset=utf-8", "no-cache", buf_span(&note));
}

/* A page of a foreign site that points its own name at this address is not served. */
static bool host_is_ours(const struct http_head *h)
{
    struct net_addr a;
    struct span host = http_header(h, HTTP_HOST);
    if (span_is(host, "localhost") || span_starts(host, SPAN_LIT("localhost:")))
        return true;
    return (!failed(net_parse(host, &a)) || !failed(net_parse_ip(host, 0, &a))) &&
           net_is_loopback(&a);
}

static struct err respond(struct client *c)
{
    const struct http_request *r = &c->request;
    struct tile t;
    c->last = !r->head.keep_alive || r->head.framing != HTTP_NO_BODY;
    if (r->head.framing != HTTP_NO_BODY)
        return refuse(c, 400);
    if (!host_is_ours(&r->head))
        return refuse(c, 421);
    if (r->method != HTTP_GET && r->method != HTTP_HEAD)
        return refuse(c, 405);
    if (span_is(r->target, "/checkpoint"))
        return answer_checkpoint(c);
    if (failed(tile_parse(span_from(r->target, 1), &t, NULL)))
        return refuse(c, 404);
    return answer_tile(c, &t);
}

/* --- connections --------------------------------------------------------------------------- */

static void drop(struct client *c)
{
    loop_timer_stop(&c->deadline);
    loop_unwatch(&c->watch);
    net_close(&c->fd);
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

/* What was read, as a request; ERR_AGAIN when it is not whole. */
static struct err take_request(struct client *c)
{
    size_t used;
    struct err e = http_parse_request(span(c->in, c->got), &c->request, &used, NULL);
    if (err_cat(e) == ERR_AGAIN && c->got < sizeof c->in)
        return e;
    if (failed(e)) {
        c->last = true;
        return refuse(c, err_cat(e) == ERR_AGAIN ? 431 : c->request.head.refusal);
    }
    e = respond(c);
    memmove(c->in, c->in + used, c->got - used);
    c->got -= used;
    http_request_init(&c->request);
    return e;
}

/* Until the socket gives or takes no more. Any error ends the connection, ERR_AGAIN waits. */
static struct err go_on(struct client *c)
{
    for (;;) {
        TRY(send_out(c));
        struct err e = c->got ? take_request(c) : err(ERR_AGAIN);
        if (!failed(e))
            continue;
        if (err_cat(e) != ERR_AGAIN)
            return e;
        size_t n;
        TRY(net_read(c->fd, c->in + c->got, sizeof c->in - c->got, &n));
        c->got += n;
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
    for (size_t i = 0; i < CLIENTS; i++)
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
        *c = (struct client){.server = s, .fd = fd, .out = buf_init(TILE_BUNDLE_MAX + 4096)};
        http_request_init(&c->request);
        if (failed(put_off(c)) || failed(loop_watch(s->loop, &c->watch, fd, on_client)))
            drop(c);
    }
}

/* --- start --------------------------------------------------------------------------------- */

static struct err serve(struct server *s, const struct net_addr *at)
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

int run_serve(struct cmd_call *c)
{
    const char *listen = cmd_value(c, "listen");
    struct net_addr at;
    if (cmd_operands(c))
        return cmd_fail(c, EXIT_USAGE, "takes no operands");
    if (failed(net_parse(span_str(listen ? listen : DEFAULT_ADDR), &at)) || !net_is_loopback(&at))
        return cmd_fail(c, EXIT_USAGE, "--listen wants an address of this machine, 127.0.0.1:4046");
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return cmd_fail(c, EXIT_ERROR, "no memory");
    s->listener = -1;
    for (size_t i = 0; i < CLIENTS; i++)
        s->clients[i].fd = -1;
    int status = place_find(c, &s->place);
    if (status == EXIT_CLEAN) { /* serves until it is ended by a signal */
        struct err e = serve(s, &at);
        status = cmd_fail(c, EXIT_ERROR, "cannot serve: %s", cmd_err_text(e));
    }
    net_close(&s->listener);
    free(s);
    return status;
}
