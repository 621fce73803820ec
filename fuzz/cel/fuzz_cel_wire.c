/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protobuf bytes from outside, as two message types: one of fields as of protobuf 3, one as of
 * protobuf 2. What decodes must encode, and that must decode to an equal value (unless it holds
 * NaN), whose encoding is the same; said twice in a row it is the same message but for its lists.
 */
#include "cel.h"

#include <stdlib.h>

/* covers: src/cel/wire.c */
/* planted: src/cel/wire.c | v.u << 1 ^ (v.i < 0 ? UINT64_MAX : 0) | v.u << 1 ^ (uint64_t)(v.i >>
 * 31) */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cel_schema *schema;
static struct arena forever;

static void need(struct err e)
{
    if (failed(e))
        abort();
}

static void add(uint32_t number, const char *name, enum cel_field_label label, const char *type,
                const char *key)
{
    const struct cel_field_decl d = {name, number, label, type, key, NULL, NULL, false};
    need(cel_schema_field(schema, &d));
}

static void scalars(void)
{
    static const char *const types[] = {"double",
                                        "float",
                                        "int64",
                                        "uint64",
                                        "int32",
                                        "fixed64",
                                        "fixed32",
                                        "bool",
                                        "string",
                                        "bytes",
                                        "uint32",
                                        "sfixed32",
                                        "sfixed64",
                                        "sint32",
                                        "sint64",
                                        "t.M",
                                        "google.protobuf.Any",
                                        "google.protobuf.Value",
                                        "google.protobuf.Timestamp",
                                        "google.protobuf.Int32Value",
                                        "google.protobuf.Duration",
                                        "google.protobuf.Struct",
                                        "google.protobuf.ListValue",
                                        "google.protobuf.StringValue",
                                        "t.E"};
    for (uint32_t i = 0; i < sizeof types / sizeof *types; i++) {
        char one[2] = {(char)('a' + i), 0}, many[3] = {'r', (char)('a' + i), 0};
        char map[3] = {'m', (char)('a' + i), 0};
        add(1 + 3 * i, one, CEL_IMPLICIT, types[i], NULL);
        add(2 + 3 * i, many, CEL_REPEATED, types[i], NULL);
        add(3 + 3 * i, map, CEL_MAP_FIELD, types[i], i % 2 ? "string" : "int32");
    }
}

static void add_group(uint32_t number, const char *name, enum cel_field_label label)
{
    need(cel_schema_field(
        schema, &(struct cel_field_decl){
                    .name = name, .number = number, .label = label, .type = "t.P", .group = true}));
}

static void set_up(void)
{
    forever = arena_init(1 << 20);
    need(cel_schema_new(&forever, &schema));
    need(cel_schema_message(schema, "t.M", true));
    scalars();
    need(cel_schema_message(schema, "t.P", false));
    scalars();
    add_group(200, "g", CEL_OPTIONAL_FIELD);
    add_group(201, "rg", CEL_REPEATED);
    add(202, "mu", CEL_MAP_FIELD, "bytes", "uint64");
    add(203, "mf", CEL_MAP_FIELD, "t.P", "sfixed32");
    add(204, "mb", CEL_MAP_FIELD, "sint64", "bool");
    need(cel_schema_enum(schema, "t.E"));
    need(cel_schema_member(schema, "ZERO", 0));
    need(cel_schema_member(schema, "MINUS", -1));
    need(cel_schema_done(schema));
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Scalar fields and those not known hold what was said last, or both: the value stays. */
static void twice(struct span type, struct span wire, struct arena *a, struct cel_value once)
{
    BUF_AUTO said = buf_init(1 << 24);
    struct cel_value v;
    need(buf_put(&said, wire));
    need(buf_put(&said, wire));
    if (failed(cel_message_decode(schema, type, buf_span(&said), a, &v)))
        return;
    struct cel_message_item x, y;
    for (size_t i = 0, j = 0; cel_message_next(once.msg, &i, &x);) {
        must(cel_message_next(v.msg, &j, &y) && span_eq(x.name, y.name));
        if (x.label == CEL_REPEATED)
            must(y.value.kind == CEL_LIST && y.value.list->n == 2 * x.value.list->n);
        else
            must(cel_equal(x.value, y.value) || !cel_equal(x.value, x.value));
    }
}

static void try_as(struct span type, struct span data)
{
    struct arena a = arena_init(1 << 24);
    struct cel_value v, again;
    BUF_AUTO wire = buf_init(1 << 24), second = buf_init(1 << 24);
    if (!failed(cel_message_decode(schema, type, data, &a, &v))) {
        need(cel_message_encode(v, &a, &wire));
        need(cel_message_decode(schema, type, buf_span(&wire), &a, &again));
        need(cel_message_encode(again, &a, &second));
        must(span_eq(buf_span(&wire), buf_span(&second)));
        must(cel_equal(v, again) || !cel_equal(v, v));
        twice(type, data, &a, v);
    }
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!schema)
        set_up();
    try_as(SPAN_LIT("t.M"), span(data, size));
    try_as(SPAN_LIT("t.P"), span(data, size));
    return 0;
}
