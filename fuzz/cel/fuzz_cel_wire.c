/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf bytes from outside. What decodes must encode, and that must decode to an equal value
 * (unless it holds NaN, or an Any that cannot be opened). */
#include "cel.h"

#include <stdlib.h>

/* covers: src/cel/wire.c */

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

static void set_up(void)
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
                                        "google.protobuf.Int32Value"};
    forever = arena_init(1 << 20);
    need(cel_schema_new(&forever, &schema));
    need(cel_schema_message(schema, "t.M", true));
    for (uint32_t i = 0; i < sizeof types / sizeof *types; i++) {
        char one[2] = {(char)('a' + i), 0}, many[3] = {'r', (char)('a' + i), 0};
        char map[3] = {'m', (char)('a' + i), 0};
        add(1 + 3 * i, one, CEL_IMPLICIT, types[i], NULL);
        add(2 + 3 * i, many, CEL_REPEATED, types[i], NULL);
        add(3 + 3 * i, map, CEL_MAP_FIELD, types[i], i % 2 ? "string" : "int32");
    }
    need(cel_schema_done(schema));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!schema)
        set_up();
    struct arena a = arena_init(1 << 24);
    struct cel_value v, again;
    BUF_AUTO wire = buf_init(1 << 24);
    if (!failed(cel_message_decode(schema, SPAN_LIT("t.M"), span(data, size), &a, &v))) {
        need(cel_message_encode(v, &a, &wire));
        need(cel_message_decode(schema, SPAN_LIT("t.M"), buf_span(&wire), &a, &again));
        BUF_AUTO second = buf_init(1 << 24);
        need(cel_message_encode(again, &a, &second));
        if (!span_eq(buf_span(&wire), buf_span(&second)))
            abort();
        (void)cel_equal(v, again);
    }
    arena_free(&a);
    return 0;
}
