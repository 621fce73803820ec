/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The age engine by itself: round trips at every interesting size, armor, truncation at every byte,
 * random access, both cipher engines, key text, what is refused.
 */
#include "unit.h"

#include "age.h"
#include "bech32.h"
#include "chunk.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX = 32 << 20 };

struct keys {
    struct age_keys ids, recipients;
};

static struct keys fresh(enum age_kind kind)
{
    struct keys k = {0};
    assert_ok(age_generate(kind, &k.ids));
    assert_ok(age_recipients_of(&k.ids, &k.recipients));
    return k;
}

static void drop(struct keys *k)
{
    age_keys_free(&k->ids);
    age_keys_free(&k->recipients);
}

static struct buf some_bytes(size_t n)
{
    struct buf b = buf_init(MAX);
    assert_ok(buf_reserve(&b, n + 1));
    for (size_t i = 0; i < n; i++)
        b.p[i] = (uint8_t)(i * 131 + (i >> 9));
    b.n = n;
    return b;
}

static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,
                                   1,
                                   47,
                                   48,
                                   49,
                                   65535,
                                   65536,
                                   65537,
                                   131071,
                                   131072,
                                   131073,
                                   262144,
                                   5 << 20,
                                   (5 << 20) + 1,
                                   327680,
                                   327681,
                                   655360,
                                   AGE_CHUNK * 4 + 16,
                                   AGE_CHUNK * 8 - 1};
    struct keys k = fresh(AGE_X25519);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int armor = 0; armor < 2; armor++) {
            BUF_AUTO plain = some_bytes(sizes[i]);
            BUF_AUTO sealed = buf_init(MAX);
            BUF_AUTO out = buf_init(MAX);
            assert_ok(age_seal(&k.recipients, armor, buf_span(&plain), &sealed));
            assert_ok(age_open(&k.ids, buf_span(&sealed), &out));
            assert_span(buf_span(&out), buf_span(&plain));
        }
    drop(&k);
}

/* Cut anywhere: never success, and what came out is whole chunks of the truth. */
static void test_truncation(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519);
    for (int armor = 0; armor < 2; armor++) {
        BUF_AUTO plain = some_bytes(AGE_CHUNK + 500);
        BUF_AUTO sealed = buf_init(MAX);
        assert_ok(age_seal(&k.recipients, armor, buf_span(&plain), &sealed));
        for (size_t n = 0; n < sealed.n - 1; n += n < 1200 || n > sealed.n - 900 ? 1 : 997) {
            BUF_AUTO out = buf_init(MAX);
            struct err e = age_open(&k.ids, span(sealed.p, n), &out);
            assert_true(failed(e));
            assert_non_null(age_failure_text(e));
            assert_int_equal(out.n % AGE_CHUNK, 0);
            if (out.n)
                assert_memory_equal(out.p, plain.p, out.n);
        }
    }
    drop(&k);
}

static void test_every_bit_of_header(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519);
    BUF_AUTO sealed = buf_init(MAX);
    assert_ok(age_seal(&k.recipients, false, SPAN_LIT("x"), &sealed));
    for (size_t bit = 0; bit < sealed.n * 8; bit++) {
        BUF_AUTO out = buf_init(MAX);
        sealed.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(failed(age_open(&k.ids, buf_span(&sealed), &out)));
        assert_int_equal(out.n, 0);
        sealed.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    drop(&k);
}

static void test_wrong_identity(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519), other = fresh(AGE_X25519), pq = fresh(AGE_HYBRID);
    BUF_AUTO sealed = buf_init(MAX);
    BUF_AUTO out = buf_init(MAX);
    assert_ok(age_seal(&k.recipients, false, SPAN_LIT("x"), &sealed));
    assert_string_equal(age_failure_text(age_open(&other.ids, buf_span(&sealed), &out)),
                        "no match");
    assert_string_equal(age_failure_text(age_open(&pq.ids, buf_span(&sealed), &out)), "no match");
    drop(&k);
    drop(&other);
    drop(&pq);
}

static void test_mixing_refused(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519);
    struct age_keys none = {0}, mixed = {0}, pass = {0};
    struct age_keys pq = {0};
    BUF_AUTO sealed = buf_init(MAX);
    assert_ok(age_generate(AGE_HYBRID, &pq));
    assert_ok(age_recipients_of(&k.ids, &mixed));
    assert_ok(age_recipients_of(&pq, &mixed));
    assert_fails(ERR_INPUT, age_seal(&mixed, false, SPAN_LIT("x"), &sealed));
    assert_fails(ERR_INPUT, age_seal(&none, false, SPAN_LIT("x"), &sealed));
    assert_ok(age_recipients_of(&k.ids, &pass));
    assert_ok(age_passphrase(SPAN_LIT("p"), 1, &pass));
    assert_fails(ERR_INPUT, age_seal(&pass, false, SPAN_LIT("x"), &sealed));
    assert_int_equal(sealed.n, 0);
    age_keys_free(&mixed);
    age_keys_free(&pass);
    age_keys_free(&pq);
    drop(&k);
}

static void test_passphrase(void **state)
{
    (void)state;
    struct age_keys right = {0}, wrong = {0};
    BUF_AUTO sealed = buf_init(MAX);
    BUF_AUTO out = buf_init(MAX);
    assert_ok(age_passphrase(SPAN_LIT("correct"), 10, &right));
    assert_ok(age_passphrase(SPAN_LIT("false"), 10, &wrong));
    assert_ok(age_seal(&right, true, SPAN_LIT("x"), &sealed));
    assert_string_equal(age_failure_text(age_open(&wrong, buf_span(&sealed), &out)), "no match");
    assert_ok(age_open(&right, buf_span(&sealed), &out));
    age_keys_free(&right);
    age_keys_free(&wrong);
}

struct memory_place {
    struct age_place place;
    struct span bytes;
};

static struct err memory_read(struct age_place *p, uint64_t at, uint8_t *out, size_t n)
{
    struct memory_place *m = (struct memory_place *)p;
    if (at > m->bytes.n || n > m->bytes.n - at)
        return err(ERR_CLOSED);
    memcpy(out, m->bytes.p + at, n);
    return OK;
}

static void test_range(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519);
    static const size_t sizes[] = {0, 1, 65536, 65537, 200000};
    for (size_t i = 0; i < 5; i++) {
        BUF_AUTO plain = some_bytes(sizes[i]);
        BUF_AUTO sealed = buf_init(MAX);
        assert_ok(age_seal(&k.recipients, false, buf_span(&plain), &sealed));
        struct memory_place m = {{memory_read, sealed.n}, buf_span(&sealed)};
        struct age_range *r;
        uint64_t size;
        static uint8_t out[200000];
        assert_ok(age_range_open(&m.place, &k.ids, &r, &size, NULL));
        assert_int_equal(size, sizes[i]);
        for (size_t at = 0; at <= size; at += 9973) {
            size_t n = size - at < 70000 ? size - at : 70000;
            assert_ok(age_range_read(r, at, out, n));
            if (n)
                assert_memory_equal(out, plain.p + at, n);
        }
        assert_fails(ERR_INPUT, age_range_read(r, size, out, 1));
        age_range_close(r);
        /* Cut at the end of a chunk: the size would be wrong, so it is refused. */
        if (sizes[i] > 65536) {
            m.place.size = m.bytes.n = sealed.n - (sizes[i] % 65536 + 16);
            assert_fails(ERR_CORRUPT, age_range_open(&m.place, &k.ids, &r, &size, NULL));
        }
    }
    drop(&k);
}

/* Both engines give the same bytes and refuse the same changes. */
static void test_engines(void **state)
{
    (void)state;
    static uint8_t a[70000], b[70000], plain[70000];
    uint8_t key[32] = {7}, nonce[12] = {9};
    for (size_t n = 0; n < 66000; n += n < 700 ? 1 : 4099) {
        struct chunk light, bulk;
        for (size_t i = 0; i < n; i++)
            plain[i] = (uint8_t)(i * 7);
        chunk_begin(&light, key, CHUNK_LIGHT);
        chunk_begin(&bulk, key, CHUNK_BULK);
        chunk_seal(&light, nonce, span(plain, n), a);
        chunk_seal(&bulk, nonce, span(plain, n), b);
        assert_memory_equal(a, b, n + 16);
        assert_ok(chunk_open(&bulk, nonce, span(a, n + 16), b));
        assert_ok(chunk_open(&light, nonce, span(a, n + 16), b));
        if (n)
            assert_memory_equal(b, plain, n);
        a[n / 2] ^= 1;
        assert_fails(ERR_CORRUPT, chunk_open(&bulk, nonce, span(a, n + 16), b));
        assert_fails(ERR_CORRUPT, chunk_open(&light, nonce, span(a, n + 16), b));
        chunk_end(&light);
        chunk_end(&bulk);
    }
}

static void test_bech32(void **state)
{
    (void)state;
    uint8_t data[64];
    struct span hrp;
    BUF_AUTO text = buf_init(4096);
    for (size_t n = 0; n < 40; n++) {
        uint8_t in[40], out[40];
        random_bytes(in, sizeof in);
        buf_clear(&text);
        assert_ok(bech32_encode(SPAN_LIT("AGE-SECRET-KEY-"), span(in, n), &text));
        struct wr w = wr_of(out, sizeof out);
        assert_ok(bech32_decode(buf_span(&text), &hrp, &w, NULL));
        assert_span(hrp, SPAN_LIT("AGE-SECRET-KEY-"));
        assert_span(wr_span(&w), span(in, n));
        for (size_t i = 0; i < text.n; i++) { /* one character changed is always seen */
            uint8_t keep = text.p[i];
            text.p[i] = keep == 'Q' ? 'P' : 'Q';
            w = wr_of(data, sizeof data);
            assert_fails(ERR_INPUT, bech32_decode(buf_span(&text), &hrp, &w, NULL));
            text.p[i] = keep;
        }
    }
    static const char *const valid[] = {/* BIP 173 */
                                        "A12UEL5L", "a12uel5l",
                                        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"};
    static const char *const invalid[] = {"pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3",
                                          "A1G7SGD8",     "10a06t8",       "1qzzfhee",  "",
                                          "A12uEL5L"};
    for (size_t i = 0; i < 3; i++) {
        struct wr w = wr_of(data, sizeof data);
        assert_ok(bech32_decode(span_str(valid[i]), &hrp, &w, NULL));
    }
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        struct wr w = wr_of(data, sizeof data);
        assert_fails(ERR_INPUT, bech32_decode(span_str(invalid[i]), &hrp, &w, NULL));
    }
}

static void test_key_text(void **state)
{
    (void)state;
    struct age_keys k = {0};
    struct fault f = {0};
    static const char *const refused[] = {
        "",
        "age1",
        "hello",
        "age1qqqq",
        "ssh-dss AAAA",
        "ssh-ed25519 AAAA",
        "ssh-rsa !!!",
        "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_fails(ERR_INPUT, age_recipient_parse(span_str(refused[i]), &k, &f));
    assert_fails(ERR_DENIED,
                 age_recipient_parse(
                     SPAN_LIT("age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639s"), &k, &f));
    assert_fails(ERR_DENIED, age_identity_parse(SPAN_LIT("AGE-PLUGIN-YUBIKEY-1QQ"), &k, &f));
    assert_int_equal(k.n, 0);
    assert_fails(ERR_INPUT, age_identities_file(SPAN_LIT("# nothing\n\n"), &k, &f));
    assert_ok(age_identities_file(
        SPAN_LIT("# a comment\r\n\nAGE-SECRET-KEY-"
                 "1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\r\n"),
        &k, &f));
    assert_int_equal(k.n, 1);
    age_keys_free(&k);
}

static struct buf locked_key(void)
{
    struct buf b = buf_init(AGE_KEY_FILE_MAX);
    FILE *f = fopen("test/age/data/locked.key", "rb");
    assert_non_null(f);
    assert_ok(buf_reserve(&b, 4096));
    b.n = fread(b.p, 1, 4096, f);
    fclose(f);
    return b;
}

/* A key of ssh-keygen's under a passphrase opens to the public key it made; nothing else opens it,
 * and cut anywhere it is refused. */
static void test_locked_key(void **state)
{
    (void)state;
    BUF_AUTO file = locked_key();
    BUF_AUTO text = buf_init(4096);
    struct age_keys keys = {0};
    struct fault f;
    assert_true(age_identities_locked(buf_span(&file)));
    assert_false(age_identities_locked(SPAN_LIT("AGE-SECRET-KEY-1")));
    assert_fails(ERR_DENIED, age_identities_file(buf_span(&file), &keys, &f));
    assert_fails(ERR_DENIED,
                 age_identities_unlock(buf_span(&file), SPAN_LIT("test word"), &keys, &f));
    assert_int_equal(keys.n, 0);
    for (size_t n = 0; n + 2 < file.n; n++) {
        struct span cut = span(file.p, n);
        assert_true(failed(age_identities_unlock(cut, SPAN_LIT("test words"), &keys, &f)));
    }
    assert_ok(age_identities_unlock(buf_span(&file), SPAN_LIT("test words"), &keys, &f));
    assert_int_equal(keys.n, 1);
    assert_ok(age_recipient_text(&keys.v[0], &text));
    assert_span(buf_span(&text),
                SPAN_LIT("ssh-ed25519 "
                         "AAAAC3NzaC1lZDI1NTE5AAAAIGTXOSrXDiSAb3k00wJTFr+k/BbeByvyrjZrQRYy02bu"));
    age_keys_free(&keys);
}

/* What a file says of itself: sizes add up for every length around a chunk's, and cut files whose
 * size cannot be are refused. */
static void test_describe(void **state)
{
    (void)state;
    struct keys k = fresh(AGE_X25519);
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 200000};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        BUF_AUTO plain = some_bytes(sizes[i / 2]);
        BUF_AUTO sealed = buf_init(MAX);
        BUF_AUTO types = buf_init(4096);
        struct age_about about;
        assert_ok(age_seal(&k.recipients, i % 2, buf_span(&plain), &sealed));
        struct age_span_source in = age_source_of(buf_span(&sealed));
        assert_ok(age_describe(&in.source, &about, &types, NULL));
        assert_int_equal(about.plain, plain.n);
        assert_int_equal(about.header + about.armor + about.overhead + about.plain, sealed.n);
        assert_true(about.armored == i % 2 && about.quantum == AGE_CLASSICAL);
        assert_span(buf_span(&types), SPAN_LIT("X25519\n"));
        in = age_source_of(span(sealed.p, about.header + 16 + AGE_CHUNK + 16 + 16));
        if (!about.armored && plain.n > AGE_CHUNK + 16)
            assert_fails(ERR_CORRUPT, age_describe(&in.source, &about, &types, NULL));
        in = age_source_of(span(sealed.p, about.header + 15));
        if (!about.armored)
            assert_fails(ERR_INPUT, age_describe(&in.source, &about, &types, NULL));
    }
    drop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_locked_key),
                                       cmocka_unit_test(test_describe),
                                       cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_truncation),
                                       cmocka_unit_test(test_every_bit_of_header),
                                       cmocka_unit_test(test_wrong_identity),
                                       cmocka_unit_test(test_mixing_refused),
                                       cmocka_unit_test(test_passphrase),
                                       cmocka_unit_test(test_range),
                                       cmocka_unit_test(test_engines),
                                       cmocka_unit_test(test_bech32),
                                       cmocka_unit_test(test_key_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
