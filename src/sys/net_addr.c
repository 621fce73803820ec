/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as values: text and back, and which of them are somewhere on the Internet. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "net_int.h"
#include "num.h"

socklen_t net_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *sa)
{
    memset(sa, 0, sizeof *sa);
    if (a->family == NET_IP4) {
        struct sockaddr_in *in = (struct sockaddr_in *)sa;
        in->sin_family = AF_INET;
        in->sin_port = htons(a->port);
        memcpy(&in->sin_addr, a->ip, 4);
        return sizeof *in;
    }
    if (a->family != NET_IP6)
        return 0;
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)sa;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(a->port);
    in->sin6_scope_id = a->scope;
    memcpy(&in->sin6_addr, a->ip, 16);
    return sizeof *in;
}

void net_from_sockaddr(const struct sockaddr_storage *sa, struct net_addr *out)
{
    *out = (struct net_addr){.family = NET_NONE};
    if (sa->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
        out->family = NET_IP4;
        out->port = ntohs(in->sin_port);
        memcpy(out->ip, &in->sin_addr, 4);
    } else if (sa->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)sa;
        out->family = NET_IP6;
        out->port = ntohs(in->sin6_port);
        out->scope = in->sin6_scope_id;
        memcpy(out->ip, &in->sin6_addr, 16);
    } else if (sa->ss_family == AF_UNIX) {
        out->family = NET_UNIX;
    }
}

struct err net_parse_ip(struct span text, uint16_t port, struct net_addr *out)
{
    *out = (struct net_addr){.family = NET_NONE};
    bool bracketed = text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';
    if (bracketed)
        text = span_cut(text, 1, text.n - 2);
    char copy[INET6_ADDRSTRLEN];
    if (text.n >= sizeof copy || span_find(text, 0, 0) < text.n)
        return err(ERR_INPUT);
    if (text.n)
        memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    uint8_t ip[16] = {0};
    if (!bracketed && inet_pton(AF_INET, copy, ip) == 1)
        out->family = NET_IP4;
    else if (inet_pton(AF_INET6, copy, ip) == 1)
        out->family = NET_IP6;
    else
        return err(ERR_INPUT);
    memcpy(out->ip, ip, sizeof ip);
    out->port = port;
    return OK;
}

struct err net_parse(struct span text, struct net_addr *out)
{
    *out = (struct net_addr){.family = NET_NONE};
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return err(ERR_INPUT);
    uint64_t port;
    if (failed(num_u64(span_from(text, colon), UINT16_MAX, &port)))
        return err(ERR_INPUT);
    struct span host = span_cut(text, 0, colon - 1);
    bool bracketed = host.n && host.p[0] == '[';
    if (!bracketed && span_find(host, 0, ':') < host.n)
        return err(ERR_INPUT); /* "::1:80" may mean two things */
    return net_parse_ip(host, (uint16_t)port, out);
}

const char *net_format(const struct net_addr *a, char out[NET_TEXT_MAX])
{
    char ip[INET6_ADDRSTRLEN] = "";
    if (a->family == NET_IP4 && inet_ntop(AF_INET, a->ip, ip, sizeof ip))
        snprintf(out, NET_TEXT_MAX, "%s:%u", ip, a->port);
    else if (a->family == NET_IP6 && inet_ntop(AF_INET6, a->ip, ip, sizeof ip))
        snprintf(out, NET_TEXT_MAX, "[%s]:%u", ip, a->port);
    else
        snprintf(out, NET_TEXT_MAX, "%s", a->family == NET_UNIX ? "unix" : "?");
    return out;
}

bool net_same(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && a->scope == b->scope &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* A block of addresses: the first `bits` bits are those of `ip`. */
struct block {
    uint8_t ip[16];
    uint8_t bits;
};

/* What is not a host on the Internet: IANA's special-purpose registries, RFC 6890 and after. */
static const struct block special4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private, RFC 1918 */
    {{100, 64}, 10},      /* shared, RFC 6598 */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local */
    {{172, 16}, 12},      /* private, RFC 1918 */
    {{192, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* 6to4 relays */
    {{192, 168}, 16},     /* private, RFC 1918 */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, broadcast */
};
static const struct block special6[] = {
    {{0x01, 0x00}, 64},             /* discard */
    {{0x20, 0x01, 0x00}, 23},       /* protocol assignments, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x3f, 0xff, 0x00}, 20},       /* documentation */
};
static const struct block global6 = {{0x20}, 3}; /* 2000::/3, all that is assigned */
static const struct block mapped = {{[10] = 0xff, [11] = 0xff}, 96}; /* ::ffff:a.b.c.d */
static const struct block sixto4 = {{0x20, 0x02}, 16};               /* a.b.c.d from byte 2 */
static const struct block nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};    /* a.b.c.d from byte 12 */

static bool in_block(const uint8_t *ip, const struct block *b)
{
    size_t whole = b->bits / 8, rest = b->bits % 8;
    if (memcmp(ip, b->ip, whole) != 0)
        return false;
    return rest == 0 || ((ip[whole] ^ b->ip[whole]) >> (8 - rest)) == 0;
}

static bool in_any(const uint8_t *ip, const struct block *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (in_block(ip, &b[i]))
            return true;
    return false;
}

static bool is_global4(const uint8_t *ip)
{
    return !in_any(ip, special4, sizeof special4 / sizeof special4[0]);
}

bool net_is_global(const struct net_addr *a)
{
    if (a->family == NET_IP4)
        return is_global4(a->ip);
    if (a->family != NET_IP6)
        return false;
    if (in_block(a->ip, &mapped) || in_block(a->ip, &nat64))
        return is_global4(a->ip + 12);
    if (in_block(a->ip, &sixto4))
        return is_global4(a->ip + 2);
    return in_block(a->ip, &global6) &&
           !in_any(a->ip, special6, sizeof special6 / sizeof special6[0]);
}

bool net_is_loopback(const struct net_addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    if (a->family == NET_UNIX)
        return true;
    if (a->family == NET_IP4)
        return a->ip[0] == 127;
    if (a->family != NET_IP6)
        return false;
    return memcmp(a->ip, one, 16) == 0 || (in_block(a->ip, &mapped) && a->ip[12] == 127);
}
