/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 blocks in the SHA extensions of x86-64, the plain twin being libcrypto, which has its own
 * assembly for every processor. Called for every block of a model's files and for every second node
 * of a full tile.
 */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sha_blocks_int.h"

#include <endian.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <string.h>

enum engine { UNKNOWN, PLAIN, WIDE };

static atomic_int engine; /* threads that find it unknown together find the same */

const uint32_t sha_start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static void plain_blocks(uint32_t h[8], const uint8_t *p, size_t blocks)
{
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    for (int i = 0; i < 8; i++)
        ctx.h[i] = h[i];
    SHA256_Update(&ctx, p, blocks * SHA_BLOCK);
    for (int i = 0; i < 8; i++)
        h[i] = (uint32_t)ctx.h[i];
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE     static inline __attribute__((always_inline))

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* A state as the instructions want it: words a b e f and c d g h. */
struct lane {
    __m128i abef, cdgh;
};

SHA_TARGET INLINE struct lane lane_of(const uint32_t h[8])
{
    __m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)h);
    __m128i efgh = _mm_loadu_si128((const __m128i *)(const void *)(h + 4));
    __m128i badc = _mm_shuffle_epi32(abcd, 0xb1), hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    return (struct lane){_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

SHA_TARGET INLINE void lane_put(const struct lane *l, uint32_t h[8])
{
    __m128i feba = _mm_shuffle_epi32(l->abef, 0x1b), dchg = _mm_shuffle_epi32(l->cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Four rounds, and the message words of the four rounds that come four steps later. */
SHA_TARGET INLINE void four_rounds(struct lane *s, __m128i m[4], const uint8_t *block, int i,
                                   __m128i swap)
{
    if (i < 4)
        m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
                                swap);
    __m128i w = _mm_add_epi32(
        m[i & 3], _mm_load_si128((const __m128i *)(const void *)(round_constants + 4 * i)));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, w);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(w, 0x0e));
    if (i >= 3 && i < 15)
        m[(i + 1) & 3] =
            _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(m[(i + 1) & 3], m[(i + 2) & 3]),
                                               _mm_alignr_epi8(m[i & 3], m[(i + 3) & 3], 4)),
                                 m[i & 3]);
}

/* `lanes` is a constant where this is inlined: its loops vanish. */
SHA_TARGET INLINE void wide_lanes(uint32_t *const h[], const uint8_t *const from[],
                                  const size_t lanes, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    struct lane now[SHA_LANES];
    const uint8_t *p[SHA_LANES];
    for (size_t k = 0; k < lanes; k++) {
        now[k] = lane_of(h[k]);
        p[k] = from[k];
    }
    for (; blocks; blocks--) {
        struct lane was[SHA_LANES];
        __m128i m[SHA_LANES][4];
        for (size_t k = 0; k < lanes; k++)
            was[k] = now[k];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
#pragma GCC unroll 4
            for (size_t k = 0; k < lanes; k++)
                four_rounds(&now[k], m[k], p[k], i, swap);
        for (size_t k = 0; k < lanes; k++) {
            now[k].abef = _mm_add_epi32(now[k].abef, was[k].abef);
            now[k].cdgh = _mm_add_epi32(now[k].cdgh, was[k].cdgh);
            p[k] += SHA_BLOCK;
        }
    }
    for (size_t k = 0; k < lanes; k++)
        lane_put(&now[k], h[k]);
}

SHA_TARGET static void wide_blocks(uint32_t *const h[], const uint8_t *const p[], size_t lanes,
                                   size_t blocks)
{
    switch (lanes) {
    case 1:
        wide_lanes(h, p, 1, blocks);
        break;
    case 2:
        wide_lanes(h, p, 2, blocks);
        break;
    case 3:
        wide_lanes(h, p, 3, blocks);
        break;
    default:
        wide_lanes(h, p, 4, blocks);
    }
}

static bool has_sha(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1U << 29);
}
#else
static void wide_blocks(uint32_t *const h[], const uint8_t *const p[], size_t lanes, size_t blocks)
{
    for (size_t i = 0; i < lanes; i++)
        plain_blocks(h[i], p[i], blocks);
}

static bool has_sha(void)
{
    return false;
}
#endif

bool sha_force_plain(bool plain)
{
    bool other = has_sha();
    atomic_store_explicit(&engine, plain || !other ? PLAIN : WIDE, memory_order_relaxed);
    return other;
}

void sha_blocks(uint32_t *const h[], const uint8_t *const p[], size_t lanes, size_t blocks)
{
    if (lanes < 1 || lanes > SHA_LANES)
        __builtin_trap();
    if (atomic_load_explicit(&engine, memory_order_relaxed) == UNKNOWN)
        sha_force_plain(false);
    if (atomic_load_explicit(&engine, memory_order_relaxed) == WIDE) {
        wide_blocks(h, p, lanes, blocks);
        return;
    }
    for (size_t i = 0; i < lanes; i++)
        plain_blocks(h[i], p[i], blocks);
}

void sha_put(const uint32_t h[8], uint8_t out[32])
{
    for (size_t i = 0; i < 8; i++) {
        uint32_t big = htobe32(h[i]);
        memcpy(out + 4 * i, &big, sizeof big);
    }
}
