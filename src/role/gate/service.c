/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate does for callers besides passing requests on: Presidio's HTTP interface, and
 * cleaning messages to people. The work is done by libraries; here a path is recognised and an
 * answer sent. Rare beside model requests; each detector is made at the first of them.
 */
#include "exchange.h"

#include "outbound.h"
#include "presidio.h"

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

static void serve_presidio(struct exchange *x)
{
    struct gate *g = x->gate;
    if (!g->presidio && failed(presidio_new(g->ner, &g->presidio))) {
        refuse(x, 503, "overloaded", "no memory for the detector");
        return;
    }
    struct buf out = buf_init(SERVICE_OUT_MAX);
    unsigned status = presidio_serve(g->presidio, (enum presidio_call)x->service,
                                     buf_span(&x->query), buf_span(&x->body), &out);
    answer_whole(x, status, "application/json", buf_span(&out));
    buf_wipe(&out);
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
