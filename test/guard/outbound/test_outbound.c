/* SPDX-License-Identifier: Apache-2.0 */
/* What the program's suite (test/cmd/outbound) cannot reach: ceilings, counts by type, and how much
 * of a short account number shows. */
#include "unit.h"

#include "outbound.h"

static struct outbound *o;

static int open_all(void **state)
{
    (void)state;
    return failed(outbound_new(&o));
}

static int close_all(void **state)
{
    (void)state;
    outbound_free(o);
    return 0;
}

static void no_room_no_text(void **state)
{
    (void)state;
    static const struct span text = SPAN_LIT("SSN 536-22-8714, card 4111111111111111.");
    static const struct span want = SPAN_LIT("kept SSN [SSN], card [CARD_NUMBER].");
    struct outbound_counts counts;
    for (size_t max = sizeof "kept "; max < want.n; max++) {
        BUF_AUTO out = buf_init(max);
        assert_ok(buf_puts(&out, "kept "));
        assert_fails(ERR_LIMIT, outbound_clean(o, text, &out, &counts));
        assert_span(buf_span(&out), SPAN_LIT("kept "));
    }
    BUF_AUTO out = buf_init(want.n);
    assert_ok(buf_puts(&out, "kept "));
    assert_ok(outbound_clean(o, text, &out, &counts));
    assert_span(buf_span(&out), want);
    assert_int_equal(counts.of[ENTITY_US_SSN], 1);
    assert_int_equal(counts.of[ENTITY_CREDIT_CARD], 1);
}

static void counts_start_at_zero(void **state)
{
    (void)state;
    struct outbound_counts counts;
    BUF_AUTO out = buf_init(256);
    assert_ok(outbound_clean(o, SPAN_LIT("SSN 536-22-8714"), &out, &counts));
    assert_ok(outbound_clean(o, SPAN_LIT("nothing"), &out, &counts));
    for (int e = 0; e < ENTITY_COUNT; e++)
        assert_int_equal(counts.of[e], 0);
}

static void a_word_is_enough(void **state)
{
    (void)state;
    static const struct {
        const char *text, *clean;
    } rows[] = {
        {"My SSN is 123-45-6789", "My SSN is [SSN]"},
        {"ssn: 1 2 3 4 5 6 7 8 9", "ssn: [SSN]"},
        {"Social Security: 078 05 1120", "Social Security: [SSN]"},
        {"account: 000123456789", "account: ****6789"},
        {"from savings 12345678901", "from savings ****8901"},
        {"your account (1234567) and no. 42", "your account (1234567) and no. 42"},
        {"Order 123-45-6789, social media: 123456789 views",
         "Order 123-45-6789, social media: 123456789 views"},
        {"your account manager: 212-555-0188, +1 212 555 0123",
         "your account manager: 212-555-0188, +1 212 555 0123"},
        {"https://x.example/account/123456789012", "https://x.example/account/123456789012"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct outbound_counts counts;
        BUF_AUTO out = buf_init(256);
        assert_ok(outbound_clean(o, span_str(rows[i].text), &out, &counts));
        assert_span(buf_span(&out), span_str(rows[i].clean));
    }
}

static void json_says_what_is_wrong(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "[]", "{}", "{\"text\":null}", "{\"text\":{}}", "{\"text\":\"a\",\"text\":\"b\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct outbound_counts counts;
        struct fault f = {0, NULL};
        BUF_AUTO out = buf_init(256);
        assert_fails(ERR_INPUT, outbound_json(o, span_str(bad[i]), &out, &counts, &f));
        assert_non_null(f.why);
        assert_int_equal(out.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_room_no_text),
        cmocka_unit_test(counts_start_at_zero),
        cmocka_unit_test(a_word_is_enough),
        cmocka_unit_test(json_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
