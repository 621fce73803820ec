/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM by the processor's instructions and by libcrypto: the same bytes for every length,
 * each opens what the other sealed, and nothing that was changed opens. SHA-512 of "abc".
 */
#include "unit.h"

#include "b64.h"
#include "gcm.h"

enum { LONGEST = 300 };

static uint32_t seed = 1;

static void fill(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525U + 1013904223U;
        p[i] = (uint8_t)(seed >> 24);
    }
}

static void begin(struct gcm *g, const uint8_t key[GCM_KEY], bool plain)
{
    (void)gcm_force_plain(plain);
    assert_ok(gcm_begin(g, key));
    (void)gcm_force_plain(false);
}

static void twins_agree(void **state)
{
    (void)state;
    for (size_t n = 0; n < LONGEST; n++) {
        uint8_t key[GCM_KEY], nonce[GCM_NONCE], about[LONGEST], plain[LONGEST];
        uint8_t a[LONGEST], b[LONGEST], back[LONGEST], tag_a[GCM_TAG], tag_b[GCM_TAG];
        struct gcm fast, slow;
        size_t m = n * 7 % 50;
        fill(key, sizeof key);
        fill(nonce, sizeof nonce);
        fill(about, sizeof about);
        fill(plain, sizeof plain);
        begin(&fast, key, false);
        begin(&slow, key, true);
        assert_ok(gcm_seal(&fast, nonce, span(about, m), span(plain, n), a, tag_a));
        assert_ok(gcm_seal(&slow, nonce, span(about, m), span(plain, n), b, tag_b));
        assert_span(span(a, n), span(b, n));
        assert_span(span(tag_a, GCM_TAG), span(tag_b, GCM_TAG));
        assert_ok(gcm_open(&fast, nonce, span(about, m), span(b, n), tag_b, back));
        assert_span(span(back, n), span(plain, n));
        assert_ok(gcm_open(&slow, nonce, span(about, m), span(a, n), tag_a, back));
        assert_span(span(back, n), span(plain, n));
        gcm_end(&fast);
        gcm_end(&slow);
    }
}

static void refuses_each(struct gcm *g, uint8_t *part, size_t n, const uint8_t *nonce,
                         struct span about, struct span sealed, const uint8_t *tag)
{
    uint8_t out[LONGEST];
    for (size_t bit = 0; bit < n * 8; bit++) {
        part[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_fails(ERR_CORRUPT, gcm_open(g, nonce, about, sealed, tag, out));
        part[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_ok(gcm_open(g, nonce, about, sealed, tag, out));
}

static void changed_bits(void **state)
{
    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        uint8_t key[GCM_KEY], nonce[GCM_NONCE], about[20], text[70], out[70], tag[GCM_TAG];
        struct gcm g;
        fill(key, sizeof key);
        fill(nonce, sizeof nonce);
        fill(about, sizeof about);
        fill(text, sizeof text);
        begin(&g, key, plain);
        struct span a = span(about, sizeof about), sealed = span(out, sizeof out);
        assert_ok(gcm_seal(&g, nonce, a, span(text, sizeof text), out, tag));
        refuses_each(&g, nonce, sizeof nonce, nonce, a, sealed, tag);
        refuses_each(&g, about, sizeof about, nonce, a, sealed, tag);
        refuses_each(&g, out, sizeof out, nonce, a, sealed, tag);
        refuses_each(&g, tag, sizeof tag, nonce, a, sealed, tag);
        gcm_end(&g);
    }
}

static void sha512(void **state)
{
    (void)state;
    struct gcm h;
    uint8_t digest[GCM_SHA512], hex[128];
    assert_ok(gcm_hash_begin(&h));
    gcm_hash_more(&h, SPAN_LIT("ab"));
    gcm_hash_more(&h, SPAN_NONE);
    gcm_hash_more(&h, SPAN_LIT("c"));
    gcm_hash_end(&h, digest);
    struct wr w = wr_of(hex, sizeof hex);
    hex_encode(&w, span(digest, sizeof digest));
    assert_span(span_cut(wr_span(&w), 0, 32), SPAN_LIT("ddaf35a193617abacc417349ae204131"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twins_agree),
        cmocka_unit_test(changed_bits),
        cmocka_unit_test(sha512),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
