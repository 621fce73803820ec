/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /analyze. Frequent: one text with no lists, or a batch of hundreds of short ones; both use
 * the process's own engine. A request that names types or a threshold gets an engine of its own
 * (about 50 us), so that a type which was not asked for takes no bytes from one that was.
 */
#include "presidio_int.h"

#include <math.h>
#include <stdlib.h>

#define PARSE "Failed to parse /analyze request for AnalyzerEngine.analyze(). "

struct raw_analyze {
    struct span text, language, entities, threshold, explain, adhoc, context, allow, match, flags;
};
static const struct member_to members[] = {
    {"text", offsetof(struct raw_analyze, text)},
    {"language", offsetof(struct raw_analyze, language)},
    {"entities", offsetof(struct raw_analyze, entities)},
    {"score_threshold", offsetof(struct raw_analyze, threshold)},
    {"return_decision_process", offsetof(struct raw_analyze, explain)},
    {"ad_hoc_recognizers", offsetof(struct raw_analyze, adhoc)},
    {"context", offsetof(struct raw_analyze, context)},
    {"allow_list", offsetof(struct raw_analyze, allow)},
    {"allow_list_match", offsetof(struct raw_analyze, match)},
    {"regex_flags", offsetof(struct raw_analyze, flags)},
    {0}};

/* A request, understood. */
struct analysis {
    struct request *r;
    struct words entities, context, allow;
    struct regex *allow_regex;
    double threshold;
    bool explain;
    unsigned flags;  /* of the allow list */
    struct span key; /* the context words, as the name of a field */
    struct adhoc *adhoc;
    const struct mask_engine *engine; /* NULL: none of sanctum's own types is asked for */
    struct mask_engine *made;         /* the same, when it is this request's alone */

    bool batch;
    struct walk texts;     /* of a batch */
    struct span raw, text; /* the one at hand; no raw: none is */
    size_t pattern, at;    /* the next of the caller's own, and where it goes on */
    struct hits hits;      /* so far */
    bool settled;          /* all of them are there */
    size_t explained;      /* so many have their reasons */
};

/* ---- understanding ---- */

static struct err read_text(struct analysis *a, const struct raw_analyze *m)
{
    struct span language;
    if (!raw_truthy(m->text))
        return complain(a->r, 500, "No text provided");
    if (!raw_truthy(m->language))
        return complain(a->r, 500, "No language provided");
    if (raw_type(m->text) != RAW_STRING && raw_type(m->text) != RAW_ARRAY)
        return complain(a->r, 400, PARSE "text must be a string or a list of strings");
    if (raw_type(m->language) != RAW_STRING)
        return complain(a->r, 400, PARSE "language must be a string");
    TRY(raw_text(a->r, m->language, &language));
    if (!span_is(language, "en"))
        return complain(a->r, 500, "No matching recognizers were found to serve the request.");
    return OK;
}

static struct err read_numbers(struct analysis *a, const struct raw_analyze *m)
{
    uint64_t flags = PYTHON_FLAGS;
    if (!raw_nothing(m->threshold) && failed(json_get_double(m->threshold, &a->threshold)))
        return complain(a->r, 400, PARSE "score_threshold must be a number");
    if (!raw_nothing(m->flags) && failed(json_get_u64(m->flags, PYTHON_FLAGS_MAX, &flags)))
        return complain(a->r, 400, PARSE "regex_flags must be a number of Python's flags");
    a->flags = (unsigned)flags;
    a->explain = raw_truthy(m->explain);
    return OK;
}

/* One expression that is any of the allow list's. */
static struct err compile_allowed(struct analysis *a)
{
    struct fault f = {0, "no memory"};
    BUF_AUTO all = buf_init(64 * 1024);
    static const struct regex_limits limits = {64 * 1024, REGEX_PROGRAM_MAX};
    struct err e = OK;
    for (size_t i = 0; i < a->allow.n && !failed(e); i++) {
        e = buf_puts(&all, i ? "|(?:" : "(?:");
        if (!failed(e))
            e = buf_put(&all, a->allow.v[i]);
        if (!failed(e))
            e = buf_puts(&all, ")");
    }
    if (failed(e))
        return complain(a->r, 400, PARSE "the allow_list is too long");
    e = regex_compile(buf_span(&all), python_flags(a->flags), &limits, &a->allow_regex, &f);
    return failed(e) && err_cat(e) != ERR_NOMEM ? complain(a->r, 400, PARSE "allow_list: %s", f.why)
                                                : e;
}

static struct err read_allow(struct analysis *a, const struct raw_analyze *m)
{
    bool bad;
    bool exact = raw_nothing(m->match) || span_is(m->match, "\"exact\"");
    if (!exact && !span_is(m->match, "\"regex\""))
        return complain(a->r, 500, "allow_list_match must either be set to 'exact' or 'regex'.");
    TRY(raw_words(a->r, m->allow, &a->allow, &bad));
    if (bad)
        return complain(a->r, 400, PARSE "allow_list must be a list of strings");
    return exact || a->allow.n == 0 ? OK : compile_allowed(a);
}

static struct err read_words(struct analysis *a, const struct raw_analyze *m)
{
    bool bad;
    TRY(raw_words(a->r, m->entities, &a->entities, &bad));
    if (bad)
        return complain(a->r, 400, PARSE "entities must be a list of strings");
    TRY(raw_words(a->r, m->context, &a->context, &bad));
    if (bad)
        return complain(a->r, 400, PARSE "context must be a list of strings");
    if (a->context.n == 0)
        return OK;
    size_t bytes = 0, words = 0;
    void *p;
    for (size_t i = 0; i < a->context.n; i++) {
        bytes += a->context.v[i].n + 1;
        for (size_t at = 0; at <= a->context.v[i].n; words++)
            at = span_find(a->context.v[i], at, ' ') + 1;
    }
    if (words > WORDS_MAX) /* each is compared with each context word of a recogniser */
        return complain(a->r, 400, PARSE "context holds too many words");
    TRY(arena_take(&a->r->arena, bytes, &p));
    struct wr w = wr_of(p, bytes);
    for (size_t i = 0; i < a->context.n; i++) {
        wr_put(&w, a->context.v[i]);
        wr_u8(&w, ' ');
    }
    a->key = span_cut(wr_span(&w), 0, bytes - 1);
    return OK;
}

static bool is_asked(const struct analysis *a, struct span type)
{
    for (size_t i = 0; i < a->entities.n; i++)
        if (span_eq(a->entities.v[i], type))
            return true;
    return a->entities.n == 0;
}

/* The engine for what is asked, and whether anything is left to look with. */
static struct err choose_engine(struct analysis *a)
{
    struct presidio *p = a->r->p;
    bool any = false;
    struct mask_rules rules = mask_rules_default();
    rules.entities = (struct scan_set){{0}};
    for (int e = 0; e < ENTITY_COUNT; e++)
        if (is_asked(a, span_str(entity_name((enum entity)e))) && (p->ner || e != ENTITY_PERSON)) {
            scan_set_add(&rules.entities, (enum entity)e);
            any = true;
        }
    for (size_t i = 0; i < a->adhoc->n_of && !any; i++)
        any = is_asked(a, a->adhoc->of[i].entity);
    if (!any)
        return complain(a->r, 500, "No matching recognizers were found to serve the request.");
    a->engine = p->engine;
    if (a->entities.n == 0 && !(a->threshold > 0))
        return OK;
    rules.threshold = a->threshold > (double)SURE ? SURE
                      : a->threshold > 0          ? (float)a->threshold
                                                  : 0;
    TRY(mask_engine_new(&rules, p->ner, &a->made));
    a->engine = a->made;
    return OK;
}

/* ---- one text ---- */

static struct err is_allowed(const struct analysis *a, struct span text, bool *yes)
{
    *yes = false;
    if (a->allow_regex)
        return regex_match(a->allow_regex, text, yes);
    for (size_t i = 0; i < a->allow.n && !*yes; i++)
        *yes = span_eq(a->allow.v[i], text);
    return OK;
}

static struct err drop_unwanted(struct analysis *a, struct span text)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->hits.n; i++) {
        struct hit x = a->hits.v[i];
        bool allowed = false;
        if (a->allow.n)
            TRY(is_allowed(a, span_cut(text, x.start, x.end - x.start), &allowed));
        if (!allowed && x.score >= a->threshold)
            a->hits.v[kept++] = x;
    }
    a->hits.n = kept;
    return OK;
}

static struct err find_all(struct analysis *a, struct span text)
{
    struct presidio *p = a->r->p;
    const struct findings *found;
    detect_forget(p->work);
    TRY(detect_text(a->engine, p->work, a->key, text, DETECT_ALL, &found));
    for (size_t i = 0; i < found->n; i++) {
        const struct finding *f = &found->v[i];
        bool sure;
        double score = api_score(f, &sure);
        struct hit x = {.start = f->start,
                        .end = f->end,
                        .score = score,
                        .base = score,
                        .sure = sure,
                        .type = span_str(entity_name((enum entity)f->entity)),
                        .entity = (enum entity)f->entity};
        TRY(hits_add(&a->hits, x));
    }
    return OK;
}

/* The caller's own expressions, until the slice is over. */
static struct err find_own(struct analysis *a, bool *done)
{
    struct adhoc *own = a->adhoc;
    for (; a->pattern < own->n; a->pattern++, a->at = 0) {
        if (!is_asked(a, own->v[a->pattern].of->entity))
            continue;
        TRY(adhoc_find(a->r, own, a->pattern, a->text, &a->context, &a->at, &a->hits));
        *done = a->at == a->text.n;
        if (!*done)
            return OK;
    }
    *done = true;
    return OK;
}

static struct err begin_text(struct analysis *a, struct span raw)
{
    if (raw_type(raw) != RAW_STRING)
        return complain(a->r, 400, PARSE "text must be a string or a list of strings");
    TRY(raw_text(a->r, raw, &a->text));
    a->raw = raw;
    a->hits.n = a->pattern = a->at = a->explained = 0;
    a->settled = false;
    return find_all(a, a->text);
}

static struct err settle(struct analysis *a)
{
    if (!a->settled) {
        TRY(drop_unwanted(a, a->text));
        hits_settle(&a->hits, a->text);
    }
    a->settled = true;
    return OK;
}

/* The reasons for what sanctum found, until the slice is over. What the tagger named has none that
 * a word could tell. */
static struct err explain(struct analysis *a, bool *done)
{
    const struct mask_engine *engine = a->entities.n ? a->engine : a->r->p->engine;
    size_t most = a->hits.n < EXPLAINED_MAX ? a->hits.n : EXPLAINED_MAX;
    size_t n = a->explain ? most : 0;
    while (a->explained < n) {
        struct hit *x = &a->hits.v[a->explained++];
        if (x->by || is_name_entity(x->entity))
            continue;
        TRY(explain_hit(a->r, engine, a->key, a->text, x));
        if (slice_over(a->r))
            break;
    }
    *done = a->explained >= n;
    return OK;
}

struct err analysis_step(struct analysis *a, struct json_put *out, bool *done)
{
    *done = false;
    do {
        bool more = true;
        if (a->raw.n == 0) {
            struct span raw;
            TRY(walk_item(&a->texts, &raw, &more));
            if (!more) {
                json_put_end(out);
                *done = true;
                return OK;
            }
            TRY(begin_text(a, raw));
        }
        TRY(find_own(a, &more));
        if (!more)
            return OK;
        TRY(settle(a));
        TRY(explain(a, &more));
        if (!more)
            return OK;
        a->raw = SPAN_NONE;
        TRY(hits_put(out, &a->hits, a->explain));
        *done = !a->batch;
    } while (!*done && !slice_over(a->r));
    return OK;
}

static struct err understand(struct analysis *a, const struct raw_analyze *m)
{
    TRY(read_text(a, m));
    TRY(read_numbers(a, m));
    TRY(read_words(a, m));
    TRY(adhoc_read(a->r, m->adhoc, a->adhoc));
    TRY(read_allow(a, m));
    return choose_engine(a);
}

struct err analysis_begin(struct analysis *a, struct span body, struct json_put *out)
{
    struct raw_analyze m = {0};
    struct span root;
    TRY(read_root(a->r, body, &root));
    if (raw_type(root) != RAW_OBJECT)
        return complain(a->r, 500, "No text provided");
    TRY(read_members(a->r, root, members, &m, NULL));
    TRY(understand(a, &m));
    a->batch = raw_type(m.text) == RAW_ARRAY;
    if (!a->batch)
        return begin_text(a, m.text);
    json_put_array(out, NULL);
    return walk_open(&a->texts, m.text);
}

struct err analysis_new(struct request *r, struct analysis **out)
{
    void *p;
    TRY(arena_take(&r->arena, sizeof **out, &p));
    struct analysis *a = p;
    *a = (struct analysis){.r = r};
    TRY(arena_take(&r->arena, sizeof *a->adhoc, &p));
    a->adhoc = p;
    *out = a;
    return OK;
}

void analysis_free(struct analysis *a)
{
    if (!a)
        return;
    adhoc_free(a->adhoc);
    regex_free(a->allow_regex);
    mask_engine_free(a->made);
    free(a->hits.v);
}
