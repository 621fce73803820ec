/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of every command. A command describes itself in one table (struct cmd_spec): from it
 * come dispatch, option parsing, --help, the man page (--help-man) and shell completion
 * (--help-complete).
 *
 *     static const struct cmd_opt opts[] = {
 *         {"json", 0, NULL, "print one JSON object a line"},
 *         {"output", 'o', "FILE", "write to FILE"},
 *         {0}};
 *     static const struct cmd_sub subs[] = {{"eval", "[FILE]", "evaluate expressions", opts,
 * run_eval}, {0}}; const struct cmd_spec spec = {"cel", "Common Expression Language", subs, "longer
 * text …"}; int main(int argc, char **argv) { return cmd_main(&spec, argc, argv); }
 *
 * A command without subcommands has one entry whose name is "".
 * Options: --name VALUE, --name=VALUE, -x VALUE, -xVALUE; flags may be bundled (-ab). "--" ends
 * them;
 * "-" is an operand. An unknown option or a missing value exits 64 with one line on stderr.
 */
#ifndef SANCTUM_CMD_KIT_CMDKIT_H
#define SANCTUM_CMD_KIT_CMDKIT_H

#include "buf.h"
#include "charset.h"
#include "err.h"
#include "span.h"

enum { EXIT_CLEAN = 0, EXIT_FINDING = 1, EXIT_ERROR = 2, EXIT_USAGE = 64 };

struct cmd_opt {
    const char *name; /* long name without dashes */
    char letter;      /* short name, or 0 */
    const char *arg;  /* NULL: a flag; else what the value is called in the help */
    const char *help;
};

struct cmd_call; /* the parsed command line */

struct cmd_sub {
    const char *name;
    const char *args; /* operands as the help shows them, e.g. "FILE..."; empty: there are none, and
                       * one that is given exits 64 */
    const char *help;
    const struct cmd_opt *opts; /* ends with {0}; NULL for none */
    int (*run)(struct cmd_call *);
};

struct cmd_spec {
    const char *name;
    const char *summary;
    const struct cmd_sub *subs; /* ends with {0} */
    const char *about;          /* paragraphs for help and man page */
};

/* Parse, dispatch, and return the exit status. */
int cmd_main(const struct cmd_spec *spec, int argc, char **argv);

/* Was the option given? */
bool cmd_has(const struct cmd_call *c, const char *name);
/* Its last value, or NULL. */
const char *cmd_value(const struct cmd_call *c, const char *name);
/* Its values in order: *iter starts at 0; NULL when there are no more. */
const char *cmd_next_value(const struct cmd_call *c, const char *name, size_t *iter);
/* Operands, in order. */
size_t cmd_operands(const struct cmd_call *c);
const char *cmd_operand(const struct cmd_call *c, size_t i);

/* One line on stderr, "sanctum NAME: …", and the status to return. Never pass secrets. */
int cmd_fail(const struct cmd_call *c, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What went wrong in words: errno text for ERR_IO, else the category. */
const char *cmd_err_text(struct err e);

/* A filter reads the file that its operand names; without one, or of "-", standard input. Called
 * before anything is read: the file stands in for standard input. The status: EXIT_CLEAN, or
 * another when it was said why. */
int cmd_input(const struct cmd_call *c);
/* The file's name for what is said of it, or "standard input". */
const char *cmd_input_name(const struct cmd_call *c);

/* A text that a filter reads. */
struct cmd_text {
    struct buf utf8;
    enum charset charset; /* how it was written */
};
/* All of the input, at most `max` bytes. UTF-16 that begins with its mark and windows-1252
 * are decoded; what looks like UTF-16 without one, or is broken, is refused: nobody would see what
 * it holds. `was`: how the text was written that this one was made from, or NULL: then a text
 * without a mark is what it looks like. The status: EXIT_CLEAN, or EXIT_ERROR when it was said
 * why. Free it in both cases. */
int cmd_read_text(const struct cmd_call *c, size_t max, const enum charset *was,
                  struct cmd_text *t);
/* Write `text` (UTF-8) to standard output as `in` was written; a character that this has not is an
 * error. The status, as above. */
int cmd_write_text(const struct cmd_call *c, const struct cmd_text *in, struct span text);
/* Wipes the text. */
void cmd_text_free(struct cmd_text *t);

/* s as a JSON string with its quotes on stdout's FILE; bytes that are not UTF-8 become U+FFFD. */
void cmd_json_string(void *file, struct span s);
/* True when stdout is a terminal and NO_COLOR is unset. */
bool cmd_colour(void);
/* Progress on stderr, only when it is a terminal: "\rlabel 42 % (…)"; done == total ends the line.
 */
void cmd_progress(const char *label, uint64_t done, uint64_t total);

#endif
