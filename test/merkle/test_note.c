/* SPDX-License-Identifier: Apache-2.0 */
/* Notes and checkpoints written here and read back, cut at every byte, and changed at every byte.
 */
#include "growth.h"

#include "checkpoint.h"
#include "ed25519.h"
#include "tlog_proof.h"

static struct note_signer log_key, witness, stranger;

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = {1, 2, 3};
    assert_ok(note_signer_make(SPAN_LIT("log.example/a"), NOTE_ED25519, seed, &log_key));
    seed[0] = 9;
    assert_ok(note_signer_make(SPAN_LIT("witness.example/w"), NOTE_COSIGNATURE, seed, &witness));
    seed[0] = 10;
    assert_ok(note_signer_make(SPAN_LIT("log.example/a"), NOTE_ED25519, seed, &stranger));
    return 0;
}

static struct checkpoint head_of(uint64_t size, uint8_t fill)
{
    struct checkpoint c = {.origin = SPAN_LIT("log.example/a"), .size = size};
    memset(c.root.b, fill, sizeof c.root.b);
    return c;
}

static void cosigned_checkpoint(struct buf *out)
{
    struct checkpoint c = head_of(300, 7);
    struct note note;
    assert_ok(checkpoint_sign(NULL, &c, NULL, &log_key, out));
    assert_ok(note_parse(buf_span(out), &note, NULL));
    BUF_AUTO line = buf_init(1000);
    assert_ok(note_cosign(&note, &witness, 1760000000, &line));
    assert_ok(buf_put(out, buf_span(&line)));
}

static void keys_keep_their_text(void **state)
{
    (void)state;
    char text[NOTE_KEY_TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    struct note_key back;
    note_key_write(&witness.public, &w);
    assert_ok(wr_done(&w));
    assert_ok(note_key_parse(wr_span(&w), &back, NULL));
    assert_memory_equal(&back, &witness.public, sizeof back);
    for (size_t i = 0; i < w.n; i++) { /* every single change is seen */
        text[i] ^= 1;
        assert_true(failed(note_key_parse(wr_span(&w), &back, NULL)));
        text[i] ^= 1;
    }
    for (size_t n = 0; n < w.n; n++)
        assert_true(failed(note_key_parse(span(text, n), &back, NULL)));
}

static void names_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "a b",           "a+b",  "a\tb",
                                      "a\xc2\xa0z", "a\xe3\x80\x80", "\xff", "a\nb"};
    uint8_t seed[32] = {0};
    struct note_signer s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ERR_INPUT, note_signer_make(span_str(bad[i]), NOTE_ED25519, seed, &s));
    assert_ok(note_signer_make(SPAN_LIT("na\xc3\xafve"), NOTE_ED25519, seed, &s));
}

static void what_is_signed_verifies(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(NOTE_MAX);
    cosigned_checkpoint(&b);
    struct note_key keys[] = {log_key.public, witness.public, stranger.public};
    struct note_seen seen[3];
    struct checkpoint c;
    struct fault f;
    assert_ok(checkpoint_open(buf_span(&b), SPAN_NONE, keys, 3, &c, seen, &f));
    assert_true(seen[0].good && seen[1].good && !seen[2].good);
    assert_true(seen[1].time == 1760000000 && c.size == 300);
    assert_fails(ERR_DENIED,
                 checkpoint_open(buf_span(&b), SPAN_LIT("log.example/b"), keys, 2, &c, seen, &f));
    assert_fails(ERR_DENIED, checkpoint_open(buf_span(&b), SPAN_NONE, &keys[2], 1, &c, seen, &f));
    keys[0] = stranger.public; /* the witness alone is not enough */
    assert_fails(ERR_DENIED, checkpoint_open(buf_span(&b), SPAN_NONE, keys, 2, &c, seen, &f));
    assert_string_equal(f.why, "not signed by the log's key");
}

static void no_byte_can_change_or_go(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(NOTE_MAX);
    cosigned_checkpoint(&b);
    struct note_key keys[] = {log_key.public, witness.public};
    struct note_seen seen[2];
    struct checkpoint c;
    for (size_t i = 0; i < b.n; i++) {
        struct fault f = {SIZE_MAX, NULL};
        struct err e =
            checkpoint_open(span_cut(buf_span(&b), 0, i), SPAN_NONE, keys, 2, &c, seen, &f);
        /* cut between two signatures the note is whole, with one signer */
        assert_true(failed(e) || (seen[0].good && !seen[1].good));
        if (failed(e))
            assert_true(f.why && f.at <= i);
        b.p[i] ^= 1;
        e = checkpoint_open(buf_span(&b), SPAN_NONE, keys, 2, &c, seen, &f);
        assert_true(failed(e) || !seen[0].good || !seen[1].good);
        b.p[i] ^= 1;
    }
}

static void a_signer_signs_one_history(void **state)
{
    (void)state;
    struct merkle_hash leaf[4];
    struct merkle one = {0}, two = {0};
    for (uint8_t i = 0; i < 4; i++)
        merkle_leaf(span(&i, 1), &leaf[i]);
    for (int i = 0; i < 2; i++) {
        assert_ok(merkle_append(&one, &leaf[i]));
        assert_ok(merkle_append(&two, &leaf[i]));
    }
    assert_ok(merkle_append(&two, &leaf[2]));
    struct checkpoint last = head_of(2, 0), next = head_of(3, 0), other;
    merkle_root(&one, &last.root);
    merkle_root(&two, &next.root);
    struct merkle_proof p = {.n = 1, .hash = {leaf[2]}}, none = {.n = 0};
    BUF_AUTO b = buf_init(NOTE_MAX);
    assert_ok(checkpoint_sign(&last, &next, &p, &log_key, &b));
    size_t n = b.n;
    assert_ok(checkpoint_sign(&next, &next, &none, &log_key, &b)); /* the same head again */
    b.n = n;
    assert_fails(ERR_DENIED, checkpoint_sign(&next, &last, &p, &log_key, &b));
    assert_fails(ERR_DENIED, checkpoint_sign(&last, &next, &none, &log_key, &b));
    other = next;
    other.root.b[0] ^= 1;
    assert_fails(ERR_DENIED, checkpoint_sign(&next, &other, &none, &log_key, &b));
    assert_fails(ERR_DENIED, checkpoint_sign(&last, &other, &p, &log_key, &b));
    other = next;
    other.origin = SPAN_LIT("log.example/z");
    assert_fails(ERR_DENIED, checkpoint_sign(&last, &other, &p, &log_key, &b));
    assert_int_equal(b.n, n);
}

/* Under the key of zeros a signature of zeros would hold for every text. */
static void a_key_of_small_order_verifies_nothing(void **state)
{
    (void)state;
    uint8_t zeros[64] = {0}, key[32] = {0}, one[32] = {1};
    for (uint8_t c = 'a'; c <= 'z'; c++) {
        assert_fails(ERR_CORRUPT, ed25519_verify(key, span(&c, 1), zeros));
        assert_fails(ERR_CORRUPT, ed25519_verify(one, span(&c, 1), zeros));
    }
    key[31] = 0x80;
    assert_fails(ERR_CORRUPT, ed25519_verify(key, SPAN_LIT("a"), zeros));
}

static void too_many_signatures_are_refused(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(NOTE_MAX);
    struct note_signer same[NOTE_SIGNATURES + 1];
    struct note n;
    struct fault f;
    for (size_t i = 0; i <= NOTE_SIGNATURES; i++)
        same[i] = log_key;
    assert_ok(note_write(SPAN_LIT("text\n"), same, NOTE_SIGNATURES, &b));
    assert_ok(note_parse(buf_span(&b), &n, &f));
    buf_clear(&b);
    assert_ok(note_write(SPAN_LIT("text\n"), same, NOTE_SIGNATURES + 1, &b));
    assert_fails(ERR_LIMIT, note_parse(buf_span(&b), &n, &f));
    assert_fails(ERR_INPUT, note_write(SPAN_LIT("no newline"), same, 1, &b));
    assert_fails(ERR_INPUT, note_write(SPAN_LIT("a\ttab\n"), same, 1, &b));
    assert_fails(ERR_BUG, note_write(SPAN_LIT("text\n"), &witness, 1, &b));
}

static void signed_text(struct buf *out, const char *head, char each, size_t n)
{
    BUF_AUTO text = buf_init(NOTE_MAX);
    assert_ok(buf_puts(&text, head));
    growth_repeat((char[]){each, 0}, &text, n);
    assert_ok(buf_puts(&text, "\n"));
    assert_ok(note_write(buf_span(&text), &log_key, 1, out));
}

static void empty_lines(struct buf *out, size_t n)
{
    signed_text(out, "text\n", '\n', n);
}

static void a_long_line(struct buf *out, size_t n)
{
    signed_text(out, "text\n", 'A', n);
}

static void a_long_extra_line(struct buf *out, size_t n)
{
    signed_text(out, "c2sp.org/tlog-proof@v1\nextra ", 'A', n);
}

static void read_note(struct span in)
{
    struct note n;
    assert_ok(note_parse(in, &n, NULL));
}

/* It is no proof; that is found at its end. */
static void read_proof(struct span in)
{
    struct tlog_proof p;
    assert_fails(ERR_INPUT, tlog_proof_parse(in, &p, NULL));
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(empty_lines, read_note, 100000);
    assert_linear(a_long_line, read_note, 100000);
    assert_linear(a_long_extra_line, read_proof, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_keep_their_text),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(what_is_signed_verifies),
        cmocka_unit_test(no_byte_can_change_or_go),
        cmocka_unit_test(a_signer_signs_one_history),
        cmocka_unit_test(a_key_of_small_order_verifies_nothing),
        cmocka_unit_test(time_grows_with_the_input),
        cmocka_unit_test(too_many_signatures_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
