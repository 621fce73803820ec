/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parse, check and evaluate: the first byte chooses flags, the rest is the expression. Invariants:
 * a refused text has a reason and a position inside it, every evaluation gives a value or an error
 * with a reason, and the cost stays within its limit.
 */
#include "cel.h"

#include <stdlib.h>

/* covers: src/cel/lex.c src/cel/parse.c src/cel/macro.c src/cel/check.c src/cel/eval.c */
/* covers: src/cel/comprehend.c src/cel/ops.c */

enum { COST = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cel_env *env;
static struct arena forever;

static void need(struct err e)
{
    if (failed(e))
        abort();
}

static void set_up(void)
{
    struct cel_schema *s;
    forever = arena_init(1 << 20);
    need(cel_schema_new(&forever, &s));
    need(cel_schema_message(s, "t.M", true));
    need(cel_schema_field(
        s, &(struct cel_field_decl){"i", 1, CEL_IMPLICIT, "int32", NULL, NULL, NULL, false}));
    need(cel_schema_field(
        s, &(struct cel_field_decl){"m", 2, CEL_IMPLICIT, "t.M", NULL, NULL, NULL, false}));
    need(cel_schema_field(
        s, &(struct cel_field_decl){"r", 3, CEL_REPEATED, "string", NULL, NULL, NULL, false}));
    need(cel_schema_field(s, &(struct cel_field_decl){"a", 4, CEL_IMPLICIT, "google.protobuf.Any",
                                                      NULL, NULL, NULL, false}));
    need(cel_schema_field(
        s, &(struct cel_field_decl){"k", 5, CEL_MAP_FIELD, "t.M", "string", NULL, NULL, false}));
    need(cel_schema_done(s));
    static struct cel_env_options o = {.container = "t", .flags = CEL_BLOCKS};
    o.schema = s;
    need(cel_env_new(&o, &env));
    need(cel_env_var(env, "x", "dyn", NULL));
    need(cel_env_var(env, "l", "list(string)", NULL));
}

static void evaluate(const struct cel_program *p)
{
    struct arena a = arena_init(1 << 20);
    struct cel_value words[2] = {cel_string(SPAN_LIT("a")), cel_string(SPAN_LIT("\xc3\xa9"))};
    struct cel_value vars[2] = {cel_int(7), {0}};
    need(cel_list_of(&a, words, 2, &vars[1]));
    const struct cel_input in = {.vars = vars, .n_vars = 2, .arena = &a, .cost_max = COST};
    uint64_t cost;
    struct cel_value v = cel_eval(p, &in, &cost);
    BUF_AUTO out = buf_init(1 << 20);
    if (v.kind == CEL_UNSET || cost > COST || (v.kind == CEL_ERROR && !v.why))
        abort();
    (void)failed(cel_print(v, &out));
    if (v.kind == CEL_MESSAGE)
        (void)failed(cel_message_encode(v, &a, &out));
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cel_program *p = NULL;
    struct fault f = {0};
    BUF_AUTO type = buf_init(1 << 20);
    if (!env)
        set_up();
    if (size == 0)
        return 0;
    struct span text = span(data + 1, size - 1);
    if (failed(cel_compile(env, text, data[0] & 1 ? CEL_NO_CHECK : 0, &p, &f))) {
        if (!f.why || f.at > text.n)
            abort();
        return 0;
    }
    (void)failed(cel_program_type(p, &type));
    evaluate(p);
    cel_program_free(p);
    return 0;
}
