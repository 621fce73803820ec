/* SPDX-License-Identifier: Apache-2.0 */
/* A witness's form and judgement: once a second for each log at most. */
#include "witness.h"

#include "num.h"
#include "proof_text_int.h"

#define OLD SPAN_LIT("old ")

struct err witness_ask_parse(struct span body, struct witness_ask *out, struct fault *f)
{
    size_t end = span_find(body, 0, '\n');
    if (!span_starts(body, OLD) || end == body.n ||
        failed(num_u64(span_cut(body, OLD.n, end - OLD.n), UINT64_MAX, &out->old)))
        return fault_at(f, ERR_INPUT, 0, "the first line is \"old\" and a size");
    return proof_text_parse(body, end + 1, &out->proof, &out->checkpoint, f);
}

struct err witness_ask_put(const struct witness_ask *a, struct buf *out)
{
    TRY(buf_put(out, OLD));
    TRY(buf_put_u64(out, a->old));
    TRY(buf_put_u8(out, '\n'));
    return proof_text_put(&a->proof, a->checkpoint, out);
}

struct span witness_ask_origin(const struct witness_ask *a)
{
    return span_cut(a->checkpoint, 0, span_find(a->checkpoint, 0, '\n'));
}

/* Of the first head there is nothing to prove; else the proof leads from the last to this one. */
static bool follows(const struct witness_ask *a, const struct checkpoint *last,
                    const struct checkpoint *next)
{
    struct merkle_hash none;
    merkle_empty(&none);
    return !failed(merkle_proof_check_consistency(a->old, next->size, last ? &last->root : &none,
                                                  &next->root, a->proof.hash, a->proof.n));
}

enum witness_verdict witness_judge(const struct witness_ask *a, const struct checkpoint *last,
                                   const struct note_key *log, struct checkpoint *next)
{
    struct note_seen seen;
    struct note note;
    if (failed(note_parse(a->checkpoint, &note, NULL)))
        return WITNESS_MALFORMED;
    if (failed(checkpoint_open(a->checkpoint, SPAN_NONE, log, 1, next, &seen, NULL)))
        return WITNESS_NOT_SIGNED;
    if (a->old > next->size)
        return WITNESS_MALFORMED;
    if (a->old != (last ? last->size : 0))
        return WITNESS_OTHER_OLD;
    return follows(a, last, next) ? WITNESS_COSIGN : WITNESS_INCONSISTENT;
}
