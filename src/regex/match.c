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
    size_t limit; /* matches start before it */
    size_t work;  /* characters that may still be read */
    size_t steps; /* states that may still be looked at, once a character */
    bool any;     /* a match's end is all that is asked for */
};

static bool look_holds(struct machine *m, uint32_t pc, size_t at);

/* Where the character before `at` begins. */
static size_t point_before(struct span t, size_t at)
{
    size_t from = at - 1;
    uint32_t cp;
    while (from > 0 && at - from < 4 && (t.p[from] & 0xc0) == 0x80)
        from--;
    return from + utf8_next(t, from, &cp) == at ? from : at - 1;
}

static bool is_word(struct span t, size_t at, bool unicode)
{
    uint32_t cp;
    if (at >= t.n)
        return false;
    utf8_next(t, at, &cp);
    return re_is_word(cp, unicode);
}

/* Does a word begin or end at `at`? */
static bool word_edge(struct span t, size_t at, bool unicode)
{
    return (at > 0 && is_word(t, point_before(t, at), unicode)) != is_word(t, at, unicode);
}

static bool holds(const struct machine *m, uint32_t kind, size_t at)
{
    struct span t = m->text;
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
    case RE_NO_WORD_EDGE:
        return word_edge(t, at, false) == (kind == RE_WORD_EDGE);
    default:
        return word_edge(t, at, true) == (kind == RE_WORD_EDGE_UNICODE);
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
        } else if (i->op == OP_LOOK && look_holds(m, pc, at)) {
            m->stack[n++] = i->y;
        }
    }
}

bool re_takes(const struct regex *re, const struct re_inst *i, uint32_t cp)
{
    if (i->op == OP_CHAR)
        return i->x == cp;
    return i->op == OP_CLASS && re_in_ranges(re->ranges + i->x, i->y, cp);
}

/* ---- look-around: a small program at one place ---- */

/* The states of a look-around's body after the same characters, in no order. */
enum { BODY_STEPS = 4 }; /* clearing one costs about as much as so many states */
struct body {
    uint32_t first; /* pc of its first instruction */
    bool in[REGEX_LOOK_PROGRAM];
    uint16_t list[REGEX_LOOK_PROGRAM];
    uint16_t n;
    bool matched;
};

static void body_enter(const struct machine *m, struct body *b, uint32_t pc, size_t at)
{
    uint16_t stack[2 * REGEX_LOOK_PROGRAM];
    size_t n = 0;
    stack[n++] = (uint16_t)(pc - b->first);
    while (n) {
        uint16_t k = stack[--n];
        if (b->in[k])
            continue;
        b->in[k] = true;
        const struct re_inst *i = &m->re->prog[b->first + k];
        if (i->op == OP_MATCH) {
            b->matched = true;
        } else if (i->op == OP_CHAR || i->op == OP_CLASS) {
            b->list[b->n++] = k;
        } else if (i->op == OP_SPLIT) {
            stack[n++] = (uint16_t)(i->y - b->first);
            stack[n++] = (uint16_t)(i->x - b->first);
        } else if (i->op == OP_JUMP) {
            stack[n++] = (uint16_t)(i->x - b->first);
        } else if (holds(m, i->x, at)) {
            stack[n++] = (uint16_t)(k + 1);
        }
    }
}

/* Steps that the machine has no longer. */
static void spend(struct machine *m, size_t n)
{
    m->steps -= n < m->steps ? n : m->steps;
}

/* Does the body match from `at`, ending at `end` exactly (SIZE_MAX: anywhere)? Its states are
 * counted as the machine's own are. */
static bool body_matches(struct machine *m, uint32_t first, size_t at, size_t end)
{
    struct body a = {.first = first}, b;
    body_enter(m, &a, first, at);
    for (;;) {
        spend(m, a.n + BODY_STEPS);
        if (a.matched && (end == SIZE_MAX || at == end))
            return true;
        if (a.n == 0 || at >= m->text.n || at >= end)
            return false;
        uint32_t cp;
        size_t after = at + utf8_next(m->text, at, &cp);
        b = (struct body){.first = first};
        for (uint16_t k = 0; k < a.n; k++)
            if (re_takes(m->re, &m->re->prog[first + a.list[k]], cp))
                body_enter(m, &b, first + a.list[k] + 1U, after);
        a = b;
        at = after;
    }
}

static bool look_holds(struct machine *m, uint32_t pc, size_t at)
{
    const struct re_inst *i = &m->re->prog[pc], *body = i + 1;
    bool behind = i->x & LOOK_BEHIND, yes = false;
    uint32_t cp;
    if ((body->op == OP_CHAR || body->op == OP_CLASS) && body[1].op == OP_MATCH) {
        size_t from = behind && at ? point_before(m->text, at) : at; /* the frequent case */
        if (behind ? at > 0 : at < m->text.n) {
            utf8_next(m->text, from, &cp);
            yes = re_takes(m->re, body, cp);
        }
    } else if (!behind) {
        yes = body_matches(m, pc + 1, at, SIZE_MAX);
    } else {
        size_t from = at;
        yes = body_matches(m, pc + 1, from, at);
        for (uint32_t n = i->x >> 2; n && from && !yes; n--) {
            from = point_before(m->text, from);
            yes = body_matches(m, pc + 1, from, at);
        }
    }
    return yes != (bool)(i->x & LOOK_NOT);
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
        if (at < m->text.n && re_takes(m->re, i, cp))
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
            if ((re->anchored && at > 0) || at >= m->limit)
                return false;
            if (re->starts && (!find_start(re, m->text, &at) || at >= m->limit))
                return false;
        }
        size_t cost = m->now.n + 1;
        if (m->work-- == 0 || m->steps < cost) {
            m->work = m->steps = 0;
            return false;
        }
        m->steps -= cost;
        if (!matched && at < m->limit && !(re->anchored && at > 0))
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

/* Nothing bounded but by the text. */
static struct machine whole(const struct regex *re, struct span text)
{
    return (struct machine){
        .re = re, .text = text, .limit = SIZE_MAX, .work = SIZE_MAX, .steps = SIZE_MAX};
}

/* The closure's stack: each entered state pushes at most two. */
static struct err go(struct machine *m, size_t from, size_t *start, size_t *end, bool *found)
{
    const struct regex *re = m->re;
    if (re->n <= SMALL) {
        size_t starts[2 * SMALL];
        uint32_t words[6 * SMALL + 2];
        memset(words, 0, sizeof words);
        carve(m, re->n, starts, words);
        *found = run(m, from, start, end);
        return OK;
    }
    size_t *starts = malloc(2 * re->n * sizeof *starts);
    uint32_t *words = calloc(6 * re->n + 2, sizeof *words);
    struct err e = starts && words ? OK : err(ERR_NOMEM);
    if (!failed(e)) {
        carve(m, re->n, starts, words);
        *found = run(m, from, start, end);
    }
    free(starts);
    free(words);
    return e;
}

static struct err find(struct machine *m, size_t from, size_t *start, size_t *end, bool *found)
{
    *found = false;
    return from > m->text.n ? OK : go(m, from, start, end, found);
}

struct err regex_match(const struct regex *re, struct span text, bool *found)
{
    size_t start = 0, end = 0;
    struct machine m = whole(re, text);
    m.any = true;
    return find(&m, 0, &start, &end, found);
}

struct err re_find_in(const struct regex *re, struct span text, size_t from, size_t limit,
                      size_t *work, size_t *start, size_t *end, bool *found)
{
    struct machine m = whole(re, text);
    m.limit = limit;
    m.work = *work;
    struct err e = find(&m, from, start, end, found);
    *work = m.work;
    return e;
}

struct err regex_find_within(const struct regex *re, struct span text, size_t from, size_t limit,
                             size_t *steps, size_t *start, size_t *end, bool *found)
{
    struct machine m = whole(re, text);
    m.limit = limit;
    m.steps = *steps;
    struct err e = find(&m, from, start, end, found);
    *steps = m.steps;
    return e;
}

struct err regex_find(const struct regex *re, struct span text, size_t from, size_t *start,
                      size_t *end, bool *found)
{
    struct machine m = whole(re, text);
    return find(&m, from, start, end, found);
}
