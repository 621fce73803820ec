/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From text to findings: block by block, tokens, context, windows of tokens worth a look, labels,
 * findings. A block is at most BLOCK_TOKENS long and ends at a line end where there is one; its
 * last BLOCK_EDGE tokens are seen again on the left of the next block, as context only.
 *
 * A block whose names occur again in it without being found is labelled a second time with these
 * names remembered: "Anna Kowalska ... thanks kowalska".
 */
#include "model_int.h"

#include "pace.h"

#include <stdlib.h>

struct ner_work {
    struct dict *dict;
    struct ner_memory *here; /* names of the text at hand */
    struct findings more;    /* of the text at hand, before they are put among the others */
    struct tok room[PAD + BLOCK_TOKENS + PAD];
    struct key_ids keys[BLOCK_TOKENS + 2];
    struct marks marks;
    struct window window;
    uint8_t label[BLOCK_TOKENS + LABEL_ROOM], line_case[BLOCK_TOKENS + 1];
    uint16_t maybe[BLOCK_TOKENS];
    uint8_t witness[BLOCK_TOKENS];
    uint16_t first[BLOCK_TOKENS]; /* of the block's findings, each one's first token */
    struct marginal marginal[BLOCK_TOKENS];
};

/* What one ner_tag works with. */
struct task {
    const struct ner *n;
    struct ner_work *w;
    struct ner_memory *memory;
    struct span text;
    struct findings *out;
};

enum { HERE_WORDS = 2048 };

struct err ner_work_new(const struct ner *n, struct ner_work **out)
{
    (void)n; /* every weights file needs the same scratch so far */
    struct ner_work *w = calloc(1, sizeof *w);
    if (!w)
        return err(ERR_NOMEM);
    struct err e = dict_new(&w->dict);
    if (!failed(e))
        e = ner_memory_new(HERE_WORDS, &w->here);
    if (failed(e)) {
        ner_work_free(w);
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
    ner_memory_free(w->here);
    findings_free(&w->more);
    explicit_bzero(w, sizeof *w);
    free(w);
}

/* ---- memory as evidence */

/* Nearly all words that were no name are refused here. */
static inline unsigned may_be_remembered(const struct task *t, const struct word *w)
{
    return memory_may_have(t->memory, w->hash) | memory_may_have(t->w->here, w->hash);
}

/* Was this word, of a token that may be a name, a name before? */
static bool remembered(const struct task *t, const struct word *w)
{
    if (!may_be_remembered(t, w) ||
        (!memory_has(t->memory, w->hash) && !memory_has(t->w->here, w->hash)))
        return false;
    return w->cap != CAP_LOWER || !w->gaz.common;
}

/* A word of a script without letter case that the lists know as a name. */
static bool listed(const struct tok *k)
{
    return k->cap == CAP_NONE && k->w->len > 1 && !(k->flags & TOKEN_CODE) &&
           (k->w->gaz.first || k->w->gaz.last) && !k->w->gaz.common && !k->w->gaz.lex;
}

/*
 * Two listed names side by side, one of them a given name: without letter case and in a language
 * of which the model has seen little, the lists are the better witness.
 */
static bool listed_pair(const struct tok *a, const struct tok *b)
{
    return listed(a) && listed(b) && (a->w->gaz.first || b->w->gaz.first);
}

/* Who speaks for which tokens, listed in at[]; returns how many these are. */
static size_t recall(const struct task *t, struct seq s, uint16_t at[BLOCK_TOKENS])
{
    uint8_t *to = t->w->witness;
    size_t n = 0;
    bool any = false, names = !memory_empty(t->memory) || !memory_empty(t->w->here);
    memset(to, 0, s.n);
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = s.maybe[k];
        if (names && !to[i])
            to[i] = remembered(t, s.v[i].w) ? WITNESS_MEMORY : WITNESS_NONE;
        if (i + 1 < s.n && listed_pair(&s.v[i], &s.v[i + 1]))
            to[i] = to[i + 1] = WITNESS_LISTS;
        any |= to[i];
    }
    for (size_t k = 0; any && k < s.maybes; k++) {
        at[n] = s.maybe[k];
        n += to[s.maybe[k]] != WITNESS_NONE;
    }
    return n;
}

/* A word that is nothing but a name, or a town's at most, counts for more than one that is a plain
 * word, too: who was called Thornbury a line ago is not masked as a place. */
static int bonus(const struct word *w, enum witness by)
{
    enum { SURE = 3 * UNITS, DOUBTFUL = 3 * UNITS / 2, LISTED = 6 * UNITS };
    if (by == WITNESS_LISTS)
        return LISTED;
    return w->gaz.common ? DOUBTFUL : SURE;
}

/* Add what the memory says (sign 1) of the tokens at[0..n), or take it back (-1). */
static void add_bonus(const struct task *t, struct seq s, const uint16_t *at, size_t n, int sign)
{
    struct ner_work *w = t->w;
    for (size_t k = 0; k < n; k++) {
        size_t i = at[k];
        int16_t *y = w->window.e[i].y;
        int by = sign * bonus(s.v[i].w, w->witness[i]);
        y[LABEL_B_PER - 1] = (int16_t)(y[LABEL_B_PER - 1] + by);
        y[LABEL_I_PER - 1] = (int16_t)(y[LABEL_I_PER - 1] + by);
    }
}

static void label_block(const struct task *t, struct seq s)
{
    struct ner_work *w = t->w;
    const struct bits *keep = &w->window.keep;
    uint16_t at[BLOCK_TOKENS];
    size_t n = recall(t, s, at);
    window_emissions(t->n, s, w->witness, &w->window); /* keeps them all */
    memset(w->label, LABEL_O, s.n);
    add_bonus(t, s, at, n, 1);
    for (size_t from = bits_next(keep, 0, s.n), to; from < s.n; from = bits_next(keep, to, s.n)) {
        to = from + bits_run(keep, from);
        crf_decode(t->n, w->window.e + from, to - from, w->label + from, w->marginal + from);
    }
    add_bonus(t, s, at, n, -1);
}

/* Remember the names of the block; true when one of them stands somewhere in it and is no person
 * there. */
static bool learn_here(const struct task *t, struct seq s, const struct findings *f, size_t from)
{
    uint16_t at[BLOCK_TOKENS]; /* without a branch: which words are no person cannot be guessed */
    size_t n = 0;
    memory_learn_words(t->w->here, s, f->v + from, t->w->first, f->n - from);
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = at[n] = s.maybe[k];
        uint8_t label = t->w->label[i];
        unsigned asked = (label != LABEL_B_PER) & (label != LABEL_I_PER) & (t->w->witness[i] == 0);
        n += asked & may_be_remembered(t, s.v[i].w);
    }
    for (size_t k = 0; k < n; k++)
        if (remembered(t, s.v[at[k]].w))
            return true;
    return false;
}

static struct err find(const struct task *t, struct labelled b, size_t edge, struct findings *out)
{
    size_t from = out->n;
    TRY(entity_add(t->n, b, edge, out));
    program_drop(t->text, b, out, from);
    return OK;
}

/* The first `edge` tokens of the block were reported with the block before it. */
static struct err tag_block(const struct task *t, struct seq s, size_t edge)
{
    struct findings *out = t->out;
    size_t before = out->n;
    struct ner_work *w = t->w;
    context_fill(&s);
    const struct labelled b = {s, w->label, w->marginal, w->witness, w->first};
    window_begin(&w->window, s);
    label_block(t, s);
    TRY(find(t, b, edge, out));
    if (out->n > before && learn_here(t, s, out, before)) {
        out->n = before;
        label_block(t, s);
        TRY(find(t, b, edge, out));
    }
    return OK;
}

/* ---- blocks */

/* Tokens of the block that belong to it: up to the last line end in its second half. */
static size_t block_cut(struct seq s)
{
    for (size_t i = s.n; i > s.n / 2; i--)
        if (s.v[i - 1].kind == WORD_NEWLINE)
            return i;
    return s.n;
}

/* The next tokens of the text from *from on, their words with the sums for neighbours. */
static size_t cut_block(const struct task *t, size_t *from, struct tok *out)
{
    struct dict *d = t->w->dict;
    dict_refresh(d);
    size_t known = dict_count(d);
    size_t n = tokenise(d, &t->n->gaz, t->text, from, out, BLOCK_TOKENS);
    crf_new_words(t->n, d, known == 1 ? 0 : known); /* with the empty word when it was alone */
    return n;
}

static void pad(struct task *t, struct seq *s)
{
    const struct tok none = dict_padding(t->w->dict);
    for (unsigned k = 0; k < PAD; k++)
        s->v[-1 - (int)k] = s->v[s->n + k] = none;
}

struct err ner_tag(const struct ner *n, struct ner_work *w, struct ner_memory *memory,
                   struct span text, struct findings *out)
{
    if (text.n > NER_TEXT_MAX)
        return err(ERR_LIMIT);
    struct task t = {n, w, memory, text, out};
    struct seq s = {w->room + PAD, 0, w->keys, &w->marks, w->line_case, w->maybe, 0};
    size_t at = 0, edge = 0, first = out->n;
    ner_memory_reset(w->here);
    while (at < text.n) {
        TRY(pace_turn());
        size_t from = edge ? s.v[s.n - edge].start : at;
        s.n = cut_block(&t, &from, s.v);
        at = from;
        if (at < text.n && s.n > 2 * BLOCK_EDGE) {
            s.n = block_cut(s);
            at = s.v[s.n - 1].end;
        }
        pad(&t, &s);
        TRY(tag_block(&t, s, edge));
        edge = s.n > BLOCK_EDGE ? BLOCK_EDGE : 0;
    }
    w->more.max = out->max;
    TRY(place_mend(text, &w->more, out, first));
    TRY(wide_names(text, &w->more, out, first));
    TRY(field_names(text, &w->more, out, first));
    if (memory && out->n > first) /* from what is reported: a cache of it teaches the same */
        ner_memory_learn(n, memory, text, out->v + first, out->n - first);
    return OK;
}
