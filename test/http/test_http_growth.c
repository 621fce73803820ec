/* SPDX-License-Identifier: Apache-2.0 */
/* What a message costs grows with its bytes: heads up to their ceiling, bodies in any chunks. */
#include "growth.h"

#include "http.h"

static void put_many(struct buf *out, const char *open, const char *each, const char *close,
                     size_t n)
{
    assert_ok(buf_puts(out, open));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, each));
    assert_ok(buf_puts(out, close));
}

#define HEAD "POST /v1 HTTP/1.1\r\nHost: a\r\n"

static void many_fields(struct buf *out, size_t n)
{
    put_many(out, HEAD, "x-name-of-a-field: value of it\r\n", "\r\n", n);
}

static void a_long_value(struct buf *out, size_t n)
{
    put_many(out, HEAD "Connection: keep-alive", ", a", "\r\n\r\n", n);
}

static void a_long_target(struct buf *out, size_t n)
{
    put_many(out, "GET /", "%20a", " HTTP/1.1\r\nHost: a\r\n\r\n", n);
}

/* Two hundred times, since a head is small. */
static void read_head(struct span in)
{
    static struct http_request r;
    struct fault f;
    size_t used;
    for (int i = 0; i < 200; i++) {
        http_request_init(&r);
        assert_ok(http_parse_request(in, &r, &used, &f));
    }
}

/* A head that comes a few bytes at a time is not read from its start each time. */
static void read_head_in_pieces(struct span in)
{
    static struct http_request r;
    struct fault f;
    size_t used;
    http_request_init(&r);
    struct err e = err(ERR_AGAIN);
    for (size_t n = 0; err_cat(e) == ERR_AGAIN && n <= in.n; n += 4)
        e = http_parse_request(span_cut(in, 0, n), &r, &used, &f);
    assert_true(!failed(e) || err_cat(e) == ERR_AGAIN);
}

static void chunks_of_one(struct buf *out, size_t n)
{
    put_many(out, "", "1\r\nx\r\n", "0\r\n\r\n", n);
}

static void a_long_extension(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n / 100; i++)
        assert_ok(buf_printf(out, "1;a=%060d\r\nx\r\n", 0));
    assert_ok(buf_puts(out, "0\r\n\r\n"));
}

static void read_body(struct span in)
{
    const struct http_head h = {.framing = HTTP_CHUNKED};
    struct http_body b;
    http_body_init(&b, &h);
    while (!http_body_done(&b)) {
        struct span content;
        size_t used;
        assert_ok(http_body_next(&b, in, &used, &content, NULL));
        in = span_from(in, used);
    }
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(many_fields, read_head, 12);
    assert_linear(a_long_value, read_head, 2000);
    assert_linear(a_long_target, read_head, 200);
    assert_linear(many_fields, read_head_in_pieces, 12);
    assert_linear(a_long_value, read_head_in_pieces, 2000);
    assert_linear(chunks_of_one, read_body, 50000);
    assert_linear(a_long_extension, read_body, 200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_grows_with_the_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
