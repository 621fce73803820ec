/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for the lists of weights that are made already: ner-words WEIGHTS LISTS OUT. LISTS as
 * ner-train reads it. The weights stay as they were trained: a town that is added is worth what
 * training found towns to be worth. tools/ner/make-model calls it.
 */
#include "train.h"

#include "buf.h"
#include "file.h"
#include "hash.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOG2_AT = 16, DIGEST_FROM = 8, DIGEST_AT = 32 };

/* The lists lie behind the head, a word of four bytes a slot. */
static bool add_words(struct buf *b, const char *lists)
{
    struct span whole = buf_span(b);
    if (whole.n < MODEL_HEAD || !span_is(span_cut(whole, 0, 8), MODEL_MAGIC))
        return false;
    unsigned log2 = whole.p[LOG2_AT];
    size_t bytes = (size_t)4 << (log2 & 31);
    if (log2 < GAZ_LOG2_MIN || log2 > GAZ_LOG2_MAX || bytes > whole.n - MODEL_HEAD)
        return false;
    uint32_t *slots = malloc(bytes);
    if (!slots)
        return false;
    uint8_t *to = (uint8_t *)(uintptr_t)whole.p;
    memcpy(slots, to + MODEL_HEAD, bytes);
    bool ok = lists_add(lists, slots, log2);
    memcpy(to + MODEL_HEAD, slots, bytes);
    free(slots);
    const struct span parts[] = {span_cut(whole, DIGEST_FROM, DIGEST_AT - DIGEST_FROM),
                                 span_from(whole, MODEL_TRANS_AT)};
    hash_sha256_parts(parts, 2, to + DIGEST_AT);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: ner-words WEIGHTS LISTS OUT\n");
        return 64;
    }
    struct buf b = buf_init((size_t)NER_WEIGHTS_MAX);
    bool ok = !failed(file_read(argv[1], &b)) && add_words(&b, argv[2]) &&
              !failed(file_replace(argv[3], buf_span(&b), 0644));
    buf_free(&b);
    if (!ok)
        fprintf(stderr, "ner-words: %s or %s is malformed\n", argv[1], argv[2]);
    return ok ? 0 : 2;
}
