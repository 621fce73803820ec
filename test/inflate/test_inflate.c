/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding against the libraries' own encoders: sizes around every buffer edge, every split,
 * truncation at every byte, trailing bytes, ceilings, bombs, and formats' own corners.
 */
#include "unit.h"

#include "inflate.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { PLAIN_MAX = 70000, MIB = 1 << 20, BOMB = 64 * MIB };

static const enum inflate_coding all[] = {INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD,
                                          INFLATE_BROTLI};

struct bytes {
    uint8_t *p;
    size_t n;
};

static struct bytes encode_zlib(struct span in, int bits)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    struct bytes out = {NULL, deflateBound(&z, in.n) + 32};
    out.p = malloc(out.n);
    z.next_in = (Bytef *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = out.p;
    z.avail_out = (uInt)out.n;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct bytes encode_zstd(struct span in, int window_log)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    if (window_log)
        ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window_log);
    struct bytes out = {NULL, ZSTD_compressBound(in.n) + 64};
    out.p = malloc(out.n);
    /* As a stream of unknown size, so that the frame names a window. */
    ZSTD_inBuffer from = {in.p, in.n, 0};
    ZSTD_outBuffer to = {out.p, out.n, 0};
    assert_int_equal(ZSTD_compressStream2(c, &to, &(ZSTD_inBuffer){in.p, 0, 0}, ZSTD_e_flush), 0);
    assert_int_equal(ZSTD_compressStream2(c, &to, &from, ZSTD_e_end), 0);
    out.n = to.pos;
    ZSTD_freeCCtx(c);
    return out;
}

static struct bytes encode(enum inflate_coding c, struct span in)
{
    if (c == INFLATE_GZIP)
        return encode_zlib(in, 15 + 16);
    if (c == INFLATE_DEFLATE)
        return encode_zlib(in, 15);
    if (c == INFLATE_ZSTD)
        return encode_zstd(in, 0);
    struct bytes out = {NULL, BrotliEncoderMaxCompressedSize(in.n) + 64};
    out.p = malloc(out.n);
    assert_true(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, in.n, in.p, &out.n, out.p));
    return out;
}

/* Half words, half noise, so that literals and matches both occur. */
static struct span plain(size_t n)
{
    static uint8_t text[PLAIN_MAX];
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        text[i] = i / 64 % 2 ? (uint8_t)(x >> 24) : (uint8_t) "the same words "[i % 15];
    }
    return span(text, n);
}

static void test_round_trip(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 15, 1000, 16383, 16384, 16385, PLAIN_MAX};
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct span want = plain(sizes[i]);
            struct bytes in = encode(all[k], want);
            BUF_AUTO out = buf_init(sizes[i]); /* exactly what comes out */
            assert_ok(inflate_body(all[k], span(in.p, in.n), &out));
            assert_span(buf_span(&out), want);
            if (sizes[i]) {
                BUF_AUTO small = buf_init(sizes[i] - 1);
                assert_fails(ERR_LIMIT, inflate_body(all[k], span(in.p, in.n), &small));
                assert_true(small.cap <= small.max);
            }
            free(in.p);
        }
}

static void test_one_shots(void **state)
{
    (void)state;
    struct err (*const fn[])(struct span, struct buf *) = {inflate_gzip, inflate_deflate,
                                                           inflate_zstd, inflate_brotli};
    for (size_t k = 0; k < 4; k++)
        for (size_t other = 0; other < 4; other++) {
            struct bytes in = encode(all[k], plain(100));
            BUF_AUTO out = buf_init(1000);
            struct err e = fn[other](span(in.p, in.n), &out);
            assert_int_equal(failed(e), k != other);
            free(in.p);
        }
}

/* Every split of a stream gives the same bytes; every truncation and every tail is refused. */
static void test_splits_and_cuts(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct span want = plain(700);
        struct bytes in = encode(all[k], want);
        for (size_t at = 0; at < in.n; at++) {
            struct inflate z;
            BUF_AUTO out = buf_init(1000);
            assert_ok(inflate_begin(&z, all[k]));
            assert_ok(inflate_more(&z, span(in.p, at), &out));
            assert_fails(ERR_INPUT, inflate_end(&z));
            assert_ok(inflate_more(&z, span(in.p + at, in.n - at), &out));
            assert_ok(inflate_end(&z));
            assert_span(buf_span(&out), want);
            inflate_free(&z);
            BUF_AUTO cut = buf_init(1000);
            assert_fails(ERR_INPUT, inflate_body(all[k], span(in.p, at), &cut));
        }
        struct inflate z;
        BUF_AUTO out = buf_init(1000);
        assert_ok(inflate_begin(&z, all[k]));
        for (size_t i = 0; i < in.n; i++)
            assert_ok(inflate_more(&z, span(in.p + i, 1), &out));
        assert_ok(inflate_end(&z));
        assert_span(buf_span(&out), want);
        assert_fails(ERR_INPUT, inflate_more(&z, SPAN_LIT("tail"), &out));
        inflate_free(&z);
        in.p = realloc(in.p, in.n + 1);
        for (unsigned c = 0; c < 256; c += 51) {
            in.p[in.n] = (uint8_t)c;
            BUF_AUTO tail = buf_init(1000);
            assert_fails(ERR_INPUT, inflate_body(all[k], span(in.p, in.n + 1), &tail));
        }
        free(in.p);
    }
}

/* A flipped bit is never taken for the original; where the format has a checksum it is an error. */
static void test_flips(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct span want = plain(300);
        struct bytes in = encode(all[k], want);
        for (size_t bit = 0; bit < in.n * 8; bit++) {
            in.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            BUF_AUTO out = buf_init(4096);
            struct err e = inflate_body(all[k], span(in.p, in.n), &out);
            bool header = all[k] == INFLATE_GZIP && bit < 80; /* flags, time, system: not covered */
            if (!failed(e) && all[k] != INFLATE_BROTLI && !header)
                assert_span(buf_span(&out), want); /* a bit without meaning */
            in.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        free(in.p);
    }
}

static void test_bombs(void **state)
{
    (void)state;
    uint8_t *zeros = calloc(1, BOMB);
    for (size_t k = 0; k < 4; k++) {
        struct bytes in = encode(all[k], span(zeros, BOMB));
        BUF_AUTO out = buf_init(MIB);
        assert_true(in.n < BOMB / 500);
        assert_fails(ERR_LIMIT, inflate_body(all[k], span(in.p, in.n), &out));
        assert_int_equal(out.n, MIB);
        assert_int_equal(out.cap, MIB);
        free(in.p);
    }
    free(zeros);
}

static void test_gzip_members(void **state)
{
    (void)state;
    struct bytes a = encode(INFLATE_GZIP, SPAN_LIT("one ")),
                 b = encode(INFLATE_GZIP, SPAN_LIT("two"));
    BUF_AUTO in = buf_init(1000), out = buf_init(1000);
    assert_ok(buf_put(&in, span(a.p, a.n)));
    assert_ok(buf_put(&in, span(b.p, b.n)));
    assert_ok(inflate_gzip(buf_span(&in), &out));
    assert_span(buf_span(&out), SPAN_LIT("one two"));
    in.n--; /* the second member's end is missing */
    buf_clear(&out);
    assert_fails(ERR_INPUT, inflate_gzip(buf_span(&in), &out));
    free(a.p);
    free(b.p);
}

static void test_zstd_frames(void **state)
{
    (void)state;
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
    struct bytes a = encode_zstd(SPAN_LIT("one "), 0), b = encode_zstd(SPAN_LIT("two"), 0);
    BUF_AUTO in = buf_init(1000), out = buf_init(1000);
    assert_ok(buf_put(&in, span(a.p, a.n)));
    assert_ok(buf_put(&in, span(skippable, sizeof skippable)));
    assert_ok(buf_put(&in, span(b.p, b.n)));
    assert_ok(inflate_zstd(buf_span(&in), &out));
    assert_span(buf_span(&out), SPAN_LIT("one two"));
    free(a.p);
    free(b.p);
}

static void test_zstd_window(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(MIB);
    struct bytes in = encode_zstd(plain(1000), INFLATE_ZSTD_WINDOW_LOG);
    assert_ok(inflate_zstd(span(in.p, in.n), &out));
    free(in.p);
    buf_clear(&out);
    in = encode_zstd(plain(1000), INFLATE_ZSTD_WINDOW_LOG + 1);
    assert_fails(ERR_LIMIT, inflate_zstd(span(in.p, in.n), &out));
    free(in.p);
}

static void test_tokens(void **state)
{
    (void)state;
    struct inflate_codings c;
    assert_ok(inflate_parse(SPAN_LIT(""), &c));
    assert_int_equal(c.n, 0);
    assert_ok(inflate_parse(SPAN_LIT(" identity , X-GZIP,identity,br"), &c));
    assert_int_equal(c.n, 2);
    assert_int_equal(c.v[0], INFLATE_GZIP);
    assert_int_equal(c.v[1], INFLATE_BROTLI);
    assert_fails(ERR_LIMIT, inflate_parse(SPAN_LIT("gzip, gzip, gzip"), &c));
    assert_fails(ERR_INPUT, inflate_parse(SPAN_LIT("gzip,"), &c));
    assert_fails(ERR_INPUT, inflate_parse(SPAN_LIT(",gzip"), &c));
    assert_fails(ERR_INPUT, inflate_parse(SPAN_LIT("compress"), &c));
    assert_fails(ERR_INPUT, inflate_parse(SPAN_LIT("gzip;q=1"), &c));
    assert_string_equal(inflate_name(INFLATE_BROTLI), "br");
    assert_string_equal(inflate_name(INFLATE_GZIP), "gzip");
}

static void test_two_codings(void **state)
{
    (void)state;
    struct bytes a = encode(INFLATE_ZSTD, plain(500)), b = encode(INFLATE_GZIP, span(a.p, a.n));
    BUF_AUTO out = buf_init(1000);
    struct inflate_codings c;
    assert_ok(inflate_parse(SPAN_LIT("zstd, gzip"), &c));
    assert_ok(inflate_all(&c, span(b.p, b.n), &out));
    assert_span(buf_span(&out), plain(500));
    assert_fails(ERR_BUG, inflate_all(&c, span(b.p, b.n), &out)); /* not empty */
    buf_clear(&out);
    c.n = 0;
    assert_ok(inflate_all(&c, SPAN_LIT("as is"), &out));
    assert_span(buf_span(&out), SPAN_LIT("as is"));
    struct inflate z;
    assert_ok(inflate_begin(&z, INFLATE_IDENTITY));
    assert_ok(inflate_more(&z, SPAN_LIT("!"), &out));
    assert_ok(inflate_end(&z));
    inflate_free(&z);
    assert_span(buf_span(&out), SPAN_LIT("as is!"));
    free(a.p);
    free(b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_one_shots),
        cmocka_unit_test(test_splits_and_cuts), cmocka_unit_test(test_flips),
        cmocka_unit_test(test_bombs),           cmocka_unit_test(test_gzip_members),
        cmocka_unit_test(test_zstd_frames),     cmocka_unit_test(test_zstd_window),
        cmocka_unit_test(test_tokens),          cmocka_unit_test(test_two_codings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
