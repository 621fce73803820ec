/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of a transparency log (RFC 6962 §2.1, RFC 9162 §2.1), SHA-256:
 *
 *     empty = SHA-256("")    leaf = SHA-256(00 ‖ entry)    node = SHA-256(01 ‖ left ‖ right)
 *
 * split at the largest power of two below the size. This header: hashing, and the tree as an
 * append-only frontier, which is all that a root needs. Proofs: merkle_proof.h. Files: tile.h.
 */
#ifndef SANCTUM_MERKLE_MERKLE_H
#define SANCTUM_MERKLE_MERKLE_H

#include "err.h"
#include "span.h"

enum { MERKLE_BYTES = 32, MERKLE_HEIGHT = 63 };

struct merkle_hash {
    uint8_t b[MERKLE_BYTES];
};

static inline bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->b, b->b, MERKLE_BYTES) == 0;
}

/* Total; the hash of an entry costs SHA-256 of one byte more than it. */
void merkle_leaf(struct span entry, struct merkle_hash *out);
/* `out` may be `left` or `right`. */
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *out);
/* n nodes from 2 n hashes that lie one behind the other: in[0] with in[1], in[2] with in[3], and so
 * on. `out` may be `in`. Four cost little more than two where the processor hashes several at once.
 */
void merkle_node_row(const struct merkle_hash *in, size_t n, struct merkle_hash *out);
/* The root of the tree of no entries. */
void merkle_empty(struct merkle_hash *out);

/*
 * The right edge of a tree. A zeroed struct is the tree of no entries.
 * Invariant: for each bit i set in size, edge[i] is the root of a full subtree of 2^i leaves; the
 * subtrees stand in the tree from the highest bit to the lowest. Other edge[] are meaningless.
 */
struct merkle {
    uint64_t size;
    struct merkle_hash edge[MERKLE_HEIGHT];
};

/* Add one leaf. ERR_LIMIT at 2^63 - 1 leaves. Cost: one node hash on average. */
MUST struct err merkle_append(struct merkle *m, const struct merkle_hash *leaf);
/* Root of what was appended so far. Cost: one node hash a bit set in size, less one. */
void merkle_root(const struct merkle *m, struct merkle_hash *out);

#endif
