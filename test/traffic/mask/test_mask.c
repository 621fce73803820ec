/* SPDX-License-Identifier: Apache-2.0 */
/* Masking requests: invariants M1 to M6, and the defects seen elsewhere that concern them (gd_…).
 */
#include "file.h"
#include "fixture.h"

#define MAIL "bob@example.com"
#define CARD "4111 1111 1111 1111"

static void mask_ok(struct fixture *f, enum llm_surface s, const char *body)
{
    struct err e = fixture_mask(f, s, span_str(body));
    if (failed(e))
        fail_msg("%s at %zu in %s", f->fault.why, f->fault.at, body);
}

static void restores(struct fixture *f, enum llm_surface s, const char *body)
{
    buf_clear(&f->back);
    assert_ok(restore_request(f->session, s, &f->scratch, buf_span(&f->out), &f->back, NULL, NULL));
    if (!json_same(buf_span(&f->back), span_str(body), 0))
        fail_msg("%s\nmasked %.*s\nback %.*s", body, SPAN_ARG(buf_span(&f->out)),
                 SPAN_ARG(buf_span(&f->back)));
}

/* ---- M1: every position ---- */

struct position {
    enum llm_surface surface;
    const char *body; /* @ stands for the planted value */
};

static const struct position positions[] = {
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"to @ now\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"system\",\"content\":\"@\"}]}"},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"@\"}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"name\":\"@\",\"content\":\"x\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"@\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"{\\\"a\\\":"
               "\\\"@\\\"}\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
               "\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{"
               "\\\"to\\\":\\\"@\\\"}\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":"
               "\"f\",\"arguments\":\"{\\\"@\\\":1}\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":"
               "\"f\",\"arguments\":\"not json @\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"type\":\"custom\","
               "\"custom\":{\"name\":\"f\",\"input\":\"say @\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\","
               "\"arguments\":\"{\\\"a\\\":[\\\"@\\\"]}\"}}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"refusal\":\"@\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":\"@\"}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{"
               "\"filename\":\"@\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_"
               "url\":{\"url\":\"https://x.example/?u=@\"}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"new_kind\",\"deep\":{"
               "\"er\":[[\"@\"]]}}]}]}"},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"strange\",\"later\":\"@\"}]}"},
    {LLM_CHAT, "{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
               "\"description\":\"@\"}}]}"},
    {LLM_CHAT, "{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
               "\"parameters\":{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\","
               "\"enum\":[\"@\"]}}}}}]}"},
    {LLM_CHAT, "{\"messages\":[],\"tools\":[{\"function\":{\"parameters\":{\"properties\":{\"a\":{"
               "\"anyOf\":[{\"default\":\"@\"}]}}}}}]}"},
    {LLM_CHAT, "{\"messages\":[],\"functions\":[{\"name\":\"f\",\"description\":\"@\"}]}"},
    {LLM_CHAT, "{\"messages\":[],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
               "\"name\":\"n\",\"schema\":{\"description\":\"@\"}}}}"},
    {LLM_CHAT, "{\"messages\":[],\"prediction\":{\"type\":\"content\",\"content\":\"@\"}}"},
    {LLM_CHAT, "{\"messages\":[],\"metadata\":{\"m\":\"@\"}}"},
    {LLM_CHAT, "{\"messages\":[],\"user\":\"@\",\"safety_identifier\":\"@\"}"},
    {LLM_CHAT, "{\"messages\":[],\"stop\":[\"x\",\"@\"]}"},
    {LLM_CHAT, "{\"messages\":[],\"web_search_options\":{\"user_location\":{\"approximate\":{"
               "\"city\":\"@\"}}}}"},
    {LLM_CHAT, "{\"messages\":[],\"field_of_next_year\":{\"a\":[\"@\"]}}"},
    {LLM_COMPLETIONS, "{\"prompt\":[\"a\",\"@\"],\"suffix\":\"@\"}"},
    {LLM_EMBEDDINGS, "{\"model\":\"m\",\"input\":[\"@\"]}"},
    {LLM_RESPONSES, "{\"input\":\"@\"}"},
    {LLM_RESPONSES, "{\"instructions\":\"@\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":"
                    "\"input_text\",\"text\":\"@\"}]}]}"},
    {LLM_RESPONSES, "{\"input\":[{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
                    "\"arguments\":\"{\\\"a\\\":\\\"@\\\"}\"}]}"},
    {LLM_RESPONSES,
     "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"@\"}]}"},
    {LLM_RESPONSES,
     "{\"input\":[{\"type\":\"shell_call\",\"action\":{\"commands\":[\"mail @\"]}}]}"},
    {LLM_RESPONSES, "{\"input\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\","
                    "\"text\":\"@\"}]}]}"},
    {LLM_RESPONSES, "{\"input\":[],\"prompt\":{\"id\":\"p\",\"variables\":{\"v\":\"@\"}}}"},
    {LLM_RESPONSES,
     "{\"input\":[],\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":\"@\"}]}"},
    {LLM_RESPONSES, "{\"input\":[{\"type\":\"custom_tool_call\",\"name\":\"f\",\"input\":\"@\"}]}"},
    {LLM_MESSAGES, "{\"system\":\"@\",\"messages\":[]}"},
    {LLM_MESSAGES, "{\"system\":[{\"type\":\"text\",\"text\":\"@\"}],\"messages\":[]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":\"@\"},{\"role\":\"system\","
                   "\"content\":\"@\"}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
                   "\"id\":\"t\",\"name\":\"f\",\"input\":{\"to\":[\"@\"]}}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
                   "\"id\":\"t\",\"name\":\"f\",\"input\":{\"@\":null}}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                   "\"tool_use_id\":\"t\",\"content\":\"@\"}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                   "\"tool_use_id\":\"t\",\"content\":[{\"type\":\"text\",\"text\":\"@\"}]}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\","
                   "\"title\":\"@\",\"context\":\"@\",\"source\":{\"type\":\"text\",\"media_type\":"
                   "\"text/plain\",\"data\":\"@\"}}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\","
                   "\"source\":{\"data\":\"@\",\"type\":\"text\"}}]}]}"},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":"
     "\"content\",\"content\":[{\"type\":\"text\",\"text\":\"@\"}]}}]}]}"},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"search_result\",\"source\":\"@\","
     "\"title\":\"@\",\"content\":[{\"type\":\"text\",\"text\":\"@\"}]}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
                   "\"thinking\":\"@\"}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[],\"tools\":[{\"name\":\"f\",\"description\":\"@\",\"input_"
                   "schema\":{\"type\":\"object\",\"properties\":{\"x\":{\"description\":\"@\"}}},"
                   "\"input_examples\":[{\"to\":\"@\"}]}]}"},
    {LLM_MESSAGES, "{\"messages\":[],\"stop_sequences\":[\"@\"],\"metadata\":{\"user_id\":\"@\"}}"},
    {LLM_COUNT_TOKENS, "{\"messages\":[{\"role\":\"user\",\"content\":\"@\"}]}"},
    {LLM_OLLAMA_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"@\"}]}"},
    {LLM_OLLAMA_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"thinking\":\"@\",\"tool_calls\":[{"
                      "\"function\":{\"name\":\"f\",\"arguments\":{\"to\":\"@\"}}}]}]}"},
    {LLM_OLLAMA_CHAT, "{\"messages\":[],\"options\":{\"stop\":[\"@\"]}}"},
    {LLM_OLLAMA_GENERATE,
     "{\"prompt\":\"@\",\"system\":\"@\",\"template\":\"@\",\"suffix\":\"@\"}"},
    {LLM_OLLAMA_EMBED, "{\"input\":[\"@\"]}"},
};

static void plant(struct buf *to, const char *body, const char *value)
{
    buf_clear(to);
    for (const char *p = body; *p; p++)
        assert_ok(*p == '@' ? buf_puts(to, value) : buf_put_u8(to, (uint8_t)*p));
    assert_ok(buf_put_u8(to, 0));
    to->n--;
}

static void m1_gd_003_every_position_is_masked(void **state)
{
    static const char *const values[] = {MAIL, CARD, "Ada Lovelace", "078-05-1121",
                                         "GB82 WEST 1234 5698 7654 32"};
    struct fixture *f = *state;
    BUF_AUTO body = buf_init(4096);
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            plant(&body, positions[i].body, values[v]);
            mask_ok(f, positions[i].surface, (char *)body.p);
            if (holds(buf_span(&f->out), values[v]))
                fail_msg("%s stands in %.*s", values[v], SPAN_ARG(buf_span(&f->out)));
            assert_true(mask_total(f->session) > 0);
            restores(f, positions[i].surface, (char *)body.p);
        }
}

static void m1_control_clean_bodies_are_untouched(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO body = buf_init(4096);
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
        plant(&body, positions[i].body, "nothing to see");
        mask_ok(f, positions[i].surface, (char *)body.p);
        assert_span(buf_span(&f->out), buf_span(&body));
    }
}

static void m1_numbers_become_strings_and_return(void **state)
{
    struct fixture *f = *state;
    static const char body[] =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
        "\"name\":\"pay\",\"input\":{\"card\":4111111111111111,\"text\":\"4111111111111111\",\"n\":"
        "1.10,"
        "\"big\":12345678901234567890123}}]}]}";
    mask_ok(f, LLM_MESSAGES, body);
    assert_false(holds(buf_span(&f->out), "4111111111111111"));
    assert_true(holds(buf_span(&f->out), "\"card\":\"<CREDIT_CARD_"));
    assert_true(holds(buf_span(&f->out), "\"n\":1.10,\"big\":12345678901234567890123}"));
    restores(f, LLM_MESSAGES, body);
    static const char inner[] =
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{"
        "\"name\":\"pay\",\"arguments\":\"{\\\"card\\\": 4111111111111111}\"}}]}]}";
    mask_ok(f, LLM_CHAT, inner);
    assert_true(holds(buf_span(&f->out), "{\\\"card\\\": \\\"<CREDIT_CARD_"));
    restores(f, LLM_CHAT, inner);
}

static void gd_012_escapes_are_undone_first(void **state)
{
    struct fixture *f = *state;
    mask_ok(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"bob\\u0040example.com\"}]}");
    assert_false(holds(buf_span(&f->out), "u0040"));
    mask_ok(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"tool\",\"content\":\"{\\\"a\\\":\\\"bob\\\\u0040example."
            "com\\\"}\"}]}");
    assert_false(holds(buf_span(&f->out), "u0040"));
    buf_clear(&f->back);
    assert_ok(restore_request(f->session, LLM_CHAT, &f->scratch, buf_span(&f->out), &f->back, NULL,
                              NULL));
    assert_true(holds(buf_span(&f->back), "bob\\\\u0040example.com"));
}

static void gd_015_schema_keywords_stay(void **state)
{
    struct fixture *f = *state;
    static const char body[] = "{\"messages\":[],\"tools\":[{\"function\":{\"name\":\"f\","
                               "\"parameters\":{\"type\":\"object\","
                               "\"properties\":{\"Kim\":{\"type\":\"string\",\"format\":\"email\"}}"
                               ",\"required\":[\"Kim\"]}}}]}";
    mask_ok(f, LLM_CHAT, body);
    assert_span(buf_span(&f->out), span_str(body));
}

/* ---- M2 ---- */

static void m2_known_values_are_found_everywhere_later(void **state)
{
    struct fixture *f = *state;
    mask_ok(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"my SSN is 078-05-1121, I am Ada "
            "Lovelace\"},"
            "{\"role\":\"assistant\",\"content\":\"078051121 it is, ADA LOVELACE\"},"
            "{\"role\":\"user\",\"content\":\"url?x=078-05-1121&y=ada lovelace_1\"}]}");
    assert_false(holds(buf_span(&f->out), "1121"));
    assert_false(holds(buf_span(&f->out), "LOVELACE"));
    assert_false(holds(buf_span(&f->out), "lovelace"));
}

static void m2_whole_words_and_numbers_only(void **state)
{
    struct fixture *f = *state;
    mask_ok(
        f, LLM_CHAT,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Kim has account number 123456789012\"},"
        "{\"role\":\"user\",\"content\":\"Kimono 91234567890123 (Kim)\"}]}");
    assert_true(holds(buf_span(&f->out), "Kimono"));
    assert_true(holds(buf_span(&f->out), "91234567890123"));
    assert_false(holds(buf_span(&f->out), "(Kim)"));
}

/* Rows of a table: thousands of values that begin alike, short and long, and each of them again. */
static void m2_values_with_one_beginning(void **state)
{
    struct fixture *f = *state;
    static const char *const rows[] = {
        "user%05zux@corp.com\\n",
        "the-one-long-beginning-of-every-address.that-is-in-this-table.%05zu@corp.com\\n"};
    enum { ROWS = 6000 };
    for (size_t k = 0; k < 2; k++) {
        BUF_AUTO body = buf_init(4 << 20);
        assert_ok(buf_puts(&body, "{\"messages\":["));
        for (size_t part = 0; part < 2; part++) {
            assert_ok(buf_puts(&body, part ? ",{\"role\":\"user\",\"content\":\""
                                           : "{\"role\":\"user\",\"content\":\""));
            for (size_t i = 0; i < ROWS; i++) {
                char row[128];
                snprintf(row, sizeof row, rows[k], i * 7919 % 100000);
                assert_ok(buf_puts(&body, row));
            }
            assert_ok(buf_puts(&body, "\"}"));
        }
        assert_ok(buf_puts(&body, "]}"));
        assert_ok(fixture_mask(f, LLM_CHAT, buf_span(&body)));
        assert_int_equal(mask_values(f->session), ROWS);
        assert_int_equal(mask_total(f->session), 2 * ROWS);
        assert_false(holds(buf_span(&f->out), "@corp"));
    }
}

static void gd_001_one_value_one_token(void **state)
{
    struct fixture *f = *state;
    mask_ok(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace met Bob Smith\"},"
            "{\"role\":\"user\",\"content\":\"Bob Smith met Ada Lovelace\"}]}");
    assert_int_equal(mask_values(f->session), 2);
    assert_int_equal(mask_count(f->session, ENTITY_PERSON), 4);
    struct span ada = token_of(f, "Ada Lovelace"), bob = token_of(f, "Bob Smith");
    assert_false(span_eq(ada, bob));
    restores(f, LLM_CHAT,
             "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace met Bob Smith\"},"
             "{\"role\":\"user\",\"content\":\"Bob Smith met Ada Lovelace\"}]}");
}

static void spellings_share_their_digest(void **state)
{
    struct fixture *f = *state;
    mask_ok(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace, ADA LOVELACE\"}]}");
    struct span a = token_of(f, "Ada Lovelace"), b = token_of(f, "ADA LOVELACE");
    assert_int_equal(a.n, strlen("<PERSON_12345678>"));
    assert_int_equal(b.n, a.n + 3);
    assert_memory_equal(a.p, b.p, a.n - 1);
    assert_int_equal(b.p[a.n - 1], '.');
}

/* ---- M3 ---- */

static void turn(struct buf *b, unsigned n)
{
    static const char *const facts[] = {
        "mail bob@example.com", "call +1 415 555 2671",
        "Ada Lovelace said hi", ("card " CARD),
        "see Bob Smith",        "key 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"};
    buf_clear(b);
    assert_ok(buf_puts(b, "{\"model\":\"m\",\"system\":\"for Bob Smith\",\"messages\":["));
    for (unsigned i = 0; i <= n; i++)
        assert_ok(buf_printf(b, "%s{\"role\":\"%s\",\"content\":\"%u: %s and %s\"}", i ? "," : "",
                             i % 2 ? "assistant" : "user", i, facts[i % 6], facts[i * 5 % 6]));
}

static void m3_gd_036_twenty_turns_are_byte_stable(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO body = buf_init(1 << 20);
    BUF_AUTO before = buf_init(1 << 20);
    for (unsigned n = 0; n < 20; n++) {
        turn(&body, n);
        assert_ok(buf_puts(&body, "]}"));
        assert_ok(fixture_mask(f, LLM_MESSAGES, buf_span(&body)));
        f->out.n -= 2;
        assert_true(span_starts(buf_span(&f->out), buf_span(&before)));
        assert_true(f->out.n > before.n);
        buf_clear(&before);
        assert_ok(buf_put(&before, buf_span(&f->out)));
    }
}

static void m3_key_order_does_not_matter(void **state)
{
    struct fixture *f = *state;
    /* a bare mention that only the earlier message explains stays when it comes first */
    mask_ok(f, LLM_MESSAGES,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"078051121\"}],"
            "\"metadata\":{\"user_id\":\"SSN 078-05-1121\"}}");
    assert_true(holds(buf_span(&f->out), "078051121"));
    mask_ok(f, LLM_MESSAGES,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"078051121\"}],"
            "\"system\":\"SSN 078-05-1121\"}");
    assert_false(holds(buf_span(&f->out), "078051121"));
    mask_ok(f, LLM_MESSAGES,
            "{\"system\":\"SSN 078-05-1121\","
            "\"messages\":[{\"role\":\"user\",\"content\":\"078051121\"}]}");
    assert_false(holds(buf_span(&f->out), "078051121"));
}

/* ---- M4 ---- */

static void m4_gd_016_look_alikes_survive(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO body = buf_init(1 << 16);
    mask_ok(f, LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace\"}]}");
    char token[64], bare[64];
    struct span t = token_of(f, "Ada Lovelace");
    snprintf(token, sizeof token, "%.*s", SPAN_ARG(t));
    snprintf(bare, sizeof bare, "%.*s", (int)t.n - 2, (const char *)t.p + 1);
    static const char *const forms[] = {
        "Ada Lovelace and @",
        "@ and Ada Lovelace",
        "# Ada Lovelace #",
        "\\\\@ Ada Lovelace",
        "Ada Lovelace#",
        "#Ada Lovelace",
        "\\\\<#\\\\> Ada Lovelace",
        "&lt;#&gt;Ada Lovelace",
        "%3C#%3E Ada Lovelace",
        "Ada Lovelace <#",
        "Ada Lovelace <#.",
        "Ada Lovelace #.zz",
        "\\\\Ada Lovelace",
        "<Ada Lovelace>",
        "&lt;Ada Lovelace&gt;",
        "@@Ada Lovelace@",
        "ADA LOVELACE #",
        "\\\\\\\\@ Ada Lovelace",
        "\\\\u003c#\\\\u003e Ada Lovelace",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[512];
        size_t n = 0;
        for (const char *p = forms[i]; *p; p++)
            n += (size_t)(*p == '@'   ? snprintf(text + n, 64, "%s", token)
                          : *p == '#' ? snprintf(text + n, 64, "%s", bare)
                                      : snprintf(text + n, 2, "%c", *p));
        buf_clear(&body);
        assert_ok(
            buf_printf(&body, "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}", text));
        mask_ok(f, LLM_CHAT, (char *)body.p);
        restores(f, LLM_CHAT, (char *)body.p);
        buf_clear(&body); /* the same over two messages */
        assert_ok(buf_printf(&body,
                             "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},"
                             "{\"role\":\"user\",\"content\":\"%s\"}]}",
                             text, text));
        mask_ok(f, LLM_CHAT, (char *)body.p);
        restores(f, LLM_CHAT, (char *)body.p);
    }
}

/* A look-alike far into a text, each sign of it spelt as long as can be. */
static void m4_look_alikes_survive_anywhere(void **state)
{
    enum { FAR = 700, STEP = 13 };
    struct fixture *f = *state;
    BUF_AUTO body = buf_init(1 << 16);
    mask_ok(f, LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"SSN 536-22-1237\"}]}");
    struct span t = token_of(f, "536-22-1237");
    char digest[16]; /* perhaps with a variant behind a dot */
    size_t last = span_search(t, 0, SPAN_LIT("SSN_")) + 4;
    snprintf(digest, sizeof digest, "%.*s", SPAN_ARG(span_cut(t, last, t.n - 1 - last)));
    for (int n = 0; n < FAR; n += STEP) {
        buf_clear(&body);
        assert_ok(buf_printf(&body,
                             "{\"messages\":[{\"role\":\"user\",\"content\":\"SSN 536-22-1237 %0*d "
                             "&lt;US&lowbar;SSN&lowbar;%s&gt; %0*d us_ssn_%s\"}]}",
                             n, 0, digest, FAR - n, 0, digest));
        mask_ok(f, LLM_CHAT, (char *)body.p);
        restores(f, LLM_CHAT, (char *)body.p);
    }
}

/* ---- M6 and the rest ---- */

static void refused(struct fixture *f, enum llm_surface s, const char *body)
{
    struct err e = fixture_mask(f, s, span_str(body));
    if (!failed(e))
        fail_msg("not refused: %s", body);
    assert_int_equal(f->out.n, 0);
    assert_non_null(f->fault.why);
}

static void m6_what_cannot_be_masked_is_refused(void **state)
{
    struct fixture *f = *state;
    refused(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"content\":\"y\"}]}");
    refused(f, LLM_CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"con\\u0074ent\":\"y\"}]}");
    refused(f, LLM_CHAT, "{\"messages\":[");
    refused(f, LLM_CHAT, "[]");
    refused(f, LLM_CHAT, "{\"messages\":\"\xff\"}");
    refused(f, LLM_CHAT, "{\"model\":5}");
    refused(f, LLM_CHAT, "{\"stream\":\"yes\"}");
    refused(f, LLM_EMBEDDINGS, "{\"input\":[1,2,3]}");
    refused(f, LLM_EMBEDDINGS, "{\"input\":[[1,2],[3]]}");
    refused(f, LLM_OLLAMA_GENERATE, "{\"prompt\":\"x\",\"context\":[1,2]}");
    refused(f, LLM_RESPONSES, "{\"previous_response_id\":\"resp_1\",\"input\":\"" MAIL "\"}");
    refused(f, LLM_RESPONSES, "{\"conversation\":{\"id\":\"c\"},\"input\":\"" MAIL "\"}");
    mask_ok(f, LLM_RESPONSES, "{\"previous_response_id\":\"resp_1\",\"input\":\"hello\"}");
    mask_ok(f, LLM_RESPONSES, "{\"previous_response_id\":null,\"input\":\"" MAIL "\"}");
}

static void data_parts_follow_the_rules(void **state)
{
    struct fixture *f = *state;
    /* "my mail is bob@example.com and this text is long enough to be one" in base64 */
    static const char text[] =
        "bXkgbWFpbCBpcyBib2JAZXhhbXBsZS5jb20gYW5kIHRoaXMgdGV4dCBpcyBsb25nIGVub3Vna"
        "CB0byBiZSBvbmU=";
    BUF_AUTO body = buf_init(4096);
    static const char frame[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\","
        "\"source\":{\"type\":\"base64\",\"media_type\":\"x\",\"data\":\"@\"}}]}]}";
    plant(&body, frame, text);
    refused(f, LLM_MESSAGES, (char *)body.p);
    plant(&body, frame,
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
          "M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
    mask_ok(f, LLM_MESSAGES, (char *)body.p);
    assert_span(buf_span(&f->out), buf_span(&body));
    assert_int_equal(f->doc.facts.data, 1);
}

#define SIGNATURE "EqoBCkYIBRgCKkAp1q7Vb3cQf8Zx2Lm9Tn4Ry6Ws0Hd5Kj7Gu1Bi3No8Pa2Ce4Df6Qv9Xz"

static void signed_thinking_is_kept(void **state)
{
    struct fixture *f = *state;
    static const char body[] =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
        "\"I think of carl@example.org\",\"signature\":\"" SIGNATURE
        "\"},{\"type\":\"redacted_thinking\","
        "\"data\":\"EmwKAhgBEgyh6V1tQGUiBRtWZCIaDJk8l0Yc8nlH7wVdYiIwqk5Y2mJ6a8Zk1oX3bTtqv9\"}]}]}";
    mask_ok(f, LLM_MESSAGES, body);
    assert_span(buf_span(&f->out), span_str(body));
    assert_true(f->doc.facts.thinking);
    mask_ok(f, LLM_MESSAGES,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"" MAIL "\"},{\"role\":\"assistant\","
            "\"content\":[{\"type\":\"thinking\",\"thinking\":\"x " MAIL
            "\",\"signature\":\"" SIGNATURE "\"}]}]}");
    assert_false(holds(buf_span(&f->out), MAIL));
}

static void unsigned_thinking_is_text(void **state)
{
    struct fixture *f = *state;
    /* an object inside the block must not settle what the block itself decides */
    mask_ok(f, LLM_MESSAGES,
            "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
            "\"thinking\":\"" MAIL "\",\"x\":{\"y\":1}}]}]}");
    assert_false(holds(buf_span(&f->out), MAIL));
    mask_ok(f, LLM_MESSAGES,
            "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
            "\"thinking\":\"" MAIL "\",\"x\":{\"signature\":\"s\"}}]}]}");
    assert_false(holds(buf_span(&f->out), MAIL));
}

/* Whatever types are asked for, also in a system prompt and in a place for names. */
static void denied_texts_are_always_masked(void **state)
{
    (void)state;
    const struct scan_term denied = {SPAN_LIT("Zanzibar9"), ENTITY_SECRET};
    struct mask_rules r = mask_rules_default();
    r.entities = (struct scan_set){{0}};
    scan_set_add(&r.entities, ENTITY_EMAIL_ADDRESS);
    r.deny = &denied;
    r.deny_n = 1;
    r.system = MASK_SYSTEM_SECRETS;
    struct fixture f;
    fixture_make(&f, &r);
    static const char body[] =
        "{\"messages\":[{\"role\":\"system\",\"content\":\"of Zanzibar9\"},{\"role\":\"user\","
        "\"content\":\"So Zanzibar9, "
        "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\"},{\"role\":\"tool\","
        "\"tool_call_id\":\"Zanzibar9\"}]}";
    mask_ok(&f, LLM_CHAT, body);
    assert_false(holds(buf_span(&f.out), "Zanzibar9"));
    assert_true(holds(buf_span(&f.out), "ghp_kT9v"));
    fixture_clear(&f);
}

static void system_prompts_follow_the_rules(void **state)
{
    (void)state;
    static const char body[] = "{\"system\":\"Ada Lovelace, " MAIL
                               ", 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\",\"messages\":[]}";
    for (int mode = MASK_SYSTEM_ALL; mode <= MASK_SYSTEM_NONE; mode++) {
        struct mask_rules r = fixture_rules();
        r.system = (enum mask_system)mode;
        struct fixture f;
        fixture_make(&f, &r);
        mask_ok(&f, LLM_MESSAGES, body);
        assert_int_equal(holds(buf_span(&f.out), MAIL), mode >= MASK_SYSTEM_SECRETS);
        assert_int_equal(holds(buf_span(&f.out), "ghp_"), mode == MASK_SYSTEM_NONE);
        fixture_clear(&f);
    }
}

static void changes_are_made_in_place(void **state)
{
    struct fixture *f = *state;
    struct mask_changes c = {.model = SPAN_LIT("up\"stream"), .add_usage = true};
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{ \"model\" : \"a\", \"stream\":true}", "{\"stream_options\":{\"include_usage\":true}, "
                                                  "\"model\" : \"up\\\"stream\", \"stream\":true}"},
        {"{\"stream_options\":{ },\"model\":\"a\"}",
         "{\"stream_options\":{\"include_usage\":true },\"model\":\"up\\\"stream\"}"},
        {"{\"stream_options\":{\"x\":1},\"model\":\"a\"}",
         "{\"stream_options\":{\"include_usage\":true,\"x\":1},\"model\":\"up\\\"stream\"}"},
        {"{\"stream_options\":{\"include_usage\":false},\"model\":\"a\"}",
         "{\"stream_options\":{\"include_usage\":true},\"model\":\"up\\\"stream\"}"},
        {"{\"stream_options\":null,\"model\":\"a\"}",
         "{\"stream_options\":{\"include_usage\":true},\"model\":\"up\\\"stream\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(llm_read_request(&f->doc, LLM_COMPLETIONS, span_str(cases[i].in), NULL));
        buf_clear(&f->out);
        assert_ok(mask_pass(f->work, &f->doc, &c, &f->out));
        assert_span(buf_span(&f->out), span_str(cases[i].out));
        buf_clear(&f->out);
        assert_ok(
            mask_request(f->engine, f->work, &f->key, f->session, &f->doc, &c, &f->out, NULL));
        assert_span(buf_span(&f->out), span_str(cases[i].out));
    }
}

static void gd_018_tokens_depend_on_root_and_principal(void **state)
{
    struct fixture *f = *state;
    static const char body[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"" MAIL "\"}]}";
    uint8_t root[MASK_ROOT_BYTES] = {1, 2, 3};
    char first[64], other[64];
    mask_ok(f, LLM_CHAT, body);
    snprintf(first, sizeof first, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    mask_ok(f, LLM_CHAT, body);
    snprintf(other, sizeof other, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    assert_string_equal(first, other);
    mask_key_free(&f->key);
    assert_ok(mask_key_init(&f->key, span(root, sizeof root), SPAN_LIT("another")));
    mask_ok(f, LLM_CHAT, body);
    snprintf(other, sizeof other, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    assert_string_not_equal(first, other);
    assert_fails(ERR_INPUT, mask_key_init(&f->key, span(root, 8), SPAN_LIT("x")));
}

static void load(struct buf *weights, struct ner **n)
{
    struct fault f;
    assert_ok(file_read("models/ner-en.bin", weights));
    assert_ok(ner_open(buf_span(weights), n, &f));
}

/* Growing conversations, with the tagger: the cache changes no byte. */
static void the_cache_changes_nothing(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO weights = buf_init(NER_WEIGHTS_MAX);
    struct ner *n;
    load(&weights, &n);
    struct mask_rules r = mask_rules_default();
    mask_engine_free(f->engine);
    mask_work_free(f->work);
    r.threshold = 0.9F; /* names below it are learnt, but not masked */
    assert_ok(mask_engine_new(&r, n, &f->engine));
    struct mask_work *with, *without;
    assert_ok(mask_work_new(n, &with));
    assert_ok(mask_work_new(n, &without));
    mask_work_no_cache(without);
    static const char *const people[] = {"Maria Jensen", "Peter O'Neil", "Jo Li", "Smith", "Maria"};
    BUF_AUTO body = buf_init(1 << 20);
    BUF_AUTO one = buf_init(1 << 20);
    for (int turns = 1; turns < 12; turns++) {
        buf_clear(&body);
        assert_ok(buf_puts(&body, "{\"messages\":["));
        for (int i = 0; i < turns; i++)
            assert_ok(buf_printf(
                &body,
                "%s{\"role\":\"user\",\"content\":\"%d: yesterday %s wrote to %s "
                "that the invoice of user%d@example.com is still open and that "
                "somebody from the office should call them back this week, maybe %s.\"}",
                i ? "," : "", i, people[i % 5], people[i * 3 % 5], i % 4, people[i * 2 % 5]));
        assert_ok(buf_puts(&body, "]}"));
        f->work = with;
        assert_ok(fixture_mask(f, LLM_CHAT, buf_span(&body)));
        buf_clear(&one);
        assert_ok(buf_put(&one, buf_span(&f->out)));
        assert_true(mask_count(f->session, ENTITY_PERSON) > 0);
        f->work = without;
        assert_ok(fixture_mask(f, LLM_CHAT, buf_span(&body)));
        assert_span(buf_span(&one), buf_span(&f->out));
    }
    mask_work_free(with);
    mask_engine_free(f->engine);
    f->engine = NULL;
    mask_work_free(without);
    f->work = NULL;
    ner_close(n);
}

static void mask_text_gives_spans(void **state)
{
    struct fixture *f = *state;
    const struct mask_span *spans;
    size_t n;
    buf_clear(&f->out);
    assert_ok(mask_text(f->engine, f->work, &f->key, f->session, SPAN_LIT("hi " MAIL "!"), &f->out,
                        &spans, &n));
    assert_int_equal(n, 1);
    assert_int_equal(spans[0].found.start, 3);
    assert_int_equal(spans[0].found.end, 3 + strlen(MAIL));
    buf_clear(&f->back);
    assert_ok(restore_text(f->session, buf_span(&f->out), &f->back, NULL));
    assert_span(buf_span(&f->back), SPAN_LIT("hi " MAIL "!"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(m1_gd_003_every_position_is_masked),
        T(m1_control_clean_bodies_are_untouched),
        T(m1_numbers_become_strings_and_return),
        T(gd_012_escapes_are_undone_first),
        T(gd_015_schema_keywords_stay),
        T(m2_known_values_are_found_everywhere_later),
        T(m2_whole_words_and_numbers_only),
        T(m2_values_with_one_beginning),
        T(gd_001_one_value_one_token),
        T(spellings_share_their_digest),
        T(m3_gd_036_twenty_turns_are_byte_stable),
        T(m3_key_order_does_not_matter),
        T(m4_gd_016_look_alikes_survive),
        T(m4_look_alikes_survive_anywhere),
        T(m6_what_cannot_be_masked_is_refused),
        T(data_parts_follow_the_rules),
        T(signed_thinking_is_kept),
        T(unsigned_thinking_is_text),
        cmocka_unit_test(system_prompts_follow_the_rules),
        cmocka_unit_test(denied_texts_are_always_masked),
        T(changes_are_made_in_place),
        T(gd_018_tokens_depend_on_root_and_principal),
        T(mask_text_gives_spans),
        T(the_cache_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
