/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of an INSERT by the column that a telling word names: (a, password) VALUES ('x', 'y'),
 * ('z', 'v'). Called by secret_gap.c behind a name in a list.
 */
#include "secret_gap_int.h"

enum { SQL_MAX = 600, SQL_BACK = 200 };

/* From behind the tuple's '(' to the quote of its g->column-th value. */
static bool sql_column(struct gap *g)
{
    struct span rest = span_cut(g->text, g->at, SQL_MAX);
    bool inside = false;
    size_t at = 0;
    for (size_t left = g->column - 1; at < rest.n && left; at++) {
        inside ^= rest.p[at] == '\'';
        left -= rest.p[at] == ',' && !inside;
    }
    while (at < rest.n && (blank(rest.p[at]) || rest.p[at] == '\n'))
        at++;
    if (at >= rest.n || rest.p[at] != '\'')
        return false;
    g->at += at;
    return true;
}

/* (a, name, c) VALUES ('x', 'value', 'z'). */
bool gap_sql_value(struct gap *g)
{
    if (peek(g, 0) != ',' && peek(g, 0) != ')')
        return false;
    static const bool signs[256] = {
        [' '] = true, [','] = true, ['`'] = true, ['"'] = true, ['\n'] = true};
    struct span rest = span_cut(g->text, g->at, SQL_MAX);
    size_t at = 0, open = g->name_at, column = 0;
    while (at < rest.n && (name_byte(rest.p[at]) || signs[rest.p[at]]))
        at++;
    if (at >= rest.n || rest.p[at] != ')')
        return false;
    while (open > 0 && g->name_at - open < SQL_BACK && g->text.p[open - 1] != '(') {
        column += g->text.p[open - 1] == ',';
        if (g->text.p[open - 1] == '\n' || g->text.p[open - 1] == ')')
            return false;
        open--;
    }
    if (open == 0)
        return false;
    while (++at < rest.n && (blank(rest.p[at]) || rest.p[at] == '\n'))
        ;
    if (rest.n - at < 7 || !span_eq_nocase(span_cut(rest, at, 6), SPAN_LIT("values")))
        return false;
    g->at += span_find(rest, at, '(') + 1;
    g->column = column + 1;
    return sql_column(g);
}

/* (`a`, `name`) VALUES: the name's quote, and perhaps the list's end, closed before `at`. */
bool gap_sql_quoted(struct gap *g, size_t at)
{
    struct gap t = *g;
    t.at = at - (g->text.p[at - 1] == ')');
    if (t.at == 0 || t.text.p[t.at - 1] != '`' || !gap_sql_value(&t))
        return false;
    *g = t;
    return true;
}

bool gap_next_row(struct gap *g, size_t from)
{
    struct span t = span_cut(g->text, 0, from + SQL_MAX);
    bool inside = false;
    size_t at = from;
    for (at += secret_byte(t, at) == '\''; at < t.n && (inside || t.p[at] != ')'); at++)
        inside ^= t.p[at] == '\'';
    for (at++; at < t.n && (t.p[at] <= ' ' || t.p[at] == ','); at++)
        ;
    if (at >= t.n || t.p[at] != '(')
        return false;
    g->at = at + 1;
    return sql_column(g);
}
