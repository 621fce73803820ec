/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A weights file from the fuzzer's bytes: they become the head of a small file whose digest is made
 * right, so that everything behind the digest is reached. What holds: a refused file has a reason
 * and a place inside it; an accepted one tags, with findings in order and scores between 0 and 1,
 * twice the same.
 */
#include "hash.h"
#include "model_int.h"

#include <stdlib.h>

/* covers: src/ner/model.c */
/* planted: src/ner/model.c | n->trans[x][y] > TRANS_MAX || n->trans | n->trans */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GAZ_LOG2 = 4, SMALL = MODEL_HEAD + 4 * 16 + WIDTH * ROWS_MIN };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void tag(struct ner *ner, struct findings *f)
{
    static const char text[] = "Dear Anna Smith, 12 Elm Road, London SW1A 1AA. name: Bob";
    struct ner_work *work;
    must(!failed(ner_work_new(ner, &work)));
    must(!failed(ner_tag(ner, work, NULL, span(text, sizeof text - 1), f)));
    for (size_t i = 0; i < f->n; i++) {
        must(f->v[i].start < f->v[i].end && f->v[i].end < sizeof text);
        must(!i || f->v[i].start >= f->v[i - 1].end);
        must(f->v[i].score > 0 && f->v[i].score <= 1);
    }
    ner_work_free(work);
}

static void try_file(uint8_t *p, size_t n)
{
    struct ner *ner;
    struct fault fault = {0};
    struct findings f = {.max = 1000}, again = {.max = 1000};
    if (failed(ner_open(span(p, n), &ner, &fault))) {
        must(fault.why && fault.at <= n);
        return;
    }
    must(strlen(ner_version(ner)) == 16);
    tag(ner, &f);
    tag(ner, &again);
    must(f.n == again.n && (!f.n || !memcmp(f.v, again.v, f.n * sizeof *f.v)));
    findings_free(&f);
    findings_free(&again);
    ner_close(ner);
}

static void put_le32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *p = aligned_alloc(64, (SMALL + 63) / 64 * 64);
    must(p != NULL);
    size_t n = size > SMALL ? SMALL : size;
    memset(p, 0, SMALL);
    if (n)
        memcpy(p, data, n);
    try_file(p, n); /* as it is */
    memcpy(p, MODEL_MAGIC, 8);
    put_le32(p + 8, NER_FORMAT);
    put_le32(p + 12, ROWS_MIN);
    put_le32(p + 16, GAZ_LOG2);
    put_le32(p + 20, UNITS);
    p[31] = 0;
    try_file(p, SMALL); /* with a digest that is wrong, most often */
    struct span w = span(p, SMALL);
    const struct span parts[] = {span_cut(w, 8, 24), span_from(w, MODEL_TRANS_AT)};
    hash_sha256_parts(parts, 2, p + 32);
    try_file(p, SMALL);
    free(p);
    return 0;
}
