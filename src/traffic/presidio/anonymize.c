/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /anonymize and /deanonymize: conflicts between the given spans are settled first, then the
 * operators run from the last span to the first, each on the characters that are its own.
 *
 * Conflicts: overlapping spans of one type become their union; a span inside another one goes, of
 * equal ones the lower score, of equal scores the earlier (a union is as late as its latest part);
 * neighbours of one type with only spaces
 * between become one. Spans to be restored are taken as they are.
 */
#include "presidio_int.h"

#include <stdlib.h>

enum { SPANS_MAX = 1 << 20, OPERATOR_CALLS_MAX = 1000 };

struct raw_anonymize {
    struct span text, results, operators;
};
static const struct member_to anonymize_members[] = {
    {"text", offsetof(struct raw_anonymize, text)},
    {"analyzer_results", offsetof(struct raw_anonymize, results)},
    {"anonymizers", offsetof(struct raw_anonymize, operators)},
    {0}};
static const struct member_to deanonymize_members[] = {
    {"text", offsetof(struct raw_anonymize, text)},
    {"anonymizer_results", offsetof(struct raw_anonymize, results)},
    {"deanonymizers", offsetof(struct raw_anonymize, operators)},
    {0}};

struct raw_place {
    struct span start, end, score, type;
};
static const struct member_to place_members[] = {{"start", offsetof(struct raw_place, start)},
                                                 {"end", offsetof(struct raw_place, end)},
                                                 {"score", offsetof(struct raw_place, score)},
                                                 {"entity_type", offsetof(struct raw_place, type)},
                                                 {0}};

/* A span the caller gave, in code points, later with its bytes. */
struct place {
    uint64_t start, end;
    size_t from, to; /* bytes */
    double score;
    struct span type;
    size_t order; /* in the request, once sorted by where it stands */
    const struct operator_call *by;
    size_t made, made_n; /* where its replacement lies in `made` */
};

struct anonymizing {
    struct request *r;
    bool undo;
    struct span text;
    struct operator_call *calls;
    size_t n_calls;
    struct place *v;
    size_t n;
    struct buf made; /* replacements, last span first */
};

static const struct operator_call replace = {.type = {(const uint8_t *)"replace", 7}};

/* ---- the operators ---- */

static struct err read_call(struct anonymizing *a, struct span name, struct span raw)
{
    static const struct member_to type_member[] = {{"type", 0}, {0}};
    struct operator_call *o = &a->calls[a->n_calls];
    struct span type = SPAN_NONE;
    if (raw_type(raw) != RAW_OBJECT)
        return err(ERR_INPUT);
    TRY(read_members(a->r, raw, type_member, &type, NULL));
    if (!raw_truthy(type))
        return complain(a->r, 422, "Invalid input, operator config must contain operator_name");
    if (raw_type(type) != RAW_STRING)
        return complain(a->r, 422, "Invalid operator class '%.*s'.", SPAN_ARG(type));
    *o = (struct operator_call){.entity = name, .raw = raw};
    a->n_calls++;
    return raw_text(a->r, type, &o->type);
}

static struct err read_calls(struct anonymizing *a, struct span raw)
{
    struct walk w;
    struct span name, value;
    bool more;
    void *p;
    if (raw_nothing(raw))
        return OK;
    if (raw_type(raw) != RAW_OBJECT)
        return err(ERR_INPUT);
    TRY(arena_take(&a->r->arena, OPERATOR_CALLS_MAX * sizeof *a->calls, &p));
    a->calls = p;
    TRY(walk_open(&w, raw));
    for (;;) {
        TRY(walk_member(&w, a->r, &name, &value, &more));
        if (!more)
            break;
        if (a->n_calls == OPERATOR_CALLS_MAX)
            return complain(a->r, 422, "Invalid input, more than %d operators", OPERATOR_CALLS_MAX);
        TRY(read_call(a, name, value));
    }
    for (size_t i = 0; i < a->n_calls; i++)
        if (span_is(a->calls[i].type, "custom"))
            return complain(a->r, 400, "Custom type anonymizer is not supported");
    return OK;
}

/* The last entry of a name counts. */
static const struct operator_call *call_for(const struct anonymizing *a, struct span type)
{
    const struct operator_call *usual = a->undo ? NULL : &replace;
    for (size_t i = a->n_calls; i-- > 0;)
        if (span_eq(a->calls[i].entity, type))
            return &a->calls[i];
    for (size_t i = a->n_calls; i-- > 0;)
        if (span_is(a->calls[i].entity, "DEFAULT"))
            return &a->calls[i];
    return usual;
}

/* ---- the spans ---- */

static struct err read_index(struct request *r, struct span raw, const char *name, int64_t *out)
{
    uint64_t v = 0;
    enum raw_type t = raw_type(raw);
    if (raw_nothing(raw))
        return complain(r, 422, "Invalid input, result must contain %s", name);
    if (t == RAW_STRING || t == RAW_BOOL || t == RAW_ARRAY)
        return complain(r, 422, "Invalid parameter value for %s. Expecting 'number', but got '%s'.",
                        name,
                        t == RAW_STRING ? "string"
                        : t == RAW_BOOL ? "boolean"
                                        : "array");
    if (t != RAW_INTEGER)
        return complain(r, 422, "Invalid parameter value for '%s'.", name);
    if (raw.p[0] == '-') {
        *out = span_is(raw, "-0") ? 0 : -1;
        return OK;
    }
    *out = failed(json_get_u64(raw, INT64_MAX, &v)) ? INT64_MAX : (int64_t)v;
    return OK;
}

static struct err read_place(struct anonymizing *a, struct span raw, struct place *x)
{
    struct raw_place m = {0};
    int64_t start, end;
    if (raw_type(raw) != RAW_OBJECT)
        return err(ERR_INPUT);
    TRY(read_members(a->r, raw, place_members, &m, NULL));
    TRY(read_index(a->r, m.start, "start", &start));
    TRY(read_index(a->r, m.end, "end", &end));
    if (!raw_truthy(m.type) || raw_type(m.type) != RAW_STRING)
        return complain(a->r, 422, "Invalid input, result must contain entity_type");
    if (start < 0 || end < 0)
        return complain(a->r, 422, "Invalid input, result start and end must be positive");
    if (start > end)
        return complain(a->r, 422,
                        "Invalid input, start index '%lld' must be smaller than end index '%lld'",
                        (long long)start, (long long)end);
    if (!a->undo && raw_nothing(m.score))
        return complain(a->r, 422, "Invalid input, analyzer result must contain score");
    if (!a->undo && failed(json_get_double(m.score, &x->score)))
        return complain(a->r, 422, "Invalid parameter value for 'score'.");
    x->start = (uint64_t)start;
    x->end = (uint64_t)end;
    return raw_text(a->r, m.type, &x->type);
}

static struct err read_places(struct anonymizing *a, struct span raw)
{
    struct walk w;
    struct span item;
    bool more, strings;
    void *p;
    size_t n;
    if (a->undo && !raw_truthy(raw))
        return OK;
    if (raw_nothing(raw))
        return complain(a->r, 422, "Invalid input, request must contain analyzer results");
    if (raw_type(raw) != RAW_ARRAY)
        return err(ERR_INPUT);
    TRY(raw_count(raw, &n, &strings));
    if (n > SPANS_MAX)
        return complain(a->r, 422, "Invalid input, more than %d results", SPANS_MAX);
    TRY(arena_take(&a->r->arena, n * sizeof *a->v, &p));
    a->v = p;
    TRY(walk_open(&w, raw));
    while (a->n < n) {
        TRY(walk_item(&w, &item, &more));
        a->v[a->n].order = a->n;
        TRY(read_place(a, item, &a->v[a->n]));
        a->n++;
    }
    return OK;
}

/* ---- conflicts ---- */

static int order_of(const struct place *x, const struct place *y)
{
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->order > y->order ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
    return order_of(a, b);
}

static int by_given_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void number_places(struct anonymizing *a)
{
    qsort(a->v, a->n, sizeof *a->v, by_given_place);
    for (size_t i = 0; i < a->n; i++)
        a->v[i].order = i;
}

static int by_type(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = span_cmp(x->type, y->type);
    return c ? c : order_of(x, y);
}

/* Add y to x, its neighbour of the same type. */
static void join(struct place *x, const struct place *y)
{
    if (y->end > x->end)
        x->end = y->end;
    if (y->score > x->score)
        x->score = y->score;
    if (y->order > x->order)
        x->order = y->order;
}

static void join_overlapping(struct anonymizing *a)
{
    size_t kept = 0;
    qsort(a->v, a->n, sizeof *a->v, by_type);
    for (size_t i = 0; i < a->n; i++) {
        struct place *last = kept ? &a->v[kept - 1] : NULL;
        if (last && span_eq(last->type, a->v[i].type) && a->v[i].start < last->end)
            join(last, &a->v[i]);
        else
            a->v[kept++] = a->v[i];
    }
    a->n = kept;
}

static void drop_contained(struct anonymizing *a)
{
    size_t kept = 0;
    uint64_t far = 0;
    qsort(a->v, a->n, sizeof *a->v, by_place);
    for (size_t i = 0; i < a->n; i++) {
        if (kept && a->v[i].end <= far)
            continue;
        far = a->v[i].end;
        a->v[kept++] = a->v[i];
    }
    a->n = kept;
}

static bool only_spaces(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            return false;
    return s.n > 0;
}

static void join_neighbours(struct anonymizing *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->n; i++) {
        struct place *last = kept ? &a->v[kept - 1] : NULL;
        struct place *x = &a->v[i];
        if (last && last->to <= x->from && span_eq(last->type, x->type) &&
            only_spaces(span_cut(a->text, last->to, x->from - last->to))) {
            join(last, x);
            last->to = x->to;
        } else {
            a->v[kept++] = *x;
        }
    }
    a->n = kept;
}

/* ---- carrying out ---- */

/* Code points to bytes; refuse what is past the text, the last span first. */
static struct err find_bytes(struct anonymizing *a)
{
    uint64_t length = json_kept_count(a->text);
    for (size_t i = a->n; i-- > 0;)
        if (a->v[i].end > length)
            return complain(a->r, 422,
                            "Invalid analyzer result, start: %llu and end: %llu, while text length "
                            "is only %llu.",
                            (unsigned long long)a->v[i].start, (unsigned long long)a->v[i].end,
                            (unsigned long long)length);
    size_t at = 0;
    uint64_t points = 0;
    for (size_t i = 0; i < a->n; i++) {
        struct place *x = &a->v[i];
        for (; points < x->start; points++)
            at += json_kept_next(a->text, at);
        x->from = x->to = at;
        for (uint64_t k = x->start; k < x->end; k++)
            x->to += json_kept_next(a->text, x->to);
    }
    return OK;
}

/* From the last span to the first; a span ends where the one after it begins. */
static struct err run_all(struct anonymizing *a)
{
    size_t limit = a->text.n;
    for (size_t i = a->n; i-- > 0;) {
        struct place *x = &a->v[i];
        if (x->to > limit)
            x->to = limit;
        limit = x->from;
        x->by = call_for(a, x->type);
        if (!x->by)
            return err(ERR_INPUT);
        x->made = a->made.n;
        TRY(operator_run(a->r, x->by, a->undo, x->type, span_cut(a->text, x->from, x->to - x->from),
                         &a->made));
        x->made_n = a->made.n - x->made;
    }
    return OK;
}

static struct span made_of(const struct anonymizing *a, const struct place *x)
{
    return span_cut(buf_span(&a->made), x->made, x->made_n);
}

/* The output text, and in start and end of each place where its replacement stands in it. */
static struct err put_text(struct anonymizing *a, struct buf *out)
{
    size_t at = 0;
    uint64_t points = 0;
    for (size_t i = 0; i < a->n; i++) {
        struct place *x = &a->v[i];
        struct span between = span_cut(a->text, at, x->from - at), made = made_of(a, x);
        TRY(buf_put(out, between));
        TRY(buf_put(out, made));
        points += json_kept_count(between);
        x->start = points;
        points += json_kept_count(made);
        x->end = points;
        at = x->to;
    }
    return buf_put(out, span_from(a->text, at));
}

static struct err put_result(struct anonymizing *a, struct json_put *p)
{
    BUF_AUTO text = buf_init(SIZE_MAX);
    TRY(put_text(a, &text));
    json_put_object(p, NULL);
    json_put_kept(p, "text", buf_span(&text));
    json_put_array(p, "items");
    for (size_t i = a->n; i-- > 0;) {
        const struct place *x = &a->v[i];
        json_put_object(p, NULL);
        json_put_u64(p, "start", x->start);
        json_put_u64(p, "end", x->end);
        json_put_kept(p, "entity_type", x->type);
        json_put_kept(p, "text", made_of(a, x));
        json_put_kept(p, "operator", x->by->type);
        json_put_end(p);
    }
    json_put_end(p);
    json_put_end(p);
    return OK;
}

/* One text with its results. */
static struct err one_text(struct anonymizing *a, struct span text, struct span results,
                           struct json_put *p)
{
    a->n = 0;
    a->text = SPAN_NONE;
    buf_clear(&a->made);
    TRY(read_places(a, results));
    if (raw_truthy(text)) {
        if (raw_type(text) != RAW_STRING)
            return err(ERR_INPUT);
        TRY(raw_text(a->r, text, &a->text));
    } else {
        a->n = 0;
    }
    if (a->n > 1 && !a->undo) {
        number_places(a);
        join_overlapping(a);
        drop_contained(a);
    } else if (a->n > 1) {
        qsort(a->v, a->n, sizeof *a->v, by_place);
    }
    TRY(find_bytes(a));
    if (!a->undo)
        join_neighbours(a);
    TRY(run_all(a));
    return put_result(a, p);
}

/* A list of texts, each with its own list of results; no results: none for any. */
static struct err many_texts(struct anonymizing *a, struct span texts, struct span results,
                             struct json_put *p)
{
    const char *name = a->undo ? "anonymizer_results" : "analyzer_results";
    struct walk t, s;
    struct span text, own = SPAN_LIT("[]");
    bool more, any, strings;
    size_t n, given;
    TRY(raw_count(texts, &n, &strings));
    if (!raw_nothing(results)) {
        if (raw_type(results) != RAW_ARRAY)
            return err(ERR_INPUT);
        TRY(raw_count(results, &given, &strings));
        if (given != n)
            return complain(a->r, 422,
                            "Invalid input, '%s' must contain one list of results per item in "
                            "'text' when 'text' is a list (%zu text items, %zu '%s' items)",
                            name, n, given, name);
        TRY(walk_open(&s, results));
    }
    TRY(walk_open(&t, texts));
    json_put_array(p, NULL);
    for (;;) {
        TRY(walk_item(&t, &text, &more));
        if (!more)
            break;
        if (!raw_nothing(results))
            TRY(walk_item(&s, &own, &any));
        TRY(one_text(a, text, own, p));
    }
    json_put_end(p);
    return OK;
}

static struct err carry_out(struct anonymizing *a, const struct raw_anonymize *m,
                            struct json_put *p)
{
    TRY(read_calls(a, m->operators));
    if (raw_type(m->text) == RAW_ARRAY)
        return many_texts(a, m->text, m->results, p);
    return one_text(a, m->text, m->results, p);
}

struct err anonymize(struct request *r, struct span body, bool undo, struct json_put *out)
{
    struct raw_anonymize m = {0};
    struct span root = SPAN_NONE;
    if (span_trim(body).n == 0)
        return complain(r, 400, "Invalid request json");
    TRY(read_root(r, body, &root));
    if (!raw_truthy(root))
        return complain(r, 400, "Invalid request json");
    if (raw_type(root) != RAW_OBJECT)
        return err(ERR_INPUT);
    TRY(read_members(r, root, undo ? deanonymize_members : anonymize_members, &m, NULL));
    struct anonymizing a = {.r = r, .undo = undo, .made = buf_init(REQUEST_ARENA)};
    struct err e = carry_out(&a, &m, out);
    buf_wipe(&a.made);
    return e;
}
