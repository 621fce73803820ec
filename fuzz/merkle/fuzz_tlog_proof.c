/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof files on any bytes. Checked: an error says where, inside the input; a file that is read is
 * written as it was; a proof of any shape is judged without a fault, and at most one leaf hash has
 * it.
 */
#include "tlog_proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
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
