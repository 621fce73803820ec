/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builds or walks aggregates: list and map literals, comprehensions. all and exists absorb
 * errors as && and || do; the others do not. Results grow in private arrays by doubling.
 */
#include "cel_int.h"

struct growing {
    struct cel_value *v; /* lists: values; maps: key, value, key, value */
    size_t n, cap;
};

static bool push(struct run *r, struct growing *g, struct cel_value v)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 8;
        struct cel_value *p = cel_take(r, cap * sizeof *p);
        if (!p)
            return false;
        if (g->n)
            memcpy(p, g->v, g->n * sizeof *p);
        g->v = p;
        g->cap = cap;
    }
    g->v[g->n++] = v;
    return true;
}

static struct cel_value as_map(struct run *r, const struct node *n, const struct growing *g)
{
    _Static_assert(sizeof(struct cel_entry) == 2 * sizeof(struct cel_value), "pairs are entries");
    return cel_new_map(r, n, (const struct cel_entry *)(const void *)g->v, g->n / 2);
}

/* The value of an element; *skip when it is an optional without one. */
static struct cel_value element(struct run *r, const struct node *n, bool *skip)
{
    struct cel_value v = cel_run(r, n);
    *skip = false;
    if (is_error(v) || !(n->flag & F_ELEMENT))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return cel_no_overload(n);
    *skip = v.opt == NULL;
    return v.opt ? *v.opt : v;
}

struct cel_value cel_run_list(struct run *r, const struct node *n)
{
    struct cel_value *v = cel_take(r, n->n * sizeof *v);
    size_t count = 0;
    bool skip;
    if (!v)
        return cel_exhausted(n);
    for (uint32_t i = 0; i < n->n; i++) {
        v[count] = element(r, n->kid[i], &skip);
        if (is_error(v[count]))
            return v[count];
        count += !skip;
    }
    return cel_new_list(r, n, v, count);
}

struct cel_value cel_run_map(struct run *r, const struct node *n)
{
    struct growing g = {0};
    bool skip;
    for (uint32_t i = 0; i < n->n; i += 2) {
        struct cel_value key = cel_run(r, n->kid[i]);
        if (is_error(key))
            return key;
        struct cel_value value = element(r, n->kid[i + 1], &skip);
        if (is_error(value))
            return value;
        if (!skip && (!push(r, &g, key) || !push(r, &g, value)))
            return cel_exhausted(n);
    }
    return as_map(r, n, &g);
}

/* Set the variables for element i of the range. */
static void set(struct run *r, const struct node *n, struct cel_value range, uint32_t i)
{
    uint16_t x = n->kid[K_VAR]->slot;
    const struct node *second = n->kid[K_VAR2];
    if (range.kind == CEL_MAP) {
        r->local[x] = range.map->v[i].key;
        if (second)
            r->local[second->slot] = range.map->v[i].value;
    } else if (second) {
        r->local[x] = cel_int(i);
        r->local[second->slot] = range.list->v[i];
    } else {
        r->local[x] = range.list->v[i];
    }
}

/* all (stop at false) and exists (stop at true). */
static struct cel_value quantify(struct run *r, const struct node *n, struct cel_value range)
{
    bool stop = n->op == N_EXISTS;
    struct cel_value bad = {.kind = CEL_UNSET};
    for (uint32_t i = 0; i < range.n; i++) {
        set(r, n, range, i);
        struct cel_value v = cel_run(r, n->kid[K_BODY]);
        if (v.kind == CEL_BOOL) {
            if (v.b == stop)
                return v;
            continue;
        }
        if (v.kind != CEL_ERROR)
            v = cel_no_overload(n);
        if (v.fatal)
            return v;
        if (bad.kind == CEL_UNSET)
            bad = v;
    }
    return bad.kind == CEL_UNSET ? cel_bool(!stop) : bad;
}

static struct cel_value exists_one(struct run *r, const struct node *n, struct cel_value range)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < range.n; i++) {
        set(r, n, range, i);
        struct cel_value v = cel_run(r, n->kid[K_BODY]);
        if (is_error(v))
            return v;
        if (v.kind != CEL_BOOL)
            return cel_no_overload(n);
        count += v.b;
    }
    return cel_bool(count == 1);
}

/* Does element i pass the test? An error when the test is no bool. */
static struct cel_value passes(struct run *r, const struct node *n)
{
    if (!n->kid[K_TEST])
        return cel_bool(true);
    struct cel_value v = cel_run(r, n->kid[K_TEST]);
    return is_error(v) || v.kind == CEL_BOOL ? v : cel_no_overload(n->kid[K_TEST]);
}

static struct cel_value each(struct run *r, const struct node *n, struct cel_value range)
{
    struct growing g = {0};
    for (uint32_t i = 0; i < range.n; i++) {
        set(r, n, range, i);
        struct cel_value v = passes(r, n);
        if (is_error(v))
            return v;
        if (!v.b)
            continue;
        v = n->kid[K_BODY] ? cel_run(r, n->kid[K_BODY]) : r->local[n->kid[K_VAR]->slot];
        if (is_error(v))
            return v;
        if (!push(r, &g, v))
            return cel_exhausted(n);
    }
    return cel_new_list(r, n, g.v, g.n);
}

/* What one element adds to a map: its own key with the body, or the body's entries. */
static struct cel_value add_entries(struct run *r, const struct node *n, struct growing *g,
                                    struct cel_value v)
{
    if (n->op == N_TRANSFORM_MAP) {
        bool ok = push(r, g, r->local[n->kid[K_VAR]->slot]) && push(r, g, v);
        return ok ? v : cel_exhausted(n);
    }
    if (v.kind != CEL_MAP)
        return cel_no_overload(n);
    for (uint32_t i = 0; i < v.map->n; i++)
        if (!push(r, g, v.map->v[i].key) || !push(r, g, v.map->v[i].value))
            return cel_exhausted(n);
    return v;
}

static struct cel_value transform(struct run *r, const struct node *n, struct cel_value range)
{
    struct growing g = {0};
    for (uint32_t i = 0; i < range.n; i++) {
        set(r, n, range, i);
        struct cel_value v = passes(r, n);
        if (is_error(v))
            return v;
        if (!v.b)
            continue;
        v = cel_run(r, n->kid[K_BODY]);
        if (!is_error(v))
            v = add_entries(r, n, &g, v);
        if (is_error(v))
            return v;
    }
    return as_map(r, n, &g);
}

struct cel_value cel_comprehend(struct run *r, const struct node *n)
{
    struct cel_value range = cel_run(r, n->kid[K_RANGE]);
    if (is_error(range))
        return range;
    if (range.kind != CEL_LIST && range.kind != CEL_MAP)
        return cel_no_overload(n->kid[K_RANGE]);
    switch (n->op) {
    case N_ALL:
    case N_EXISTS:
        return quantify(r, n, range);
    case N_EXISTS_ONE:
        return exists_one(r, n, range);
    case N_EACH:
        return each(r, n, range);
    default:
        return transform(r, n, range);
    }
}
