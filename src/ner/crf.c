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

static inline const int8_t *row_of(const struct ner *n, uint32_t id)
{
    return n->rows + (size_t)(id >> n->rows_shift) * WIDTH;
}

static void sum_rows(const struct ner *n, const uint32_t *ids, size_t count, int16_t out[WIDTH])
{
    v8i16 sum = {0};
    for (size_t k = 0; k < count; k++) {
        v8i8 row;
        memcpy(&row, row_of(n, ids[k]), sizeof row);
        sum += __builtin_convertvector(row, v8i16);
    }
    memcpy(out, &sum, sizeof sum);
}

static void sum_rows_plain(const struct ner *n, const uint32_t *ids, size_t count,
                           int16_t out[WIDTH])
{
    memset(out, 0, sizeof(int16_t[WIDTH]));
    for (size_t k = 0; k < count; k++) {
        const int8_t *row = row_of(n, ids[k]);
        for (unsigned y = 0; y < WIDTH; y++)
            out[y] = (int16_t)(out[y] + row[y]);
    }
}

typedef void sum_fn(const struct ner *, const uint32_t *, size_t, int16_t[WIDTH]);

static inline void fetch_rows(const struct ner *n, const uint32_t *ids, size_t count)
{
    for (size_t k = 0; k < count; k++)
        __builtin_prefetch(row_of(n, ids[k]));
}

static inline void add(int16_t to[WIDTH], const int16_t from[WIDTH])
{
    v8i16 a, b;
    memcpy(&a, to, sizeof a);
    memcpy(&b, from, sizeof b);
    a += b;
    memcpy(to, &a, sizeof a);
}

static inline struct word *neighbour(struct seq s, size_t i, unsigned slot)
{
    return s.v[(ptrdiff_t)i + (ptrdiff_t)slot - 2].w;
}

/* ---- sums that are kept with the words */

static void word_sum(const struct ner *n, struct word *w, unsigned slot, sum_fn *sum)
{
    if (w->summed & 1U << slot)
        return;
    uint32_t ids[FEAT_OWN_MAX];
    size_t count = feature_word(w, slot, ids);
    sum(n, ids, count, w->sum[word_slot(slot)]);
    w->summed = (uint8_t)(w->summed | 1U << slot);
}

/* Are all five there? One question, for they nearly always are. */
static inline bool words_summed(struct seq s, size_t i)
{
    unsigned have = 1U << WORD_SLOTS;
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        have |= neighbour(s, i, slot)->summed & 1U << slot;
    return have == (1U << (WORD_SLOTS + 1)) - 1;
}

/* Add bias and sums, which are there. */
static inline void add_words(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    add(out->y, n->label_bias);
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        add(out->y, neighbour(s, i, slot)->sum[word_slot(slot)]);
}

static void make_words(const struct ner *n, struct seq s, size_t i, sum_fn *sum)
{
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        word_sum(n, neighbour(s, i, slot), slot, sum);
}

static inline void emission(const struct ner *n, struct seq s, size_t i, struct emission *out,
                            sum_fn *sum)
{
    uint32_t ids[FEAT_CONJ_MAX];
    size_t count = feature_place(s, i, ids);
    sum(n, ids, count, out->y);
    make_words(n, s, i, sum);
    add_words(n, s, i, out);
}

void crf_glance(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    *out = (struct emission){{0}};
    add_words(n, s, i, out);
}

void crf_emission(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows);
}

void crf_emission_plain(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    emission(n, s, i, out, sum_rows_plain);
}

/* Feature numbers of one word at one slot, whose rows are on their way into the cache. */
struct pending_word {
    struct word *w;
    unsigned slot;
    size_t count;
    uint32_t ids[FEAT_OWN_MAX];
};

static void fetch_word(const struct ner *n, struct word *w, unsigned slot, struct pending_word *p)
{
    p->w = w;
    p->slot = slot;
    p->count = feature_word(w, slot, p->ids);
    w->summed = (uint8_t)(w->summed | 1U << slot);
    fetch_rows(n, p->ids, p->count);
}

static void settle_word(const struct ner *n, const struct pending_word *p)
{
    sum_rows(n, p->ids, p->count, p->w->sum[word_slot(p->slot)]);
}

void crf_words(const struct ner *n, struct seq s)
{
    enum { AHEAD = 8 };
    struct pending_word ring[AHEAD];
    size_t from = 0, to = 0;
    for (size_t k = 0; k < s.maybes; k++) {
        if (words_summed(s, s.maybe[k]))
            continue;
        for (unsigned slot = 0; slot < WORD_SLOTS; slot++) {
            struct word *w = neighbour(s, s.maybe[k], slot);
            if (w->summed & 1U << slot)
                continue;
            if (to - from == AHEAD)
                settle_word(n, &ring[from++ % AHEAD]);
            fetch_word(n, w, slot, &ring[to++ % AHEAD]);
        }
    }
    for (; from < to; from++)
        settle_word(n, &ring[from % AHEAD]);
}

/* ---- sums of one token */

/* The same for one token: what its place alone decides, and what its word and line do. */
struct pending {
    size_t i, count, lines;
    unsigned in_line; /* as in struct word */
    uint32_t ids[FEAT_CONJ_MAX], line[FEAT_LINE];
};

static void fetch(const struct ner *n, struct seq s, size_t i, struct pending *p)
{
    const struct tok *t = &s.v[i];
    unsigned line = s.line_case[t->line], pos = context_pos(s, i);
    p->i = i;
    p->in_line = 1 + 4 * pos + line;
    p->count = feature_rest(s, i, p->ids);
    fetch_rows(n, p->ids, p->count);
    p->lines = t->w->in_line == p->in_line ? 0 : feature_line(t->w, line, pos, p->line);
    fetch_rows(n, p->line, p->lines);
}

/* The word's line sum may be that of another place by now: it is only ever the last one made. */
static void settle(const struct ner *n, struct seq s, struct pending *p, struct emission *out)
{
    struct word *w = s.v[p->i].w;
    if (w->in_line != p->in_line) {
        if (!p->lines)
            p->lines = feature_line(w, (p->in_line - 1) % 4, (p->in_line - 1) / 4, p->line);
        sum_rows(n, p->line, p->lines, w->line_sum);
        w->in_line = (uint8_t)p->in_line;
    }
    sum_rows(n, p->ids, p->count, out->y);
    add(out->y, w->line_sum);
    if (!words_summed(s, p->i))
        make_words(n, s, p->i, sum_rows);
    add_words(n, s, p->i, out);
}

void crf_emissions(const struct ner *n, struct seq s, const uint16_t *at, size_t count,
                   struct emission *out)
{
    enum { AHEAD = 4 };
    struct pending ring[AHEAD];
    size_t from = 0, to = 0;
    for (size_t k = 0; k < count; k++) {
        if (to - from == AHEAD) {
            struct pending *p = &ring[from++ % AHEAD];
            settle(n, s, p, &out[p->i]);
        }
        fetch(n, s, at[k], &ring[to++ % AHEAD]);
    }
    for (; from < to; from++)
        settle(n, s, &ring[from % AHEAD], &out[ring[from % AHEAD].i]);
}

/* ---- best sequence */

typedef int32_t lanes_i __attribute__((vector_size(sizeof(int32_t) * LANES)));
typedef float lanes_f __attribute__((vector_size(sizeof(float) * LANES)));

/* Scores of all labels, O first; padding can never win. */
static void scores(const struct emission *e, int32_t out[LANES])
{
    out[LABEL_O] = 0;
    for (unsigned y = 0; y < WIDTH; y++)
        out[y + 1] = e->y[y];
    for (unsigned y = LABELS; y < LANES; y++)
        out[y] = FORBIDDEN;
}

/*
 * One step a token: for every label the best label before it, all labels side by side in vectors of
 * WIDE numbers. A macro, because a vector wider than the CPU's is taken apart into single numbers:
 * each kind of CPU needs the text with its own width.
 */
#define VITERBI(NAME, WIDE, ATTRIBUTE)                                                             \
    ATTRIBUTE static void NAME(const struct ner *n, const struct emission *e, size_t count,        \
                               uint8_t *labels)                                                    \
    {                                                                                              \
        enum { PARTS = LANES / WIDE };                                                             \
        typedef int32_t vec __attribute__((vector_size(sizeof(int32_t) * WIDE)));                  \
        uint8_t from[BLOCK_TOKENS][LANES];                                                         \
        int32_t best[LANES] = {0}, own[LANES], arg[LANES];                                         \
        for (unsigned y = 1; y < LANES; y++)                                                       \
            best[y] = FORBIDDEN;                                                                   \
        for (size_t i = 0; i < count; i++) {                                                       \
            vec top[PARTS], at[PARTS], add, low = {0};                                             \
            low += FORBIDDEN;                                                                      \
            scores(&e[i], own);                                                                    \
            for (unsigned p = 0; p < PARTS; p++) {                                                 \
                memcpy(&add, &n->trans_add[0][p * WIDE], sizeof add);                              \
                top[p] = add + best[0];                                                            \
                at[p] = (vec){0};                                                                  \
            }                                                                                      \
            for (int x = 1; x < LABELS; x++)                                                       \
                for (unsigned p = 0; p < PARTS; p++) {                                             \
                    memcpy(&add, &n->trans_add[x][p * WIDE], sizeof add);                          \
                    vec v = add + best[x], better = v > top[p];                                    \
                    top[p] = (v & better) | (top[p] & ~better);                                    \
                    at[p] = (x & better) | (at[p] & ~better);                                      \
                }                                                                                  \
            for (unsigned p = 0; p < PARTS; p++) {                                                 \
                memcpy(&add, &own[p * WIDE], sizeof add);                                          \
                add += top[p];                                                                     \
                vec sunk = add < FORBIDDEN / 2;                                                    \
                add = (low & sunk) | (add & ~sunk);                                                \
                memcpy(&best[p * WIDE], &add, sizeof add);                                         \
                memcpy(&arg[p * WIDE], &at[p], sizeof add);                                        \
            }                                                                                      \
            for (unsigned y = 0; y < LANES; y++)                                                   \
                from[i][y] = (uint8_t)arg[y];                                                      \
        }                                                                                          \
        unsigned last = LABEL_O;                                                                   \
        for (unsigned x = 1; x < LABELS; x++)                                                      \
            if (best[x] + n->trans[x][LABEL_O] > best[last] + n->trans[last][LABEL_O])             \
                last = x;                                                                          \
        for (size_t i = count; i-- > 0;) {                                                         \
            labels[i] = (uint8_t)last;                                                             \
            last = from[i][last];                                                                  \
        }                                                                                          \
    }

VITERBI(viterbi_plain, 4, )
#if defined(__x86_64__)
VITERBI(viterbi_avx2, 8, __attribute__((target("avx2"))))
#endif

static void viterbi(const struct ner *n, const struct emission *e, size_t count, uint8_t *labels)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        viterbi_avx2(n, e, count, labels);
        return;
    }
#endif
    viterbi_plain(n, e, count, labels);
}

/* ---- probabilities */

static void potentials(const struct ner *n, const struct emission *e, float out[LANES])
{
    int32_t own[LANES], top = 0;
    scores(e, own);
    for (unsigned y = 1; y < LABELS; y++)
        top = own[y] > top ? own[y] : top;
    for (unsigned y = 0; y < LABELS; y++)
        out[y] = model_exp(n, own[y] - top);
    for (unsigned y = LABELS; y < LANES; y++)
        out[y] = 0;
}

static float total(const float v[LANES])
{
    float sum = 0;
    for (unsigned y = 0; y < LABELS; y++)
        sum += v[y];
    return sum;
}

static void normalise(float v[LANES])
{
    const float least = 1e-30F; /* below, 1 / sum would overflow */
    float sum = total(v), by = sum > least ? 1 / sum : 0;
    for (unsigned y = 0; y < LANES; y++)
        v[y] *= by;
    if (sum <= least)
        v[LABEL_O] = 1;
}

/* v times a matrix of LABELS rows. */
static void through(const float v[LANES], const float m[LABELS][LANES], float out[LANES])
{
    lanes_f sum = {0}, row;
    for (unsigned x = 0; x < LABELS; x++) {
        memcpy(&row, m[x], sizeof row);
        sum += v[x] * row;
    }
    memcpy(out, &sum, sizeof sum);
}

static void times(float a[LANES], const float b[LANES])
{
    for (unsigned y = 0; y < LANES; y++)
        a[y] *= b[y];
}

static void forward_backward(const struct ner *n, const struct emission *e, size_t count,
                             struct marginal *m)
{
    float pot[BLOCK_TOKENS][LANES];
    float v[LANES] = {1}, next[LANES];
    for (size_t i = 0; i < count; i++) {
        potentials(n, &e[i], pot[i]);
        through(v, n->trans_exp, next);
        times(next, pot[i]);
        normalise(next);
        memcpy(m[i].p, next, sizeof next);
        memcpy(v, next, sizeof v);
    }
    memset(v, 0, sizeof v);
    for (unsigned y = 0; y < LABELS; y++)
        v[y] = n->trans_exp[y][LABEL_O];
    for (size_t i = count; i-- > 0;) {
        times(m[i].p, v);
        normalise(m[i].p);
        times(v, pot[i]);
        through(v, n->trans_back, next);
        normalise(next);
        memcpy(v, next, sizeof v);
    }
}

/* Can no token of the window be anything but O? Each label inside an entity gains at most `gain`
 * from its two transitions, so scores below that cannot win: exact, not a guess. */
static bool plainly_outside(const struct ner *n, const struct emission *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned y = 0; y < WIDTH; y++)
            if (e[i].y[y] > -n->gain)
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
