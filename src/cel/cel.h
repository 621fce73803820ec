/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Common Expression Language (cel.dev, cel-spec): parse and type-check an expression once, then
 * evaluate it many times. Evaluation has no side effects, always ends, reads nothing but its input
 * and gives one value or one error. An error is an error: it never counts as true (cel_is_true).
 *
 *     struct cel_env *env;
 *     struct cel_program *p;
 *     unsigned tool;
 *     struct fault f;
 *     TRY(cel_env_new(NULL, &env));
 *     TRY(cel_env_var(env, "tool", "string", &tool));
 *     TRY(cel_compile(env, SPAN_LIT("tool == 'Bash'"), 0, &p, &f));  // f.at, f.why on failure
 *     struct cel_value vars[1] = {[0] = cel_string(SPAN_LIT("Bash"))};
 *     struct arena a = arena_init(1 << 20);
 *     struct cel_input in = {.vars = vars, .n_vars = 1, .arena = &a, .cost_max = 100000};
 *     bool yes = cel_is_true(cel_eval(p, &in, NULL));
 *     cel_program_free(p); cel_env_free(env); arena_free(&a);
 *
 * The language is complete: standard library and macros, optional types, and the extensions
 * strings, math, lists, encoders, bindings, two-variable comprehensions, network and protos.
 * Numbers that the specification leaves open: a double turns into text with 17 digits at most, in
 * exponent form below 1e-4 and from 1e17 on. Nothing here depends on the locale or the machine's
 * time zone.
 *
 * An env and a program are immutable once built: threads may share them. A program must not outlive
 * its env. Values borrow: strings, lists and messages live where the caller or the arena keeps
 * them.
 */
#ifndef SANCTUM_CEL_CEL_H
#define SANCTUM_CEL_CEL_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

/* Ceilings, all refused with an error, never a crash. Everything that recurses is bounded by one.
 */
enum {
    CEL_SOURCE_MAX = 100000, /* bytes of expression text */
    CEL_NEST_MAX = 100,      /* parentheses, brackets, calls inside each other in the text */
    CEL_DEPTH_MAX = 250,     /* depth of the expression tree (a chain of + is deep, of && is not) */
    CEL_NODES_MAX = 50000,   /* nodes of the tree */
    CEL_LOCALS_MAX = 64,     /* comprehension and bound variables visible at one place */
    CEL_VALUE_DEPTH = 64,    /* lists, maps, optionals and messages inside each other */
    CEL_PROGRAM_MAX = 32 * 1024 * 1024, /* bytes of a compiled program */
};

/* ---- values ---- */

enum cel_kind {
    CEL_UNSET, /* a variable without a value: using it is an error */
    CEL_ERROR,
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING, /* UTF-8 */
    CEL_BYTES,
    CEL_LIST,
    CEL_MAP,
    CEL_TYPE,      /* a type as a value; its name in s, n */
    CEL_TIMESTAMP, /* i seconds since 1970, n nanoseconds */
    CEL_DURATION,  /* i nanoseconds */
    CEL_OPTIONAL,  /* opt NULL: none */
    CEL_IP,
    CEL_CIDR,
    CEL_ENUM, /* only with CEL_STRONG_ENUMS: n the number as int32_t */
    CEL_MESSAGE,
};

/* Why an evaluation failed: cel_value.code of a CEL_ERROR. */
enum cel_error {
    CEL_E_OVERLOAD = 1, /* no function for these types */
    CEL_E_KEY,          /* no such key or field */
    CEL_E_INDEX,        /* index out of range */
    CEL_E_DIVIDE,       /* division or modulus by zero */
    CEL_E_RANGE,        /* result out of range */
    CEL_E_CONVERT,      /* not convertible */
    CEL_E_NAME,         /* unknown variable, function or type */
    CEL_E_REGEX,        /* bad regular expression */
    CEL_E_ARGUMENT,     /* an argument the function refuses */
    CEL_E_COST,         /* the cost limit, the deadline or the memory ceiling: nothing absorbs it */
};

struct cel_list;
struct cel_map;
struct cel_message;
struct cel_enum_type;
struct cel_net;

/* 16 bytes, passed by value. */
struct cel_value {
    uint8_t kind;
    uint8_t fatal; /* CEL_ERROR only: && and || do not absorb it */
    uint16_t code; /* CEL_ERROR only: enum cel_error */
    uint32_t n;    /* bytes of s, entries of list and map, nanoseconds, position of an error */
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const uint8_t *s;
        const struct cel_list *list;
        const struct cel_map *map;
        const struct cel_value *opt;
        const struct cel_message *msg;
        const struct cel_enum_type *enumeration;
        const struct cel_net *net;
        const char *why; /* CEL_ERROR: one constant English sentence */
    };
};

struct cel_list {
    const struct cel_value *v;
    uint32_t n, depth;
};

struct cel_entry {
    struct cel_value key, value;
};

struct cel_map {
    const struct cel_entry *v; /* in order of insertion */
    const uint32_t *sorted;    /* by key, when there are more than a few; else NULL */
    uint32_t n, depth;
};

static inline struct cel_value cel_null(void)
{
    return (struct cel_value){.kind = CEL_NULL};
}
static inline struct cel_value cel_bool(bool b)
{
    return (struct cel_value){.kind = CEL_BOOL, .b = b};
}
static inline struct cel_value cel_int(int64_t i)
{
    return (struct cel_value){.kind = CEL_INT, .i = i};
}
static inline struct cel_value cel_uint(uint64_t u)
{
    return (struct cel_value){.kind = CEL_UINT, .u = u};
}
static inline struct cel_value cel_double(double d)
{
    return (struct cel_value){.kind = CEL_DOUBLE, .d = d};
}
/* Must be UTF-8 and shorter than 4 GiB. */
static inline struct cel_value cel_string(struct span s)
{
    return (struct cel_value){.kind = CEL_STRING, .n = (uint32_t)s.n, .s = s.p};
}
static inline struct cel_value cel_bytes(struct span s)
{
    return (struct cel_value){.kind = CEL_BYTES, .n = (uint32_t)s.n, .s = s.p};
}
/* The text of a string, bytes or type value. */
static inline struct span cel_text(struct cel_value v)
{
    return (struct span){v.s, v.n};
}
/* The only test a policy needs: everything but the value true is no. */
static inline bool cel_is_true(struct cel_value v)
{
    return v.kind == CEL_BOOL && v.b;
}

/* A list over v, which is borrowed. ERR_LIMIT over CEL_VALUE_DEPTH or the arena's ceiling. */
MUST struct err cel_list_of(struct arena *a, const struct cel_value *v, size_t n,
                            struct cel_value *out);
/* A map over v (borrowed). ERR_INPUT when a key is no int, uint, bool or string, or comes twice. */
MUST struct err cel_map_of(struct arena *a, const struct cel_entry *v, size_t n,
                           struct cel_value *out);
/* ERR_INPUT outside the years 1 to 9999. */
MUST struct err cel_timestamp_of(int64_t seconds, uint32_t nanos, struct cel_value *out);
/* The value of `key`, kind CEL_UNSET when there is none. Cost O(log n). */
struct cel_value cel_map_get(const struct cel_map *m, struct cel_value key);
/* Equality as the language has it: never an error, numbers on one line. */
bool cel_equal(struct cel_value a, struct cel_value b);
/* The name that type(v) has. */
struct span cel_type_name(struct cel_value v);
/* v as text, as string() and "%s" have it, and quoted where it stands in a list: for people. */
MUST struct err cel_print(struct cel_value v, struct buf *out);

/* ---- protobuf messages ---- */

struct cel_schema; /* message, enum and extension types */

enum cel_field_label {
    CEL_IMPLICIT,
    CEL_OPTIONAL_FIELD,
    CEL_REQUIRED,
    CEL_REPEATED,
    CEL_MAP_FIELD
};

struct cel_field_decl {
    const char *name; /* an extension: its full name */
    uint32_t number;
    enum cel_field_label label;
    const char *type; /* "int32", …, or a full message or enum name; of a map's values */
    const char *key;  /* a map's key type */
    const char *oneof;
    const char *fallback; /* the declared default as text */
    bool group;
};

/* An empty schema that knows google.protobuf's well-known types. Everything it is told is copied
 * into `a`, which must outlive it. */
MUST struct err cel_schema_new(struct arena *a, struct cel_schema **out);
MUST struct err cel_schema_message(struct cel_schema *s, const char *name, bool proto3);
/* A field of the message added last. */
MUST struct err cel_schema_field(struct cel_schema *s, const struct cel_field_decl *f);
MUST struct err cel_schema_extension(struct cel_schema *s, const char *extends,
                                     const struct cel_field_decl *f);
MUST struct err cel_schema_enum(struct cel_schema *s, const char *name);
/* A member of the enum added last. */
MUST struct err cel_schema_member(struct cel_schema *s, const char *name, int32_t number);
/* Resolve the names; to be called once at the end. ERR_INPUT when a type is missing. */
MUST struct err cel_schema_done(struct cel_schema *s);

/* The protobuf encoding of message `type` to a value (well-known types become their CEL values).
 * ERR_INPUT when the bytes are no such message. */
MUST struct err cel_message_decode(const struct cel_schema *s, struct span type, struct span wire,
                                   struct arena *a, struct cel_value *out);
/* Append the encoding, fields in number order. Also of a timestamp and a duration. */
MUST struct err cel_message_encode(struct cel_value v, struct arena *scratch, struct buf *out);
/* The value of an enum constant under CEL_STRONG_ENUMS; ERR_INPUT when the enum is unknown. */
MUST struct err cel_enum_of(const struct cel_schema *s, struct span type, int32_t number,
                            struct cel_value *out);
/* Walk a message's set fields in number order: *iter starts at 0; false at the end. The name of an
 * extension comes as its full name with *extension true. */
struct cel_message_item {
    struct span name;
    bool extension;
    const char *type;    /* "int32", …, "enum", "message" */
    const char *key;     /* of a map, else NULL */
    struct span message; /* full name of the field's message type, if it is one */
    enum cel_field_label label;
    struct cel_value value; /* as a CEL value; google.protobuf.Any stays a message */
};
bool cel_message_next(const struct cel_message *m, size_t *iter, struct cel_message_item *item);
struct span cel_message_type(const struct cel_message *m);

/* ---- environment ---- */

struct cel_env;

enum cel_env_flag {
    CEL_STRONG_ENUMS = 1, /* enum constants are values of their own type, not ints */
    CEL_BLOCKS = 2,       /* macros cel.block, cel.index, cel.iterVar, cel.accuVar */
};

struct cel_env_options {
    const char *container; /* scope for names, "" or NULL for the root */
    const struct cel_schema *schema;
    unsigned flags;
};

/* `o` may be NULL; what it points to must outlive the env. */
MUST struct err cel_env_new(const struct cel_env_options *o, struct cel_env **out);
void cel_env_free(struct cel_env *env);

/*
 * Declare a variable; *slot (may be NULL) is where cel_input.vars holds its value. `type` is text:
 * bool int uint double string bytes null_type dyn any timestamp duration list(T) map(K, V)
 * message(full.name) wrapper(T) type(T) param(NAME) abstract(NAME, T…). Names may be dotted.
 * ERR_INPUT: bad type or name; declared twice.
 */
MUST struct err cel_env_var(struct cel_env *env, const char *name, const char *type,
                            unsigned *slot);

struct cel_call; /* one evaluation, as a host function sees it */
typedef struct cel_value cel_function(struct cel_call *call, const struct cel_value *args,
                                      unsigned n, void *arg);
struct cel_function_decl {
    const char *name; /* may be dotted: "sanctum.risk" */
    bool member;      /* called as args[0].name(…) */
    const char *const *params;
    unsigned n_params;
    const char *result;
    cel_function *run; /* pure and bounded; NULL: declared for the checker only */
    void *arg;
};
/* Declare one overload. Its arguments are never errors; their types are not checked where the
 * checker saw dyn, so the function looks at kinds itself and returns cel_fail otherwise. */
MUST struct err cel_env_function(struct cel_env *env, const struct cel_function_decl *f);
/* For host functions: an error, the evaluation's memory, and paying for work done (1 unit is about
 * 10 ns; false when the limit is reached: return any value, the evaluation ends). */
struct cel_value cel_fail(enum cel_error code, const char *why);
struct arena *cel_call_arena(struct cel_call *call);
bool cel_call_charge(struct cel_call *call, uint64_t cost);

/* ---- programs ---- */

struct cel_program;

enum cel_compile_flag { CEL_NO_CHECK = 1 /* no type errors: unknown names fail when evaluated */ };

/*
 * Parse, resolve names, check types. ERR_INPUT or ERR_LIMIT with `f`: byte position and reason.
 * Cost: about 0.2 µs a token.
 */
MUST struct err cel_compile(const struct cel_env *env, struct span source, unsigned flags,
                            struct cel_program **out, struct fault *f);
void cel_program_free(struct cel_program *p);
/* Append the deduced type in cel_env_var's notation ("dyn" without the checker). */
MUST struct err cel_program_type(const struct cel_program *p, struct buf *out);

/* TZif bytes (RFC 8536) of an IANA zone name, valid during the evaluation; false: no such zone. The
 * name was checked: letters, digits and _ + - / only, no "..", no leading "/". */
typedef bool cel_zone(void *arg, struct span name, struct span *tzif);

struct cel_input {
    const struct cel_value *vars; /* by slot; those missing are CEL_UNSET */
    size_t n_vars;
    struct arena *arena; /* where results go: reset it between evaluations; its ceiling holds */
    uint64_t cost_max;   /* 0: 1,000,000 */
    cel_zone *zone;      /* NULL: fixed offsets and UTC only */
    void *zone_arg;
    bool (*stop)(void *arg); /* asked every 1024 cost units; true ends the evaluation */
    void *stop_arg;
};

/*
 * Evaluate. The result lives in the arena, the program and the input. `cost` (may be NULL) gets
 * what it cost: 1 a node, plus 0.1 a byte read or made, plus elements compared or copied.
 */
MUST struct cel_value cel_eval(const struct cel_program *p, const struct cel_input *in,
                               uint64_t *cost);

#endif
