/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a witness is asked with, and what it says: each answer of the protocol, an ask cut and
 * changed at every byte. With the argument "seeds DIR" the program writes the asks that the fuzz
 * target begins with.
 */
#include "unit.h"

#include "file.h"
#include "witness.h"

#include <stdio.h>

enum { LEAVES = 20 };

static struct merkle_hash leaves[LEAVES];
static struct note_signer log_signer;

/* A tree in memory. */
static struct err node(void *self, unsigned height, uint64_t index, struct merkle_hash *out)
{
    struct merkle m = {0};
    (void)self;
    for (uint64_t i = index << height; i < (index + 1) << height; i++)
        TRY(merkle_append(&m, &leaves[i]));
    merkle_root(&m, out);
    return OK;
}
static const struct merkle_source source = {node, NULL};

static void prepare(void)
{
    static const uint8_t seed[32] = {7};
    assert_ok(note_signer_make(SPAN_LIT("log.example/a"), NOTE_ED25519, seed, &log_signer));
    for (size_t i = 0; i < LEAVES; i++)
        merkle_leaf(span(&"abcdefghijklmnopqrst"[i], 1), &leaves[i]);
}

static struct checkpoint head_of(uint64_t size)
{
    struct checkpoint c = {.origin = SPAN_LIT("log.example/a"), .size = size};
    assert_ok(merkle_proof_root(&source, 0, size, &c.root));
    return c;
}

/* The body that shows `size` to a witness that knows `old`. */
static void make_ask(uint64_t old, uint64_t size, struct buf *out)
{
    struct checkpoint c = head_of(size);
    BUF_AUTO note = buf_init(NOTE_MAX);
    struct witness_ask a = {.old = old};
    assert_ok(checkpoint_sign(NULL, &c, NULL, &log_signer, &note));
    assert_ok(merkle_proof_consistency(&source, old, size, &a.proof));
    a.checkpoint = buf_span(&note);
    buf_clear(out);
    assert_ok(witness_ask_put(&a, out));
}

static int verdict(struct span body, const struct checkpoint *last)
{
    struct witness_ask a;
    struct checkpoint next;
    struct fault f = {0, NULL};
    if (failed(witness_ask_parse(body, &a, &f))) {
        assert_non_null(f.why);
        assert_true(f.at <= body.n);
        return WITNESS_MALFORMED;
    }
    return (int)witness_judge(&a, last, &log_signer.public, &next);
}

static void each_step_of_a_log_is_cosigned(void **state)
{
    (void)state;
    BUF_AUTO body = buf_init(WITNESS_ASK_MAX);
    for (uint64_t old = 0; old <= LEAVES; old++)
        for (uint64_t size = old; size <= LEAVES; size++) {
            struct checkpoint last = head_of(old);
            make_ask(old, size, &body);
            assert_int_equal(verdict(buf_span(&body), old ? &last : NULL), WITNESS_COSIGN);
            /* A last head of another tree: never. */
            last.root.b[5] ^= 4;
            if (old)
                assert_int_equal(verdict(buf_span(&body), &last), WITNESS_INCONSISTENT);
            last = head_of(old ? old - 1 : 3);
            assert_int_equal(verdict(buf_span(&body), &last), WITNESS_OTHER_OLD);
        }
}

static void what_is_not_cosigned(void **state)
{
    (void)state;
    BUF_AUTO body = buf_init(WITNESS_ASK_MAX);
    struct checkpoint last = head_of(9);
    struct witness_ask a;
    struct checkpoint next;
    make_ask(9, 14, &body);
    assert_ok(witness_ask_parse(buf_span(&body), &a, NULL));
    assert_span(witness_ask_origin(&a), SPAN_LIT("log.example/a"));
    a.old = 15; /* larger than the new size */
    assert_int_equal(witness_judge(&a, &last, &log_signer.public, &next), WITNESS_MALFORMED);
    a.old = 9;
    a.proof.n--;
    assert_int_equal(witness_judge(&a, &last, &log_signer.public, &next), WITNESS_INCONSISTENT);
    a.proof.n++;
    struct note_key other = log_signer.public;
    other.key[3] ^= 1;
    assert_int_equal(witness_judge(&a, &last, &other, &next), WITNESS_NOT_SIGNED);
    assert_int_equal(witness_judge(&a, &last, &log_signer.public, &next), WITNESS_COSIGN);
    a.old = 0; /* from nothing there is nothing to prove */
    assert_int_equal(witness_judge(&a, NULL, &log_signer.public, &next), WITNESS_INCONSISTENT);
}

/* Nothing of an ask can go or change. */
static void no_byte_can_change_or_go(void **state)
{
    (void)state;
    BUF_AUTO body = buf_init(WITNESS_ASK_MAX);
    struct checkpoint last = head_of(5);
    make_ask(5, 17, &body);
    for (size_t i = 0; i < body.n; i++) {
        assert_int_not_equal(verdict(span(body.p, i), &last), WITNESS_COSIGN);
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            body.p[i] ^= (uint8_t)bit;
            assert_int_not_equal(verdict(buf_span(&body), &last), WITNESS_COSIGN);
            body.p[i] ^= (uint8_t)bit;
        }
    }
    assert_int_equal(verdict(buf_span(&body), &last), WITNESS_COSIGN);
}

static int write_seeds(const char *dir)
{
    static const uint64_t steps[][2] = {{0, 0}, {0, 1}, {0, 20}, {5, 17}, {8, 16}, {20, 20}};
    BUF_AUTO body = buf_init(WITNESS_ASK_MAX);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/ask-%u-%u", dir, (unsigned)steps[i][0],
                 (unsigned)steps[i][1]);
        make_ask(steps[i][0], steps[i][1], &body);
        if (failed(file_replace(path, buf_span(&body), 0644)))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_a_log_is_cosigned),
        cmocka_unit_test(what_is_not_cosigned),
        cmocka_unit_test(no_byte_can_change_or_go),
    };
    prepare();
    if (argc == 3 && strcmp(argv[1], "seeds") == 0)
        return write_seeds(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
