/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte classes of 64 bytes at a time, as bitmaps: the part of the scanner that touches every byte.
 * A set of ASCII bytes is exact as rows[low nibble] & (1 << high nibble): one shuffle per set. Keys
 * (the words that announce a secret, "www.", "bic", "swift") are looked for by nibble buckets of
 * their first three bytes; that may claim too much, so anchor_key decides.
 *
 * anchors_plain is the oracle; the vector bodies (anchor_simd.def, anchors_avx512) must equal it.
 */
#include "scan_int.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* clang-format off */
#define CTL 0
#define D   (C_DIGIT | C_HEX | C_LOCAL | C_HOST | C_URL)
#define U   (C_UPPER | C_LOCAL | C_HOST | C_URL)
#define L   (C_LOWER | C_LOCAL | C_HOST | C_URL)
#define UX  (U | C_HEX)
#define LX  (L | C_HEX)
#define P   (C_LOCAL | C_URL)
#define H   C_HIGH
const uint8_t scan_classes[256] = {
    ['!'] = P, ['#'] = P, ['$'] = P, ['%'] = P, ['&'] = P, ['\''] = C_LOCAL | C_URL, ['*'] = P,
    ['+'] = P, ['-'] = P | C_HOST, ['.'] = P | C_HOST, ['/'] = C_URL, ['='] = P, ['?'] = P,
    ['^'] = C_LOCAL, ['_'] = P, ['`'] = C_LOCAL, ['{'] = C_LOCAL, ['|'] = C_LOCAL, ['}'] = C_LOCAL,
    ['~'] = P, [':'] = C_URL, [';'] = C_URL, ['@'] = C_URL, [','] = C_URL, ['('] = C_URL,
    [')'] = C_URL, ['['] = C_URL, [']'] = C_URL,
    ['0'] = D, D, D, D, D, D, D, D, D, D,
    ['A'] = UX, UX, UX, UX, UX, UX, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
    ['a'] = LX, LX, LX, LX, LX, LX, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    [0x80] = H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H,
};
#undef CTL
#undef D
#undef U
#undef L
#undef UX
#undef LX
#undef P
#undef H
/* clang-format on */

/* The scanner's own keys behind the secrets' words: three letters, any fourth, or four signs.
 * "[at]" is "{at}" but for the bit that makes a letter small. */
static const uint8_t own_keys[][4] = {"www", "bic", "swi", "(at)", "{at}", "dot"};
static const uint8_t own_bits[] = {KEY_WWW, KEY_BIC, KEY_BIC, KEY_MAIL, KEY_MAIL, KEY_MAIL};
_Static_assert(SECRET_WORD_KEYS + sizeof own_bits == ANCHOR_KEYS, "room for each key");

/* Which keys share a bucket. Any choice is right; this one lets the fewest other words of English
 * and code through, one or two in a kilobyte. Keys of three letters let any fourth byte through, so
 * they are with their like. */
static const uint8_t buckets[ANCHOR_KEYS] = {6, 4, 5, 1, 2, 3, 0, 0, 3, 6, 1, 7, 2,
                                             1, 5, 2, 0, 6, 5, 4, 0, 7, 7, 5, 1, 7,
                                             2, 5, 5, 7, 7, 5, 5, 3, 4, 6, 7, 5};

static void key_put(struct anchor_keys *k, const uint8_t key[4], size_t bucket)
{
    uint8_t bit = (uint8_t)(1U << bucket);
    for (size_t pos = 0; pos < ANCHOR_KEY_BYTES; pos++) {
        uint8_t c = key[pos];
        uint8_t other = is(c, C_LOWER) || c == '{' || c == '}' ? (uint8_t)(c - 32) : c;
        k->low[pos][c & 15] |= bit;
        k->high[pos][c >> 4] |= bit;
        k->low[pos][other & 15] |= bit;
        k->high[pos][other >> 4] |= bit;
        for (size_t any = 0; !c && any < 16; any++) {
            k->low[pos][any] |= bit;
            k->high[pos][any] |= bit;
        }
    }
}

/* See colons_at (sweep.c). */
static void colons_make(struct anchor_keys *k)
{
    for (unsigned c = 0; c < 256; c++) {
        uint8_t b = (uint8_t)c;
        bool before = is(b, C_HEX) || (b | 0x20) == 'w' || secret_label(b, SPAN_NONE, 0);
        bool behind = b == '/' || b == '*' || b == ':' || is(b, C_DIGIT);
        bool quote = b == '"' || b == '\'';
        k->beside[c] = (uint8_t)((before ? BEFORE_COLON : 0) | (behind ? BEHIND_COLON : 0) |
                                 (quote ? QUOTE_BEFORE_COLON : 0));
    }
}

void anchor_keys_make(struct anchor_keys *k)
{
    _Static_assert(sizeof k->slot == 256, "eight bits of the hash");
    memset(k, 0, sizeof *k);
    colons_make(k);
    for (size_t i = 0; i < ANCHOR_KEYS; i++) {
        bool own = i >= SECRET_WORD_KEYS;
        const uint8_t *key = own ? own_keys[i - SECRET_WORD_KEYS] : secret_word_keys[i];
        key_put(k, key, buckets[i]);
        k->key[i] = key_number(key);
        k->mask[i] = key[3] ? 0xFFFFFFFF : 0xFFFFFF;
        k->bits[i] = own ? own_bits[i - SECRET_WORD_KEYS] : KEY_SECRET;
        size_t at = key_slot(k->key[i]);
        while (k->slot[at])
            at = (at + 1) % sizeof k->slot;
        k->slot[at] = (uint8_t)(i + 1);
    }
}

unsigned anchor_key(const struct anchor_keys *k, struct span t, size_t at)
{
    uint8_t c[4] = {0};
    if (t.n - at >= sizeof c)
        memcpy(c, t.p + at, sizeof c);
    else
        memcpy(c, t.p + at, t.n - at);
    /* Keys are letters and signs above 31: this bit makes a byte one of theirs only if it was the
     * letter in some case, or such a sign's like, which its reader tells apart. */
    uint32_t n = key_number(c) | 0x20202020;
    unsigned found = 0;
    for (size_t s = key_slot(n); k->slot[s]; s = (s + 1) % sizeof k->slot) {
        size_t i = k->slot[s] - 1U;
        if ((n & k->mask[i]) == k->key[i])
            found |= k->bits[i];
    }
    return found;
}

static bool key_may_start(const struct anchor_keys *k, const uint8_t *p)
{
    unsigned fit = 0xFF;
    for (size_t pos = 0; pos < ANCHOR_KEY_BYTES; pos++)
        fit &= k->low[pos][p[pos] & 15] & (unsigned)k->high[pos][p[pos] >> 4];
    return fit != 0;
}

static struct anchors block_plain(const struct anchor_keys *k, const uint8_t *p)
{
    struct anchors a = {0};
    for (size_t i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        a.digit |= is(p[i], C_DIGIT) ? bit : 0;
        a.word |= is(p[i], C_WORD) ? bit : 0;
        a.run |= secret_run_byte[p[i]] ? bit : 0;
        a.high |= is(p[i], C_HIGH) ? bit : 0;
        a.at |= p[i] == '@' ? bit : 0;
        a.colon |= p[i] == ':' ? bit : 0;
        a.key |= key_may_start(k, p + i) ? bit : 0;
    }
    return a;
}

void anchors_plain(const struct anchor_keys *k, const uint8_t *p, size_t n, struct anchors *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = block_plain(k, p + 64 * i);
}

#if defined(__x86_64__)
/* rows[low nibble] has bit h for each byte (h << 4 | low) of the set. */
static const uint8_t word_rows[16] = {0xa8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8,
                                      0xf8, 0xf8, 0xf0, 0x50, 0x50, 0x50, 0x50, 0x50};
static const uint8_t run_rows[16] = {0xa8, 0xf8, 0xf8, 0xf8, 0xfc, 0xfc, 0xf8, 0xf8,
                                     0xf8, 0xf8, 0xf0, 0x54, 0x50, 0x5c, 0xd4, 0x74};
static const uint8_t row_bit[16] = {1, 2, 4, 8, 16, 32, 64, 128};

#define NAME(x)       x##_ssse3
#define TARGET        __attribute__((target("ssse3")))
#define V             __m128i
#define LANES         16
#define FULL          0xFFFFU
#define LOAD(p)       _mm_loadu_si128((const __m128i *)(const void *)(p))
#define SET1(c)       _mm_set1_epi8(c)
#define TABLE(t)      LOAD(t)
#define SHUFFLE(t, i) _mm_shuffle_epi8(t, i)
#define AND(a, b)     _mm_and_si128(a, b)
#define EQ(a, b)      _mm_cmpeq_epi8(a, b)
#define MIN(a, b)     _mm_min_epu8(a, b)
#define SUB(a, b)     _mm_sub_epi8(a, b)
#define SHIFT4(a)     _mm_srli_epi16(a, 4)
#define MASK(a)       (uint32_t) _mm_movemask_epi8(a)
#define ZERO()        _mm_setzero_si128()
#include "anchor_simd.def"

#define NAME(x)       x##_avx2
#define TARGET        __attribute__((target("avx2")))
#define V             __m256i
#define LANES         32
#define FULL          0xFFFFFFFFU
#define LOAD(p)       _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define SET1(c)       _mm256_set1_epi8(c)
#define TABLE(t)      _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(t)))
#define SHUFFLE(t, i) _mm256_shuffle_epi8(t, i)
#define AND(a, b)     _mm256_and_si256(a, b)
#define EQ(a, b)      _mm256_cmpeq_epi8(a, b)
#define MIN(a, b)     _mm256_min_epu8(a, b)
#define SUB(a, b)     _mm256_sub_epi8(a, b)
#define SHIFT4(a)     _mm256_srli_epi16(a, 4)
#define MASK(a)       (uint32_t) _mm256_movemask_epi8(a)
#define ZERO()        _mm256_setzero_si256()
#include "anchor_simd.def"

/* With AVX-512 a comparison's result is the bitmap itself, so its body is its own. */
#define TARGET __attribute__((target("avx512bw")))

TARGET static inline __m512i table512(const uint8_t table[16])
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* Buckets whose keys may have the byte of v at a position. */
TARGET static inline __m512i buckets512(__m512i low, __m512i high, __m512i v)
{
    const __m512i nibble = _mm512_set1_epi8(0x0F);
    __m512i above = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
    return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(v, nibble)),
                            _mm512_shuffle_epi8(high, above));
}

TARGET static void anchors_avx512(const struct anchor_keys *k, const uint8_t *p, size_t n,
                                  struct anchors *out)
{
    const __m512i nibble = _mm512_set1_epi8(0x0F);
    const __m512i word = table512(word_rows), run = table512(run_rows), bits = table512(row_bit);
    __m512i low[ANCHOR_KEY_BYTES], high[ANCHOR_KEY_BYTES];
    for (size_t i = 0; i < ANCHOR_KEY_BYTES; i++) {
        low[i] = table512(k->low[i]);
        high[i] = table512(k->high[i]);
    }
    for (const uint8_t *end = p + 64 * n; p < end; p += 64, out++) {
        __m512i v = _mm512_loadu_si512(p), below = _mm512_and_si512(v, nibble);
        __m512i above = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
        __m512i bit = _mm512_shuffle_epi8(bits, above), key = buckets512(low[0], high[0], v);
        for (size_t i = 1; i < ANCHOR_KEY_BYTES; i++)
            key = _mm512_and_si512(key, buckets512(low[i], high[i], _mm512_loadu_si512(p + i)));
        out->digit =
            _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('0')), _mm512_set1_epi8(9));
        out->word = _mm512_test_epi8_mask(_mm512_shuffle_epi8(word, below), bit);
        out->run = _mm512_test_epi8_mask(_mm512_shuffle_epi8(run, below), bit);
        out->high = _mm512_movepi8_mask(v);
        out->at = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('@'));
        out->colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':'));
        out->key = _mm512_test_epi8_mask(key, key);
    }
}
#undef TARGET
#endif

anchors_fn *anchors_named(const char *name)
{
#if defined(__x86_64__)
    if (!strcmp(name, "avx512") && __builtin_cpu_supports("avx512bw"))
        return anchors_avx512;
    if (!strcmp(name, "avx2") && __builtin_cpu_supports("avx2"))
        return anchors_avx2;
    if (!strcmp(name, "ssse3") && __builtin_cpu_supports("ssse3"))
        return anchors_ssse3;
#endif
    return strcmp(name, "plain") ? NULL : anchors_plain;
}

anchors_fn *anchors_best(void)
{
    anchors_fn *f = anchors_named("avx512");
    if (!f)
        f = anchors_named("avx2");
    if (!f)
        f = anchors_named("ssse3");
    return f ? f : anchors_plain;
}
