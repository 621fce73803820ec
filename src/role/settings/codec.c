/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings as one message from parent to a role, little-endian:
 *
 *   magic "SNCT", u32 format
 *   the sections top, masking, audit, limits, timeouts, each row of its table in order
 *   u32 count, then as many: recognisers; listeners; providers (row values, name, timeouts,
 * masking); models (pattern, u32 count of targets: u32 provider, model); prices (pattern, rows);
 * budgets
 *
 * Derived fields are not sent: the receiver derives them again, which checks them.
 */
#include "rd.h"
#include "settings_int.h"
#include "utf8.h"

enum { FORMAT = 2, TEXT_MAX = 4096 };
static const char magic[] = "SNCT";

/* ---- write ---- */

static struct err put_le(struct buf *out, unsigned width, uint64_t v)
{
    for (unsigned i = 0; i < width; i++)
        TRY(buf_put_u8(out, (uint8_t)(v >> (8 * i))));
    return OK;
}

static struct err put_text(struct buf *out, struct span s)
{
    TRY(put_le(out, 4, s.n));
    return buf_put(out, s);
}

static struct err put_texts(struct buf *out, const void *field)
{
    struct conf_texts list;
    memcpy(&list, field, sizeof list);
    TRY(put_le(out, 4, list.n));
    for (size_t i = 0; i < list.n; i++)
        TRY(put_text(out, list.v[i]));
    return OK;
}

static struct err put_row(struct buf *out, const struct conf_setting *row, const void *field)
{
    bool yes;
    uint32_t word;
    uint64_t v;
    double fraction;
    unsigned __int128 bits;
    struct span text;
    switch (row->type) {
    case CONF_NESTED:
        return OK;
    case CONF_BOOL:
        memcpy(&yes, field, sizeof yes);
        return put_le(out, 1, yes);
    case CONF_WORD:
        memcpy(&word, field, sizeof word);
        return put_le(out, 1, word);
    case CONF_FRACTION:
        memcpy(&fraction, field, sizeof fraction);
        return put_le(out, 8, (uint64_t)(fraction * 1e6 + 0.5));
    case CONF_TEXT:
        memcpy(&text, field, sizeof text);
        return put_text(out, text);
    case CONF_WORDS:
        memcpy(&bits, field, sizeof bits);
        TRY(put_le(out, 8, (uint64_t)bits));
        return put_le(out, 8, (uint64_t)(bits >> 64));
    case CONF_TEXTS:
        return put_texts(out, field);
    default:
        memcpy(&v, field, sizeof v);
        return put_le(out, 8, v);
    }
}

static struct err put_section(struct buf *out, enum section which, const void *from)
{
    const struct conf_table *t = &settings_tables[which];
    for (size_t i = 0; i < t->n; i++)
        TRY(put_row(out, &t->v[i], (const uint8_t *)from + t->v[i].offset));
    return OK;
}

static struct err put_provider(struct buf *out, const struct settings_provider *p)
{
    TRY(put_section(out, SECTION_provider, p));
    TRY(put_text(out, p->name));
    TRY(put_section(out, SECTION_timeouts, &p->timeouts));
    return put_section(out, SECTION_masking, &p->masking);
}

static struct err put_model(struct buf *out, const struct settings_model *m)
{
    TRY(put_text(out, m->pattern));
    TRY(put_le(out, 4, m->n_targets));
    for (size_t i = 0; i < m->n_targets; i++) {
        TRY(put_le(out, 4, m->targets[i].provider));
        TRY(put_text(out, m->targets[i].model));
    }
    return OK;
}

static struct err put_lists(struct buf *out, const struct settings *s)
{
    TRY(put_le(out, 4, s->n_recognisers));
    for (size_t i = 0; i < s->n_recognisers; i++)
        TRY(put_section(out, SECTION_recogniser, &s->recognisers[i]));
    TRY(put_le(out, 4, s->n_listeners));
    for (size_t i = 0; i < s->n_listeners; i++)
        TRY(put_section(out, SECTION_listener, &s->listeners[i]));
    TRY(put_le(out, 4, s->n_providers));
    for (size_t i = 0; i < s->n_providers; i++)
        TRY(put_provider(out, &s->providers[i]));
    TRY(put_le(out, 4, s->n_models));
    for (size_t i = 0; i < s->n_models; i++)
        TRY(put_model(out, &s->models[i]));
    TRY(put_le(out, 4, s->n_prices));
    for (size_t i = 0; i < s->n_prices; i++) {
        TRY(put_text(out, s->prices[i].pattern));
        TRY(put_section(out, SECTION_price, &s->prices[i]));
    }
    TRY(put_le(out, 4, s->n_budgets));
    for (size_t i = 0; i < s->n_budgets; i++)
        TRY(put_section(out, SECTION_budget, &s->budgets[i]));
    return OK;
}

struct err settings_encode(const struct settings *s, struct buf *out)
{
    size_t before = out->n;
    TRY(buf_puts(out, magic));
    TRY(put_le(out, 4, FORMAT));
    TRY(put_section(out, SECTION_top, s));
    TRY(put_section(out, SECTION_masking, &s->masking));
    TRY(put_section(out, SECTION_audit, &s->audit));
    TRY(put_section(out, SECTION_limits, &s->limits));
    TRY(put_section(out, SECTION_timeouts, &s->timeouts));
    TRY(put_lists(out, s));
    return out->n - before > SETTINGS_MESSAGE_MAX ? err(ERR_LIMIT) : OK;
}

/* ---- read ---- */

struct reader {
    struct rd rd;
    struct settings *s;
    const char *why;
};

static struct err wrong(struct reader *r, const char *why)
{
    r->why = why;
    return err(ERR_INPUT);
}

static struct err get_text(struct reader *r, uint64_t min, uint64_t max, struct span *out)
{
    uint64_t n;
    TRY(rd_le(&r->rd, 4, &n));
    TRY(rd_take(&r->rd, n, out));
    if (n > max || (n && n < min))
        return wrong(r, "text of a length that the setting does not allow");
    return utf8_is_line(*out) ? OK
                              : wrong(r, "text that is not UTF-8, or with a control character");
}

/* A list's length: at most `max`, and no more than the bytes left could hold. */
static struct err get_count(struct reader *r, uint64_t max, size_t *n)
{
    uint64_t v;
    TRY(rd_le(&r->rd, 4, &v));
    if (v > max || v > rd_left(&r->rd))
        return wrong(r, "list too long");
    *n = (size_t)v;
    return OK;
}

static struct err take_array(struct reader *r, size_t n, size_t size, void *pointer)
{
    void *p;
    TRY(arena_take(&r->s->arena, n * size, &p));
    memcpy(pointer, &p, sizeof p);
    return OK;
}

static struct err get_texts(struct reader *r, const struct conf_setting *row, void *field)
{
    struct conf_texts list;
    TRY(get_count(r, SETTINGS_TEXTS_MAX, &list.n));
    TRY(take_array(r, list.n, sizeof *list.v, &list.v));
    for (size_t i = 0; i < list.n; i++) {
        TRY(get_text(r, row->min, row->max, &list.v[i]));
        if (list.v[i].n == 0)
            return wrong(r, "empty text in a list");
    }
    memcpy(field, &list, sizeof list);
    return OK;
}

static struct err get_number(struct reader *r, const struct conf_setting *row, void *field)
{
    unsigned width = row->type == CONF_BOOL || row->type == CONF_WORD ? 1 : 8;
    uint64_t v;
    TRY(rd_le(&r->rd, width, &v));
    if (v < row->min || v > row->max)
        return wrong(r, "number out of the setting's range");
    bool yes = v != 0;
    uint32_t word = (uint32_t)v;
    double fraction = (double)v / 1e6;
    if (row->type == CONF_BOOL)
        memcpy(field, &yes, sizeof yes);
    else if (row->type == CONF_WORD)
        memcpy(field, &word, sizeof word);
    else if (row->type == CONF_FRACTION)
        memcpy(field, &fraction, sizeof fraction);
    else
        memcpy(field, &v, sizeof v);
    return OK;
}

static struct err get_set(struct reader *r, void *field)
{
    uint64_t low, high;
    TRY(rd_le(&r->rd, 8, &low));
    TRY(rd_le(&r->rd, 8, &high));
    unsigned __int128 bits = (unsigned __int128)high << 64 | low;
    if (bits >> (ENTITY_COUNT - 1) > 1)
        return wrong(r, "entity type that is none");
    memcpy(field, &bits, sizeof bits);
    return OK;
}

static struct err get_section(struct reader *r, enum section which, void *to)
{
    const struct conf_table *t = &settings_tables[which];
    for (size_t i = 0; i < t->n; i++) {
        const struct conf_setting *row = &t->v[i];
        void *field = (uint8_t *)to + row->offset;
        struct span text;
        if (row->type == CONF_NESTED)
            continue;
        if (row->type == CONF_TEXTS) {
            TRY(get_texts(r, row, field));
        } else if (row->type == CONF_WORDS) {
            TRY(get_set(r, field));
        } else if (row->type != CONF_TEXT) {
            TRY(get_number(r, row, field));
        } else {
            TRY(get_text(r, row->min, row->max, &text));
            if (text.n == 0 && row->flags & CONF_REQUIRED)
                return wrong(r, "required text is missing");
            memcpy(field, &text, sizeof text);
        }
    }
    return OK;
}

static struct err get_masking(struct reader *r, struct settings_masking *m)
{
    TRY(get_section(r, SECTION_masking, m));
    bool listed = m->entities >> ENTITY_SECRET & 1;
    return listed == m->secrets ? OK : wrong(r, "two answers to whether secrets are masked");
}

static struct err get_recognisers(struct reader *r)
{
    struct settings *s = r->s;
    TRY(get_count(r, SETTINGS_RECOGNISERS_MAX, &s->n_recognisers));
    TRY(take_array(r, s->n_recognisers, sizeof *s->recognisers, &s->recognisers));
    for (size_t i = 0; i < s->n_recognisers; i++)
        TRY(get_section(r, SECTION_recogniser, &s->recognisers[i]));
    return settings_check_recognisers(s, &r->why);
}

/* After the recognisers, which name types. */
static struct err check_maskings(struct reader *r)
{
    const struct settings *s = r->s;
    bool operators;
    size_t at;
    TRY(settings_check_masking(s, &s->masking, &operators, &at, &r->why));
    for (size_t i = 0; i < s->n_providers; i++)
        TRY(settings_check_masking(s, &s->providers[i].masking, &operators, &at, &r->why));
    return OK;
}

static struct err get_listeners(struct reader *r)
{
    struct settings *s = r->s;
    TRY(get_count(r, SETTINGS_LISTENERS_MAX, &s->n_listeners));
    TRY(take_array(r, s->n_listeners, sizeof *s->listeners, &s->listeners));
    for (size_t i = 0; i < s->n_listeners; i++) {
        TRY(get_section(r, SECTION_listener, &s->listeners[i]));
        TRY(settings_derive_listener(&s->listeners[i], &r->why));
    }
    return OK;
}

static struct err get_providers(struct reader *r)
{
    struct settings *s = r->s;
    size_t n;
    TRY(get_count(r, SETTINGS_PROVIDERS_MAX, &n));
    TRY(take_array(r, n, sizeof *s->providers, &s->providers));
    for (size_t i = 0; i < n; i++) {
        struct settings_provider *p = &s->providers[i];
        TRY(get_section(r, SECTION_provider, p));
        TRY(get_text(r, 1, 64, &p->name));
        TRY(get_section(r, SECTION_timeouts, &p->timeouts));
        TRY(get_masking(r, &p->masking));
        if (!settings_name_ok(p->name) || settings_provider_find(s, p->name) < i)
            return wrong(r, "provider without a name of its own");
        TRY(settings_derive_provider(p, &r->why));
        s->n_providers = i + 1;
    }
    return OK;
}

static struct err get_targets(struct reader *r, struct settings_model *m)
{
    TRY(get_count(r, SETTINGS_TARGETS_MAX, &m->n_targets));
    TRY(take_array(r, m->n_targets, sizeof *m->targets, &m->targets));
    for (size_t i = 0; i < m->n_targets; i++) {
        uint64_t provider;
        TRY(rd_le(&r->rd, 4, &provider));
        TRY(get_text(r, 1, 256, &m->targets[i].model));
        if (provider >= r->s->n_providers || m->targets[i].model.n == 0)
            return wrong(r, "target that is none");
        m->targets[i].provider = (uint32_t)provider;
    }
    return m->n_targets ? OK : wrong(r, "model without a target");
}

static struct err get_models(struct reader *r)
{
    struct settings *s = r->s;
    TRY(get_count(r, SETTINGS_MODELS_MAX, &s->n_models));
    TRY(take_array(r, s->n_models, sizeof *s->models, &s->models));
    for (size_t i = 0; i < s->n_models; i++) {
        TRY(get_text(r, 1, 256, &s->models[i].pattern));
        TRY(get_targets(r, &s->models[i]));
    }
    return settings_models_ordered(s) ? OK : wrong(r, "models out of order");
}

static struct err get_prices(struct reader *r)
{
    struct settings *s = r->s;
    TRY(get_count(r, SETTINGS_PRICES_MAX, &s->n_prices));
    TRY(take_array(r, s->n_prices, sizeof *s->prices, &s->prices));
    for (size_t i = 0; i < s->n_prices; i++) {
        TRY(get_text(r, 1, 256, &s->prices[i].pattern));
        TRY(get_section(r, SECTION_price, &s->prices[i]));
    }
    TRY(get_count(r, SETTINGS_BUDGETS_MAX, &s->n_budgets));
    TRY(take_array(r, s->n_budgets, sizeof *s->budgets, &s->budgets));
    for (size_t i = 0; i < s->n_budgets; i++)
        TRY(get_section(r, SECTION_budget, &s->budgets[i]));
    return OK;
}

static struct err get_all(struct reader *r)
{
    struct settings *s = r->s;
    struct span mark;
    uint64_t format;
    TRY(rd_take(&r->rd, 4, &mark));
    TRY(rd_le(&r->rd, 4, &format));
    if (!span_is(mark, magic) || format != FORMAT)
        return wrong(r, "not a settings message of this format");
    TRY(get_section(r, SECTION_top, s));
    TRY(get_masking(r, &s->masking));
    TRY(get_section(r, SECTION_audit, &s->audit));
    TRY(get_section(r, SECTION_limits, &s->limits));
    TRY(get_section(r, SECTION_timeouts, &s->timeouts));
    TRY(get_recognisers(r));
    TRY(get_listeners(r));
    TRY(get_providers(r));
    TRY(get_models(r));
    TRY(get_prices(r));
    TRY(check_maskings(r));
    return rd_end(&r->rd);
}

struct err settings_decode(struct span message, struct settings *out, struct fault *f)
{
    *out = (struct settings){.arena = arena_init(SETTINGS_MEMORY_MAX)};
    if (message.n > SETTINGS_MESSAGE_MAX)
        return fault_at(f, ERR_LIMIT, 0, "settings message too long");
    struct span copy;
    TRY(arena_copy(&out->arena, message, &copy));
    struct reader r = {.rd = rd_of(copy), .s = out};
    struct err e = get_all(&r);
    if (!failed(e))
        return OK;
    if (f)
        *f = (struct fault){r.rd.at, r.why ? r.why : "settings message of the wrong length"};
    settings_free(out);
    return e;
}
