/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many expressions in one pass give what each gives alone: generated expressions, some with
 * look-around and assertions, on generated texts with broken UTF-8 in them. Then the ceilings, the
 * growth of time, and what happens where an expression's matches would take too long.
 */
#include "growth.h"

#include "regex.h"
#include "regex_random.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const atoms[] = {"a",    "b",   "c",   "\xc3\xa9", ".",      "[ab]",
                                    "[^a]", "\\w", "\\d", "\\s",      "[^\\w]", "1"};
static const char *const repeats[] = {"", "", "", "*", "+", "?", "*?", "{2}", "{1,3}"};
static const char *const edges[] = {"^",        "$",       "\\b",       "\\B",
                                    "(?!a)",    "(?=b)",   "(?<!1)",    "(?<=\\w)",
                                    "(?!ab|c)", "(?<!ab)", "(?=\\W|$)", "(?<=^|b)"};

static void expression(struct text *t, int depth)
{
    for (unsigned i = 1 + pick(4); i; i--) {
        unsigned kind = pick(10);
        if (kind == 0) {
            put(t, edges[pick(12)]);
        } else if (kind < 3 && depth > 0) {
            put(t, "(");
            expression(t, depth - 1);
            put(t, "|");
            expression(t, depth - 1);
            put(t, ")");
        } else {
            put(t, atoms[pick(12)]);
            put(t, repeats[pick(9)]);
        }
    }
}

static void random_text(struct text *t)
{
    static const char *const parts[] = {"a", "b", "c",    "\xc3\xa9", "1",
                                        " ", "_", "\xc3", "\xa9",     "\xe2\x82\xac"};
    t->n = 0;
    for (unsigned n = pick(40); n; n--)
        put(t, parts[pick(10)]);
}

enum { SETS = 6, HITS = 4096 };

struct one {
    size_t which, start, end;
};
struct all {
    struct one v[HITS];
    size_t n;
};

static struct err keep(void *self, size_t which, size_t start, size_t end)
{
    struct all *a = self;
    assert_true(a->n < HITS);
    a->v[a->n++] = (struct one){which, start, end};
    return OK;
}

static int by_which(const void *a, const void *b)
{
    const struct one *x = a, *y = b;
    if (x->which != y->which)
        return x->which < y->which ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

/* What regex_find gives, one match after the other. */
static void find_alone(const struct regex *re, size_t which, struct span t, struct all *out)
{
    for (size_t at = 0; at <= t.n;) {
        size_t start, end;
        bool found;
        assert_ok(regex_find(re, t, at, &start, &end, &found));
        if (!found)
            return;
        if (end > start)
            assert_ok(keep(out, which, start, end));
        uint32_t cp;
        at = end > start ? end : end + (end < t.n ? utf8_next(t, end, &cp) : 1);
    }
}

static size_t differences(int rounds, bool lie)
{
    size_t bad = 0;
    for (int r = 0; r < rounds; r++) {
        struct regex *v[SETS];
        struct text pattern[SETS];
        for (size_t i = 0; i < SETS; i++) {
            pattern[i].n = 0;
            expression(&pattern[i], 2);
            assert_ok(regex_compile(span(pattern[i].b, pattern[i].n),
                                    r % 2 ? REGEX_PYTHON : REGEX_LOOK, NULL, &v[i], NULL));
        }
        struct regex_set *s;
        assert_ok(regex_set_new((const struct regex *const *)v, SETS, &s));
        for (int k = 0; k < 40; k++) {
            static struct all one, other;
            struct text t;
            random_text(&t);
            struct span text = span(t.b, t.n);
            one.n = other.n = 0;
            assert_ok(regex_set_scan(s, text, keep, &one));
            for (size_t i = 0; i < SETS; i++)
                find_alone(v[i], i, text, &other);
            qsort(one.v, one.n, sizeof *one.v, by_which);
            if (lie && other.n)
                other.v[0].end++;
            bool same = one.n == other.n && memcmp(one.v, other.v, one.n * sizeof *one.v) == 0;
            if (!same && !lie)
                for (size_t i = 0; i < one.n || i < other.n; i++)
                    if (i >= one.n || i >= other.n ||
                        memcmp(&one.v[i], &other.v[i], sizeof *one.v)) {
                        const struct one *x = i < one.n ? &one.v[i] : &other.v[i];
                        printf("/%s/ on '%.*s': %zu-%zu\n", pattern[x->which].b, (int)t.n, t.b,
                               x->start, x->end);
                        break;
                    }
            bad += !same;
        }
        regex_set_free(s);
        for (size_t i = 0; i < SETS; i++)
            regex_free(v[i]);
    }
    return bad;
}

static void test_same_as_alone(void **state)
{
    (void)state;
    assert_int_equal(differences(500, false), 0);
    assert_true(differences(20, true) > 10);
}

static struct regex *compile(const char *pattern)
{
    struct regex *re = NULL;
    struct fault f = {0};
    struct err e = regex_compile(span_str(pattern), REGEX_LOOK, NULL, &re, &f);
    if (failed(e))
        printf("%s: %s\n", pattern, f.why);
    assert_ok(e);
    return re;
}

/* Expressions whose tables would be too large are matched without one, the others with. */
static void test_too_large(void **state)
{
    (void)state;
    struct regex *v[] = {compile("\\d{3}-\\d{4}"), compile("(a|b)*a(a|b){13}c"), compile("x+y")};
    struct regex_set *s;
    assert_ok(regex_set_new((const struct regex *const *)v, 3, &s));
    size_t states, without;
    regex_set_size(s, &states, &without);
    assert_int_equal(without, 1);
    assert_true(states > 5 && states < 200);
    static struct all a;
    a.n = 0;
    assert_ok(regex_set_scan(s, SPAN_LIT("555-0123 aabababababababababc xxy"), keep, &a));
    assert_int_equal(a.n, 3);
    regex_set_free(s);
    for (size_t i = 0; i < 3; i++)
        regex_free(v[i]);
    assert_int_equal(err_cat(regex_set_new(NULL, REGEX_SET_MAX + 1, &s)), ERR_LIMIT);
}

static struct err count(void *self, size_t which, size_t start, size_t end)
{
    (void)which;
    *(size_t *)self += end - start;
    return OK;
}

static void scan_all(const void *with, struct span text)
{
    size_t covered = 0;
    assert_ok(regex_set_scan(with, text, count, &covered));
    assert_int_equal(covered, text.n);
}

/* No more time than the text has bytes, and nothing of it left out. */
static void test_linear(void **state)
{
    (void)state;
    struct regex *v[] = {compile("a(.*b)?"), compile("(?<!\\d)\\d{9}(?!\\d)"), compile("a*?b")};
    struct regex_set *s;
    assert_ok(regex_set_new((const struct regex *const *)v, 3, &s));
    growth_assert("a set", &(struct growth){growth_repeat, "a", scan_all, s}, 5000);
    regex_set_free(s);
    for (size_t i = 0; i < 3; i++)
        regex_free(v[i]);
}

/* ---- look-around ---- */

static bool matches(const char *pattern, const char *text)
{
    struct regex *re = compile(pattern);
    bool found;
    assert_ok(regex_match(re, span_str(text), &found));
    regex_free(re);
    return found;
}

static void test_look_around(void **state)
{
    (void)state;
    static const char ssn[] = "\\b(?!000|666|9\\d{2})\\d{3}-(?!00)\\d{2}-(?!0000)\\d{4}\\b";
    assert_true(matches(ssn, "536-22-8714"));
    assert_false(matches(ssn, "666-22-8714"));
    assert_false(matches(ssn, "936-22-8714"));
    assert_false(matches(ssn, "536-00-8714"));
    assert_false(matches(ssn, "536-22-0000"));
    assert_true(matches("(?<!\\d)\\d{4}(?!\\d)", "x1234y"));
    assert_false(matches("(?<!\\d)\\d{4}(?!\\d)", "12345"));
    assert_true(matches("(?<=id |number )\\d+", "number 7"));
    assert_false(matches("(?<=id |number )\\d+", "numbers 7"));
    assert_true(matches("(?<=\xc3\xa9)b", "\xc3\xa9"
                                          "b"));
    assert_false(matches("(?<!\xc3\xa9)b", "\xc3\xa9"
                                           "b"));
    assert_true(matches("a\\Z", "a"));
}

static void refused(const char *pattern, unsigned flags, const char *why)
{
    struct regex *re = NULL;
    struct fault f = {0};
    assert_true(failed(regex_compile(span_str(pattern), flags, NULL, &re, &f)));
    assert_non_null(f.why);
    assert_string_equal(f.why, why);
}

static void test_refused(void **state)
{
    (void)state;
    refused("a(?=b)", 0, "look-around cannot be matched in linear time");
    refused("a(?!.*b)", REGEX_LOOK, "look-around over more than 32 characters");
    refused("a(?!x{33})", REGEX_LOOK, "look-around over more than 32 characters");
    refused("a(?!(?=b))", REGEX_LOOK, "look-around inside look-around");
    refused("a(?=b)*", REGEX_LOOK, "a repeat of look-around");
    refused("(a)\\1", REGEX_LOOK, "back-references cannot be matched in linear time");
    refused("(?P<x>a)(?P=x)", REGEX_LOOK, "back-references cannot be matched in linear time");
    refused("a\\Z", 0, "unknown escape");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_alone), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_linear), cmocka_unit_test(test_look_around),
        cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
