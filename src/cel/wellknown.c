/* SPDX-License-Identifier: Apache-2.0 */
/*
 * google.protobuf's well-known types: what their messages are as CEL values, how CEL values become
 * JSON values (Value, Struct, ListValue), and packing into and opening of Any.
 */
#include "cel_int.h"

#include "b64.h"

#include <stdio.h>

enum { BILLION = 1000000000 };
static const int64_t JSON_INT_MAX = (INT64_C(1) << 53) - 1;

static int64_t stored_int(const struct cel_message *m, uint32_t number)
{
    struct cel_value v = cel_stored(m, number);
    return v.kind == CEL_UNSET ? 0 : v.i;
}

static struct err as_duration(int64_t seconds, int64_t nanos, struct cel_value *out)
{
    int64_t v;
    if (nanos <= -BILLION || nanos >= BILLION ||
        __builtin_mul_overflow(seconds, (int64_t)BILLION, &v) ||
        __builtin_add_overflow(v, nanos, &v))
        return err(ERR_INPUT);
    *out = (struct cel_value){.kind = CEL_DURATION, .i = v};
    return OK;
}

static struct err as_value(const struct cel_message *m, struct cel_value *out)
{
    *out = m->n && m->v[0].field->number != 1 ? m->v[0].value : cel_null();
    return OK;
}

struct err cel_unwrap(struct arena *a, const struct cel_message *m, struct cel_value *out)
{
    int64_t nanos;
    *out = cel_stored(m, 1);
    switch (m->type->well_known) {
    case WK_NONE:
        *out = (struct cel_value){.kind = CEL_MESSAGE, .msg = m};
        return OK;
    case WK_ANY:
        return cel_open_any(a, m, out);
    case WK_TIMESTAMP:
        nanos = stored_int(m, 2);
        if (nanos < 0 || nanos >= BILLION)
            return err(ERR_INPUT);
        return cel_timestamp_of(stored_int(m, 1), (uint32_t)nanos, out);
    case WK_DURATION:
        return as_duration(stored_int(m, 1), stored_int(m, 2), out);
    case WK_VALUE:
        return as_value(m, out);
    case WK_STRUCT:
        return out->kind == CEL_UNSET ? cel_map_of(a, NULL, 0, out) : OK;
    case WK_LIST:
        return out->kind == CEL_UNSET ? cel_list_of(a, NULL, 0, out) : OK;
    default:
        if (out->kind == CEL_UNSET)
            *out = cel_field_number(m->type, 1)->fallback;
        return OK;
    }
}

/* ---- JSON ---- */

static struct err text(struct arena *a, const char *s, size_t n, struct cel_value *out)
{
    struct span copy;
    TRY(arena_copy(a, span(s, n), &copy));
    *out = cel_string(copy);
    return OK;
}

static struct err json_bytes(struct arena *a, struct cel_value v, struct cel_value *out)
{
    size_t n = b64_len(v.n, B64_STD);
    void *m;
    TRY(arena_take(a, n, &m));
    struct wr w = wr_of(m, n);
    b64_encode(&w, cel_text(v), B64_STD);
    *out = cel_string(wr_span(&w));
    return wr_done(&w);
}

static struct err json_list(struct arena *a, const struct cel_list *l, struct cel_value *out)
{
    void *m;
    TRY(arena_take(a, l->n * sizeof(struct cel_value), &m));
    struct cel_value *v = m;
    for (uint32_t i = 0; i < l->n; i++)
        TRY(cel_to_json(a, l->v[i], &v[i]));
    return cel_list_of(a, v, l->n, out);
}

static struct err json_map(struct arena *a, const struct cel_map *in, struct cel_value *out)
{
    void *m;
    TRY(arena_take(a, in->n * sizeof(struct cel_entry), &m));
    struct cel_entry *v = m;
    for (uint32_t i = 0; i < in->n; i++) {
        if (in->v[i].key.kind != CEL_STRING)
            return err(ERR_INPUT);
        v[i].key = in->v[i].key;
        TRY(cel_to_json(a, in->v[i].value, &v[i].value));
    }
    return cel_map_of(a, v, in->n, out);
}

/* foo_bar,baz → "fooBar,baz" */
static struct err json_mask(struct arena *a, const struct cel_message *m, struct cel_value *out)
{
    struct cel_value paths = cel_stored(m, 1);
    size_t size = 0;
    void *p;
    uint32_t n = paths.kind == CEL_LIST ? paths.list->n : 0;
    for (uint32_t i = 0; i < n; i++)
        size += paths.list->v[i].n + 1;
    TRY(arena_take(a, size, &p));
    struct wr w = wr_of(p, size);
    for (uint32_t i = 0; i < n; i++) {
        struct span s = cel_text(paths.list->v[i]);
        if (i)
            wr_u8(&w, ',');
        for (size_t k = 0; k < s.n; k++) {
            bool up = s.p[k] == '_' && k + 1 < s.n && s.p[k + 1] >= 'a' && s.p[k + 1] <= 'z';
            k += up;
            wr_u8(&w, up ? (uint8_t)(s.p[k] - 32) : s.p[k]);
        }
    }
    *out = cel_string(wr_span(&w));
    return wr_done(&w);
}

static struct err json_message(struct arena *a, const struct cel_message *m, struct cel_value *out)
{
    if (span_is(m->type->name, "google.protobuf.FieldMask"))
        return json_mask(a, m, out);
    if (span_is(m->type->name, "google.protobuf.Empty"))
        return cel_map_of(a, NULL, 0, out);
    return err(ERR_INPUT);
}

/* As deep as the value. */
struct err cel_to_json(struct arena *a, struct cel_value v, struct cel_value *out)
{
    char digits[TIME_TEXT];
    *out = v;
    switch (v.kind) {
    case CEL_NULL:
    case CEL_BOOL:
    case CEL_DOUBLE:
    case CEL_STRING:
        return OK;
    case CEL_INT:
        if (v.i >= -JSON_INT_MAX && v.i <= JSON_INT_MAX) {
            *out = cel_double((double)v.i);
            return OK;
        }
        return text(a, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)v.i),
                    out);
    case CEL_UINT:
        if (v.u <= (uint64_t)JSON_INT_MAX) {
            *out = cel_double((double)v.u);
            return OK;
        }
        return text(a, digits,
                    (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)v.u), out);
    case CEL_BYTES:
        return json_bytes(a, v, out);
    case CEL_TIMESTAMP:
        return text(a, digits, cel_format_timestamp(v, digits), out);
    case CEL_DURATION:
        return text(a, digits, cel_format_duration(v.i, digits), out);
    case CEL_LIST:
        return json_list(a, v.list, out);
    case CEL_MAP:
        return json_map(a, v.map, out);
    case CEL_MESSAGE:
        return json_message(a, v.msg, out);
    default:
        return err(ERR_INPUT);
    }
}

/* ---- Any ---- */

static const char *wrapper_of(struct cel_value v)
{
    static const char *const names[] = {
        [CEL_NULL] = "Value",          [CEL_BOOL] = "BoolValue",     [CEL_INT] = "Int64Value",
        [CEL_UINT] = "UInt64Value",    [CEL_DOUBLE] = "DoubleValue", [CEL_STRING] = "StringValue",
        [CEL_BYTES] = "BytesValue",    [CEL_LIST] = "ListValue",     [CEL_MAP] = "Struct",
        [CEL_TIMESTAMP] = "Timestamp", [CEL_DURATION] = "Duration"};
    return v.kind <= CEL_DURATION ? names[v.kind] : NULL;
}

/* The message type that v is packed as. */
static const struct message_type *packed_type(const struct cel_schema *s, struct cel_value v)
{
    char name[64];
    if (v.kind == CEL_MESSAGE)
        return v.msg->type;
    const char *short_name = wrapper_of(v);
    if (!short_name)
        return NULL;
    int n = snprintf(name, sizeof name, "google.protobuf.%s", short_name);
    return cel_schema_find(s, span(name, (size_t)n));
}

struct err cel_pack_any(struct arena *a, const struct cel_schema *s, struct cel_value v,
                        struct cel_value *out)
{
    static const char prefix[] = "type.googleapis.com/";
    const struct message_type *t = packed_type(s, v), *any;
    *out = v;
    if (!t)
        return err(ERR_INPUT);
    if (t->well_known == WK_ANY)
        return OK;
    if (v.kind == CEL_LIST || v.kind == CEL_MAP)
        TRY(cel_to_json(a, v, &v));
    any = cel_schema_find(s, SPAN_LIT("google.protobuf.Any"));
    BUF_AUTO wire = buf_init(a->max);
    TRY(cel_wire_value(t, v, a, &wire));
    struct span bytes;
    void *m;
    size_t size = sizeof prefix - 1 + t->name.n;
    TRY(arena_copy(a, buf_span(&wire), &bytes));
    TRY(arena_take(a, size, &m));
    struct wr w = wr_of(m, size);
    wr_str(&w, prefix);
    wr_put(&w, t->name);
    struct message_build b = {.type = any, .schema = s, .a = a};
    TRY(cel_build_set(&b, cel_field_number(any, 1), cel_string(wr_span(&w))));
    TRY(cel_build_set(&b, cel_field_number(any, 2), cel_bytes(bytes)));
    *out = (struct cel_value){.kind = CEL_MESSAGE};
    return cel_build_done(&b, &out->msg);
}

struct err cel_open_any(struct arena *a, const struct cel_message *any, struct cel_value *out)
{
    struct cel_value url = cel_stored(any, 1), bytes = cel_stored(any, 2);
    if (url.kind != CEL_STRING)
        return err(ERR_INPUT);
    struct span name = cel_text(url);
    for (size_t slash; (slash = span_find(name, 0, '/')) < name.n;)
        name = span_from(name, slash + 1);
    const struct message_type *t = cel_schema_find(any->schema, name);
    const struct cel_message *m;
    if (!t)
        return err(ERR_INPUT);
    TRY(cel_wire_decode(any->schema, t, bytes.kind == CEL_BYTES ? cel_text(bytes) : SPAN_NONE, a, 0,
                        &m));
    if (t->well_known == WK_ANY)
        return err(ERR_INPUT);
    return cel_unwrap(a, m, out);
}

/* ---- types ---- */

const struct type *cel_message_as_type(struct types *t, const struct message_type *m)
{
    static const uint8_t inner[] = {
        [WK_BOOL] = TY_BOOL,     [WK_INT32] = TY_INT,     [WK_INT64] = TY_INT,
        [WK_UINT32] = TY_UINT,   [WK_UINT64] = TY_UINT,   [WK_FLOAT] = TY_DOUBLE,
        [WK_DOUBLE] = TY_DOUBLE, [WK_STRING] = TY_STRING, [WK_BYTES] = TY_BYTES};
    const struct type *map[] = {TYPE(STRING), TYPE(DYN)};
    switch (m->well_known) {
    case WK_NONE:
        return cel_type_new(t, TY_MESSAGE, m->name, 0, NULL);
    case WK_ANY:
        return TYPE(ANY);
    case WK_TIMESTAMP:
        return TYPE(TIMESTAMP);
    case WK_DURATION:
        return TYPE(DURATION);
    case WK_STRUCT:
        return cel_type_new(t, TY_MAP, SPAN_NONE, 2, map);
    case WK_LIST:
        return cel_type_of1(t, TY_LIST, TYPE(DYN));
    case WK_VALUE:
        return TYPE(DYN);
    default:
        return cel_type_of1(t, TY_WRAPPER, &cel_types[inner[m->well_known]]);
    }
}

static const struct type *scalar_type(uint8_t type)
{
    switch (type) {
    case FT_DOUBLE:
    case FT_FLOAT:
        return TYPE(DOUBLE);
    case FT_UINT32:
    case FT_UINT64:
    case FT_FIXED32:
    case FT_FIXED64:
        return TYPE(UINT);
    case FT_BOOL:
        return TYPE(BOOL);
    case FT_STRING:
        return TYPE(STRING);
    case FT_BYTES:
        return TYPE(BYTES);
    default:
        return TYPE(INT);
    }
}

static const struct type *element_type(struct types *t, const struct field *f, bool strong)
{
    if (f->message)
        return cel_message_as_type(t, f->message);
    if (f->type == FT_ENUM && span_is(f->enumeration->name, "google.protobuf.NullValue"))
        return TYPE(DYN);
    if (f->type == FT_ENUM && strong)
        return cel_type_new(t, TY_ENUM, f->enumeration->name, 0, NULL);
    return scalar_type(f->type);
}

const struct type *cel_field_as_type(struct types *t, const struct field *f, bool strong)
{
    const struct type *one = element_type(t, f, strong);
    if (f->label == CEL_REPEATED)
        return cel_type_of1(t, TY_LIST, one);
    if (f->label != CEL_MAP_FIELD)
        return one;
    const struct type *arg[] = {scalar_type(f->key), one};
    return cel_type_new(t, TY_MAP, SPAN_NONE, 2, arg);
}
