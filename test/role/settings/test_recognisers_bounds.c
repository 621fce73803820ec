/* SPDX-License-Identifier: Apache-2.0 */
/* A file of recognisers cut at every byte, and twice as large. */
#include "unit.h"

#include "buf.h"
#include "settings_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static double seconds(size_t n, size_t words)
{
    BUF_AUTO b = buf_init(FILE_MAX);
    make(&b, n, words);
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        struct timespec from, to;
        size_t found;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        assert_ok(parse(buf_span(&b), &found));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        assert_int_equal(found, n);
        double t = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
        best = t < best ? t : best;
    }
    return best;
}

static void test_growth(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{16, 60}, {2, 1500}};
    for (size_t i = 0; i < 2; i++) {
        double once = 0, twice = 0;
        bool slow = true; /* neighbours on the machine may slow one measurement, not four */
        for (unsigned tries = 0; slow && tries < 4; tries++) {
            once = seconds(shapes[i][0], shapes[i][1]);
            twice = i ? seconds(shapes[i][0], 2 * shapes[i][1])
                      : seconds(2 * shapes[i][0], shapes[i][1]);
            slow = twice > once * 3.2 && twice > 0.005;
        }
        if (slow)
            fail_msg("%zu: %.2f ms, then %.2f ms", i, once * 1e3, twice * 1e3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cut),
                                       cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
