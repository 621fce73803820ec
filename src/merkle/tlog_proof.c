/* SPDX-License-Identifier: Apache-2.0 */
/* Proof files: small, from anywhere, read once. */
#include "tlog_proof.h"

#include "b64.h"
#include "num.h"
#include "proof_text_int.h"

#define HEAD  SPAN_LIT("c2sp.org/tlog-proof@v1\n")
#define EXTRA SPAN_LIT("extra ")
#define INDEX SPAN_LIT("index ")

enum { EXTRA_MAX = 64 * 1024 };

static struct err check_extra(struct span text, size_t *wrong)
{
    BUF_AUTO bytes = buf_init(EXTRA_MAX);
    TRY(buf_reserve(&bytes, text.n));
    struct wr w = wr_of(bytes.p, bytes.cap);
    return b64_decode(&w, text, B64_STD, wrong);
}

static struct err parse_extra(struct span bytes, size_t *at, struct tlog_proof *out,
                              struct fault *f)
{
    out->extra = SPAN_NONE;
    if (!span_starts(span_from(bytes, *at), EXTRA))
        return OK;
    size_t start = *at + EXTRA.n, end = span_find(bytes, start, '\n'), wrong = 0;
    out->extra = span_cut(bytes, start, end - start);
    if (end == bytes.n || out->extra.n > EXTRA_MAX)
        return fault_at(f, ERR_INPUT, start, "the extra line does not end, or too late");
    if (failed(check_extra(out->extra, &wrong)))
        return fault_at(f, ERR_INPUT, start + wrong, "the extra line is not base64");
    *at = end + 1;
    return OK;
}

struct err tlog_proof_parse(struct span bytes, struct tlog_proof *out, struct fault *f)
{
    size_t at = HEAD.n;
    if (!span_starts(bytes, HEAD))
        return fault_at(f, ERR_INPUT, 0, "a proof file begins with c2sp.org/tlog-proof@v1");
    TRY(parse_extra(bytes, &at, out, f));
    if (!span_starts(span_from(bytes, at), INDEX))
        return fault_at(f, ERR_INPUT, at, "no index line");
    at += INDEX.n;
    size_t end = span_find(bytes, at, '\n');
    if (end == bytes.n || failed(num_u64(span_cut(bytes, at, end - at), UINT64_MAX, &out->index)))
        return fault_at(f, ERR_INPUT, at, "the index is a decimal number");
    return proof_text_parse(bytes, end + 1, &out->proof, &out->checkpoint, f);
}

struct err tlog_proof_put(const struct tlog_proof *p, struct buf *out)
{
    TRY(buf_put(out, HEAD));
    if (p->extra.n) {
        TRY(buf_put(out, EXTRA));
        TRY(buf_put(out, p->extra));
        TRY(buf_put_u8(out, '\n'));
    }
    TRY(buf_put(out, INDEX));
    TRY(buf_put_u64(out, p->index));
    TRY(buf_put_u8(out, '\n'));
    return proof_text_put(&p->proof, p->checkpoint, out);
}

struct err tlog_proof_verify(const struct tlog_proof *p, const struct merkle_hash *leaf,
                             struct span origin, const struct note_key *keys, size_t count,
                             struct checkpoint *head, struct note_seen *seen, struct fault *f)
{
    TRY(checkpoint_open(p->checkpoint, origin, keys, count, head, seen, f));
    struct err e = merkle_proof_check_inclusion(p->index, head->size, leaf, p->proof.hash,
                                                p->proof.n, &head->root);
    if (failed(e))
        return fault_at(f, err_cat(e), 0,
                        err_cat(e) == ERR_INPUT ? "the proof is not one for this index and size"
                                                : "the proof leads to another root");
    return OK;
}
