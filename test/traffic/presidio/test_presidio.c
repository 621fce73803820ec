/* SPDX-License-Identifier: Apache-2.0 */
/* What the client's suite (test/role/gate/test_presidio.py) cannot reach: ceilings, growth, memory,
 * a process without a tagger. */
#include "growth.h"
#include "unit.h"

#include "json_put.h"
#include "presidio.h"

static struct presidio *p;

static int open_all(void **state)
{
    (void)state;
    return failed(presidio_new(NULL, &p));
}

static int close_all(void **state)
{
    (void)state;
    presidio_free(p);
    return 0;
}

static unsigned post(enum presidio_call call, struct span body, struct buf *out)
{
    buf_clear(out);
    return presidio_serve(p, call, SPAN_NONE, body, out);
}

static void routes(void **state)
{
    (void)state;
    bool known;
    assert_int_equal(presidio_route(SPAN_LIT("POST"), SPAN_LIT("/analyze"), &known),
                     PRESIDIO_ANALYZE);
    assert_int_equal(presidio_route(SPAN_LIT("GET"), SPAN_LIT("/analyze"), &known), PRESIDIO_NONE);
    assert_true(known);
    assert_int_equal(presidio_route(SPAN_LIT("GET"), SPAN_LIT("/analyzers"), &known),
                     PRESIDIO_NONE);
    assert_false(known);
}

static void an_answer_is_whole_or_none(void **state)
{
    (void)state;
    static const struct span body =
        SPAN_LIT("{\"language\":\"en\",\"text\":\"jane.roe@corp-mail.net\"}");
    BUF_AUTO whole = buf_init(4096);
    assert_int_equal(post(PRESIDIO_ANALYZE, body, &whole), 200);
    for (size_t max = 0; max < whole.n; max++) {
        BUF_AUTO out = buf_init(max);
        assert_int_equal(post(PRESIDIO_ANALYZE, body, &out), 500);
        if (out.n)
            assert_span(buf_span(&out), SPAN_LIT("{\"error\":\"Internal server error\"}"));
    }
    BUF_AUTO out = buf_init(whole.n);
    assert_int_equal(post(PRESIDIO_ANALYZE, body, &out), 200);
    assert_span(buf_span(&out), buf_span(&whole));
}

static void without_a_tagger_no_people(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(4096);
    assert_int_equal(
        post(PRESIDIO_ANALYZE,
             SPAN_LIT("{\"language\":\"en\",\"entities\":[\"PERSON\"],\"text\":\"x\"}"), &out),
        500);
    assert_span(buf_span(&out), SPAN_LIT("{\"error\":\"No matching recognizers were found to serve "
                                         "the request.\"}"));
}

/* A request of `n` overlapping spans over a text of n + 2 characters. */
static void make_spans(struct buf *body, size_t n)
{
    assert_ok(buf_puts(body, "{\"text\":\""));
    for (size_t i = 0; i < n + 2; i++)
        assert_ok(buf_put_u8(body, 'a'));
    assert_ok(buf_puts(body, "\",\"analyzer_results\":["));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(body,
                             "%s{\"start\":%zu,\"end\":%zu,\"score\":0.5,\"entity_type\":\"T%zu\"}",
                             i ? "," : "", i, i + 2, i % 7));
    assert_ok(buf_puts(body, "]}"));
}

static void anonymize(struct span body)
{
    BUF_AUTO out = buf_init(64 << 20);
    assert_int_equal(post(PRESIDIO_ANONYMIZE, body, &out), 200);
}

static void many_spans_take_linear_time(void **state)
{
    (void)state;
    assert_linear(make_spans, anonymize, 4000);
}

static void every_span_has_its_own_characters(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(4096);
    assert_int_equal(
        post(PRESIDIO_ANONYMIZE,
             SPAN_LIT("{\"text\":\"abcdef\",\"anonymizers\":{\"DEFAULT\":{\"type\":\"keep\"}},"
                      "\"analyzer_results\":["
                      "{\"start\":0,\"end\":3,\"score\":1,\"entity_type\":\"A\"},"
                      "{\"start\":1,\"end\":5,\"score\":1,\"entity_type\":\"B\"}]}"),
             &out),
        200);
    assert_span(buf_span(&out),
                SPAN_LIT("{\"text\":\"abcdef\",\"items\":["
                         "{\"start\":1,\"end\":5,\"entity_type\":\"B\",\"text\":\"bcde\","
                         "\"operator\":\"keep\"},"
                         "{\"start\":0,\"end\":1,\"entity_type\":\"A\",\"text\":\"a\","
                         "\"operator\":\"keep\"}]}"));
}

/* ---- slices ---- */

/* {"text": [n texts with a mail address each]} */
static void make_batch(struct buf *body, unsigned n, const char *more)
{
    buf_clear(body);
    assert_ok(buf_printf(body, "{\"language\":\"en\"%s,\"text\":[", more));
    for (unsigned i = 0; i < n; i++)
        assert_ok(buf_printf(body, "%s\"cell %u: write to a%u@corp-mail.net, badge B%u today\"",
                             i ? "," : "", i, i, i));
    assert_ok(buf_puts(body, "]}"));
}

static struct presidio_job *begin(struct span body, struct buf *out)
{
    struct presidio_job *j;
    assert_ok(presidio_begin(p, PRESIDIO_ANALYZE, SPAN_NONE, body, out, &j));
    return j;
}

#define BADGE                                                                                      \
    ",\"ad_hoc_recognizers\":[{\"supported_entity\":\"BADGE\",\"supported_language\":\"en\","      \
    "\"patterns\":[{\"name\":\"b\",\"regex\":\"B[0-9]+\",\"score\":0.5}]}]"

static void batches_take_turns(void **state)
{
    (void)state;
    struct buf body[2], whole[2], out[2];
    for (int i = 0; i < 2; i++) {
        body[i] = whole[i] = out[i] = buf_init(16 << 20);
        make_batch(&body[i], 1500, i ? BADGE : "");
        assert_int_equal(post(PRESIDIO_ANALYZE, buf_span(&body[i]), &whole[i]), 200);
    }
    assert_true(span_search(buf_span(&whole[1]), 0, SPAN_LIT("BADGE")) < whole[1].n);
    struct presidio_job *a = begin(buf_span(&body[0]), &out[0]);
    struct presidio_job *b = begin(buf_span(&body[1]), &out[1]);
    unsigned turns = 0;
    for (bool one = false, two = false; !one || !two; turns++) {
        one = presidio_step(a);
        two = presidio_step(b);
    }
    assert_true(turns > 3); /* 20 ms of work */
    assert_int_equal(presidio_end(a), 200);
    assert_int_equal(presidio_end(b), 200);
    for (int i = 0; i < 2; i++) {
        assert_span(buf_span(&out[i]), buf_span(&whole[i]));
        buf_free(&body[i]);
        buf_free(&whole[i]);
        buf_free(&out[i]);
    }
}

static void a_job_may_be_left(void **state)
{
    (void)state;
    BUF_AUTO body = buf_init(16 << 20);
    BUF_AUTO out = buf_init(16 << 20);
    make_batch(&body, 1500, "");
    assert_ok(buf_puts(&out, "before"));
    struct presidio_job *j = begin(buf_span(&body), &out);
    assert_false(presidio_step(j));
    assert_true(out.n > 6);
    assert_int_equal(presidio_end(j), 500);
    assert_span(buf_span(&out), SPAN_LIT("before"));
    assert_int_equal(presidio_end(NULL), 500);
}

/* One long text: the search goes on in the next slice where it stopped. */
static void one_text_in_many_slices(void **state)
{
    (void)state;
    enum { BADGES = 60000 };
    BUF_AUTO body = buf_init(16 << 20);
    BUF_AUTO out = buf_init(32 << 20);
    assert_ok(
        buf_puts(&body, "{\"language\":\"en\",\"entities\":[\"BADGE\"]" BADGE ",\"text\":\""));
    for (unsigned i = 0; i < BADGES; i++)
        assert_ok(buf_puts(&body, "B1 "));
    assert_ok(buf_puts(&body, "\"}"));
    struct presidio_job *j = begin(buf_span(&body), &out);
    unsigned steps = 1;
    while (!presidio_step(j))
        steps++;
    assert_true(steps > 3);
    assert_int_equal(presidio_end(j), 200);
    size_t found = 0, at = 0;
    while ((at = span_search(buf_span(&out), at, SPAN_LIT("\"BADGE\""))) < out.n) {
        found++;
        at++;
    }
    assert_int_equal(found, BADGES);
}

/* Reasons are told in slices, too. */
static void reasons_take_turns(void **state)
{
    (void)state;
    enum { NUMBERS = 200 };
    BUF_AUTO body = buf_init(1 << 20);
    BUF_AUTO out = buf_init(4 << 20);
    assert_ok(buf_puts(&body, "{\"language\":\"en\",\"return_decision_process\":true,\"text\":\""));
    for (unsigned i = 0; i < NUMBERS; i++)
        assert_ok(buf_puts(&body, "and his passport number, as he said, was 512345678 then. "));
    assert_ok(buf_puts(&body, "\"}"));
    struct presidio_job *j = begin(buf_span(&body), &out);
    unsigned steps = 1;
    while (!presidio_step(j))
        steps++;
    assert_true(steps > 3);
    assert_int_equal(presidio_end(j), 200);
    size_t told = 0, at = 0;
    while ((at = span_search(buf_span(&out), at,
                             SPAN_LIT("\"supportive_context_word\":\"passport\""))) < out.n) {
        told++;
        at++;
    }
    assert_int_equal(told, NUMBERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes),
        cmocka_unit_test(an_answer_is_whole_or_none),
        cmocka_unit_test(without_a_tagger_no_people),
        cmocka_unit_test(many_spans_take_linear_time),
        cmocka_unit_test(every_span_has_its_own_characters),
        cmocka_unit_test(batches_take_turns),
        cmocka_unit_test(a_job_may_be_left),
        cmocka_unit_test(one_text_in_many_slices),
        cmocka_unit_test(reasons_take_turns),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
