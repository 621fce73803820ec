/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against jansson, an independent reader: texts are made at random, many of them then damaged. What
 * both accept must hold the same values; what only one accepts must be one of the differences named
 * in `known`.
 */
#include "unit.h"

/* jansson's enum has names of ours; its own are not needed here. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_TRUE   JANSSON_TRUE
#define JSON_FALSE  JANSSON_FALSE
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL
#include <stdlib.h>

#include "json.h"

static bool is(json_type type, const json_t *v)
{
    return v && json_typeof(v) == type;
}

enum { ROUNDS = 40000, TEXT_MAX = 4096 };

static uint64_t seed = 42;

static unsigned below(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

static const char *const scalars[] = {"0",
                                      "-1",
                                      "12.50",
                                      "1e3",
                                      "-0.0",
                                      "123456789",
                                      "true",
                                      "false",
                                      "null",
                                      "\"\"",
                                      "\"text\"",
                                      "\"\\n\\t\\\"\\\\\"",
                                      "\"\\u00e9\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\xc3\xa9\xe2\x82\xac\"",
                                      "\"\xf0\x9f\x98\x80\"",
                                      "\"a long run of plain text, longer than one vector\"",
                                      "1E-5",
                                      "9007199254740993"};

/* A random value of bounded size; open containers are kept on a stack of our own. */
static void make(struct buf *b)
{
    char close[16];
    size_t depth = 0;
    bool fresh = true;
    unsigned key = 0;
    for (unsigned left = 1 + below(30); left > 0; left--) {
        static const char *const blanks[] = {"", "", "", " ", "\n\t", "\r"};
        if (!fresh)
            assert_ok(buf_puts(b, ","));
        assert_ok(buf_puts(b, blanks[below(6)]));
        if (depth && close[depth - 1] == '}')
            assert_ok(buf_printf(b, "\"k%u%s\":", key++, below(4) ? "" : "\\u0041"));
        unsigned what = below(depth < 15 ? 8 : 5);
        fresh = what >= 5;
        if (!fresh) {
            assert_ok(buf_puts(b, scalars[below(sizeof scalars / sizeof *scalars)]));
        } else {
            assert_ok(buf_puts(b, what == 5 ? "[" : "{"));
            close[depth++] = what == 5 ? ']' : '}';
        }
        while (depth && below(4) == 0) {
            assert_ok(buf_put_u8(b, (uint8_t)close[--depth]));
            fresh = false;
        }
        if (depth == 0)
            return;
    }
    while (depth)
        assert_ok(buf_put_u8(b, (uint8_t)close[--depth]));
}

static void damage(struct buf *b)
{
    static const char bytes[] = "{}[]\",:\\u0d8e1.-+ntf \n\t\x01\x80\xc3\xef/";
    for (unsigned i = below(3); i > 0 && b->n; i--) {
        size_t at = below((unsigned)b->n);
        switch (below(3)) {
        case 0:
            b->p[at] = (uint8_t)bytes[below(sizeof bytes - 1)];
            break;
        case 1:
            memmove(b->p + at, b->p + at + 1, b->n - at - 1);
            b->n--;
            break;
        default:
            b->n = at;
        }
    }
}

/* Both trees walked together: jansson's by iterators on a stack, ours by tokens. */
struct place {
    json_t *container;
    size_t next; /* array index */
};

static bool same_text(struct json *j, const struct json_token *t, const char *want, size_t n)
{
    BUF_AUTO text = buf_init(TEXT_MAX);
    assert_ok(json_unescape_buf(json_inner(j, t), JSON_LONE_REFUSE, &text));
    return span_eq(buf_span(&text), span(want, n));
}

static bool same_scalar(struct json *j, const struct json_token *t, json_t *want)
{
    double v;
    switch ((enum json_type)t->type) {
    case JSON_STRING:
        return is(JANSSON_STRING, want) &&
               same_text(j, t, json_string_value(want), json_string_length(want));
    case JSON_NUMBER:
        assert_ok(json_get_double(json_raw(j, t), &v));
        return (is(JSON_INTEGER, want) || is(JSON_REAL, want)) && v == json_number_value(want);
    case JSON_TRUE:
        return is(JANSSON_TRUE, want);
    case JSON_FALSE:
        return is(JANSSON_FALSE, want);
    default:
        return t->type == JSON_NULL && is(JANSSON_NULL, want);
    }
}

static json_t *member(struct json *j, const struct json_token *t, json_t *object)
{
    BUF_AUTO name = buf_init(TEXT_MAX);
    assert_ok(json_unescape_buf(json_inner(j, t), JSON_LONE_REFUSE, &name));
    assert_ok(buf_put_u8(&name, 0));
    return json_object_get(object, (const char *)name.p);
}

/* Does jansson's tree say what our tokens say? */
static bool same(struct span in, json_t *root)
{
    struct place stack[32];
    size_t depth = 0;
    json_t *next = root;
    struct json j = json_of(in);
    for (;;) {
        struct json_token t;
        assert_ok(json_next(&j, &t));
        if (t.type == JSON_END)
            return depth == 0;
        if (t.type == JSON_KEY) {
            next = member(&j, &t, stack[depth - 1].container);
            stack[depth - 1].next++;
            continue;
        }
        if (t.type == JSON_OBJECT_END || t.type == JSON_ARRAY_END) {
            struct place *p = &stack[--depth];
            size_t n = t.type == JSON_ARRAY_END ? json_array_size(p->container)
                                                : json_object_size(p->container);
            if (p->next != n)
                return false;
            continue;
        }
        if (depth && is(JANSSON_ARRAY, stack[depth - 1].container))
            next = json_array_get(stack[depth - 1].container, stack[depth - 1].next++);
        if (!next)
            return false;
        if (t.type == JSON_OBJECT || t.type == JSON_ARRAY) {
            assert_true(depth < 32);
            if (!is(t.type == JSON_OBJECT ? JANSSON_OBJECT : JANSSON_ARRAY, next))
                return false;
            stack[depth++] = (struct place){next, 0};
        } else if (!same_scalar(&j, &t, next)) {
            return false;
        }
    }
}

/* What jansson refuses and we accept, by its own words. */
static const char *const known[] = {
    "duplicate object key",     /* asked for by a flag; ours: struct json_keys */
    "invalid Unicode",          /* lone surrogates: ours are flagged, the caller decides */
    "\\u0000 is not allowed",   /* a NUL in text is legal JSON */
    "NUL byte in object key",   /* likewise */
    "too big integer",          /* numbers stay text here */
    "too big negative integer", /* likewise */
    "real number overflow",     /* likewise */
};

static bool is_known(const char *text)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(text, known[i]))
            return true;
    return false;
}

static void both_readers_agree(void **state)
{
    (void)state;
    size_t both = 0, neither = 0, ours = 0;
    static const uint64_t hash_seed[2] = {3, 4};
    for (unsigned round = 0; round < ROUNDS; round++) {
        BUF_AUTO b = buf_init(TEXT_MAX * 4);
        make(&b);
        if (round % 2)
            damage(&b);
        struct arena a = arena_init(1 << 20);
        struct json_keys keys = json_keys_of(&a, hash_seed);
        struct json j = json_of(buf_span(&b));
        struct json_token t;
        struct err e;
        do {
            e = json_next(&j, &t);
            if (!failed(e))
                e = json_keys_see(&keys, &j, &t);
        } while (!failed(e) && t.type != JSON_END);
        arena_free(&a);
        json_error_t why;
        json_t *root =
            json_loadb((const char *)b.p, b.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
        if (!failed(e) && root)
            assert_true(same(buf_span(&b), root));
        bool fine = failed(e) ? !root : root || is_known(why.text);
        if (!fine)
            print_error("%.*s\n-- %s / %s\n", SPAN_ARG(buf_span(&b)), root ? "accepted" : why.text,
                        failed(e) ? j.fault.why : "accepted");
        assert_true(fine);
        both += !failed(e) && root;
        neither += failed(e) && !root;
        ours += !failed(e) && !root;
        json_decref(root);
    }
    /* Each of the three outcomes was met, or the comparison shows nothing. */
    assert_true(both > ROUNDS / 4);
    assert_true(neither > ROUNDS / 8);
    assert_true(ours > 0);
}

/* Each named difference, once, so that the table stays true. */
static void the_known_differences_are_real(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[\"\\ud800\"]",           "[\"\\u0000\"]", "{\"\\u0000\":1}",  "[99999999999999999999]",
        "[-99999999999999999999]", "[1e999]",       "{\"a\":1,\"a\":1}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_error_t why;
        assert_null(json_loads(texts[i], JSON_REJECT_DUPLICATES, &why));
        assert_true(is_known(why.text));
        struct json j = json_of(span_str(texts[i]));
        assert_ok(json_skip_value(&j, NULL));
    }
}

/* Each pair differs in one thing, and that is seen. */
static void a_difference_is_seen(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{\"a\":1}", "{\"b\":1}"}, {"{\"a\":1}", "{\"a\":2}"}, {"{\"a\":1}", "{\"a\":1,\"b\":1}"},
        {"[1,2]", "[1]"},           {"[1]", "[1,2]"},           {"[true]", "[false]"},
        {"[null]", "[0]"},          {"[[]]", "[{}]"},           {"[\"a\"]", "[\"\\u0062\"]"},
        {"[1]", "[1.5]"},           {"[\"1\"]", "[1]"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t k = 0; k < 2; k++) {
            json_t *root = json_loads(pairs[i][k], 0, NULL);
            assert_non_null(root);
            assert_true(same(span_str(pairs[i][k]), root));
            assert_false(same(span_str(pairs[i][1 - k]), root));
            json_decref(root);
        }
    assert_false(is_known("a sentence that is in no table"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_seen),
        cmocka_unit_test(both_readers_agree),
        cmocka_unit_test(the_known_differences_are_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
