/* SPDX-License-Identifier: Apache-2.0 */
/* What matches where, what is refused, and that time grows no faster than the text. */
#include "growth.h"

#include "regex.h"

#include <stdlib.h>
#include <string.h>

struct found {
    const char *pattern, *text;
    int start, end; /* -1: no match */
};

static const struct found cases[] = {
    {"", "abc", 0, 0},
    {"b", "abc", 1, 2},
    {"a|ab", "ab", 0, 1},
    {"(a|ab)(c|bcd)", "abcd", 0, 4},
    {"a*", "aaab", 0, 3},
    {"a*?", "aaab", 0, 0},
    {"a+?b", "xaab", 1, 4},
    {"(?U)a+", "aaa", 0, 1},
    {"(?U)a+?", "aaa", 0, 3},
    {"a{2,3}", "aaaa", 0, 3},
    {"a{2,3}?", "aaaa", 0, 2},
    {"a{,3}", "a{,3}", 0, 5},
    {"a{0}b", "ab", 1, 2},
    {"x{2}", "x", -1, -1},
    {"^b", "ab", -1, -1},
    {"(?m)^b$", "a\nb\nc", 2, 3},
    {"a$", "ba", 1, 2},
    {"a$", "a\n", -1, -1},
    {"a\\z", "aa", 1, 2},
    {"a.c", "a\nc", -1, -1},
    {"(?s)a.c", "a\nc", 0, 3},
    {"\\bfoo\\b", "a foo b", 2, 5},
    {"\\Boo", "foo", 1, 3},
    {"[^a-c]+", "abcxyz", 3, 6},
    {"[]a]+", "x]a]", 1, 4},
    {"[a-]+", "x-a", 1, 3},
    {"[[:alpha:][:digit:]]+", "--ab12--", 2, 6},
    {"[[:^space:]]+", "  x ", 2, 3},
    {"\\d+\\D", "ab123x", 2, 6},
    {"[\\w.]+@", "x joe.b@c", 2, 8},
    {"(?i)stra\xc3\x9f"
     "e",
     "STRA\xe1\xba\x9e"
     "E",
     0, 8},
    {"(?i)k", "\xe2\x84\xaa", 0, 3},
    {"(?i)\\w[\\w]", "\xe2\x84\xaa\xc5\xbf", 0, 5},
    {"(?i)\\W|[\\W]|[^\\w]", "\xe2\x84\xaa", -1, -1},
    {"(?i)\\p{Lu}[\\p{Lu}]", "a\xc3\xa9", 0, 3},
    {"(?i)\\P{Lu}|[\\P{Lu}]|\\p{^Lu}|[^\\p{Lu}]", "aA\xc3\xa9", -1, -1},
    {"(?i)\\pL\\pL(?-i)\\p{Lu}(?i)\\p{Lu}(?-i)\\p{Lu}", "abcAbC", 1, 6},
    {"(?i)[[:lower:]][[:^lower:]]", "Aa-", 1, 3},
    {"(?i:a)b", "Ab", 0, 2},
    {"(?i:a)b", "AB", -1, -1},
    {"\\pL+", "1\xc3\xa9t\xc3\xa9 ", 1, 6},
    {"\\p{Lu}\\P{Lu}", "aBc", 1, 3},
    {"\\p{^Lu}", "Aa", 1, 2},
    {"\xc3\xa9.", "\xc3\xa9\xe2\x82\xac", 0, 5},
    {"\\x{20ac}\\x41\\101",
     "\xe2\x82\xac"
     "AA",
     0, 5},
    {"\\Qa.b*\\E+", "a.b**", 0, 5},
    {"(?P<n>a)(?<m>b)", "ab", 0, 2},
    {"(a*)*", "b", 0, 0},
    {"(a*)+$", "aab", 3, 3},
    {"(|a)+", "aaa", 0, 0},
    {"(a|)+", "aaa", 0, 3},
    {".", "\xff", 0, 1},
};

static const char *const refused[] = {
    "(",       ")",     "a**",   "a+*",     "*a",     "a{1001}", "a{2,1}",     "[a",
    "[b-a]",   "\\",    "\\C",   "(?=a)",   "(?!a)",  "(a)\\1",  "\\p{Greek}", "(?P<>a)",
    "(?P=n)",  "\\xz1", "(?i",   "[[:x:]]", "\\8",    "(?<=a)b", "(?-)",       "\\x{110000}",
    "a{2}{3}", "\\pX",  "\\p{L", "(?x)a",   "\\u0041"};

static struct regex *compile(const char *pattern)
{
    struct regex *re = NULL;
    struct fault f;
    struct err e = regex_compile(span_str(pattern), 0, NULL, &re, &f);
    if (failed(e))
        fail_msg("%s: %s at %zu", pattern, f.why, f.at);
    return re;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex *re = compile(cases[i].pattern);
        size_t start = 0, end = 0;
        bool found, any;
        assert_ok(regex_find(re, span_str(cases[i].text), 0, &start, &end, &found));
        assert_ok(regex_match(re, span_str(cases[i].text), &any));
        if (found != any || found != (cases[i].start >= 0) ||
            (found && ((int)start != cases[i].start || (int)end != cases[i].end)))
            fail_msg("%s on %s: %d %zu-%zu", cases[i].pattern, cases[i].text, found, start, end);
        regex_free(re);
    }
}

/* REGEX_PYTHON: what Python's regex finds there. */
static void test_python(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        int start, end;
    } python[] = {
        {"\\b\\w+\\b", "¡Müller!", 2, 9},
        {"(?a)\\b\\w+\\b", "¡Müller!", 2, 3},
        {"(?a:\\w+)\\w+", "xMüll", 0, 6},
        {"(?a)(?u:\\w+)\\W", "ü1ü", 0, 5},
        {"\\d+", "a²٣४", 3, 8},
        {"\\w", "²½", -1, -1},
        {"[^\\W\\d]+", "1é_2", 1, 4},
        {"\\s\\S", "a\xc2\xa0\xe3\x80\x80z", 3, 7},
        {"\\W+", "e\xcc\x81\xe2\x80\x8d.", 6, 7},
        {"\\w\\Bo", "éo o", 0, 3},
        {"\\B\\xff", "\xff", -1, -1},
        {"(?<=\\w)-(?=\\w)", "é-- -日-本", 9, 10},
        {"(?i)\\w[é]", "ßÉ", 0, 4},
        {"(?ai)\\w|[\\w]", "\xe2\x84\xaa", -1, -1},
        {"(?:\\w{2}){3}\\b", "жжжжжжж", 2, 14},
    };
    for (size_t i = 0; i < sizeof python / sizeof *python; i++) {
        struct regex *re = NULL;
        size_t start = 0, end = 0;
        bool found;
        assert_ok(regex_compile(span_str(python[i].pattern), REGEX_PYTHON, NULL, &re, NULL));
        assert_ok(regex_find(re, span_str(python[i].text), 0, &start, &end, &found));
        if (found != (python[i].start >= 0) ||
            (found && ((int)start != python[i].start || (int)end != python[i].end)))
            fail_msg("%s on %s: %d %zu-%zu", python[i].pattern, python[i].text, found, start, end);
        regex_free(re);
    }
    struct regex *re = NULL;
    assert_true(failed(regex_compile(SPAN_LIT("(?u)a"), 0, NULL, &re, NULL)));
    assert_true(failed(regex_compile(SPAN_LIT("(?-a)a"), REGEX_PYTHON, NULL, &re, NULL)));
}

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct regex *re = NULL;
        struct fault f = {0};
        if (!failed(regex_compile(span_str(refused[i]), 0, NULL, &re, &f)))
            fail_msg("accepted: %s", refused[i]);
        assert_non_null(f.why);
        assert_true(f.at <= strlen(refused[i]));
    }
}

/* Every expression above, cut at every byte, from memory that ends there. */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0, size = strlen(cases[i].pattern); n < size; n++) {
            char *copy = malloc(n + !n);
            struct regex *re = NULL;
            struct fault f = {0};
            bool found;
            assert_non_null(copy);
            memcpy(copy, cases[i].pattern, n);
            if (failed(regex_compile(span(copy, n), REGEX_LOOK, NULL, &re, &f)))
                assert_true(f.why && f.at <= n);
            else
                assert_ok(regex_match(re, span_str(cases[i].text), &found));
            regex_free(re);
            free(copy);
        }
}

static void test_limits(void **state)
{
    (void)state;
    struct regex *re = NULL;
    struct fault f;
    struct regex_limits small = {100, 50};
    assert_fails(ERR_LIMIT, regex_compile(SPAN_LIT("a{60}"), 0, &small, &re, &f));
    assert_fails(ERR_LIMIT, regex_compile(SPAN_LIT("((a{100}){100}){100}"), 0, NULL, &re, &f));
    char deep[2 * 200 + 2] = "";
    for (int i = 0; i < 200; i++)
        deep[i] = '(', deep[200 + i] = ')';
    assert_fails(ERR_LIMIT, regex_compile(span(deep, 400), 0, NULL, &re, &f));
    assert_int_equal(f.at, REGEX_DEPTH);
    assert_ok(regex_compile(span(deep + 100, 200), 0, NULL, &re, &f));
    regex_free(re);
}

static void test_from(void **state)
{
    (void)state;
    struct regex *re = compile("\\ba");
    size_t start, end;
    bool found;
    assert_ok(regex_find(re, SPAN_LIT("ba a"), 1, &start, &end, &found));
    assert_true(found);
    assert_int_equal(start, 3);
    assert_ok(regex_find(re, SPAN_LIT("ba a"), 4, &start, &end, &found));
    assert_false(found);
    assert_ok(regex_find(re, SPAN_LIT("ba a"), 5, &start, &end, &found));
    assert_false(found);
    regex_free(re);
}

static void match(const void *with, struct span text)
{
    bool found;
    assert_ok(regex_match(with, text, &found));
    assert_false(found);
}

/* Patterns that cost a backtracking matcher exponential or quadratic time. */
static void test_growth(void **state)
{
    (void)state;
    static const char *const slow[] = {"(a+)+$b", "(a|a)*b", "(.*)(.*)(.*)(.*)b", "(a?){50}b"};
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        struct regex *re = compile(slow[i]);
        growth_assert(slow[i], &(struct growth){growth_repeat, "a", match, re}, 1 << 13);
        regex_free(re);
    }
}

static void large_classes(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "(?i)"));
    for (size_t i = 0; i < n; i++) /* each another one */
        assert_ok(buf_printf(out, "[\\pL\\d\\x{%zx}]", 0x2500 + i));
}

static void refuse(struct span pattern)
{
    struct regex *re = NULL;
    assert_fails(ERR_LIMIT, regex_compile(pattern, 0, NULL, &re, NULL));
}

/* Folding large classes is the dearest thing an expression can ask for: the limit ends it. */
static void test_compile_time(void **state)
{
    (void)state;
    assert_linear(large_classes, refuse, 160);
}

/* A class that comes again costs no more memory. */
static void test_same_class(void **state)
{
    (void)state;
    BUF_AUTO pattern = buf_init(4000);
    growth_repeat("(?i)[\\w.-]\\PL", &pattern, 260 * strlen("(?i)[\\w.-]\\PL"));
    struct regex *re = NULL;
    bool found;
    assert_ok(regex_compile(buf_span(&pattern), REGEX_PYTHON, NULL, &re, NULL));
    BUF_AUTO text = buf_init(4000);
    growth_repeat("\xc3\xa9-", &text, 260 * 3);
    assert_ok(regex_match(re, buf_span(&text), &found));
    assert_true(found);
    buf_drop(&text, 3);
    assert_ok(regex_match(re, buf_span(&text), &found));
    assert_false(found);
    regex_free(re);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),     cmocka_unit_test(test_python),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_from),
        cmocka_unit_test(test_growth),    cmocka_unit_test(test_compile_time),
        cmocka_unit_test(test_same_class)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
