/* SPDX-License-Identifier: Apache-2.0 */
/* Settings back to text: complete YAML that reads back as the same settings, and JSON. */
#include "json_put.h"
#include "settings_int.h"
#include "settings_load.h"

/* The masking section without the bit that `secrets` stands for. */
static struct settings_masking without_secret(const struct settings_masking *m)
{
    struct settings_masking copy = *m;
    copy.entities &= ~((unsigned __int128)1 << ENTITY_SECRET);
    return copy;
}

/* A text that was left out has no spelling: left out again. */
static bool absent(const struct conf_setting *row, const void *field)
{
    struct span text;
    if (row->type != CONF_TEXT)
        return row->type == CONF_NESTED;
    memcpy(&text, field, sizeof text);
    return text.n == 0;
}

static struct err indent(struct buf *out, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++)
        TRY(buf_puts(out, "  "));
    return OK;
}

static struct err rows(struct buf *out, enum section which, const void *from, unsigned levels)
{
    const struct conf_table *t = &settings_tables[which];
    for (size_t i = 0; i < t->n; i++) {
        const void *field = (const uint8_t *)from + t->v[i].offset;
        if (absent(&t->v[i], field))
            continue;
        TRY(indent(out, levels));
        TRY(buf_printf(out, "%s: ", t->v[i].name));
        TRY(conf_print(&t->v[i], field, out));
        TRY(buf_put_u8(out, '\n'));
    }
    return OK;
}

/* A list's element: its rows in braces on one line. */
static struct err braces(struct buf *out, enum section which, const void *from)
{
    const struct conf_table *t = &settings_tables[which];
    const char *comma = "";
    TRY(buf_put_u8(out, '{'));
    for (size_t i = 0; i < t->n; i++) {
        const void *field = (const uint8_t *)from + t->v[i].offset;
        if (absent(&t->v[i], field))
            continue;
        TRY(buf_printf(out, "%s%s: ", comma, t->v[i].name));
        TRY(conf_print(&t->v[i], field, out));
        comma = ", ";
    }
    return buf_puts(out, "}\n");
}

static struct err quoted(struct buf *out, struct span text)
{
    static const struct conf_setting row = {.type = CONF_TEXT};
    return conf_print(&row, &text, out);
}

static struct err show_providers(const struct settings *s, struct buf *out)
{
    TRY(buf_puts(out, "providers:\n"));
    for (size_t i = 0; i < s->n_providers; i++) {
        const struct settings_provider *p = &s->providers[i];
        struct settings_masking masking = without_secret(&p->masking);
        TRY(buf_puts(out, "  "));
        TRY(quoted(out, p->name));
        TRY(buf_puts(out, ":\n"));
        TRY(rows(out, SECTION_provider, p, 2));
        TRY(buf_puts(out, "    timeouts:\n"));
        TRY(rows(out, SECTION_timeouts, &p->timeouts, 3));
        TRY(buf_puts(out, "    masking:\n"));
        TRY(rows(out, SECTION_masking, &masking, 3));
    }
    return OK;
}

static struct err target_text(const struct settings *s, const struct settings_target *t,
                              struct buf *out)
{
    TRY(buf_put(out, s->providers[t->provider].name));
    TRY(buf_put_u8(out, '/'));
    return buf_put(out, t->model);
}

static struct err show_models(const struct settings *s, struct buf *out)
{
    TRY(buf_puts(out, s->n_models ? "models:\n" : "models: {}\n"));
    for (size_t i = 0; i < s->n_models; i++) {
        const struct settings_model *m = &s->models[i];
        TRY(buf_puts(out, "  "));
        TRY(quoted(out, m->pattern));
        TRY(buf_puts(out, ": ["));
        for (size_t k = 0; k < m->n_targets; k++) {
            BUF_AUTO text = buf_init(1024);
            TRY(target_text(s, &m->targets[k], &text));
            TRY(buf_puts(out, k ? ", " : ""));
            TRY(quoted(out, buf_span(&text)));
        }
        TRY(buf_puts(out, "]\n"));
    }
    return OK;
}

static struct err show_money(const struct settings *s, struct buf *out)
{
    TRY(buf_puts(out, s->n_prices ? "prices:\n" : "prices: {}\n"));
    for (size_t i = 0; i < s->n_prices; i++) {
        TRY(buf_puts(out, "  "));
        TRY(quoted(out, s->prices[i].pattern));
        TRY(buf_puts(out, ": "));
        TRY(braces(out, SECTION_price, &s->prices[i]));
    }
    TRY(buf_puts(out, s->n_budgets ? "budgets:\n" : "budgets: []\n"));
    for (size_t i = 0; i < s->n_budgets; i++) {
        TRY(buf_puts(out, "  - "));
        TRY(braces(out, SECTION_budget, &s->budgets[i]));
    }
    return OK;
}

struct err settings_show(const struct settings *s, struct buf *out)
{
    struct settings_masking masking = without_secret(&s->masking);
    TRY(buf_puts(out, "version: 1\n"));
    TRY(rows(out, SECTION_top, s, 0));
    TRY(buf_puts(out, "listen:\n"));
    for (size_t i = 0; i < s->n_listeners; i++) {
        TRY(buf_puts(out, "  - "));
        TRY(braces(out, SECTION_listener, &s->listeners[i]));
    }
    TRY(show_providers(s, out));
    TRY(show_models(s, out));
    TRY(show_money(s, out));
    TRY(buf_puts(out, s->n_recognisers ? "recognisers:\n" : "recognisers: []\n"));
    for (size_t i = 0; i < s->n_recognisers; i++) {
        TRY(buf_puts(out, "  - "));
        TRY(braces(out, SECTION_recogniser, &s->recognisers[i]));
    }
    TRY(buf_puts(out, "masking:\n"));
    TRY(rows(out, SECTION_masking, &masking, 1));
    TRY(buf_puts(out, "audit:\n"));
    TRY(rows(out, SECTION_audit, &s->audit, 1));
    TRY(buf_puts(out, "limits:\n"));
    TRY(rows(out, SECTION_limits, &s->limits, 1));
    TRY(buf_puts(out, "timeouts:\n"));
    return rows(out, SECTION_timeouts, &s->timeouts, 1);
}

/* ---- JSON ---- */

static void json_texts(struct json_put *p, const struct conf_setting *row, const void *field)
{
    struct conf_texts list = {NULL, 0};
    unsigned __int128 bits = 0;
    if (row->type == CONF_TEXTS)
        memcpy(&list, field, sizeof list);
    else
        memcpy(&bits, field, sizeof bits);
    json_put_array(p, row->name);
    for (size_t i = 0; i < list.n; i++)
        json_put_str(p, NULL, list.v[i]);
    for (size_t i = 0; bits >> i; i++)
        if (bits >> i & 1)
            json_put_str(p, NULL, conf_word(row->words, i));
    json_put_end(p);
}

/* Sizes in bytes, durations in milliseconds, money in nano-dollars. */
static void json_row(struct json_put *p, const struct conf_setting *row, const void *field)
{
    bool yes;
    uint32_t word;
    uint64_t v;
    double fraction;
    struct span text;
    switch (row->type) {
    case CONF_BOOL:
        memcpy(&yes, field, sizeof yes);
        json_put_bool(p, row->name, yes);
        return;
    case CONF_WORD:
        memcpy(&word, field, sizeof word);
        json_put_str(p, row->name, conf_word(row->words, word));
        return;
    case CONF_FRACTION:
        memcpy(&fraction, field, sizeof fraction);
        json_put_double(p, row->name, fraction);
        return;
    case CONF_TEXT:
        memcpy(&text, field, sizeof text);
        json_put_str(p, row->name, text);
        return;
    case CONF_WORDS:
    case CONF_TEXTS:
        json_texts(p, row, field);
        return;
    default:
        memcpy(&v, field, sizeof v);
        json_put_u64(p, row->name, v);
    }
}

static void json_rows(struct json_put *p, enum section which, const void *from)
{
    const struct conf_table *t = &settings_tables[which];
    for (size_t i = 0; i < t->n; i++) {
        const void *field = (const uint8_t *)from + t->v[i].offset;
        if (!absent(&t->v[i], field))
            json_row(p, &t->v[i], field);
    }
}

static void json_section(struct json_put *p, const char *name, enum section which, const void *from)
{
    json_put_object(p, name);
    json_rows(p, which, from);
    json_put_end(p);
}

static void json_providers(struct json_put *p, const struct settings *s)
{
    json_put_object(p, "providers");
    for (size_t i = 0; i < s->n_providers; i++) {
        const struct settings_provider *one = &s->providers[i];
        json_put_key(p, one->name);
        json_put_object(p, NULL);
        json_rows(p, SECTION_provider, one);
        json_section(p, "timeouts", SECTION_timeouts, &one->timeouts);
        json_section(p, "masking", SECTION_masking, &one->masking);
        json_put_end(p);
    }
    json_put_end(p);
}

static void json_models(struct json_put *p, const struct settings *s)
{
    json_put_array(p, "models"); /* a list: the order they are tried in */
    for (size_t i = 0; i < s->n_models; i++) {
        json_put_object(p, NULL);
        json_put_str(p, "pattern", s->models[i].pattern);
        json_put_array(p, "targets");
        for (size_t k = 0; k < s->models[i].n_targets; k++) {
            BUF_AUTO text = buf_init(1024);
            struct err e = target_text(s, &s->models[i].targets[k], &text);
            if (failed(e))
                p->e = e;
            json_put_str(p, NULL, buf_span(&text));
        }
        json_put_end(p);
        json_put_end(p);
    }
    json_put_end(p);
}

static void json_money(struct json_put *p, const struct settings *s)
{
    json_put_object(p, "prices");
    for (size_t i = 0; i < s->n_prices; i++) {
        json_put_key(p, s->prices[i].pattern);
        json_section(p, NULL, SECTION_price, &s->prices[i]);
    }
    json_put_end(p);
    json_put_array(p, "budgets");
    for (size_t i = 0; i < s->n_budgets; i++)
        json_section(p, NULL, SECTION_budget, &s->budgets[i]);
    json_put_end(p);
}

struct err settings_show_json(const struct settings *s, struct buf *out)
{
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_u64(&p, "version", 1);
    json_rows(&p, SECTION_top, s);
    json_put_array(&p, "listen");
    for (size_t i = 0; i < s->n_listeners; i++)
        json_section(&p, NULL, SECTION_listener, &s->listeners[i]);
    json_put_end(&p);
    json_providers(&p, s);
    json_models(&p, s);
    json_money(&p, s);
    json_put_array(&p, "recognisers");
    for (size_t i = 0; i < s->n_recognisers; i++)
        json_section(&p, NULL, SECTION_recogniser, &s->recognisers[i]);
    json_put_end(&p);
    json_section(&p, "masking", SECTION_masking, &s->masking);
    json_section(&p, "audit", SECTION_audit, &s->audit);
    json_section(&p, "limits", SECTION_limits, &s->limits);
    json_section(&p, "timeouts", SECTION_timeouts, &s->timeouts);
    json_put_end(&p);
    return json_put_done(&p);
}
