/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the settings message and as a config file. What is accepted encodes to itself, is
 * shown as a config that gives the same settings and as JSON, and routes.
 */
/* covers: src/role/settings/codec.c src/role/settings/load.c src/role/settings/derive.c */
/* covers: src/role/settings/mask_words.c src/role/settings/route.c src/role/settings/show.c */
/* planted: src/role/settings/codec.c | return rd_end(&r->rd); | return OK; */
#include "json.h"
#include "settings_load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* `whole`: they come from a config, so a config can say them. */
static void check(const struct settings *s, struct span asked, bool whole)
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
    buf_clear(&two);
    if (!failed(settings_show_json(&back, &two))) {
        struct json j = json_of(buf_span(&two));
        must(!failed(json_skip_value(&j, NULL)));
    }
    if (!failed(settings_show(&back, &shown))) {
        struct settings again;
        struct conf_fault f;
        buf_clear(&two);
        bool read = !failed(settings_parse(buf_span(&shown), "shown", &again, &f));
        must(read || !whole);
        if (read) {
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
        BUF_AUTO again = buf_init(SETTINGS_MESSAGE_MAX);
        must(!failed(settings_encode(&s, &again)));
        must(span_eq(buf_span(&again), span(data, size))); /* a message has one spelling */
        check(&s, span_cut(span(data, size), 0, 20), false);
        settings_free(&s);
    } else {
        must(f.why && f.at <= size);
    }
    if (!failed(settings_parse(span(data, size), "fuzz", &s, &cf))) {
        check(&s, span_cut(span(data, size), 0, 20), true);
        settings_free(&s);
    } else {
        must(*cf.text);
    }
    return 0;
}
