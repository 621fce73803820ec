/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from a setting's text: addresses, URLs, key references. Used by the config reader
 * and by the decoder of the message, so that both hold the same text for valid.
 */
#include "num.h"
#include "settings_int.h"

static struct err expect(const char **expected, const char *what)
{
    *expected = what;
    return err(ERR_INPUT);
}

/* Four decimal numbers. */
static bool is_ipv4(struct span s)
{
    for (unsigned i = 0; i < 4; i++) {
        size_t end = span_find(s, 0, '.');
        uint64_t v;
        if (failed(num_u64(span_cut(s, 0, end), 255, &v)) || (end == s.n) != (i == 3))
            return false;
        s = span_from(s, end + 1);
    }
    return true;
}

/* RFC 4291 section 2.2, without the form that ends in dotted decimals. */
static bool is_ipv6(struct span s)
{
    size_t groups = 0, gap = span_search(s, 0, SPAN_LIT("::"));
    bool gapped = gap < s.n;
    if (gapped && span_search(s, gap + 1, SPAN_LIT("::")) < s.n)
        return false;
    for (size_t at = 0; at < s.n;) {
        if (at == gap) {
            at += 2;
            continue;
        }
        size_t end = span_find(s, at, ':');
        uint64_t v;
        if (end - at > 4 || failed(num_hex(span_cut(s, at, end - at), &v)))
            return false;
        groups++;
        if (end + 1 == s.n && end != gap)
            return false; /* a single colon at the end */
        at = end == gap ? end : end + 1;
    }
    return gapped ? groups < 8 : groups == 8;
}

static bool is_loopback(struct span host)
{
    return span_is(host, "localhost") || span_is(host, "::1") ||
           (is_ipv4(host) && span_starts(host, SPAN_LIT("127.")));
}

/* RFC 1123 names, and IPv4 addresses among them. */
static bool is_host(struct span s)
{
    if (s.n == 0 || s.n > 253)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = ascii_lower(s.p[i]);
        bool edge = i == 0 || i + 1 == s.n || s.p[i - 1] == '.' || s.p[i + 1] == '.';
        bool word = (uint8_t)(c - 'a') < 26 || (uint8_t)(c - '0') < 10;
        if (!word && (edge || (c != '-' && c != '.' && c != '_')))
            return false;
    }
    return true;
}

/* "host:port", "[v6]:port", "host", "[v6]"; *port stays when none is written. */
static struct err split_host(struct span s, struct span *host, uint64_t *port)
{
    size_t end;
    if (span_starts(s, SPAN_LIT("["))) {
        end = span_find(s, 0, ']');
        *host = span_cut(s, 1, end - 1);
        if (end == s.n || !is_ipv6(*host))
            return err(ERR_INPUT);
        end++;
    } else {
        end = span_find(s, 0, ':');
        *host = span_cut(s, 0, end);
        if (!is_host(*host))
            return err(ERR_INPUT);
    }
    if (end == s.n)
        return OK;
    if (s.p[end] != ':')
        return err(ERR_INPUT);
    TRY(num_u64(span_from(s, end + 1), 65535, port));
    return *port ? OK : err(ERR_INPUT);
}

struct err settings_derive_listener(struct settings_listener *l, const char **expected)
{
    l->is_unix = span_starts(l->address, SPAN_LIT("unix:"));
    l->port = 0;
    if (l->is_unix) {
        l->host = span_from(l->address, 5);
        if (l->host.n == 0 || l->host.p[0] != '/' || l->host.n > 100)
            return expect(expected, "unix: with an absolute path of at most 100 bytes");
    } else if (failed(split_host(l->address, &l->host, &l->port)) || l->port == 0 ||
               !(is_ipv4(l->host) || is_ipv6(l->host))) {
        return expect(expected, "an address such as 127.0.0.1:4040, [::1]:4040 or unix:/path");
    }
    bool near = l->is_unix || is_loopback(l->host);
    if ((l->certificate.n == 0) != (l->private_key.n == 0))
        return expect(expected, "certificate and private_key together");
    if (!near && l->certificate.n == 0 && !l->plain_http)
        return expect(expected, "certificate and private_key, or plain_http: true, for an address "
                                "that others can reach");
    if (!near && l->as.n)
        return expect(expected, "a loopback address or a Unix socket where `as` stands");
    return OK;
}

static struct err derive_url(struct settings_provider *p, const char **expected)
{
    struct span rest;
    if (span_starts(p->base_url, SPAN_LIT("https://"))) {
        p->tls = true;
        rest = span_from(p->base_url, 8);
    } else if (span_starts(p->base_url, SPAN_LIT("http://"))) {
        p->tls = false;
        rest = span_from(p->base_url, 7);
    } else {
        return expect(expected, "a base_url that begins with https:// (or http:// for loopback)");
    }
    size_t slash = span_find(rest, 0, '/');
    p->path = span_from(rest, slash);
    p->port = p->tls ? 443 : 80;
    for (size_t i = 0; i < p->path.n; i++)
        if (p->path.p[i] <= ' ' || p->path.p[i] >= 0x7f || strchr("?#\"<>\\^`{|}", p->path.p[i]))
            return expect(expected, "a base_url without query, fragment or blanks");
    if (failed(split_host(span_cut(rest, 0, slash), &p->host, &p->port)))
        return expect(expected,
                      "a base_url with a host name or address, a port from 1 to 65535 where one "
                      "stands, and no user name");
    if (!p->tls && !is_loopback(p->host))
        return expect(expected, "https:// in base_url: http:// is for loopback only");
    return OK;
}

static struct err derive_key(struct settings_provider *p, const char **expected)
{
    static const struct {
        const char *prefix;
        enum settings_key_source source;
    } sources[] = {{"vault:", KEY_VAULT}, {"credential:", KEY_CREDENTIAL}, {"file:", KEY_FILE}};
    p->key_source = KEY_NONE;
    p->key_name = SPAN_NONE;
    if (p->key.n == 0)
        return OK;
    for (size_t i = 0; i < 3; i++) {
        struct span prefix = span_str(sources[i].prefix);
        if (!span_starts(p->key, prefix))
            continue;
        p->key_source = sources[i].source;
        p->key_name = span_from(p->key, prefix.n);
        bool path = p->key_source == KEY_FILE && p->key_name.n && p->key_name.p[0] == '/';
        if (path || (p->key_source != KEY_FILE && settings_name_ok(p->key_name)))
            return OK;
    }
    return expect(expected,
                  "vault:NAME, credential:NAME or file:/PATH for key, never the key itself");
}

static struct span default_url(uint32_t kind)
{
    static const char *const urls[] = {
        [KIND_OPENAI] = "https://api.openai.com/v1",
        [KIND_ANTHROPIC] = "https://api.anthropic.com",
        [KIND_OLLAMA] = "http://127.0.0.1:11434",
    };
    return kind < KIND_ECHO ? span_str(urls[kind]) : SPAN_NONE;
}

struct err settings_derive_provider(struct settings_provider *p, const char **expected)
{
    if (p->kind == KIND_ECHO) {
        if (p->base_url.n || p->key.n)
            return expect(expected, "neither base_url nor key for the kind echo");
        p->host = p->path = p->key_name = SPAN_NONE;
        p->tls = false;
        p->port = 0;
        p->key_source = KEY_NONE;
        return OK;
    }
    if (p->base_url.n == 0)
        p->base_url = default_url(p->kind);
    while (span_ends(p->base_url, SPAN_LIT("/")))
        p->base_url.n--;
    TRY(derive_url(p, expected));
    if (p->trust == TRUST_LOCAL && !is_loopback(p->host) && !p->private_network)
        return expect(expected, "a loopback host, or private_network: true, for trust: local");
    return derive_key(p, expected);
}

bool settings_name_ok(struct span name)
{
    if (name.n == 0 || name.n > 64)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = ascii_lower(name.p[i]);
        bool word = (uint8_t)(c - 'a') < 26 || (uint8_t)(c - '0') < 10;
        if (!word && (i == 0 || (c != '.' && c != '-' && c != '_')))
            return false;
    }
    return true;
}

void settings_masking_join(struct settings_masking *m)
{
    unsigned __int128 bit = (unsigned __int128)1 << ENTITY_SECRET;
    m->entities = m->secrets ? m->entities | bit : m->entities & ~bit;
}
