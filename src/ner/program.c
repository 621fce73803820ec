/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings that are identifiers (invariant N5): one word in a line of a program's that leads up to
 * it, or with an operator glued to it; of a word that a list of names has more is asked. code.c
 * knows the forms that no name has, before anything is labelled; here the whole line is looked at,
 * for findings only. Strings and comments are not the program's: names stand there.
 */
#define _GNU_SOURCE
#include "letters.h"
#include "model_int.h"

enum { LINE_SIDE = 240, LISTED_MIN = 2 };

static bool identifier(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_';
}

/* Of the line around `at`: what stands before it and what from there on, LINE_SIDE at most. */
static struct span line_before(struct span t, size_t at)
{
    size_t from = at > LINE_SIDE ? at - LINE_SIDE : 0;
    const uint8_t *line = at > from ? memrchr(t.p + from, '\n', at - from) : NULL;
    return line ? span(line + 1, (size_t)(t.p + at - line) - 1) : span_cut(t, from, at - from);
}

static struct span line_from(struct span t, size_t at)
{
    struct span rest = span_cut(t, at, LINE_SIDE);
    rest.n = span_find(rest, 0, '\n');
    while (rest.n && rest.p[rest.n - 1] <= ' ')
        rest.n--;
    return rest;
}

/* Does a comment or a string begin before it and go on? */
static bool is_said(struct span before)
{
    size_t quotes = 0, ticks = 0, at = 0;
    while (at < before.n && before.p[at] <= ' ')
        at++;
    uint8_t lead = byte_at(before, at), next = byte_at(before, at + 1);
    if (lead == '#' || lead == '%' || (lead == '*' && next == ' ') ||
        (lead == '-' && next == '-') || (lead == ';' && next == ';'))
        return true;
    for (size_t i = at; i < before.n; i++) {
        uint8_t c = before.p[i];
        quotes += c == '"' && before.p[i - (i > 0)] != '\\';
        ticks += c == '`';
        next = byte_at(before, i + 1);
        size_t literal = i + 2 + (next == '\\'); /* 'x', '\n' */
        if (c == '\'' && byte_at(before, literal) == '\'') {
            i = literal;
            continue;
        }
        if (c == '\'' || (c == '/' && (next == '/' || next == '*')) || (c == '#' && next == ' '))
            return true;
    }
    return quotes % 2 || ticks % 2;
}

static bool begins_with_keyword(struct span line)
{
    static const char *const words[] = {
        "case",   "catch",  "class",  "const",   "def",     "defer",    "else",      "enum",
        "extern", "fn",     "for",    "foreach", "func",    "if",       "import",    "impl",
        "inline", "int",    "let",    "my",      "package", "private",  "protected", "public",
        "return", "sizeof", "static", "struct",  "switch",  "template", "type",      "typedef",
        "using",  "var",    "void",   "while"};
    size_t at = 0, end;
    while (at < line.n && (line.p[at] <= ' ' || line.p[at] == '}'))
        at++;
    for (end = at; end < line.n && identifier(line.p[end]);)
        end++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(span_cut(line, at, end - at), words[i]))
            return true;
    return false;
}

/* Is there a sign near it that lines of programs have, one of (;={<>*&[|$ ? Prose hardly has one.
 * All are asked of sixteen bytes at once. */
static bool may_be_program(struct span t, size_t at)
{
    enum { NEAR = 64 };
    typedef uint8_t v16u8 __attribute__((vector_size(16)));
    uint8_t near[2 * NEAR] = {0};
    size_t from = at > NEAR ? at - NEAR : 0;
    v16u8 c, any = {0};
    memcpy(near, t.p + from, t.n - from < sizeof near ? t.n - from : sizeof near);
    for (unsigned i = 0; i < sizeof near; i += sizeof c) {
        memcpy(&c, near + i, sizeof c);
        v16u8 even = c - '$', row = c - ';'; /* $ & ( * and ; < = > */
        any |= (v16u8)((even <= '*' - '$') & ((even & 1) == 0)) | (v16u8)(row <= '>' - ';');
        any |= (v16u8)((c == '[') | (c == '{') | (c == '|'));
    }
    uint64_t two[2];
    memcpy(two, &any, sizeof two);
    return (two[0] | two[1]) != 0;
}

#define PAIR(a, b) ((unsigned)(a) << 8 | (unsigned)(b))

/* The kind of mark, from 1 on, that begins at line[i]; 0 for none. */
static unsigned mark_at(struct span line, size_t i)
{
    uint8_t before = i ? line.p[i - 1] : 0, c = line.p[i], next = byte_at(line, i + 1);
    if (c == '(' && identifier(before)) /* f(x) */
        return span_find(line, i, ')') < line.n ? 1 : 0;
    if (c == '[' && identifier(before)) /* v[i] */
        return span_find(line, i, ']') < line.n ? 1 : 0;
    if (c == '<' && identifier(before) && identifier(next)) /* list<T>, which no tag is */
        return 2;
    if ((c == '*' || c == '&') && before == ' ' && identifier(next))
        return 3;
    switch (PAIR(c, next)) {
    case PAIR('=', '='):
    case PAIR('!', '='):
        return 4;
    case PAIR(':', '='):
        return 5;
    case PAIR('-', '>'):
    case PAIR('=', '>'):
        return 6;
    case PAIR(':', ':'):
        return 7;
    case PAIR('&', '&'):
    case PAIR('|', '|'):
        return 8;
    case PAIR('+', '='):
        return 9;
    case PAIR('<', '<'):
    case PAIR('>', '>'):
        return 10;
    case PAIR('[', ']'):
        return 11;
    case PAIR('=', ' '):
        return before == ' ' ? 12 : 0;
    default:
        return 0;
    }
}

/* How many different marks of a program the line has. */
static unsigned marks_of(struct span line)
{
    static const bool begins[256] = {
        ['('] = true, ['['] = true, ['<'] = true, ['*'] = true, ['&'] = true, ['='] = true,
        ['!'] = true, [':'] = true, ['-'] = true, ['|'] = true, ['+'] = true, ['>'] = true};
    unsigned marks = 0;
    for (size_t i = 0; i < line.n; i++)
        if (begins[line.p[i]])
            marks |= 1U << mark_at(line, i);
    uint8_t last = byte_at(line, line.n - 1);
    return (unsigned)__builtin_popcount(marks >> 1) + begins_with_keyword(line) +
           (last == ';' || last == '{' || last == '}');
}

/* binary.»Varint«(b), ir.»Sym«::x, p->»Next«: glued to what only programs glue. */
static bool is_member(struct span t, size_t start, size_t end)
{
    uint8_t before = start ? t.p[start - 1] : 0, two = start > 1 ? t.p[start - 2] : 0;
    uint8_t next = byte_at(t, end), after = byte_at(t, end + 1);
    size_t dot = span_find(span_cut(t, start, end - start), 0, '.');
    if ((next == '(' && after == ')') ||
        ((uint8_t)(byte_at(t, start) - 'a') < 26 && start + dot < end &&
         identifier(byte_at(t, start + dot + 1))))
        return true; /* Prev(), r.Prev */
    if ((before == ':' && two == ':') || (before == '>' && two == '-') || before == '$' ||
        (next == ':' && after == ':') || (next == '-' && after == '>'))
        return true;
    return before == '.' && identifier(two) && (next == '(' || next == '[' || next == '{');
}

/* Does a list of names know one of the words from `first` on that end by `end`, or is there a
 * number among them, as in an address? */
static bool known(struct seq s, size_t first, size_t end)
{
    for (size_t i = first; i < s.n && s.v[i].end <= end; i++)
        if (s.v[i].kind == WORD_DIGITS || s.v[i].w->gaz.first >= LISTED_MIN ||
            s.v[i].w->gaz.last >= LISTED_MIN || s.v[i].w->gaz.city >= LISTED_MIN ||
            s.v[i].w->gaz.lex)
            return true;
    return false;
}

/* SRLconst, getPbkdfName: one word with three capitals in a row beside small letters, or of three
 * words and more; McDonald and a glued AnnaKowalska are names. */
static bool is_humped(struct span word)
{
    size_t humps = 0, run = 0, longest = 0, lower = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (!identifier(word.p[i]))
            return false;
        bool capital = (uint8_t)(word.p[i] - 'A') < 26;
        humps += capital && i && (uint8_t)(word.p[i - 1] - 'a') < 26;
        lower += (uint8_t)(word.p[i] - 'a') < 26;
        run = capital ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return humps > 1 || (longest > 2 && lower > 1);
}

static bool all_capitals(struct span word)
{
    size_t n = 0;
    while (n < word.n && (uint8_t)(word.p[n] - 'A') < 26)
        n++;
    return n == word.n;
}

/* Does a call or a list of types stand open at the end: "f(x, ", "map<K, "? */
static bool opens_list(struct span before)
{
    unsigned depth = 0;
    for (size_t i = before.n; i > 1; i--) {
        uint8_t c = before.p[i - 1];
        if (c == ')' || c == '>')
            depth++;
        else if ((c == '(' || c == '<') && depth-- == 0)
            return identifier(before.p[i - 2]);
    }
    return false;
}

/* What stands before a word of a program's: a sign glued to it, a list that is open, a keyword. */
static bool leads(struct span before)
{
    static const char *const words[] = {"class", "struct", "typename", "enum", "func", "new"};
    if (!before.n)
        return false;
    uint8_t last = before.p[before.n - 1];
    if (last == '.' && before.n > 1 && identifier(before.p[before.n - 2]))
        return true;
    if (last == '*' || last == '&' || last == '!')
        return true;
    size_t end = before.n - (last == ' '), from = end;
    if (end && memchr("(,<", before.p[end - 1], 3))
        return opens_list(span_cut(before, 0, end));
    while (from > 0 && identifier(before.p[from - 1]))
        from--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(span_cut(before, from, end - from), words[i]))
            return true;
    return false;
}

/* And what behind it: a sign, perhaps behind a blank, or the end of the line. */
static bool follows(struct span from, size_t n)
{
    uint8_t c = byte_at(from, n), next = byte_at(from, n + 1);
    if (c == '*') /* *Anna* */
        return next == ' ';
    return n == from.n || (c && memchr(").,;=<>[](:&", c, 12)) ||
           (c == ' ' && next && memchr("=<>{*&|+-!", next, 10));
}

/* `Alloc`, `_Alloc`, `Alloc_` */
static bool in_ticks(struct span t, size_t start, size_t end)
{
    while (start && t.p[start - 1] == '_')
        start--;
    while (byte_at(t, end) == '_')
        end++;
    return start && t.p[start - 1] == '`' && byte_at(t, end) == '`';
}

/* One word only: two side by side are rather a name than a program's. */
static bool is_identifier(struct span t, struct seq s, size_t first, const struct finding *f)
{
    enum { SURE = 3, LIKELY = 2 };
    struct span word = span_cut(t, f->start, f->end - f->start);
    if (span_find(word, 0, ' ') < word.n)
        return false;
    bool ticks = in_ticks(t, f->start, f->end);
    if (!ticks && !may_be_program(t, f->start))
        return false;
    if (is_member(t, f->start, f->end))
        return true;
    bool listed = known(s, first, f->end);
    if (!listed && (ticks || is_humped(word)))
        return true;
    struct span from = line_from(t, f->start);
    bool called = byte_at(from, word.n) == '(';
    if (!called && !follows(from, word.n))
        return false;
    struct span before = line_before(t, f->start);
    bool led = leads(before) && follows(from, word.n);
    if ((!called && !led) || is_said(before))
        return false;
    unsigned marks = marks_of(span_cut(t, f->start - before.n, before.n + from.n));
    if (called && marks >= (all_capitals(word) ? LIKELY : SURE))
        return true;
    bool glued = led && before.p[before.n - 1] == '.';
    return led && marks + glued >= (listed && !glued ? SURE : LIKELY);
}

void program_drop(struct span text, struct labelled b, struct findings *f, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < f->n; i++) {
        if (is_identifier(text, b.s, b.first[i - from], &f->v[i]))
            continue;
        f->v[kept] = f->v[i];
        b.first[kept++ - from] = b.first[i - from];
    }
    f->n = kept;
}
