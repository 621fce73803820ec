/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What expressions under the fuzzer can speak of: one message type with a field of every kind, an
 * enum, an extension, variables of several types, host functions and a time zone. Names are those
 * of the language's conformance suite, whose expressions are good seeds.
 */
#ifndef SANCTUM_FUZZ_CEL_WORLD_H
#define SANCTUM_FUZZ_CEL_WORLD_H

#include "cel.h"

#include <stdio.h>
#include <stdlib.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void need(struct err e)
{
    must(!failed(e));
}

static const struct {
    const char *suffix, *type;
} world_types[] = {{"int32", "int32"},
                   {"int64", "int64"},
                   {"uint32", "uint32"},
                   {"uint64", "uint64"},
                   {"sint32", "sint32"},
                   {"sint64", "sint64"},
                   {"fixed32", "fixed32"},
                   {"fixed64", "fixed64"},
                   {"sfixed32", "sfixed32"},
                   {"sfixed64", "sfixed64"},
                   {"float", "float"},
                   {"double", "double"},
                   {"bool", "bool"},
                   {"string", "string"},
                   {"bytes", "bytes"},
                   {"any", "google.protobuf.Any"},
                   {"duration", "google.protobuf.Duration"},
                   {"timestamp", "google.protobuf.Timestamp"},
                   {"struct", "google.protobuf.Struct"},
                   {"value", "google.protobuf.Value"},
                   {"list_value", "google.protobuf.ListValue"},
                   {"field_mask", "google.protobuf.FieldMask"},
                   {"empty", "google.protobuf.Empty"},
                   {"int32_wrapper", "google.protobuf.Int32Value"},
                   {"int64_wrapper", "google.protobuf.Int64Value"},
                   {"uint32_wrapper", "google.protobuf.UInt32Value"},
                   {"uint64_wrapper", "google.protobuf.UInt64Value"},
                   {"float_wrapper", "google.protobuf.FloatValue"},
                   {"double_wrapper", "google.protobuf.DoubleValue"},
                   {"bool_wrapper", "google.protobuf.BoolValue"},
                   {"string_wrapper", "google.protobuf.StringValue"},
                   {"bytes_wrapper", "google.protobuf.BytesValue"},
                   {"nested_enum", "t.TestAllTypes.NestedEnum"},
                   {"nested_message", "t.TestAllTypes.NestedMessage"},
                   {"test_all_types", "t.TestAllTypes"}};
enum { WORLD_TYPES = sizeof world_types / sizeof *world_types };

static void world_fields(struct cel_schema *s)
{
    static const char *const keys[] = {"string", "bool", "int32", "int64", "uint32", "uint64"};
    enum { KEYS = sizeof keys / sizeof *keys };
    uint32_t number = 0;
    char name[100];
    for (size_t i = 0; i < WORLD_TYPES; i++) {
        struct cel_field_decl d = {.name = name, .type = world_types[i].type};
        snprintf(name, sizeof name, "single_%s", world_types[i].suffix);
        d.number = ++number;
        need(cel_schema_field(s, &d));
        snprintf(name, sizeof name, "repeated_%s", world_types[i].suffix);
        d.number = ++number;
        d.label = CEL_REPEATED;
        need(cel_schema_field(s, &d));
        for (size_t k = 0; k < (i % 4 ? 2 : KEYS); k++) {
            snprintf(name, sizeof name, "map_%s_%s", keys[k], world_types[i].suffix);
            d.number = ++number;
            d.label = CEL_MAP_FIELD;
            d.key = keys[k];
            need(cel_schema_field(s, &d));
        }
    }
    need(cel_schema_field(s, &(struct cel_field_decl){.name = "standalone_enum",
                                                      .number = ++number,
                                                      .type = "t.TestAllTypes.NestedEnum",
                                                      .label = CEL_OPTIONAL_FIELD,
                                                      .fallback = "BAR"}));
    need(cel_schema_field(s, &(struct cel_field_decl){.name = "standalone_message",
                                                      .number = ++number,
                                                      .type = "t.TestAllTypes.NestedMessage",
                                                      .oneof = "kind"}));
    need(cel_schema_field(
        s, &(struct cel_field_decl){
               .name = "oneof_bool", .number = ++number, .type = "bool", .oneof = "kind"}));
    need(cel_schema_field(s, &(struct cel_field_decl){.name = "null_value",
                                                      .number = ++number,
                                                      .type = "google.protobuf.NullValue"}));
    need(cel_schema_field(s, &(struct cel_field_decl){.name = "optional_string",
                                                      .number = ++number,
                                                      .type = "string",
                                                      .label = CEL_OPTIONAL_FIELD,
                                                      .fallback = "none"}));
}

static struct cel_schema *world_schema(void)
{
    static struct arena forever;
    static struct cel_schema *s;
    if (s)
        return s;
    forever = arena_init(1 << 22);
    need(cel_schema_new(&forever, &s));
    need(cel_schema_message(s, "t.TestAllTypes", true));
    world_fields(s);
    need(cel_schema_message(s, "t.TestAllTypes.NestedMessage", true));
    need(cel_schema_field(s, &(struct cel_field_decl){.name = "bb", .number = 1, .type = "int32"}));
    need(cel_schema_message(s, "t.Two", false)); /* as of protobuf 2 */
    need(cel_schema_field(
        s,
        &(struct cel_field_decl){
            .name = "must", .number = 1, .type = "int32", .label = CEL_REQUIRED, .fallback = "7"}));
    need(cel_schema_enum(s, "t.TestAllTypes.NestedEnum"));
    need(cel_schema_member(s, "FOO", 0));
    need(cel_schema_member(s, "BAR", 1));
    need(cel_schema_member(s, "BAZ", -2));
    need(cel_schema_extension(
        s, "t.Two",
        &(struct cel_field_decl){
            .name = "t.ext", .number = 100, .type = "int32", .label = CEL_OPTIONAL_FIELD}));
    need(cel_schema_done(s));
    return s;
}

/* Host functions: one of each shape; one that spends, one that fails, one that is a declaration. */
static struct cel_value world_add(struct cel_call *call, const struct cel_value *args, unsigned n,
                                  void *arg)
{
    (void)arg;
    if (n != 2 || args[0].kind != CEL_INT || args[1].kind != CEL_INT)
        return cel_fail(CEL_E_OVERLOAD, "two ints expected");
    if (!cel_call_charge(call, 5 + ((uint64_t)args[1].i & 0xffff)))
        return cel_null();
    return cel_int((int64_t)((uint64_t)args[0].i + (uint64_t)args[1].i));
}

static struct cel_value world_pair(struct cel_call *call, const struct cel_value *args, unsigned n,
                                   void *arg)
{
    (void)arg;
    struct cel_value out;
    if (failed(cel_list_of(cel_call_arena(call), args, n, &out)))
        return (struct cel_value){0};
    return out;
}

enum { WORLD_VARS = 8 };

static const char *const world_vars[WORLD_VARS][2] = {{"x", "dyn"},
                                                      {"l", "list(string)"},
                                                      {"i", "int"},
                                                      {"m", "map(string, int)"},
                                                      {"msg", "message(t.TestAllTypes)"},
                                                      {"a.b.c", "string"},
                                                      {"w", "wrapper(int)"},
                                                      {"unset", "bool"}};

static void world_declare(struct cel_env *env)
{
    static const char *const ints[] = {"int", "int"}, *const any[] = {"param(A)", "param(A)"},
                             *const text[] = {"string"};
    for (size_t i = 0; i < WORLD_VARS; i++)
        need(cel_env_var(env, world_vars[i][0], world_vars[i][1], NULL));
    need(cel_env_function(
        env, &(struct cel_function_decl){"h.add", false, ints, 2, "int", world_add, NULL}));
    need(cel_env_function(env, &(struct cel_function_decl){"pair", true, any, 2, "list(param(A))",
                                                           world_pair, NULL}));
    need(cel_env_function(env,
                          &(struct cel_function_decl){"later", false, text, 1, "dyn", NULL, NULL}));
}

static struct cel_env *world_make(unsigned flags, bool whole)
{
    struct cel_env_options o = {.container = "t", .flags = CEL_BLOCKS | flags};
    struct cel_env *env;
    o.schema = world_schema();
    need(cel_env_new(&o, &env));
    if (whole)
        world_declare(env);
    return env;
}

static const struct cel_env *world_env(bool strong)
{
    static struct cel_env *env[2];
    if (!env[strong])
        env[strong] = world_make(strong ? CEL_STRONG_ENUMS : 0, true);
    return env[strong];
}

/* One of its own, without variables. */
static struct cel_env *world_env_like(const struct cel_env *env)
{
    return world_make(env == world_env(true) ? CEL_STRONG_ENUMS : 0, false);
}

static void world_fill(struct arena *a, struct cel_value vars[WORLD_VARS])
{
    static const struct cel_value words[2] = {
        {.kind = CEL_STRING, .n = 1, .s = (const uint8_t *)"a"},
        {.kind = CEL_STRING, .n = 2, .s = (const uint8_t *)"\xc3\xa9"}};
    static const struct cel_entry entry[1] = {
        {{.kind = CEL_STRING, .n = 1, .s = (const uint8_t *)"k"}, {.kind = CEL_INT, .i = 3}}};
    vars[0] = cel_int(7);
    need(cel_list_of(a, words, 2, &vars[1]));
    vars[2] = cel_int(-1);
    need(cel_map_of(a, entry, 1, &vars[3]));
    need(cel_message_decode(world_schema(), SPAN_LIT("t.TestAllTypes"), SPAN_LIT("\x08\x05"), a,
                            &vars[4]));
    vars[5] = cel_string(SPAN_LIT("abc"));
    vars[6] = cel_int(9);
    vars[7] = (struct cel_value){0};
}

/* Central Europe, by rule alone. */
static struct span world_zone(void)
{
    static const char head[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\1\0\0\0\4\0\0\x0e\x10\0\0CET\0";
    static uint8_t file[2 * (sizeof head - 1) + 40];
    static size_t n;
    if (n)
        return span(file, n);
    static const char rule[] = "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
    memcpy(file, head, sizeof head - 1);
    memcpy(file + sizeof head - 1, head, sizeof head - 1);
    memcpy(file + 2 * (sizeof head - 1), rule, sizeof rule - 1);
    n = 2 * (sizeof head - 1) + sizeof rule - 1;
    return span(file, n);
}

static bool world_find_zone(void *arg, struct span name, struct span *tzif)
{
    *tzif = *(const struct span *)arg;
    return name.n > 0 && name.p[0] != 'Q';
}

/* Every set field of a message, as one who prints it does. */
static void world_walk(struct cel_value v)
{
    struct cel_message_item item;
    size_t at = 0;
    if (v.kind != CEL_MESSAGE)
        return;
    must(cel_message_type(v.msg).n > 0);
    while (cel_message_next(v.msg, &at, &item))
        must(item.name.n > 0 && item.type && item.value.kind != CEL_UNSET);
}

#endif
