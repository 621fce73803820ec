/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a state directory, for commands that change something: where a daemon runs, behind
 * its control socket; where none does, the command holds the directory's lock and writes the very
 * record that a daemon would leave.
 */
#ifndef SANCTUM_CMD_BOOKS_STATEBOOKS_H
#define SANCTUM_CMD_BOOKS_STATEBOOKS_H

#include "audit_record.h"
#include "ctl.h"
#include "statedir.h"

enum { STATEBOOKS_PATH = STATEDIR_MAX + 64 };

struct statebooks {
    bool remote;
    struct ctl ctl;   /* remote */
    struct buf state; /* path of the directory, NUL-terminated */
    int lock;         /* held while not remote */
    char why[1024];   /* after a failure: what went wrong, for people */
};

/* `state` as statedir_path. Waits some seconds for another command to end and for a daemon that
 * starts. The caller closes, after a failure too. */
MUST struct err statebooks_open(struct statebooks *b, const char *state);
void statebooks_close(struct statebooks *b);

/* STATE/name. */
void statebooks_path(const struct statebooks *b, const char *name, char out[STATEBOOKS_PATH]);
/* Set `why`; returns e. */
struct err statebooks_fail(struct statebooks *b, struct err e, const char *why);

/* Remote: ask, and read the answer, which is borrowed until the next call. ERR_DENIED: the daemon
 * refused and said why. */
MUST struct err statebooks_ask(struct statebooks *b, struct span line, struct span *answer);
/* Not remote: store a record; it is on the medium when this returns. Its times are set here. */
MUST struct err statebooks_note(struct statebooks *b, const struct audit_record *r);
/* Either way: record that a command reads, sets or removes (`kind`) the vault's secret `name`.
 * Stored when this returns OK; without that nothing may be done with the secret. */
MUST struct err statebooks_secret(struct statebooks *b, enum audit_kind kind, struct span name);

#endif
