/* SPDX-License-Identifier: Apache-2.0 */
/* getaddrinfo(3), and nothing else. */
#define _GNU_SOURCE
#include "lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include "net_int.h"

enum { HOST_MAX = 253 };

static struct err to_error(int r)
{
    if (r == EAI_MEMORY)
        return err(ERR_NOMEM);
    return err(r == EAI_AGAIN || r == EAI_SYSTEM ? ERR_AGAIN : ERR_INPUT);
}

static bool is_new(const struct net_addr *a, const struct net_addr *known, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (net_same(a, &known[i]))
            return false;
    return true;
}

struct err lookup_host(struct span host, uint16_t port, struct net_addr *out, size_t max, size_t *n)
{
    *n = 0;
    char name[HOST_MAX + 1];
    if (host.n == 0 || host.n > HOST_MAX || span_find(host, 0, 0) < host.n)
        return err(ERR_INPUT);
    memcpy(name, host.p, host.n);
    name[host.n] = 0;
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *all;
    int r = getaddrinfo(name, NULL, &wanted, &all);
    if (r != 0)
        return to_error(r);
    for (struct addrinfo *at = all; at && *n < max; at = at->ai_next) {
        struct sockaddr_storage sa = {0};
        if (at->ai_addrlen > sizeof sa)
            continue;
        memcpy(&sa, at->ai_addr, at->ai_addrlen);
        struct net_addr a;
        net_from_sockaddr(&sa, &a);
        a.port = port;
        if ((a.family == NET_IP4 || a.family == NET_IP6) && is_new(&a, out, *n))
            out[(*n)++] = a;
    }
    freeaddrinfo(all);
    return *n ? OK : err(ERR_INPUT);
}
