/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the scores of a window's tokens to labels: the best sequence (Viterbi) and the probability
 * of each label (forward-backward). Labels of the four kinds lie side by side in vectors: what
 * begins (b) and what goes on inside (i), which only its own kind can precede; O stands alone.
 */
#include "model_int.h"

typedef int32_t v4i __attribute__((vector_size(16)));
typedef float v4f __attribute__((vector_size(16)));

static inline v4i load_i(const int32_t *p)
{
    v4i v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline v4f load_f(const float *p)
{
    v4f v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline v4i larger(v4i a, v4i b)
{
    v4i m = a > b;
    return (a & m) | (b & ~m);
}

static inline int32_t largest(v4i v)
{
    int32_t a = v[0] > v[1] ? v[0] : v[1], b = v[2] > v[3] ? v[2] : v[3];
    return a > b ? a : b;
}

/* Scores of one token: y holds begin and inside of each kind in turn. */
struct own {
    v4i b, i;
};

static inline struct own own_of(const struct emission *e)
{
    v4i pairs;
    memcpy(&pairs, e->y, sizeof pairs);
    v4i high = pairs << 16;
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        return (struct own){pairs >> 16, high >> 16};
    return (struct own){high >> 16, pairs >> 16};
}

/* ---- best sequence */

/* The best score of any sequence that ends in each label. */
struct best {
    v4i b, i;
    int32_t o;
};

static inline int32_t best_label(const struct best *t, unsigned label)
{
    return label == LABEL_O ? t->o : label & 1 ? t->b[label / 2] : t->i[label / 2 - 1];
}

static inline struct best best_next(const struct trans_score *t, const struct best *p)
{
    struct best next;
    v4i b = p->o + load_i(t->o_b);
    for (unsigned k = 0; k < KINDS; k++) {
        b = larger(b, p->b[k] + load_i(t->b_b[k]));
        b = larger(b, p->i[k] + load_i(t->i_b[k]));
    }
    next.b = b;
    next.i = larger(p->b + load_i(t->b_i), p->i + load_i(t->i_i));
    int32_t o = largest(larger(p->b + load_i(t->b_o), p->i + load_i(t->i_o)));
    next.o = p->o + t->o_o > o ? p->o + t->o_o : o;
    return next;
}

/* The first label whose sequence leads to `label` with the score `score`. */
static unsigned label_before(const struct ner *n, const struct best *p, unsigned label,
                             int32_t score)
{
    for (unsigned x = 0; x < LABELS; x++)
        if (label_follows(x, label) && best_label(p, x) + n->trans[x][label] == score)
            return x;
    return LABEL_O;
}

/*
 * FORBIDDEN stands for "no such sequence" and is added to, never twice: a window is at most
 * BLOCK_TOKENS long, so nothing comes near the ends of int32_t, nor up to a real score.
 */
static void viterbi(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels)
{
    struct best at[BLOCK_TOKENS + 1], last;
    at[0] = (struct best){(v4i){0} + FORBIDDEN, (v4i){0} + FORBIDDEN, 0};
    for (size_t i = 0; i < count; i++) {
        struct own own = own_of(&e[i]);
        at[i + 1] = best_next(&n->score, &at[i]);
        at[i + 1].b += own.b;
        at[i + 1].i += own.i;
    }
    last = best_next(&n->score, &at[count]);
    unsigned label = label_before(n, &at[count], LABEL_O, last.o);
    for (size_t i = count; i-- > 0;) {
        labels[i] = (uint8_t)label;
        int32_t own = label == LABEL_O ? 0 : e[i].y[label - 1];
        label = label_before(n, &at[i], label, best_label(&at[i + 1], label) - own);
    }
}

/* ---- probabilities */

struct belief {
    v4f b, i;
    float o;
};

/* e to the scores less the largest of them. */
static struct belief potentials(const struct ner *n, const struct emission *e)
{
    struct own own = own_of(e);
    int32_t top = largest(larger(own.b, own.i));
    top = top > 0 ? top : 0;
    struct belief p = {.o = model_exp(n, -top)};
    for (unsigned k = 0; k < KINDS; k++) {
        p.b[k] = model_exp(n, own.b[k] - top);
        p.i[k] = model_exp(n, own.i[k] - top);
    }
    return p;
}

static inline float total(v4f v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

static inline struct belief times(struct belief a, struct belief b)
{
    return (struct belief){a.b * b.b, a.i * b.i, a.o * b.o};
}

static inline struct belief normalised(struct belief v)
{
    const float least = 1e-30F; /* below, 1 / sum would overflow */
    float sum = v.o + total(v.b + v.i);
    if (sum <= least)
        return (struct belief){.o = 1};
    float by = 1 / sum;
    return (struct belief){v.b * by, v.i * by, v.o * by};
}

static inline struct belief forward(const struct trans_exp *t, struct belief v)
{
    v4f b = v.o * load_f(t->o_b);
    for (unsigned k = 0; k < KINDS; k++)
        b += v.b[k] * load_f(t->b_b[k]) + v.i[k] * load_f(t->i_b[k]);
    v4f o = v.b * load_f(t->b_o) + v.i * load_f(t->i_o);
    return (struct belief){b, v.b * load_f(t->b_i) + v.i * load_f(t->i_i), v.o * t->o_o + total(o)};
}

static inline struct belief backward(const struct trans_exp *t, struct belief v)
{
    v4f b = v.o * load_f(t->b_o) + v.i * load_f(t->b_i);
    v4f i = v.o * load_f(t->i_o) + v.i * load_f(t->i_i);
    for (unsigned k = 0; k < KINDS; k++) {
        b += v.b[k] * load_f(t->b_from[k]);
        i += v.b[k] * load_f(t->i_from[k]);
    }
    return (struct belief){b, i, v.o * t->o_o + total(v.b * load_f(t->o_b))};
}

static void forward_backward(const struct ner *n, const struct emission *e, size_t count,
                             struct marginal *m)
{
    struct belief pot[BLOCK_TOKENS], ahead[BLOCK_TOKENS], v = {.o = 1};
    for (size_t i = 0; i < count; i++) {
        pot[i] = potentials(n, &e[i]);
        ahead[i] = v = normalised(times(forward(&n->odds, v), pot[i]));
    }
    v = backward(&n->odds, (struct belief){.o = 1});
    for (size_t i = count; i-- > 0;) {
        struct belief p = normalised(times(ahead[i], v));
        v4f kind = p.b + p.i;
        memcpy(m[i].kind, &kind, sizeof kind);
        v = normalised(backward(&n->odds, times(v, pot[i])));
    }
}

/* Can no token of the window be anything but O? Each label inside an entity gains at most `gain`
 * from its two transitions, so scores below that cannot win: exact, not a guess. */
static bool plainly_outside(const struct ner *n, const struct emission *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (emission_best(&e[i]) > -n->gain)
            return false;
    return true;
}

static bool any_labelled(const uint8_t *labels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (labels[i] != LABEL_O)
            return true;
    return false;
}

void crf_decode(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels,
                struct marginal *m)
{
    memset(labels, LABEL_O, count);
    if (plainly_outside(n, e, count))
        return;
    viterbi(n, e, count, labels);
    if (any_labelled(labels, count))
        forward_backward(n, e, count, m);
}
