/* SPDX-License-Identifier: Apache-2.0 */
/* The record in its two forms: round trip, strictness against a hostile ring, canonical JSON. */

#include "unit.h"

#include "audit_int.h"
#include "audit_record.h"
#include "audit_time.h"

#include <stdio.h>
#include <stdlib.h>

static struct audit_record sample(void)
{
    struct audit_record r = {
        .kind = AUDIT_closed,
        .time_ns = 1763719442000000001U,
        .mono_ns = 123456789,
        .request_id = SPAN_LIT("req_0123456789abcdef"),
        .key = SPAN_LIT("agent1"),
        .key_id = SPAN_LIT("k7f3q2mx"),
        .surface = SPAN_LIT("/v1/chat/completions"),
        .model = SPAN_LIT("echo-1"),
        .provider = SPAN_LIT("echo"),
        .restored = 3,
        .tokens_known = true,
        .cost_known = true,
        .input_tokens = 25,
        .output_tokens = 7,
        .cost_nanousd = 1250,
        .latency_us = 12340,
        .status = 200,
    };
    r.masked[ENTITY_PERSON] = 2;
    r.masked[ENTITY_EMAIL_ADDRESS] = 1;
    return r;
}

static struct span json_of(const struct audit_record *r, char *out)
{
    struct wr w = wr_of(out, AUDIT_JSON_MAX);
    assert_ok(audit_record_json(r, 41, SPAN_LIT("b00t"), &w));
    return wr_span(&w);
}

static void both_forms_hold_the_record(void **state)
{
    (void)state;
    struct audit_record r = sample(), back;
    uint8_t wire[AUDIT_RECORD_MAX];
    size_t n;
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    char a[AUDIT_JSON_MAX], b[AUDIT_JSON_MAX];
    assert_span(json_of(&r, a), json_of(&back, b));
    assert_span(
        json_of(&back, a),
        SPAN_LIT("{\"boot\":\"b00t\",\"cost_usd\":0.00000125,\"entities\":{\"EMAIL_ADDRESS\":1,"
                 "\"PERSON\":2},\"input_tokens\":25,\"key\":\"agent1\",\"key_id\":\"k7f3q2mx\","
                 "\"kind\":\"closed\",\"latency_ms\":12.34,\"masked\":3,\"model\":\"echo-1\","
                 "\"mono_us\":123456,\"output_tokens\":7,\"provider\":\"echo\","
                 "\"request_id\":\"req_0123456789abcdef\",\"restored\":3,\"seq\":41,"
                 "\"status\":200,\"surface\":\"/v1/chat/completions\","
                 "\"time\":\"2025-11-21T10:04:02.000000001Z\",\"v\":1}"));
}

static void a_kind_holds_its_own_fields_only(void **state)
{
    (void)state;
    struct audit_record r = sample(), back;
    uint8_t wire[AUDIT_RECORD_MAX];
    size_t n;
    r.kind = AUDIT_opened;
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    assert_false(back.tokens_known);
    assert_int_equal(back.status, 0);
    assert_int_equal(back.masked[ENTITY_PERSON], 2);
    r.kind = AUDIT_started;
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    assert_int_equal(back.model.n, 0);
    assert_int_equal(back.masked[ENTITY_PERSON], 0);
    r.kind = 99;
    assert_fails(ERR_INPUT, audit_record_encode(&r, wire, &n));
}

/* Every field at its limit still fits both forms. */
static void the_largest_record_fits(void **state)
{
    (void)state;
    struct audit_record r = sample(), back;
    static uint8_t wild[200];
    uint8_t wire[AUDIT_RECORD_MAX];
    char a[AUDIT_JSON_MAX];
    size_t n;
    memset(wild, 'w', sizeof wild);
    memset(r.masked, 0xff, sizeof r.masked);
    r.request_id = r.key = r.key_id = r.surface = r.model = r.provider = span(wild, sizeof wild);
    r.input_tokens = r.output_tokens = r.cost_nanousd = UINT64_MAX;
    r.restored = r.latency_us = UINT32_MAX;
    r.time_ns = UINT64_MAX;
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    assert_int_equal(back.input_tokens, AUDIT_AMOUNT_MAX);
    struct wr w = wr_of(a, sizeof a);
    assert_ok(
        audit_record_json(&back, UINT64_MAX, SPAN_LIT("01234567890123456789012345678901"), &w));
}

/* J 84: a text that a client made long or odd is cut and marked, never a reason not to log. */
static void odd_texts_are_marked_not_refused(void **state)
{
    (void)state;
    struct audit_record r = sample(), back;
    static uint8_t wild[100000];
    uint8_t wire[AUDIT_RECORD_MAX];
    size_t n;
    for (size_t i = 0; i < sizeof wild; i++)
        wild[i] = (uint8_t)i;
    struct span *fields[] = {&r.request_id, &r.key,      &r.key_id, &r.surface,
                             &r.model,      &r.provider, &r.object, &r.actor};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = span(wild, sizeof wild);
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    assert_int_equal(back.model.n, AUDIT_MODEL_MAX);
    assert_int_equal(back.model.p[AUDIT_MODEL_MAX - 17], '~');
    r = sample();
    r.model = SPAN_LIT("a\"b");
    assert_ok(audit_record_encode(&r, wire, &n));
    assert_ok(audit_record_decode(span(wire, n), &back));
    /* printf 'a"b' | sha256sum */
    assert_span(back.model, SPAN_LIT("a?b~39a012772dd5c3ac"));
}

/* Every text byte that is not clean is seen wherever it stands: the eight-byte steps too. */
static void unclean_bytes_are_found_at_every_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 19; at++) {
            uint8_t text[20], wire[AUDIT_RECORD_MAX];
            size_t n;
            memset(text, 'm', sizeof text);
            text[at] = (uint8_t)c;
            struct audit_record r = sample(), back;
            r.model = span(text, sizeof text);
            bool clean = c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
            assert_ok(audit_record_encode(&r, wire, &n));
            assert_ok(audit_record_decode(span(wire, n), &back));
            assert_int_equal(span_eq(back.model, r.model), clean);
            r.model = span(memset(text, 'm', sizeof text), sizeof text);
            assert_ok(audit_record_encode(&r, wire, &n));
            size_t where = span_search(span(wire, n), 0, span(text, sizeof text));
            wire[where + at] = (uint8_t)c;
            assert_int_equal(failed(audit_record_decode(span(wire, n), &back)), !clean);
        }
}

static void the_decoder_is_strict(void **state)
{
    (void)state;
    struct audit_record r = sample(), back;
    uint8_t wire[AUDIT_RECORD_MAX];
    size_t n;
    assert_ok(audit_record_encode(&r, wire, &n));
    for (size_t cut = 0; cut < n; cut++)
        assert_fails(ERR_INPUT, audit_record_decode(span(wire, cut), &back));
    wire[n] = 'x';
    assert_fails(ERR_INPUT, audit_record_decode(span(wire, n + 1), &back));
    /* Result fields on a kind that has none. */
    r.kind = AUDIT_opened;
    assert_ok(audit_record_encode(&r, wire, &n));
    for (size_t at = 16; at < 48; at++) {
        wire[at] ^= 1;
        assert_fails(ERR_INPUT, audit_record_decode(span(wire, n), &back));
        wire[at] ^= 1;
    }
    assert_ok(audit_record_decode(span(wire, n), &back));
    /* Clocks past what JSON can hold exactly. */
    memset(wire + 8, 0xff, 8);
    assert_fails(ERR_INPUT, audit_record_decode(span(wire, n), &back));
}

/* The double that a cost names must be spelt as ECMAScript would: shortest, exponent below 1e-6. */
static void costs_are_spelt_canonically(void **state)
{
    (void)state;
    static const struct {
        uint64_t nano;
        const char *text;
    } cases[] = {{0, "0"},          {1, "1e-9"},           {120, "1.2e-7"},
                 {999, "9.99e-7"},  {1000, "0.000001"},    {123456, "0.000123456"},
                 {1000000000, "1"}, {12500000000, "12.5"}, {AUDIT_AMOUNT_MAX, "999999.999999999"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct audit_record r = sample();
        char a[AUDIT_JSON_MAX], want[64];
        r.cost_nanousd = cases[i].nano;
        snprintf(want, sizeof want, "\"cost_usd\":%s,", cases[i].text);
        struct span j = json_of(&r, a);
        assert_true(span_search(j, 0, span_str(want)) < j.n);
    }
}

/* 10,000 random amounts: strtod of the spelling is the correctly rounded quotient. */
static void costs_read_back_exactly(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252U;
    for (int i = 0; i < 10000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        struct audit_record r = sample();
        char a[AUDIT_JSON_MAX];
        r.cost_nanousd = x % (AUDIT_AMOUNT_MAX + 1) >> x % 50;
        struct span j = json_of(&r, a);
        a[j.n] = 0;
        double got = strtod(strstr(a, "cost_usd\":") + 10, NULL);
        assert_true(got == (double)r.cost_nanousd / 1e9);
    }
}

static void times_go_both_ways(void **state)
{
    (void)state;
    static const char *const good[] = {
        "1970-01-01T00:00:00.000000000Z", "2000-02-29T23:59:59.999999999Z",
        "2026-11-21T10:04:02.000000000Z", "2100-03-01T00:00:00.000000001Z"};
    for (size_t i = 0; i < 4; i++) {
        uint64_t ns;
        char text[AUDIT_TIME_BYTES];
        struct wr w = wr_of(text, sizeof text);
        assert_ok(audit_time_read(span_str(good[i]), &ns));
        audit_time_put(&w, ns);
        assert_span(wr_span(&w), span_str(good[i]));
    }
    uint64_t ns;
    assert_ok(audit_time_read(SPAN_LIT("2026-11-21"), &ns));
    assert_int_equal(ns, 1795219200000000000U);
    assert_ok(audit_time_read(SPAN_LIT("1970-01-01T00:00:01.5Z"), &ns));
    assert_int_equal(ns, 1500000000);
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-04-31",
                                      "2025-02-29",
                                      "1969-12-31",
                                      "2026-11-21T",
                                      "2026-11-21T10:04:02",
                                      "2026-11-21T24:00:00Z",
                                      "2026-11-21T10:04:02.Z",
                                      "2026-11-21T10:04:02.1234567890Z",
                                      "2026-11-21T10:04:02Zx"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ERR_INPUT, audit_time_read(span_str(bad[i]), &ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_hold_the_record),
        cmocka_unit_test(a_kind_holds_its_own_fields_only),
        cmocka_unit_test(the_largest_record_fits),
        cmocka_unit_test(odd_texts_are_marked_not_refused),
        cmocka_unit_test(unclean_bytes_are_found_at_every_place),
        cmocka_unit_test(the_decoder_is_strict),
        cmocka_unit_test(costs_are_spelt_canonically),
        cmocka_unit_test(costs_read_back_exactly),
        cmocka_unit_test(times_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
