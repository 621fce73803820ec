/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens to tree: precedence climbing, one token of look-ahead, no backtracking. What recurses goes
 * through expression() or primary(), which count the nesting (CEL_NEST_MAX); chains of operators,
 * selects and conditionals are loops.
 */
#include "cel_int.h"

#include "utf8.h"

static struct err expression(struct parser *p, struct node **out);

static struct err bad(struct parser *p, size_t at, const char *why)
{
    return fault_at(p->f, ERR_INPUT, at, why);
}

struct err cel_node(struct parser *p, enum op op, uint32_t pos, uint32_t n, struct node **out)
{
    void *m;
    if (++p->p->nodes > CEL_NODES_MAX)
        return fault_at(p->f, ERR_LIMIT, pos, "the expression is too large");
    TRY(arena_take(&p->p->arena, sizeof **out + n * sizeof *(*out)->kid, &m));
    *out = m;
    **out = (struct node){.op = (uint8_t)op, .pos = pos, .n = n, .depth = 1};
    if (n)
        (*out)->kid = (struct node **)(*out + 1);
    return OK;
}

struct err cel_node_close(struct parser *p, struct node *n)
{
    unsigned depth = 0;
    for (uint32_t i = 0; i < n->n; i++)
        if (n->kid[i] && n->kid[i]->depth > depth)
            depth = n->kid[i]->depth;
    n->depth = (uint16_t)(depth + 1);
    if (n->depth > CEL_DEPTH_MAX)
        return fault_at(p->f, ERR_LIMIT, n->pos, "the expression is nested too deep");
    return OK;
}

static struct err eat(struct parser *p, int kind, const char *why)
{
    return p->t.kind == kind ? cel_lex(p) : bad(p, p->t.pos, why);
}

static struct err accept(struct parser *p, int kind, bool *yes)
{
    *yes = p->t.kind == kind;
    return *yes ? cel_lex(p) : OK;
}

/* A growing list of kids; what grows is left behind in the arena. */
struct kids {
    struct node **v;
    uint32_t n, cap;
};

static struct err push(struct parser *p, struct kids *k, struct node *n)
{
    if (k->n == k->cap) {
        uint32_t cap = k->cap ? k->cap * 2 : 4;
        void *m;
        TRY(arena_take(&p->p->arena, cap * sizeof *k->v, &m));
        if (k->n)
            memcpy(m, k->v, k->n * sizeof *k->v);
        k->v = m;
        k->cap = cap;
    }
    k->v[k->n++] = n;
    return OK;
}

static struct err with_kids(struct parser *p, enum op op, uint32_t pos, const struct kids *k,
                            struct node **out)
{
    TRY(cel_node(p, op, pos, 0, out));
    (*out)->kid = k->v;
    (*out)->n = k->n;
    return cel_node_close(p, *out);
}

static struct err name_node(struct parser *p, uint32_t pos, struct span name, struct node **out)
{
    TRY(cel_node(p, N_NAME, pos, 0, out));
    (*out)->name = name;
    return OK;
}

static struct err literal(struct parser *p, struct cel_value v, struct node **out)
{
    TRY(cel_node(p, N_LIT, p->t.pos, 0, out));
    (*out)->lit = v;
    return cel_lex(p);
}

/* A number's sign was read already when negative. */
static struct err number(struct parser *p, bool negative, struct node **out)
{
    struct cel_value v = p->t.lit;
    if (v.kind == CEL_DOUBLE && negative)
        v.d = -v.d;
    if (v.kind == CEL_UINT && negative)
        return bad(p, p->t.pos, "an unsigned number has no sign");
    if (v.kind == CEL_INT) {
        if (v.u > (uint64_t)INT64_MAX + negative)
            return bad(p, p->t.pos, "number out of range");
        v.i = negative ? (int64_t)(0 - v.u) : (int64_t)v.u;
    }
    return literal(p, v, out);
}

static struct err arguments(struct parser *p, struct kids *k)
{
    bool more;
    if (p->t.kind != ')') {
        do {
            struct node *one;
            TRY(expression(p, &one));
            TRY(push(p, k, one));
            TRY(accept(p, ',', &more));
        } while (more);
    }
    return eat(p, ')', "closing parenthesis expected");
}

static struct err list_literal(struct parser *p, uint32_t pos, struct node **out)
{
    struct kids k = {0};
    bool more = true, optional;
    while (more && p->t.kind != ']') {
        struct node *one;
        TRY(accept(p, '?', &optional));
        TRY(expression(p, &one));
        if (optional)
            one->flag |= F_ELEMENT;
        TRY(push(p, &k, one));
        TRY(accept(p, ',', &more));
    }
    TRY(eat(p, ']', "closing bracket expected"));
    return with_kids(p, N_LIST, pos, &k, out);
}

static struct err map_literal(struct parser *p, uint32_t pos, struct node **out)
{
    struct kids k = {0};
    bool more = true, optional;
    while (more && p->t.kind != '}') {
        struct node *key, *value;
        TRY(accept(p, '?', &optional));
        TRY(expression(p, &key));
        TRY(eat(p, ':', "colon expected"));
        TRY(expression(p, &value));
        if (optional)
            value->flag |= F_ELEMENT;
        TRY(push(p, &k, key));
        TRY(push(p, &k, value));
        TRY(accept(p, ',', &more));
    }
    TRY(eat(p, '}', "closing brace expected"));
    return with_kids(p, N_MAP, pos, &k, out);
}

/* The text of a chain of names and dots; empty when n is something else. */
static struct err type_name(struct parser *p, const struct node *n, struct span *out, bool *root)
{
    size_t size = 0;
    *out = SPAN_NONE;
    const struct node *at = n;
    for (; at->op == N_SELECT && !(at->flag & (F_OPTIONAL | F_TEST | F_QUOTED)); at = at->kid[0])
        size += at->name.n + 1;
    if (at->op != N_NAME)
        return OK;
    *root = at->flag & F_ROOT;
    size += at->name.n;
    void *m;
    TRY(arena_take(&p->p->arena, size, &m));
    uint8_t *end = (uint8_t *)m + size;
    for (at = n;; at = at->kid[0]) {
        end -= at->name.n;
        memcpy(end, at->name.p, at->name.n);
        if (at->op == N_NAME)
            break;
        *--end = '.';
    }
    *out = span(m, size);
    return OK;
}

/* Name{field: value, …}; the brace is next. */
static struct err message(struct parser *p, struct node **node)
{
    struct span name;
    bool root = false, more = true, optional;
    TRY(type_name(p, *node, &name, &root));
    if (name.n == 0)
        return bad(p, p->t.pos, "a message name stands before the brace");
    uint32_t pos = p->t.pos;
    struct kids k = {0};
    TRY(cel_lex(p));
    while (more && p->t.kind != '}') {
        struct node *field, *value;
        TRY(accept(p, '?', &optional));
        if (p->t.kind != T_NAME && p->t.kind != T_QUOTED)
            return bad(p, p->t.pos, "field name expected");
        TRY(name_node(p, p->t.pos, p->t.text, &field));
        TRY(cel_lex(p));
        TRY(eat(p, ':', "colon expected"));
        TRY(expression(p, &value));
        if (optional)
            value->flag |= F_ELEMENT;
        TRY(push(p, &k, field));
        TRY(push(p, &k, value));
        TRY(accept(p, ',', &more));
    }
    TRY(eat(p, '}', "closing brace expected"));
    TRY(with_kids(p, N_MSG, pos, &k, node));
    (*node)->name = name;
    (*node)->flag = root ? F_ROOT : 0;
    return OK;
}

static struct err call(struct parser *p, uint32_t pos, struct span name, struct node *target,
                       struct node **out)
{
    struct kids k = {0};
    TRY(cel_lex(p));
    if (target)
        TRY(push(p, &k, target));
    TRY(arguments(p, &k));
    TRY(with_kids(p, N_CALL, pos, &k, out));
    (*out)->name = name;
    (*out)->flag = target ? F_MEMBER : 0;
    return OK;
}

static struct err name(struct parser *p, bool root, struct node **out)
{
    struct token t = p->t;
    if (t.kind != T_NAME)
        return bad(p, t.pos, "expression expected");
    if (t.reserved)
        return bad(p, t.pos, "a reserved word is no name");
    TRY(cel_lex(p));
    if (p->t.kind == '(') {
        TRY(call(p, t.pos, t.text, NULL, out));
        if (root)
            (*out)->flag |= F_ROOT;
        return root ? OK : cel_macro(p, out);
    }
    TRY(name_node(p, t.pos, t.text, out));
    if (root)
        (*out)->flag |= F_ROOT;
    return OK;
}

static struct err primary(struct parser *p, struct node **out)
{
    uint32_t pos = p->t.pos;
    switch (p->t.kind) {
    case T_LITERAL:
        if (p->t.lit.kind >= CEL_INT && p->t.lit.kind <= CEL_DOUBLE)
            return number(p, false, out);
        return literal(p, p->t.lit, out);
    case T_TRUE:
    case T_FALSE:
        return literal(p, cel_bool(p->t.kind == T_TRUE), out);
    case T_NULL:
        return literal(p, cel_null(), out);
    case '(':
        TRY(cel_lex(p));
        TRY(expression(p, out));
        return eat(p, ')', "closing parenthesis expected");
    case '[':
        TRY(cel_lex(p));
        return list_literal(p, pos, out);
    case '{':
        TRY(cel_lex(p));
        return map_literal(p, pos, out);
    case '.':
        TRY(cel_lex(p));
        return name(p, true, out);
    default:
        return name(p, false, out);
    }
}

/* After the dot: a field or a call. */
static struct err selector(struct parser *p, struct node **node)
{
    bool optional;
    TRY(accept(p, '?', &optional));
    struct token t = p->t;
    if (t.kind != T_NAME && t.kind != T_QUOTED)
        return bad(p, t.pos, "field name expected");
    TRY(cel_lex(p));
    if (p->t.kind == '(' && t.kind == T_NAME && !optional) {
        TRY(call(p, t.pos, t.text, *node, node));
        return cel_macro(p, node);
    }
    struct node *select;
    TRY(cel_node(p, N_SELECT, t.pos, 1, &select));
    select->kid[0] = *node;
    select->name = t.text;
    select->flag = (uint8_t)((optional ? F_OPTIONAL : 0) | (t.kind == T_QUOTED ? F_QUOTED : 0));
    *node = select;
    return cel_node_close(p, select);
}

static struct err subscript(struct parser *p, struct node **node)
{
    struct node *index;
    bool optional;
    TRY(cel_node(p, N_INDEX, p->t.pos, 2, &index));
    TRY(cel_lex(p));
    TRY(accept(p, '?', &optional));
    index->kid[0] = *node;
    TRY(expression(p, &index->kid[1]));
    TRY(eat(p, ']', "closing bracket expected"));
    index->flag = optional ? F_OPTIONAL : 0;
    *node = index;
    return cel_node_close(p, index);
}

static struct err postfix(struct parser *p, struct node **node)
{
    for (;;) {
        switch (p->t.kind) {
        case '.':
            TRY(cel_lex(p));
            TRY(selector(p, node));
            break;
        case '[':
            TRY(subscript(p, node));
            break;
        case '{':
            if ((*node)->op != N_NAME && (*node)->op != N_SELECT)
                return OK;
            TRY(message(p, node));
            break;
        default:
            return OK;
        }
    }
}

static struct err wrap(struct parser *p, enum op op, uint32_t pos, struct node **node)
{
    struct node *n;
    TRY(cel_node(p, op, pos, 1, &n));
    n->kid[0] = *node;
    *node = n;
    return cel_node_close(p, n);
}

static struct err unary(struct parser *p, struct node **out)
{
    int sign = p->t.kind;
    uint32_t pos = p->t.pos;
    unsigned n = 0;
    if (sign != '!' && sign != '-') {
        TRY(primary(p, out));
        return postfix(p, out);
    }
    for (; p->t.kind == sign && n < CEL_DEPTH_MAX; n++)
        TRY(cel_lex(p));
    if (n == CEL_DEPTH_MAX)
        return fault_at(p->f, ERR_LIMIT, pos, "the expression is nested too deep");
    bool negative = sign == '!' && p->t.kind == '-';
    if (negative)
        TRY(cel_lex(p));
    bool is_number =
        p->t.kind == T_LITERAL && p->t.lit.kind >= CEL_INT && p->t.lit.kind <= CEL_DOUBLE;
    if (negative && !is_number)
        return bad(p, p->t.pos, "! and - need parentheses between them");
    if (is_number && (negative || sign == '-')) {
        TRY(number(p, true, out));
        n -= sign == '-';
    } else {
        TRY(primary(p, out));
    }
    TRY(postfix(p, out));
    while (n--)
        TRY(wrap(p, sign == '!' ? N_NOT : N_NEG, pos, out));
    return OK;
}

enum { P_OR = 1, P_AND, P_RELATION, P_SUM, P_PRODUCT };

static int precedence(int kind, enum op *op)
{
    static const struct {
        int kind, prec;
        enum op op;
    } table[] = {{T_OR, P_OR, N_OR},       {T_AND, P_AND, N_AND},    {T_EQ, P_RELATION, N_EQ},
                 {T_NE, P_RELATION, N_NE}, {T_LE, P_RELATION, N_LE}, {T_GE, P_RELATION, N_GE},
                 {'<', P_RELATION, N_LT},  {'>', P_RELATION, N_GT},  {T_IN, P_RELATION, N_IN},
                 {'+', P_SUM, N_ADD},      {'-', P_SUM, N_SUB},      {'*', P_PRODUCT, N_MUL},
                 {'/', P_PRODUCT, N_DIV},  {'%', P_PRODUCT, N_MOD}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].kind == kind) {
            *op = table[i].op;
            return table[i].prec;
        }
    }
    return 0;
}

static struct err binary(struct parser *p, int least, struct node **out);

/* a && b && c as one node: the chain may be long, the tree stays flat. */
static struct err chain(struct parser *p, enum op op, int prec, int kind, struct node **node)
{
    struct kids k = {0};
    uint32_t pos = p->t.pos;
    TRY(push(p, &k, *node));
    while (p->t.kind == kind) {
        struct node *right;
        TRY(cel_lex(p));
        TRY(binary(p, prec + 1, &right));
        TRY(push(p, &k, right));
    }
    return with_kids(p, op, pos, &k, node);
}

/* Operators of precedence `least` and tighter. Recursion goes to tighter ones only: five levels. */
static struct err binary(struct parser *p, int least, struct node **out)
{
    TRY(unary(p, out));
    for (;;) {
        enum op op = N_ADD;
        int kind = p->t.kind, prec = precedence(kind, &op);
        if (prec == 0 || prec < least)
            return OK;
        if (prec <= P_AND) {
            TRY(chain(p, op, prec, kind, out));
            continue;
        }
        struct node *n;
        TRY(cel_node(p, op, p->t.pos, 2, &n));
        TRY(cel_lex(p));
        n->kid[0] = *out;
        TRY(binary(p, prec + 1, &n->kid[1]));
        *out = n;
        TRY(cel_node_close(p, n));
    }
}

/* c ? a : c ? a : b: collected from the left, built from the right. */
static struct err conditional(struct parser *p, struct node **out)
{
    struct kids k = {0};
    uint32_t pos = p->t.pos;
    for (;;) {
        struct node *one;
        bool more;
        TRY(binary(p, P_OR, &one));
        TRY(push(p, &k, one));
        TRY(accept(p, '?', &more));
        if (!more)
            break;
        TRY(binary(p, P_OR, &one));
        TRY(push(p, &k, one));
        TRY(eat(p, ':', "colon expected"));
    }
    *out = k.v[k.n - 1];
    for (uint32_t i = k.n - 1; i >= 2; i -= 2) {
        struct node *n;
        TRY(cel_node(p, N_COND, pos, 3, &n));
        n->kid[0] = k.v[i - 2];
        n->kid[1] = k.v[i - 1];
        n->kid[2] = *out;
        TRY(cel_node_close(p, n));
        *out = n;
    }
    return OK;
}

static struct err expression(struct parser *p, struct node **out)
{
    if (++p->nest > CEL_NEST_MAX)
        return fault_at(p->f, ERR_LIMIT, p->t.pos, "the expression is nested too deep");
    TRY(conditional(p, out));
    p->nest--;
    return OK;
}

struct err cel_parse(struct parser *p, struct node **out)
{
    if (!utf8_valid(p->in))
        return bad(p, utf8_valid_prefix(p->in), "the expression is not UTF-8");
    TRY(cel_lex(p));
    TRY(expression(p, out));
    if (p->t.kind != T_END)
        return bad(p, p->t.pos, "operator or end expected");
    return OK;
}
