/* SPDX-License-Identifier: Apache-2.0 */
/* sanctum's settings: what a good file gives, what a bad one says, the message, the routing. */
#include "unit.h"

#include "json.h"
#include "settings_load.h"

#include <stdio.h>
#include <stdlib.h>

/* The example of the interface page: everything a config can hold. */
static const char full[] =
    "version: 1\n"
    "listen: [\"127.0.0.1:4040\", {address: \"127.0.0.1:11434\", as: kitchen}, "
    "\"unix:/run/s.sock\",\n"
    "         {address: \"0.0.0.0:443\", certificate: /c.pem, private_key: /k.pem}]\n"
    "providers:\n"
    "  openrouter: {kind: openai, base_url: \"https://openrouter.example/api/v1/\", key: "
    "\"vault:openrouter\", trust: masked, timeouts: {connect: 2s}, masking: {entities: [PERSON, "
    "ZA_ID_NUMBER], secrets: false}}\n"
    "  claude: {kind: anthropic, base_url: \"https://[::1]:8443\", key: \"credential:anthropic\", "
    "trust: trusted}\n"
    "  local: {kind: ollama, trust: local, pool: 0}\n"
    "models:\n"
    "  \"*\": [openrouter/*]\n"
    "  \"claude-*\": [claude/*]\n"
    "  \"claude-3-*\": [claude/old, openrouter/*]\n"
    "  fast: [local/llama3.2, openrouter/small]\n"
    "  claude/odd: [local/odd]\n"
    "masking: {entities: [PERSON, EMAIL_ADDRESS], threshold: 0.75, system_prompts: structured, "
    "deny: [\"Projekt Blau\"]}\n"
    "prices:\n"
    "  \"openrouter/*\": {input: 2.50, cached_input: 1.25, output: 10.00}\n"
    "budgets:\n"
    "  - {key: agent1, window: day, limit_usd: 5.00, at_limit: block}\n"
    "  - {window: month, limit_usd: 50.00, at_limit: local}\n"
    "audit: {mode: batched, on_failure: allow}\n"
    "limits: {request_body: 1MiB}\n"
    "timeouts: {connect: 3s, total: 1h}\n"
    "gates: 2\n"
    "log_level: debug\n";

static void load(const char *yaml, struct settings *s)
{
    struct conf_fault f = {0};
    struct err e = settings_parse(span_str(yaml), "c.yaml", s, &f);
    if (failed(e))
        print_error("%u: %s\n", f.line, f.text);
    assert_ok(e);
}

static void the_built_in_config_holds_without_a_file(void **state)
{
    (void)state;
    struct settings s;
    struct conf_fault f;
    assert_ok(settings_load(NULL, &s, &f));
    assert_int_equal(s.n_listeners, 1);
    assert_span(s.listeners[0].host, SPAN_LIT("127.0.0.1"));
    assert_int_equal(s.listeners[0].port, 4040);
    assert_int_equal(s.providers[0].kind, KIND_ECHO);
    assert_int_equal(s.providers[0].trust, TRUST_MASKED);
    assert_int_equal(s.audit.mode, AUDIT_DURABLE);
    assert_int_equal(s.limits.request_body, 32 << 20);
    /* What the interface promises to mask when nobody says anything. */
    static const enum entity masked[] = {
        ENTITY_SECRET,      ENTITY_PERSON, ENTITY_EMAIL_ADDRESS,  ENTITY_PHONE_NUMBER,
        ENTITY_CREDIT_CARD, ENTITY_US_SSN, ENTITY_US_BANK_NUMBER, ENTITY_IBAN_CODE};
    unsigned __int128 want = 0;
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        want |= (unsigned __int128)1 << masked[i];
    assert_true(s.masking.entities == want);
    assert_true(s.masking.threshold == 0.7);
    settings_free(&s);
}

static void a_full_config_is_read(void **state)
{
    (void)state;
    struct settings s;
    load(full, &s);
    assert_int_equal(s.n_listeners, 4);
    assert_span(s.listeners[1].as, SPAN_LIT("kitchen"));
    assert_true(s.listeners[2].is_unix);
    assert_span(s.listeners[2].host, SPAN_LIT("/run/s.sock"));
    const struct settings_provider *p = s.providers;
    assert_span(p[0].host, SPAN_LIT("openrouter.example"));
    assert_span(p[0].path, SPAN_LIT("/api/v1"));
    assert_true(p[0].tls && p[0].port == 443);
    assert_int_equal(p[0].key_source, KEY_VAULT);
    assert_span(p[0].key_name, SPAN_LIT("openrouter"));
    assert_int_equal(p[0].timeouts.connect, 2000);
    assert_int_equal(p[0].timeouts.total, 3600000); /* inherited */
    assert_true(p[0].masking.entities == ((unsigned __int128)1 << ENTITY_PERSON |
                                          (unsigned __int128)1 << ENTITY_ZA_ID_NUMBER));
    assert_true(p[0].masking.threshold == 0.75); /* inherited */
    assert_span(p[1].host, SPAN_LIT("::1"));
    assert_int_equal(p[1].port, 8443);
    assert_int_equal(p[1].timeouts.connect, 3000);
    assert_true(p[1].masking.secrets && (p[1].masking.entities >> ENTITY_SECRET & 1));
    assert_span(p[2].base_url, SPAN_LIT("http://127.0.0.1:11434"));
    assert_false(p[2].tls);
    assert_true(s.prices[0].input == 2500000000U && s.prices[0].cache_write == 2500000000U);
    assert_true(s.budgets[0].limit == 5000000000U && s.budgets[1].at_limit == AT_LIMIT_LOCAL);
    assert_int_equal(s.gates, 2);
    assert_int_equal(s.log_level, LOG_DEBUG);
    settings_free(&s);
}

#define V "version: 1\n"
#define P V "providers:\n"
static const struct {
    const char *yaml, *want;
} bad[] = {
    {"", "c.yaml:1: expected version: 1"},
    {"version: 2\n", "c.yaml:1: expected version: 1, the only format there is"},
    {"version: \"1\"\n", "c.yaml:1: expected version: 1, the only format there is"},
    {V "lisen: x\n",
     "c.yaml:2: expected a setting of the config, found \"lisen\"; did you mean listen?"},
    {V "providers: {echo: {kind: echo}}\nmodels: {a: [\"echo/a\tb\"]}\n",
     "c.yaml:3: expected a target `provider/model`"},
    {V "providers: {echo: {kind: echo}}\nmodels: {\"a\\x01b\": [echo/a]}\n",
     "c.yaml:3: expected a model's name or pattern of 1 to 256 printable bytes"},
    {V "providers: {echo: {kind: echo}}\nprices: {\"echo/a\\x7f\": {input: 1, output: 1}}\n",
     "c.yaml:3: expected a pattern `provider/model` of 1 to 256 printable bytes"},
    {V "listen: 4040\n",
     "c.yaml:2: expected an address such as 127.0.0.1:4040, [::1]:4040 or unix:/path"},
    {V "listen: localhost:4040\n",
     "c.yaml:2: expected an address such as 127.0.0.1:4040, [::1]:4040 or unix:/path"},
    {V "listen: 127.0.0.1:65536\n",
     "c.yaml:2: expected an address such as 127.0.0.1:4040, [::1]:4040 or unix:/path"},
    {V "listen: \"unix:rel\"\n",
     "c.yaml:2: expected unix: with an absolute path of at most 100 bytes"},
    {V "listen: 0.0.0.0:4040\n", "c.yaml:2: expected certificate and private_key, or plain_http: "
                                 "true, for an address that others can reach"},
    {V "listen:\n  - {address: \"[::]:4040\"}\n",
     "c.yaml:3: expected certificate and private_key, or plain_http: true, for an address that "
     "others can reach"},
    {V "listen: [{address: \"10.0.0.1:1\", plain_http: true, as: x}]\n",
     "c.yaml:2: expected a loopback address or a Unix socket where `as` stands"},
    {V "listen: [{address: \"127.0.0.1:1\", certificate: /c}]\n",
     "c.yaml:2: expected certificate and private_key together"},
    {V "listen: [127.0.0.1:1, 127.0.0.1:1]\n", "c.yaml:2: expected each address once"},
    {V "listen: []\n", "c.yaml:2: expected at least one address"},
    {V "listen: [{as: x}]\n", "c.yaml:2: expected address in listen, found none"},
    {V "providers: {}\n",
     "c.yaml:2: expected at least one provider: a mapping from names to settings"},
    {P "  a b: {kind: echo}\n", "c.yaml:3: expected a provider's name of letters, digits, dot, "
                                "dash and underscore, at most 64"},
    {P "  a: {}\n", "c.yaml:3: expected kind in a provider, found none"},
    {P "  a: {kind: opnai}\n", "c.yaml:3: expected openai | anthropic | ollama | echo for kind, "
                               "found \"opnai\"; did you mean openai?"},
    {P "  a:\n    kind: openai\n    base_url: http://api.example/v1\n",
     "c.yaml:5: expected https:// in base_url: http:// is for loopback only"},
    {P "  a:\n    kind: openai\n    base_url: http://127.evil.example\n",
     "c.yaml:5: expected https:// in base_url: http:// is for loopback only"},
    {P "  a:\n    kind: openai\n    base_url: ftp://x\n",
     "c.yaml:5: expected a base_url that begins with https:// (or http:// for loopback)"},
    {P "  a:\n    kind: openai\n    base_url: https://u:p@x/\n",
     "c.yaml:5: expected a base_url with a host name or address, a port from 1 to 65535 where one "
     "stands, and no user name"},
    {P "  a:\n    kind: openai\n    base_url: https://x/?k=1\n",
     "c.yaml:5: expected a base_url without query, fragment or blanks"},
    {P "  a:\n    kind: openai\n    key: sk-very-secret\n",
     "c.yaml:5: expected vault:NAME, credential:NAME or file:/PATH for key, never the key itself"},
    {P "  a:\n    kind: openai\n    key: file:relative\n",
     "c.yaml:5: expected vault:NAME, credential:NAME or file:/PATH for key, never the key itself"},
    {P "  a:\n    kind: openai\n    key: [sk-x]\n",
     "c.yaml:5: expected text of 1 to 1024 bytes for key, found a list"},
    {P "  a: {kind: echo, key: \"vault:x\"}\n",
     "c.yaml:3: expected neither base_url nor key for the kind echo"},
    {P "  a:\n    kind: openai\n    trust: local\n",
     "c.yaml:5: expected a loopback host, or private_network: true, for trust: local"},
    {P "  a: {kind: echo}\n  a: {kind: echo}\n",
     "c.yaml:4: expected each key once, found \"a\" again (first on line 3)"},
    {P "  a: {kind: echo, timeouts: {conect: 1s}}\n",
     "c.yaml:3: expected a setting of timeouts, found \"conect\"; did you mean connect?"},
    {P "  a: {kind: echo}\nmodels: {x: [b/y]}\n",
     "c.yaml:4: expected the name of a provider, found \"b\"; did you mean a?"},
    {V "models: {x: [ecko/y]}\n",
     "c.yaml:2: expected the name of a provider, found \"ecko\"; did you mean echo?"},
    {V "models: {x: [y]}\n", "c.yaml:2: expected a target `provider/model`"},
    {V "models: {x: [echo/]}\n", "c.yaml:2: expected a target `provider/model`"},
    {V "models: {x: echo/y}\n", "c.yaml:2: expected a list of targets such as [provider/model]"},
    {V "models: {x: [echo/y, echo/y]}\n", "c.yaml:2: expected each target once"},
    {V "models: {x: [echo/1, echo/2, echo/3, echo/4, echo/5, echo/6, echo/7, echo/8, echo/9]}\n",
     "c.yaml:2: expected at most 8 entries, found 9"},
    {V "prices: {x: {input: 1}}\n", "c.yaml:2: expected output in a price, found none"},
    {V "budgets:\n  - {window: day, limit_usd: 1, at_limit: local}\n",
     "c.yaml:3: expected a provider with trust: local for at_limit: local"},
    {V "budgets:\n  - {window: day, limit_usd: 1}\n  - {limit_usd: 2, window: day}\n",
     "c.yaml:4: expected one budget for each key and window"},
    {V "masking: {entities: [PERSN]}\n", "c.yaml:2: expected a list of SECRET | PERSON | LOCATION"},
    {V "masking: {entities: [SECRET], secrets: false}\n",
     "c.yaml:2: expected secrets: true where SECRET is among the entities"},
    {V "masking: {treshold: 0.5}\n",
     "c.yaml:2: expected a setting of masking, found \"treshold\"; did you mean threshold?"},
    {V "audit: {mode: fast}\n", "c.yaml:2: expected durable | batched for mode, found \"fast\""},
    {V "limits: {request_body: 10}\n",
     "c.yaml:2: expected a size from 1KiB to 1GiB for request_body, found \"10\""},
};

static void a_bad_config_says_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct settings s;
        struct conf_fault f = {0};
        BUF_AUTO text = buf_init(4096);
        assert_fails(ERR_INPUT, settings_parse(span_str(bad[i].yaml), "c.yaml", &s, &f));
        assert_ok(conf_fault_text(&f, &text));
        assert_ok(buf_put_u8(&text, 0));
        bool list = strstr(bad[i].want, "SECRET |") != NULL; /* the list of types grows */
        if (list)
            text.p[strlen("c.yaml:2: expected a list of ")] = 0;
        char want[512];
        snprintf(want, sizeof want, "%.*s",
                 list ? (int)strlen("c.yaml:2: expected a list of ") : 511, bad[i].want);
        assert_string_equal((const char *)text.p, want);
        assert_null(s.providers);
        assert_null(strstr(f.text, "sk-"));
    }
    struct settings s;
    struct conf_fault f;
    assert_fails(ERR_IO, settings_load("/nonexistent/c.yaml", &s, &f));
    assert_string_equal(f.text, "expected a readable file: No such file or directory");
}

static void encode(const struct settings *s, struct buf *out)
{
    buf_clear(out);
    assert_ok(settings_encode(s, out));
}

static void the_message_brings_everything_across(void **state)
{
    (void)state;
    struct settings s, back;
    BUF_AUTO message = buf_init(SETTINGS_MESSAGE_MAX);
    BUF_AUTO again = buf_init(SETTINGS_MESSAGE_MAX);
    struct fault f;
    load(full, &s);
    encode(&s, &message);
    assert_ok(settings_decode(buf_span(&message), &back, &f));
    encode(&back, &again);
    assert_span(buf_span(&again), buf_span(&message));
    assert_span(back.providers[0].host, SPAN_LIT("openrouter.example"));
    assert_int_equal(back.listeners[1].port, 11434);
    uint8_t one[SETTINGS_DIGEST], two[SETTINGS_DIGEST];
    assert_ok(settings_digest(&s, one));
    assert_ok(settings_digest(&back, two));
    assert_memory_equal(one, two, sizeof one);
    back.limits.event++;
    assert_ok(settings_digest(&back, two));
    assert_memory_not_equal(one, two, sizeof one);
    settings_free(&s);
    settings_free(&back);
}

/* Every cut and every changed byte: refused, or it is another valid message. */
static void the_decoder_is_strict(void **state)
{
    (void)state;
    struct settings s, back;
    BUF_AUTO message = buf_init(SETTINGS_MESSAGE_MAX);
    BUF_AUTO again = buf_init(SETTINGS_MESSAGE_MAX);
    struct fault f;
    load(full, &s);
    encode(&s, &message);
    size_t refused = 0;
    for (size_t n = 0; n < message.n; n++) {
        assert_fails(ERR_INPUT, settings_decode(span_cut(buf_span(&message), 0, n), &back, &f));
        assert_non_null(f.why);
    }
    for (size_t i = 0; i < message.n; i++) {
        uint8_t was = message.p[i];
        message.p[i] ^= 0xff;
        if (failed(settings_decode(buf_span(&message), &back, &f))) {
            refused++;
        } else {
            encode(&back, &again);
            assert_span(buf_span(&again), buf_span(&message));
            settings_free(&back);
        }
        message.p[i] = was;
    }
    assert_true(refused > message.n / 2);
    assert_ok(buf_put_u8(&message, 0));
    assert_fails(ERR_INPUT, settings_decode(buf_span(&message), &back, &f));
    settings_free(&s);
}

static void what_show_prints_is_the_same_config(void **state)
{
    (void)state;
    static const char *const configs[] = {full, settings_default_yaml};
    for (size_t i = 0; i < 2; i++) {
        struct settings s, back;
        uint8_t one[SETTINGS_DIGEST], two[SETTINGS_DIGEST];
        BUF_AUTO text = buf_init(1 << 20);
        BUF_AUTO json = buf_init(1 << 20);
        load(configs[i], &s);
        assert_ok(settings_show(&s, &text));
        assert_ok(buf_put_u8(&text, 0));
        load((const char *)text.p, &back);
        assert_ok(settings_digest(&s, one));
        assert_ok(settings_digest(&back, two));
        assert_memory_equal(one, two, sizeof one);
        struct span port;
        assert_ok(settings_show_json(&s, &json));
        assert_ok(json_find(buf_span(&json), &port, "limits", "header", NULL));
        assert_span(port, SPAN_LIT("65536"));
        settings_free(&s);
        settings_free(&back);
    }
}

static void assert_route(const struct settings *s, const char *asked, const char *want)
{
    struct settings_hop hop[SETTINGS_TARGETS_MAX];
    BUF_AUTO got = buf_init(4096);
    size_t n = settings_route(s, span_str(asked), hop);
    for (size_t i = 0; i < n; i++) {
        assert_ok(buf_puts(&got, i ? " " : ""));
        assert_ok(buf_put(&got, s->providers[hop[i].provider].name));
        assert_ok(buf_puts(&got, ":"));
        assert_ok(buf_put(&got, hop[i].model));
    }
    assert_span(buf_span(&got), span_str(want));
}

static void a_name_finds_its_targets(void **state)
{
    (void)state;
    struct settings s;
    load(full, &s);
    assert_route(&s, "fast", "local:llama3.2 openrouter:small");
    assert_route(&s, "claude-3-opus", "claude:old openrouter:claude-3-opus");
    assert_route(&s, "claude-4", "claude:claude-4");
    assert_route(&s, "gpt-5", "openrouter:gpt-5");
    assert_route(&s, "local/qwen/3", "local:qwen/3");
    assert_route(&s, "claude/odd", "local:odd");
    assert_route(&s, "claude/even", "claude:even");
    assert_route(&s, "meta/llama", "openrouter:meta/llama");
    assert_route(&s, "local/", "openrouter:local/");
    assert_route(&s, "fast ", "openrouter:fast ");
    settings_free(&s);
    load("version: 1\nproviders: {a: {kind: echo}, b: {kind: echo}}\n", &s);
    assert_route(&s, "x", "");
    assert_route(&s, "b/x", "b:x");
    settings_free(&s);
    load("version: 1\nproviders: {only: {kind: echo}}\n", &s);
    assert_route(&s, "x", "only:x");
    settings_free(&s);
    assert_true(settings_match(SPAN_LIT("a*b*c"), SPAN_LIT("aXbXbXc")));
    assert_false(settings_match(SPAN_LIT("a*b*c"), SPAN_LIT("aXbXbXd")));
    assert_true(settings_match(SPAN_LIT("*"), SPAN_LIT("")));
    assert_false(settings_match(SPAN_LIT(""), SPAN_LIT("a")));
}

static void read_file(const char *name, struct buf *out)
{
    char path[4096], chunk[4096];
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        assert_ok(buf_put(out, span(chunk, n)));
    fclose(f);
}

static void the_reference_page_is_current(void **state)
{
    (void)state;
    BUF_AUTO page = buf_init(1 << 20);
    BUF_AUTO made = buf_init(1 << 20);
    read_file("docs/CONFIG.md", &page);
    assert_ok(settings_reference(&made));
    /* When this fails: build/sanctum config reference > docs/CONFIG.md */
    assert_span(buf_span(&made), buf_span(&page));
}

static void the_path_follows_option_and_environment(void **state)
{
    (void)state;
    BUF_AUTO path = buf_init(4096);
    setenv("SANCTUM_CONFIG", "/env.yaml", 1);
    assert_ok(settings_path("/given.yaml", &path));
    assert_string_equal((const char *)path.p, "/given.yaml");
    assert_ok(settings_path(NULL, &path));
    assert_string_equal((const char *)path.p, "/env.yaml");
    unsetenv("SANCTUM_CONFIG");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    assert_ok(settings_path(NULL, &path));
    if (path.n) /* only where this machine has a config of its own */
        assert_string_equal((const char *)path.p, "/etc/sanctum/sanctum.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_config_holds_without_a_file),
        cmocka_unit_test(a_full_config_is_read),
        cmocka_unit_test(a_bad_config_says_what_was_expected),
        cmocka_unit_test(the_message_brings_everything_across),
        cmocka_unit_test(the_decoder_is_strict),
        cmocka_unit_test(what_show_prints_is_the_same_config),
        cmocka_unit_test(a_name_finds_its_targets),
        cmocka_unit_test(the_reference_page_is_current),
        cmocka_unit_test(the_path_follows_option_and_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
