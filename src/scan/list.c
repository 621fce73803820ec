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

/* A digit stands in the nine bytes at `at`. */
static inline bool has_digit(struct span t, size_t at)
{
    return no_digits_of(load8_of(t, at)) != 0x8080808080808080U || is(peek(t, at + 8), C_DIGIT);
}

/* "A or B is my SSN", "A, B, C (SSN)": past the values like the one at [start, end) that a list
 * goes on with; `end` where it does not. */
static size_t list_end(const struct probe *p, size_t start, size_t end)
{
    enum { JOIN_MAX = 8, VALUES_MAX = 4, LONGEST = 40 };
    struct span t = p->text;
    size_t last = end;
    _Static_assert(JOIN_MAX == 8, "what has_digit looks at");
    if (is(t.p[start], C_DIGIT) && !has_digit(t, end))
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

/* "123456789 (SSN)", "123456789 = SSN", "123456789 <- SSN": [end, at) joins the two. */
static bool sign_joins(struct span t, size_t end, size_t at)
{
    static const char *const signs[] = {" (", " = ", " <- ", " -> ", " => "};
    struct span between = span_cut(t, end, at - end);
    if (at == end + 1 && peek(t, at) == 'a' &&
        (peek(t, at + 1) == ' ' || span_is(span_cut(t, at, 3), "an ")))
        return true; /* "Is 123456789 a valid SSN?" */
    if (between.n < 2 || between.p[0] != ' ')
        return false;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (span_is(between, signs[i]))
            return true;
    return false;
}

bool cue_words_behind(const struct probe *p, size_t start, size_t end, struct cue_behind *b)
{
    struct span t = p->text;
    unsigned digits = 0;
    end = list_end(p, start, end);
    *b = (struct cue_behind){end, t.n - end > WINDOW_AFTER ? end + WINDOW_AFTER : t.n, 0, false};
    if (b->at + 1 < b->to && t.p[end] == '"' && t.p[end + 1] == ' ')
        b->at++; /* typed "123" into the field */
    for (; b->at < b->to && !is(t.p[b->at], C_LETTER | C_HIGH); b->at++)
        if ((b->bar |= cue_barrier(t, b->at, &digits)) & BAR_NUMBER)
            return false;
    b->joined = sign_joins(t, end, b->at);
    return !b->bar || b->joined || cue_refers(p->sc->cues, t, b->at);
}
