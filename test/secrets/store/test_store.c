/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed store and the primitives under it: what goes in comes out, what was touched does not
 * open, and nothing in the file shows a value. */
#define _GNU_SOURCE

#include "unit.h"

#include "b64.h"
#include "derive.h"
#include "file.h"
#include "seal.h"
#include "storefile.h"
#include "stretch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- primitives ---------------------------------------------------------------------------- */

/* HKDF-Expand by hand: T(1) = HMAC(key, info ‖ 01), T(2) = HMAC(key, T(1) ‖ info ‖ 02). */
static void derivation_is_hkdf_expand(void **state)
{
    (void)state;
    uint8_t key[32], got[40], t[64];
    memset(key, 7, sizeof key);
    assert_ok(derive_key(span(key, 32), "label", SPAN_LIT("ctx"), got, sizeof got));
    struct hash_mac_key mac;
    assert_ok(hash_mac_key_init(&mac, span(key, 32)));
    struct span info = SPAN_LIT("\0\0\0\5label\0\0\0\3ctx");
    struct span first[] = {info, SPAN_LIT("\1")};
    hash_mac_parts(&mac, first, 2, t);
    struct span second[] = {span(t, 32), info, SPAN_LIT("\2")};
    hash_mac_parts(&mac, second, 3, t + 32);
    hash_mac_key_free(&mac);
    assert_memory_equal(got, t, sizeof got);
    /* Label and context cannot be shifted into each other. */
    uint8_t other[40];
    assert_ok(derive_key(span(key, 32), "labelc", SPAN_LIT("tx"), other, sizeof other));
    assert_memory_not_equal(got, other, sizeof got);
    assert_fails(ERR_LIMIT, derive_key(span(key, 32), "l", SPAN_NONE, got, DERIVE_MAX + 1));
}

static void seals_open_only_untouched(void **state)
{
    (void)state;
    uint8_t key[32] = {1}, wrong[32] = {2}, sealed[200], plain[200];
    struct wr w = wr_of(sealed, sizeof sealed), out = wr_of(plain, sizeof plain);
    struct span text = SPAN_LIT("sk-provider-key"), about = SPAN_LIT("name 1");
    assert_ok(seal_close(key, about, text, &w));
    assert_int_equal(w.n, text.n + SEAL_OVERHEAD);
    assert_ok(seal_open(key, about, wr_span(&w), &out));
    assert_span(wr_span(&out), text);
    out.n = 0;
    assert_fails(ERR_CORRUPT, seal_open(wrong, about, wr_span(&w), &out));
    assert_fails(ERR_CORRUPT, seal_open(key, SPAN_LIT("name 2"), wr_span(&w), &out));
    assert_fails(ERR_CORRUPT, seal_open(key, about, span(sealed, SEAL_OVERHEAD - 1), &out));
    for (size_t i = 0; i < w.n; i++) {
        sealed[i] ^= 1;
        assert_fails(ERR_CORRUPT, seal_open(key, about, wr_span(&w), &out));
        sealed[i] ^= 1;
    }
    assert_int_equal(out.n, 0);
    /* Never the same twice. */
    uint8_t again[200];
    struct wr w2 = wr_of(again, sizeof again);
    assert_ok(seal_close(key, about, text, &w2));
    assert_memory_not_equal(sealed, again, w.n);
    struct wr small = wr_of(again, text.n + SEAL_OVERHEAD - 1);
    assert_fails(ERR_LIMIT, seal_close(key, about, text, &small));
}

static void stretching_has_bounds(void **state)
{
    (void)state;
    uint8_t salt[16] = {0}, a[32], b[32];
    assert_fails(ERR_LIMIT, stretch_passphrase(SPAN_LIT("x"), salt, STRETCH_KIB_MIN - 1, 3, a));
    assert_fails(ERR_LIMIT, stretch_passphrase(SPAN_LIT("x"), salt, STRETCH_KIB_MAX + 1, 3, a));
    assert_fails(ERR_LIMIT, stretch_passphrase(SPAN_LIT("x"), salt, STRETCH_KIB_MIN, 2, a));
    assert_ok(stretch_passphrase(SPAN_LIT("x"), salt, STRETCH_KIB_MIN, 3, a));
    salt[0] = 1;
    assert_ok(stretch_passphrase(SPAN_LIT("x"), salt, STRETCH_KIB_MIN, 3, b));
    assert_memory_not_equal(a, b, 32);
}

/* --- the store ----------------------------------------------------------------------------- */

static const uint8_t key[STORE_KEY_BYTES] = {9, 8, 7};

static struct store *new_store(void)
{
    struct store *s;
    assert_ok(store_new(STORE_BY_KEY_FILE, span(key, sizeof key), &s));
    return s;
}

static void assert_value(const struct store *s, const char *name, const char *want)
{
    BUF_AUTO got = buf_init(STORE_VALUE_MAX);
    assert_ok(store_get(s, span_str(name), &got));
    assert_span(buf_span(&got), span_str(want));
}

static void values_come_back(void **state)
{
    (void)state;
    struct store *s = new_store(), *back;
    assert_ok(store_set(s, SPAN_LIT("b"), SPAN_LIT("value of b"), 1));
    assert_ok(store_set(s, SPAN_LIT("a/x"), SPAN_LIT("value of a"), 2));
    assert_ok(store_set(s, SPAN_LIT("b"), SPAN_LIT("newer"), 3));
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    assert_ok(store_format(s, &bytes));
    store_free(s);
    assert_ok(store_parse(buf_span(&bytes), span(key, sizeof key), &back));
    assert_int_equal(store_count(back), 2);
    assert_true(span_is(store_at(back, 0).name, "a/x"));
    assert_int_equal(store_at(back, 1).version, 2);
    assert_int_equal(store_at(back, 1).updated_s, 3);
    assert_value(back, "b", "newer");
    assert_value(back, "a/x", "value of a");
    assert_ok(store_remove(back, SPAN_LIT("a/x")));
    BUF_AUTO none = buf_init(100);
    assert_fails(ERR_CLOSED, store_get(back, SPAN_LIT("a/x"), &none));
    assert_fails(ERR_CLOSED, store_remove(back, SPAN_LIT("a/x")));
    assert_value(back, "b", "newer");
    store_free(back);
    assert_int_equal(span_search(buf_span(&bytes), 0, SPAN_LIT("newer")), bytes.n);
    assert_int_equal(span_search(buf_span(&bytes), 0, SPAN_LIT("value")), bytes.n);
}

static void every_touched_byte_is_seen(void **state)
{
    (void)state;
    struct store *s = new_store(), *back;
    assert_ok(store_set(s, SPAN_LIT("one"), SPAN_LIT("1"), 1));
    assert_ok(store_set(s, SPAN_LIT("two"), SPAN_LIT("2"), 1));
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    assert_ok(store_format(s, &bytes));
    store_free(s);
    uint8_t other[STORE_KEY_BYTES] = {1};
    assert_fails(ERR_DENIED, store_parse(buf_span(&bytes), span(other, sizeof other), &back));
    for (size_t i = 0; i < bytes.n; i++) {
        if (i == 32) /* the kind of unlocking: a passphrase would be stretched */
            continue;
        bytes.p[i] ^= 0x21;
        assert_true(failed(store_parse(buf_span(&bytes), span(key, sizeof key), &back)));
        bytes.p[i] ^= 0x21;
    }
    for (size_t n = 0; n < bytes.n; n += 7)
        assert_true(failed(store_parse(span(bytes.p, n), span(key, sizeof key), &back)));
    bytes.p[14]++; /* a newer format */
    assert_fails(ERR_DENIED, store_parse(buf_span(&bytes), span(key, sizeof key), &back));
}

static void names_and_sizes_have_limits(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".x", "-x", "/x", "a b", "a\n", "\xc3\xa9", "a:b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(store_name_valid(span_str(bad[i])));
    assert_true(store_name_valid(SPAN_LIT("a/b-c_d.e9")));
    static uint8_t large[STORE_VALUE_MAX + 1];
    struct store *s = new_store();
    assert_fails(ERR_LIMIT, store_set(s, SPAN_LIT("x"), span(large, sizeof large), 1));
    assert_ok(store_set(s, SPAN_LIT("x"), span(large, sizeof large - 1), 1));
    assert_fails(ERR_INPUT, store_set(s, SPAN_LIT("a b"), SPAN_LIT("x"), 1));
    assert_fails(ERR_INPUT, store_set(s, SPAN_LIT("/x"), SPAN_LIT("x"), 1)); /* of nobody */
    assert_fails(ERR_INPUT, store_set(s, SPAN_LIT("-x"), SPAN_LIT("x"), 1));
    char name[32];
    for (int i = 1; i < STORE_ENTRIES_MAX; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_ok(store_set(s, span_str(name), SPAN_LIT("x"), 1));
    }
    assert_fails(ERR_LIMIT, store_set(s, SPAN_LIT("more"), SPAN_LIT("x"), 1));
    store_free(s);
}

/* --- files --------------------------------------------------------------------------------- */

static char dir[] = "/tmp/sanctum-store-XXXXXX";

static void path_in(char out[128], const char *name)
{
    snprintf(out, 128, "%s/%s", dir, name);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int clean(void **state)
{
    static const char *const names[] = {"store", "key", "lock", "secret", "link"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_in(path, names[i]);
        unlink(path);
    }
    return 0;
}

static int drop_dir(void **state)
{
    clean(state);
    return rmdir(dir);
}

static void a_first_start_makes_a_key_file_and_a_root(void **state)
{
    (void)state;
    struct store *s;
    enum store_unlock how;
    char path[128];
    struct stat st;
    uint8_t a[32], b[32], c[32];
    assert_fails(ERR_CLOSED, storefile_unlock(dir, &how));
    assert_ok(storefile_open(dir, SPAN_NONE, 1, &s));
    assert_ok(storefile_mask_key(s, SPAN_LIT("agent1"), a));
    assert_ok(storefile_mask_key(s, SPAN_LIT("agent2"), b));
    assert_memory_not_equal(a, b, 32);
    store_free(s);
    assert_ok(storefile_open(dir, SPAN_NONE, 1, &s));
    assert_ok(storefile_mask_key(s, SPAN_LIT("agent1"), c));
    assert_memory_equal(a, c, 32); /* stays over restarts */
    store_free(s);
    path_in(path, "key");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_fails(ERR_DENIED, storefile_open(dir, SPAN_NONE, 1, &s));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(unlink(path), 0);
    assert_true(failed(storefile_open(dir, SPAN_NONE, 1, &s)));
}

static void a_passphrase_opens_and_another_does_not(void **state)
{
    (void)state;
    struct store *s;
    enum store_unlock how;
    assert_ok(storefile_open(dir, SPAN_LIT("correct horse"), 1, &s));
    store_free(s);
    assert_ok(storefile_unlock(dir, &how));
    assert_int_equal(how, STORE_BY_PASSPHRASE);
    assert_ok(storefile_open(dir, SPAN_LIT("correct horse"), 1, &s));
    store_free(s);
    assert_fails(ERR_DENIED, storefile_open(dir, SPAN_LIT("wrong horse"), 1, &s));
    assert_fails(ERR_DENIED, storefile_open(dir, SPAN_NONE, 1, &s));
    char path[128];
    path_in(path, "key");
    assert_false(file_exists(path));
}

static void provider_keys_are_found_where_they_are_named(void **state)
{
    (void)state;
    struct store *s;
    char path[128], ref[160], link[128];
    BUF_AUTO out = buf_init(100);
    assert_ok(storefile_open(dir, SPAN_NONE, 1, &s));
    assert_ok(store_set(s, SPAN_LIT("or"), SPAN_LIT("sk-or-1"), 1));
    assert_ok(storefile_resolve(s, NULL, SPAN_LIT("vault:or"), &out));
    assert_true(span_is(buf_span(&out), "sk-or-1"));
    buf_clear(&out);
    assert_fails(ERR_CLOSED, storefile_resolve(s, NULL, SPAN_LIT("vault:none"), &out));
    assert_fails(ERR_CLOSED, storefile_resolve(s, NULL, SPAN_LIT("vault:.masking-root"), &out));
    assert_fails(ERR_CLOSED, storefile_resolve(s, NULL, SPAN_LIT("credential:secret"), &out));
    assert_fails(ERR_INPUT, storefile_resolve(s, NULL, SPAN_LIT("sk-given-itself"), &out));
    path_in(path, "secret");
    assert_ok(file_replace(path, SPAN_LIT("sk-file\n"), 0600));
    snprintf(ref, sizeof ref, "file:%s", path);
    assert_ok(storefile_resolve(s, NULL, span_str(ref), &out));
    assert_true(span_is(buf_span(&out), "sk-file"));
    buf_clear(&out);
    assert_ok(storefile_resolve(s, dir, SPAN_LIT("credential:secret"), &out));
    assert_true(span_is(buf_span(&out), "sk-file"));
    buf_clear(&out);
    assert_fails(ERR_INPUT, storefile_resolve(s, dir, SPAN_LIT("credential:../secret"), &out));
    static const unsigned open_modes[] = {0640, 0604, 0660, 0620};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(chmod(path, open_modes[i]), 0);
        assert_fails(ERR_DENIED, storefile_resolve(s, NULL, span_str(ref), &out));
    }
    assert_int_equal(chmod(path, 0400), 0);
    path_in(link, "link");
    assert_int_equal(symlink(path, link), 0);
    snprintf(ref, sizeof ref, "file:%s", link);
    assert_fails(ERR_DENIED, storefile_resolve(s, NULL, span_str(ref), &out));
    assert_ok(file_replace(path, SPAN_LIT("two\nlines\n"), 0600));
    snprintf(ref, sizeof ref, "file:%s", path);
    assert_fails(ERR_INPUT, storefile_resolve(s, NULL, span_str(ref), &out));
    assert_int_equal(out.n, 0);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivation_is_hkdf_expand),
        cmocka_unit_test(seals_open_only_untouched),
        cmocka_unit_test(stretching_has_bounds),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(every_touched_byte_is_seen),
        cmocka_unit_test(names_and_sizes_have_limits),
        cmocka_unit_test_teardown(a_first_start_makes_a_key_file_and_a_root, clean),
        cmocka_unit_test_teardown(a_passphrase_opens_and_another_does_not, clean),
        cmocka_unit_test_teardown(provider_keys_are_found_where_they_are_named, clean),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
