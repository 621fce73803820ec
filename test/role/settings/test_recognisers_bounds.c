/* SPDX-License-Identifier: Apache-2.0 */
/* Files of recognisers that are cut at every byte, and that grow. */
#include "growth.h"

#include "settings_load.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 200 * 1024 };

/* A registry with n recognisers of every form, at most 32. */
static void make(struct buf *b, size_t n, size_t words)
{
    char text[400];
    assert_ok(buf_puts(b, "global_regex_flags: 26\nrecognizers:\n"));
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text,
                 "  - name: r%zu\n    supported_entity: TYPE_%zu\n    patterns:\n"
                 "      - {name: p, regex: \"\\\\bx%zu-\\\\d{3,5}(?!\\\\w)\", score: 0.6}\n"
                 "    supported_languages:\n      - {language: en, context: [order, \"case no\"]}\n"
                 "    deny_list: [narwhal",
                 i, i, i);
        assert_ok(buf_puts(b, text));
        for (size_t w = 0; w < words; w++) {
            snprintf(text, sizeof text, ", word%zu", w);
            assert_ok(buf_puts(b, text));
        }
        assert_ok(buf_puts(b, "]\n    deny_list_score: 0.7\n"));
    }
}

static struct err parse(struct span yaml, size_t *found)
{
    struct settings s;
    struct conf_fault f = {0};
    assert_ok(settings_load(NULL, &s, &f));
    size_t lines = 1;
    for (size_t i = 0; i < yaml.n; i++)
        lines += yaml.p[i] == '\n';
    struct err e = settings_parse_recognisers(&s, yaml, "r.yaml", &f);
    if (failed(e)) {
        assert_true(*f.text);
        assert_true(f.line <= lines + 1);
    }
    *found = s.n_recognisers;
    settings_free(&s);
    return e;
}

static void test_every_cut(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(FILE_MAX);
    size_t found, refused = 0;
    make(&b, 2, 2);
    assert_ok(parse(buf_span(&b), &found));
    assert_int_equal(found, 2);
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *copy = malloc(n + !n);
        assert_non_null(copy);
        if (n)
            memcpy(copy, b.p, n);
        refused += failed(parse(span(copy, n), &found));
        free(copy);
    }
    assert_true(refused > b.n / 4);
}

static void many_recognisers(struct buf *out, size_t n)
{
    make(out, n, 60);
}

static void many_words(struct buf *out, size_t n)
{
    make(out, 2, n);
}

static void read_recognisers(struct span yaml)
{
    size_t found;
    assert_ok(parse(yaml, &found));
}

static void test_growth(void **state)
{
    (void)state;
    assert_linear(many_recognisers, read_recognisers, 4);
    assert_linear(many_words, read_recognisers, 375);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cut),
                                       cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
