/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tokens the full model sees. Most tokens of most texts are plainly no part of a name; three
 * sieves find the others, each dearer and finer than the one before it:
 *
 *   1. the word's hint (once per distinct word),
 *   2. the sums of the word and its neighbours, which are kept with the words (five additions),
 *   3. all features of the tokens that are left, group by group,
 *
 * then what connects those: particles, signs, house numbers. The rest is O.
 */
#include "model_int.h"

/* How far below O a token may be at first glance and still be looked at: 2 of log odds less, and
 * one name in fifty is lost; 2 more, and nothing is gained. */
enum { GLANCE_REACH = 3 * UNITS };

/* The same once all but the neighbours' labels is known, for a whole group: at 2 the findings begin
 * to differ, at 3 they do not. */
enum { FULL_REACH = 3 * UNITS };

/* What window.e[i] is: nothing, the glance, or whole: of a token that the first two sieves let
 * through, or of another one. */
enum { MADE_NOT, MADE_GLANCE, MADE_CANDIDATE, MADE_OTHER };

void window_begin(struct window *w, struct seq s)
{
    memset(w->made, MADE_NOT, s.n);
}

/* The candidates among the tokens that may be a name; returns how many. */
static size_t candidates(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w,
                         uint16_t *at)
{
    size_t count = 0;
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = s.maybe[k];
        bool candidate = sure[i] || w->made[i] == MADE_CANDIDATE;
        if (w->made[i] == MADE_NOT) {
            crf_glance(n, s, i, &w->e[i]);
            w->made[i] = MADE_GLANCE;
            candidate = candidate || emission_best(&w->e[i]) > -GLANCE_REACH;
        }
        at[count] = (uint16_t)i;
        count += candidate;
    }
    return count;
}

/* Make what is missing of the emissions of at[0..count). */
static void complete(const struct ner *n, struct seq s, struct window *w, const uint16_t *at,
                     size_t count)
{
    uint16_t missing[BLOCK_TOKENS];
    size_t left = 0;
    for (size_t k = 0; k < count; k++) {
        size_t i = at[k];
        missing[left] = at[k];
        left += w->made[i] < MADE_CANDIDATE;
        if (w->made[i] == MADE_NOT)
            crf_glance(n, s, i, &w->e[i]);
    }
    crf_emissions(n, s, missing, left, w->e);
}

static void complete_candidates(const struct ner *n, struct seq s, struct window *w,
                                const uint16_t *at, size_t count)
{
    complete(n, s, w, at, count);
    for (size_t k = 0; k < count; k++)
        w->made[at[k]] = MADE_CANDIDATE;
}

static void complete_links(const struct ner *n, struct seq s, struct window *w, const uint16_t *at,
                           size_t count)
{
    crf_words(n, s, at, count);
    complete(n, s, w, at, count);
    for (size_t k = 0; k < count; k++)
        if (w->made[at[k]] < MADE_CANDIDATE)
            w->made[at[k]] = MADE_OTHER;
}

static bool connects(const struct tok *t)
{
    return (t->hint != HINT_NONE) & !(t->flags & TOKEN_CODE);
}

static uint8_t sign(const struct tok *t)
{
    return t->sign;
}

static unsigned links_left(const struct tok *t)
{
    return (unsigned)(t->kind == WORD_DIGITS) | (unsigned)(t->w->gaz.lex == LEX_PARTICLE);
}

/* Mark the few tokens [from, to). */
static inline void mark(uint8_t *keep, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        keep[i] = KEEP_LINK;
}

/* House numbers stand left of a street, sometimes with a letter or a dash: 12a, 3-5. */
static void mark_left(struct seq s, size_t i, uint8_t *keep)
{
    enum { REACH = 3 };
    const struct tok *t = &s.v[i];
    size_t from = i;
    if (!((t[-1].hint == HINT_SHY) | links_left(t - 1) | links_left(t - 2) | links_left(t - 3)))
        return; /* nearly always */
    for (size_t k = 1; k <= REACH && k <= i; k++) {
        if (keep[i - k] || !connects(t - k))
            break;
        if (links_left(t - k) || (k == 1 && t[-1].hint == HINT_SHY))
            from = i - k;
    }
    mark(keep, from, i);
}

/* ... or right of it, behind a comma; the dot of an initial or of Jr. belongs to the name. */
static void mark_right(struct seq s, size_t i, uint8_t *keep)
{
    enum { REACH = 3 };
    const struct tok *t = &s.v[i];
    size_t to = i + 1;
    if (!((sign(t + 1) == '.') | (t[1].hint == HINT_SHY) | (t[1].kind == WORD_DIGITS) |
          (t[2].kind == WORD_DIGITS) | (t[3].kind == WORD_DIGITS)))
        return; /* nearly always */
    for (size_t j = i + 1; j <= i + REACH && j < s.n && !keep[j] && connects(&s.v[j]); j++)
        if (s.v[j].kind == WORD_DIGITS ||
            (j == i + 1 && (sign(&s.v[j]) == '.' || s.v[j].hint == HINT_SHY)))
            to = j + 1;
    mark(keep, i + 1, to);
}

/* Short words and signs between two candidates: van der, of, -, &. Looks at as many tokens whether
 * they lie between or not, for want of a branch (behind the last one there is padding). */
static void mark_between(struct seq s, size_t last, size_t i, uint8_t *keep)
{
    enum { GAP = 3 };
    bool all = i - last <= GAP + 1;
    for (size_t j = last + 1; j <= last + GAP; j++)
        all &= (j >= i) | connects(&s.v[j]);
    mark(keep, last + 1, all ? i : last + 1);
}

static void mark_links(struct seq s, const uint16_t *at, size_t count, uint8_t *keep)
{
    for (size_t k = 0; k < count; k++) {
        if (k)
            mark_between(s, at[k - 1], at[k], keep);
        mark_left(s, at[k], keep);
        mark_right(s, at[k], keep);
    }
}

/* Mark the candidates, but for those whose full emission says no after all, and the whole group's:
 * names are in reach of each other in a group. Returns how many are left of `at`. */
static size_t mark_groups(const uint8_t *sure, const struct emission *e, uint16_t *at, size_t count,
                          uint8_t *keep)
{
    enum { REACH = 5 };
    size_t left = 0;
    for (size_t k = 0, to; k < count; k = to) {
        bool any = false;
        to = k;
        do
            any = any || sure[at[to]] || emission_best(&e[at[to]]) > -FULL_REACH;
        while (++to < count && at[to] - at[to - 1] <= REACH);
        for (size_t j = k; j < to; j++) {
            keep[at[j]] = any ? KEEP_CANDIDATE : KEEP_NOT;
            at[left] = at[j];
            left += any;
        }
    }
    return left;
}

size_t window_next(const uint8_t *keep, size_t i, size_t n)
{
    for (; i < n; i += 8) {
        uint64_t v;
        memcpy(&v, keep + i, 8);
        if (v) {
            i += (size_t)__builtin_ctzll(v) / 8;
            return i < n ? i : n;
        }
    }
    return n;
}

/* The tokens marked as links; returns how many. */
static size_t links(const uint8_t *keep, size_t n, uint16_t *at)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        at[count] = (uint16_t)i;
        count += keep[i] == KEEP_LINK;
    }
    return count;
}

void window_emissions(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w)
{
    uint16_t at[BLOCK_TOKENS];
    memset(w->keep, KEEP_NOT, s.n + KEEP_SLACK);
    crf_words(n, s, s.maybe, s.maybes);
    size_t count = candidates(n, s, sure, w, at);
    complete_candidates(n, s, w, at, count);
    count = mark_groups(sure, w->e, at, count, w->keep);
    mark_links(s, at, count, w->keep);
    count = links(w->keep, s.n, at);
    complete_links(n, s, w, at, count);
}
