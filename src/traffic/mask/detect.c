/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding: scanner and tagger side by side over one text. Called once for every text of a request.
 * Frequent: texts of a few words to a few kilobytes, few findings.
 */
#include "label_int.h"
#include "link_int.h"
#include "work_int.h"

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
    return entity == ENTITY_PERSON && engine_assistant(text);
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
    return engine_wants_lists(&e->entities) ? ner_lists(text, &w->found, from) : OK;
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

/* Addresses are words as names are: a tag between two of them parts a heading from a text. */
static bool of_words(const struct finding *f)
{
    return f->entity == ENTITY_LOCATION || f->entity == ENTITY_STREET_ADDRESS;
}

/* What scanner and tagger see in one layer of the view. */
static struct err look_at_layer(const struct mask_engine *e, struct mask_work *w, struct span key,
                                enum detect_scope scope)
{
    struct findings *f = &w->found;
    struct span text = view_text(&w->view);
    size_t from = f->n, n = from;
    TRY(key.n ? scan_field(e->scanner, key, text, f) : scan_text(e->scanner, text, f));
    filter(e, f, from, text, scope, false);
    size_t names = f->n;
    if (e->ner && w->ner && scope == DETECT_ALL && w->view.names) {
        TRY(name(e, w, NULL, text));
        filter(e, f, names, text, scope, true);
        TRY(tag_labels(e, w, text));
    }
    for (size_t i = from; i < f->n; i++)
        if (view_back(&w->view, i >= names || of_words(&f->v[i]), &f->v[i]))
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
