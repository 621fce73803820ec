/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffered input below the reader: whole chunks lie in one piece, so they open without a copy. Once
 * a chunk. When reads come full, no byte is moved.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "page.h"

#include <stdlib.h>

enum { PEEK = 1024 };

struct err age_input_new(struct age_source *source, struct age_input **out)
{
    struct age_input *in = calloc(1, sizeof *in);
    if (!in)
        return err(ERR_NOMEM);
    in->source = source;
    in->cap = (size_t)AGE_BATCH * AGE_SEALED;
    in->p = page_alloc(in->cap);
    if (!in->p) {
        free(in);
        return err(ERR_NOMEM);
    }
    *out = in;
    return OK;
}

void age_input_free(struct age_input *in)
{
    if (!in)
        return;
    if (in->armor)
        age_armor_free(in->armor);
    free(in->p);
    free(in);
}

/* Have `want` bytes; reads ask for no more than `most` bytes at the buffer's front. */
static struct err fill(struct age_input *in, size_t want, size_t most, size_t *have)
{
    if (in->at == in->n)
        in->at = in->n = 0;
    if (want > in->cap - in->at) {
        memmove(in->p, in->p + in->at, in->n - in->at);
        in->n -= in->at;
        in->at = 0;
    }
    struct age_source *from = in->armor ? in->armor : in->source;
    while (in->n - in->at < want && !in->ended) {
        size_t got = 0;
        TRY(from->read(from, in->p + in->n, most - in->n, &got));
        in->n += got;
        in->ended = got == 0;
    }
    *have = in->n - in->at;
    return OK;
}

struct err age_input_fill(struct age_input *in, size_t want, size_t *have)
{
    return fill(in, want, in->cap, have);
}

/* A binary file starts with its name; whatever else has dashes near its start is armor,
 * rightly or wrongly made. */
struct err age_input_detect(struct age_input *in)
{
    size_t have;
    TRY(fill(in, PEEK, PEEK, &have));
    struct span head = span(in->p + in->at, have);
    struct span near = span_cut(head, 0, PEEK), begin = SPAN_LIT("-----");
    if (span_starts(head, SPAN_LIT("age-encryption.org/")) || span_search(near, 0, begin) == near.n)
        return OK;
    TRY(age_armor_reader(in->source, head, &in->armor));
    in->at = in->n = 0;
    in->ended = false;
    return OK;
}
