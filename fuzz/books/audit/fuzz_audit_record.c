/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a hostile gate's ring: what decodes is clean, encodes to the same bytes and becomes
 * JSON. And any texts in a record of the gate's own: they are cleaned, marked, and decode. */
#include "audit_record.h"

#include <stdlib.h>
#include <string.h>

/* covers: src/books/audit/audit_record.c src/books/audit/audit_json.c */
/* planted: src/books/audit/audit_record.c | pair.entity >= ENTITY_COUNT | pair.entity >
 * ENTITY_COUNT */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_json(const struct audit_record *r)
{
    uint8_t json[AUDIT_JSON_MAX];
    struct wr w = wr_of(json, sizeof json);
    must(!failed(audit_record_json(r, UINT64_MAX, SPAN_LIT("b00t"), &w)));
    for (size_t i = 0; i < w.n; i++)
        must(json[i] >= 0x20 && json[i] <= 0x7e && json[i] != '\\');
    must(span_starts(wr_span(&w), SPAN_LIT("{\"")) && json[w.n - 1] == '}');
}

static void decode(struct span in)
{
    struct audit_record r;
    uint8_t again[AUDIT_RECORD_MAX];
    size_t n;
    if (failed(audit_record_decode(in, &r)))
        return;
    must(!failed(audit_record_encode(&r, again, &n)) && span_eq(span(again, n), in));
    check_json(&r);
}

/* A clean text in its limit is stored as it is; any other ends in its mark. */
static void check_text(struct span stored, struct span given, size_t max)
{
    bool clean = given.n <= max;
    for (size_t i = 0; i < given.n; i++)
        clean &=
            given.p[i] >= 0x20 && given.p[i] <= 0x7e && given.p[i] != '"' && given.p[i] != '\\';
    must(stored.n <= max);
    must(clean ? span_eq(stored, given) : stored.n >= 17 && stored.p[stored.n - 17] == '~');
}

static void encode(struct span in)
{
    uint8_t out[AUDIT_RECORD_MAX];
    struct audit_record back, r = {.kind = in.p[0] % 12, .model = span_from(in, 1)};
    size_t n, third = in.n / 3;
    r.object = r.model;
    r.request_id = span_cut(in, 1, third);
    r.provider = span_from(in, third);
    r.actor = span_cut(in, third, third);
    r.input_tokens = r.cost_nanousd = (uint64_t)in.p[0] << (in.n % 64);
    r.tokens_known = in.n & 1;
    r.cost_known = in.n & 2;
    r.masked[in.p[in.n - 1] % ENTITY_COUNT] = 1;
    if (failed(audit_record_encode(&r, out, &n)))
        return;
    must(!failed(audit_record_decode(span(out, n), &back)));
    check_json(&back);
    if (back.model.n || r.model.n == 0)
        check_text(back.model, r.model, AUDIT_MODEL_MAX);
    if (back.object.n)
        check_text(back.object, r.object, AUDIT_OBJECT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(span(data, size));
    if (size)
        encode(span(data, size));
    return 0;
}
