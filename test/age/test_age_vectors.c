/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every published age vector (data/vectors): the exact failure class, and the SHA-256 of exactly
 * what was released. The control shows that a wrong expectation is seen.
 */
#include "unit.h"

#include "age.h"
#include "b64.h"
#include "file.h"
#include "light.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define FOLDER SOURCE_ROOT "/test/age/data/vectors"
enum { PLAIN_MAX = 64 << 20 };

struct vector {
    struct span expect, payload, body;
    bool compressed, known;
    struct age_keys keys;
};

static void read_line(struct vector *v, struct span key, struct span value)
{
    struct fault f;
    if (span_is(key, "expect"))
        v->expect = value;
    else if (span_is(key, "payload"))
        v->payload = value;
    else if (span_is(key, "identity"))
        assert_ok(age_identity_parse(value, &v->keys, &f));
    else if (span_is(key, "passphrase"))
        assert_ok(age_passphrase(value, AGE_WORK, &v->keys));
    else if (span_is(key, "compressed"))
        v->compressed = span_is(value, "zlib");
    else if (!span_is(key, "file key") && !span_is(key, "comment") && !span_is(key, "armored"))
        v->known = false;
}

static void parse(struct span file, struct vector *v)
{
    size_t at = 0;
    *v = (struct vector){.known = true};
    for (;;) {
        size_t end = span_find(file, at, '\n');
        struct span line = span_cut(file, at, end - at);
        at = end + 1;
        if (line.n == 0)
            break;
        size_t colon = span_find(line, 0, ':');
        read_line(v, span_cut(line, 0, colon), span_from(line, colon + 2));
    }
    v->body = span_from(file, at);
}

static void inflate_all(struct span in, struct buf *out)
{
    assert_ok(buf_reserve(out, PLAIN_MAX));
    uLongf n = PLAIN_MAX;
    assert_int_equal(uncompress(out->p, &n, in.p, in.n), Z_OK);
    out->n = n;
}

/* The class, and what came out. */
static const char *run(struct span body, const struct age_keys *keys, struct buf *out)
{
    struct err e = age_open(keys, body, out);
    if (!failed(e))
        return "success";
    const char *text = age_failure_text(e);
    return text ? text : "another error";
}

static bool as_expected(const char *name, struct span expect)
{
    char path[1024];
    struct vector v;
    BUF_AUTO file = buf_init(PLAIN_MAX);
    BUF_AUTO body = buf_init(PLAIN_MAX);
    BUF_AUTO out = buf_init(PLAIN_MAX);
    snprintf(path, sizeof path, FOLDER "/%s", name);
    assert_ok(file_read(path, &file));
    parse(buf_span(&file), &v);
    assert_true(v.known);
    if (v.compressed) {
        inflate_all(v.body, &body);
        v.body = buf_span(&body);
    }
    if (expect.n)
        v.expect = expect;
    const char *got = run(v.body, &v.keys, &out);
    bool good = span_is(v.expect, got);
    if (v.payload.n) {
        uint8_t digest[LIGHT_BYTES], hex[64];
        struct span all = buf_span(&out);
        struct wr w = wr_of(hex, sizeof hex);
        light_sha256(&all, 1, digest);
        hex_encode(&w, span(digest, sizeof digest));
        good = good && span_eq(v.payload, wr_span(&w));
    } else {
        good = good && out.n == 0;
    }
    if (!good && !expect.n)
        print_error("%s: expected %.*s, got %s, %zu bytes\n", name, SPAN_ARG(v.expect), got, out.n);
    age_keys_free(&v.keys);
    return good;
}

static void test_vectors(void **state)
{
    (void)state;
    size_t ran = 0, wrong = 0;
    DIR *d = opendir(FOLDER);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.') {
            ran++;
            wrong += !as_expected(e->d_name, SPAN_NONE);
        }
    closedir(d);
    print_message("%zu vectors, %zu wrong\n", ran, wrong);
    assert_true(ran >= 86);
    assert_int_equal(wrong, 0);
}

static void test_control(void **state)
{
    (void)state;
    assert_false(as_expected("x25519", SPAN_LIT("no match")));
    assert_false(as_expected("hmac_bad", SPAN_LIT("success")));
    assert_false(as_expected("stream_bad_tag", SPAN_LIT("header failure")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_control)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
