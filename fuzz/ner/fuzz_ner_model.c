/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/ner/model.c */
/*
 * A weights file from the fuzzer's bytes: they become the head of a small file whose digest is made
 * right, so that everything behind the digest is reached; an accepted file must tag.
 */
#include "hash.h"
#include "model_int.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SMALL = MODEL_HEAD + 4 * 16 + (WIDTH << ROWS_LOG2_MIN) };

static void try_file(uint8_t *p, size_t n)
{
    static const char text[] = "Dear Anna Smith, 12 Elm Road, London SW1A 1AA. name: Bob";
    struct ner *ner;
    struct ner_work *work;
    struct findings f = {.max = 1000};
    if (failed(ner_open(span(p, n), &ner, NULL)))
        return;
    if (failed(ner_work_new(ner, &work)) ||
        failed(ner_tag(ner, work, NULL, span(text, sizeof text - 1), &f)))
        abort();
    findings_free(&f);
    ner_work_free(work);
    ner_close(ner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *p = aligned_alloc(64, (SMALL + 63) / 64 * 64);
    if (!p)
        abort();
    size_t n = size > SMALL ? SMALL : size;
    memset(p, 0, SMALL);
    if (n)
        memcpy(p, data, n);
    try_file(p, n); /* as it is */
    memcpy(p, MODEL_MAGIC, 8);
    p[8] = NER_FORMAT;
    p[12] = ROWS_LOG2_MIN;
    p[16] = 4;
    p[20] = UNITS;
    memset(p + 9, 0, 3);
    memset(p + 13, 0, 3);
    memset(p + 17, 0, 3);
    memset(p + 21, 0, 3);
    p[31] = 0;
    struct span w = span(p, SMALL);
    const struct span parts[] = {span_cut(w, 8, 24), span_from(w, MODEL_TRANS_AT)};
    hash_sha256_parts(parts, 2, p + 32);
    try_file(p, SMALL);
    free(p);
    return 0;
}
