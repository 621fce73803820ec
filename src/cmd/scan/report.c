/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a text to its findings told: scanned, put in order, given line, column, fingerprint and a
 * masked form, compared with the baseline, printed.
 */
#include "scanjob_int.h"

#include "secret_scan.h"
#include "utf8.h"

#include <stdio.h>

enum {
    MASKED_MAX = 64,
    FINDINGS_MAX = 1 << 20,
    BEFORE_MAX = 40,
    HEAD_SHOWN = 4,
    ALLOW_LOOK = 4096
};

void job_trouble(struct job *j, const char *what, const char *why)
{
    cmd_fail(j->call, EXIT_ERROR, "%s: %s", what, why);
    j->failed++;
}

/* Line and column of an offset, going forward from what was known: each byte is read once, however
 * long the line and however much stands on it. */
struct walker {
    const struct source *s;
    size_t line_at, line_end; /* where the line begins, and its line break or the text's end */
    size_t index;             /* of the line, from 0 */
    size_t at;                /* an offset on it ... */
    uint64_t column;          /* ... and its column, from 1 */
};

static struct walker walk_from_start(const struct source *s)
{
    return (struct walker){.s = s, .line_end = span_find(s->text, 0, '\n'), .column = 1};
}

static void walk_to(struct walker *w, size_t at)
{
    while (w->line_end < at) {
        w->line_at = w->at = w->line_end + 1;
        w->line_end = span_find(w->s->text, w->line_at, '\n');
        w->index++;
        w->column = 1;
    }
    w->column += utf8_count(span_cut(w->s->text, w->at, at - w->at));
    w->at = at;
}

/* The masked form: the first characters where they are the format's own, nothing of what a person
 * chose. */
static void mask_value(const struct finding *f, struct span value, enum secret_evidence evidence,
                       char out[MASKED_MAX])
{
    if (f->entity != ENTITY_SECRET || evidence == SECRET_CONTEXT || value.n < 4 * HEAD_SHOWN ||
        f->rule == SECRET_password_hash) {
        snprintf(out, MASKED_MAX, "****");
        return;
    }
    size_t n = HEAD_SHOWN;
    if (f->rule == SECRET_private_key) /* the BEGIN line */
        n = span_search(span_cut(value, 0, MASKED_MAX - 8), 12, SPAN_LIT("-----")) + 5;
    n = n > MASKED_MAX - 8 || n > value.n ? HEAD_SHOWN : n;
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        out[used++] = value.p[i] > ' ' && value.p[i] < 0x7f ? (char)value.p[i] : ' ';
    snprintf(out + used, MASKED_MAX - used, "****");
}

/* A type's name as a rule: CREDIT_CARD, credit-card. */
static void rule_of_entity(const char *entity, char out[RULE_MAX])
{
    size_t n = 0;
    for (; entity[n] && n < RULE_MAX - 1; n++)
        out[n] = entity[n] == '_' ? '-' : (char)ascii_lower((uint8_t)entity[n]);
    out[n] = 0;
}

static void print_json(const struct told *t)
{
    struct {
        const char *name, *value;
    } members[] = {
        {"rule", t->rule},     {"entity_type", t->entity},      {"evidence", t->evidence},
        {"masked", t->masked}, {"fingerprint", t->fingerprint}, {"commit", t->source->commit}};
    fputs("{\"path\":", stdout);
    cmd_json_string(stdout, span_str(t->source->path));
    printf(",\"line\":%llu,\"column\":%llu", (unsigned long long)t->line,
           (unsigned long long)t->column);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].value) {
            printf(",\"%s\":", members[i].name);
            cmd_json_string(stdout, span_str(members[i].value));
        }
    fputs("}\n", stdout);
}

static void print_text(const struct told *t)
{
    if (t->source->commit)
        printf("%.12s:", t->source->commit);
    printf("%s:%llu:%llu: %s (%s) %s\n", t->source->path, (unsigned long long)t->line,
           (unsigned long long)t->column, t->rule, t->evidence, t->masked);
}

static void tell(struct job *j, const struct told *t)
{
    if (j->base.writing) {
        struct err e = baseline_note(&j->base, t);
        if (failed(e))
            job_trouble(j, t->source->path, cmd_err_text(e));
    }
    if (baseline_knows(&j->base, t->fingerprint)) {
        j->accepted++;
        return;
    }
    j->found++;
    if (j->format == FORMAT_SARIF)
        sarif_add(j, t);
    else if (j->format == FORMAT_JSON)
        print_json(t);
    else
        print_text(t);
}

/* The line says itself that it is meant: "sanctum:allow" anywhere on its first ALLOW_LOOK bytes. */
static bool line_allowed(const struct walker *w)
{
    struct span line = span_cut(w->s->text, w->line_at, w->line_end - w->line_at);
    line = span_cut(line, 0, ALLOW_LOOK);
    return span_search(line, 0, SPAN_LIT("sanctum:allow")) < line.n;
}

/* A number with check digits that hold is as sure as a token with a checksum; the rest has its
 * shape alone. */
static enum secret_evidence number_evidence(const struct finding *f)
{
    static const uint16_t checked[] = {ENTITY_CREDIT_CARD, ENTITY_IBAN_CODE, ENTITY_IMEI,
                                       ENTITY_US_NPI,      ENTITY_CA_SIN,    ENTITY_BR_CPF,
                                       ENTITY_BR_CNPJ,     ENTITY_UK_NHS};
    for (size_t i = 0; i < sizeof checked / sizeof *checked; i++)
        if (f->entity == checked[i] && f->score >= 0.85F)
            return SECRET_CHECKSUM;
    return SECRET_SHAPE;
}

/* Does a line that it stands on count as added? A new key may keep its BEGIN line. */
static bool is_new(const struct walker *w, struct span value)
{
    const struct source *s = w->s;
    if (!s->lines || w->index >= s->line_n)
        return true;
    for (size_t i = w->index, at = 0; i < s->line_n && at < value.n; i++) {
        if (s->lines[i].added)
            return true;
        at = span_find(value, at, '\n') + 1;
    }
    return false;
}

/* `known`: what the source is called in a fingerprint. */
static void one(struct job *j, const struct source *s, const char *known, struct walker *w,
                const struct finding *f, size_t previous_end)
{
    struct span value = span_cut(s->text, f->start, f->end - f->start);
    walk_to(w, f->start);
    const struct line_place *place = s->lines && w->index < s->line_n ? &s->lines[w->index] : NULL;
    if (!is_new(w, value) || line_allowed(w))
        return;
    bool secret = f->entity == ENTITY_SECRET;
    enum secret_evidence evidence =
        secret ? secret_rule_evidence(f->rule, f->score) : number_evidence(f);
    char masked[MASKED_MAX], rule[RULE_MAX], own[RULE_MAX], fingerprint[FINGERPRINT_CHARS + 1];
    const char *entity = entity_name((enum entity)f->entity);
    if (f->entity >= ENTITY_OWN) {
        struct span name = settings_own_type(&j->settings, f->entity - ENTITY_OWN);
        snprintf(own, sizeof own, "%.*s", SPAN_ARG(name));
        entity = own;
    }
    rule_of_entity(entity, rule);
    mask_value(f, value, evidence, masked);
    size_t from = f->start > BEFORE_MAX ? f->start - BEFORE_MAX : 0;
    from = from < w->line_at ? w->line_at : from;
    from = from < previous_end ? previous_end : from; /* no part of another value */
    struct told t = {.source = s, .entity = entity, .masked = masked, .fingerprint = fingerprint};
    t.rule = secret ? secret_rule_name(f->rule) : rule;
    t.evidence = secret_evidence_name(evidence);
    t.line = place ? place->number : w->index + 1;
    t.column = w->column;
    size_t first_line = span_find(value, 0, '\n');
    t.end_column = t.column + utf8_count(span_cut(value, 0, first_line));
    struct span before = span_cut(s->text, from, f->start - from);
    baseline_fingerprint(&j->base, t.rule, s->path, before, value, fingerprint);
    if (!baseline_knows(&j->base, fingerprint)) /* an older one has the path as given */
        baseline_fingerprint(&j->base, t.rule, known, before, value, fingerprint);
    tell(j, &t);
}

struct err text_scan(const struct job *j, struct span text, struct findings *out)
{
    *out = (struct findings){.max = FINDINGS_MAX};
    struct err e = scan_text(j->scanner, text, out);
    scan_resolve(text, out);
    return e;
}

void job_tell(struct job *j, const struct source *s, const struct findings *f)
{
    struct walker w = walk_from_start(s);
    char path[BASELINE_PATH];
    const char *known = f->n ? place_known(&j->base, s, path) : NULL;
    for (size_t i = 0; i < f->n; i++)
        one(j, s, known, &w, &f->v[i], i ? f->v[i - 1].end : 0);
    j->texts++;
}

void job_text(struct job *j, const struct source *s)
{
    struct findings f;
    struct err e = text_scan(j, s->text, &f);
    if (failed(e))
        job_trouble(j, s->path, cmd_err_text(e));
    job_tell(j, s, &f);
    findings_free(&f);
}
