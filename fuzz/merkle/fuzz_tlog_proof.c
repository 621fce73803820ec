/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof files on any bytes. Checked: an error says where, inside the input; a file that is read is
 * written as it was; a proof of any shape is judged without a fault, and at most one leaf hash has
 * it. And proofs of a tree made from the input: they hold, for that leaf and that size, and with
 * one bit changed they do not.
 */
/* covers: src/merkle/tlog_proof.c src/merkle/proof_text.c src/merkle/merkle_proof.c */
/* planted: src/merkle/merkle_proof.c | return judge(n == 0, merkle_same(old_root, root)); | return
 * judge(true, merkle_same(old_root, root)); */
#include "tlog_proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* ---- a tree of our own ---- */

enum { LEAVES = 70 };

struct leaves {
    struct merkle_hash hash[LEAVES];
    size_t n;
};

static struct err node(void *self, unsigned height, uint64_t index, struct merkle_hash *out)
{
    const struct leaves *l = self;
    struct merkle m = {0};
    for (uint64_t i = index << height; i < (index + 1) << height; i++) {
        must(i < l->n);
        must(!failed(merkle_append(&m, &l->hash[i])));
    }
    merkle_root(&m, out);
    return OK;
}

static struct merkle_hash root_of(const struct leaves *l, size_t n)
{
    struct merkle m = {0};
    struct merkle_hash root;
    for (size_t i = 0; i < n; i++)
        must(!failed(merkle_append(&m, &l->hash[i])));
    merkle_root(&m, &root);
    return root;
}

/* The proof as a file, under a signed head: it holds for this leaf alone. */
static void check_file(struct tlog_proof *p, const struct merkle_hash *leaf, size_t size,
                       const struct merkle_hash *root)
{
    static struct note_signer log;
    static const uint8_t seed[32] = {7};
    struct checkpoint head = {.origin = SPAN_LIT("log"), .size = size, .root = *root};
    struct merkle_hash other = *leaf;
    struct tlog_proof back;
    struct note_seen seen;
    struct fault f;
    BUF_AUTO note = buf_init(1024), file = buf_init(1 << 16);
    if (log.public.name[0] == 0)
        must(!failed(note_signer_make(head.origin, NOTE_ED25519, seed, &log)));
    must(!failed(checkpoint_sign(NULL, &head, NULL, &log, &note)));
    p->checkpoint = buf_span(&note);
    must(!failed(tlog_proof_put(p, &file)) &&
         !failed(tlog_proof_parse(buf_span(&file), &back, &f)));
    must(!failed(tlog_proof_verify(&back, leaf, head.origin, &log.public, 1, &head, &seen, &f)));
    other.b[0] ^= 1;
    must(failed(tlog_proof_verify(&back, &other, head.origin, &log.public, 1, &head, &seen, &f)));
    back.index = size;
    must(failed(tlog_proof_verify(&back, leaf, head.origin, &log.public, 1, &head, &seen, &f)));
}

static void check_inclusion(struct leaves *l, size_t index, unsigned change)
{
    struct merkle_source s = {node, l};
    struct merkle_proof p;
    struct merkle_hash root = root_of(l, l->n), leaf;
    if (failed(merkle_proof_inclusion(&s, index, l->n, &p))) {
        must(index >= l->n);
        return;
    }
    must(!failed(merkle_proof_check_inclusion(index, l->n, &l->hash[index], p.hash, p.n, &root)));
    must(
        failed(merkle_proof_check_inclusion(index, l->n, &l->hash[index], p.hash, p.n + 1, &root)));
    check_file(&(struct tlog_proof){.index = index, .proof = p}, &l->hash[index], l->n, &root);
    leaf = l->hash[index];
    if (p.n && change & 1)
        p.hash[change % p.n].b[change % MERKLE_BYTES] ^= 1;
    else
        leaf.b[change % MERKLE_BYTES] ^= 1;
    must(err_cat(merkle_proof_check_inclusion(index, l->n, &leaf, p.hash, p.n, &root)) ==
         ERR_CORRUPT);
    if (p.n)
        must(failed(merkle_proof_check_inclusion(index, l->n, &leaf, p.hash, p.n - 1, &root)));
}

static void check_consistency(struct leaves *l, size_t old, unsigned change)
{
    struct merkle_source s = {node, l};
    struct merkle_proof p;
    if (failed(merkle_proof_consistency(&s, old, l->n, &p))) {
        must(old > l->n);
        return;
    }
    struct merkle_hash before = root_of(l, old), after = root_of(l, l->n);
    must(!failed(merkle_proof_check_consistency(old, l->n, &before, &after, p.hash, p.n)));
    must(failed(merkle_proof_check_consistency(old, l->n, &before, &after, p.hash, p.n + 1)));
    if (p.n)
        p.hash[change % p.n].b[change % MERKLE_BYTES] ^= 1;
    else
        before.b[change % MERKLE_BYTES] ^= 1;
    must(failed(merkle_proof_check_consistency(old, l->n, &before, &after, p.hash, p.n)));
}

/* Byte 0: how many leaves; 1: which one, and the older size; 2: what is changed. */
static void own_tree(struct span in)
{
    static struct leaves l;
    if (in.n < 3)
        return;
    l.n = in.p[0] % (LEAVES + 1);
    for (size_t i = 0; i < l.n; i++)
        merkle_leaf(span_from(in, i % in.n), &l.hash[i]);
    check_inclusion(&l, in.p[1] % (LEAVES + 1), in.p[2]);
    check_consistency(&l, in.p[1] % (LEAVES + 1), in.p[2]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    own_tree(in);
    struct tlog_proof p;
    struct fault f = {0, NULL};
    if (failed(tlog_proof_parse(in, &p, &f))) {
        must(f.why && f.at <= size);
        return 0;
    }
    BUF_AUTO out = buf_init(size);
    must(!failed(tlog_proof_put(&p, &out)) && span_eq(buf_span(&out), in));
    struct note note;
    struct checkpoint head = {.size = size};
    if (!failed(note_parse(p.checkpoint, &note, NULL)) &&
        failed(checkpoint_parse(note.text, &head, NULL)))
        return 0;
    struct merkle_hash one = {{1}}, two = {{2}};
    bool first = !failed(merkle_proof_check_inclusion(p.index, head.size, &one, p.proof.hash,
                                                      p.proof.n, &head.root));
    bool second = !failed(merkle_proof_check_inclusion(p.index, head.size, &two, p.proof.hash,
                                                       p.proof.n, &head.root));
    must(!first || !second);
    must(failed(
        merkle_proof_check_consistency(p.index, head.size, &one, &two, p.proof.hash, p.proof.n)));
    return 0;
}
