/* SPDX-License-Identifier: Apache-2.0 */
/* Help, man page and completion words, all from the one table. */
#include "cmdkit_int.h"

#include <stdio.h>
#include <string.h>

static void usage_line(FILE *f, const struct cmd_spec *spec, const struct cmd_sub *s)
{
    fprintf(f, "  sanctum %s%s%s%s%s%s\n", spec->name, *s->name ? " " : "", s->name,
            s->opts && s->opts->name ? " [OPTIONS]" : "", s->args && *s->args ? " " : "",
            s->args ? s->args : "");
}

void help_usage(const struct cmd_spec *spec)
{
    fputs("usage:\n", stderr);
    for (const struct cmd_sub *s = spec->subs; s->name; s++)
        usage_line(stderr, spec, s);
}

static void option_line(const struct cmd_opt *o)
{
    char left[80];
    snprintf(left, sizeof left, "%s%c%s --%s%s%s", o->letter ? "-" : " ",
             o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name, o->arg ? " " : "",
             o->arg ? o->arg : "");
    printf("    %-28s %s\n", left, o->help);
}

int help_print(const struct cmd_spec *spec, const struct cmd_sub *sub)
{
    printf("sanctum %s: %s\n\n", spec->name, spec->summary);
    for (const struct cmd_sub *s = spec->subs; s->name; s++) {
        if (sub && s != sub)
            continue;
        usage_line(stdout, spec, s);
        printf("      %s\n", s->help);
        for (const struct cmd_opt *o = s->opts; o && o->name; o++)
            option_line(o);
        putchar('\n');
    }
    if (spec->about)
        printf("%s\n", spec->about);
    return EXIT_CLEAN;
}

/* Text with man(7)'s special characters made harmless. */
static void man_text(const char *s)
{
    bool line_start = true;
    for (; *s; s++) {
        if (line_start && (*s == '.' || *s == '\''))
            fputs("\\&", stdout);
        line_start = *s == '\n';
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else
            putchar(*s);
    }
}

int help_man(const struct cmd_spec *spec)
{
    printf(".TH SANCTUM\\-%s 1 \"\" \"sanctum %s\"\n.SH NAME\nsanctum\\-%s \\- ", spec->name,
           SANCTUM_VERSION, spec->name);
    man_text(spec->summary);
    fputs("\n.SH SYNOPSIS\n", stdout);
    for (const struct cmd_sub *s = spec->subs; s->name; s++) {
        printf(".B sanctum %s%s%s\n", spec->name, *s->name ? " " : "", s->name);
        printf("%s", s->opts && s->opts->name ? "[OPTIONS] " : "");
        man_text(s->args ? s->args : "");
        fputs("\n.br\n", stdout);
    }
    fputs(".SH DESCRIPTION\n", stdout);
    if (spec->about)
        man_text(spec->about);
    putchar('\n');
    for (const struct cmd_sub *s = spec->subs; s->name; s++) {
        printf(".SS %s %s\n", spec->name, s->name);
        man_text(s->help);
        putchar('\n');
        for (const struct cmd_opt *o = s->opts; o && o->name; o++) {
            fputs(".TP\n.B ", stdout);
            if (o->letter)
                printf("\\-%c, ", o->letter);
            fputs("\\-\\-", stdout);
            man_text(o->name);
            if (o->arg)
                printf(" %s", o->arg);
            putchar('\n');
            man_text(o->help);
            putchar('\n');
        }
    }
    fputs(".SH EXIT STATUS\n0 clean, 1 finding, 2 error, 64 wrong usage.\n", stdout);
    return EXIT_CLEAN;
}

int help_complete(const struct cmd_spec *spec)
{
    for (const struct cmd_sub *s = spec->subs; s->name; s++) {
        printf("%s\t", *s->name ? s->name : "-"); /* a shell's read drops an empty first field */
        for (const struct cmd_opt *o = s->opts; o && o->name; o++)
            printf("%s--%s", o == s->opts ? "" : " ", o->name);
        putchar('\n');
    }
    return EXIT_CLEAN;
}
