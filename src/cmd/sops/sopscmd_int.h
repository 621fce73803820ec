/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `sanctum sops` share. */
#ifndef SANCTUM_CMD_SOPS_SOPSCMD_INT_H
#define SANCTUM_CMD_SOPS_SOPSCMD_INT_H

#include "cmdkit.h"
#include "sops.h"

enum { CMD_TEXTS = 8 << 20 };

/* A document from a file, with the bytes it borrows. */
struct loaded {
    struct buf source;
    struct sops_doc doc;
    enum sops_format format;
    const char *path;
};

/* One line about a failure; returns the exit status. */
int say(struct cmd_call *c, const char *path, struct err e, const struct fault *f);
/* The same about a document that does not parse, with the line that f->at is in. */
int say_place(struct cmd_call *c, const struct loaded *l, struct err e, const struct fault *f);
/* What an option of the command line says about the selection rule. */
int rule_options(struct cmd_call *c, struct sops_policy *p);
/* Parse what is loaded as a clear document. */
MUST struct err read_clear(struct loaded *l, struct fault *f);
/* Read the one file named ("-": standard input) and find its format (--input-type wins). */
int load_source(struct cmd_call *c, struct loaded *l);
/* The same, parsed, data key found, values open, MAC checked. */
int load_open(struct cmd_call *c, struct loaded *l);
void unload(struct loaded *l);
/* --output-type, if it was given. */
int output_format(struct cmd_call *c, enum sops_format *as);
/* Where the result goes: --output, the file itself with --in-place, or standard output. */
int put_result(struct cmd_call *c, const struct loaded *l, struct span bytes, bool in_place);

/* identities.c: from --identity, the environment's variables and the usual places. */
int find_identities(struct cmd_call *c, const struct sops_doc *d, struct age_keys *out);
/* --age, or the creation rule that fits. */
int find_policy(struct cmd_call *c, const char *path, struct arena *arena, struct buf *text,
                struct sops_policy *p);

/* change.c */
int run_encrypt(struct cmd_call *c);
int run_set(struct cmd_call *c);
int run_unset(struct cmd_call *c);
int run_rotate(struct cmd_call *c);
int run_updatekeys(struct cmd_call *c);
int run_filestatus(struct cmd_call *c);
/* edit.c */
int run_edit(struct cmd_call *c);
enum { PRIVATE_FOLDER = 64 };
/* A folder in memory where there is one, this user's alone. Until private_folder_end, which removes
 * it and every file in it, no signal ends the program. */
bool private_folder(char out[PRIVATE_FOLDER]);
void private_folder_end(const char *folder);
/* run.c */
int run_exec_env(struct cmd_call *c);
int run_exec_file(struct cmd_call *c);

#endif
