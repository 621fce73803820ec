/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client connections. Frequent: one read brings a whole request, which is parsed where it lies (the
 * gate's scratch memory) and answered by one write. Only what is left over is copied to `in`.
 */
#include "client.h"

#include "exchange.h"
#include "gate_int.h"

#include <stdlib.h>

enum {
    LATER_MAX = 16 * 1024,   /* a larger answer is written from where it lies, not copied */
    AHEAD_MAX = 64 * 1024,   /* bytes of later requests kept while one is being answered */
    CROWD_MS = 2000,         /* for a client over the ceiling to say what it wants */
    LINGER_MS = 2000,        /* how long, */
    LINGER_BYTES = 64 << 20, /* and how much is read away after the last answer */
};

static void pump(struct client *c);
static bool busy(const struct client *c);
static void go_on(struct loop_deferred *d);
static void arm(struct client *c, uint64_t ms);

/* A closed client's memory goes at the end of the round: whoever is in the middle of a call for it
 * sees `dead`. */
static void unlink_client(struct client *c)
{
    struct gate *g = c->gate;
    if (c->prev)
        c->prev->next = c->next;
    else
        g->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    g->n_clients--;
    g->n_crowd -= c->crowd;
}

static void reap(struct loop_deferred *d)
{
    free(LOOP_OWNER(d, struct client, again));
}

void client_close(struct client *c)
{
    if (c->dead)
        return;
    c->dead = true;
    if (c->x)
        exchange_cancel(c->x);
    c->x = NULL;
    loop_timer_stop(&c->timer);
    conn_close(&c->conn);
    buf_wipe(&c->in);
    unlink_client(c);
    gate_client_gone(c->gate);
    loop_undefer(&c->later);
    loop_undefer(&c->again);
    loop_defer(c->gate->loop, &c->again, reap);
}

static void on_timeout(struct loop_timer *t)
{
    struct client *c = LOOP_OWNER(t, struct client, timer);
    c->last = true;
    if (conn_queued(&c->conn) && conn_queued(&c->conn) < c->queued_before) {
        c->queued_before = conn_queued(&c->conn); /* it reads, if slowly */
        arm(c, c->gate->settings->timeouts.idle);
        return;
    }
    if (!c->x || c->closing)
        client_close(c);
    else
        exchange_too_slow(c->x);
}

static void arm(struct client *c, uint64_t ms)
{
    uint64_t due = loop_now_ns(c->gate->loop) + ms * 1000000U;
    if (failed(loop_timer_set(c->gate->loop, &c->timer, due, on_timeout)))
        c->last = true;
}

/*
 * Everything is said. A client that is still sending would lose our last words to a reset if the
 * socket were closed over unread bytes (RFC 9112 §9.6): stop writing, read its bytes away for a
 * while.
 */
static void linger(struct client *c)
{
    if (c->ended || !c->unread) {
        client_close(c);
        return;
    }
    c->lingering = true;
    net_finish(c->conn.fd);
    arm(c, LINGER_MS);
    loop_defer(c->gate->loop, &c->again, go_on);
}

/* The queue is empty: close if that was all, else let a waiting relay go on. */
static void queue_out(struct client *c)
{
    if (c->closing)
        linger(c);
    else if (c->x)
        exchange_drained(c->x);
}

static void flush(struct client *c)
{
    if (conn_queued(&c->conn) == 0)
        return;
    struct err e = conn_flush(&c->conn);
    if (!failed(e))
        queue_out(c);
    else if (err_cat(e) != ERR_AGAIN)
        client_close(c);
}

static void flush_later(struct loop_deferred *d)
{
    flush(LOOP_OWNER(d, struct client, later));
}

static void on_io(struct loop_watch *w, unsigned ready)
{
    struct client *c = LOOP_OWNER(w, struct client, conn.watch);
    if (ready & LOOP_READ)
        c->conn.readable = true;
    if (ready & LOOP_END)
        c->conn.end_near = true;
    if (ready & LOOP_WRITE) {
        c->conn.writable = true;
        flush(c);
    }
    if (c->ended && !c->dead && failed(net_connected(c->conn.fd)))
        client_close(c); /* what was written met nobody */
    if (!c->dead)
        pump(c);
}

/* A flood must cost nothing, so what this client wants stays unread, but for what came already:
 * closing over unread bytes would reset the connection and lose the answer (RFC 9112 §9.6). */
static void turn_away(struct gate *g, int fd, bool plain)
{
#define CROWDED                                                                                    \
    "{\"error\":{\"message\":\"too many connections; try again\",\"type\":\"server_error\","       \
    "\"param\":null,\"code\":\"too_many_connections\"}}"
    _Static_assert(sizeof CROWDED - 1 == 120, "the content-length below");
    static const char words[] =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
        "content-type: application/json\r\ncontent-length: 120\r\n\r\n" CROWDED;
#undef CROWDED
    size_t n;
    if (plain) {
        struct err e = net_read(fd, g->scratch, GATE_SCRATCH, &n);
        (void)e; /* nothing came yet, or the client is gone: either way it gets the words */
        e = net_write(fd, span_str(words), &n);
        (void)e;
        net_finish(fd);
    }
    g->refused++;
    net_close(&fd);
}

void client_open(struct gate *g, int fd, uint32_t listener)
{
    struct tls_config *config = g->listeners[listener].tls;
    struct tls *tls = NULL;
    bool crowd = g->n_clients - g->n_crowd >= g->settings->limits.connections;
    struct client *c = crowd && g->n_crowd >= GATE_CROWD ? NULL : calloc(1, sizeof *c);
    if (c && config && failed(tls_server(&tls, config, fd))) {
        free(c);
        c = NULL;
    }
    if (!c) {
        turn_away(g, fd, config == NULL);
        return;
    }
    conn_open(&c->conn, fd, tls);
    c->gate = g;
    c->listener = listener;
    c->crowd = crowd;
    g->n_crowd += crowd;
    c->in = buf_init(HTTP_HEAD_MAX + AHEAD_MAX + GATE_SCRATCH);
    c->next = g->clients;
    if (c->next)
        c->next->prev = c;
    g->clients = c;
    g->n_clients++;
    arm(c, crowd ? CROWD_MS : g->settings->timeouts.header);
    if (failed(loop_watch(g->loop, &c->conn.watch, fd, on_io)))
        client_close(c);
}

bool client_send(struct client *c, struct span s)
{
    if (c->dead)
        return false;
    if (!failed(conn_write(&c->conn, s)))
        return true;
    client_close(c);
    return false;
}

bool client_send_later(struct client *c, struct span s)
{
    if (c->dead || s.n > LATER_MAX)
        return client_send(c, s);
    if (failed(buf_put(&c->conn.out, s))) {
        client_close(c);
        return false;
    }
    loop_defer(c->gate->loop, &c->later, flush_later);
    return true;
}

void client_wait(struct client *c, uint64_t ms)
{
    arm(c, ms);
}

void client_wait_until(struct client *c, uint64_t due_ns)
{
    if (failed(loop_timer_set(c->gate->loop, &c->timer, due_ns, on_timeout)))
        c->last = true;
}

void client_no_wait(struct client *c)
{
    loop_timer_stop(&c->timer);
}

size_t client_queued(const struct client *c)
{
    return conn_queued(&c->conn);
}

/* Feed `data` to requests, one after the other, as far as they take it. Returns the bytes consumed.
 */
static size_t feed(struct client *c, struct span data)
{
    size_t at = 0;
    while (at < data.n && !c->dead && !c->closing) {
        if (!c->x) {
            c->x = exchange_new(c);
            if (!c->x) {
                client_close(c); /* no memory: close without a word */
                break;
            }
            if (!c->crowd)
                arm(c, c->gate->settings->timeouts.header);
        }
        size_t used = 0;
        enum exchange_phase phase = exchange_phase(c->x);
        if (phase == EXCHANGE_BUSY)
            break;
        if (phase == EXCHANGE_HEAD)
            used = exchange_take_head(c->x, span_from(data, at));
        else
            used = exchange_take_body(c->x, span_from(data, at));
        at += used;
        if (used == 0)
            break;
        if (!c->dead && c->x && phase == EXCHANGE_HEAD && exchange_phase(c->x) == EXCHANGE_BODY)
            arm(c, c->gate->settings->timeouts.body); /* for the body as a whole */
    }
    return at;
}

/* Bytes came (or waited): consume what can be consumed, keep the rest. */
static void consume(struct client *c, struct span fresh)
{
    struct err e = OK;
    if (c->in.n == 0) {
        size_t used = feed(c, fresh);
        if (!c->dead)
            e = buf_put(&c->in, span_from(fresh, used));
    } else {
        e = buf_put(&c->in, fresh);
        if (!failed(e)) {
            size_t used = feed(c, buf_span(&c->in));
            if (!c->dead)
                buf_drop(&c->in, used);
        }
        if (c->in.n == 0)
            buf_free(&c->in);
    }
    if (failed(e))
        client_close(c);
}

static bool busy(const struct client *c)
{
    return c->x && exchange_phase(c->x) == EXCHANGE_BUSY;
}

/*
 * The client ended its side. Most have gone, and what is being done for them must stop costing;
 * some only said that no request follows and wait for the answer (a half-closed connection). To the
 * kernel both look the same until something is written, which one that has gone answers with a
 * reset: so one is sent what no client minds, and where there is nothing of the kind it has gone.
 */
static void settle_end(struct client *c)
{
    if (c->dead || c->closing || (!c->x && c->in.n)) /* go_on comes yet */
        return;
    c->last = c->last || !busy(c) || c->in.n == 0;
    if (busy(c)) {
        if (c->conn.tls || !exchange_ask(c->x))
            client_close(c);
    } else if (c->x) {
        exchange_cut(c->x);
    } else if (conn_queued(&c->conn)) {
        c->closing = true;
        arm(c, c->gate->settings->timeouts.body);
    } else if (c->in.n == 0) {
        client_close(c);
    }
}

/* Read and forget, up to a bound. */
static void discard(struct client *c)
{
    size_t n;
    while (!c->dead && c->discarded < LINGER_BYTES) {
        struct err e = conn_read(&c->conn, c->gate->scratch, GATE_SCRATCH, &n);
        if (err_cat(e) == ERR_AGAIN)
            return;
        if (failed(e))
            break;
        c->discarded += n;
    }
    client_close(c);
}

static void pump(struct client *c)
{
    struct gate *g = c->gate;
    if (c->lingering) {
        discard(c);
        return;
    }
    while (!c->dead && !c->closing && !c->ended && (!busy(c) || c->in.n < AHEAD_MAX)) {
        size_t n;
        struct err e = conn_read(&c->conn, g->scratch, GATE_SCRATCH, &n);
        if (err_cat(e) == ERR_AGAIN)
            return;
        c->ended = err_cat(e) == ERR_CLOSED;
        if (c->ended)
            settle_end(c);
        else if (failed(e))
            client_close(c);
        if (failed(e))
            return;
        consume(c, span(g->scratch, n));
        if (busy(c)) /* while a request is incomplete its sender is listened to until the end */
            conn_drained(&c->conn, n, GATE_SCRATCH);
    }
}

static void go_on(struct loop_deferred *d)
{
    struct client *c = LOOP_OWNER(d, struct client, again);
    if (c->in.n && !c->lingering)
        consume(c, SPAN_NONE);
    if (c->ended && !c->lingering)
        settle_end(c);
    pump(c);
}

void client_done(struct client *c)
{
    c->x = NULL;
    if (c->dead)
        return;
    if (!c->last && !c->gate->draining) {
        c->queued_before = conn_queued(&c->conn) + 1;
        arm(c, c->gate->settings->timeouts.idle);
        if (c->in.n || c->conn.readable)
            loop_defer(c->gate->loop, &c->again, go_on);
        return;
    }
    c->closing = true;
    arm(c, c->gate->settings->timeouts.body);
    if (conn_queued(&c->conn) == 0)
        linger(c);
}
