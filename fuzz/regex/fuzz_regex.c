/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First byte: flags; up to the first NUL the expression; the rest is the text. What holds:
 *   a refused expression has a reason and a place inside it;
 *   what is found is what the second matcher below allows, which walks the parsed tree with sets of
 *   places and knows neither programs nor states: there is a match exactly when it sees one, it
 *   begins where the first one does, and ends where one can end;
 *   "(?:e)", "e|e" and "e" find the same; so does a search with steps enough, and one with fewer
 *   says that they ran out;
 *   a set finds of each of its expressions what it finds alone, one match after the other.
 */
#include "regex_int.h"

#include "buf.h"
#include "utf8.h"

#include <stdlib.h>

/* covers: src/regex/parse.c src/regex/class.c src/regex/compile.c src/regex/match.c */
/* covers: src/regex/set.c */
/* planted: src/regex/match.c | n && from && !yes; n-- | n > 1 && from && !yes; n-- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096, ORACLE_TEXT = 63, SET_SIZE = 60, OTHERS = 3, HITS = 4096, LOOPS = 1 << 16 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void need(struct err e)
{
    must(!failed(e));
}

/* ---- the second matcher: a set of places is the bits of one word ---- */

struct walk {
    struct span text;
    size_t loops; /* rounds of repeats left */
};

static bool is_word(struct span t, size_t at)
{
    uint8_t c = at < t.n ? t.p[at] : 0, l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool assertion(enum re_assert kind, struct span t, size_t at)
{
    bool edge = is_word(t, at) != (at > 0 && is_word(t, at - 1));
    switch (kind) {
    case RE_TEXT_START:
        return at == 0;
    case RE_TEXT_END:
        return at == t.n;
    case RE_LINE_START:
        return at == 0 || t.p[at - 1] == '\n';
    case RE_LINE_END:
        return at == t.n || t.p[at] == '\n';
    case RE_WORD_EDGE:
        return edge;
    default:
        return !edge;
    }
}

static uint64_t take(const struct re_node *n, struct span t, size_t at)
{
    uint32_t cp;
    if (at >= t.n)
        return 0;
    size_t step = utf8_next(t, at, &cp);
    for (size_t i = 0; i < n->n_range; i++)
        if (cp >= n->range[i].lo && cp <= n->range[i].hi)
            return (uint64_t)1 << (at + step);
    return 0;
}

static uint64_t ends(struct walk *w, const struct re_node *n, uint64_t from);

static uint64_t repeat(struct walk *w, const struct re_node *n, uint64_t from)
{
    uint64_t now = from, all = 0;
    int i = 0;
    for (; i < n->min && now && w->loops; i++, w->loops--) {
        uint64_t next = ends(w, n->first, now);
        if (next == now) /* and so for ever */
            i = n->min;
        now = next;
    }
    for (all = now; (n->max < 0 || i < n->max) && now && w->loops; i++, w->loops--) {
        now = ends(w, n->first, now) & ~all;
        all |= now;
    }
    return all;
}

/* Does the body of a look-around hold at one place? Valid UTF-8 only. */
static bool look(struct walk *w, const struct re_node *n, size_t at)
{
    bool yes = false;
    if (!n->behind)
        return (ends(w, n->first, (uint64_t)1 << at) != 0) != n->negate;
    for (size_t from = at;;) {
        yes |= ends(w, n->first, (uint64_t)1 << from) >> at & 1;
        if (from == 0)
            break;
        while (--from > 0 && (w->text.p[from] & 0xc0) == 0x80)
            ;
    }
    return yes != n->negate;
}

static uint64_t at_each(struct walk *w, const struct re_node *n, uint64_t from)
{
    uint64_t out = 0;
    for (size_t at = 0; at <= w->text.n; at++) {
        uint64_t here = from & (uint64_t)1 << at;
        if (!here)
            continue;
        if (n->kind == RE_CLASS)
            out |= take(n, w->text, at);
        else if (n->kind == RE_ASSERT ? assertion(n->assert, w->text, at) : look(w, n, at))
            out |= here;
    }
    return out;
}

/* Where a match of the tree can end that begins at one of `from`. As deep as groups are. */
static uint64_t ends(struct walk *w, const struct re_node *n, uint64_t from)
{
    uint64_t out = 0;
    switch (n->kind) {
    case RE_EMPTY:
        return from;
    case RE_CAT:
        for (const struct re_node *k = n->first; k; k = k->next)
            from = ends(w, k, from);
        return from;
    case RE_ALT:
        for (const struct re_node *k = n->first; k; k = k->next)
            out |= ends(w, k, from);
        return out;
    case RE_REPEAT:
        return repeat(w, n, from);
    default:
        return at_each(w, n, from);
    }
}

static void oracle(struct span pattern, unsigned flags, struct span text, bool found, size_t start,
                   size_t end)
{
    struct arena a = arena_init(1 << 24);
    struct re_node *tree;
    struct fault f;
    struct walk w = {text, LOOPS};
    need(re_parse(pattern, flags, &a, &tree, &f));
    size_t first = 0;
    uint64_t reach = 0;
    for (size_t at = 0; at <= text.n && !reach;) {
        uint32_t cp;
        first = at;
        reach = ends(&w, tree, (uint64_t)1 << at);
        at += at < text.n ? utf8_next(text, at, &cp) : 1;
    }
    if (w.loops) {
        must(found == (reach != 0));
        must(!found || (start == first && (reach >> end & 1)));
    }
    arena_free(&a);
}

/* ---- the same said otherwise ---- */

static void find(const struct regex *re, struct span text, size_t *start, size_t *end, bool *found)
{
    *start = *end = 0;
    need(regex_find(re, text, 0, start, end, found));
}

static void as_well(const char *before, struct span pattern, const char *between, struct span more,
                    const char *after, unsigned flags, struct span text, bool found, size_t start,
                    size_t end)
{
    BUF_AUTO p = buf_init(1 << 16);
    const struct regex_limits wide = {1 << 16, REGEX_PROGRAM_MAX};
    struct regex *re;
    size_t s, e;
    bool again;
    need(buf_puts(&p, before));
    need(buf_put(&p, pattern));
    need(buf_puts(&p, between));
    need(buf_put(&p, more));
    need(buf_puts(&p, after));
    struct err error = regex_compile(buf_span(&p), flags, &wide, &re, NULL);
    must(!failed(error) || err_cat(error) == ERR_LIMIT);
    if (failed(error))
        return;
    find(re, text, &s, &e, &again);
    must(again == found && (!found || (s == start && e == end)));
    regex_free(re);
}

static void within(const struct regex *re, struct span text, bool found, size_t start, size_t end)
{
    size_t steps = SIZE_MAX, s = 0, e = 0;
    bool again;
    need(regex_find_within(re, text, 0, SIZE_MAX, &steps, &s, &e, &again));
    must(again == found && (!found || (s == start && e == end)));
    size_t spent = SIZE_MAX - steps;
    steps = spent;
    need(regex_find_within(re, text, 0, SIZE_MAX, &steps, &s, &e, &again));
    must(again == found);
    steps = spent / 2;
    need(regex_find_within(re, text, 0, SIZE_MAX, &steps, &s, &e, &again));
    must(steps == 0 || again == found);
}

/* ---- sets ---- */

struct hit {
    size_t which, start, end;
};
struct hits {
    struct hit v[HITS];
    size_t n;
};

static struct err keep(void *self, size_t which, size_t start, size_t end)
{
    struct hits *h = self;
    must(start < end && h->n < HITS);
    h->v[h->n++] = (struct hit){which, start, end};
    return OK;
}

static int order(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;
    int d = (a->which > b->which) - (a->which < b->which);
    return d ? d : (a->start > b->start) - (a->start < b->start);
}

static void alone(const struct regex *re, size_t which, struct span t, struct hits *out)
{
    for (size_t at = 0; at <= t.n;) {
        size_t start, end;
        bool found;
        uint32_t cp;
        need(regex_find(re, t, at, &start, &end, &found));
        if (!found)
            return;
        if (end > start)
            need(keep(out, which, start, end));
        at = end > start ? end : end + (end < t.n ? utf8_next(t, end, &cp) : 1);
    }
}

/* In one set with another expression. */
static void as_set(const struct regex *re, size_t which, struct span text)
{
    static struct regex *others[OTHERS];
    static const char *const patterns[OTHERS] = {"\\b[a-z]+\\d", "(?i)b.{0,3}[^c]$", "(?<=a)\\S+"};
    static struct hits one, each;
    struct regex_set *set;
    size_t states, without;
    if (!others[which])
        need(regex_compile(span_str(patterns[which]), REGEX_LOOK, NULL, &others[which], NULL));
    const struct regex *v[2] = {re, others[which]};
    need(regex_set_new(v, 2, &set));
    regex_set_size(set, &states, &without);
    must(without <= 2 && (states || without));
    one.n = each.n = 0;
    need(regex_set_scan(set, text, keep, &one));
    alone(v[0], 0, text, &each);
    alone(v[1], 1, text, &each);
    if (one.n)
        qsort(one.v, one.n, sizeof *one.v, order);
    must(one.n == each.n && !memcmp(one.v, each.v, one.n * sizeof *one.v));
    regex_set_free(set);
}

static void search(const struct regex *re, struct span pattern, unsigned flags, struct span text)
{
    bool any, found;
    size_t start, end;
    bool plain = utf8_valid(text);
    find(re, text, &start, &end, &found);
    need(regex_match(re, text, &any));
    must(any == found && (!found || (start <= end && end <= text.n)));
    if (text.n <= ORACLE_TEXT && plain)
        oracle(pattern, flags, text, found, start, end);
    within(re, text, found, start, end);
    if (span_search(pattern, 0, SPAN_LIT("\\Q")) == pattern.n) {
        as_well("(?:", pattern, "", SPAN_NONE, ")", flags, text, found, start, end);
        /* flags hold to the end, and what opens a class by name is looked for to the end */
        if (span_search(pattern, 0, SPAN_LIT("(?")) == pattern.n &&
            span_search(pattern, 0, SPAN_LIT("[:")) == pattern.n)
            as_well("", pattern, "|", pattern, "", flags, text, found, start, end);
    }
    if (text.n <= ORACLE_TEXT && regex_size(re) <= SET_SIZE)
        as_set(re, pattern.n % OTHERS, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = span(data + 1, size - 1);
    size_t cut = span_find(in, 0, 0);
    struct regex *re = NULL;
    struct fault f = {0};
    unsigned flags = data[0] & 15;
    struct span pattern = span_cut(in, 0, cut);
    if (failed(regex_compile(pattern, flags, NULL, &re, &f))) {
        must(f.why && f.at <= cut);
        return 0;
    }
    search(re, pattern, flags, span_cut(span_from(in, cut + 1), 0, TEXT_MAX));
    regex_free(re);
    return 0;
}
