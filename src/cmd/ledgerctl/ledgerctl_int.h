/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `sanctum ledger`: where the log of a state directory lies, and its subcommands.
 *
 *   place.c   paths, reader, public key; what damage is said
 *   show.c    show
 *   verify.c  verify: records, tree, signature, heads
 *   proof.c   prove, check-proof, checkpoint, export
 *   serve.c   serve: the tiles over HTTP
 *   witness_ask.c  ask-witness, add-cosignature
 */
#ifndef SANCTUM_CMD_LEDGERCTL_INT_H
#define SANCTUM_CMD_LEDGERCTL_INT_H

#include "audit_reader.h"
#include "checkpoint.h"
#include "cmdkit.h"
#include "statedir.h"

enum { PLACE_PATH = STATEDIR_MAX + 64 };

struct place {
    char dir[PLACE_PATH], pin[PLACE_PATH], head[PLACE_PATH], vkey[PLACE_PATH];
    struct audit_reader *reader; /* NULL until place_open */
};

/* All of these return an exit status; other than EXIT_CLEAN, what is wrong was said. */
int place_find(struct cmd_call *c, struct place *p);
/* With the reader of records; takes no operands. */
int place_open(struct cmd_call *c, struct place *p);
void place_close(struct place *p);
/* The log's public key: --key, --key-file, or the one beside the log. */
int place_key(struct cmd_call *c, const struct place *p, struct note_key *out);
/* The signed head of the log, checked; `note` holds its bytes. A bad one is a finding. */
int place_checkpoint(struct cmd_call *c, const struct place *p, const struct note_key *key,
                     struct buf *note, struct checkpoint *out);

/* The signed head of the log and the key that signed it; the caller frees `note`, after a failure
 * too. The newest, or the one in --checkpoint. */
struct signed_log {
    struct place p;
    struct note_key key;
    struct buf note;
    struct checkpoint head;
};
int signed_open(struct cmd_call *c, struct signed_log *s);
/* To --output, or to standard output. */
int put_file(struct cmd_call *c, struct span bytes);

/* One finding, as text or JSON: "truncated at record 7: why", or without `seq`. EXIT_FINDING. */
int say_finding(struct cmd_call *c, const char *word, const uint64_t *seq, const char *why);
/* What the reader stopped at. */
int say_damage(struct cmd_call *c, const struct place *p, struct err e);

int run_show(struct cmd_call *c);
int run_verify(struct cmd_call *c);
int run_prove(struct cmd_call *c);
int run_check_proof(struct cmd_call *c);
int run_checkpoint(struct cmd_call *c);
int run_export(struct cmd_call *c);
int run_serve(struct cmd_call *c);
int run_ask_witness(struct cmd_call *c);
int run_add_cosignature(struct cmd_call *c);

#endif
