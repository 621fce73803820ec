/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection of the gate, either side: a socket, TLS on it or not, and the bytes that wait to go
 * out. What came in is the owner's: it reads straight into its own memory.
 *
 * Edge-triggered: `readable` and `writable` remember what the loop said until a call meets
 * ERR_AGAIN, so that the owner may stop reading at will (back-pressure) and go on later without a
 * new event.
 */
#ifndef SANCTUM_ROLE_GATE_CONN_H
#define SANCTUM_ROLE_GATE_CONN_H

#include "buf.h"
#include "loop.h"
#include "tls.h"

struct conn {
    struct loop_watch watch;
    int fd; /* -1: closed */
    struct tls *tls;
    bool readable, writable;
    bool end_near;  /* the other side's end was announced: read on until it is met */
    struct buf out; /* bytes that the socket did not take yet */
    size_t out_at;  /* how many of them are written */
};

enum {
    CONN_OUT_MAX = 64 << 20
}; /* ceiling of one connection's queue; back-pressure acts far below */

/* Take over a connected or connecting socket. `tls` is NULL for plain; given. */
void conn_open(struct conn *c, int fd, struct tls *tls);
/* Stop watching, close, free the queue (wiped: it may hold personal data). Safe when closed. */
void conn_close(struct conn *c);
static inline bool conn_is_open(const struct conn *c)
{
    return c->fd >= 0;
}

/* A connected socket with TLS: OK once TLS stands, ERR_AGAIN, or as tls_handshake says. */
MUST struct err conn_handshake(struct conn *c);
/* One read of up to `cap` bytes. OK with *n > 0; ERR_AGAIN; ERR_CLOSED at the clean end
 * (ERR_CORRUPT where TLS says it was cut); other errors are fatal for the connection. */
MUST struct err conn_read(struct conn *c, void *p, size_t cap, size_t *n);
/* A read took `n` of `cap` bytes. Was that all there is (loop.h, LOOP_END)? Then the next read
 * waits for an event, without having asked the kernel. */
void conn_drained(struct conn *c, size_t n, size_t cap);
/* Write now what the socket takes and queue the rest. ERR_LIMIT over the ceiling; else fatal. */
MUST struct err conn_write(struct conn *c, struct span s);
/* Write what is queued. OK when nothing is left, ERR_AGAIN when some is. */
MUST struct err conn_flush(struct conn *c);
/* Bytes queued. */
static inline size_t conn_queued(const struct conn *c)
{
    return c->out.n - c->out_at;
}

#endif
