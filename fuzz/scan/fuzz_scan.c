/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner on any bytes: vectors equal plain C, pieces equal the whole, resolving covers. */
#include <stdlib.h>

#include "scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static struct scanner *make(bool plain_c)
{
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    cfg.plain_c = plain_c;
    must(!failed(scanner_new(&cfg, &s)));
    return s;
}

static void same(const struct findings *a, const struct findings *b)
{
    must(a->n == b->n);
    for (size_t i = 0; i < a->n; i++)
        must(a->v[i].start == b->v[i].start && a->v[i].end == b->v[i].end &&
             a->v[i].entity == b->v[i].entity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scanner *fast, *plain;
    if (!fast) {
        fast = make(false);
        plain = make(true);
    }
    struct span text = span(data, size);
    struct findings a = {.max = 1 << 20}, b = {.max = 1 << 20}, c = {.max = 1 << 20};
    must(!failed(scan_text(fast, text, &a)));
    must(!failed(scan_text(plain, text, &b)));
    same(&a, &b);
    struct scan_stream *st;
    must(!failed(scan_stream_new(fast, &st)));
    size_t piece = size ? 1 + data[0] : 1;
    for (size_t at = 0; at < size; at += piece)
        must(!failed(scan_stream_feed(st, span_cut(text, at, piece), at + piece >= size, &c)));
    must(a.n == c.n);
    scan_stream_free(st);
    size_t covered = 0, kept = 0;
    for (size_t i = 0; i < a.n; i++)
        covered = a.v[i].end > covered ? a.v[i].end : covered;
    scan_resolve(text, &a);
    for (size_t i = 0; i < a.n; i++) {
        must(a.v[i].start < a.v[i].end && a.v[i].end <= size && a.v[i].start >= kept);
        kept = a.v[i].end;
    }
    must(kept == covered);
    findings_free(&a);
    findings_free(&b);
    findings_free(&c);
    return 0;
}
