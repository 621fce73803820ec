/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer of tiles, gone on with after a stop, read back by the checker and by proofs. With
 * arguments "write DIR" the program only writes a signed log there and prints its key: for
 * test_go_peer.py.
 */
#include "unit.h"

#include "file.h"
#include "log_check.h"
#include "tile_dir.h"
#include "tile_log.h"

#include <stdio.h>
#include <stdlib.h>

enum { ENTRIES = 1000, FIRST = 300 };

static struct note_signer signer(void)
{
    struct note_signer s;
    uint8_t seed[32] = {5, 4, 3};
    assert_ok(note_signer_make(SPAN_LIT("log.example/written"), NOTE_ED25519, seed, &s));
    return s;
}

static void entry(uint64_t i, struct buf *out)
{
    buf_clear(out);
    assert_ok(buf_printf(out, "entry %lu", (unsigned long)i));
}

static void publish(struct tile_log *l, struct buf *note)
{
    struct note_signer s = signer();
    struct checkpoint c = {.origin = span_str(s.public.name), .size = tile_log_size(l)};
    tile_log_root(l, &c.root);
    buf_clear(note);
    assert_ok(checkpoint_sign(NULL, &c, NULL, &s, note));
    assert_ok(tile_log_publish(l, buf_span(note)));
}

/* Entries [from, to), flushed and signed. */
static void grow(const char *dir, uint64_t from, uint64_t to, struct buf *note)
{
    struct tile_log l;
    BUF_AUTO text = buf_init(64);
    assert_ok(tile_log_open(dir, from, &l));
    for (uint64_t i = from; i < to; i++) {
        entry(i, &text);
        assert_ok(tile_log_append(&l, buf_span(&text)));
    }
    assert_ok(tile_log_flush(&l));
    publish(&l, note);
    tile_log_close(&l);
}

static char *fresh_dir(void)
{
    static char dir[] = "/tmp/sanctum-tiles-XXXXXX";
    memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void remove_dir(const char *dir)
{
    BUF_AUTO command = buf_init(256);
    assert_ok(buf_printf(&command, "rm -r %s%c", dir, 0));
    assert_int_equal(system((const char *)command.p), 0);
}

static size_t look(const char *dir, const struct span *remembered, size_t n, uint64_t *checked,
                   bool tell)
{
    struct note_signer s = signer();
    struct log_report r;
    struct log_ask ask = {.path = dir,
                          .keys = &s.public,
                          .key_count = 1,
                          .remembered = remembered,
                          .remembered_count = n};
    assert_ok(log_check(&ask, &r));
    size_t found = r.findings;
    for (size_t i = 0; tell && i < found; i++)
        print_message("%s: %s\n", log_check_word(r.finding[i].verdict), r.finding[i].why);
    *checked = r.checked;
    log_check_free(&r);
    return found;
}

static size_t findings(const char *dir, const struct span *remembered, size_t n, uint64_t *checked)
{
    return look(dir, remembered, n, checked, true);
}

static void a_log_goes_on_where_it_stopped(void **state)
{
    (void)state;
    char *dir = fresh_dir();
    uint64_t checked;
    BUF_AUTO first = buf_init(NOTE_MAX);
    BUF_AUTO second = buf_init(NOTE_MAX);
    grow(dir, 0, FIRST, &first);
    assert_int_equal(findings(dir, NULL, 0, &checked), 0);
    assert_int_equal(checked, FIRST);
    grow(dir, FIRST, ENTRIES, &second);
    struct span remembered[] = {buf_span(&first), buf_span(&second)};
    assert_int_equal(findings(dir, remembered, 2, &checked), 0);
    assert_int_equal(checked, ENTRIES);
    remove_dir(dir);
}

/* What a crash leaves after the checkpoint is written again when the entries come again. */
static void a_crash_after_the_checkpoint_is_made_good(void **state)
{
    (void)state;
    char *dir = fresh_dir();
    uint64_t checked;
    struct tile_log l;
    BUF_AUTO note = buf_init(NOTE_MAX);
    BUF_AUTO text = buf_init(64);
    grow(dir, 0, FIRST, &note);
    assert_ok(tile_log_open(dir, FIRST, &l));
    for (uint64_t i = FIRST; i < 700; i++) {
        entry(i, &text);
        assert_ok(tile_log_append(&l, buf_span(&text)));
    }
    tile_log_close(&l); /* full tiles are there, no partial ones, no checkpoint */
    assert_int_equal(findings(dir, NULL, 0, &checked), 0);
    grow(dir, FIRST, ENTRIES, &note);
    assert_int_equal(findings(dir, NULL, 0, &checked), 0);
    assert_int_equal(checked, ENTRIES);
    remove_dir(dir);
}

static void proofs_come_from_tiles(void **state)
{
    (void)state;
    char *dir = fresh_dir();
    BUF_AUTO note = buf_init(NOTE_MAX);
    BUF_AUTO bundle = buf_init(TILE_BUNDLE_MAX);
    BUF_AUTO text = buf_init(64);
    grow(dir, 0, ENTRIES, &note);
    struct note_signer s = signer();
    struct note_seen seen;
    struct checkpoint c;
    assert_ok(checkpoint_open(buf_span(&note), SPAN_NONE, &s.public, 1, &c, &seen, NULL));
    struct tile_dir d = tile_dir_of(dir, ENTRIES);
    struct merkle_source source = {tile_dir_node, &d};
    for (uint64_t i = 0; i < ENTRIES; i += 37) {
        struct merkle_proof p;
        struct merkle_hash leaf, old;
        struct span got;
        entry(i, &text);
        merkle_leaf(buf_span(&text), &leaf);
        assert_ok(merkle_proof_inclusion(&source, i, ENTRIES, &p));
        assert_ok(merkle_proof_check_inclusion(i, ENTRIES, &leaf, p.hash, p.n, &c.root));
        assert_ok(merkle_proof_root(&source, 0, i, &old));
        assert_ok(merkle_proof_consistency(&source, i, ENTRIES, &p));
        assert_ok(merkle_proof_check_consistency(i, ENTRIES, &old, &c.root, p.hash, p.n));
        assert_ok(tile_dir_entry(&d, i, &bundle, &got));
        assert_span(got, buf_span(&text));
    }
    struct span none;
    struct merkle_hash h;
    assert_fails(ERR_INPUT, tile_dir_entry(&d, ENTRIES, &bundle, &none));
    assert_fails(ERR_BUG, tile_dir_node(&d, 0, ENTRIES, &h));
    tile_dir_close(&d);
    struct tile_log l;
    assert_fails(ERR_CORRUPT, tile_log_open(dir, ENTRIES + 1, &l)); /* never written */
    remove_dir(dir);
}

/* Write `bytes` to the file, without more ado. */
static void put(const char *path, struct span bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
}

/* Each byte of this file changed, and the file cut at every seventh: never intact. */
static size_t attack(const char *dir, const char *name)
{
    char path[256];
    uint64_t checked;
    BUF_AUTO bytes = buf_init(1 << 20);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(file_read(path, &bytes));
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t bit = (uint8_t)(1U << i % 8);
        bytes.p[i] ^= bit;
        put(path, buf_span(&bytes));
        if (look(dir, NULL, 0, &checked, false) == 0)
            fail_msg("%s: byte %zu changed and not found", name, i);
        bytes.p[i] ^= bit;
        if (i % 7)
            continue;
        put(path, span(bytes.p, i));
        if (look(dir, NULL, 0, &checked, false) == 0)
            fail_msg("%s: cut at %zu and not found", name, i);
    }
    assert_ok(buf_put_u8(&bytes, 0)); /* a byte more */
    put(path, buf_span(&bytes));
    assert_int_not_equal(look(dir, NULL, 0, &checked, false), 0);
    bytes.n--;
    put(path, buf_span(&bytes));
    assert_int_equal(look(dir, NULL, 0, &checked, false), 0);
    return bytes.n;
}

static void no_byte_can_change_or_go(void **state)
{
    (void)state;
    static const char *const names[] = {"checkpoint", "tile/entries/000", "tile/entries/001.p/4",
                                        "tile/0/000", "tile/0/001.p/4",   "tile/1/000.p/1"};
    char in_memory[] = "/dev/shm/sanctum-tiles-XXXXXX"; /* 20,000 files: no disk need see them */
    char *dir = mkdtemp(in_memory);
    BUF_AUTO note = buf_init(NOTE_MAX);
    size_t tried = 0;
    dir = dir ? dir : fresh_dir();
    grow(dir, 0, TILE_WIDTH + 4, &note);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tried += attack(dir, names[i]);
    assert_true(tried > TILE_BYTES);
    remove_dir(dir);
}

static int write_for_peer(const char *dir)
{
    BUF_AUTO note = buf_init(NOTE_MAX);
    char text[NOTE_KEY_TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    struct note_signer s = signer();
    grow(dir, 0, ENTRIES, &note);
    note_key_write(&s.public, &w);
    printf("%.*s\n", (int)w.n, text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_for_peer(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_goes_on_where_it_stopped),
        cmocka_unit_test(a_crash_after_the_checkpoint_is_made_good),
        cmocka_unit_test(proofs_come_from_tiles),
        cmocka_unit_test(no_byte_can_change_or_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
