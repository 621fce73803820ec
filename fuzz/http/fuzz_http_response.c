/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/http/response.c src/http/head.c */
/* planted: src/http/response.c | if (r->status < 200 || r->status == 204) { | if (r->status < 200)
 * { */
/*
 * A response head: byte 0 is where the input is split (low bits) and what was asked (high bit), the
 * rest is the message. Whole and split must agree, and framing must follow from status and method.
 */
#include "http.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check(struct span in, const struct http_response *r, size_t used)
{
    const struct http_head *h = &r->head;
    must(used <= in.n && used >= 4 && memcmp(in.p + used - 4, "\r\n\r\n", 4) == 0);
    must(r->status >= 100 && r->status <= 599 && r->status != 101);
    must(r->reason.n == 0 || (r->reason.p > in.p && r->reason.n < in.n));
    bool bodiless =
        r->asked == HTTP_HEAD || r->status < 200 || r->status == 204 || r->status == 304;
    must(!bodiless || h->framing == HTTP_NO_BODY);
    must(h->framing != HTTP_UNTIL_CLOSE || !h->keep_alive);
    must(bodiless || h->framing != HTTP_NO_BODY || (h->has_length && h->length == 0));
    for (size_t i = 0; i < h->fields; i++)
        must(memchr(http_field_value(h, i).p, '\n', http_field_value(h, i).n) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    static struct http_response whole, part;
    struct span in = span(data + 1, size - 1);
    enum http_method asked = data[0] & 0x80 ? HTTP_HEAD : HTTP_POST;
    struct fault f = {0, NULL}, g = {0, NULL};
    size_t used, n;
    http_response_init(&whole, asked);
    struct err e = http_parse_response(in, &whole, &used, &f);
    if (!failed(e))
        check(in, &whole, used);
    http_response_init(&part, asked);
    struct err early = http_parse_response(span_cut(in, 0, data[0] & 0x7f), &part, &n, &g);
    if (err_cat(early) == ERR_AGAIN)
        early = http_parse_response(in, &part, &n, &g);
    must(early.v == e.v && n == used && f.at == g.at && f.why == g.why);
    must(!failed(e) || err_cat(e) == ERR_AGAIN || (f.why && whole.head.refusal == 502));
    return 0;
}
