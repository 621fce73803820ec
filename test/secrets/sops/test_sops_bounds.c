/* SPDX-License-Identifier: Apache-2.0 */
/* SOPS documents of each format that are cut at every byte, and that grow. */
#include "growth.h"

#include "sops.h"

#include <stdlib.h>

/* ---- what grows ---- */

static void read_as(struct span in, enum sops_format format)
{
    struct sops_doc d;
    struct fault f;
    assert_ok(sops_read(&d, in, format, &f));
    sops_drop(&d);
}

static void read_yaml(struct span in)
{
    read_as(in, SOPS_YAML);
}

static void read_json(struct span in)
{
    read_as(in, SOPS_JSON);
}

static void read_dotenv(struct span in)
{
    read_as(in, SOPS_DOTENV);
}

static void read_ini(struct span in)
{
    read_as(in, SOPS_INI);
}

static void many_lines(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "key%zu: value\n", i));
}

static void yaml_flow(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "a: ["));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "{b: 'c'}, "));
    assert_ok(buf_puts(out, "d]\n"));
}

static void yaml_block_text(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "a: |\n"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "  a line\n\n"));
}

static void yaml_quoted_text(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "a: \""));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "a\\n\n  "));
    assert_ok(buf_puts(out, "\"\n"));
}

static void yaml_aliases(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "a: &a {b: c}\n"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "key%zu: *a\n", i));
}

static void yaml_comments(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "a: b\n"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "# comment\n\n"));
}

static void json_members(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "{\"a\": [1"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, ", {\"b\": \"c\\n\"}"));
    assert_ok(buf_puts(out, "]"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, ", \"k%zu\": null", i));
    assert_ok(buf_puts(out, "}"));
}

static void variables(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "# comment\nKEY%zu=value\n", i));
}

static void sections(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "[s%zu]\na = b\n; comment\n", i));
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(many_lines, read_yaml, 1500);
    assert_linear(yaml_flow, read_yaml, 1500);
    assert_linear(yaml_block_text, read_yaml, 4000);
    assert_linear(yaml_quoted_text, read_yaml, 4000);
    assert_linear(yaml_aliases, read_yaml, 4000);
    assert_linear(yaml_comments, read_yaml, 2500);
    assert_linear(json_members, read_json, 1500);
    assert_linear(variables, read_dotenv, 1500);
    assert_linear(sections, read_ini, 1500);
}

/* ---- what is cut ---- */

static const char yaml[] =
    "# c\na: {b: [1, \"x\\n\"], 'd': null}\ne:\n- f: |\n    g\n  h: >-\n    i\n"
    "- &n !!str 2\n- *n\n\"\xc3\xa9\": 1.5e3\n? k\n: v\nsops:\n    mac: x\n"
    "    age:\n    - recipient: age1\n      enc: y\n";
static const char json[] =
    "{\"a\": [1, -2.5e3, true, null, {\"b\": \"\\u00e9\\ud83d\\ude00\xc3\xa9\"}],"
    " \"sops\": {\"age\": [{\"recipient\": \"a\", \"enc\": \"b\"}], \"mac\": \"m\"}}";
static const char dotenv[] = "# c\nA=1\nB=x\\ny\nsops_mac=m\nsops_age__list_0__map_recipient=r\n";
static const char ini[] = "; c\na = 1\n[s]\nb = \"x\"\n[sops]\nmac = m\n";
static const char *const whole[] = {
    [SOPS_YAML] = yaml, [SOPS_JSON] = json, [SOPS_DOTENV] = dotenv, [SOPS_INI] = ini};

/* A document that is cut is another document, or a fault at a place in it; it never opens. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct age_keys none = {0};
    for (unsigned format = 0; format < sizeof whole / sizeof *whole; format++)
        for (size_t n = 0; n < strlen(whole[format]); n++) {
            uint8_t *p = malloc(n ? n : 1);
            assert_non_null(p);
            memcpy(p, whole[format], n);
            struct sops_doc d;
            struct fault f = {0, NULL};
            struct err e = sops_read(&d, span(p, n), (enum sops_format)format, &f);
            if (failed(e))
                assert_true(err_cat(e) == ERR_INPUT && f.why && f.at <= n);
            else
                assert_true(failed(sops_open(&d, &none, &f)));
            sops_drop(&d);
            free(p);
        }
}

/* Whole, each of them is read. */
static void whole_they_are_read(void **state)
{
    (void)state;
    for (unsigned format = 0; format < sizeof whole / sizeof *whole; format++) {
        struct sops_doc d;
        struct fault f = {0, NULL};
        struct err e = sops_read(&d, span_str(whole[format]), (enum sops_format)format, &f);
        if (failed(e))
            fail_msg("format %u: %s at %zu", format, f.why, f.at);
        assert_true(d.meta.present);
        sops_drop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_grows_with_the_input),
                                       cmocka_unit_test(whole_they_are_read),
                                       cmocka_unit_test(cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
