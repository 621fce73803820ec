/* SPDX-License-Identifier: Apache-2.0 */
/* Text to tokens, one at a time, called by the parser only. The text is valid UTF-8 already. */
#include "cel_int.h"

#include "num.h"
#include "utf8.h"

static struct err bad(struct parser *p, size_t at, const char *why)
{
    return fault_at(p->f, ERR_INPUT, at, why);
}

static int peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->in.n ? p->in.p[p->at + ahead] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_blanks(struct parser *p)
{
    for (;; p->at++) {
        int c = peek(p, 0);
        if (c == '/' && peek(p, 1) == '/')
            p->at = span_find(p->in, p->at, '\n');
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
            return;
        if (p->at >= p->in.n)
            return;
    }
}

static bool is_reserved(struct span s)
{
    static const char *const words[] = {
        "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
        "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(s, words[i]))
            return true;
    return false;
}

static void word(struct parser *p)
{
    size_t from = p->at;
    while (is_letter(peek(p, 0)) || is_digit(peek(p, 0)))
        p->at++;
    struct token *t = &p->t;
    t->text = span_cut(p->in, from, p->at - from);
    t->kind = T_NAME;
    if (span_is(t->text, "true"))
        t->kind = T_TRUE;
    else if (span_is(t->text, "false"))
        t->kind = T_FALSE;
    else if (span_is(t->text, "null"))
        t->kind = T_NULL;
    else if (span_is(t->text, "in"))
        t->kind = T_IN;
    else
        t->reserved = is_reserved(t->text);
}

static struct err quoted_name(struct parser *p)
{
    size_t from = p->at + 1, end = span_find(p->in, from, '`');
    for (size_t i = from; i < end; i++) {
        int c = p->in.p[i];
        if (!is_letter(c) && !is_digit(c) && !strchr(".-/ ", c))
            return bad(p, i, "a back-quoted name holds letters, digits, _ . - / and blanks");
    }
    if (end == p->in.n || end == from)
        return bad(p, p->at, "bad back-quoted name");
    p->t.kind = T_QUOTED;
    p->t.text = span_cut(p->in, from, end - from);
    p->at = end + 1;
    return OK;
}

static struct err integer(struct parser *p, size_t from, size_t digits, unsigned base)
{
    uint64_t v = 0;
    for (size_t i = digits; i < p->at; i++)
        if (__builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, num_hex_digit(p->in.p[i]), &v))
            return bad(p, from, "number out of range");
    if (p->at == digits)
        return bad(p, from, "hexadecimal digits expected");
    bool is_uint = peek(p, 0) == 'u' || peek(p, 0) == 'U';
    p->at += is_uint;
    p->t.lit = cel_uint(v);
    p->t.lit.kind = is_uint ? CEL_UINT : CEL_INT;
    return OK;
}

static bool exponent(struct parser *p)
{
    size_t sign = peek(p, 1) == '+' || peek(p, 1) == '-';
    if (ascii_lower((uint8_t)peek(p, 0)) != 'e' || peek(p, 0) < 0 || !is_digit(peek(p, 1 + sign)))
        return false;
    p->at += 1 + sign;
    while (is_digit(peek(p, 0)))
        p->at++;
    return true;
}

static struct err number(struct parser *p)
{
    size_t from = p->at;
    p->t.kind = T_LITERAL;
    if (peek(p, 0) == '0' && (peek(p, 1) == 'x' || peek(p, 1) == 'X')) {
        p->at += 2;
        while (peek(p, 0) >= 0 && num_hex_digit((uint8_t)peek(p, 0)) < 16)
            p->at++;
        return integer(p, from, from + 2, 16);
    }
    while (is_digit(peek(p, 0)))
        p->at++;
    bool is_double = false;
    if (peek(p, 0) == '.' && is_digit(peek(p, 1))) {
        is_double = true;
        for (p->at++; is_digit(peek(p, 0));)
            p->at++;
    }
    is_double |= exponent(p);
    if (!is_double)
        return integer(p, from, from, 10);
    double d;
    if (!cel_parse_double(span_cut(p->in, from, p->at - from), &d))
        return bad(p, from, "bad number");
    p->t.lit = cel_double(d);
    return OK;
}

/* n digits of a base at p->at. */
static bool digits(struct parser *p, unsigned n, unsigned base, uint32_t *out)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++) {
        int c = peek(p, i);
        unsigned d = c < 0 ? 16 : num_hex_digit((uint8_t)c);
        if (d >= base)
            return false;
        v = v * base + d;
    }
    p->at += n;
    *out = v;
    return true;
}

/* After the backslash: writes the character to w (at most four bytes). */
static struct err escape(struct parser *p, bool bytes, struct wr *w)
{
    static const char names[] = "abfnrtv\\?\"'`", values[] = "\a\b\f\n\r\t\v\\?\"'`";
    size_t from = p->at - 1;
    int c = peek(p, 0);
    const char *named = c > 0 ? strchr(names, c) : NULL;
    p->at++;
    if (named) {
        wr_u8(w, (uint8_t)values[named - names]);
        return OK;
    }
    uint32_t v = 0;
    bool ok, octet = false;
    if (c == 'x' || c == 'X') {
        octet = true;
        ok = digits(p, 2, 16, &v);
    } else if (c == 'u' || c == 'U') {
        ok = !bytes && digits(p, c == 'u' ? 4 : 8, 16, &v);
    } else {
        octet = true;
        p->at--;
        ok = c >= '0' && c <= '3' && digits(p, 3, 8, &v);
    }
    if (!ok)
        return bad(p, from, "bad escape");
    if (bytes && octet) {
        wr_u8(w, (uint8_t)v);
        return OK;
    }
    uint8_t text[4];
    size_t n = utf8_put(v, text);
    if (n == 0)
        return bad(p, from, "escape names no character");
    wr_put(w, span(text, n));
    return OK;
}

static struct err unescape(struct parser *p, size_t end, bool bytes, struct span *out)
{
    void *m;
    TRY(arena_take(&p->p->arena, end - p->at, &m)); /* escapes only ever shrink */
    struct wr w = wr_of(m, end - p->at);
    while (p->at < end) {
        if (p->in.p[p->at] != '\\') {
            wr_u8(&w, p->in.p[p->at++]);
            continue;
        }
        p->at++;
        TRY(escape(p, bytes, &w));
    }
    *out = wr_span(&w);
    return wr_done(&w);
}

/* Where the literal that starts at p->at ends; *plain: it holds no escape. */
static bool find_end(struct parser *p, struct span quote, bool raw, size_t *end, bool *plain)
{
    *plain = true;
    for (size_t i = p->at; i < p->in.n; i++) {
        uint8_t c = p->in.p[i];
        if (span_starts(span_from(p->in, i), quote)) {
            *end = i;
            return true;
        }
        if (quote.n == 1 && (c == '\n' || c == '\r'))
            return false;
        if (c == '\\' && !raw) {
            *plain = false;
            i++;
            if (quote.n == 1 && i < p->in.n && (p->in.p[i] == '\n' || p->in.p[i] == '\r'))
                return false;
        }
    }
    return false;
}

static struct err text(struct parser *p, size_t from, bool raw, bool bytes)
{
    struct span quote = span_cut(p->in, p->at, 1), three = span_cut(p->in, p->at, 3);
    if (three.n == 3 && three.p[1] == quote.p[0] && three.p[2] == quote.p[0])
        quote = three;
    p->at += quote.n;
    size_t end;
    bool plain;
    if (!find_end(p, quote, raw, &end, &plain))
        return bad(p, from, "text without its closing quote");
    struct span s = span_cut(p->in, p->at, end - p->at);
    if (!plain)
        TRY(unescape(p, end, bytes, &s));
    p->at = end + quote.n;
    p->t.kind = T_LITERAL;
    p->t.lit = bytes ? cel_bytes(s) : cel_string(s);
    return OK;
}

/* r"", b'', br'''''': how many letters stand before the quote; 0 when it is no literal. */
static bool prefixed(struct parser *p, size_t *letters, bool *raw, bool *bytes)
{
    size_t i = 0;
    *raw = *bytes = false;
    for (; i < 2; i++) {
        int c = peek(p, i);
        if ((c == 'b' || c == 'B') && i == 0)
            *bytes = true;
        else if ((c == 'r' || c == 'R') && !*raw)
            *raw = true;
        else
            break;
    }
    *letters = i;
    return peek(p, i) == '"' || peek(p, i) == '\'';
}

static void punctuation(struct parser *p)
{
    static const struct {
        char text[3];
        int kind;
    } two[] = {{"&&", T_AND}, {"||", T_OR}, {"==", T_EQ}, {"!=", T_NE}, {"<=", T_LE}, {">=", T_GE}};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
        if (peek(p, 0) == two[i].text[0] && peek(p, 1) == two[i].text[1]) {
            p->t.kind = two[i].kind;
            p->at += 2;
            return;
        }
    }
    p->t.kind = p->in.p[p->at++];
}

struct err cel_lex(struct parser *p)
{
    skip_blanks(p);
    size_t from = p->at, letters;
    bool raw, bytes;
    p->t = (struct token){.pos = (uint32_t)from};
    int c = peek(p, 0);
    if (c < 0) {
        p->t.kind = T_END;
        return OK;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(p, 1))))
        return number(p);
    if (prefixed(p, &letters, &raw, &bytes)) {
        p->at += letters;
        return text(p, from, raw, bytes);
    }
    if (is_letter(c)) {
        word(p);
        return OK;
    }
    if (c == '`')
        return quoted_name(p);
    if (!strchr("!?:.,()[]{}<>+-*/%=&|", c) || c == 0)
        return bad(p, from, "unexpected character");
    punctuation(p);
    if (p->t.kind == '=' || p->t.kind == '&' || p->t.kind == '|')
        return bad(p, from, "unexpected character");
    return OK;
}
