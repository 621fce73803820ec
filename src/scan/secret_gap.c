/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand between a name and its value in the languages people write:
 *
 *     name [quote] (= : := => -> == ?= ||= , | ( is) [quote] value      most of them
 *     name: Type = value      <name>value</name>      name="…" value="…"
 *     - name: NAME, next line value: VALUE            variable "name" { default = "value" }
 *     set NAME value, ENV NAME value, --name value    INSERT … (a, name) VALUES ('x', 'value')
 *     # name, next line the value alone
 *
 * Called for every telling word. In prose nothing but a blank follows, and the value is a word.
 */
#include "secret_gap_int.h"

enum { TYPE_MAX = 40, BLOCK_GAP = 160, TABLE_BACK = 64 };

bool gap_word_rest(const struct gap *g, size_t ahead, const char *word)
{
    for (size_t i = 1; word[i]; i++)
        if (ascii_lower(peek(g, ahead + i)) != ascii_lower((uint8_t)word[i]))
            return false;
    return true;
}

size_t gap_blanks(struct gap *g)
{
    size_t n = 0;
    while (n < GAP_MAX && blank(peek(g, 0))) {
        g->at++;
        n++;
    }
    return n;
}

/* ")", "]", quotes and their backslashes behind a name. */
void gap_closers(struct gap *g)
{
    static const bool closes[256] = {
        ['\\'] = true, ['"'] = true, ['\''] = true, ['`'] = true, ['&'] = true,
        ['['] = true,  ['*'] = true, [']'] = true,  [')'] = true};
    for (unsigned i = 0; i < 6; i++) {
        uint8_t c = peek(g, 0);
        if (!closes[c])
            return;
        if (c == '\\' && quote(peek(g, escapes(g))))
            g->at += escapes(g) - 1;
        else if (quote(c))
            g->quoted_name = true;
        else if (word_at(g, 0, "&quot;")) {
            g->quoted_name = true;
            g->at += 5;
        } else if (c == '[' && (peek(g, 1) == ']' || secret_digit(peek(g, 1)))) {
            for (size_t n = 1; n < 6 && peek(g, 0) != ']'; n++) /* char name[] = */
                g->at++;
        } else if (c == '*' && peek(g, 1) == '*') { /* **Password** */
            g->at++;
        } else if (!(c == ']' || (c == ')' && g->quoted_name)))
            return;
        g->at++;
    }
}

/* ---- the signs between ---- */

/* "value" behind a name that itself was a value: key="NAME" value="…", name: NAME \n value: …. */
static bool skip_value_word(struct gap *g)
{
    size_t n = 0;
    for (uint8_t c; n < GAP_MAX && (c = peek(g, n)) <= '>' &&
                    (blank(c) || c == '\n' || c == '\r' || c == ',' || c == '>');)
        n++;
    n += quote(peek(g, n));
    uint8_t first = peek(g, n) | 0x20;
    if (first != 'v' && first != 's' && first != 'a' && !(first == 'w' && g->quoted_name))
        return false;
    struct gap t = *g;
    t.at += n;
    if (word_at(&t, 0, "android:"))
        t.at += 8;
    if (word_at(&t, 0, "stringValue"))
        t.at += 6;
    size_t word = word_at(&t, 0, "value")                     ? 5
                  : word_at(&t, 0, "with:")                   ? 4
                  : quote(peek(&t, 1)) && word_at(&t, 0, "v") ? 1
                                                              : 0;
    if (!word || (secret_alnum(peek(&t, word)) && !word_at(&t, word, "From")))
        return false;
    t.at += word;
    if (quote(peek(&t, 0)))
        t.at++;
    gap_blanks(&t);
    if (peek(&t, 0) != '=' && peek(&t, 0) != ':' && peek(&t, 0) != '>')
        return false;
    t.at++;
    *g = t;
    return true;
}

/* Does a '|' stand before the name on its line? */
static bool in_table(const struct gap *g)
{
    for (size_t n = 1; n <= TABLE_BACK && n <= g->name_at && g->text.p[g->name_at - n] != '\n'; n++)
        if (g->text.p[g->name_at - n] == '|')
            return true;
    return false;
}

/* One of the operators; moves behind it. */
bool gap_operator(struct gap *g)
{
    static const char *const long_ops[] = {"||=", "===", ":=", "=>", "->",
                                           "==",  "?=",  "+=", "::", "<- "};
    static const char *const compared[] = {"!==", "!=", "-eq ", "-ceq ", "-ne ", "-cne "};
    uint8_t c = peek(g, 0), second = peek(g, 1);
    if (secret_alnum(c))
        return false;
    if ((c == ':' || c == '=') && second != c && second != '=' && second != '>') {
        g->at++; /* nearly always */
        return true;
    }
    for (size_t i = 0; i < sizeof long_ops / sizeof *long_ops; i++)
        if ((uint8_t)long_ops[i][0] == c && (uint8_t)long_ops[i][1] == second &&
            word_at(g, 0, long_ops[i])) {
            g->at += strlen(long_ops[i]);
            return true;
        }
    for (size_t i = 0; (c == '!' || c == '-') && i < sizeof compared / sizeof *compared; i++)
        if (word_at(g, 0, compared[i])) {
            g->at += strlen(compared[i]);
            return g->need_quote = true;
        }
    if (c == '=' || c == ':' || (c == '|' && in_table(g))) {
        g->at++;
        return true;
    }
    if (word_at(g, 0, "\xef\xbc\x9a")) { /* full-width colon */
        g->at += 3;
        return true;
    }
    if (word_at(g, 0, "\xe2\x86\x92") || word_at(g, 0, "\xe2\x80\x94 ") ||
        word_at(g, 0, "\xe2\x80\x93 ")) { /* an arrow or a dash of prose */
        g->at += 3;
        g->prose = true;
        return true;
    }
    if (c == '.' && second == '.' && peek(g, 2) == '.') { /* Password ..... VALUE */
        size_t n = 3;
        while (n < GAP_MAX && peek(g, n) == '.')
            n++;
        g->at += blank(peek(g, n)) ? n : 0;
        return blank(peek(g, 0));
    }
    if (c == ',' && g->quoted_name) {
        g->at++;
        g->need_quote = true;
        return true;
    }
    if (c == '(' || (c == '{' && quote(peek(g, 1)))) { /* set("x"), password{"x"} */
        g->at++;
        g->need_quote = true;
        return true;
    }
    return false;
}

static inline bool type_byte(uint8_t c)
{
    static const bool signs[256] = {['<'] = true, ['>'] = true, ['?'] = true, ['['] = true,
                                    [']'] = true, ['*'] = true, ['&'] = true, ['!'] = true};
    return name_byte(c) || signs[c];
}

/* ": Type =" or " string =": a declaration. */
static void skip_type(struct gap *g)
{
    enum { TYPE_NAME_MAX = 24 };
    struct gap t = *g;
    size_t n = 0;
    size_t blanks = gap_blanks(&t);
    if (word_at(&t, 0, "&'static ")) /* Rust */
        t.at += 9;
    else if (word_at(&t, 0, "as ")) /* Visual Basic */
        t.at += 3;
    struct span rest = span_cut(t.text, t.at, TYPE_NAME_MAX);
    while (n < rest.n && type_byte(rest.p[n]))
        n++;
    t.at += n;
    if (!n || n == TYPE_NAME_MAX)
        return;
    blanks += gap_blanks(&t);
    if (peek(&t, 0) == '=' && peek(&t, 1) != '=' && (blanks || quote(peek(&t, 1)))) {
        t.at++;
        *g = t;
    }
}

/* The word that ends before `at`, and where it begins in *from. */
static struct span word_before(struct span t, size_t at, size_t *from)
{
    size_t end = at, begin;
    while (end > 0 && at - end < 16 && (blank(t.p[end - 1]) || t.p[end - 1] == '\n'))
        end--;
    for (begin = end; begin > 0 && end - begin < 40 && t.p[begin - 1] > ' ';)
        begin--;
    *from = begin;
    return span_cut(t, begin, end - begin);
}

/* "login NAME password VALUE", as in .netrc. */
static bool after_login(const struct gap *g)
{
    size_t at;
    word_before(g->text, g->name_at, &at);
    struct span word = word_before(g->text, at, &at);
    return word.n && memchr("LlUuBb", word.p[0], 6) &&
           (span_is_nocase(word, "login") || span_is_nocase(word, "username") ||
            span_is_nocase(word, "user") || span_is_nocase(word, "benutzer"));
}

/* "requirepass VALUE" on a line of its own, as in redis.conf. */
static bool directive(const struct gap *g)
{
    struct gap name = {.text = g->text, .at = g->name_at};
    return (g->name_at == 0 || g->text.p[g->name_at - 1] == '\n') &&
           (word_at(&name, 0, "requirepass ") || word_at(&name, 0, "masterauth ") ||
            word_at(&name, 0, "bindpw "));
}

/* Words before a name that make the next word its value: set NAME value. */
bool gap_told(const struct gap *g)
{
    static const char *const words[] = {"set",    "setx",           "env",    "export",     "arg",
                                        "setenv", "password",       "secret", "config:set", "-e",
                                        "--env",  "secretsmanager", "enable"};
    size_t at = g->name_at;
    if (at >= 2 && g->text.p[at - 1] == '-')
        return true; /* --name, -name: the dashes are the name's */
    if (after_login(g) || directive(g))
        return true;
    if (at == 0 || !blank(g->text.p[at - 1]))
        return false;
    size_t end = at - 1, from = end;
    while (from > 0 && end - from < 16 && !blank(g->text.p[from - 1]) &&
           g->text.p[from - 1] != '\n')
        from--;
    struct span before = span_cut(g->text, from, end - from);
    if (!before.n)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ascii_lower(before.p[0]) == (uint8_t)words[i][0] && span_is_nocase(before, words[i]))
            return true;
    return before.n >= 5 &&
           span_search(before, 0, SPAN_LIT("passw")) < before.n; /* d-i passwd/… password VALUE */
}

/* variable "name" { … default = "value": to behind the sign. */
SECRET_RARE static bool skip_block(struct gap *g)
{
    struct span rest = span_cut(g->text, g->at, BLOCK_GAP);
    size_t at = span_search(rest, 0, SPAN_LIT("default"));
    if (at >= rest.n || span_find(rest, 0, '}') < at)
        return false;
    struct gap t = *g;
    t.at += at + 7;
    gap_blanks(&t);
    if (peek(&t, 0) != '=' && peek(&t, 0) != ':')
        return false;
    t.at++;
    *g = t;
    return true;
}

/* <name>value or <name attr="x">value: to behind the '>'. */
static bool skip_tag(struct gap *g)
{
    if (peek(g, 0) == '<' && peek(g, 1) == '/' && gap_element(g))
        return true;
    size_t open = g->name_at;
    while (open > 0 && g->name_at - open < 16 &&
           (name_byte(g->text.p[open - 1]) || g->text.p[open - 1] == ':'))
        open--;
    if (open == 0 || g->text.p[open - 1] != '<')
        return false;
    for (size_t n = 0; n < 120; n++) {
        uint8_t c = peek(g, n);
        if (c == 0 || c == '<' || c == '\n' || (c == '/' && peek(g, n + 1) == '>'))
            return false;
        if (c == '>') {
            if (peek(g, n + 1) == '@' || peek(g, n + 1) == ':' || peek(g, n + 1) == '/')
                return false; /* <user>:<password>@host */
            g->at += n;
            gap_into_element(g);
            if (word_at(g, 0, "<![CDATA["))
                g->at += 9;
            return true;
        }
    }
    return false;
}

/* A line break and deeper blanks behind YAML's | or >, or behind a bare sign. */
static void skip_yaml_block(struct gap *g)
{
    struct gap t = *g;
    gap_blanks(&t);
    if (peek(&t, 0) == '|' || peek(&t, 0) == '>') {
        t.at++;
        if (peek(&t, 0) == '-' || peek(&t, 0) == '+')
            t.at++;
        gap_blanks(&t);
        if (peek(&t, 0) == '\r')
            t.at++;
        if (peek(&t, 0) != '\n')
            return;
        t.at++;
        if (gap_blanks(&t))
            *g = t;
    }
}

/* The word that is all of the line at `at`; empty for anything else. */
static struct span lone_word(struct span t, size_t at)
{
    enum { WORD_MAX = 128 };
    size_t end = at;
    while (end - at < WORD_MAX && secret_byte(t, end) > ' ')
        end++;
    uint8_t after = secret_byte(t, end);
    return after == '\n' || after == '\r' || end == t.n ? span_cut(t, at, end - at) : SPAN_NONE;
}

/* A comment or heading ends with the name, or the name is all of the line, as in a form that was
 * copied; the value is the next line by itself. */
static bool skip_line(struct gap *g)
{
    size_t n = peek(g, 0) == '\r', line = g->name_at;
    if (peek(g, n) != '\n')
        return false;
    while (line > 0 && g->name_at - line < GAP_MAX && g->text.p[line - 1] != '\n')
        line--;
    struct span head = span_trim(span_cut(g->text, line, g->name_at - line));
    bool marked = head.n && memchr("#/-*;=", head.p[0], 6);
    if (!marked && (head.n || !secret_strong(lone_word(g->text, g->at + n + 1))))
        return false;
    g->at += n + 1;
    g->strict = marked;
    g->loose = !marked;
    return true;
}

/* " --body ", " --value ": the option that gives what was named its value. */
SECRET_RARE static bool skip_option(struct gap *g)
{
    static const char registry[] = "/t REG_SZ /d ";
    if (word_at(g, 0, registry)) {
        g->at += sizeof registry - 1;
        return true;
    }
    static const char *const options[] = {"--body", "--value", "--data", "--secret-string"};
    if (peek(g, 0) != '-')
        return false;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t n = strlen(options[i]);
        if (word_at(g, 0, options[i]) && (blank(peek(g, n)) || peek(g, n) == '=')) {
            g->at += n + 1;
            return true;
        }
    }
    return false;
}

/* "here is the access token:" and the value by itself below, perhaps an empty line or a fence
 * between. */
static void skip_to_lone(struct gap *g)
{
    enum { LINES = 3 };
    struct gap t = *g;
    size_t line = t.at; /* where the last one read begins */
    for (unsigned n = 0; n < LINES; n++) {
        gap_blanks(&t);
        t.at += line > g->at && word_at(&t, 0, "```") ? 3 : 0;
        t.at += peek(&t, 0) == '\r';
        if (peek(&t, 0) != '\n')
            break;
        line = ++t.at;
    }
    gap_blanks(&t);
    if (line == g->at || !secret_strong(lone_word(g->text, t.at)))
        return;
    t.loose = true;
    *g = t;
}

/* "(value)" in prose: "our webhook secret (9f…) leaked". `spelled`: one that no remark would be, as
 * the next readers take brackets for. */
SECRET_RARE static bool skip_bracket(struct gap *g, bool spelled)
{
    if (peek(g, 0) != '(' || !secret_alnum(peek(g, 1)) || word_at(g, 1, "ConvertTo-"))
        return false;
    struct gap t = *g;
    t.at += word_at(g, 1, "which is ") ? 10 : 1;
    t.prose = true;
    struct gap to = t;
    struct value v = gap_value(&to);
    struct span s = span_cut(g->text, v.start, v.end - v.start);
    t.loose = secret_byte(g->text, v.end) == ')' && secret_spelled(s) && !secret_sum(s);
    if (spelled && !t.loose)
        return false;
    t.strict = !t.loose;
    *g = t;
    return true;
}

/* "password (temporary): ", "encryption key (base64) is ", "Access Key [None]: ": up to the sign
 * or verb. */
SECRET_RARE static bool skip_remark(struct gap *g)
{
    enum { REMARK_MAX = 30 };
    struct gap t = *g;
    uint8_t closes = peek(&t, 0) == '(' ? ')' : ']';
    if (peek(&t, 0) != '(' && peek(&t, 0) != '[')
        return false;
    for (size_t n = 0; n < REMARK_MAX && peek(&t, 0) != closes; n++, t.at++)
        if (peek(&t, 0) < ' ' || quote(peek(&t, 0)) || peek(&t, 0) == '=')
            return false;
    if (peek(&t, 0) != closes)
        return false;
    t.at++;
    size_t blanks = gap_blanks(&t);
    if (blanks && gap_verb(&t)) {
        *g = t;
        return true;
    }
    if (peek(&t, 0) != ':' && peek(&t, 0) != '=')
        return false;
    t.at++;
    gap_blanks(&t);
    *g = t;
    return true;
}

/* "my secret key, VALUE.", "his password, VALUE, over the phone" */
static bool skip_comma(struct gap *g)
{
    static const char *const told[] = {"enter ", "type ", "use ", "try "};
    if (peek(g, 0) != ',' || peek(g, 1) != ' ')
        return false;
    g->at += 2;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (word_at(g, 0, told[i])) { /* "for a password, enter VALUE" */
            g->at += strlen(told[i]);
            return g->loose = g->prose = true;
        }
    struct gap t = *g;
    t.prose = true;
    struct value v = gap_value(&t);
    bool spelled = peek(&t, v.end - t.at) == ',' &&
                   secret_spelled(span_cut(g->text, v.start, v.end - v.start));
    g->strict = !spelled;
    g->prose = true;
    return true;
}

/* "the password? VALUE", "master key - value" */
static bool skip_dash(struct gap *g)
{
    if ((peek(g, 0) != '-' && peek(g, 0) != '?') || !blank(peek(g, 1)))
        return false;
    g->at += 2;
    if (word_at(g, 0, "it's "))
        g->at += 5;
    g->loose = g->prose = true;
    return true;
}

/* "CONSTANT VARCHAR2(30) := 'x'", "NVARCHAR(50) = N'x'": a type of some words, then the sign. */
SECRET_RARE static bool skip_words_of_type(struct gap *g)
{
    static const bool signs[256] = {
        [' '] = true, ['('] = true, [')'] = true, ['<'] = true, ['>'] = true, ['['] = true,
        [']'] = true, ['?'] = true, ['*'] = true, ['&'] = true, [','] = true};
    struct span rest = span_cut(g->text, g->at, TYPE_MAX);
    size_t n = 0;
    while (n < rest.n && (name_byte(rest.p[n]) || signs[rest.p[n]]))
        n++;
    n += peek(g, n) == ':';
    if (peek(g, n) != '=' || n < 4)
        return false;
    n++;
    while (n < TYPE_MAX + GAP_MAX && blank(peek(g, n)))
        n++;
    if (!quote(peek(g, n)) && !quote(peek(g, n + 1)))
        return false;
    g->at += n;
    return true;
}

/* name string = "x", name VARCHAR2(30) := 'x': hardly any of what stands behind a blank. */
static bool skip_declared(struct gap *g)
{
    enum { DECLARED_MAX = 160 }; /* more than skip_type and skip_words_of_type look at */
    struct span rest = span_cut(g->text, g->at, DECLARED_MAX);
    if (span_find(rest, 0, '=') == rest.n)
        return false;
    struct gap t = *g;
    skip_type(&t);
    if (t.at == g->at)
        return skip_words_of_type(g);
    *g = t;
    gap_blanks(g);
    return true;
}

/* "**Password:** `value`", "Key: <code>value", "key: !!str value": marks before the value. */
static void skip_markup(struct gap *g)
{
    static const char *const marks[] = {"** ",   "**",    "<code>",   "<b>",    "<tt>",
                                        "<kbd>", "<pre>", "<strong>", "!!str ", "!!binary "};
    gap_blanks(g);
    if (peek(g, 0) != '*' && peek(g, 0) != '<' && peek(g, 0) != '!')
        return;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (word_at(g, 0, marks[i])) {
            g->at += strlen(marks[i]);
            break;
        }
    gap_blanks(g);
}

/* Behind a blank, where no letter stands: a remark, an option, a bracket, a dash. */
SECRET_RARE static bool skip_sign(struct gap *g)
{
    return skip_bracket(g, true) || skip_remark(g) || skip_option(g) || skip_bracket(g, false) ||
           skip_dash(g) || gap_instead(g);
}

/* Behind a blank, a letter: whose it is, a verb, a clause. */
static bool skip_prose(struct gap *g)
{
    return gap_changed(g) || gap_owner(g) || gap_verb(g) || gap_instead(g) || gap_clause(g);
}

/* From behind the name to the value. False when no value is announced. */
bool gap_find(struct gap *g)
{
    if (skip_tag(g))
        return true;
    if (word_at(g, 0, "'s ")) { /* the password's VALUE */
        g->at += 3;
        return g->loose = g->prose = true;
    }
    gap_closers(g);
    if (skip_value_word(g))
        return true;
    if (g->quoted_name && peek(g, 0) == ' ')
        gap_attributes(g);
    if (g->quoted_name && peek(g, 0) == '>') {
        gap_into_element(g);
        return true;
    }
    if (g->name_at > 1 && g->text.p[g->name_at - 1] == ':' && !name_byte(g->text.p[g->name_at - 2]))
        g->quoted_name = true; /* :password, a symbol */
    uint8_t next = peek(g, 0);
    if (!g->quoted_name && (next == '(' || next == ' ' || next == ':') && gap_function(g))
        return true;
    if (gap_typed(g))
        return true;
    size_t closed = g->at, blanks = gap_blanks(g);
    if (peek(g, 0) == '{' && g->quoted_name)
        return skip_block(g);
    uint8_t first = peek(g, 0);
    bool letter = (uint8_t)((first | 0x20) - 'a') < 26 || first >= 0x80;
    if (blanks && (letter ? skip_prose(g) : skip_sign(g)))
        return true;
    bool typed = peek(g, 0) == ':' && peek(g, 1) != '=';
    if (g->quoted_name && gap_sql_quoted(g, closed))
        return true;
    if (gap_operator(g)) {
        if (typed)
            skip_type(g);
        skip_yaml_block(g);
        if (typed && peek(g, 0) <= ' ')
            skip_to_lone(g);
        skip_markup(g);
        return true;
    }
    if (skip_line(g))
        return true;
    if (!blanks)
        return gap_sql_value(g) || skip_comma(g) || skip_dash(g);
    if (quote(peek(g, 0))) /* PASSWORD 'x', IDENTIFIED BY 'x' */
        return true;
    if (skip_declared(g))
        return true;
    g->loose = true;
    if (secret_digit(peek(g, 0)) && blank(peek(g, 1))) /* secret 0 VALUE: how it is written */
        g->at += 2;
    return true;
}
