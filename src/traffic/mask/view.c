/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views: escapes and runs of a text found in order, the rest copied, layer upon layer until nothing
 * changes. Called for every text; a layer is made only where an escape could hide something.
 */
#include "view_int.h"

#include <stdlib.h>

void view_free(struct view *v)
{
    for (size_t i = 0; i < VIEW_DEPTH; i++) {
        buf_wipe(&v->layer[i].text);
        free(v->layer[i].v);
        v->layer[i].v = NULL;
        v->layer[i].n = v->layer[i].cap = 0;
    }
    v->n = 0;
}

struct span view_text(const struct view *v)
{
    return buf_span(&v->layer[v->n - 1].text);
}

static struct err add_step(struct view_layer *l, struct view_step s)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct view_step *v = realloc(l->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = s;
    return OK;
}

enum undo { UNDO_NOTHING, UNDO_LINES, UNDO_COMMENTS, UNDO_TAGS, UNDO_ESCAPES };

/* What the sign at `at` is undone with, if it begins something. */
static enum undo undone_with(struct span t, size_t at)
{
    switch (t.p[at]) {
    case '<':
        return byte_at(t, at + 1) == '!' ? UNDO_COMMENTS : UNDO_TAGS;
    case '\r':
    case '\n':
        return UNDO_LINES;
    default:
        return UNDO_ESCAPES;
    }
}

/* What of a text may hide something. Tags wait for a layer of their own above the others: values
 * stand in their attributes, and those are spelt with escapes, too. So do comments, in which values
 * stand that escapes and tags part, and line ends, which part two values where they do not lie in
 * one. */
static enum undo what_hides(struct span t)
{
    struct view_escape e;
    enum undo what = UNDO_NOTHING;
    for (size_t at = 0; (at = view_next_sign(t, at)) < t.n;) {
        bool yes = view_escape_at(t, at, &e);
        enum undo with = undone_with(t, at);
        if (yes && e.tells && with > what)
            what = with;
        if (what == UNDO_ESCAPES)
            break;
        at += yes && t.p[at] != '<' ? e.n : 1;
    }
    return what;
}

/* What a run holds stands by itself: it is no part of the path or link around it. */
static struct err put_run(struct buf *to, struct span text)
{
    TRY(buf_put_u8(to, ' '));
    TRY(buf_put(to, text));
    return buf_put_u8(to, ' ');
}

/* One layer over `t`: without its line ends in values, its comments, its tags, or its escapes and
 * runs, of which `run` is the first. */
static struct err make_layer(struct view *v, struct view_layer *l, struct span t, enum undo what,
                             struct view_run *run)
{
    size_t at = 0, sign = view_next_sign(t, 0);
    buf_clear(&l->text);
    l->n = 0;
    l->hides = what != UNDO_ESCAPES;
    TRY(buf_reserve(&l->text, t.n));
    while (sign < t.n || run->found) {
        struct view_escape e;
        bool is_run = run->found && run->start <= sign;
        if (!is_run && (undone_with(t, sign) != what || !view_escape_at(t, sign, &e))) {
            sign = view_next_sign(t, sign + 1);
            continue;
        }
        size_t from = is_run ? run->start : sign, end = is_run ? run->end : sign + e.n;
        TRY(buf_put(&l->text, span_cut(t, at, from - at)));
        struct span with = is_run ? buf_span(run->text) : span(e.out, e.out_n);
        TRY(add_step(l, (struct view_step){(uint32_t)from, (uint32_t)(end - from),
                                           (uint32_t)l->text.n, (uint32_t)with.n + (is_run ? 2 : 0),
                                           !is_run && e.within, !is_run && e.in_word}));
        TRY(is_run ? put_run(&l->text, with) : buf_put(&l->text, with));
        l->hides |= is_run;
        v->names |= is_run || (e.tells && e.names);
        at = end;
        if (sign < at)
            sign = view_next_sign(t, at);
        if (is_run || (run->found && run->start < at))
            TRY(view_next_run(t, at, run));
    }
    return buf_put(&l->text, span_from(t, at));
}

struct err view_make(struct view *v, struct span text)
{
    BUF_AUTO run_text = buf_init(v->layer[0].text.max);
    struct view_run run = {.text = &run_text};
    v->n = 0;
    v->names = false;
    for (size_t i = 0; i < VIEW_DEPTH; i++) {
        TRY(view_next_run(text, 0, &run));
        enum undo what = run.found ? UNDO_ESCAPES : what_hides(text);
        if (what == UNDO_NOTHING)
            return OK;
        TRY(make_layer(v, &v->layer[i], text, what, &run));
        text = buf_span(&v->layer[i].text);
        v->n = i + 1;
    }
    return OK;
}

bool view_below(struct view *v)
{
    while (v->n > 1)
        if (v->layer[--v->n].hides)
            return true;
    return false;
}

/* ---- back to the text ---- */

/* The first step that ends behind `to` (an offset of the layer's text). */
static size_t step_behind(const struct view_layer *l, size_t to)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (l->v[mid].to + l->v[mid].to_n <= to)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Where the byte at `to` came from: the first byte of its escape. */
static size_t first_byte(const struct view_layer *l, size_t to)
{
    size_t i = step_behind(l, to);
    if (i < l->n && l->v[i].to <= to)
        return l->v[i].from;
    return i == 0
               ? to
               : l->v[i - 1].from + l->v[i - 1].from_n + (to - l->v[i - 1].to - l->v[i - 1].to_n);
}

/* The end of what the byte at `to` came from. */
static size_t last_byte(const struct view_layer *l, size_t to)
{
    size_t i = step_behind(l, to);
    if (i < l->n && l->v[i].to <= to)
        return l->v[i].from + l->v[i].from_n;
    return first_byte(l, to) + 1;
}

/* What the escapes of a layer have to do with a value. */
struct nearness {
    bool near;   /* one may have made it what it is */
    bool apart;  /* a tag lies between its words: the layer below shows each of them */
    bool parted; /* a tag parts one of its words: that layer does not */
};

static void look_near(const struct view_layer *l, const struct finding *f, struct nearness *n)
{
    size_t i = step_behind(l, f->start > VIEW_NEAR ? f->start - VIEW_NEAR : 0);
    for (; i < l->n && l->v[i].to <= (uint64_t)f->end + VIEW_NEAR; i++) {
        const struct view_step *s = &l->v[i];
        bool inside = s->to > f->start && s->to < f->end;
        n->near |= !s->within || inside;
        n->apart |= s->within && inside && !s->in_word;
        n->parted |= s->within && inside && s->in_word;
    }
}

bool view_back(const struct view *v, bool name, struct finding *f)
{
    struct nearness n = {0};
    for (size_t k = v->n; k-- > 0;) {
        const struct view_layer *l = &v->layer[k];
        look_near(l, f, &n);
        size_t start = first_byte(l, f->start), end = last_byte(l, f->end - 1U);
        f->start = (uint32_t)start;
        f->end = (uint32_t)end;
    }
    return n.near && !(name && n.apart && !n.parted);
}

size_t view_plain(struct span value, uint8_t *out)
{
    if (out != value.p)
        memmove(out, value.p, value.n);
    for (unsigned k = 0; k < VIEW_DEPTH; k++) {
        struct span t = span(out, value.n);
        if (what_hides(t) == UNDO_NOTHING)
            break;
        size_t n = 0, at = 0;
        for (size_t sign = view_next_sign(t, 0); sign < t.n; sign = view_next_sign(t, sign)) {
            struct view_escape e;
            if (!view_escape_at(t, sign, &e)) {
                sign++;
                continue;
            }
            memmove(out + n, out + at, sign - at);
            n += sign - at;
            memcpy(out + n, e.out, e.out_n);
            n += e.out_n;
            at = sign += e.n;
        }
        memmove(out + n, out + at, t.n - at);
        value.n = n + t.n - at;
    }
    return value.n;
}
