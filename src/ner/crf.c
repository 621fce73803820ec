/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conditional random field: sums of weight rows per token, the best label sequence (Viterbi)
 * and the probability of each label (forward-backward). Sums are integers, so every CPU gives the
 * same. A row is eight int8 and the sum eight int16, one 128-bit vector; adding rows is where the
 * time of the tagger goes.
 */
#include "model_int.h"

typedef int16_t v8i16 __attribute__((vector_size(16)));
typedef int8_t v8i8 __attribute__((vector_size(8)));

static void sum_rows(const struct ner *n, const uint32_t *ids, size_t count, int16_t out[WIDTH])
{
    v8i16 sum = {0};
    for (size_t k = 0; k < count; k++) {
        v8i8 row;
        memcpy(&row, n->rows + (size_t)(ids[k] >> n->rows_shift) * WIDTH, sizeof row);
        sum += __builtin_convertvector(row, v8i16);
    }
    memcpy(out, &sum, sizeof sum);
}

static void sum_rows_plain(const struct ner *n, const uint32_t *ids, size_t count,
                           int16_t out[WIDTH])
{
    memset(out, 0, sizeof(int16_t[WIDTH]));
    for (size_t k = 0; k < count; k++) {
        const int8_t *row = n->rows + (size_t)(ids[k] >> n->rows_shift) * WIDTH;
        for (unsigned y = 0; y < WIDTH; y++)
            out[y] = (int16_t)(out[y] + row[y]);
    }
}

typedef void sum_fn(const struct ner *, const uint32_t *, size_t, int16_t[WIDTH]);

static void word_sum(const struct ner *n, struct word *w, unsigned slot, sum_fn *sum)
{
    if (w->summed & 1U << slot)
        return;
    uint32_t ids[FEAT_OWN_MAX];
    size_t count = feature_word(w, slot, ids);
    sum(n, ids, count, w->sum[slot]);
    w->summed = (uint8_t)(w->summed | 1U << slot);
}

static inline void emission(const struct ner *n, struct seq s, size_t i, struct emission *out,
                            sum_fn *sum)
{
    uint32_t ids[FEAT_CONJ_MAX];
    size_t count = feature_place(s, i, ids);
    sum(n, ids, count, out->y);
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++) {
        struct word *w = s.v[(ptrdiff_t)i + (ptrdiff_t)slot - 2].w;
        word_sum(n, w, slot, sum);
        for (unsigned y = 0; y < WIDTH; y++)
            out->y[y] = (int16_t)(out->y[y] + w->sum[slot][y]);
    }
    for (unsigned y = 0; y < WIDTH; y++)
        out->y[y] = (int16_t)(out->y[y] + n->bias[y / 2]);
}

void crf_emission(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows);
}

void crf_emission_plain(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows_plain);
}

/* ---- best sequence */

enum { FORBIDDEN = -(1 << 28) };

static int32_t score_of(const struct emission *e, unsigned y)
{
    return y == LABEL_O ? 0 : e->y[y - 1];
}

static void viterbi(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels)
{
    uint8_t from[BLOCK_TOKENS][LABELS];
    int32_t best[LABELS] = {0};
    for (unsigned y = 1; y < LABELS; y++)
        best[y] = FORBIDDEN;
    for (size_t i = 0; i < count; i++) {
        int32_t next[LABELS];
        for (unsigned y = 0; y < LABELS; y++) {
            next[y] = FORBIDDEN;
            from[i][y] = LABEL_O;
            for (unsigned x = 0; x < LABELS; x++) {
                if (!label_follows(x, y) || best[x] == FORBIDDEN)
                    continue;
                int32_t v = best[x] + n->trans[x][y];
                if (v > next[y]) {
                    next[y] = v;
                    from[i][y] = (uint8_t)x;
                }
            }
            if (next[y] != FORBIDDEN)
                next[y] += score_of(&e[i], y);
        }
        memcpy(best, next, sizeof best);
    }
    unsigned y = LABEL_O;
    for (unsigned x = 1; x < LABELS; x++)
        if (best[x] + n->trans[x][LABEL_O] > best[y] + n->trans[y][LABEL_O])
            y = x;
    for (size_t i = count; i-- > 0;) {
        labels[i] = (uint8_t)y;
        y = from[i][y];
    }
}

/* ---- probabilities */

static void potentials(const struct ner *n, const struct emission *e, float out[LABELS])
{
    int32_t top = 0;
    for (unsigned y = 1; y < LABELS; y++)
        if (e->y[y - 1] > top)
            top = e->y[y - 1];
    for (unsigned y = 0; y < LABELS; y++)
        out[y] = model_exp(n, score_of(e, y) - top);
}

static void normalise(float v[LABELS])
{
    float sum = 0;
    for (unsigned y = 0; y < LABELS; y++)
        sum += v[y];
    for (unsigned y = 0; y < LABELS; y++)
        v[y] = sum > 0 ? v[y] / sum : (y == LABEL_O);
}

static void forward_backward(const struct ner *n, const struct emission *e, size_t count,
                             struct marginal *m)
{
    float alpha[LABELS] = {1}, pot[LABELS];
    for (size_t i = 0; i < count; i++) {
        potentials(n, &e[i], pot);
        for (unsigned y = 0; y < LABELS; y++) {
            float v = 0;
            for (unsigned x = 0; x < LABELS; x++)
                v += alpha[x] * n->trans_exp[x][y];
            m[i].p[y] = v * pot[y];
        }
        normalise(m[i].p);
        memcpy(alpha, m[i].p, sizeof alpha);
    }
    float beta[LABELS];
    for (unsigned y = 0; y < LABELS; y++)
        beta[y] = n->trans_exp[y][LABEL_O];
    for (size_t i = count; i-- > 0;) {
        float next[LABELS];
        potentials(n, &e[i], pot);
        for (unsigned x = 0; x < LABELS; x++) {
            next[x] = 0;
            for (unsigned y = 0; y < LABELS; y++)
                next[x] += n->trans_exp[x][y] * pot[y] * beta[y];
        }
        for (unsigned y = 0; y < LABELS; y++)
            m[i].p[y] *= beta[y];
        normalise(m[i].p);
        normalise(next);
        memcpy(beta, next, sizeof beta);
    }
}

void crf_decode(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels,
                struct marginal *m)
{
    viterbi(n, e, count, labels);
    forward_backward(n, e, count, m);
}
