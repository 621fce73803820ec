/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from outside beside the text of an expression: a zone file and an encoded message, cut at
 * every byte and twice as large.
 */
#include "growth.h"

#include "cel.h"

#include <stdlib.h>

enum { BYTES_MAX = 16 << 20 };

static void put_be(struct buf *b, uint64_t v, unsigned width)
{
    for (unsigned i = width; i-- > 0;)
        assert_ok(buf_put_u8(b, (uint8_t)(i < sizeof v ? v >> 8 * i : 0)));
}

/* A zone with n transitions, an hour back and forth, then a rule. */
static void zone_file(struct buf *b, size_t n)
{
    for (unsigned block = 0; block < 2; block++) {
        assert_ok(buf_puts(b, "TZif2"));
        put_be(b, 0, 15);
        put_be(b, 0, 4);
        put_be(b, 0, 4);
        put_be(b, 0, 4);
        put_be(b, block ? n : 0, 4);
        put_be(b, 2, 4);
        put_be(b, 4, 4);
        for (size_t i = 0; block && i < n; i++)
            put_be(b, 1000 * i, 8);
        for (size_t i = 0; block && i < n; i++)
            put_be(b, i % 2, 1);
        put_be(b, 3600, 4);
        put_be(b, 0, 2);
        put_be(b, 7200, 4);
        put_be(b, 0x100, 2);
        assert_ok(buf_put(b, span("CET", 4)));
    }
    assert_ok(buf_puts(b, "\nCET-1CEST,M3.5.0,M10.5.0/3\n"));
}

static bool zone_of(void *arg, struct span name, struct span *tzif)
{
    (void)name;
    *tzif = *(const struct span *)arg;
    return true;
}

/* The hour that an instant has in the zone, or -1. */
static int64_t hour(struct span file, const char *expression)
{
    struct cel_env *env;
    struct cel_program *p;
    struct arena a = arena_init(1 << 20);
    assert_ok(cel_env_new(NULL, &env));
    assert_ok(cel_compile(env, span_str(expression), 0, &p, NULL));
    const struct cel_input in = {.arena = &a, .zone = zone_of, .zone_arg = &file};
    struct cel_value v = cel_eval(p, &in, NULL);
    int64_t h = v.kind == CEL_INT ? v.i : -1;
    cel_program_free(p);
    cel_env_free(env);
    arena_free(&a);
    return h;
}

static void test_zone_cut(void **state)
{
    (void)state;
    static const char early[] = "timestamp(1500).getHours('A/B')",
                      late[] = "timestamp('2024-07-01T12:00:00Z').getHours('A/B')";
    BUF_AUTO b = buf_init(BYTES_MAX);
    zone_file(&b, 5);
    assert_int_equal(hour(buf_span(&b), early), 2);
    assert_int_equal(hour(buf_span(&b), late), 14);
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *copy = malloc(n + !n);
        assert_non_null(copy);
        if (n)
            memcpy(copy, b.p, n);
        int64_t h = hour(span(copy, n), early);
        assert_true(h == -1 || h == 2);
        h = hour(span(copy, n), late); /* without its rule the last transition holds */
        assert_true(h == -1 || h == 13 || h == 14);
        free(copy);
    }
}

static struct cel_schema *schema_of(struct arena *a)
{
    struct cel_schema *s;
    assert_ok(cel_schema_new(a, &s));
    assert_ok(cel_schema_message(s, "t.M", true));
    const struct cel_field_decl fields[] = {
        {.name = "i", .number = 1, .type = "int64"},
        {.name = "r", .number = 2, .type = "string", .label = CEL_REPEATED},
        {.name = "m", .number = 3, .type = "t.M"},
        {.name = "k", .number = 4, .type = "int32", .key = "int32", .label = CEL_MAP_FIELD},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_ok(cel_schema_field(s, &fields[i]));
    assert_ok(cel_schema_done(s));
    return s;
}

/* n texts, n entries of a map, n unknown fields. */
static void message(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_put(b, span("\x12\3abc", 5)));
    for (size_t i = 0; i < n; i++) {
        uint8_t entry[] = {0x22, 6, 8, i & 0x7f, 0x10, 1, 0x50, 0};
        entry[3] = (uint8_t)(i & 0x3f);
        assert_ok(buf_put(b, span(entry, sizeof entry)));
    }
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_put(b, span("\x50\1", 2)));
    assert_ok(buf_put(b, span("\x1a\2\x08\7", 4)));
}

static bool decodes(const struct cel_schema *s, struct span wire)
{
    struct arena a = arena_init(BYTES_MAX * 8);
    struct cel_value v;
    struct err e = cel_message_decode(s, SPAN_LIT("t.M"), wire, &a, &v);
    arena_free(&a);
    assert_true(!failed(e) || err_cat(e) == ERR_INPUT);
    return !failed(e);
}

static void test_message_cut(void **state)
{
    (void)state;
    struct arena a = arena_init(1 << 20);
    const struct cel_schema *s = schema_of(&a);
    BUF_AUTO b = buf_init(BYTES_MAX);
    message(&b, 4);
    assert_true(decodes(s, buf_span(&b)));
    size_t whole = 0; /* a message may end between two fields, and nowhere else */
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *copy = malloc(n + !n);
        assert_non_null(copy);
        if (n)
            memcpy(copy, b.p, n);
        whole += decodes(s, span(copy, n));
        free(copy);
    }
    assert_int_equal(whole, 3 * 4 + 1);
    arena_free(&a);
}

static void make_message(const void *of, struct buf *out, size_t n)
{
    (void)of;
    message(out, n);
}

static void decode(const void *with, struct span wire)
{
    assert_true(decodes(with, wire));
}

static void test_message_growth(void **state)
{
    (void)state;
    struct arena a = arena_init(1 << 20);
    const struct cel_schema *s = schema_of(&a);
    growth_assert("message", &(struct growth){make_message, NULL, decode, s}, 5000);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_zone_cut),
                                       cmocka_unit_test(test_message_cut),
                                       cmocka_unit_test(test_message_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
