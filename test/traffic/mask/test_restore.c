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

/* The same as the whole text of an answer. */
static void answer_is(struct fixture *f, const char *text, const char *want)
{
    static const char head[] = "{\"choices\":[{\"message\":{\"content\":\"", tail[] = "\"}}]}";
    BUF_AUTO body = buf_init(8192);
    BUF_AUTO wanted = buf_init(8192);
    assert_ok(buf_puts(&body, head));
    assert_ok(json_escape(span_str(text), &body));
    assert_ok(buf_puts(&body, tail));
    assert_ok(buf_puts(&wanted, head));
    assert_ok(json_escape(span_str(want), &wanted));
    assert_ok(buf_puts(&wanted, tail));
    buf_clear(&f->back);
    assert_ok(
        restore_body(f->session, LLM_CHAT, &f->scratch, buf_span(&body), &f->back, NULL, NULL));
    if (!span_eq(buf_span(&f->back), buf_span(&wanted)))
        fail_msg("%s\ngave %.*s\nwant %s", text, SPAN_ARG(buf_span(&f->back)), want);
}

static void m5_every_spelling_is_recognised(void **state)
{
    static const char *const forms[] = {
        "%B",
        "\\<%M\\>",
        "\\<%M>",
        "&lt;%B&gt;",
        "&#60;%B&#x3E;",
        "%%3C%B%%3E",
        "%%3c%P%%3e",
        "\\u003c%B\\u003e",
        "\\u003C%B\\u003E",
        "<%L>",
        "%L",
        "<%U>",
        "&lt;%H&gt;",
        "&#60;%N&#62;",
        "&#x3c;%X&#x3e;",
        "\\u003c%J\\u003e",
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
                static const char hows[] = "MPHNXJ";
                static const char *const signs[] = {"\\_",   "%5f",    "&lowbar;",
                                                    "&#95;", "&#x5F;", "\\u005f"};
                if (*q == '_' && strchr(hows, how)) {
                    n += (size_t)snprintf(piece + n, 16, "%s", signs[strchr(hows, how) - hows]);
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
        answer_is(f, piece, MAIL);
        snprintf(text, sizeof text, "to %s end", piece);
        answer_is(f, text, "to " MAIL " end");
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

/* ---- citations ---- */

/* Characters before `needle` in the text. */
static unsigned where(const char *text, const char *needle)
{
    const char *p = strstr(text, needle);
    assert_non_null(p);
    unsigned n = 0;
    for (; text < p; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* A text with tokens and other letters than ASCII, and what it is restored to. */
static void cited_text(struct fixture *f, char masked[512], char plain[512])
{
    char m[64], a[64];
    prepare(f);
    token_text_of(f, MAIL, m);
    token_text_of(f, "Ada Lovelace", a);
    snprintf(masked, 512, "Z\xc3\xbc %s says [a] to %s \xe2\x82\xac [b] <PERSON_ [c] %s", a, m, m);
    snprintf(plain, 512,
             "Z\xc3\xbc Ada Lovelace says [a] to " MAIL " \xe2\x82\xac [b] <PERSON_ [c] " MAIL);
}

static void citations_move_with_the_text(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"message\":{\"content\":\"%s\",\"annotations\":[{\"type\":\"url_"
        "citation\","
        "\"url_citation\":{\"start_index\":%u,\"end_index\":%u,\"url\":\"u\"}}]}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"%s\",\"annotations\":[{\"type\":\"url_"
        "citation\","
        "\"url_citation\":{\"end_index\":%3$u,\"start_index\":%2$u}}],\"x\":{\"start_index\":7}}}]"
        "}",
        "{\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"%s\","
        "\"annotations\":[{\"type\":\"url_citation\",\"start_index\":%u,\"end_index\":%u}]},{"
        "\"type\":"
        "\"output_text\",\"text\":\"other\",\"annotations\":[{\"start_index\":90,\"end_index\":95}]"
        "}]}]}",
    };
    static const char *const needles[] = {"[a]", "[b]", "[c]", "Z"};
    struct fixture *f = *state;
    char masked[512], plain[512], body[1200], want[1200];
    cited_text(f, masked, plain);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < sizeof needles / sizeof *needles; k++) {
            unsigned m = where(masked, needles[k]), p = where(plain, needles[k]);
            snprintf(body, sizeof body, frames[i], masked, m, m + 3);
            snprintf(want, sizeof want, frames[i], plain, p, p + 3);
            body_is(f, i < 2 ? LLM_CHAT : LLM_RESPONSES, body, want);
        }
    /* the annotation before its text; a position on a token's border and one inside it */
    char name[64];
    token_text_of(f, "Ada Lovelace", name);
    unsigned n = (unsigned)strlen(name);
    snprintf(body, sizeof body,
             "{\"output\":[{\"content\":[{\"annotations\":[{\"start_index\":3,\"end_index\":%u},{"
             "\"start_index\":5,\"end_index\":6}],\"type\":\"output_text\",\"text\":\"%s\"}]}]}",
             3 + n, masked);
    snprintf(want, sizeof want,
             "{\"output\":[{\"content\":[{\"annotations\":[{\"start_index\":3,\"end_index\":%u},{"
             "\"start_index\":3,\"end_index\":%u}],\"type\":\"output_text\",\"text\":\"%s\"}]}]}",
             15, 15, plain);
    body_is(f, LLM_RESPONSES, body, want);
}

/* char_location counts in the document that the request held. */
static void citations_of_documents_move_back(void **state)
{
    static const char request[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{"
        "\"type\":"
        "\"base64\",\"media_type\":\"application/"
        "pdf\",\"data\":\"JVBERi0=\"}},{\"type\":\"document\","
        "\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"Z\\u00fc Ada "
        "Lovelace "
        "wrote [a] to " MAIL
        " and [b] \"},\"citations\":{\"enabled\":true}},{\"type\":\"document\","
        "\"source\":{\"data\":\"by " MAIL ": [c]\",\"type\":\"text\"}},{\"type\":\"text\",\"text\":"
        "\"who is " MAIL "?\"}]}]}";
    static const char *const plain[] = {"Z\xc3\xbc Ada Lovelace wrote [a] to " MAIL " and [b] ",
                                        "by " MAIL ": [c]"};
    static const struct {
        unsigned document;
        const char *needle;
    } cases[] = {{1, "[a]"}, {1, "[b]"}, {2, "[c]"}};
    struct fixture *f = *state;
    assert_ok(fixture_mask(f, LLM_MESSAGES, span_str(request)));
    char a[64], m[64], masked[2][256], body[512], want[512];
    token_text_of(f, "Ada Lovelace", a);
    token_text_of(f, MAIL, m);
    snprintf(masked[0], 256, "Z\xc3\xbc %s wrote [a] to %s and [b] ", a, m);
    snprintf(masked[1], 256, "by %s: [c]", m);
    static const char frame[] =
        "{\"content\":[{\"type\":\"text\",\"text\":\"x\",\"citations\":[{\"type\":\"char_"
        "location\","
        "\"start_char_index\":%u,\"end_char_index\":%u,\"document_index\":%u,\"cited_text\":\"%s\"}"
        ",{"
        "\"type\":\"page_location\",\"document_index\":0,\"start_page_number\":1},{\"type\":"
        "\"char_location\",\"document_index\":0,\"start_char_index\":90,\"end_char_index\":95}]}]}";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned d = cases[i].document;
        unsigned at = where(masked[d - 1], cases[i].needle),
                 to = where(plain[d - 1], cases[i].needle);
        snprintf(body, sizeof body, frame, at, at + 3, d, m);
        snprintf(want, sizeof want, frame, to, to + 3, d, MAIL);
        body_is(f, LLM_MESSAGES, body, want);
    }
    struct restore *r;
    BUF_AUTO out = buf_init(4096);
    assert_ok(restore_open(f->session, LLM_MESSAGES, &f->scratch, NULL, &r));
    static const char event[] =
        "{\"type\":\"content_block_delta\",\"index\":4,\"delta\":{\"type\":\"citations_delta\","
        "\"citation\":{\"type\":\"char_location\",\"document_index\":1,\"start_char_index\":%u,"
        "\"end_char_index\":%u}}}";
    unsigned at = where(masked[0], "[b]"), to = where(plain[0], "[b]");
    snprintf(body, sizeof body, event, at, at + 3);
    snprintf(want, sizeof want, event, to, to + 3);
    assert_ok(restore_event(r, SPAN_LIT("content_block_delta"), span_str(body), &out));
    assert_true(holds(buf_span(&out), want));
    restore_close(r);
}

static void halves_of_surrogate_pairs_stay(void **state)
{
    struct fixture *f = *state;
    char token[64], body[512], want[512];
    prepare(f);
    token_text_of(f, MAIL, token);
    static const char *const forms[] = {
        "{\"choices\":[{\"message\":{\"content\":\"\\udc00 %s \\ud83d\"}}]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":"
        "\"{\\\"a\\\":\\\"\\udc00 %s \\ud83d\\\"}\"}}]}}]}",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(body, sizeof body, forms[i], token);
        snprintf(want, sizeof want, forms[i], MAIL);
        body_is(f, LLM_CHAT, body, want);
    }
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
        T(citations_move_with_the_text),
        T(citations_of_documents_move_back),
        T(halves_of_surrogate_pairs_stay),
        T(nothing_to_do_is_byte_identical),
        T(r7_what_is_no_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
