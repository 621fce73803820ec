/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate does for callers besides passing requests on: Presidio's HTTP interface. The work
 * is done by libraries; here a path is recognised and an answer sent. Rare beside model requests;
 * the detector is made at the first of them.
 */
#include "exchange.h"

enum { SERVICE_OUT_MAX = 256 << 20 };

bool service_take(struct exchange *x, struct span method, bool *known)
{
    x->service = (uint8_t)presidio_route(method, x->req.path, known);
    if (x->service == PRESIDIO_NONE)
        return false;
    buf_clear(&x->query);
    return !failed(buf_put(&x->query, x->req.query));
}

bool service_answer(struct exchange *x)
{
    struct gate *g = x->gate;
    if (x->service == PRESIDIO_NONE)
        return false;
    if (!g->presidio && failed(presidio_new(g->ner, &g->presidio))) {
        refuse(x, 503, "overloaded", "no memory for the detector");
        return true;
    }
    struct buf out = buf_init(SERVICE_OUT_MAX);
    unsigned status = presidio_serve(g->presidio, (enum presidio_call)x->service,
                                     buf_span(&x->query), buf_span(&x->body), &out);
    answer_whole(x, status, "application/json", buf_span(&out));
    buf_wipe(&out);
    return true;
}
