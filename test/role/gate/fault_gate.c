/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into a gate of the tests only (test_faults.py), by --wrap: makes the n-th fallible call
 * fail that the gate makes, or the n-th and IN_A_ROW after it. A client arms it through the header
 *
 *     x-fault-arm: N once        x-fault-arm: N on        x-fault-arm: 0 once (disarm)
 *
 * and counting begins with the next connection that is accepted, so that the whole way of a request
 * is covered from its accept on. What failed is written to stderr: "fault 17 at send".
 *
 * Counted: memory, sockets, the event library's registrations. Not counted, since their only
 * failures are not failures to the gate: eventfd writes (the other side is awake), close, shutdown.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { IN_A_ROW = 4 };

struct event;
struct event_base;

static struct {
    long due;     /* fail call number `due`; 0: none */
    long more;    /* how many after it fail too */
    bool started; /* the connection was accepted */
    long calls;
} plan;

static bool due(const char *name)
{
    if (plan.due == 0 || !plan.started)
        return false;
    plan.calls++;
    if (plan.calls < plan.due)
        return false;
    if (plan.calls == plan.due) {
        char line[64];
        int n = snprintf(line, sizeof line, "fault %ld at %s\n", plan.calls, name);
        ssize_t put = write(STDERR_FILENO, line, (size_t)n);
        (void)put;
    }
    if (plan.calls >= plan.due + plan.more)
        plan.due = 0;
    return true;
}

#define FAIL(name, with, value)                                                                    \
    if (due(name)) {                                                                               \
        errno = with;                                                                              \
        return value;                                                                              \
    }

/* The prototypes are the linker's business. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

extern void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
    FAIL("malloc", ENOMEM, NULL)
    return __real_malloc(n);
}

extern void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
    FAIL("calloc", ENOMEM, NULL)
    return __real_calloc(n, size);
}

extern void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
    FAIL("realloc", ENOMEM, NULL)
    return __real_realloc(p, n);
}

extern int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol)
{
    FAIL("socket", EMFILE, -1)
    return __real_socket(family, type, protocol);
}

extern int __real_connect(int fd, const struct sockaddr *a, socklen_t n);
int __wrap_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    FAIL("connect", ENETUNREACH, -1)
    return __real_connect(fd, a, n);
}

extern int __real_getsockopt(int fd, int level, int name, void *p, socklen_t *n);
int __wrap_getsockopt(int fd, int level, int name, void *p, socklen_t *n)
{
    FAIL("getsockopt", ENOBUFS, -1)
    return __real_getsockopt(fd, level, name, p, n);
}

extern int __real_setsockopt(int fd, int level, int name, const void *p, socklen_t n);
int __wrap_setsockopt(int fd, int level, int name, const void *p, socklen_t n)
{
    FAIL("setsockopt", ENOBUFS, -1)
    return __real_setsockopt(fd, level, name, p, n);
}

extern ssize_t __real_send(int fd, const void *p, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t n, int flags)
{
    FAIL("send", EPIPE, -1)
    return __real_send(fd, p, n, flags);
}

extern ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
    int family = 0;
    socklen_t n = sizeof family;
    bool sibling =
        __real_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &n) == 0 && family == AF_UNIX;
    if (!sibling) /* a channel to a sibling breaks only when the sibling dies: test_kill.py */
        FAIL("sendmsg", EPIPE, -1)
    return __real_sendmsg(fd, m, flags);
}

extern struct event *__real_event_new(struct event_base *b, int fd, short what,
                                      void (*fn)(int, short, void *), void *arg);
struct event *__wrap_event_new(struct event_base *b, int fd, short what,
                               void (*fn)(int, short, void *), void *arg)
{
    FAIL("event_new", ENOMEM, NULL)
    return __real_event_new(b, fd, what, fn, arg);
}

extern int __real_event_add(struct event *e, const struct timeval *t);
int __wrap_event_add(struct event *e, const struct timeval *t)
{
    /* With a time it moves the loop's own alarm, whose memory was taken at the start. */
    if (!t)
        FAIL("event_add", ENOSPC, -1)
    return __real_event_add(e, t);
}

extern int __real_accept4(int fd, struct sockaddr *a, socklen_t *n, int flags);
int __wrap_accept4(int fd, struct sockaddr *a, socklen_t *n, int flags)
{
    int got = __real_accept4(fd, a, n, flags);
    if (got < 0 || plan.due == 0)
        return got;
    plan.started = true;
    if (due("accept4")) {
        close(got);
        errno = EMFILE;
        return -1;
    }
    return got;
}

/* "x-fault-arm: 17 once" somewhere in what came? */
static bool armed(const char *p, size_t n)
{
    static const char name[] = "x-fault-arm: ";
    const char *at = n ? memmem(p, n, name, sizeof name - 1) : NULL;
    char number[32] = {0}, *end;
    if (!at)
        return false;
    at += sizeof name - 1;
    size_t left = n - (size_t)(at - p);
    memcpy(number, at, left < sizeof number ? left : sizeof number - 1);
    memset(&plan, 0, sizeof plan);
    plan.due = strtol(number, &end, 10);
    plan.more = strncmp(end, " on\r", 4) == 0 ? IN_A_ROW : 0;
    return true;
}

extern ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags)
{
    ssize_t got = __real_recv(fd, p, n, flags);
    if (got > 0 && armed(p, (size_t)got))
        return got;
    FAIL("recv", ECONNRESET, -1)
    return got;
}
