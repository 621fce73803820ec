/* SPDX-License-Identifier: Apache-2.0 */
/* AES-CBC against NIST SP 800-38A F.2 (first block) and SHA-512 against FIPS 180-4's "abc". */
#include "unit.h"

#include "aes_cbc.h"
#include "b64.h"
#include "sha512.h"

static struct span from_hex(const char *text, uint8_t *p, size_t cap)
{
    struct wr w = wr_of(p, cap);
    assert_ok(hex_decode(&w, span_str(text)));
    return wr_span(&w);
}

static const struct {
    const char *key, *sealed;
} vectors[] = {
    {"2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d"},
    {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "4f021db243bc633d7178183a9fa071e8"},
    {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "f58c4c04d6e5f1ba779eabfb5f7bfbd6"},
};

static void nist_vectors(void **state)
{
    (void)state;
    uint8_t k[32], iv[16], plain[16], sealed[16];
    struct span p = from_hex("6bc1bee22e409f96e93d7e117393172a", plain, sizeof plain);
    from_hex("000102030405060708090a0b0c0d0e0f", iv, sizeof iv);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct span key = from_hex(vectors[i].key, k, sizeof k);
        struct span want = from_hex(vectors[i].sealed, sealed, sizeof sealed);
        BUF_AUTO out = buf_init(64);
        assert_ok(aes_cbc_encrypt(key, iv, p, &out));
        assert_int_equal(out.n, 32); /* one block and one of padding */
        assert_span(span_cut(buf_span(&out), 0, 16), want);
        BUF_AUTO back = buf_init(64);
        assert_ok(aes_cbc_decrypt(key, iv, buf_span(&out), &back));
        assert_span(buf_span(&back), p);
        /* A wrong key's padding is wrong; nothing is appended. */
        k[0] ^= 1;
        buf_clear(&back);
        assert_fails(ERR_CORRUPT, aes_cbc_decrypt(key, iv, buf_span(&out), &back));
        assert_int_equal(back.n, 0);
    }
}

static void bad_lengths(void **state)
{
    (void)state;
    uint8_t key[32] = {0}, iv[16] = {0};
    BUF_AUTO out = buf_init(64);
    for (size_t n = 0; n <= 32; n++)
        if (!aes_cbc_key_fits(n))
            assert_fails(ERR_INPUT, aes_cbc_encrypt(span(key, n), iv, SPAN_LIT("x"), &out));
    assert_fails(ERR_CORRUPT, aes_cbc_decrypt(span(key, 16), iv, SPAN_NONE, &out));
    assert_fails(ERR_CORRUPT, aes_cbc_decrypt(span(key, 16), iv, span(key, 17), &out));
    for (size_t n = 0; n <= 33; n++) {
        buf_clear(&out);
        BUF_AUTO back = buf_init(128);
        uint8_t text[33] = "thirty-three bytes of plain text";
        assert_ok(aes_cbc_encrypt(span(key, 24), iv, span(text, n), &out));
        assert_ok(aes_cbc_decrypt(span(key, 24), iv, buf_span(&out), &back));
        assert_span(buf_span(&back), span(text, n));
    }
}

static void sha512(void **state)
{
    (void)state;
    uint8_t got[SHA512_BYTES], want[SHA512_BYTES];
    from_hex(
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c2"
        "3a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        want, sizeof want);
    const struct span parts[] = {SPAN_LIT("a"), SPAN_NONE, SPAN_LIT("bc")};
    assert_ok(sha512_parts(parts, 3, got));
    assert_memory_equal(got, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_vectors),
        cmocka_unit_test(bad_lengths),
        cmocka_unit_test(sha512),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
