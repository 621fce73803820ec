/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: read by everybody who checks a log, signed about once a second by its writer. */
#include "checkpoint.h"

#include "b64.h"
#include "num.h"

enum { ROOT_TEXT = 44 };

/* The line at *at without its newline; *at moves past it. False at the end of the text. */
static bool next_line(struct span text, size_t *at, struct span *line)
{
    size_t end = span_find(text, *at, '\n');
    if (end == text.n)
        return false;
    *line = span_cut(text, *at, end - *at);
    *at = end + 1;
    return true;
}

static struct err parse_root(struct span line, struct merkle_hash *out)
{
    struct wr w = wr_of(out->b, MERKLE_BYTES);
    if (line.n != ROOT_TEXT)
        return err(ERR_INPUT);
    TRY(b64_decode(&w, line, B64_STD, NULL));
    TRY(wr_done(&w));
    return w.n == MERKLE_BYTES ? OK : err(ERR_INPUT);
}

struct err checkpoint_parse(struct span text, struct checkpoint *out, struct fault *f)
{
    struct span line;
    size_t at = 0, start;
    if (!next_line(text, &at, &out->origin) || out->origin.n == 0)
        return fault_at(f, ERR_INPUT, 0, "a checkpoint begins with its origin");
    start = at;
    if (!next_line(text, &at, &line) || failed(num_u64(line, UINT64_MAX, &out->size)))
        return fault_at(f, ERR_INPUT, start, "the second line is the size, in decimal");
    start = at;
    if (!next_line(text, &at, &line) || failed(parse_root(line, &out->root)))
        return fault_at(f, ERR_INPUT, start, "the third line is the root, 32 bytes in base64");
    struct merkle_hash empty;
    merkle_empty(&empty);
    if (out->size == 0 && !merkle_same(&out->root, &empty))
        return fault_at(f, ERR_INPUT, start, "size 0 with the root of another tree");
    out->extensions = span_from(text, at);
    while (at < text.n) {
        start = at;
        if (!next_line(text, &at, &line) || line.n == 0)
            return fault_at(f, ERR_INPUT, start, "an extension line is empty or has no newline");
    }
    return OK;
}

struct err checkpoint_put(const struct checkpoint *c, struct buf *out)
{
    char root[ROOT_TEXT];
    struct wr w = wr_of(root, sizeof root);
    b64_encode(&w, span(c->root.b, MERKLE_BYTES), B64_STD);
    TRY(wr_done(&w));
    TRY(buf_put(out, c->origin));
    TRY(buf_put_u8(out, '\n'));
    TRY(buf_put_u64(out, c->size));
    TRY(buf_put_u8(out, '\n'));
    TRY(buf_put(out, wr_span(&w)));
    return buf_put_u8(out, '\n');
}

struct err checkpoint_open(struct span bytes, struct span origin, const struct note_key *keys,
                           size_t count, struct checkpoint *out, struct note_seen *seen,
                           struct fault *f)
{
    struct note note;
    if (count == 0 || count > CHECKPOINT_KEYS)
        return err(ERR_BUG);
    TRY(note_parse(bytes, &note, f));
    TRY(note_verify(&note, keys, count, seen, f));
    if (!seen[0].good)
        return fault_at(f, ERR_DENIED, note.text.n + 1, "not signed by the log's key");
    TRY(checkpoint_parse(note.text, out, f));
    if (!span_eq(out->origin, origin.n ? origin : span_str(keys[0].name)))
        return fault_at(f, ERR_DENIED, 0, "the checkpoint of another log");
    return OK;
}

struct err checkpoint_sign(const struct checkpoint *last, const struct checkpoint *next,
                           const struct merkle_proof *proof, const struct note_signer *signer,
                           struct buf *out)
{
    if (last && (!span_eq(last->origin, next->origin) ||
                 failed(merkle_proof_check_consistency(last->size, next->size, &last->root,
                                                       &next->root, proof->hash, proof->n))))
        return err(ERR_DENIED);
    BUF_AUTO text = buf_init(NOTE_MAX);
    TRY(checkpoint_put(next, &text));
    struct checkpoint again;
    TRY(checkpoint_parse(buf_span(&text), &again, NULL));
    return note_write(buf_span(&text), signer, 1, out);
}
