/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes and a checkpoint as text: read once, from anywhere. */
#include "proof_text_int.h"

#include "b64.h"

enum { HASH_TEXT = 44 }; /* base64 of a hash */

static struct err parse_hash(struct span line, struct merkle_hash *out)
{
    struct wr w = wr_of(out->b, MERKLE_BYTES);
    if (line.n != HASH_TEXT)
        return err(ERR_INPUT);
    TRY(b64_decode(&w, line, B64_STD, NULL));
    TRY(wr_done(&w));
    return w.n == MERKLE_BYTES ? OK : err(ERR_INPUT);
}

struct err proof_text_parse(struct span bytes, size_t at, struct merkle_proof *proof,
                            struct span *checkpoint, struct fault *f)
{
    for (proof->n = 0;; proof->n++) {
        size_t end = span_find(bytes, at, '\n');
        if (end == bytes.n)
            return fault_at(f, ERR_INPUT, at, "no empty line after the hashes");
        if (end == at)
            break;
        if (proof->n == MERKLE_PROOF_MAX)
            return fault_at(f, ERR_INPUT, at, "a proof has at most 63 hashes");
        if (failed(parse_hash(span_cut(bytes, at, end - at), &proof->hash[proof->n])))
            return fault_at(f, ERR_INPUT, at, "a hash is 32 bytes in base64");
        at = end + 1;
    }
    *checkpoint = span_from(bytes, at + 1);
    if (checkpoint->n == 0)
        return fault_at(f, ERR_INPUT, at + 1, "no checkpoint");
    return OK;
}

struct err proof_text_put(const struct merkle_proof *proof, struct span checkpoint, struct buf *out)
{
    for (size_t i = 0; i < proof->n; i++) {
        char text[HASH_TEXT];
        struct wr w = wr_of(text, sizeof text);
        b64_encode(&w, span(proof->hash[i].b, MERKLE_BYTES), B64_STD);
        TRY(wr_done(&w));
        TRY(buf_put(out, wr_span(&w)));
        TRY(buf_put_u8(out, '\n'));
    }
    TRY(buf_put_u8(out, '\n'));
    return buf_put(out, checkpoint);
}
