/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte classes of 64 bytes at a time, as bitmaps: the part of the scanner that touches every byte.
 * A set of ASCII bytes is exact as rows[low nibble] & (1 << high nibble), and the sets that every
 * byte is asked for are one look by each nibble; where a vector instruction looks up 128 bytes at
 * once, one look says all sets. Keys (the words that announce a secret, "www.", "bic", "swift") are
 * looked for by buckets of their first four bytes; that may claim too much, so anchor_key decides.
 * By nibbles a bucket claims more yet: a byte whose halves are two other bytes' of it.
 *
 * anchors_plain is the oracle; the vector bodies (anchor_simd.def, anchors_avx512) must equal it,
 * but for keys claimed by nibbles or by the low seven bits.
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
static const struct secret_word_key own_keys[] = {{"www", ""},    {"bic", ""},    {"swi", "f"},
                                                  {"(at)", NULL}, {"{at}", NULL}, {"dot", ""}};
static const uint8_t own_bits[] = {KEY_WWW, KEY_BIC, KEY_BIC, KEY_MAIL, KEY_MAIL, KEY_MAIL};
_Static_assert(SECRET_WORD_KEYS + sizeof own_bits == ANCHOR_KEYS, "room for each key");

/* Which keys share a bucket: those of four letters one of the first eight, those of three one of
 * the others. Else any choice is right; anchor_buckets.py chose this one on prose, code, JSON and
 * logs, where hardly any place but the keys' own gets through. */
static const uint8_t buckets[] = {
    5,  14, 9,  0,  6,  13, 0,  3,  7,  4,  0,  7,  0,  1, 1, 0,  2, 12, 9, 14, 14, 14, 10, 9,
    5,  3,  3,  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 7,  4, 5,  5, 7,  0,  13, 0,  2,
    1,  1,  6,  3,  4,  7,  5,  0,  6,  1,  2,  4,  12, 6, 3, 3,  7, 7,  5, 15, 15, 14, 13, 11,
    10, 10, 12, 8,  4,  1,  10, 15, 5,  2,  11, 13, 0,  2, 4, 12, 8, 14, 4, 5,  11};
_Static_assert(sizeof buckets == ANCHOR_KEYS, "chosen again when the keys change");

static void key_put(struct anchor_keys *k, const uint8_t key[4], size_t bucket)
{
    struct anchor_buckets *eight = &k->buckets[bucket / 8];
    uint8_t bit = (uint8_t)(1U << bucket % 8);
    for (size_t pos = 0; pos < ANCHOR_KEY_BYTES; pos++) {
        uint8_t c = key[pos];
        uint8_t other = is(c, C_LOWER) || c == '{' || c == '}' ? (uint8_t)(c - 32) : c;
        for (unsigned b = 0; b < 256; b++) {
            bool fits = !c || b == c || b == other;
            k->fits[pos][b] |= (uint16_t)(fits << bucket);
            if (b >= 128)
                continue;
            eight->byte[pos][b] |= fits ? bit : 0;
            eight->low[pos][b & 15] |= fits ? bit : 0;
            eight->high[pos][b >> 4] |= fits ? bit : 0;
        }
    }
}

/* The bytes from 64 to 127 that may stand behind a key, a bit each. */
static uint64_t behind_of(const char *letters)
{
    const uint64_t capitals = 0x07FFFFFE;
    uint64_t may = ~(capitals | capitals << 32);
    if (!letters)
        return ~(uint64_t)0;
    for (; *letters; letters++)
        may |= *letters == '^' ? capitals : (uint64_t)0x100000001 << (*letters & 31);
    return may;
}

static unsigned sets_of(uint8_t c)
{
    bool before = is(c, C_HEX) || (c | 0x20) == 'w' || secret_label(c, SPAN_NONE, 0);
    bool behind = c == '/' || c == '*' || c == ':' || is(c, C_DIGIT); /* see colons_at (sweep.c) */
    return (unsigned)is(c, C_WORD) << SET_WORD | (unsigned)secret_run_byte[c] << SET_RUN |
           (unsigned)is(c, C_DIGIT) << SET_DIGIT | (unsigned)before << SET_BEFORE |
           (unsigned)behind << SET_BEHIND | (unsigned)(c == '"' || c == '\'') << SET_QUOTE |
           (unsigned)(c == 'e') << SET_E;
}

static void sets_make(struct anchor_keys *k)
{
    for (unsigned c = 0; c < 128; c++) {
        k->set[c] = (uint8_t)sets_of((uint8_t)c);
        for (unsigned set = 0; set < SETS; set++)
            k->rows[set][c & 15] |= (uint8_t)((k->set[c] >> set & 1U) << (c >> 4));
    }
}

/* The colons worth a look, of those there are. */
static inline uint64_t colons_of(uint64_t colon, const uint64_t set[SETS], uint64_t high)
{
    const uint64_t first = 1, last = (uint64_t)1 << 63;
    uint64_t cookie = set[SET_QUOTE] & (set[SET_E] << 1 | first);
    return colon & ((set[SET_BEFORE] | high | cookie) << 1 | first | set[SET_BEHIND] >> 1 | last);
}

void anchor_keys_make(struct anchor_keys *k)
{
    _Static_assert(sizeof k->slot == 1 << KEY_SLOT_BITS, "a slot for each hash");
    memset(k, 0, sizeof *k);
    for (size_t i = 0; i < ANCHOR_KEYS; i++) {
        bool own = i >= SECRET_WORD_KEYS;
        const struct secret_word_key *row =
            own ? &own_keys[i - SECRET_WORD_KEYS] : &secret_word_keys[i];
        const uint8_t *key = row->key;
        key_put(k, key, buckets[i]);
        k->behind[1 + i] = behind_of(row->behind);
        k->len[1 + i] = key[3] ? 4 : 3;
        k->key[1 + i] = key_number(key) | 0x202020 | (key[3] ? 0x20U << 24 : 0);
        k->mask[1 + i] = key[3] ? 0xFFFFFFFF : 0xFFFFFF;
        k->bits[1 + i] = own ? own_bits[i - SECRET_WORD_KEYS] : KEY_SECRET;
        size_t at = key_slot(k->key[1 + i]);
        while (k->slot[at])
            at = (at + 1) % sizeof k->slot;
        k->slot[at] = (uint8_t)(1 + i);
    }
    k->key[0] = 1;
    sets_make(k);
}

unsigned anchor_key(const struct anchor_keys *k, struct span t, size_t at)
{
    uint8_t c[4] = {0};
    if (t.n - at >= sizeof c)
        memcpy(c, t.p + at, sizeof c);
    else
        memcpy(c, t.p + at, t.n - at);
    uint32_t n = key_number(c) | 0x20202020;
    unsigned found = 0;
    for (size_t s = key_slot(n); k->slot[s]; s = (s + 1) % sizeof k->slot) {
        size_t i = k->slot[s];
        if ((n & k->mask[i]) == k->key[i])
            found |= k->bits[i];
    }
    return found;
}

static struct anchors block_plain(const struct anchor_keys *k, const uint8_t *p)
{
    struct anchors a = {0};
    uint64_t set[SETS] = {0}, colon = 0;
    for (size_t i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        unsigned fit = 0xFFFF, sets = p[i] < 0x80 ? k->set[p[i]] : 0;
        for (size_t pos = 0; pos < ANCHOR_KEY_BYTES; pos++)
            fit &= k->fits[pos][p[i + pos]];
        for (size_t s = 0; s < SETS; s++)
            set[s] |= sets >> s & 1 ? bit : 0;
        a.high |= p[i] >= 0x80 ? bit : 0;
        a.at |= p[i] == '@' ? bit : 0;
        colon |= p[i] == ':' ? bit : 0;
        a.key |= fit ? bit : 0;
    }
    a.digit = set[SET_DIGIT];
    a.word = set[SET_WORD];
    a.run = set[SET_RUN];
    a.colon = colons_of(colon, set, a.high);
    return a;
}

void anchors_plain(const struct anchor_keys *k, const uint8_t *p, size_t n, struct anchors *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = block_plain(k, p + 64 * i);
}

#if defined(__x86_64__)
/* The bit of each high nibble in rows. */
static const uint8_t row_bit[16] = {1, 2, 4, 8, 16, 32, 64, 128};

/* The bytes of runs, by low and high nibble: digits, the letters of two rows of the ASCII table
 * each, the signs of row 2, then = _ ~. So a comparison tells digits, another word bytes. */
enum {
    KIND_DIGIT = 64,
    LETTERS_46 = 32,
    LETTERS_57 = 16,
    KIND_WORD = LETTERS_57,
    SIGNS_2 = 8,
    EQUALS = 4,
    LOW_LINE = 2,
    TILDE = 1,
    LETTERS = LETTERS_46 | LETTERS_57
};
/* clang-format off */
static const uint8_t kind_low[16] = {
    KIND_DIGIT | LETTERS_57, KIND_DIGIT | LETTERS, KIND_DIGIT | LETTERS, KIND_DIGIT | LETTERS,
    KIND_DIGIT | LETTERS | SIGNS_2, KIND_DIGIT | LETTERS | SIGNS_2, KIND_DIGIT | LETTERS, KIND_DIGIT | LETTERS,
    KIND_DIGIT | LETTERS, KIND_DIGIT | LETTERS, LETTERS, LETTERS_46 | SIGNS_2,
    LETTERS_46, LETTERS_46 | SIGNS_2 | EQUALS, LETTERS_46 | SIGNS_2 | TILDE, LETTERS_46 | SIGNS_2 | LOW_LINE,
};
static const uint8_t kind_high[16] = {
    [2] = SIGNS_2, KIND_DIGIT | EQUALS, LETTERS_46, LETTERS_57 | LOW_LINE, LETTERS_46, LETTERS_57 | TILDE,
};
/* clang-format on */

/* Made here, not put off: the compiler would look up all positions first and spill them, and put
 * the bitmaps together in a vector. */
#define KEEP(v)     __asm__("" : "+x"(v))
#define KEEP_ALL(a) __asm__("" : "+r"((a).digit), "+r"((a).word), "+r"((a).run), "+r"((a).high))

#define NAME(x)       x##_ssse3
#define TARGET        __attribute__((target("ssse3")))
#define V             __m128i
#define LANES         16
#define LOAD(p)       _mm_loadu_si128((const __m128i *)(const void *)(p))
#define SET1(c)       _mm_set1_epi8(c)
#define STORE(p, a)   _mm_storeu_si128((__m128i *)(void *)(p), a)
#define TABLE(t)      LOAD(t)
#define SHUFFLE(t, i) _mm_shuffle_epi8(t, i)
#define AND(a, b)     _mm_and_si128(a, b)
#define OR(a, b)      _mm_or_si128(a, b)
#define EQ(a, b)      _mm_cmpeq_epi8(a, b)
#define GT(a, b)      _mm_cmpgt_epi8(a, b)
#define SHIFT4(a)     _mm_srli_epi16(a, 4)
#define MASK(a)       (uint32_t) _mm_movemask_epi8(a)
#define ZERO()        _mm_setzero_si128()
#include "anchor_simd.def"

#define NAME(x)       x##_avx2
#define TARGET        __attribute__((target("avx2")))
#define V             __m256i
#define LANES         32
#define LOAD(p)       _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define SET1(c)       _mm256_set1_epi8(c)
#define STORE(p, a)   _mm256_storeu_si256((__m256i *)(void *)(p), a)
#define TABLE(t)      _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(t)))
#define SHUFFLE(t, i) _mm256_shuffle_epi8(t, i)
#define AND(a, b)     _mm256_and_si256(a, b)
#define OR(a, b)      _mm256_or_si256(a, b)
#define EQ(a, b)      _mm256_cmpeq_epi8(a, b)
#define GT(a, b)      _mm256_cmpgt_epi8(a, b)
#define SHIFT4(a)     _mm256_srli_epi16(a, 4)
#define MASK(a)       (uint32_t) _mm256_movemask_epi8(a)
#define ZERO()        _mm256_setzero_si256()
#include "anchor_simd.def"

/* With AVX-512 a comparison's result is the bitmap itself, and VBMI looks up 128 bytes at once: so
 * its body is its own. */
#define TARGET __attribute__((target("avx512bw,avx512vbmi")))

struct table512 {
    __m512i low, high;
};

TARGET static inline struct table512 table512(const uint8_t table[128])
{
    return (struct table512){_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64)};
}

/* By the low seven bits of each byte. */
TARGET static inline __m512i look512(const struct table512 *t, __m512i v)
{
    return _mm512_permutex2var_epi8(t->low, v, t->high);
}

TARGET static void anchors_avx512(const struct anchor_keys *k, const uint8_t *p, size_t n,
                                  struct anchors *out)
{
    struct table512 sets = table512(k->set);
    struct table512 four[ANCHOR_KEY_BYTES], three[ANCHOR_KEY_BYTES - 1];
    for (size_t i = 0; i < ANCHOR_KEY_BYTES; i++)
        four[i] = table512(k->buckets[0].byte[i]);
    for (size_t i = 0; i < ANCHOR_KEY_BYTES - 1; i++)
        three[i] = table512(k->buckets[1].byte[i]);
    for (const uint8_t *end = p + 64 * n; p < end; p += 64, out++) {
        __m512i v = _mm512_loadu_si512(p);
        __m512i key = look512(&four[0], v), key3 = look512(&three[0], v);
        uint64_t high = _mm512_movepi8_mask(v), set[SETS];
        uint64_t colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':'));
        __m512i in = _mm512_maskz_mov_epi8(~high, look512(&sets, v));
        for (size_t i = 1; i < ANCHOR_KEY_BYTES; i++) {
            __m512i c = _mm512_loadu_si512(p + i);
            key = _mm512_and_si512(key, look512(&four[i], c));
            if (i < ANCHOR_KEY_BYTES - 1)
                key3 = _mm512_and_si512(key3, look512(&three[i], c));
        }
        for (int s = 0; s < (colon ? SETS : SETS_ALWAYS); s++)
            set[s] = _mm512_test_epi8_mask(in, _mm512_set1_epi8((char)(1 << s)));
        out->digit = set[SET_DIGIT];
        out->word = set[SET_WORD];
        out->run = set[SET_RUN];
        out->high = high;
        out->at = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('@'));
        out->colon = colon ? colons_of(colon, set, high) : 0;
        key = _mm512_or_si512(key, key3);
        out->key = _mm512_test_epi8_mask(key, key);
    }
}
#undef TARGET
#endif

anchors_fn *anchors_named(const char *name)
{
#if defined(__x86_64__)
    if (!strcmp(name, "avx512") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vbmi"))
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
