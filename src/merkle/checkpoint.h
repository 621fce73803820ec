/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints (C2SP tlog-checkpoint): the signed head of a log, a note whose text is
 *
 *     origin        one line, not empty
 *     size          decimal, no sign, no leading zero
 *     root          base64 of 32 bytes; of the empty tree for size 0
 *     extensions    further lines, none empty; read, not interpreted, never written here
 */
#ifndef SANCTUM_MERKLE_CHECKPOINT_H
#define SANCTUM_MERKLE_CHECKPOINT_H

#include "merkle.h"
#include "merkle_proof.h"
#include "note.h"

struct checkpoint {
    struct span origin; /* borrowed, without newline */
    uint64_t size;
    struct merkle_hash root;
    struct span extensions; /* lines with their newlines, mostly empty */
};

/* The text of a note as a checkpoint. ERR_INPUT with position. */
MUST struct err checkpoint_parse(struct span text, struct checkpoint *out, struct fault *f);
/* Append origin, size and root. */
MUST struct err checkpoint_put(const struct checkpoint *c, struct buf *out);

/* Most keys that one checkpoint is checked against: the log's and its witnesses'. */
enum { CHECKPOINT_KEYS = 32 };
/*
 * Parse and verify a signed checkpoint: keys[0] is the log's and must have signed; the others are
 * its witnesses', who may. `origin` is the one that the log must name; empty: the log key's name.
 * Errors as note_parse, note_verify and checkpoint_parse; ERR_DENIED also when the log's signature
 * is missing or the origin is another. `seen` has `count` entries.
 */
MUST struct err checkpoint_open(struct span bytes, struct span origin, const struct note_key *keys,
                                size_t count, struct checkpoint *out, struct note_seen *seen,
                                struct fault *f);
/*
 * Append the signed checkpoint that follows `last` (NULL for a log's first). A signer keeps `last`
 * durably and calls nothing else, so two heads that it signs are never of two histories:
 * ERR_DENIED when next is smaller, of another origin, or not consistent with last by `proof`.
 */
MUST struct err checkpoint_sign(const struct checkpoint *last, const struct checkpoint *next,
                                const struct merkle_proof *proof, const struct note_signer *signer,
                                struct buf *out);

#endif
