/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof files (C2SP tlog-proof): everything that shows, offline, that an entry is in a log.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64           optional; not authenticated
 *     index N
 *     BASE64                 the inclusion proof, a hash a line, maybe none
 *                            (empty line)
 *     the signed checkpoint, with cosignatures
 */
#ifndef SANCTUM_MERKLE_TLOG_PROOF_H
#define SANCTUM_MERKLE_TLOG_PROOF_H

#include "checkpoint.h"

struct tlog_proof {
    struct span extra; /* base64 text as it stands, checked; empty when there is none */
    uint64_t index;
    struct merkle_proof proof;
    struct span checkpoint; /* the signed note */
};

/* The form of the first half only: the checkpoint is opened by tlog_proof_verify. ERR_INPUT with
 * position. Borrows `bytes`. */
MUST struct err tlog_proof_parse(struct span bytes, struct tlog_proof *out, struct fault *f);
/* Append the file. `extra` is base64 text or empty. */
MUST struct err tlog_proof_put(const struct tlog_proof *p, struct buf *out);
/*
 * Is the entry with this leaf hash in the log? Arguments as checkpoint_open. Errors as there, and
 * of the proof: ERR_INPUT (index not in the tree, too few or many hashes), ERR_CORRUPT (another
 * root).
 */
MUST struct err tlog_proof_verify(const struct tlog_proof *p, const struct merkle_hash *leaf,
                                  struct span origin, const struct note_key *keys, size_t count,
                                  struct checkpoint *head, struct note_seen *seen, struct fault *f);

#endif
