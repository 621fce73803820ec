/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of sanctum-verify: what was asked, what the state file holds, how a verdict is printed.
 */
#ifndef SANCTUM_CMD_VERIFY_INT_H
#define SANCTUM_CMD_VERIFY_INT_H

#include "cmdkit.h"
#include "log_check.h"
#include "tlog_proof.h"

/* What the command line asked for. */
struct job {
    struct cmd_call *call;
    const char *path;
    bool json;
    struct note_key keys[CHECKPOINT_KEYS]; /* keys[0] is the log's */
    size_t key_count;
    struct log_ask ask;
    struct buf remembered_bytes[LOG_REMEMBERED];
    struct span remembered[LOG_REMEMBERED];
};

/*
 * The state file remembers, between runs, the last head found intact, and whether a run began and
 * did not end:
 *
 *     sanctum-verify state 1
 *     begun                      or: ended
 *     the signed checkpoint      or nothing
 */
struct state {
    const char *path; /* NULL: none asked for */
    bool unfinished;  /* the run before began and did not end */
    struct buf head;  /* the remembered checkpoint, maybe empty */
};

/* Read it (a file that is not there is an empty state) and write "begun" over it. ERR_INPUT: not a
 * state file. */
MUST struct err state_begin(const char *path, struct state *out);
/* Write "ended" with the head found intact; with SPAN_NONE the head of before stays. */
MUST struct err state_end(struct state *s, struct span head);

/* Print the report of a log or of a proof and return the exit status. */
int print_report(const struct job *j, const struct log_report *r);
/* The check could not be made: one line, or one JSON object. Returns EXIT_ERROR. */
int print_trouble(const struct job *j, const char *what, struct err e, const struct fault *f);

#endif
