/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator: a walk over the checked tree, as deep as the tree (CEL_DEPTH_MAX). Frequent:
 * comparisons of strings and ints, calls of string functions, `in` over a short constant list.
 * Every node pays one unit; whatever loops over bytes or elements pays for them before it starts.
 *
 * E1 An error is a value of kind CEL_ERROR and goes up through everything but && || ?: and the
 *    comprehensions that fold with them. E2 A fatal error goes up through those as well.
 */
#include "cel_int.h"

#include "regex.h"

#include <stdlib.h>

enum { COST_DEFAULT = 1000000, FEW_ARGS = 4 };
#define COST_CEILING (UINT64_C(1) << 60)

struct cel_value cel_error(const struct node *n, enum cel_error code, const char *why)
{
    return (struct cel_value){
        .kind = CEL_ERROR, .code = (uint16_t)code, .n = n ? n->pos : 0, .why = why};
}

struct cel_value cel_fail(enum cel_error code, const char *why)
{
    return cel_error(NULL, code, why);
}

struct cel_value cel_no_overload(const struct node *n)
{
    return cel_error(n, CEL_E_OVERLOAD, "no function or operator for values of these types");
}

struct cel_value cel_exhausted(const struct node *n)
{
    struct cel_value v = cel_error(n, CEL_E_COST, "the evaluation reached its limit");
    v.fatal = 1;
    return v;
}

/* The slice is used up (slice < 0): take the next one out of what is left. */
static bool refill(struct run *r)
{
    uint64_t debt = (uint64_t)-r->slice;
    if (r->left < debt || (r->in->stop && r->in->stop(r->in->stop_arg))) {
        r->left = 0;
        r->slice = -1;
        return false;
    }
    r->left -= debt;
    r->slice = r->left < SLICE ? (int64_t)r->left : SLICE;
    r->left -= (uint64_t)r->slice;
    return true;
}

bool cel_pay(struct run *r, uint64_t cost)
{
    if (cost > COST_CEILING) {
        r->left = 0;
        r->slice = -1;
        return false;
    }
    r->slice -= (int64_t)cost;
    return r->slice >= 0 || refill(r);
}

bool cel_pay_value(struct run *r, struct cel_value v)
{
    return v.kind < CEL_STRING || cel_pay(r, cel_value_size(v, r->left + SLICE));
}

void *cel_take(struct run *r, size_t n)
{
    void *m;
    if (!cel_pay(r, n / 64) || failed(arena_take(r->a, n, &m)))
        return NULL;
    return m;
}

/* Depth or memory ran out: both end the evaluation. */
static struct cel_value limit_error(const struct node *n, struct err e)
{
    if (err_cat(e) == ERR_INPUT)
        return cel_error(n, CEL_E_ARGUMENT,
                         "a map's keys are ints, uints, bools or strings, once each");
    return cel_exhausted(n);
}

struct cel_value cel_new_list(struct run *r, const struct node *n, const struct cel_value *v,
                              size_t count)
{
    struct cel_value out;
    struct err e = cel_list_of(r->a, v, count, &out);
    return failed(e) ? limit_error(n, e) : out;
}

struct cel_value cel_new_map(struct run *r, const struct node *n, const struct cel_entry *v,
                             size_t count)
{
    struct cel_value out;
    if (!cel_pay(r, count))
        return cel_exhausted(n);
    struct err e = cel_map_of(r->a, v, count, &out);
    return failed(e) ? limit_error(n, e) : out;
}

struct cel_value cel_new_text(struct run *r, const struct node *n, enum cel_kind kind, size_t size,
                              uint8_t **out)
{
    if (size > UINT32_MAX || !cel_pay(r, size / 10))
        return cel_exhausted(n);
    *out = cel_take(r, size);
    if (!*out)
        return cel_exhausted(n);
    return (struct cel_value){.kind = (uint8_t)kind, .n = (uint32_t)size, .s = *out};
}

struct cel_value cel_copy_text(struct run *r, const struct node *n, enum cel_kind kind,
                               struct span s)
{
    uint8_t *p;
    struct cel_value v = cel_new_text(r, n, kind, s.n, &p);
    if (!is_error(v) && s.n)
        memcpy(p, s.p, s.n);
    return v;
}

static struct cel_value run_var(struct run *r, const struct node *n)
{
    uint32_t slot = n->n;
    if (slot >= r->in->n_vars || r->in->vars[slot].kind == CEL_UNSET)
        return cel_error(n, CEL_E_NAME, "the variable has no value");
    return r->in->vars[slot];
}

/* && with `stop` false, || with `stop` true: symmetric, so the first error is kept while later
 * operands may still decide. */
static struct cel_value run_logic(struct run *r, const struct node *n, bool stop)
{
    struct cel_value bad = {.kind = CEL_UNSET};
    for (uint32_t i = 0; i < n->n; i++) {
        struct cel_value v = cel_run(r, n->kid[i]);
        if (v.kind == CEL_BOOL) {
            if (v.b == stop)
                return v;
            continue;
        }
        if (v.kind != CEL_ERROR)
            v = cel_no_overload(n->kid[i]);
        if (v.fatal)
            return v;
        if (bad.kind == CEL_UNSET)
            bad = v;
    }
    return bad.kind == CEL_UNSET ? cel_bool(!stop) : bad;
}

static struct cel_value run_cond(struct run *r, const struct node *n)
{
    struct cel_value c = cel_run(r, n->kid[0]);
    if (is_error(c))
        return c;
    if (c.kind != CEL_BOOL)
        return cel_no_overload(n);
    return cel_run(r, n->kid[c.b ? 1 : 2]);
}

static struct cel_value run_unary(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[0]);
    if (is_error(v))
        return v;
    if (n->op == N_NOT)
        return v.kind == CEL_BOOL ? cel_bool(!v.b) : cel_no_overload(n);
    if (v.kind == CEL_DOUBLE)
        return cel_double(-v.d);
    if (v.kind != CEL_INT)
        return cel_no_overload(n);
    return v.i == INT64_MIN ? cel_error(n, CEL_E_RANGE, "integer overflow") : cel_int(-v.i);
}

static struct cel_value run_binary(struct run *r, const struct node *n)
{
    struct cel_value a = cel_run(r, n->kid[0]);
    if (is_error(a))
        return a;
    struct cel_value b = cel_run(r, n->kid[1]);
    if (is_error(b))
        return b;
    return n->op == N_IN ? cel_in(r, n, a, b) : cel_binary(r, n, a, b);
}

/* == and != of two strings without a detour. */
static struct cel_value run_equal(struct run *r, const struct node *n)
{
    struct cel_value a = cel_run(r, n->kid[0]);
    if (is_error(a))
        return a;
    struct cel_value b = cel_run(r, n->kid[1]);
    if (is_error(b))
        return b;
    bool want = n->op == N_EQ;
    if (a.kind == CEL_STRING && b.kind == CEL_STRING && a.n != b.n)
        return cel_bool(!want);
    if (a.kind >= CEL_STRING && (!cel_pay_value(r, a) || !cel_pay_value(r, b)))
        return cel_exhausted(n);
    return cel_bool(cel_equal(a, b) == want);
}

static struct cel_value run_call(struct run *r, const struct node *n)
{
    struct cel_value few[FEW_ARGS], *arg = few;
    const struct builtin *b = n->bind;
    if (n->n > FEW_ARGS) {
        arg = cel_take(r, n->n * sizeof *arg);
        if (!arg)
            return cel_exhausted(n);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        arg[i] = cel_run(r, n->kid[i]);
        if (is_error(arg[i]))
            return arg[i];
    }
    if (n->op == N_CALL)
        return b->run(r, n, arg, n->n);
    const struct function *f = n->bind;
    struct cel_call call = {r};
    struct cel_value v = f->run ? f->run(&call, arg, n->n, f->arg)
                                : cel_error(n, CEL_E_NAME, "no such function here");
    if (r->slice < 0)
        return cel_exhausted(n);
    if (v.kind == CEL_ERROR)
        v.n = n->pos;
    return v.kind == CEL_UNSET ? cel_error(n, CEL_E_ARGUMENT, "the function gave no value") : v;
}

static struct cel_value run_matches(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[0]);
    bool found;
    if (is_error(v))
        return v;
    if (v.kind != CEL_STRING)
        return cel_no_overload(n);
    if (!cel_pay(r, (v.n / 10 + 1) * (regex_size(n->bind) / 4 + 1)))
        return cel_exhausted(n);
    if (failed(regex_match(n->bind, cel_text(v), &found)))
        return cel_exhausted(n);
    return cel_bool(found);
}

static struct cel_value run_bind(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[K_RANGE]);
    if (v.fatal && v.kind == CEL_ERROR)
        return v;
    if (n->op == N_BIND) {
        r->local[n->kid[K_VAR]->slot] = v;
        return cel_run(r, n->kid[K_BODY]);
    }
    if (is_error(v))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return cel_no_overload(n);
    if (!v.opt)
        return v;
    r->local[n->kid[K_VAR]->slot] = *v.opt;
    v = cel_run(r, n->kid[K_BODY]);
    if (is_error(v) || n->op == N_OPT_MAP)
        return is_error(v) ? v : cel_optional(r, n, &v);
    return v.kind == CEL_OPTIONAL ? v : cel_no_overload(n);
}

static struct cel_value run_block(struct run *r, const struct node *n)
{
    for (uint32_t i = 0; i + 1 < n->n; i++) {
        struct cel_value v = cel_run(r, n->kid[i]);
        if (v.kind == CEL_ERROR && v.fatal)
            return v;
        r->local[n->slot + i] = v;
    }
    return cel_run(r, n->kid[n->n - 1]);
}

static struct cel_value run_or(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[0]);
    if (is_error(v))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return cel_no_overload(n);
    if (v.opt)
        return n->op == N_OPT_OR ? v : *v.opt;
    v = cel_run(r, n->kid[1]);
    if (!is_error(v) && n->op == N_OPT_OR && v.kind != CEL_OPTIONAL)
        return cel_no_overload(n);
    return v;
}

static struct cel_value run_enum(struct run *r, const struct node *n)
{
    const struct cel_enum_type *e = n->bind;
    struct cel_value v = cel_run(r, n->kid[0]);
    if (is_error(v))
        return v;
    struct cel_value out = {.kind = CEL_ENUM, .enumeration = e};
    if (v.kind == CEL_INT && v.i >= INT32_MIN && v.i <= INT32_MAX) {
        out.n = (uint32_t)v.i;
        return out;
    }
    for (size_t i = 0; v.kind == CEL_STRING && i < e->n; i++) {
        if (span_eq(e->v[i].name, cel_text(v))) {
            out.n = (uint32_t)e->v[i].number;
            return out;
        }
    }
    if (v.kind != CEL_INT && v.kind != CEL_STRING)
        return cel_no_overload(n);
    return cel_error(n, CEL_E_RANGE, "no such member of the enum");
}

static struct cel_value run_select(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[0]);
    return is_error(v) ? v : cel_select(r, n, v);
}

static struct cel_value run_index(struct run *r, const struct node *n)
{
    struct cel_value v = cel_run(r, n->kid[0]);
    if (is_error(v))
        return v;
    struct cel_value key = cel_run(r, n->kid[1]);
    return is_error(key) ? key : cel_index(r, n, v, key);
}

typedef struct cel_value run_fn(struct run *r, const struct node *n);

static run_fn *const table[] = {
    [N_VAR] = run_var,
    [N_SELECT] = run_select,
    [N_INDEX] = run_index,
    [N_CALL] = run_call,
    [N_HOST] = run_call,
    [N_LIST] = cel_run_list,
    [N_MAP] = cel_run_map,
    [N_MSG] = cel_build_message,
    [N_COND] = run_cond,
    [N_NOT] = run_unary,
    [N_NEG] = run_unary,
    [N_ADD] = run_binary,
    [N_SUB] = run_binary,
    [N_MUL] = run_binary,
    [N_DIV] = run_binary,
    [N_MOD] = run_binary,
    [N_EQ] = run_equal,
    [N_NE] = run_equal,
    [N_LT] = run_binary,
    [N_LE] = run_binary,
    [N_GT] = run_binary,
    [N_GE] = run_binary,
    [N_IN] = run_binary,
    [N_ALL] = cel_comprehend,
    [N_EXISTS] = cel_comprehend,
    [N_EXISTS_ONE] = cel_comprehend,
    [N_EACH] = cel_comprehend,
    [N_TRANSFORM_MAP] = cel_comprehend,
    [N_TRANSFORM_ENTRY] = cel_comprehend,
    [N_BIND] = run_bind,
    [N_OPT_MAP] = run_bind,
    [N_OPT_FLAT] = run_bind,
    [N_BLOCK] = run_block,
    [N_OPT_OR] = run_or,
    [N_OPT_ORVALUE] = run_or,
    [N_ENUM] = run_enum,
    [N_MATCHES] = run_matches,
};

struct cel_value cel_run(struct run *r, const struct node *n)
{
    if (__builtin_expect(--r->slice < 0, 0) && !refill(r))
        return cel_exhausted(n);
    switch (n->op) {
    case N_LIT:
    case N_FAIL:
        return n->lit;
    case N_LOCAL:
        return r->local[n->slot];
    case N_AND:
        return run_logic(r, n, false);
    case N_OR:
        return run_logic(r, n, true);
    default:
        return table[n->op](r, n);
    }
}

struct arena *cel_call_arena(struct cel_call *call)
{
    return call->r->a;
}

bool cel_call_charge(struct cel_call *call, uint64_t cost)
{
    return cel_pay(call->r, cost);
}

struct cel_value cel_eval(const struct cel_program *p, const struct cel_input *in, uint64_t *cost)
{
    struct run r;
    r.in = in;
    r.p = p;
    r.a = in->arena;
    uint64_t max = in->cost_max ? in->cost_max : COST_DEFAULT;
    if (max > COST_CEILING)
        max = COST_CEILING;
    r.slice = max < SLICE ? (int64_t)max : SLICE;
    r.left = max - (uint64_t)r.slice;
    struct cel_value v = cel_run(&r, p->root);
    if (cost)
        *cost = r.slice < 0 ? max : max - r.left - (uint64_t)r.slice;
    return v;
}

struct err cel_compile(const struct cel_env *env, struct span source, unsigned flags,
                       struct cel_program **out, struct fault *f)
{
    struct fault local;
    if (!f)
        f = &local;
    *f = (struct fault){0};
    if (source.n > CEL_SOURCE_MAX)
        return fault_at(f, ERR_LIMIT, 0, "the expression is too long");
    struct cel_program *p = calloc(1, sizeof *p);
    if (!p)
        return err(ERR_NOMEM);
    p->arena = arena_init(CEL_PROGRAM_MAX);
    p->env = env;
    struct err e = arena_copy(&p->arena, source, &p->source);
    struct parser parser = {.p = p, .in = p->source, .blocks = env->flags & CEL_BLOCKS, .f = f};
    if (!failed(e))
        e = cel_parse(&parser, &p->root);
    if (!failed(e))
        e = cel_check(p, !(flags & CEL_NO_CHECK), f);
    if (failed(e)) {
        cel_program_free(p);
        if (!f->why)
            *f = (struct fault){0, "the expression is too large"};
        return e;
    }
    *out = p;
    return OK;
}

void cel_program_free(struct cel_program *p)
{
    if (!p)
        return;
    for (struct regex_use *u = p->regexes; u; u = u->next)
        regex_free(u->re);
    arena_free(&p->arena);
    free(p);
}

struct err cel_program_type(const struct cel_program *p, struct buf *out)
{
    return cel_type_print(p->type, out);
}
