/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: which declaration `a.b.c` means. Locals first, innermost first; then the longest dotted
 * prefix that is declared, in the container and its parents; the rest are field selections.
 */
#include "cel_int.h"

enum { CHAIN_MAX = 64 };

static const struct local *find_local(const struct check *c, struct span name)
{
    for (unsigned i = c->n_local; i-- > 0;)
        if (span_eq(c->local[i].name, name))
            return &c->local[i];
    return NULL;
}

bool cel_is_local(const struct check *c, const struct node *n)
{
    return n->op == N_NAME && !(n->flag & F_ROOT) && find_local(c, n->name) != NULL;
}

static bool plain_select(const struct node *n)
{
    return n->op == N_SELECT && !(n->flag & (F_OPTIONAL | F_TEST | F_QUOTED));
}

struct span cel_chain_text(struct check *c, const struct node *n, bool *root)
{
    const struct node *at = n;
    size_t size = 0;
    unsigned parts = 0;
    for (; plain_select(at) && parts < CHAIN_MAX; at = at->kid[0], parts++)
        size += at->name.n + 1;
    if (at->op != N_NAME || cel_is_local(c, at))
        return SPAN_NONE;
    *root = at->flag & F_ROOT;
    if (at == n)
        return n->name;
    void *m;
    size += at->name.n;
    if (failed(arena_take(c->a, size, &m)))
        return SPAN_NONE;
    uint8_t *end = (uint8_t *)m + size;
    for (at = n;; at = at->kid[0]) {
        end -= at->name.n;
        memcpy(end, at->name.p, at->name.n);
        if (at->op == N_NAME)
            return span(m, size);
        *--end = '.';
    }
}

bool cel_candidate(struct check *c, struct span name, bool root, unsigned i, struct span *out)
{
    struct span scope = root ? SPAN_NONE : c->env->container;
    for (; i > 0; i--) {
        if (scope.n == 0)
            return false;
        while (scope.n && scope.p[scope.n - 1] != '.')
            scope.n--;
        if (scope.n)
            scope.n--;
    }
    *out = name;
    if (scope.n == 0)
        return true;
    void *m;
    if (failed(arena_take(c->a, scope.n + 1 + name.n, &m)))
        return false;
    struct wr w = wr_of(m, scope.n + 1 + name.n);
    wr_put(&w, scope);
    wr_u8(&w, '.');
    wr_put(&w, name);
    *out = wr_span(&w);
    return true;
}

static void become_type(struct check *c, struct node *n, struct span name, const struct type *of,
                        const struct type **type)
{
    n->op = N_LIT;
    n->n = 0;
    n->lit = (struct cel_value){.kind = CEL_TYPE, .n = (uint32_t)name.n, .s = name.p};
    *type = cel_type_of1(&c->types, TY_TYPE, of);
}

static bool builtin_type(struct check *c, struct node *n, struct span name,
                         const struct type **type)
{
    static const struct {
        const char *name, *sig;
    } types[] = {{"bool", "b"},
                 {"bytes", "y"},
                 {"double", "d"},
                 {"int", "i"},
                 {"list", "LA"},
                 {"map", "MAB"},
                 {"net.CIDR", "c"},
                 {"net.IP", "I"},
                 {"null_type", "n"},
                 {"optional_type", "OA"},
                 {"string", "s"},
                 {"type", "TA"},
                 {"uint", "u"},
                 {"google.protobuf.Timestamp", "t"},
                 {"google.protobuf.Duration", "D"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!span_is(name, types[i].name))
            continue;
        struct fresh map = {0};
        const char *sig = types[i].sig;
        become_type(c, n, span_str(types[i].name), cel_signature(&c->types, &map, &sig), type);
        return true;
    }
    return false;
}

/* Enum.MEMBER: the part behind the last dot. */
static bool enum_member(struct check *c, struct node *n, struct span name, const struct type **type)
{
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    if (dot == 0)
        return false;
    const struct cel_enum_type *e =
        cel_schema_find_enum(c->env->schema, span_cut(name, 0, dot - 1));
    if (!e)
        return false;
    for (size_t i = 0; i < e->n; i++) {
        if (!span_eq(e->v[i].name, span_from(name, dot)))
            continue;
        bool strong = c->env->flags & CEL_STRONG_ENUMS;
        n->op = N_LIT;
        n->n = 0;
        n->lit = cel_int(e->v[i].number);
        *type = TYPE(INT);
        if (strong && !span_is(e->name, "google.protobuf.NullValue")) {
            n->lit = (struct cel_value){
                .kind = CEL_ENUM, .n = (uint32_t)e->v[i].number, .enumeration = e};
            *type = cel_type_new(&c->types, TY_ENUM, e->name, 0, NULL);
        }
        return true;
    }
    return false;
}

static bool schema_name(struct check *c, struct node *n, struct span name, const struct type **type)
{
    if (!c->env->schema)
        return false;
    const struct message_type *m = cel_schema_find(c->env->schema, name);
    if (m) {
        become_type(c, n, m->name, cel_message_as_type(&c->types, m), type);
        return true;
    }
    const struct cel_enum_type *e = cel_schema_find_enum(c->env->schema, name);
    if (e) {
        become_type(c, n, e->name, TYPE(INT), type);
        return true;
    }
    return enum_member(c, n, name, type);
}

static bool resolve_name(struct check *c, struct node *n, struct span name, bool root,
                         const struct type **type)
{
    struct span full;
    for (unsigned i = 0; cel_candidate(c, name, root, i, &full); i++) {
        const struct variable *v = cel_env_find(c->env, full);
        if (v) {
            n->op = N_VAR;
            n->n = v->slot;
            *type = v->type;
            n->kid = NULL;
            return true;
        }
        if (builtin_type(c, n, full, type) || schema_name(c, n, full, type))
            return true;
    }
    return false;
}

static bool become_local(struct check *c, struct node *n, const struct type **type)
{
    const struct local *l = find_local(c, n->name);
    if (!l || (n->flag & F_ROOT))
        return false;
    n->op = N_LOCAL;
    n->slot = l->slot;
    *type = l->type;
    return true;
}

bool cel_resolve(struct check *c, struct node *n, const struct type **type)
{
    if (n->op == N_NAME && become_local(c, n, type))
        return true;
    if (n->flag & F_RESOLVED)
        return false;
    bool root = false;
    struct span text = cel_chain_text(c, n, &root);
    /* Longest prefix first: node by node down the chain, cutting the text behind. */
    for (struct node *at = n; text.n; at = at->kid[0]) {
        at->flag |= F_RESOLVED;
        const struct type *found;
        uint32_t kids = at->n;
        if (resolve_name(c, at, text, root, &found)) {
            at->type = found;
            *type = found;
            return at == n;
        }
        at->n = kids;
        if (at->op == N_NAME)
            break;
        text.n -= at->name.n + 1;
    }
    return false;
}
