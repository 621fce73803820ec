/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of cel: the tree. One struct node serves parser, checker and evaluator: the
 * parser makes it, the checker resolves it in place (names to slots, calls to functions, fields to
 * descriptors), the evaluator walks it. Its depth is at most CEL_DEPTH_MAX, checked where nodes are
 * made (cel_node_close), which bounds every walk.
 */
#ifndef SANCTUM_CEL_INT_H
#define SANCTUM_CEL_INT_H

#include "cel.h"
#include "wr.h"

enum op {
    N_LIT,    /* lit */
    N_NAME,   /* name, not resolved yet */
    N_VAR,    /* slot of the input */
    N_LOCAL,  /* slot of the evaluation */
    N_FAIL,   /* lit is an error: found while resolving without the checker */
    N_SELECT, /* kid[0].name; bind: struct field, if known */
    N_INDEX,  /* kid[0][kid[1]] */
    N_CALL,   /* name(kids); F_MEMBER: kid[0] is the receiver; bind: struct builtin */
    N_HOST,   /* the same, bind: struct function */
    N_LIST,
    N_MAP, /* key, value, key, value … */
    N_MSG, /* N_NAME of the field, value …; name or bind: the type */
    N_AND, /* two operands or more */
    N_OR,
    N_COND,
    N_NOT,
    N_NEG,
    N_ADD,
    N_SUB,
    N_MUL,
    N_DIV,
    N_MOD,
    N_EQ,
    N_NE,
    N_LT,
    N_LE,
    N_GT,
    N_GE,
    N_IN,
    /* macros; kids as enum macro_kid */
    N_ALL,
    N_EXISTS,
    N_EXISTS_ONE,
    N_EACH, /* map, filter, transformList */
    N_TRANSFORM_MAP,
    N_TRANSFORM_ENTRY,
    N_BIND,    /* K_VAR = K_RANGE in K_BODY */
    N_OPT_MAP, /* the same over an optional */
    N_OPT_FLAT,
    N_BLOCK,  /* kids: the elements, then the body; slot: the first one's */
    N_OPT_OR, /* kid[0].or(kid[1]) */
    N_OPT_ORVALUE,
    N_ENUM,    /* strong enum from kid[0]; bind: the enum */
    N_MATCHES, /* kid[0] against bind: a compiled struct regex */
};

/* Kids of a comprehension; K_VAR2, K_TEST and K_BODY may be NULL. */
enum macro_kid { K_RANGE, K_VAR, K_VAR2, K_TEST, K_BODY, K_COUNT };

enum node_flag {
    F_OPTIONAL = 1, /* .? or [? */
    F_ELEMENT = 2,  /* as an element, entry or field: ?value */
    F_TEST = 4,     /* has() */
    F_ROOT = 8,     /* a leading dot */
    F_QUOTED = 16,  /* a back-quoted name */
    F_MEMBER = 32,
    F_RESOLVED = 64, /* the name was looked for: it is no qualified name */
};

struct node {
    uint8_t op, flag;
    uint16_t depth;
    uint32_t pos;
    uint32_t n;
    uint16_t slot;
    struct node **kid;
    union {
        struct cel_value lit;
        struct span name;
    };
    const void *bind;
    const struct type *type;
};

struct regex;
struct regex_use {
    struct regex *re;
    struct regex_use *next;
};

struct cel_program {
    struct arena arena;
    const struct cel_env *env;
    struct span source;
    struct node *root;
    const struct type *type;
    struct regex_use *regexes;
    uint32_t nodes;
};

/* ---- parser (lex.c, parse.c, macro.c) ---- */

enum token_kind {
    T_END,
    T_NAME,
    T_QUOTED,
    T_LITERAL, /* lit; an int's magnitude stands in lit.u */
    T_TRUE,
    T_FALSE,
    T_NULL,
    T_IN,
    T_AND,
    T_OR,
    T_EQ,
    T_NE,
    T_LE,
    T_GE,
    /* others: the character itself */
};

struct token {
    int kind;
    uint32_t pos;
    bool reserved;
    struct span text;
    struct cel_value lit;
};

struct parser {
    struct cel_program *p;
    struct span in;
    size_t at;
    struct token t; /* the next token */
    unsigned nest;
    bool blocks;
    struct fault *f;
};

MUST struct err cel_lex(struct parser *p);
MUST struct err cel_parse(struct parser *p, struct node **out);
/* A node with room for n kids. */
MUST struct err cel_node(struct parser *p, enum op op, uint32_t pos, uint32_t n, struct node **out);
/* After the kids are set: computes the depth. ERR_LIMIT. */
MUST struct err cel_node_close(struct parser *p, struct node *n);
/* Replace a call by what its macro means, if it is one. */
MUST struct err cel_macro(struct parser *p, struct node **call);

/* ---- types (type.c) ---- */

enum type_kind {
    TY_DYN,
    TY_ERROR,
    TY_NULL,
    TY_BOOL,
    TY_INT,
    TY_UINT,
    TY_DOUBLE,
    TY_STRING,
    TY_BYTES,
    TY_TIMESTAMP,
    TY_DURATION,
    TY_ANY,
    TY_LIST,
    TY_MAP,
    TY_TYPE,
    TY_WRAPPER,
    TY_MESSAGE,
    TY_ENUM,
    TY_ABSTRACT, /* name and arguments; optional_type among them */
    TY_PARAM,    /* declared: name; fresh: id */
};

struct type {
    uint8_t kind, n;
    uint32_t id;
    struct span name;
    const struct type *arg[4];
};

extern const struct type cel_types[TY_ANY + 1];
#define TYPE(k) (&cel_types[TY_##k])

/* Type variables of one check: subst[id] is what id stands for, NULL when open. */
struct types {
    struct arena *a;
    const struct type **subst;
    uint32_t n, cap;
    struct undo *trail; /* bindings made, to take back */
    uint32_t n_trail, cap_trail;
    uint32_t steps;
    unsigned depth;
    struct err e; /* memory ran out */
};

const struct type *cel_type_new(struct types *t, enum type_kind k, struct span name, unsigned n,
                                const struct type *const *arg);
const struct type *cel_type_of1(struct types *t, enum type_kind k, const struct type *a);
const struct type *cel_type_optional(struct types *t, const struct type *a);
const struct type *cel_type_fresh(struct types *t);
/* Follow a variable to what it stands for. */
const struct type *cel_type_deref(const struct types *t, const struct type *x);
/* May a value of type `from` stand where `to` is expected? Binds variables; takes back on
 * failure.*/
/* Forget the bindings made since t->n_trail was mark. */
void cel_type_take_back(struct types *t, uint32_t mark);
bool cel_assignable(struct types *t, const struct type *to, const struct type *from);
/* The common type of two, dyn when there is none. */
const struct type *cel_join(struct types *t, const struct type *a, const struct type *b);
/* All variables replaced, open ones by dyn. */
const struct type *cel_type_final(struct types *t, const struct type *x);
bool cel_type_same(const struct type *a, const struct type *b);
bool cel_type_is_optional(const struct type *x);
MUST struct err cel_type_parse(struct types *t, const struct cel_env *env, struct span text,
                               const struct type **out);
MUST struct err cel_type_print(const struct type *x, struct buf *out);
/* Names of a declared type's parameters to fresh variables; map holds one slot a name. */
struct fresh {
    struct span name[8];
    const struct type *var[8];
    unsigned n;
};
const struct type *cel_type_instance(struct types *t, struct fresh *map, const struct type *x);

/* ---- functions (builtin.c) ---- */

struct run;
typedef struct cel_value builtin_fn(struct run *r, const struct node *n, const struct cel_value *a,
                                    unsigned count);

enum builtin_flag { B_GLOBAL = 1, B_MEMBER = 2, B_BOTH = 3, B_NUMBERS = 4 /* any count of them */ };

struct builtin {
    const char *name;
    uint8_t flag, min, max;
    builtin_fn *run;
    const char *sig; /* see cel_signature */
};

/* The first built-in function called name and how many there are of it. */
const struct builtin *cel_builtin(struct span name, unsigned *n);
/* One type of a signature; moves *sig on. A..C are variables in map. */
const struct type *cel_signature(struct types *t, struct fresh *map, const char **sig);
const char *cel_operator_signature(enum op op);

/* ---- environment (env.c) ---- */

struct variable {
    struct span name;
    const struct type *type;
    unsigned slot;
};

struct function {
    struct span name;
    bool member;
    const struct type **param;
    unsigned n;
    const struct type *result;
    cel_function *run;
    void *arg;
    struct function *next;
};

struct cel_env {
    struct arena arena;
    struct types types;
    struct span container;
    const struct cel_schema *schema;
    unsigned flags;
    struct variable *vars; /* by name */
    size_t n_vars, cap_vars;
    struct function *functions;
};

const struct variable *cel_env_find(const struct cel_env *env, struct span name);

/* ---- checker (check.c, resolve.c) ---- */

struct local {
    struct span name;
    uint16_t slot;
    const struct type *type;
};

struct check {
    struct cel_program *p;
    const struct cel_env *env;
    bool strict;
    struct types types;
    struct local local[CEL_LOCALS_MAX];
    unsigned n_local;
    struct arena *a;
    struct fault *f;
    struct err e;
};

MUST struct err cel_check(struct cel_program *p, bool strict, struct fault *f);
/* A type error at n: stops the check when strict, else dyn. */
const struct type *cel_check_error(struct check *c, const struct node *n, const char *why);
/* Nothing can make this node work: strict, an error; else it fails when evaluated. */
const struct type *cel_check_fail(struct check *c, struct node *n, enum cel_error code,
                                  const char *why);
const struct type *cel_check_node(struct check *c, struct node *n);
/* The aggregates and comprehensions (check_more.c). */
const struct type *cel_check_select(struct check *c, struct node *n);
const struct type *cel_check_aggregate(struct check *c, struct node *n);
const struct type *cel_check_macro(struct check *c, struct node *n);
const struct type *cel_check_call(struct check *c, struct node *n);
/* The overload of sigs that takes these arguments. */
const struct type *cel_check_signature(struct check *c, const char *sigs,
                                       const struct type *const *arg, unsigned n, bool *found);
/* Resolve a name or a chain of selects on one; true when n became something else. */
bool cel_resolve(struct check *c, struct node *n, const struct type **type);
/* The dotted text of a chain of plain selects on a name; n == 0 when it is none. */
struct span cel_chain_text(struct check *c, const struct node *n, bool *root);
/* Candidate i (0, 1, …) of a name in the container; false when there are no more. */
bool cel_candidate(struct check *c, struct span name, bool root, unsigned i, struct span *out);
bool cel_is_local(const struct check *c, const struct node *n);

/* ---- evaluator ---- */

enum { SLICE = 1024 };

struct run {
    int64_t slice; /* cost units until the next look at limit and deadline */
    uint64_t left; /* cost units beyond the slice */
    const struct cel_input *in;
    const struct cel_program *p;
    struct arena *a;
    struct cel_value local[CEL_LOCALS_MAX];
};
/* cel_call is what host functions see of it. */
struct cel_call {
    struct run *r;
};

struct cel_value cel_run(struct run *r, const struct node *n);
/* An error at node n (may be NULL). */
struct cel_value cel_error(const struct node *n, enum cel_error code, const char *why);
struct cel_value cel_no_overload(const struct node *n);
/* Pay; false when the evaluation must end (return cel_exhausted then). */
bool cel_pay(struct run *r, uint64_t cost);
/* Pay for walking all of v, shared parts as often as they are met. */
bool cel_pay_value(struct run *r, struct cel_value v);
struct cel_value cel_exhausted(const struct node *n);
/* Memory of the evaluation, paid for; NULL when there is none: return cel_exhausted. */
void *cel_take(struct run *r, size_t n);
struct cel_value cel_new_list(struct run *r, const struct node *n, const struct cel_value *v,
                              size_t count);
struct cel_value cel_new_map(struct run *r, const struct node *n, const struct cel_entry *v,
                             size_t count);
/* A string of n bytes to be filled in. */
struct cel_value cel_new_text(struct run *r, const struct node *n, enum cel_kind kind, size_t size,
                              uint8_t **out);
struct cel_value cel_copy_text(struct run *r, const struct node *n, enum cel_kind kind,
                               struct span s);

static inline bool is_error(struct cel_value v)
{
    return v.kind <= CEL_ERROR;
}

/* value.c */
unsigned cel_value_depth(struct cel_value v);
/* cel_equal that may still open so many google.protobuf.Any inside each other. */
bool cel_equal_deep(struct cel_value a, struct cel_value b, unsigned opens);
/* -1, 0, 1; 2: unordered (NaN); 3: not comparable. */
int cel_order(struct cel_value a, struct cel_value b);
bool cel_is_zero(struct cel_value v);
uint64_t cel_value_size(struct cel_value v, uint64_t max);

/* ops.c */
struct cel_value cel_binary(struct run *r, const struct node *n, struct cel_value a,
                            struct cel_value b);
struct cel_value cel_in(struct run *r, const struct node *n, struct cel_value a,
                        struct cel_value b);
struct cel_value cel_index(struct run *r, const struct node *n, struct cel_value a,
                           struct cel_value b);
struct cel_value cel_select(struct run *r, const struct node *n, struct cel_value a);
struct cel_value cel_optional(struct run *r, const struct node *n, const struct cel_value *v);

/* macros at run time (comprehend.c) */
struct cel_value cel_comprehend(struct run *r, const struct node *n);
struct cel_value cel_run_list(struct run *r, const struct node *n);
struct cel_value cel_run_map(struct run *r, const struct node *n);

/* number.c: independent of the locale. */
bool cel_parse_double(struct span s, double *out);
enum { DOUBLE_TEXT = 32 };
size_t cel_format_double(double d, char out[DOUBLE_TEXT]);
/* printf of a double with precision, '.' as point. Appends. */
MUST struct err cel_print_double(struct buf *out, char how, int precision, double d);
bool cel_parse_int(struct span s, int64_t *out);
bool cel_parse_uint(struct span s, uint64_t *out);

/* time.c */
enum { TIME_TEXT = 48 };
bool cel_parse_timestamp(struct span s, struct cel_value *out);
bool cel_parse_duration(struct span s, int64_t *nanos);
size_t cel_format_timestamp(struct cel_value v, char out[TIME_TEXT]);
size_t cel_format_duration(int64_t nanos, char out[TIME_TEXT]);
bool cel_timestamp_valid(int64_t seconds);
struct civil {
    int64_t year;
    int month, day, yday, wday, hour, minute, second; /* month 1..12, day 1..31, yday 0..365 */
};
struct civil cel_civil(int64_t seconds);
int64_t cel_days(int64_t year, int month, int day);
/* zone.c: seconds east of UTC at that instant; false for an unknown zone. */
bool cel_zone_offset(const struct cel_input *in, struct span zone, int64_t at, int64_t *offset);

/* net.c */
struct cel_net {
    uint8_t addr[16];
    uint8_t len, prefix; /* len 4 or 16 */
};
int cel_net_order(const struct cel_net *a, const struct cel_net *b);
size_t cel_format_net(struct cel_value v, char out[64]);

/* format.c: text of a value as string() or "%s" has it; ERR_INPUT: it has none. */
MUST struct err cel_format_value(struct buf *out, struct cel_value v);
/* "text" with escapes. */
MUST struct err cel_quote(struct buf *out, struct span s);

/* ---- messages (schema.c, message.c, wire.c, wellknown.c) ---- */

enum field_type {
    FT_DOUBLE = 1,
    FT_FLOAT,
    FT_INT64,
    FT_UINT64,
    FT_INT32,
    FT_FIXED64,
    FT_FIXED32,
    FT_BOOL,
    FT_STRING,
    FT_GROUP,
    FT_MESSAGE,
    FT_BYTES,
    FT_UINT32,
    FT_ENUM,
    FT_SFIXED32,
    FT_SFIXED64,
    FT_SINT32,
    FT_SINT64,
};

enum well_known {
    WK_NONE,
    WK_ANY,
    WK_TIMESTAMP,
    WK_DURATION,
    WK_STRUCT,
    WK_VALUE,
    WK_LIST,
    WK_BOOL, /* wrappers from here */
    WK_INT32,
    WK_INT64,
    WK_UINT32,
    WK_UINT64,
    WK_FLOAT,
    WK_DOUBLE,
    WK_STRING,
    WK_BYTES,
};

struct cel_enum_type {
    struct span name;
    struct enum_member {
        struct span name;
        int32_t number;
    } * v;
    size_t n, cap;
};

struct message_type;
struct field {
    struct span name;
    uint32_t number;
    uint8_t type, key, label;
    bool extension, proto3;
    uint16_t oneof; /* 0: none */
    const char *type_text, *key_text;
    struct span type_name; /* until resolved */
    struct span fallback_text;
    const struct message_type *message;
    const struct cel_enum_type *enumeration;
    struct cel_value fallback; /* what an unset scalar reads as */
};

struct message_type {
    struct span name;
    bool proto3;
    uint8_t well_known;
    struct field *v; /* by number once done */
    const struct field **by_name;
    size_t n, cap;
    struct span oneofs[16];
    unsigned n_oneof;
};

struct cel_schema {
    struct arena *a;
    struct message_type **messages; /* by name once done */
    size_t n_messages, cap_messages;
    struct cel_enum_type **enums;
    size_t n_enums, cap_enums;
    struct message_type *last;
};

/* One message: its set fields in number order, and bytes of fields it does not know. */
struct cel_message {
    const struct message_type *type;
    const struct cel_schema *schema;
    struct set_field {
        const struct field *field;
        struct cel_value value;
    } * v;
    uint32_t n, depth;
    struct span unknown;
};

const struct message_type *cel_schema_find(const struct cel_schema *s, struct span name);
const struct cel_enum_type *cel_schema_find_enum(const struct cel_schema *s, struct span name);
const struct field *cel_field_find(const struct message_type *t, struct span name);
const struct field *cel_field_number(const struct message_type *t, uint32_t number);
const struct type *cel_message_as_type(struct types *t, const struct message_type *m);
const struct type *cel_field_as_type(struct types *t, const struct field *f, bool strong);

/* The value of a field, set or not; CEL_UNSET: Any that cannot be opened. */
struct cel_value cel_get_field(struct run *r, const struct node *n, const struct cel_message *m,
                               const struct field *f);
bool cel_has_field(const struct cel_message *m, const struct field *f);
struct cel_value cel_build_message(struct run *r, const struct node *n);
bool cel_message_equal(const struct cel_message *a, const struct cel_message *b, unsigned opens);
/* What a finished message is as a CEL value: itself, or what its well-known type stands for. */
MUST struct err cel_unwrap(struct arena *a, const struct cel_message *m, struct cel_value *out);
/* A CEL value as google.protobuf.Value has it: null, bool, double, string, list, map. */
MUST struct err cel_to_json(struct arena *a, struct cel_value v, struct cel_value *out);
/* A CEL value packed into a google.protobuf.Any message. */
MUST struct err cel_pack_any(struct arena *a, const struct cel_schema *s, struct cel_value v,
                             struct cel_value *out);
MUST struct err cel_open_any(struct arena *a, const struct cel_message *any, struct cel_value *out);
MUST struct err cel_wire_decode(const struct cel_schema *s, const struct message_type *t,
                                struct span wire, struct arena *a, unsigned depth,
                                const struct cel_message **out);
MUST struct err cel_wire_encode(const struct cel_message *m, struct arena *a, struct buf *out);
/* The encoding of a value held in a field of message type t (a wrapper's inner value, …). */
MUST struct err cel_wire_value(const struct message_type *t, struct cel_value v, struct arena *a,
                               struct buf *out);
/* A message under construction; fields in any order, finished once. */
struct message_build {
    const struct message_type *type;
    const struct cel_schema *schema;
    struct arena *a;
    struct set_field *v;
    uint32_t n, cap;
    struct span unknown;
};
/* Set a field (repeated and map fields: their finished list or map). Clears its oneof's others. */
MUST struct err cel_build_set(struct message_build *b, const struct field *f, struct cel_value v);
/* ERR_LIMIT when it nests too deep. */
MUST struct err cel_build_done(struct message_build *b, const struct cel_message **out);
/* Is v what an unset field without presence reads as? */
bool cel_is_default(const struct field *f, struct cel_value v);
/* CEL_UNSET when field number `number` is not set. */
struct cel_value cel_stored(const struct cel_message *m, uint32_t number);

#endif
