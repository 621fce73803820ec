/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Socket and TLS behind one read and one write. Frequent: a read that fills the caller's memory and
 * a write that goes out whole; neither allocates.
 */
#include "conn.h"

#include "net.h"

void conn_open(struct conn *c, int fd, struct tls *tls)
{
    *c = (struct conn){
        .fd = fd, .tls = tls, .out = buf_init(CONN_OUT_MAX), .readable = true, .writable = true};
}

void conn_close(struct conn *c)
{
    if (c->fd < 0)
        return;
    loop_unwatch(&c->watch);
    if (c->tls)
        tls_free(&c->tls);
    net_close(&c->fd);
    buf_wipe(&c->out);
    c->out_at = 0;
    c->readable = c->writable = false;
}

/* TLS may want the other direction: then both wait for the next event. */
static struct err tls_again(struct conn *c, struct err e)
{
    if (err_cat(e) != ERR_AGAIN)
        return e;
    if (tls_want(c->tls) == TLS_WANT_WRITE)
        c->writable = false;
    else
        c->readable = false;
    return e;
}

struct err conn_handshake(struct conn *c)
{
    return tls_again(c, tls_handshake(c->tls));
}

struct err conn_read(struct conn *c, void *p, size_t cap, size_t *n)
{
    if (!c->readable)
        return err(ERR_AGAIN);
    if (c->tls)
        return tls_again(c, tls_read(c->tls, p, cap, n));
    struct err e = net_read(c->fd, p, cap, n);
    if (err_cat(e) == ERR_AGAIN)
        c->readable = false;
    return e;
}

void conn_drained(struct conn *c, size_t n, size_t cap)
{
    if (n < cap && !c->tls && !c->end_near)
        c->readable = false;
}

static struct err write_some(struct conn *c, struct span s, size_t *n)
{
    *n = 0;
    if (!c->writable)
        return err(ERR_AGAIN);
    if (c->tls)
        return tls_again(c, tls_write(c->tls, s, n));
    struct err e = net_write(c->fd, s, n);
    if (err_cat(e) == ERR_AGAIN || (!failed(e) && *n < s.n))
        c->writable = false;
    return e;
}

struct err conn_flush(struct conn *c)
{
    while (conn_queued(c)) {
        size_t n;
        struct err e = write_some(c, span_from(buf_span(&c->out), c->out_at), &n);
        c->out_at += n;
        if (failed(e))
            return e;
    }
    buf_wipe(&c->out);
    c->out_at = 0;
    return OK;
}

struct err conn_write(struct conn *c, struct span s)
{
    while (conn_queued(c) == 0 && s.n) {
        size_t n;
        struct err e = write_some(c, s, &n);
        s = span_from(s, n);
        if (err_cat(e) == ERR_AGAIN)
            break;
        TRY(e);
    }
    if (c->out_at && s.n) {
        buf_drop(&c->out, c->out_at);
        c->out_at = 0;
    }
    return buf_put(&c->out, s);
}
