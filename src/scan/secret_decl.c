/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions and properties that give a value instead of holding it: token(): String = "x", get() =
 * "x", by lazy { "x" }; what is typed into a field, or stands in for a variable that is not set.
 * Called by secret_gap.c behind a telling name.
 */
#include "secret_gap_int.h"

enum { TYPE_MAX = 40 };

/* ": String", "-> &'static str", " string": a function's type; whether there is one. */
static bool skip_result(struct gap *g)
{
    size_t n = 0;
    gap_blanks(g);
    if (word_at(g, 0, "->"))
        g->at += 2;
    else
        g->at += peek(g, 0) == ':';
    gap_blanks(g);
    static const bool signs[256] = {
        ['<'] = true,   ['>'] = true, ['?'] = true, ['&'] = true, ['['] = true,
        ['\\'] = false, [']'] = true, ['*'] = true, ['\''] = true};
    struct span rest = span_cut(g->text, g->at, TYPE_MAX);
    while (n < rest.n && (name_byte(rest.p[n]) || signs[rest.p[n]]))
        n++;
    g->at += n;
    gap_blanks(g);
    return n > 0;
}

/* "(): String = ", "() {\n return ", " get() = ", " { get; } = ", ": String { ": a function without
 * parameters that gives the value. */
bool gap_function(struct gap *g)
{
    static const char *const heads[] = {
        "()",         "(self)",          "(&self)",          " get() ",
        " { get; } ", " { get; set; } ", " { get; init; } ", " by lazy "};
    size_t n = 0;
    uint8_t first = peek(g, 0), second = ascii_lower(peek(g, 1));
    for (size_t i = 0; i < sizeof heads / sizeof *heads && !n; i++)
        if ((uint8_t)heads[i][0] == first && (uint8_t)heads[i][1] == second &&
            word_at(g, 0, heads[i]))
            n = strlen(heads[i]);
    if (!n && first != ':')
        return false;
    struct gap t = *g;
    t.at += n;
    bool typed = skip_result(&t);
    if (word_at(&t, 0, "by lazy "))
        t.at += 8;
    bool colon = secret_byte(t.text, t.at - 1) == ':';
    if (!n && (!typed || peek(&t, 0) != '{'))
        return false;
    if (peek(&t, 0) == '=' && peek(&t, 1) != '=')
        t.at += 1 + (peek(&t, 1) == '>');
    else if (peek(&t, 0) == '{')
        t.at++;
    else if (!colon)
        return false;
    for (size_t k = 0; k < GAP_MAX && (blank(peek(&t, 0)) || peek(&t, 0) == '\n'); k++)
        t.at++;
    if (word_at(&t, 0, "return "))
        t.at += 7;
    if (!quote(peek(&t, 0)))
        return false;
    *g = t;
    g->need_quote = g->function = true;
    return true;
}

/* What is typed into the field that is named, or given instead of a variable:
 * get("#password").type("value"), var("TOKEN").unwrap_or("value"). */
bool gap_typed(struct gap *g)
{
    static const char *const ways[] = {".type(",      ".fill(",     ".send_keys(", ".sendKeys(",
                                       ".val(",       ".setValue(", ".set(",       ".clear().type(",
                                       ".unwrap_or(", ".orElse(",   ".or_else("};
    if (!g->quoted_name || peek(g, 0) != '.')
        return false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (word_at(g, 0, ways[i]) && quote(peek(g, strlen(ways[i])))) {
            g->at += strlen(ways[i]);
            return g->need_quote = true;
        }
    return false;
}

/* NAME <<< value, getenv('NAME') ?: 'value', getenv("NAME") || "value". */
bool gap_instead(struct gap *g)
{
    static const char *const signs[] = {"?: ", "?? ", "|| ", "or "};
    if (word_at(g, 0, "<<< ")) {
        g->at += 4;
        return true;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs && g->quoted_name; i++)
        if (word_at(g, 0, signs[i]) && quote(peek(g, strlen(signs[i])))) {
            g->at += strlen(signs[i]);
            return g->need_quote = true;
        }
    return false;
}

bool gap_changed(struct gap *g)
{
    static const char *const verbs[] = {"was ", "has been ", "is "};
    static const char *const ways[] = {"changed ", "rotated ", "reset ", "updated "};
    size_t n = 0;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && !n; i++)
        n = word_at(g, 0, verbs[i]) ? strlen(verbs[i]) : 0;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (word_at(g, n, ways[i])) {
            n += strlen(ways[i]);
            break;
        }
    if (!word_at(g, n, "from "))
        return false;
    g->at += n + 5;
    return g->changed = g->loose = g->prose = true;
}

void gap_fallback(struct gap *g, struct value *v)
{
    enum { CALL_MAX = 40 };
    static const char *const signs[] = {" || ", " ?? ", " or ", " ?: ", " { "};
    struct gap t = {.text = g->text, .at = v->end, .need_quote = true};
    bool called = !v->quoted && peek(&t, 0) == ')' && v->end > v->start &&
                  g->text.p[v->end - 1] == '('; /* getpass() */
    t.at += called;
    bool open = !v->quoted && (quote(peek(&t, 0)) || peek(&t, 0) == ' ');
    struct span s = span_cut(g->text, v->start, v->end - v->start);
    if (open && !called && span_find(s, 0, '(') < s.n) /* getenv("X"), string(forKey: "x") */
        for (size_t n = 0; n < CALL_MAX && peek(&t, n) >= ' '; n++)
            if (peek(&t, n) == ')') {
                t.at += n + 1;
                break;
            }
    for (size_t i = 0; !v->quoted && peek(&t, 0) == ' ' && i < sizeof signs / sizeof *signs; i++)
        if (word_at(&t, 0, signs[i])) {
            t.at += strlen(signs[i]);
            struct value other = gap_value(&t);
            if (other.quoted)
                *v = other;
        }
}

bool secret_drawn(struct secret_pass *p, size_t at)
{
    enum { STATE = 1500, VALUE_MIN = 8 };
    struct span t = p->text, random = SPAN_LIT("random_"), result = SPAN_LIT("result");
    if (!span_ends(span_cut(t, 0, at), random) || secret_byte(t, at + 8) != '"')
        return false;
    struct span state = span_cut(t, 0, at + STATE);
    size_t end = span_search(state, at + 8, random); /* the next one */
    struct gap g = {
        .text = t, .at = span_search(span_cut(t, 0, end), at, result), .need_quote = true};
    if (g.at >= end)
        return false;
    g.at += result.n;
    gap_closers(&g);
    gap_blanks(&g);
    if (!gap_operator(&g))
        return false;
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    if (s.n < VALUE_MIN || !secret_strong(s))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, true);
    return true;
}
