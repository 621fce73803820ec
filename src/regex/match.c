/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: all states of the automaton at once, in order of preference (Pike's machine). Each
 * state is entered at most once a character, which is the whole bound on time. Working memory is
 * three words an instruction: on the stack for small programs, which is the frequent case. Where no
 * state is alive, text is skipped up to a byte that a match can begin with.
 */
#include "regex_int.h"

#include "utf8.h"

#include <stdlib.h>

enum { SMALL = 128 };

/* A sparse set of states in order of preference, each with the offset at which its match began. */
struct states {
    uint32_t *dense, *sparse;
    size_t *start;
    uint32_t n;
};

struct machine {
    const struct regex *re;
    struct span text;
    struct states now, next;
    uint32_t *stack;
    bool any; /* a match's end is all that is asked for */
};

static bool is_word(struct span t, size_t at)
{
    if (at >= t.n)
        return false;
    uint8_t c = t.p[at], l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool holds(const struct machine *m, uint32_t kind, size_t at)
{
    struct span t = m->text;
    bool edge;
    switch (kind) {
    case RE_TEXT_START:
        return at == 0;
    case RE_TEXT_END:
        return at == t.n;
    case RE_LINE_START:
        return at == 0 || t.p[at - 1] == '\n';
    case RE_LINE_END:
        return at == t.n || t.p[at] == '\n';
    default:
        edge = (at > 0 && is_word(t, at - 1)) != is_word(t, at);
        return edge == (kind == RE_WORD_EDGE);
    }
}

static bool add(struct states *s, uint32_t pc, size_t start)
{
    uint32_t at = s->sparse[pc];
    if (at < s->n && s->dense[at] == pc)
        return false;
    s->sparse[pc] = s->n;
    s->dense[s->n] = pc;
    s->start[s->n++] = start;
    return true;
}

/* Enter pc and all that it leads to without reading a character. */
static void enter(struct machine *m, struct states *s, uint32_t pc, size_t at, size_t start)
{
    size_t n = 0;
    m->stack[n++] = pc;
    while (n) {
        pc = m->stack[--n];
        if (!add(s, pc, start))
            continue;
        const struct re_inst *i = &m->re->prog[pc];
        if (i->op == OP_JUMP) {
            m->stack[n++] = i->x;
        } else if (i->op == OP_SPLIT) {
            m->stack[n++] = i->y;
            m->stack[n++] = i->x;
        } else if (i->op == OP_ASSERT && holds(m, i->x, at)) {
            m->stack[n++] = pc + 1;
        }
    }
}

static bool in_class(const struct re_range *v, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (cp < v[mid].lo)
            hi = mid;
        else if (cp > v[mid].hi)
            lo = mid + 1;
        else
            return true;
    }
    return false;
}

static bool takes(const struct regex *re, const struct re_inst *i, uint32_t cp)
{
    if (i->op == OP_CHAR)
        return i->x == cp;
    return i->op == OP_CLASS && in_class(re->ranges + i->x, i->y, cp);
}

/* One character for every state; true when a match ended before it. States after the matching one
 * are less preferred and dropped. */
static bool step(struct machine *m, size_t at, uint32_t cp, size_t after, size_t *start)
{
    m->next.n = 0;
    for (uint32_t k = 0; k < m->now.n; k++) {
        uint32_t pc = m->now.dense[k];
        const struct re_inst *i = &m->re->prog[pc];
        if (i->op == OP_MATCH) {
            *start = m->now.start[k];
            return true;
        }
        if (at < m->text.n && takes(m->re, i, cp))
            enter(m, &m->next, pc + 1, after, m->now.start[k]);
    }
    return false;
}

/* Move on to a byte that a match can begin with; false when there is none. */
static bool find_start(const struct regex *re, struct span t, size_t *at)
{
    size_t i = *at;
    while (i < t.n && !(re->start[t.p[i] / 8] >> t.p[i] % 8 & 1))
        i++;
    *at = i;
    return i < t.n;
}

static bool run(struct machine *m, size_t from, size_t *start, size_t *end)
{
    bool matched = false;
    const struct regex *re = m->re;
    for (size_t at = from;;) {
        if (!matched && m->now.n == 0) {
            if (re->anchored && at > 0)
                return false;
            if (re->starts && !find_start(re, m->text, &at))
                return false;
        }
        if (!matched && !(re->anchored && at > 0))
            enter(m, &m->now, 0, at, at);
        uint32_t cp = 0;
        size_t after = at < m->text.n ? at + utf8_next(m->text, at, &cp) : at + 1;
        if (step(m, at, cp, after, start)) {
            matched = true;
            *end = at;
            if (m->any)
                return true;
        }
        struct states swap = m->now;
        m->now = m->next;
        m->next = swap;
        if (at >= m->text.n || (matched && m->now.n == 0))
            return matched;
        at = after;
    }
}

static void carve(struct machine *m, size_t n, size_t *starts, uint32_t *words)
{
    m->now = (struct states){words, words + n, starts, 0};
    m->next = (struct states){words + 2 * n, words + 3 * n, starts + n, 0};
    m->stack = words + 4 * n;
}

/* The closure's stack: each entered state pushes at most two. */
static struct err go(const struct regex *re, struct span text, size_t from, bool any, size_t *start,
                     size_t *end, bool *found)
{
    struct machine m = {.re = re, .text = text, .any = any};
    if (re->n <= SMALL) {
        size_t starts[2 * SMALL];
        uint32_t words[6 * SMALL + 2];
        memset(words, 0, sizeof words);
        carve(&m, re->n, starts, words);
        *found = run(&m, from, start, end);
        return OK;
    }
    size_t *starts = malloc(2 * re->n * sizeof *starts);
    uint32_t *words = calloc(6 * re->n + 2, sizeof *words);
    struct err e = starts && words ? OK : err(ERR_NOMEM);
    if (!failed(e)) {
        carve(&m, re->n, starts, words);
        *found = run(&m, from, start, end);
    }
    free(starts);
    free(words);
    return e;
}

struct err regex_match(const struct regex *re, struct span text, bool *found)
{
    size_t start = 0, end = 0;
    *found = false;
    return go(re, text, 0, true, &start, &end, found);
}

struct err regex_find(const struct regex *re, struct span text, size_t from, size_t *start,
                      size_t *end, bool *found)
{
    *found = false;
    if (from > text.n)
        return OK;
    return go(re, text, from, false, start, end, found);
}
