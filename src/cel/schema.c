/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: message, enum and extension types, by name; the well-known types are built in. */
#include "cel_int.h"

#include <stdlib.h>

enum { MANY = 1 << 16 };

/* A zeroed place at the end of a growing array in the schema's arena. */
static struct err grow(struct arena *a, void **v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return OK;
    size_t more = *cap ? *cap * 2 : 8;
    void *m;
    if (more > MANY)
        return err(ERR_LIMIT);
    TRY(arena_take(a, more * size, &m));
    if (n)
        memcpy(m, *v, n * size);
    *v = m;
    *cap = more;
    return OK;
}

static struct err copy(struct arena *a, const char *text, struct span *out)
{
    return arena_copy(a, span_str(text), out);
}

static uint8_t well_known(struct span name)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } known[] = {{"Any", WK_ANY},
                 {"Timestamp", WK_TIMESTAMP},
                 {"Duration", WK_DURATION},
                 {"Struct", WK_STRUCT},
                 {"Value", WK_VALUE},
                 {"ListValue", WK_LIST},
                 {"BoolValue", WK_BOOL},
                 {"Int32Value", WK_INT32},
                 {"Int64Value", WK_INT64},
                 {"UInt32Value", WK_UINT32},
                 {"UInt64Value", WK_UINT64},
                 {"FloatValue", WK_FLOAT},
                 {"DoubleValue", WK_DOUBLE},
                 {"StringValue", WK_STRING},
                 {"BytesValue", WK_BYTES}};
    struct span scope = SPAN_LIT("google.protobuf.");
    if (!span_starts(name, scope))
        return WK_NONE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_is(span_from(name, scope.n), known[i].name))
            return known[i].kind;
    return WK_NONE;
}

struct err cel_schema_message(struct cel_schema *s, const char *name, bool proto3)
{
    void *m;
    TRY(grow(s->a, (void **)&s->messages, s->n_messages, &s->cap_messages, sizeof *s->messages));
    TRY(arena_take(s->a, sizeof(struct message_type), &m));
    s->last = m;
    s->last->proto3 = proto3;
    TRY(copy(s->a, name, &s->last->name));
    s->last->well_known = well_known(s->last->name);
    s->messages[s->n_messages++] = s->last;
    return OK;
}

static const struct {
    const char *name;
    uint8_t type;
} scalars[] = {{"double", FT_DOUBLE},     {"float", FT_FLOAT},   {"int64", FT_INT64},
               {"uint64", FT_UINT64},     {"int32", FT_INT32},   {"fixed64", FT_FIXED64},
               {"fixed32", FT_FIXED32},   {"bool", FT_BOOL},     {"string", FT_STRING},
               {"bytes", FT_BYTES},       {"uint32", FT_UINT32}, {"sfixed32", FT_SFIXED32},
               {"sfixed64", FT_SFIXED64}, {"sint32", FT_SINT32}, {"sint64", FT_SINT64}};

static uint8_t scalar(const char *name, const char **text)
{
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        if (strcmp(scalars[i].name, name) == 0) {
            *text = scalars[i].name;
            return scalars[i].type;
        }
    }
    return 0;
}

static struct err oneof(struct cel_schema *s, struct message_type *t, const char *name,
                        uint16_t *out)
{
    for (unsigned i = 0; i < t->n_oneof; i++) {
        if (span_is(t->oneofs[i], name)) {
            *out = (uint16_t)(i + 1);
            return OK;
        }
    }
    if (t->n_oneof == sizeof t->oneofs / sizeof *t->oneofs)
        return err(ERR_LIMIT);
    TRY(copy(s->a, name, &t->oneofs[t->n_oneof]));
    *out = (uint16_t)++t->n_oneof;
    return OK;
}

static struct err add_field(struct cel_schema *s, struct message_type *t,
                            const struct cel_field_decl *d, bool extension)
{
    struct field f = {.number = d->number,
                      .label = (uint8_t)d->label,
                      .extension = extension,
                      .proto3 = t->proto3,
                      .type_text = "message"};
    TRY(grow(s->a, (void **)&t->v, t->n, &t->cap, sizeof *t->v));
    TRY(copy(s->a, d->name, &f.name));
    f.type = scalar(d->type, &f.type_text);
    if (!f.type)
        TRY(copy(s->a, d->type, &f.type_name));
    if (d->group)
        f.type = FT_GROUP;
    if (d->label == CEL_MAP_FIELD && (!d->key || !(f.key = scalar(d->key, &f.key_text))))
        return err(ERR_INPUT);
    if (d->oneof)
        TRY(oneof(s, t, d->oneof, &f.oneof));
    if (d->fallback)
        TRY(copy(s->a, d->fallback, &f.fallback_text));
    t->v[t->n++] = f;
    return OK;
}

struct err cel_schema_field(struct cel_schema *s, const struct cel_field_decl *f)
{
    return s->last ? add_field(s, s->last, f, false) : err(ERR_INPUT);
}

struct err cel_schema_extension(struct cel_schema *s, const char *extends,
                                const struct cel_field_decl *f)
{
    for (size_t i = 0; i < s->n_messages; i++)
        if (span_is(s->messages[i]->name, extends))
            return add_field(s, s->messages[i], f, true);
    return err(ERR_INPUT);
}

struct err cel_schema_enum(struct cel_schema *s, const char *name)
{
    void *m;
    TRY(grow(s->a, (void **)&s->enums, s->n_enums, &s->cap_enums, sizeof *s->enums));
    TRY(arena_take(s->a, sizeof(struct cel_enum_type), &m));
    s->enums[s->n_enums] = m;
    return copy(s->a, name, &s->enums[s->n_enums++]->name);
}

struct err cel_schema_member(struct cel_schema *s, const char *name, int32_t number)
{
    if (s->n_enums == 0)
        return err(ERR_INPUT);
    struct cel_enum_type *e = s->enums[s->n_enums - 1];
    TRY(grow(s->a, (void **)&e->v, e->n, &e->cap, sizeof *e->v));
    TRY(copy(s->a, name, &e->v[e->n].name));
    e->v[e->n++].number = number;
    return OK;
}

/* ---- the well-known types ---- */

struct known_field {
    const char *message, *name;
    uint32_t number;
    enum cel_field_label label;
    const char *type, *key, *oneof;
};
#define G "google.protobuf."
#define ONE(m, t)                                                                                  \
    {                                                                                              \
        G m, "value", 1, CEL_IMPLICIT, t, NULL, NULL                                               \
    }
#define KIND(n, i, t)                                                                              \
    {                                                                                              \
        G "Value", n, i, CEL_OPTIONAL_FIELD, t, NULL, "kind"                                       \
    }
static const struct known_field known_fields[] = {
    {G "Any", "type_url", 1, CEL_IMPLICIT, "string", NULL, NULL},
    {G "Any", "value", 2, CEL_IMPLICIT, "bytes", NULL, NULL},
    {G "Duration", "seconds", 1, CEL_IMPLICIT, "int64", NULL, NULL},
    {G "Duration", "nanos", 2, CEL_IMPLICIT, "int32", NULL, NULL},
    {G "Timestamp", "seconds", 1, CEL_IMPLICIT, "int64", NULL, NULL},
    {G "Timestamp", "nanos", 2, CEL_IMPLICIT, "int32", NULL, NULL},
    {G "FieldMask", "paths", 1, CEL_REPEATED, "string", NULL, NULL},
    {G "Struct", "fields", 1, CEL_MAP_FIELD, G "Value", "string", NULL},
    {G "ListValue", "values", 1, CEL_REPEATED, G "Value", NULL, NULL},
    {G "Empty", NULL, 0, CEL_IMPLICIT, NULL, NULL, NULL},
    KIND("null_value", 1, G "NullValue"),
    KIND("number_value", 2, "double"),
    KIND("string_value", 3, "string"),
    KIND("bool_value", 4, "bool"),
    KIND("struct_value", 5, G "Struct"),
    KIND("list_value", 6, G "ListValue"),
    ONE("BoolValue", "bool"),
    ONE("Int32Value", "int32"),
    ONE("Int64Value", "int64"),
    ONE("UInt32Value", "uint32"),
    ONE("UInt64Value", "uint64"),
    ONE("FloatValue", "float"),
    ONE("DoubleValue", "double"),
    ONE("StringValue", "string"),
    ONE("BytesValue", "bytes"),
};

static struct err add_known(struct cel_schema *s)
{
    const char *message = NULL;
    for (size_t i = 0; i < sizeof known_fields / sizeof *known_fields; i++) {
        const struct known_field *k = &known_fields[i];
        if (!message || strcmp(message, k->message) != 0)
            TRY(cel_schema_message(s, message = k->message, true));
        const struct cel_field_decl d = {.name = k->name,
                                         .number = k->number,
                                         .label = k->label,
                                         .type = k->type,
                                         .key = k->key,
                                         .oneof = k->oneof};
        if (k->name)
            TRY(cel_schema_field(s, &d));
    }
    TRY(cel_schema_enum(s, G "NullValue"));
    return cel_schema_member(s, "NULL_VALUE", 0);
}

struct err cel_schema_new(struct arena *a, struct cel_schema **out)
{
    void *m;
    TRY(arena_take(a, sizeof(struct cel_schema), &m));
    struct cel_schema *s = m;
    s->a = a;
    TRY(add_known(s));
    *out = s;
    return OK;
}

/* ---- done ---- */

static int by_message(const void *a, const void *b)
{
    return span_cmp((*(struct message_type *const *)a)->name,
                    (*(struct message_type *const *)b)->name);
}

static int by_enum(const void *a, const void *b)
{
    return span_cmp((*(struct cel_enum_type *const *)a)->name,
                    (*(struct cel_enum_type *const *)b)->name);
}

static int by_number(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

static int by_field_name(const void *a, const void *b)
{
    return span_cmp((*(const struct field *const *)a)->name,
                    (*(const struct field *const *)b)->name);
}

static struct err set_fallback(struct field *f)
{
    struct span s = f->fallback_text;
    f->fallback = (struct cel_value){.kind = CEL_INT};
    switch (f->type) {
    case FT_DOUBLE:
    case FT_FLOAT:
        f->fallback.kind = CEL_DOUBLE;
        return !s.n || cel_parse_double(s, &f->fallback.d) ? OK : err(ERR_INPUT);
    case FT_UINT32:
    case FT_UINT64:
    case FT_FIXED32:
    case FT_FIXED64:
        f->fallback.kind = CEL_UINT;
        return !s.n || cel_parse_uint(s, &f->fallback.u) ? OK : err(ERR_INPUT);
    case FT_BOOL:
        f->fallback = cel_bool(span_is(s, "true"));
        return OK;
    case FT_STRING:
        f->fallback = cel_string(s);
        return OK;
    case FT_BYTES:
        f->fallback = cel_bytes(s);
        return OK;
    case FT_ENUM:
        f->fallback.i = f->enumeration->n ? f->enumeration->v[0].number : 0;
        for (size_t i = 0; i < f->enumeration->n; i++)
            if (span_eq(f->enumeration->v[i].name, s))
                f->fallback.i = f->enumeration->v[i].number;
        return OK;
    case FT_MESSAGE:
    case FT_GROUP:
        return OK;
    default:
        return !s.n || cel_parse_int(s, &f->fallback.i) ? OK : err(ERR_INPUT);
    }
}

static struct err resolve_field(struct cel_schema *s, struct field *f)
{
    if (f->type_name.n) {
        f->message = cel_schema_find(s, f->type_name);
        f->enumeration = f->message ? NULL : cel_schema_find_enum(s, f->type_name);
        if (!f->message && !f->enumeration)
            return err(ERR_INPUT);
        if (f->type != FT_GROUP)
            f->type = f->message ? FT_MESSAGE : FT_ENUM;
        if (f->enumeration)
            f->type_text = "enum";
    }
    return set_fallback(f);
}

struct err cel_schema_done(struct cel_schema *s)
{
    qsort(s->messages, s->n_messages, sizeof *s->messages, by_message);
    qsort(s->enums, s->n_enums, sizeof *s->enums, by_enum);
    for (size_t i = 0; i < s->n_messages; i++) {
        struct message_type *t = s->messages[i];
        void *m;
        TRY(arena_take(s->a, t->n * sizeof *t->by_name, &m));
        t->by_name = m;
        if (t->n)
            qsort(t->v, t->n, sizeof *t->v, by_number);
        for (size_t k = 0; k < t->n; k++) {
            TRY(resolve_field(s, &t->v[k]));
            t->by_name[k] = &t->v[k];
        }
        if (t->n)
            qsort(t->by_name, t->n, sizeof *t->by_name, by_field_name);
    }
    return OK;
}

const struct message_type *cel_schema_find(const struct cel_schema *s, struct span name)
{
    size_t lo = 0, hi = s->n_messages;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = span_cmp(s->messages[mid]->name, name);
        if (c == 0)
            return s->messages[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct cel_enum_type *cel_schema_find_enum(const struct cel_schema *s, struct span name)
{
    for (size_t i = 0; i < s->n_enums; i++)
        if (span_eq(s->enums[i]->name, name))
            return s->enums[i];
    return NULL;
}

const struct field *cel_field_find(const struct message_type *t, struct span name)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = span_cmp(t->by_name[mid]->name, name);
        if (c == 0)
            return t->by_name[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct field *cel_field_number(const struct message_type *t, uint32_t number)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (t->v[mid].number == number)
            return &t->v[mid];
        if (t->v[mid].number < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

struct err cel_enum_of(const struct cel_schema *s, struct span type, int32_t number,
                       struct cel_value *out)
{
    const struct cel_enum_type *e = cel_schema_find_enum(s, type);
    if (!e)
        return err(ERR_INPUT);
    *out = (struct cel_value){.kind = CEL_ENUM, .n = (uint32_t)number, .enumeration = e};
    return OK;
}
