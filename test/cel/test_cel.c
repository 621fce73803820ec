/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vectors do not reach: limits of text, cost, memory, depth and time; that errors are
 * never true; host functions; zones from bytes; growth. The language itself is
 * test_conformance.py's.
 */
#include "growth.h"

#include "builtin_int.h"

#include <stdio.h>
#include <stdlib.h>

static struct cel_env *env;

static int set_up(void **state)
{
    (void)state;
    assert_ok(cel_env_new(NULL, &env));
    assert_ok(cel_env_var(env, "x", "dyn", NULL));
    assert_ok(cel_env_var(env, "s", "string", NULL));
    assert_fails(ERR_INPUT, cel_env_var(env, "x", "int", NULL));
    assert_fails(ERR_INPUT, cel_env_var(env, "y", "list(int", NULL));
    assert_fails(ERR_INPUT, cel_env_var(env, "1y", "int", NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cel_env_free(env);
    return 0;
}

struct outcome {
    struct cel_value v;
    uint64_t cost;
    struct arena a;
};

static struct outcome evaluate(const char *text, uint64_t cost, size_t memory)
{
    struct cel_program *p;
    struct fault f;
    struct outcome o = {.a = arena_init(memory)};
    if (failed(cel_compile(env, span_str(text), 0, &p, &f)))
        fail_msg("%s: %s at %zu", text, f.why, f.at);
    struct cel_value vars[2] = {cel_int(1), cel_string(SPAN_LIT("text"))};
    const struct cel_input in = {.vars = vars, .n_vars = 2, .arena = &o.a, .cost_max = cost};
    o.v = cel_eval(p, &in, &o.cost);
    cel_program_free(p);
    return o;
}

static bool refused(const char *text, size_t n, enum err_cat cat)
{
    struct cel_program *p;
    struct fault f = {0};
    struct err e = cel_compile(env, span(text, n), 0, &p, &f);
    if (!failed(e)) {
        cel_program_free(p);
        return false;
    }
    assert_non_null(f.why);
    assert_true(f.at <= n);
    return err_cat(e) == cat;
}

/* n times `open`, then `middle`, then n times `close`. */
static char *nested(const char *open, const char *middle, const char *close, size_t n)
{
    char *text = calloc(n, strlen(open) + strlen(close) + 1);
    assert_non_null(text);
    text = realloc(text, n * (strlen(open) + strlen(close)) + strlen(middle) + 1);
    assert_non_null(text);
    char *at = text;
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, open);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, close);
    return text;
}

static void test_depth(void **state)
{
    (void)state;
    static const char *const shapes[][3] = {{"(", "1", ")"},
                                            {"[", "", "]"},
                                            {"{1: ", "1", "}"},
                                            {"-x-(", "x", ")"},
                                            {"size([", "", "])"},
                                            {"true ? (", "x", ") : x"},
                                            {"x.y[", "x", "]"},
                                            {"[1].map(z, ", "1", ")"},
                                            {"1 + ", "1", ""},
                                            {"", "x", ".y"},
                                            {"!", "true", ""},
                                            {"x ? x : ", "x", ""},
                                            {"cel.bind(z, x, ", "z", ")"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char *deep = nested(shapes[i][0], shapes[i][1], shapes[i][2], 3000);
        if (!refused(deep, strlen(deep), ERR_LIMIT))
            fail_msg("%s nested 3000 times was not refused", shapes[i][0]);
        free(deep);
        char *fair = nested(shapes[i][0], shapes[i][1], shapes[i][2], 30);
        assert_false(refused(fair, strlen(fair), ERR_LIMIT));
        free(fair);
    }
}

static void test_size(void **state)
{
    (void)state;
    char *text = malloc(CEL_SOURCE_MAX + 1);
    assert_non_null(text);
    memset(text, ' ', CEL_SOURCE_MAX + 1);
    text[0] = '1';
    assert_false(refused(text, CEL_SOURCE_MAX, ERR_LIMIT));
    assert_true(refused(text, CEL_SOURCE_MAX + 1, ERR_LIMIT));
    free(text);
    assert_true(refused("'\xff'", 3, ERR_INPUT));
    assert_true(refused("", 0, ERR_INPUT));
    char *chain = nested("x || ", "x", "", 2000); /* long, but not deep */
    assert_false(refused(chain, strlen(chain), ERR_LIMIT));
    free(chain);
}

static void test_every_prefix(void **state)
{
    (void)state;
    static const char text[] =
        "{'a': [1, 2u, -3.5e2, b'\\xff', r\"\\d\"]}.a.map(v, type(v) == int ? v : dyn(s)[0])"
        " == [?optional.of(1)] || '''x''' in {} && !x.`y-z`.all(i, j, has(i.b) // end\n)";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct cel_program *p;
        struct fault f = {0};
        if (!failed(cel_compile(env, span(text, n), CEL_NO_CHECK, &p, &f)))
            cel_program_free(p);
        else
            assert_true(f.why && f.at <= n);
    }
}

/* Work that grows exponentially or quadratically ends at the limit, and nothing absorbs that. */
static void test_cost(void **state)
{
    (void)state;
    static const char *const greedy[] = {
        "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, "
        "[1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, a > 0)))))",
        "lists.range(1000000).size() > 0",
        "cel.bind(a, [s, s], cel.bind(b, [a, a], cel.bind(c, [b, b], cel.bind(d, [c, c], "
        "cel.bind(e, [d, d], cel.bind(f, [e, e], cel.bind(g, [f, f], cel.bind(h, [g, g], "
        "cel.bind(i, [h, h], cel.bind(j, [i, i], cel.bind(k, [j, j], cel.bind(l, [k, k], "
        "cel.bind(m, [l, l], cel.bind(n, [m, m], n == n))))))))))))))"};
    for (size_t i = 0; i < sizeof greedy / sizeof *greedy; i++) {
        char text[1024];
        static const char *const wraps[] = {"%s", "true || %s", "%s || true", "%s ? true : true",
                                            "[1].exists(zz, %s || zz == 1)"};
        for (size_t w = 0; w < sizeof wraps / sizeof *wraps; w++) {
            if (w == 1)
                continue; /* decided before the greedy part is reached */
            snprintf(text, sizeof text, wraps[w], greedy[i]);
            struct outcome o = evaluate(text, 5000, 1 << 26);
            assert_int_equal(o.v.kind, CEL_ERROR);
            assert_int_equal(o.v.code, CEL_E_COST);
            assert_true(o.cost <= 5000);
            assert_false(cel_is_true(o.v));
            arena_free(&o.a);
        }
    }
    struct outcome o = evaluate("1 + 1 == 2", 5, 1 << 20);
    assert_true(cel_is_true(o.v));
    assert_int_equal(o.cost, 5);
    arena_free(&o.a);
    o = evaluate("1 + 1 == 2", 4, 1 << 20);
    assert_int_equal(o.v.code, CEL_E_COST);
    arena_free(&o.a);
}

static void test_memory(void **state)
{
    (void)state;
    const char *text = "[s, s].map(a, [a + a, a + a]).map(b, [b, b]).size() == 2 || true";
    for (size_t memory = 0; memory < 2000; memory += 16) {
        struct outcome o = evaluate(text, 0, memory);
        assert_true(cel_is_true(o.v) || o.v.code == CEL_E_COST);
        arena_free(&o.a);
    }
    struct outcome o = evaluate(text, 0, 1 << 16);
    assert_true(cel_is_true(o.v));
    arena_free(&o.a);
}

static bool stop_at_once(void *arg)
{
    ++*(int *)arg;
    return true;
}

static void test_stop(void **state)
{
    (void)state;
    struct cel_program *p;
    struct arena a = arena_init(1 << 26);
    int asked = 0;
    const struct cel_input in = {
        .arena = &a, .cost_max = 1 << 20, .stop = stop_at_once, .stop_arg = &asked};
    assert_ok(cel_compile(env, SPAN_LIT("lists.range(5000).all(i, i >= 0) || true"), 0, &p, NULL));
    struct cel_value v = cel_eval(p, &in, NULL);
    assert_int_equal(v.code, CEL_E_COST);
    assert_int_equal(asked, 1);
    cel_program_free(p);
    arena_free(&a);
}

static struct cel_value twice(struct cel_call *call, const struct cel_value *args, unsigned n,
                              void *arg)
{
    assert_int_equal(n, 1);
    if (!cel_call_charge(call, *(uint64_t *)arg) || !cel_call_arena(call))
        return cel_null();
    if (args[0].kind != CEL_INT)
        return cel_fail(CEL_E_OVERLOAD, "an int expected");
    return cel_int(args[0].i * 2);
}

static void test_host_function(void **state)
{
    (void)state;
    static const char *const params[] = {"int"};
    static uint64_t price = 1;
    const struct cel_function_decl f = {"host.twice", false, params, 1, "int", twice, &price};
    assert_ok(cel_env_function(env, &f));
    struct outcome o = evaluate("host.twice(21) == 42", 100, 1 << 16);
    assert_true(cel_is_true(o.v));
    arena_free(&o.a);
    o = evaluate("host.twice(x) == 2", 100, 1 << 16);
    assert_true(cel_is_true(o.v));
    arena_free(&o.a);
    o = evaluate("host.twice(dyn('a')) == 2 || true", 100, 1 << 16);
    assert_true(cel_is_true(o.v)); /* an ordinary error is absorbed */
    arena_free(&o.a);
    assert_true(refused("host.twice('a')", 15, ERR_INPUT));
    price = 1000;
    o = evaluate("host.twice(21) == 42 || true", 100, 1 << 16);
    assert_int_equal(o.v.code, CEL_E_COST);
    arena_free(&o.a);
}

static void test_errors_are_not_true(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "1 / 0 == 1",    "x.y",           "{}.a", "[][0] == 1",
        "int('a') == 1", "x == 1 && x.a", "!x.a", "timestamp('') == timestamp('')"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct outcome o = evaluate(wrong[i], 0, 1 << 16);
        assert_int_equal(o.v.kind, CEL_ERROR);
        assert_false(cel_is_true(o.v));
        assert_non_null(o.v.why);
        arena_free(&o.a);
    }
    assert_false(cel_is_true(cel_int(1)));
    assert_false(cel_is_true(cel_string(SPAN_LIT("true"))));
}

/* A zone file built here: UTC+1 until 1000, UTC+2 from then, and a footer with a summer rule. */
static bool zone(void *arg, struct span name, struct span *tzif)
{
    struct span *file = arg;
    assert_true(span_is(name, "Test/Zone"));
    *tzif = *file;
    return true;
}

static void test_zones(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct wr w = wr_of(bytes, sizeof bytes);
    for (int block = 0; block < 2; block++) {
        static const uint8_t none[15];
        wr_str(&w, "TZif2");
        wr_put(&w, span(none, 15));
        uint32_t counts[] = {0, 0, 0, block ? 1 : 0, block ? 2 : 1, 4};
        for (int i = 0; i < 6; i++)
            wr_be(&w, 4, counts[i]);
        if (block) {
            wr_be(&w, 8, 1000);
            wr_u8(&w, 1);
            wr_be(&w, 6, (uint64_t)3600 << 16);
        }
        wr_be(&w, 6, (uint64_t)7200 << 16);
        wr_str(&w, "ABC");
        wr_u8(&w, 0);
    }
    wr_str(&w, "\nABC-2DEF,M3.5.0,M10.5.0/3\n");
    assert_ok(wr_done(&w));
    struct span file = wr_span(&w);
    struct cel_input in = {.zone = zone, .zone_arg = &file};
    int64_t offset;
    assert_true(cel_zone_offset(&in, SPAN_LIT("Test/Zone"), 999, &offset));
    assert_int_equal(offset, 3600);
    assert_true(cel_zone_offset(&in, SPAN_LIT("Test/Zone"), 1688000000, &offset)); /* June */
    assert_int_equal(offset, 10800);
    assert_true(cel_zone_offset(&in, SPAN_LIT("Test/Zone"), 1704067200, &offset)); /* January */
    assert_int_equal(offset, 7200);
    assert_false(cel_zone_offset(&in, SPAN_LIT("../etc/passwd"), 0, &offset));
    assert_false(cel_zone_offset(&in, SPAN_LIT("/etc/passwd"), 0, &offset));
    size_t full = file.n;
    for (file.n = 0; file.n < full - 28; file.n++) /* cut anywhere before the footer */
        assert_false(cel_zone_offset(&in, SPAN_LIT("Test/Zone"), 999, &offset));
}

static void test_table_is_sorted(void **state)
{
    (void)state;
    static const char *const names[] = {
#define B(name, flag, min, max, fn, sig) name,
#include "builtins.def"
#undef B
    };
    unsigned n;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) <= 0);
        assert_non_null(cel_builtin(span_str(names[i]), &n));
    }
    assert_null(cel_builtin(SPAN_LIT("nope"), &n));
}

static void chained(const void *of, struct buf *out, size_t n)
{
    char *text = nested(of, "x", "", n);
    assert_ok(buf_puts(out, text));
    free(text);
}

static void compile(const void *with, struct span text)
{
    (void)with;
    struct cel_program *p;
    assert_ok(cel_compile(env, text, CEL_NO_CHECK, &p, NULL));
    cel_program_free(p);
}

static void test_growth(void **state)
{
    (void)state;
    static const char *const units[] = {"x || ", "x.y.z(x) && ", "'a\\n' == s || ", "{1: x}.a || "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        growth_assert(units[i], &(struct growth){chained, units[i], compile, NULL}, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),         cmocka_unit_test(test_size),
        cmocka_unit_test(test_every_prefix),  cmocka_unit_test(test_cost),
        cmocka_unit_test(test_memory),        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_host_function), cmocka_unit_test(test_errors_are_not_true),
        cmocka_unit_test(test_zones),         cmocka_unit_test(test_table_is_sorted),
        cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
