/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2; checking as RFC 9162 §2.1.3.2 and
 * §2.1.4.2). Making one needs the roots of full subtrees, which a source gives: tiles on disk
 * (tile_dir.h) or an array in memory.
 */
#ifndef SANCTUM_MERKLE_MERKLE_PROOF_H
#define SANCTUM_MERKLE_MERKLE_PROOF_H

#include "merkle.h"

enum { MERKLE_PROOF_MAX = 63 }; /* hashes of a proof */

struct merkle_proof {
    size_t n;
    struct merkle_hash hash[MERKLE_PROOF_MAX];
};

/* Root of the full subtree of leaves [index << height, (index + 1) << height). */
struct merkle_source {
    struct err (*node)(void *self, unsigned height, uint64_t index, struct merkle_hash *out);
    void *self;
};

/* Root of leaves [from, to) as a subtree of its own: 0 <= from <= to, and `from` a multiple of the
 * smallest power of two that is >= to - from (0 always is one); else ERR_BUG. Errors of the source.
 */
MUST struct err merkle_proof_root(const struct merkle_source *s, uint64_t from, uint64_t to,
                                  struct merkle_hash *out);
/* That leaf `index` is in the tree of `size` leaves. ERR_INPUT: index >= size. */
MUST struct err merkle_proof_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                                       struct merkle_proof *out);
/* That the tree of `old` leaves is a prefix of that of `size`. ERR_INPUT: old > size. Empty for
 * old == 0 and old == size. */
MUST struct err merkle_proof_consistency(const struct merkle_source *s, uint64_t old, uint64_t size,
                                         struct merkle_proof *out);

/* ERR_INPUT: such a proof cannot have that many hashes, or index >= size. ERR_CORRUPT: it leads to
 * another root. */
MUST struct err merkle_proof_check_inclusion(uint64_t index, uint64_t size,
                                             const struct merkle_hash *leaf,
                                             const struct merkle_hash *proof, size_t n,
                                             const struct merkle_hash *root);
/* The same for consistency. old == 0 wants the root of the empty tree as old_root. */
MUST struct err merkle_proof_check_consistency(uint64_t old, uint64_t size,
                                               const struct merkle_hash *old_root,
                                               const struct merkle_hash *root,
                                               const struct merkle_hash *proof, size_t n);

#endif
