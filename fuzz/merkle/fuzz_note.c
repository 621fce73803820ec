/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes, checkpoints and key texts on any bytes. Checked: an error says where, inside the input;
 * the parts of a note lie in it; a key and a checkpoint that were read are written as they were.
 */
#include "checkpoint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_key(struct span in)
{
    struct note_key k;
    struct fault f = {0, NULL};
    char text[NOTE_KEY_TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    if (failed(note_key_parse(in, &k, &f))) {
        must(f.why && f.at <= in.n);
        return;
    }
    note_key_write(&k, &w);
    must(!failed(wr_done(&w)) && w.n == in.n);
}

static void check_text(struct span text)
{
    struct checkpoint c;
    struct fault f = {0, NULL};
    if (failed(checkpoint_parse(text, &c, &f))) {
        must(f.why && f.at <= text.n);
        return;
    }
    BUF_AUTO out = buf_init(NOTE_MAX);
    must(!failed(checkpoint_put(&c, &out)));
    must(!failed(buf_put(&out, c.extensions)) && span_eq(buf_span(&out), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct note_signature one;
    struct span in = span(data, size);
    struct note n;
    struct fault f = {0, NULL};
    check_key(in);
    check_text(in);
    if (failed(note_parse(in, &n, &f))) {
        must(f.why && f.at <= size);
        return 0;
    }
    must(n.text.n + 1 + n.signatures.n == size && n.text.p == data);
    size_t lines = 0, at = 0;
    while (!failed(note_next(&n, &at, &one)))
        lines++;
    must(at == n.signatures.n && lines > 0 && lines <= NOTE_SIGNATURES);
    check_text(n.text);
    /* A key of the last signer's name and number: its signature is looked at, and never good. */
    struct note_key k = {.type = lines % 2 ? NOTE_ED25519 : NOTE_COSIGNATURE, .id = one.id};
    struct note_seen seen;
    memcpy(k.name, one.name.p, one.name.n);
    must(failed(note_verify(&n, &k, 1, &seen, &f)) && f.why && f.at <= size);
    return 0;
}
