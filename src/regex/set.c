/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many expressions in one pass. Their programs become one table of states over classes of bytes,
 * made in advance. The table is coarser than the expressions, never finer: assertions count as
 * true, and bytes of characters beyond ASCII are told apart no further. So where it is in its first
 * state no match of any expression is under way, and between two such places only the expressions
 * it names may match; re_find_in looks at those. Frequent: bytes that no match begins with.
 */
#include "regex_int.h"

#include "utf8.h"

#include <stdlib.h>

enum {
    TABLE_EXPRESSIONS = 64,       /* of one table: bits of a word */
    BUILD_WORK = 5 * 1000 * 1000, /* instructions looked at for one table */
    WORK_LEAST = 4096,            /* characters a stretch may always take */
    SEEN_SLOTS = 4 * REGEX_SET_STATES,
};

struct table {
    const struct regex *const *v; /* expressions */
    size_t first, n;              /* which of the set's they are */
    bool without;                 /* too large: there are no states */
    uint8_t class_of[256];
    bool begins[256]; /* does the byte lead out of the first state? */
    unsigned classes;
    size_t states;
    uint16_t *next;   /* [state * classes + class] */
    uint64_t *accept; /* [state]: expressions of which a match may end here */
    bool *idle;       /* [state]: no match is under way */
};

struct regex_set {
    const struct regex **v;
    size_t n;
    struct table *table;
    size_t tables;
};

/* ---- classes of bytes: those that no instruction tells apart ---- */

static void mark_edge(bool edge[257], uint32_t lo, uint32_t hi)
{
    edge[lo < 0x80 ? lo : 0x80] = true;
    edge[hi < 0x80 ? hi + 1 : 256] = true;
}

static void make_classes(struct table *t)
{
    bool edge[257] = {[0] = true, [0x80] = true};
    for (size_t i = 0; i < t->n; i++) {
        const struct regex *re = t->v[i];
        for (size_t k = 0; k < re->n; k++) {
            const struct re_inst *x = &re->prog[k];
            if (x->op == OP_CHAR)
                mark_edge(edge, x->x, x->x);
            for (uint32_t r = 0; x->op == OP_CLASS && r < x->y; r++)
                mark_edge(edge, re->ranges[x->x + r].lo, re->ranges[x->x + r].hi);
        }
    }
    t->classes = 0;
    for (unsigned b = 0; b < 256; b++) {
        t->classes += edge[b];
        t->class_of[b] = (uint8_t)(t->classes - 1);
    }
}

/* ---- states ---- */

/* A set of instructions of all the table's programs, put behind each other. */
struct builder {
    struct table *t;
    size_t *base; /* of each program */
    size_t size;  /* instructions of all */
    uint8_t *mark;
    uint32_t *list, *stack; /* the set under construction */
    size_t n;
    uint64_t ends; /* expressions whose MATCH was entered */
    size_t work;
    uint32_t *pool; /* the sets of all states */
    size_t pool_n, pool_cap;
    size_t *at, *len; /* of each state in the pool */
    uint16_t *seen;   /* states by hash: index + 1 */
    uint32_t *home;   /* what a match can begin with: part of every state, and kept once */
    size_t home_n;
};

static const struct re_inst *inst(const struct builder *b, size_t i, uint32_t pc)
{
    return &b->t->v[i]->prog[pc];
}

/* Enter pc of program i and all that it leads to without reading a character. `fresh`: a match that
 * would end here is empty and none. */
static void enter(struct builder *b, size_t i, uint32_t pc, bool fresh)
{
    size_t n = 0;
    b->stack[n++] = pc;
    while (n) {
        pc = b->stack[--n];
        const struct re_inst *x = inst(b, i, pc);
        b->work++;
        if (x->op == OP_MATCH) {
            if (!fresh)
                b->ends |= (uint64_t)1 << i;
            continue;
        }
        if (b->mark[b->base[i] + pc])
            continue;
        b->mark[b->base[i] + pc] = 1;
        b->list[b->n++] = (uint32_t)(b->base[i] + pc);
        if (x->op == OP_SPLIT) {
            b->stack[n++] = x->y;
            b->stack[n++] = x->x;
        } else if (x->op == OP_JUMP) {
            b->stack[n++] = x->x;
        } else if (x->op == OP_ASSERT) {
            b->stack[n++] = pc + 1;
        } else if (x->op == OP_LOOK) {
            b->stack[n++] = x->y;
        }
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Of the set only what reads a character, in order; marks are taken back. */
static void settle(struct builder *b)
{
    size_t n = 0, i = 0;
    for (size_t k = 0; k < b->n; k++)
        b->mark[b->list[k]] = 0;
    qsort(b->list, b->n, sizeof *b->list, by_number);
    for (size_t k = 0; k < b->n; k++) {
        while (i + 1 < b->t->n && b->base[i + 1] <= b->list[k])
            i++;
        uint32_t op = inst(b, i, (uint32_t)(b->list[k] - b->base[i]))->op;
        if (op == OP_CHAR || op == OP_CLASS)
            b->list[n++] = b->list[k];
    }
    b->n = n;
}

static uint64_t hash_set(const struct builder *b)
{
    uint64_t h = b->ends * 0x9e3779b97f4a7c15ULL + b->n;
    for (size_t k = 0; k < b->n; k++)
        h = (h ^ b->list[k]) * 0x100000001b3ULL;
    return h ^ h >> 29;
}

static struct err room(struct builder *b, size_t n)
{
    if (n <= b->pool_cap - b->pool_n)
        return OK;
    size_t cap = (b->pool_cap + n) * 2;
    uint32_t *p = realloc(b->pool, cap * sizeof *p);
    if (!p)
        return err(ERR_NOMEM);
    b->pool = p;
    b->pool_cap = cap;
    return OK;
}

/* The state of the set under construction, a new one where there is none. ERR_LIMIT: too many. */
static struct err state_of(struct builder *b, size_t *out)
{
    struct table *t = b->t;
    settle(b);
    size_t slot = hash_set(b) % SEEN_SLOTS;
    for (; b->seen[slot]; slot = (slot + 1) % SEEN_SLOTS) {
        size_t s = b->seen[slot] - 1U;
        if (t->accept[s] == b->ends && b->len[s] == b->n &&
            memcmp(b->pool + b->at[s], b->list, b->n * sizeof *b->list) == 0) {
            *out = s;
            return OK;
        }
    }
    if (t->states == REGEX_SET_STATES)
        return err(ERR_LIMIT);
    TRY(room(b, b->n + 1));
    size_t s = t->states++;
    memcpy(b->pool + b->pool_n, b->list, b->n * sizeof *b->list);
    b->at[s] = b->pool_n;
    b->len[s] = b->n;
    b->pool_n += b->n;
    b->seen[slot] = (uint16_t)(s + 1);
    t->accept[s] = b->ends;
    t->idle[s] = b->n == 0;
    *out = s;
    return OK;
}

static bool takes_class(const struct regex *re, const struct re_inst *x, uint8_t byte)
{
    if (byte < 0x80)
        return re_takes(re, x, byte);
    if (x->op == OP_CHAR)
        return x->x >= 0x80;
    return x->y && re->ranges[x->x + x->y - 1].hi >= 0x80;
}

/* What these states' instructions lead to by a byte. */
static void step_from(struct builder *b, const uint32_t *set, size_t n, uint8_t byte)
{
    size_t i = 0;
    for (size_t k = 0; k < n; k++) {
        while (i + 1 < b->t->n && b->base[i + 1] <= set[k])
            i++;
        uint32_t pc = (uint32_t)(set[k] - b->base[i]);
        b->work++;
        if (!takes_class(b->t->v[i], inst(b, i, pc), byte))
            continue;
        enter(b, i, pc + 1, false);
        if (byte >= 0x80) /* the character may have more bytes */
            enter(b, i, pc, true);
    }
}

/* Where state s goes by a byte. */
static struct err step(struct builder *b, size_t s, uint8_t byte, size_t *out)
{
    b->n = 0;
    b->ends = 0;
    step_from(b, b->pool + b->at[s], b->len[s], byte);
    step_from(b, b->home, b->home_n, byte);
    return b->work > BUILD_WORK ? err(ERR_LIMIT) : state_of(b, out);
}

static struct err make_home(struct builder *b)
{
    b->n = 0;
    for (size_t i = 0; i < b->t->n; i++)
        enter(b, i, 0, true);
    settle(b);
    b->home = malloc((b->n + 1) * sizeof *b->home);
    if (!b->home)
        return err(ERR_NOMEM);
    memcpy(b->home, b->list, b->n * sizeof *b->home);
    b->home_n = b->n;
    b->n = 0;
    return OK;
}

static struct err all_states(struct builder *b)
{
    struct table *t = b->t;
    size_t s;
    TRY(make_home(b));
    TRY(state_of(b, &s));
    for (s = 0; s < t->states; s++)
        for (unsigned byte = 0, c = 0; byte < 256 && c < t->classes; byte++) {
            if (t->class_of[byte] != c)
                continue;
            size_t to;
            TRY(step(b, s, (uint8_t)byte, &to));
            t->next[s * t->classes + c] = (uint16_t)to;
            c++;
        }
    for (unsigned byte = 0; byte < 256; byte++)
        t->begins[byte] = t->next[t->class_of[byte]] != 0;
    return OK;
}

static struct err builder_open(struct builder *b, struct table *t)
{
    *b = (struct builder){.t = t};
    b->base = malloc((t->n + 1) * sizeof *b->base);
    if (!b->base)
        return err(ERR_NOMEM);
    for (size_t i = 0; i < t->n; i++) {
        b->base[i] = b->size;
        b->size += t->v[i]->n;
    }
    b->mark = calloc(b->size + 1, 1);
    b->list = malloc((b->size + 1) * sizeof *b->list);
    b->stack = malloc((2 * b->size + 2) * sizeof *b->stack);
    b->at = malloc(REGEX_SET_STATES * sizeof *b->at);
    b->len = malloc(REGEX_SET_STATES * sizeof *b->len);
    b->seen = calloc(SEEN_SLOTS, sizeof *b->seen);
    t->next = malloc((size_t)REGEX_SET_STATES * t->classes * sizeof *t->next);
    t->accept = calloc(REGEX_SET_STATES, sizeof *t->accept);
    t->idle = calloc(REGEX_SET_STATES, sizeof *t->idle);
    bool ok = b->mark && b->list && b->stack && b->at && b->len && b->seen && t->next &&
              t->accept && t->idle;
    return ok ? OK : err(ERR_NOMEM);
}

static void builder_close(struct builder *b)
{
    free(b->base);
    free(b->mark);
    free(b->list);
    free(b->stack);
    free(b->pool);
    free(b->home);
    free(b->at);
    free(b->len);
    free(b->seen);
}

static void table_empty(struct table *t)
{
    free(t->next);
    free(t->accept);
    free(t->idle);
    t->next = NULL;
    t->accept = NULL;
    t->idle = NULL;
    t->states = 0;
}

/* Give back what the states did not need. */
static void table_trim(struct table *t)
{
    uint16_t *next = realloc(t->next, t->states * t->classes * sizeof *next);
    uint64_t *accept = realloc(t->accept, t->states * sizeof *accept);
    bool *idle = realloc(t->idle, t->states * sizeof *idle);
    t->next = next ? next : t->next;
    t->accept = accept ? accept : t->accept;
    t->idle = idle ? idle : t->idle;
}

static struct err table_make(struct table *t)
{
    struct builder b;
    make_classes(t);
    struct err e = builder_open(&b, t);
    if (!failed(e))
        e = all_states(&b);
    builder_close(&b);
    if (failed(e))
        table_empty(t);
    else
        table_trim(t);
    return e;
}

/* ---- the set ---- */

/* One table for v[first..first+n), or where that is too large two for its halves, and so on. */
static struct err add_tables(struct regex_set *s, size_t first, size_t n)
{
    struct {
        size_t first, n;
    } todo[64];
    size_t left = 0;
    todo[left].first = first;
    todo[left++].n = n;
    while (left) {
        struct table *t = &s->table[s->tables];
        left--;
        *t = (struct table){.first = todo[left].first, .n = todo[left].n};
        t->v = s->v + t->first;
        struct err e = table_make(t);
        if (err_cat(e) == ERR_LIMIT && t->n > 1) {
            todo[left].first = t->first + t->n / 2;
            todo[left++].n = t->n - t->n / 2;
            todo[left].first = t->first;
            todo[left++].n = t->n / 2;
            continue;
        }
        t->without = err_cat(e) == ERR_LIMIT;
        if (failed(e) && !t->without)
            return e;
        s->tables++;
    }
    return OK;
}

struct err regex_set_new(const struct regex *const *v, size_t n, struct regex_set **out)
{
    if (n > REGEX_SET_MAX)
        return err(ERR_LIMIT);
    struct regex_set *s = calloc(1, sizeof *s);
    if (!s)
        return err(ERR_NOMEM);
    s->v = malloc((n + 1) * sizeof *s->v);
    s->table = calloc(n + 1, sizeof *s->table);
    struct err e = s->v && s->table ? OK : err(ERR_NOMEM);
    for (size_t i = 0; i < n && !failed(e); i++)
        s->v[i] = v[i];
    s->n = n;
    for (size_t at = 0; at < n && !failed(e); at += TABLE_EXPRESSIONS)
        e = add_tables(s, at, n - at < TABLE_EXPRESSIONS ? n - at : TABLE_EXPRESSIONS);
    if (failed(e)) {
        regex_set_free(s);
        return e;
    }
    *out = s;
    return OK;
}

void regex_set_free(struct regex_set *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->table && i < s->tables; i++)
        table_empty(&s->table[i]);
    free(s->table);
    free(s->v);
    free(s);
}

void regex_set_size(const struct regex_set *s, size_t *states, size_t *without)
{
    *states = *without = 0;
    for (size_t i = 0; i < s->tables; i++) {
        *states += s->table[i].states;
        *without += s->table[i].without;
    }
}

/* ---- scanning ---- */

struct scan {
    const struct table *t;
    struct span text;
    regex_set_hit hit;
    void *self;
    size_t done[TABLE_EXPRESSIONS]; /* where each expression goes on */
};

/* `at`, or the end of the character that it stands within. */
static size_t whole(struct span t, size_t at)
{
    size_t from = at;
    uint32_t cp;
    while (at < t.n && from > 0 && at - from < 4 && (t.p[from] & 0xc0) == 0x80)
        from--;
    size_t end = at < t.n && from < at ? from + utf8_next(t, from, &cp) : at;
    return end > at ? end : at;
}

/* Matches of expression i that start in [from, to). */
static struct err look_at(struct scan *sc, size_t i, size_t from, size_t to)
{
    const struct regex *re = sc->t->v[i];
    size_t at = sc->done[i] > from ? sc->done[i] : from;
    size_t work = at < to ? WORK_LEAST + (to - at) * REGEX_SET_WORK : 0;
    while (at < to) {
        size_t start, end;
        bool found;
        TRY(re_find_in(re, sc->text, at, to, &work, &start, &end, &found));
        if (!found && work == 0) {
            TRY(sc->hit(sc->self, sc->t->first + i, at, to));
            at = to;
            break;
        }
        if (!found)
            break;
        if (end > start) {
            TRY(sc->hit(sc->self, sc->t->first + i, start, end));
            at = end;
        } else {
            uint32_t cp;
            at = end < sc->text.n ? end + utf8_next(sc->text, end, &cp) : to;
        }
    }
    sc->done[i] = at;
    return OK;
}

static struct err stretch(struct scan *sc, uint64_t which, size_t from, size_t to)
{
    from = whole(sc->text, from);
    to = whole(sc->text, to);
    for (size_t i = 0; which; i++, which >>= 1)
        if (which & 1)
            TRY(look_at(sc, i, from, to));
    return OK;
}

static struct err scan_table(struct scan *sc)
{
    const struct table *t = sc->t;
    const uint8_t *p = sc->text.p;
    size_t n = sc->text.n, i = 0;
    if (t->without)
        return look_at(sc, 0, 0, n);
    for (;;) {
        while (i < n && !t->begins[p[i]])
            i++;
        if (i == n)
            return OK;
        size_t from = i, state = 0;
        uint64_t which = 0;
        do {
            state = t->next[state * t->classes + t->class_of[p[i++]]];
            which |= t->accept[state];
        } while (!t->idle[state] && i < n);
        if (which)
            TRY(stretch(sc, which, from, i));
    }
}

struct err regex_set_scan(const struct regex_set *s, struct span text, regex_set_hit hit,
                          void *self)
{
    for (size_t i = 0; i < s->tables; i++) {
        struct scan sc = {.t = &s->table[i], .text = text, .hit = hit, .self = self};
        TRY(scan_table(&sc));
    }
    return OK;
}
