/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the scores of a window's tokens to labels: the best sequence (Viterbi) and the probability
 * of each label (forward-backward). Labels of the four kinds lie side by side in vectors: what
 * begins (b) and what goes on inside (i), which only its own kind can precede; O stands alone.
 */
#include "model_int.h"

typedef float v4f __attribute__((vector_size(16)));
typedef float v8f __attribute__((vector_size(32), aligned(16)));

#define ALWAYS __attribute__((always_inline)) static inline

#if defined(__x86_64__)
/* The same code in fewer instructions, where the CPU has them. */
#define AVX2 __attribute__((target("avx2"), noinline))
#endif

/* Windows of up to so many tokens, nearly all, need little room. */
enum { SHORT = 48 };

/* ---- best sequence */

/* The best score of any sequence that ends in each label, and in O: in units above the sequence
 * that is O throughout, less the sum of `less` up to here. */
struct best {
    v8i16 label, o; /* that of O in every lane: what follows waits for no number in between */
    int less;
};

/* The scores of what follows the label at lane `k` of v. */
#define AFTER(k)                                                                                   \
    v8i16_add(__builtin_shufflevector(v, v, k, k, k, k, k, k, k, k), v8i16_load(t[(k) + 1]))

/* Sums stop at the ends of int16_t instead of going past them: FORBIDDEN stays far below. */
ALWAYS struct best best_next(const struct ner *n, const struct best *p, const struct emission *e)
{
    enum { HIGH = 1 << 13 };
    const int16_t(*t)[WIDTH] = n->step;
    v8i16 v = p->label, from_o = v8i16_add(p->o, v8i16_load(t[0]));
    v8i16 a = v8i16_max(v8i16_max(AFTER(0), AFTER(1)), v8i16_max(AFTER(2), AFTER(3)));
    v8i16 b = v8i16_max(v8i16_max(AFTER(4), AFTER(5)), v8i16_max(AFTER(6), AFTER(7)));
    v8i16 to_o = v8i16_largest(v8i16_add(v, v8i16_load(n->step_to[LABEL_O])));
    struct best next = {v8i16_add(v8i16_max(v8i16_max(a, b), from_o), v8i16_load(e->y)),
                        v8i16_max(to_o, p->o), 0};
    if (next.o[0] > HIGH) {
        next.less = next.o[0];
        next.label = v8i16_add(next.label, (v8i16){0} - next.o);
        next.o = (v8i16){0};
    }
    return next;
}

#undef AFTER

/* The first label whose sequence leads to `label` with the score `score`. Sums that stopped at the
 * end of int16_t are no score: none is as low. Without a branch: any label may be the next. */
ALWAYS unsigned label_before(const struct ner *n, const struct best *p, unsigned label, int score)
{
    v8i16 sums = v8i16_add(p->label, v8i16_load(n->step_to[label]));
    unsigned first = v8i16_first(sums == (int16_t)score);
    bool other = (p->o[0] + n->from_o[label] != score) & (first < WIDTH);
    return (first + 1) & (0U - other);
}

/* The best labels; at[count + 1] is room. False when they are all O. */
ALWAYS bool find_labels(const struct ner *n, const struct emission *e, size_t count,
                        uint8_t *labels, struct best *at)
{
    static const struct emission none;
    at[0] = (struct best){(v8i16){0} + FORBIDDEN, {0}, 0};
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        at[i + 1] = best_next(n, &at[i], &e[i]);
        any |= at[i + 1].less != 0;
    }
    struct best last = best_next(n, &at[count], &none);
    if (!any && last.o[0] == 0)
        return false; /* nothing beats O throughout */
    unsigned label = label_before(n, &at[count], LABEL_O, last.o[0] + last.less);
    for (size_t i = count; i-- > 0;) {
        labels[i] = (uint8_t)label;
        unsigned lane = (label - 1) % WIDTH;
        int is_o = 0 - (label == LABEL_O), score = at[i + 1].label[lane] - e[i].y[lane];
        score = (at[i + 1].o[0] & is_o) | (score & ~is_o);
        label = label_before(n, &at[i], label, score + at[i + 1].less);
    }
    return true;
}

#if defined(__x86_64__)
AVX2 static bool find_labels_avx2(const struct ner *n, const struct emission *e, size_t count,
                                  uint8_t *labels, struct best *at)
{
    return find_labels(n, e, count, labels, at);
}
#endif

static bool best_labels(const struct ner *n, const struct emission *e, size_t count,
                        uint8_t *labels, struct best *at)
{
#if defined(__x86_64__)
    if (n->avx2)
        return find_labels_avx2(n, e, count, labels, at);
#endif
    return find_labels(n, e, count, labels, at);
}

static __attribute__((noinline)) bool best_of_many(const struct ner *n, const struct emission *e,
                                                   size_t count, uint8_t *labels)
{
    struct best at[BLOCK_TOKENS + 1];
    return best_labels(n, e, count, labels, at);
}

static bool viterbi(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels)
{
    struct best at[SHORT + 1];
    return count > SHORT ? best_of_many(n, e, count, labels) : best_labels(n, e, count, labels, at);
}

/* ---- probabilities */

/* Of all labels but O: begin of each kind, then inside; and of O. Functions hand it on whole: a
 * vector of this length alone would be handed on in other ways with AVX2 than without. */
struct belief {
    v8f v;
    float o;
};

#define LOAD(v, p) memcpy(&(v), p, sizeof(v))
/* Those of begin and those of inside added. */
#define BOTH(v)                                                                                    \
    (__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7))

/* e to the scores less the largest of them. */
ALWAYS struct belief potentials(const struct ner *n, const struct emission *e)
{
    const v8i16 y = v8i16_load(e->y), none = {0};
    v8i16 top = v8i16_max(v8i16_largest(y), none);
    v8i16 below = none - v8i16_max(v8i16_add(y, none - top), none - EXP_POINTS);
    v8i16 above = none - v8i16_max(none - top, none - EXP_POINTS);
#define ODDS(v, lane) n->exp[(uint16_t)(v)[lane]]
    return (struct belief){{ODDS(below, 0), ODDS(below, 2), ODDS(below, 4), ODDS(below, 6),
                            ODDS(below, 1), ODDS(below, 3), ODDS(below, 5), ODDS(below, 7)},
                           ODDS(above, 0)};
#undef ODDS
}

ALWAYS float total(v4f v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

ALWAYS struct belief times(struct belief a, struct belief b)
{
    return (struct belief){a.v * b.v, a.o * b.o};
}

ALWAYS struct belief scaled(struct belief v, float sum)
{
    const float least = 1e-30F; /* below, 1 / sum would overflow */
    if (sum <= least)
        return (struct belief){.o = 1};
    float by = 1 / sum;
    return (struct belief){v.v * by, v.o * by};
}

ALWAYS struct belief normalised(struct belief v)
{
    return scaled(v, v.o + total(BOTH(v.v)));
}

/* Only the proportions count, so scaling can wait for a sum that leaves the middle of the range:
 * one step changes it by less than e^48. */
ALWAYS struct belief in_range(struct belief v)
{
    const float low = 1e-12F, high = 1e12F;
    float sum = v.o + total(BOTH(v.v));
    return sum > low && sum < high ? v : scaled(v, sum);
}

/* The sums of what each kind gives, added in pairs: SPREAD(lane) is a kind's part of v in each
 * lane. */
#define SUM_OF_KINDS(sum, rows)                                                                    \
    do {                                                                                           \
        v8f r0, r1, r2, r3;                                                                        \
        LOAD(r0, (rows)[0]), LOAD(r1, (rows)[1]), LOAD(r2, (rows)[2]), LOAD(r3, (rows)[3]);        \
        (sum) = (SPREAD(0) * r0 + SPREAD(1) * r1) + (SPREAD(2) * r2 + SPREAD(3) * r3);             \
    } while (0)

ALWAYS struct belief forward(const struct trans_exp *t, struct belief p)
{
    v8f v = p.v, begin, to_i, to_o, sum;
    LOAD(begin, t->o_b), LOAD(to_i, t->to_i), LOAD(to_o, t->to_o);
#define SPREAD(k) __builtin_shufflevector(v, v, k, k, k, k, (k) + 4, (k) + 4, (k) + 4, (k) + 4)
    SUM_OF_KINDS(sum, t->to_b);
#undef SPREAD
    v8f inside = v * to_i;
    v8f front = __builtin_shufflevector(sum, inside, 0, 1, 2, 3, 8, 9, 10, 11);
    v8f back = __builtin_shufflevector(sum, inside, 4, 5, 6, 7, 12, 13, 14, 15);
    v8f o = v * to_o;
    return (struct belief){p.o * begin + (front + back), p.o * t->o_o + total(BOTH(o))};
}

ALWAYS struct belief backward(const struct trans_exp *t, struct belief p)
{
    v8f v = p.v, begin, to_i, to_o, sum;
    LOAD(begin, t->o_b), LOAD(to_i, t->to_i), LOAD(to_o, t->to_o);
#define SPREAD(k) __builtin_shufflevector(v, v, k, k, k, k, k, k, k, k)
    SUM_OF_KINDS(sum, t->from_b);
#undef SPREAD
    v8f inside = __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7), o = v * begin;
    return (struct belief){(p.o * to_o + inside * to_i) + sum,
                           p.o * t->o_o + total(__builtin_shufflevector(o, o, 0, 1, 2, 3))};
}

/* Room for a window's potentials, and for what each token's left says. */
struct beliefs {
    struct belief own, left;
};

ALWAYS void both_ways(const struct ner *n, const struct emission *e, size_t count,
                      struct marginal *m, struct beliefs *at)
{
    struct belief v = {.o = 1};
    for (size_t i = 0; i < count; i++) {
        at[i].own = potentials(n, &e[i]);
        at[i].left = v = in_range(times(forward(&n->odds, v), at[i].own));
    }
    v = backward(&n->odds, (struct belief){.o = 1});
    for (size_t i = count; i-- > 0;) {
        struct belief p = normalised(times(at[i].left, v));
        v4f kind = BOTH(p.v);
        memcpy(m[i].kind, &kind, sizeof kind);
        v = in_range(backward(&n->odds, times(v, at[i].own)));
    }
}

#if defined(__x86_64__)
AVX2 static void both_ways_avx2(const struct ner *n, const struct emission *e, size_t count,
                                struct marginal *m, struct beliefs *at)
{
    both_ways(n, e, count, m, at);
}
#endif

static void forward_backward(const struct ner *n, const struct emission *e, size_t count,
                             struct marginal *m, struct beliefs *at)
{
#if defined(__x86_64__)
    if (n->avx2) {
        both_ways_avx2(n, e, count, m, at);
        return;
    }
#endif
    both_ways(n, e, count, m, at);
}

static __attribute__((noinline)) void
marginals_of_many(const struct ner *n, const struct emission *e, size_t count, struct marginal *m)
{
    struct beliefs at[BLOCK_TOKENS];
    forward_backward(n, e, count, m, at);
}

static void marginals(const struct ner *n, const struct emission *e, size_t count,
                      struct marginal *m)
{
    struct beliefs at[SHORT];
    if (count > SHORT)
        marginals_of_many(n, e, count, m);
    else
        forward_backward(n, e, count, m, at);
}

/* Does no label of a window of this token alone beat O? */
static bool is_nothing(const struct ner *n, const struct emission *e)
{
    struct emission alone;
    v8i16 sum = v8i16_add(v8i16_load(n->step[LABEL_O]), v8i16_load(e->y));
    sum = v8i16_add(sum, v8i16_load(n->step_to[LABEL_O]));
    memcpy(alone.y, &sum, sizeof sum);
    return !emission_above(&alone, 0);
}

void crf_decode(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels,
                struct marginal *m)
{
    if (count == 1 && is_nothing(n, e))
        return; /* a fourth of all windows */
    if (viterbi(n, e, count, labels))
        marginals(n, e, count, m);
}
