/* SPDX-License-Identifier: Apache-2.0 */
/* age's readers on inputs that are cut at every byte, and that grow. */
#include "growth.h"

#include "age.h"

#include <stdlib.h>

static const char key_text[] =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

static void begin(struct span in)
{
    struct age_span_source from = age_source_of(in);
    struct age_file f;
    assert_ok(age_begin(&f, &from.source));
    age_end(&f);
}

static void describe(struct span in)
{
    struct age_span_source from = age_source_of(in);
    struct age_about about;
    struct fault f;
    BUF_AUTO types = buf_init(AGE_HEADER_MAX);
    assert_ok(age_describe(&from.source, &about, &types, &f));
}

static void recipients(struct span in)
{
    struct age_keys keys = {0};
    struct fault f;
    assert_ok(age_recipients_file(in, &keys, &f));
    age_keys_free(&keys);
}

static void identities(struct span in)
{
    struct age_keys keys = {0};
    struct fault f;
    assert_ok(age_identities_file(in, &keys, &f));
    age_keys_free(&keys);
}

/* ---- what grows ---- */

static void put_header(struct buf *out, size_t stanzas, size_t args, size_t lines)
{
    assert_ok(buf_puts(out, "age-encryption.org/v1\n"));
    for (size_t i = 0; i < stanzas; i++) {
        assert_ok(buf_puts(out, "-> grease"));
        for (size_t k = 0; k < args; k++)
            assert_ok(buf_puts(out, " a"));
        assert_ok(buf_puts(out, "\n"));
        for (size_t k = 0; k < lines; k++)
            assert_ok(buf_printf(out, "%064d\n", 0));
        assert_ok(buf_puts(out, "AAAA\n"));
    }
    assert_ok(buf_puts(out, "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"));
}

static void many_stanzas(struct buf *out, size_t n)
{
    put_header(out, n, 1, 0);
}

static void many_arguments(struct buf *out, size_t n)
{
    put_header(out, 1, n, 0);
}

static void a_long_stanza(struct buf *out, size_t n)
{
    put_header(out, 1, 1, n);
}

static void a_payload_in_armor(struct buf *out, size_t n)
{
    struct age_keys ids = {0}, to = {0};
    BUF_AUTO plain = buf_init(n);
    assert_ok(age_generate(AGE_X25519, &ids));
    assert_ok(age_recipients_of(&ids, &to));
    assert_ok(buf_reserve(&plain, n));
    memset(plain.p, 'x', n);
    plain.n = n;
    assert_ok(age_seal(&to, true, buf_span(&plain), out));
    age_keys_free(&ids);
    age_keys_free(&to);
}

static void many_identities(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "# key %zu\n%s\n\n", i, key_text));
}

static void many_recipients(struct buf *out, size_t n)
{
    struct age_keys ids = {0}, to = {0};
    struct fault f;
    BUF_AUTO text = buf_init(256);
    assert_ok(age_identity_parse(span_str(key_text), &ids, &f));
    assert_ok(age_recipients_of(&ids, &to));
    assert_ok(age_recipient_text(&to.v[0], &text));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "%.*s\n# \n", SPAN_ARG(buf_span(&text))));
    age_keys_free(&ids);
    age_keys_free(&to);
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(many_stanzas, begin, 2000);
    assert_linear(many_arguments, begin, 20000);
    assert_linear(a_long_stanza, begin, 2000);
    assert_linear(a_payload_in_armor, describe, 500000);
    assert_linear(many_identities, identities, 50);
    assert_linear(many_recipients, recipients, 1000);
}

/* ---- what is cut ---- */

static struct span exact(struct span s, uint8_t **p)
{
    *p = malloc(s.n ? s.n : 1);
    assert_non_null(*p);
    if (s.n)
        memcpy(*p, s.p, s.n);
    return span(*p, s.n);
}

/* Key files: no key, or a fault at a place of the file, or the keys before the cut. */
static void key_files_cut_anywhere(void **state)
{
    (void)state;
    BUF_AUTO ids = buf_init(4096), to = buf_init(4096);
    many_identities(&ids, 2);
    many_recipients(&to, 2);
    for (int which = 0; which < 2; which++) {
        struct span whole = buf_span(which ? &to : &ids);
        for (size_t n = 0; n < whole.n; n++) {
            uint8_t *p;
            struct span part = exact(span_cut(whole, 0, n), &p);
            struct age_keys keys = {0};
            struct fault f = {0, NULL};
            struct err e =
                which ? age_recipients_file(part, &keys, &f) : age_identities_file(part, &keys, &f);
            if (failed(e))
                assert_true(f.why && f.at <= n);
            else
                assert_true(keys.n <= 2);
            age_keys_free(&keys);
            free(p);
        }
    }
}

static void headers_cut_anywhere(void **state)
{
    (void)state;
    BUF_AUTO whole = buf_init(4096);
    put_header(&whole, 2, 2, 1);
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *p;
        struct span part = exact(span_cut(buf_span(&whole), 0, n), &p);
        struct age_span_source from = age_source_of(part);
        struct age_file f;
        struct err e = age_begin(&f, &from.source);
        assert_fails(ERR_INPUT, e);
        assert_non_null(age_failure_text(e));
        assert_true(f.fault.why && f.fault.at <= n);
        age_end(&f);
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_grows_with_the_input),
                                       cmocka_unit_test(key_files_cut_anywhere),
                                       cmocka_unit_test(headers_cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
