/* SPDX-License-Identifier: Apache-2.0 */
/* The pull reader: what the grammar of RFC 8259 allows and refuses, and where a fault is reported.
 */
#include "growth.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>

static struct err read_all(struct span in, struct fault *f)
{
    struct json j = json_of(in);
    struct json_token t;
    struct err e;
    do
        e = json_next(&j, &t);
    while (!failed(e) && t.type != JSON_END);
    *f = j.fault;
    return e;
}

struct good {
    const char *text, *tokens; /* one letter a token: { } [ ] k s n t f 0, then the end */
};

static const struct good good[] = {
    {"{}", "{}"},
    {"[]", "[]"},
    {" \t\r\n[ ] \n", "[]"},
    {"0", "n"},
    {"-0", "n"},
    {"1.50", "n"},
    {"1e5", "n"},
    {"1E+05", "n"},
    {"-12.0e-007", "n"},
    {"123456789012345678901234567890", "n"},
    {"true", "t"},
    {"false", "f"},
    {"null", "0"},
    {"\"\"", "s"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "s"},
    {"\"\\ud83d\\ude00\"", "s"},
    {"\"\\ud83d\"", "s"},
    {"\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf\"", "s"},
    {"\"\x7f\"", "s"},
    {"{\"a\":1}", "{kn}"},
    {"{\"\":\"\"}", "{ks}"},
    {"{\"a\":1,\"a\":2}", "{knkn}"},
    {"{ \"a\" : [ 1 , { \"b\" : null } , [ ] ] }", "{k[n{k0}[]]}"},
    {"[true,false,null,\"x\",-1.5e3]", "[tf0sn]"},
    {"[[[[]]]]", "[[[[]]]]"},
};

static void accepts_what_the_grammar_allows(void **state)
{
    (void)state;
    static const char letter[] = {'$', '{', '}', '[', ']', 'k', 's', 'n', 't', 'f', '0'};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct json j = json_of(span_str(good[i].text));
        char seen[64];
        size_t n = 0;
        struct json_token t;
        for (;;) {
            assert_ok(json_next(&j, &t));
            if (t.type == JSON_END)
                break;
            seen[n++] = letter[t.type];
        }
        seen[n] = 0;
        assert_string_equal(seen, good[i].tokens);
        assert_ok(json_next(&j, &t)); /* the end says so again */
        assert_int_equal(t.type, JSON_END);
    }
}

struct bad {
    const char *text;
    size_t at;
    const char *why;
};

static const struct bad bad[] = {
    {"", 0, "the text ends too early"},
    {"  ", 2, "the text ends too early"},
    {"{", 1, "the text ends too early"},
    {"[1", 2, "the text ends too early"},
    {"[1,", 3, "the text ends too early"},
    {"[1,]", 3, "expected a value"},
    {"[,1]", 1, "expected a value"},
    {"[1 2]", 3, "expected a comma or ]"},
    {"[1}", 2, "expected a comma or ]"},
    {"{]", 1, "expected a key in quotes"},
    {"{\"a\"}", 4, "expected a colon after a key"},
    {"{\"a\" 1}", 5, "expected a colon after a key"},
    {"{\"a\":}", 5, "expected a value"},
    {"{\"a\":1,}", 7, "expected a key in quotes"},
    {"{\"a\":1 \"b\":2}", 7, "expected a comma or }"},
    {"{\"a\":1]", 6, "expected a comma or }"},
    {"{a:1}", 1, "expected a key in quotes"},
    {"{'a':1}", 1, "expected a key in quotes"},
    {"{1:1}", 1, "expected a key in quotes"},
    {"[1]x", 3, "something follows the value"},
    {"1 2", 2, "something follows the value"},
    {"{}{}", 2, "something follows the value"},
    {"]", 0, "expected a value"},
    {"nul", 0, "expected a value"},
    {"nulll", 4, "something follows the value"},
    {"True", 0, "expected a value"},
    {"NaN", 0, "expected a value"},
    {"Infinity", 0, "expected a value"},
    {"-", 1, "expected a digit"},
    {"-a", 1, "expected a digit"},
    {"+1", 0, "expected a value"},
    {".5", 0, "expected a value"},
    {"01", 0, "number with a leading zero"},
    {"-01", 1, "number with a leading zero"},
    {"1.", 2, "expected a digit after the decimal point"},
    {"1.e5", 2, "expected a digit after the decimal point"},
    {"1e", 2, "expected a digit in the exponent"},
    {"1e+", 3, "expected a digit in the exponent"},
    {"0x10", 1, "something follows the value"},
    {"1_000", 1, "something follows the value"},
    {"\"", 1, "string is not closed"},
    {"\"abc", 4, "string is not closed"},
    {"\"a\nb\"", 2, "control character in a string"},
    {"\"a\tb\"", 2, "control character in a string"},
    {"\"\\x41\"", 1, "unknown escape in a string"},
    {"\"\\u12\"", 1, "unknown escape in a string"},
    {"\"\\u12g4\"", 1, "unknown escape in a string"},
    {"\"\\", 1, "unknown escape in a string"},
    {"\"\\'\"", 1, "unknown escape in a string"},
    {"\"\x80\"", 1, "not valid UTF-8"},
    {"\"\xc0\xaf\"", 1, "not valid UTF-8"},
    {"\"\xc1\xbf\"", 1, "not valid UTF-8"},
    {"\"\xe0\x9f\xbf\"", 1, "not valid UTF-8"},
    {"\"\xed\xa0\x80\"", 1, "not valid UTF-8"},
    {"\"\xf0\x8f\xbf\xbf\"", 1, "not valid UTF-8"},
    {"\"\xf4\x90\x80\x80\"", 1, "not valid UTF-8"},
    {"\"\xf8\x88\x80\x80\x80\"", 1, "not valid UTF-8"},
    {"\"\xff\"", 1, "not valid UTF-8"},
    {"\"ab\xe2\x82\"", 3, "not valid UTF-8"},
    {"\"ab\xe2\"", 3, "not valid UTF-8"},
    {"\xef\xbb\xbf{}", 0, "byte order mark or text before the value"},
    {"[\xc2\xa0]", 1, "expected a value"},
    {"[\f]", 1, "expected a value"},
    {"// x\n1", 0, "expected a value"},
    {"[1/**/]", 2, "expected a comma or ]"},
};

static void refuses_the_rest_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault f = {0};
        assert_fails(ERR_INPUT, read_all(span_str(bad[i].text), &f));
        assert_string_equal(f.why, bad[i].why);
        assert_int_equal(f.at, bad[i].at);
    }
    struct fault f;
    assert_fails(ERR_INPUT, read_all(span("\"a\0b\"", 5), &f));
    assert_fails(ERR_INPUT, read_all(span("[\0]", 3), &f));
}

static void a_failure_stays(void **state)
{
    (void)state;
    struct json j = json_of(SPAN_LIT("[1 2]"));
    struct json_token t;
    assert_ok(json_next(&j, &t));
    assert_ok(json_next(&j, &t));
    assert_fails(ERR_INPUT, json_next(&j, &t));
    assert_fails(ERR_INPUT, json_next(&j, &t));
    assert_fails(ERR_INPUT, json_skip_value(&j, NULL));
}

static void every_truncation_fails_at_its_end(void **state)
{
    (void)state;
    struct span whole =
        SPAN_LIT("{\"a\":[1.5e+3,-0,true,false,null,{\"\\u00e9\":\"\\ud83d\\ude00\xe2\x82\xac\"}],"
                 "\"long\":\"0123456789012345678901234567890123456789\\n\"}");
    struct fault f;
    assert_ok(read_all(whole, &f));
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *copy = malloc(n + 1); /* so that a sanitizer sees a read past the end */
        assert_non_null(copy);
        memcpy(copy, whole.p, n);
        uint8_t *exact = realloc(copy, n ? n : 1);
        assert_fails(ERR_INPUT, read_all(span(exact, n), &f));
        assert_true(f.at <= n);
        free(exact);
    }
}

static void depth_has_a_ceiling(void **state)
{
    (void)state;
    char text[2 * JSON_DEPTH_MAX + 8];
    for (unsigned max = 1; max <= JSON_DEPTH_MAX; max++) {
        for (unsigned deep = max; deep <= max + 1; deep++) {
            memset(text, '[', deep);
            memset(text + deep, ']', deep);
            struct json j = json_of_depth(span(text, 2 * (size_t)deep), max);
            struct err e = json_skip_value(&j, NULL);
            assert_int_equal(err_cat(e), deep == max ? ERR_NONE : ERR_LIMIT);
        }
    }
}

static void tokens_carry_positions_and_depth(void **state)
{
    (void)state;
    struct span in = SPAN_LIT(" {\"k\": [\"a\\n\", 12.0]} ");
    struct json j = json_of(in);
    struct json_token t;
    assert_ok(json_next(&j, &t));
    assert_int_equal(t.start, 1);
    assert_int_equal(t.depth, 0);
    assert_ok(json_next(&j, &t));
    assert_span(json_raw(&j, &t), SPAN_LIT("\"k\""));
    assert_true(json_text_is(&j, &t, SPAN_LIT("k")));
    assert_int_equal(t.depth, 1);
    assert_ok(json_next(&j, &t));
    struct json_token array = t;
    assert_ok(json_next(&j, &t));
    assert_span(json_inner(&j, &t), SPAN_LIT("a\\n"));
    assert_true(t.escaped);
    assert_int_equal(t.depth, 2);
    assert_ok(json_skip_rest(&j, &array));
    assert_span(json_raw(&j, &array), SPAN_LIT("[\"a\\n\", 12.0]"));
    assert_ok(json_next(&j, &t));
    assert_int_equal(t.type, JSON_OBJECT_END);
    assert_int_equal(t.depth, 0);
}

static void skip_value_needs_a_value(void **state)
{
    (void)state;
    struct json j = json_of(SPAN_LIT("[]"));
    struct json_token t;
    assert_ok(json_next(&j, &t));
    assert_fails(ERR_INPUT, json_skip_value(&j, NULL));
    j = json_of(SPAN_LIT("{\"a\":[{}, 1] ,\"b\":2}"));
    struct span raw;
    assert_ok(json_next(&j, &t));
    assert_ok(json_next(&j, &t));
    assert_ok(json_skip_value(&j, &raw));
    assert_span(raw, SPAN_LIT("[{}, 1]"));
    assert_fails(ERR_INPUT, json_skip_value(&j, &raw)); /* a key stands there */
}

static struct err see_all(struct span in, struct fault *f)
{
    static const uint64_t seed[2] = {1, 2};
    struct arena a = arena_init(64 << 20);
    struct json_keys k = json_keys_of(&a, seed);
    struct json j = json_of(in);
    struct json_token t;
    struct err e;
    do {
        e = json_next(&j, &t);
        if (!failed(e))
            e = json_keys_see(&k, &j, &t);
    } while (!failed(e) && t.type != JSON_END);
    *f = j.fault;
    arena_free(&a);
    return e;
}

static void duplicate_keys_are_found_after_decoding(void **state)
{
    (void)state;
    static const char *const fine[] = {"{}", "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
                                       "[{\"a\":1},{\"a\":1}]", "{\"a\":{\"b\":1},\"b\":2}",
                                       "{\"a\":1,\"A\":2,\"\":3}"};
    static const struct {
        const char *text;
        size_t at;
    } twice[] = {{"{\"a\":1,\"a\":2}", 7},
                 {"{\"a\":1,\"\\u0061\":2}", 7},
                 {"{\"a\":{\"x\":1},\"b\":[{}],\"a\":2}", 22},
                 {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 18},
                 {"{\"\":1,\"\":2}", 6}};
    struct fault f;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_ok(see_all(span_str(fine[i]), &f));
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
        assert_fails(ERR_INPUT, see_all(span_str(twice[i].text), &f));
        assert_string_equal(f.why, "the same key twice in one object");
        assert_int_equal(f.at, twice[i].at);
    }
}

/* Many keys in one object, others in the objects between them: each of them, again at the end. */
static void duplicate_keys_are_found_among_many(void **state)
{
    (void)state;
    enum { MOST = 40 };
    BUF_AUTO text = buf_init(1 << 14);
    struct fault f;
    for (int n = 1; n <= MOST; n++)
        for (int again = -1; again < n; again++) {
            buf_clear(&text);
            assert_ok(buf_puts(&text, "[{\"k0\":1},{"));
            for (int i = 0; i < n; i++)
                assert_ok(buf_printf(&text, "\"k%d\":[{\"k%d\":{\"k%d\":0}}],", i, i, i + 1));
            size_t at = text.n;
            assert_ok(buf_printf(&text, "\"k%d\":1}]", again < 0 ? n : again));
            if (again < 0) {
                assert_ok(see_all(buf_span(&text), &f));
                continue;
            }
            assert_fails(ERR_INPUT, see_all(buf_span(&text), &f));
            assert_int_equal(f.at, at);
        }
}

static void members_in_one_pass(void **state)
{
    (void)state;
    const struct span names[] = {SPAN_LIT("a"), SPAN_LIT("b"), SPAN_LIT("none")};
    struct span v[3];
    assert_ok(
        json_members(SPAN_LIT(" {\"x\":{\"a\":0},\"\\u0062\":[1,{}],\"a\":null,\"y\":1,\"y\":2} "),
                     names, 3, v));
    assert_span(v[0], SPAN_LIT("null"));
    assert_span(v[1], SPAN_LIT("[1,{}]"));
    assert_int_equal(v[2].n, 0);
    static const char *const none[] = {"[{\"a\":1}]", "7", "\"a\"", "{}"};
    for (size_t i = 0; i < 4; i++) {
        assert_ok(json_members(span_str(none[i]), names, 3, v));
        assert_int_equal(v[0].n + v[1].n + v[2].n, 0);
    }
    static const char *const broken[] = {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1", "{\"a\":1}x", "",
                                         "{\"a\":1,\"x\":01}"};
    for (size_t i = 0; i < 5; i++) {
        assert_fails(ERR_INPUT, json_members(span_str(broken[i]), names, 3, v));
        assert_int_equal(v[0].n + v[1].n + v[2].n, 0);
    }
    assert_fails(ERR_BUG, json_members(SPAN_LIT("{}"), names, JSON_MEMBERS_MAX + 1,
                                       (struct span[JSON_MEMBERS_MAX + 1]){{0}}));
}

static void find_follows_a_path(void **state)
{
    (void)state;
    struct span in =
        SPAN_LIT("{\"x\":{\"b\":0},\"a\":{\"c\":[1],\"\\u0062\":{\"d\":\"v\"}},\"n\":7,"
                 "\"t\":true}");
    struct span v;
    assert_ok(json_find(in, &v, "a", "b", "d", NULL));
    assert_span(v, SPAN_LIT("\"v\""));
    BUF_AUTO b = buf_init(100);
    assert_ok(json_get_string(v, &b));
    assert_span(buf_span(&b), SPAN_LIT("v"));
    assert_ok(json_find(in, &v, "a", "c", NULL));
    assert_span(v, SPAN_LIT("[1]"));
    assert_ok(json_find(in, &v, "a", "c", "d", NULL));
    assert_int_equal(v.n, 0);
    assert_ok(json_find(in, &v, "n", "c", NULL));
    assert_int_equal(v.n, 0);
    assert_ok(json_find(in, &v, "b", NULL));
    assert_int_equal(v.n, 0);
    uint64_t n;
    bool yes = false;
    assert_ok(json_find(in, &v, "n", NULL));
    assert_ok(json_get_u64(v, 100, &n));
    assert_int_equal(n, 7);
    assert_fails(ERR_LIMIT, json_get_u64(v, 6, &n));
    assert_fails(ERR_INPUT, json_get_bool(v, &yes));
    assert_fails(ERR_INPUT, json_get_string(v, &b));
    assert_ok(json_find(in, &v, "t", NULL));
    assert_ok(json_get_bool(v, &yes));
    assert_true(yes);
    assert_fails(ERR_INPUT, json_find(SPAN_LIT("{\"a\":1,\"a\":2}"), &v, "a", NULL));
    assert_fails(ERR_INPUT, json_find(SPAN_LIT("{\"a\":1"), &v, "a", NULL));
    assert_int_equal(v.n, 0);
    assert_ok(json_find(SPAN_LIT("[1]"), &v, "a", NULL));
    assert_int_equal(v.n, 0);
    double d;
    assert_ok(json_get_double(SPAN_LIT("1.5"), &d));
    assert_true(d == 1.5);
    assert_fails(ERR_LIMIT, json_get_double(SPAN_LIT("1e999"), &d));
}

static void many_members(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "{"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "%s\"key%zu\\n\":[[\"\\u0041\",%zu]]", i ? "," : "", i, i));
    assert_ok(buf_puts(out, "}"));
}

static void read_in_full(struct span in)
{
    struct fault f;
    assert_ok(read_all(in, &f));
}

static void see_in_full(struct span in)
{
    struct fault f;
    assert_ok(see_all(in, &f));
}

static void values_are_shown(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *shown;
    } cases[] = {{"\"a\\u0062\"", "ab"}, {"\"\"", "-"},    {"", "-"},
                 {"12.50", "12.50"},     {"true", "true"}, {"[1]", "[1]"},
                 {"1234567", "1234567"}, {"12345678", "-"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[8];
        json_get_shown(span_str(cases[i].raw), out, sizeof out);
        assert_string_equal(out, cases[i].shown);
    }
}

static void time_grows_with_size_only(void **state)
{
    (void)state;
    assert_linear(many_members, read_in_full, 5000);
    assert_linear(many_members, see_in_full, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_the_grammar_allows),
        cmocka_unit_test(refuses_the_rest_and_says_where),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(every_truncation_fails_at_its_end),
        cmocka_unit_test(depth_has_a_ceiling),
        cmocka_unit_test(tokens_carry_positions_and_depth),
        cmocka_unit_test(skip_value_needs_a_value),
        cmocka_unit_test(duplicate_keys_are_found_after_decoding),
        cmocka_unit_test(duplicate_keys_are_found_among_many),
        cmocka_unit_test(members_in_one_pass),
        cmocka_unit_test(find_follows_a_path),
        cmocka_unit_test(values_are_shown),
        cmocka_unit_test(time_grows_with_size_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
