/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate does for callers besides passing requests on: Presidio's HTTP interface, and
 * cleaning messages to people. The work is done by libraries; here a path is recognised and an
 * answer sent. Rare beside model requests; each detector is made at the first of them.
 */
#include "exchange.h"

#include "outbound.h"
#include "presidio.h"

#include <stdlib.h>

enum {
    SERVICE_OUT_MAX = 256 << 20,
    SERVICE_OUTBOUND = 128, /* beside enum presidio_call */
};

static bool is_outbound(struct span method, struct span path, bool *known)
{
    if (!span_is(path, OUTBOUND_PATH))
        return false;
    *known = true;
    return span_is(method, "POST");
}

bool service_take(struct exchange *x, struct span method, bool *known)
{
    x->service = (uint8_t)presidio_route(method, x->req.path, known);
    if (x->service == PRESIDIO_NONE && is_outbound(method, x->req.path, known))
        x->service = SERVICE_OUTBOUND;
    if (x->service == PRESIDIO_NONE)
        return false;
    buf_clear(&x->query);
    return !failed(buf_put(&x->query, x->req.query));
}

/* A call to Presidio's interface: batches are long, so it goes on in a slice a round. */
struct service_job {
    struct loop_deferred turn;
    struct exchange *exchange;
    struct presidio_job *presidio;
    struct buf out;
};

static void take_turn(struct loop_deferred *d)
{
    struct service_job *j = LOOP_OWNER(d, struct service_job, turn);
    struct exchange *x = j->exchange;
    if (!presidio_step(j->presidio)) {
        loop_defer(x->gate->loop, &j->turn, take_turn);
        return;
    }
    unsigned status = presidio_end(j->presidio);
    j->presidio = NULL;
    answer_whole(x, status, "application/json", buf_span(&j->out)); /* ends x, which drops j */
}

void service_drop(struct exchange *x)
{
    struct service_job *j = x->job;
    x->job = NULL;
    if (!j)
        return;
    loop_undefer(&j->turn);
    if (j->presidio)
        presidio_end(j->presidio);
    buf_wipe(&j->out);
    free(j);
}

static void serve_presidio(struct exchange *x)
{
    struct gate *g = x->gate;
    struct service_job *j = calloc(1, sizeof *j);
    struct err e = j ? OK : err(ERR_NOMEM);
    if (!failed(e) && !g->presidio)
        e = presidio_new(g->ner, &g->presidio);
    if (!failed(e)) {
        *j = (struct service_job){.exchange = x, .out = buf_init(SERVICE_OUT_MAX)};
        e = presidio_begin(g->presidio, (enum presidio_call)x->service, buf_span(&x->query),
                           buf_span(&x->body), &j->out, &j->presidio);
    }
    if (failed(e)) {
        free(j);
        refuse(x, 503, "overloaded", "no memory for the detector");
        return;
    }
    x->job = j;
    take_turn(&j->turn);
}

/* Fails closed: without a whole look at the message, or without its record, there is no text. */
static void serve_outbound(struct exchange *x)
{
    struct gate *g = x->gate;
    struct outbound_counts counts;
    struct fault f = {0, "the body is not what this path takes"};
    struct buf out = buf_init(SERVICE_OUT_MAX);
    struct err e = g->outbound ? OK : outbound_new(&g->outbound);
    if (!failed(e))
        e = outbound_json(g->outbound, buf_span(&x->body), &out, &counts, &f);
    if (err_cat(e) == ERR_INPUT)
        refuse(x, 400, "invalid_request", f.why);
    else if (failed(e))
        refuse(x, 503, "not_cleaned", "the message could not be looked at: do not send it");
    else if (failed(record_service(x, OUTBOUND_PATH, counts.of)))
        refuse(x, 503, "audit_unavailable", "the message could not be recorded: do not send it");
    else
        answer_whole(x, 200, "application/json", buf_span(&out));
    buf_wipe(&out);
}

bool service_answer(struct exchange *x)
{
    if (x->service == PRESIDIO_NONE)
        return false;
    if (x->service == SERVICE_OUTBOUND)
        serve_outbound(x);
    else
        serve_presidio(x);
    return true;
}
