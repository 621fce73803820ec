/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body on any of the three posts: the answer is one JSON value, an error exactly when the
 * status is not 200. The first byte chooses the call.
 */
/* covers: src/traffic/presidio/request.c src/traffic/presidio/analyze.c */
/* covers: src/traffic/presidio/adhoc.c src/traffic/presidio/hits.c */
/* covers: src/traffic/presidio/anonymize.c src/traffic/presidio/operator.c */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum presidio_call calls[] = {PRESIDIO_ANALYZE, PRESIDIO_ANONYMIZE,
                                               PRESIDIO_DEANONYMIZE};
    static struct presidio *p;
    if (!p)
        must(!failed(presidio_new(NULL, &p)));
    if (size == 0)
        return 0;
    struct buf out = buf_init(16 << 20);
    unsigned status =
        presidio_serve(p, calls[data[0] % 3], SPAN_NONE, span(data + 1, size - 1), &out);
    must(status == 200 || status == 400 || status == 422 || status == 500);
    if (out.n) {
        check_json(buf_span(&out));
        check_error(buf_span(&out), status);
    }
    buf_free(&out);
    return 0;
}
