/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: TCP over IPv4 and IPv6, and Unix stream sockets. Every descriptor made here is
 * non-blocking and close-on-exec; TCP ones have TCP_NODELAY. Names are never resolved here.
 *
 * Reads and writes share one shape: OK with a count above zero, ERR_AGAIN (nothing possible now),
 * ERR_CLOSED (the peer ended its side, or is gone: EPIPE, ECONNRESET), else ERR_IO with errno.
 * EINTR is retried; SIGPIPE never raised.
 */
#ifndef SANCTUM_SYS_NET_H
#define SANCTUM_SYS_NET_H

#include "err.h"
#include "span.h"

enum net_family { NET_NONE, NET_IP4, NET_IP6, NET_UNIX };

/* An address as a value. IPv4 is in ip[0..3], the rest zero. NET_UNIX: a local peer, no name. */
struct net_addr {
    uint8_t ip[16];
    uint32_t scope; /* IPv6 link-local interface index, else 0 */
    uint16_t port;
    uint8_t family; /* enum net_family */
};

enum { NET_TEXT_MAX = 64, NET_SPANS_MAX = 16, NET_PATH_MAX = 107 };

/* "127.0.0.1:4040" or "[::1]:4040": numbers only, strict; port 0 is allowed. ERR_INPUT. */
MUST struct err net_parse(struct span text, struct net_addr *out);
/* "127.0.0.1", "::1" or "[::1]"; the port is set to `port`. ERR_INPUT when it is not numeric. */
MUST struct err net_parse_ip(struct span text, uint16_t port, struct net_addr *out);
/* The inverse of net_parse, NUL-terminated (IPv6 as RFC 5952 writes it). Returns out. */
const char *net_format(const struct net_addr *a, char out[NET_TEXT_MAX]);
/* Same family, ip, scope and port. */
bool net_same(const struct net_addr *a, const struct net_addr *b);

/* 127.0.0.0/8, ::1, the mapped form of either, or a Unix peer. */
bool net_is_loopback(const struct net_addr *a);
/* A host anywhere on the Internet: not loopback, private (RFC 1918, RFC 4193), link-local, shared
 * (RFC 6598), multicast, unspecified, documentation, benchmarking or reserved; an IPv4 address
 * within IPv6 (mapped, 6to4, NAT64) is judged as that IPv4 address. */
bool net_is_global(const struct net_addr *a);

/* A listening TCP socket with SO_REUSEADDR; an IPv6 one takes IPv6 only. With `share`,
 * SO_REUSEPORT: one queue a process. */
MUST struct err net_listen(const struct net_addr *a, bool share, int *fd);
/* A listening Unix stream socket at `path` with `mode`; a dead socket file there is replaced, a
 * live one is ERR_DENIED, any other kind of file ERR_INPUT. */
MUST struct err net_listen_unix(const char *path, unsigned mode, int *fd);
/* One connection. ERR_AGAIN when none waits; ERR_LIMIT when descriptors ran out. */
MUST struct err net_accept(int listener, int *fd, struct net_addr *peer);

/* Start a connection: OK, it stands already; ERR_AGAIN, wait for LOOP_WRITE, then net_connected.
 * On both *fd is open; on any other error it is -1. */
MUST struct err net_connect(const struct net_addr *a, int *fd);
MUST struct err net_connect_unix(const char *path, int *fd);
/* After LOOP_WRITE: OK, ERR_AGAIN, or ERR_IO with why the connection failed. */
MUST struct err net_connected(int fd);

MUST struct err net_read(int fd, void *p, size_t cap, size_t *n);
MUST struct err net_write(int fd, struct span s, size_t *n);
/* Up to NET_SPANS_MAX spans in one call (more are ignored); *n is the sum taken. */
MUST struct err net_writev(int fd, const struct span *s, size_t count, size_t *n);
/* Say that no more will be written; reading goes on. */
void net_finish(int fd);
/* Close and set to -1; does nothing on -1. */
void net_close(int *fd);
/* Another descriptor of the same thing, close-on-exec; -1 for -1 and on failure. */
int net_duplicate(int fd);
/* Close so that the peer sees a reset: for connections that were cut for cause. */
void net_reset(int *fd);

/* The address a socket is bound to (with port 0 asked, the one it got). */
MUST struct err net_local(int fd, struct net_addr *out);

struct net_peer {
    uint32_t pid, uid, gid;
};
/* Who opened the other end of a Unix socket, as the kernel knows it. */
MUST struct err net_peer(int fd, struct net_peer *out);

#endif
