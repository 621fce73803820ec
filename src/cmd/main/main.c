/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum`, the one program a person runs. It only knows the command table and replaces itself by
 * libexec/sanctum-COMMAND, so that each command starts with the libraries it needs and no others: a
 * program linked to everything takes 8 ms to start, this way `sanctum age` takes one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_ERROR = 2, EXIT_USAGE = 64 };

struct command {
    const char *name, *executable, *summary;
};

static const struct command commands[] = {
#define COMMAND(name, executable, summary) {name, executable, summary},
#include "commands.def"
#undef COMMAND
    {0}};

static const struct command *find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static int help(FILE *f)
{
    fputs("sanctum: the security perimeter for AI that people run themselves\n\n"
          "usage: sanctum [--state DIR] [--config FILE] COMMAND [ARGUMENTS]\n       sanctum help "
          "COMMAND\n\n",
          f);
    for (const struct command *c = commands; c->name; c++)
        fprintf(f, "  %-12s %s\n", c->name, c->summary);
    fputs("\nsanctum --version prints the version, sanctum man [COMMAND] a man page (all of them\n"
          "are in man/ of the build folder), sanctum completion bash|zsh|fish shell completion.\n",
          f);
    return f == stdout ? 0 : EXIT_USAGE;
}

/* libexec/ beside this executable, or ../libexec/sanctum when installed in a bin folder. */
static int run(const struct command *c, char **argv)
{
    char self[PATH_MAX], path[PATH_MAX + 64];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        fputs("sanctum: cannot find its own path in /proc\n", stderr);
        return EXIT_ERROR;
    }
    self[n] = 0;
    *strrchr(self, '/') = 0;
    static const char *const places[] = {"libexec", "../libexec/sanctum"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", self, places[i], c->executable);
        argv[0] = (char *)c->executable;
        execv(path, argv);
        if (errno != ENOENT)
            break;
    }
    fprintf(stderr, "sanctum: cannot run %s: %s\n", c->executable, strerror(errno));
    return EXIT_ERROR;
}

/* ---- completion: every shell asks the command itself, `sanctum COMMAND --help-complete` ---- */

static void command_names(void)
{
    fputs("help man completion", stdout);
    for (const struct command *c = commands; c->name; c++)
        printf(" %s", c->name);
}

static void for_bash(void)
{
    fputs("_sanctum() {\n"
          "  local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]} sub opts words=\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    words=\"",
          stdout);
    command_names();
    fputs("\"\n"
          "  else\n"
          "    while IFS=$'\\t' read -r sub opts; do\n"
          "      if [ \"$sub\" = - ]; then words+=\" $opts\"\n"
          "      elif [ \"$COMP_CWORD\" -eq 2 ]; then words+=\" $sub\"\n"
          "      elif [ \"$sub\" = \"${COMP_WORDS[2]}\" ]; then words+=\" $opts\"; fi\n"
          "    done < <(\"${COMP_WORDS[0]}\" \"$cmd\" --help-complete 2>/dev/null)\n"
          "  fi\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "}\n"
          "complete -F _sanctum sanctum\n",
          stdout);
}

static void for_zsh(void)
{
    fputs("#compdef sanctum\nautoload -U +X bashcompinit && bashcompinit\n", stdout);
    for_bash();
}

static void for_fish(void)
{
    fputs("function __sanctum_words\n"
          "  set -l words (commandline -opc)\n"
          "  if test (count $words) -eq 1\n"
          "    string split ' ' -- '",
          stdout);
    command_names();
    fputs("'\n"
          "    return\n"
          "  end\n"
          "  for line in ($words[1] $words[2] --help-complete 2>/dev/null)\n"
          "    set -l part (string split \\t -- $line)\n"
          "    if test $part[1] = -; or test \"$part[1]\" = \"$words[3]\"\n"
          "      string split -n ' ' -- $part[2]\n"
          "    else if test (count $words) -eq 2\n"
          "      echo $part[1]\n"
          "    end\n"
          "  end\n"
          "end\n"
          "complete -c sanctum -a '(__sanctum_words)'\n",
          stdout);
}

static int completion(const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", for_bash}, {"zsh", for_zsh}, {"fish", for_fish}};
    for (size_t i = 0; shell && i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print();
            return 0;
        }
    fputs("usage: sanctum completion bash|zsh|fish\n", stderr);
    return EXIT_USAGE;
}

/* The page of `sanctum` itself; each command prints its own. */
static int man(void)
{
    fputs(".TH SANCTUM 1 \"\" \"sanctum " SANCTUM_VERSION "\"\n"
          ".SH NAME\nsanctum \\- the security perimeter for AI that people run themselves\n"
          ".SH SYNOPSIS\n.B sanctum\n[\\-\\-state DIR] [\\-\\-config FILE]\n.I "
          "COMMAND\n[ARGUMENTS]\n.SH COMMANDS\n",
          stdout);
    for (const struct command *c = commands; c->name; c++)
        printf(".TP\n.BR sanctum\\-%s (1)\n%s\n", c->name, c->summary);
    fputs(".TP\n.BR \"sanctum man\" \" [COMMAND]\"\nprint a page like this one\n"
          ".TP\n.BR \"sanctum completion\" \" bash|zsh|fish\"\nprint shell completion\n"
          ".SH EXIT STATUS\n0 clean, 1 finding, 2 error, 64 wrong usage.\n",
          stdout);
    return 0;
}

/* --state DIR, --config=FILE: the words it takes from argv, 0 when it is neither, -1 when it is
 * wrong.
 */
static int place(char **argv, const char *option, const char *variable)
{
    size_t n = strlen(option);
    if (!argv[0] || strncmp(argv[0], option, n) != 0 || (argv[0][n] && argv[0][n] != '='))
        return 0;
    const char *value = argv[0][n] ? argv[0] + n + 1 : argv[1];
    if (!value || !*value || setenv(variable, value, 1) != 0)
        return -1;
    return argv[0][n] ? 1 : 2;
}

/* Where state and settings are may be said before the command, too: it hears it as from the
 * environment. The words that takes, or -1. */
static int places(char **argv)
{
    int n = 0, state, config;
    do {
        state = place(argv + n, "--state", "SANCTUM_STATE");
        config = state ? 0 : place(argv + n, "--config", "SANCTUM_CONFIG");
        n += state + config;
    } while (state > 0 || config > 0);
    return state < 0 || config < 0 ? -1 : n;
}

int main(int argc, char **argv)
{
    int before = argc < 2 ? 0 : places(argv + 1);
    if (before < 0) {
        fputs("sanctum: --state and --config want a path and then a command\n", stderr);
        return EXIT_USAGE;
    }
    argc -= before;
    argv += before;
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--version") == 0)
        return puts("sanctum " SANCTUM_VERSION) < 0;
    if (strcmp(argv[1], "completion") == 0)
        return completion(argv[2]);
    bool pages = strcmp(argv[1], "man") == 0;
    if (pages && argc == 2)
        return man();
    bool asks = pages || strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (asks && argc == 2))
        return help(stdout);
    const struct command *c = find(argv[asks ? 2 : 1]);
    if (!c) {
        fprintf(stderr, "sanctum: unknown command %.64s (see sanctum --help)\n",
                argv[asks ? 2 : 1]);
        return EXIT_USAGE;
    }
    static char help_word[] = "--help", man_word[] = "--help-man";
    if (!asks)
        return run(c, argv + 1);
    if (pages) {
        char *page[] = {argv[2], man_word, NULL};
        return run(c, page);
    }
    char *ask[] = {argv[2], argv[3] ? argv[3] : help_word, argv[3] ? help_word : NULL, NULL};
    return run(c, ask);
}
