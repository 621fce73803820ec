/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON against the vectors in jcs/ (DATA.md names their origin), and the builder. */
#include "unit.h"

#include "hash.h"
#include "jcs.h"
#include "json.h"
#include "json_put.h"
#include "num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_LINES = 100000, FIXED = 168, RUN = 2000 };

static void read_file(const char *name, struct buf *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/test/json/jcs/%s", SOURCE_ROOT, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        assert_ok(buf_put(out, span(chunk, n)));
    fclose(f);
}

/* The member's hexadecimal string as bytes; false when it is not there. */
static bool hex_member(struct span line, const char *name, struct buf *out)
{
    struct span v;
    buf_clear(out);
    assert_ok(json_find(line, &v, name, NULL));
    for (size_t i = 1; v.n && i + 2 < v.n; i += 2) {
        uint64_t byte;
        assert_ok(num_hex(span_cut(v, i, 2), &byte));
        assert_ok(buf_put_u8(out, (uint8_t)byte));
    }
    return v.n != 0;
}

static void vectors_pass(void **state)
{
    (void)state;
    BUF_AUTO file = buf_init(1 << 20);
    BUF_AUTO in = buf_init(1 << 20);
    BUF_AUTO want = buf_init(1 << 20);
    BUF_AUTO got = buf_init(1 << 20);
    struct arena scratch = arena_init(16 << 20);
    read_file("cases.jsonl", &file);
    size_t passed = 0, refused = 0;
    for (struct span rest = buf_span(&file); rest.n;) {
        size_t end = span_find(rest, 0, '\n');
        struct span line = span_cut(rest, 0, end);
        rest = span_from(rest, end + 1);
        hex_member(line, "in", &in);
        bool good = hex_member(line, "out", &want);
        struct fault f = {0};
        buf_clear(&got);
        assert_ok(buf_puts(&got, "kept"));
        arena_reset(&scratch);
        struct err e = jcs_canonical(buf_span(&in), &scratch, &got, &f);
        if (failed(e) == good)
            print_error("%.*s\n", SPAN_ARG(line));
        assert_int_equal(failed(e), !good);
        if (good) {
            assert_span(span_from(buf_span(&got), 4), buf_span(&want));
            passed++;
        } else {
            assert_int_equal(got.n, 4); /* on failure the output is as it was */
            assert_non_null(f.why);
            refused++;
        }
    }
    assert_int_equal(passed, 85);
    assert_int_equal(refused, 42);
    arena_free(&scratch);
}

/* One line of the number sequence; the double must also read back from its text. */
static void number_line(struct hash_run *h, uint64_t bits)
{
    double v, back;
    memcpy(&v, &bits, 8);
    uint8_t text[JCS_NUMBER_MAX + 1];
    size_t n = jcs_number(v, text);
    assert_true(n > 0);
    assert_ok(json_get_double(span(text, n), &back));
    assert_true(back == v);
    char line[64];
    text[n] = 0;
    int len = snprintf(line, sizeof line, "%lx,%s\n", (unsigned long)bits, (const char *)text);
    hash_more(h, span(line, (size_t)len));
}

static void fixed_numbers(struct hash_run *h)
{
    BUF_AUTO file = buf_init(1 << 20);
    read_file("number_seeds.json", &file);
    struct json j = json_of(buf_span(&file));
    struct json_token t;
    size_t n = 0;
    do {
        assert_ok(json_next(&j, &t));
        if (t.type != JSON_STRING)
            continue;
        uint64_t bits;
        assert_ok(num_hex(json_inner(&j, &t), &bits));
        number_line(h, bits);
        n++;
    } while (t.type != JSON_END);
    assert_int_equal(n, FIXED);
}

static void the_number_sequence_has_its_digest(void **state)
{
    (void)state;
    static const char want[] = "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7";
    struct hash_run h;
    assert_ok(hash_begin(&h));
    fixed_numbers(&h);
    for (uint64_t i = 0; i < RUN; i++)
        number_line(&h, 0x0010000000000000U + i);
    uint8_t block[HASH_BYTES] = {0};
    for (size_t lines = FIXED + RUN; lines < NUMBER_LINES;) {
        hash_sha256(span(block, sizeof block), block);
        for (size_t i = 0; i < 4 && lines < NUMBER_LINES; i++) {
            uint64_t bits = 0;
            for (unsigned k = 0; k < 8; k++)
                bits |= (uint64_t)block[8 * i + k] << (8 * k);
            double v;
            memcpy(&v, &bits, 8);
            if (!isfinite(v) || v == 0)
                continue;
            number_line(&h, bits);
            lines++;
        }
    }
    uint8_t digest[HASH_BYTES];
    hash_end(&h, digest);
    char hex[2 * HASH_BYTES + 1];
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(hex, want);
    uint8_t text[JCS_NUMBER_MAX];
    assert_int_equal(jcs_number(NAN, text), 0);
    assert_int_equal(jcs_number(INFINITY, text), 0);
}

/* Scores: at most three decimals, no zeros at the end. */
static void thousandths_are_printed_as_they_are(void **state)
{
    (void)state;
    enum { MOST = 20000 };
    for (int i = -MOST; i <= MOST; i++) {
        uint8_t text[JCS_NUMBER_MAX];
        char want[32];
        snprintf(want, sizeof want, "%.3f", i / 1000.0);
        if (i == 0)
            strcpy(want, "0");
        for (size_t n = strlen(want); strchr(want, '.') && strchr("0.", want[n - 1]); n--)
            want[n - 1] = 0;
        assert_span(span(text, jcs_number(i / 1000.0, text)), span_str(want));
    }
}

static void faults_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *in, *why;
        size_t at;
    } bad[] = {{"{\"a\":1,\"\\u0061\":2}", "the same key twice in one object", 17},
               {"[\"x\",\"\\udead\"]", "half a surrogate pair in a string", 5},
               {"[1e400]", "number too long or too large for a double", 1},
               {"[1,]", "expected a value", 3}};
    struct arena scratch = arena_init(1 << 20);
    BUF_AUTO out = buf_init(100);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault f;
        assert_fails(ERR_INPUT, jcs_canonical(span_str(bad[i].in), &scratch, &out, &f));
        assert_string_equal(f.why, bad[i].why);
        assert_int_equal(f.at, bad[i].at);
    }
    struct arena tiny = arena_init(100);
    assert_fails(ERR_LIMIT, jcs_canonical(SPAN_LIT("[1,2,3,4,5]"), &tiny, &out, NULL));
    struct buf small = buf_init(3);
    assert_fails(ERR_LIMIT, jcs_canonical(SPAN_LIT("[1,2]"), &scratch, &small, NULL));
    assert_int_equal(small.n, 0);
    buf_free(&small);
    arena_free(&tiny);
    arena_free(&scratch);
}

static void the_builder_writes_canonical_json(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(1000);
    struct json_put p = json_put_to(&b);
    json_put_object(&p, NULL);
    json_put_array(&p, "a");
    json_put_u64(&p, NULL, UINT64_MAX);
    json_put_i64(&p, NULL, INT64_MIN);
    json_put_object(&p, NULL);
    json_put_end(&p);
    json_put_end(&p);
    json_put_bool(&p, "b", true);
    json_put_double(&p, "c", 0.1);
    json_put_double(&p, "d", NAN);
    json_put_null(&p, "e");
    json_put_key(&p, SPAN_LIT("f\n"));
    json_put_str(&p, NULL, SPAN_LIT("\"\xff"));
    json_put_raw(&p, "g", SPAN_LIT("[1.10]"));
    json_put_end(&p);
    assert_ok(json_put_done(&p));
    assert_span(buf_span(&b),
                SPAN_LIT("{\"a\":[18446744073709551615,-9223372036854775808,{}],\"b\":true,"
                         "\"c\":0.1,\"d\":null,\"e\":null,\"f\\n\":\"\\\"\xef\xbf\xbd\","
                         "\"g\":[1.10]}"));
    buf_clear(&b);
    p = json_put_to(&b);
    json_put_array(&p, NULL);
    assert_fails(ERR_BUG, json_put_done(&p));
    json_put_end(&p);
    assert_ok(json_put_done(&p));
    json_put_end(&p);
    assert_fails(ERR_BUG, json_put_done(&p));
    struct buf small = buf_init(5);
    p = json_put_to(&small);
    json_put_text(&p, NULL, "longer than five");
    assert_fails(ERR_LIMIT, json_put_done(&p));
    buf_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_pass),
        cmocka_unit_test(the_number_sequence_has_its_digest),
        cmocka_unit_test(thousandths_are_printed_as_they_are),
        cmocka_unit_test(faults_name_the_place),
        cmocka_unit_test(the_builder_writes_canonical_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
