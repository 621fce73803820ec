/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `cel eval --jsonl`: one test or request a line, as the conformance vectors have them. An
 * evaluation's error is an answer; only a line that is no JSON makes the exit status 2.
 */
#include "cmdkit.h"
#include "file.h"
#include "json.h"
#include "suite_int.h"

#include <stdio.h>

enum { LINE_MAX_BYTES = 64 * 1024 * 1024, ANSWER_MAX = 64 * 1024 * 1024, ZONE_MAX = 1 << 20 };

struct line {
    const struct dom *d;
    struct cel_env *env;
    struct cel_program *program;
    struct cel_value *vars;
    unsigned n_vars, cap_vars;
    struct arena *a;
    struct fault f;
};

static struct err declare(struct line *l, struct span name, const char *type, unsigned *slot)
{
    TRY(cel_env_var(l->env, dom_str(name, l->a), type, slot));
    if (*slot >= l->n_vars)
        l->n_vars = *slot + 1;
    return l->n_vars <= l->cap_vars ? OK : err(ERR_LIMIT);
}

static struct err overload(struct line *l, const struct dom *decl, const struct dom *o)
{
    const char *params[32];
    unsigned n = 0;
    const struct dom *list = dom_get(o, "params");
    for (const struct dom *x = list ? list->first : NULL; x; x = x->next) {
        if (n == 32)
            return err(ERR_LIMIT);
        params[n++] = dom_str(x->text, l->a);
    }
    const struct cel_function_decl f = {.name = dom_str(dom_text(decl, "name"), l->a),
                                        .member = dom_true(o, "instance"),
                                        .params = params,
                                        .n_params = n,
                                        .result = dom_str(dom_text(o, "result"), l->a)};
    return cel_env_function(l->env, &f);
}

static bool is_literal_word(struct span s)
{
    return span_is(s, "true") || span_is(s, "false") || span_is(s, "null");
}

static struct err declarations(struct line *l)
{
    const struct dom *env = dom_get(l->d, "type_env");
    for (const struct dom *x = env ? env->first : NULL; x; x = x->next) {
        const struct dom *overloads = dom_get(x, "overloads");
        unsigned slot;
        if (is_literal_word(dom_text(x, "name")))
            continue;
        if (!overloads) {
            TRY(declare(l, dom_text(x, "name"), dom_str(dom_text(x, "type"), l->a), &slot));
            continue;
        }
        for (const struct dom *o = overloads->first; o; o = o->next)
            TRY(overload(l, x, o));
    }
    return OK;
}

/* Values; a variable that was not declared is dyn. */
static struct err bindings(struct line *l, const struct cel_schema *s)
{
    const struct dom *b = dom_get(l->d, "bindings");
    for (const struct dom *x = b ? b->first : NULL; x; x = x->next) {
        unsigned slot = 0, i = 0;
        const struct dom *env = dom_get(l->d, "type_env"), *v = dom_get(x, "value");
        bool known = false;
        if (is_literal_word(x->key))
            continue;
        for (const struct dom *e = env ? env->first : NULL; e && !known; e = e->next) {
            if (dom_get(e, "overloads") || is_literal_word(dom_text(e, "name")))
                continue;
            known = span_eq(dom_text(e, "name"), x->key);
            slot = i++;
        }
        if (!known)
            TRY(declare(l, x->key, "dyn", &slot));
        if (!v)
            return err(ERR_INPUT);
        TRY(value_read(v, s, l->a, &l->vars[slot]));
    }
    return OK;
}

static struct err prepare(struct line *l, const struct cel_schema *s)
{
    bool strong = span_starts(dom_text(l->d, "section"), SPAN_LIT("strong_"));
    const struct cel_env_options o = {.container = dom_str(dom_text(l->d, "container"), l->a),
                                      .schema = s,
                                      .flags = CEL_BLOCKS | (strong ? CEL_STRONG_ENUMS : 0)};
    const struct dom *env = dom_get(l->d, "type_env"), *b = dom_get(l->d, "bindings");
    void *m;
    for (const struct dom *x = env ? env->first : NULL; x; x = x->next)
        l->cap_vars++;
    for (const struct dom *x = b ? b->first : NULL; x; x = x->next)
        l->cap_vars++;
    TRY(arena_take(l->a, l->cap_vars * sizeof *l->vars, &m));
    l->vars = m;
    l->f.why = "bad declaration or binding";
    TRY(cel_env_new(&o, &l->env));
    TRY(declarations(l));
    TRY(bindings(l, s));
    return cel_compile(l->env, dom_text(l->d, "expr"),
                       dom_true(l->d, "disable_check") ? CEL_NO_CHECK : 0, &l->program, &l->f);
}

static void put_error(struct json_put *p, size_t at, const char *why)
{
    json_put_text(p, "error", why ? why : "failed");
    json_put_u64(p, "at", at);
}

static struct err answer(struct line *l, struct json_put *p)
{
    BUF_AUTO type = buf_init(64 * 1024);
    BUF_AUTO zone = buf_init(ZONE_MAX);
    if (!dom_true(l->d, "check_only")) {
        const struct cel_input in = {.vars = l->vars,
                                     .n_vars = l->n_vars,
                                     .arena = l->a,
                                     .zone = zone_read,
                                     .zone_arg = &zone};
        struct cel_value v = cel_eval(l->program, &in, NULL);
        if (v.kind == CEL_ERROR) {
            put_error(p, v.n, v.why);
            return OK;
        }
        TRY(value_put(p, "value", v, l->a));
    }
    TRY(cel_program_type(l->program, &type));
    if (!dom_true(l->d, "disable_check"))
        json_put_str(p, "type", buf_span(&type));
    return OK;
}

static struct err one_line(struct span text, uint64_t number, const struct cel_schema *s,
                           struct arena *a, struct buf *out, bool *bad)
{
    struct line l = {.a = a};
    struct dom *d = NULL;
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_u64(&p, "line", number);
    struct err e = dom_parse(text, a, &d);
    l.d = d;
    if (failed(e) || !dom_get(d, "expr")) {
        *bad = true;
        put_error(&p, 0, "the line is no JSON object with \"expr\"");
    } else if (failed(prepare(&l, s))) {
        put_error(&p, l.f.at, l.f.why);
    } else {
        e = answer(&l, &p);
        if (failed(e)) { /* too large or too deep to print */
            buf_clear(out);
            p = json_put_to(out);
            json_put_object(&p, NULL);
            json_put_u64(&p, "line", number);
            put_error(&p, 0, "the value cannot be printed");
        }
    }
    json_put_end(&p);
    cel_program_free(l.program);
    cel_env_free(l.env);
    return json_put_done(&p);
}

static struct err read_line(struct buf *line, bool *end)
{
    int c;
    buf_clear(line);
    while ((c = getc_unlocked(stdin)) != EOF && c != '\n')
        TRY(buf_put_u8(line, (uint8_t)c));
    *end = c == EOF && line->n == 0;
    return OK;
}

int suite_run(struct cmd_call *c, const struct cel_schema *s)
{
    BUF_AUTO line = buf_init(LINE_MAX_BYTES);
    BUF_AUTO out = buf_init(ANSWER_MAX);
    struct arena a = arena_init(256 * 1024 * 1024);
    bool end = false, bad = false;
    struct err e = OK;
    for (uint64_t n = 1; !failed(e); n++) {
        e = read_line(&line, &end);
        if (failed(e) || end)
            break;
        buf_clear(&out);
        e = one_line(buf_span(&line), n, s, &a, &out, &bad);
        arena_reset(&a);
        fwrite(out.p, 1, out.n, stdout);
        putchar('\n');
    }
    arena_free(&a);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    return bad ? EXIT_ERROR : EXIT_CLEAN;
}
