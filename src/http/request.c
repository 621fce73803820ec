/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request heads, as a server reads them. Frequent: "POST /v1/… HTTP/1.1", complete in the first
 * read. Nothing here allocates or keeps a pointer beyond the caller's input.
 */
#include "head_int.h"

#include "num.h"

enum { VERSION_BYTES = 8 }; /* "HTTP/1.1" */

void http_request_init(struct http_request *r)
{
    r->method = HTTP_OTHER_METHOD;
    r->method_text = r->target = r->authority = r->path = r->query = SPAN_NONE;
    r->has_query = r->expect_continue = false;
    r->line_at = 0;
    http_head_init(&r->head);
}

static struct err refuse(struct http_request *r, struct fault *f, size_t at, unsigned status,
                         const char *why)
{
    return http_head_refuse(&r->head, f, status == 414 ? ERR_LIMIT : ERR_INPUT, at, status, why);
}

/* The input may lie elsewhere than at the last call: the lengths hold, the pointers do not. */
static void rebase(struct http_request *r, const uint8_t *base)
{
    size_t path_at = r->target.n - r->path.n - r->query.n - (r->has_query ? 1 : 0);
    r->head.base = base;
    r->method_text.p = base + r->line_at;
    r->target.p = r->method_text.p + r->method_text.n + 1;
    r->path.p = r->target.p + path_at;
    r->authority.p = r->path.p - r->authority.n;
    r->query.p = r->path.p + r->path.n + (r->has_query ? 1 : 0);
}

/* Offset of the first '%' without two hexadecimal digits behind it; s.n when there is none. */
static size_t bad_percent(struct span s)
{
    size_t at = span_find(s, 0, '%');
    while (at < s.n) {
        if (s.n - at < 3 || num_hex_digit(s.p[at + 1]) > 15 || num_hex_digit(s.p[at + 2]) > 15)
            return at;
        at = span_find(s, at + 3, '%');
    }
    return s.n;
}

/* The absolute form, "http://host/path" (RFC 9112 §3.2.2): where the path begins, 0 in any other
 * form. */
static size_t skip_authority(struct http_request *r)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct span scheme = span_str(schemes[i]);
        if (!span_eq_nocase(span_cut(r->target, 0, scheme.n), scheme))
            continue;
        size_t slash = span_find(r->target, scheme.n, '/');
        r->authority = span_cut(r->target, scheme.n, slash - scheme.n);
        return slash;
    }
    return 0;
}

static struct err read_target(struct http_request *r, size_t at, struct fault *f)
{
    struct span t = r->target;
    if (t.n > HTTP_TARGET_MAX)
        return refuse(r, f, at, 414, "the request target is longer than 8 KiB");
    if (r->method == HTTP_OPTIONS && span_eq(t, SPAN_LIT("*"))) {
        r->path = t;
        return OK;
    }
    size_t path_at = skip_authority(r);
    t = span_from(t, path_at);
    at += path_at;
    if (t.n == 0 || t.p[0] != '/')
        return refuse(r, f, at, 400,
                      path_at ? "the request target has no slash behind its host"
                              : "the request target does not start with a slash");
    size_t path_n = http_class_prefix(t, HTTP_CLASS_PATH);
    r->path = span(t.p, path_n);
    r->has_query = path_n < t.n && t.p[path_n] == '?';
    if (r->has_query) {
        r->query = span_from(t, path_n + 1);
        path_n += 1 + http_class_prefix(r->query, HTTP_CLASS_QUERY);
    }
    if (path_n != t.n)
        return refuse(r, f, at + path_n, 400,
                      "the request target holds a character that is not "
                      "allowed");
    size_t percent = bad_percent(t);
    if (percent != t.n)
        return refuse(r, f, at + percent, 400, "a percent sign without two hexadecimal digits");
    return OK;
}

static struct err read_version(struct http_request *r, struct span v, size_t at, struct fault *f)
{
    if (v.n != VERSION_BYTES || memcmp(v.p, "HTTP/", 5) != 0 || v.p[6] != '.' ||
        (uint8_t)(v.p[5] - '0') > 9 || (uint8_t)(v.p[7] - '0') > 9)
        return refuse(r, f, at, 400, "the request line does not end in an HTTP version");
    if (v.p[5] != '1' || v.p[7] > '1')
        return refuse(r, f, at, 505, "the HTTP version is neither 1.1 nor 1.0");
    r->head.minor = (uint8_t)(v.p[7] - '0');
    return OK;
}

/* An empty line before the request line is passed over: some clients end a body with one that is
 * not of it (RFC 9112 §2.2). */
static struct err start_line(struct http_request *r, struct span in, struct span *line,
                             struct fault *f)
{
    struct http_head *h = &r->head;
    if (h->line_at == 0)
        TRY(http_head_line(h, in, line, f));
    if (h->line_at > HTTP_EMPTY_LINE)
        return OK;
    r->line_at = HTTP_EMPTY_LINE;
    return http_head_line(h, in, line, f);
}

static struct err read_request_line(struct http_request *r, struct span line, struct fault *f)
{
    size_t method_n = http_class_prefix(line, HTTP_CLASS_TOKEN), at = r->line_at;
    if (method_n == 0 || method_n > HTTP_METHOD_MAX || method_n == line.n ||
        line.p[method_n] != ' ')
        return refuse(r, f, at + method_n, 400, "the request line does not start with a method");
    r->method_text = span(line.p, method_n);
    r->method = http_method_find(r->method_text);
    size_t target_at = method_n + 1, blank = span_find(line, target_at, ' ');
    if (blank == line.n)
        return refuse(r, f, at + blank, blank - target_at > HTTP_TARGET_MAX ? 414 : 400,
                      "the request line has no version");
    r->target = span_cut(line, target_at, blank - target_at);
    TRY(read_target(r, at + target_at, f));
    return read_version(r, span_from(line, blank + 1), at + blank + 1, f);
}

/* uri-host [":" port], RFC 9112 §3.2; not looked up, only well formed. */
static bool good_host(struct span host)
{
    if (host.n == 0 || http_class_prefix(host, HTTP_CLASS_HOST) != host.n)
        return false;
    size_t close = host.p[0] == '[' ? span_find(host, 0, ']') : 0;
    if (close == host.n)
        return false;
    size_t colon = span_find(host, close, ':');
    struct span name = span_cut(host, 0, colon), port = span_from(host, colon + 1);
    if (close && colon != close + 1 && colon != host.n)
        return false;
    if (name.n == 0 || (close && close + 1 != name.n))
        return false;
    if (!close && (span_find(name, 0, '[') != name.n || span_find(name, 0, ']') != name.n))
        return false;
    for (size_t i = 0; i < port.n; i++)
        if ((uint8_t)(port.p[i] - '0') > 9)
            return false;
    return port.n <= 5;
}

static struct err check_host(struct http_request *r, size_t end, struct fault *f)
{
    struct http_head *h = &r->head;
    struct span host = http_header(h, HTTP_HOST);
    bool has = http_has(h, HTTP_HOST), absolute = r->path.p > r->target.p;
    size_t at = has ? h->field[h->first[HTTP_HOST]].value_at : r->line_at;
    if (!has && h->minor)
        return refuse(r, f, end, 400, "Host is missing");
    if ((has && !good_host(host)) || (absolute && !good_host(r->authority)))
        return refuse(r, f, at, 400, "Host is not a host");
    if (has && absolute && !span_eq_nocase(host, r->authority))
        return refuse(r, f, at, 400, "Host is another than the request target's");
    return OK;
}

static struct err check_expect(struct http_request *r, struct fault *f)
{
    const struct http_head *h = &r->head;
    if (!http_has(h, HTTP_EXPECT))
        return OK;
    if (!span_eq_nocase(http_header(h, HTTP_EXPECT), SPAN_LIT("100-continue")))
        return refuse(r, f, h->field[h->first[HTTP_EXPECT]].value_at, 417,
                      "Expect asks for something other than 100-continue");
    r->expect_continue = h->minor == 1;
    return OK;
}

struct err http_parse_request(struct span in, struct http_request *r, size_t *used, struct fault *f)
{
    struct http_head *h = &r->head;
    *used = 0;
    h->base = in.p;
    if (r->method_text.n == 0) {
        struct span line;
        TRY(start_line(r, in, &line, f));
        TRY(read_request_line(r, line, f));
    } else {
        rebase(r, in.p); /* before anything can fail: a refusal looks at the path */
    }
    TRY(http_head_fields(h, in, f));
    TRY(http_head_framing(h, f));
    TRY(check_host(r, h->line_at, f));
    TRY(check_expect(r, f));
    *used = h->line_at;
    return OK;
}
