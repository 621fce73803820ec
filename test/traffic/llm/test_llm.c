/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, header lists, errors, usage and what events mean. Positions are tested with masking. */
#include "unit.h"

#include "json.h"
#include "llm.h"

static enum llm_surface route(const char *method, const char *target)
{
    return llm_route(span_str(method), span_str(target), NULL);
}

static void gd_005_unknown_paths_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "/",
        "/v1",
        "/v1/",
        "/v1/chat/completions/",
        "/v1/chat//completions",
        "/V1/messages",
        "/v1/files",
        "/v1/messages/batches",
        "/api/pull",
        "/api/chat/../tags",
        "/v1/models/",
        "/v1/models/a/",
        "/v1/models//a",
        "/v1/models/a//b",
        "/v1/models/a/../b",
        "/v1/models/a/.b",
        "/v1/models/a%2f%2e%2E%2fb",
        "/v1/models/a%00",
        "/v1/models/a%",
        "/v1/models/a%zz",
        "/v1/models/a%20b",
        "/v1/models/..",
        "/v1/conversations",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int m = 0; m < 3; m++)
            assert_int_equal(route((const char *[]){"GET", "POST", "HEAD"}[m], bad[i]), LLM_NONE);
    bool known = false;
    assert_int_equal(llm_route(SPAN_LIT("GET"), SPAN_LIT("/v1/messages"), &known), LLM_NONE);
    assert_true(known);
    assert_int_equal(llm_route(SPAN_LIT("GET"), SPAN_LIT("/v1/else"), &known), LLM_NONE);
    assert_false(known);
}

static void every_surface_is_routed_to_itself(void **state)
{
    (void)state;
    for (size_t s = 1; s < LLM_SURFACES; s++) {
        const struct llm_surface_info *i = llm_info((enum llm_surface)s);
        char path[128];
        size_t n = strlen(i->path);
        memcpy(path, i->path, n + 1);
        if (path[n - 1] == '*')
            memcpy(path + n - 1, "llama3.2:1b", 12);
        assert_int_equal(route(i->method, path), s);
        memcpy(path + strlen(path), "?beta=true", 11);
        assert_int_equal(route(i->method, path), s);
    }
    assert_int_equal(llm_info((enum llm_surface)9999)->dialect, LLM_OPENAI);
}

/* Names as providers have them, and as clients write them in a path. */
static void a_model_is_read_from_its_path(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"/v1/models/llama3.2:1b", "llama3.2:1b"},
                                           {"/v1/models/a/b", "a/b"},
                                           {"/v1/models/a%2Fb%3A1", "a/b:1"},
                                           {"/v1/models/o/a/b.c-d@1", "o/a/b.c-d@1"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        BUF_AUTO out = buf_init(100);
        assert_int_equal(route("GET", names[i][0]), LLM_MODEL);
        assert_ok(llm_path_model(LLM_MODEL, span_str(names[i][0]), &out));
        assert_span(buf_span(&out), span_str(names[i][1]));
    }
}

static void callers_get_their_dialect(void **state)
{
    (void)state;
    assert_int_equal(llm_caller_dialect(LLM_MODELS, SPAN_LIT("/v1/models"), true), LLM_ANTHROPIC);
    assert_int_equal(llm_caller_dialect(LLM_MODELS, SPAN_LIT("/v1/models"), false), LLM_OPENAI);
    assert_int_equal(llm_caller_dialect(LLM_NONE, SPAN_LIT("/v1/messages/x"), false),
                     LLM_ANTHROPIC);
    assert_int_equal(llm_caller_dialect(LLM_NONE, SPAN_LIT("/api/x"), false), LLM_OLLAMA);
}

static void gd_072_only_listed_headers_go_up(void **state)
{
    (void)state;
    static const char *const never[] = {
        "authorization", "x-api-key", "cookie", "x-codex-turn-metadata", "x-claude-code-session-id",
        "user-agent",    "host",      ""};
    for (int d = 0; d < LLM_DIALECTS; d++)
        for (size_t i = 0; i < sizeof never / sizeof *never; i++)
            assert_false(llm_header_up((enum llm_dialect)d, span_str(never[i])));
    assert_true(llm_header_up(LLM_ANTHROPIC, SPAN_LIT("Anthropic-Version")));
    assert_true(llm_header_up(LLM_OPENAI, SPAN_LIT("OpenAI-Beta")));
    assert_false(llm_header_up(LLM_OLLAMA, SPAN_LIT("openai-beta")));
    assert_true(llm_header_down(LLM_OPENAI, SPAN_LIT("X-RateLimit-Reset-Tokens")));
    assert_false(llm_header_down(LLM_OPENAI, SPAN_LIT("set-cookie")));
    assert_true(llm_query_up(LLM_MESSAGES, SPAN_LIT("beta")));
    assert_false(llm_query_up(LLM_CHAT, SPAN_LIT("key")));
}

static void errors_speak_the_dialect(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"error\":{\"message\":\"No "
        "\\\"money\\\"\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"c\"}}",
        "{\"type\":\"error\",\"error\":{\"type\":\"billing_error\",\"message\":\"No "
        "\\\"money\\\"\","
        "\"details\":{\"error_code\":\"c\"}},\"request_id\":\"r\"}",
        "{\"error\":\"c: No \\\"money\\\"\"}"};
    for (int d = 0; d < LLM_DIALECTS; d++) {
        BUF_AUTO out = buf_init(4096);
        assert_ok(llm_error((enum llm_dialect)d, 402, "c", "No \"money\"", SPAN_LIT("r"), &out));
        assert_span(buf_span(&out), span_str(want[d]));
    }
}

static void gd_056_streams_end_with_their_own_error(void **state)
{
    (void)state;
    static const struct {
        enum llm_surface s;
        const char *want;
    } cases[] = {
        {LLM_CHAT, "data: "
                   "{\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"param\":null,"
                   "\"code\":\"c\"}}\n\n"},
        {LLM_MESSAGES, "event: error\ndata: "
                       "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\","
                       "\"details\":{\"error_code\":\"c\"}}}\n\n"},
        {LLM_RESPONSES,
         "event: response.failed\ndata: "
         "{\"type\":\"response.failed\",\"sequence_number\":4,\"response\":{\"id\":\"resp_failed\","
         "\"object\":\"response\",\"created_at\":0,\"status\":\"failed\",\"error\":{\"code\":\"c\","
         "\"message\":\"m\"},\"output\":[]}}\n\n"},
        {LLM_OLLAMA_CHAT, "{\"error\":\"c: m\"}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        BUF_AUTO out = buf_init(4096);
        assert_ok(llm_error_event(cases[i].s, "c", "m", 4, &out));
        assert_span(buf_span(&out), span_str(cases[i].want));
    }
    BUF_AUTO out = buf_init(4096);
    assert_fails(ERR_BUG, llm_error_event(LLM_EMBEDDINGS, "c", "m", 0, &out));
}

static void usage_becomes_disjoint_buckets(void **state)
{
    (void)state;
    static const struct {
        enum llm_surface s;
        const char *body;
        uint64_t input, read, write, output;
    } cases[] = {
        {LLM_CHAT,
         "{\"usage\":{\"prompt_tokens\":2600,\"completion_tokens\":100,\"prompt_tokens_details\":{"
         "\"cached_tokens\":2000,\"cache_write_tokens\":400}}}",
         200, 2000, 400, 100},
        {LLM_RESPONSES,
         "{\"usage\":{\"input_tokens\":2600,\"output_tokens\":100,\"input_tokens_details\":{"
         "\"cached_tokens\":2000,\"cache_write_tokens\":400}}}",
         200, 2000, 400, 100},
        {LLM_MESSAGES,
         "{\"usage\":{\"input_tokens\":200,\"cache_read_input_tokens\":2000,"
         "\"cache_creation_input_tokens\":400,\"output_tokens\":100}}",
         200, 2000, 400, 100},
        {LLM_OLLAMA_CHAT, "{\"prompt_eval_count\":26,\"eval_count\":12}", 26, 0, 0, 12},
        {LLM_CHAT,
         "{\"usage\":{\"prompt_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":9}}}", 0, 9,
         0, 0},
        {LLM_CHAT, "{\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1.5e3}}", 0, 0, 0, 0},
        {LLM_CHAT, "{\"usage\":null}", 0, 0, 0, 0},
    };
    static const uint8_t seed[16] = {3};
    struct llm_doc doc = llm_doc_of(seed);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llm_usage u = {0};
        assert_ok(llm_usage_whole(cases[i].s, span_str(cases[i].body), &u));
        assert_int_equal(u.input, cases[i].input);
        assert_int_equal(u.cache_read, cases[i].read);
        assert_int_equal(u.cache_write, cases[i].write);
        assert_int_equal(u.output, cases[i].output);
        assert_int_equal(u.seen, i < 5);
        struct llm_usage again = {0};
        assert_ok(llm_read_answer(&doc, cases[i].s, span_str(cases[i].body), NULL));
        assert_ok(llm_usage_read(cases[i].s, &doc, &again));
        assert_int_equal(again.input, u.input);
        assert_int_equal(again.cache_read, u.cache_read);
        assert_int_equal(again.cache_write, u.cache_write);
        assert_int_equal(again.output, u.output);
        assert_int_equal(again.seen, u.seen);
    }
    struct llm_usage u = {0};
    assert_ok(llm_usage_whole(LLM_CHAT,
                              SPAN_LIT("{\"usage\":{\"prompt_tokens\":1,\"cost\":0.000123}}"), &u));
    assert_true(u.has_cost);
    assert_int_equal(u.cost_nano, 123000);
    assert_fails(ERR_INPUT, llm_usage_whole(LLM_CHAT, SPAN_LIT("{"), &u));
    struct span twice =
        SPAN_LIT("{\"usage\":{\"prompt_tokens\":1},\"usage\":{\"prompt_tokens\":2}}");
    assert_fails(ERR_INPUT, llm_usage_whole(LLM_CHAT, twice, &u));
    assert_fails(ERR_INPUT, llm_read_answer(&doc, LLM_CHAT, twice, NULL));
    llm_doc_free(&doc);
}

static void anthropic_totals_overwrite(void **state)
{
    (void)state;
    struct llm_stream st = {0};
    enum llm_event k;
    assert_ok(llm_stream_see(
        &st, LLM_MESSAGES, SPAN_LIT("message_start"),
        SPAN_LIT("{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":20,"
                 "\"cache_read_input_tokens\":900,\"output_tokens\":1}}}"),
        &k));
    assert_int_equal(k, LLM_EVENT_OPENING);
    assert_ok(llm_stream_see(
        &st, LLM_MESSAGES, SPAN_LIT("message_delta"),
        SPAN_LIT("{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":42}}"), &k));
    assert_int_equal(st.usage.output, 42);
    assert_int_equal(st.usage.cache_read, 900);
    assert_int_equal(st.usage.input, 20);
}

static void gd_057_events_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum llm_surface s;
        const char *data;
        enum llm_event want;
    } cases[] = {
        {LLM_CHAT, "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
         LLM_EVENT_OPENING},
        {LLM_CHAT, "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", LLM_EVENT_OUTPUT},
        {LLM_CHAT, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", LLM_EVENT_FINISH},
        {LLM_CHAT, "{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}", LLM_EVENT_FINISH},
        {LLM_CHAT, "{\"choices\":[{\"delta\":{\"content\":\"\"}}],\"error\":{\"code\":502}}",
         LLM_EVENT_ERROR},
        {LLM_CHAT, "[DONE]", LLM_EVENT_END},
        {LLM_RESPONSES, "{\"type\":\"response.created\"}", LLM_EVENT_OPENING},
        {LLM_RESPONSES, "{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}",
         LLM_EVENT_OUTPUT},
        {LLM_RESPONSES, "{\"type\":\"response.completed\",\"response\":{}}", LLM_EVENT_END},
        {LLM_RESPONSES, "{\"type\":\"response.failed\"}", LLM_EVENT_ERROR},
        {LLM_MESSAGES, "{\"type\":\"ping\"}", LLM_EVENT_OPENING},
        {LLM_MESSAGES, "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\"}}",
         LLM_EVENT_OPENING},
        {LLM_MESSAGES,
         "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\"}}",
         LLM_EVENT_OUTPUT},
        {LLM_MESSAGES, "{\"type\":\"message_stop\"}", LLM_EVENT_END},
        {LLM_MESSAGES, "{\"type\":\"error\",\"error\":{}}", LLM_EVENT_ERROR},
        {LLM_OLLAMA_CHAT, "{\"message\":{\"content\":\"\"},\"done\":false}", LLM_EVENT_OPENING},
        {LLM_OLLAMA_CHAT, "{\"message\":{\"content\":\"\",\"thinking\":\"h\"}}", LLM_EVENT_OUTPUT},
        {LLM_OLLAMA_GENERATE, "{\"response\":\"h\"}", LLM_EVENT_OUTPUT},
        {LLM_OLLAMA_CHAT, "{\"done\":true}", LLM_EVENT_END},
        {LLM_OLLAMA_CHAT, "{\"error\":\"x\"}", LLM_EVENT_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llm_stream st = {0};
        enum llm_event k;
        assert_ok(llm_stream_see(&st, cases[i].s, SPAN_NONE, span_str(cases[i].data), &k));
        if (k != cases[i].want)
            fail_msg("%s is %d", cases[i].data, (int)k);
    }
    struct llm_stream st = {0};
    enum llm_event k;
    assert_fails(ERR_INPUT, llm_stream_see(&st, LLM_CHAT, SPAN_NONE, SPAN_LIT("oops"), &k));
}

static void facts_are_read(void **state)
{
    (void)state;
    static const uint8_t seed[16] = {1};
    struct llm_doc d = llm_doc_of(seed);
    static const char body[] =
        "{\"n\":3,\"stream\":true,\"model\":\"a\\u0062\",\"max_tokens\":7,\"store\":true,"
        "\"tools\":[{\"type\":\"function\"}],\"stream_options\":{\"include_usage\":true},"
        "\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"content\":\"u\",\"role\":"
        "\"user\"}]}";
    assert_ok(llm_read_request(&d, LLM_CHAT, span_str(body), NULL));
    assert_span(d.facts.model, SPAN_LIT("ab"));
    assert_span(span_cut(d.body, d.facts.model_start, d.facts.model_end - d.facts.model_start),
                SPAN_LIT("\"a\\u0062\""));
    assert_true(d.facts.stream && d.facts.include_usage && d.facts.tools && d.facts.stored);
    assert_int_equal(d.facts.choices, 3);
    assert_int_equal(d.facts.max_output, 7);
    assert_int_equal(d.facts.messages, 2);
    unsigned users = 0, systems = 0;
    for (size_t i = 0; i < d.units; i++) {
        users += d.unit[i].role == LLM_ROLE_USER;
        systems += d.unit[i].role == LLM_ROLE_SYSTEM;
    }
    assert_int_equal(users, 1);
    assert_int_equal(systems, 1);
    assert_ok(llm_read_request(&d, LLM_OLLAMA_CHAT, SPAN_LIT("{\"model\":\"m\"}"), NULL));
    assert_true(d.facts.stream);
    assert_ok(llm_read_request(&d, LLM_OLLAMA_CHAT, SPAN_LIT("{\"stream\":false}"), NULL));
    assert_false(d.facts.stream);
    llm_doc_free(&d);
}

/* Refused with these words, or taken where there are none. */
static void conversations_have_their_form(void **state)
{
    (void)state;
#define LIST_OF "messages must be a list of objects"
#define PARTS   "content must be a string or a list of parts"
    static const struct {
        enum llm_surface s;
        const char *body, *why;
    } cases[] = {
        {LLM_CHAT, "{\"messages\":[]}", NULL},
        {LLM_CHAT, "{}", "messages is missing"},
        {LLM_CHAT, "{\"messages\":null}", LIST_OF},
        {LLM_CHAT, "{\"messages\":\"hi\"}", LIST_OF},
        {LLM_CHAT, "{\"messages\":{\"role\":\"user\"}}", LIST_OF},
        {LLM_CHAT, "{\"messages\":[\"hi\"]}", LIST_OF},
        {LLM_CHAT, "{\"messages\":[[{\"role\":\"user\"}]]}", LIST_OF},
        {LLM_CHAT, "{\"messages\":[{}]}", "a message has no role"},
        {LLM_CHAT, "{\"messages\":[{\"role\":5}]}", "role must be a string"},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":true}]}", PARTS},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":{}}]}", PARTS},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[7]}]}", PARTS},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[[]]}]}", PARTS},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"content\":null}]}", NULL},
        {LLM_CHAT, "{\"messages\":[{\"role\":\"x\",\"content\":[\"a\",{\"text\":\"b\"}]}]}", NULL},
        {LLM_CHAT, "{\"tools\":{},\"messages\":[]}", "tools must be a list of objects"},
        {LLM_CHAT, "{\"t\\u006fols\":7,\"messages\":[]}", "tools must be a list of objects"},
        {LLM_CHAT, "{\"functions\":[1],\"messages\":[]}", "functions must be a list of objects"},
        {LLM_CHAT, "{\"new\":[7,true,[{}]],\"messages\":[]}", NULL},
        {LLM_MESSAGES, "{\"max_tokens\":1}", "messages is missing"},
        {LLM_MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":7}]}", PARTS},
        {LLM_MESSAGES, "{\"messages\":[],\"system\":[\"a\"]}",
         "system must be a string or a list of text blocks"},
        {LLM_COUNT_TOKENS, "{}", "messages is missing"},
        {LLM_RESPONSES, "{\"conversation\":\"c\"}", NULL},
        {LLM_RESPONSES, "{\"input\":7}", "input must be a string or a list of items"},
        {LLM_RESPONSES, "{\"input\":[{\"type\":\"item_reference\"}]}", NULL},
        {LLM_EMBEDDINGS, "{}", "input is missing"},
        {LLM_EMBEDDINGS, "{\"input\":[[1,2],[3]]}", NULL},
        {LLM_EMBEDDINGS, "{\"input\":[null]}",
         "input must be a string, or a list of strings, tokens or parts"},
        {LLM_COMPLETIONS, "{}", NULL},
        {LLM_COMPLETIONS, "{\"prompt\":{}}",
         "prompt must be a string, or a list of strings or tokens"},
        {LLM_OLLAMA_CHAT, "{\"messages\":null}", NULL},
        {LLM_OLLAMA_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":[]}]}",
         "content must be a string"},
        {LLM_OLLAMA_GENERATE, "{\"prompt\":[\"a\"]}", "prompt must be a string"},
        {LLM_OLLAMA_EMBED, "{\"input\":[1]}", "input must be a string or a list of strings"},
    };
    static const uint8_t seed[16] = {1};
    struct llm_doc d = llm_doc_of(seed);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault f = {0};
        struct err e = llm_read_request(&d, cases[i].s, span_str(cases[i].body), &f);
        if (!cases[i].why != !failed(e) || (cases[i].why && strcmp(cases[i].why, f.why) != 0))
            fail_msg("%s: %s", cases[i].body, failed(e) ? f.why : "was taken");
    }
    struct fault f;
    assert_fails(ERR_INPUT,
                 llm_read_request(&d, LLM_CHAT, SPAN_LIT("{\"messages\":[{\"role\":7}]}"), &f));
    assert_int_equal(f.at, sizeof "{\"messages\":[{\"role\":" - 1);
    /* What a provider answers is its own. */
    assert_ok(llm_read_answer(&d, LLM_RESPONSES,
                              SPAN_LIT("{\"output\":[{\"role\":7,\"content\":7}],\"tools\":7}"),
                              NULL));
    llm_doc_free(&d);
}

static void gd_095_depth_is_bounded(void **state)
{
    (void)state;
    static const uint8_t seed[16] = {1};
    struct llm_doc d = llm_doc_of(seed);
    BUF_AUTO body = buf_init(4096);
    assert_ok(buf_puts(&body, "{\"stop\":"));
    for (int i = 0; i < 1000; i++)
        assert_ok(buf_put_u8(&body, '['));
    struct fault f;
    assert_fails(ERR_LIMIT, llm_read_request(&d, LLM_CHAT, buf_span(&body), &f));
    assert_non_null(f.why);
    llm_doc_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gd_005_unknown_paths_are_refused),
        cmocka_unit_test(every_surface_is_routed_to_itself),
        cmocka_unit_test(a_model_is_read_from_its_path),
        cmocka_unit_test(callers_get_their_dialect),
        cmocka_unit_test(gd_072_only_listed_headers_go_up),
        cmocka_unit_test(errors_speak_the_dialect),
        cmocka_unit_test(gd_056_streams_end_with_their_own_error),
        cmocka_unit_test(usage_becomes_disjoint_buckets),
        cmocka_unit_test(anthropic_totals_overwrite),
        cmocka_unit_test(gd_057_events_are_told_apart),
        cmocka_unit_test(facts_are_read),
        cmocka_unit_test(conversations_have_their_form),
        cmocka_unit_test(gd_095_depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
