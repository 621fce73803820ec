/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The byte searches that heads and streams are made of. Each has a plain-C body, which is the
 * definition, and on x86-64 one with SSE2, which every such CPU has. Called for every line of every
 * head; a test compares the two at every length and alignment.
 */
#ifndef SANCTUM_HTTP_HTTP_SCAN_INT_H
#define SANCTUM_HTTP_HTTP_SCAN_INT_H

#include "span.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* Field text (RFC 9110 §5.5): visible characters, obs-text, blank and tab. */
static inline bool http_is_text(uint8_t c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* Offset of the first byte of s that is not field text; s.n when all is. */
static inline size_t http_scan_text_plain(struct span s)
{
    size_t i = 0;
    while (i < s.n && http_is_text(s.p[i]))
        i++;
    return i;
}

/* Offset of the first c, s.n when there is none: for short distances, where a call costs more. */
static inline size_t http_scan_byte_plain(struct span s, uint8_t c)
{
    size_t i = 0;
    while (i < s.n && s.p[i] != c)
        i++;
    return i;
}

/* Offset of the first CR or LF, s.n when there is none. */
static inline size_t http_scan_eol_plain(struct span s)
{
    size_t i = 0;
    while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n')
        i++;
    return i;
}

#if defined(__x86_64__)
static inline size_t http_scan_eol(struct span s)
{
    const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
    size_t i = 0;
    for (; s.n - i >= 16; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i end = _mm_or_si128(_mm_cmpeq_epi8(x, cr), _mm_cmpeq_epi8(x, lf));
        unsigned mask = (unsigned)_mm_movemask_epi8(end);
        if (mask)
            return i + (unsigned)__builtin_ctz(mask);
    }
    return i + http_scan_eol_plain(span_from(s, i));
}

static inline size_t http_scan_text(struct span s)
{
    const __m128i low = _mm_set1_epi8(0x1f), del = _mm_set1_epi8(0x7f), tab = _mm_set1_epi8('\t');
    size_t i = 0;
    for (; s.n - i >= 16; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, low), x);
        __m128i bad =
            _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(x, tab), control), _mm_cmpeq_epi8(x, del));
        unsigned mask = (unsigned)_mm_movemask_epi8(bad);
        if (mask)
            return i + (unsigned)__builtin_ctz(mask);
    }
    return i + http_scan_text_plain(span_from(s, i));
}

static inline size_t http_scan_byte(struct span s, uint8_t c)
{
    const __m128i want = _mm_set1_epi8((char)c);
    size_t i = 0;
    for (; s.n - i >= 16; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, want));
        if (mask)
            return i + (unsigned)__builtin_ctz(mask);
    }
    return i + http_scan_byte_plain(span_from(s, i), c);
}
#else
static inline size_t http_scan_eol(struct span s)
{
    return http_scan_eol_plain(s);
}

static inline size_t http_scan_text(struct span s)
{
    return http_scan_text_plain(s);
}

static inline size_t http_scan_byte(struct span s, uint8_t c)
{
    return http_scan_byte_plain(s, c);
}
#endif

#endif
