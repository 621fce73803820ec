/* SPDX-License-Identifier: Apache-2.0 */
/* Types as text: the notation of declarations and of `cel check`, and built-in signatures. */
#include "cel_int.h"

enum { TEXT_DEPTH = 32 };

static const struct {
    const char *name;
    enum type_kind kind;
} simple[] = {{"dyn", TY_DYN},
              {"error", TY_ERROR},
              {"null_type", TY_NULL},
              {"bool", TY_BOOL},
              {"int", TY_INT},
              {"uint", TY_UINT},
              {"double", TY_DOUBLE},
              {"string", TY_STRING},
              {"bytes", TY_BYTES},
              {"any", TY_ANY},
              {"timestamp", TY_TIMESTAMP},
              {"duration", TY_DURATION}};

struct text {
    struct types *t;
    const struct cel_env *env;
    struct span in;
    size_t at;
    unsigned depth;
};

static void blanks(struct text *x)
{
    while (x->at < x->in.n && x->in.p[x->at] == ' ')
        x->at++;
}

static bool eat(struct text *x, uint8_t c)
{
    blanks(x);
    if (x->at >= x->in.n || x->in.p[x->at] != c)
        return false;
    x->at++;
    return true;
}

static struct span word(struct text *x)
{
    blanks(x);
    size_t from = x->at;
    while (x->at < x->in.n && !strchr("(), ", x->in.p[x->at]))
        x->at++;
    return span_cut(x->in, from, x->at - from);
}

static struct err parse(struct text *x, const struct type **out);

static struct err arguments(struct text *x, const struct type **arg, unsigned *n)
{
    do {
        if (*n == 4)
            return err(ERR_INPUT);
        TRY(parse(x, &arg[*n]));
        ++*n;
    } while (eat(x, ','));
    return eat(x, ')') ? OK : err(ERR_INPUT);
}

static struct err named(struct text *x, enum type_kind kind, const struct type **out)
{
    const struct type *arg[4];
    unsigned n = 0;
    struct span name = word(x), kept;
    if (name.n == 0)
        return err(ERR_INPUT);
    if (kind == TY_ABSTRACT && eat(x, ','))
        TRY(arguments(x, arg, &n));
    else if (!eat(x, ')'))
        return err(ERR_INPUT);
    if (kind == TY_MESSAGE && x->env && x->env->schema) {
        const struct message_type *m = cel_schema_find(x->env->schema, name);
        if (m) {
            *out = cel_message_as_type(x->t, m);
            return x->t->e;
        }
    }
    TRY(arena_copy(x->t->a, name, &kept));
    *out = cel_type_new(x->t, kind, kept, n, arg);
    return x->t->e;
}

static struct err compound(struct text *x, struct span name, const struct type **out)
{
    static const struct {
        const char *name;
        enum type_kind kind;
        unsigned n; /* 0: a name follows */
    } kinds[] = {{"list", TY_LIST, 1},       {"map", TY_MAP, 2},          {"type", TY_TYPE, 1},
                 {"wrapper", TY_WRAPPER, 1}, {"message", TY_MESSAGE, 0},  {"param", TY_PARAM, 0},
                 {"enum", TY_ENUM, 0},       {"abstract", TY_ABSTRACT, 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!span_is(name, kinds[i].name))
            continue;
        if (kinds[i].n == 0)
            return named(x, kinds[i].kind, out);
        const struct type *arg[4];
        unsigned n = 0;
        TRY(arguments(x, arg, &n));
        if (n != kinds[i].n)
            return err(ERR_INPUT);
        *out = cel_type_new(x->t, kinds[i].kind, SPAN_NONE, n, arg);
        return x->t->e;
    }
    return err(ERR_INPUT);
}

static struct err parse(struct text *x, const struct type **out)
{
    if (++x->depth > TEXT_DEPTH)
        return err(ERR_LIMIT);
    struct span name = word(x);
    struct err e = err(ERR_INPUT);
    if (eat(x, '(')) {
        e = compound(x, name, out);
    } else if (span_is(name, "type")) {
        *out = cel_type_of1(x->t, TY_TYPE, TYPE(DYN));
        e = x->t->e;
    } else {
        for (size_t i = 0; i < sizeof simple / sizeof *simple; i++) {
            if (span_is(name, simple[i].name)) {
                *out = &cel_types[simple[i].kind];
                e = OK;
            }
        }
    }
    x->depth--;
    return e;
}

struct err cel_type_parse(struct types *t, const struct cel_env *env, struct span text,
                          const struct type **out)
{
    struct text x = {.t = t, .env = env, .in = text};
    TRY(parse(&x, out));
    blanks(&x);
    return x.at == text.n ? OK : err(ERR_INPUT);
}

static const char *head(const struct type *x)
{
    switch (x->kind) {
    case TY_LIST:
        return "list(";
    case TY_MAP:
        return "map(";
    case TY_TYPE:
        return "type(";
    case TY_WRAPPER:
        return "wrapper(";
    case TY_MESSAGE:
        return "message(";
    case TY_ENUM:
        return "enum(";
    case TY_PARAM:
        return "param(";
    default:
        return "abstract(";
    }
}

/* As deep as the type, which the checker bounds. */
struct err cel_type_print(const struct type *x, struct buf *out)
{
    if (x->kind <= TY_ANY) {
        for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
            if (simple[i].kind == x->kind)
                return buf_puts(out, simple[i].name);
    }
    TRY(buf_puts(out, head(x)));
    TRY(buf_put(out, x->name));
    for (unsigned i = 0; i < x->n; i++) {
        if (i || x->name.n)
            TRY(buf_puts(out, ", "));
        TRY(cel_type_print(x->arg[i], out));
    }
    return buf_put_u8(out, ')');
}

static const struct type *variable(struct types *t, struct fresh *map, char letter)
{
    static const char letters[] = "ABC";
    struct span name = span(strchr(letters, letter), 1);
    const struct type declared = {.kind = TY_PARAM, .name = name};
    return cel_type_instance(t, map, &declared);
}

/*
 * b i u d s y n t D * are bool int uint double string bytes null timestamp duration dyn; I and c
 * net.IP and net.CIDR; L, O and T take one type (list, optional, type), M two; A to C are
 * variables.
 */
const struct type *cel_signature(struct types *t, struct fresh *map, const char **sig)
{
    static const char letters[] = "biudsyntD*";
    static const uint8_t kinds[] = {TY_BOOL,  TY_INT,  TY_UINT,      TY_DOUBLE,   TY_STRING,
                                    TY_BYTES, TY_NULL, TY_TIMESTAMP, TY_DURATION, TY_DYN};
    char c = *(*sig)++;
    const char *at = strchr(letters, c);
    const struct type *arg[2];
    if (at)
        return &cel_types[kinds[at - letters]];
    switch (c) {
    case 'I':
        return cel_type_new(t, TY_ABSTRACT, SPAN_LIT("net.IP"), 0, NULL);
    case 'c':
        return cel_type_new(t, TY_ABSTRACT, SPAN_LIT("net.CIDR"), 0, NULL);
    case 'L':
        return cel_type_of1(t, TY_LIST, cel_signature(t, map, sig));
    case 'T':
        return cel_type_of1(t, TY_TYPE, cel_signature(t, map, sig));
    case 'O':
        return cel_type_optional(t, cel_signature(t, map, sig));
    case 'M':
        arg[0] = cel_signature(t, map, sig);
        arg[1] = cel_signature(t, map, sig);
        return cel_type_new(t, TY_MAP, SPAN_NONE, 2, arg);
    default:
        return variable(t, map, c);
    }
}

const char *cel_operator_signature(enum op op)
{
    switch (op) {
    case N_ADD:
        return "ii:i|uu:u|dd:d|ss:s|yy:y|LALA:LA|tD:t|Dt:t|DD:D";
    case N_SUB:
        return "ii:i|uu:u|dd:d|tt:D|tD:t|DD:D";
    case N_MUL:
    case N_DIV:
        return "ii:i|uu:u|dd:d";
    case N_MOD:
        return "ii:i|uu:u";
    case N_EQ:
    case N_NE:
        return "AA:b";
    case N_LT:
    case N_LE:
    case N_GT:
    case N_GE:
        return "bb:b|ii:b|uu:b|dd:b|ss:b|yy:b|tt:b|DD:b";
    case N_IN:
        return "ALA:b|AMAB:b";
    case N_NEG:
        return "i:i|d:d";
    case N_COND:
        return "bAA:A";
    default:
        return "b:b";
    }
}
