/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network extension: addresses and prefixes. An IPv4 address mapped into IPv6 in hexadecimal is
 * the IPv4 address; in dotted form it is refused, as are zones. Output is RFC 5952's form.
 */
#include "builtin_int.h"

#include "num.h"

#include <stdio.h>

#define FN(name)                                                                                   \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)

static bool parse4(struct span s, uint8_t out[4])
{
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        size_t end = i < 3 ? span_find(s, at, '.') : s.n;
        uint64_t v;
        if (end - at > 3 || (i < 3 && end == s.n) ||
            failed(num_u64(span_cut(s, at, end - at), 255, &v)))
            return false;
        out[i] = (uint8_t)v;
        at = end + 1;
    }
    return true;
}

/* Groups up to "::" or the end into out; how many, or -1. */
static int groups(struct span s, uint16_t out[8], int max)
{
    int n = 0;
    if (s.n == 0)
        return 0;
    for (size_t at = 0; at <= s.n;) {
        size_t end = span_find(s, at, ':');
        uint64_t v;
        if (n == max || end == at || end - at > 4 || failed(num_hex(span_cut(s, at, end - at), &v)))
            return -1;
        out[n++] = (uint16_t)v;
        at = end + 1;
    }
    return n;
}

static bool parse6(struct span s, uint8_t out[16])
{
    uint16_t head[8] = {0}, tail[8] = {0};
    size_t gap = span_search(s, 0, SPAN_LIT("::"));
    int n_head = groups(span_cut(s, 0, gap), head, 8), n_tail = 0;
    if (gap < s.n)
        n_tail = groups(span_from(s, gap + 2), tail, 7);
    if (n_head < 0 || n_tail < 0 || (gap == s.n ? n_head != 8 : n_head + n_tail > 7))
        return false;
    memset(out, 0, 16);
    for (int i = 0; i < n_head; i++) {
        out[2 * i] = (uint8_t)(head[i] >> 8);
        out[2 * i + 1] = (uint8_t)head[i];
    }
    for (int i = 0; i < n_tail; i++) {
        int to = 8 - n_tail + i;
        out[2 * to] = (uint8_t)(tail[i] >> 8);
        out[2 * to + 1] = (uint8_t)tail[i];
    }
    return true;
}

static bool is_mapped(const uint8_t a[16])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a, prefix, 12) == 0;
}

static bool parse_ip(struct span s, struct cel_net *out)
{
    *out = (struct cel_net){.len = 16};
    if (span_find(s, 0, ':') == s.n) {
        out->len = 4;
        return parse4(s, out->addr);
    }
    if (!parse6(s, out->addr))
        return false;
    if (is_mapped(out->addr)) {
        memmove(out->addr, out->addr + 12, 4);
        memset(out->addr + 4, 0, 12);
        out->len = 4;
    }
    return true;
}

static bool parse_cidr(struct span s, struct cel_net *out)
{
    size_t slash = span_find(s, 0, '/');
    uint64_t bits;
    struct cel_net raw;
    struct span ip = span_cut(s, 0, slash);
    if (slash == s.n || !parse_ip(ip, &raw))
        return false;
    /* A mapped address has no prefix of its own. */
    if (raw.len == 4 && span_find(ip, 0, ':') != ip.n)
        return false;
    if (failed(num_u64(span_from(s, slash + 1), raw.len * 8u, &bits)))
        return false;
    *out = raw;
    out->prefix = (uint8_t)bits;
    return true;
}

int cel_net_order(const struct cel_net *a, const struct cel_net *b)
{
    if (a->len != b->len)
        return a->len - b->len;
    int c = memcmp(a->addr, b->addr, a->len);
    return c ? c : a->prefix - b->prefix;
}

static size_t format6(const uint8_t a[16], char *out, size_t cap)
{
    int best = -1, best_n = 1; /* the longest run of two zero groups or more */
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && a[2 * (i + n)] == 0 && a[2 * (i + n) + 1] == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    size_t at = 0;
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            at += (size_t)snprintf(out + at, cap - at, "::");
            i += best_n - 1;
            continue;
        }
        bool colon = i > 0 && (best < 0 || i != best + best_n);
        at += (size_t)snprintf(out + at, cap - at, "%s%x", colon ? ":" : "",
                               (unsigned)(a[2 * i] << 8 | a[2 * i + 1]));
    }
    return at;
}

size_t cel_format_net(struct cel_value v, char out[64])
{
    const uint8_t *a = v.net->addr;
    size_t n = v.net->len == 4 ? (size_t)snprintf(out, 64, "%u.%u.%u.%u", a[0], a[1], a[2], a[3])
                               : format6(a, out, 64);
    if (v.kind == CEL_CIDR)
        n += (size_t)snprintf(out + n, 64 - n, "/%u", v.net->prefix);
    return n;
}

static struct cel_value make(struct run *r, const struct node *n, enum cel_kind kind,
                             const struct cel_net *net)
{
    struct cel_net *copy = cel_take(r, sizeof *copy);
    if (!copy)
        return cel_exhausted(n);
    *copy = *net;
    return (struct cel_value){.kind = (uint8_t)kind, .net = copy};
}

FN(net_ip)
{
    struct cel_net net;
    (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!parse_ip(cel_text(a[0]), &net))
        return cel_error(n, CEL_E_CONVERT, "bad IP address");
    return make(r, n, CEL_IP, &net);
}

FN(net_cidr)
{
    struct cel_net net;
    (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!parse_cidr(cel_text(a[0]), &net))
        return cel_error(n, CEL_E_CONVERT, "bad network prefix");
    return make(r, n, CEL_CIDR, &net);
}

FN(net_is_ip)
{
    struct cel_net net;
    (void)r, (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    return cel_bool(parse_ip(cel_text(a[0]), &net));
}

FN(net_is_cidr)
{
    struct cel_net net;
    (void)r, (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    return cel_bool(parse_cidr(cel_text(a[0]), &net));
}

FN(net_is_canonical)
{
    struct cel_net net;
    char text[64];
    (void)r, (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!parse_ip(cel_text(a[0]), &net))
        return cel_error(n, CEL_E_CONVERT, "bad IP address");
    struct cel_value v = {.kind = CEL_IP, .net = &net};
    return cel_bool(span_eq(span(text, cel_format_net(v, text)), cel_text(a[0])));
}

static bool is_filled(const struct cel_net *net, size_t from, size_t to, uint8_t with)
{
    for (size_t i = from; i < to; i++)
        if (net->addr[i] != with)
            return false;
    return true;
}

static bool is_unspecified(const struct cel_net *net)
{
    return is_filled(net, 0, net->len, 0);
}

static bool is_loopback(const struct cel_net *net)
{
    return net->len == 4 ? net->addr[0] == 127 : is_filled(net, 0, 15, 0) && net->addr[15] == 1;
}

static bool is_multicast(const struct cel_net *net)
{
    return net->len == 4 ? net->addr[0] >> 4 == 14 : net->addr[0] == 0xff;
}

static bool is_link_multicast(const struct cel_net *net)
{
    if (net->len == 4)
        return net->addr[0] == 224 && net->addr[1] == 0 && net->addr[2] == 0;
    return net->addr[0] == 0xff && (net->addr[1] & 15) == 2;
}

static bool is_link_unicast(const struct cel_net *net)
{
    if (net->len == 4)
        return net->addr[0] == 169 && net->addr[1] == 254;
    return net->addr[0] == 0xfe && (net->addr[1] & 0xc0) == 0x80;
}

static bool is_global(const struct cel_net *net)
{
    bool broadcast = net->len == 4 && is_filled(net, 0, 4, 0xff);
    return !broadcast && !is_unspecified(net) && !is_loopback(net) && !is_multicast(net) &&
           !is_link_unicast(net);
}

#define QUESTION(name, test)                                                                       \
    FN(name)                                                                                       \
    {                                                                                              \
        (void)r, (void)count;                                                                      \
        return a[0].kind == CEL_IP ? cel_bool(test(a[0].net)) : cel_no_overload(n);                \
    }

QUESTION(net_is_unspecified, is_unspecified)
QUESTION(net_is_loopback, is_loopback)
QUESTION(net_is_global_unicast, is_global)
QUESTION(net_is_link_local_multicast, is_link_multicast)
QUESTION(net_is_link_local_unicast, is_link_unicast)

FN(net_family)
{
    (void)r, (void)count;
    return a[0].kind == CEL_IP ? cel_int(a[0].net->len == 4 ? 4 : 6) : cel_no_overload(n);
}

static struct cel_net mask(const struct cel_net *net)
{
    struct cel_net out = *net;
    for (unsigned i = 0; i < net->len; i++) {
        unsigned keep = net->prefix > 8 * i ? net->prefix - 8 * i : 0;
        out.addr[i] &= (uint8_t)(keep >= 8 ? 0xff : 0xff00 >> keep);
    }
    return out;
}

static bool covers(const struct cel_net *net, const struct cel_net *ip, unsigned bits)
{
    if (net->len != ip->len || bits < net->prefix)
        return false;
    struct cel_net a = *net, b = *ip;
    b.prefix = a.prefix;
    a = mask(&a);
    b = mask(&b);
    return memcmp(a.addr, b.addr, a.len) == 0;
}

FN(net_contains_ip)
{
    struct cel_net ip;
    (void)r, (void)count;
    if (a[0].kind != CEL_CIDR)
        return cel_no_overload(n);
    if (a[1].kind == CEL_IP)
        return cel_bool(covers(a[0].net, a[1].net, 128));
    if (a[1].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!parse_ip(cel_text(a[1]), &ip))
        return cel_error(n, CEL_E_CONVERT, "bad IP address");
    return cel_bool(covers(a[0].net, &ip, 128));
}

FN(net_contains_cidr)
{
    struct cel_net net;
    (void)r, (void)count;
    if (a[0].kind != CEL_CIDR)
        return cel_no_overload(n);
    if (a[1].kind == CEL_CIDR)
        return cel_bool(covers(a[0].net, a[1].net, a[1].net->prefix));
    if (a[1].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!parse_cidr(cel_text(a[1]), &net))
        return cel_error(n, CEL_E_CONVERT, "bad network prefix");
    return cel_bool(covers(a[0].net, &net, net.prefix));
}

FN(net_cidr_ip)
{
    (void)count;
    if (a[0].kind != CEL_CIDR)
        return cel_no_overload(n);
    struct cel_net net = *a[0].net;
    net.prefix = 0;
    return make(r, n, CEL_IP, &net);
}

FN(net_masked)
{
    (void)count;
    if (a[0].kind != CEL_CIDR)
        return cel_no_overload(n);
    struct cel_net net = mask(a[0].net);
    return make(r, n, CEL_CIDR, &net);
}

FN(net_prefix_length)
{
    (void)r, (void)count;
    return a[0].kind == CEL_CIDR ? cel_int(a[0].net->prefix) : cel_no_overload(n);
}
