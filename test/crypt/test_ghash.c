/* SPDX-License-Identifier: Apache-2.0 */
/* GHASH against its definition (SP 800-38D, algorithms 1 and 2), bit by bit; the key of a sample.
 */
#include "unit.h"

#include "b64.h"
#include "ghash.h"

enum { BITS = 8 * GHASH_BYTES, LONGEST = 300 };

/* y = y * h */
static void times(uint8_t y[GHASH_BYTES], const uint8_t h[GHASH_BYTES])
{
    uint8_t v[GHASH_BYTES], z[GHASH_BYTES] = {0};
    memcpy(v, h, sizeof v);
    for (unsigned i = 0; i < BITS; i++) {
        if (y[i / 8] >> (7 - i % 8) & 1)
            for (unsigned k = 0; k < GHASH_BYTES; k++)
                z[k] ^= v[k];
        bool carry = v[GHASH_BYTES - 1] & 1;
        for (unsigned k = GHASH_BYTES; k-- > 0;)
            v[k] = (uint8_t)(v[k] >> 1 | (k ? v[k - 1] << 7 : 0));
        if (carry)
            v[0] ^= 0xe1;
    }
    memcpy(y, z, sizeof z);
}

static void defined(const uint8_t h[GHASH_BYTES], struct span text, uint8_t y[GHASH_BYTES])
{
    memset(y, 0, GHASH_BYTES);
    for (size_t at = 0; at < text.n; at += GHASH_BYTES) {
        struct span block = span_cut(text, at, GHASH_BYTES);
        for (size_t i = 0; i < block.n; i++)
            y[i] ^= block.p[i];
        times(y, h);
    }
    uint64_t bits = text.n * 8; /* and no encrypted bytes */
    for (unsigned i = 0; i < 8; i++)
        y[i] ^= (uint8_t)(bits >> (56 - 8 * i));
    times(y, h);
}

static void is_as_defined(void **state)
{
    (void)state;
    struct ghash g;
    uint8_t text[LONGEST], key[GHASH_BYTES], got[GHASH_BYTES], want[GHASH_BYTES];
    assert_ok(ghash_new(&g));
    for (unsigned n = 0; n < LONGEST; n++)
        text[n] = (uint8_t)(n * n + 7 * n);
    for (unsigned n = 0; n < LONGEST; n++) {
        for (unsigned i = 0; i < GHASH_BYTES; i++)
            key[i] = (uint8_t)(n * 31 + i * 17 + 1);
        ghash_key(&g, key);
        const struct span parts[] = {span(text, n / 3), SPAN_NONE, span(text + n / 3, n - n / 3)};
        defined(key, span(text, n), want);
        for (unsigned round = 0; round < 2; round++) {
            ghash_parts(&g, parts, 3, got);
            assert_memory_equal(got, want, GHASH_BYTES);
        }
    }
    ghash_free(&g);
}

/* The hash key and block of test case 2 of the GCM paper, the block as data that is not encrypted:
 * the same product, and the lengths the other way round. */
static void is_the_papers_product(void **state)
{
    (void)state;
    static const char *const hex[] = {"66e94bd4ef8a2c3b884cfa59ca342b2e",
                                      "0388dace60b6a392f328c2b971b2fe78",
                                      "5e2ec746917062882c85b0685353deb7"};
    uint8_t v[3][GHASH_BYTES];
    for (unsigned i = 0; i < 3; i++) {
        struct wr w = wr_of(v[i], GHASH_BYTES);
        assert_ok(hex_decode(&w, span_str(hex[i])));
    }
    times(v[1], v[0]);
    assert_memory_equal(v[1], v[2], GHASH_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_the_papers_product),
                                       cmocka_unit_test(is_as_defined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
