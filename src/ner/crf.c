/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the weights say of each token: the sums of its rows. Sums are integers, so every CPU gives
 * the same. A row is eight int8 and the sum eight int16, one 128-bit vector. Called for the tokens
 * that window.c lets through; what words alone decide is summed once and kept with them.
 */
#include "model_int.h"

typedef int8_t v8i8 __attribute__((vector_size(8)));
typedef int8_t v16i8 __attribute__((vector_size(16)));

static inline const int8_t *row_of(const struct ner *n, uint32_t id)
{
    return n->rows + (size_t)model_row(id, n->row_count) * WIDTH;
}

/* Each int8 twice makes an int16 whose upper half is the number: the shift gives it its sign. */
static inline v8i16 wide_row(const int8_t *row)
{
    v8i8 v;
    v8i16 wide;
    memcpy(&v, row, sizeof v);
    v16i8 twice = __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    memcpy(&wide, &twice, sizeof wide);
    return wide >> 8;
}

static void sum_rows(const struct ner *n, const uint32_t *ids, size_t count, int16_t out[WIDTH])
{
    v8i16 sum = {0};
    for (size_t k = 0; k < count; k++)
        sum += wide_row(row_of(n, ids[k]));
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

/* Bias and sums, which are there. */
static inline v8i16 words_sum(const struct ner *n, struct seq s, size_t i)
{
    v8i16 sum = v8i16_load(n->label_bias);
    for (unsigned slot = 0; slot < WORD_SLOTS; slot++)
        sum += v8i16_load(neighbour(s, i, slot)->sum[word_slot(slot)]);
    return sum;
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
    v8i16 y = v8i16_load(out->y) + words_sum(n, s, i);
    memcpy(out->y, &y, sizeof y);
}

void crf_glance(const struct ner *n, struct seq s, size_t i, struct emission *out)
{
    v8i16 y = words_sum(n, s, i);
    memcpy(out->y, &y, sizeof y);
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

void crf_words(const struct ner *n, struct seq s, const uint16_t *at, size_t tokens)
{
    enum { AHEAD = 8 };
    struct pending_word ring[AHEAD];
    size_t from = 0, to = 0;
    for (size_t k = 0; k < tokens; k++) {
        if (words_summed(s, at[k]))
            continue;
        for (unsigned slot = 0; slot < WORD_SLOTS; slot++) {
            struct word *w = neighbour(s, at[k], slot);
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

/*
 * The same for one token: what its place alone decides, and what its word and line do. Always as
 * many rows, the rest of them zero: a loop of one length costs less than its end guessed wrong.
 */
struct pending {
    size_t i, lines;
    unsigned in_line; /* as in struct word */
    const int8_t *row[FEAT_REST_MAX];
    uint32_t line[FEAT_LINE];
};

static void fetch(const struct ner *n, struct seq s, size_t i, struct pending *p)
{
    static const int8_t no_row[WIDTH];
    const struct tok *t = &s.v[i];
    unsigned line = s.line_case[t->line], pos = context_pos(s, i);
    uint32_t ids[FEAT_REST_MAX] = {0};
    size_t count = feature_rest(s, i, ids);
    for (size_t k = 0; k < FEAT_REST_MAX; k++) {
        p->row[k] = k < count ? row_of(n, ids[k]) : no_row;
        __builtin_prefetch(p->row[k]);
    }
    p->i = i;
    p->in_line = 1 + 4 * pos + line;
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
    v8i16 sum = v8i16_load(out->y) + v8i16_load(w->line_sum);
    for (size_t k = 0; k < FEAT_REST_MAX; k++)
        sum += wide_row(p->row[k]);
    memcpy(out->y, &sum, sizeof sum);
}

void crf_emissions(const struct ner *n, struct seq s, const uint16_t *at, size_t count,
                   struct emission *e)
{
    enum { AHEAD = 4 };
    struct pending ring[AHEAD];
    size_t from = 0, to = 0;
    for (size_t k = 0; k < count; k++) {
        if (to - from == AHEAD) {
            struct pending *p = &ring[from++ % AHEAD];
            settle(n, s, p, &e[p->i]);
        }
        fetch(n, s, at[k], &ring[to++ % AHEAD]);
    }
    for (; from < to; from++)
        settle(n, s, &ring[from % AHEAD], &e[ring[from % AHEAD].i]);
}
