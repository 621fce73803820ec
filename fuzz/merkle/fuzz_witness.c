/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is sent to a witness, on any bytes. Checked: an error says where, inside the input; what is
 * read is written as it was; a head is cosigned only when it is signed and follows: never after a
 * last head of another root at the same size, and never when none of its signatures is the log's.
 */
/* covers: src/merkle/witness.c src/merkle/proof_text.c */
/* planted: src/merkle/proof_text.c | if (proof->n == MERKLE_PROOF_MAX) | if (proof->n == 2 *
 * MERKLE_PROOF_MAX) */
#include "witness.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The key that signs the corpus. */
static const struct note_key *log_key(void)
{
    static struct note_signer s;
    static const uint8_t seed[32] = {7};
    if (s.public.name[0] == 0)
        must(!failed(note_signer_make(SPAN_LIT("log.example/a"), NOTE_ED25519, seed, &s)));
    return &s.public;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    struct witness_ask a;
    struct checkpoint next;
    struct fault f = {0, NULL};
    if (failed(witness_ask_parse(in, &a, &f))) {
        must(f.why && f.at <= size);
        return 0;
    }
    BUF_AUTO out = buf_init(size);
    must(!failed(witness_ask_put(&a, &out)) && span_eq(buf_span(&out), in));
    struct span origin = witness_ask_origin(&a);
    must(origin.n <= a.checkpoint.n);
    if (witness_judge(&a, NULL, log_key(), &next) == WITNESS_COSIGN) {
        must(span_is(origin, log_key()->name) && a.old == 0 && a.proof.n == 0);
        struct checkpoint other = next;
        struct witness_ask again = a;
        other.root.b[0] ^= 1;
        again.old = next.size;
        must(next.size == 0 ||
             witness_judge(&again, &other, log_key(), &next) == WITNESS_INCONSISTENT);
    }
    return 0;
}
