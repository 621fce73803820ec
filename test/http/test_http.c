/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads: the tables of good and bad ones, each whole, at every split and one byte at a time; the
 * ceilings at, below and above their value; names; the plain twins of the byte searches.
 */
#include "unit.h"

#include "head_int.h"
#include "http_cases.h"
#include "http_scan_int.h"

#include <stdlib.h>

/* The input in memory of exactly its size, so that a sanitizer sees a read past the end. */
static uint8_t *exact(const void *p, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

/* One parser behind either function, fed with growing prefixes at ever new addresses. */
struct feed {
    bool response;
    struct http_request q;
    struct http_response r;
    size_t used;
    struct fault f;
    uint8_t *last; /* the copy that the result borrows from */
};

static void feed_init(struct feed *d, bool response, enum http_method asked)
{
    *d = (struct feed){.response = response};
    http_request_init(&d->q);
    http_response_init(&d->r, asked);
}

static struct err feed_more(struct feed *d, const void *p, size_t n)
{
    uint8_t *copy = exact(p, n);
    free(d->last); /* what was given before is gone: nothing may still point there */
    d->last = copy;
    return d->response ? http_parse_response(span(copy, n), &d->r, &d->used, &d->f)
                       : http_parse_request(span(copy, n), &d->q, &d->used, &d->f);
}

static const struct http_head *head_of(const struct feed *d)
{
    return d->response ? &d->r.head : &d->q.head;
}

static void assert_same_head(const struct feed *a, const struct feed *b)
{
    const struct http_head *x = head_of(a), *y = head_of(b);
    assert_int_equal(a->used, b->used);
    assert_int_equal(x->fields, y->fields);
    assert_int_equal(x->framing, y->framing);
    assert_int_equal(x->length, y->length);
    assert_int_equal(x->seen, y->seen);
    assert_int_equal(x->keep_alive, y->keep_alive);
    assert_int_equal(x->refusal, y->refusal);
    for (size_t i = 0; i < x->fields; i++) {
        assert_span(http_field_name(x, i), http_field_name(y, i));
        assert_span(http_field_value(x, i), http_field_value(y, i));
        assert_int_equal(x->field[i].id, y->field[i].id);
    }
    if (a->response) {
        assert_span(a->r.reason, b->r.reason);
        assert_int_equal(a->r.status, b->r.status);
        return;
    }
    assert_span(a->q.method_text, b->q.method_text);
    assert_span(a->q.target, b->q.target);
    assert_span(a->q.path, b->q.path);
    assert_span(a->q.query, b->q.query);
}

/* The verdict must not depend on how the bytes came. */
static void every_split(const char *text, size_t n, bool response, enum http_method asked)
{
    struct feed whole, part;
    feed_init(&whole, response, asked);
    struct err want = feed_more(&whole, text, n);
    assert_int_not_equal(err_cat(want), ERR_AGAIN);
    for (size_t at = 0; at <= n + 1; at++) { /* n + 1: one byte at a time */
        feed_init(&part, response, asked);
        struct err e = err(ERR_AGAIN);
        for (size_t k = at > n ? 0 : at; err_cat(e) == ERR_AGAIN && k <= n;
             k = at > n ? k + 1 : n) {
            e = feed_more(&part, text, k);
            if (k == n)
                break;
        }
        assert_int_equal(e.v, want.v);
        if (failed(want))
            assert_string_equal(part.f.why, whole.f.why);
        if (failed(want))
            assert_int_equal(part.f.at, whole.f.at);
        else
            assert_same_head(&whole, &part);
        free(part.last);
    }
    free(whole.last);
}

static void test_good_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_requests); i++) {
        const struct good_request *g = &good_requests[i];
        struct http_request r;
        struct fault f = {0, ""};
        size_t used, n = strlen(g->text);
        http_request_init(&r);
        if (failed(http_parse_request(span(g->text, n), &r, &used, &f)))
            fail_msg("%s: %s at %zu", g->text, f.why, f.at);
        assert_int_equal(used, n);
        assert_int_equal(r.method, g->method);
        assert_span(r.path, span_str(g->path));
        assert_span(r.query, span_str(g->query));
        assert_int_equal(r.head.framing, g->framing);
        assert_int_equal(r.head.length, g->length);
        assert_int_equal(r.head.keep_alive, g->keep_alive);
        assert_int_equal(r.expect_continue, strstr(g->text, "Expect") != NULL);
        every_split(g->text, n, false, HTTP_GET);
    }
}

static void test_bad_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_requests); i++) {
        const struct bad_head *b = &bad_requests[i];
        struct http_request r;
        struct fault f = {0, ""};
        size_t used = 1, n = strlen(b->text);
        http_request_init(&r);
        struct err e = http_parse_request(span(b->text, n), &r, &used, &f);
        if (!failed(e) || r.head.refusal != b->status || !strstr(f.why, b->why))
            fail_msg("%s: %s, %s (%u)", b->text, err_word(e), f.why, r.head.refusal);
        assert_int_equal(used, 0);
        assert_true(f.at <= n);
        every_split(b->text, n, false, HTTP_GET);
    }
}

static void test_good_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_responses); i++) {
        const struct good_response *g = &good_responses[i];
        struct http_response r;
        struct fault f = {0, ""};
        size_t used, n = strlen(g->text);
        http_response_init(&r, g->asked);
        if (failed(http_parse_response(span(g->text, n), &r, &used, &f)))
            fail_msg("%s: %s at %zu", g->text, f.why, f.at);
        assert_int_equal(used, n);
        assert_int_equal(r.status, g->status);
        assert_span(r.reason, span_str(g->reason));
        assert_int_equal(r.head.framing, g->framing);
        assert_int_equal(r.head.length, g->length);
        assert_int_equal(r.head.keep_alive, g->keep_alive);
        every_split(g->text, n, true, g->asked);
    }
}

static void test_bad_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_responses); i++) {
        const struct bad_head *b = &bad_responses[i];
        struct http_response r;
        struct fault f = {0, ""};
        size_t used = 1, n = strlen(b->text);
        http_response_init(&r, HTTP_POST);
        struct err e = http_parse_response(span(b->text, n), &r, &used, &f);
        if (!failed(e) || r.head.refusal != b->status || !strstr(f.why, b->why))
            fail_msg("%s: %s, %s (%u)", b->text, err_word(e), f.why, r.head.refusal);
        assert_int_equal(used, 0);
        every_split(b->text, n, true, HTTP_POST);
    }
}

/* NUL and every other control byte, at every place of a head: never accepted. */
static void test_control_bytes(void **state)
{
    (void)state;
    const char text[] =
        "GET /abc HTTP/1.1\r\nHost: a\r\nX-Long: 0123456789abcdef0123456789\r\n\r\n";
    for (size_t at = 0; at < sizeof text - 1; at++)
        for (unsigned c = 0; c <= 0x7f; c = c == 0x1f ? 0x7f : c + 1) {
            char copy[sizeof text];
            memcpy(copy, text, sizeof text);
            copy[at] = (char)c;
            bool same = text[at] == (char)c,
                 tab_in_value = c == '\t' && at >= 24; /* after "Host:" */
            if (same || tab_in_value)
                continue;
            struct http_request r;
            size_t used;
            http_request_init(&r);
            struct err e = http_parse_request(span(copy, sizeof text - 1), &r, &used, NULL);
            assert_true(failed(e));
        }
}

static void repeat(struct wr *w, uint8_t c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wr_u8(w, c);
}

/* A head of `fields` fields, the last with `pad` bytes of value, and a target of `target` bytes. */
static struct err sized(size_t fields, size_t pad, size_t target, size_t name, unsigned *status)
{
    static char text[512 * 1024];
    struct wr w = wr_of(text, sizeof text);
    wr_str(&w, "GET /");
    repeat(&w, 'a', target - 1);
    wr_str(&w, " HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 2; i < fields; i++)
        wr_str(&w, "X-Y: z\r\n");
    repeat(&w, 'n', name);
    wr_str(&w, ": ");
    repeat(&w, 'v', pad);
    wr_str(&w, "\r\n\r\n");
    assert_ok(wr_done(&w));
    size_t n = w.n;
    if (n < 3000)
        every_split(text, n, false, HTTP_GET);
    struct http_request r;
    size_t used;
    http_request_init(&r);
    struct err e = http_parse_request(span(text, n), &r, &used, NULL);
    *status = r.head.refusal;
    return e;
}

static void test_ceilings(void **state)
{
    (void)state;
    unsigned status;
    assert_ok(sized(HTTP_FIELDS_MAX, 1, 1, 1, &status));
    assert_fails(ERR_LIMIT, sized(HTTP_FIELDS_MAX + 1, 1, 1, 1, &status));
    assert_int_equal(status, 431);
    assert_ok(sized(2, 1, HTTP_TARGET_MAX, 1, &status));
    assert_fails(ERR_LIMIT, sized(2, 1, HTTP_TARGET_MAX + 1, 1, &status));
    assert_int_equal(status, 414);
    assert_ok(sized(2, 1, 1, HTTP_NAME_MAX, &status));
    assert_fails(ERR_LIMIT, sized(2, 1, 1, HTTP_NAME_MAX + 1, &status));
    assert_int_equal(status, 431);
    size_t rest = strlen("GET / HTTP/1.1\r\nHost: a\r\nn: \r\n\r\n");
    assert_ok(sized(2, HTTP_HEAD_MAX - rest, 1, 1, &status));
    assert_fails(ERR_LIMIT, sized(2, HTTP_HEAD_MAX - rest + 1, 1, 1, &status));
    assert_int_equal(status, 431);
    assert_fails(ERR_LIMIT, sized(2, 1, HTTP_HEAD_MAX, 1, &status));
    assert_int_equal(status, 414);
}

/* No line end ever: refused at the ceiling, and cheaply: 64 Ki calls with one byte more each. */
static void test_endless_line(void **state)
{
    (void)state;
    static char text[HTTP_HEAD_MAX];
    memset(text, 'a', sizeof text);
    struct http_request r;
    size_t used, n = 0;
    http_request_init(&r);
    struct err e = err(ERR_AGAIN);
    while (err_cat(e) == ERR_AGAIN)
        e = http_parse_request(span(text, ++n), &r, &used, NULL);
    assert_fails(ERR_LIMIT, e);
    assert_int_equal(n, HTTP_HEAD_MAX);
    assert_int_equal(r.head.refusal, 414);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned id = 1; id < HTTP_ID_COUNT; id++) {
        struct span name = http_id_name((enum http_id)id);
        char upper[64] = {0};
        for (size_t i = 0; i < name.n; i++)
            upper[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z' ? name.p[i] - 32 : name.p[i]);
        assert_int_equal(http_id_find(name), id);
        assert_int_equal(http_id_find(span(upper, name.n)), id);
        for (size_t i = 0; i < name.n; i++) { /* no byte but the right one, in either case */
            upper[i] ^= 0x10;
            assert_int_not_equal(http_id_find(span(upper, name.n)), id);
            upper[i] ^= 0x10;
        }
        assert_int_not_equal(http_id_find(span(upper, name.n - 1)), id);
    }
    assert_int_equal(http_id_find(SPAN_NONE), HTTP_HEADER_OTHER);
    assert_span(http_id_name(HTTP_ID_COUNT), SPAN_LIT(""));
    assert_span(http_method_name(HTTP_POST), SPAN_LIT("POST"));
    assert_span(http_method_name((enum http_method)99), SPAN_LIT(""));
    assert_int_equal(http_method_find(SPAN_LIT("post")), HTTP_OTHER_METHOD);
}

static void test_lookups(void **state)
{
    (void)state;
    const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nAccept: b\r\nx-one: 2\r\n"
                        "ACCEPT: c\r\nCookie:\r\n\r\nrest";
    struct http_request r;
    size_t used;
    http_request_init(&r);
    assert_ok(http_parse_request(span_str(text), &r, &used, NULL));
    assert_string_equal(text + used, "rest");
    assert_span(http_header(&r.head, HTTP_ACCEPT), SPAN_LIT("b"));
    assert_span(http_header_named(&r.head, SPAN_LIT("X-ONE")), SPAN_LIT("1"));
    assert_span(http_header_named(&r.head, SPAN_LIT("accept")), SPAN_LIT("b"));
    assert_null(http_header_named(&r.head, SPAN_LIT("x-two")).p);
    assert_null(http_header(&r.head, HTTP_ORIGIN).p);
    assert_non_null(http_header(&r.head, HTTP_COOKIE).p);
    assert_true(http_list_has(SPAN_LIT("a, text/event-stream ,b"), SPAN_LIT("Text/Event-Stream")));
    assert_false(http_list_has(SPAN_LIT("ab, c"), SPAN_LIT("a")));
    assert_span(http_media_type(SPAN_LIT(" application/json ; charset=utf-8")),
                SPAN_LIT("application/json"));
}

/* The fast searches equal their plain twins at every length and alignment, for every byte. */
static void test_scan_twins(void **state)
{
    (void)state;
    uint8_t text[64];
    for (size_t from = 0; from < 17; from++)
        for (size_t n = 0; n + from <= sizeof text; n++)
            for (size_t at = 0; at < n; at++)
                for (unsigned c = 0; c < 256; c += c < 0x20 || c > 0x7d ? 1 : 31) {
                    memset(text, 'x', sizeof text);
                    text[from + at] = (uint8_t)c;
                    struct span s = span(text + from, n);
                    if (http_scan_text(s) != http_scan_text_plain(s) ||
                        http_scan_byte(s, (uint8_t)c) != http_scan_byte_plain(s, (uint8_t)c) ||
                        http_scan_eol(s) != http_scan_eol_plain(s))
                        fail_msg("from %zu n %zu at %zu byte %u", from, n, at, c);
                }
}

/* A head arrives in two pieces, the second at another address, and is refused: what a refusal looks
 * at must lie in the second, never in the first, which may be gone. */
static void test_refused_path(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\nbad name: x\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        "POST /v1/messages HTTP/1.1\nhost: a\r\n\r\n",
        "POST /v1/messages HTTP/9.1\r\nhost: a\r\n\r\n"};
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        struct span whole = span_str(bad[b]);
        for (size_t cut = 0; cut < whole.n; cut++) {
            struct http_request r;
            size_t used;
            uint8_t *first = exact(whole.p, cut), *all = exact(whole.p, whole.n);
            http_request_init(&r);
            struct err e = http_parse_request(span(first, cut), &r, &used, NULL);
            free(first);
            if (err_cat(e) == ERR_AGAIN) {
                assert_true(failed(http_parse_request(span(all, whole.n), &r, &used, NULL)));
                assert_true(r.path.n == 0 || (r.path.p == all + 5 && r.method_text.p == all));
                if (b < 2)
                    assert_span(r.path, SPAN_LIT("/v1/messages"));
            }
            free(all);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_requests),  cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_good_responses), cmocka_unit_test(test_bad_responses),
        cmocka_unit_test(test_control_bytes),  cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_endless_line),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_lookups),        cmocka_unit_test(test_scan_twins),
        cmocka_unit_test(test_refused_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
