/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree over the records: each record is a leaf, in its order. Tiles, bundles and the
 * signed checkpoint lie in the log's own directory as C2SP tlog-tiles says, so that anybody with
 * the public key can check the records (sanctum-verify), and one record can be proven by itself.
 *
 *     DIR/checkpoint DIR/tile/…    beside the segments of audit_log.h
 *     HEAD     the checkpoint signed last, outside DIR: the signer's own memory
 *     KEY      the signing key, outside DIR; made when there is neither key nor head
 *     VKEY     its public half, for whoever checks
 *     HEAD.tiles   up to which record the tiles are on the medium
 *
 * The segments are the truth and what a commit waits for: one write, one synchronisation. The tree
 * follows behind when there is time, for its files cost several times what the records do. Nobody
 * waits for it, and what a crash takes of it is made again from the segments:
 *
 *   audit_log_commit ─▶ acknowledge
 *   audit_log_tend ─▶ audit_tree_follow …    leaves, and tiles that are full
 *                  ├▶ audit_tree_publish     the rest of the tiles, HEAD, DIR/checkpoint
 *                  └▶ audit_tree_settle …    tiles onto the medium, when there is time
 *
 * A1 a checkpoint is signed only for records that are on the medium, and after its tiles are
 *    written. A crash of the machine may take tiles that had not settled: opening makes them again.
 * A2 HEAD is on the medium before anybody can see the checkpoint, and each checkpoint is shown to
 *    follow from the one before it (checkpoint_sign): never two roots of one size.
 * A3 a log shorter than HEAD, or whose records are not those of HEAD's root, is not gone on with.
 */
#ifndef SANCTUM_AUDIT_TREE_H
#define SANCTUM_AUDIT_TREE_H

#include "audit_log.h"

struct audit_tree_options {
    const char *dir, *head, *key, *vkey; /* all borrowed while it is open */
};

struct audit_tree_found {
    uint64_t size;    /* of the checkpoint signed last */
    bool rebuilt;     /* tiles were missing or damaged and were made again from the records */
    const char *why;  /* on ERR_CORRUPT: a sentence */
    uint64_t missing; /* on ERR_CORRUPT: records that HEAD knows and the log has not */
};

struct audit_tree;
/* Records that opening takes in beyond HEAD: the rest is left to audit_tree_follow, so that a crash
 * with much to catch up holds no start up. */
enum { AUDIT_TREE_AT_START = 16 * 1024 };
/*
 * Open behind `log`, which must outlive it, and take in what the log holds beyond HEAD, up to
 * AUDIT_TREE_AT_START. ERR_CORRUPT as A3, or HEAD or KEY is missing or is none: nothing was
 * changed. When only the tiles cannot be written (a full disk) the answer is OK and the tree stands
 * still, as after an error below. Cost: a few files, what audit_tree_follow costs, and the same for
 * records that had not settled; the whole log when tiles must be made again.
 */
MUST struct err audit_tree_open(const struct audit_tree_options *o, const struct audit_log *log,
                                struct audit_tree **out, struct audit_tree_found *found);
/* Signs nothing, wipes the key. NULL is fine. */
void audit_tree_close(struct audit_tree *t);

/*
 * Take in stored records, `most` at the most: about 1 µs each, and once in 256 two files are
 * written, half a millisecond. After an error (a full disk) the tree stands still, and the next
 * call goes on from HEAD.
 */
MUST struct err audit_tree_follow(struct audit_tree *t, uint64_t most);
/* Sign what was taken in, if that grew. All of it was there when audit_log_tend said OK last (A1).
 * About 1 ms; does nothing while the tree stands still. */
MUST struct err audit_tree_publish(struct audit_tree *t);
/* Wait until the tiles of `most` more of the signed records (256 at least) are on the medium: two
 * files in 256, and a mark beside HEAD. Not needed for anything but a quicker start after a crash
 * of the machine. An error is as one of audit_tree_follow. */
MUST struct err audit_tree_settle(struct audit_tree *t, uint64_t most);
/* How many records' tiles a log whose head stands at `head` knows to be on the medium, 256 times
 * something; the tiles behind may be gone after a crash of the machine. 0: none, or not known, and
 * all tiles are compared with the records once. */
uint64_t audit_tree_settled(const char *head);
/* Signed records whose full tiles have not settled. */
uint64_t audit_tree_unsettled(const struct audit_tree *t);
/* Stored records not yet taken in. */
uint64_t audit_tree_behind(const struct audit_tree *t);

/* Records in the tree; records that the last checkpoint covers. */
uint64_t audit_tree_size(const struct audit_tree *t);
uint64_t audit_tree_signed(const struct audit_tree *t);

#endif
