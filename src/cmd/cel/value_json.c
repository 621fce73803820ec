/* SPDX-License-Identifier: Apache-2.0 */
/* Values to JSON in the suite's typed form (test/cel/data/DATA.md): {"t": …, "v": …}. */
#include "b64.h"
#include "jcs.h"
#include "json.h"
#include "suite_int.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIRE_MAX = 64 * 1024 * 1024 };

static const char *wrapped(struct span type)
{
    static const char *const names[] = {"Bool",  "Bytes",  "Double", "Float", "Int32",
                                        "Int64", "String", "UInt32", "UInt64"};
    char full[48];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(full, sizeof full, "google.protobuf.%sValue", names[i]);
        if (span_is(type, full))
            return names[i];
    }
    return NULL;
}

static void put_hex(struct json_put *p, const char *name, struct span s)
{
    char *text = malloc(2 * s.n + 1);
    if (!text) {
        p->e = err(ERR_NOMEM);
        return;
    }
    struct wr w = wr_of(text, 2 * s.n);
    hex_encode(&w, s);
    json_put_str(p, name, wr_span(&w));
    free(text);
}

/* The shortest decimal that reads back the same, with a point or an exponent in it. */
static size_t double_text(double d, char out[JCS_NUMBER_MAX + 12])
{
    size_t n = jcs_number(d, (uint8_t *)out);
    if (n == 0)
        return (size_t)snprintf(out, JCS_NUMBER_MAX + 12, "%s",
                                d != d  ? "NaN"
                                : d > 0 ? "Infinity"
                                        : "-Infinity");
    bool whole = true;
    for (size_t i = 0; i < n; i++)
        whole &= out[i] != '.' && out[i] != 'e';
    if (whole) {
        out[n++] = '.';
        out[n++] = '0';
    }
    return n;
}

static void put_number(struct json_put *p, const char *name, struct cel_value v)
{
    char text[JCS_NUMBER_MAX + 12];
    size_t n;
    if (v.kind == CEL_DOUBLE)
        n = double_text(v.d, text);
    else if (v.kind == CEL_UINT)
        n = (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)v.u);
    else
        n = (size_t)snprintf(text, sizeof text, "%lld", (long long)v.i);
    json_put_str(p, name, span(text, n));
}

static struct err put_fields(struct json_put *p, const char *name, const struct cel_message *m,
                             struct arena *a);
static struct err put_json_value(struct json_put *p, const char *name, struct cel_value v);

static void put_scalar(struct json_put *p, const char *name, struct cel_value v)
{
    if (v.kind == CEL_BOOL)
        json_put_bool(p, name, v.b);
    else if (v.kind == CEL_STRING)
        json_put_str(p, name, cel_text(v));
    else if (v.kind == CEL_BYTES)
        put_hex(p, name, cel_text(v));
    else
        put_number(p, name, v);
}

static struct err put_json_list(struct json_put *p, const char *name, const struct cel_list *l)
{
    json_put_object(p, name);
    if (l->n)
        json_put_array(p, "values");
    for (uint32_t i = 0; i < l->n; i++)
        TRY(put_json_value(p, NULL, l->v[i]));
    if (l->n)
        json_put_end(p);
    json_put_end(p);
    return OK;
}

static struct err put_json_map(struct json_put *p, const char *name, const struct cel_map *m)
{
    json_put_object(p, name);
    if (m->n)
        json_put_array(p, "fields");
    for (uint32_t i = 0; i < m->n; i++) {
        json_put_array(p, NULL);
        put_scalar(p, NULL, m->v[i].key);
        TRY(put_json_value(p, NULL, m->v[i].value));
        json_put_end(p);
    }
    if (m->n)
        json_put_end(p);
    json_put_end(p);
    return OK;
}

/* google.protobuf.Value; the writer's depth ceiling ends too deep ones. */
static struct err put_json_value(struct json_put *p, const char *name, struct cel_value v)
{
    TRY(p->e);
    json_put_object(p, name);
    switch (v.kind) {
    case CEL_NULL:
        json_put_text(p, "null_value", "0");
        break;
    case CEL_BOOL:
        json_put_bool(p, "bool_value", v.b);
        break;
    case CEL_DOUBLE:
        put_number(p, "number_value", v);
        break;
    case CEL_STRING:
        json_put_str(p, "string_value", cel_text(v));
        break;
    case CEL_LIST:
        TRY(put_json_list(p, "list_value", v.list));
        break;
    default:
        TRY(put_json_map(p, "struct_value", v.map));
    }
    json_put_end(p);
    return OK;
}

static void put_time(struct json_put *p, const char *name, struct cel_value v)
{
    bool stamp = v.kind == CEL_TIMESTAMP;
    int64_t seconds = stamp ? v.i : v.i / 1000000000, nanos = stamp ? v.n : v.i % 1000000000;
    json_put_object(p, name);
    if (seconds)
        put_number(p, "seconds", cel_int(seconds));
    if (nanos)
        put_number(p, "nanos", cel_int(nanos));
    json_put_end(p);
}

/* One element of a field of message type `type` (empty: a scalar). */
static struct err put_element(struct json_put *p, const char *name, struct span type,
                              struct cel_value v, struct arena *a)
{
    TRY(p->e);
    if (type.n == 0) {
        put_scalar(p, name, v);
    } else if (wrapped(type)) {
        json_put_object(p, name);
        bool zero = v.kind == CEL_STRING || v.kind == CEL_BYTES ? v.n == 0
                    : v.kind == CEL_BOOL                        ? !v.b
                                                                : v.u == 0;
        if (!zero)
            put_scalar(p, "value", v);
        json_put_end(p);
    } else if (v.kind == CEL_TIMESTAMP || v.kind == CEL_DURATION) {
        put_time(p, name, v);
    } else if (span_is(type, "google.protobuf.Value")) {
        return put_json_value(p, name, v);
    } else if (v.kind == CEL_LIST) {
        return put_json_list(p, name, v.list);
    } else if (v.kind == CEL_MAP) {
        return put_json_map(p, name, v.map);
    } else {
        return put_fields(p, name, v.msg, a);
    }
    return OK;
}

static struct err put_field(struct json_put *p, const struct cel_message_item *item,
                            const char *name, struct arena *a)
{
    struct cel_value v = item->value;
    bool map = item->label == CEL_MAP_FIELD;
    if (!map && item->label != CEL_REPEATED)
        return put_element(p, name, item->message, v, a);
    json_put_array(p, name);
    for (uint32_t i = 0; i < v.n; i++) {
        if (!map) {
            TRY(put_element(p, NULL, item->message, v.list->v[i], a));
            continue;
        }
        json_put_array(p, NULL);
        put_scalar(p, NULL, v.map->v[i].key);
        TRY(put_element(p, NULL, item->message, v.map->v[i].value, a));
        json_put_end(p);
    }
    json_put_end(p);
    return OK;
}

static struct err put_fields(struct json_put *p, const char *name, const struct cel_message *m,
                             struct arena *a)
{
    struct cel_message_item item;
    json_put_object(p, name);
    for (size_t i = 0; cel_message_next(m, &i, &item);) {
        void *t;
        TRY(p->e);
        TRY(arena_take(a, item.name.n + 3, &t));
        struct wr w = wr_of(t, item.name.n + 2);
        if (item.extension)
            wr_u8(&w, '[');
        wr_put(&w, item.name);
        if (item.extension)
            wr_u8(&w, ']');
        TRY(put_field(p, &item, t, a));
    }
    json_put_end(p);
    return OK;
}

static struct err put_message(struct json_put *p, struct cel_value v, struct arena *a)
{
    BUF_AUTO wire = buf_init(WIRE_MAX);
    json_put_text(p, "t", "message");
    json_put_str(p, "type", cel_type_name(v));
    if (v.kind == CEL_MESSAGE)
        TRY(put_fields(p, "fields", v.msg, a));
    else
        put_time(p, "fields", v);
    TRY(cel_message_encode(v, a, &wire));
    put_hex(p, "wire", buf_span(&wire));
    return OK;
}

static void put_double(struct json_put *p, double d)
{
    union {
        double d;
        uint64_t u;
    } bits = {.d = d};
    char hex[17];
    json_put_text(p, "t", "double");
    put_number(p, "v", cel_double(d));
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)bits.u);
    json_put_text(p, "bits", hex);
}

static struct err put_many(struct json_put *p, struct cel_value v, struct arena *a)
{
    bool map = v.kind == CEL_MAP;
    json_put_text(p, "t", map ? "map" : "list");
    json_put_array(p, "v");
    for (uint32_t i = 0; i < v.n; i++) {
        if (!map) {
            TRY(value_put(p, NULL, v.list->v[i], a));
            continue;
        }
        json_put_array(p, NULL);
        TRY(value_put(p, NULL, v.map->v[i].key, a));
        TRY(value_put(p, NULL, v.map->v[i].value, a));
        json_put_end(p);
    }
    json_put_end(p);
    return OK;
}

static struct err put_other(struct json_put *p, struct cel_value v, struct arena *a)
{
    BUF_AUTO text = buf_init(256);
    if (v.kind == CEL_OPTIONAL) {
        json_put_text(p, "t", "optional");
        if (v.opt)
            return value_put(p, "v", *v.opt, a);
        json_put_null(p, "v");
        return OK;
    }
    if (v.kind == CEL_ENUM) {
        json_put_text(p, "t", "enum");
        json_put_str(p, "type", cel_type_name(v));
        put_number(p, "v", cel_int((int32_t)v.n));
        return OK;
    }
    TRY(cel_print(v, &text)); /* addresses */
    json_put_str(p, "t", cel_type_name(v));
    json_put_str(p, "v", buf_span(&text));
    return OK;
}

/* Depth: that of values, and of the writer (64 containers). */
struct err value_put(struct json_put *p, const char *name, struct cel_value v, struct arena *a)
{
    struct err e = OK;
    TRY(p->e);
    json_put_object(p, name);
    switch (v.kind) {
    case CEL_DOUBLE:
        put_double(p, v.d);
        break;
    case CEL_LIST:
    case CEL_MAP:
        e = put_many(p, v, a);
        break;
    case CEL_MESSAGE:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        e = put_message(p, v, a);
        break;
    case CEL_NULL:
        json_put_text(p, "t", "null");
        break;
    case CEL_BOOL:
    case CEL_INT:
    case CEL_UINT:
    case CEL_STRING:
    case CEL_BYTES:
        json_put_str(p, "t", cel_type_name(v));
        put_scalar(p, "v", v);
        break;
    case CEL_TYPE:
        json_put_text(p, "t", "type");
        json_put_str(p, "v", cel_text(v));
        break;
    default:
        e = put_other(p, v, a);
    }
    json_put_end(p);
    return e;
}
