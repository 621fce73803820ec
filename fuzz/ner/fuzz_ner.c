/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/ner/token.c src/ner/context.c src/ner/window.c src/ner/entity.c */
/* Any bytes through the tagger with the shipped weights: findings in order, inside the text, the
 * same with a used and a fresh memory of another conversation. */
#include "file.h"
#include "ner.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ner *ner;
static struct ner_work *work;
static struct ner_memory *memory;

static void check(struct span s, const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        if (x->start >= x->end || x->end > s.n || (i && f->v[i - 1].end > x->start))
            abort();
        if (!(x->score > 0 && x->score <= 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct file_map map;
    if (!ner && (failed(file_map_open(SOURCE_ROOT "/models/ner-en.bin", &map)) ||
                 failed(ner_open(map.bytes, &ner, NULL)) || failed(ner_work_new(ner, &work)) ||
                 failed(ner_memory_new(64, &memory))))
        abort();
    struct span text = span(data, size);
    struct findings f = {.max = 1U << 20};
    ner_memory_reset(memory);
    for (unsigned round = 0; round < 2; round++) {
        f.n = 0;
        if (failed(ner_tag(ner, work, memory, text, &f)))
            abort();
        check(text, &f);
    }
    findings_free(&f);
    return 0;
}
