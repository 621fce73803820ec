/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of recognisers: a fault with a line, or recognisers that a scanner takes,
 * that survive the message to the roles, and that look at a text without a finding out of place.
 */
#include "scan.h"
#include "settings_load.h"
#include "settings_rules.h"

#include <stdlib.h>

/* covers: src/role/settings/recognisers.c */
/* planted: src/role/settings/recognisers.c | return found ? fault( | return found && start ?
 * fault( */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* What a role gets is what was read. */
static void through_the_message(const struct settings *s)
{
    struct buf message = buf_init(SETTINGS_MESSAGE_MAX), again = buf_init(SETTINGS_MESSAGE_MAX);
    struct settings back;
    struct err e = settings_encode(s, &message);
    if (!failed(e)) {
        must(!failed(settings_decode(buf_span(&message), &back, NULL)));
        must(!failed(settings_encode(&back, &again)));
        must(span_eq(buf_span(&message), buf_span(&again)));
        settings_free(&back);
    }
    buf_free(&message);
    buf_free(&again);
}

static void look(const struct settings *s, struct span text)
{
    struct arena a = arena_init(SETTINGS_MEMORY_MAX);
    struct mask_rules r;
    struct scanner *sc;
    struct findings f = {.max = 1 << 16};
    struct scan_config cfg = scan_config_default();
    must(!failed(settings_rules(s, &s->masking, &a, &r)));
    for (size_t i = 0; i < r.custom_n; i++)
        for (size_t k = 0; k < r.custom[i].n; k++)
            must(!failed(scan_pattern_check(&r.custom[i].v[k], NULL)));
    cfg.custom = r.custom;
    cfg.custom_n = r.custom_n;
    cfg.threshold = 0;
    struct err e = scanner_new(&cfg, &sc);
    must(err_cat(e) != ERR_INPUT);
    if (!failed(e)) {
        e = scan_text(sc, text, &f);
        must(!failed(e) || err_cat(e) == ERR_LIMIT || err_cat(e) == ERR_NOMEM);
        for (size_t i = 0; i < f.n; i++)
            must(f.v[i].start < f.v[i].end && f.v[i].end <= text.n && f.v[i].entity < ENTITY_ALL);
        scanner_free(sc);
    }
    findings_free(&f);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    size_t cut = span_find(in, 0, 0); /* behind a NUL: a text to look at */
    struct settings s;
    struct conf_fault f = {0};
    bool config = span_starts(in, SPAN_LIT("version"));
    struct err e = config ? settings_parse(span_cut(in, 0, cut), "fuzz.yaml", &s, &f)
                          : settings_load(NULL, &s, &f);
    must(config || !failed(e));
    if (!config)
        e = settings_parse_recognisers(&s, span_cut(in, 0, cut), "fuzz.yaml", &f);
    if (failed(e)) {
        must(err_cat(e) != ERR_INPUT || (*f.text && f.line <= size + 2));
    } else {
        through_the_message(&s);
        look(&s, span_cut(span_from(in, cut + 1), 0, 4096));
    }
    settings_free(&s);
    return 0;
}
