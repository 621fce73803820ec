/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees against the recursive definition of RFC 6962, proofs made here against the checkers for
 * every pair of sizes, and tile paths that must not be read.
 */
#include "unit.h"

#include "merkle_proof.h"
#include "tile.h"

enum { LEAVES = 70 };

static struct merkle_hash leaves[LEAVES];

static int set_up(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < LEAVES; i++)
        merkle_leaf(span(&i, 1), &leaves[i]);
    return 0;
}

/* MTH of RFC 6962 §2.1, as it is written there. */
static struct merkle_hash mth(size_t from, size_t to)
{
    struct merkle_hash left, right;
    if (to == from) {
        merkle_empty(&left);
        return left;
    }
    if (to - from == 1)
        return leaves[from];
    size_t k = 1;
    while (k * 2 < to - from)
        k *= 2;
    left = mth(from, from + k);
    right = mth(from + k, to);
    merkle_node(&left, &right, &left);
    return left;
}

static struct err node(void *self, unsigned height, uint64_t index, struct merkle_hash *out)
{
    (void)self;
    assert_true((index + 1) << height <= LEAVES);
    *out = mth(index << height, (index + 1) << height);
    return OK;
}

static const struct merkle_source source = {node, NULL};

static void the_frontier_has_the_root(void **state)
{
    (void)state;
    struct merkle m = {0};
    for (size_t n = 0; n <= LEAVES; n++) {
        struct merkle_hash want = mth(0, n), got, also;
        merkle_root(&m, &got);
        assert_true(merkle_same(&got, &want));
        assert_ok(merkle_proof_root(&source, 0, n, &also));
        assert_true(merkle_same(&also, &want));
        if (n < LEAVES)
            assert_ok(merkle_append(&m, &leaves[n]));
    }
}

static void inclusion_proofs_hold_and_no_others(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t i = 0; i < size; i++) {
            struct merkle_proof p;
            assert_ok(merkle_proof_inclusion(&source, i, size, &p));
            assert_ok(merkle_proof_check_inclusion(i, size, &leaves[i], p.hash, p.n, &root));
            uint64_t other = (i + 1) % size;
            if (other != i)
                assert_true(failed(
                    merkle_proof_check_inclusion(other, size, &leaves[i], p.hash, p.n, &root)));
            if (p.n) {
                assert_fails(ERR_INPUT, merkle_proof_check_inclusion(i, size, &leaves[i], p.hash,
                                                                     p.n - 1, &root));
                p.hash[p.n / 2].b[0] ^= 1;
                assert_fails(ERR_CORRUPT,
                             merkle_proof_check_inclusion(i, size, &leaves[i], p.hash, p.n, &root));
            }
        }
        struct merkle_proof none;
        assert_fails(ERR_INPUT, merkle_proof_inclusion(&source, size, size, &none));
    }
}

static void consistency_proofs_hold_and_no_others(void **state)
{
    (void)state;
    for (uint64_t size = 0; size <= LEAVES; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t old = 0; old <= size; old++) {
            struct merkle_hash before = mth(0, old);
            struct merkle_proof p;
            assert_ok(merkle_proof_consistency(&source, old, size, &p));
            assert_ok(merkle_proof_check_consistency(old, size, &before, &root, p.hash, p.n));
            before.b[9] ^= 4;
            assert_fails(ERR_CORRUPT,
                         merkle_proof_check_consistency(old, size, &before, &root, p.hash, p.n));
            before.b[9] ^= 4;
            if (p.n == 0)
                continue;
            assert_fails(ERR_INPUT, merkle_proof_check_consistency(old, size, &before, &root,
                                                                   p.hash, p.n - 1));
            p.hash[p.n - 1].b[31] ^= 1;
            assert_fails(ERR_CORRUPT,
                         merkle_proof_check_consistency(old, size, &before, &root, p.hash, p.n));
        }
        struct merkle_proof none;
        assert_fails(ERR_INPUT, merkle_proof_consistency(&source, size + 1, size, &none));
    }
}

static void the_largest_sizes_end(void **state)
{
    (void)state;
    struct merkle_hash h[64] = {{{0}}};
    assert_true(failed(merkle_proof_check_inclusion(UINT64_MAX - 1, UINT64_MAX, h, h, 64, h)));
    assert_true(failed(merkle_proof_check_inclusion(0, UINT64_MAX, h, h, 64, h)));
    assert_true(failed(merkle_proof_check_consistency(UINT64_MAX - 1, UINT64_MAX, h, h, h, 63)));
    assert_true(failed(merkle_proof_check_consistency(1ULL << 63, UINT64_MAX, h, h, h, 63)));
    struct merkle full = {.size = INT64_MAX};
    assert_fails(ERR_LIMIT, merkle_append(&full, h));
}

static void other_tile_paths_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t at;
    } bad[] = {{"", 0},
               {"tile/", 5},
               {"tile/8/000", 5},
               {"tile/01/000", 6},
               {"tile/0", 6},
               {"tile/0/", 6},
               {"tile/0/00", 6},
               {"tile/0/0000", 10},
               {"tile/0/x000/001", 6},
               {"tile/0/x001", 11},
               {"tile/0/x001/x002", 16},
               {"tile/0/000/001", 10},
               {"tile/0/000.p/0", 13},
               {"tile/0/000.p/01", 13},
               {"tile/0/000.p/256", 13},
               {"tile/0/000.p/", 13},
               {"tile/0/000.p", 10},
               {"tile/0/-01", 6},
               {"tile/entries000", 12},
               {"tile/entry/000", 5},
               {"/tile/0/000", 0},
               {"tile/0/x999/x999/x999/x999/x999/999", 31}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tile t;
        struct fault f = {999, NULL};
        assert_fails(ERR_INPUT, tile_parse(span_str(bad[i].path), &t, &f));
        if (f.at != bad[i].at)
            print_error("%s: %zu, not %zu\n", bad[i].path, f.at, bad[i].at);
        assert_int_equal(f.at, bad[i].at);
    }
    struct tile last;
    assert_ok(tile_parse(span_str("tile/7/x072/x057/x594/x037/x927/935"), &last, NULL));
    assert_true(last.number == TILE_NUMBER_MAX);
    assert_fails(ERR_INPUT,
                 tile_parse(span_str("tile/7/x072/x057/x594/x037/x927/936"), &last, NULL));
}

/* A row of nodes is the nodes one by one, however many there are, also in place. */
static void a_row_is_its_nodes(void **state)
{
    (void)state;
    struct merkle_hash in[32], row[16], want;
    for (size_t i = 0; i < sizeof in; i++)
        in[i / 32].b[i % 32] = (uint8_t)(i * 167 + i / 9);
    for (size_t n = 0; n <= 16; n++) {
        memcpy(row, in, sizeof row);
        merkle_node_row(in, n, row);
        for (size_t i = 0; i < n; i++) {
            merkle_node(&in[2 * i], &in[2 * i + 1], &want);
            assert_memory_equal(&row[i], &want, sizeof want);
        }
    }
    merkle_node(&in[0], &in[1], &want);
    merkle_node_row(in, 16, in);
    assert_memory_equal(&in[0], &want, sizeof want);
    assert_memory_equal(in, row, sizeof row);
}

static void bundles_end_where_they_end(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(1000);
    struct span e;
    assert_ok(tile_bundle_put(&b, SPAN_LIT("one")));
    assert_ok(tile_bundle_put(&b, SPAN_NONE));
    assert_ok(tile_bundle_put(&b, SPAN_LIT("three")));
    struct rd r = rd_of(buf_span(&b));
    assert_ok(tile_bundle_next(&r, &e));
    assert_true(span_is(e, "one"));
    assert_ok(tile_bundle_next(&r, &e));
    assert_int_equal(e.n, 0);
    assert_ok(tile_bundle_next(&r, &e));
    assert_true(span_is(e, "three"));
    assert_fails(ERR_CLOSED, tile_bundle_next(&r, &e));
    for (size_t cut = 8; cut < b.n; cut++) {
        r = rd_of(span_cut(buf_span(&b), 7, cut - 7));
        assert_fails(ERR_INPUT, tile_bundle_next(&r, &e));
    }
    size_t n = b.n;
    assert_fails(ERR_LIMIT, tile_bundle_put(&b, span(b.p, TILE_ENTRY_MAX + 1)));
    assert_fails(ERR_LIMIT, tile_bundle_put(&b, span(b.p, 990)));
    assert_int_equal(b.n, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frontier_has_the_root),
        cmocka_unit_test(inclusion_proofs_hold_and_no_others),
        cmocka_unit_test(consistency_proofs_hold_and_no_others),
        cmocka_unit_test(the_largest_sizes_end),
        cmocka_unit_test(other_tile_paths_are_refused),
        cmocka_unit_test(a_row_is_its_nodes),
        cmocka_unit_test(bundles_end_where_they_end),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
