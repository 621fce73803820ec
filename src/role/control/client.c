/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to the control socket: the same user or root, at most CLIENTS_MAX, one question at a
 * time, every wait with a deadline.
 *
 *   accept ─▶ [reading] ── line ─▶ ask_line ─▶ [waiting] ── client_answer ─▶ [writing] ─▶ [reading]
 *                 └── end, error, deadline ─▶ drop
 */
#include "control_int.h"
#include "json_put.h"
#include "log.h"
#include "net.h"
#include "proc.h"

enum { MS = 1000000 };

static void on_next(struct loop_deferred *d);

static void drop(struct client *k)
{
    loop_unwatch(&k->watch);
    loop_timer_stop(&k->timer);
    loop_undefer(&k->next);
    net_close(&k->fd);
    buf_free(&k->out);
    for (size_t i = 0; i < 4; i++)
        buf_free(&k->status[i]);
    k->waiting = WAIT_NOTHING;
    k->in_n = k->out_at = 0;
}

void client_close_all(struct control *c)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (c->clients[i].fd >= 0)
            drop(&c->clients[i]);
}

static void on_deadline(struct loop_timer *t)
{
    struct client *k = LOOP_OWNER(t, struct client, timer);
    if (k->waiting == WAIT_STATUS)
        answer_status(k); /* with what there is: a role that does not answer is shown as such */
    else
        drop(k);
}

static bool set_deadline(struct client *k)
{
    struct loop *l = role_loop(k->control->role);
    return !failed(
        loop_timer_set(l, &k->timer, loop_now_ns(l) + (uint64_t)WITHIN_MS * MS, on_deadline));
}

/* --- writing ------------------------------------------------------------------------------- */

/* False: dropped. */
static bool write_out(struct client *k)
{
    while (k->out_at < k->out.n) {
        size_t n;
        struct err e = net_write(k->fd, span_from(buf_span(&k->out), k->out_at), &n);
        if (err_cat(e) == ERR_AGAIN)
            return true;
        if (failed(e)) {
            drop(k);
            return false;
        }
        k->out_at += n;
    }
    buf_clear(&k->out);
    k->out_at = 0;
    return true;
}

void client_answer(struct client *k)
{
    k->waiting = WAIT_NOTHING;
    k->out_at = 0;
    if (failed(buf_put_u8(&k->out, '\n')) || !set_deadline(k)) {
        drop(k);
        return;
    }
    if (write_out(k))
        loop_defer(role_loop(k->control->role), &k->next, on_next);
}

void client_refuse(struct client *k, struct span why)
{
    buf_clear(&k->out);
    struct json_put p = json_put_to(&k->out);
    json_put_object(&p, NULL);
    json_put_str(&p, "error", why);
    json_put_bool(&p, "ok", false);
    json_put_end(&p);
    if (failed(json_put_done(&p)))
        drop(k);
    else
        client_answer(k);
}

/* --- reading ------------------------------------------------------------------------------- */

/* What the kernel has. False: dropped. */
static bool read_in(struct client *k)
{
    while (!k->ended && k->in_n < sizeof k->in) {
        size_t n;
        struct err e = net_read(k->fd, k->in + k->in_n, sizeof k->in - k->in_n, &n);
        if (err_cat(e) == ERR_AGAIN)
            return true;
        if (err_cat(e) == ERR_CLOSED) {
            k->ended = true;
            return true;
        }
        if (failed(e)) {
            drop(k);
            return false;
        }
        k->in_n += n;
    }
    return true;
}

/* Go on as far as possible: one whole line is asked when no answer is open. */
static void go_on(struct client *k)
{
    if (k->out.n > k->out_at || k->waiting != WAIT_NOTHING || !read_in(k))
        return;
    struct span in = span(k->in, k->in_n);
    size_t end = span_find(in, 0, '\n');
    if (end == in.n) {
        if (k->ended || in.n == sizeof k->in)
            drop(k); /* gone, or a line over the limit */
        return;
    }
    uint8_t line[LINE_MAX_BYTES];
    memcpy(line, in.p, end);
    memmove(k->in, k->in + end + 1, in.n - end - 1);
    k->in_n -= end + 1;
    if (set_deadline(k))
        ask_line(k, span(line, end));
    else
        drop(k);
}

static void on_next(struct loop_deferred *d)
{
    go_on(LOOP_OWNER(d, struct client, next));
}

static void on_ready(struct loop_watch *w, unsigned ready)
{
    struct client *k = LOOP_OWNER(w, struct client, watch);
    if ((ready & LOOP_WRITE) && k->out.n > k->out_at && !write_out(k))
        return;
    go_on(k);
}

/* --- coming ------------------------------------------------------------------------------- */

static struct client *free_client(struct control *c)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (c->clients[i].fd < 0)
            return &c->clients[i];
    return NULL;
}

static bool is_owner(int fd)
{
    struct net_peer who;
    return !failed(net_peer(fd, &who)) && (who.uid == proc_uid() || who.uid == 0);
}

static void welcome(struct control *c, int fd)
{
    struct client *k = free_client(c);
    if (!k || !is_owner(fd)) {
        net_close(&fd);
        return;
    }
    *k = (struct client){.control = c, .fd = fd, .out = buf_init(ANSWER_MAX)};
    for (size_t i = 0; i < 4; i++)
        k->status[i] = buf_init(ANSWER_MAX / 4);
    if (!set_deadline(k) || failed(loop_watch(role_loop(c->role), &k->watch, fd, on_ready)))
        drop(k);
}

static void on_accept(struct loop_watch *w, unsigned ready)
{
    struct control *c = LOOP_OWNER(w, struct control, accept);
    struct net_addr peer;
    int fd;
    (void)ready;
    while (!c->draining && !failed(net_accept(c->listener, &fd, &peer)))
        welcome(c, fd);
}

struct err client_listen(struct control *c)
{
    return loop_watch_level(role_loop(c->role), &c->accept, c->listener, on_accept);
}

struct client *client_waiting(struct control *c, uint32_t tag, enum waiting what)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (c->clients[i].fd >= 0 && c->clients[i].waiting == what && c->clients[i].tag == tag)
            return &c->clients[i];
    return NULL;
}
