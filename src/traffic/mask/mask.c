/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request body: leaf by leaf in the order of knowledge (M3), marks become edits of the body's own
 * bytes, the rest is copied. Called once a hop. Nothing is written to `out` before everything was
 * found (M6).
 */
#include "pace.h"
#include "work_int.h"

#include <stdlib.h>

struct request {
    struct text_pass pass;
    const struct llm_doc *doc;
    struct fault *fault;
    bool sorted; /* edits came in the order of the body so far */
};

static struct err refuse(const struct request *r, size_t at, const char *why)
{
    return fault_at(r->fault, ERR_INPUT, at, why);
}

/* ---- edits ---- */

static struct err add_edit(struct mask_work *w, struct edit e)
{
    if (w->edit_n == w->edit_cap) {
        size_t cap = w->edit_cap ? w->edit_cap * 2 : 64;
        if (cap > WORK_EDITS_MAX)
            return err(ERR_LIMIT);
        struct edit *v = realloc(w->edit, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        w->edit = v;
        w->edit_cap = cap;
    }
    w->edit[w->edit_n++] = e;
    return OK;
}

static struct err put_edit(const struct mask_session *s, const struct edit *e, struct buf *out)
{
    static const char *const quotes[] = {"", "\"", "\\\""};
    if (e->with.p)
        return buf_put(out, e->with);
    const struct mask_token *t = &s->v[e->token];
    TRY(buf_puts(out, quotes[e->quote]));
    TRY(buf_put(out, e->bare ? token_bare(t) : token_shown(s, t)));
    return buf_puts(out, quotes[e->quote]);
}

static int by_start(const void *a, const void *b)
{
    uint32_t x = ((const struct edit *)a)->start, y = ((const struct edit *)b)->start;
    return (x > y) - (x < y);
}

/* Write the body with the edits; on failure `out` is as it was. */
static struct err write_body(struct mask_work *w, const struct mask_session *s, struct span body,
                             bool sorted, struct buf *out)
{
    if (!sorted)
        qsort(w->edit, w->edit_n, sizeof *w->edit, by_start);
    size_t at = 0, from = out->n;
    struct err e = OK;
    for (size_t i = 0; i < w->edit_n && !failed(e); i++) {
        const struct edit *x = &w->edit[i];
        e = pace_round(i);
        if (!failed(e))
            e = x->start < at ? err(ERR_BUG) : buf_put(out, span_cut(body, at, x->start - at));
        if (!failed(e))
            e = put_edit(s, x, out);
        at = x->end;
    }
    if (!failed(e))
        e = buf_put(out, span_from(body, at));
    if (failed(e))
        out->n = from;
    return e;
}

/* ---- one leaf ---- */

/* Where a leaf's bytes lie in the body that goes out. */
struct place {
    uint32_t base;             /* added at the end */
    const struct json_map *in; /* from the leaf's text to its raw bytes, or NULL */
    const struct json_map *up; /* from there to the string around it, or NULL */
    uint32_t offset;           /* between the two */
    uint8_t quote;             /* for numbers */
    bool bare_fits;            /* a place that allows no brackets */
};

static struct edit to_body(const struct place *p, const struct mark *m, struct span text)
{
    size_t a = m->f.start, b = m->f.end;
    if (p->in) {
        a = json_map_start(p->in, a);
        b = json_map_end(p->in, b);
    }
    a += p->offset;
    b += p->offset;
    if (p->up) {
        a = json_map_start(p->up, a);
        b = json_map_end(p->up, b);
    }
    return (struct edit){.start = p->base + (uint32_t)a,
                         .end = p->base + (uint32_t)b,
                         .token = m->token,
                         .bare = p->bare_fits && m->f.start == 0 && m->f.end == text.n};
}

static struct err keep_marks(struct request *r, const struct place *p, struct span text, bool lone,
                             uint8_t quote)
{
    struct mask_work *w = r->pass.w;
    for (size_t i = 0; i < w->mark_n; i++) {
        const struct mark *m = &w->mark[i];
        TRY(pace_round(i));
        struct span value = span_cut(text, m->f.start, m->f.end - m->f.start);
        if (lone && span_search(value, 0, SPAN_LIT("\xef\xbf\xbd")) < value.n)
            return refuse(r, p->base, "a value to be masked holds half a surrogate pair");
        struct edit e = to_body(p, m, text);
        e.quote = quote;
        if (w->edit_n && e.start < w->edit[w->edit_n - 1].start)
            r->sorted = false;
        TRY(add_edit(w, e));
        session_use(r->pass.s, e.token);
    }
    return OK;
}

/* How the rules treat the words of this role. */
static enum text_mode mode_of(const struct request *r, uint8_t role, enum detect_scope *scope)
{
    *scope = DETECT_ALL;
    if (role != LLM_ROLE_SYSTEM)
        return TEXT_DETECT;
    switch (r->pass.e->system) {
    case MASK_SYSTEM_NONE:
        return TEXT_LITERAL;
    case MASK_SYSTEM_SECRETS:
        *scope = DETECT_SECRETS;
        return TEXT_DETECT;
    case MASK_SYSTEM_STRUCTURED:
        *scope = DETECT_STRUCTURED;
        return TEXT_DETECT;
    default:
        return TEXT_DETECT;
    }
}

/* ---- JSON inside a string ---- */

static struct err inner_leaf(struct request *r, const struct llm_leaf *l, struct place p,
                             uint8_t role)
{
    struct mask_work *w = r->pass.w;
    const struct llm_doc *d = &w->inner;
    struct span key = leaf_key(d, l), text;
    enum detect_scope scope;
    enum text_mode mode = mode_of(r, role, &scope);
    if (l->kind == LLM_NUMBER) {
        text = llm_leaf_raw(d, l);
        p.offset = l->start;
        TRY(text_number(&r->pass, key, text, DETECT_STRUCTURED));
        return keep_marks(r, &p, text, false, p.quote);
    }
    TRY(leaf_decode(d, l, &w->inner_text, &w->inner_map, &text));
    p.offset = l->start + 1;
    p.in = l->escaped ? &w->inner_map : NULL;
    TRY(text_marks(&r->pass, l->kind == LLM_KEY ? SPAN_NONE : key, text, scope, mode));
    return keep_marks(r, &p, text, l->lone, 0);
}

/* False: it is no JSON, treat it as text. */
static struct err json_leaf(struct request *r, const struct llm_leaf *l, struct span text,
                            uint8_t role, bool *done)
{
    struct mask_work *w = r->pass.w;
    *done = false;
    struct err e = llm_read_args(&w->inner, text, NULL);
    if (err_cat(e) == ERR_INPUT || err_cat(e) == ERR_LIMIT)
        return OK;
    TRY(e);
    *done = true;
    struct place p = {.base = l->start + 1, .up = l->escaped ? &w->map : NULL, .quote = 2};
    TRY(seams_find(&r->pass, &w->inner_seams, &w->inner, 0, 0, w->inner.leaves));
    for (size_t i = 0; i < w->inner.leaves; i++) {
        TRY(pace_turn());
        seams_at(&w->inner_seams, i);
        w->pieces = &w->inner_seams;
        TRY(inner_leaf(r, &w->inner.leaf[i], p, role));
    }
    return OK;
}

/* ---- data ---- */

/* One reading of it. */
static struct err data_reading(struct request *r, const struct llm_leaf *l, struct span b64,
                               bool url)
{
    struct mask_work *w = r->pass.w;
    struct buf bytes = buf_init(b64.n);
    struct err e = data_text(b64, url, &bytes, &w->inner_text);
    buf_wipe(&bytes);
    TRY(e);
    if (w->inner_text.n == 0)
        return OK;
    TRY(text_marks(&r->pass, SPAN_NONE, buf_span(&w->inner_text), DETECT_ALL, TEXT_DETECT));
    if (w->mark_n)
        return refuse(r, l->start, "an attached text holds data that cannot be masked in base64");
    return OK;
}

static struct err data_leaf(struct request *r, const struct llm_leaf *l, struct span text,
                            bool *done)
{
    bool whole;
    struct span b64 = data_payload(text, &whole);
    *done = b64.n > 0 && whole;
    if (b64.n == 0 || r->pass.e->data == MASK_DATA_PASS)
        return OK;
    if (r->pass.e->data == MASK_DATA_REFUSE && (whole || b64.n < text.n))
        return refuse(r, l->start, "attachments cannot be masked and are refused by the rules");
    TRY(data_reading(r, l, b64, true));
    if (span_find(b64, 0, '-') < b64.n || span_find(b64, 0, '_') < b64.n)
        TRY(data_reading(r, l, b64, false));
    return OK;
}

/* ---- leaves by kind ---- */

/*
 * What providers give out is one long word of base64, and is let through: the scanner would find
 * something in enough random letters, and a signature that was changed is none. Anything else in
 * its place is text like any other.
 */
static struct err is_opaque(struct mask_work *w, struct span text, bool *yes)
{
    enum { SHORTEST = 64 };
    struct view_run run = {.text = &w->inner_text};
    *yes = text.n >= SHORTEST;
    for (size_t i = 0; i < text.n && *yes; i++) {
        uint8_t c = text.p[i];
        *yes = ascii_is_letter(c) || ascii_is_digit(c) || (c && strchr("+/=-_.:", c));
    }
    if (!*yes)
        return OK;
    TRY(view_next_run(text, 0, &run));
    *yes = !run.found;
    return OK;
}

static bool may_identify(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((uint8_t)(name.p[i] - '0') < 10 || name.p[i] == '@' || name.p[i] == '&' ||
            name.p[i] >= 0x80)
            return true;
    return name.n > 64;
}

/* An identifier is one word. What holds blanks or another script than ours is what somebody wrote,
 * wherever it stands; and so is what is long and no single word of base64. */
static struct err is_words(struct mask_work *w, struct span name, bool *yes)
{
    enum { LONG = 64 };
    bool opaque;
    *yes = false;
    for (size_t i = 0; i < name.n && !*yes; i++)
        *yes = name.p[i] <= ' ' || name.p[i] >= 0x80;
    if (*yes || name.n <= LONG)
        return OK;
    TRY(is_opaque(w, name, &opaque));
    *yes = !opaque;
    return OK;
}

/* Answers may cite this text by positions in it. */
static struct err keep_positions(struct request *r, const struct llm_leaf *l, struct span text)
{
    const struct mask_work *w = r->pass.w;
    struct mask_session *s = r->pass.s;
    size_t at = 0;
    s->documents.chars = 0;
    for (size_t i = 0; i < w->mark_n; i++) {
        const struct finding *f = &w->mark[i].f;
        struct span before = span_cut(text, at, f->start - at);
        struct span value = span_cut(text, f->start, f->end - f->start);
        s->documents.chars += shift_chars(before);
        TRY(shift_add(&s->documents, l->at[0], shift_chars(token_shown(s, &s->v[w->mark[i].token])),
                      shift_chars(value)));
        at = f->end;
    }
    return OK;
}

static struct err text_leaf(struct request *r, const struct llm_leaf *l, struct span text,
                            uint8_t role)
{
    const struct llm_doc *d = r->doc;
    enum detect_scope scope;
    enum text_mode mode = mode_of(r, role, &scope);
    struct place p = {.base = l->start + 1, .in = l->escaped ? &r->pass.w->map : NULL};
    struct span key = l->kind == LLM_ARG ? leaf_key(d, l) : SPAN_NONE;
    if (l->kind == LLM_LABEL) {
        key = SPAN_LIT("name");
        p.bare_fits = true;
    }
    if (l->kind == LLM_NAME) {
        bool words;
        TRY(is_words(r->pass.w, text, &words));
        if (!words && !may_identify(text))
            return OK;
        if (!words)
            scope = DETECT_CERTAIN;
        p.bare_fits = true;
    }
    if (l->kind == LLM_SIGNED)
        mode = TEXT_KNOWN;
    TRY(text_marks(&r->pass, key, text, scope, mode));
    if (l->cited && l->at[0])
        TRY(keep_positions(r, l, text));
    return keep_marks(r, &p, text, l->lone, 0);
}

/* A number that must stay a number. */
static struct err fixed_leaf(struct request *r, const struct llm_leaf *l)
{
    TRY(text_number(&r->pass, SPAN_NONE, llm_leaf_raw(r->doc, l), DETECT_CERTAIN));
    if (r->pass.w->mark_n)
        return refuse(r, l->start, "a setting holds a number that must not be sent");
    return OK;
}

static struct err nulled_leaf(struct request *r, const struct llm_leaf *l)
{
    bool list = r->doc->body.p[l->start] == '[';
    struct edit e = {.start = l->start, .end = l->end};
    e.with = list ? SPAN_LIT("[]") : SPAN_LIT("null");
    if (r->pass.w->edit_n && e.start < r->pass.w->edit[r->pass.w->edit_n - 1].start)
        r->sorted = false;
    return add_edit(r->pass.w, e);
}

static struct err one_leaf(struct request *r, const struct llm_leaf *l, uint8_t role)
{
    struct mask_work *w = r->pass.w;
    struct span text;
    bool done = false;
    if (l->kind == LLM_NULLED)
        return nulled_leaf(r, l);
    if (l->kind == LLM_NUMBER) {
        const struct place p = {.base = l->start};
        text = llm_leaf_raw(r->doc, l);
        TRY(text_number(&r->pass, leaf_key(r->doc, l), text, DETECT_STRUCTURED));
        return keep_marks(r, &p, text, false, 1);
    }
    if (l->kind == LLM_FIXED)
        return fixed_leaf(r, l);
    if (l->end - l->start <= 2 || l->kind == LLM_SEQ || l->kind == LLM_END_OF)
        return OK;
    TRY(leaf_decode(r->doc, l, &w->text, &w->map, &text));
    if (l->kind == LLM_JSON)
        TRY(json_leaf(r, l, text, role, &done));
    else if (l->kind == LLM_DATA)
        TRY(data_leaf(r, l, text, &done));
    else if (l->kind == LLM_OPAQUE)
        TRY(is_opaque(w, text, &done));
    return done ? OK : text_leaf(r, l, text, role);
}

/* Where reading begins so that values which go on from the message before are seen: the last leaves
 * of messages of the same role. */
static size_t seam_back(const struct llm_doc *d, size_t unit)
{
    enum { LEAVES = 16 };
    const struct llm_unit *u = &d->unit[unit];
    size_t at = u->first;
    while (unit-- > 0 && u->phase == LLM_PHASE_MESSAGES && d->unit[unit].phase == u->phase &&
           d->unit[unit].role == u->role && u->first - d->unit[unit].first <= LEAVES)
        at = d->unit[unit].first;
    return at;
}

static struct err one_unit(struct request *r, size_t unit)
{
    const struct llm_doc *d = r->doc;
    const struct llm_unit *u = &d->unit[unit];
    struct mask_work *w = r->pass.w;
    TRY(seams_find(&r->pass, &w->seams, d, seam_back(d, unit), u->first, u->last));
    for (size_t i = u->first; i < u->last; i++) {
        TRY(pace_turn());
        seams_at(&w->seams, i);
        w->pieces = &w->seams;
        TRY(one_leaf(r, &d->leaf[i], u->role));
    }
    return OK;
}

static struct err all_leaves(struct request *r)
{
    const struct llm_doc *d = r->doc;
    struct err e = OK;
    for (unsigned phase = LLM_PHASE_SYSTEM; phase <= LLM_PHASE_REST && !failed(e); phase++)
        for (size_t u = 0; u < d->units && !failed(e); u++)
            if (d->unit[u].phase == phase)
                e = one_unit(r, u);
    r->pass.w->pieces = NULL;
    return e;
}

/* ---- changes of the gate's ---- */

static struct err change_model(struct mask_work *w, const struct llm_doc *doc, struct span model)
{
    BUF_AUTO quoted = buf_init(LLM_BODY_MAX);
    TRY(buf_put_u8(&quoted, '"'));
    TRY(json_escape(model, &quoted));
    TRY(buf_put_u8(&quoted, '"'));
    struct edit e = {.start = doc->facts.model_start, .end = doc->facts.model_end};
    TRY(arena_copy(&w->edits, buf_span(&quoted), &e.with));
    for (size_t i = 0; i < w->edit_n; i++) /* the old name may have been masked */
        if (w->edit[i].start >= e.start && w->edit[i].end <= e.end) {
            w->edit[i] = w->edit[--w->edit_n];
            i--;
        }
    return add_edit(w, e);
}

static struct err change_usage(struct mask_work *w, const struct llm_doc *doc)
{
    const struct llm_facts *f = &doc->facts;
    struct edit e = {.start = f->usage_start, .end = f->usage_end, .with = SPAN_LIT("true")};
    if (f->include_usage)
        return OK;
    if (f->usage_end)
        return add_edit(w, e);
    struct span options = span_cut(doc->body, f->options_start, f->options_end - f->options_start);
    if (options.n && options.p[0] == '{') {
        size_t next = 1;
        while (next < options.n && memchr(" \t\r\n", options.p[next], 4))
            next++;
        e.start = e.end = f->options_start + 1;
        e.with = options.p[next] == '}' ? SPAN_LIT("\"include_usage\":true")
                                        : SPAN_LIT("\"include_usage\":true,");
    } else if (options.n) {
        e = (struct edit){.start = f->options_start,
                          .end = f->options_end,
                          .with = SPAN_LIT("{\"include_usage\":true}")};
    } else {
        e.start = e.end = doc->top_open + 1;
        e.with = SPAN_LIT("\"stream_options\":{\"include_usage\":true},");
    }
    return add_edit(w, e);
}

static struct err add_changes(struct mask_work *w, const struct llm_doc *doc,
                              const struct mask_changes *c, bool *sorted)
{
    if (!c)
        return OK;
    if (c->model.n && doc->facts.model_end) {
        *sorted = false;
        TRY(change_model(w, doc, c->model));
    }
    if (c->add_usage) {
        *sorted = false;
        TRY(change_usage(w, doc));
    }
    return OK;
}

/* ---- the ways in ---- */

static struct err mask_all(struct request *r)
{
    const struct llm_facts *f = &r->doc->facts;
    if (f->token_ids && !r->pass.e->allow_token_ids)
        return refuse(r, 0, "token ids cannot be read and are refused by the rules");
    TRY(all_leaves(r));
    if (f->provider_state && r->pass.s->total)
        return refuse(r, 0, "state kept at the provider cannot be used where data is masked");
    return OK;
}

struct err mask_request(const struct mask_engine *e, struct mask_work *w, const struct mask_key *k,
                        struct mask_session *s, const struct llm_doc *doc,
                        const struct mask_changes *changes, struct buf *out, struct fault *f)
{
    struct request r = {{e, w, s}, doc, f, true};
    session_begin(s, k);
    s->style = &e->style;
    cache_begin(w, k);
    detect_forget(w);
    known_reset(w->known, doc->body.n);
    arena_reset(&w->edits);
    w->edit_n = 0;
    if (f)
        *f = (struct fault){0};
    struct err failure = mask_all(&r);
    if (!failed(failure))
        failure = add_changes(w, doc, changes, &r.sorted);
    if (!failed(failure))
        failure = write_body(w, s, doc->body, r.sorted, out);
    if (failed(failure) && f && !f->why)
        f->why = "the request holds more than can be masked";
    return failure;
}

struct err mask_pass(struct mask_work *w, const struct llm_doc *doc,
                     const struct mask_changes *changes, struct buf *out)
{
    bool sorted = true;
    arena_reset(&w->edits);
    w->edit_n = 0;
    TRY(add_changes(w, doc, changes, &sorted));
    return write_body(w, NULL, doc->body, sorted, out);
}

struct err mask_text(const struct mask_engine *e, struct mask_work *w, const struct mask_key *k,
                     struct mask_session *s, struct span text, struct buf *out,
                     const struct mask_span **spans, size_t *n)
{
    const struct text_pass p = {e, w, s};
    s->key = k;
    s->style = &e->style;
    cache_begin(w, k);
    detect_forget(w);
    known_reset(w->known, text.n);
    TRY(text_marks(&p, SPAN_NONE, text, DETECT_ALL, TEXT_DETECT));
    if (w->span_cap < w->mark_n) {
        struct mask_span *v = realloc(w->span, w->mark_cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        w->span = v;
        w->span_cap = w->mark_cap;
    }
    size_t at = 0, from = out->n;
    struct err failure = OK;
    for (size_t i = 0; i < w->mark_n && !failed(failure); i++) {
        const struct mark *m = &w->mark[i];
        w->span[i] = (struct mask_span){m->f, token_shown(s, &s->v[m->token])};
        session_use(s, m->token);
        failure = buf_put(out, span_cut(text, at, m->f.start - at));
        if (!failed(failure))
            failure = buf_put(out, w->span[i].token);
        at = m->f.end;
    }
    if (!failed(failure))
        failure = buf_put(out, span_from(text, at));
    if (failed(failure))
        out->n = from;
    if (spans)
        *spans = w->span;
    if (n)
        *n = w->mark_n;
    return failure;
}
