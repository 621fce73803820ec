/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the settings message and as a config file. What is accepted encodes to itself, is
 * shown as a config that gives the same settings, and routes.
 */
#include "settings_load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct settings *s, struct span asked)
{
    BUF_AUTO one = buf_init(SETTINGS_MESSAGE_MAX);
    BUF_AUTO two = buf_init(SETTINGS_MESSAGE_MAX);
    BUF_AUTO shown = buf_init(CONF_BYTES_MAX);
    struct settings back;
    struct settings_hop hop[SETTINGS_TARGETS_MAX];
    if (failed(settings_encode(s, &one)))
        return; /* over the ceiling */
    must(!failed(settings_decode(buf_span(&one), &back, NULL)));
    must(!failed(settings_encode(&back, &two)));
    must(span_eq(buf_span(&one), buf_span(&two)));
    size_t n = settings_route(&back, asked, hop);
    for (size_t i = 0; i < n; i++)
        must(hop[i].provider < back.n_providers && hop[i].model.n > 0);
    if (!failed(settings_show(&back, &shown))) {
        struct settings again;
        struct conf_fault f;
        buf_clear(&two);
        if (!failed(settings_parse(buf_span(&shown), "shown", &again, &f))) {
            must(!failed(settings_encode(&again, &two)));
            must(span_eq(buf_span(&one), buf_span(&two)));
            settings_free(&again);
        }
    }
    settings_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s;
    struct fault f = {0};
    struct conf_fault cf = {0};
    if (!failed(settings_decode(span(data, size), &s, &f))) {
        check(&s, span(data, size > 20 ? 20 : size));
        settings_free(&s);
    } else {
        must(f.why && f.at <= size);
    }
    if (!failed(settings_parse(span(data, size), "fuzz", &s, &cf))) {
        check(&s, span(data, size > 20 ? 20 : size));
        settings_free(&s);
    } else {
        must(*cf.text);
    }
    return 0;
}
