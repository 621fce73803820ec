/* SPDX-License-Identifier: Apache-2.0 */
/* Tile bundles, proof files, asks and tile paths that are cut at every byte, and that grow. */
#include "growth.h"

#include "tile.h"
#include "tlog_proof.h"
#include "witness.h"

#include <stdlib.h>

/* ---- what grows ---- */

static void many_entries(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(tile_bundle_put(out, SPAN_LIT("entry")));
}

static void read_bundle(struct span in)
{
    struct rd r = rd_of(in);
    struct span entry;
    while (!failed(tile_bundle_next(&r, &entry)))
        continue;
    assert_int_equal(r.at, in.n);
}

/* A checkpoint with lines that nobody reads. */
static void many_extensions(struct buf *out, size_t n)
{
    struct checkpoint c = {.origin = SPAN_LIT("log"), .size = 0};
    merkle_empty(&c.root);
    assert_ok(checkpoint_put(&c, out));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "more\n"));
}

static void read_checkpoint(struct span in)
{
    struct checkpoint c;
    assert_ok(checkpoint_parse(in, &c, NULL));
}

static void a_long_ask(struct buf *out, size_t n)
{
    assert_ok(buf_puts(out, "old 0\n\n"));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, "text of it\n"));
}

static void read_ask(struct span in)
{
    struct witness_ask a;
    struct checkpoint next;
    struct note_signer s;
    static const uint8_t seed[32] = {1};
    assert_ok(note_signer_make(SPAN_LIT("log"), NOTE_ED25519, seed, &s));
    assert_ok(witness_ask_parse(in, &a, NULL));
    assert_int_equal(witness_judge(&a, NULL, &s.public, &next), WITNESS_MALFORMED);
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(many_entries, read_bundle, 100000);
    assert_linear(many_extensions, read_checkpoint, 50000);
    assert_linear(a_long_ask, read_ask, 8000);
}

/* ---- what is cut ---- */

static struct span exact(struct span s, uint8_t **p)
{
    *p = malloc(s.n ? s.n : 1);
    assert_non_null(*p);
    if (s.n)
        memcpy(*p, s.p, s.n);
    return span(*p, s.n);
}

static void proof_files_cut_anywhere(void **state)
{
    (void)state;
    struct tlog_proof p = {.extra = SPAN_LIT("AAAA"), .index = 17, .proof = {.n = 3}};
    BUF_AUTO whole = buf_init(4096);
    p.checkpoint = SPAN_LIT("log\n1\nx\n\n");
    assert_ok(tlog_proof_put(&p, &whole));
    size_t proof = whole.n - p.checkpoint.n;
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *memory;
        struct span part = exact(span_cut(buf_span(&whole), 0, n), &memory);
        struct tlog_proof back;
        struct fault f = {0, NULL};
        struct err e = tlog_proof_parse(part, &back, &f);
        /* What follows the proof is the checkpoint's own affair. */
        assert_int_equal(failed(e), n <= proof);
        assert_true(!failed(e) || (f.why && f.at <= n));
        free(memory);
    }
}

static void bundles_cut_anywhere(void **state)
{
    (void)state;
    BUF_AUTO whole = buf_init(4096);
    many_entries(&whole, 5);
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *memory;
        struct rd r = rd_of(exact(span_cut(buf_span(&whole), 0, n), &memory));
        struct span entry;
        size_t entries = 0;
        struct err e;
        while (!failed(e = tile_bundle_next(&r, &entry)))
            entries++;
        assert_int_equal(entries, n / 7);
        assert_int_equal(err_cat(e), n % 7 ? ERR_INPUT : ERR_CLOSED);
        free(memory);
    }
}

/* A path that is cut is no path, or that of another tile. */
static void paths_cut_anywhere(void **state)
{
    (void)state;
    struct span whole = SPAN_LIT("tile/entries/x001/x234/067.p/255");
    size_t good = 0;
    for (size_t n = 0; n <= whole.n; n++) {
        uint8_t *memory;
        struct tile t;
        struct fault f = {0, NULL};
        struct err e = tile_parse(exact(span_cut(whole, 0, n), &memory), &t, &f);
        assert_true(!failed(e) || (f.why && f.at <= n));
        good += !failed(e);
        free(memory);
    }
    assert_int_equal(good, 4); /* …/067, and widths 2, 25 and 255 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_grows_with_the_input), cmocka_unit_test(proof_files_cut_anywhere),
        cmocka_unit_test(bundles_cut_anywhere), cmocka_unit_test(paths_cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
