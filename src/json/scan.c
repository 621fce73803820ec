/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of strings, where nearly all bytes of a body are: checked, decoded, and to be written.
 * Three loops, instantiated for each way of passing bytes that need no look: eight at a time in
 * plain C, 16 with SSE2, 32 with AVX2. Two of them copy what they pass. Frequent: long plain runs
 * between escapes. Never: a byte read or written outside the span.
 */
#include "json_int.h"
#include "num.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef size_t run_fn(const uint8_t *p, size_t at, size_t n);
typedef size_t string_fn(struct span in, size_t at, unsigned *flags, const char **why);
typedef size_t kept_fn(const uint8_t *p, size_t n, uint8_t *out, size_t room, size_t *put);
typedef size_t copy_fn(const uint8_t *p, size_t n, uint8_t *out);

/* Bytes that need no look: printable ASCII without quote and backslash. */
static inline bool plain(uint8_t c)
{
    return (uint8_t)(c - 0x20) < 0x60 && c != '"' && c != '\\';
}

#define ONES  0x0101010101010101U
#define HIGHS 0x8080808080808080U

/* High bit set in (at least) the lowest byte of w that is zero. */
static inline uint64_t zero_bytes(uint64_t w)
{
    return (w - ONES) & ~w & HIGHS;
}

/* Not 0 when a byte of w is not plain. */
static inline uint64_t odd_bytes(uint64_t w)
{
    return (w & HIGHS) | ((w - ONES * 0x20) & ~w & HIGHS) | zero_bytes(w ^ ONES * '"') |
           zero_bytes(w ^ ONES * '\\');
}

/* Offset of the first byte at or after `at` that is not plain; n when there is none. */
static inline __attribute__((always_inline)) size_t run_plain(const uint8_t *p, size_t at, size_t n)
{
    while (n - at >= 8) {
        uint64_t w;
        memcpy(&w, p + at, 8);
        if (odd_bytes(w))
            break; /* which byte: the loop below, so that byte order does not matter */
        at += 8;
    }
    while (at < n && plain(p[at]))
        at++;
    return at;
}

/* Copies to `out` up to the first byte that is a backslash or, with `all`, not plain; how many. */
static inline __attribute__((always_inline)) size_t copy_plain(const uint8_t *p, size_t n,
                                                               uint8_t *out, bool all)
{
    size_t at = 0;
    for (uint64_t w; n - at >= 8; at += 8) {
        memcpy(&w, p + at, 8);
        uint64_t odd = zero_bytes(w ^ ONES * '\\');
        if (all)
            odd |= odd_bytes(w);
        if (odd)
            break;
        memcpy(out + at, &w, 8);
    }
    for (; at < n && (all ? plain(p[at]) : p[at] != '\\'); at++)
        out[at] = p[at];
    return at;
}

#if defined(__x86_64__)
/* A bit for each byte that is not plain: those below 0x20 and above 0x7f are one signed comparison;
 * without `all`, for backslashes alone. */
static inline __attribute__((always_inline)) unsigned odd_sse2(__m128i v, bool all)
{
    __m128i odd = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    if (all)
        odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                             _mm_cmplt_epi8(v, _mm_set1_epi8(0x20))));
    return (unsigned)_mm_movemask_epi8(odd);
}

#define AVX2 __attribute__((always_inline, target("avx2")))
static inline AVX2 unsigned odd_avx2(__m256i v, bool all)
{
    __m256i odd = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'));
    if (all)
        odd = _mm256_or_si256(odd, _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
                                                   _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v)));
    return (unsigned)_mm256_movemask_epi8(odd);
}

static inline __attribute__((always_inline)) size_t run_sse2(const uint8_t *p, size_t at, size_t n)
{
    for (; n - at >= 16; at += 16) {
        unsigned odd = odd_sse2(_mm_loadu_si128((const __m128i *)(const void *)(p + at)), true);
        if (odd)
            return at + (unsigned)__builtin_ctz(odd);
    }
    return run_plain(p, at, n);
}

static inline AVX2 size_t run_avx2(const uint8_t *p, size_t at, size_t n)
{
    for (; n - at >= 32; at += 32) {
        unsigned odd = odd_avx2(_mm256_loadu_si256((const __m256i *)(const void *)(p + at)), true);
        if (odd)
            return at + (unsigned)__builtin_ctz(odd);
    }
    return run_sse2(p, at, n);
}

static inline __attribute__((always_inline)) size_t copy_sse2(const uint8_t *p, size_t n,
                                                              uint8_t *out, bool all)
{
    size_t at = 0;
    for (; n - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
        unsigned odd = odd_sse2(v, all);
        _mm_storeu_si128((__m128i *)(void *)(out + at), v);
        if (odd)
            return at + (unsigned)__builtin_ctz(odd);
    }
    return at + copy_plain(p + at, n - at, out + at, all);
}

static inline AVX2 size_t copy_avx2(const uint8_t *p, size_t n, uint8_t *out, bool all)
{
    size_t at = 0;
    for (; n - at >= 32; at += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + at));
        unsigned odd = odd_avx2(v, all);
        _mm256_storeu_si256((__m256i *)(void *)(out + at), v);
        if (odd)
            return at + (unsigned)__builtin_ctz(odd);
    }
    return at + copy_sse2(p + at, n - at, out + at, all);
}
#endif

/* Length of the well-formed UTF-8 sequence at p (first byte >= 0x80), 0 when there is none
 * (RFC 3629). Here and not in base because it has to be inlined into the scanners. */
static inline size_t sequence(const uint8_t *p, size_t n)
{
    if (n >= 2 && (uint8_t)(p[0] - 0xc2) < 0x1e)
        return (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (n >= 3 && (p[0] & 0xf0) == 0xe0) {
        uint32_t cp = (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
        bool tails = (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80;
        return tails && cp >= 0x800 && (cp & 0xf800) != 0xd800 ? 3 : 0;
    }
    if (n >= 4 && (p[0] & 0xf8) == 0xf0) {
        uint32_t cp = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
                      (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
        bool tails = (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80;
        return tails && cp - 0x10000 < 0x100000 ? 4 : 0;
    }
    return 0;
}

static bool hex4(const uint8_t *p, uint32_t *out)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned digit = num_hex_digit(p[i]);
        if (digit > 15)
            return false;
        v = v << 4 | digit;
    }
    *out = v;
    return true;
}

const uint8_t json_short_escape[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

size_t json_escape_step(struct span in, size_t at, uint32_t *cp)
{
    const uint8_t *p = in.p + at;
    size_t n = in.n - at;
    if (n < 2)
        return 0;
    *cp = json_short_escape[p[1]];
    if (*cp)
        return 2;
    if (p[1] != 'u' || n < 6 || !hex4(p + 2, cp))
        return 0;
    if ((*cp & 0xf800) != 0xd800)
        return 6;
    uint32_t low;
    bool paired = *cp < 0xdc00 && n >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8, &low) &&
                  (low & 0xfc00) == 0xdc00;
    if (!paired) {
        *cp = ESCAPE_LONE;
        return 6;
    }
    *cp = 0x10000 + ((*cp & 0x3ff) << 10 | (low & 0x3ff));
    return 12;
}

static inline __attribute__((always_inline)) size_t
string_body(run_fn *run, struct span in, size_t at, unsigned *flags, const char **why)
{
    const uint8_t *p = in.p;
    for (;;) {
        at = run(p, at, in.n);
        if (at == in.n) {
            *why = "string is not closed";
            return at;
        }
        size_t step;
        if (p[at] == '"')
            return at;
        if (p[at] == '\\') {
            uint32_t cp = 0;
            *flags |= STRING_ESCAPED;
            step =
                in.n - at > 1 && json_short_escape[p[at + 1]] ? 2 : json_escape_step(in, at, &cp);
            if (step == 6 && cp == ESCAPE_LONE)
                *flags |= STRING_LONE;
            if (step == 0)
                *why = "unknown escape in a string";
        } else if (p[at] < 0x20) {
            step = 0;
            *why = "control character in a string";
        } else {
            step = p[at] < 0x80 ? 1 : sequence(p + at, in.n - at);
            if (step == 0)
                *why = "not valid UTF-8";
        }
        if (step == 0)
            return at;
        at += step;
    }
}

typedef size_t copy_all_fn(const uint8_t *p, size_t n, uint8_t *out, bool all);

/* The letter behind the backslash of a short escape; 0: there is none. */
static const uint8_t short_letter[256] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                          ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};

static inline __attribute__((always_inline)) size_t
kept_body(copy_all_fn *copy, const uint8_t *p, size_t n, uint8_t *out, size_t room, size_t *put)
{
    for (size_t at = 0, to = 0;;) { /* room - to >= n - at */
        size_t plain = copy(p + at, n - at, out + to, true), step = 0;
        at += plain;
        *put = to += plain;
        if (at == n)
            return at;
        if (p[at] >= 0x80)
            step = sequence(p + at, n - at);
        else if (short_letter[p[at]] && room - to > n - at) {
            out[to++] = '\\';
            out[to++] = short_letter[p[at++]];
            continue;
        }
        if (step == 0)
            return at;
        for (; step; step--)
            out[to++] = p[at++];
    }
}

/* The loops with one way of passing bytes. */
struct engine {
    string_fn *string;
    kept_fn *kept;
    copy_fn *raw;
};
#define ENGINE(name, attribute)                                                                    \
    attribute static size_t string_##name(struct span in, size_t at, unsigned *flags,              \
                                          const char **why)                                        \
    {                                                                                              \
        return string_body(run_##name, in, at, flags, why);                                        \
    }                                                                                              \
    attribute static size_t kept_##name(const uint8_t *p, size_t n, uint8_t *out, size_t room,     \
                                        size_t *put)                                               \
    {                                                                                              \
        return kept_body(copy_##name, p, n, out, room, put);                                       \
    }                                                                                              \
    attribute static size_t raw_##name(const uint8_t *p, size_t n, uint8_t *out)                   \
    {                                                                                              \
        return copy_##name(p, n, out, false);                                                      \
    }                                                                                              \
    static const struct engine engine_##name = {string_##name, kept_##name, raw_##name}

ENGINE(plain, );
#if defined(__x86_64__)
ENGINE(sse2, );
ENGINE(avx2, __attribute__((target("avx2"))));
#endif

static const struct engine *best(enum json_engine e)
{
    if (e == JSON_ENGINE_PLAIN)
        return &engine_plain;
#if defined(__x86_64__)
    if (e != JSON_ENGINE_SSE2 && __builtin_cpu_supports("avx2"))
        return &engine_avx2;
    if (e != JSON_ENGINE_AVX2)
        return &engine_sse2;
#endif
    return e == JSON_ENGINE_BEST ? &engine_plain : NULL;
}

static const struct engine *engine; /* NULL before the first call of a process */

static inline const struct engine *chosen(void)
{
    if (!engine)
        engine = best(JSON_ENGINE_BEST);
    return engine;
}

bool json_force_engine(enum json_engine e)
{
    const struct engine *one = best(e);
    if (!one)
        return false;
    engine = one;
    return true;
}

size_t json_scan_string(struct span in, size_t at, unsigned *flags, const char **why)
{
    return chosen()->string(in, at, flags, why);
}

size_t json_copy_kept(struct span in, uint8_t *out, size_t room, size_t *put)
{
    return chosen()->kept(in.p, in.n, out, room, put);
}

size_t json_copy_raw(struct span in, uint8_t *out)
{
    return chosen()->raw(in.p, in.n, out);
}
