/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel between two processes: whole messages in order over a SOCK_SEQPACKET pair, each with up
 * to IPC_FDS_MAX descriptors. Non-blocking; what the kernel does not take at once waits in a queue
 * with a ceiling. What the messages mean is role/wire's business.
 *
 * Descriptors: sending *gives* them (they are closed here once sent, or when sending fails);
 * receiving *takes* them (close-on-exec; the receiver closes what it does not want).
 */
#ifndef SANCTUM_SYS_IPC_H
#define SANCTUM_SYS_IPC_H

#include "err.h"
#include "span.h"

enum {
    IPC_MSG_MAX = 64 * 1024, /* bytes a message may have; larger things travel as sealed memory */
    IPC_FDS_MAX = 128,
};

struct ipc_queued;
struct ipc {
    int fd; /* -1: closed */
    size_t queued, queue_max;
    struct ipc_queued *first, **last;
};

/* Two connected ends, non-blocking and close-on-exec. */
MUST struct err ipc_pair(int fds[2]);
/* A channel over `fd` (given) that queues up to `queue_max` bytes. */
void ipc_open(struct ipc *c, int fd, size_t queue_max);
/* Close, drop the queue (wiped) and its descriptors. Safe twice. */
void ipc_close(struct ipc *c);

/* Send or queue one message (1 to IPC_MSG_MAX bytes). ERR_LIMIT: the queue is full, which means the
 * peer does not read: close it. ERR_CLOSED: the peer is gone. */
MUST struct err ipc_send(struct ipc *c, struct span msg, const int *fds, size_t fd_count);
/* Send what is queued; call on LOOP_WRITE. OK also when some is left. */
MUST struct err ipc_flush(struct ipc *c);

struct ipc_msg {
    size_t n; /* bytes received into the caller's memory */
    size_t fd_count;
    int fds[IPC_FDS_MAX];
};
/* Receive one message into p (cap bytes, usually IPC_MSG_MAX). ERR_AGAIN, ERR_CLOSED, or ERR_INPUT
 * for one that was larger, empty, or had too many descriptors (all closed): then close the channel.
 */
MUST struct err ipc_recv(struct ipc *c, void *p, size_t cap, struct ipc_msg *m);
/* Close all descriptors of m that are not -1. */
void ipc_msg_drop(struct ipc_msg *m);

/* Wait until the channel can be read or `timeout_ms` passed (ERR_AGAIN). For start-up code and
 * tests that have no loop yet. */
MUST struct err ipc_wait(const struct ipc *c, int timeout_ms);

#endif
