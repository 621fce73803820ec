/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tree to program. The tree's depth is bounded by the parser (REGEX_DEPTH groups, at most four
 * levels each), the program by the caller's limit: a repeat copies its operand's instructions.
 */
#include "regex_int.h"

#include "utf8.h"

#include <stdlib.h>

const struct regex_limits regex_limits_default = {4000, 10000};
enum { TREE_MAX = 4 * 1024 * 1024, TREE_PER_BYTE = 512, RANGES_MAX = 1 << 20 };

/* Add b to a; -1: no end. */
static int plus(int a, int b)
{
    enum { FAR = 1 << 20 };
    return a < 0 || b < 0 || a + b > FAR ? -1 : a + b;
}

/* As deep as the groups. */
int re_width(const struct re_node *node)
{
    int n = 0, one;
    switch (node->kind) {
    case RE_CLASS:
        return 1;
    case RE_CAT:
        for (const struct re_node *c = node->first; c; c = c->next)
            n = plus(n, re_width(c));
        return n;
    case RE_ALT:
        for (const struct re_node *c = node->first; c; c = c->next) {
            one = re_width(c);
            if (one < 0 || n < 0)
                return -1;
            n = one > n ? one : n;
        }
        return n;
    case RE_REPEAT:
        one = re_width(node->first);
        if (one == 0)
            return 0;
        if (one < 0 || node->max < 0)
            return -1;
        for (int i = 0; i < node->max && n >= 0; i++)
            n = plus(n, one);
        return n;
    default:
        return 0;
    }
}

enum { PLACED = 16 };

struct compiler {
    struct re_inst *prog;
    size_t n, max;
    struct re_range *ranges;
    size_t n_ranges, cap_ranges;
    struct {
        const struct re_range *of;
        uint32_t at;
    } placed[PLACED]; /* the last classes, and where their ranges lie: a repeat's are one's */
    size_t n_placed;
};

static struct err emit(struct compiler *c, enum re_op op, uint32_t x, uint32_t y, size_t *at)
{
    if (c->n == c->max)
        return err(ERR_LIMIT);
    *at = c->n;
    c->prog[c->n++] = (struct re_inst){op, x, y};
    return OK;
}

static struct err place_ranges(struct compiler *c, const struct re_node *node, uint32_t *at)
{
    for (size_t i = 0; i < c->n_placed && i < PLACED; i++) {
        *at = c->placed[i].at;
        if (c->placed[i].of == node->range)
            return OK;
    }
    if (node->n_range > c->cap_ranges - c->n_ranges) {
        size_t cap = (c->cap_ranges + node->n_range) * 2;
        if (cap > RANGES_MAX)
            return err(ERR_LIMIT);
        struct re_range *p = realloc(c->ranges, cap * sizeof *p);
        if (!p)
            return err(ERR_NOMEM);
        c->ranges = p;
        c->cap_ranges = cap;
    }
    *at = (uint32_t)c->n_ranges;
    memcpy(c->ranges + c->n_ranges, node->range, node->n_range * sizeof *node->range);
    c->n_ranges += node->n_range;
    c->placed[c->n_placed % PLACED].of = node->range;
    c->placed[c->n_placed++ % PLACED].at = *at;
    return OK;
}

static struct err emit_class(struct compiler *c, const struct re_node *node)
{
    size_t at;
    uint32_t ranges = 0;
    if (node->n_range == 1 && node->range[0].lo == node->range[0].hi)
        return emit(c, OP_CHAR, node->range[0].lo, 0, &at);
    if (node->n_range)
        TRY(place_ranges(c, node, &ranges));
    return emit(c, OP_CLASS, ranges, (uint32_t)node->n_range, &at);
}

static struct err emit_node(struct compiler *c, const struct re_node *node);

/* A split whose one arm is the next instruction; the other is filled in by patch(). */
static struct err emit_split(struct compiler *c, bool lazy, size_t *at)
{
    TRY(emit(c, OP_SPLIT, 0, 0, at));
    c->prog[*at].x = lazy ? 0 : (uint32_t)c->n;
    c->prog[*at].y = lazy ? (uint32_t)c->n : 0;
    return OK;
}

static void patch(struct compiler *c, size_t split, bool lazy, size_t to)
{
    if (lazy)
        c->prog[split].x = (uint32_t)to;
    else
        c->prog[split].y = (uint32_t)to;
}

/* x* is (x+)?, so that an x that can be empty keeps its place in the order of preference. */
static struct err emit_star(struct compiler *c, const struct re_node *r)
{
    size_t skip, again;
    TRY(emit_split(c, r->lazy, &skip));
    size_t body = c->n;
    TRY(emit_node(c, r->first));
    TRY(emit(c, OP_SPLIT, 0, 0, &again));
    c->prog[again].x = (uint32_t)(r->lazy ? c->n : body);
    c->prog[again].y = (uint32_t)(r->lazy ? body : c->n);
    patch(c, skip, r->lazy, c->n);
    return OK;
}

static struct err emit_repeat(struct compiler *c, const struct re_node *r)
{
    size_t last = c->n;
    for (int i = 0; i < r->min; i++) {
        last = c->n;
        TRY(emit_node(c, r->first));
    }
    if (r->max < 0 && r->min == 0)
        return emit_star(c, r);
    if (r->max < 0) {
        size_t again;
        TRY(emit(c, OP_SPLIT, 0, 0, &again));
        c->prog[again].x = (uint32_t)(r->lazy ? c->n : last);
        c->prog[again].y = (uint32_t)(r->lazy ? last : c->n);
        return OK;
    }
    /* (x(x(x)?)?)?: every skip goes to the end; the list of them is threaded through y. */
    uint32_t skips = UINT32_MAX;
    for (int i = r->min; i < r->max; i++) {
        size_t at;
        TRY(emit(c, OP_SPLIT, 0, skips, &at));
        skips = (uint32_t)at;
        TRY(emit_node(c, r->first));
    }
    while (skips != UINT32_MAX) {
        struct re_inst *s = &c->prog[skips];
        uint32_t before = s->y, body = skips + 1, end = (uint32_t)c->n;
        s->x = r->lazy ? end : body;
        s->y = r->lazy ? body : end;
        skips = before;
    }
    return OK;
}

static struct err emit_alt(struct compiler *c, const struct re_node *node)
{
    uint32_t jumps = UINT32_MAX;
    for (const struct re_node *one = node->first; one; one = one->next) {
        size_t split, jump;
        if (!one->next) {
            TRY(emit_node(c, one));
            break;
        }
        TRY(emit_split(c, false, &split));
        TRY(emit_node(c, one));
        TRY(emit(c, OP_JUMP, jumps, 0, &jump));
        jumps = (uint32_t)jump;
        patch(c, split, false, c->n);
    }
    while (jumps != UINT32_MAX) {
        uint32_t before = c->prog[jumps].x;
        c->prog[jumps].x = (uint32_t)c->n;
        jumps = before;
    }
    return OK;
}

/* The body as a program of its own, stepped over by what goes on. */
static struct err emit_look(struct compiler *c, const struct re_node *node)
{
    size_t at, end;
    uint32_t how = (node->behind ? LOOK_BEHIND : 0) | (node->negate ? LOOK_NOT : 0);
    TRY(emit(c, OP_LOOK, how | (uint32_t)node->max << 2, 0, &at));
    TRY(emit_node(c, node->first));
    TRY(emit(c, OP_MATCH, 0, 0, &end));
    c->prog[at].y = (uint32_t)c->n;
    return c->n - at > REGEX_LOOK_PROGRAM ? err(ERR_LIMIT) : OK;
}

static struct err emit_node(struct compiler *c, const struct re_node *node)
{
    size_t at;
    switch (node->kind) {
    case RE_LOOK:
        return emit_look(c, node);
    case RE_CLASS:
        return emit_class(c, node);
    case RE_CAT:
        for (const struct re_node *one = node->first; one; one = one->next)
            TRY(emit_node(c, one));
        return OK;
    case RE_ALT:
        return emit_alt(c, node);
    case RE_REPEAT:
        return emit_repeat(c, node);
    case RE_ASSERT:
        return emit(c, OP_ASSERT, node->assert, 0, &at);
    default:
        return OK;
    }
}

/* Bytes that can begin a character of lo..hi; of those beyond ASCII simply all. */
static void add_start(struct regex *re, uint32_t lo, uint32_t hi)
{
    for (uint32_t b = lo; b <= hi && b < 128; b++)
        re->start[b / 8] |= (uint8_t)(1 << b % 8);
    if (hi >= 128)
        memset(re->start + 16, 0xff, 16);
}

/* What every match must begin with: the characters that the program's first states take. */
static struct err find_start(struct regex *re)
{
    uint32_t *todo = malloc((2 * re->n + 2) * sizeof *todo);
    bool *seen = calloc(re->n, sizeof *seen);
    size_t n = 0;
    if (!todo || !seen) {
        free(todo);
        free(seen);
        return err(ERR_NOMEM);
    }
    re->anchored = re->prog[0].op == OP_ASSERT && re->prog[0].x == RE_TEXT_START;
    re->starts = true;
    todo[n++] = 0;
    while (n) {
        uint32_t pc = todo[--n];
        const struct re_inst *i = &re->prog[pc];
        if (seen[pc])
            continue;
        seen[pc] = true;
        if (i->op == OP_MATCH) {
            re->starts = false; /* it can be empty */
        } else if (i->op == OP_CHAR) {
            add_start(re, i->x, i->x);
        } else if (i->op == OP_CLASS) {
            for (uint32_t k = 0; k < i->y; k++)
                add_start(re, re->ranges[i->x + k].lo, re->ranges[i->x + k].hi);
        } else {
            todo[n++] = i->op == OP_ASSERT ? pc + 1 : i->op == OP_LOOK ? i->y : i->x;
            if (i->op == OP_SPLIT)
                todo[n++] = i->y;
        }
    }
    free(todo);
    free(seen);
    return OK;
}

static struct err build(struct span pattern, unsigned flags, const struct regex_limits *l,
                        struct regex *re, struct fault *f)
{
    struct arena tree = arena_init(TREE_MAX + TREE_PER_BYTE * pattern.n);
    struct re_node *root = NULL;
    struct compiler c = {.max = l->program_max < REGEX_PROGRAM_MAX ? l->program_max
                                                                   : REGEX_PROGRAM_MAX};
    struct err e = re_parse(pattern, flags, &tree, &root, f);
    if (!failed(e)) {
        c.prog = malloc((c.max + 1) * sizeof *c.prog);
        e = c.prog ? emit_node(&c, root) : err(ERR_NOMEM);
    }
    arena_free(&tree);
    if (failed(e)) {
        free(c.prog);
        free(c.ranges);
        if (err_cat(e) == ERR_LIMIT && f && !f->why)
            return fault_at(f, ERR_LIMIT, 0, "the expression is too large");
        return e;
    }
    c.prog[c.n++] = (struct re_inst){OP_MATCH, 0, 0};
    struct re_inst *less = realloc(c.prog, c.n * sizeof *less);
    re->prog = less ? less : c.prog;
    re->n = c.n;
    re->ranges = c.ranges;
    re->n_ranges = c.n_ranges;
    return find_start(re);
}

struct err regex_compile(struct span pattern, unsigned flags, const struct regex_limits *limits,
                         struct regex **out, struct fault *f)
{
    const struct regex_limits *l = limits ? limits : &regex_limits_default;
    struct fault local;
    if (!f)
        f = &local;
    *f = (struct fault){0};
    if (pattern.n > l->pattern_max)
        return fault_at(f, ERR_LIMIT, 0, "the expression is too long");
    if (!utf8_valid(pattern))
        return fault_at(f, ERR_INPUT, utf8_valid_prefix(pattern), "the expression is not UTF-8");
    struct regex *re = calloc(1, sizeof *re);
    if (!re)
        return err(ERR_NOMEM);
    struct err e = build(pattern, flags, l, re, f);
    if (failed(e)) {
        regex_free(re);
        return e;
    }
    *out = re;
    return OK;
}

void regex_free(struct regex *re)
{
    if (!re)
        return;
    free(re->prog);
    free(re->ranges);
    free(re);
}

size_t regex_size(const struct regex *re)
{
    return re->n;
}
