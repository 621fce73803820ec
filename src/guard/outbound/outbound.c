/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleaning messages to people. Called by the gate for POST /guard/outbound and by `sanctum
 * outbound`. Frequent: messages of a few hundred bytes with nothing in them.
 */
#include "outbound.h"

#include "json.h"
#include "json_put.h"
#include "scan.h"

#include <stdlib.h>

enum { FINDINGS_MAX = 1 << 20, TEXT_MAX = 32 << 20, LAST = 4 };

/* Surer than a guess: digits that merely could be an account stay. */
#define THRESHOLD 0.5F

/* What is put in the place of a type. NULL: the last characters behind stars. */
static const struct {
    enum entity entity;
    const char *count, *instead;
} rules[] = {
    {ENTITY_US_BANK_NUMBER, "ACCOUNT_NUMBER", NULL},
    {ENTITY_IBAN_CODE, "ACCOUNT_NUMBER", NULL},
    {ENTITY_CREDIT_CARD, "CARD_NUMBER", "[CARD_NUMBER]"},
    {ENTITY_SECRET, "SECRET", "[SECRET]"},
    {ENTITY_US_SSN, "SSN", "[SSN]"},
    {ENTITY_US_ITIN, "SSN", "[SSN]"},
};
enum { RULES = sizeof rules / sizeof *rules };

/* Looked for too, so that their digits are theirs. */
static const enum entity kept[] = {ENTITY_PHONE_NUMBER, ENTITY_EMAIL_ADDRESS, ENTITY_LOCATION,
                                   ENTITY_DATE_TIME, ENTITY_URL};

/*
 * In a message to a person a word is reason enough: a number called an account or a social security
 * number goes, though by itself it could be a customer's or is one that everybody uses as a sample
 * (the scanner leaves those, since text for a model is full of them).
 */
#define ALONE 0.2F /* below THRESHOLD; over it with a word nearby */
#define TEXT(s)                                                                                    \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }
static const struct scan_pattern accounts[] = {{TEXT("\\b\\d{8,17}\\b"), 0, ALONE}};
static const struct span account_words[] = {TEXT("account"), TEXT("accounts"), TEXT("acct"),
                                            TEXT("checking"), TEXT("savings")};
static const struct scan_pattern socials[] = {
    {TEXT("\\b\\d{3}[ .-]?\\d{2}[ .-]?\\d{4}\\b"), 0, ALONE},
    {TEXT("\\b\\d(?:[ .-]\\d){8}\\b"), 0, ALONE},
};
static const struct span social_words[] = {TEXT("ssn"), TEXT("ssns"), TEXT("social security")};
static const struct scan_custom called[] = {
    {.v = accounts,
     .n = sizeof accounts / sizeof *accounts,
     .context = account_words,
     .context_n = sizeof account_words / sizeof *account_words,
     .entity = ENTITY_US_BANK_NUMBER},
    {.v = socials,
     .n = sizeof socials / sizeof *socials,
     .context = social_words,
     .context_n = sizeof social_words / sizeof *social_words,
     .entity = ENTITY_US_SSN},
};

struct outbound {
    struct scanner *scanner;
    struct findings found;
};

struct err outbound_new(struct outbound **out)
{
    struct outbound *o = calloc(1, sizeof *o);
    if (!o)
        return err(ERR_NOMEM);
    struct scan_config cfg = scan_config_default();
    cfg.entities = (struct scan_set){{0}};
    cfg.threshold = THRESHOLD;
    for (size_t i = 0; i < RULES; i++)
        scan_set_add(&cfg.entities, rules[i].entity);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        scan_set_add(&cfg.entities, kept[i]);
    cfg.custom = called;
    cfg.custom_n = sizeof called / sizeof *called;
    o->found.max = FINDINGS_MAX;
    struct err e = scanner_new(&cfg, &o->scanner);
    if (failed(e)) {
        outbound_free(o);
        return e;
    }
    *out = o;
    return OK;
}

void outbound_free(struct outbound *o)
{
    if (!o)
        return;
    scanner_free(o->scanner);
    findings_free(&o->found);
    free(o);
}

static size_t rule_of(unsigned entity)
{
    size_t i = 0;
    while (i < RULES && rules[i].entity != entity)
        i++;
    return i;
}

static bool is_alnum(uint8_t c)
{
    return (uint8_t)(c - '0') < 10 || (uint8_t)(ascii_lower(c) - 'a') < 26;
}

/* Stars and the last four letters or digits of the value, blanks and dashes left out. A value of
 * eight or fewer shows fewer, so that most of it stays hidden. */
static struct err put_last(struct span value, struct buf *out)
{
    uint8_t last[LAST];
    size_t n = 0, all = 0;
    for (size_t i = 0; i < value.n; i++)
        all += is_alnum(value.p[i]);
    size_t shown = all >= 2 * LAST ? LAST : all / 2;
    for (size_t i = value.n; i-- > 0 && n < shown;)
        if (is_alnum(value.p[i]))
            last[LAST - ++n] = value.p[i];
    TRY(buf_puts(out, "****"));
    return buf_put(out, span(last + LAST - n, n));
}

static struct err put_clean(const struct findings *found, struct span text, struct buf *out,
                            struct outbound_counts *counts)
{
    size_t at = 0;
    for (size_t i = 0; i < found->n; i++) {
        const struct finding *f = &found->v[i];
        size_t rule = rule_of(f->entity);
        if (rule == RULES)
            continue;
        TRY(buf_put(out, span_cut(text, at, f->start - at)));
        if (rules[rule].instead)
            TRY(buf_puts(out, rules[rule].instead));
        else
            TRY(put_last(span_cut(text, f->start, f->end - f->start), out));
        counts->of[f->entity]++;
        at = f->end;
    }
    return buf_put(out, span_from(text, at));
}

struct err outbound_clean(struct outbound *o, struct span text, struct buf *out,
                          struct outbound_counts *counts)
{
    size_t before = out->n;
    *counts = (struct outbound_counts){{0}};
    o->found.n = 0;
    TRY(scan_text(o->scanner, text, &o->found));
    scan_resolve(text, &o->found);
    struct err e = put_clean(&o->found, text, out, counts);
    if (failed(e))
        out->n = before;
    return e;
}

static void put_counts(struct json_put *p, const struct outbound_counts *counts)
{
    json_put_object(p, "counts");
    for (size_t i = 0; i < RULES;) {
        const char *name = rules[i].count;
        uint64_t n = 0;
        for (; i < RULES && strcmp(rules[i].count, name) == 0; i++)
            n += counts->of[rules[i].entity];
        json_put_u64(p, name, n);
    }
    json_put_end(p);
}

static struct err put_answer(struct outbound *o, struct span text, struct buf *out,
                             struct outbound_counts *counts)
{
    struct buf clean = buf_init(2 * (size_t)TEXT_MAX);
    struct err e = outbound_clean(o, text, &clean, counts);
    size_t before = out->n;
    if (!failed(e)) {
        struct json_put p = json_put_to(out);
        json_put_object(&p, NULL);
        json_put_str(&p, "text", buf_span(&clean));
        put_counts(&p, counts);
        json_put_end(&p);
        e = json_put_done(&p);
    }
    if (failed(e))
        out->n = before;
    buf_wipe(&clean);
    return e;
}

struct err outbound_json(struct outbound *o, struct span body, struct buf *out,
                         struct outbound_counts *counts, struct fault *f)
{
    struct span raw;
    *counts = (struct outbound_counts){{0}};
    if (failed(json_find(body, &raw, "text", NULL)))
        return fault_at(f, ERR_INPUT, 0, "the body must be a JSON object with \"text\" once");
    if (raw.n < 2 || raw.p[0] != '"')
        return fault_at(f, ERR_INPUT, 0, "\"text\" must be a string");
    struct buf text = buf_init(TEXT_MAX);
    struct err e = json_unescape_buf(span_cut(raw, 1, raw.n - 2), JSON_LONE_REPLACE, &text);
    if (!failed(e))
        e = put_answer(o, buf_span(&text), out, counts);
    buf_wipe(&text);
    return e;
}
