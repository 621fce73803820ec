/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against name servers that lie (DNS rebinding) and gates that were taken over: only hosts that the
 * settings name are asked for, and a name on the Internet does not lead into the private network.
 */
#include "resolve_int.h"

#include <string.h>

/* "localhost" and what is below it are this machine (RFC 6761, section 6.3). */
static bool names_this_machine(struct span host)
{
    struct span local = SPAN_LIT("localhost"), below = SPAN_LIT(".localhost");
    return span_eq_nocase(host, local) ||
           (host.n > below.n && span_eq_nocase(span_from(host, host.n - below.n), below));
}

/* An address written out in the settings is what the owner meant, wherever it is. */
static bool is_literal(struct span host)
{
    struct net_addr a;
    return !failed(net_parse_ip(host, 0, &a));
}

enum resolve_trust resolve_policy(const struct settings *s, struct span host, uint16_t port)
{
    enum resolve_trust best = RESOLVE_UNKNOWN;
    for (size_t i = 0; i < s->n_providers; i++) {
        const struct settings_provider *p = &s->providers[i];
        if (p->port != port || p->host.n == 0 || !span_eq_nocase(p->host, host))
            continue;
        if (names_this_machine(host))
            return RESOLVE_LOCAL;
        if (p->private_network || is_literal(host))
            return RESOLVE_ANY;
        best = RESOLVE_GLOBAL;
    }
    return best;
}

size_t resolve_local(uint16_t port, struct net_addr a[RESOLVE_LOCAL_ADDRESSES])
{
    static const uint8_t ip6[16] = {[15] = 1}, ip4[16] = {127, 0, 0, 1};
    a[0] = (struct net_addr){.port = port, .family = NET_IP4};
    a[1] = (struct net_addr){.port = port, .family = NET_IP6};
    memcpy(a[0].ip, ip4, sizeof ip4);
    memcpy(a[1].ip, ip6, sizeof ip6);
    return RESOLVE_LOCAL_ADDRESSES;
}

static bool is_allowed(enum resolve_trust t, const struct net_addr *a)
{
    switch (t) {
    case RESOLVE_GLOBAL:
        return net_is_global(a);
    case RESOLVE_LOCAL:
        return net_is_loopback(a);
    case RESOLVE_ANY:
        return true;
    case RESOLVE_UNKNOWN:
        break;
    }
    return false;
}

size_t resolve_filter(enum resolve_trust t, struct net_addr *a, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (is_allowed(t, &a[i]))
            a[kept++] = a[i];
    return kept;
}
