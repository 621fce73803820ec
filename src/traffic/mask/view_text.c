/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoded bytes as text. What a run of base64 or an attachment holds is mostly UTF-8 or no text at
 * all; but Windows writes UTF-16, old programs one byte a character, and a model reads them all.
 * Called for the first bytes of every run, and for all of those that pass.
 */
#include "view_int.h"

#include "charset.h"
#include "utf8.h"

enum {
    CONTROL_SHARE = 64, /* one control character in so many is still a text */
    CUT = 3,            /* bytes of a character that was cut off at the end */
};

/* Terminals, printers and editors put these into texts. */
static bool is_control(uint8_t c)
{
    return c == 0x7f || (c < 0x20 && !(c >= '\b' && c <= '\r') && c != 0x1b);
}

/* Half of the bytes are zero, in every other place. */
static bool wide_ascii(struct span s, size_t zero)
{
    for (size_t i = 0; i + 1 < s.n; i += 2)
        if (s.p[i + zero] != 0 || is_control(s.p[i + 1 - zero]))
            return false;
    return s.n >= 4;
}

enum view_charset view_charset_of(struct span s)
{
    size_t controls = 0, high = 0;
    enum charset mark = charset_marked(s);
    if (mark == CHARSET_UTF16_LE || wide_ascii(s, 1))
        return VIEW_UTF16_LE;
    if (mark == CHARSET_UTF16_BE || wide_ascii(s, 0))
        return VIEW_UTF16_BE;
    for (size_t i = 0; i < s.n; i++) {
        controls += is_control(s.p[i]);
        high += s.p[i] >= 0x80;
    }
    if (controls > s.n / CONTROL_SHARE)
        return VIEW_NO_TEXT;
    if (high == 0 || s.n - utf8_valid_prefix(s) <= CUT)
        return VIEW_UTF8;
    return high <= s.n / 4 ? VIEW_BYTES : VIEW_NO_TEXT;
}

static struct err put_point(struct buf *out, uint32_t c)
{
    uint8_t utf8[4];
    size_t n = utf8_put(c, utf8);
    return n ? buf_put(out, span(utf8, n)) : buf_puts(out, "\xef\xbf\xbd");
}

/* UTF-8 where it is, Latin-1 between. */
static struct err from_bytes(struct span s, struct buf *out)
{
    for (size_t at = 0; at < s.n;) {
        size_t good = utf8_valid_prefix(span_from(s, at));
        TRY(buf_put(out, span_cut(s, at, good)));
        at += good;
        if (at < s.n)
            TRY(put_point(out, s.p[at++]));
    }
    return OK;
}

struct err view_to_utf8(struct span s, enum view_charset c, struct buf *out)
{
    switch (c) {
    case VIEW_UTF16_LE:
        return charset_to_utf8(s, CHARSET_UTF16_LE, out);
    case VIEW_UTF16_BE:
        return charset_to_utf8(s, CHARSET_UTF16_BE, out);
    case VIEW_BYTES:
        return from_bytes(s, out);
    default:
        return buf_put(out, s);
    }
}
