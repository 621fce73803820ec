/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: what is looked for and what becomes of it, made once and read by all. */
#include "work_int.h"

#include "b64.h"

#include <stdlib.h>

/* Names a model gives itself are no people. */
static const char *const assistants[] = {
    "Claude",  "ChatGPT", "GPT",    "Gemini",  "Copilot",   "Siri",  "Alexa",
    "Cortana", "Llama",   "Ollama", "Mistral", "Mixtral",   "Qwen",  "DeepSeek",
    "Grok",    "Gemma",   "Codex",  "Cursor",  "Jarvis",    "Phi",   "Bard",
    "Sonnet",  "Opus",    "Haiku",  "Sanctum", "Anthropic", "OpenAI"};

bool engine_assistant(struct span name)
{
    const uint8_t first = name.n ? ascii_lower(name.p[0]) : 0;
    for (size_t i = 0; i < sizeof assistants / sizeof *assistants; i++)
        if (ascii_lower((uint8_t)assistants[i][0]) == first && span_is_nocase(name, assistants[i]))
            return true;
    return false;
}

struct mask_rules mask_rules_default(void)
{
    static const enum entity types[] = {
        ENTITY_PERSON, ENTITY_EMAIL_ADDRESS,  ENTITY_PHONE_NUMBER, ENTITY_CREDIT_CARD,
        ENTITY_US_SSN, ENTITY_US_BANK_NUMBER, ENTITY_IBAN_CODE,    ENTITY_SECRET};
    struct mask_rules r = {.threshold = SCAN_THRESHOLD};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        scan_set_add(&r.entities, types[i]);
    return r;
}

bool engine_wants_lists(const struct scan_set *set)
{
    return scan_set_has(set, ENTITY_NRP) || scan_set_has(set, ENTITY_TITLE) ||
           scan_set_has(set, ENTITY_USERNAME);
}

bool mask_wants_tagger(const struct scan_set *set)
{
    return scan_set_has(set, ENTITY_PERSON) || scan_set_has(set, ENTITY_LOCATION) ||
           scan_set_has(set, ENTITY_ORGANIZATION) || scan_set_has(set, ENTITY_ZIP_CODE) ||
           engine_wants_lists(set);
}

/* The type of a denied text: its own, where that is masked at all. */
static enum entity denied_as(const struct mask_rules *r, enum entity e)
{
    bool kept = r->operators && e < ENTITY_ALL && r->operators[e].kind == MASK_KEEP;
    return scan_set_has(&r->entities, e) && !kept ? e : ENTITY_CUSTOM;
}

static struct err make_scanner(const struct mask_rules *r, struct scanner **out)
{
    enum { OWN = sizeof assistants / sizeof *assistants };
    size_t n = r->allow_n + OWN;
    struct scan_term *allow = calloc(n + r->deny_n, sizeof *allow), *deny = allow + n;
    if (!allow)
        return err(ERR_NOMEM);
    for (size_t i = 0; i < r->deny_n; i++)
        deny[i] = (struct scan_term){r->deny[i].text, denied_as(r, r->deny[i].entity)};
    for (size_t i = 0; i < OWN; i++)
        allow[i] = (struct scan_term){span_str(assistants[i]), ENTITY_PERSON};
    if (r->allow_n)
        memcpy(allow + OWN, r->allow, r->allow_n * sizeof *allow);
    struct scan_config cfg = scan_config_default();
    cfg.entities = r->entities;
    for (size_t i = ENTITY_OWN; i < ENTITY_OWN + r->own_n; i++)
        scan_set_add(&cfg.entities, (enum entity)i);
    cfg.threshold = r->threshold;
    if (r->thresholds)
        memcpy(cfg.thresholds, r->thresholds, sizeof cfg.thresholds);
    cfg.custom = r->custom;
    cfg.custom_n = r->custom_n;
    cfg.allow = allow;
    cfg.allow_n = n;
    if (r->deny_n)
        scan_set_add(&cfg.entities, ENTITY_CUSTOM);
    cfg.deny = deny;
    cfg.deny_n = r->deny_n;
    struct err e = scanner_new(&cfg, out);
    free(allow);
    return e;
}

/* Recognisers, their types, thresholds and operators of single types. */
static void version_of_own(const struct mask_engine *e, const struct mask_rules *r,
                           uint8_t digest[HASH_BYTES])
{
    const struct span of_types[] = {span(digest, HASH_BYTES),
                                    span(e->threshold, sizeof e->threshold),
                                    buf_span(&e->style.text)};
    hash_sha256_parts(of_types, 3, digest);
    for (size_t i = 0; i < ENTITY_ALL; i++) {
        const struct mask_operator *o = &e->style.op[i];
        const struct span of_operator[] = {span(digest, HASH_BYTES), span(&o->kind, sizeof o->kind),
                                           span(&o->keep, sizeof o->keep)};
        hash_sha256_parts(of_operator, 3, digest);
    }
    for (size_t i = 0; i < r->custom_n; i++) {
        const struct scan_custom *c = &r->custom[i];
        const struct span head[] = {span(digest, HASH_BYTES), span(&c->entity, sizeof c->entity),
                                    span(&c->words_score, sizeof c->words_score),
                                    span(&c->n, sizeof c->n), span(&c->words_n, sizeof c->words_n)};
        hash_sha256_parts(head, 5, digest);
        for (size_t k = 0; k < c->n; k++) {
            const struct span one[] = {span(digest, HASH_BYTES),
                                       span(&c->v[k].score, sizeof(float)),
                                       span(&c->v[k].flags, sizeof(unsigned)), c->v[k].regex};
            hash_sha256_parts(one, 4, digest);
        }
        for (size_t k = 0; k < c->words_n + c->context_n; k++) {
            const struct span one[] = {span(digest, HASH_BYTES), span(&k, sizeof k),
                                       k < c->words_n ? c->words[k] : c->context[k - c->words_n]};
            hash_sha256_parts(one, 3, digest);
        }
    }
}

static void make_version(struct mask_engine *e, const struct mask_rules *r, const struct ner *ner)
{
    const struct span parts[] = {
        SPAN_LIT("mask rules 1"),
        span(&r->entities, sizeof r->entities),
        span(&r->threshold, sizeof r->threshold),
        span(&r->system, sizeof r->system),
        span_str(ner ? ner_version(ner) : "none"),
        span_str(SANCTUM_VERSION),
    };
    uint8_t digest[HASH_BYTES];
    hash_sha256_parts(parts, sizeof parts / sizeof *parts, digest);
    const struct scan_term *lists[] = {r->allow, r->deny};
    const size_t counts[] = {r->allow_n, r->deny_n};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < counts[l]; i++) {
            const struct span more[] = {span(digest, sizeof digest), span(&l, sizeof l),
                                        span(&lists[l][i].entity, sizeof lists[l][i].entity),
                                        lists[l][i].text};
            hash_sha256_parts(more, 4, digest);
        }
    version_of_own(e, r, digest);
    struct wr w = wr_of(e->version, sizeof e->version - 1);
    hex_encode(&w, span(digest, 8));
}

static struct err keep_allowed(struct mask_engine *e, const struct mask_rules *r)
{
    size_t bytes = 0;
    for (size_t i = 0; i < r->allow_n; i++)
        bytes += r->allow[i].text.n;
    e->allow = calloc(r->allow_n + 1, sizeof *e->allow);
    e->allow_text = malloc(bytes + 1);
    if (!e->allow || !e->allow_text)
        return err(ERR_NOMEM);
    struct wr w = wr_of(e->allow_text, bytes);
    for (size_t i = 0; i < r->allow_n; i++) {
        e->allow[i] = (struct scan_term){span(w.p + w.n, r->allow[i].text.n), r->allow[i].entity};
        wr_put(&w, r->allow[i].text);
    }
    e->allow_n = r->allow_n;
    return OK;
}

/* What the owner denies is masked whatever types are asked for. */
static void want_denied(struct mask_engine *e, const struct mask_rules *r)
{
    for (size_t i = 0; i < r->deny_n; i++)
        scan_set_add(&e->entities, denied_as(r, r->deny[i].entity));
}

static bool lists_people(const struct mask_rules *r)
{
    for (size_t i = 0; i < r->deny_n; i++)
        if (r->deny[i].entity == ENTITY_PERSON)
            return true;
    return false;
}

struct err mask_engine_new(const struct mask_rules *rules, const struct ner *ner,
                           struct mask_engine **out)
{
    bool names = mask_wants_tagger(&rules->entities);
    if (!ner && scan_set_has(&rules->entities, ENTITY_PERSON) && !lists_people(rules))
        return err(ERR_INPUT);
    struct mask_engine *e = calloc(1, sizeof *e);
    if (!e)
        return err(ERR_NOMEM);
    e->ner = names ? ner : NULL;
    e->entities = rules->entities;
    for (size_t i = 0; i < ENTITY_ALL; i++) {
        bool own = rules->thresholds && rules->thresholds[i] > 0;
        e->threshold[i] = own ? rules->thresholds[i] : rules->threshold;
        if (rules->operators && rules->operators[i].kind == MASK_KEEP && i < ENTITY_COUNT)
            e->entities.bits[i / 64] &= ~((uint64_t)1 << i % 64);
    }
    for (size_t i = 0; i < rules->own_n && i < ENTITY_ALL - ENTITY_OWN; i++)
        if (!rules->operators || rules->operators[ENTITY_OWN + i].kind != MASK_KEEP)
            scan_set_add(&e->entities, (enum entity)(ENTITY_OWN + i));
    want_denied(e, rules);
    e->system = rules->system;
    e->data = rules->data;
    e->allow_token_ids = rules->allow_token_ids;
    struct err failure = style_new(rules, &e->style);
    if (!failed(failure))
        failure = keep_allowed(e, rules);
    if (!failed(failure))
        failure = make_scanner(rules, &e->scanner);
    if (failed(failure)) {
        mask_engine_free(e);
        return failure;
    }
    make_version(e, rules, e->ner);
    *out = e;
    return OK;
}

void mask_engine_free(struct mask_engine *e)
{
    if (!e)
        return;
    scanner_free(e->scanner);
    free(e->allow);
    free(e->allow_text);
    buf_free(&e->style.text);
    free(e);
}

const char *mask_engine_version(const struct mask_engine *e)
{
    return e->version;
}
