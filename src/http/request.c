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
    r->method_text = r->target = r->path = r->query = SPAN_NONE;
    r->has_query = r->expect_continue = false;
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
    r->head.base = base;
    r->method_text.p = base;
    r->target.p = base + r->method_text.n + 1;
    r->path.p = r->target.p;
    r->query.p = r->target.p + r->path.n + (r->has_query ? 1 : 0);
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

static struct err read_target(struct http_request *r, size_t at, struct fault *f)
{
    struct span t = r->target;
    if (t.n > HTTP_TARGET_MAX)
        return refuse(r, f, at, 414, "the request target is longer than 8 KiB");
    if (r->method == HTTP_OPTIONS && span_eq(t, SPAN_LIT("*"))) {
        r->path = t;
        return OK;
    }
    if (t.n == 0 || t.p[0] != '/')
        return refuse(r, f, at, 400, "the request target does not start with a slash");
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

static struct err read_request_line(struct http_request *r, struct span line, struct fault *f)
{
    size_t method_n = http_class_prefix(line, HTTP_CLASS_TOKEN);
    if (method_n == 0 || method_n > HTTP_METHOD_MAX || method_n == line.n ||
        line.p[method_n] != ' ')
        return refuse(r, f, method_n, 400, "the request line does not start with a method");
    r->method_text = span(line.p, method_n);
    r->method = http_method_find(r->method_text);
    size_t target_at = method_n + 1, blank = span_find(line, target_at, ' ');
    if (blank == line.n)
        return refuse(r, f, blank, blank - target_at > HTTP_TARGET_MAX ? 414 : 400,
                      "the request line has no version");
    r->target = span_cut(line, target_at, blank - target_at);
    TRY(read_target(r, target_at, f));
    return read_version(r, span_from(line, blank + 1), blank + 1, f);
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
    if (!http_has(h, HTTP_HOST))
        return h->minor == 0 ? OK : refuse(r, f, end, 400, "Host is missing");
    if (!good_host(http_header(h, HTTP_HOST)))
        return refuse(r, f, h->field[h->first[HTTP_HOST]].value_at, 400, "Host is not a host");
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
    if (h->line_at == 0) {
        struct span line;
        TRY(http_head_line(h, in, &line, f));
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
