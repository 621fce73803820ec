/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ML-KEM-768 and the hybrid stanza against known answers of two independent libraries
 * (data/pq.jsonl) and the edge cases of data/mlkem768.
 */
#include "unit.h"

#include "age.h"
#include "b64.h"
#include "file.h"
#include "json.h"
#include "mlkem.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define FOLDER SOURCE_ROOT "/test/age/data/"
enum { MAX = 8 << 20, BIG = 4096 };

struct bytes {
    uint8_t p[BIG];
    size_t n;
};

static struct bytes unhex(struct span text)
{
    struct bytes b;
    struct wr w = wr_of(b.p, sizeof b.p);
    assert_ok(hex_decode(&w, text));
    b.n = w.n;
    return b;
}

static struct bytes member(struct span line, const char *name)
{
    struct span raw;
    assert_ok(json_find(line, &raw, name, NULL));
    assert_true(raw.n > 2);
    return unhex(span_cut(raw, 1, raw.n - 2));
}

static struct span text_member(struct span line, const char *name)
{
    struct span raw;
    assert_ok(json_find(line, &raw, name, NULL));
    return span_cut(raw, 1, raw.n - 2);
}

static void check_mlkem(struct span line)
{
    struct bytes d = member(line, "d"), z = member(line, "z"), ek = member(line, "ek");
    struct bytes dk = member(line, "dk"), m = member(line, "m"), ct = member(line, "ct");
    struct bytes k = member(line, "k"), bad_ct = member(line, "bad_ct");
    struct bytes bad_k = member(line, "bad_k");
    uint8_t seed[MLKEM_SEED], got_ek[MLKEM_EK], got_dk[MLKEM_DK], got_ct[MLKEM_CT], s[32];
    memcpy(seed, d.p, 32);
    memcpy(seed + 32, z.p, 32);
    mlkem_keys(seed, got_ek, got_dk);
    assert_memory_equal(got_ek, ek.p, MLKEM_EK);
    assert_memory_equal(got_dk, dk.p, MLKEM_DK);
    assert_ok(mlkem_encapsulate(ek.p, m.p, got_ct, s));
    assert_memory_equal(got_ct, ct.p, MLKEM_CT);
    assert_memory_equal(s, k.p, 32);
    mlkem_decapsulate(dk.p, ct.p, s);
    assert_memory_equal(s, k.p, 32);
    mlkem_decapsulate(dk.p, bad_ct.p, s);
    assert_memory_equal(s, bad_k.p, 32);
    assert_memory_not_equal(s, k.p, 32);
}

/* The keys' text, and that a stanza made with the published answers opens. */
static void check_xwing(struct span line)
{
    struct age_keys ids = {0}, recipients = {0};
    struct bytes pk = member(line, "pk"), seed = member(line, "seed");
    struct span identity = text_member(line, "identity");
    BUF_AUTO text = buf_init(BIG);
    assert_ok(age_identity_parse(identity, &ids, NULL));
    assert_memory_equal(ids.v[0].seed, seed.p, 32);
    assert_span(buf_span(&ids.v[0].own), span(pk.p, pk.n));
    assert_ok(age_recipients_of(&ids, &recipients));
    assert_ok(age_recipient_text(&recipients.v[0], &text));
    assert_span(buf_span(&text), text_member(line, "recipient"));
    buf_clear(&text);
    assert_ok(age_identity_text(&ids.v[0], &text));
    assert_span(buf_span(&text), identity);

    BUF_AUTO sealed = buf_init(MAX);
    BUF_AUTO plain = buf_init(MAX);
    assert_ok(age_seal(&recipients, true, SPAN_LIT("hello"), &sealed));
    assert_ok(age_open(&ids, buf_span(&sealed), &plain));
    assert_span(buf_span(&plain), SPAN_LIT("hello"));
    age_keys_free(&ids);
    age_keys_free(&recipients);
}

static void test_known_answers(void **state)
{
    (void)state;
    BUF_AUTO file = buf_init(MAX);
    size_t kems = 0, wings = 0;
    assert_ok(file_read(FOLDER "pq.jsonl", &file));
    struct span all = buf_span(&file);
    for (size_t at = 0; at < all.n;) {
        size_t end = span_find(all, at, '\n');
        struct span line = span_cut(all, at, end - at), kind = text_member(line, "kind");
        if (span_is(kind, "ml-kem-768")) {
            check_mlkem(line);
            kems++;
        } else {
            check_xwing(line);
            wings++;
        }
        at = end + 1;
    }
    assert_int_equal(kems, 12);
    assert_int_equal(wings, 8);
}

/* "name = hex" lines. */
static struct bytes field(const char *path, const char *name)
{
    BUF_AUTO file = buf_init(MAX);
    assert_ok(file_read(path, &file));
    struct span all = buf_span(&file);
    for (size_t at = 0; at < all.n;) {
        size_t end = span_find(all, at, '\n');
        struct span line = span_cut(all, at, end - at);
        size_t eq = span_find(line, 0, '=');
        if (span_is(span_trim(span_cut(line, 0, eq)), name))
            return unhex(span_trim(span_from(line, eq + 1)));
        at = end + 1;
    }
    fail_msg("%s has no %s", path, name);
    return (struct bytes){.n = 0};
}

static void test_strcmp(void **state)
{
    (void)state;
    const char *path = FOLDER "mlkem768/strcmp.txt";
    struct bytes dk = field(path, "dk"), c = field(path, "c"), k = field(path, "K");
    uint8_t s[32];
    mlkem_decapsulate(dk.p, c.p, s);
    assert_memory_equal(s, k.p, 32);
}

static void test_unlucky(void **state)
{
    (void)state;
    const char *path = FOLDER "mlkem768/unlucky.txt";
    struct bytes ek = field(path, "ek"), m = field(path, "m"), c = field(path, "c");
    struct bytes k = field(path, "K");
    uint8_t ct[MLKEM_CT], s[32];
    assert_ok(mlkem_encapsulate(ek.p, m.p, ct, s));
    assert_memory_equal(ct, c.p, MLKEM_CT);
    assert_memory_equal(s, k.p, 32);
}

static void test_modulus(void **state)
{
    (void)state;
    static char line[2 * MLKEM_EK + 16];
    uint8_t ct[MLKEM_CT], s[32], m[MLKEM_RANDOM] = {1};
    size_t refused = 0;
    gzFile f = gzopen(FOLDER "mlkem768/modulus.txt.gz", "rb");
    assert_non_null(f);
    while (gzgets(f, line, sizeof line)) {
        struct bytes ek = unhex(span(line, strcspn(line, "\r\n")));
        assert_int_equal(ek.n, MLKEM_EK);
        assert_fails(ERR_INPUT, mlkem_encapsulate(ek.p, m, ct, s));
        refused++;
    }
    gzclose(f);
    assert_true(refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers), cmocka_unit_test(test_strcmp),
        cmocka_unit_test(test_unlucky), cmocka_unit_test(test_modulus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
