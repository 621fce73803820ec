/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From text to findings: block by block, tokens, context, windows of tokens worth a look, labels,
 * findings with calibrated scores. A block is at most BLOCK_TOKENS long; its last BLOCK_EDGE tokens
 * are seen again on the left of the next one.
 */
#include "model_int.h"

#include <stdlib.h>

struct ner_work {
    struct dict *dict;
    struct tok room[PAD + BLOCK_TOKENS + PAD];
    struct emission emission[BLOCK_TOKENS];
    uint8_t label[BLOCK_TOKENS];
    struct marginal marginal[BLOCK_TOKENS];
};

struct err ner_work_new(const struct ner *n, struct ner_work **out)
{
    (void)n;
    struct ner_work *w = calloc(1, sizeof *w);
    if (!w)
        return err(ERR_NOMEM);
    struct err e = dict_new(&w->dict);
    if (failed(e)) {
        free(w);
        return e;
    }
    *out = w;
    return OK;
}

void ner_work_free(struct ner_work *w)
{
    if (!w)
        return;
    dict_free(w->dict);
    explicit_bzero(w, sizeof *w);
    free(w);
}

static enum entity entity_of(unsigned kind)
{
    static const enum entity of[KINDS] = {ENTITY_PERSON, ENTITY_LOCATION, ENTITY_ORGANIZATION,
                                          ENTITY_LOCATION};
    return of[kind];
}

static float calibrated(const struct ner *n, unsigned kind, float p)
{
    float x = p * (CALIBRATION - 1);
    unsigned i = x >= CALIBRATION - 1 ? CALIBRATION - 2 : (unsigned)x;
    const uint8_t *c = n->calibration[kind];
    return (c[i] + (x - (float)i) * (float)(c[i + 1] - c[i])) / 255.0F;
}

/* What one finding covers: tokens [from, to) of one kind. */
struct entity_span {
    size_t from, to;
    unsigned kind;
};

static bool has_letters(struct seq s, struct entity_span e)
{
    for (size_t i = e.from; i < e.to; i++) {
        const struct word *w = s.v[i].w;
        if (w->kind == WORD_LETTERS && (w->len > 1 || w->cap == CAP_NONE))
            return true;
    }
    return false;
}

static bool is_assistant(struct seq s, struct entity_span e)
{
    return e.to - e.from == 1 && s.v[e.from].w->gaz.lex == LEX_ASSISTANT;
}

static struct err add(const struct ner *n, const struct ner_work *w, struct seq s,
                      struct entity_span e, struct findings *out)
{
    float p = 0;
    for (size_t i = e.from; i < e.to; i++) {
        const float *m = w->marginal[i].p + 1 + 2 * (size_t)e.kind;
        p += m[0] + m[1];
    }
    p /= (float)(e.to - e.from);
    float score = calibrated(n, e.kind, p);
    if (score < 0.05F || !has_letters(s, e) || is_assistant(s, e))
        return OK;
    return findings_add(
        out, (struct finding){s.v[e.from].start, s.v[e.to - 1].end, (uint16_t)entity_of(e.kind),
                              e.kind == 3 ? NER_RULE_STREET : NER_RULE_MODEL, score});
}

static struct err add_all(const struct ner *n, const struct ner_work *w, struct seq s, size_t from,
                          struct findings *out)
{
    for (size_t i = 0; i < s.n;) {
        unsigned y = w->label[i];
        size_t to = i + 1;
        if (y == LABEL_O) {
            i++;
            continue;
        }
        unsigned kind = (y - 1) / 2;
        while (to < s.n && w->label[to] == LABEL_I_PER + 2 * kind)
            to++;
        if (i >= from)
            TRY(add(n, w, s, (struct entity_span){i, to, kind}, out));
        i = to;
    }
    return OK;
}

/* The block whose first `edge` tokens were reported with the block before it. */
static struct err tag_block(const struct ner *n, struct ner_work *w, struct span text, struct seq s,
                            size_t edge, struct findings *out)
{
    context_fill(text, s);
    for (size_t i = 0; i < s.n; i++)
        crf_emission(n, s, i, &w->emission[i]);
    crf_decode(n, w->emission, s.n, w->label, w->marginal);
    return add_all(n, w, s, edge, out);
}

struct err ner_tag(const struct ner *n, struct ner_work *w, struct ner_memory *memory,
                   struct span text, struct findings *out)
{
    if (text.n > NER_TEXT_MAX)
        return err(ERR_LIMIT);
    (void)memory;
    struct seq s = {w->room + PAD, 0};
    struct word *pad = dict_pad(w->dict);
    for (unsigned k = 0; k < PAD; k++)
        w->room[k] = (struct tok){.w = pad};
    for (size_t at = 0; at < text.n;) {
        dict_refresh(w->dict);
        s.n = tokenise(w->dict, &n->gaz, text, &at, s.v, BLOCK_TOKENS);
        for (unsigned k = 0; k < PAD; k++)
            s.v[s.n + k] = (struct tok){.w = pad};
        if (s.n)
            TRY(tag_block(n, w, text, s, 0, out));
    }
    return OK;
}
