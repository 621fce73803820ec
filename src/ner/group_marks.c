/* SPDX-License-Identifier: Apache-2.0 */
#include "group_marks.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

static inline bool from_to(uint8_t c, uint8_t low, uint8_t high)
{
    return c >= low && c <= high;
}

struct group_marks group_marks_plain(const uint8_t p[GROUP_STEP])
{
    struct group_marks m = {0};
    for (unsigned i = 0; i < GROUP_STEP; i++) {
        const uint8_t c = p[i];
        bool key = from_to(c | 0x20, 'a', 'z') || c == '_' || c >= 0x80;
        m.key |= (uint64_t)key << i;
        m.word |= (uint64_t)(key || from_to(c, '0', '9')) << i;
        m.upper |= (uint64_t)(from_to(c, 'A', 'Z') || c == 0xC3) << i;
        m.sign |= (uint64_t)(c == '@') << i;
        m.quote |= (uint64_t)(c == '"' || c == '\'') << i;
        m.gives |= (uint64_t)(c == ':' || c == '=') << i;
    }
    return m;
}

#if defined(__x86_64__)
static inline uint64_t bits(__m128i v)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(v);
}

static inline __m128i is_byte(__m128i v, uint8_t c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8((char)c));
}

/* Bytes from `low` to `high`, both below 128: moved up to the largest signed numbers there are. */
static inline __m128i are_from_to(__m128i v, char low, char high)
{
    __m128i up = _mm_add_epi8(v, _mm_set1_epi8((char)(0x7f - high)));
    return _mm_cmpgt_epi8(up, _mm_set1_epi8((char)(0x7f - high + low - 1)));
}

struct group_marks group_marks(const uint8_t p[GROUP_STEP])
{
    struct group_marks m = {0};
    uint64_t digit = 0;
    for (unsigned i = 0; i < GROUP_STEP; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i letter = are_from_to(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
        __m128i upper = _mm_or_si128(are_from_to(v, 'A', 'Z'), is_byte(v, 0xC3));
        m.key |= bits(_mm_or_si128(_mm_or_si128(letter, is_byte(v, '_')), v)) << i;
        digit |= bits(are_from_to(v, '0', '9')) << i;
        m.upper |= bits(upper) << i;
        m.sign |= bits(is_byte(v, '@')) << i;
        m.quote |= bits(_mm_or_si128(is_byte(v, '"'), is_byte(v, '\''))) << i;
        m.gives |= bits(_mm_or_si128(is_byte(v, ':'), is_byte(v, '='))) << i;
    }
    m.word = m.key | digit;
    return m;
}
#else
struct group_marks group_marks(const uint8_t p[GROUP_STEP])
{
    return group_marks_plain(p);
}
#endif
