/* SPDX-License-Identifier: Apache-2.0 */
/* The checker's part for calls: which function a name and its arguments mean. */
#include "builtin_int.h"

#include "regex.h"

#include <stdlib.h>

enum { ARGS_MAX = 255 };

/* What a name may mean: a built-in, host functions, a strong enum's constructor. */
struct callee {
    bool known; /* the name exists, even if no such form does */
    const struct builtin *builtin;
    const struct function *host; /* the first of that name and form */
    const struct cel_enum_type *enumeration;
};

static bool same_form(const struct function *f, struct span name, bool member, unsigned args)
{
    return f->member == member && f->n == args && span_eq(f->name, name);
}

static bool find(const struct check *c, struct span name, bool member, unsigned args,
                 struct callee *out)
{
    unsigned n;
    *out = (struct callee){0};
    const struct builtin *b = cel_builtin(name, &n);
    for (unsigned i = 0; i < n; i++) {
        if (!(b[i].flag & (member ? B_MEMBER : B_GLOBAL)))
            continue;
        out->known = true;
        if (args >= b[i].min && args <= b[i].max)
            out->builtin = &b[i];
    }
    for (const struct function *f = c->env->functions; f; f = f->next) {
        out->known |= f->member == member && span_eq(f->name, name);
        if (!out->host && same_form(f, name, member, args))
            out->host = f;
    }
    if (!member && (c->env->flags & CEL_STRONG_ENUMS) && c->env->schema) {
        out->enumeration = cel_schema_find_enum(c->env->schema, name);
        out->known |= out->enumeration != NULL;
    }
    return out->known;
}

/* `a.b.f(x)`: is a.b.f a function? Then the receiver goes. */
static bool qualified(struct check *c, struct node *n, struct callee *out)
{
    bool root = false;
    struct span scope = cel_chain_text(c, n->kid[0], &root), full;
    if (scope.n == 0)
        return false;
    void *m;
    size_t size = scope.n + 1 + n->name.n;
    if (failed(arena_take(c->a, size, &m)))
        return false;
    struct wr w = wr_of(m, size);
    wr_put(&w, scope);
    wr_u8(&w, '.');
    wr_put(&w, n->name);
    for (unsigned i = 0; cel_candidate(c, wr_span(&w), root, i, &full); i++) {
        if (!find(c, full, false, n->n - 1, out))
            continue;
        n->kid++;
        n->n--;
        n->flag &= (uint8_t)~F_MEMBER;
        n->name = full;
        return true;
    }
    return false;
}

static bool callee(struct check *c, struct node *n, struct callee *out)
{
    if (n->flag & F_MEMBER)
        return qualified(c, n, out) || find(c, n->name, true, n->n, out);
    struct span full;
    for (unsigned i = 0; cel_candidate(c, n->name, n->flag & F_ROOT, i, &full); i++)
        if (find(c, full, false, n->n, out))
            return true;
    return false;
}

static bool is_number(const struct type *t)
{
    if (t->kind == TY_WRAPPER)
        t = t->arg[0];
    return t->kind == TY_INT || t->kind == TY_UINT || t->kind == TY_DOUBLE || t->kind <= TY_ERROR ||
           t->kind == TY_ANY || t->kind == TY_PARAM;
}

/* math.greatest and math.least: numbers of any mix, or one list of them. */
static const struct type *numbers(struct check *c, const struct type *const *arg, unsigned n,
                                  bool *found)
{
    const struct type *all = NULL;
    for (unsigned i = 0; i < n; i++) {
        const struct type *t = cel_type_deref(&c->types, arg[i]);
        if (n == 1 && t->kind == TY_LIST)
            t = cel_type_deref(&c->types, t->arg[0]);
        if (!is_number(t))
            return TYPE(DYN);
        all = !all || cel_type_same(all, t) ? t : TYPE(DYN);
    }
    *found = true;
    return all ? all : TYPE(DYN);
}

static const struct type *host_type(struct check *c, struct node *n, const struct callee *to,
                                    const struct type *const *arg, bool *found)
{
    const struct type *result = NULL;
    for (const struct function *f = to->host; f; f = f->next) {
        if (!same_form(f, to->host->name, to->host->member, n->n))
            continue;
        struct fresh map = {0};
        uint32_t mark = c->types.n_trail;
        bool fits = true;
        for (unsigned i = 0; i < f->n && fits; i++)
            fits =
                cel_assignable(&c->types, cel_type_instance(&c->types, &map, f->param[i]), arg[i]);
        if (!fits) {
            cel_type_take_back(&c->types, mark);
            continue;
        }
        const struct type *one = cel_type_instance(&c->types, &map, f->result);
        if (!result) {
            n->op = N_HOST;
            n->bind = f;
            result = one;
        } else if (!cel_type_same(cel_type_final(&c->types, one),
                                  cel_type_final(&c->types, result))) {
            result = TYPE(DYN);
        }
    }
    *found = result != NULL;
    return result;
}

/* A constant expression is compiled here, once. */
static const struct type *constant_regex(struct check *c, struct node *n)
{
    struct regex *re;
    struct fault f = {0};
    void *m;
    struct err e = regex_compile(cel_text(n->kid[1]->lit), 0, NULL, &re, &f);
    if (failed(e)) { /* an error when evaluated: && and || may absorb it */
        n->op = N_FAIL;
        n->lit = cel_error(n, CEL_E_REGEX, f.why ? f.why : "the regular expression is too large");
        return TYPE(BOOL);
    }
    e = arena_take(c->a, sizeof(struct regex_use), &m);
    if (failed(e)) {
        regex_free(re);
        c->types.e = e;
        return TYPE(BOOL);
    }
    struct regex_use *use = m;
    *use = (struct regex_use){re, c->p->regexes};
    c->p->regexes = use;
    n->op = N_MATCHES;
    n->bind = re;
    return TYPE(BOOL);
}

static const struct type *bind_builtin(struct check *c, struct node *n, const struct builtin *b,
                                       const struct type *t)
{
    n->bind = b;
    if (b->run == cel_fn_optional_or)
        n->op = N_OPT_OR;
    else if (b->run == cel_fn_optional_or_value)
        n->op = N_OPT_ORVALUE;
    else if (b->run == cel_fn_matches && n->kid[1]->op == N_LIT &&
             n->kid[1]->lit.kind == CEL_STRING)
        return constant_regex(c, n);
    return t;
}

static const struct type *enum_type(struct check *c, struct node *n, const struct callee *to,
                                    const struct type *const *arg, bool *found)
{
    *found = n->n == 1 && (cel_assignable(&c->types, TYPE(INT), arg[0]) ||
                           cel_assignable(&c->types, TYPE(STRING), arg[0]));
    if (n->n == 1) {
        n->op = N_ENUM;
        n->bind = to->enumeration;
    }
    return cel_type_new(&c->types, TY_ENUM, to->enumeration->name, 0, NULL);
}

static const struct type *overload(struct check *c, struct node *n, const struct callee *to,
                                   const struct type *const *arg)
{
    bool found = false;
    const struct type *t = NULL;
    if (to->enumeration) {
        t = enum_type(c, n, to, arg, &found);
        return found ? t : cel_check_error(c, n, "an enum is made from an int or a string");
    }
    if (to->host)
        t = host_type(c, n, to, arg, &found);
    if (found)
        return t;
    if (to->builtin && to->builtin->run == cel_fn_to_int &&
        cel_type_deref(&c->types, arg[0])->kind == TY_ENUM)
        return bind_builtin(c, n, to->builtin, TYPE(INT));
    if (to->builtin && (to->builtin->flag & B_NUMBERS))
        t = numbers(c, arg, n->n, &found);
    else if (to->builtin)
        t = cel_check_signature(c, to->builtin->sig, arg, n->n, &found);
    if (!to->builtin || (!found && c->strict))
        return cel_check_fail(c, n, CEL_E_OVERLOAD, "no function of this name for these arguments");
    return bind_builtin(c, n, to->builtin, found ? t : TYPE(DYN));
}

const struct type *cel_check_call(struct check *c, struct node *n)
{
    struct callee to;
    const struct type *few[8], *const *arg = few;
    if (!callee(c, n, &to))
        return cel_check_fail(c, n, CEL_E_NAME, "unknown function");
    if (n->n > ARGS_MAX)
        return cel_check_fail(c, n, CEL_E_OVERLOAD, "too many arguments");
    if (n->n > sizeof few / sizeof *few) {
        void *m;
        c->types.e = arena_take(c->a, n->n * sizeof *arg, &m);
        if (failed(c->types.e))
            return TYPE(ERROR);
        arg = m;
    }
    for (uint32_t i = 0; i < n->n; i++)
        ((const struct type **)arg)[i] = cel_check_node(c, n->kid[i]);
    return overload(c, n, &to, arg);
}
