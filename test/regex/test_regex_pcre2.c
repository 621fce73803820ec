/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differential: 20,000 generated expressions, look-around among them, each on five generated texts,
 * against PCRE2, whose preference among matches is RE2's too. Half of them by Unicode: PCRE2 10.42
 * has other classes there, so it gets ours spelt out in categories. Repeats of what can be empty
 * are left out of the generator: there the two families differ by design. PCRE2's start
 * optimisation is off: in 10.42 it loses the match of /(?=a)(?:a|.a.)/ in "ba". Negative control: a
 * changed expectation is noticed.
 */
#include "unit.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"
#include "regex_random.h"

#include <pcre2.h>
#include <stdio.h>
#include <string.h>

static const char *const atoms[] = {"a",   "b",   "c",      "\xc3\xa9",    ".",   "[ab]", "[^a]",
                                    "\\w", "\\d", "[a-c1]", "[[:alpha:]]", "\\s", "1",    "\\pL"};
static const char *const repeats[] = {"",   "",   "",    "*",     "+",     "?",
                                      "*?", "+?", "{2}", "{1,2}", "{0,2}?"};
static const char *const edges[] = {"^",         "$",          "\\b",      "\\B",
                                    "\\A",       "\\z",        "(?=a)",    "(?!b)",
                                    "(?<=c)",    "(?<!1)",     "(?!ab|c)", "(?<!a|cb)",
                                    "(?=\\W|$)", "(?<=^|\\s)", "(?=a?1)",  "(?!\\d{2})"};
enum { EDGES = sizeof edges / sizeof *edges };

/* A run of atoms and groups; groups get no repeat that could loop over nothing. */
static void expression(struct text *t, int depth)
{
    unsigned n = 1 + pick(4);
    for (unsigned i = 0; i < n; i++) {
        unsigned kind = pick(10);
        if (kind == 0) {
            put(t, edges[pick(EDGES)]);
        } else if (kind < 3 && depth > 0) {
            put(t, kind == 1 ? "(?:a" : "(");
            expression(t, depth - 1);
            if (pick(2)) {
                put(t, "|");
                expression(t, depth - 1);
            }
            put(t, ")");
            put(t, pick(2) ? "" : "?");
        } else {
            put(t, atoms[pick(14)]);
            put(t, repeats[pick(11)]);
        }
    }
}

/* Those from the tenth on: a digit, an accent, a superscript, a circled letter, a tie, a joiner and
 * two blanks, none of them ASCII. */
static void random_text(struct text *t, bool unicode)
{
    static const char *const parts[] = {"a",        "b",           "c", "é", "1",
                                        " ",        "\n",          "_", "B", "٣",
                                        "\xcc\x81", "²",           "ⓐ", "‿", "\xe2\x80\x8d",
                                        "\xc2\xa0", "\xe3\x80\x80"};
    t->n = 0;
    for (unsigned n = pick(14); n; n--)
        put(t, parts[pick(unicode ? sizeof parts / sizeof *parts : 9)]);
}

#define WORD                                                                                       \
    "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200c}\\x{200d}\\x{24b6}-\\x{24e9}"                       \
    "\\x{1f130}-\\x{1f149}\\x{1f150}-\\x{1f169}\\x{1f170}-\\x{1f189}"
#define SPACE "\\p{Z}\\x09-\\x0d\\x{85}"

/* The expression with what REGEX_UNICODE changes spelt out. */
static size_t spelt_out(const struct text *pattern, char *out)
{
    static const struct {
        const char *escape, *is;
    } of[] = {{"\\w", "[" WORD "]"},
              {"\\W", "[^" WORD "]"},
              {"\\d", "\\p{Nd}"},
              {"\\s", "[" SPACE "]"},
              {"\\b", "(?:(?<=[" WORD "])(?![" WORD "])|(?<![" WORD "])(?=[" WORD "]))"},
              {"\\B", "(?:(?<=[" WORD "])(?=[" WORD "])|(?<![" WORD "])(?![" WORD "]))"}};
    size_t n = 0;
    for (size_t at = 0; at < pattern->n;) {
        const char *is = NULL;
        for (size_t k = 0; k < sizeof of / sizeof *of && !is; k++)
            is = memcmp(pattern->b + at, of[k].escape, 2) == 0 ? of[k].is : NULL;
        if (is) {
            n += (size_t)sprintf(out + n, "%s", is);
            at += 2;
        } else {
            out[n++] = pattern->b[at++];
        }
    }
    return n;
}

static int disagreements(int rounds, int lie)
{
    int bad = 0;
    char peer[sizeof((struct text *)0)->b * sizeof WORD * 2];
    for (int i = 0; i < rounds; i++) {
        bool unicode = i % 2;
        struct text pattern = {.n = 0}, text = {.n = 0};
        if (pick(4) == 0)
            put(&pattern, "(?i)");
        expression(&pattern, 3);
        int code;
        PCRE2_SIZE at;
        size_t n = unicode ? spelt_out(&pattern, peer) : 0;
        pcre2_code *pc = pcre2_compile(
            (PCRE2_SPTR)(unicode ? peer : pattern.b), unicode ? n : pattern.n,
            PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_START_OPTIMIZE, &code, &at, NULL);
        struct regex *re = NULL;
        bool ok = !failed(regex_compile(span(pattern.b, pattern.n),
                                        unicode ? REGEX_PYTHON : REGEX_LOOK, NULL, &re, NULL));
        assert_true(ok && pc);
        pcre2_match_data *md = pcre2_match_data_create_from_pattern(pc, NULL);
        for (int j = 0; j < 5; j++) {
            random_text(&text, unicode);
            int rc = pcre2_match(pc, (PCRE2_SPTR)text.b, text.n, 0, 0, md, NULL);
            PCRE2_SIZE *v = pcre2_get_ovector_pointer(md);
            size_t start = 0, end = 0;
            bool found;
            assert_ok(regex_find(re, span(text.b, text.n), 0, &start, &end, &found));
            if (found != (rc > 0) || (found && (start != v[0] || end != v[1] + (size_t)lie))) {
                if (!lie)
                    printf("/%s/ on '%.*s': %d %zu-%zu, PCRE2 %d %zu-%zu\n", pattern.b, (int)text.n,
                           text.b, found, start, end, rc, v[0], v[1]);
                bad++;
            }
        }
        pcre2_match_data_free(md);
        pcre2_code_free(pc);
        regex_free(re);
    }
    return bad;
}

static void test_differential(void **state)
{
    (void)state;
    assert_int_equal(disagreements(20000, 0), 0);
}

static void test_control(void **state)
{
    (void)state;
    assert_true(disagreements(100, 1) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_differential),
                                       cmocka_unit_test(test_control)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
