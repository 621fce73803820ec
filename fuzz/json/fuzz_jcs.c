/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical form of any bytes: where there is one, it is canonical already. */
#include "jcs.h"
#include "json.h"

#include <math.h>
#include <stdlib.h>

/* covers: src/json/jcs.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The first eight bytes as a double: what is printed reads back. */
static void check_number(const uint8_t *data)
{
    double v, back;
    uint8_t text[JCS_NUMBER_MAX];
    memcpy(&v, data, sizeof v);
    size_t n = jcs_number(v, text);
    must((n == 0) == !isfinite(v));
    must(n == 0 || (!failed(json_get_double(span(text, n), &back)) && back == v));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = arena_init(64 << 20);
    BUF_AUTO once = buf_init(64 << 20);
    BUF_AUTO twice = buf_init(64 << 20);
    struct fault f = {0};
    if (size >= 8)
        check_number(data);
    struct err e = jcs_canonical(span(data, size), &a, &once, &f);
    if (failed(e)) {
        must(once.n == 0 && f.why && f.at <= size);
    } else {
        must(!failed(jcs_canonical(buf_span(&once), &a, &twice, NULL)));
        must(span_eq(buf_span(&once), buf_span(&twice)));
    }
    arena_free(&a);
    return 0;
}
