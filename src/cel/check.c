/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker: one walk that resolves every name and deduces every type, in place. Without strict
 * (CEL_NO_CHECK) types are only a help and what cannot be resolved becomes N_FAIL, an error when
 * evaluated; the walk is the same, so both modes evaluate alike.
 */
#include "cel_int.h"

const struct type *cel_check_error(struct check *c, const struct node *n, const char *why)
{
    if (c->strict && !failed(c->e))
        c->e = fault_at(c->f, ERR_INPUT, n->pos, why);
    return c->strict ? TYPE(ERROR) : TYPE(DYN);
}

const struct type *cel_check_fail(struct check *c, struct node *n, enum cel_error code,
                                  const char *why)
{
    const struct type *t = cel_check_error(c, n, why);
    n->op = N_FAIL;
    n->n = 0;
    n->lit = cel_error(n, code, why);
    return t;
}

/* One alternative of a signature against the arguments; NULL when it does not fit. */
static const struct type *try_signature(struct check *c, const char **sig,
                                        const struct type *const *arg, unsigned n)
{
    struct fresh map = {0};
    uint32_t mark = c->types.n_trail;
    unsigned i = 0;
    bool fits = true;
    for (; **sig != ':'; i++) {
        const struct type *param = cel_signature(&c->types, &map, sig);
        fits = fits && i < n && cel_assignable(&c->types, param, arg[i]);
    }
    ++*sig;
    const struct type *result = cel_signature(&c->types, &map, sig);
    if (fits && i == n)
        return result;
    cel_type_take_back(&c->types, mark);
    return NULL;
}

const struct type *cel_check_signature(struct check *c, const char *sigs,
                                       const struct type *const *arg, unsigned n, bool *found)
{
    const struct type *result = NULL;
    while (*sigs) {
        const struct type *one = try_signature(c, &sigs, arg, n);
        if (one && !result)
            result = one;
        else if (one &&
                 !cel_type_same(cel_type_final(&c->types, one), cel_type_final(&c->types, result)))
            result = TYPE(DYN);
        if (*sigs == '|')
            sigs++;
    }
    *found = result != NULL;
    return result ? result : TYPE(DYN);
}

static const struct type *literal_type(const struct node *n)
{
    static const uint8_t kinds[] = {
        [CEL_NULL] = TY_NULL,  [CEL_BOOL] = TY_BOOL,     [CEL_INT] = TY_INT,
        [CEL_UINT] = TY_UINT,  [CEL_DOUBLE] = TY_DOUBLE, [CEL_STRING] = TY_STRING,
        [CEL_BYTES] = TY_BYTES};
    if (n->type)
        return n->type;
    return n->lit.kind < sizeof kinds ? &cel_types[kinds[n->lit.kind]] : TYPE(DYN);
}

static const struct type *check_operator(struct check *c, struct node *n)
{
    const struct type *arg[3];
    bool found;
    for (uint32_t i = 0; i < n->n; i++)
        arg[i] = cel_check_node(c, n->kid[i]);
    const struct type *t =
        cel_check_signature(c, cel_operator_signature((enum op)n->op), arg, n->n, &found);
    return found ? t : cel_check_error(c, n, "no operator for operands of these types");
}

static const struct type *check_logic(struct check *c, struct node *n)
{
    for (uint32_t i = 0; i < n->n; i++) {
        const struct type *t = cel_check_node(c, n->kid[i]);
        if (!cel_assignable(&c->types, TYPE(BOOL), t))
            cel_check_error(c, n->kid[i], "a bool expected");
    }
    return TYPE(BOOL);
}

static const struct type *check_index(struct check *c, struct node *n)
{
    const struct type *t = cel_type_deref(&c->types, cel_check_node(c, n->kid[0]));
    const struct type *key = cel_check_node(c, n->kid[1]), *result = TYPE(DYN);
    bool optional = n->flag & F_OPTIONAL, ok = true;
    if (cel_type_is_optional(t)) {
        t = cel_type_deref(&c->types, t->arg[0]);
        optional = true;
    }
    if (t->kind == TY_LIST) {
        ok = cel_assignable(&c->types, TYPE(INT), key);
        result = t->arg[0];
    } else if (t->kind == TY_MAP) {
        ok = cel_assignable(&c->types, t->arg[0], key);
        result = t->arg[1];
    } else {
        ok = t->kind <= TY_ERROR || t->kind == TY_ANY || t->kind == TY_PARAM;
    }
    if (!ok)
        return cel_check_error(c, n, "no index of this type here");
    return optional ? cel_type_optional(&c->types, result) : result;
}

static const struct type *check_name(struct check *c, struct node *n)
{
    const struct type *t;
    if (cel_resolve(c, n, &t))
        return t;
    return cel_check_fail(c, n, CEL_E_NAME, "unknown name");
}

static const struct type *dispatch(struct check *c, struct node *n)
{
    switch (n->op) {
    case N_LIT:
        return literal_type(n);
    case N_VAR:
    case N_LOCAL:
    case N_FAIL:
        return n->type ? n->type : TYPE(DYN);
    case N_NAME:
        return check_name(c, n);
    case N_SELECT:
        return cel_check_select(c, n);
    case N_INDEX:
        return check_index(c, n);
    case N_CALL:
        return cel_check_call(c, n);
    case N_LIST:
    case N_MAP:
    case N_MSG:
        return cel_check_aggregate(c, n);
    case N_AND:
    case N_OR:
        return check_logic(c, n);
    default:
        return n->op >= N_ALL ? cel_check_macro(c, n) : check_operator(c, n);
    }
}

/* As deep as the tree: CEL_DEPTH_MAX. */
const struct type *cel_check_node(struct check *c, struct node *n)
{
    if (failed(c->e) || failed(c->types.e))
        return TYPE(ERROR);
    const struct type *t = dispatch(c, n);
    n->type = t;
    return t;
}

struct err cel_check(struct cel_program *p, bool strict, struct fault *f)
{
    struct check c = {.p = p, .env = p->env, .strict = strict, .a = &p->arena, .f = f};
    c.types.a = &p->arena;
    const struct type *t = cel_check_node(&c, p->root);
    if (failed(c.e))
        return c.e;
    p->type = cel_type_final(&c.types, t);
    if (failed(c.types.e))
        return fault_at(f, err_cat(c.types.e), 0, "the expression is too large");
    if (c.types.steps >= 200000)
        return fault_at(f, ERR_LIMIT, 0, "the expression's types are too large");
    return OK;
}
