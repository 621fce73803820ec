/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to a witness and what comes back: any program that posts a file carries it. */
#include "file.h"
#include "ledgerctl_int.h"
#include "num.h"
#include "tile_dir.h"
#include "witness.h"

/* --- ask-witness --------------------------------------------------------------------------- */

static struct err make_ask(const struct signed_log *s, uint64_t old, struct buf *out)
{
    struct tile_dir dir = tile_dir_of(s->p.dir, s->head.size);
    struct merkle_source source = {tile_dir_node, &dir};
    struct witness_ask ask = {.old = old, .checkpoint = buf_span(&s->note)};
    struct err e = merkle_proof_consistency(&source, old, s->head.size, &ask.proof);
    tile_dir_close(&dir);
    return failed(e) ? e : witness_ask_put(&ask, out);
}

int run_ask_witness(struct cmd_call *c)
{
    struct signed_log s;
    const char *text = cmd_value(c, "old");
    uint64_t old = 0;
    BUF_AUTO out = buf_init(WITNESS_ASK_MAX);
    if (text && failed(num_u64(span_str(text), UINT64_MAX, &old)))
        return cmd_fail(c, EXIT_USAGE, "--old wants the number that the witness told");
    int status = signed_open(c, &s);
    if (status == EXIT_CLEAN && old > s.head.size)
        status = cmd_fail(c, EXIT_FINDING,
                          "the witness has seen %llu records, and %llu are signed: see sanctum "
                          "ledger verify",
                          (unsigned long long)old, (unsigned long long)s.head.size);
    if (status == EXIT_CLEAN) {
        struct err e = make_ask(&s, old, &out);
        status = failed(e) ? cmd_fail(c, EXIT_FINDING,
                                      "no proof can be made (%s): see sanctum "
                                      "ledger verify",
                                      cmd_err_text(e))
                           : put_file(c, buf_span(&out));
    }
    buf_free(&s.note);
    return status;
}

/* --- add-cosignature ----------------------------------------------------------------------- */

static int read_both(struct cmd_call *c, struct buf *ask, struct buf *lines)
{
    struct buf *into[] = {ask, lines};
    if (cmd_operands(c) != 2)
        return cmd_fail(c, EXIT_USAGE, "give what was asked and what the witness answered");
    for (size_t i = 0; i < 2; i++) {
        struct err e = file_read(cmd_operand(c, i), into[i]);
        if (failed(e))
            return cmd_fail(c, EXIT_ERROR, "%s: %s", cmd_operand(c, i), cmd_err_text(e));
    }
    return EXIT_CLEAN;
}

static int witness_key(struct cmd_call *c, struct note_key *out)
{
    const char *text = cmd_value(c, "witness");
    struct fault f = {0, NULL};
    if (!text)
        return cmd_fail(c, EXIT_USAGE, "give the witness's key with --witness");
    if (failed(note_key_parse(span_str(text), out, &f)))
        return cmd_fail(c, EXIT_USAGE, "--witness: %s at byte %zu", f.why, f.at);
    return EXIT_CLEAN;
}

/* The checkpoint that was asked for and the witness's lines, as one note that verifies. */
static int join(struct cmd_call *c, const struct note_key keys[2], struct span asked,
                struct span lines)
{
    struct witness_ask ask;
    struct checkpoint head;
    struct note_seen seen[2];
    struct fault f = {0, NULL};
    BUF_AUTO whole = buf_init(NOTE_MAX);
    if (failed(witness_ask_parse(asked, &ask, &f)))
        return cmd_fail(c, EXIT_ERROR, "%s: %s at byte %zu", cmd_operand(c, 0), f.why, f.at);
    if (failed(buf_put(&whole, ask.checkpoint)) || failed(buf_put(&whole, lines)))
        return cmd_fail(c, EXIT_ERROR, "the answer is too long");
    struct err e = checkpoint_open(buf_span(&whole), SPAN_NONE, keys, 2, &head, seen, &f);
    if (failed(e))
        return say_finding(c, "altered", NULL, f.why ? f.why : cmd_err_text(e));
    if (!seen[1].good)
        return say_finding(c, "split view", NULL, "the witness's cosignature is not there");
    return put_file(c, buf_span(&whole));
}

int run_add_cosignature(struct cmd_call *c)
{
    struct place p;
    struct note_key keys[2];
    BUF_AUTO asked = buf_init(WITNESS_ASK_MAX);
    BUF_AUTO lines = buf_init(NOTE_MAX);
    int status = read_both(c, &asked, &lines);
    if (status == EXIT_CLEAN)
        status = place_find(c, &p);
    if (status == EXIT_CLEAN)
        status = place_key(c, &p, &keys[0]);
    if (status == EXIT_CLEAN)
        status = witness_key(c, &keys[1]);
    return status == EXIT_CLEAN ? join(c, keys, buf_span(&asked), buf_span(&lines)) : status;
}
