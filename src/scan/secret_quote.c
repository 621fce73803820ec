/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value behind a name: quoted in any of the ways languages quote, wrapped in a call that makes
 * bytes or a secret of a literal, or bare up to what ends it. secret_gap.c has found where it
 * begins.
 */
#include "secret_gap_int.h"

static bool value_ends(uint8_t c, const struct gap *g)
{
    if (secret_alnum(c))
        return false;
    switch (c) {
    case ';':
    case '"':
    case '\'':
    case '`':
    case '<':
        return true;
    case ',':
    case ')':
    case ']':
    case '}':
    case '|':
        return !g->own_line;
    case '(':
        return !g->own_line && g->prose;
    default:
        return c <= ' ';
    }
}

/* NAME=value by itself on a line, as in an environment file: only a blank or a quote ends it. */
static bool on_own_line(const struct gap *g)
{
    size_t at = g->name_at;
    if (at >= 7 && memcmp(g->text.p + at - 7, "export ", 7) == 0)
        at -= 7;
    return (at == 0 || g->text.p[at - 1] == '\n') && g->at > 0 && g->text.p[g->at - 1] == '=';
}

/* An '&' or ',' that begins the next parameter of a query or a list. */
static bool next_parameter(struct span text, size_t at)
{
    if (text.p[at] != '&' && text.p[at] != ',')
        return false;
    size_t i = at + 1;
    while (i < text.n && i - at < 32 && name_byte(text.p[i]))
        i++;
    return i > at + 1 && secret_byte(text, i) == '=';
}

/* Where a quoted value may end, or one of its characters is two bytes. */
#define MAY_CLOSE(c)                                                                               \
    ((c) == '\n' || (c) == '\r' || (c) == 0 || (c) == '\\' || (c) == '"' || (c) == '\'' ||         \
     (c) == '`')
static const bool may_close[256] = {SECRET_EACH_BYTE(MAY_CLOSE)};

/* The cursor stands on the quote; `escaped` backslashes stand before it, and before the one that
 * closes. */
static struct value quoted_value(const struct gap *g, size_t escaped)
{
    uint8_t q = peek(g, 0);
    struct value v = {g->at + 1, g->at + 1, true};
    size_t stop = v.start + span_cut(g->text, v.start, SECRET_VALUE_MAX + 1).n;
    while (v.end < stop) {
        const uint8_t *next = g->text.p + v.end;
        if (stop - v.end >= 4 &&
            !(may_close[next[0]] | may_close[next[1]] | may_close[next[2]] | may_close[next[3]])) {
            v.end += 4;
            continue;
        }
        uint8_t c = *next;
        if (c == '\n' || c == '\r' || c == 0)
            break;
        if (escaped && c == '\\' && secret_byte(g->text, v.end + escaped) == q)
            return v;
        if (!escaped && c == q)
            return v;
        v.end += !escaped && c == '\\' && v.end + 1 < g->text.n ? 2 : 1;
    }
    v.end = v.start; /* never closed: none */
    return v;
}

/* """value""": Kotlin, Python, TOML. */
static struct value triple_quoted(struct gap *g)
{
    struct value none = {g->at, g->at, false};
    uint8_t q = peek(g, 0);
    g->at += 2;
    struct value v = quoted_value(g, 0);
    return secret_byte(g->text, v.end + 1) == q && secret_byte(g->text, v.end + 2) == q ? v : none;
}

/* Where a bare value may end: with other bytes it goes on. */
#define MAY_END(c)                                                                                 \
    ((c) <= ' ' || (c) == '"' || (c) == '&' || (c) == '\'' || (c) == '(' || (c) == ')' ||          \
     (c) == ',' || (c) == ';' || (c) == '<' || (c) == '\\' || (c) == ']' || (c) == '`' ||          \
     (c) == '|' || (c) == '}')
static const bool may_end[256] = {SECRET_EACH_BYTE(MAY_END)};

/* The first such byte of [at, stop), else `stop`. */
static inline size_t next_end(struct span t, size_t at, size_t stop)
{
    while (stop - at >= 4 &&
           !(may_end[t.p[at]] | may_end[t.p[at + 1]] | may_end[t.p[at + 2]] | may_end[t.p[at + 3]]))
        at += 4;
    while (at < stop && !may_end[t.p[at]])
        at++;
    return at;
}

enum { CALLEE_MAX = 32 };

/* A call of one literal that is random: ref("X"), strdup("X"), but not getenv("X"). */
SECRET_RARE static void skip_call(struct gap *g)
{
    enum { LITERAL_MAX = 128 };
    static const char *const asks[] = {"get",  "env",   "fetch",  "read",    "load",
                                       "find", "look",  "param",  "conf",    "prop",
                                       "hash", "trans", "expect", "encrypt", "hex"};
    static const struct secret_words of = {.words = asks,
                                           .n = sizeof asks / sizeof *asks,
                                           .apart = 1,
                                           .nocase = true,
                                           .next = {['g' & 31] = SECRET_BIT('e'),
                                                    ['e' & 31] = SECRET_BIT('n') | SECRET_BIT('x'),
                                                    ['f' & 31] = SECRET_BIT('e') | SECRET_BIT('i'),
                                                    ['r' & 31] = SECRET_BIT('e'),
                                                    ['l' & 31] = SECRET_BIT('o'),
                                                    ['p' & 31] = SECRET_BIT('a') | SECRET_BIT('r'),
                                                    ['c' & 31] = SECRET_BIT('o'),
                                                    ['h' & 31] = SECRET_BIT('a') | SECRET_BIT('e'),
                                                    ['t' & 31] = SECRET_BIT('r')}};
    size_t n = 0;
    while (n < CALLEE_MAX && (name_byte(peek(g, n)) || peek(g, n) == ':'))
        n++;
    if (n < 2 || peek(g, n) != '(' || !quote(peek(g, n + 1)))
        return;
    size_t from = g->at + n + 2,
           end = span_find(span_cut(g->text, 0, from + LITERAL_MAX), from, peek(g, n + 1));
    struct span s = span_cut(g->text, from, end - from);
    uint8_t behind = secret_byte(g->text, end + 1);
    if ((behind == ')' || behind == '.') && secret_strong(s) && /* "X".to_string() */
        secret_surprise(s) >= SECRET_RANDOM_LIKELY &&
        !secret_holds(span_cut(g->text, g->at, n), &of))
        g->at += n + 1;
}

/* []byte("…"), Some("…"), default="…": past what wraps a quoted value. */
static void skip_wrapper(struct gap *g)
{
    static const char *const wrappers[] = {"[]byte(",
                                           "Some(",
                                           "String(",
                                           "String.valueOf(",
                                           "SecretStr(",
                                           "Secret(",
                                           "str(",
                                           "bytes(",
                                           "Buffer.from(",
                                           "default=",
                                           "Encoding.UTF8.GetBytes(",
                                           "Encoding.ASCII.GetBytes(",
                                           "String::from(",
                                           "new String(",
                                           "fallback=",
                                           "ConvertTo-SecureString ",
                                           "ConvertTo-SecureString -String ",
                                           "ConvertTo-SecureString -AsPlainText "};
    g->at += peek(g, 0) == '(' && word_at(g, 1, "ConvertTo-");
    size_t stop = g->at + span_cut(g->text, g->at, CALLEE_MAX + 1).n;
    if (secret_byte(g->text, next_end(g->text, g->at, stop)) == '(')
        skip_call(g);
    uint8_t first = ascii_lower(peek(g, 0));
    static const bool begins[256] = {['['] = true, ['b'] = true, ['c'] = true, ['d'] = true,
                                     ['e'] = true, ['f'] = true, ['n'] = true, ['s'] = true};
    if (!begins[first])
        return;
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        if (first != ascii_lower((uint8_t)wrappers[i][0]))
            continue;
        size_t n = strlen(wrappers[i]);
        if (word_at(g, 0, wrappers[i]) && (quote(peek(g, n)) || quote(peek(g, n + 1))))
            g->at += n;
    }
}

/* Pwd={value}; of ODBC, where the braces hold something random and no template's name; empty for
 * anything else. */
static struct value braced_value(const struct gap *g)
{
    enum { BRACED_MAX = 128 };
    size_t from = g->at + 1, end = from;
    while (end - from < BRACED_MAX && secret_byte(g->text, end) > ' ' && g->text.p[end] != '}')
        end++;
    struct span s = span_cut(g->text, from, end - from);
    uint8_t after = secret_byte(g->text, end + 1);
    bool closed =
        secret_byte(g->text, end) == '}' && (after <= ' ' || after == ';' || quote(after));
    bool meant =
        secret_spelled(s) || (secret_opaque(s) && secret_surprise(s) >= SECRET_RANDOM_LIKELY);
    if (!closed || !meant || g->at == 0 || g->text.p[g->at - 1] != '=')
        end = from;
    return (struct value){from, end, true};
}

/* How many signs at the end are the sentence's. A question mark is the value's own where that holds
 * other signs, too, or ends in a number. */
static size_t sentence_end(struct span s)
{
    size_t n = 0;
    uint8_t last = s.n ? s.p[s.n - 1] : 0;
    if (last != '.' && last != ',' && last != ':' && last != '?')
        return 0;
    bool signs = s.n > 8 && s.p[s.n - 1] == '?' && secret_digit(s.p[s.n - 2]);
    for (size_t i = 0; i + 1 < s.n; i++)
        signs |= !secret_alnum(s.p[i]);
    while (n < s.n && memchr(signs ? ".,:" : ".,:?", s.p[s.n - n - 1], signs ? 3 : 4))
        n++;
    return n;
}

/* The end of the bare value at the cursor. */
static size_t bare_end(const struct gap *g)
{
    struct span t = g->text;
    size_t end = g->at, stop = end + span_cut(t, end, SECRET_VALUE_MAX + 1).n;
    for (;; end++) {
        end = next_end(t, end, stop);
        if (end >= stop || value_ends(t.p[end], g) || (!g->prose && next_parameter(t, end)) ||
            (t.p[end] == '\\' && memchr("nrt\"'", secret_byte(t, end + 1), 5)))
            break;
    }
    return end;
}

/* The value at g->at, empty when there is none. */
struct value gap_value(struct gap *g)
{
    gap_blanks(g);
    struct value none = {g->at, g->at, false};
    skip_wrapper(g);
    /* b"…": the quote stands a little later */
    uint8_t c = peek(g, 0);
    if ((c == 'b' || c == 'r' || c == 'f' || c == 'u' || c == '@' || c == '$' || c == 'N') &&
        quote(peek(g, 1)))
        g->at++;
    size_t escaped = c == '\\' ? escapes(g) : 0;
    if (escaped && quote(peek(g, escaped))) {
        g->at += escaped;
        return quoted_value(g, escaped);
    }
    if (word_at(g, 0, "&quot;")) {
        g->at += 6;
        struct span rest = span_cut(g->text, g->at, SECRET_VALUE_MAX);
        size_t n = span_search(rest, 0, SPAN_LIT("&quot;"));
        return n < rest.n ? (struct value){g->at, g->at + n, true} : none;
    }
    if (quote(peek(g, 0)) && peek(g, 1) == peek(g, 0) && peek(g, 2) == peek(g, 0))
        return triple_quoted(g);
    if (quote(peek(g, 0)))
        return quoted_value(g, 0);
    if (g->need_quote)
        return none;
    if (peek(g, 0) == '{') {
        struct value v = braced_value(g);
        if (v.end > v.start)
            return v;
    }
    g->own_line = on_own_line(g);
    struct value v = {g->at, bare_end(g), false};
    if (peek(g, 0) == '[' && secret_byte(g->text, v.end) == ']')
        v.end++; /* [MASKED] */
    if (g->prose && secret_byte(g->text, v.end) != ',')
        v.end -= sentence_end(span_cut(g->text, v.start, v.end - v.start));
    return v;
}
