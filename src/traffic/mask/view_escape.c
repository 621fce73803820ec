/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One escape at one place: what it stands for. Called for every backslash, percent, ampersand,
 * plus, "<", tilde and equals sign of a text, and every line end. Frequent:
 * one that begins no escape. Whatever this file takes for an escape wrongly costs a second look at
 * the text, never a byte of it.
 */
#include "view_int.h"

#include "terminal.h"
#include "utf8.h"

static bool is_alnum(uint32_t c)
{
    return (c | 0x20) - 'a' < 26 || c - '0' < 10;
}

static bool is_octal(uint8_t c)
{
    return (uint8_t)(c - '0') < 8;
}

static int hex_value(uint8_t c)
{
    if (ascii_is_digit(c))
        return c - '0';
    uint8_t low = ascii_lower(c);
    return (uint8_t)(low - 'a') < 6 ? low - 'a' + 10 : -1;
}

/* Up to `most` digits of the base from `at` on; returns how many. */
static size_t digits(struct span t, size_t at, size_t most, unsigned base, uint32_t *value)
{
    size_t n = 0;
    for (*value = 0; n < most && at + n < t.n; n++) {
        int d = hex_value(t.p[at + n]);
        if (d < 0 || (unsigned)d >= base)
            break;
        *value = *value * base + (unsigned)d;
    }
    return n;
}

/* Is this a character that values are made of, or one that begins an escape? */
static bool tells(uint32_t c)
{
    if (c >= 0x80 || c == TERMINAL_ESC)
        return true;
    uint8_t low = ascii_lower((uint8_t)c);
    return (uint8_t)(low - 'a') < 26 || ascii_is_digit(c) ||
           (c && strchr(" @._-+/:=()&%\\,", (int)c));
}

static bool of_names(uint32_t c)
{
    return c >= 0x80 || c == ' ' || c == ',' || c == TERMINAL_ESC || ascii_is_letter((uint8_t)c);
}

static bool stands_for(struct view_escape *e, size_t n, uint32_t c)
{
    e->n = (uint32_t)n;
    e->out_n = (uint8_t)utf8_put(c, e->out);
    e->tells = tells(c);
    e->names = of_names(c);
    return e->out_n > 0 && e->out_n <= n;
}

/* ---- bytes: %40 \x40 \100 =40 ---- */

/* One byte spelt at `at` in the manner of `sign`; returns the length of the spelling, or 0. */
static size_t byte_spelt(struct span t, size_t at, uint8_t sign, uint32_t *value)
{
    if (byte_at(t, at) != (sign == 'x' || sign == '0' ? '\\' : sign))
        return 0;
    if (sign == 'x')
        return ascii_lower(byte_at(t, at + 1)) == 'x' && digits(t, at + 2, 2, 16, value) == 2 ? 4
                                                                                              : 0;
    if (sign == '0')
        return digits(t, at + 1, 3, 8, value) == 3 && *value < 0x100 ? 4 : 0;
    if (sign == '=' && (byte_at(t, at + 1) >= 'a' || byte_at(t, at + 2) >= 'a'))
        return 0; /* quoted-printable has capitals; this is code */
    return digits(t, at + 1, 2, 16, value) == 2 ? 3 : 0;
}

/* A byte, or all bytes of a character in the same spelling. */
static bool spelt_bytes(struct span t, size_t at, uint8_t sign, struct view_escape *e)
{
    uint32_t value;
    size_t n = byte_spelt(t, at, sign, &value);
    if (n == 0)
        return false;
    if (value < 0x80)
        return stands_for(e, n, value);
    uint8_t c[4] = {(uint8_t)value};
    size_t want = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : 2, have = 1, end = at + n;
    for (; have < want && (n = byte_spelt(t, end, sign, &value)) > 0; end += n)
        c[have++] = (uint8_t)value;
    uint32_t cp;
    if (have == want && utf8_valid(span(c, want))) {
        utf8_next(span(c, want), 0, &cp);
        return stands_for(e, end - at, cp);
    }
    return sign == 'x' && stands_for(e, 4, c[0]); /* Latin-1, as string literals have it */
}

/* ---- backslashes ---- */

static bool braces(struct span t, size_t at, struct view_escape *e)
{
    uint32_t c;
    size_t n = digits(t, at + 3, 6, 16, &c);
    return n && byte_at(t, at + 3 + n) == '}' && stands_for(e, n + 4, c);
}

static bool unicode(struct span t, size_t at, struct view_escape *e)
{
    uint32_t c, low;
    if (byte_at(t, at + 2) == '{')
        return braces(t, at, e);
    if (digits(t, at + 2, 4, 16, &c) != 4)
        return false;
    if (c >= 0xd800 && c < 0xdc00 && byte_at(t, at + 6) == '\\' &&
        ascii_lower(byte_at(t, at + 7)) == 'u' && digits(t, at + 8, 4, 16, &low) == 4 &&
        low >= 0xdc00 && low < 0xe000)
        return stands_for(e, 12, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
    return stands_for(e, 6, c);
}

static bool backslash(struct span t, size_t at, struct view_escape *e)
{
    uint8_t c = byte_at(t, at + 1);
    uint32_t value;
    switch (c) {
    case 0:
        return false;
    case 'u':
        return unicode(t, at, e);
    case 'U':
        if (digits(t, at + 2, 8, 16, &value) == 8)
            return stands_for(e, 10, value);
        return unicode(t, at, e);
    case 'x':
    case 'X':
        return byte_at(t, at + 2) == '{' ? braces(t, at, e) : spelt_bytes(t, at, 'x', e);
    case 'e':
        return byte_at(t, at + 2) == '[' && stands_for(e, 2, TERMINAL_ESC);
    case 'n':
    case 'r':
    case 't':
        return stands_for(e, 2, c == 'n' ? '\n' : c == 'r' ? '\r' : '\t');
    case ' ':
    case ',': /* TeX's blanks in a number; else a calendar's comma */
        if (at && ascii_is_digit(t.p[at - 1]) && (uint8_t)(byte_at(t, at + 2) - '0') < 10)
            return stands_for(e, 2, ' ');
        return c == ',' && stands_for(e, 2, ',');
    case '\\':
        stands_for(e, 2, '\\');
        value = byte_at(t, at + 2);
        e->tells = value && (strchr("uUxX", (int)value) || is_octal((uint8_t)value));
        return true;
    default:
        if (is_octal(c))
            return spelt_bytes(t, at, '0', e);
        return c > ' ' && c < 0x7f && (uint8_t)(ascii_lower(c) - 'a') >= 26 &&
               (uint8_t)(c - '0') >= 10 && stands_for(e, 2, c);
    }
}

/* ---- character references ---- */

static const struct {
    const char *name;
    uint32_t c;
} references[] = {
    {"commat", '@'},   {"period", '.'},  {"lowbar", '_'},   {"UnderBar", '_'}, {"hyphen", '-'},
    {"dash", '-'},     {"plus", '+'},    {"colon", ':'},    {"sol", '/'},      {"equals", '='},
    {"lpar", '('},     {"rpar", ')'},    {"num", '#'},      {"percnt", '%'},   {"amp", '&'},
    {"lt", '<'},       {"gt", '>'},      {"quot", '"'},     {"apos", '\''},    {"bsol", '\\'},
    {"semi", ';'},     {"comma", ','},   {"Tab", '\t'},     {"NewLine", '\n'}, {"nbsp", ' '},
    {"ensp", ' '},     {"emsp", ' '},    {"thinsp", ' '},   {"numsp", ' '},    {"shy", 0xad},
    {"zwj", 0x200d},   {"zwnj", 0x200c}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"rsquo", 0x2019},
    {"agrave", 0xe0},  {"aacute", 0xe1}, {"acirc", 0xe2},   {"atilde", 0xe3},  {"auml", 0xe4},
    {"aring", 0xe5},   {"aelig", 0xe6},  {"ccedil", 0xe7},  {"egrave", 0xe8},  {"eacute", 0xe9},
    {"ecirc", 0xea},   {"euml", 0xeb},   {"igrave", 0xec},  {"iacute", 0xed},  {"icirc", 0xee},
    {"iuml", 0xef},    {"ntilde", 0xf1}, {"ograve", 0xf2},  {"oacute", 0xf3},  {"ocirc", 0xf4},
    {"otilde", 0xf5},  {"ouml", 0xf6},   {"oslash", 0xf8},  {"ugrave", 0xf9},  {"uacute", 0xfa},
    {"ucirc", 0xfb},   {"uuml", 0xfc},   {"yacute", 0xfd},  {"szlig", 0xdf},   {"Auml", 0xc4},
    {"Ouml", 0xd6},    {"Uuml", 0xdc},   {"Eacute", 0xc9},  {"Oslash", 0xd8},  {"Aring", 0xc5},
    {"Ccedil", 0xc7},  {"Ntilde", 0xd1}, {"scaron", 0x161}, {"Scaron", 0x160}, {"lstrok", 0x142},
    {"Lstrok", 0x141},
};

static bool named(struct span t, size_t at, struct view_escape *e)
{
    enum { LONGEST = 8 };
    size_t n = 0;
    while (n <= LONGEST && ascii_is_letter(byte_at(t, at + 1 + n)))
        n++;
    if (n < 2 || byte_at(t, at + 1 + n) != ';')
        return false;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (span_is(span_cut(t, at + 1, n), references[i].name)) {
            stands_for(e, n + 2, references[i].c);
            uint8_t next = byte_at(t, at + n + 2);
            if (references[i].c == '&') /* another reference inside? */
                e->tells = next == '#' || ascii_is_letter(next);
            return true;
        }
    return false;
}

static bool reference(struct span t, size_t at, struct view_escape *e)
{
    if (byte_at(t, at + 1) != '#')
        return named(t, at, e);
    bool hex = ascii_lower(byte_at(t, at + 2)) == 'x';
    uint32_t c;
    size_t n = digits(t, at + 2 + hex, 7, hex ? 16 : 10, &c);
    if (n == 0)
        return false;
    n += 2U + hex;
    return stands_for(e, n + (byte_at(t, at + n) == ';'), c);
}

/* ---- the rest ---- */

static bool percent(struct span t, size_t at, struct view_escape *e)
{
    uint32_t c;
    if (byte_at(t, at + 1) == 'u')
        return digits(t, at + 2, 4, 16, &c) == 4 && stands_for(e, 6, c);
    if (!spelt_bytes(t, at, '%', e))
        return false;
    if (e->out[0] == '%' && e->out_n == 1) /* %2540 */
        e->tells = hex_value(byte_at(t, at + 3)) >= 0 && hex_value(byte_at(t, at + 4)) >= 0;
    return true;
}

/* Does the sign at `at` pad base64 that stands before it, rather than break a line? */
static bool pads(struct span t, size_t at)
{
    enum { KEY_MIN = 20, LINE_MAX = 80 };
    size_t n = 0;
    while (n < at && n < LINE_MAX &&
           (is_alnum(t.p[at - n - 1]) || t.p[at - n - 1] == '+' || t.p[at - n - 1] == '/'))
        n++;
    return (at > 0 && t.p[at - 1] == '=') || (n >= KEY_MIN && n % 4 == 3);
}

/* In "password=12..." they are no spelling. */
static bool of_no_mail(uint32_t c)
{
    return c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != TERMINAL_ESC;
}

static bool quoted_printable(struct span t, size_t at, struct view_escape *e)
{
    uint32_t value;
    if (byte_at(t, at + 1) == '?')
        return view_word_at(t, at, e);
    size_t end = at + 1 + (byte_at(t, at + 1) == '\r');
    if (byte_at(t, end) == '\n') { /* a line that goes on */
        if (pads(t, at))
            return false;
        e->n = (uint32_t)(end + 1 - at);
        e->out_n = 0;
        e->tells = end + 1 < t.n;
        e->names = false;
        return true;
    }
    if (byte_spelt(t, at, '=', &value) && of_no_mail(value))
        return false;
    /* A letter or digit is spelt so beside others only: in "sign=512f" the sign is code. */
    if (byte_spelt(t, at, '=', &value) && value < 0x80 && is_alnum(value) &&
        !byte_spelt(t, at + 3, '=', &value) && !(at >= 3 && byte_spelt(t, at - 3, '=', &value)))
        return false;
    return spelt_bytes(t, at, '=', e);
}

/* ---- blanks of a form (application/x-www-form-urlencoded) ---- */

static bool in_form(uint8_t c)
{
    return is_alnum(c) || c >= 0x80 || (c && strchr("%._-*", c));
}

/* A word or a number as people give them to a form, and not a part of a key in base64. */
static bool form_word(struct span s)
{
    enum { CODE_MAX = 6 };
    size_t digits = 0, letters = 0, humps = 0, at = 0;
    for (uint8_t last = 0; at < s.n; at++) {
        uint8_t c = s.p[at];
        bool upper = (uint8_t)(c - 'A') < 26, lower = (uint8_t)(last - 'a') < 26;
        digits += ascii_is_digit(c);
        letters += upper || (uint8_t)(c - 'a') < 26;
        humps += upper && lower;
        at += c == '%' ? 2 : 0; /* a character of its own */
        last = c;
    }
    return s.n > 0 && humps <= 1 && (!digits || !letters || s.n <= CODE_MAX);
}

/* Digits and the signs between? */
static bool all_digits(struct span s)
{
    size_t i = 0;
    while (i < s.n && ((uint8_t)(s.p[i] - '0') < 10 || s.p[i] == '+'))
        i++;
    return i == s.n;
}

/* Does the sign at `at` part two words of a value that a name and '=' stand before? */
static bool form_blank(struct span t, size_t at, struct view_escape *e)
{
    enum { VALUE_MAX = 128 };
    size_t from = at, end = at;
    if (at == 0 || !in_form(t.p[at - 1]) || !in_form(byte_at(t, at + 1)))
        return false;
    while (from > 0 && at - from < VALUE_MAX && (in_form(t.p[from - 1]) || t.p[from - 1] == '+'))
        from--;
    if (from < 2 || t.p[from - 1] != '=' ||
        !(is_alnum(t.p[from - 2]) || t.p[from - 2] == '_' || t.p[from - 2] == ']'))
        return false;
    while (end - at < VALUE_MAX && (in_form(byte_at(t, end)) || byte_at(t, end) == '+'))
        end++;
    struct span value = span_cut(t, from, end - from);
    if (byte_at(t, end) == ';' && all_digits(value))
        return false; /* a sum of a program's: x=415+555+2671; */
    for (size_t word = 0, next; word < value.n; word = next + 1) {
        next = span_find(value, word, '+');
        if (!form_word(span_cut(value, word, next - word)))
            return false;
    }
    return stands_for(e, 1, ' ');
}

/* TeX's blank at which no line is broken, in a number or a name: +49~171~2345678, Donald~E.~Knuth.
 */
static bool tie(struct span t, size_t at, struct view_escape *e)
{
    uint8_t before = at ? t.p[at - 1] : 0, behind = byte_at(t, at + 1);
    bool goes_on = ascii_is_digit(behind) || (uint8_t)(behind - 'A') < 26 || behind >= 0x80;
    if (!goes_on || !(is_alnum(before) || before == '.' || before >= 0x80))
        return false;
    e->within = e->in_word = true;
    return stands_for(e, 1, ' ');
}

/* The scanner and the tagger know sequences themselves; the owner's lists and recognisers do not.
 * Folding joins what stands on both sides of a colour; here a word behind a number is its own, so
 * that the scanner sees it both ways. */
static bool sequence(struct span t, size_t at, struct view_escape *e)
{
    bool blank, cut;
    size_t n = terminal_sequence(t, at, &blank, &cut);
    uint8_t behind = ascii_lower(byte_at(t, at + n));
    bool parts = at > 0 && ascii_is_digit(t.p[at - 1]) && (uint8_t)(behind - 'a') < 26;
    e->n = (uint32_t)n;
    e->out_n = blank || parts;
    e->out[0] = ' ';
    e->tells = e->names = true;
    return n > 0;
}

static bool escape_at(struct span t, size_t at, struct view_escape *e)
{
    if (t.p[at] >= 0x80)
        return view_alike_at(t, at, e);
    switch (t.p[at]) {
    case '\\':
        return backslash(t, at, e);
    case '%':
        return percent(t, at, e);
    case '&':
        return reference(t, at, e);
    case '+':
        return form_blank(t, at, e);
    case '<':
        return view_tag_at(t, at, e);
    case '~':
        return tie(t, at, e);
    case '\r':
    case '\n':
        return view_fold_at(t, at, e);
    case TERMINAL_ESC:
        return sequence(t, at, e);
    default:
        return quoted_printable(t, at, e);
    }
}

bool view_escape_at(struct span t, size_t at, struct view_escape *e)
{
    e->within = e->in_word = false;
    if (!escape_at(t, at, e))
        return false;
    if (e->out_n == 1 && e->out[0] == '<') /* \u003cb\u003e, &lt;b&gt; */
        e->tells = view_tag_behind(t, at + e->n);
    return true;
}
