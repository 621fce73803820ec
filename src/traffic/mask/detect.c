/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules, scratch, and finding: scanner and tagger side by side over one text. Called once for every
 * text of a request. Frequent: texts of a few words to a few kilobytes, few findings. The scratch
 * keeps its memory, so that a steady load allocates nothing.
 */
#define _GNU_SOURCE
#include "label_int.h"
#include "link_int.h"
#include "work_int.h"

#include "b64.h"
#include "random.h"

#include <stdlib.h>

/* Names a model gives itself are no people. */
static const char *const assistants[] = {
    "Claude",  "ChatGPT", "GPT",    "Gemini",  "Copilot",   "Siri",  "Alexa",
    "Cortana", "Llama",   "Ollama", "Mistral", "Mixtral",   "Qwen",  "DeepSeek",
    "Grok",    "Gemma",   "Codex",  "Cursor",  "Jarvis",    "Phi",   "Bard",
    "Sonnet",  "Opus",    "Haiku",  "Sanctum", "Anthropic", "OpenAI"};

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

static bool wants_lists(const struct scan_set *set)
{
    return scan_set_has(set, ENTITY_NRP) || scan_set_has(set, ENTITY_TITLE) ||
           scan_set_has(set, ENTITY_USERNAME);
}

bool mask_wants_tagger(const struct scan_set *set)
{
    return scan_set_has(set, ENTITY_PERSON) || scan_set_has(set, ENTITY_LOCATION) ||
           scan_set_has(set, ENTITY_ORGANIZATION) || scan_set_has(set, ENTITY_ZIP_CODE) ||
           wants_lists(set);
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

/* ---- scratch ---- */

/* `cache`: another's, or NULL for one of its own. */
static struct err work_new(const struct ner *ner, struct cache *cache, struct mask_work **out)
{
    struct mask_work *w = calloc(1, sizeof *w);
    if (!w)
        return err(ERR_NOMEM);
    uint8_t seed[16];
    random_bytes(seed, sizeof seed);
    w->inner = llm_doc_of(seed);
    w->found.max = w->all.max = WORK_FINDINGS_MAX;
    w->text = w->inner_text = w->keyed = w->value = buf_init(LLM_BODY_MAX);
    for (size_t i = 0; i < VIEW_DEPTH; i++)
        w->view.layer[i].text = buf_init(3 * (size_t)LLM_BODY_MAX);
    seams_init(&w->seams, LLM_BODY_MAX * 2);
    seams_init(&w->inner_seams, LLM_BODY_MAX * 2);
    w->edits = arena_init(WORK_ARENA_MAX);
    w->borrows = cache != NULL;
    w->cache = cache ? cache : calloc(1, sizeof *w->cache);
    struct err e = w->cache ? known_new(&w->known) : err(ERR_NOMEM);
    if (!failed(e))
        e = ghash_new(&w->fingerprint);
    if (!failed(e) && ner)
        e = ner_work_new(ner, &w->ner);
    if (!failed(e) && ner)
        e = ner_memory_new(WORK_MEMORY_WORDS, &w->memory);
    if (failed(e)) {
        mask_work_free(w);
        return e;
    }
    *out = w;
    return OK;
}

struct err mask_work_new(const struct ner *ner, struct mask_work **out)
{
    return work_new(ner, NULL, out);
}

struct err mask_work_beside(const struct mask_work *other, const struct ner *ner,
                            struct mask_work **out)
{
    return work_new(ner, other->cache, out);
}

void mask_work_wipe(struct mask_work *w)
{
    uint8_t seed[sizeof w->inner.seed];
    memcpy(seed, w->inner.seed, sizeof seed);
    llm_doc_free(&w->inner);
    w->inner = llm_doc_of(seed);
    arena_wipe(&w->edits);
    buf_wipe(&w->text);
    buf_wipe(&w->inner_text);
    buf_wipe(&w->keyed);
    buf_wipe(&w->value);
    view_free(&w->view);
    seams_wipe(&w->seams);
    seams_wipe(&w->inner_seams);
    known_reset(w->known, 0);
    detect_forget(w);
}

void mask_work_free(struct mask_work *w)
{
    if (!w)
        return;
    if (w->known)
        mask_work_wipe(w);
    ner_work_free(w->ner);
    ner_memory_free(w->memory);
    known_free(w->known);
    mask_work_no_cache(w);
    ghash_free(&w->fingerprint);
    findings_free(&w->found);
    findings_free(&w->all);
    seams_free(&w->seams);
    seams_free(&w->inner_seams);
    free(w->edit);
    free(w->mark);
    free(w->span);
    free(w->map.v);
    free(w->inner_map.v);
    free(w);
}

void mask_work_no_cache(struct mask_work *w)
{
    if (!w->borrows)
        free(w->cache);
    w->cache = NULL;
}

void detect_forget(struct mask_work *w)
{
    if (w->memory)
        ner_memory_reset(w->memory);
}

/* ---- finding ---- */

bool detect_wants(enum detect_scope scope, unsigned entity)
{
    switch (scope) {
    case DETECT_ALL:
    case DETECT_STRUCTURED:
        return true;
    case DETECT_SECRETS:
        return entity == ENTITY_SECRET || entity == ENTITY_CUSTOM;
    default: /* CUSTOM: a denied text */
        return entity == ENTITY_SECRET || entity == ENTITY_CUSTOM ||
               entity == ENTITY_EMAIL_ADDRESS || entity == ENTITY_CREDIT_CARD ||
               entity == ENTITY_IBAN_CODE || entity == ENTITY_US_SSN;
    }
}

static bool is_allowed(const struct mask_engine *e, struct span text, unsigned entity)
{
    for (size_t i = 0; i < e->allow_n; i++)
        if ((e->allow[i].entity == ENTITY_COUNT || e->allow[i].entity == entity) &&
            span_eq_nocase(e->allow[i].text, text))
            return true;
    if (entity != ENTITY_PERSON)
        return false;
    for (size_t i = 0; i < sizeof assistants / sizeof *assistants; i++)
        if (span_is_nocase(text, assistants[i]))
            return true;
    return false;
}

/* Keep of found[from..] what rules and scope want. */
static void filter(const struct mask_engine *e, struct findings *f, size_t from, struct span text,
                   enum detect_scope scope, bool names)
{
    size_t n = from;
    for (size_t i = from; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        if (!detect_wants(scope, x->entity) || !scan_set_has(&e->entities, (enum entity)x->entity))
            continue;
        if (names && (x->score < e->threshold[x->entity] ||
                      is_allowed(e, span_cut(text, x->start, x->end - x->start), x->entity) ||
                      scan_is_label(e->scanner, text, x->start, x->end)))
            continue;
        f->v[n++] = *x;
    }
    f->n = n;
}

/* What the tagger says, and the lists where one of their types is asked for. */
static struct err name(const struct mask_engine *e, struct mask_work *w, struct ner_memory *memory,
                       struct span text)
{
    size_t from = w->found.n;
    TRY(ner_tag(e->ner, w->ner, memory, text, &w->found));
    return wants_lists(&e->entities) ? ner_lists(text, &w->found, from) : OK;
}

/* The tagger sees the field's name before the text, as a form would print it; what it finds in the
 * text alone counts. */
static struct err tag_field(const struct mask_engine *e, struct mask_work *w,
                            struct ner_memory *memory, struct span key, struct span text)
{
    struct findings *f = &w->found;
    size_t from = f->n;
    buf_clear(&w->keyed);
    TRY(buf_put(&w->keyed, key));
    TRY(buf_puts(&w->keyed, ": "));
    uint32_t head = (uint32_t)w->keyed.n;
    TRY(buf_put(&w->keyed, text));
    TRY(name(e, w, memory, buf_span(&w->keyed)));
    size_t n = from;
    for (size_t i = from; i < f->n; i++) {
        struct finding x = f->v[i];
        if (x.end <= head)
            continue;
        x.start = x.start > head ? x.start - head : 0;
        x.end -= head;
        f->v[n++] = x;
    }
    f->n = n;
    return OK;
}

static struct err tag(const struct mask_engine *e, struct mask_work *w, struct span key,
                      struct span text)
{
    return key.n ? tag_field(e, w, w->memory, key, text) : name(e, w, w->memory, text);
}

/* Drop of found[from..] what the tagger is not sure of. */
static void keep_sure(struct findings *f, size_t from)
{
    const float sure = 0.9F;
    size_t n = from;
    for (size_t i = from; i < f->n; i++)
        if (f->v[i].score >= sure)
            f->v[n++] = f->v[i];
    f->n = n;
}

/* Who is named in the queries of links. Products and projects stand there more often than people,
 * and around them stands nothing that would tell: only what the tagger is sure of counts. As in a
 * view, it remembers nothing from here. */
static struct err tag_links(const struct mask_engine *e, struct mask_work *w, struct span text)
{
    struct findings *f = &w->found;
    struct link_walk walk = {0};
    struct link_value value;
    while (link_next(text, &walk, &value)) {
        size_t from = f->n;
        struct span said = span(value.text, value.n);
        TRY(tag_field(e, w, NULL, value.key, said));
        filter(e, f, from, said, DETECT_ALL, true);
        keep_sure(f, from);
        for (size_t i = from; i < f->n; i++)
            link_back(&value, &f->v[i]);
    }
    return OK;
}

/* Who is named as a member's name; the same holds there. */
static struct err tag_labels(const struct mask_engine *e, struct mask_work *w, struct span text)
{
    struct findings *f = &w->found;
    struct span label;
    for (size_t at = 0; label_next(text, &at, &label);) {
        size_t from = f->n;
        TRY(name(e, w, NULL, label));
        filter(e, f, from, label, DETECT_ALL, true);
        keep_sure(f, from);
        for (size_t i = from; i < f->n; i++) {
            f->v[i].start += (uint32_t)(label.p - text.p);
            f->v[i].end += (uint32_t)(label.p - text.p);
        }
    }
    return OK;
}

/* Does the memory learn from it, or may it be masked? The rest of what the tagger says is dropped.
 */
static bool matters(const struct mask_engine *e, const struct finding *f)
{
    const float learnt = 0.7F; /* ner.h: PERSON from there on */
    return f->score >= e->threshold[f->entity] ||
           (f->entity == ENTITY_PERSON && f->score >= learnt);
}

struct err detect_view(struct mask_work *w, struct span text, bool *yes)
{
    if (w->viewed == VIEW_UNKNOWN) {
        TRY(view_make(&w->view, text));
        w->viewed = w->view.n ? VIEW_MADE : VIEW_NONE;
    }
    *yes = w->viewed == VIEW_MADE;
    return OK;
}

/* What scanner and tagger see in one layer of the view. */
static struct err look_at_layer(const struct mask_engine *e, struct mask_work *w, struct span key,
                                enum detect_scope scope)
{
    struct findings *f = &w->found;
    struct span text = view_text(&w->view);
    size_t from = f->n, n;
    TRY(key.n ? scan_field(e->scanner, key, text, f) : scan_text(e->scanner, text, f));
    filter(e, f, from, text, scope, false);
    n = f->n;
    if (e->ner && w->ner && scope == DETECT_ALL && w->view.names) {
        TRY(name(e, w, NULL, text));
        filter(e, f, n, text, scope, true);
        TRY(tag_labels(e, w, text));
    }
    n = from;
    for (size_t i = from; i < f->n; i++)
        if (view_back(&w->view, &f->v[i]))
            f->v[n++] = f->v[i];
    f->n = n;
    return OK;
}

/* What scanner and tagger see in the view of the text and the text itself may not show. The tagger
 * remembers nothing from here: what it knows is the same whether the text comes from the cache or
 * not. */
static struct err look_through(const struct mask_engine *e, struct mask_work *w, struct span key,
                               enum detect_scope scope)
{
    size_t layers = w->view.n;
    struct err got;
    do
        got = look_at_layer(e, w, key, scope);
    while (!failed(got) && view_below(&w->view));
    w->view.n = layers;
    return got;
}

/* What scanner and tagger say; the tagger's findings from *names on, not yet filtered. */
static struct err look(const struct mask_engine *e, struct mask_work *w, struct span key,
                       struct span text, enum detect_scope scope, size_t *names)
{
    struct findings *f = &w->found;
    if (key.n)
        TRY(scan_field(e->scanner, key, text, f));
    else
        TRY(scan_text(e->scanner, text, f));
    filter(e, f, 0, text, scope, false);
    bool more;
    TRY(detect_view(w, text, &more));
    if (more)
        TRY(look_through(e, w, key, scope));
    *names = f->n;
    if (!e->ner || !w->ner || scope != DETECT_ALL)
        return OK;
    TRY(tag_links(e, w, text));
    TRY(tag_labels(e, w, text));
    *names = f->n;
    TRY(tag(e, w, key, text));
    size_t n = *names;
    for (size_t i = n; i < f->n; i++)
        if (matters(e, &f->v[i]))
            f->v[n++] = f->v[i];
    f->n = n;
    return OK;
}

/* Findings of a text without a key, by way of the cache. The tagger's memory learns from what it
 * tags itself; for a text from the cache it is told. */
static struct err look_cached(const struct mask_engine *e, struct mask_work *w, struct span text,
                              enum detect_scope scope, size_t *names)
{
    const struct cache_tag tag = cache_tag_of(e, w, text, scope);
    const struct cache_slot *s = cache_find(w, &tag);
    if (!s) {
        TRY(look(e, w, SPAN_NONE, text, scope, names));
        cache_keep(w, &tag, &w->found, *names);
        return OK;
    }
    for (size_t i = 0; i < s->n; i++)
        TRY(findings_add(&w->found, s->v[i]));
    *names = s->names;
    w->viewed = s->plain ? VIEW_NONE : VIEW_UNKNOWN;
    if (s->n > s->names && w->memory)
        ner_memory_learn(e->ner, w->memory, text, w->found.v + s->names, s->n - s->names);
    return OK;
}

struct err detect_text(const struct mask_engine *e, struct mask_work *w, struct span key,
                       struct span text, enum detect_scope scope, const struct findings **found)
{
    struct findings *f = &w->found;
    f->n = 0;
    w->viewed = VIEW_UNKNOWN;
    *found = f;
    if (text.n == 0)
        return OK;
    size_t names;
    if (key.n == 0 && text.n >= CACHE_TEXT_MIN && w->cache && w->cache_key)
        TRY(look_cached(e, w, text, scope, &names));
    else
        TRY(look(e, w, key, text, scope, &names));
    filter(e, f, names, text, scope, true);
    if (f->n > 1)
        scan_resolve(text, f);
    return OK;
}
