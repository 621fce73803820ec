/* SPDX-License-Identifier: Apache-2.0 */
/* The command frame: options in every spelling, and every refusal. */
#include "unit.h"

#include "cmdkit.h"

#include <stdio.h>
#include <string.h>

static struct {
    int runs;
    bool json;
    const char *output, *to[4];
    size_t n_to, operands;
    const char *first;
} seen;

static int run_work(struct cmd_call *c)
{
    memset(&seen, 0, sizeof seen);
    seen.runs = 1;
    seen.json = cmd_has(c, "json");
    seen.output = cmd_value(c, "output");
    size_t iter = 0;
    for (const char *v; (v = cmd_next_value(c, "to", &iter)) != NULL && seen.n_to < 4;)
        seen.to[seen.n_to++] = v;
    seen.operands = cmd_operands(c);
    seen.first = cmd_operand(c, 0);
    return 7;
}

static const struct cmd_opt opts[] = {{"json", 'j', NULL, "JSON"},
                                      {"quiet", 'q', NULL, "no words"},
                                      {"output", 'o', "FILE", "where to"},
                                      {"to", 't', "WHO", "repeatable"},
                                      {0}};
static const struct cmd_sub with_subs[] = {{"work", "FILE...", "do it", opts, run_work}, {0}};
static const struct cmd_sub plain[] = {{"", "FILE...", "do it", opts, run_work}, {0}};
static const struct cmd_spec spec_subs = {"try", "a trial", with_subs, NULL};
static const struct cmd_spec spec_plain = {"try", "a trial", plain, NULL};

static int call(const struct cmd_spec *spec, const char *words)
{
    static char copy[256];
    char *argv[32] = {(char *)"sanctum-try"};
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *save = NULL, *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    seen.runs = 0;
    return cmd_main(spec, argc, argv);
}

static void options_in_every_spelling(void **state)
{
    (void)state;
    assert_int_equal(call(&spec_subs, "work -jq --output=a -tx --to y -t z f - -- -g"), 7);
    assert_true(seen.json);
    assert_string_equal(seen.output, "a");
    assert_int_equal(seen.n_to, 3);
    assert_string_equal(seen.to[0], "x");
    assert_string_equal(seen.to[2], "z");
    assert_int_equal(seen.operands, 3);
    assert_string_equal(seen.first, "f");
    assert_int_equal(call(&spec_plain, "-o b"), 7);
    assert_string_equal(seen.output, "b");
}

static void refusals_run_nothing(void **state)
{
    (void)state;
    const char *bad[] = {"work --nope", "work -x", "work --output", "work -o", "work --json=1",
                         "nope",        "",        "work -jx"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(call(&spec_subs, bad[i]), EXIT_USAGE);
        assert_int_equal(seen.runs, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(options_in_every_spelling),
                                       cmocka_unit_test(refusals_run_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
