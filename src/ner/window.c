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

/* Best score of any label but O. */
static int best_of(const struct emission *e)
{
    int best = e->y[0];
    for (unsigned y = 1; y < WIDTH; y++)
        best = e->y[y] > best ? e->y[y] : best;
    return best;
}

/* ... from the words alone. */
static int glance(const struct ner *n, struct seq s, size_t i)
{
    struct emission e;
    crf_glance(n, s, i, &e);
    return best_of(&e);
}

static void mark_candidates(const struct ner *n, struct seq s, const uint8_t *sure, uint8_t *keep)
{
    for (size_t i = 0; i < s.n; i++)
        keep[i] = sure[i] || (token_maybe(&s.v[i]) && glance(n, s, i) > -GLANCE_REACH)
                      ? KEEP_CANDIDATE
                      : KEEP_NOT;
}

static bool connects(const struct tok *t)
{
    return t->w->hint != HINT_NONE && !(t->flags & TOKEN_CODE);
}

static uint8_t sign(const struct tok *t)
{
    return t->w->kind == WORD_SIGN ? t->w->sign : 0;
}

/* House numbers stand left of a street, sometimes with a letter or a dash: 12a, 3-5. */
static void mark_left(struct seq s, size_t i, uint8_t *keep)
{
    enum { REACH = 3 };
    size_t from = i;
    for (size_t k = 1; k <= REACH && k <= i; k++) {
        const struct tok *t = &s.v[i - k];
        if (keep[i - k] || !connects(t))
            break;
        if (t->w->kind == WORD_DIGITS || t->w->gaz.lex == LEX_PARTICLE ||
            (k == 1 && t->w->hint == HINT_SHY))
            from = i - k;
    }
    memset(keep + from, KEEP_LINK, i - from);
}

/* ... or right of it, behind a comma; the dot of an initial or of Jr. belongs to the name. */
static void mark_right(struct seq s, size_t i, uint8_t *keep)
{
    enum { REACH = 3 };
    size_t to = i + 1;
    for (size_t j = i + 1; j <= i + REACH && j < s.n && !keep[j] && connects(&s.v[j]); j++)
        if (s.v[j].w->kind == WORD_DIGITS ||
            (j == i + 1 && (sign(&s.v[j]) == '.' || s.v[j].w->hint == HINT_SHY)))
            to = j + 1;
    memset(keep + i + 1, KEEP_LINK, to - i - 1);
}

/* Short words and signs between two candidates: van der, of, -, &. */
static void mark_between(struct seq s, size_t last, size_t i, uint8_t *keep)
{
    enum { GAP = 3 };
    if (i - last > GAP + 1)
        return;
    for (size_t j = last + 1; j < i; j++)
        if (!connects(&s.v[j]))
            return;
    memset(keep + last + 1, KEEP_LINK, i - last - 1);
}

static void mark_links(struct seq s, uint8_t *keep)
{
    size_t last = s.n; /* the candidate before */
    for (size_t i = 0; i < s.n; i++) {
        if (keep[i] != KEEP_CANDIDATE)
            continue;
        if (last != s.n)
            mark_between(s, last, i, keep);
        mark_left(s, i, keep);
        mark_right(s, i, keep);
        last = i;
    }
}

/* Candidates whose full emission says no after all, and those of a name's reach around them: their
 * links need not be looked at. */
static void drop_outside(struct seq s, const uint8_t *sure, const struct emission *e, uint8_t *keep)
{
    enum { REACH = 5 };
    size_t from = 0, last = 0; /* the group: candidates at most REACH apart */
    bool any = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!keep[i])
            continue;
        if (i - last > REACH) {
            if (!any)
                memset(keep + from, KEEP_NOT, last + 1 - from);
            from = i;
            any = false;
        }
        any = any || sure[i] || best_of(&e[i]) > -FULL_REACH;
        last = i;
    }
    if (!any)
        memset(keep + from, KEEP_NOT, last + 1 - from);
}

void window_emissions(const struct ner *n, struct seq s, const uint8_t *sure, uint8_t *keep,
                      struct emission *e)
{
    crf_words(n, s);
    mark_candidates(n, s, sure, keep);
    crf_emissions(n, s, keep, KEEP_CANDIDATE, e);
    drop_outside(s, sure, e, keep);
    mark_links(s, keep);
    crf_emissions(n, s, keep, KEEP_LINK, e);
}
