/* SPDX-License-Identifier: Apache-2.0 */
#include "utf16.h"

#include "utf8.h"

enum { HIGH = 0xD800 >> 10, LOW = 0xDC00 >> 10, ASTRAL = 0x10000, BROKEN = 0xFFFD };

enum utf16_order utf16_mark(struct span s)
{
    if (span_starts(s, SPAN_LIT("\xff\xfe")))
        return UTF16_LITTLE;
    return span_starts(s, SPAN_LIT("\xfe\xff")) ? UTF16_BIG : UTF16_NONE;
}

static uint32_t unit_at(struct span s, size_t at, enum utf16_order o)
{
    const uint8_t *p = s.p + at;
    return o == UTF16_BIG ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* The code point at `at`, which goes on behind it; BROKEN for half a pair. */
static uint32_t next(struct span s, size_t *at, enum utf16_order o)
{
    uint32_t c = unit_at(s, *at, o);
    *at += 2;
    if (c >> 10 != HIGH && c >> 10 != LOW)
        return c;
    uint32_t low = s.n - *at >= 2 ? unit_at(s, *at, o) : 0;
    if (c >> 10 != HIGH || low >> 10 != LOW)
        return BROKEN;
    *at += 2;
    return ASTRAL + ((c & 0x3FF) << 10 | (low & 0x3FF));
}

bool utf16_valid(struct span s, enum utf16_order o)
{
    for (size_t at = 0; s.n - at >= 2;) {
        size_t was = at;
        if (next(s, &at, o) == BROKEN && unit_at(s, was, o) != BROKEN)
            return false;
    }
    return s.n % 2 == 0;
}

struct err utf16_to_utf8(struct span s, enum utf16_order o, struct buf *out)
{
    for (size_t at = 0; s.n - at >= 2;) {
        uint8_t utf8[4];
        size_t n = utf8_put(next(s, &at, o), utf8);
        TRY(buf_put(out, span(utf8, n)));
    }
    return OK;
}

static struct err put_unit(struct buf *out, uint32_t u, enum utf16_order o)
{
    const uint8_t little[2] = {(uint8_t)u, (uint8_t)(u >> 8)};
    const uint8_t big[2] = {(uint8_t)(u >> 8), (uint8_t)u};
    return buf_put(out, span(o == UTF16_BIG ? big : little, 2));
}

struct err utf16_from_utf8(struct span s, enum utf16_order o, struct buf *out)
{
    uint32_t c;
    for (size_t at = 0; at < s.n;) {
        at += utf8_next(s, at, &c);
        if (c >= ASTRAL)
            TRY(put_unit(out, HIGH << 10 | (c - ASTRAL) >> 10, o));
        TRY(put_unit(out, c >= ASTRAL ? LOW << 10 | (c & 0x3FF) : c, o));
    }
    return OK;
}
