/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of links: which are read, what they say, and where that stands. */
#include "unit.h"

#include "buf.h"
#include "link_int.h"

#include <stdio.h>
#include <stdlib.h>

/* All values of the text as "key=value;". */
static void values(const char *text, char out[4096])
{
    static struct link_value v;
    struct link_walk k = {0};
    size_t n = 0;
    out[0] = 0;
    while (link_next(span_str(text), &k, &v))
        n += (size_t)snprintf(out + n, 4096 - n, "%.*s=%.*s;", SPAN_ARG(v.key), (int)v.n,
                              (const char *)v.text);
}

static void test_values(void **state)
{
    static const struct {
        const char *text, *values;
    } rows[] = {
        {"see https://x.example/find?q=Ada%20Lovelace&lang=en for it", "q=Ada Lovelace;"},
        {"https://x.example/?to=Ada+Lovelace", "to=Ada Lovelace;"},
        {"https://x.example/?first_name=Ada&Last-NAME=Lovelace&age=36",
         "first_name=Ada;Last-NAME=Lovelace;"},
        {"https://x.example/?q=Zo%C3%AB%20M%c3%bcller#top", "q=Zo\xc3\xab M\xc3\xbcller#top;"},
        {"\"https://x.example/?name=Ada\" and <http://y.example/?name=Bob>", "name=Ada;name=Bob;"},
        {"https://x.example/?a?name=Ada", "a?name=Ada;"},
        {"https://x.example/?name=Ada?b", "name=Ada?b;"},
        {"https://x.example/?q=100%25%2&name=%4", "name=%4;"},
        {"https://x.example/Ada%20Lovelace", ""},
        {"https://x.example/?name=", ""},
        {"https://x.example/?name&=&&name=Ada", "name=Ada;"},
        {"https://x.example/?", ""},
        {"://?name=A", "name=A;"},
        {"name=Ada Lovelace", ""},
        {"https://", ""},
        {"", ""},
    };
    char got[4096];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        values(rows[i].text, got);
        if (strcmp(got, rows[i].values) != 0)
            fail_msg("%s: %s", rows[i].text, got);
    }
}

/* Every piece of a value leads back to the bytes that spell it. */
static void test_back(void **state)
{
    static struct link_value v;
    const char *text = "at https://x.example/?q=Zo%C3%AB+M%C3%BCller&b=1";
    struct link_walk k = {0};
    (void)state;
    assert_true(link_next(span_str(text), &k, &v));
    struct finding f = {.start = 5, .end = (uint32_t)v.n};
    link_back(&v, &f);
    assert_span(span_cut(span_str(text), f.start, f.end - f.start), SPAN_LIT("M%C3%BCller"));
    f = (struct finding){.start = 0, .end = 4};
    link_back(&v, &f);
    assert_span(span_cut(span_str(text), f.start, f.end - f.start), SPAN_LIT("Zo%C3%AB"));
}

/* Where a long value is cut no character is. */
static void test_cut_between_characters(void **state)
{
    static struct link_value v;
    (void)state;
    for (int before = 0; before < 3; before++) {
        struct buf text = buf_init(1 << 20);
        struct link_walk k = {0};
        assert_ok(buf_puts(&text, "https://x.example/?name="));
        for (int i = 0; i < before; i++)
            assert_ok(buf_puts(&text, "a"));
        for (int i = 0; i < 1000; i++)
            assert_ok(buf_puts(&text, "\xe2\x80\x99"));
        assert_true(link_next(buf_span(&text), &k, &v));
        assert_int_equal((v.n - (size_t)before) % 3, 0);
        assert_int_equal(v.n, LINK_VALUE_MAX - (size_t)(LINK_VALUE_MAX - before) % 3);
        buf_free(&text);
    }
    char lone[LINK_VALUE_MAX + 20] = "://?name="; /* bytes that are no characters */
    memset(lone + 9, 0x80, LINK_VALUE_MAX + 10);
    struct link_walk k = {0};
    assert_false(link_next(span(lone, LINK_VALUE_MAX + 19), &k, &v));
}

/* A value longer than what is read is cut, and what follows it is read. */
static void test_long(void **state)
{
    static struct link_value v;
    struct buf text = buf_init(1 << 20);
    struct link_walk k = {0};
    (void)state;
    assert_ok(buf_puts(&text, "https://x.example/?name="));
    for (int i = 0; i < 3000; i++)
        assert_ok(buf_puts(&text, "%41"));
    assert_ok(buf_puts(&text, "&name=B"));
    assert_true(link_next(buf_span(&text), &k, &v));
    assert_int_equal(v.n, LINK_VALUE_MAX);
    assert_true(link_next(buf_span(&text), &k, &v));
    assert_span(span(v.text, v.n), SPAN_LIT("B"));
    assert_false(link_next(buf_span(&text), &k, &v));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_cut_between_characters),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
