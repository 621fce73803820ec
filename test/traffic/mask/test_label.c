/* SPDX-License-Identifier: Apache-2.0 */
/* Names of members: which are looked at, and where they stand. */
#include "unit.h"

#include "buf.h"
#include "label_int.h"

static void test_labels(void **state)
{
    static const struct {
        const char *text, *labels;
    } rows[] = {
        {"{\"Ada Lovelace\": 1}", "Ada Lovelace;"},
        {"{\"Ada Lovelace\":1,\"Jean-Luc O'Brien\" :{\"a b\":2}}",
         "Ada Lovelace;Jean-Luc O'Brien;a b;"},
        {"{'Lovelace, Ada': 1, 'J. R. M\xc3\xbcller': 2}", "Lovelace, Ada;J. R. M\xc3\xbcller;"},
        {"{\"ada\": \"x y\", \"created_at\": 1, \"a_b c\": 2, \"no 1\": 3}", ""},
        {"\"Ada Lovelace\"", ""},
        {"Ada Lovelace: 1", ""},
        {"Ada Lovelace\": 1", ""},
        {"\"Ada Lovelace': 1", ""},
        {"\"Ada\nLovelace\": 1", ""},
        {"\"\": 1, \" \": 2, : \":\"", ""},
        {":", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = span_str(rows[i].text), label;
        BUF_AUTO got = buf_init(1000);
        for (size_t at = 0; label_next(text, &at, &label);) {
            assert_true(label.p > text.p && label.p + label.n < text.p + text.n);
            assert_ok(buf_put(&got, label));
            assert_ok(buf_put_u8(&got, ';'));
        }
        assert_span(buf_span(&got), span_str(rows[i].labels));
    }
}

static void test_long_ones_are_no_names(void **state)
{
    (void)state;
    char text[LABEL_MAX + 10];
    for (size_t n = LABEL_MAX - 1; n < LABEL_MAX + 2; n++) {
        struct span label;
        size_t at = 0;
        memset(text, 'a', sizeof text);
        text[0] = text[n + 1] = '"';
        text[3] = ' ';
        text[n + 2] = ':';
        assert_int_equal(label_next(span(text, n + 3), &at, &label), n <= LABEL_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_long_ones_are_no_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
