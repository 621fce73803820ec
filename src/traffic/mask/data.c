/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attachments: base64 in a data: link or in a place for data. Called once for each of them.
 * Frequent: pictures, told by their first bytes. A reader at the provider may be lenient, and so is
 * this one: blanks, line ends and strange signs are passed over, padding inside begins anew, a
 * group left over counts, and where a sign is a digit in one alphabet and nothing in the other both
 * readings are made. Never happens: bytes behind such a sign that nobody looked at.
 */
#include "b64.h"
#include "utf8.h"
#include "work_int.h"

enum {
    DATA_SHORTEST = 64, /* no picture is shorter; a password might be */
    LINE_MIN = 60,      /* characters in a line of base64 that was broken into lines */
    SNIFF = 256,        /* characters looked at first */
    RUN_MIN = 16,       /* bytes of text in the middle of other data that are worth reading */
};

/* Value of a digit of either alphabet, 64 when it is none. `url`: do - and _ count? */
static unsigned digit_of(uint8_t c, bool url)
{
    unsigned d = b64_digit(c, false);
    return d < 64 || !url ? d : b64_digit(c, true);
}

/* ---- where it is ---- */

/* Lines as a program breaks base64 into: all of one length but the last. */
static bool even_lines(struct span text)
{
    size_t line = span_find(text, 0, '\n');
    if (line == text.n)
        return span_find(text, 0, '\r') == text.n;
    size_t digits = line - (line && text.p[line - 1] == '\r');
    if (digits < LINE_MIN || digits % 4)
        return false;
    for (size_t at = line + 1; at < text.n; at += line + 1) {
        size_t end = span_find(text, at, '\n');
        if (end - at > line || (end < text.n && end - at < line && text.n - end > 2))
            return false;
    }
    return true;
}

/* Where the data of a data: link begins; 0: it is none in base64. */
static size_t link_data(struct span text)
{
    enum { HEAD = 5, MARK = 7 };
    if (text.n < HEAD || !span_eq_nocase(span_cut(text, 0, HEAD), SPAN_LIT("data:")))
        return 0;
    size_t comma = span_find(text, 0, ',');
    struct span type = span_trim(span_cut(text, 0, comma));
    if (comma == text.n || type.n < MARK)
        return 0;
    type = span_from(type, type.n - (MARK - 1));
    return span_eq_nocase(type, SPAN_LIT("base64")) ? comma + 1 : 0;
}

struct span data_payload(struct span text, bool *whole)
{
    size_t at = link_data(text);
    *whole = true;
    if (at == 0 && text.n < DATA_SHORTEST)
        return SPAN_NONE;
    struct span b64 = span_from(text, at);
    for (size_t i = 0; i < b64.n && *whole; i++)
        *whole = digit_of(b64.p[i], true) < 64 || b64.p[i] == '=' || b64.p[i] == '\n' ||
                 b64.p[i] == '\r' || (at && b64.p[i] <= ' ');
    if (at == 0 && *whole)
        *whole = even_lines(b64);
    return b64;
}

/* ---- what it says ---- */

/* Append what `b64` says to `out`, which has the room. */
static void decode(struct span b64, bool url, struct buf *out)
{
    uint32_t v = 0;
    unsigned group = 0, pads = 0;
    for (size_t i = 0; i < b64.n; i++) {
        unsigned d = digit_of(b64.p[i], url);
        if (d == 64) {
            pads = b64.p[i] == '=' ? pads + 1 : pads;
            if (group >= 2 && group + pads >= 4)
                group = pads = 0; /* the end of one piece */
            continue;
        }
        pads = 0;
        v = v << 6 | d;
        if (group)
            out->p[out->n++] = (uint8_t)(v >> (6 - 2 * group));
        group = (group + 1) % 4;
    }
}

/* Formats of pictures, sound, video and pages: what they say is not spelt in bytes. */
static bool is_media(struct span s)
{
    static const struct {
        uint8_t at, n;
        const char *magic;
    } known[] = {
        {0, 8, "\x89PNG\r\n\x1a\n"},
        {0, 3, "\xff\xd8\xff"},
        {0, 4, "GIF8"},
        {0, 4, "RIFF"},
        {0, 4, "%PDF"},
        {0, 4, "OggS"},
        {0, 4, "fLaC"},
        {0, 3, "ID3"},
        {0, 2, "\xff\xfb"},
        {0, 2, "\xff\xf3"},
        {0, 2, "\xff\xf1"},
        {0, 4, "II*\0"},
        {0, 4, "MM\0*"},
        {4, 4, "ftyp"},
        {0, 4, "\x1a\x45\xdf\xa3"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (s.n >= (size_t)known[i].at + known[i].n &&
            memcmp(s.p + known[i].at, known[i].magic, known[i].n) == 0)
            return true;
    return false;
}

static bool is_printed(struct span s, size_t at)
{
    uint8_t c = at < s.n ? s.p[at] : 0;
    return (c >= ' ' && c < 0x7f) || (c >= '\t' && c <= '\r');
}

/* The character at `at` as UTF-8 in `out`: returns bytes of `s`, 0 when there is none. A byte
 * between two letters is one of Latin-1. A zero goes with the letter before it: UTF-16. */
static size_t printed_at(struct span s, size_t at, bool inside, uint8_t out[4], size_t *n)
{
    uint32_t c;
    *n = 1;
    out[0] = s.p[at];
    if (is_printed(s, at))
        return 1;
    if (s.p[at] == 0 && inside && is_printed(s, at + 1)) {
        *n = 0;
        return 1;
    }
    if (s.p[at] < 0x80)
        return 0;
    size_t took = utf8_next(s, at, &c);
    if (c == 0xfffd && inside && is_printed(s, at + 1))
        c = s.p[at];
    else if (c == 0xfffd)
        return 0;
    *n = utf8_put(c, out);
    return took;
}

/* The texts inside other data, one a line. */
static struct err text_runs(struct span s, struct buf *out)
{
    uint8_t c[4];
    size_t n, took, from = out->n;
    bool zero = false;
    for (size_t i = 0; i < s.n; i += took ? took : 1) {
        took = printed_at(s, i, out->n > from && !zero, c, &n);
        zero = s.p[i] == 0;
        if (took) {
            TRY(buf_put(out, span(c, n)));
            continue;
        }
        if (out->n - from < RUN_MIN)
            out->n = from;
        else
            TRY(buf_put_u8(out, '\n'));
        from = out->n;
    }
    if (out->n - from < RUN_MIN)
        out->n = from;
    return OK;
}

struct err data_text(struct span b64, bool url, struct buf *bytes, struct buf *to)
{
    buf_clear(bytes);
    buf_clear(to);
    TRY(buf_reserve(bytes, b64.n));
    decode(span_cut(b64, 0, SNIFF), url, bytes);
    bool media = is_media(buf_span(bytes));
    enum view_charset charset = view_charset_of(buf_span(bytes));
    if (media && charset == VIEW_NO_TEXT)
        return OK;
    buf_clear(bytes);
    decode(b64, url, bytes);
    charset = view_charset_of(buf_span(bytes));
    if (charset != VIEW_NO_TEXT)
        return view_to_utf8(buf_span(bytes), charset, to);
    return media ? OK : text_runs(buf_span(bytes), to);
}
