/* SPDX-License-Identifier: Apache-2.0 */
/* From a path to its answer. */
#include "presidio_int.h"

#include "clock.h"

#include <stdlib.h>

static const struct {
    enum presidio_call call;
    bool post;
    const char *path;
} routes[] = {
    {PRESIDIO_ANALYZE, true, "/analyze"},
    {PRESIDIO_ANONYMIZE, true, "/anonymize"},
    {PRESIDIO_DEANONYMIZE, true, "/deanonymize"},
    {PRESIDIO_RECOGNIZERS, false, "/recognizers"},
    {PRESIDIO_ENTITIES, false, "/supportedentities"},
    {PRESIDIO_ANONYMIZERS, false, "/anonymizers"},
    {PRESIDIO_DEANONYMIZERS, false, "/deanonymizers"},
};
enum { ROUTES = sizeof routes / sizeof *routes };

enum presidio_call presidio_route(struct span method, struct span path, bool *known)
{
    bool post = span_is(method, "POST"), get = span_is(method, "GET");
    if (known)
        *known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!span_is(path, routes[i].path))
            continue;
        if (known)
            *known = true;
        if (routes[i].post ? post : get)
            return routes[i].call;
    }
    return PRESIDIO_NONE;
}

/* The analyzer has no sentence for it: what it says of any body that it cannot read. */
unsigned presidio_refuse_type(enum presidio_call call, struct span media_type, struct span *answer)
{
    bool json = span_eq_nocase(media_type, SPAN_LIT("application/json")) ||
                span_ends(media_type, SPAN_LIT("+json"));
    bool reads =
        call == PRESIDIO_ANALYZE || call == PRESIDIO_ANONYMIZE || call == PRESIDIO_DEANONYMIZE;
    if (json || !media_type.n || !reads)
        return 0;
    if (call == PRESIDIO_ANALYZE) {
        *answer = SPAN_LIT("{\"error\":\"The browser (or proxy) sent a request that this server "
                           "could not understand.\"}");
        return 400;
    }
    *answer = SPAN_LIT("{\"error\":\"Did not attempt to load JSON data because the request "
                       "Content-Type was not 'application/json'.\"}");
    return 415;
}

struct err presidio_new(const struct ner *ner, struct presidio **out)
{
    struct presidio *p = calloc(1, sizeof *p);
    if (!p)
        return err(ERR_NOMEM);
    struct mask_rules rules = mask_rules_default();
    rules.entities = scan_set_all();
    rules.threshold = 0;
    if (!ner)
        rules.entities.bits[ENTITY_PERSON / 64] &= ~((uint64_t)1 << (ENTITY_PERSON % 64));
    p->ner = ner;
    struct err e = mask_engine_new(&rules, ner, &p->engine);
    if (!failed(e))
        e = mask_work_new(ner, &p->work);
    if (failed(e)) {
        presidio_free(p);
        return e;
    }
    mask_work_no_cache(p->work);
    *out = p;
    return OK;
}

void presidio_free(struct presidio *p)
{
    if (!p)
        return;
    mask_engine_free(p->engine);
    mask_work_free(p->work);
    free(p);
}

/* `language=` of the query: English where it is not there. */
static bool is_english(struct span query)
{
    for (size_t at = 0; at < query.n;) {
        size_t end = span_find(query, at, '&');
        struct span pair = span_cut(query, at, end - at);
        if (span_starts(pair, SPAN_LIT("language=")))
            return span_is(span_from(pair, sizeof "language=" - 1), "en");
        at = end + 1;
    }
    return true;
}

/* ---- one call ---- */

struct presidio_job {
    struct request r;
    struct analysis *analysis; /* NULL: another call, which is done at once */
    struct json_put put;
    struct buf *out;
    size_t before; /* bytes of `out` when it began */
    struct err e;
    bool done;
};

static struct err put_answer(struct presidio_job *j, enum presidio_call call, struct span query,
                             struct span body)
{
    struct request *r = &j->r;
    struct json_put *p = &j->put;
    j->done = true;
    switch (call) {
    case PRESIDIO_ANALYZE:
        j->done = false;
        TRY(analysis_new(r, &j->analysis));
        return analysis_begin(j->analysis, body, p);
    case PRESIDIO_ANONYMIZE:
    case PRESIDIO_DEANONYMIZE:
        return anonymize(r, body, call == PRESIDIO_DEANONYMIZE, p);
    case PRESIDIO_ANONYMIZERS:
    case PRESIDIO_DEANONYMIZERS:
        put_operators(p, call == PRESIDIO_DEANONYMIZERS);
        return OK;
    case PRESIDIO_RECOGNIZERS:
    case PRESIDIO_ENTITIES:
        if (!is_english(query))
            return complain(r, 500, "No matching recognizers were found to serve the request.");
        if (call == PRESIDIO_RECOGNIZERS)
            return put_recognisers(p);
        put_entities(p);
        return OK;
    default:
        return complain(r, 404, "Not Found");
    }
}

static void put_error(struct span why, struct buf *out)
{
    size_t before = out->n;
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_str(&p, "error", why);
    json_put_end(&p);
    if (failed(json_put_done(&p)))
        out->n = before;
}

struct err presidio_begin(struct presidio *p, enum presidio_call call, struct span query,
                          struct span body, struct buf *out, struct presidio_job **job)
{
    struct presidio_job *j = calloc(1, sizeof *j);
    if (!j)
        return err(ERR_NOMEM);
    j->r = (struct request){.p = p, .arena = arena_init(REQUEST_ARENA), .why = buf_init(4096)};
    j->out = out;
    j->before = out->n;
    j->put = json_put_to(out);
    j->e = put_answer(j, call, query, body);
    j->done |= failed(j->e);
    *job = j;
    return OK;
}

bool presidio_step(struct presidio_job *j)
{
    if (j->done)
        return true;
    j->r.slice_ns = clock_mono_ns() + PRESIDIO_SLICE_NS;
    j->e = analysis_step(j->analysis, &j->put, &j->done);
    j->done |= failed(j->e);
    return j->done;
}

unsigned presidio_end(struct presidio_job *j)
{
    if (!j)
        return 500;
    unsigned status = 200;
    if (j->done && !failed(j->e))
        j->e = json_put_done(&j->put);
    if (!j->done || failed(j->e)) {
        status = j->r.status ? j->r.status : 500;
        j->out->n = j->before;
    }
    if (j->done && status != 200)
        put_error(j->r.status ? buf_span(&j->r.why) : SPAN_LIT("Internal server error"), j->out);
    analysis_free(j->analysis);
    arena_free(&j->r.arena);
    buf_wipe(&j->r.why);
    free(j);
    return status;
}

unsigned presidio_serve(struct presidio *p, enum presidio_call call, struct span query,
                        struct span body, struct buf *out)
{
    struct presidio_job *j;
    if (failed(presidio_begin(p, call, query, body, out, &j)))
        return 500;
    while (!presidio_step(j))
        ;
    return presidio_end(j);
}
