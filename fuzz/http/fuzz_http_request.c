/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/http/request.c src/http/head.c src/http/names.c */
/* planted: src/http/head.c | if (h->fields == HTTP_FIELDS_MAX) | if (h->fields == HTTP_FIELDS_MAX +
 * 1) */
/*
 * A request head: byte 0 is where the input is split, the rest is the message. Whole and split must
 * agree; everything handed out must lie in the input; what was accepted must keep the promises of
 * http.h.
 */
#include "http.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void inside(struct span in, struct span s)
{
    must(s.n == 0 || (s.p >= in.p && s.n <= in.n && (size_t)(s.p - in.p) <= in.n - s.n));
}

static void check_fields(struct span in, const struct http_head *h)
{
    must(h->fields <= HTTP_FIELDS_MAX);
    for (size_t i = 0; i < h->fields; i++) {
        struct span name = http_field_name(h, i), value = http_field_value(h, i);
        inside(in, name);
        inside(in, value);
        must(name.n > 0 && http_id_find(name) == h->field[i].id);
        must(memchr(value.p, '\n', value.n) == NULL && memchr(value.p, 0, value.n) == NULL);
        must(http_header_named(h, name).p != NULL);
    }
    must(!http_list_has(http_header(h, HTTP_ACCEPT), SPAN_LIT("a,b")));
    inside(in, http_media_type(http_header(h, HTTP_CONTENT_TYPE)));
}

static void check(struct span in, const struct http_request *r, size_t used)
{
    const struct http_head *h = &r->head;
    must(used <= in.n && used >= 4 && memcmp(in.p + used - 4, "\r\n\r\n", 4) == 0);
    inside(in, r->method_text);
    inside(in, r->target);
    inside(in, r->path);
    inside(in, r->query);
    must(r->method == HTTP_OTHER_METHOD || span_eq(r->method_text, http_method_name(r->method)));
    must(r->path.n && (r->path.p[0] == '/' || r->path.p[0] == '*'));
    must(h->minor == 0 || http_has(h, HTTP_HOST));
    must((h->framing == HTTP_LENGTH) == (h->length > 0));
    must(h->framing != HTTP_CHUNKED || !h->has_length);
    must(h->framing != HTTP_UNTIL_CLOSE);
    check_fields(in, h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    static struct http_request whole, part;
    struct span in = span(data + 1, size - 1);
    struct fault f = {0, NULL}, g = {0, NULL};
    size_t used, n;
    http_request_init(&whole);
    struct err e = http_parse_request(in, &whole, &used, &f);
    if (!failed(e))
        check(in, &whole, used);
    http_request_init(&part);
    struct err early = http_parse_request(span_cut(in, 0, data[0]), &part, &n, &g);
    if (err_cat(early) == ERR_AGAIN)
        early = http_parse_request(in, &part, &n, &g);
    must(early.v == e.v);
    must(n == used && f.at == g.at && f.why == g.why);
    must(!failed(e) || err_cat(e) == ERR_AGAIN || (f.why && whole.head.refusal >= 400));
    return 0;
}
