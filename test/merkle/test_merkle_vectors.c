/* SPDX-License-Identifier: Apache-2.0 */
/* Trees, proofs, tiles, notes, checkpoints and proof files against data/ (DATA.md). */
#include "vectors.h"

#include "checkpoint.h"
#include "merkle_proof.h"
#include "tile.h"
#include "tlog_proof.h"

enum { MERKLE_LINES = 310, NOTES = 35, PROOF_ROOM = 80 };

/* Every hash read is flipped in one bit: the runner must then fail. */
static bool sabotage;

static struct merkle_hash field(struct span line, const char *name)
{
    struct merkle_hash h = hash_of(text_of(line, name));
    if (sabotage)
        h.b[7] ^= 1;
    return h;
}

static struct span rfc_leaf(uint64_t i)
{
    static const uint8_t bytes[] = {0x00, 0x10, 0x20, 0x21, 0x30, 0x31, 0x40, 0x41, 0x42,
                                    0x43, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
                                    0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
                                    0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f};
    static const uint8_t at[][2] = {{0, 0}, {0, 1}, {1, 1},  {2, 2},
                                    {4, 2}, {6, 4}, {10, 8}, {18, 16}};
    return span(bytes + at[i][0], at[i][1]);
}

static bool root_passes(struct span line)
{
    struct merkle m = {0};
    struct merkle_hash h, want = field(line, "root");
    bool rfc = span_is(text_of(line, "leaves"), "rfc");
    for (uint64_t i = 0, n = number_of(line, "size"); i < n; i++) {
        BUF_AUTO text = buf_init(64);
        assert_ok(buf_printf(&text, "entry %lu", (unsigned long)i));
        merkle_leaf(rfc ? rfc_leaf(i) : buf_span(&text), &h);
        assert_ok(merkle_append(&m, &h));
    }
    merkle_root(&m, &h);
    return merkle_same(&h, &want);
}

static size_t proof_of(struct span line, struct merkle_hash proof[PROOF_ROOM])
{
    struct json j = json_of(member(line, "proof"));
    struct span one;
    size_t n = 0;
    while (next_element(&j, &one)) {
        assert_in_range(n, 0, PROOF_ROOM - 1);
        proof[n++] = hash_of(span_cut(one, 1, one.n - 2));
    }
    return n;
}

static bool inclusion_passes(struct span line)
{
    struct merkle_hash proof[PROOF_ROOM], root = field(line, "root"), leaf = field(line, "leaf");
    size_t n = proof_of(line, proof);
    struct err e = merkle_proof_check_inclusion(number_of(line, "index"), number_of(line, "size"),
                                                &leaf, proof, n, &root);
    return failed(e) != yes(line, "ok");
}

static bool consistency_passes(struct span line)
{
    struct merkle_hash proof[PROOF_ROOM], root = field(line, "root"),
                                          old_root = field(line, "old_root");
    size_t n = proof_of(line, proof);
    struct err e = merkle_proof_check_consistency(number_of(line, "old"), number_of(line, "size"),
                                                  &old_root, &root, proof, n);
    return failed(e) != yes(line, "ok");
}

static bool path_is(struct tile t, struct span want)
{
    char text[TILE_PATH_MAX];
    struct wr w = wr_of(text, sizeof text);
    struct tile back = {0};
    tile_path(&t, &w);
    assert_ok(wr_done(&w));
    assert_ok(tile_parse(wr_span(&w), &back, NULL));
    assert_int_equal(back.level, t.level);
    assert_int_equal(back.number, t.number);
    assert_int_equal(back.width, t.width);
    return span_eq(wr_span(&w), want);
}

static bool level_passes(uint64_t size, struct span level)
{
    int at = (int)number_of(level, "level");
    uint64_t full = tile_full(size, at);
    unsigned partial = tile_partial(size, at);
    struct span last = text_of(level, "last_full"), rest = text_of(level, "partial");
    bool last_null = span_is(member(level, "last_full"), "null");
    bool rest_null = span_is(member(level, "partial"), "null");
    if (full != number_of(level, "full") || (full == 0) != last_null || (partial == 0) != rest_null)
        return false;
    return (last_null || path_is((struct tile){at, TILE_WIDTH, full - 1}, last)) &&
           (rest_null || path_is((struct tile){at, partial, full}, rest));
}

static bool tiles_pass(struct span line)
{
    uint64_t size = number_of(line, "size");
    struct json j = json_of(member(line, "levels"));
    struct span level;
    int levels = 0;
    for (; next_element(&j, &level); levels++)
        if (!level_passes(size, level))
            return false;
    for (int i = levels; i < TILE_LEVELS; i++)
        if (tile_full(size, i) || tile_partial(size, i))
            return false;
    unsigned partial = tile_partial(size, TILE_ENTRIES);
    if (partial == 0)
        return span_is(member(line, "entries_partial"), "null");
    return path_is((struct tile){TILE_ENTRIES, partial, tile_full(size, TILE_ENTRIES)},
                   text_of(line, "entries_partial"));
}

static bool tile_path_passes(struct span line)
{
    BUF_AUTO want = buf_init(128);
    assert_ok(buf_puts(&want, "tile/3/"));
    assert_ok(buf_put(&want, text_of(line, "path")));
    return path_is((struct tile){3, TILE_WIDTH, number_of(line, "index")}, buf_span(&want));
}

static bool merkle_line_passes(struct span line)
{
    static const struct {
        const char *kind;
        bool (*passes)(struct span);
    } kinds[] = {{"root", root_passes},
                 {"inclusion", inclusion_passes},
                 {"consistency", consistency_passes},
                 {"tiles", tiles_pass},
                 {"tile-path", tile_path_passes}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_is(text_of(line, "kind"), kinds[i].kind))
            return kinds[i].passes(line);
    return false;
}

static size_t merkle_lines_passing(void)
{
    BUF_AUTO file = buf_init(1 << 20);
    read_data("merkle.jsonl", &file);
    size_t passed = 0, lines = 0;
    for (struct span rest = buf_span(&file); rest.n; lines++) {
        size_t end = span_find(rest, 0, '\n');
        struct span line = span_cut(rest, 0, end);
        bool good = merkle_line_passes(line);
        if (!good && !sabotage)
            print_error("%.*s\n", SPAN_ARG(line));
        passed += good;
        rest = span_from(rest, end + 1);
    }
    assert_int_equal(lines, MERKLE_LINES);
    return passed;
}

static void merkle_vectors_pass(void **state)
{
    (void)state;
    sabotage = false;
    assert_int_equal(merkle_lines_passing(), MERKLE_LINES);
}

/* With flipped hashes the roots and the good proofs fail; bad proofs and paths stay as they are. */
static void merkle_runner_can_fail(void **state)
{
    (void)state;
    sabotage = true;
    size_t passed = merkle_lines_passing();
    sabotage = false;
    assert_in_range(passed, 1, MERKLE_LINES / 2 + 60);
}

struct case_keys {
    struct note_key key[8];
    struct span nick[8];
    size_t n;
};

static struct case_keys keys_of(struct span all, struct span one)
{
    struct case_keys k = {.n = 0};
    struct json j = json_of(member(one, "keys"));
    struct span nick;
    while (next_element(&j, &nick)) {
        char name[16] = {0};
        struct span bare = span_cut(nick, 1, nick.n - 2);
        assert_in_range(bare.n, 1, sizeof name - 1);
        memcpy(name, bare.p, bare.n);
        assert_ok(note_key_parse(text_of(member(all, "vkeys"), name), &k.key[k.n], NULL));
        k.nick[k.n++] = bare;
    }
    return k;
}

static struct err open_case(struct span one, const struct case_keys *k, struct span bytes,
                            struct note_seen *seen, struct fault *f)
{
    static const struct span origin = {(const uint8_t *)"log.example/sanctum", 19};
    struct checkpoint head;
    struct note note;
    if (span_is(text_of(one, "kind"), "note")) {
        TRY(note_parse(bytes, &note, f));
        return note_verify(&note, k->key, k->n, seen, f);
    }
    if (span_is(text_of(one, "kind"), "checkpoint"))
        return checkpoint_open(bytes, origin, k->key, k->n, &head, seen, f);
    struct tlog_proof proof;
    struct merkle_hash leaf;
    merkle_leaf(text_of(one, "entry"), &leaf);
    TRY(tlog_proof_parse(bytes, &proof, f));
    BUF_AUTO again = buf_init(NOTE_MAX);
    assert_ok(tlog_proof_put(&proof, &again));
    assert_span(buf_span(&again), bytes);
    return tlog_proof_verify(&proof, &leaf, origin, k->key, k->n, &head, seen, f);
}

static bool seen_as_told(struct span one, const struct case_keys *k, const struct note_seen *seen)
{
    struct json j = json_of(member(one, "verified_by"));
    struct span nick;
    size_t told = 0, good = 0;
    while (next_element(&j, &nick))
        for (size_t i = 0; i < k->n; i++)
            if (span_eq(k->nick[i], span_cut(nick, 1, nick.n - 2)))
                told += seen[i].good;
    for (size_t i = 0; i < k->n; i++)
        good += seen[i].good;
    return good == told && good > 0;
}

/* `flip` (when below the length) changes one bit of that byte of the note first. */
static bool note_passes(struct span all, struct span one, size_t flip)
{
    struct case_keys k = keys_of(all, one);
    struct note_seen seen[8] = {{false, 0}};
    struct fault f = {0, NULL};
    struct span hex = text_of(one, "note_hex");
    BUF_AUTO bytes = buf_init(NOTE_MAX);
    assert_ok(buf_reserve(&bytes, hex.n / 2 + 1));
    struct wr w = wr_of(bytes.p, bytes.cap);
    assert_ok(hex_decode(&w, hex));
    if (flip < w.n)
        w.p[flip] ^= 2;
    struct err e = open_case(one, &k, wr_span(&w), seen, &f);
    if (failed(e)) {
        assert_non_null(f.why);
        assert_in_range(f.at, 0, w.n);
        return !yes(one, "ok");
    }
    return yes(one, "ok") && seen_as_told(one, &k, seen);
}

static void notes_pass(void **state)
{
    (void)state;
    BUF_AUTO file = buf_init(1 << 20);
    read_data("notes.json", &file);
    struct json j = json_of(member(buf_span(&file), "notes"));
    struct span one;
    size_t n = 0;
    for (; next_element(&j, &one); n++) {
        bool good = note_passes(buf_span(&file), one, SIZE_MAX);
        if (!good)
            print_error("%.*s\n", SPAN_ARG(text_of(one, "name")));
        assert_true(good);
    }
    assert_int_equal(n, NOTES);
}

/* One bit of the text changed: nothing that passed passes. */
static void notes_runner_can_fail(void **state)
{
    (void)state;
    BUF_AUTO file = buf_init(1 << 20);
    read_data("notes.json", &file);
    struct json j = json_of(member(buf_span(&file), "notes"));
    struct span one;
    size_t changed = 0;
    while (next_element(&j, &one))
        if (yes(one, "ok")) {
            assert_false(note_passes(buf_span(&file), one, 3));
            changed++;
        }
    assert_true(changed >= 8);
}

static void other_key_types_are_named(void **state)
{
    (void)state;
    BUF_AUTO file = buf_init(1 << 20);
    read_data("notes.json", &file);
    struct note_key k;
    struct fault f;
    struct span w3 = text_of(member(buf_span(&file), "vkeys"), "w3");
    assert_fails(ERR_LIMIT, note_key_parse(w3, &k, &f));
    assert_string_equal(f.why, "a key of a type that is not read here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merkle_vectors_pass),
        cmocka_unit_test(merkle_runner_can_fail),
        cmocka_unit_test(notes_pass),
        cmocka_unit_test(notes_runner_can_fail),
        cmocka_unit_test(other_key_types_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
