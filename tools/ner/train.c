/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trains the tagger's weights: ner-train LISTS OUT CORPUS... [--rows N] [--epochs N] [--runs N]
 * [--seed N].
 *
 * LISTS is made by tools/ner/lists.py, CORPUS by tools/ner/corpus.py; OUT is a weights file as
 * src/ner/model_int.h describes. Words, tokens, context and feature numbers are the tagger's own
 * code. Same input and seed, same bytes out: one thread, its own random numbers, its own
 * exponential, no reordered floating-point sums.
 *
 * Method: linear-chain conditional random field, AdaGrad, one document a step, with features, words
 * and list entries dropped at random so that no single kind of evidence is leant on. The result is
 * the mean of snapshots from the second half of several runs: one run alone differs from the next
 * by a point of F1.
 */
#include "train.h"

#include <stdio.h>
#include <stdlib.h>

enum { IDS_MAX = FEAT_OWN_MAX + 4 * FEAT_NEAR + FEAT_PLACE_MAX };

/* One cache line, for time goes in waiting for it. */
struct weight_row {
    float w[WIDTH], g[WIDTH]; /* weight, sum of squared gradients */
} __attribute__((aligned(64)));

struct trainer {
    struct weight_row *row;
    float (*sum)[WIDTH]; /* of each row's weights at each snapshot */
    uint32_t rows;
    float trans[LABELS][LABELS], trans_g[LABELS][LABELS], trans_sum[LABELS][LABELS];
    unsigned snapshots;
    struct rng rng;
    float rate;
    struct gaz_table gaz;
    struct dict *dict;
    struct tok room[PAD + BLOCK_TOKENS + PAD];
    struct key_ids keys[BLOCK_TOKENS + 2];
    struct marks marks;
    uint8_t gold[BLOCK_TOKENS], line_case[BLOCK_TOKENS + 1];
    uint16_t maybe[BLOCK_TOKENS];
    uint32_t ids[BLOCK_TOKENS][IDS_MAX];
    uint16_t count[BLOCK_TOKENS];
    float pot[BLOCK_TOKENS][LABELS], alpha[BLOCK_TOKENS][LABELS], beta[BLOCK_TOKENS][LABELS];
    size_t doubtful; /* tokens whose right label had less than half a chance */
};

/* ---- words with gaps: what keeps the model from leaning on one kind of evidence */

enum { DROP_FEATURE = 8, DROP_WORD = 8, DROP_LISTS = 14 /* per cent */ };

static void drop_words(struct trainer *t, struct seq s)
{
    for (size_t i = 0; i < s.n; i++) {
        struct word *w = s.v[i].w;
        if (w->summed || w->kind != WORD_LETTERS)
            continue;
        w->summed = 1; /* decided once per distinct word; training never sums */
        if (rng_below(&t->rng, 100) < DROP_WORD)
            w->id = 0;
        if (rng_below(&t->rng, 100) < DROP_LISTS)
            w->gaz.first = w->gaz.last = w->gaz.city = 0;
        feature_lists(w);
    }
}

static void collect(struct trainer *t, struct seq s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint32_t all[IDS_MAX];
        size_t n = feature_place(s, i, all);
        for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
            n += feature_word(s.v[(ptrdiff_t)i + (ptrdiff_t)slot - 2].w, slot, all + n);
        size_t kept = 0;
        for (size_t k = 0; k < n; k++)
            if (rng_below(&t->rng, 100) >= DROP_FEATURE) {
                uint32_t row = model_row(all[k], t->rows);
                t->ids[i][kept++] = row;
                __builtin_prefetch(&t->row[row]);
            }
        t->count[i] = (uint16_t)kept;
    }
}

static void gold_labels(struct trainer *t, struct seq s, const struct doc *d)
{
    size_t k = 0;
    for (size_t i = 0; i < s.n; i++) {
        const struct tok *x = &s.v[i];
        while (k < d->n && d->spans[k].end <= x->start)
            k++;
        t->gold[i] = LABEL_O;
        if (k == d->n || d->spans[k].start >= x->end || x->w->kind == WORD_NEWLINE)
            continue;
        bool begins = i == 0 || s.v[i - 1].end <= d->spans[k].start || t->gold[i - 1] == LABEL_O;
        t->gold[i] = (uint8_t)(LABEL_B_PER + 2 * d->spans[k].kind + (begins ? 0 : 1));
    }
}

/* ---- the field */

static void score_rows(struct trainer *t, size_t i, float out[LABELS])
{
    float sum[WIDTH] = {0};
    for (unsigned k = 0; k < t->count[i]; k++) {
        const float *w = t->row[t->ids[i][k]].w;
        for (unsigned y = 0; y < WIDTH; y++)
            sum[y] += w[y];
    }
    float top = 0;
    for (unsigned y = 0; y < WIDTH; y++)
        top = sum[y] > top ? sum[y] : top;
    out[LABEL_O] = exp_neg(-top);
    for (unsigned y = 1; y < LABELS; y++)
        out[y] = exp_neg(sum[y - 1] - top);
}

static float normalise(float v[LABELS])
{
    float sum = 0;
    for (unsigned y = 0; y < LABELS; y++)
        sum += v[y];
    for (unsigned y = 0; y < LABELS; y++)
        v[y] /= sum;
    return sum;
}

static void trans_exp(const struct trainer *t, float e[LABELS][LABELS])
{
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++) {
            float v = t->trans[x][y];
            e[x][y] = !label_follows(x, y) ? 0 : v > 0 ? 1.0F / exp_neg(-v) : exp_neg(v);
        }
}

static void forward_backward(struct trainer *t, size_t n, float e[LABELS][LABELS])
{
    float prev[LABELS] = {1};
    for (size_t i = 0; i < n; i++) {
        for (unsigned y = 0; y < LABELS; y++) {
            float v = 0;
            for (unsigned x = 0; x < LABELS; x++)
                v += prev[x] * e[x][y];
            t->alpha[i][y] = v * t->pot[i][y];
        }
        normalise(t->alpha[i]);
        memcpy(prev, t->alpha[i], sizeof prev);
    }
    for (unsigned y = 0; y < LABELS; y++)
        t->beta[n - 1][y] = e[y][LABEL_O];
    for (size_t i = n - 1; i-- > 0;) {
        for (unsigned x = 0; x < LABELS; x++) {
            float v = 0;
            for (unsigned y = 0; y < LABELS; y++)
                v += e[x][y] * t->pot[i + 1][y] * t->beta[i + 1][y];
            t->beta[i][x] = v;
        }
        normalise(t->beta[i]);
    }
}

static void adagrad(float *w, float *g2, float g, float rate)
{
    enum { LIMIT = 127 };
    const float top = (float)LIMIT / UNITS;
    *g2 += g * g;
    float v = *w - rate * g / (square_root(*g2) + 1e-3F);
    *w = v > top ? top : v < -top ? -top : v;
}

static void update_rows(struct trainer *t, size_t i)
{
    float p[LABELS];
    for (unsigned y = 0; y < LABELS; y++)
        p[y] = t->alpha[i][y] * t->beta[i][y];
    normalise(p);
    float of_gold = p[t->gold[i]];
    t->doubtful += of_gold < 0.5F;
    if (of_gold > 0.998F)
        return; /* nothing to learn: most tokens are plainly outside */
    p[t->gold[i]] -= 1;
    for (unsigned k = 0; k < t->count[i]; k++) {
        struct weight_row *r = &t->row[t->ids[i][k]];
        for (unsigned y = 0; y < WIDTH; y++)
            adagrad(&r->w[y], &r->g[y], p[y + 1], t->rate);
    }
}

static void update_trans(struct trainer *t, size_t n, float e[LABELS][LABELS])
{
    float g[LABELS][LABELS] = {0};
    for (size_t i = 0; i < n; i++) {
        float joint[LABELS][LABELS], sum = 0;
        for (unsigned x = 0; x < LABELS; x++)
            for (unsigned y = 0; y < LABELS; y++) {
                float a = i ? t->alpha[i - 1][x] : (x == LABEL_O);
                joint[x][y] = a * e[x][y] * t->pot[i][y] * t->beta[i][y];
                sum += joint[x][y];
            }
        for (unsigned x = 0; x < LABELS; x++)
            for (unsigned y = 0; y < LABELS; y++)
                g[x][y] += joint[x][y] / sum;
        g[i ? t->gold[i - 1] : LABEL_O][t->gold[i]] -= 1;
    }
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++)
            if (label_follows(x, y))
                adagrad(&t->trans[x][y], &t->trans_g[x][y], g[x][y], t->rate);
}

static void learn(struct trainer *t, const struct doc *d)
{
    const struct tok pad = dict_padding(t->dict);
    struct seq s = {t->room + PAD, 0, t->keys, &t->marks, t->line_case, t->maybe, 0};
    dict_clear(t->dict);
    size_t at = 0;
    s.n = tokenise(t->dict, &t->gaz, d->text, &at, s.v, BLOCK_TOKENS);
    if (s.n == 0)
        return;
    for (unsigned k = 0; k < PAD; k++)
        t->room[k] = s.v[s.n + k] = pad;
    drop_words(t, s);
    context_fill(&s);
    gold_labels(t, s, d);
    collect(t, s);
    float e[LABELS][LABELS];
    trans_exp(t, e);
    for (size_t i = 0; i < s.n; i++)
        score_rows(t, i, t->pot[i]);
    forward_backward(t, s.n, e);
    update_trans(t, s.n, e);
    for (size_t i = 0; i < s.n; i++)
        update_rows(t, i);
}

/* ---- whole run */

static int8_t to_int8(float w)
{
    float v = w * UNITS;
    return (int8_t)(v < 0 ? v - 0.5F : v + 0.5F);
}

static void snapshot(struct trainer *t)
{
    for (size_t r = 0; r < t->rows; r++)
        for (unsigned y = 0; y < WIDTH; y++)
            t->sum[r][y] += t->row[r].w[y];
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++)
            t->trans_sum[x][y] += t->trans[x][y];
    t->snapshots++;
}

static void start_again(struct trainer *t)
{
    for (size_t r = 0; r < t->rows; r++) {
        memset(t->row[r].w, 0, sizeof t->row[r].w);
        memset(t->row[r].g, 0, sizeof t->row[r].g);
    }
    memset(t->trans, 0, sizeof t->trans);
    memset(t->trans_g, 0, sizeof t->trans_g);
}

static bool write_model(const struct trainer *t, const struct options *o)
{
    float by = 1 / (float)t->snapshots;
    struct model_out m = {.rows = t->rows, .gaz = t->gaz};
    m.row = malloc((size_t)t->rows * WIDTH);
    if (!m.row)
        return false;
    for (size_t r = 0; r < t->rows; r++)
        for (unsigned y = 0; y < WIDTH; y++)
            m.row[r * WIDTH + y] = to_int8(t->sum[r][y] * by);
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++)
            m.trans[x][y] = (int16_t)(t->trans_sum[x][y] * by * UNITS);
    bool ok = model_write(&m, o->out);
    free(m.row);
    return ok;
}

static void train_epoch(struct trainer *t, struct corpus *c, const struct options *o,
                        unsigned epoch)
{
    enum { SNAPSHOTS = 4 /* of an epoch in the second half */ };
    float part = o->epochs > 1 ? (float)epoch / (float)(o->epochs - 1) : 0;
    t->rate = 0.15F - 0.08F * part;
    t->doubtful = 0;
    corpus_shuffle(c, &t->rng);
    for (size_t k = 0; k < c->n; k++) {
        learn(t, &c->docs[k]);
        if (2 * epoch + 1 >= o->epochs && (k + 1) % ((c->n + SNAPSHOTS - 1) / SNAPSHOTS) == 0)
            snapshot(t);
    }
    if (2 * epoch + 1 >= o->epochs)
        snapshot(t);
}

/* Each run takes the next corpus, so that none sees just the names that another one saw. */
static bool train(struct trainer *t, const struct options *o)
{
    for (unsigned run = 0; run < o->runs; run++) {
        struct corpus c;
        bool ok = corpus_read(o->corpus[run % o->corpora], &c);
        start_again(t);
        for (unsigned epoch = 0; ok && epoch < o->epochs; epoch++) {
            train_epoch(t, &c, o, epoch);
            fprintf(stderr, "run %u epoch %u: %zu tokens doubtful\n", run + 1, epoch + 1,
                    t->doubtful);
        }
        corpus_free(&c);
        if (!ok)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o;
    if (!options_read(argc, argv, &o))
        return 64;
    struct trainer *t = calloc(1, sizeof *t);
    if (!t || failed(dict_new(&t->dict)))
        return 2;
    t->rows = o.rows;
    t->rng = (struct rng){o.seed * 0x9e3779b97f4a7c15ULL + 1};
    t->row = aligned_alloc(sizeof *t->row, sizeof *t->row * o.rows);
    t->sum = calloc(o.rows, sizeof *t->sum);
    if (!t->row || !t->sum || !lists_read(o.lists, &t->gaz))
        return 2;
    bool ok = train(t, &o) && write_model(t, &o);
    lists_free(&t->gaz);
    dict_free(t->dict);
    free(t->row);
    free(t->sum);
    free(t);
    return ok ? 0 : 2;
}
