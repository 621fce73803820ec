/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked, and which answers go back. */
#ifndef SANCTUM_ROLE_RESOLVE_RESOLVE_INT_H
#define SANCTUM_ROLE_RESOLVE_RESOLVE_INT_H

#include "net.h"
#include "settings.h"

/* What is known of a host that may be asked for. */
enum resolve_trust {
    RESOLVE_UNKNOWN, /* no provider has this host and port: not to be asked */
    RESOLVE_GLOBAL,  /* only addresses on the Internet may come back */
    RESOLVE_LOCAL,   /* its name says this machine: resolve_local has the answer */
    RESOLVE_ANY,     /* the owner said that it may be in a private network */
};

enum { RESOLVE_LOCAL_ADDRESSES = 2 };

enum resolve_trust resolve_policy(const struct settings *s, struct span host, uint16_t port);
/* The addresses of RESOLVE_LOCAL, IPv4 first. Neither a name server nor /etc/hosts is asked (RFC
 * 6761, section 6.3): the one could lie, and the other may be missing. Returns how many. */
size_t resolve_local(uint16_t port, struct net_addr a[RESOLVE_LOCAL_ADDRESSES]);
/* Keep, in their order, the addresses that are allowed; returns how many. */
size_t resolve_filter(enum resolve_trust t, struct net_addr *a, size_t n);

#endif
