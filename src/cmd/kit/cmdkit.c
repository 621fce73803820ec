/* SPDX-License-Identifier: Apache-2.0 */
/* Option parsing and dispatch for every command. Runs once a process. */
#include "cmdkit.h"
#include "cmdkit_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ARGS = 4096 };

struct cmd_pair {
    const struct cmd_opt *opt;
    const char *value;
};

struct cmd_call {
    const struct cmd_spec *spec;
    const struct cmd_sub *sub;
    struct cmd_pair pairs[MAX_ARGS];
    const char *operands[MAX_ARGS];
    size_t n_pairs, n_operands;
};

static struct cmd_call the_call; /* one command line a process; too large for the stack */

int cmd_fail(const struct cmd_call *c, int status, const char *fmt, ...)
{
    fprintf(stderr, "sanctum %s%s%s: ", c->spec->name, c->sub && *c->sub->name ? " " : "",
            c->sub ? c->sub->name : "");
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return status;
}

static const struct cmd_opt *find_long(const struct cmd_sub *sub, const char *name, size_t n)
{
    for (const struct cmd_opt *o = sub->opts; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static const struct cmd_opt *find_letter(const struct cmd_sub *sub, char letter)
{
    for (const struct cmd_opt *o = sub->opts; o && o->name; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

static void keep(struct cmd_call *c, const struct cmd_opt *o, const char *value)
{
    c->pairs[c->n_pairs++] = (struct cmd_pair){o, value};
}

/* "--name", "--name=value" or "--name value". Returns words used, 0 after a complaint. */
static int take_long(struct cmd_call *c, const char *word, const char *next)
{
    const char *name = word + 2;
    size_t n = strcspn(name, "=");
    const struct cmd_opt *o = find_long(c->sub, name, n);
    if (!o) {
        cmd_fail(c, 0, "unknown option %.64s (see --help)", word);
        return 0;
    }
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    if (!o->arg && value) {
        cmd_fail(c, 0, "option --%s takes no value", o->name);
        return 0;
    }
    if (!o->arg || value) {
        keep(c, o, value);
        return 1;
    }
    if (!next) {
        cmd_fail(c, 0, "option --%s needs %s", o->name, o->arg);
        return 0;
    }
    keep(c, o, next);
    return 2;
}

/* "-a", "-ab", "-xVALUE" or "-x VALUE". Returns words used, 0 after a complaint. */
static int take_letters(struct cmd_call *c, const char *word, const char *next)
{
    for (const char *at = word + 1; *at; at++) {
        const struct cmd_opt *o = find_letter(c->sub, *at);
        if (!o) {
            cmd_fail(c, 0, "unknown option -%c (see --help)", *at);
            return 0;
        }
        if (!o->arg) {
            keep(c, o, NULL);
            continue;
        }
        if (at[1]) {
            keep(c, o, at + 1);
            return 1;
        }
        if (!next) {
            cmd_fail(c, 0, "option -%c needs %s", *at, o->arg);
            return 0;
        }
        keep(c, o, next);
        return 2;
    }
    return 1;
}

static bool parse(struct cmd_call *c, int argc, char **argv)
{
    bool open = true;
    for (int i = 0; i < argc;) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (c->n_pairs + strlen(word) >= MAX_ARGS || c->n_operands + 1 >= MAX_ARGS) {
            cmd_fail(c, 0, "too many arguments");
            return false;
        }
        if (open && strcmp(word, "--") == 0) {
            open = false;
            i++;
        } else if (open && word[0] == '-' && word[1]) {
            int used = word[1] == '-' ? take_long(c, word, next) : take_letters(c, word, next);
            if (used == 0)
                return false;
            i += used;
        } else {
            c->operands[c->n_operands++] = word;
            i++;
        }
    }
    return true;
}

static const struct cmd_sub *find_sub(const struct cmd_spec *spec, const char *word)
{
    for (const struct cmd_sub *s = spec->subs; s->name; s++)
        if (strcmp(s->name, word) == 0)
            return s;
    return NULL;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int cmd_main(const struct cmd_spec *spec, int argc, char **argv)
{
    struct cmd_call *c = &the_call;
    *c = (struct cmd_call){.spec = spec};
    argc--, argv++;
    if (argc == 1 && strcmp(argv[0], "--help-man") == 0)
        return help_man(spec);
    if (argc == 1 && strcmp(argv[0], "--help-complete") == 0)
        return help_complete(spec);
    c->sub = find_sub(spec, "");
    bool named = argc > 0 && *argv[0] && (!c->sub || *argv[0] != '-') && find_sub(spec, argv[0]);
    if (named) {
        c->sub = find_sub(spec, argv[0]);
        argc--, argv++;
    }
    if (asks_help(argc, argv))
        return help_print(spec, named ? c->sub : NULL);
    if (!c->sub) {
        if (argc > 0)
            cmd_fail(c, 0, "unknown subcommand %.64s", argv[0]);
        help_usage(spec);
        return EXIT_USAGE;
    }
    if (!parse(c, argc, argv))
        return EXIT_USAGE;
    if (c->n_operands && !(c->sub->args && *c->sub->args))
        return cmd_fail(c, EXIT_USAGE, "takes no operands");
    int status = c->sub->run(c);
    if (fflush(stdout) != 0 || ferror(stdout))
        return cmd_fail(c, EXIT_ERROR, "cannot write the output");
    return status;
}

bool cmd_has(const struct cmd_call *c, const char *name)
{
    for (size_t i = 0; i < c->n_pairs; i++)
        if (strcmp(c->pairs[i].opt->name, name) == 0)
            return true;
    return false;
}

const char *cmd_value(const struct cmd_call *c, const char *name)
{
    const char *last = NULL;
    for (size_t i = 0; i < c->n_pairs; i++)
        if (strcmp(c->pairs[i].opt->name, name) == 0)
            last = c->pairs[i].value;
    return last;
}

const char *cmd_next_value(const struct cmd_call *c, const char *name, size_t *iter)
{
    while (*iter < c->n_pairs) {
        const struct cmd_pair *p = &c->pairs[(*iter)++];
        if (strcmp(p->opt->name, name) == 0)
            return p->value;
    }
    return NULL;
}

size_t cmd_operands(const struct cmd_call *c)
{
    return c->n_operands;
}

const char *cmd_operand(const struct cmd_call *c, size_t i)
{
    return i < c->n_operands ? c->operands[i] : NULL;
}
