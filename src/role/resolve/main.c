/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolve role: names to addresses for gates, which may open neither resolver files nor
 * datagram sockets. One look-up at a time, and WIRE_RESOLVERS processes; gates keep the answers. It
 * holds no secret, and what it could leak is a provider's host name.
 */
#include "lookup.h"
#include "resolve_int.h"
#include "rolekit.h"

enum { ADDRESSES_MAX = 16, ADDRESS_BYTES = 17, DNS_PORT = 53 };

/* The first look-up loads the resolver's modules, which the ladder forbids afterwards. */
static struct err prepare(struct role *r)
{
    (void)r;
    struct net_addr a[2];
    size_t n;
    struct err e = lookup_host(SPAN_LIT("localhost"), 1, a, 2, &n);
    (void)e; /* a machine without it is strange but not broken */
    return OK;
}

static void confine(struct role *r, struct sandbox *box)
{
    static const char *const paths[] = {"/etc", "/run/systemd/resolve", "/run/resolvconf",
                                        "/run/nscd", "/run/NetworkManager"};
    (void)r;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        sandbox_add_path(box, paths[i], SANDBOX_PATH_READ);
    sandbox_add_port(box, DNS_PORT);
}

static enum wire_status look_up(const struct settings *s, const struct wire_body_resolve_ask *ask,
                                struct net_addr *a, size_t *n)
{
    *n = 0;
    enum resolve_trust t = resolve_policy(s, ask->host, ask->port);
    if (t == RESOLVE_UNKNOWN)
        return WIRE_DENIED;
    struct err e = OK;
    if (t == RESOLVE_LOCAL)
        *n = resolve_local(ask->port, a);
    else
        e = lookup_host(ask->host, ask->port, a, ADDRESSES_MAX, n);
    if (failed(e))
        return err_cat(e) == ERR_INPUT ? WIRE_UNKNOWN : WIRE_UNAVAILABLE;
    *n = resolve_filter(t, a, *n);
    return *n ? WIRE_OK : WIRE_DENIED;
}

static struct err on_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    if (m->type != WIRE_RESOLVE_ASK)
        return err(ERR_INPUT);
    struct net_addr a[ADDRESSES_MAX];
    size_t n;
    enum wire_status status = look_up(role_settings(r), &m->resolve_ask, a, &n);
    uint8_t bytes[ADDRESSES_MAX * ADDRESS_BYTES];
    struct wr w = wr_of(bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++) {
        wr_u8(&w, a[i].family == NET_IP4 ? 4 : 6);
        wr_put(&w, span(a[i].ip, sizeof a[i].ip));
    }
    struct wire_msg answer = {.type = WIRE_RESOLVED,
                              .resolved = {.tag = m->resolve_ask.tag,
                                           .status = (uint8_t)status,
                                           .count = (uint8_t)n,
                                           .addresses = wr_span(&w)}};
    struct err e = role_send(from, &answer);
    (void)e; /* a gate that is gone or does not read has lost its channel: nothing else to do */
    return OK;
}

static void drain(struct role *r, uint32_t within_ms)
{
    (void)within_ms;
    role_exit(r, 0);
}

int main(int argc, char **argv)
{
    static const struct role_ops ops = {.role = WIRE_RESOLVE,
                                        .prepare = prepare,
                                        .confine = confine,
                                        .message = on_message,
                                        .drain = drain};
    role_main(argc, argv, &ops, NULL);
}
