/* SPDX-License-Identifier: Apache-2.0 */
/* Message channels over SOCK_SEQPACKET: called by rolekit and parent, a few messages a second. */
#define _GNU_SOURCE
#include "ipc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "secret.h"

struct ipc_queued {
    struct ipc_queued *next;
    size_t n, fd_count;
    int fds[IPC_FDS_MAX];
    uint8_t bytes[];
};

/* Room for the largest set of descriptors, aligned as the kernel wants it. */
union control {
    struct cmsghdr head;
    char room[CMSG_SPACE(IPC_FDS_MAX * sizeof(int))];
};

struct err ipc_pair(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0)
        return OK;
    fds[0] = fds[1] = -1;
    return err_make(ERR_IO, (uint32_t)errno);
}

void ipc_open(struct ipc *c, int fd, size_t queue_max)
{
    *c = (struct ipc){.fd = fd, .queue_max = queue_max};
    c->last = &c->first;
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void free_queued(struct ipc_queued *q)
{
    secret_wipe(q->bytes, q->n);
    free(q);
}

static struct ipc_queued *unqueue(struct ipc *c)
{
    struct ipc_queued *q = c->first;
    c->first = q->next;
    if (!c->first)
        c->last = &c->first;
    c->queued -= q->n;
    return q;
}

void ipc_close(struct ipc *c)
{
    while (c->first) {
        struct ipc_queued *q = unqueue(c);
        close_all(q->fds, q->fd_count);
        free_queued(q);
    }
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

static struct err send_now(int fd, struct span msg, const int *fds, size_t fd_count)
{
    union control control;
    struct iovec part = {.iov_base = (void *)msg.p, .iov_len = msg.n};
    struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count) {
        memset(&control, 0, sizeof control);
        h.msg_control = &control;
        h.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
    }
    ssize_t put;
    do
        put = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (put < 0 && errno == EINTR);
    if (put >= 0)
        return OK;
    if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS)
        return err(ERR_AGAIN);
    if (errno == EPIPE || errno == ECONNRESET)
        return err(ERR_CLOSED);
    return err_make(ERR_IO, (uint32_t)errno);
}

static struct err enqueue(struct ipc *c, struct span msg, const int *fds, size_t fd_count)
{
    if (msg.n > c->queue_max - c->queued)
        return err(ERR_LIMIT);
    struct ipc_queued *q = malloc(sizeof *q + msg.n);
    if (!q)
        return err(ERR_NOMEM);
    q->next = NULL;
    q->n = msg.n;
    q->fd_count = fd_count;
    if (fd_count)
        memcpy(q->fds, fds, fd_count * sizeof(int));
    memcpy(q->bytes, msg.p, msg.n);
    *c->last = q;
    c->last = &q->next;
    c->queued += msg.n;
    return OK;
}

struct err ipc_send(struct ipc *c, struct span msg, const int *fds, size_t fd_count)
{
    struct err e = err(ERR_AGAIN);
    if (c->fd < 0)
        e = err(ERR_CLOSED);
    else if (msg.n == 0 || msg.n > IPC_MSG_MAX || fd_count > IPC_FDS_MAX)
        e = err(ERR_BUG);
    else if (!c->first)
        e = send_now(c->fd, msg, fds, fd_count);
    if (err_cat(e) == ERR_AGAIN) {
        e = enqueue(c, msg, fds, fd_count);
        if (!failed(e))
            return OK; /* the queue has the descriptors now */
    }
    close_all(fds, fd_count);
    return e;
}

struct err ipc_flush(struct ipc *c)
{
    while (c->first) {
        struct err e =
            send_now(c->fd, span(c->first->bytes, c->first->n), c->first->fds, c->first->fd_count);
        if (err_cat(e) == ERR_AGAIN)
            return OK;
        TRY(e);
        struct ipc_queued *q = unqueue(c);
        close_all(q->fds, q->fd_count);
        free_queued(q);
    }
    return OK;
}

void ipc_msg_drop(struct ipc_msg *m)
{
    close_all(m->fds, m->fd_count);
    m->fd_count = 0;
}

/* Collect the descriptors of every control message: what is here must be closed by us. */
static void collect(struct msghdr *h, struct ipc_msg *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n && m->fd_count < IPC_FDS_MAX; i++)
            memcpy(&m->fds[m->fd_count++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
    }
}

struct err ipc_recv(struct ipc *c, void *p, size_t cap, struct ipc_msg *m)
{
    m->n = m->fd_count = 0;
    if (c->fd < 0)
        return err(ERR_CLOSED);
    union control control;
    struct iovec part = {.iov_base = p, .iov_len = cap};
    struct msghdr h = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(c->fd, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return err(ERR_AGAIN);
    if (got < 0)
        return errno == ECONNRESET ? err(ERR_CLOSED) : err_make(ERR_IO, (uint32_t)errno);
    collect(&h, m);
    m->n = (size_t)got;
    bool empty = got == 0;
    if (!empty && !(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return OK;
    bool ended = empty && m->fd_count == 0;
    ipc_msg_drop(m);
    return err(ended ? ERR_CLOSED : ERR_INPUT);
}

struct err ipc_wait(const struct ipc *c, int timeout_ms)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_make(ERR_IO, (uint32_t)errno);
    return n ? OK : err(ERR_AGAIN);
}
