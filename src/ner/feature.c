/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature numbers. A feature is a template number with one or two values, hashed to 32 bits; the
 * value chooses the row of weights. Templates with values of one word only are summed once per
 * word (struct word.sum); the others depend on the place.
 *
 * Rows lie eight to a cache line, which a number's upper bits choose; the low three choose the row
 * in it. What one value of a word tells at several places (itself, beside each neighbour, first of
 * a line or not) is one line, so that it is one hash and one wait for memory:
 *
 *   row    0         1-4                         5-7
 *   id     own       seen from a neighbour       position in the line
 *   exact  own       case of the line            position in the line
 *   coarse own       seen from a neighbour
 *
 * Changing anything here changes what the rows mean: NER_FORMAT rises and the weights are trained
 * again.
 */
#include "ner_int.h"

static uint32_t mix(uint32_t tpl, uint32_t a, uint32_t b)
{
    uint64_t v = ((uint64_t)a << 32 | b) ^ tpl * 0x9e3779b97f4a7c15ULL;
    unsigned __int128 h = (unsigned __int128)v * 0x9fb21c651e98df25ULL;
    return (uint32_t)(((uint64_t)(h >> 64) ^ (uint64_t)h) >> 32);
}

static uint32_t line(uint32_t tpl, uint32_t a)
{
    return mix(tpl, a, 0) & ~(ROWS_A_LINE - 1U);
}

/* The lines of a word. */
static uint32_t id_line(const struct word *w)
{
    return line(2, w->id);
}

static uint32_t exact_line(const struct word *w)
{
    return line(5, w->exact);
}

static uint32_t coarse_line(const struct word *w)
{
    return line(14, w->coarse);
}

enum { ROW_OWN = 0, ROW_NEAR = 1, ROW_CASE = 1, ROW_POS = 5 };

void feature_lists(struct word *w)
{
    if (w->kind == WORD_SIGN) {
        w->exact = w->coarse = 0x10000U + w->sign;
        return;
    }
    const struct gaz g = w->gaz;
    static const uint8_t three[] = {0, 1, 2, 2}, of_common[] = {0, 1, 1, 2, 2, 0, 0, 0},
                         of_city[] = {0, 1, 1, 2, 2, 2, 2, 2};
    uint32_t v = (uint32_t)(g.first + 1) / 2;
    v = v * 3 + three[g.last & 3];
    v = v * 3 + of_common[g.common & 7];
    v = v * 3 + of_city[g.city & 7];
    v = v * LEX_COUNT + g.lex;
    w->exact = gaz_pack(g) << 4 | w->cap;
    w->coarse = v << 4 | w->cap;
}

/* A sign is what it is, everything else its case; without a branch, for neither is rare. */
static uint32_t case_of(const struct tok *t)
{
    uint32_t is_sign = 0U - (t->sign != 0);
    return (is_sign & (0x100U + t->sign)) | (~is_sign & t->cap);
}

static size_t word_own(const struct word *w, uint32_t *out)
{
    size_t n = 0;
    const struct gaz g = w->gaz;
    out[n++] = mix(1, 0, 0);
    out[n++] = id_line(w) + ROW_OWN;
    out[n++] = mix(4, w->shape, w->cap);
    out[n++] = exact_line(w) + ROW_OWN;
    if (w->kind != WORD_LETTERS)
        return n;
    for (unsigned k = 0; k < AFFIXES; k++)
        if (w->aff[k])
            out[n++] = mix(6 + k, w->aff[k], w->cap);
    out[n++] = coarse_line(w) + ROW_OWN;
    out[n++] = mix(15, (uint32_t)g.first << 4 | w->cap, g.common);
    out[n++] = mix(16, (uint32_t)g.last << 4 | w->cap, g.common);
    out[n++] = mix(17, (uint32_t)g.city << 4 | w->cap, g.common);
    out[n++] = mix(18, (uint32_t)g.lex << 4 | w->cap, 0);
    out[n++] = mix(19, (uint32_t)(g.first << 4 | g.last), w->shape);
    return n;
}

void feature_near(const struct word *w, uint32_t out[FEAT_NEAR])
{
    out[0] = id_line(w) + ROW_NEAR;
    out[1] = coarse_line(w) + ROW_NEAR;
}

size_t feature_word(const struct word *w, unsigned slot, uint32_t *out)
{
    if (slot == SLOT_OWN)
        return word_own(w, out);
    feature_near(w, out);
    for (unsigned k = 0; k < FEAT_NEAR; k++)
        out[k] += word_slot(slot) - 1;
    return FEAT_NEAR;
}

/* The nearest letters or digits left (step -1) or right (step 1), within three tokens. */
static const struct word *nearest(struct seq s, size_t i, int step)
{
    const struct tok *t = &s.v[i] + step;
    for (unsigned k = 0; k < 3; k++)
        t += step * (t->kind == WORD_SIGN);
    return t->w;
}

/* None, one, or more blanks before the token. */
static uint32_t blanks(const struct tok *t)
{
    uint32_t n = t->start - t[-1].end;
    return n > 2 ? 2 : n;
}

static size_t place_words(struct seq s, size_t i, uint32_t *out)
{
    const struct tok *t = &s.v[i];
    const struct word *l2 = t[-2].w, *l = t[-1].w, *w = t->w, *r = t[1].w, *r2 = t[2].w;
    uint32_t gw = w->exact, cw = w->coarse;
    size_t n = 0;
    out[n++] = mix(64, l->id, w->id);
    out[n++] = mix(65, w->id, r->id);
    out[n++] = mix(66, l->id, r->id);
    out[n++] = mix(67, l2->id, l->id);
    out[n++] = mix(68, r->id, r2->id);
    out[n++] = mix(69, case_of(t - 1) << 16 | case_of(t), case_of(t + 1));
    out[n++] = mix(70, blanks(t), blanks(t + 1) << 16 | case_of(t));
    out[n++] = mix(72, l->coarse, gw);
    out[n++] = mix(73, gw, r->coarse);
    out[n++] = mix(75, l->id, cw);
    out[n++] = mix(79, nearest(s, i, -1)->id, cw);
    out[n++] = mix(80, nearest(s, i, 1)->id, cw);
    return n;
}

static size_t place_line(struct seq s, size_t i, uint32_t *out)
{
    const struct word *w = s.v[i].w;
    unsigned line_case = s.line_case[s.v[i].line], pos = context_pos(s, i);
    uint32_t exact = exact_line(w);
    size_t n = 0;
    out[n++] = mix(90, line_case, w->cap);
    out[n++] = exact + ROW_CASE + line_case;
    out[n++] = mix(92, line_case, w->id);
    out[n++] = exact + ROW_POS + pos;
    out[n++] = id_line(w) + ROW_POS + pos;
    out[n++] = mix(95, pos << 8 | line_case, w->coarse);
    return n;
}

/* What may be missing is written in any case, then counted or not: a branch would be guessed wrong.
 */
static size_t place_key(struct seq s, size_t i, uint32_t *out)
{
    const struct tok *t = &s.v[i];
    struct key_words key = context_key(s, i);
    size_t n = 0;
    out[n] = mix(98, key.one, key.far << 8 | t->cap);
    out[n + 1] = mix(100, key.two, t->w->coarse);
    n += t->key_at ? 2 : 0;
    out[n] = mix(102, t->cap, 0);
    return n + ((t->flags & TOKEN_CODE) != 0);
}

/* The run of name-like words: what follows it, what ends it, and where in it we are. */
static size_t place_run(struct seq s, size_t i, uint32_t *out)
{
    enum { MOST = 6 };
    const struct tok *t = &s.v[i];
    uint32_t len = (uint32_t)(t->run_to - t->run_from), at = (uint32_t)i - t->run_from;
    uint32_t where = (len > MOST ? MOST : len) << 3 | (at > MOST ? MOST : at);
    out[0] = mix(111, s.v[t->run_to].w->id, where);
    out[1] = mix(112, s.v[t->run_to - 1].w->id, where);
    return t->run_to ? 2 : 0;
}

size_t feature_place(struct seq s, size_t i, uint32_t out[FEAT_PLACE_ROOM])
{
    size_t n = place_words(s, i, out);
    n += place_line(s, i, out + n);
    n += place_key(s, i, out + n);
    return n + place_run(s, i, out + n);
}
