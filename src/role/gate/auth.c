/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the access key in a request. Called once a request; one SHA-256 and a look-up. */
#include "auth.h"

#include "b64.h"
#include "clock.h"
#include "net.h"
#include "num.h"

#include <string.h>

enum { KEY_TEXT_MAX = 256 };

/* The one credential of a request, as it is gathered. */
struct credential {
    uint8_t text[KEY_TEXT_MAX];
    size_t n;
    bool seen, differs;
};

static void offer(struct credential *c, struct span key)
{
    if (key.n == 0)
        return;
    if (key.n > sizeof c->text) {
        c->seen = c->differs = true;
    } else if (!c->seen) {
        memcpy(c->text, key.p, key.n);
        c->n = key.n;
        c->seen = true;
    } else if (!span_eq_const_time(key, span(c->text, c->n))) {
        c->differs = true;
    }
}

static bool scheme(struct span value, const char *name, struct span *rest)
{
    size_t n = strlen(name);
    if (value.n <= n || !span_eq_nocase(span_cut(value, 0, n), span_str(name)) || value.p[n] != ' ')
        return false;
    *rest = span_trim(span_from(value, n));
    return true;
}

/* Basic user:password, where the password is the key (RFC 7617). */
static void offer_basic(struct credential *c, struct span encoded)
{
    uint8_t plain[KEY_TEXT_MAX + 128];
    struct wr w = wr_of(plain, sizeof plain);
    if (failed(b64_decode(&w, encoded, B64_STD, NULL))) {
        c->seen = c->differs = true;
        return;
    }
    struct span pair = wr_span(&w);
    size_t colon = span_find(pair, 0, ':');
    offer(c, span_from(pair, colon + (colon < pair.n)));
    explicit_bzero(plain, sizeof plain);
}

/* "?key=" as forms write it: letters, digits and signs may stand behind percent signs. */
static void offer_query(struct credential *c, struct span value)
{
    uint8_t plain[KEY_TEXT_MAX + 1];
    struct wr w = wr_of(plain, sizeof plain);
    for (size_t i = 0; i < value.n; i++) {
        bool escape = value.p[i] == '%' && value.n - i > 2;
        wr_u8(&w,
              escape ? (uint8_t)(num_hex_digit(value.p[i + 1]) << 4 | num_hex_digit(value.p[i + 2]))
                     : value.p[i]);
        i += escape ? 2 : 0;
    }
    if (failed(wr_done(&w)))
        c->seen = c->differs = true;
    else
        offer(c, wr_span(&w));
    explicit_bzero(plain, sizeof plain);
}

static void gather(struct credential *c, const struct http_request *r)
{
    const struct http_head *h = &r->head;
    struct span rest, value = http_header(h, HTTP_AUTHORIZATION);
    if (scheme(value, "Bearer", &rest))
        offer(c, rest);
    else if (scheme(value, "Basic", &rest))
        offer_basic(c, rest);
    else if (value.n)
        c->seen = c->differs = true;
    offer(c, http_header(h, HTTP_X_API_KEY));
    offer(c, http_header(h, HTTP_X_GOOG_API_KEY));
    offer(c, http_header(h, HTTP_API_KEY));
    for (size_t at = 0; at < r->query.n;) {
        size_t end = span_find(r->query, at, '&');
        struct span pair = span_cut(r->query, at, end - at);
        if (span_starts(pair, SPAN_LIT("key=")))
            offer_query(c, span_from(pair, 4));
        at = end + 1;
    }
}

/* "localhost", an address of loopback, with or without a port; a Unix socket's client may say
 * anything of the kind. */
static bool names_loopback(struct span host)
{
    size_t colon = host.n;
    while (colon > 0 && (uint8_t)(host.p[colon - 1] - '0') < 10)
        colon--;
    if (colon > 0 && host.p[colon - 1] == ':' &&
        (host.p[0] == '[' || span_find(host, 0, ':') == colon - 1))
        host.n = colon - 1;
    struct net_addr a;
    return span_eq_nocase(host, SPAN_LIT("localhost")) ||
           (!failed(net_parse_ip(host, 1, &a)) && net_is_loopback(&a));
}

/*
 * Where no key is asked for, a web page open in a browser on this machine must not pass for the
 * owner: its requests name its own origin, and after a rebound DNS name a foreign host.
 */
static bool is_local_program(const struct http_head *h)
{
    struct span origin = http_header(h, HTTP_ORIGIN), host = http_header(h, HTTP_HOST);
    size_t at = span_search(origin, 0, SPAN_LIT("://"));
    bool page = span_is(http_header_named(h, SPAN_LIT("sec-fetch-site")), "cross-site");
    return !page && names_loopback(host) &&
           (origin.n == 0 || (at < origin.n && names_loopback(span_from(origin, at + 3))));
}

struct err auth_check(struct gate *g, const struct http_request *r, uint32_t listener,
                      struct key_entry *who)
{
    struct credential c = {.n = 0};
    gather(&c, r);
    struct span as = g->settings->listeners[listener].as;
    struct err e = err(ERR_DENIED);
    if (c.seen && !c.differs) {
        e = key_table_find(&g->keys, span(c.text, c.n), clock_wall_ns() / 1000000000U, who);
    } else if (!c.seen && as.n && as.n <= KEY_NAME_MAX && is_local_program(&r->head)) {
        memset(who, 0, sizeof *who);
        memcpy(who->name, as.p, as.n);
        who->scopes = KEY_SCOPES_DEFAULT;
        e = OK;
    }
    explicit_bzero(&c, sizeof c);
    return failed(e) ? err(ERR_DENIED) : OK;
}
