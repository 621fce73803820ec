/* SPDX-License-Identifier: Apache-2.0 */
/* Restoring texts and whole answers: spellings, escaping for the place, what stays untouched. */
#include "fixture.h"

#define MAIL "bob@example.com"

/* A session with a name that needs escaping, a mail address and a number. */
static void prepare(struct fixture *f)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace, " MAIL "\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\","
        "\"input\":{\"card\":4111111111111111}}]}]}";
    assert_ok(fixture_mask(f, LLM_MESSAGES, span_str(body)));
    assert_int_equal(mask_values(f->session), 3);
}

static void token_text_of(struct fixture *f, const char *value, char out[64])
{
    snprintf(out, 64, "%.*s", SPAN_ARG(token_of(f, value)));
}

static void text_is(struct fixture *f, const char *text, const char *want)
{
    buf_clear(&f->back);
    assert_ok(restore_text(f->session, span_str(text), &f->back, NULL));
    if (!span_is(buf_span(&f->back), want))
        fail_msg("%s\ngave %.*s\nwant %s", text, SPAN_ARG(buf_span(&f->back)), want);
}

static void m5_every_spelling_is_recognised(void **state)
{
    static const char *const forms[] = {
        "%B",         "\\<%M\\>",   "\\<%M>",           "&lt;%B&gt;",       "&#60;%B&#x3E;",
        "%%3C%B%%3E", "%%3c%P%%3e", "\\u003c%B\\u003e", "\\u003C%B\\u003E", "<%L>",
        "%L",         "<%U>",       "&lt;%H&gt;",
    };
    struct fixture *f = *state;
    prepare(f);
    char token[64], name[64], piece[256], text[1200], want[600];
    token_text_of(f, MAIL, token);
    snprintf(name, sizeof name, "%.*s", (int)strlen(token) - 2, token + 1);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = 0;
        for (const char *p = forms[i]; *p; p++) {
            if (*p != '%') {
                piece[n++] = *p;
                continue;
            }
            char how = *++p;
            if (how == '%') {
                piece[n++] = '%';
                continue;
            }
            for (const char *q = name; *q; q++) {
                if (*q == '_' && (how == 'M' || how == 'P' || how == 'H')) {
                    const char *s = how == 'M' ? "\\_" : how == 'P' ? "%5f" : "&lowbar;";
                    n += (size_t)snprintf(piece + n, 16, "%s", s);
                } else {
                    piece[n++] = (char)(how == 'L' ? ascii_lower((uint8_t)*q)
                                        : how == 'U' && *q >= 'a' && *q <= 'z' ? *q - 32
                                                                               : *q);
                }
            }
        }
        piece[n] = 0;
        snprintf(text, sizeof text, "to %s, (%s) \"%s\" end %s", piece, piece, piece, piece);
        snprintf(want, sizeof want, "to %s, (%s) \"%s\" end %s", MAIL, MAIL, MAIL, MAIL);
        text_is(f, text, want);
    }
}

static void m5_look_alikes_pass(void **state)
{
    static const char *const texts[] = {
        "<PERSON_00000000>",
        "PERSON_",
        "<PERSON",
        "if [[ -f x ]]",
        "<EMAIL_ADDRESS_zzzzzzzz.aa>",
        "<<<",
        "\\",
        "\\<",
        "&lt;",
        "%3C",
        "a_b_c_d",
        "PERSON_1",
        "<div class=\"PERSON\">",
    };
    struct fixture *f = *state;
    prepare(f);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        text_is(f, texts[i], texts[i]);
    char token[64], text[200];
    token_text_of(f, MAIL, token);
    token[strlen(token) - 1] = 0;
    snprintf(text, sizeof text, "x%s", token + 1); /* inside a word */
    text_is(f, text, text);
    snprintf(text, sizeof text, "%szz", token + 1); /* a longer digest */
    text_is(f, text, text);
}

static void gd_025_restored_bytes_are_not_read_again(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    char mail[64], body[256], token[64];
    token_text_of(f, MAIL, mail);
    /* a literal that equals a token of the request becomes a value of its own */
    snprintf(body, sizeof body,
             "{\"messages\":[{\"role\":\"user\",\"content\":\"" MAIL "\"},"
             "{\"role\":\"user\",\"content\":\"%s\"}]}",
             mail);
    assert_ok(fixture_mask(f, LLM_CHAT, span_str(body)));
    token_text_of(f, mail, token);
    assert_string_not_equal(mail, token);
    text_is(f, token, mail);
    text_is(f, mail, MAIL);
}

static void body_is(struct fixture *f, enum llm_surface s, const char *body, const char *want)
{
    buf_clear(&f->back);
    uint64_t n = 0;
    assert_ok(restore_body(f->session, s, &f->scratch, span_str(body), &f->back, &n, NULL));
    if (!span_is(buf_span(&f->back), want))
        fail_msg("%s\ngave %.*s\nwant %s", body, SPAN_ARG(buf_span(&f->back)), want);
}

static void gd_026_values_are_escaped_for_their_place(void **state)
{
    struct fixture *f = *state;
    struct mask_rules r = fixture_rules();
    const struct scan_term odd = {SPAN_LIT("O\"Neil \\ Jr"), ENTITY_PERSON};
    r.deny = &odd;
    r.deny_n = 1;
    fixture_clear(f);
    fixture_make(f, &r);
    assert_ok(fixture_mask(
        f, LLM_CHAT,
        SPAN_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"O\\\"Neil \\\\ Jr\"}]}")));
    char t[64], body[512], want[512];
    token_text_of(f, "O\"Neil \\ Jr", t);
    snprintf(body, sizeof body,
             "{\"choices\":[{\"message\":{\"content\":\"a %s\",\"tool_calls\":[{\"function\":"
             "{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":\\\"%s\\\"}\"}}]}}]}",
             t, t);
    snprintf(want, sizeof want,
             "{\"choices\":[{\"message\":{\"content\":\"a O\\\"Neil \\\\ Jr\",\"tool_calls\":[{"
             "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":\\\"O\\\\\\\"Neil \\\\\\\\ "
             "Jr\\\"}\"}}]}}]}");
    body_is(f, LLM_CHAT, body, want);
}

static void gd_028_tool_arguments_are_restored(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    char m[64], c[64], body[600], want[600];
    token_text_of(f, MAIL, m);
    token_text_of(f, "4111111111111111", c);
    snprintf(
        body, sizeof body,
        "{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"%s\":\"%s\","
        "\"n\":\"%s\",\"in\":\"no. %s\"}}],\"usage\":{\"input_tokens\":1.50}}",
        m, m, c, c);
    snprintf(want, sizeof want,
             "{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"" MAIL
             "\":\"" MAIL "\",\"n\":4111111111111111,\"in\":\"no. "
             "4111111111111111\"}}],\"usage\":{\"input_tokens\":1.50}}");
    body_is(f, LLM_MESSAGES, body, want);
    snprintf(body, sizeof body,
             "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":"
             "\"{\\\"a\\\": \\\"%s\\\", \\\"%s\\\" : \\\"\\\\u003c%.*s\\\\u003e\\\"}\"}}]}}]}",
             c, c, (int)strlen(m) - 2, m + 1);
    snprintf(want, sizeof want,
             "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":"
             "\"{\\\"a\\\": 4111111111111111, \\\"4111111111111111\\\" : \\\"" MAIL
             "\\\"}\"}}]}}]}");
    body_is(f, LLM_CHAT, body, want);
}

static void gd_037_thinking_stays(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    char m[64], body[600];
    token_text_of(f, MAIL, m);
    snprintf(body, sizeof body,
             "{\"id\":\"%s\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"%s\",\"signature\":"
             "\"%s\"},"
             "{\"type\":\"redacted_thinking\",\"data\":\"%s\"}]}",
             m, m, m, m);
    body_is(f, LLM_MESSAGES, body, body);
}

static void gd_027_logprobs_are_dropped(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    body_is(f, LLM_CHAT,
            "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"a\"}]},\"message\":{}}]}",
            "{\"choices\":[{\"logprobs\":null,\"message\":{}}]}");
}

static void nothing_to_do_is_byte_identical(void **state)
{
    struct fixture *f = *state;
    static const char body[] =
        "{ \"choices\" : [ {\"message\":{\"content\":\"\\u00e9 \\/ 1.10\"}} ] }\n";
    prepare(f);
    body_is(f, LLM_CHAT, body, body);
}

static void r7_what_is_no_json_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fault fault;
    prepare(f);
    buf_clear(&f->back);
    assert_fails(ERR_INPUT, restore_body(f->session, LLM_CHAT, &f->scratch, SPAN_LIT("<html>"),
                                         &f->back, NULL, &fault));
    assert_int_equal(f->back.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(m5_every_spelling_is_recognised),
        T(m5_look_alikes_pass),
        T(gd_025_restored_bytes_are_not_read_again),
        T(gd_026_values_are_escaped_for_their_place),
        T(gd_028_tool_arguments_are_restored),
        T(gd_037_thinking_stays),
        T(gd_027_logprobs_are_dropped),
        T(nothing_to_do_is_byte_identical),
        T(r7_what_is_no_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
