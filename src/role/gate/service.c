/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate does for callers besides passing requests on: Presidio's HTTP interface, and
 * cleaning messages to people. The work is done by libraries; here a path is recognised and an
 * answer sent. Rare beside model requests; each detector is made at the first of them.
 */
#include "exchange.h"

#include "fiber.h"
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
    struct span type = http_media_type(http_header(&x->req.head, HTTP_CONTENT_TYPE));
    x->unread = presidio_refuse_type((enum presidio_call)x->service, type, &x->unread_answer);
    buf_clear(&x->query);
    return !failed(buf_put(&x->query, x->req.query));
}

/*
 * A call at work. Texts may be long and batches too, so it takes turns with the loop (fiber.h), and
 * principals take turns among themselves (base/fair.h), step by step. The detectors have one
 * scratch each: a call that has begun a step ends it before another's begins.
 */
struct service_job {
    struct exchange *exchange;
    struct presidio_job *presidio;
    struct buf out;
    bool done;
    struct err result;
    /* of a message */
    struct outbound_counts counts;
    struct fault fault;
};

struct services {
    struct gate *gate;
    struct fiber *fiber;
    struct fair_queue queue; /* those whose next step has not begun */
    struct exchange *at_work;
    struct loop_deferred turn;
};

/* In the fiber. */
static void step(void *arg)
{
    struct service_job *j = arg;
    struct exchange *x = j->exchange;
    struct gate *g = x->gate;
    struct span body = buf_span(&x->body);
    if (x->service == SERVICE_OUTBOUND) {
        j->result = outbound_json(g->outbound, body, &j->out, &j->counts, &j->fault);
        j->done = true;
        return;
    }
    if (!j->presidio)
        j->result = presidio_begin(g->presidio, (enum presidio_call)x->service, buf_span(&x->query),
                                   body, &j->out, &j->presidio);
    j->done = failed(j->result) || presidio_step(j->presidio);
}

static void end_presidio(struct service_job *j)
{
    if (failed(j->result)) {
        refuse(j->exchange, 503, "overloaded", "no memory for the detector");
        return;
    }
    unsigned status = presidio_end(j->presidio);
    j->presidio = NULL;
    answer_whole(j->exchange, status, "application/json", buf_span(&j->out));
}

/* Fails closed: without a whole look at the message, or without its record, there is no text. */
static void end_outbound(struct service_job *j)
{
    struct exchange *x = j->exchange;
    if (err_cat(j->result) == ERR_INPUT)
        refuse_body(x, "invalid_request", &j->fault);
    else if (failed(j->result))
        refuse(x, 503, "not_cleaned", "the message could not be looked at: do not send it");
    else if (failed(record_service(x, OUTBOUND_PATH, j->counts.of)))
        refuse(x, 503, "audit_unavailable", "the message could not be recorded: do not send it");
    else
        answer_whole(x, 200, "application/json", buf_span(&j->out));
}

/* Begin somebody's next step. False: nobody waits for one. */
static bool begin(struct services *v)
{
    struct fair_item *next = fair_take(&v->queue);
    if (!next)
        return false;
    v->at_work = LOOP_OWNER(next, struct exchange, turn);
    fiber_begin(v->fiber, step, v->at_work->job);
    return true;
}

static void take_turn(struct loop_deferred *d)
{
    struct services *v = LOOP_OWNER(d, struct services, turn);
    if (!v->at_work && !begin(v))
        return;
    loop_defer(v->gate->loop, d, take_turn);
    if (!fiber_run(v->fiber, GATE_SLICE_NS))
        return;
    struct exchange *x = v->at_work;
    v->at_work = NULL;
    fair_drop(&x->turn);
    if (!x->job->done)
        fair_add(&v->queue, &x->turn, x->who.name);
    else if (x->service == SERVICE_OUTBOUND)
        end_outbound(x->job); /* ends the exchange, which drops the job; as the next */
    else
        end_presidio(x->job);
}

void service_drop(struct exchange *x)
{
    struct services *v = x->gate->services;
    struct service_job *j = x->job;
    x->job = NULL;
    if (!j)
        return;
    if (v->at_work == x) {
        fiber_cancel(v->fiber);
        v->at_work = NULL;
    }
    fair_drop(&x->turn);
    if (j->presidio)
        presidio_end(j->presidio);
    buf_wipe(&j->out);
    free(j);
}

static struct err services_new(struct gate *g, struct services **out)
{
    struct services *v = calloc(1, sizeof *v);
    if (!v)
        return err(ERR_NOMEM);
    struct err e = fiber_new(FIBER_STACK, &v->fiber);
    if (failed(e)) {
        free(v);
        return e;
    }
    v->gate = g;
    *out = v;
    return OK;
}

/* The detector, made at its first use. */
static struct err prepare(const struct exchange *x)
{
    struct gate *g = x->gate;
    if (!g->services)
        TRY(services_new(g, &g->services));
    if (x->service == SERVICE_OUTBOUND)
        return g->outbound ? OK : outbound_new(&g->outbound);
    return g->presidio ? OK : presidio_new(g->ner, &g->presidio);
}

bool service_answer(struct exchange *x)
{
    if (x->service == PRESIDIO_NONE)
        return false;
    if (x->unread) {
        answer_whole(x, x->unread, "application/json", x->unread_answer);
        return true;
    }
    struct service_job *j = calloc(1, sizeof *j);
    struct err e = j ? prepare(x) : err(ERR_NOMEM);
    if (failed(e)) {
        free(j);
        refuse(x, 503, "overloaded", "no memory for the detector");
        return true;
    }
    *j = (struct service_job){.exchange = x,
                              .out = buf_init(SERVICE_OUT_MAX),
                              .fault = {0, "the body is not what this path takes"}};
    x->job = j;
    struct services *v = x->gate->services;
    fair_add(&v->queue, &x->turn, x->who.name);
    if (v->at_work)
        loop_defer(v->gate->loop, &v->turn, take_turn);
    else
        take_turn(&v->turn); /* most are done at once */
    return true;
}
