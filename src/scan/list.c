/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: several values with one label, "SSN: A, B" and "A or B is my SSN". What was reported of
 * the last two numbers is noted, so that the next one knows what it goes on; words behind a list
 * are those behind its last value. Asked for numbers that look like somebody's.
 */
#include "cue_int.h"
#include "scan_int.h"

/* Does nothing but what joins a list stand in [at, end): a few such words, signs, no label? */
static bool list_goes_on(const struct probe *p, size_t at, size_t end)
{
    enum { LIST_WORDS = 3 };
    struct span t = p->text;
    for (size_t words = 0; at < end;) {
        struct folding f;
        size_t to = is(t.p[at], C_LETTER | C_HIGH) ? cue_word_read(t, at, end, &f) : at;
        if (to == at && (is(t.p[at], C_DIGIT) || t.p[at] == ':' || t.p[at] == '='))
            return false;
        if (to > at &&
            (words++ == LIST_WORDS || !cue_is(p->sc->cues, span_cut(t, at, to - at), CUE_FILLER)))
            return false;
        at = to > at ? to : at + 1;
    }
    return true;
}

enum { LIST_GAP = 14, BESIDE_GAP = 40 };

/* The last number that ends before `start`. */
static const struct listed *listed_before(const struct probe *p, size_t start)
{
    return &p->listed[p->listed[0].end > start];
}

static bool listed_as(const struct listed *l, enum entity e, size_t start, size_t gap)
{
    return types_have(&l->types, e) && l->end && l->end < start && start - l->end <= gap;
}

bool probe_listed(const struct probe *p, enum entity e, size_t start)
{
    return listed_as(listed_before(p, start), e, start, BESIDE_GAP);
}

/* A column has a name of its own: what stands left of it says nothing of its values. */
bool probe_lists(struct probe *p, enum entity e, size_t start)
{
    const struct listed *l = listed_before(p, start);
    return listed_as(l, e, start, LIST_GAP) && list_goes_on(p, l->end, start) &&
           !column_name(p, start).n;
}

void probe_list(struct probe *p, enum entity e, size_t start, size_t end)
{
    struct listed *l = p->listed;
    if (start >= l->end) {
        l[1] = l[0];
        l[0] = (struct listed){0};
    }
    l->end = end > l->end ? end : l->end;
    types_add(&l->types, e);
}

static inline bool alike(uint8_t a, uint8_t b)
{
    return is(b, C_DIGIT) ? is(a, C_DIGIT) : is(b, C_LETTER) ? is(a, C_LETTER) : a == b;
}

/* Is the text at `at` like that at [start, end), digit for digit and letter for letter? */
static bool is_alike(struct span t, size_t at, size_t start, size_t end)
{
    for (; start < end; start++, at++) {
        if (!alike(peek(t, at), t.p[start]))
            return false;
    }
    return !is(peek(t, at), C_WORD);
}

/* A digit stands in the n bytes at `at`. */
static bool has_digit(struct span t, size_t at, size_t n)
{
    size_t end = t.n - at < n ? t.n : at + n;
    while (at < end && !is(t.p[at], C_DIGIT))
        at++;
    return at < end;
}

size_t list_end(const struct probe *p, size_t start, size_t end)
{
    enum { JOIN_MAX = 8, VALUES_MAX = 4, LONGEST = 40 };
    struct span t = p->text;
    size_t last = end;
    if (is(t.p[start], C_DIGIT) && !has_digit(t, end, JOIN_MAX + 1))
        return end;
    for (unsigned k = 0; k < VALUES_MAX && end - start <= LONGEST; k++) {
        size_t at = last;
        while (at < t.n && at - last <= JOIN_MAX &&
               !(alike(t.p[at], t.p[start]) && is_alike(t, at, start, end)))
            at++;
        if (at == t.n || at - last > JOIN_MAX || at == last || !list_goes_on(p, last, at))
            break;
        last = at + (end - start);
    }
    return last;
}
