/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compile and evaluate: the first byte chooses flags and limits, the rest is the expression; or,
 * with its highest bit, the type of a variable. What holds for every input:
 *   a refused text has a reason and a position inside it;
 *   an evaluation gives a value or an error with a reason, and its cost stays within the limit;
 *   with just that much to spend it gives the same again, with one less it ends;
 *   what the checker accepts is accepted without it, and gives the same value;
 *   the value is of the type that the checker promised, and that type's text is a type again.
 */
#include "cel.h"

#include <stdlib.h>

#include "cel_world.h"

/* covers: src/cel/lex.c src/cel/parse.c src/cel/macro.c src/cel/check.c src/cel/check_call.c */
/* covers: src/cel/check_more.c src/cel/resolve.c src/cel/type.c src/cel/type_text.c */
/* covers: src/cel/eval.c src/cel/comprehend.c src/cel/ops.c src/cel/value.c src/cel/message.c */
/* covers: src/cel/wellknown.c src/cel/number.c src/cel/format.c src/cel/time.c src/cel/net.c */
/* covers: src/cel/fn_convert.c src/cel/fn_list.c src/cel/fn_math.c src/cel/fn_string.c */
/* covers: src/cel/fn_time.c src/cel/builtin.c src/cel/env.c */
/* planted: src/cel/eval.c | r->left < debt || (r->in->stop | (r->in->stop */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNCHECKED = 1, STRONG = 2, POOR = 4, SMALL = 8, TYPE_TEXT = 0x80 };
enum { COST = 20000, COST_POOR = 30, ROOM = 1 << 20, ROOM_SMALL = 2000 };

/* The value, printed into `out`; its memory is gone. */
static struct cel_value evaluate(const struct cel_program *p, uint64_t cost_max, size_t room,
                                 uint64_t *cost, struct buf *out)
{
    struct arena a = arena_init(room), wide = arena_init(ROOM);
    struct cel_value vars[WORLD_VARS];
    struct span zone = world_zone();
    world_fill(&wide, vars);
    const struct cel_input in = {.vars = vars,
                                 .n_vars = WORLD_VARS,
                                 .arena = &a,
                                 .cost_max = cost_max,
                                 .zone = world_find_zone,
                                 .zone_arg = &zone};
    struct cel_value v = cel_eval(p, &in, cost);
    must(v.kind != CEL_UNSET && *cost <= cost_max);
    must(v.kind != CEL_ERROR || (v.why && v.code));
    struct err e = cel_print(v, out);
    if (!failed(e) && v.kind == CEL_MESSAGE)
        (void)failed(cel_message_encode(v, &wide, out));
    world_walk(v);
    arena_free(&a);
    arena_free(&wide);
    return v;
}

static void evaluate_again(const struct cel_program *p, size_t room, struct cel_value v,
                           uint64_t cost, struct span printed)
{
    BUF_AUTO out = buf_init(ROOM);
    uint64_t again;
    if (cost == 0 || v.fatal)
        return;
    struct cel_value w = evaluate(p, cost, room, &again, &out);
    must(w.kind == v.kind && again == cost && span_eq(buf_span(&out), printed));
    if (cost == 1)
        return;
    buf_clear(&out);
    w = evaluate(p, cost - 1, room, &again, &out);
    must(w.kind == CEL_ERROR && w.code == CEL_E_COST && w.fatal);
}

/* The checker promised a type; that type's text is a type. */
static void check_type(const struct cel_env *env, const struct cel_program *p, struct cel_value v)
{
    static const char *const plain[] = {"bool",   "int",   "uint",     "double",
                                        "string", "bytes", "null_type"};
    BUF_AUTO type = buf_init(ROOM), again = buf_init(ROOM);
    struct cel_program *q;
    need(cel_program_type(p, &type));
    for (size_t i = 0; v.kind != CEL_ERROR && i < sizeof plain / sizeof *plain; i++)
        must(!span_is(buf_span(&type), plain[i]) || span_is(cel_type_name(v), plain[i]));
    need(buf_put_u8(&type, 0));
    struct cel_env *other = world_env_like(env);
    if (!failed(cel_env_var(other, "the_value", (const char *)type.p, NULL))) {
        need(cel_compile(other, SPAN_LIT("the_value"), 0, &q, NULL));
        need(cel_program_type(q, &again));
        must(span_eq(span_cut(buf_span(&type), 0, type.n - 1), buf_span(&again)));
        cel_program_free(q);
    }
    cel_env_free(other);
}

/* Without the checker: accepted too, and the same value. */
static void unchecked(const struct cel_env *env, struct span text, struct cel_value v,
                      struct span printed)
{
    struct cel_program *p = NULL;
    BUF_AUTO out = buf_init(ROOM);
    uint64_t cost;
    need(cel_compile(env, text, CEL_NO_CHECK, &p, NULL));
    struct cel_value w = evaluate(p, COST, ROOM, &cost, &out);
    if (v.kind != CEL_ERROR && !(w.kind == CEL_ERROR && w.fatal))
        must(w.kind == v.kind && span_eq(buf_span(&out), printed));
    cel_program_free(p);
}

static void expression(unsigned flags, struct span text)
{
    const struct cel_env *env = world_env(flags & STRONG);
    struct cel_program *p = NULL;
    struct fault f = {0};
    if (failed(cel_compile(env, text, flags & UNCHECKED ? CEL_NO_CHECK : 0, &p, &f))) {
        must(f.why && f.at <= text.n);
        return;
    }
    BUF_AUTO out = buf_init(ROOM);
    size_t room = flags & SMALL ? ROOM_SMALL : ROOM;
    uint64_t cost;
    struct cel_value v = evaluate(p, flags & POOR ? COST_POOR : COST, room, &cost, &out);
    evaluate_again(p, room, v, cost, buf_span(&out));
    if (!(flags & UNCHECKED)) {
        check_type(env, p, v);
        if (!(flags & (POOR | SMALL)))
            unchecked(env, text, v, buf_span(&out));
    }
    cel_program_free(p);
}

/* A type's text, as whoever declares variables writes it. */
static void type_text(struct span text)
{
    char name[512];
    if (text.n >= sizeof name || memchr(text.p, 0, text.n))
        return;
    memcpy(name, text.p, text.n);
    name[text.n] = 0;
    struct cel_env *env = world_env_like(world_env(false));
    if (!failed(cel_env_var(env, "a.b", name, NULL))) {
        struct cel_program *p;
        need(cel_compile(env, SPAN_LIT("a.b"), 0, &p, NULL));
        check_type(env, p, cel_fail(CEL_E_NAME, ""));
        cel_program_free(p);
    }
    cel_env_free(env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span text = span(data + 1, size - 1);
    if (data[0] & TYPE_TEXT)
        type_text(text);
    else
        expression(data[0], text);
    return 0;
}
