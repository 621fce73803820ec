/* SPDX-License-Identifier: Apache-2.0 */
/* Stream framing: each text whole, at every split and one byte at a time gives the same events. */
#include "unit.h"

#include "sse.h"

#include <stdlib.h>

struct sse_case {
    enum sse_kind kind;
    const char *text;
    const char *events; /* "name|id|retry|data" with a ~ after each; the last may come at the end */
};

static const struct sse_case cases[] = {
    {SSE_EVENTS, "data: {\"a\":1}\n\n", "|||{\"a\":1}~"},
    {SSE_EVENTS, "data: a\r\n\r\ndata: b\r\rdata: c\n\n", "|||a~|||b~|||c~"},
    {SSE_EVENTS, "event: message_start\ndata: x\n\nevent: ping\ndata: {}\n\n",
     "message_start|||x~ping|||{}~"},
    {SSE_EVENTS, "data: a\ndata: b\r\ndata:c\rdata\n\n", "|||a\nb\nc\n~"},
    {SSE_EVENTS, "data\n\n", "|||~"},
    {SSE_EVENTS, "data:\n\ndata: \n\ndata:  x \n\n", "|||~|||~||| x ~"},
    {SSE_EVENTS, ": comment\n\n:\ndata: a\n: in the block\ndata: b\n\n", "|||a\nb~"},
    {SSE_EVENTS, "event: lost\n\ndata: a\n\n", "|||a~"},
    {SSE_EVENTS, "event: old\nevent: new\ndata: a\n\n", "new|||a~"},
    {SSE_EVENTS, "id: 7\nretry: 3000\ndata: a\n\ndata: b\n\n", "|7|3000|a~|||b~"},
    {SSE_EVENTS, "retry: 3s\nfoo: bar\nfoo\nDATA: no\ndata: a\n\n", "|||a~"},
    {SSE_EVENTS,
     "\xef\xbb\xbf"
     "data: a\n\n",
     "|||a~"},
    {SSE_EVENTS,
     "\xef\xbb"
     "data: a\n\ndata: b\n\n",
     "|||b~"},
    {SSE_EVENTS, "\n\n\r\n\rdata: a\n\n\n\n", "|||a~"},
    {SSE_EVENTS, "data: a\n\ndata: [DONE]", "|||a~|||[DONE]~"},
    {SSE_EVENTS, "data: a\n\ndata: [DONE]\n", "|||a~|||[DONE]~"},
    {SSE_EVENTS, "data: a\n\nevent: x\r\ndata: b\r", "|||a~x|||b~"},
    {SSE_EVENTS, "data: a\n\nevent: x\n", "|||a~"},
    {SSE_EVENTS, "data: \xf0\x9f\x98\x80 caf\xc3\xa9\n\n", "|||\xf0\x9f\x98\x80 caf\xc3\xa9~"},
    {SSE_EVENTS, "", ""},
    {SSE_LINES, "{\"a\":1}\n{\"b\":2}\r\n\n\r\n{\"done\":true}",
     "|||{\"a\":1}~|||{\"b\":2}~|||{"
     "\"done\":true}~"},
    {SSE_LINES, "\xef\xbb\xbf{}\n", "|||{}~"},
    {SSE_LINES, "{\"a\":\r1}\n", "|||{\"a\":\r1}~"},
    {SSE_LINES, "data: not an event\n", "|||data: not an event~"},
};

static void put_event(struct buf *out, const struct sse_event *e)
{
    assert_ok(buf_put(out, e->name));
    assert_ok(buf_put_u8(out, '|'));
    assert_ok(buf_put(out, e->id));
    assert_ok(buf_put_u8(out, '|'));
    if (e->has_retry)
        assert_ok(buf_put_u64(out, e->retry_ms));
    assert_ok(buf_put_u8(out, '|'));
    assert_ok(buf_put(out, e->data));
    assert_ok(buf_put_u8(out, '~'));
}

/* One piece, in memory of exactly its size. */
static struct err feed(struct sse *s, struct span piece, struct buf *out)
{
    uint8_t *exact = malloc(piece.n + 1);
    if (piece.n)
        memcpy(exact, piece.p, piece.n);
    struct span in = span(exact, piece.n);
    struct err e = OK;
    while (!failed(e)) {
        struct sse_event event;
        size_t used;
        e = sse_next(s, in, &used, &event);
        in = span_from(in, used);
        if (!failed(e))
            put_event(out, &event);
    }
    if (err_cat(e) == ERR_AGAIN)
        assert_int_equal(in.n, 0);
    free(exact);
    return e;
}

static void run(const struct sse_case *c, size_t cut, bool single)
{
    struct span text = span_str(c->text);
    BUF_AUTO hold = buf_init(100), out = buf_init(1000);
    struct sse s;
    sse_init(&s, c->kind, &hold);
    if (single)
        for (size_t i = 0; i < text.n; i++)
            assert_fails(ERR_AGAIN, feed(&s, span(text.p + i, 1), &out));
    else {
        assert_fails(ERR_AGAIN, feed(&s, span_cut(text, 0, cut), &out));
        assert_fails(ERR_AGAIN, feed(&s, span_from(text, cut), &out));
    }
    struct sse_event last;
    struct err e = sse_end(&s, &last);
    if (!failed(e))
        put_event(&out, &last);
    else
        assert_int_equal(err_cat(e), ERR_CLOSED);
    assert_fails(ERR_CLOSED, sse_end(&s, &last));
    if (!span_is(buf_span(&out), c->events))
        fail_msg("%s cut at %zu: %.*s", c->text, cut, SPAN_ARG(buf_span(&out)));
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t cut = 0; cut <= strlen(cases[i].text); cut++)
            run(&cases[i], cut, false);
        run(&cases[i], 0, true);
    }
}

/* `n` bytes of data in an event, in pieces of `step`, against a ceiling of 64. */
static struct err sized(const char *field, size_t n, size_t step)
{
    BUF_AUTO hold = buf_init(64), in = buf_init(1000), out = buf_init(1000);
    struct sse s;
    sse_init(&s, SSE_EVENTS, &hold);
    assert_ok(buf_puts(&in, field));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_put_u8(&in, 'x'));
    assert_ok(buf_puts(&in, "\n\n"));
    struct err e = err(ERR_AGAIN);
    for (size_t at = 0; at < in.n && err_cat(e) == ERR_AGAIN; at += step)
        e = feed(&s, span_cut(buf_span(&in), at, step), &out);
    return e;
}

static void test_ceilings(void **state)
{
    (void)state;
    for (size_t step = 1; step < 400; step += 7) {
        assert_fails(ERR_AGAIN, sized("data: ", 58, step));
        assert_fails(ERR_LIMIT, sized("data: ", 59, step));
        assert_fails(ERR_LIMIT, sized("data: a\ndata: ", 58, step));
        assert_fails(ERR_LIMIT, sized(": ", 63, step));
    }
    BUF_AUTO hold = buf_init(1000), in = buf_init(1000), out = buf_init(1000);
    for (size_t over = 0; over < 2; over++)
        for (size_t id = 0; id < 2; id++) {
            struct sse s;
            sse_init(&s, SSE_EVENTS, &hold);
            buf_clear(&in);
            assert_ok(buf_puts(&in, id ? "id:" : "event:"));
            for (size_t i = 0; i < (id ? SSE_ID_MAX : SSE_NAME_MAX) + over; i++)
                assert_ok(buf_put_u8(&in, 'x'));
            assert_ok(buf_puts(&in, "\ndata:\n\n"));
            assert_fails(over ? ERR_LIMIT : ERR_AGAIN, feed(&s, buf_span(&in), &out));
        }
}

/* An id with a NUL is ignored, as the specification says. */
static void test_nul_in_id(void **state)
{
    (void)state;
    BUF_AUTO hold = buf_init(100), out = buf_init(100);
    struct sse s;
    sse_init(&s, SSE_EVENTS, &hold);
    assert_fails(ERR_AGAIN, feed(&s, SPAN_LIT("id: a\0b\ndata: x\n\n"), &out));
    assert_span(buf_span(&out), SPAN_LIT("|||x~"));
}

/* A hostile stream costs linear time: a MiB of empty lines, in both spellings, in one read. */
static void test_empty_lines(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    uint8_t *text = malloc(N);
    for (unsigned c = '\n'; c <= '\r'; c += '\r' - '\n') {
        memset(text, (int)c, N);
        BUF_AUTO hold = buf_init(100), out = buf_init(100);
        struct sse s;
        sse_init(&s, SSE_EVENTS, &hold);
        assert_fails(ERR_AGAIN, feed(&s, span(text, N), &out));
        assert_int_equal(out.n, 0);
    }
    free(text);
}

static void test_writer(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(100);
    assert_ok(sse_write(&out, SPAN_NONE, SPAN_LIT("{}")));
    assert_ok(sse_write(&out, SPAN_LIT("ping"), SPAN_LIT("{}")));
    assert_ok(sse_write_comment(&out, SPAN_LIT("wait")));
    assert_ok(sse_write_line(&out, SPAN_LIT("{}")));
    struct span want = SPAN_LIT("data: {}\n\nevent: ping\ndata: {}\n\n: wait\n\n{}\n");
    assert_span(buf_span(&out), want);
    assert_fails(ERR_INPUT, sse_write(&out, SPAN_NONE, SPAN_LIT("a\nb")));
    assert_fails(ERR_INPUT, sse_write(&out, SPAN_NONE, SPAN_LIT("a\rb")));
    assert_fails(ERR_INPUT, sse_write(&out, SPAN_LIT("a\n"), SPAN_LIT("b")));
    assert_fails(ERR_INPUT, sse_write_comment(&out, SPAN_LIT("\n")));
    assert_fails(ERR_INPUT, sse_write_line(&out, SPAN_LIT("a\r")));
    uint8_t big[200] = {0};
    assert_fails(ERR_LIMIT, sse_write(&out, SPAN_NONE, span(big, sizeof big)));
    assert_span(buf_span(&out), want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),     cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_nul_in_id), cmocka_unit_test(test_empty_lines),
        cmocka_unit_test(test_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
