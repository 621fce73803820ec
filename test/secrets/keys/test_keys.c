/* SPDX-License-Identifier: Apache-2.0 */
/* Access keys: their text, the shared table (torn reads too), the file. */

#include "unit.h"

#include "file.h"
#include "keyfile.h"
#include "keytable.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- text ---------------------------------------------------------------------------------- */

/* Check digits computed with zlib's crc32 (Python), base32 by hand-written Python. */
static const char *const vectors[] = {
    "sk-sanctum-00000000-0000000000000000000000000032bmfa8",
    "sk-sanctum-k7f3q2mx-0123456789abcdefghjkmnpqrs3bwrnch",
};

static void known_keys_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *why;
        struct span id, text = span_str(vectors[i]);
        assert_ok(key_text_check(text, &why));
        assert_ok(key_text_id(text, &id));
        assert_span(id, span_cut(text, 11, 8));
    }
}

static void made_keys_check_and_differ(void **state)
{
    (void)state;
    char a[KEY_TEXT_CHARS + 1], b[KEY_TEXT_CHARS + 1];
    for (int i = 0; i < 1000; i++) {
        const char *why;
        key_text_make(a);
        key_text_make(b);
        assert_int_equal(strlen(a), KEY_TEXT_CHARS);
        assert_ok(key_text_check(span_str(a), &why));
        assert_memory_not_equal(a + 11, b + 11, 8);
        assert_memory_not_equal(a + 20, b + 20, 26);
    }
}

/* Any one wrong character, and any swap of neighbours, is told. */
static void typing_mistakes_are_told(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz-IO";
    char key[KEY_TEXT_CHARS + 1], bad[KEY_TEXT_CHARS + 1];
    const char *why;
    key_text_make(key);
    for (size_t at = 0; at < KEY_TEXT_CHARS; at++)
        for (const char *c = alphabet; *c; c++) {
            memcpy(bad, key, sizeof bad);
            bad[at] = *c;
            if (*c != key[at])
                assert_fails(ERR_INPUT, key_text_check(span_str(bad), &why));
        }
    for (size_t at = 0; at + 1 < KEY_TEXT_CHARS; at++) {
        memcpy(bad, key, sizeof bad);
        bad[at] = key[at + 1];
        bad[at + 1] = key[at];
        if (bad[at] != bad[at + 1])
            assert_fails(ERR_INPUT, key_text_check(span_str(bad), &why));
    }
    struct span id;
    assert_fails(ERR_INPUT, key_text_id(span(key, KEY_TEXT_CHARS - 1), &id));
    assert_fails(ERR_INPUT, key_text_id(SPAN_LIT(""), &id));
}

static void names_and_scopes_are_strict(void **state)
{
    (void)state;
    assert_true(key_name_valid(SPAN_LIT("agent1")));
    assert_true(key_name_valid(SPAN_LIT("A.b_c-9")));
    assert_false(key_name_valid(SPAN_LIT("")));
    assert_false(key_name_valid(SPAN_LIT("-x")));
    assert_false(key_name_valid(SPAN_LIT("a b")));
    assert_false(key_name_valid(SPAN_LIT("a\n")));
    assert_false(key_name_valid(SPAN_LIT("\xc3\xa9")));
    uint32_t s;
    char text[KEY_SCOPES_TEXT_MAX];
    assert_ok(key_scopes_read(SPAN_LIT("usage,models"), &s));
    assert_string_equal(key_scopes_format(s, text), "models,usage");
    assert_string_equal(key_scopes_format(0, text), "-");
    assert_ok(key_scopes_read(span_str(key_scopes_format(KEY_SCOPES_ALL, text)), &s));
    assert_int_equal(s, KEY_SCOPES_ALL);
    assert_fails(ERR_INPUT, key_scopes_read(SPAN_LIT(""), &s));
    assert_fails(ERR_INPUT, key_scopes_read(SPAN_LIT("models,"), &s));
    assert_fails(ERR_INPUT, key_scopes_read(SPAN_LIT("root"), &s));
    assert_int_equal(KEY_SCOPES_DEFAULT & KEY_SCOPE_audit, 0);
}

/* --- table --------------------------------------------------------------------------------- */

static struct key_table new_table(void)
{
    struct key_table t;
    void *p = calloc(1, key_table_bytes());
    assert_ok(key_table_attach(&t, p, key_table_bytes(), true));
    return t;
}

static void *memory_of(struct key_table *t)
{
    return (char *)t->slots - (key_table_bytes() - sizeof(uint64_t) - KEY_TABLE_SLOTS * 8 * 18);
}

static void free_table(struct key_table *t)
{
    free(memory_of(t));
}

static struct key_entry entry_for(const char *key, const char *name)
{
    struct key_entry e = {.state = KEY_ACTIVE, .scopes = KEY_SCOPES_DEFAULT, .created_s = 1000};
    memcpy(e.id, key + 11, KEY_ID_CHARS);
    strcpy(e.name, name);
    key_text_hash(span_str(key), e.hash);
    return e;
}

static void a_key_opens_until_it_is_revoked_or_expires(void **state)
{
    (void)state;
    struct key_table t = new_table();
    char key[KEY_TEXT_CHARS + 1], other[KEY_TEXT_CHARS + 1];
    struct key_entry e, got;
    key_text_make(key);
    key_text_make(other);
    assert_fails(ERR_DENIED, key_table_find(&t, span_str(key), 1, &got));
    e = entry_for(key, "agent1");
    e.expires_s = 5000;
    assert_ok(key_table_put(&t, &e));
    assert_ok(key_table_find(&t, span_str(key), 4999, &got));
    assert_string_equal(got.name, "agent1");
    assert_int_equal(got.scopes, KEY_SCOPES_DEFAULT);
    /* Honoured to the second; then only state and id are told. */
    assert_fails(ERR_DENIED, key_table_find(&t, span_str(key), 5000, &got));
    assert_int_equal(got.state, KEY_ACTIVE);
    assert_string_equal(got.name, "");
    /* The right id with another secret. */
    memcpy(other + 11, key + 11, KEY_ID_CHARS);
    assert_fails(ERR_DENIED, key_table_find(&t, span_str(other), 4999, &got));
    assert_int_equal(got.state, KEY_EMPTY);
    assert_fails(ERR_DENIED, key_table_find(&t, SPAN_LIT(""), 4999, &got));
    assert_ok(key_table_revoke(&t, span(key + 11, KEY_ID_CHARS)));
    assert_fails(ERR_DENIED, key_table_find(&t, span_str(key), 4999, &got));
    assert_int_equal(got.state, KEY_REVOKED);
    assert_fails(ERR_INPUT, key_table_revoke(&t, SPAN_LIT("zzzzzzzz")));
    free_table(&t);
}

static void a_full_table_says_so_and_finds_all(void **state)
{
    (void)state;
    struct key_table t = new_table();
    static char keys[KEY_TABLE_MAX][KEY_TEXT_CHARS + 1];
    struct key_entry e, got;
    for (size_t i = 0; i < KEY_TABLE_MAX; i++) {
        key_text_make(keys[i]);
        e = entry_for(keys[i], "n");
        assert_ok(key_table_put(&t, &e));
    }
    char more[KEY_TEXT_CHARS + 1];
    key_text_make(more);
    e = entry_for(more, "n");
    assert_fails(ERR_LIMIT, key_table_put(&t, &e));
    for (size_t i = 0; i < KEY_TABLE_MAX; i++)
        assert_ok(key_table_find(&t, span_str(keys[i]), 1, &got));
    free_table(&t);
}

static void a_reader_cannot_write_and_refuses_other_memory(void **state)
{
    (void)state;
    struct key_table t = new_table(), r;
    struct key_entry e = entry_for(vectors[1], "n");
    void *p = memory_of(&t);
    assert_ok(key_table_attach(&r, p, key_table_bytes(), false));
    assert_fails(ERR_DENIED, key_table_put(&r, &e));
    assert_fails(ERR_CORRUPT, key_table_attach(&r, p, key_table_bytes() - 1, false));
    ((uint8_t *)p)[9] ^= 1;
    assert_fails(ERR_CORRUPT, key_table_attach(&r, p, key_table_bytes(), false));
    assert_fails(ERR_CORRUPT, key_table_attach(&r, p, key_table_bytes(), true));
    free_table(&t);
    uint8_t *zero = calloc(1, key_table_bytes());
    assert_fails(ERR_CORRUPT, key_table_attach(&r, zero, key_table_bytes(), false));
    free(zero);
}

/* Whatever lies in the shared memory, a look-up ends, and opens nothing it should not. */
static void garbage_in_the_table_is_survived(void **state)
{
    (void)state;
    struct key_table t = new_table();
    uint64_t x = 88172645463325252U;
    for (int round = 0; round < 20; round++) {
        uint64_t *w = (uint64_t *)t.slots;
        for (size_t i = 0; i < KEY_TABLE_SLOTS * (size_t)18; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            w[i] = round % 2 ? x : x | 1;
        }
        struct key_entry got;
        assert_fails(ERR_DENIED, key_table_find(&t, span_str(vectors[1]), 1, &got));
        for (uint32_t i = 0; i < t.count; i += 97)
            key_table_at(&t, i, &got);
    }
    free_table(&t);
}

/* One writer flips an entry between two whole values; readers must only ever see one of them. */
struct race {
    struct key_table t;
    struct key_entry a, b;
    atomic_bool stop;
    atomic_ulong torn, reads;
};

static void *read_race(void *arg)
{
    struct race *r = arg;
    while (!atomic_load(&r->stop)) {
        for (uint32_t i = 0; i < r->t.count; i++) {
            struct key_entry e;
            if (!key_table_at(&r->t, i, &e))
                continue;
            bool is_a = memcmp(e.hash, r->a.hash, 32) == 0 && strcmp(e.name, r->a.name) == 0 &&
                        e.expires_s == r->a.expires_s;
            bool is_b = memcmp(e.hash, r->b.hash, 32) == 0 && strcmp(e.name, r->b.name) == 0 &&
                        e.expires_s == r->b.expires_s;
            atomic_fetch_add(&r->reads, 1);
            if (!is_a && !is_b)
                atomic_fetch_add(&r->torn, 1);
        }
    }
    return NULL;
}

static void readers_see_no_torn_entry(void **state)
{
    (void)state;
    struct race r = {.t = new_table()};
    r.a = entry_for(vectors[1], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    r.b = entry_for(vectors[1], "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    memset(r.b.hash, 0xbb, sizeof r.b.hash);
    r.b.expires_s = UINT64_MAX;
    assert_ok(key_table_put(&r.t, &r.a));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_race, &r), 0);
    for (int i = 0; i < 2000000 || atomic_load(&r.reads) < 1000; i++)
        assert_ok(key_table_put(&r.t, i & 1 ? &r.a : &r.b));
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_true(r.reads >= 1000);
    assert_int_equal(r.torn, 0);
    free_table(&r.t);
}

/* --- file ---------------------------------------------------------------------------------- */

static char dir[] = "/tmp/sanctum-keys-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/keys", dir);
    return 0;
}

static int drop_dir(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static void the_file_holds_the_table(void **state)
{
    (void)state;
    struct key_table t = new_table(), back = new_table();
    struct key_entry e, got;
    struct fault f;
    char keys[3][KEY_TEXT_CHARS + 1], extra[KEY_TEXT_CHARS + 1];
    assert_ok(key_file_load(path, &t, &f)); /* missing: empty */
    for (int i = 0; i < 3; i++) {
        key_text_make(keys[i]);
        e = entry_for(keys[i], "agent");
        e.created_s = (uint64_t)(10 - i);
        e.expires_s = i == 1 ? 7777 : 0;
        assert_ok(key_table_put(&t, &e));
    }
    assert_ok(key_table_revoke(&t, span(keys[2] + 11, KEY_ID_CHARS)));
    assert_ok(key_file_save(path, &t));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* The other table has a key that the file does not: it must not open anything after. */
    key_text_make(extra);
    e = entry_for(extra, "stranger");
    assert_ok(key_table_put(&back, &e));
    assert_ok(key_file_load(path, &back, &f));
    assert_ok(key_table_find(&back, span_str(keys[0]), 1, &got));
    assert_ok(key_table_find(&back, span_str(keys[1]), 7776, &got));
    assert_fails(ERR_DENIED, key_table_find(&back, span_str(keys[1]), 7777, &got));
    assert_fails(ERR_DENIED, key_table_find(&back, span_str(keys[2]), 1, &got));
    assert_fails(ERR_DENIED, key_table_find(&back, span_str(extra), 1, &got));
    /* No key's secret is in the file. */
    BUF_AUTO text = buf_init(KEY_FILE_MAX);
    assert_ok(file_read(path, &text));
    for (int i = 0; i < 3; i++)
        assert_int_equal(span_search(buf_span(&text), 0, span(keys[i] + 20, 26)), text.n);
    assert_int_equal(chmod(path, 0640), 0);
    assert_fails(ERR_DENIED, key_file_load(path, &back, &f));
    free_table(&t);
    free_table(&back);
}

static struct err ignore(void *arg, const struct key_entry *e)
{
    (void)e;
    ++*(int *)arg;
    return OK;
}

static void the_file_is_strict(void **state)
{
    (void)state;
#define KEYLINE                                                                                    \
    "k7f3q2mx agent1 active 1 0 models "                                                           \
    "0000000000000000000000000000000000000000000000000000000000000000\n"
    static const struct {
        const char *text;
        enum err_cat cat;
        int keys;
    } cases[] = {
        {"sanctum keys 1\nend 0\n", ERR_NONE, 0},
        {"sanctum keys 1\n" KEYLINE "end 1\n", ERR_NONE, 1},
        {"sanctum keys 2\nend 0\n", ERR_DENIED, 0},
        {"sanctum keys x\nend 0\n", ERR_INPUT, 0},
        {"", ERR_INPUT, 0},
        {"sanctum keys 1\n", ERR_INPUT, 0},
        {"sanctum keys 1\n" KEYLINE, ERR_INPUT, 1},
        {"sanctum keys 1\n" KEYLINE "end 2\n", ERR_INPUT, 1},
        {"sanctum keys 1\nend 0", ERR_INPUT, 0},
        {"sanctum keys 1\nend 0\nx", ERR_INPUT, 0},
        {"sanctum keys 1\nk7f3q2mx  active 1 0 models 00\nend 1\n", ERR_INPUT, 0},
        {"sanctum keys 1\nk7f3q2mx agent1 asleep 1 0 models "
         "0000000000000000000000000000000000000000000000000000000000000000\nend 1\n",
         ERR_INPUT, 0},
        {"sanctum keys 1\nk7f3q2mx agent1 active 01 0 models "
         "0000000000000000000000000000000000000000000000000000000000000000\nend 1\n",
         ERR_INPUT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault f = {0};
        int keys = 0;
        struct err e = key_file_parse(span_str(cases[i].text), &f, ignore, &keys);
        assert_int_equal(err_cat(e), cases[i].cat);
        assert_int_equal(keys, cases[i].keys);
        assert_true(!failed(e) || f.why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_keys_check),
        cmocka_unit_test(made_keys_check_and_differ),
        cmocka_unit_test(typing_mistakes_are_told),
        cmocka_unit_test(names_and_scopes_are_strict),
        cmocka_unit_test(a_key_opens_until_it_is_revoked_or_expires),
        cmocka_unit_test(a_full_table_says_so_and_finds_all),
        cmocka_unit_test(a_reader_cannot_write_and_refuses_other_memory),
        cmocka_unit_test(garbage_in_the_table_is_survived),
        cmocka_unit_test(readers_see_no_torn_entry),
        cmocka_unit_test(the_file_holds_the_table),
        cmocka_unit_test(the_file_is_strict),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
