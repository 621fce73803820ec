/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One text: what in it is masked, and by which token. Three sources, in this order: the detectors,
 * the values the request is known to hold (M2), and what only looks like a token of this request
 * (M4). Called for every leaf; most texts have no mark at all.
 */
#include "look_int.h"
#include "num.h"
#include "pace.h"
#include "work_int.h"

#include <stdlib.h>

static struct span piece(struct span text, const struct finding *f)
{
    return span_cut(text, f->start, f->end - f->start);
}

static struct err add_mark(struct mask_work *w, struct finding f, uint32_t token)
{
    if (w->mark_n == w->mark_cap) {
        size_t cap = w->mark_cap ? w->mark_cap * 2 : 64;
        if (cap > w->found.max)
            return err(ERR_LIMIT);
        struct mark *v = realloc(w->mark, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        w->mark = v;
        w->mark_cap = cap;
    }
    w->mark[w->mark_n++] = (struct mark){f, token};
    return OK;
}

/* ---- what is written ---- */

static bool joins_at(struct span s, size_t at)
{
    return at < s.n && look_joins(s.p[at]);
}

/* Would a stand-in, written for mark `i`, join with what stands beside it? */
static bool is_joined(const struct mask_session *s, const struct mask_work *w, struct span text,
                      size_t i)
{
    const struct mark *m = &w->mark[i];
    struct span own = token_shown(s, &s->v[m->token]);
    bool before = m->f.start > 0 && joins_at(text, m->f.start - 1);
    bool after = joins_at(text, m->f.end);
    if (i > 0 && m[-1].f.end == m->f.start) {
        struct span other = token_shown(s, &s->v[m[-1].token]);
        before = other.n == 0 || joins_at(other, other.n - 1);
    }
    if (i + 1 < w->mark_n && m[1].f.start == m->f.end) {
        struct span other = token_shown(s, &s->v[m[1].token]);
        after = other.n == 0 || joins_at(other, 0);
    }
    return (before && joins_at(own, 0)) || (after && joins_at(own, own.n - 1));
}

/* A stand-in is found again as whole words (look.c). Beside a letter or digit it would not be, so
 * a token is written there (M4). */
static struct err name_joined(const struct text_pass *p, struct span text)
{
    struct mask_work *w = p->w;
    for (size_t i = 0; i < w->mark_n; i++) {
        struct mark *m = &w->mark[i];
        if (style_undone(p->s, m->token) && is_joined(p->s, w, text, i))
            TRY(session_token(p->s, (enum entity)m->f.entity, TOKEN_JOINED, piece(text, &m->f),
                              &m->token));
    }
    return OK;
}

/* ---- known values ---- */

/* Is f covered by one of the sorted findings? *at moves forward with it. */
static bool covered(const struct findings *by, size_t *at, const struct finding *f)
{
    while (*at < by->n && by->v[*at].end <= f->start)
        ++*at;
    return *at < by->n && by->v[*at].start <= f->start && f->end <= by->v[*at].end;
}

/* Drop from all[from..] what earlier findings cover, or the scope does not want. */
static void drop_covered(struct findings *all, size_t from, enum detect_scope scope)
{
    struct findings before = {.v = all->v, .n = from};
    size_t n = from, number = 0, word = 0;
    uint32_t last = 0;
    for (size_t i = from; i < all->n; i++) {
        struct finding f = all->v[i];
        bool second = f.start < last; /* numbers come first, then words: two sorted runs */
        last = f.start;
        if (second)
            word = 0;
        if (!detect_wants(scope, f.entity) || covered(&before, second ? &word : &number, &f))
            continue;
        all->v[n++] = f;
    }
    all->n = n;
}

static void join_known(struct span text, struct findings *all, size_t from, enum detect_scope scope)
{
    if (all->n == from)
        return;
    drop_covered(all, from, scope);
    if (all->n > from && all->n > 1)
        scan_resolve(text, all);
}

static struct err add_known(const struct text_pass *p, struct span text, enum detect_scope scope)
{
    struct mask_work *w = p->w;
    struct findings *all = &w->all;
    size_t from = all->n;
    bool more;
    TRY(known_learn(w->known, p->s));
    if (w->known->n == 0)
        return OK;
    TRY(known_find(w->known, p->s, text, all));
    join_known(text, all, from, scope);
    TRY(detect_view(w, text, &more));
    if (!more)
        return OK;
    size_t n = from = all->n;
    TRY(known_find(w->known, p->s, view_text(&w->view), all));
    for (size_t i = from; i < all->n; i++)
        if (view_back(&w->view, false, &all->v[i]))
            all->v[n++] = all->v[i];
    all->n = n;
    join_known(text, all, from, scope);
    return OK;
}

/* A value that is spelt with escapes is known without them, too. Nothing is counted: that spelling
 * need not stand anywhere. */
static struct err know_plain(const struct text_pass *p, enum entity e, struct span value)
{
    struct mask_work *w = p->w;
    uint32_t token;
    if (w->viewed == VIEW_NONE)
        return OK;
    buf_clear(&w->value);
    TRY(buf_reserve(&w->value, value.n));
    struct span plain = span(w->value.p, view_plain(value, w->value.p));
    return span_eq(plain, value) ? OK : session_token(p->s, e, TOKEN_PLAIN, plain, &token);
}

/* Parts of values that cross into other texts, where nothing else was found. */
static struct err add_pieces(const struct text_pass *p, struct span text, enum detect_scope scope)
{
    const struct seams *s = p->w->pieces;
    struct findings *all = &p->w->all;
    size_t from = all->n;
    for (size_t i = 0; s && i < s->here; i++) {
        const struct finding *f = &s->piece[s->next + i].f;
        if (detect_wants(scope, f->entity) && f->end <= text.n)
            TRY(findings_add(all, *f));
    }
    if (all->n > from && all->n > 1)
        scan_resolve(text, all);
    return OK;
}

static enum token_form form_of(const struct finding *f)
{
    return f->rule == PIECE_RULE ? TOKEN_PIECE : TOKEN_PLAIN;
}

/* The findings of the text in w->all; tokens issued for what the detectors found, so that the same
 * value is known in all of this text. */
static struct err find(const struct text_pass *p, struct span key, struct span text,
                       enum detect_scope scope, enum text_mode mode)
{
    struct findings *all = &p->w->all;
    all->n = 0;
    p->w->viewed = VIEW_UNKNOWN;
    if (mode == TEXT_DETECT) {
        const struct findings *found;
        TRY(detect_text(p->e, p->w, key, text, scope, &found));
        for (size_t i = 0; i < found->n; i++) {
            uint32_t token;
            enum entity e = (enum entity)found->v[i].entity;
            TRY(pace_round(i));
            TRY(know_plain(p, e, piece(text, &found->v[i])));
            TRY(session_token(p->s, e, TOKEN_PLAIN, piece(text, &found->v[i]), &token));
            TRY(findings_add(all, found->v[i]));
        }
    }
    if (mode != TEXT_LITERAL)
        TRY(add_known(p, text, scope));
    return mode == TEXT_DETECT ? add_pieces(p, text, scope) : OK;
}

/* ---- look-alikes ---- */

static struct err see_name(struct mask_session *s, const struct look_hit *hit)
{
    struct span name = span(hit->name, hit->name_n);
    TRY(session_see(s, name));
    return session_see(s, span_cut(name, 0, span_find(name, 0, '.')));
}

/* Past the bytes of l->in from `at` on at which look_at would find nothing. */
static size_t idle_end(const struct look *l, struct look_places *places, size_t at, bool *joined)
{
    size_t place = look_place(places, at), end = place;
    if (l->s->stand_ins)
        for (end = at; end < place && !l->s->stand_in[l->in.p[end]];)
            end++;
    if (end > at)
        *joined = look_joins(l->in.p[end - 1]);
    return end;
}

/*
 * The text between two marks. What the restorer would take for a token of this request is masked as
 * a value itself; any other look-alike is remembered, so that no value gets its name later.
 */
static struct err literals(const struct text_pass *p, struct span text, size_t from, size_t to)
{
    const struct look l = {.s = p->s,
                           .in = span_cut(text, from, to - from),
                           .text = LOOK_PLAIN,
                           .final = true,
                           .look_alikes = true};
    struct look_places places = look_places_of(l.in);
    bool joined = false;
    for (size_t i = 0; (i = idle_end(&l, &places, i, &joined)) < l.in.n;) {
        struct look_hit hit;
        if (look_at(&l, i, joined, &hit) != LOOK_YES) {
            joined = look_joins(l.in.p[i++]);
            continue;
        }
        struct finding f = {(uint32_t)(from + i), (uint32_t)(from + i + hit.n), 0, LITERAL_RULE, 1};
        if (hit.t) {
            uint32_t token;
            f.entity = hit.t->entity;
            TRY(session_token(p->s, (enum entity)f.entity, TOKEN_LITERAL, piece(text, &f), &token));
            TRY(add_mark(p->w, f, token));
        } else {
            TRY(see_name(p->s, &hit));
        }
        joined = false;
        i += hit.n;
    }
    return OK;
}

static struct err mark_finding(const struct text_pass *p, struct span text, struct finding f)
{
    uint32_t token;
    TRY(session_token(p->s, (enum entity)f.entity, form_of(&f), piece(text, &f), &token));
    return add_mark(p->w, f, token);
}

static struct err mark_findings(const struct text_pass *p, struct span text)
{
    struct mask_work *w = p->w;
    w->mark_n = 0;
    for (size_t i = 0; i < w->all.n; i++) {
        TRY(pace_round(i));
        TRY(mark_finding(p, text, w->all.v[i]));
    }
    return OK;
}

/* The same with look-alikes between them. Each may equal any finding's token: those are there. */
static struct err mark_literals(const struct text_pass *p, struct span text)
{
    struct mask_work *w = p->w;
    size_t at = 0;
    w->mark_n = 0;
    for (size_t i = 0; i < w->all.n; i++) {
        struct finding f = w->all.v[i];
        TRY(pace_round(i));
        TRY(literals(p, text, at, f.start));
        TRY(mark_finding(p, text, f));
        at = f.end;
    }
    return literals(p, text, at, text.n);
}

struct err text_marks(const struct text_pass *p, struct span key, struct span text,
                      enum detect_scope scope, enum text_mode mode)
{
    struct mask_work *w = p->w;
    w->mark_n = 0;
    if (p->s->style && p->s->style->surrogates)
        TRY(style_hear(p->s, text));
    TRY(find(p, key, text, scope, mode));
    bool look = mode != TEXT_KNOWN && (p->s->stand_ins || look_worthwhile(text));
    if (w->all.n == 0 && !look)
        return OK;
    TRY(mark_findings(p, text));
    if (look)
        TRY(mark_literals(p, text));
    if (p->s->style && p->s->style->surrogates)
        return name_joined(p, text);
    return OK;
}

/* ---- numbers ---- */

enum { NUMBER_MIN = 5, NUMBER_MAX = 40 };

/* A whole number that is spelt with a fraction or an exponent, as its digits: 4.1e3 is 4100.
 * Returns how many, 0 when it is spelt plainly, is no whole number or has too many digits. */
static size_t whole_number(struct span raw, uint8_t out[NUMBER_MAX])
{
    size_t i = raw.n && raw.p[0] == '-', n = 0, point = SIZE_MAX;
    for (; i < raw.n && ascii_lower(raw.p[i]) != 'e'; i++) {
        if (raw.p[i] == '.')
            point = n;
        else if (n < NUMBER_MAX && (n || raw.p[i] != '0' || point != SIZE_MAX))
            out[n++] = raw.p[i];
    }
    if (i == raw.n && point == SIZE_MAX)
        return 0;
    uint64_t power = 0;
    bool minus = i + 1 < raw.n && raw.p[i + 1] == '-';
    size_t from = i + 1 + (i + 1 < raw.n && (minus || raw.p[i + 1] == '+'));
    if (i < raw.n && failed(num_u64(span_from(raw, from), NUMBER_MAX, &power)))
        return 0;
    if (point == SIZE_MAX)
        point = n;
    if (minus ? power > point : point + power > NUMBER_MAX)
        return 0;
    size_t digits = minus ? point - power : point + power;
    for (size_t k = digits; k < n; k++)
        if (out[k] != '0')
            return 0;
    for (; n < digits; n++)
        out[n] = '0';
    return digits;
}

/* The longest finding of a number spelt so; entity ENTITY_COUNT when there is none. */
static struct err find_number(const struct text_pass *p, struct span key, struct span text,
                              enum detect_scope scope, struct finding *best)
{
    const struct findings *found;
    *best = (struct finding){.entity = ENTITY_COUNT};
    TRY(detect_text(p->e, p->w, key, text, scope, &found));
    if (found->n == 0) {
        p->w->all.n = 0;
        TRY(add_known(p, text, scope));
        found = &p->w->all;
    }
    for (size_t i = 0; i < found->n; i++)
        if (found->v[i].end - found->v[i].start > best->end - best->start)
            *best = found->v[i];
    return OK;
}

struct err text_number(const struct text_pass *p, struct span key, struct span raw,
                       enum detect_scope scope)
{
    struct finding best = {.entity = ENTITY_COUNT};
    uint8_t digits[NUMBER_MAX];
    uint32_t token;
    p->w->mark_n = 0;
    if (raw.n < NUMBER_MIN)
        return OK;
    size_t n = whole_number(raw, digits);
    if (n >= NUMBER_MIN) {
        TRY(find_number(p, key, span(digits, n), scope, &best));
        if (best.entity != ENTITY_COUNT)
            TRY(session_token(p->s, (enum entity)best.entity, TOKEN_PLAIN, span(digits, n),
                              &token));
    }
    if (best.entity == ENTITY_COUNT)
        TRY(find_number(p, key, raw, scope, &best));
    if (best.entity == ENTITY_COUNT)
        return OK;
    best.start = 0;
    best.end = (uint32_t)raw.n;
    TRY(session_token(p->s, (enum entity)best.entity, TOKEN_NUMBER, raw, &token));
    return add_mark(p->w, best, token);
}
