/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring texts and whole bodies. Called once for every answer; the common answer holds a few
 * tokens in one long string.
 */
#include "restore_int.h"

#include "json.h"
#include "num.h"

struct restore_work restore_work_of(const struct mask_session *s)
{
    return (struct restore_work){.s = s,
                                 .skips = look_skips_of(s),
                                 .text = buf_init(LLM_BODY_MAX),
                                 .out = buf_init(LLM_BODY_MAX),
                                 .encoded = buf_init(LLM_BODY_MAX)};
}

void restore_work_free(struct restore_work *w)
{
    buf_wipe(&w->text);
    buf_wipe(&w->out);
    buf_wipe(&w->encoded);
    shift_free(&w->cited);
}

static struct err put_value(struct restore_work *w, const struct look *l,
                            const struct look_hit *hit)
{
    struct span v = token_value(w->s, hit->t);
    w->count++;
    return l->text == LOOK_JSON && !hit->whole ? json_escape(v, &w->out) : buf_put(&w->out, v);
}

static struct err put_plain(struct restore_work *w, struct span text)
{
    if (w->shifts)
        w->shifts->chars += shift_chars(text);
    return buf_put(&w->out, text);
}

struct err restore_run(struct restore_work *w, const struct look *l, bool *joined, size_t *used)
{
    size_t i = 0, plain = 0;
    while ((i = look_skip(&w->skips, l->in, i, joined)) < l->in.n) {
        struct look_hit hit;
        enum look_verdict v = look_at(l, i, *joined, &hit);
        if (v == LOOK_MORE)
            break;
        if (v == LOOK_NO) {
            size_t step = look_step(l, i);
            if (step == 0)
                break;
            *joined = look_joined(l, i, step);
            i += step;
            continue;
        }
        TRY(put_plain(w, span_cut(l->in, plain, i - plain)));
        if (w->shifts)
            TRY(shift_add(w->shifts, 0, shift_chars(span_cut(l->in, i, hit.n)),
                          shift_chars(token_value(w->s, hit.t))));
        TRY(put_value(w, l, &hit));
        *joined = false;
        i += hit.n;
        plain = i;
    }
    *used = i;
    return put_plain(w, span_cut(l->in, plain, i - plain));
}

struct err restore_text(const struct mask_session *s, struct span text, struct buf *out,
                        uint64_t *n)
{
    struct restore_work w = restore_work_of(s);
    const struct look l = {.s = s, .in = text, .text = LOOK_PLAIN, .final = true};
    bool joined = false;
    w.out.max = out->max;
    size_t used;
    struct err e = restore_run(&w, &l, &joined, &used);
    if (!failed(e))
        e = buf_put(out, buf_span(&w.out));
    if (n)
        *n += w.count;
    restore_work_free(&w);
    return e;
}

/* ---- leaves ---- */

struct err restore_decode(struct restore_work *w, const struct llm_doc *d, const struct llm_leaf *l)
{
    struct span raw = llm_leaf_inner(d, l);
    return l->escaped ? json_unescape_buf(raw, JSON_LONE_KEEP, &w->text) : buf_put(&w->text, raw);
}

struct err restore_replace(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l)
{
    buf_clear(&w->encoded);
    TRY(l->lone ? json_escape_kept(buf_span(&w->out), &w->encoded)
                : json_escape(buf_span(&w->out), &w->encoded));
    struct span with;
    TRY(arena_copy(&d->arena, buf_span(&w->encoded), &with));
    return splice_add(&w->edits, l->start + 1, l->end - 1, with);
}

/* A whole string of tool arguments that is one number token: the number again. */
static struct err number_again(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l,
                               bool *done)
{
    const struct look look = {
        .s = w->s, .in = buf_span(&w->text), .text = LOOK_PLAIN, .final = true};
    struct look_hit hit;
    *done = false;
    if ((l->kind != LLM_ARG && !w->request) || l->kind == LLM_KEY || !w->s->numbers ||
        w->text.n == 0 || look_at(&look, 0, false, &hit) != LOOK_YES || hit.n != w->text.n ||
        hit.t->form != TOKEN_NUMBER)
        return OK;
    *done = true;
    w->count++;
    struct span with;
    TRY(arena_copy(&d->arena, token_value(w->s, hit.t), &with));
    return splice_add(&w->edits, l->start, l->end, with);
}

/* Arguments that were cut off or are no JSON are text, as they were for masking. */
static struct err text_kind(struct restore_work *w, const struct llm_doc *d,
                            const struct llm_leaf *l, enum look_text *kind)
{
    struct span text = buf_span(&w->text);
    *kind = LOOK_PLAIN;
    if (l->kind != LLM_JSON)
        return OK;
    if (l->lone) { /* half a surrogate pair is no UTF-8 there */
        buf_clear(&w->encoded);
        TRY(json_unescape_buf(llm_leaf_inner(d, l), JSON_LONE_REPLACE, &w->encoded));
        text = buf_span(&w->encoded);
    }
    struct json j = json_of(text);
    struct json_token t;
    do {
        if (failed(json_next(&j, &t)))
            return OK;
    } while (t.type != JSON_END);
    *kind = LOOK_JSON;
    return OK;
}

/* ---- positions ---- */

struct err restore_position(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l,
                            const struct shifts *s, uint32_t text)
{
    uint64_t at;
    bool end = l->kind == LLM_AT_END || l->kind == LLM_DOC_AT_END;
    if (failed(num_u64(llm_leaf_raw(d, l), UINT32_MAX, &at)))
        return OK;
    uint64_t to = shift_restored(s, text, at, end);
    if (to == at)
        return OK;
    enum { DIGITS = 24 };
    void *p;
    TRY(arena_take(&d->arena, DIGITS, &p));
    struct wr number = wr_of(p, DIGITS);
    wr_dec(&number, to);
    return splice_add(&w->edits, l->start, l->end, wr_span(&number));
}

/* What restoring the cited leaf changes in it. */
static struct err read_cited(struct restore_work *w, const struct llm_doc *d, size_t leaf)
{
    if (w->cited_leaf == leaf + 1)
        return OK;
    uint64_t count = w->count;
    size_t used;
    bool joined = false;
    w->cited.n = 0;
    w->cited.chars = 0;
    buf_clear(&w->text);
    buf_clear(&w->out);
    TRY(restore_decode(w, d, &d->leaf[leaf]));
    const struct look look = {
        .s = w->s, .in = buf_span(&w->text), .text = LOOK_PLAIN, .final = true};
    w->shifts = &w->cited;
    struct err e = restore_run(w, &look, &joined, &used);
    w->shifts = NULL;
    w->count = count;
    w->cited_leaf = leaf + 1;
    return e;
}

static bool is_position(const struct llm_leaf *l)
{
    return l->kind == LLM_AT || l->kind == LLM_AT_END || l->kind == LLM_DOC_AT ||
           l->kind == LLM_DOC_AT_END;
}

static struct err position_leaf(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l)
{
    if (l->kind == LLM_DOC_AT || l->kind == LLM_DOC_AT_END)
        return restore_position(w, d, l, &w->s->documents, l->at[1] + 1);
    if (l->key == 0)
        return OK;
    TRY(read_cited(w, d, l->key - 1));
    return restore_position(w, d, l, &w->cited, 0);
}

struct err restore_leaf(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l)
{
    if (l->kind == LLM_NULLED)
        return splice_add(&w->edits, l->start, l->end,
                          d->body.p[l->start] == '[' ? SPAN_LIT("[]") : SPAN_LIT("null"));
    if (is_position(l))
        return position_leaf(w, d, l);
    if (l->kind == LLM_SKIP || l->kind == LLM_SIGNED || l->kind == LLM_NUMBER ||
        l->kind == LLM_FIXED || l->kind == LLM_SEQ || l->kind == LLM_END_OF ||
        l->end - l->start <= (w->s->stand_ins ? 3 : TOKEN_SHORT))
        return OK;
    buf_clear(&w->text);
    buf_clear(&w->out);
    TRY(restore_decode(w, d, l));
    if (!w->s->stand_ins && !look_worthwhile(buf_span(&w->text)))
        return OK; /* most texts hold nothing */
    bool joined = false, done;
    TRY(number_again(w, d, l, &done));
    if (done)
        return OK;
    struct look look = {.s = w->s, .in = buf_span(&w->text), .final = true};
    TRY(text_kind(w, d, l, &look.text));
    uint64_t before = w->count;
    size_t used;
    TRY(restore_run(w, &look, &joined, &used));
    return w->count == before ? OK : restore_replace(w, d, l);
}

/* ---- bodies ---- */

static struct err all_leaves(struct restore_work *w, struct llm_doc *d, struct span body,
                             struct buf *out)
{
    w->edits = splice_of(body, &d->arena);
    w->cited_leaf = 0;
    for (size_t i = 0; i < d->leaves; i++)
        TRY(restore_leaf(w, d, &d->leaf[i]));
    return splice_write(&w->edits, out);
}

static struct err restore_doc(const struct mask_session *s, struct llm_doc *doc, bool request,
                              struct span body, struct buf *out, uint64_t *n, struct fault *f)
{
    if (mask_values(s) == 0)
        return buf_put(out, body);
    struct restore_work w = restore_work_of(s);
    w.request = request;
    size_t from = out->n;
    struct err e = all_leaves(&w, doc, body, out);
    if (failed(e)) {
        out->n = from;
        if (f)
            *f = (struct fault){0, "the body is too large to restore"};
    }
    if (n)
        *n += w.count;
    restore_work_free(&w);
    return e;
}

struct err restore_body(const struct mask_session *s, enum llm_surface surface, struct llm_doc *doc,
                        struct span body, struct buf *out, uint64_t *n, struct fault *f)
{
    TRY(llm_read_answer(doc, surface, body, f));
    return restore_doc(s, doc, false, body, out, n, f);
}

struct err restore_request(const struct mask_session *s, enum llm_surface surface,
                           struct llm_doc *doc, struct span body, struct buf *out, uint64_t *n,
                           struct fault *f)
{
    TRY(llm_read_request(doc, surface, body, f));
    return restore_doc(s, doc, true, body, out, n, f);
}
