/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker's types: assignability with type variables, joins, and what a variable ends up as. A
 * variable bound once may be bound again to something more general ([1, dyn(1)]); bindings are
 * logged so that a failed attempt leaves nothing behind.
 */
#include "cel_int.h"

/* Type graphs may share parts; this bounds any walk of one. */
enum { STEPS_MAX = 200000, TYPE_DEPTH = 400 };

const struct type cel_types[TY_ANY + 1] = {
    {.kind = TY_DYN},   {.kind = TY_ERROR},     {.kind = TY_NULL},     {.kind = TY_BOOL},
    {.kind = TY_INT},   {.kind = TY_UINT},      {.kind = TY_DOUBLE},   {.kind = TY_STRING},
    {.kind = TY_BYTES}, {.kind = TY_TIMESTAMP}, {.kind = TY_DURATION}, {.kind = TY_ANY}};

const struct type *cel_type_new(struct types *t, enum type_kind k, struct span name, unsigned n,
                                const struct type *const *arg)
{
    void *m;
    struct err e = arena_take(t->a, sizeof(struct type), &m);
    if (failed(e)) {
        t->e = e;
        return TYPE(DYN);
    }
    struct type *x = m;
    x->kind = (uint8_t)k;
    x->name = name;
    x->n = (uint8_t)n;
    for (unsigned i = 0; i < n; i++)
        x->arg[i] = arg[i];
    return x;
}

const struct type *cel_type_of1(struct types *t, enum type_kind k, const struct type *a)
{
    return cel_type_new(t, k, SPAN_NONE, 1, &a);
}

const struct type *cel_type_optional(struct types *t, const struct type *a)
{
    return cel_type_new(t, TY_ABSTRACT, SPAN_LIT("optional_type"), 1, &a);
}

bool cel_type_is_optional(const struct type *x)
{
    return x->kind == TY_ABSTRACT && x->n == 1 && span_is(x->name, "optional_type");
}

static bool grow(struct types *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : 16;
    void *m;
    t->e = arena_take(t->a, cap * sizeof *t->subst, &m);
    if (failed(t->e))
        return false;
    if (t->n)
        memcpy(m, t->subst, t->n * sizeof *t->subst);
    t->subst = m;
    t->cap = cap;
    return true;
}

const struct type *cel_type_fresh(struct types *t)
{
    if (t->n == t->cap && !grow(t))
        return TYPE(DYN);
    struct type *x = (struct type *)cel_type_new(t, TY_PARAM, SPAN_NONE, 0, NULL);
    if (x->kind != TY_PARAM)
        return TYPE(DYN);
    t->subst[t->n] = NULL;
    x->id = t->n++;
    return x;
}

const struct type *cel_type_deref(const struct types *t, const struct type *x)
{
    while (x->kind == TY_PARAM && x->id < t->n && t->subst[x->id])
        x = t->subst[x->id];
    return x;
}

/* Entries of the trail are pairs: id, and what it stood for, kept beside in the arena. */
struct undo {
    uint32_t id;
    const struct type *before;
};

static bool bind(struct types *t, uint32_t id, const struct type *to)
{
    struct undo *log = t->trail;
    if (t->n_trail == t->cap_trail) {
        uint32_t cap = t->cap_trail ? t->cap_trail * 2 : 16;
        void *m;
        t->e = arena_take(t->a, cap * sizeof *log, &m);
        if (failed(t->e))
            return false;
        if (t->n_trail)
            memcpy(m, log, t->n_trail * sizeof *log);
        log = m;
        t->trail = m;
        t->cap_trail = cap;
    }
    log[t->n_trail++] = (struct undo){id, t->subst[id]};
    t->subst[id] = to;
    return true;
}

void cel_type_take_back(struct types *t, uint32_t mark)
{
    struct undo *log = t->trail;
    while (t->n_trail > mark) {
        t->n_trail--;
        t->subst[log[t->n_trail].id] = log[t->n_trail].before;
    }
}

static bool step(struct types *t)
{
    return ++t->steps < STEPS_MAX && t->depth < TYPE_DEPTH;
}

static bool occurs(struct types *t, uint32_t id, const struct type *x)
{
    if (!step(t))
        return true;
    if (x->kind == TY_PARAM)
        return x->id == id || (t->subst[x->id] && occurs(t, id, t->subst[x->id]));
    bool found = false;
    t->depth++;
    for (unsigned i = 0; i < x->n && !found; i++)
        found = occurs(t, id, x->arg[i]);
    t->depth--;
    return found;
}

static bool is_dyn(const struct type *x)
{
    return x->kind == TY_DYN || x->kind == TY_ANY || x->kind == TY_ERROR;
}

static bool is_nullable(const struct type *x)
{
    return x->kind == TY_NULL || x->kind == TY_MESSAGE || x->kind == TY_WRAPPER ||
           x->kind == TY_TIMESTAMP || x->kind == TY_DURATION || x->kind == TY_ABSTRACT;
}

/* Is x as general as y, or more? */
static bool general(struct types *t, const struct type *x, const struct type *y)
{
    x = cel_type_deref(t, x);
    y = cel_type_deref(t, y);
    if (is_dyn(x) || x->kind == TY_PARAM || !step(t))
        return true;
    if (is_dyn(y) || y->kind == TY_PARAM)
        return false;
    if (y->kind == TY_NULL)
        return true;
    if (x->kind == TY_WRAPPER)
        return true;
    if (x->kind != y->kind || x->n != y->n)
        return false;
    bool all = true;
    t->depth++;
    for (unsigned i = 0; i < x->n && all; i++)
        all = general(t, x->arg[i], y->arg[i]);
    t->depth--;
    return all;
}

static bool assign(struct types *t, const struct type *x, const struct type *y);

/* Variable v against x. */
static bool assign_variable(struct types *t, const struct type *v, const struct type *x)
{
    const struct type *now = t->subst[v->id];
    if (!now)
        return !occurs(t, v->id, x) && bind(t, v->id, x);
    if (!assign(t, x, now))
        return false;
    if (!general(t, now, x) && !occurs(t, v->id, x))
        return bind(t, v->id, x);
    return true;
}

static bool assign_parts(struct types *t, const struct type *x, const struct type *y)
{
    if (x->kind != y->kind || x->n != y->n || !span_eq(x->name, y->name))
        return false;
    bool all = true;
    t->depth++;
    for (unsigned i = 0; i < x->n && all; i++)
        all = assign(t, x->arg[i], y->arg[i]);
    t->depth--;
    return all;
}

static bool assign(struct types *t, const struct type *x, const struct type *y)
{
    if (x == y)
        return true;
    if (!step(t))
        return false;
    if (x->kind == TY_PARAM && y->kind == TY_PARAM && x->id == y->id)
        return true;
    if (y->kind == TY_PARAM)
        return assign_variable(t, y, x);
    if (x->kind == TY_PARAM)
        return assign_variable(t, x, y);
    if (is_dyn(x) || is_dyn(y))
        return true;
    if (x->kind == TY_NULL || y->kind == TY_NULL)
        return is_nullable(x) && is_nullable(y);
    if (x->kind == TY_WRAPPER && y->kind != TY_WRAPPER)
        return assign(t, x->arg[0], y);
    if (y->kind == TY_WRAPPER && x->kind != TY_WRAPPER)
        return assign(t, x, y->arg[0]);
    if (x->kind == TY_TYPE && y->kind == TY_TYPE)
        return true; /* type(1) == type(1u) is a fair question */
    return assign_parts(t, x, y);
}

bool cel_assignable(struct types *t, const struct type *to, const struct type *from)
{
    uint32_t mark = t->n_trail;
    if (assign(t, from, to))
        return true;
    cel_type_take_back(t, mark);
    return false;
}

const struct type *cel_join(struct types *t, const struct type *a, const struct type *b)
{
    if (!cel_assignable(t, a, b))
        return TYPE(DYN);
    return general(t, a, b) ? a : b;
}

static const struct type *finish(struct types *t, const struct type *x)
{
    x = cel_type_deref(t, x);
    if (x->kind == TY_PARAM || !step(t))
        return TYPE(DYN);
    if (x->n == 0)
        return x;
    const struct type *arg[4];
    bool same = true;
    t->depth++;
    for (unsigned i = 0; i < x->n; i++) {
        arg[i] = finish(t, x->arg[i]);
        same &= arg[i] == x->arg[i];
    }
    t->depth--;
    return same ? x : cel_type_new(t, (enum type_kind)x->kind, x->name, x->n, arg);
}

const struct type *cel_type_final(struct types *t, const struct type *x)
{
    return finish(t, x);
}

/* Both final: equality by structure; depth as of the expressions they came from. */
bool cel_type_same(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n != b->n || a->id != b->id || !span_eq(a->name, b->name))
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (!cel_type_same(a->arg[i], b->arg[i]))
            return false;
    return true;
}

const struct type *cel_type_instance(struct types *t, struct fresh *map, const struct type *x)
{
    if (x->kind == TY_PARAM) {
        for (unsigned i = 0; i < map->n; i++)
            if (span_eq(map->name[i], x->name))
                return map->var[i];
        if (map->n == sizeof map->var / sizeof *map->var)
            return TYPE(DYN);
        map->name[map->n] = x->name;
        return map->var[map->n++] = cel_type_fresh(t);
    }
    if (x->n == 0)
        return x;
    const struct type *arg[4];
    for (unsigned i = 0; i < x->n; i++)
        arg[i] = cel_type_instance(t, map, x->arg[i]);
    return cel_type_new(t, (enum type_kind)x->kind, x->name, x->n, arg);
}
