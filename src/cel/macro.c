/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Macros: calls that the parser replaces by name, count of arguments and receiver. A comprehension
 * becomes a node of its own kind rather than a general fold, so that its meaning, its cost and the
 * private growing list it fills are plain to the evaluator.
 */
#include "cel_int.h"

static struct err bad(struct parser *p, size_t at, const char *why)
{
    return fault_at(p->f, ERR_INPUT, at, why);
}

struct macro {
    const char *name;
    uint8_t args;   /* after the receiver */
    bool two, test; /* a second variable; a test before the body */
    uint8_t op;
    bool keep; /* the body is the (last) variable itself */
};

static const struct macro comprehensions[] = {
    {"all", 2, false, false, N_ALL, false},
    {"exists", 2, false, false, N_EXISTS, false},
    {"exists_one", 2, false, false, N_EXISTS_ONE, false},
    {"existsOne", 2, false, false, N_EXISTS_ONE, false},
    {"map", 2, false, false, N_EACH, false},
    {"map", 3, false, true, N_EACH, false},
    {"filter", 2, false, true, N_EACH, true},
    {"all", 3, true, false, N_ALL, false},
    {"exists", 3, true, false, N_EXISTS, false},
    {"exists_one", 3, true, false, N_EXISTS_ONE, false},
    {"existsOne", 3, true, false, N_EXISTS_ONE, false},
    {"transformList", 3, true, false, N_EACH, false},
    {"transformList", 4, true, true, N_EACH, false},
    {"transformMap", 3, true, false, N_TRANSFORM_MAP, false},
    {"transformMap", 4, true, true, N_TRANSFORM_MAP, false},
    {"transformMapEntry", 3, true, false, N_TRANSFORM_ENTRY, false},
    {"transformMapEntry", 4, true, true, N_TRANSFORM_ENTRY, false},
    {"optMap", 2, false, false, N_OPT_MAP, false},
    {"optFlatMap", 2, false, false, N_OPT_FLAT, false},
};

static bool is_target(const struct node *call, const char *name)
{
    return (call->flag & F_MEMBER) && call->kid[0]->op == N_NAME &&
           !(call->kid[0]->flag & F_ROOT) && span_is(call->kid[0]->name, name);
}

static bool is_index(const struct node *n, int64_t *v)
{
    *v = n->lit.i;
    return n->op == N_LIT && n->lit.kind == CEL_INT && n->lit.i >= 0 && n->lit.i < 10000;
}

/* cel.index(2), cel.iterVar(0, 1): names that no text can spell, as "@it:0:1". */
static struct err internal_name(struct parser *p, struct node **call, const char *prefix,
                                unsigned n)
{
    int64_t v[2] = {0};
    struct node *c = *call, *out;
    for (unsigned i = 0; i < n; i++)
        if (!is_index(c->kid[1 + i], &v[i]))
            return bad(p, c->pos, "a small number expected");
    void *m;
    TRY(arena_take(&p->p->arena, 32, &m));
    struct wr w = wr_of(m, 32);
    wr_str(&w, prefix);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            wr_u8(&w, ':');
        wr_dec(&w, (uint64_t)v[i]);
    }
    TRY(cel_node(p, N_NAME, c->pos, 0, &out));
    out->name = wr_span(&w);
    *call = out;
    return OK;
}

static struct err block(struct parser *p, struct node **call)
{
    struct node *c = *call, *list = c->kid[1], *out;
    if (list->op != N_LIST)
        return bad(p, c->pos, "cel.block takes a list and an expression");
    TRY(cel_node(p, N_BLOCK, c->pos, list->n + 1, &out));
    for (uint32_t i = 0; i < list->n; i++)
        out->kid[i] = list->kid[i];
    out->kid[list->n] = c->kid[2];
    *call = out;
    return cel_node_close(p, out);
}

static bool is_variable(const struct node *n)
{
    return n->op == N_NAME && !(n->flag & (F_ROOT | F_QUOTED));
}

static struct err bind(struct parser *p, struct node **call)
{
    struct node *c = *call, *out;
    if (!is_variable(c->kid[1]))
        return bad(p, c->kid[1]->pos, "a simple name expected");
    TRY(cel_node(p, N_BIND, c->pos, K_COUNT, &out));
    out->kid[K_VAR] = c->kid[1];
    out->kid[K_RANGE] = c->kid[2];
    out->kid[K_BODY] = c->kid[3];
    *call = out;
    return cel_node_close(p, out);
}

static struct err cel_namespace(struct parser *p, struct node **call)
{
    const struct node *c = *call;
    if (span_is(c->name, "bind") && c->n == 4)
        return bind(p, call);
    if (!p->blocks)
        return OK;
    if (span_is(c->name, "block") && c->n == 3)
        return block(p, call);
    if (span_is(c->name, "index") && c->n == 2)
        return internal_name(p, call, "@index", 1);
    if (span_is(c->name, "iterVar") && c->n == 3)
        return internal_name(p, call, "@it:", 2);
    if (span_is(c->name, "accuVar") && c->n == 3)
        return internal_name(p, call, "@ac:", 2);
    return OK;
}

static struct err has(struct parser *p, struct node **call)
{
    struct node *arg = (*call)->kid[0];
    if (arg->op != N_SELECT || (arg->flag & F_TEST))
        return bad(p, arg->pos, "has() takes a field");
    arg->flag |= F_TEST;
    *call = arg;
    return OK;
}

/* proto.getExt(m, full.name) is m.`full.name`. */
static struct err extension(struct parser *p, struct node **call, bool test)
{
    struct node *c = *call, *out, *at = c->kid[2];
    size_t size = 0;
    for (; at->op == N_SELECT && !(at->flag & (F_OPTIONAL | F_TEST)); at = at->kid[0])
        size += at->name.n + 1;
    if (at->op != N_NAME || size == 0)
        return bad(p, c->kid[2]->pos, "an extension's full name expected");
    size += at->name.n;
    void *m;
    TRY(arena_take(&p->p->arena, size, &m));
    uint8_t *end = (uint8_t *)m + size;
    for (at = c->kid[2];; at = at->kid[0]) {
        end -= at->name.n;
        memcpy(end, at->name.p, at->name.n);
        if (at->op == N_NAME)
            break;
        *--end = '.';
    }
    TRY(cel_node(p, N_SELECT, c->pos, 1, &out));
    out->kid[0] = c->kid[1];
    out->name = span(m, size);
    out->flag = (uint8_t)(F_QUOTED | (test ? F_TEST : 0));
    *call = out;
    return cel_node_close(p, out);
}

static struct err comprehension(struct parser *p, const struct macro *m, struct node **call)
{
    struct node *c = *call, *out;
    unsigned at = 1;
    if (!is_variable(c->kid[1]) || (m->two && !is_variable(c->kid[2])))
        return bad(p, c->kid[1]->pos, "a simple variable name expected");
    if (m->two && span_eq(c->kid[1]->name, c->kid[2]->name))
        return bad(p, c->kid[2]->pos, "the two variables need different names");
    TRY(cel_node(p, (enum op)m->op, c->pos, K_COUNT, &out));
    out->kid[K_RANGE] = c->kid[0];
    out->kid[K_VAR] = c->kid[at++];
    if (m->two)
        out->kid[K_VAR2] = c->kid[at++];
    if (m->test)
        out->kid[K_TEST] = c->kid[at++];
    if (!m->keep)
        out->kid[K_BODY] = c->kid[at];
    *call = out;
    return cel_node_close(p, out);
}

struct err cel_macro(struct parser *p, struct node **call)
{
    const struct node *c = *call;
    if (!(c->flag & F_MEMBER))
        return span_is(c->name, "has") && c->n == 1 ? has(p, call) : OK;
    if (is_target(c, "cel"))
        return cel_namespace(p, call);
    if (is_target(c, "proto") && c->n == 3) {
        if (span_is(c->name, "getExt"))
            return extension(p, call, false);
        if (span_is(c->name, "hasExt"))
            return extension(p, call, true);
    }
    if (c->n < 3 || c->n > 5)
        return OK;
    for (size_t i = 0; i < sizeof comprehensions / sizeof *comprehensions; i++)
        if (c->n == comprehensions[i].args + 1u && span_is(c->name, comprehensions[i].name))
            return comprehension(p, &comprehensions[i], call);
    return OK;
}
