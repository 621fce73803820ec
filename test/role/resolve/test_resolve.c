/* SPDX-License-Identifier: Apache-2.0 */
/* What resolve may be asked and what it may answer. */
#include "unit.h"

#include <stdio.h>

#include "../../../src/role/resolve/policy.c"

static struct settings_provider providers[] = {
    {.host = {(const uint8_t *)"api.example.com", 15}, .port = 443},
    {.host = {(const uint8_t *)"localhost", 9}, .port = 11434},
    {.host = {(const uint8_t *)"gpu.lan", 7}, .port = 8000, .private_network = true},
    {.host = {(const uint8_t *)"192.168.1.5", 11}, .port = 80},
    {.host = {(const uint8_t *)"api.example.com", 15}, .port = 8443, .private_network = true},
    {.host = {(const uint8_t *)"gpu.localhost", 13}, .port = 8000, .private_network = true},
    {.host = {(const uint8_t *)"", 0}, .port = 0}, /* echo */
};
static const struct settings set = {.providers = providers,
                                    .n_providers = sizeof providers / sizeof providers[0]};

static enum resolve_trust ask(const char *host, uint16_t port)
{
    return resolve_policy(&set, span_str(host), port);
}

static void who_may_be_asked_for(void **state)
{
    (void)state;
    assert_int_equal(ask("api.example.com", 443), RESOLVE_GLOBAL);
    assert_int_equal(ask("API.Example.COM", 443), RESOLVE_GLOBAL);
    assert_int_equal(ask("api.example.com", 8443), RESOLVE_ANY);
    assert_int_equal(ask("localhost", 11434), RESOLVE_LOCAL);
    assert_int_equal(ask("LocalHost", 11434), RESOLVE_LOCAL);
    assert_int_equal(ask("gpu.localhost", 8000), RESOLVE_LOCAL);
    assert_int_equal(ask("gpu.lan", 8000), RESOLVE_ANY);
    assert_int_equal(ask("192.168.1.5", 80), RESOLVE_ANY);
    assert_int_equal(ask("api.example.com", 80), RESOLVE_UNKNOWN);
    assert_int_equal(ask("evil.example.com", 443), RESOLVE_UNKNOWN);
    assert_int_equal(ask("api.example.com.", 443), RESOLVE_UNKNOWN);
    assert_int_equal(ask("x.api.example.com", 443), RESOLVE_UNKNOWN);
    assert_int_equal(ask("", 0), RESOLVE_UNKNOWN);
}

static size_t kept(enum resolve_trust t, const char *first)
{
    static const char *const all[] = {"10.0.0.1", "1.1.1.1",      "127.0.0.1",      "::1",
                                      "fd00::1",  "2606:4700::1", "169.254.169.254"};
    struct net_addr a[7];
    for (size_t i = 0; i < 7; i++)
        assert_ok(net_parse_ip(span_str(all[i]), 1, &a[i]));
    size_t n = resolve_filter(t, a, 7);
    if (n) {
        struct net_addr want;
        assert_ok(net_parse_ip(span_str(first), 1, &want));
        assert_true(net_same(&a[0], &want));
    }
    return n;
}

static void what_may_come_back(void **state)
{
    (void)state;
    assert_int_equal(kept(RESOLVE_GLOBAL, "1.1.1.1"), 2); /* both families, in order */
    assert_int_equal(kept(RESOLVE_LOCAL, "127.0.0.1"), 2);
    assert_int_equal(kept(RESOLVE_ANY, "10.0.0.1"), 7);
    assert_int_equal(kept(RESOLVE_UNKNOWN, ""), 0);
}

static void this_machine_is_known_without_asking(void **state)
{
    (void)state;
    struct net_addr a[RESOLVE_LOCAL_ADDRESSES];
    char text[NET_TEXT_MAX];
    assert_int_equal(resolve_local(11434, a), 2);
    assert_string_equal(net_format(&a[0], text), "127.0.0.1:11434");
    assert_string_equal(net_format(&a[1], text), "[::1]:11434");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_may_be_asked_for),
                                       cmocka_unit_test(what_may_come_back),
                                       cmocka_unit_test(this_machine_is_known_without_asking)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
