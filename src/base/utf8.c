/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629, table 3-7 of the Unicode standard). Frequent: long runs of ASCII. */
#include "utf8.h"

/* Length of the valid sequence at p (n bytes left), 0 when there is none. */
static size_t sequence(const uint8_t *p, size_t n)
{
    uint8_t c = p[0];
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    size_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (n < len)
        return 0;
    uint8_t lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

/* Bytes of ASCII from `at` on. */
static inline size_t ascii_run(struct span s, size_t at)
{
    size_t end = at;
    uint64_t w[4];
    for (; s.n - end >= sizeof w; end += sizeof w) {
        memcpy(w, s.p + end, sizeof w);
        if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080U)
            break;
    }
    while (end < s.n && s.p[end] < 0x80)
        end++;
    return end - at;
}

size_t utf8_valid_prefix(struct span s)
{
    size_t at = 0;
    while ((at += ascii_run(s, at)) < s.n) {
        size_t len = sequence(s.p + at, s.n - at);
        if (len == 0)
            return at;
        at += len;
    }
    return at;
}

size_t utf8_next(struct span s, size_t at, uint32_t *cp)
{
    const uint8_t *p = s.p + at;
    size_t len = sequence(p, s.n - at);
    switch (len) {
    case 1:
        *cp = p[0];
        return 1;
    case 2:
        *cp = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
        return 2;
    case 3:
        *cp = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        return 3;
    case 4:
        *cp = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
              (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
        return 4;
    default:
        *cp = 0xfffd;
        return 1;
    }
}

size_t utf8_count(struct span s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.n;) {
        size_t ascii = ascii_run(s, at);
        count += ascii;
        at += ascii;
        for (; at < s.n && s.p[at] >= 0x80; count++) {
            size_t len = sequence(s.p + at, s.n - at);
            at += len ? len : 1;
        }
    }
    return count;
}

size_t utf8_put(uint32_t cp, uint8_t out[4])
{
    if (cp < 0x80) {
        out[0] = (uint8_t)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (uint8_t)(0xc0 | cp >> 6);
        out[1] = (uint8_t)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp >= 0xd800 && cp < 0xe000)
        return 0;
    if (cp < 0x10000) {
        out[0] = (uint8_t)(0xe0 | cp >> 12);
        out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (cp & 0x3f));
        return 3;
    }
    if (cp > 0x10ffff)
        return 0;
    out[0] = (uint8_t)(0xf0 | cp >> 18);
    out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (cp & 0x3f));
    return 4;
}

bool utf8_is_line(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return utf8_valid(s);
}
