/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sample set of data/ judged, and the same set cut at every byte: nothing crashes, nothing
 * dangerous turns clean by a cut, and a planted label makes the run fail.
 */
#include "unit.h"

#include "file.h"
#include "json.h"
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>

enum { CASES_BYTES = 4 << 20, TEXT_BYTES = 4096, CUT_MAX = 4096 };

#define DATA SOURCE_ROOT "/test/machine/weights/data/"

struct sample {
    char file[512], expect[32], class[32];
};

static void copy_text(struct json *j, const struct json_token *t, char *out, size_t cap)
{
    struct wr w = wr_of(out, cap - 1);
    assert_ok(json_unescape(json_inner(j, t), JSON_LONE_REFUSE, &w, NULL));
    out[w.n] = 0;
}

/* Is this verdict right for what the sample expects? */
static bool right(const struct sample *s, enum weights_verdict v)
{
    if (!strcmp(s->expect, "benign") || !strcmp(s->expect, "valid"))
        return v == WEIGHTS_OK;
    if (!strcmp(s->expect, "dangerous") || !strcmp(s->class, "template"))
        return v == WEIGHTS_MALICIOUS;
    if (!strcmp(s->expect, "invalid") && !s->class[0])
        return v == WEIGHTS_MALFORMED || v == WEIGHTS_MALICIOUS;
    return v != WEIGHTS_OK; /* unknown, malformed, custom operators */
}

/* Call `each` for every object of the folder's cases.json; gives the number of calls that were
 * false. */
static size_t each_case(const char *folder, bool (*each)(const char *, const struct sample *),
                        size_t *total)
{
    char path[TEXT_BYTES];
    snprintf(path, sizeof path, DATA "%s/cases.json", folder);
    struct buf b = buf_init(CASES_BYTES);
    assert_ok(file_read(path, &b));
    struct json j = json_of(buf_span(&b));
    struct json_token t;
    struct sample s = {0};
    size_t wrong = 0;
    do {
        assert_ok(json_next(&j, &t));
        if (t.type == JSON_OBJECT && t.depth == 1)
            s = (struct sample){0};
        if (t.type == JSON_KEY && t.depth == 2) {
            struct json_token v;
            char *out = json_text_is(&j, &t, SPAN_LIT("file"))     ? s.file
                        : json_text_is(&j, &t, SPAN_LIT("expect")) ? s.expect
                        : json_text_is(&j, &t, SPAN_LIT("class"))  ? s.class
                                                                   : NULL;
            if (!out) {
                assert_ok(json_skip_value(&j, NULL));
                continue;
            }
            assert_ok(json_next(&j, &v));
            copy_text(&j, &v, out, out == s.file ? sizeof s.file : sizeof s.class);
        }
        if (t.type == JSON_OBJECT_END && t.depth == 1) {
            snprintf(path, sizeof path, DATA "%s/%s", folder, s.file);
            ++*total;
            wrong += !each(path, &s);
        }
    } while (t.type != JSON_END);
    buf_free(&b);
    return wrong;
}

static bool judged(const char *path, const struct sample *s)
{
    struct weights_report r;
    assert_ok(weights_inspect_file(path, &r));
    bool good = right(s, r.verdict);
    if (!good) {
        print_message("%s: expect %s, got %s (%s)\n", s->file, s->expect,
                      weights_verdict_name(r.verdict), r.format);
        for (size_t i = 0; i < r.n; i++)
            print_message("    %s %llu %s [%s]\n", r.v[i].member, (unsigned long long)r.v[i].offset,
                          r.v[i].reason, r.v[i].rule);
    }
    weights_report_free(&r);
    return good;
}

static const char *const folders[] = {"safetensors", "gguf", "onnx", "pickle"};
enum { FOLDERS = sizeof folders / sizeof folders[0] };

static void test_samples(void **state)
{
    (void)state;
    size_t total = 0, wrong = 0;
    for (size_t i = 0; i < FOLDERS; i++)
        wrong += each_case(folders[i], judged, &total);
    assert_int_equal(total, 41 + 44 + 13 + 280);
    assert_int_equal(wrong, 0);
}

/* The opposite label of every sample must be seen as wrong. */
static bool turned(const char *path, const struct sample *s)
{
    struct sample other = *s;
    bool clean = !strcmp(s->expect, "benign") || !strcmp(s->expect, "valid");
    snprintf(other.expect, sizeof other.expect, "%s", clean ? "dangerous" : "benign");
    other.class[0] = 0;
    struct weights_report r;
    assert_ok(weights_inspect_file(path, &r));
    bool good = right(&other, r.verdict);
    weights_report_free(&r);
    return good;
}

static void test_control(void **state)
{
    (void)state;
    size_t total = 0, wrong = 0;
    for (size_t i = 0; i < FOLDERS; i++)
        wrong += each_case(folders[i], turned, &total);
    assert_int_equal(wrong, total);
}

/* Cut at every byte, from memory that ends there. */
static bool cut(const char *path, const struct sample *s)
{
    (void)s;
    struct buf b = buf_init(CASES_BYTES);
    assert_ok(file_read(path, &b));
    for (size_t n = 0; n <= b.n && n <= CUT_MAX; n++) {
        uint8_t *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        if (n)
            memcpy(copy, b.p, n);
        struct weights_report r;
        assert_ok(weights_inspect(span(copy, n), path, &r));
        weights_report_free(&r);
        free(copy);
    }
    buf_free(&b);
    return true;
}

static void test_cut(void **state)
{
    (void)state;
    size_t total = 0;
    for (size_t i = 0; i < FOLDERS; i++)
        assert_int_equal(each_case(folders[i], cut, &total), 0);
}

/* Places of findings are bytes of the file, also where the file itself names one far behind its
 * end.
 */
static void test_places(void **state)
{
    (void)state;
    uint8_t zip[46 + 1 + 22] = "PK\1\2";
    zip[28] = 1;               /* length of the name */
    memset(zip + 42, 0xfe, 4); /* where its header is said to be */
    zip[46] = 'a';
    memcpy(zip + 47, "PK\5\6", 4);
    zip[47 + 8] = zip[47 + 10] = 1; /* entries */
    zip[47 + 12] = 47;              /* bytes of the directory */
    struct weights_report r;
    assert_ok(weights_inspect(span(zip, sizeof zip), NULL, &r));
    assert_int_equal(r.verdict, WEIGHTS_MALFORMED);
    assert_true(r.n > 0);
    for (size_t i = 0; i < r.n; i++)
        assert_true(r.v[i].offset <= sizeof zip);
    weights_report_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples),
                                       cmocka_unit_test(test_control), cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
