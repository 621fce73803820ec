/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"

#include "utf8.h"

enum { ASTRAL = 0x10000, BROKEN = 0xFFFD };

/* ---- UTF-16 ---- */

static bool is_high(uint32_t unit)
{
    return unit >> 10 == 0xD800 >> 10;
}

static bool is_low(uint32_t unit)
{
    return unit >> 10 == 0xDC00 >> 10;
}

static uint32_t unit_at(struct span s, size_t at, enum charset c)
{
    const uint8_t *p = s.p + at;
    return c == CHARSET_UTF16_BE ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* The code point at *at, which goes on behind it; BROKEN for half a pair. */
static uint32_t next_point(struct span s, size_t *at, enum charset c)
{
    uint32_t unit = unit_at(s, *at, c);
    *at += 2;
    if (!is_high(unit) && !is_low(unit))
        return unit;
    uint32_t low = s.n - *at >= 2 ? unit_at(s, *at, c) : 0;
    if (!is_high(unit) || !is_low(low))
        return BROKEN;
    *at += 2;
    return ASTRAL + ((unit & 0x3FF) << 10 | (low & 0x3FF));
}

static struct err from_utf16(struct span s, enum charset c, struct buf *out)
{
    for (size_t at = 0; s.n - at >= 2;) {
        uint8_t utf8[4];
        size_t n = utf8_put(next_point(s, &at, c), utf8);
        TRY(buf_put(out, span(utf8, n)));
    }
    return OK;
}

static struct err put_unit(struct buf *out, uint32_t unit, enum charset c)
{
    uint8_t low = (uint8_t)unit, high = (uint8_t)(unit >> 8);
    const uint8_t bytes[2] = {c == CHARSET_UTF16_BE ? high : low,
                              c == CHARSET_UTF16_BE ? low : high};
    return buf_put(out, span(bytes, sizeof bytes));
}

static struct err to_utf16(struct span s, enum charset c, struct buf *out)
{
    uint32_t cp;
    for (size_t at = 0; at < s.n;) {
        at += utf8_next(s, at, &cp);
        if (cp >= ASTRAL)
            TRY(put_unit(out, 0xD800 | (cp - ASTRAL) >> 10, c));
        TRY(put_unit(out, cp >= ASTRAL ? 0xDC00 | (cp & 0x3FF) : cp, c));
    }
    return OK;
}

/* ---- windows-1252 ---- */

/* What 0x80 to 0x9F are; all others are Latin-1's. */
static const uint16_t signs[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

static size_t ascii_end(struct span s, size_t at)
{
    while (at < s.n && s.p[at] < 0x80)
        at++;
    return at;
}

static struct err from_1252(struct span s, struct buf *out)
{
    for (size_t at = 0, end; at < s.n; at = end + 1) {
        end = ascii_end(s, at);
        TRY(buf_put(out, span_cut(s, at, end - at)));
        if (end == s.n)
            break;
        uint8_t c = s.p[end], utf8[4];
        size_t n = utf8_put(c < 0xA0 ? signs[c - 0x80] : c, utf8);
        TRY(buf_put(out, span(utf8, n)));
    }
    return OK;
}

static struct err put_1252(struct buf *out, uint32_t cp)
{
    if (cp >= 0xA0 && cp < 0x100)
        return buf_put_u8(out, (uint8_t)cp);
    for (unsigned i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i] == cp)
            return buf_put_u8(out, (uint8_t)(0x80 + i));
    return err(ERR_INPUT);
}

static struct err to_1252(struct span s, struct buf *out)
{
    uint32_t cp;
    for (size_t at = 0, end; at < s.n; at = end) {
        end = ascii_end(s, at);
        TRY(buf_put(out, span_cut(s, at, end - at)));
        if (end == s.n)
            break;
        end += utf8_next(s, end, &cp);
        TRY(put_1252(out, cp));
    }
    return OK;
}

static bool is_1252(struct span s)
{
    size_t whole = 0, broken = 0;
    uint32_t cp;
    for (size_t at = utf8_valid_prefix(s) == s.n ? s.n : 0; (at = ascii_end(s, at)) < s.n;) {
        size_t n = utf8_next(s, at, &cp);
        whole += n > 1;
        broken += n == 1;
        at += n;
    }
    return broken > whole;
}

/* ---- all of them ---- */

static const char *const names[] = {[CHARSET_UTF8] = "utf-8",
                                    [CHARSET_UTF16_LE] = "utf-16le",
                                    [CHARSET_UTF16_BE] = "utf-16be",
                                    [CHARSET_WINDOWS_1252] = "windows-1252"};

const char *charset_name(enum charset c)
{
    return names[c];
}

bool charset_find(struct span name, enum charset *c)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(name, names[i])) {
            *c = (enum charset)i;
            return true;
        }
    return false;
}

enum charset charset_marked(struct span s)
{
    if (span_starts(s, SPAN_LIT("\xff\xfe")))
        return CHARSET_UTF16_LE;
    return span_starts(s, SPAN_LIT("\xfe\xff")) ? CHARSET_UTF16_BE : CHARSET_UTF8;
}

enum charset charset_of(struct span s)
{
    enum charset c = charset_marked(s);
    return c == CHARSET_UTF8 && is_1252(s) ? CHARSET_WINDOWS_1252 : c;
}

bool charset_whole(struct span s, enum charset c)
{
    if (c != CHARSET_UTF16_LE && c != CHARSET_UTF16_BE)
        return true;
    for (size_t at = 0; s.n - at >= 2;) {
        size_t was = at;
        if (next_point(s, &at, c) == BROKEN && unit_at(s, was, c) != BROKEN)
            return false;
    }
    return s.n % 2 == 0;
}

struct err charset_to_utf8(struct span s, enum charset c, struct buf *out)
{
    switch (c) {
    case CHARSET_UTF16_LE:
    case CHARSET_UTF16_BE:
        return from_utf16(s, c, out);
    case CHARSET_WINDOWS_1252:
        return from_1252(s, out);
    case CHARSET_UTF8:
        break;
    }
    return buf_put(out, s);
}

struct err charset_from_utf8(struct span s, enum charset c, struct buf *out)
{
    switch (c) {
    case CHARSET_UTF16_LE:
    case CHARSET_UTF16_BE:
        return to_utf16(s, c, out);
    case CHARSET_WINDOWS_1252:
        return to_1252(s, out);
    case CHARSET_UTF8:
        break;
    }
    return buf_put(out, s);
}
