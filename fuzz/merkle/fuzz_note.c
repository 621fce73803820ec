/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes, checkpoints and key texts on any bytes. Checked: an error says where, inside the input;
 * the parts of a note lie in it; a key and a checkpoint that were read are written as they were;
 * a text that can be a note's is one when it is signed, opens by that key, and by it only.
 */
/* covers: src/merkle/note.c src/merkle/note_key.c src/merkle/checkpoint.c */
/* planted: src/merkle/note_key.c | if (w.n != KEY_BYTES) | if (w.n < KEY_BYTES) */
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

static void check_signer(struct span in)
{
    struct note_signer s;
    struct fault f = {0, NULL};
    char text[NOTE_KEY_TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    if (failed(note_signer_parse(in, &s, &f))) {
        must(f.why && f.at <= in.n);
        return;
    }
    note_signer_write(&s, &w);
    must(!failed(wr_done(&w)) && w.n == in.n);
    note_signer_wipe(&s);
}

/* A log's key and a witness's. */
static const struct note_signer *signers(void)
{
    static struct note_signer s[2];
    static const uint8_t seed[2][32] = {{7}, {8}};
    if (s[0].public.name[0] == 0) {
        must(!failed(note_signer_make(SPAN_LIT("log.example/a"), NOTE_ED25519, seed[0], &s[0])));
        must(!failed(note_signer_make(SPAN_LIT("w1"), NOTE_COSIGNATURE, seed[1], &s[1])));
    }
    return s;
}

/* What is written of a signer is read as that signer. */
static void check_own(void)
{
    const struct note_signer *by = signers();
    for (size_t i = 0; i < 2; i++) {
        struct note_signer again;
        char text[NOTE_KEY_TEXT_MAX];
        struct wr w = wr_of(text, sizeof text);
        note_signer_write(&by[i], &w);
        must(!failed(note_signer_parse(wr_span(&w), &again, NULL)));
        must(memcmp(&again, &by[i], sizeof again) == 0);
    }
}

/* Signed and cosigned, then opened; with one bit of the text changed it does not open. */
static void check_signed(struct span text)
{
    const struct note_signer *by = signers();
    struct note_key keys[2] = {by[0].public, by[1].public};
    struct note_seen seen[2];
    struct note n;
    struct fault f = {0, NULL};
    BUF_AUTO out = buf_init(NOTE_MAX), line = buf_init(512);
    if (failed(note_write(text, by, 1, &out)))
        return;
    must(!failed(note_parse(buf_span(&out), &n, &f)) && span_eq(n.text, text));
    must(!failed(note_cosign(&n, &by[1], 1700000000, &line)));
    must(!failed(buf_put(&out, buf_span(&line))));
    must(!failed(note_parse(buf_span(&out), &n, &f)));
    must(!failed(note_verify(&n, keys, 2, seen, &f)));
    must(seen[0].good && seen[1].good && seen[1].time == 1700000000 && seen[0].time == 0);
    must(err_cat(note_verify(&n, keys, 0, seen, &f)) == ERR_DENIED);
    struct checkpoint c, next;
    struct span origin = span_cut(text, 0, span_find(text, 0, '\n'));
    if (!failed(checkpoint_open(buf_span(&out), origin, keys, 2, &c, seen, &f))) {
        must(span_eq(c.origin, origin));
        struct merkle_proof none = {0};
        next = c;
        next.size++;
        buf_clear(&line);
        must(failed(checkpoint_sign(&c, &next, &none, &by[0], &line)) && line.n == 0);
        line.max = NOTE_MAX;
        must(!failed(checkpoint_sign(&c, &c, &none, &by[0], &line)));
    }
    out.p[0] ^= 1; /* still no control character, or no note */
    if (!failed(note_parse(buf_span(&out), &n, &f)))
        must(err_cat(note_verify(&n, keys, 2, seen, &f)) == ERR_CORRUPT);
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
    check_signer(in);
    check_own();
    check_text(in);
    check_signed(in);
    if (failed(note_parse(in, &n, &f))) {
        must(f.why && f.at <= size);
        return 0;
    }
    must(n.text.n + 1 + n.signatures.n == size && n.text.p == data);
    size_t lines = 0, at = 0;
    while (!failed(note_next(&n, &at, &one))) {
        must(one.n > 0 && one.name.n > 0);
        lines++;
    }
    must(at == n.signatures.n && lines > 0 && lines <= NOTE_SIGNATURES);
    check_text(n.text);
    check_signed(n.text);
    /* A key of the last signer's name and number: its signature is looked at, and never good. */
    struct note_key k = {.type = lines % 2 ? NOTE_ED25519 : NOTE_COSIGNATURE, .id = one.id};
    struct note_seen seen;
    memcpy(k.name, one.name.p, one.name.n);
    must(failed(note_verify(&n, &k, 1, &seen, &f)) && f.why && f.at <= size);
    return 0;
}
