/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body on any of the three posts, or any line "METHOD PATH?QUERY": the answer is one JSON
 * value, an error exactly when the status is not 200. The first byte chooses the call.
 */
/* covers: src/traffic/presidio/request.c src/traffic/presidio/analyze.c */
/* covers: src/traffic/presidio/adhoc.c src/traffic/presidio/hits.c */
/* covers: src/traffic/presidio/anonymize.c src/traffic/presidio/operator.c */
/* covers: src/traffic/presidio/serve.c src/traffic/presidio/names.c */
/* planted: src/traffic/presidio/serve.c | j->out->n = j->before; | j->out->n += 0; */
#include "json.h"
#include "presidio.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* All of `out` is JSON. */
static void check_json(struct span out)
{
    struct json j = json_of(out);
    struct json_token t;
    do {
        must(!failed(json_next(&j, &t)));
    } while (t.type != JSON_END);
}

static void check_error(struct span out, unsigned status)
{
    struct span why = SPAN_NONE;
    bool has = !failed(json_find(out, &why, "error", NULL)) && why.n > 0;
    must(has == (status != 200));
}

enum { ROUTE = 0xf0 /* first bytes from here on: a line instead of a body */ };

/* The call that the line names; `line` keeps nothing. */
static enum presidio_call route(struct span *line, struct span *query)
{
    bool known;
    size_t blank = span_find(*line, 0, ' ');
    struct span target = span_from(*line, blank + 1);
    size_t mark = span_find(target, 0, '?');
    enum presidio_call call =
        presidio_route(span_cut(*line, 0, blank), span_cut(target, 0, mark), &known);
    must(call == PRESIDIO_NONE || known);
    *query = span_from(target, mark + 1);
    *line = SPAN_NONE;
    return call;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum presidio_call calls[] = {PRESIDIO_ANALYZE, PRESIDIO_ANONYMIZE,
                                               PRESIDIO_DEANONYMIZE};
    static struct presidio *p;
    if (!p)
        must(!failed(presidio_new(NULL, &p)));
    if (size == 0)
        return 0;
    struct span body = span(data + 1, size - 1), query = SPAN_NONE;
    enum presidio_call call = data[0] < ROUTE ? calls[data[0] % 3] : route(&body, &query);
    struct buf out = buf_init(16 << 20);
    unsigned status = presidio_serve(p, call, query, body, &out);
    bool answered = status == 200 || status == 400 || status == 422 || status == 500;
    must(call == PRESIDIO_NONE ? status == 404 : answered);
    if (out.n) {
        check_json(buf_span(&out));
        check_error(buf_span(&out), status);
    }
    buf_free(&out);
    return 0;
}
