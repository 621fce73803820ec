/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a body by its shape: one pass of the JSON reader, one leaf for every position that has to
 * be looked at. Called for every request, every answer and every event of a stream. Frequent: a few
 * dozen members whose names are in the tables. Never happens: recursion, a copy of text.
 */
#include "json.h"
#include "num.h"
#include "shape_int.h"

#include <stdlib.h>

/* One open container. `kind`, `lane`, `sub` and `key` are those of the value that stands next: of
 * the member whose name was read last, or in an array those of the array itself. */
struct frame {
    const struct shape *shape; /* of an object; NULL for an array */
    const struct shape *sub;
    uint32_t first; /* leaves before it opened */
    uint32_t key;
    uint32_t at[2];
    const struct shape_form *form; /* of the member read last; NULL: it may be anything */
    uint16_t refused;              /* what the next value may not be: a set of 1 << json_type */
    uint8_t kind, lane;
    bool has_required;
    bool has_at[2];
    bool is_signed;
    bool is_text, is_document; /* its type member says so */
};

struct reader {
    struct llm_doc *d;
    struct json j;
    struct json_keys keys;
    bool strict;     /* a request: duplicate keys are refused, unsigned reasoning is text */
    size_t pending;  /* leaves whose kind is decided when their object ends */
    size_t unlinked; /* positions whose text is not known yet */
    enum llm_phase phase;
    struct frame f[JSON_DEPTH + 2];
    size_t n; /* f[n] is the innermost; f[0] stands for the outside */
};

struct llm_doc llm_doc_of(const uint8_t seed[16])
{
    struct llm_doc d = {.arena = arena_init(LLM_BODY_MAX * 2)};
    memcpy(d.seed, seed, sizeof d.seed);
    return d;
}

void llm_doc_free(struct llm_doc *d)
{
    free(d->leaf);
    free(d->unit);
    arena_wipe(&d->arena);
    *d = (struct llm_doc){0};
}

static struct err refuse(struct reader *r, const struct json_token *t, const char *why)
{
    r->j.fault = (struct fault){t->start, why};
    return err(ERR_INPUT);
}

/* The value types that a set (shape_form) does not hold. */
static uint16_t all_but(uint16_t allowed)
{
    enum {
        VALUES = 1 << JSON_OBJECT | 1 << JSON_ARRAY | 1 << JSON_STRING | 1 << JSON_NUMBER |
                 1 << JSON_TRUE | 1 << JSON_FALSE | 1 << JSON_NULL,
    };
    return (uint16_t)(VALUES & ~allowed);
}

/* ---- units and leaves ---- */

static struct err begin_unit(struct reader *r, const struct json_token *t)
{
    struct llm_doc *d = r->d;
    if (d->units && d->unit[d->units - 1].first == d->leaves)
        d->units--;
    if (d->units == d->unit_cap) {
        if (d->unit_cap > LLM_MESSAGES_MAX + 1024)
            return err(ERR_LIMIT);
        size_t cap = d->unit_cap ? d->unit_cap * 2 : 16;
        struct llm_unit *v = realloc(d->unit, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        d->unit = v;
        d->unit_cap = cap;
    }
    d->unit[d->units++] =
        (struct llm_unit){t->start,
                          t->end,
                          (uint32_t)d->leaves,
                          (uint32_t)d->leaves,
                          (uint8_t)r->phase,
                          r->phase == LLM_PHASE_SYSTEM ? LLM_ROLE_SYSTEM : LLM_ROLE_OTHER};
    return OK;
}

static struct err add_leaf(struct reader *r, const struct json_token *t, unsigned kind)
{
    struct llm_doc *d = r->d;
    if (d->leaves == d->leaf_cap) {
        if (d->leaf_cap >= LLM_LEAVES_MAX)
            return err(ERR_LIMIT);
        size_t cap = d->leaf_cap ? d->leaf_cap * 2 : 64;
        struct llm_leaf *v = realloc(d->leaf, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        d->leaf = v;
        d->leaf_cap = cap;
    }
    const struct frame *f = &r->f[r->n];
    d->leaf[d->leaves++] = (struct llm_leaf){.start = t->start,
                                             .end = t->end,
                                             .key = f->key,
                                             .unit = d->units ? (uint32_t)d->units - 1 : 0,
                                             .kind = (uint8_t)kind,
                                             .lane = f->lane,
                                             .escaped = t->escaped,
                                             .lone = t->lone,
                                             .depth = (uint8_t)t->depth};
    if (d->units)
        d->unit[d->units - 1].last = (uint32_t)d->leaves;
    r->pending += kind == LLM_SIGNED || kind == LLM_DATA;
    return OK;
}

/* ---- members the reader understands ---- */

static struct err take_model(struct reader *r, const struct json_token *t)
{
    struct llm_facts *facts = &r->d->facts;
    struct span raw = json_inner(&r->j, t);
    facts->model_start = t->start;
    facts->model_end = t->end;
    facts->model = raw;
    if (!t->escaped)
        return OK;
    void *p;
    TRY(arena_take(&r->d->arena, raw.n, &p));
    struct wr w = wr_of(p, raw.n);
    if (failed(json_unescape(raw, JSON_LONE_REFUSE, &w, NULL)))
        return refuse(r, t, "the model's name holds half a surrogate pair");
    facts->model = wr_span(&w);
    return OK;
}

static void take_event_value(struct reader *r, const struct json_token *t, unsigned kind)
{
    struct llm_doc *d = r->d;
    struct span *to = kind == AS_ID            ? &d->id
                      : kind == AS_CREATED     ? &d->created
                      : kind == AS_EVENT_MODEL ? &d->model
                      : kind == AS_ITEM        ? &d->item
                                               : &d->fingerprint;
    *to = json_raw(&r->j, t);
}

static struct err string_value(struct reader *r, const struct json_token *t)
{
    struct frame *f = &r->f[r->n];
    struct span text = json_inner(&r->j, t);
    switch (f->kind) {
    case LLM_SKIP:
    case AS_USAGE:
        return r->strict ? add_leaf(r, t, LLM_OPAQUE) : OK;
    case LLM_NULLED:
        return OK;
    case AS_ROLE:
        if (r->d->units)
            r->d->unit[r->d->units - 1].role = (uint8_t)shape_role(text);
        return add_leaf(r, t, LLM_NAME);
    case AS_TYPE:
        f->is_text = span_is(text, "text");
        f->is_document = span_is(text, "document");
        if (t->depth == 1)
            r->d->type = text;
        return add_leaf(r, t, LLM_NAME);
    case AS_SIGNATURE:
        f->is_signed = shape_signature(text);
        return r->strict ? add_leaf(r, t, LLM_OPAQUE) : OK;
    case AS_CITED:
        TRY(add_leaf(r, t, LLM_TEXT));
        r->d->leaf[r->d->leaves - 1].cited = true;
        return OK;
    case AS_REMOTE:
        r->d->facts.remote++;
        return add_leaf(r, t, LLM_NAME);
    case AS_STATE:
        r->d->facts.provider_state = true;
        return add_leaf(r, t, LLM_NAME);
    case AS_MODEL:
        TRY(take_model(r, t));
        return add_leaf(r, t, LLM_NAME);
    case AS_ID:
    case AS_CREATED:
    case AS_EVENT_MODEL:
    case AS_ITEM:
    case AS_FINGERPRINT:
        take_event_value(r, t, f->kind);
        return OK;
    case AS_STREAM:
        return refuse(r, t, "stream must be true or false");
    default:
        return add_leaf(r, t, f->kind < AS_ROLE ? f->kind : LLM_TEXT);
    }
}

/* A number outside tool arguments: where the tables expect text it may be anything, where they
 * expect an enumeration or a setting it means something to the provider. Short ones are nobody's.
 */
static struct err other_number(struct reader *r, const struct json_token *t)
{
    enum { SHORTEST = 5 };
    unsigned kind = r->f[r->n].kind;
    if (!r->strict || t->end - t->start < SHORTEST)
        return OK;
    return add_leaf(
        r, t, kind == LLM_NAME || (kind >= AS_ROLE && kind != AS_CITED) ? LLM_FIXED : LLM_NUMBER);
}

static struct err number_value(struct reader *r, const struct json_token *t)
{
    struct frame *f = &r->f[r->n];
    struct llm_facts *facts = &r->d->facts;
    uint64_t v = 0;
    bool whole = !failed(num_u64(json_raw(&r->j, t), UINT64_MAX, &v));
    switch (f->kind) {
    case LLM_ARG:
    case LLM_RESULT:
        return add_leaf(r, t, LLM_NUMBER);
    case LLM_SEQ:
        return add_leaf(r, t, LLM_SEQ);
    case LLM_AT:
    case LLM_AT_END:
    case LLM_DOC_AT:
    case LLM_DOC_AT_END:
        if (r->strict || !whole)
            return other_number(r, t);
        r->unlinked += f->kind == LLM_AT || f->kind == LLM_AT_END;
        return add_leaf(r, t, f->kind);
    case AS_TOKENS:
    case AS_IDS:
        facts->token_ids = true;
        return OK;
    case AS_MAX_OUTPUT:
        if (whole && v > facts->max_output)
            facts->max_output = v;
        return other_number(r, t);
    case AS_CHOICES:
        facts->choices = whole && v > 0 ? v : 1;
        return other_number(r, t);
    case AS_AT0:
    case AS_AT1:
        f->has_at[f->kind - AS_AT0] = true;
        f->at[f->kind - AS_AT0] = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
        return other_number(r, t);
    case AS_CREATED:
    case AS_ID:
        take_event_value(r, t, f->kind);
        return OK;
    case AS_MODEL:
        return refuse(r, t, "model must be a string");
    case AS_STREAM:
        return refuse(r, t, "stream must be true or false");
    default:
        return other_number(r, t);
    }
}

static struct err literal_value(struct reader *r, const struct json_token *t)
{
    struct llm_facts *facts = &r->d->facts;
    bool yes = t->type == JSON_TRUE;
    switch (r->f[r->n].kind) {
    case AS_STREAM:
        if (t->type != JSON_NULL)
            facts->stream = yes;
        return OK;
    case AS_STREAM_OPTIONS:
        facts->options_start = t->start;
        facts->options_end = t->end;
        return OK;
    case AS_INCLUDE_USAGE:
        facts->include_usage = yes;
        facts->usage_start = t->start;
        facts->usage_end = t->end;
        return OK;
    case AS_STORED:
        facts->stored |= yes;
        return OK;
    case AS_DONE:
        if (yes)
            r->d->event = LLM_TYPE_FINISH;
        return OK;
    case AS_MODEL:
        return t->type == JSON_NULL ? OK : refuse(r, t, "model must be a string");
    default:
        return OK;
    }
}

/* ---- containers ---- */

/* Containers where the reader wants something special; *done: it was read to its end. */
static struct err special_container(struct reader *r, struct json_token *t, bool *done)
{
    const struct frame *f = &r->f[r->n];
    switch (f->kind) {
    case AS_MODEL:
        return refuse(r, t, "model must be a string");
    case AS_STREAM:
        return refuse(r, t, "stream must be true or false");
    case AS_STATE:
        r->d->facts.provider_state = true;
        return OK;
    case AS_STREAM_OPTIONS:
        r->d->facts.options_start = t->start;
        return OK;
    case LLM_NULLED:
        *done = true;
        TRY(json_skip_rest(&r->j, t));
        return t->end - t->start > 2 ? add_leaf(r, t, LLM_NULLED) : OK;
    case AS_USAGE:
        if (r->strict)
            return OK;
        if (r->d->usage.n)
            return refuse(r, t, "the same key twice in one object");
        *done = true;
        TRY(json_skip_rest(&r->j, t));
        r->d->usage = json_raw(&r->j, t);
        return OK;
    default:
        if (f->kind != LLM_SKIP || f->sub || r->strict)
            return OK;
        *done = true;
        return json_skip_rest(&r->j, t);
    }
}

static struct err open_container(struct reader *r, struct json_token *t)
{
    bool done = false;
    TRY(special_container(r, t, &done));
    if (done)
        return OK;
    const struct frame *up = &r->f[r->n];
    struct frame f = {.first = (uint32_t)r->d->leaves, .key = up->key, .lane = up->lane};
    f.kind = up->kind;
    f.sub = up->sub;
    if (t->type == JSON_OBJECT) {
        f.shape = up->sub ? up->sub : &shape_any;
        if (f.shape->message && r->strict) {
            r->d->facts.messages++;
            TRY(begin_unit(r, t));
        }
    } else if (up->form) {
        f.form = up->form;
        f.refused = all_but(up->form->of);
    }
    r->f[++r->n] = f;
    return OK;
}

/* Kinds that depend on the rest of the object: reasoning without a signature is plain text, and so
 * is the data of a part whose type is "text", or a link. */
static void settle(struct reader *r, const struct frame *f)
{
    struct llm_doc *d = r->d;
    for (size_t i = f->first; i < d->leaves; i++) {
        struct llm_leaf *l = &d->leaf[i];
        if (l->depth == 0 || (l->kind != LLM_SIGNED && l->kind != LLM_DATA))
            continue;
        l->depth = 0; /* settled */
        r->pending--;
        if (l->kind == LLM_SIGNED) {
            if (r->strict && !f->is_signed)
                l->kind = LLM_TEXT;
            else
                d->facts.thinking = true;
        } else {
            struct span s = llm_leaf_inner(d, l);
            bool link = span_starts(s, SPAN_LIT("http://")) || span_starts(s, SPAN_LIT("https://"));
            if (f->is_text || link)
                l->kind = LLM_TEXT;
            l->cited = f->is_text;
            d->facts.remote += link;
            d->facts.data += !f->is_text && !link;
        }
    }
}

/* A provider signs what its model said: in anybody else's turn a signature counts for nothing. */
static void unsign(struct llm_doc *d, size_t from)
{
    for (size_t i = from; i < d->leaves; i++)
        if (d->leaf[i].kind == LLM_SIGNED)
            d->leaf[i].kind = LLM_TEXT;
}

/* Positions in this object count into the text that is a member of it. */
static void link_positions(struct reader *r, const struct frame *f, unsigned depth)
{
    struct llm_doc *d = r->d;
    size_t text = f->first;
    while (text < d->leaves && !(d->leaf[text].cited && d->leaf[text].depth == depth + 1))
        text++;
    for (size_t i = f->first; i < d->leaves && text < d->leaves; i++) {
        struct llm_leaf *l = &d->leaf[i];
        if ((l->kind != LLM_AT && l->kind != LLM_AT_END) || l->key)
            continue;
        l->key = (uint32_t)text + 1;
        r->unlinked--;
    }
}

/* A document of the request has a number; its text, if it is one, knows it. */
static void number_document(struct reader *r, const struct frame *f)
{
    struct llm_doc *d = r->d;
    d->facts.documents++;
    for (size_t i = f->first; i < d->leaves; i++)
        if (d->leaf[i].cited && d->leaf[i].at[0] == 0)
            d->leaf[i].at[0] = d->facts.documents;
}

static struct err close_object(struct reader *r, const struct json_token *t)
{
    const struct frame *f = &r->f[r->n];
    struct llm_doc *d = r->d;
    if (r->strict && f->shape->lacks && !f->has_required)
        return refuse(r, t, f->shape->lacks);
    for (unsigned a = 0; a < 2; a++) {
        if (!f->has_at[a])
            continue;
        if (t->depth == 0)
            d->at[a] = f->at[a];
        for (size_t i = f->first; i < d->leaves; i++)
            d->leaf[i].at[a] = f->at[a];
    }
    if (r->pending)
        settle(r, f);
    if (r->unlinked)
        link_positions(r, f, t->depth);
    if (f->is_document && r->strict)
        number_document(r, f);
    if (f->shape->message && r->strict && d->units) {
        d->unit[d->units - 1].end = t->end;
        if (d->unit[d->units - 1].role != LLM_ROLE_ASSISTANT)
            unsign(d, f->first);
    }
    return OK;
}

static struct err close_container(struct reader *r, const struct json_token *t)
{
    if (t->type == JSON_OBJECT_END)
        TRY(close_object(r, t));
    r->n--;
    if (r->f[r->n].kind == AS_STREAM_OPTIONS)
        r->d->facts.options_end = t->end;
    return OK;
}

static const struct shape_field *field_of(const struct reader *r, const struct shape *s,
                                          const struct json_token *t)
{
    size_t n = t->end - t->start - 2;
    const uint8_t *p = r->j.in.p + t->start + 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct shape_field *f = &s->field[i];
        if (t->escaped ? json_text_is(&r->j, t, span(f->name, f->n))
                       : f->n == n && memcmp(f->name, p, n) == 0)
            return f;
    }
    return NULL;
}

static struct err key_token(struct reader *r, const struct json_token *t)
{
    struct frame *f = &r->f[r->n];
    const struct shape *s = f->shape;
    const struct shape_field *field = field_of(r, s, t);
    f->kind = field ? field->kind : s->rest;
    f->lane = field ? field->lane : 0;
    f->sub = field ? field->sub : s->rest_sub;
    f->key = 0;
    f->form = field && r->strict ? field->form : NULL;
    f->refused = f->form ? all_but(f->form->is) : 0;
    f->has_required |= f->form && f->form->required;
    if (r->n == 1 && r->strict) {
        r->phase = field ? (enum llm_phase)field->phase : LLM_PHASE_REST;
        TRY(begin_unit(r, t));
    }
    if (s->args)
        TRY(add_leaf(r, t, LLM_KEY));
    else if (!field && shape_key_may_name(json_inner(&r->j, t)))
        TRY(add_leaf(r, t, s->rest == LLM_NAME ? LLM_NAME : LLM_KEY));
    if (s->args || !field)
        f->key = t->start;
    return OK;
}

static struct err one_token(struct reader *r, struct json_token *t)
{
    const struct frame *f = &r->f[r->n];
    if (f->refused >> t->type & 1)
        return refuse(r, t, f->form->must);
    switch (t->type) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return open_container(r, t);
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        return close_container(r, t);
    case JSON_KEY:
        return key_token(r, t);
    case JSON_STRING:
        return string_value(r, t);
    case JSON_NUMBER:
        return number_value(r, t);
    default:
        return literal_value(r, t);
    }
}

static struct err read_all(struct reader *r)
{
    struct json_token t;
    TRY(json_next(&r->j, &t));
    if (r->strict && t.type != JSON_OBJECT)
        return refuse(r, &t, "the body is no JSON object");
    for (; t.type != JSON_END;) {
        if (r->strict)
            TRY(json_keys_see(&r->keys, &r->j, &t));
        TRY(one_token(r, &t));
        TRY(json_next(&r->j, &t));
    }
    return OK;
}

struct err llm_read_shape(struct llm_doc *d, const struct shape *shape, unsigned kind, bool strict,
                          struct span body, struct fault *fault)
{
    if (body.n > LLM_BODY_MAX)
        return fault_at(fault, ERR_LIMIT, LLM_BODY_MAX, "the body is larger than 32 MiB");
    struct reader r;
    r.d = d;
    r.j = json_of(body);
    r.strict = strict;
    r.pending = r.unlinked = 0;
    r.phase = LLM_PHASE_REST;
    r.n = 0;
    r.f[0] = (struct frame){.kind = (uint8_t)kind, .sub = shape};
    arena_reset(&d->arena);
    if (strict)
        r.keys = json_keys_of(&d->arena, d->seed);
    d->body = body;
    d->leaves = d->units = 0;
    d->event = LLM_TYPE_OTHER;
    d->type = d->id = d->created = d->model = d->item = d->fingerprint = d->usage = SPAN_NONE;
    d->at[0] = d->at[1] = 0;
    struct err e = read_all(&r);
    if (failed(e) && fault) {
        *fault = r.j.fault;
        if (!fault->why)
            fault->why = err_cat(e) == ERR_LIMIT ? "the body holds too many values" : "no memory";
    }
    return e;
}

/* ---- the ways in ---- */

struct err llm_read_request(struct llm_doc *d, enum llm_surface s, struct span body,
                            struct fault *f)
{
    const struct shape *shape = shape_request(s);
    if (!shape)
        return fault_at(f, ERR_BUG, 0, "this surface takes no body");
    d->facts = (struct llm_facts){.choices = 1, .stream = llm_info(s)->streams_by_default};
    TRY(llm_read_shape(d, shape, LLM_TEXT, true, body, f));
    d->top_open = (uint32_t)span_find(body, 0, '{');
    for (size_t i = 0; i < d->units; i++)
        d->facts.tools |= d->unit[i].phase == LLM_PHASE_TOOLS && d->unit[i].last > d->unit[i].first;
    return OK;
}

struct err llm_read_answer(struct llm_doc *d, enum llm_surface s, struct span body, struct fault *f)
{
    d->facts = (struct llm_facts){.choices = 1};
    return llm_read_shape(d, shape_answer(s), LLM_TEXT, false, body, f);
}

struct err llm_read_args(struct llm_doc *d, struct span json, struct fault *f)
{
    d->facts = (struct llm_facts){.choices = 1};
    return llm_read_shape(d, &shape_args, LLM_ARG, false, json, f);
}
