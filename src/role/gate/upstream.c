/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provider connections. Frequent: a pooled connection, one write, one read that holds the whole
 * answer, back to the pool: no allocation, two system calls.
 */
#include "upstream.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD_MEMORY = HTTP_HEAD_MAX + GATE_SCRATCH };
#define CONNECT_STEP_MS 300

enum upstream_state { UP_CONNECT, UP_SHAKE, UP_SEND, UP_AWAIT, UP_BODY, UP_IDLE, UP_CLOSED };

struct upstream {
    struct conn conn;
    struct gate *gate;
    struct gate_provider *provider;
    struct exchange *x; /* NULL: idle or closed */
    enum upstream_state state;
    struct upstream *next; /* in provider.idle */
    struct loop_timer timer;
    struct loop_deferred later; /* read on, or free */
    struct http_response resp;
    struct http_body body;
    struct buf in;              /* a head that is incomplete */
    char who[KEY_NAME_MAX + 1]; /* whose requests it carries: never another principal's */
    size_t address;             /* which one is being tried */
    uint64_t deadline_ns;       /* of the present state */
    bool reused, answered;      /* came from the pool; a byte of the answer has come */
};

static void on_io(struct loop_watch *w, unsigned ready);
static void pump(struct upstream *u);
static void dial(struct upstream *u);

static void reap(struct loop_deferred *d)
{
    free(LOOP_OWNER(d, struct upstream, later));
}

static void shut(struct upstream *u)
{
    if (u->state == UP_CLOSED)
        return;
    u->state = UP_CLOSED;
    if (u->x)
        u->x->up = NULL;
    u->x = NULL;
    loop_timer_stop(&u->timer);
    conn_close(&u->conn);
    buf_wipe(&u->in);
    loop_undefer(&u->later);
    loop_defer(u->gate->loop, &u->later, reap);
}

static void fail(struct upstream *u, enum hop_cause cause)
{
    struct exchange *x = u->x;
    shut(u);
    if (x)
        hop_failed(x, cause);
}

static void leave_pool(struct upstream *u)
{
    struct upstream **at = &u->provider->idle;
    while (*at && *at != u)
        at = &(*at)->next;
    if (*at) {
        *at = u->next;
        u->provider->n_idle--;
    }
}

/* --- deadlines ------------------------------------------------------------------------------- */

static void set_deadline(struct upstream *u, uint64_t ms);

static void on_timeout(struct loop_timer *t)
{
    struct upstream *u = LOOP_OWNER(t, struct upstream, timer);
    uint64_t now = loop_now_ns(u->gate->loop);
    if (u->state == UP_IDLE) {
        leave_pool(u);
        shut(u);
    } else if (u->state == UP_BODY && !relay_ready(u->x) && now < u->x->total_ns) {
        set_deadline(u, u->provider->s->timeouts.between_events); /* it waits for the client */
    } else if (u->state == UP_CONNECT && now < u->deadline_ns) {
        u->address++;
        dial(u);
    } else {
        fail(u, u->state <= UP_SEND    ? HOP_NO_CONNECTION
                : u->state == UP_AWAIT ? HOP_NO_ANSWER
                                       : HOP_SILENT);
    }
}

static void wake_at(struct upstream *u, uint64_t due)
{
    if (u->x && u->x->total_ns < due)
        due = u->x->total_ns;
    if (failed(loop_timer_set(u->gate->loop, &u->timer, due, on_timeout)))
        u->deadline_ns = 0; /* without timers the next event ends it */
}

static void set_deadline(struct upstream *u, uint64_t ms)
{
    u->deadline_ns = loop_now_ns(u->gate->loop) + ms * 1000000U;
    wake_at(u, u->deadline_ns);
}

/* --- connecting ------------------------------------------------------------------------------ */

static struct err adopt(struct upstream *u, int fd)
{
    struct tls *tls = NULL;
    const struct settings_provider *s = u->provider->s;
    if (s->tls) {
        struct err e = tls_client(&tls, u->gate->upstream_tls, fd, s->host);
        if (failed(e)) {
            net_close(&fd);
            return e;
        }
    }
    conn_open(&u->conn, fd, tls);
    return loop_watch(u->gate->loop, &u->conn.watch, fd, on_io);
}

/* Try addresses from u->address on until one begins to connect. */
static void dial(struct upstream *u)
{
    struct gate_provider *p = u->provider;
    conn_close(&u->conn);
    for (; u->address < p->n_address; u->address++) {
        int fd;
        struct err e = net_connect(&p->address[u->address], &fd);
        if (failed(e) && err_cat(e) != ERR_AGAIN)
            continue;
        bool pending = failed(e);
        if (failed(adopt(u, fd))) {
            conn_close(&u->conn);
            continue;
        }
        u->state = pending ? UP_CONNECT : p->s->tls ? UP_SHAKE : UP_SEND;
        if (pending)
            u->conn.readable = u->conn.writable = false;
        if (pending && u->address + 1 < p->n_address) {
            uint64_t step = loop_now_ns(u->gate->loop) + CONNECT_STEP_MS * 1000000U;
            wake_at(u, step < u->deadline_ns ? step : u->deadline_ns);
        } else {
            wake_at(u, u->deadline_ns);
        }
        return;
    }
    fail(u, HOP_NO_CONNECTION);
}

/* Said once until it works again, since every request meets it. */
static void tell_untrusted(struct upstream *u, struct err e)
{
    struct gate_provider *p = u->provider;
    if (!p->tls_told)
        log_line(LOG_LEVEL_ERROR, "no TLS with a provider", LOG_SPAN("provider", p->s->name),
                 LOG_STR("why", tls_reason(u->conn.tls)), LOG_ERR("error", e));
    p->tls_told = true;
}

/* The connection stands when TLS does, within the same deadline. */
static void shake(struct upstream *u)
{
    struct err e = conn_handshake(&u->conn);
    if (err_cat(e) == ERR_AGAIN)
        return;
    if (failed(e)) {
        tell_untrusted(u, e);
        fail(u, err_cat(e) == ERR_DENIED ? HOP_UNTRUSTED : HOP_NO_CONNECTION);
        return;
    }
    u->provider->tls_told = false;
    u->state = UP_SEND;
}

static void connected(struct upstream *u)
{
    struct err e = net_connected(u->conn.fd);
    if (err_cat(e) == ERR_AGAIN)
        return;
    if (failed(e)) {
        u->address++;
        dial(u);
        return;
    }
    u->state = u->conn.tls ? UP_SHAKE : UP_SEND;
    wake_at(u, u->deadline_ns);
}

static void ended(struct upstream *u, struct err e);

/* The request could not be written. A pooled connection may have been closed meanwhile: then it is
 * sent on a fresh one. */
static void unsent(struct upstream *u, struct err e, enum hop_cause cause)
{
    if (u->reused)
        ended(u, e);
    else
        fail(u, cause);
}

/* --- sending --------------------------------------------------------------------------------- */

static void send_request(struct upstream *u)
{
    struct err e =
        conn_queued(&u->conn) ? conn_flush(&u->conn) : conn_write(&u->conn, buf_span(&u->x->out));
    u->state = UP_AWAIT;
    set_deadline(u, u->provider->s->timeouts.first_byte);
    if (failed(e) && err_cat(e) != ERR_AGAIN)
        unsent(u, e, HOP_NO_CONNECTION);
}

/*
 * The requests of a round leave together at its end: the first wakes the provider's side, the
 * others find it awake. On one machine a wake-up costs as much as all else that a write does.
 */
static void send_now(struct loop_deferred *d)
{
    struct upstream *u = LOOP_OWNER(d, struct upstream, later);
    if (u->state == UP_SEND)
        send_request(u);
}

static void send_soon(struct upstream *u)
{
    u->state = UP_SEND;
    set_deadline(u, u->provider->s->timeouts.first_byte);
    loop_defer(u->gate->loop, &u->later, send_now);
}

static struct upstream *fresh(struct gate *g, struct gate_provider *p, struct exchange *x)
{
    struct upstream *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->gate = g;
    u->provider = p;
    u->x = x;
    u->conn.fd = -1;
    memcpy(u->who, x->who.name, sizeof u->who);
    u->in = buf_init(HEAD_MEMORY);
    x->up = u;
    return u;
}

static void begin_fresh(struct gate *g, struct gate_provider *p, struct exchange *x)
{
    struct upstream *u = fresh(g, p, x);
    if (!u) {
        hop_failed(x, HOP_NO_CONNECTION);
        return;
    }
    http_response_init(&u->resp, x->req.method == HTTP_HEAD ? HTTP_GET : x->req.method);
    u->deadline_ns = loop_now_ns(g->loop) + p->s->timeouts.connect * 1000000U;
    dial(u);
    /* Only written here, never read: the caller may still stand in the gate's scratch memory. */
    if (u->state == UP_SEND)
        send_request(u);
}

/* The connection last used by this principal, taken out of the pool. */
static struct upstream *take_idle(struct gate_provider *p, const char *who)
{
    struct upstream *u = p->idle;
    while (u && strcmp(u->who, who) != 0)
        u = u->next;
    if (u)
        leave_pool(u);
    return u;
}

void upstream_send(struct exchange *x, struct gate_provider *p)
{
    struct gate *g = x->gate;
    struct upstream *u = take_idle(p, x->who.name);
    if (!u) {
        begin_fresh(g, p, x);
        return;
    }
    u->x = x;
    x->up = u;
    u->reused = true;
    u->answered = false;
    http_response_init(&u->resp, x->req.method == HTTP_HEAD ? HTTP_GET : x->req.method);
    send_soon(u);
}

void upstream_cancel(struct upstream *u)
{
    shut(u);
}

/* --- the answer ------------------------------------------------------------------------------ */

static void drop_oldest(struct gate_provider *p)
{
    struct upstream *u = p->idle;
    while (u && u->next)
        u = u->next;
    if (u) {
        leave_pool(u);
        shut(u);
    }
}

/* The answer is complete: keep the connection or not, then tell the exchange. */
static void finish(struct upstream *u, bool leftover)
{
    struct exchange *x = u->x;
    struct gate_provider *p = u->provider;
    bool keep = u->resp.head.keep_alive && u->body.framing != HTTP_UNTIL_CLOSE && !leftover &&
                conn_queued(&u->conn) == 0 && p->s->pool > 0 && !u->gate->draining;
    if (keep) {
        if (p->n_idle >= p->s->pool)
            drop_oldest(p);
        u->x = NULL;
        x->up = NULL;
        u->state = UP_IDLE;
        buf_wipe(&u->in);
        u->next = p->idle;
        p->idle = u;
        p->n_idle++;
        set_deadline(u, p->s->timeouts.idle);
    } else {
        shut(u);
    }
    relay_end(x, true);
}

/* Content that follows the head. */
static void take_body(struct upstream *u, struct span in)
{
    size_t at = 0;
    while (u->state == UP_BODY && !http_body_done(&u->body)) {
        size_t used;
        struct span piece;
        struct err e = http_body_next(&u->body, span_from(in, at), &used, &piece, NULL);
        at += used;
        if (err_cat(e) == ERR_AGAIN)
            break;
        if (failed(e)) {
            fail(u, HOP_CUT);
            return;
        }
        if (piece.n && !relay_content(u->x, piece)) {
            shut(u);
            return;
        }
    }
    if (u->state == UP_BODY && http_body_done(&u->body))
        finish(u, at < in.n);
}

/* Bytes while the head is awaited; `in` is everything received of the answer so far. */
static void take_head(struct upstream *u, struct span in, bool kept)
{
    size_t used;
    struct err e = http_parse_response(in, &u->resp, &used, NULL);
    while (!failed(e) && u->resp.status < 200) { /* interim answers are dropped */
        in = span_from(in, used);
        http_response_init(&u->resp, u->resp.asked);
        e = http_parse_response(in, &u->resp, &used, NULL);
        if (err_cat(e) == ERR_AGAIN && kept)
            buf_drop(&u->in, u->in.n - in.n);
    }
    if (err_cat(e) == ERR_AGAIN) {
        if (!kept && failed(buf_put(&u->in, in)))
            fail(u, HOP_BAD_ANSWER);
        return;
    }
    if (failed(e)) {
        fail(u, HOP_BAD_ANSWER);
        return;
    }
    u->state = UP_BODY;
    http_body_init(&u->body, &u->resp.head);
    if (!relay_head(u->x, u->resp.status, http_header(&u->resp.head, HTTP_CONTENT_TYPE),
                    &u->resp.head)) {
        shut(u);
        return;
    }
    take_body(u, span_from(in, used));
    if (u->state != UP_CLOSED)
        buf_free(&u->in);
}

static void take(struct upstream *u, struct span in)
{
    u->answered = true;
    if (u->state == UP_BODY)
        take_body(u, in);
    else if (u->in.n == 0)
        take_head(u, in, false);
    else if (failed(buf_put(&u->in, in)))
        fail(u, HOP_BAD_ANSWER);
    else
        take_head(u, buf_span(&u->in), true);
}

/* The provider ended the connection, or it broke. */
static void ended(struct upstream *u, struct err e)
{
    struct exchange *x = u->x;
    if (u->state == UP_AWAIT && u->reused && !u->answered) {
        struct gate_provider *p = u->provider;
        shut(u);
        begin_fresh(x->gate, p, x);
    } else if (u->state == UP_BODY && err_cat(e) == ERR_CLOSED &&
               !failed(http_body_eof(&u->body))) {
        finish(u, false);
    } else {
        fail(u, HOP_CUT);
    }
}

static void read_answer(struct upstream *u)
{
    struct gate *g = u->gate;
    while ((u->state == UP_AWAIT || u->state == UP_BODY) && relay_ready(u->x)) {
        size_t n;
        struct err e = conn_read(&u->conn, g->scratch, GATE_SCRATCH, &n);
        if (err_cat(e) == ERR_AGAIN)
            break;
        if (failed(e)) {
            ended(u, e);
            return;
        }
        take(u, span(g->scratch, n));
        if (u->state == UP_BODY) {
            set_deadline(u, u->provider->s->timeouts.between_events);
            relay_flush(u->x);
        }
    }
}

static void pump(struct upstream *u)
{
    if (u->state == UP_CONNECT && u->conn.writable)
        connected(u);
    if (u->state == UP_SHAKE)
        shake(u);
    if (u->state == UP_SEND)
        send_request(u);
    else if (u->state == UP_AWAIT && conn_queued(&u->conn) && u->conn.writable) {
        struct err e = conn_flush(&u->conn);
        if (failed(e) && err_cat(e) != ERR_AGAIN) {
            unsent(u, e, HOP_NO_ANSWER);
            return;
        }
    }
    read_answer(u);
}

static void on_io(struct loop_watch *w, unsigned ready)
{
    struct upstream *u = LOOP_OWNER(w, struct upstream, conn.watch);
    if (ready & LOOP_READ)
        u->conn.readable = true;
    if (ready & LOOP_WRITE)
        u->conn.writable = true;
    if (u->state == UP_IDLE) {
        if (ready & LOOP_READ) { /* an idle provider that speaks or closes is of no use */
            leave_pool(u);
            shut(u);
        }
        return;
    }
    pump(u);
}

static void read_on(struct loop_deferred *d)
{
    pump(LOOP_OWNER(d, struct upstream, later));
}

void upstream_resume(struct upstream *u)
{
    loop_defer(u->gate->loop, &u->later, read_on);
}

void upstream_drop_idle(struct gate_provider *p)
{
    while (p->idle) {
        struct upstream *u = p->idle;
        p->idle = u->next;
        p->n_idle--;
        shut(u);
    }
}
