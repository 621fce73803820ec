/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum cel`: evaluate and check expressions of the Common Expression Language. Needs no daemon
 * and no state.
 */
#include "cmdkit.h"
#include "file.h"
#include "suite_int.h"

#include <stdio.h>

enum { MEMORY_MAX = 256 * 1024 * 1024, FILE_MAX_BYTES = 16 * 1024 * 1024, VARS_MAX = 256 };

struct session {
    struct arena a;
    struct cel_schema *schema;
    struct cel_env *env;
    struct cel_value vars[VARS_MAX];
    unsigned n_vars;
};

static struct err load_schema(struct cmd_call *c, struct session *s)
{
    BUF_AUTO text = buf_init(FILE_MAX_BYTES);
    const char *file = cmd_value(c, "messages");
    TRY(cel_schema_new(&s->a, &s->schema));
    if (file) {
        TRY(file_read(file, &text));
        return types_load(s->schema, buf_span(&text), &s->a);
    }
    if (cmd_has(c, "jsonl"))
        return types_load(s->schema, span(cel_messages_json, cel_messages_json_size), &s->a);
    return cel_schema_done(s->schema);
}

/* NAME=REST in two; false when there is no "=". */
static bool cut(struct session *s, const char *text, const char **name, const char **rest)
{
    const char *eq = strchr(text, '=');
    if (!eq)
        return false;
    *name = dom_str(span(text, (size_t)(eq - text)), &s->a);
    *rest = eq + 1;
    return true;
}

/* --declare NAME=TYPE, --var NAME=JSON. 0, or the exit status. */
static int declarations(struct cmd_call *c, struct session *s)
{
    const char *text, *name, *rest;
    unsigned slot;
    size_t iter = 0;
    while ((text = cmd_next_value(c, "declare", &iter))) {
        if (!cut(s, text, &name, &rest) || s->n_vars == VARS_MAX ||
            failed(cel_env_var(s->env, name, rest, &slot)))
            return cmd_fail(c, EXIT_USAGE, "expected --declare NAME=TYPE, got \"%s\"", text);
        s->n_vars++;
    }
    iter = 0;
    while ((text = cmd_next_value(c, "var", &iter))) {
        struct dom *d;
        struct cel_value v;
        if (!cut(s, text, &name, &rest) || s->n_vars == VARS_MAX ||
            failed(dom_parse(span_str(rest), &s->a, &d)) || failed(value_plain(d, &s->a, &v)) ||
            failed(cel_env_var(s->env, name, "dyn", &slot)))
            return cmd_fail(c, EXIT_USAGE, "expected --var NAME=JSON, got \"%s\"", text);
        s->vars[slot] = v;
        s->n_vars++;
    }
    return 0;
}

static int open_session(struct cmd_call *c, struct session *s)
{
    *s = (struct session){.a = arena_init(MEMORY_MAX)};
    struct err e = load_schema(c, s);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "message types: %s", cmd_err_text(e));
    const struct cel_env_options o = {.container = cmd_value(c, "container"), .schema = s->schema};
    e = cel_env_new(&o, &s->env);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    return declarations(c, s);
}

static void close_session(struct session *s)
{
    cel_env_free(s->env);
    arena_free(&s->a);
}

static void print(struct buf *out)
{
    fwrite(out->p, 1, out->n, stdout);
    putchar('\n');
    fflush(stdout);
}

/* Where an expression went wrong, for people or as JSON. */
static int say_fault(struct cmd_call *c, const char *expr, size_t at, const char *why)
{
    BUF_AUTO out = buf_init(1 << 20);
    struct json_put p = json_put_to(&out);
    if (!cmd_has(c, "json")) {
        fprintf(stderr, "%s\n%*s^\nsanctum cel: byte %zu: %s\n", expr, (int)(at > 500 ? 500 : at),
                "", at, why);
        return EXIT_FINDING;
    }
    json_put_object(&p, NULL);
    json_put_text(&p, "error", why);
    json_put_u64(&p, "at", at);
    json_put_end(&p);
    if (failed(json_put_done(&p)))
        return EXIT_ERROR;
    print(&out);
    return EXIT_FINDING;
}

static int say_value(struct cmd_call *c, struct session *s, struct cel_value v)
{
    BUF_AUTO out = buf_init(MEMORY_MAX);
    struct json_put p = json_put_to(&out);
    struct err e;
    if (cmd_has(c, "json")) {
        json_put_object(&p, NULL);
        e = value_put(&p, "value", v, &s->a);
        json_put_end(&p);
        if (!failed(e))
            e = json_put_done(&p);
    } else {
        e = cel_print(v, &out);
    }
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "the value cannot be printed");
    print(&out);
    return EXIT_CLEAN;
}

static int eval_one(struct cmd_call *c, struct session *s, const char *expr)
{
    BUF_AUTO zone = buf_init(1 << 20);
    struct cel_program *p;
    struct fault f;
    unsigned flags = cmd_has(c, "no-check") ? CEL_NO_CHECK : 0;
    if (failed(cel_compile(s->env, span_str(expr), flags, &p, &f)))
        return say_fault(c, expr, f.at, f.why);
    const struct cel_input in = {
        .vars = s->vars, .n_vars = s->n_vars, .arena = &s->a, .zone = zone_read, .zone_arg = &zone};
    struct cel_value v = cel_eval(p, &in, NULL);
    int status = v.kind == CEL_ERROR ? say_fault(c, expr, v.n, v.why) : say_value(c, s, v);
    cel_program_free(p);
    return status;
}

static int say_type(struct cmd_call *c, const struct cel_program *p)
{
    BUF_AUTO type = buf_init(1 << 20);
    BUF_AUTO out = buf_init(1 << 20);
    struct json_put j = json_put_to(&out);
    struct err e = cel_program_type(p, &type);
    if (cmd_has(c, "json") && !failed(e)) {
        json_put_object(&j, NULL);
        json_put_str(&j, "type", buf_span(&type));
        json_put_end(&j);
        e = json_put_done(&j);
    } else if (!failed(e)) {
        e = buf_put(&out, buf_span(&type));
    }
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    print(&out);
    return EXIT_CLEAN;
}

static int check_one(struct cmd_call *c, struct session *s, const char *expr)
{
    struct cel_program *p;
    struct fault f;
    if (failed(cel_compile(s->env, span_str(expr), 0, &p, &f)))
        return say_fault(c, expr, f.at, f.why);
    int status = say_type(c, p);
    cel_program_free(p);
    return status;
}

static int each(struct cmd_call *c, int (*one)(struct cmd_call *, struct session *, const char *))
{
    struct session s;
    int worst = open_session(c, &s);
    bool lines = cmd_has(c, "jsonl");
    if (worst == 0 && lines != (cmd_operands(c) == 0))
        worst = cmd_fail(c, EXIT_USAGE,
                         lines ? "--jsonl reads stdin and takes no expressions"
                               : "an expression is missing");
    else if (worst == 0 && lines)
        worst = suite_run(c, s.schema);
    else
        for (size_t i = 0; worst < EXIT_ERROR && i < cmd_operands(c); i++) {
            int status = one(c, &s, cmd_operand(c, i));
            worst = status > worst ? status : worst;
        }
    close_session(&s);
    return worst;
}

static int run_eval(struct cmd_call *c)
{
    return each(c, eval_one);
}

static int run_check(struct cmd_call *c)
{
    return each(c, check_one);
}

static const struct cmd_opt eval_opts[] = {
    {"jsonl", 0, NULL,
     "read requests from stdin, one JSON object a line, in the form of the "
     "conformance vectors; answer one line each"},
    {"var", 'v', "NAME=JSON", "give a variable a value"},
    {"declare", 'd', "NAME=TYPE", "declare a variable without a value, e.g. tools=list(string)"},
    {"container", 0, "NAME", "resolve names in this scope"},
    {"messages", 0, "FILE", "protobuf message types as JSON"},
    {"no-check", 0, NULL, "do not check types before evaluating"},
    {"json", 0, NULL, "print one JSON object a line"},
    {0}};

static const struct cmd_opt check_opts[] = {
    {"declare", 'd', "NAME=TYPE", "declare a variable, e.g. tools=list(string)"},
    {"var", 'v', "NAME=JSON", "declare a variable of any type"},
    {"container", 0, "NAME", "resolve names in this scope"},
    {"messages", 0, "FILE", "protobuf message types as JSON"},
    {"json", 0, NULL, "print one JSON object a line"},
    {0}};

static const struct cmd_sub subs[] = {
    {"eval", "[EXPR...]", "evaluate expressions", eval_opts, run_eval},
    {"check", "EXPR...", "print the type of expressions, or where they are wrong", check_opts,
     run_check},
    {0}};

static const struct cmd_spec spec = {
    "cel", "evaluate and check expressions of the Common Expression Language", subs,
    "Policies are written in the Common Expression Language. This command evaluates expressions "
    "with the same engine, limits included, and says where one is wrong.\n\n"
    "Exit status: 0 every expression has a value (or a type), 1 one has an error, 2 the command "
    "failed, 64 usage."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
