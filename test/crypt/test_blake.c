/* SPDX-License-Identifier: Apache-2.0 */
/* BLAKE2b against RFC 7693's appendix A; BLAKE3 against the published vectors (input byte i is i
 * mod 251), and every way of cutting an input. */
#include "unit.h"

#include "b64.h"
#include "blake.h"

enum { INPUT = 102400 };
static uint8_t input[INPUT];

static void is_hex(struct span got, const char *want)
{
    char text[2 * BLAKE2B_BYTES + 1] = {0};
    struct wr w = wr_of(text, sizeof text - 1);
    hex_encode(&w, got);
    assert_string_equal(text, want);
}

static void blake2b_sample(void **state)
{
    (void)state;
    struct blake2b h;
    uint8_t out[BLAKE2B_BYTES];
    assert_ok(blake2b_begin(&h));
    assert_ok(blake2b_more(&h, SPAN_LIT("a")));
    assert_ok(blake2b_more(&h, SPAN_NONE));
    assert_ok(blake2b_more(&h, SPAN_LIT("bc")));
    assert_ok(blake2b_end(&h, out));
    is_hex(span(out, sizeof out),
           "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
           "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    assert_ok(blake2b_begin(&h));
    assert_ok(blake2b_end(&h, out));
    is_hex(span(out, sizeof out),
           "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
           "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce");
}

static void blake3(size_t n, size_t step, uint8_t out[BLAKE3_BYTES])
{
    struct blake3 h;
    blake3_begin(&h);
    for (size_t at = 0; at < n; at += step)
        blake3_more(&h, span(input + at, n - at < step ? n - at : step));
    blake3_end(&h, out);
}

static void blake3_vectors(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *hash;
    } vectors[] = {
        {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
        {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
        {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
        {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
        {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
        {31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
        {102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t out[BLAKE3_BYTES];
        blake3(vectors[i].n, vectors[i].n + 1, out);
        is_hex(span(out, sizeof out), vectors[i].hash);
    }
}

static void blake3_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    static const size_t sizes[] = {63, 64, 65, 1023, 1024, 1025, 3071, 3072, 3073, 5120, 9000};
    static const size_t steps[] = {1, 63, 64, 65, 1000, 1024, 1025, 4096};
    uint8_t whole[BLAKE3_BYTES], cut[BLAKE3_BYTES], before[BLAKE3_BYTES] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        blake3(sizes[i], sizes[i], whole);
        assert_memory_not_equal(whole, before, sizeof whole);
        memcpy(before, whole, sizeof whole);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            blake3(sizes[i], steps[k], cut);
            assert_memory_equal(cut, whole, sizeof whole);
        }
        input[sizes[i] / 2] ^= 1;
        blake3(sizes[i], sizes[i], cut);
        assert_memory_not_equal(cut, whole, sizeof whole);
        input[sizes[i] / 2] ^= 1;
    }
}

int main(void)
{
    for (size_t i = 0; i < INPUT; i++)
        input[i] = (uint8_t)(i % 251);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blake2b_sample),
        cmocka_unit_test(blake3_vectors),
        cmocka_unit_test(blake3_is_the_same_however_it_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
