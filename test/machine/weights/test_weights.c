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

/* What the look finds in these bytes under this name: the first rule above OK, "" when there is
 * none. */
static const char *rule_of(struct span s, const char *name)
{
    static char rule[32];
    struct weights_report r;
    assert_ok(weights_inspect(s, name, &r));
    rule[0] = 0;
    for (size_t i = 0; i < r.n && !rule[0]; i++)
        if (r.v[i].level != WEIGHTS_OK)
            snprintf(rule, sizeof rule, "%s", r.v[i].rule);
    weights_report_free(&r);
    return rule;
}

static void put(struct buf *b, const char *text)
{
    assert_ok(buf_put(b, span_str(text)));
}

static void put_byte(struct buf *b, unsigned c)
{
    uint8_t byte = (uint8_t)c;
    assert_ok(buf_put(b, span(&byte, 1)));
}

/* `levels` containers, each naming the one before `times` times through the memo. */
static struct buf unfolding(unsigned levels, unsigned times, const char *open, const char *close)
{
    struct buf b = buf_init(CASES_BYTES);
    put(&b, "\x80\x04(\x8c\x03lol\x94");
    for (unsigned i = 0; i < levels; i++) {
        put(&b, open);
        for (unsigned t = 0; t < times; t++) {
            put_byte(&b, 'h');
            put_byte(&b, i);
        }
        put(&b, close);
    }
    put(&b, "t.");
    return b;
}

/* A billion is the bound: 10^10 values out of 230 bytes, and 2^31 out of tuples of two; whoever
 * shares one row ten thousand times stays far below it, and so does a tree whose children know
 * their parent. */
static void test_unfold(void **state)
{
    (void)state;
    const struct {
        unsigned levels, times;
        const char *open, *close;
        bool bad;
    } cases[] = {{10, 10, "]\x94(", "e", true},   {10, 10, "(", "l\x94", true},
                 {31, 2, "(", "t\x94", true},     {31, 2, "", "\x86\x94", true},
                 {10, 10, "(", "\x91\x94", true}, {8, 10, "(", "l\x94", false},
                 {31, 1, "(", "t\x94", false},    {200, 1, "(", "l\x94", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = unfolding(cases[i].levels, cases[i].times, cases[i].open, cases[i].close);
        const char *rule = rule_of(buf_span(&b), NULL);
        print_message("%u times %u: %s\n", cases[i].levels, cases[i].times, rule);
        assert_string_equal(rule, cases[i].bad ? "pickle-unfold" : "");
        buf_free(&b);
    }
    struct buf row = buf_init(CASES_BYTES); /* one row of a thousand, ten thousand times */
    put(&row, "\x80\x04]\x94(]\x94(");
    for (unsigned i = 0; i < 1000; i++)
        put(&row, "K\x07");
    put(&row, "e");
    for (unsigned i = 0; i < 10000; i++)
        put(&row, "h\x01");
    put(&row, "e.");
    assert_string_equal(rule_of(buf_span(&row), NULL), "");
    buf_free(&row);
    struct buf tree = buf_init(CASES_BYTES); /* children that name their parent */
    assert_ok(buf_put(&tree, span("\x80\x04]\x94(", 5)));
    for (unsigned i = 0; i < 1000; i++)
        assert_ok(buf_put(&tree, span("}K\x01h\x00s", 6)));
    put(&tree, "e.");
    assert_string_equal(rule_of(buf_span(&tree), NULL), "");
    buf_free(&tree);
}

/* Texts beside a model, each with its rule, and the same kind of text without it. */
static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *rule;
    } cases[] = {
        {"a.yaml", "a: !!python/object/apply:os.system ['id']\n", "yaml-python"},
        {"a.yaml", "- !<tag:yaml.org,2002:python/name:os.system> x\n", "yaml-python"},
        {"a.yaml", "%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system\n", "yaml-python"},
        {"README.md", "Never write !!python/object in YAML.\n", ""},
        {"c.yaml", "model:\n  _target_: os.system\n", "remote-code"},
        {"c.yaml", "model:\n  _target_: nemo.collections.asr.models.EncDecCTCModel\n", ""},
        {"MLmodel", "  loader_module: evil.loader\n", "remote-code"},
        {"MLmodel", "  loader_module: mlflow.sklearn\n", ""},
        {"m.pmml", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///x\">]>",
         "xml-entity"},
        {"m.pmml", "<?xml version=\"1.0\"?><PMML version=\"4.4\"></PMML>", ""},
        {"m.xml", "<net><layer id=\"0\" type=\"X\" version=\"extension\"/></net>", "custom-op"},
        {"m.xml", "<net><layer id=\"0\" type=\"Relu\" version=\"opset1\"/></net>", ""},
        {"i.json", "{\"weight_map\":{\"a\":\"../../x\"}}", "path"},
        {"i.json", "{\"weight_map\":{\"a\":\"https://x/y\"}}", "path"},
        {"i.json", "{\"weight_map\":{\"a\":\"model-1.safetensors\"},\"b\":\"../x\"}", ""},
        {"modules.json", "[{\"type\":\"evil.Transformer\"}]", "remote-code"},
        {"modules.json", "[{\"type\":\"sentence_transformers.models.Pooling\"}]", ""},
        {"a.json", "{\"auto_mapping\":{\"parent_library\":\"evil\"}}", "remote-code"},
        {"a.json", "{\"auto_mapping\":null}", ""},
        {"s.json", "{\"__class__\":\"system\",\"__module__\":\"os\"}", "remote-code"},
        {"s.json", "{\"__class__\":\"Ridge\",\"__module__\":\"sklearn.linear_model\"}", ""},
        {"t.jinja", "{% for i in range(9000000) %}{% endfor %}", "template-built"},
        {"t.jinja", "{% for i in range(90000) %}{% endfor %}", ""},
        {"n.pkl", "I1 2\n.", "pickle"},
        {"n.pkl", "S'abc\n.", "pickle"},
        {"n.pkl", "I 1_2\n.", ""},
        {"n.pkl", "I1\nI2\n.", "pickle-stack"},
        {"n.pkl", "(I1\n.", "pickle-stack"},
        {"n.pkl", "]2a.", "pickle-stack"},
        {"n.pkl", "]p0\np1\n.", "pickle-stack"},
        {"n.pkl", "]p0\np0\n.", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *rule = rule_of(span_str(cases[i].text), cases[i].name);
        print_message("%s: %s\n", cases[i].text, rule);
        assert_string_equal(rule, cases[i].rule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples), cmocka_unit_test(test_control),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_places),
        cmocka_unit_test(test_unfold),  cmocka_unit_test(test_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
