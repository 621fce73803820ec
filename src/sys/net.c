/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets. Reading and writing happen at every turn of every connection and cost one system call;
 * everything else once a connection or once a process. Addresses as values are in net_addr.c.
 */
#define _GNU_SOURCE
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "net_int.h"
#include "sys_int.h"

enum { BACKLOG = 4096 };

void net_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int net_duplicate(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void net_reset(int *fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (*fd >= 0)
        setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    net_close(fd);
}

/* Close with the error that brought us here. */
static struct err give_up(int *fd, struct err e)
{
    net_close(fd);
    return e;
}

static bool set(int fd, int level, int name)
{
    int on = 1;
    return setsockopt(fd, level, name, &on, sizeof on) == 0;
}

static struct err new_socket(int family, int *fd)
{
    *fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return *fd < 0 ? io_error() : OK;
}

struct err net_listen(const struct net_addr *a, bool share, int *fd)
{
    struct sockaddr_storage sa;
    socklen_t n = net_to_sockaddr(a, &sa);
    *fd = -1;
    if (n == 0)
        return err(ERR_INPUT);
    TRY(new_socket(sa.ss_family, fd));
    bool ready = set(*fd, SOL_SOCKET, SO_REUSEADDR) &&
                 (a->family != NET_IP6 || set(*fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
                 (!share || set(*fd, SOL_SOCKET, SO_REUSEPORT));
    if (!ready || bind(*fd, (struct sockaddr *)&sa, n) < 0 || listen(*fd, BACKLOG) < 0)
        return give_up(fd, io_error());
    /* Connections inherit it, so no call is needed for each. */
    set(*fd, IPPROTO_TCP, TCP_NODELAY);
    return OK;
}

static struct err unix_address(const char *path, struct sockaddr_un *out)
{
    size_t n = strlen(path);
    if (n == 0 || n > NET_PATH_MAX)
        return err(ERR_INPUT);
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, path, n);
    return OK;
}

/* Make room for a socket file: only a socket that nobody answers on is taken away. */
static struct err clear_path(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? OK : io_error();
    if (!S_ISSOCK(st.st_mode))
        return err(ERR_INPUT);
    int probe;
    struct err e = net_connect_unix(path, &probe);
    net_close(&probe);
    if (err_cat(e) != ERR_IO || err_detail(e) != ECONNREFUSED)
        return err(ERR_DENIED);
    return unlink(path) < 0 && errno != ENOENT ? io_error() : OK;
}

struct err net_listen_unix(const char *path, unsigned mode, int *fd)
{
    struct sockaddr_un sa;
    *fd = -1;
    TRY(unix_address(path, &sa));
    TRY(clear_path(path));
    TRY(new_socket(AF_UNIX, fd));
    /* The file gets its mode at birth: there is no moment in which others may connect. */
    mode_t before = umask(~mode & 0777);
    int bound = bind(*fd, (struct sockaddr *)&sa, sizeof sa);
    int why = errno;
    umask(before);
    if (bound < 0)
        return give_up(fd, err_make(ERR_IO, (uint32_t)why));
    return listen(*fd, BACKLOG) < 0 ? give_up(fd, io_error()) : OK;
}

struct err net_accept(int listener, int *fd, struct net_addr *peer)
{
    struct sockaddr_storage sa = {0};
    socklen_t n = sizeof sa;
    do
        *fd = accept4(listener, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (*fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (*fd >= 0) {
        net_from_sockaddr(&sa, peer);
        return OK;
    }
    if (errno == EAGAIN)
        return err(ERR_AGAIN);
    bool short_of = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    return short_of ? err(ERR_LIMIT) : io_error();
}

static struct err start_connect(int *fd, const void *sa, socklen_t n)
{
    int r;
    do
        r = connect(*fd, sa, n);
    while (r < 0 && errno == EINTR);
    if (r == 0)
        return OK;
    /* A Unix listener whose queue is full says EAGAIN and never becomes writable: an error here. */
    return errno == EINPROGRESS ? err(ERR_AGAIN) : give_up(fd, io_error());
}

struct err net_connect(const struct net_addr *a, int *fd)
{
    struct sockaddr_storage sa;
    socklen_t n = net_to_sockaddr(a, &sa);
    *fd = -1;
    if (n == 0)
        return err(ERR_INPUT);
    TRY(new_socket(sa.ss_family, fd));
    set(*fd, IPPROTO_TCP, TCP_NODELAY);
    return start_connect(fd, &sa, n);
}

struct err net_connect_unix(const char *path, int *fd)
{
    struct sockaddr_un sa;
    *fd = -1;
    TRY(unix_address(path, &sa));
    TRY(new_socket(AF_UNIX, fd));
    return start_connect(fd, &sa, sizeof sa);
}

struct err net_connected(int fd)
{
    int why = 0;
    socklen_t n = sizeof why;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) < 0)
        return io_error();
    if (why)
        return err_make(ERR_IO, (uint32_t)why);
    struct sockaddr_storage sa;
    n = sizeof sa;
    if (getpeername(fd, (struct sockaddr *)&sa, &n) == 0)
        return OK;
    return errno == ENOTCONN ? err(ERR_AGAIN) : io_error();
}

/* What a failed read or write means. */
static struct err transfer_error(void)
{
    if (errno == EAGAIN)
        return err(ERR_AGAIN);
    return errno == EPIPE || errno == ECONNRESET ? err(ERR_CLOSED) : io_error();
}

struct err net_read(int fd, void *p, size_t cap, size_t *n)
{
    *n = 0;
    if (cap == 0)
        return err(ERR_BUG);
    ssize_t got;
    do
        got = recv(fd, p, cap, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return transfer_error();
    *n = (size_t)got;
    return got ? OK : err(ERR_CLOSED);
}

struct err net_write(int fd, struct span s, size_t *n)
{
    *n = 0;
    ssize_t put;
    do
        put = send(fd, s.p, s.n, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put < 0)
        return transfer_error();
    *n = (size_t)put;
    return OK;
}

struct err net_writev(int fd, const struct span *s, size_t count, size_t *n)
{
    *n = 0;
    if (count == 1)
        return net_write(fd, s[0], n);
    struct iovec parts[NET_SPANS_MAX];
    size_t used = count < NET_SPANS_MAX ? count : NET_SPANS_MAX;
    for (size_t i = 0; i < used; i++)
        parts[i] = (struct iovec){(void *)s[i].p, s[i].n};
    struct msghdr h = {.msg_iov = parts, .msg_iovlen = used};
    ssize_t put;
    do
        put = sendmsg(fd, &h, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put < 0)
        return transfer_error();
    *n = (size_t)put;
    return OK;
}

void net_finish(int fd)
{
    shutdown(fd, SHUT_WR);
}

struct err net_local(int fd, struct net_addr *out)
{
    struct sockaddr_storage sa = {0};
    socklen_t n = sizeof sa;
    if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
        return io_error();
    net_from_sockaddr(&sa, out);
    return OK;
}

struct err net_peer(int fd, struct net_peer *out)
{
    struct ucred who;
    socklen_t n = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
        return io_error();
    *out = (struct net_peer){(uint32_t)who.pid, who.uid, who.gid};
    return OK;
}
