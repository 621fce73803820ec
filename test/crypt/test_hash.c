/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against FIPS 180-4's samples, HMAC against RFC 4231 (cases 1, 2, 6). */
#include "unit.h"

#include "b64.h"
#include "hash.h"

static void is_hex(const uint8_t got[HASH_BYTES], const char *want)
{
    char text[2 * HASH_BYTES + 1] = {0};
    struct wr w = wr_of(text, sizeof text - 1);
    hex_encode(&w, span(got, HASH_BYTES));
    assert_string_equal(text, want);
}

static void sha256_samples(void **state)
{
    (void)state;
    uint8_t out[HASH_BYTES];
    hash_sha256(SPAN_NONE, out);
    is_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct span parts[] = {SPAN_LIT("a"), SPAN_NONE, SPAN_LIT("bc")};
    hash_sha256_parts(parts, 3, out);
    is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct hash_run run;
    assert_ok(hash_begin(&run));
    hash_more(&run, SPAN_LIT("ab"));
    hash_sha256(SPAN_NONE, out); /* a one-shot hash does not disturb a running one */
    hash_more(&run, SPAN_LIT("c"));
    hash_end(&run, out);
    is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void mac(struct span key, struct span data, const char *want)
{
    struct hash_mac_key k;
    uint8_t out[HASH_BYTES];
    assert_ok(hash_mac_key_init(&k, key));
    for (int round = 0; round < 2; round++) { /* the key serves again */
        hash_mac_parts(&k, &data, 1, out);
        is_hex(out, want);
    }
    hash_mac_key_free(&k);
}

static void hmac_rfc4231(void **state)
{
    (void)state;
    uint8_t k1[20], k6[131];
    memset(k1, 0x0b, sizeof k1);
    memset(k6, 0xaa, sizeof k6);
    mac(span(k1, sizeof k1), SPAN_LIT("Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    mac(SPAN_LIT("Jefe"), SPAN_LIT("what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    mac(span(k6, sizeof k6), SPAN_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sha256_samples),
                                       cmocka_unit_test(hmac_rfc4231)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
