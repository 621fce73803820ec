/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ML-KEM-768 as FIPS 203 has it; the algorithm numbers in the comments are the standard's. Called
 * once a post-quantum stanza. Coefficients are kept in [0, q) all the time; secrets meet only
 * additions, multiplications, shifts and masks.
 */
#define _DEFAULT_SOURCE
#include "mlkem.h"
#include "keccak.h"

#include <string.h>

enum { K = 3, N = 256, Q = 3329, POLY12 = 384, DU = 10, DV = 4, C1 = K * 32 * DU };
_Static_assert(C1 + 32 * DV == MLKEM_CT, "ciphertext");
_Static_assert(K *POLY12 + 32 == MLKEM_EK, "public key");

struct poly {
    uint16_t c[N];
};

/* 17^BitRev7(i) and 17^(2·BitRev7(i)+1) mod q (FIPS 203, appendix A). */
static const uint16_t zetas[128] = {
    1,    1729, 2580, 3289, 2642, 630,  1897, 848,  1062, 1919, 193,  797,  2786, 3260, 569,  1746,
    296,  2447, 1339, 1476, 3046, 56,   2240, 1333, 1426, 2094, 535,  2882, 2393, 2879, 1974, 821,
    289,  331,  3253, 1756, 1197, 2304, 2277, 2055, 650,  1977, 2513, 632,  2865, 33,   1320, 1915,
    2319, 1435, 807,  452,  1438, 2868, 1534, 2402, 2647, 2617, 1481, 648,  2474, 3110, 1227, 910,
    17,   2761, 583,  2649, 1637, 723,  2288, 1100, 1409, 2662, 3281, 233,  756,  2156, 3015, 3050,
    1703, 1651, 2789, 1789, 1847, 952,  1461, 2687, 939,  2308, 2437, 2388, 733,  2337, 268,  641,
    1584, 2298, 2037, 3220, 375,  2549, 2090, 1645, 1063, 319,  2773, 757,  2099, 561,  2466, 2594,
    2804, 1092, 403,  1026, 1143, 2150, 2775, 886,  1722, 1212, 1874, 1029, 2110, 2935, 885,  2154,
};
static const uint16_t gammas[128] = {
    17,   3312, 2761, 568,  583,  2746, 2649, 680,  1637, 1692, 723,  2606, 2288, 1041, 1100, 2229,
    1409, 1920, 2662, 667,  3281, 48,   233,  3096, 756,  2573, 2156, 1173, 3015, 314,  3050, 279,
    1703, 1626, 1651, 1678, 2789, 540,  1789, 1540, 1847, 1482, 952,  2377, 1461, 1868, 2687, 642,
    939,  2390, 2308, 1021, 2437, 892,  2388, 941,  733,  2596, 2337, 992,  268,  3061, 641,  2688,
    1584, 1745, 2298, 1031, 2037, 1292, 3220, 109,  375,  2954, 2549, 780,  2090, 1239, 1645, 1684,
    1063, 2266, 319,  3010, 2773, 556,  757,  2572, 2099, 1230, 561,  2768, 2466, 863,  2594, 735,
    2804, 525,  1092, 2237, 403,  2926, 1026, 2303, 1143, 2186, 2150, 1179, 2775, 554,  886,  2443,
    1722, 1607, 1212, 2117, 1874, 1455, 1029, 2300, 2110, 1219, 2935, 394,  885,  2444, 2154, 1175,
};

/* x mod q for x < 2q. */
static uint16_t once(uint32_t x)
{
    uint32_t y = x - Q;
    return (uint16_t)(y + (Q & (0U - (y >> 31))));
}

static uint16_t add(uint16_t a, uint16_t b)
{
    return once((uint32_t)a + b);
}

static uint16_t sub(uint16_t a, uint16_t b)
{
    return once((uint32_t)a + Q - b);
}

/* Barrett: 5039 = floor(2^24 / q); the quotient is at most one too small for x < q². */
static uint16_t reduce(uint32_t x)
{
    uint32_t t = (uint32_t)((uint64_t)x * 5039 >> 24);
    return once(x - t * Q);
}

static uint16_t mul(uint16_t a, uint16_t b)
{
    return reduce((uint32_t)a * b);
}

static void add_to(struct poly *a, const struct poly *b)
{
    for (int i = 0; i < N; i++)
        a->c[i] = add(a->c[i], b->c[i]);
}

/* Algorithm 9. */
static void ntt(struct poly *f)
{
    int i = 1;
    for (int len = 128; len >= 2; len /= 2)
        for (int start = 0; start < N; start += 2 * len) {
            uint16_t zeta = zetas[i++];
            for (int j = start; j < start + len; j++) {
                uint16_t t = mul(zeta, f->c[j + len]);
                f->c[j + len] = sub(f->c[j], t);
                f->c[j] = add(f->c[j], t);
            }
        }
}

/* Algorithm 10. */
static void ntt_back(struct poly *f)
{
    int i = 127;
    for (int len = 2; len <= 128; len *= 2)
        for (int start = 0; start < N; start += 2 * len) {
            uint16_t zeta = zetas[i--];
            for (int j = start; j < start + len; j++) {
                uint16_t t = f->c[j];
                f->c[j] = add(t, f->c[j + len]);
                f->c[j + len] = mul(zeta, sub(f->c[j + len], t));
            }
        }
    for (int j = 0; j < N; j++)
        f->c[j] = mul(f->c[j], 3303); /* 128^-1 */
}

/* out += a ∘ b in the transformed domain: algorithms 11 and 12. */
static void multiply_add(struct poly *out, const struct poly *a, const struct poly *b)
{
    for (int i = 0; i < N / 2; i++) {
        uint16_t a0 = a->c[2 * i], a1 = a->c[2 * i + 1];
        uint16_t b0 = b->c[2 * i], b1 = b->c[2 * i + 1];
        uint16_t low = add(mul(a0, b0), mul(mul(a1, b1), gammas[i]));
        uint16_t high = add(mul(a0, b1), mul(a1, b0));
        out->c[2 * i] = add(out->c[2 * i], low);
        out->c[2 * i + 1] = add(out->c[2 * i + 1], high);
    }
}

/* Algorithm 7: entry (row, column) of the public matrix. */
static void sample_matrix(const uint8_t rho[32], uint8_t row, uint8_t column, struct poly *out)
{
    uint8_t place[2] = {column, row}, three[3];
    struct keccak k = keccak_begin(KECCAK_SHAKE128);
    keccak_absorb(&k, span(rho, 32));
    keccak_absorb(&k, span(place, 2));
    for (int n = 0; n < N;) {
        keccak_squeeze(&k, three, sizeof three);
        uint16_t d1 = (uint16_t)(three[0] | (three[1] & 15) << 8);
        uint16_t d2 = (uint16_t)(three[1] >> 4 | three[2] << 4);
        if (d1 < Q)
            out->c[n++] = d1;
        if (d2 < Q && n < N)
            out->c[n++] = d2;
    }
}

/* Algorithm 8 with η = 2 over PRF(seed, counter). */
static void sample_noise(const uint8_t seed[32], uint8_t counter, struct poly *out)
{
    uint8_t bytes[128];
    struct span parts[] = {span(seed, 32), span(&counter, 1)};
    keccak_parts(KECCAK_SHAKE256, parts, 2, bytes, sizeof bytes);
    for (int i = 0; i < N; i++) {
        unsigned four = bytes[i / 2] >> (4 * (i % 2)) & 15;
        uint16_t x = (uint16_t)((four & 1) + (four >> 1 & 1));
        uint16_t y = (uint16_t)((four >> 2 & 1) + (four >> 3));
        out->c[i] = sub(x, y);
    }
    explicit_bzero(bytes, sizeof bytes);
}

/* Algorithm 5: `bits` bits a coefficient, least significant first. */
static void pack(const struct poly *f, unsigned bits, uint8_t *out)
{
    uint32_t held = 0;
    unsigned n = 0;
    for (int i = 0; i < N; i++) {
        held |= (uint32_t)f->c[i] << n;
        for (n += bits; n >= 8; n -= 8) {
            *out++ = (uint8_t)held;
            held >>= 8;
        }
    }
}

/* Algorithm 6, without the reduction for 12 bits: callers check. */
static void unpack(const uint8_t *in, unsigned bits, struct poly *f)
{
    uint32_t held = 0;
    unsigned n = 0;
    for (int i = 0; i < N; i++) {
        for (; n < bits; n += 8)
            held |= (uint32_t)*in++ << n;
        f->c[i] = (uint16_t)(held & ((1U << bits) - 1));
        held >>= bits;
        n -= bits;
    }
}

/* round(2^bits/q · x) mod 2^bits; the multiplication is exact division for all x < q. */
static void compress(struct poly *f, unsigned bits)
{
    for (int i = 0; i < N; i++) {
        uint64_t n = ((uint32_t)f->c[i] << bits) + Q / 2;
        f->c[i] = (uint16_t)((n * 1290168 >> 32) & ((1U << bits) - 1));
    }
}

static void decompress(struct poly *f, unsigned bits)
{
    for (int i = 0; i < N; i++)
        f->c[i] = (uint16_t)(((uint32_t)f->c[i] * Q + (1U << (bits - 1))) >> bits);
}

/* K-PKE.Encrypt, algorithm 14. */
static void encrypt(const uint8_t ek[MLKEM_EK], const uint8_t m[32], const uint8_t coins[32],
                    uint8_t ct[MLKEM_CT])
{
    struct poly y[K], u, v = {0}, e, a;
    const uint8_t *rho = ek + (size_t)K * POLY12;
    for (uint8_t i = 0; i < K; i++) {
        sample_noise(coins, i, &y[i]);
        ntt(&y[i]);
    }
    for (uint8_t i = 0; i < K; i++) {
        u = (struct poly){0};
        for (uint8_t j = 0; j < K; j++) {
            sample_matrix(rho, j, i, &a);
            multiply_add(&u, &a, &y[j]);
        }
        ntt_back(&u);
        sample_noise(coins, (uint8_t)(K + i), &e);
        add_to(&u, &e);
        compress(&u, DU);
        pack(&u, DU, ct + (size_t)i * 32 * DU);
        unpack(ek + (size_t)i * POLY12, 12, &a);
        multiply_add(&v, &a, &y[i]);
    }
    ntt_back(&v);
    sample_noise(coins, 2 * K, &e);
    add_to(&v, &e);
    unpack(m, 1, &e);
    decompress(&e, 1);
    add_to(&v, &e);
    compress(&v, DV);
    pack(&v, DV, ct + C1);
    explicit_bzero(y, sizeof y);
    explicit_bzero(&e, sizeof e);
}

/* K-PKE.Decrypt, algorithm 15. */
static void decrypt(const uint8_t dk[MLKEM_DK], const uint8_t ct[MLKEM_CT], uint8_t m[32])
{
    struct poly v, u, s, w = {0};
    for (size_t i = 0; i < K; i++) {
        unpack(ct + i * 32 * DU, DU, &u);
        decompress(&u, DU);
        ntt(&u);
        unpack(dk + i * POLY12, 12, &s);
        multiply_add(&w, &s, &u);
    }
    ntt_back(&w);
    unpack(ct + C1, DV, &v);
    decompress(&v, DV);
    for (int i = 0; i < N; i++)
        w.c[i] = sub(v.c[i], w.c[i]);
    compress(&w, 1);
    pack(&w, 1, m);
    explicit_bzero(&s, sizeof s);
    explicit_bzero(&w, sizeof w);
}

void mlkem_keys(const uint8_t seed[MLKEM_SEED], uint8_t ek[MLKEM_EK], uint8_t dk[MLKEM_DK])
{
    struct poly s[K], t, a;
    uint8_t g[64], k = K;
    struct span parts[] = {span(seed, 32), span(&k, 1)};
    keccak_parts(KECCAK_SHA3_512, parts, 2, g, sizeof g);
    for (uint8_t i = 0; i < K; i++) {
        sample_noise(g + 32, i, &s[i]);
        ntt(&s[i]);
        pack(&s[i], 12, dk + (size_t)i * POLY12);
    }
    for (uint8_t i = 0; i < K; i++) {
        sample_noise(g + 32, (uint8_t)(K + i), &t);
        ntt(&t);
        for (uint8_t j = 0; j < K; j++) {
            sample_matrix(g, i, j, &a);
            multiply_add(&t, &a, &s[j]);
        }
        pack(&t, 12, ek + (size_t)i * POLY12);
    }
    memcpy(ek + (size_t)K * POLY12, g, 32);
    uint8_t *at = dk + (size_t)K * POLY12;
    memcpy(at, ek, MLKEM_EK);
    struct span whole = span(ek, MLKEM_EK);
    keccak_parts(KECCAK_SHA3_256, &whole, 1, at + MLKEM_EK, 32);
    memcpy(at + MLKEM_EK + 32, seed + 32, 32);
    explicit_bzero(s, sizeof s);
    explicit_bzero(g, sizeof g);
}

struct err mlkem_encapsulate(const uint8_t ek[MLKEM_EK], const uint8_t m[MLKEM_RANDOM],
                             uint8_t ct[MLKEM_CT], uint8_t secret[MLKEM_SECRET])
{
    struct poly t;
    for (size_t i = 0; i < K; i++) {
        unpack(ek + i * POLY12, 12, &t);
        for (int j = 0; j < N; j++)
            if (t.c[j] >= Q)
                return err(ERR_INPUT);
    }
    uint8_t digest[32], g[64];
    struct span whole = span(ek, MLKEM_EK);
    keccak_parts(KECCAK_SHA3_256, &whole, 1, digest, 32);
    struct span parts[] = {span(m, 32), span(digest, 32)};
    keccak_parts(KECCAK_SHA3_512, parts, 2, g, sizeof g);
    encrypt(ek, m, g + 32, ct);
    memcpy(secret, g, 32);
    explicit_bzero(g, sizeof g);
    return OK;
}

void mlkem_decapsulate(const uint8_t dk[MLKEM_DK], const uint8_t ct[MLKEM_CT],
                       uint8_t secret[MLKEM_SECRET])
{
    const uint8_t *ek = dk + (size_t)K * POLY12, *digest = ek + MLKEM_EK, *z = digest + 32;
    uint8_t m[32], g[64], rejected[32], again[MLKEM_CT];
    decrypt(dk, ct, m);
    struct span parts[] = {span(m, 32), span(digest, 32)};
    keccak_parts(KECCAK_SHA3_512, parts, 2, g, sizeof g);
    struct span other[] = {span(z, 32), span(ct, MLKEM_CT)};
    keccak_parts(KECCAK_SHAKE256, other, 2, rejected, sizeof rejected);
    encrypt(ek, m, g + 32, again);
    uint32_t differ = 0;
    for (size_t i = 0; i < MLKEM_CT; i++)
        differ |= (uint32_t)(again[i] ^ ct[i]);
    uint8_t keep = (uint8_t)((differ - 1) >> 8); /* 0xff when equal, 0 when not */
    for (int i = 0; i < 32; i++)
        secret[i] = (uint8_t)((g[i] & keep) | (rejected[i] & ~keep));
    explicit_bzero(m, sizeof m);
    explicit_bzero(g, sizeof g);
    explicit_bzero(again, sizeof again);
}
