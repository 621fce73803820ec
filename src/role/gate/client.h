/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's connection: reads requests one after the other, hands each to an exchange, sends what
 * the exchange answers, and keeps the connection where HTTP allows it.
 *
 *   IDLE ──first byte──▶ HEAD ──take_head──▶ BODY ──take_body──▶ BUSY ──client_done──▶ IDLE
 *     │                   └──────── refused ────────▶ answer, then IDLE or closed
 *     └─ idle timeout, end of file ─▶ closed
 *
 * While BUSY the next request's bytes wait (64 KiB at most, then the socket is not read), and the
 * end of the connection cancels the exchange, unless only the client's own side ended.
 */
#ifndef SANCTUM_ROLE_GATE_CLIENT_H
#define SANCTUM_ROLE_GATE_CLIENT_H

#include "conn.h"
#include "net.h"

struct gate;
struct exchange;

struct client {
    struct conn conn;
    struct gate *gate;
    struct exchange *x; /* the request being read or answered; NULL between requests */
    struct buf in;      /* received and not consumed yet */
    struct loop_timer timer;
    struct loop_deferred again; /* go on with what is in `in` */
    struct loop_deferred later; /* send what is queued */
    struct client *prev, *next;
    uint32_t listener;
    bool crowd;     /* over the ceiling: its one request is refused, then it goes */
    bool last;      /* close after the current answer */
    bool closing;   /* nothing more is read; close when the queue is out */
    bool ended;     /* the client's own end was seen */
    bool unread;    /* bytes of the last request were left unread */
    bool lingering; /* nothing more is written; what comes is read away */
    size_t discarded, queued_before;
    bool dead; /* closed; the memory stays until the end of the round */
};

/* Serve a fresh socket that listener number `listener` accepted; takes `fd`. Over
 * `limits.connections` the answer is 503: in the caller's dialect for GATE_CROWD clients at a time,
 * beyond them in fixed words that cost no memory (behind TLS, where those cannot be read: closed).
 */
void client_open(struct gate *g, int fd, uint32_t listener);
/* Close, cancelling the exchange if one is open. The struct lives on, dead, to the end of the
 * round. */
void client_close(struct client *c);
/* Send bytes of an answer. False when the client is gone: then the exchange is cancelled. */
bool client_send(struct client *c, struct span s);
/* The same at the end of the round, together with those of other clients: the first wakes whoever
 * reads, the others find it awake. On one machine a wake-up costs as much as all else that a write
 * does. For whole answers, of which nothing follows. */
bool client_send_later(struct client *c, struct span s);
/* The exchange's answer is complete and the exchange freed: wait for the next request, or close. */
void client_done(struct client *c);
/* Time out after so many milliseconds; at this time of the loop's clock (the exchange waits for a
 * sibling: exchange_too_slow then); not at all. */
void client_wait(struct client *c, uint64_t ms);
void client_wait_until(struct client *c, uint64_t due_ns);
void client_no_wait(struct client *c);
/* Bytes that wait for this client: the measure of back-pressure. */
size_t client_queued(const struct client *c);

#endif
