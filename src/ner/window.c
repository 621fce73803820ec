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
            crf_glance(n, &s, i, &w->e[i]);
            w->made[i] = MADE_GLANCE;
            candidate = candidate || emission_above(&w->e[i], -GLANCE_REACH);
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
            crf_glance(n, &s, i, &w->e[i]);
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

/* ---- what connects candidates: for all tokens of a word of bits at once */

/* Short words and signs between two candidates, up to three: van der, of, -, &. */
static void mark_between(const struct bits *c, const struct bits *connects, size_t end,
                         struct bits *keep)
{
    for (size_t k = BITS_FRONT / 64; k < end; k++) {
        uint64_t left1 = bits_before(c, k, 1),
                 left2 = bits_before(c, k, 2) & bits_before(connects, k, 1);
        uint64_t left3 =
            bits_before(c, k, 3) & bits_before(connects, k, 2) & bits_before(connects, k, 1);
        uint64_t right1 = bits_behind(c, k, 1),
                 right2 = bits_behind(c, k, 2) & bits_behind(connects, k, 1);
        uint64_t right3 =
            bits_behind(c, k, 3) & bits_behind(connects, k, 2) & bits_behind(connects, k, 1);
        keep->v[k] |= connects->v[k] & ((left1 & (right1 | right2 | right3)) |
                                        (left2 & (right1 | right2)) | (left3 & right1));
    }
}

/* A house number right of a street, behind a comma; the dot of an initial or of Jr. belongs to the
 * name. `free`: what connects and is no candidate. */
static void mark_right(const struct marks *m, const struct bits *c, const struct bits *free,
                       size_t end, struct bits *keep)
{
    struct bits far2 = {0}, far3 = {0};
    for (size_t k = BITS_FRONT / 64; k < end; k++) {
        uint64_t digits = m->of[MARK_DIGITS].v[k], one = bits_before(c, k, 1) & free->v[k];
        uint64_t two = bits_before(c, k, 2) & bits_before(free, k, 1) & free->v[k];
        uint64_t three =
            bits_before(c, k, 3) & bits_before(free, k, 2) & bits_before(free, k, 1) & free->v[k];
        keep->v[k] |= one & (digits | m->of[MARK_DOT].v[k] | m->of[MARK_SHY].v[k]);
        far2.v[k] = two & digits;
        far3.v[k] = three & digits;
    }
    for (size_t k = BITS_FRONT / 64; k < end; k++)
        keep->v[k] |= far2.v[k] | bits_behind(&far2, k, 1) | far3.v[k] | bits_behind(&far3, k, 1) |
                      bits_behind(&far3, k, 2);
}

/* ... or left of it, sometimes with a letter or a dash: 12a, 3-5. */
static void mark_left(const struct marks *m, const struct bits *c, const struct bits *free,
                      size_t end, struct bits *keep)
{
    struct bits far2 = {0}, far3 = {0};
    for (size_t k = BITS_FRONT / 64; k < end; k++) {
        uint64_t begins = m->of[MARK_BEFORE].v[k], one = bits_behind(c, k, 1) & free->v[k];
        uint64_t two = bits_behind(c, k, 2) & bits_behind(free, k, 1) & free->v[k];
        uint64_t three =
            bits_behind(c, k, 3) & bits_behind(free, k, 2) & bits_behind(free, k, 1) & free->v[k];
        keep->v[k] |= one & (begins | m->of[MARK_SHY].v[k]);
        far2.v[k] = two & begins;
        far3.v[k] = three & begins;
    }
    for (size_t k = BITS_FRONT / 64; k < end; k++)
        keep->v[k] |= far2.v[k] | bits_before(&far2, k, 1) | far3.v[k] | bits_before(&far3, k, 1) |
                      bits_before(&far3, k, 2);
}

static void find_free(const struct bits *connects, const struct bits *keep, size_t end,
                      struct bits *free)
{
    for (size_t k = BITS_FRONT / 64; k < end; k++)
        free->v[k] = connects->v[k] & ~keep->v[k];
}

/* Mark in `keep` what connects the candidates to each other and to what belongs to them. */
static void mark_links(struct seq s, const struct bits *candidates, struct bits *keep)
{
    const struct marks *m = s.marks;
    const size_t end = bits_end(s.n);
    struct bits connects = {0}, free = {0};
    find_free(&m->of[MARK_CONNECTS], &m->of[MARK_CODE], end, &connects);
    find_free(&connects, candidates, end, &free);
    *keep = *candidates;
    mark_between(candidates, &connects, end, keep);
    mark_right(m, candidates, &free, end, keep);
    find_free(&connects, keep, end, &free);
    mark_left(m, candidates, &free, end, keep);
}

/* The candidates, but for those whose full emission says no after all, and the whole group's:
 * names are in reach of each other in a group. */
static void find_groups(const uint8_t *sure, const struct emission *e, const uint16_t *at,
                        size_t count, size_t tokens, struct bits *candidates)
{
    const size_t end = bits_end(tokens);
    struct bits all = {0}, sound = {0}, near = {0};
    for (size_t k = 0; k < count; k++) {
        size_t i = at[k];
        bits_put(&all, i, true);
        bits_put(&sound, i, (sure[i] != 0) | emission_above(&e[i], -FULL_REACH));
    }
    for (size_t k = BITS_FRONT / 64; k < end; k++) /* five tokens to the next one at most */
        near.v[k] = all.v[k] | bits_before(&all, k, 1) | bits_before(&all, k, 2) |
                    bits_before(&all, k, 3) | bits_before(&all, k, 4);
    *candidates = all;
    for (size_t i = bits_next(&near, 0, tokens), to; i < tokens; i = bits_next(&near, to, tokens)) {
        to = i + bits_run(&near, i);
        if (bits_next(&sound, i, to) >= to)
            bits_clear(candidates, i, to);
    }
}

static void sieve(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w)
{
    uint16_t at[BLOCK_TOKENS];
    struct bits group, links = {0};
    const size_t end = bits_end(s.n);
    crf_words(n, s, s.maybe, s.maybes);
    size_t count = candidates(n, s, sure, w, at);
    complete_candidates(n, s, w, at, count);
    find_groups(sure, w->e, at, count, s.n, &group);
    mark_links(s, &group, &w->keep);
    find_free(&w->keep, &group, end, &links);
    complete_links(n, s, w, at, bits_list(&links, s.n, at));
}

#if defined(__x86_64__)
/* The same code in fewer instructions, where the CPU has them. */
__attribute__((target("avx2,bmi"), flatten)) static void
sieve_avx2(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w)
{
    sieve(n, s, sure, w);
}
#endif

void window_emissions(const struct ner *n, struct seq s, const uint8_t *sure, struct window *w)
{
#if defined(__x86_64__)
    if (n->avx2) {
        sieve_avx2(n, s, sure, w);
        return;
    }
#endif
    sieve(n, s, sure, w);
}
