/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical form of any bytes: where there is one, it is canonical already. */
#include "jcs.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* covers: src/json/jcs.c src/json/number.c */
/* planted: src/json/number.c | unsigned uneven = f == (uint64_t)1 << 52 && e > -1074; | unsigned
 * uneven = 0; */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Never more digits than the C library needs to read the number back, and the same ones for the
 * same count: it rounds to the closest. */
static void check_shortest(double v, struct span text)
{
    char digits[40], want[40];
    size_t n = 0, decimals = 0;
    for (; decimals < 17; decimals++) {
        snprintf(want, sizeof want, "%.*e", (int)decimals, fabs(v));
        if (strtod(want, NULL) == fabs(v))
            break;
    }
    for (size_t i = 0; i < text.n && text.p[i] != 'e'; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9' && (n || text.p[i] != '0'))
            digits[n++] = (char)text.p[i];
    while (n && digits[n - 1] == '0')
        n--;
    must(n <= decimals + 1);
    if (n == decimals + 1 && n)
        must(digits[0] == want[0] && memcmp(digits + 1, want + 2, n - 1) == 0);
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
    if (n)
        check_shortest(v, span(text, n));
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
