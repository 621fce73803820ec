/* SPDX-License-Identifier: Apache-2.0 */
/* The checker's part for fields, literals of lists, maps and messages, and macros. */
#include "cel_int.h"

static const struct type *message_field(struct check *c, struct node *n, const struct type *t)
{
    const struct message_type *m = c->env->schema ? cel_schema_find(c->env->schema, t->name) : NULL;
    const struct field *f = m ? cel_field_find(m, n->name) : NULL;
    if (!m)
        return cel_check_error(c, n, "unknown message type");
    if (!f)
        return cel_check_error(c, n, "the message has no such field");
    n->bind = f;
    return cel_field_as_type(&c->types, f, c->env->flags & CEL_STRONG_ENUMS);
}

const struct type *cel_check_select(struct check *c, struct node *n)
{
    const struct type *t, *result = TYPE(DYN);
    bool optional = n->flag & F_OPTIONAL;
    if (!(n->flag & (F_OPTIONAL | F_TEST | F_QUOTED)) && cel_resolve(c, n, &t))
        return t;
    t = cel_type_deref(&c->types, cel_check_node(c, n->kid[0]));
    if (cel_type_is_optional(t)) {
        t = cel_type_deref(&c->types, t->arg[0]);
        optional = true;
    }
    if (t->kind == TY_MAP) {
        if (!cel_assignable(&c->types, t->arg[0], TYPE(STRING)))
            return cel_check_error(c, n, "the map's keys are no strings");
        result = t->arg[1];
    } else if (t->kind == TY_MESSAGE) {
        result = message_field(c, n, t);
    } else if (t->kind > TY_ERROR && t->kind != TY_ANY && t->kind != TY_PARAM) {
        return cel_check_error(c, n, "a value of this type has no fields");
    }
    if (n->flag & F_TEST)
        return TYPE(BOOL);
    return optional ? cel_type_optional(&c->types, result) : result;
}

/* The type of an element: inside the optional where one is written with a question mark. */
static const struct type *element(struct check *c, struct node *n)
{
    const struct type *t = cel_check_node(c, n);
    if (!(n->flag & F_ELEMENT))
        return t;
    const struct type *inner = cel_type_fresh(&c->types);
    if (!cel_assignable(&c->types, cel_type_optional(&c->types, inner), t))
        return cel_check_error(c, n, "an optional expected");
    return inner;
}

static const struct type *join(struct check *c, const struct type *all, const struct type *one)
{
    return all ? cel_join(&c->types, all, one) : one;
}

/* A list or map of literals is built here, once. */
static void fold_list(struct check *c, struct node *n)
{
    void *m;
    struct cel_value list;
    for (uint32_t i = 0; i < n->n; i++)
        if (n->kid[i]->op != N_LIT || (n->kid[i]->flag & F_ELEMENT))
            return;
    if (failed(arena_take(c->a, n->n * sizeof(struct cel_value), &m)))
        return;
    for (uint32_t i = 0; i < n->n; i++)
        ((struct cel_value *)m)[i] = n->kid[i]->lit;
    if (failed(cel_list_of(c->a, m, n->n, &list)))
        return;
    n->op = N_LIT;
    n->lit = list;
}

static void fold_map(struct check *c, struct node *n)
{
    void *m;
    struct cel_value map;
    for (uint32_t i = 0; i < n->n; i++)
        if (n->kid[i]->op != N_LIT || (n->kid[i]->flag & F_ELEMENT))
            return;
    if (failed(arena_take(c->a, n->n / 2 * sizeof(struct cel_entry), &m)))
        return;
    for (uint32_t i = 0; i < n->n / 2; i++)
        ((struct cel_entry *)m)[i] = (struct cel_entry){n->kid[2 * i]->lit, n->kid[2 * i + 1]->lit};
    if (failed(cel_map_of(c->a, m, n->n / 2, &map)))
        return;
    n->op = N_LIT;
    n->lit = map;
}

static const struct type *check_list(struct check *c, struct node *n)
{
    const struct type *all = NULL;
    for (uint32_t i = 0; i < n->n; i++)
        all = join(c, all, element(c, n->kid[i]));
    fold_list(c, n);
    return cel_type_of1(&c->types, TY_LIST, all ? all : cel_type_fresh(&c->types));
}

static const struct type *check_map(struct check *c, struct node *n)
{
    const struct type *key = NULL, *value = NULL;
    for (uint32_t i = 0; i < n->n; i += 2) {
        key = join(c, key, cel_check_node(c, n->kid[i]));
        value = join(c, value, element(c, n->kid[i + 1]));
    }
    fold_map(c, n);
    const struct type *arg[] = {key ? key : cel_type_fresh(&c->types),
                                value ? value : cel_type_fresh(&c->types)};
    return cel_type_new(&c->types, TY_MAP, SPAN_NONE, 2, arg);
}

static const struct message_type *find_message(struct check *c, const struct node *n)
{
    struct span full;
    if (!c->env->schema)
        return NULL;
    for (unsigned i = 0; cel_candidate(c, n->name, n->flag & F_ROOT, i, &full); i++) {
        const struct message_type *m = cel_schema_find(c->env->schema, full);
        if (m)
            return m;
    }
    return NULL;
}

static const struct type *check_message(struct check *c, struct node *n)
{
    const struct message_type *m = find_message(c, n);
    if (!m)
        return cel_check_fail(c, n, CEL_E_NAME, "unknown message type");
    for (uint32_t i = 0; i < n->n; i += 2) {
        struct node *name = n->kid[i];
        const struct field *f = cel_field_find(m, name->name);
        const struct type *t = element(c, n->kid[i + 1]);
        if (!f)
            return cel_check_fail(c, n, CEL_E_KEY, "the message has no such field");
        name->bind = f;
        bool strong = c->env->flags & CEL_STRONG_ENUMS;
        if (!cel_assignable(&c->types, cel_field_as_type(&c->types, f, strong), t))
            cel_check_error(c, n->kid[i + 1], "a value of this type does not fit the field");
    }
    n->bind = m;
    return cel_message_as_type(&c->types, m);
}

const struct type *cel_check_aggregate(struct check *c, struct node *n)
{
    if (n->op == N_LIST)
        return check_list(c, n);
    return n->op == N_MAP ? check_map(c, n) : check_message(c, n);
}

/* Open a local variable; its slot is its place on the stack of them. */
static bool declare(struct check *c, struct node *name, struct span text, const struct type *t)
{
    if (c->n_local == CEL_LOCALS_MAX) {
        if (!failed(c->e))
            c->e = fault_at(c->f, ERR_LIMIT, name->pos, "too many variables inside each other");
        return false;
    }
    name->slot = (uint16_t)c->n_local;
    c->local[c->n_local] = (struct local){text, (uint16_t)c->n_local, t};
    c->n_local++;
    return true;
}

/* What the variables of a comprehension over t are; false when t cannot be walked. */
static bool range_types(struct check *c, const struct type *t, bool two, const struct type **x,
                        const struct type **y)
{
    *x = *y = TYPE(DYN);
    t = cel_type_deref(&c->types, t);
    if (t->kind == TY_LIST) {
        *x = two ? TYPE(INT) : t->arg[0];
        *y = t->arg[0];
    } else if (t->kind == TY_MAP) {
        *x = t->arg[0];
        *y = t->arg[1];
    } else {
        return t->kind <= TY_ERROR || t->kind == TY_ANY || t->kind == TY_PARAM;
    }
    return true;
}

static void want_bool(struct check *c, struct node *n)
{
    if (n && !cel_assignable(&c->types, TYPE(BOOL), cel_check_node(c, n)))
        cel_check_error(c, n, "a bool expected");
}

static const struct type *comprehension_type(struct check *c, struct node *n, const struct type *x)
{
    struct node *body = n->kid[K_BODY];
    if (n->op == N_ALL || n->op == N_EXISTS || n->op == N_EXISTS_ONE) {
        want_bool(c, body);
        return TYPE(BOOL);
    }
    const struct type *t = body ? cel_check_node(c, body) : x;
    if (n->op == N_EACH)
        return cel_type_of1(&c->types, TY_LIST, t);
    if (n->op == N_TRANSFORM_ENTRY) {
        t = cel_type_deref(&c->types, t);
        if (t->kind != TY_MAP && t->kind > TY_ERROR)
            return cel_check_error(c, body, "a map expected");
        return t;
    }
    const struct type *arg[] = {x, t};
    return cel_type_new(&c->types, TY_MAP, SPAN_NONE, 2, arg);
}

static const struct type *check_comprehension(struct check *c, struct node *n)
{
    const struct type *x, *y, *range = cel_check_node(c, n->kid[K_RANGE]);
    unsigned before = c->n_local;
    bool two = n->kid[K_VAR2] != NULL;
    if (!range_types(c, range, two, &x, &y))
        return cel_check_error(c, n->kid[K_RANGE], "a list or a map expected");
    if (!declare(c, n->kid[K_VAR], n->kid[K_VAR]->name, x) ||
        (two && !declare(c, n->kid[K_VAR2], n->kid[K_VAR2]->name, y)))
        return TYPE(ERROR);
    want_bool(c, n->kid[K_TEST]);
    const struct type *t = comprehension_type(c, n, x);
    c->n_local = before;
    return t;
}

static const struct type *check_bind(struct check *c, struct node *n)
{
    const struct type *t = cel_check_node(c, n->kid[K_RANGE]);
    unsigned before = c->n_local;
    if (n->op != N_BIND) {
        const struct type *inner = cel_type_fresh(&c->types);
        if (!cel_assignable(&c->types, cel_type_optional(&c->types, inner), t))
            return cel_check_error(c, n->kid[K_RANGE], "an optional expected");
        t = inner;
    }
    if (!declare(c, n->kid[K_VAR], n->kid[K_VAR]->name, t))
        return TYPE(ERROR);
    t = cel_check_node(c, n->kid[K_BODY]);
    c->n_local = before;
    if (n->op == N_OPT_MAP)
        return cel_type_optional(&c->types, t);
    if (n->op == N_OPT_FLAT &&
        !cel_assignable(&c->types, cel_type_optional(&c->types, cel_type_fresh(&c->types)), t))
        return cel_check_error(c, n->kid[K_BODY], "an optional expected");
    return t;
}

static const struct type *check_block(struct check *c, struct node *n)
{
    unsigned before = c->n_local;
    n->slot = (uint16_t)before;
    for (uint32_t i = 0; i + 1 < n->n; i++) {
        const struct type *t = cel_check_node(c, n->kid[i]);
        void *m;
        struct node place = {.pos = n->pos};
        c->types.e = arena_take(c->a, 32, &m);
        if (failed(c->types.e))
            return TYPE(ERROR);
        struct wr w = wr_of(m, 32);
        wr_str(&w, "@index");
        wr_dec(&w, i);
        if (!declare(c, &place, wr_span(&w), t))
            return TYPE(ERROR);
    }
    const struct type *t = cel_check_node(c, n->kid[n->n - 1]);
    c->n_local = before;
    return t;
}

const struct type *cel_check_macro(struct check *c, struct node *n)
{
    switch (n->op) {
    case N_BIND:
    case N_OPT_MAP:
    case N_OPT_FLAT:
        return check_bind(c, n);
    case N_BLOCK:
        return check_block(c, n);
    default:
        return check_comprehension(c, n);
    }
}
