/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `sanctum age` share. */
#ifndef SANCTUM_CMD_AGE_AGECMD_INT_H
#define SANCTUM_CMD_AGE_AGECMD_INT_H

#include "age.h"
#include "cmdkit.h"
#include "file.h"

/* ---- output.c ---- */

/*
 * Where the result goes. A file appears under its name only when it is complete (or keeps its old
 * content); what is no regular file (a pipe, /dev/stdout) is written as it comes.
 */
struct output {
    struct age_sink sink;
    int fd;
    bool opened, whole; /* whole: written under another name until output_finish */
    bool fresh;         /* set by the caller: nothing may be there under the name */
    const char *path;   /* NULL: standard output */
    unsigned mode;
    struct file_draft draft;
};
/* Opens nothing yet: that happens with the first byte, or in output_finish. */
void output_init(struct output *o, const char *path, unsigned mode);
MUST struct err output_finish(struct output *o);
/* Leave nothing under the name. */
void output_drop(struct output *o);

struct fd_source {
    struct age_source source;
    int fd;
};
/* `path` NULL or "-": standard input. */
MUST struct err input_open(const char *path, struct fd_source *in);
void input_close(struct fd_source *in);

/* ---- keys.c ---- */

/* -r and -R; with `identities` also -i as recipients. Says what is wrong and returns a status. */
int take_recipients(struct cmd_call *c, struct age_keys *out, bool identities);
int take_identities(struct cmd_call *c, struct age_keys *out);
/* No file is both read and written, and standard input is read once: else one line and a status. */
int check_files(struct cmd_call *c);
/* One JSON object on standard error: {"result","file"} and "reason" where there is one. Returns
 * `status`. */
int say_json(int status, const char *result, const char *file, const char *reason);
/* One line about a failure, its class first (with --json an object); returns the exit status. */
int say_failure(struct cmd_call *c, struct err e, const struct fault *f, const char *what);

/* ---- passphrase.c ---- */

/* From --passphrase-fd, AGE_PASSPHRASE or the terminal (asked twice when `confirm`), without its
 * line end. Says what is wrong and returns a status. */
int ask_passphrase(struct cmd_call *c, bool confirm, struct buf *out);

/* ---- keygen.c ---- */

int run_keygen(struct cmd_call *c);

/* ---- inspect.c ---- */

int run_inspect(struct cmd_call *c);

#endif
