/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring streams: the same text wherever it is cut (R5), nothing held that cannot become a token
 * (R4), everything said before an end marker (gd_020 to gd_027). A small client collects each lane
 * of the output, as the SDKs do.
 */
#include "fixture.h"

#include "sse.h"

#define MAIL "bob@example.com"

static void prepare(struct fixture *f)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Ada Lovelace, " MAIL "\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\","
        "\"input\":{\"card\":4111111111111111}}]}]}";
    assert_ok(fixture_mask(f, LLM_MESSAGES, span_str(body)));
}

/* ---- how each surface says one piece of text ---- */

struct voice {
    enum llm_surface surface;
    bool json;                      /* a lane of tool arguments */
    const char *name, *head, *tail; /* event name; data before and after the escaped piece */
    const char *end_name, *end;     /* the event that ends the lane */
};

static const struct voice voices[] = {
    {LLM_CHAT, false, "",
     "{\"id\":\"c\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
     "\"",
     "\"},\"finish_reason\":null}]}", "",
     "{\"id\":\"c\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
     "reason\":\"stop\"}]}"},
    {LLM_CHAT, true, "",
     "{\"id\":\"c\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":3,\"function\":{"
     "\"arguments\":\"",
     "\"}}]},\"index\":0}]}", "",
     "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}"},
    {LLM_COMPLETIONS, false, "", "{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\"", "\"}]}", "",
     "{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}"},
    {LLM_MESSAGES, false, "content_block_delta",
     "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
     "\"}}", "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":1}"},
    {LLM_MESSAGES, true, "content_block_delta",
     "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
     "\"partial_json\":\"",
     "\"}}", "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":1}"},
    {LLM_RESPONSES, false, "response.output_text.delta",
     "{\"type\":\"response.output_text.delta\",\"sequence_number\":7,\"item_id\":\"i\",\"output_"
     "index\":0,"
     "\"content_index\":0,\"delta\":\"",
     "\"}", "response.output_text.done",
     "{\"type\":\"response.output_text.done\",\"sequence_number\":8,\"item_id\":\"i\",\"output_"
     "index\":0,"
     "\"content_index\":0,\"text\":\"\"}"},
    {LLM_RESPONSES, true, "response.function_call_arguments.delta", "{\"delta\":\"",
     "\",\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"i\","
     "\"output_index\":2,\"sequence_number\":7}",
     "response.function_call_arguments.done",
     "{\"type\":\"response.function_call_arguments.done\",\"output_index\":2,\"item_id\":\"i\","
     "\"arguments\":\"{}\",\"sequence_number\":8}"},
    {LLM_OLLAMA_CHAT, false, "",
     "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"", "\"},\"done\":false}",
     "", "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true}"},
    {LLM_OLLAMA_GENERATE, false, "", "{\"model\":\"m\",\"response\":\"", "\",\"done\":false}", "",
     "{\"model\":\"m\",\"response\":\"\",\"done\":true}"},
};

static void say(struct restore *r, const struct voice *v, struct span piece, struct buf *out)
{
    BUF_AUTO data = buf_init(1 << 16);
    assert_ok(buf_puts(&data, v->head));
    assert_ok(json_escape_kept(piece, &data));
    assert_ok(buf_puts(&data, v->tail));
    assert_ok(restore_event(r, span_str(v->name), buf_span(&data), out));
}

/* Collect the lane's text; returns the number of events. */
static size_t hear(enum llm_surface s, struct span stream, struct llm_doc *d, struct buf *text)
{
    struct buf hold = buf_init(SSE_EVENT_MAX);
    struct sse sse;
    sse_init(&sse, llm_info(s)->framing == LLM_NDJSON ? SSE_LINES : SSE_EVENTS, &hold);
    size_t events = 0, used;
    struct sse_event e;
    while (!failed(sse_next(&sse, stream, &used, &e))) {
        stream = span_from(stream, used);
        events++;
        if (span_is(e.data, "[DONE]"))
            continue;
        assert_ok(llm_read_event(d, s, e.data, NULL));
        if (llm_info(s)->framing == LLM_SSE_NAMED)
            assert_span(e.name, d->type);
        for (size_t i = 0; i < d->leaves; i++)
            if (d->leaf[i].lane != LLM_LANE_NONE)
                assert_ok(json_unescape_buf(llm_leaf_inner(d, &d->leaf[i]), JSON_LONE_KEEP, text));
    }
    buf_free(&hold);
    return events;
}

static void restored(struct fixture *f, const struct voice *v, const struct span *pieces, size_t n,
                     struct buf *text)
{
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 20);
    assert_ok(restore_open(f->session, v->surface, &f->scratch, NULL, &r));
    for (size_t i = 0; i < n; i++)
        say(r, v, pieces[i], &out);
    assert_ok(restore_event(r, span_str(v->end_name), span_str(v->end), &out));
    assert_int_equal(restore_held(r), 0);
    size_t before = out.n;
    assert_ok(restore_end(r, false, &out));
    assert_int_equal(out.n, before);
    restore_close(r);
    buf_clear(text);
    hear(v->surface, buf_span(&out), &f->doc, text);
}

/* The texts: tokens in several spellings, cut and false ones, side by side. */
static size_t compose(struct fixture *f, bool json, char *text, size_t cap)
{
    char m[64], a[64], c[64];
    snprintf(m, sizeof m, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    snprintf(a, sizeof a, "%.*s", SPAN_ARG(token_of(f, "Ada Lovelace")));
    snprintf(c, sizeof c, "%.*s", SPAN_ARG(token_of(f, "4111111111111111")));
    if (json)
        return (size_t)snprintf(
            text, cap,
            "{\"to\": \"%s\", \"n\":\"%s\", \"%s\":\"\\u003c%.*s\\u003e \\\\%s\","
            "\"q\":\"no. %s\",\"h\":\"\\u003c%s\",\"x\":\"\\\"%.9s\"}",
            m, c, c, (int)strlen(a) - 2, a + 1, m, c, a + 1, a);
    return (size_t)snprintf(text, cap,
                            "%s%s <%s \\%s &lt;%.*s&gt; if [[ <PERSON %.9s %s. \\<%.*s\\> %%3C <",
                            m, a, a, m, (int)strlen(a) - 2, a + 1, a, c, (int)strlen(m) - 2, m + 1);
}

static void r5_gd_020_every_split_gives_the_same(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    char text[512];
    BUF_AUTO whole = buf_init(4096);
    BUF_AUTO got = buf_init(4096);
    for (size_t v = 0; v < sizeof voices / sizeof *voices; v++) {
        struct span t = span(text, compose(f, voices[v].json, text, sizeof text));
        restored(f, &voices[v], &t, 1, &whole);
        assert_true(holds(buf_span(&whole), MAIL));
        assert_true(holds(buf_span(&whole), "Ada Lovelace"));
        assert_int_equal(voices[v].json, holds(buf_span(&whole), "\"n\":4111111111111111,"));
        assert_int_equal(voices[v].json, holds(buf_span(&whole), "\"h\":\"Ada Lovelace\","));
        struct span ones[512];
        for (size_t i = 0; i < t.n; i++) {
            struct span two[2] = {span_cut(t, 0, i), span_from(t, i)};
            restored(f, &voices[v], two, 2, &got);
            assert_span(buf_span(&got), buf_span(&whole));
            ones[i] = span_cut(t, i, 1);
        }
        restored(f, &voices[v], ones, t.n, &got);
        assert_span(buf_span(&got), buf_span(&whole));
        for (size_t i = 0; i + 7 < t.n; i += 3) { /* three pieces */
            struct span three[3] = {span_cut(t, 0, i), span_cut(t, i, 7), span_from(t, i + 7)};
            restored(f, &voices[v], three, 3, &got);
            assert_span(buf_span(&got), buf_span(&whole));
        }
    }
}

/* Providers that count in UTF-16 cut characters in two; either half may stand beside a token. */
static void halves_of_surrogate_pairs_stay(void **state)
{
    static const char high[] = "\xed\xa0\xbd", low[] = "\xed\xb8\x80";
    struct fixture *f = *state;
    prepare(f);
    char token[64], text[256], wanted[256];
    BUF_AUTO got = buf_init(4096);
    snprintf(token, sizeof token, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    for (size_t v = 0; v < sizeof voices / sizeof *voices; v++) {
        const char *open = voices[v].json ? "{\"a\":\"" : "", *close = voices[v].json ? "\"}" : "";
        snprintf(text, sizeof text, "%s%s %s%s%s", open, low, token, high, close);
        snprintf(wanted, sizeof wanted, "%s%s %s%s%s", open, low, MAIL, high, close);
        struct span t = span_str(text);
        restored(f, &voices[v], &t, 1, &got);
        assert_span(buf_span(&got), span_str(wanted));
        size_t before = strlen(open) + 3;
        for (size_t i = before; i <= before + 1 + strlen(token); i++) {
            struct span two[2] = {span_cut(t, 0, i), span_from(t, i)};
            restored(f, &voices[v], two, 2, &got);
            assert_span(buf_span(&got), span_str(wanted));
        }
    }
}

static void r4_gd_022_events_go_out_at_once(void **state)
{
    static const char *const free_texts[] = {"Hello",    "if [[ -f x", "a < b", "<P>",
                                             "PERSONAL", "x_",         "AT&T ", "\\n"};
    static const char *const held_texts[] = {"<",           "to <PERSON", "PERSON_", "&lt;",
                                             "\\<EMAIL\\_", "%3",         "100%"};
    struct fixture *f = *state;
    prepare(f);
    for (size_t i = 0;
         i < sizeof free_texts / sizeof *free_texts + sizeof held_texts / sizeof *held_texts; i++) {
        size_t frees = sizeof free_texts / sizeof *free_texts;
        const char *text = i < frees ? free_texts[i] : held_texts[i - frees];
        struct restore *r;
        BUF_AUTO out = buf_init(1 << 16);
        assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, NULL, &r));
        say(r, &voices[0], span_str(text), &out);
        assert_true(out.n > 0);
        if (i < frees ? restore_held(r) != 0 : restore_held(r) == 0)
            fail_msg("%s holds %zu", text, restore_held(r));
        /* R6: what is not changed goes out with its own bytes */
        BUF_AUTO same = buf_init(1 << 16);
        assert_ok(buf_puts(&same, "data: "));
        assert_ok(buf_puts(&same, voices[0].head));
        assert_ok(json_escape(span_str(text), &same));
        assert_ok(buf_puts(&same, voices[0].tail));
        assert_ok(buf_puts(&same, "\n\n"));
        assert_int_equal(i < frees, span_eq(buf_span(&same), buf_span(&out)));
        restore_close(r);
    }
}

static void gd_023_a_cut_stream_keeps_its_text(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    for (size_t v = 0; v < sizeof voices / sizeof *voices; v++) {
        struct restore *r;
        BUF_AUTO out = buf_init(1 << 16);
        BUF_AUTO text = buf_init(1 << 16);
        assert_ok(restore_open(f->session, voices[v].surface, &f->scratch, NULL, &r));
        say(r, &voices[v], SPAN_LIT("to <PERSON_"), &out);
        assert_true(restore_held(r) > 0);
        assert_ok(restore_end(r, true, &out));
        assert_int_equal(restore_held(r), 0);
        restore_close(r);
        assert_int_equal(hear(voices[v].surface, buf_span(&out), &f->doc, &text), 2);
        assert_span(buf_span(&text), SPAN_LIT("to <PERSON_"));
    }
}

static void gd_027_text_before_its_end_marker(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 16);
    /* the next tool call begins */
    assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, NULL, &r));
    static const char call[] =
        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%d,"
        "\"custom\":{\"input\":\"<\"}}]}}]}";
    char data[256];
    for (int i = 0; i < 2; i++) {
        snprintf(data, sizeof data, call, i);
        assert_ok(restore_event(r, SPAN_NONE, span_str(data), &out));
    }
    assert_true(
        holds(buf_span(&out), "\"tool_calls\":[{\"index\":0,\"custom\":{\"input\":\"<\"}}]"));
    assert_ok(restore_event(r, SPAN_NONE, SPAN_LIT("[DONE]"), &out));
    assert_true(span_ends(buf_span(&out), SPAN_LIT("data: [DONE]\n\n")));
    assert_int_equal(restore_held(r), 0);
    restore_close(r);
    /* text and the end of it in one event */
    buf_clear(&out);
    assert_ok(restore_open(f->session, LLM_OLLAMA_CHAT, &f->scratch, NULL, &r));
    assert_ok(restore_event(r, SPAN_NONE,
                            SPAN_LIT("{\"message\":{\"content\":\"<\"},\"done\":true}"), &out));
    assert_span(buf_span(&out), SPAN_LIT("{\"message\":{\"content\":\"<\"},\"done\":true}\n"));
    restore_close(r);
}

static void gd_030_lanes_do_not_mix(void **state)
{
    /* two choices say halves of the token in turn; two calls of one choice do, side by side */
    static const char *const ways[] = {
        "{\"choices\":[{\"delta\":{\"content\":\"%.*s\"},\"index\":%d}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":"
        "{\"arguments\":\"%.*s\"},\"index\":%d}]}}]}",
    };
    struct fixture *f = *state;
    prepare(f);
    char m[64], data[512];
    snprintf(m, sizeof m, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct restore *r;
        BUF_AUTO out = buf_init(1 << 16);
        assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, NULL, &r));
        for (int half = 0; half < 2; half++)
            for (int which = 0; which < 2; which++) {
                snprintf(data, sizeof data, ways[i], half ? 99 : 6, m + (half ? 6 : 0), which);
                assert_ok(restore_event(r, SPAN_NONE, span_str(data), &out));
            }
        assert_int_equal(restore_count(r), 2);
        restore_close(r);
    }
}

static void responses_keep_their_numbers_rising(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 16);
    const struct voice *v = &voices[5];
    assert_ok(restore_open(f->session, LLM_RESPONSES, &f->scratch, NULL, &r));
    say(r, v, SPAN_LIT("a <"), &out);
    assert_ok(restore_event(r, span_str(v->end_name), span_str(v->end), &out));
    assert_true(holds(buf_span(&out), "\"sequence_number\":7,"));
    assert_true(holds(buf_span(&out), "\"sequence_number\":8,\"item_id\":\"i\",\"output_index\":0,"
                                      "\"content_index\":0,\"delta\":\"<\""));
    assert_true(holds(buf_span(&out), "response.output_text.done\",\"sequence_number\":9,"));
    assert_int_equal(restore_next_seq(r), 10);
    restore_close(r);
}

/* Citations that come behind their text, in whatever pieces it came. */
static void citations_move_in_every_split(void **state)
{
    static const struct {
        size_t voice;
        const char *name, *event;
    } ways[] = {
        {0, "",
         "{\"choices\":[{\"index\":0,\"delta\":{\"annotations\":[{\"type\":\"url_citation\","
         "\"url_citation\":{\"start_index\":%u,\"end_index\":%u}}]}}]}"},
        {5, "response.output_text.annotation.added",
         "{\"type\":\"response.output_text.annotation.added\",\"output_index\":0,\"content_index\":"
         "0,"
         "\"annotation\":{\"type\":\"url_citation\",\"start_index\":%u,\"end_index\":%u}}"},
    };
    struct fixture *f = *state;
    prepare(f);
    char m[64], text[256], event[512], want[512];
    snprintf(m, sizeof m, "%.*s", SPAN_ARG(token_of(f, MAIL)));
    snprintf(text, sizeof text, "\xc3\xbc %s and %s [1]", m, m);
    struct span t = span_str(text);
    unsigned at = (unsigned)t.n - 4, to = at - 2 * (unsigned)(strlen(m) - strlen(MAIL));
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        for (size_t i = 0; i <= t.n; i++) {
            struct restore *r;
            BUF_AUTO out = buf_init(1 << 16);
            if (i < t.n && (t.p[i] & 0xc0) == 0x80)
                continue; /* providers cut between characters */
            assert_ok(
                restore_open(f->session, voices[ways[k].voice].surface, &f->scratch, NULL, &r));
            say(r, &voices[ways[k].voice], span_cut(t, 0, i), &out);
            say(r, &voices[ways[k].voice], span_from(t, i), &out);
            snprintf(event, sizeof event, ways[k].event, at, at + 3);
            snprintf(want, sizeof want, ways[k].event, to, to + 3);
            assert_ok(restore_event(r, span_str(ways[k].name), span_str(event), &out));
            if (!holds(buf_span(&out), want))
                fail_msg("cut at %zu: %s not in %.*s", i, want, SPAN_ARG(buf_span(&out)));
            restore_close(r);
        }
}

static void gd_037_thinking_is_left_alone(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    char data[256], want[300];
    snprintf(data, sizeof data,
             "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
             "\"thinking\":\"%.*s\"}}",
             SPAN_ARG(token_of(f, MAIL)));
    snprintf(want, sizeof want, "event: content_block_delta\ndata: %s\n\n", data);
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 16);
    assert_ok(restore_open(f->session, LLM_MESSAGES, &f->scratch, NULL, &r));
    assert_ok(restore_event(r, SPAN_LIT("content_block_delta"), span_str(data), &out));
    assert_span(buf_span(&out), span_str(want));
    restore_close(r);
}

static void usage_chunk_is_dropped_when_not_asked_for(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    const struct restore_options o = {.drop_usage = true};
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 16);
    assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, &o, &r));
    assert_ok(restore_event(r, SPAN_NONE,
                            SPAN_LIT("{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}"), &out));
    assert_int_equal(out.n, 0);
    restore_close(r);
}

static void r7_bad_events_are_refused(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    struct restore *r;
    BUF_AUTO out = buf_init(1 << 16);
    assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, NULL, &r));
    assert_fails(ERR_INPUT, restore_event(r, SPAN_NONE, SPAN_LIT("{\"choices\":["), &out));
    assert_int_equal(out.n, 0);
    char data[128];
    struct err e = OK;
    for (int i = 0; i <= RESTORE_LANES && !failed(e); i++) {
        snprintf(data, sizeof data, "{\"choices\":[{\"index\":%d,\"delta\":{\"content\":\"<\"}}]}",
                 i);
        e = restore_event(r, SPAN_NONE, span_str(data), &out);
    }
    assert_int_equal(err_cat(e), ERR_LIMIT);
    restore_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(r5_gd_020_every_split_gives_the_same),
        T(halves_of_surrogate_pairs_stay),
        T(r4_gd_022_events_go_out_at_once),
        T(gd_023_a_cut_stream_keeps_its_text),
        T(gd_027_text_before_its_end_marker),
        T(gd_030_lanes_do_not_mix),
        T(responses_keep_their_numbers_rising),
        T(citations_move_in_every_split),
        T(gd_037_thinking_is_left_alone),
        T(usage_chunk_is_dropped_when_not_asked_for),
        T(r7_bad_events_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
