/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies: good and bad framing, each whole, at every split and one byte at a time; what writers
 * make, the reader reads back; poison. */
#include "unit.h"

#include "buf.h"
#include "http.h"

#include <stdlib.h>

struct body_case {
    const char *text, *content, *rest; /* rest: what follows the body and must stay */
};

static const struct body_case good[] = {
    {"0\r\n\r\n", "", ""},
    {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", "hello world", "GET /"},
    {"a;x=1;y=\"z\"\r\n0123456789\r\n00\r\n\r\n", "0123456789", ""},
    {"000A\r\n0123456789\r\n0;last\r\n\r\n", "0123456789", ""},
    {"3\r\n\r\n\n\r\n0\r\nTrailer: v\r\nx:\r\n\r\nnext", "\r\n\n", "next"},
};

static const struct {
    const char *text;
    enum err_cat cat;
    size_t at;
} bad[] = {
    {"\r\n\r\n", ERR_INPUT, 0},
    {"g\r\n", ERR_INPUT, 0},
    {" 5\r\nhello", ERR_INPUT, 0},
    {"5 \r\nhello", ERR_INPUT, 1},
    {"+5\r\nhello", ERR_INPUT, 0},
    {"0x5\r\nhello", ERR_INPUT, 1},
    {"-1\r\n", ERR_INPUT, 0},
    {"5\nhello\r\n", ERR_INPUT, 1},
    {"5\rhello\r\n", ERR_INPUT, 2},
    {"5\r\r\nhello\r\n", ERR_INPUT, 2},
    {"5\r\nhello0\r\n\r\n", ERR_INPUT, 8},
    {"5\r\nhello\n0\r\n\r\n", ERR_INPUT, 8},
    {"5\r\nhello\r0\r\n\r\n", ERR_INPUT, 9},
    {"5;a\nb\r\nhello", ERR_INPUT, 3},
    {"5;a\x01\r\nhello", ERR_INPUT, 3},
    {";a\r\n", ERR_INPUT, 0},
    {"1000000000000000\r\n", ERR_INPUT, 15},
    {"ffffffffffffffff\r\n", ERR_INPUT, 15},
    {"0\r\n\n", ERR_INPUT, 3},
    {"0\r\n a: b\r\n\r\n", ERR_INPUT, 3},
    {"0\r\na : b\r\n\r\n", ERR_INPUT, 4},
    {"0\r\n: b\r\n\r\n", ERR_INPUT, 3},
    {"0\r\na\r\n\r\n", ERR_INPUT, 4},
    {"0\r\na: b\x7f\r\n\r\n", ERR_INPUT, 7},
    {"0\r\na: b\rc\r\n\r\n", ERR_INPUT, 8},
    {"0\r\n\rx", ERR_INPUT, 4},
};

/* All of `in` through the reader in pieces that end at `cut` and then every `step` bytes. */
static struct err drain(const struct http_head *h, struct span in, size_t cut, size_t step,
                        struct buf *out, size_t *used)
{
    struct http_body b;
    http_body_init(&b, h);
    *used = 0;
    size_t end = cut;
    while (!http_body_done(&b)) {
        uint8_t *exact = malloc(end - *used + 1);
        memcpy(exact, in.p + *used, end - *used);
        struct span content;
        struct fault f = {0, NULL};
        size_t n;
        struct err e = http_body_next(&b, span(exact, end - *used), &n, &content, &f);
        if (!failed(e))
            assert_ok(buf_put(out, content));
        free(exact);
        if (failed(e) && err_cat(e) != ERR_AGAIN) {
            *used += f.at;
            assert_non_null(f.why);
            return e;
        }
        *used += n;
        if (err_cat(e) == ERR_AGAIN)
            assert_int_equal(*used, end);
        if (*used == end && end == in.n)
            break;
        if (*used == end)
            end = in.n - end < step ? in.n : end + step;
    }
    if (http_body_done(&b)) {
        size_t n;
        struct span content;
        assert_ok(http_body_next(&b, SPAN_LIT("more"), &n, &content, NULL));
        assert_int_equal(n, 0);
        assert_int_equal(b.total, out->n);
    }
    return http_body_eof(&b);
}

static struct http_head framed(enum http_framing framing, uint64_t length)
{
    struct http_head h = {.framing = framing, .length = length};
    return h;
}

static void test_chunked(void **state)
{
    (void)state;
    struct http_head h = framed(HTTP_CHUNKED, 0);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct span in = span_str(good[i].text);
        for (size_t cut = 0; cut <= in.n; cut++)
            for (size_t step = 1; step <= in.n; step += in.n - 1) {
                BUF_AUTO out = buf_init(1000);
                size_t used;
                assert_ok(drain(&h, in, cut, step, &out, &used));
                assert_span(buf_span(&out), span_str(good[i].content));
                assert_string_equal(good[i].text + used, good[i].rest);
            }
        size_t whole = in.n - strlen(good[i].rest);
        for (size_t n = 0; n < whole; n++) { /* cut off: never taken for the end */
            BUF_AUTO out = buf_init(1000);
            size_t used;
            assert_fails(ERR_CLOSED, drain(&h, span(in.p, n), n, 1, &out, &used));
        }
    }
}

static void test_chunked_refusals(void **state)
{
    (void)state;
    struct http_head h = framed(HTTP_CHUNKED, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct span in = span_str(bad[i].text);
        for (size_t cut = 0; cut <= in.n; cut++) {
            BUF_AUTO out = buf_init(1000);
            size_t used;
            struct err e = drain(&h, in, cut, 1, &out, &used);
            if (err_cat(e) != bad[i].cat || used != bad[i].at)
                fail_msg("%s: %s at %zu", bad[i].text, err_word(e), used);
        }
    }
}

static void test_chunk_ceilings(void **state)
{
    (void)state;
    struct http_head h = framed(HTTP_CHUNKED, 0);
    for (size_t over = 0; over < 2; over++) {
        BUF_AUTO in = buf_init(1 << 20), out = buf_init(1000);
        size_t used;
        assert_ok(buf_puts(&in, "1;"));
        for (size_t i = 0; i < HTTP_CHUNK_EXT_MAX + over; i++)
            assert_ok(buf_put_u8(&in, 'x'));
        assert_ok(buf_puts(&in, "\r\nA\r\n0\r\n\r\n"));
        struct err e = drain(&h, buf_span(&in), in.n, 1, &out, &used);
        assert_int_equal(err_cat(e), over ? ERR_LIMIT : ERR_NONE);
        buf_clear(&in);
        buf_clear(&out);
        assert_ok(buf_puts(&in, "0\r\na:"));
        for (size_t i = 0; i < HTTP_TRAILER_MAX - 6 + over; i++)
            assert_ok(buf_put_u8(&in, 'x'));
        assert_ok(buf_puts(&in, "\r\n\r\n"));
        e = drain(&h, buf_span(&in), in.n, 1, &out, &used);
        assert_int_equal(err_cat(e), over ? ERR_LIMIT : ERR_NONE);
    }
}

static void test_length(void **state)
{
    (void)state;
    const struct span in = SPAN_LIT("hello world");
    for (size_t length = 1; length <= in.n + 1; length++)
        for (size_t cut = 0; cut <= in.n; cut++) {
            struct http_head h = framed(HTTP_LENGTH, length);
            BUF_AUTO out = buf_init(100);
            size_t used;
            struct err e = drain(&h, in, cut, 1, &out, &used);
            assert_int_equal(err_cat(e), length > in.n ? ERR_CLOSED : ERR_NONE);
            assert_span(buf_span(&out), span_cut(in, 0, length));
            assert_int_equal(used, out.n);
        }
    struct http_head none = framed(HTTP_NO_BODY, 7), close = framed(HTTP_UNTIL_CLOSE, 0);
    BUF_AUTO out = buf_init(100);
    size_t used;
    assert_ok(drain(&none, in, in.n, 1, &out, &used));
    assert_int_equal(used, 0);
    assert_ok(drain(&close, in, 3, 2, &out, &used));
    assert_span(buf_span(&out), in);
}

/* Zero copy: content lies in the input. */
static void test_borrows(void **state)
{
    (void)state;
    struct http_head h = framed(HTTP_CHUNKED, 0);
    struct http_body b;
    const char text[] = "5\r\nhello\r\n0\r\n\r\n";
    struct span content;
    size_t used;
    http_body_init(&b, &h);
    assert_ok(http_body_next(&b, span_str(text), &used, &content, NULL));
    assert_ptr_equal(content.p, text + 3);
    assert_int_equal(used, 8);
}

static void test_writers(void **state)
{
    (void)state;
    uint8_t p[600];
    struct wr w = wr_of(p, sizeof p);
    http_write_request_line(&w, SPAN_LIT("POST"), SPAN_LIT("/v1/x?y=z"));
    http_write_known(&w, HTTP_HOST, SPAN_LIT("api.example"));
    http_write_header(&w, SPAN_LIT("X-A"), SPAN_LIT(""));
    http_write_length(&w, 12);
    http_write_end(&w);
    assert_ok(wr_done(&w));
    assert_span(wr_span(&w), SPAN_LIT("POST /v1/x?y=z HTTP/1.1\r\nhost: api.example\r\nX-A: \r\n"
                                      "content-length: 12\r\n\r\n"));
    struct http_request r;
    size_t used;
    http_request_init(&r);
    assert_ok(http_parse_request(wr_span(&w), &r, &used, NULL));
    assert_int_equal(r.head.length, 12);
    w = wr_of(p, sizeof p);
    http_write_status(&w, 429);
    http_write_status(&w, 599);
    assert_span(wr_span(&w), SPAN_LIT("HTTP/1.1 429 Too Many Requests\r\nHTTP/1.1 599 \r\n"));
    const uint64_t sizes[] = {1, 15, 16, 255, 4096, 0xabcdef, UINT64_MAX >> 4};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        w = wr_of(p, HTTP_CHUNK_HEAD_MAX);
        http_write_chunk_head(&w, sizes[i]);
        assert_ok(wr_done(&w));
        struct http_head h = framed(HTTP_CHUNKED, 0);
        struct http_body b;
        struct span content;
        http_body_init(&b, &h);
        assert_fails(ERR_AGAIN, http_body_next(&b, wr_span(&w), &used, &content, NULL));
        assert_int_equal(b.left, sizes[i]);
    }
}

static void test_poison(void **state)
{
    (void)state;
    const struct span values[] = {SPAN_LIT("a\r\nx: y"), SPAN_LIT("a\n"), SPAN_LIT("\r"),
                                  SPAN_LIT("a\0b"), SPAN_LIT("0123456789abcdef\x7f")};
    uint8_t p[200];
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct wr w = wr_of(p, sizeof p);
        http_write_known(&w, HTTP_SERVER, values[i]);
        http_write_end(&w);
        assert_fails(ERR_LIMIT, wr_done(&w));
        assert_int_equal(w.n, 0);
        w = wr_of(p, sizeof p);
        http_write_header(&w, values[i], SPAN_LIT("v"));
        assert_fails(ERR_LIMIT, wr_done(&w));
        w = wr_of(p, sizeof p);
        http_write_request_line(&w, SPAN_LIT("GET"), values[i]);
        assert_fails(ERR_LIMIT, wr_done(&w));
        w = wr_of(p, sizeof p);
        http_write_request_line(&w, values[i], SPAN_LIT("/"));
        assert_fails(ERR_LIMIT, wr_done(&w));
    }
    struct wr w = wr_of(p, sizeof p);
    http_write_known(&w, HTTP_HEADER_OTHER, SPAN_LIT("v"));
    assert_fails(ERR_LIMIT, wr_done(&w));
    w = wr_of(p, sizeof p);
    http_write_request_line(&w, SPAN_LIT("GET"), SPAN_LIT("/a b"));
    assert_fails(ERR_LIMIT, wr_done(&w));
    w = wr_of(p, sizeof p);
    http_write_status(&w, 1000);
    assert_fails(ERR_LIMIT, wr_done(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunked),        cmocka_unit_test(test_chunked_refusals),
        cmocka_unit_test(test_chunk_ceilings), cmocka_unit_test(test_length),
        cmocka_unit_test(test_borrows),        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_poison),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
