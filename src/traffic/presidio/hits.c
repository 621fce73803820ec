/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of one text on their way into an answer. Frequent: a handful, disjoint. Many, and
 * overlapping, only where the caller's own expressions make them: each expression's hits are
 * disjoint, so at most PATTERNS_MAX + 1 cover a byte and the sweep is linear.
 */
#include "presidio_int.h"

#include <math.h>
#include <stdlib.h>

/* entity.def: types with a check or a certain form. */
enum { CHECKED_WEIGHT = 25 };

double api_score(const struct finding *f, bool *sure)
{
    static const uint8_t weight[ENTITY_COUNT] = {
#define ENTITY(name, w) w,
#include "entity.def"
#undef ENTITY
    };
    *sure = weight[f->entity] >= CHECKED_WEIGHT && f->score >= SURE;
    return *sure ? 1 : round((double)f->score * 1000) / 1000;
}

struct err hits_add(struct hits *h, struct hit one)
{
    if (h->n == h->cap) {
        size_t cap = h->cap ? 2 * h->cap : 64;
        if (h->n >= HITS_MAX)
            return err(ERR_LIMIT);
        struct hit *v = realloc(h->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        h->v = v;
        h->cap = cap;
    }
    h->v[h->n++] = one;
    return OK;
}

/* Containers before what they contain. */
static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return span_cmp(x->type, y->type);
}

static int by_score(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return span_cmp(x->type, y->type);
}

static bool covers(const struct hit *outer, const struct hit *inner)
{
    return outer->end >= inner->end && outer->score >= inner->score &&
           span_eq(outer->type, inner->type);
}

/* Drop what a hit of the same type says better. `open`: hits that reach past the current start. */
static void drop_contained(struct hits *h)
{
    size_t open[PATTERNS_MAX + 2], n_open = 0, kept = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct hit one = h->v[i];
        size_t still = 0;
        bool inside = false;
        for (size_t k = 0; k < n_open; k++) {
            if (h->v[open[k]].end <= one.start)
                continue;
            inside = inside || covers(&h->v[open[k]], &one);
            open[still++] = open[k];
        }
        n_open = still;
        if (inside)
            continue;
        if (n_open < sizeof open / sizeof *open)
            open[n_open++] = kept;
        h->v[kept++] = one;
    }
    h->n = kept;
}

/* Bytes to code points: one walk over the text, and one over each hit. */
static void count_points(struct hits *h, struct span text)
{
    size_t at = 0, points = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct hit *x = &h->v[i];
        points += json_kept_count(span_cut(text, at, x->start - at));
        at = x->start;
        x->first = (uint32_t)points;
        x->last = x->first + (uint32_t)json_kept_count(span_cut(text, x->start, x->end - x->start));
    }
}

void hits_settle(struct hits *h, struct span text)
{
    if (h->n > 1)
        qsort(h->v, h->n, sizeof *h->v, by_place);
    drop_contained(h);
    count_points(h, text);
    if (h->n > 1)
        qsort(h->v, h->n, sizeof *h->v, by_score);
}

/* A score as Presidio prints it: 1.0, never 1, which a client of many a language reads as another
 * type. */
static void put_score(struct json_put *p, const char *name, double v)
{
    if (v == 0 || v == 1)
        json_put_raw(p, name, v == 0 ? SPAN_LIT("0.0") : SPAN_LIT("1.0"));
    else
        json_put_double(p, name, v);
}

/* How a hit of the caller's own recogniser came about. */
static struct err put_own(struct json_put *p, const struct hit *x)
{
    const struct pattern *by = x->by;
    BUF_AUTO said = buf_init(64 * 1024);
    TRY(buf_puts(&said, "Detected by `"));
    TRY(buf_put(&said, by->of->name));
    TRY(buf_puts(&said, "` using pattern `"));
    TRY(buf_put(&said, by->name));
    TRY(buf_puts(&said, "`"));
    put_score(p, "original_score", x->base);
    json_put_kept(p, "pattern", by->source);
    json_put_kept(p, "pattern_name", by->name);
    json_put_kept(p, "recognizer", by->of->name);
    json_put_u64(p, "regex_flags", by->flags);
    put_score(p, "score", x->score);
    json_put_double(p, "score_context_improvement", x->score - x->base);
    json_put_kept(p, "supportive_context_word", x->supporting);
    json_put_kept(p, "textual_explanation", buf_span(&said));
    json_put_null(p, "validation_result");
    return OK;
}

/* sanctum's own detectors weigh form, check digits and context at once, without a pattern. */
static struct err put_built_in(struct json_put *p, const struct hit *x)
{
    BUF_AUTO name = buf_init(256);
    TRY(put_recogniser(x->entity, &name));
    put_score(p, "original_score", x->base);
    json_put_null(p, "pattern");
    json_put_null(p, "pattern_name");
    json_put_kept(p, "recognizer", buf_span(&name));
    json_put_null(p, "regex_flags");
    put_score(p, "score", x->score);
    json_put_double(p, "score_context_improvement", x->score - x->base);
    json_put_kept(p, "supportive_context_word", x->supporting);
    if (is_name_entity(x->entity))
        json_put_text(p, "textual_explanation", "Named by the tagger");
    else
        json_put_text(p, "textual_explanation", "Form, check digits and words nearby");
    if (x->sure)
        json_put_bool(p, "validation_result", true);
    else
        json_put_null(p, "validation_result");
    return OK;
}

struct err hits_put(struct json_put *p, const struct hits *h, bool explain)
{
    json_put_array(p, NULL);
    for (size_t i = 0; i < h->n; i++) {
        const struct hit *x = &h->v[i];
        json_put_object(p, NULL);
        if (explain) {
            json_put_object(p, "analysis_explanation");
            TRY(x->by ? put_own(p, x) : put_built_in(p, x));
            json_put_end(p);
        } else {
            json_put_null(p, "analysis_explanation");
        }
        json_put_u64(p, "end", x->last);
        json_put_kept(p, "entity_type", x->type);
        put_score(p, "score", x->score);
        json_put_u64(p, "start", x->first);
        json_put_end(p);
    }
    json_put_end(p);
    return OK;
}
