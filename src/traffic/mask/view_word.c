/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoded words of a mail's head (RFC 2047): =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?=. Called where "=?"
 * stands; rare outside mails.
 */
#include "view_int.h"

#include "b64.h"
#include "charset.h"
#include "utf8.h"

enum { CHARSET_NAME_MAX = 40 };

/* The parts of a word; `end` is behind it. */
struct word {
    struct span charset, text;
    bool base64;
    size_t end;
};

static bool part(struct span t, size_t *at, size_t most, struct span *out)
{
    size_t from = *at;
    while (*at < t.n && *at - from <= most && t.p[*at] > ' ' && t.p[*at] < 0x7f && t.p[*at] != '?')
        ++*at;
    *out = span_cut(t, from, *at - from);
    return out->n > 0 && out->n <= most && *at < t.n && t.p[(*at)++] == '?';
}

static bool read_word(struct span t, size_t at, struct word *w)
{
    struct span how;
    if (!span_starts(span_from(t, at), SPAN_LIT("=?")))
        return false;
    at += 2;
    if (!part(t, &at, CHARSET_NAME_MAX, &w->charset) || !part(t, &at, 1, &how) ||
        !part(t, &at, VIEW_ESCAPE_OUT, &w->text) || at == t.n || t.p[at] != '=')
        return false;
    w->base64 = span_is_nocase(how, "b");
    w->end = at + 1;
    return w->base64 || span_is_nocase(how, "q");
}

/* "Q": `_` is a blank, =C3 a byte. */
static bool unquote(struct span s, struct wr *w)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '=') {
            wr_u8(w, s.p[i] == '_' ? ' ' : s.p[i]);
            continue;
        }
        if (s.n - i < 3 || failed(hex_decode(w, span_cut(s, i + 1, 2))))
            return false;
        i += 2;
    }
    return true;
}

static bool is_latin(struct span charset)
{
    static const char *const names[] = {"iso-8859-1", "iso-8859-15", "windows-1252", "latin1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(charset, names[i]))
            return true;
    return false;
}

/* The bytes of a word as UTF-8, into e->out. */
static bool put_text(struct span charset, struct span bytes, struct view_escape *e)
{
    struct buf out = buf_init(VIEW_ESCAPE_OUT);
    enum charset c = is_latin(charset) ? CHARSET_WINDOWS_1252 : CHARSET_UTF8;
    bool known = c != CHARSET_UTF8 || span_is_nocase(charset, "utf-8") ||
                 span_is_nocase(charset, "us-ascii");
    bool done =
        known && !failed(charset_to_utf8(bytes, c, &out)) && out.n && utf8_valid(buf_span(&out));
    if (done) {
        memcpy(e->out, out.p, out.n);
        e->out_n = (uint8_t)out.n;
    }
    buf_wipe(&out);
    return done;
}

/* Blanks between two words belong to neither: a long name stands in several. */
static size_t next_word(struct span t, size_t end)
{
    size_t at = end;
    while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\t' || t.p[at] == '\r' || t.p[at] == '\n'))
        at++;
    return at > end && span_starts(span_from(t, at), SPAN_LIT("=?")) ? at : end;
}

bool view_word_at(struct span t, size_t at, struct view_escape *e)
{
    struct word word;
    uint8_t bytes[VIEW_ESCAPE_OUT];
    struct wr w = wr_of(bytes, sizeof bytes);
    size_t bad;
    if (!read_word(t, at, &word))
        return false;
    while (word.base64 && word.text.n && word.text.p[word.text.n - 1] == '=')
        word.text.n--;
    if (word.base64 ? failed(b64_decode(&w, word.text, B64_STD_RAW, &bad))
                    : !unquote(word.text, &w))
        return false;
    if (!put_text(word.charset, wr_span(&w), e) || e->out_n > word.end - at)
        return false;
    e->n = (uint32_t)(next_word(t, word.end) - at);
    e->tells = e->names = true;
    return true;
}
