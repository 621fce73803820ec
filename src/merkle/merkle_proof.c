/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs, made and checked without recursion: the walk goes from the root down to the leaf (or to
 * the old tree), so the hashes come in the reverse order and are turned round at the end.
 */
#include "merkle_proof.h"

/* The largest power of two <= n, n > 0. */
static uint64_t power_within(uint64_t n)
{
    return 1ULL << (63 - __builtin_clzll(n));
}

/* Where a tree of n > 1 leaves is split: the largest power of two < n. */
static uint64_t split(uint64_t n)
{
    return power_within(n - 1);
}

struct err merkle_proof_root(const struct merkle_source *s, uint64_t from, uint64_t to,
                             struct merkle_hash *out)
{
    struct merkle_hash full[64];
    unsigned n = 0;
    if (to < from)
        return err(ERR_BUG);
    if (from == to) {
        merkle_empty(out);
        return OK;
    }
    for (uint64_t at = from; at < to; n++) {
        uint64_t leaves = power_within(to - at);
        if (at % leaves != 0)
            return err(ERR_BUG);
        TRY(s->node(s->self, (unsigned)__builtin_ctzll(leaves), at / leaves, &full[n]));
        at += leaves;
    }
    *out = full[--n];
    while (n-- > 0)
        merkle_node(&full[n], out, out);
    return OK;
}

static struct err add(const struct merkle_source *s, uint64_t from, uint64_t to,
                      struct merkle_proof *p)
{
    if (p->n == MERKLE_PROOF_MAX)
        return err(ERR_LIMIT);
    return merkle_proof_root(s, from, to, &p->hash[p->n++]);
}

static void turn_round(struct merkle_proof *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        struct merkle_hash h = p->hash[i];
        p->hash[i] = p->hash[p->n - 1 - i];
        p->hash[p->n - 1 - i] = h;
    }
}

struct err merkle_proof_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                                  struct merkle_proof *out)
{
    out->n = 0;
    if (index >= size)
        return err(ERR_INPUT);
    uint64_t from = 0, to = size;
    while (to - from > 1) {
        uint64_t middle = from + split(to - from);
        if (index < middle) {
            TRY(add(s, middle, to, out));
            to = middle;
        } else {
            TRY(add(s, from, middle, out));
            from = middle;
        }
    }
    turn_round(out);
    return OK;
}

struct err merkle_proof_consistency(const struct merkle_source *s, uint64_t old, uint64_t size,
                                    struct merkle_proof *out)
{
    out->n = 0;
    if (old > size)
        return err(ERR_INPUT);
    if (old == 0 || old == size)
        return OK;
    uint64_t from = 0, to = size;
    while (to != old) {
        uint64_t middle = from + split(to - from);
        if (old <= middle) {
            TRY(add(s, middle, to, out));
            to = middle;
        } else {
            TRY(add(s, from, middle, out));
            from = middle;
        }
    }
    if (from != 0) /* else the checker has it: the old root itself */
        TRY(add(s, from, to, out));
    turn_round(out);
    return OK;
}

static struct err judge(bool complete, bool same)
{
    if (!complete)
        return err(ERR_INPUT);
    return same ? OK : err(ERR_CORRUPT);
}

struct err merkle_proof_check_inclusion(uint64_t index, uint64_t size,
                                        const struct merkle_hash *leaf,
                                        const struct merkle_hash *proof, size_t n,
                                        const struct merkle_hash *root)
{
    if (index >= size)
        return err(ERR_INPUT);
    uint64_t at = index, last = size - 1;
    struct merkle_hash r = *leaf;
    for (size_t i = 0; i < n; i++) {
        if (last == 0)
            return err(ERR_INPUT);
        if (at & 1 || at == last) {
            merkle_node(&proof[i], &r, &r);
            for (; at != 0 && !(at & 1); at >>= 1)
                last >>= 1;
        } else {
            merkle_node(&r, &proof[i], &r);
        }
        at >>= 1;
        last >>= 1;
    }
    return judge(last == 0, merkle_same(&r, root));
}

/* RFC 9162 §2.1.4.2 for 0 < old < size; `first` is the hash the walk starts with. */
static struct err walk_consistency(uint64_t old, uint64_t size, const struct merkle_hash *old_root,
                                   const struct merkle_hash *root, const struct merkle_hash *first,
                                   const struct merkle_hash *proof, size_t n)
{
    uint64_t at = old - 1, last = size - 1;
    for (; at & 1; at >>= 1)
        last >>= 1;
    struct merkle_hash before = *first, after = *first;
    for (size_t i = 0; i < n; i++) {
        if (last == 0)
            return err(ERR_INPUT);
        if (at & 1 || at == last) {
            merkle_node(&proof[i], &before, &before);
            merkle_node(&proof[i], &after, &after);
            for (; at != 0 && !(at & 1); at >>= 1)
                last >>= 1;
        } else {
            merkle_node(&after, &proof[i], &after);
        }
        at >>= 1;
        last >>= 1;
    }
    return judge(last == 0, merkle_same(&before, old_root) && merkle_same(&after, root));
}

struct err merkle_proof_check_consistency(uint64_t old, uint64_t size,
                                          const struct merkle_hash *old_root,
                                          const struct merkle_hash *root,
                                          const struct merkle_hash *proof, size_t n)
{
    struct merkle_hash empty;
    if (old > size)
        return err(ERR_INPUT);
    if (old == size)
        return judge(n == 0, merkle_same(old_root, root));
    if (old == 0) {
        merkle_empty(&empty);
        return judge(n == 0, merkle_same(old_root, &empty));
    }
    if (n == 0)
        return err(ERR_INPUT);
    if ((old & (old - 1)) == 0)
        return walk_consistency(old, size, old_root, root, old_root, proof, n);
    return walk_consistency(old, size, old_root, root, proof, proof + 1, n - 1);
}
