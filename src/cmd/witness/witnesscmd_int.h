/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `sanctum witness`.
 *
 *   witnesscmd.c  the command: options, HTTP
 *   keep.c        the witness's key and what it cosigned last of each log
 *
 * Files, in STATE/witness/: key (the secret key), lock, and for each log <hex>.checkpoint, <hex>
 * the SHA-256 of its origin: the whole checkpoint as it was cosigned last. That is the evidence.
 */
#ifndef SANCTUM_CMD_WITNESS_WITNESSCMD_INT_H
#define SANCTUM_CMD_WITNESS_WITNESSCMD_INT_H

#include "statedir.h"
#include "witness.h"

enum { KEEP_PATH = STATEDIR_MAX + 128, KEEP_ID = 2 * MERKLE_BYTES };

struct keep {
    char dir[STATEDIR_MAX + 16];
    int lock; /* held while it serves */
    struct note_signer signer;
};

/* STATE/witness, without anything of it. */
MUST struct err keep_find(struct keep *k, const char *state);
/* Make a key of that name and keep it. ERR_DENIED: there is one. ERR_INPUT: no key name. */
MUST struct err keep_make(struct keep *k, struct span name);
/* Read the key. ERR_DENIED: others may read it. ERR_IO with ENOENT: there is none. */
MUST struct err keep_load(struct keep *k);
/* For a server: ERR_AGAIN: another one has it. */
MUST struct err keep_lock(struct keep *k);
/* Wipes. */
void keep_close(struct keep *k);

/* The hexadecimal id of an origin. */
void keep_id(struct span origin, char id[KEEP_ID + 1]);
/* Append the checkpoint of log `id` that was cosigned last. ERR_IO with ENOENT: there is none. */
MUST struct err keep_last(const struct keep *k, const char *id, struct buf *note);
/* Replace it: on the medium when this returns. */
MUST struct err keep_store(const struct keep *k, const char *id, struct span note);

#endif
