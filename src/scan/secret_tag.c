/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML between a name and its value: the element behind the one that holds the name, attributes
 * behind an attribute that is the name. Called by secret_gap.c where a '<' or a quote stands behind
 * a telling name.
 */
#include "secret_gap_int.h"

enum { ATTRIBUTES_MAX = 80, TYPE_MAX = 40 };

bool gap_element(struct gap *g)
{
    struct gap t = *g;
    for (unsigned tags = 0; tags < 2; tags++) {
        size_t n = 0;
        while (n < TYPE_MAX && (name_byte(peek(&t, n)) || peek(&t, n) == '<' || peek(&t, n) == '/'))
            n++;
        if (peek(&t, n) != '>')
            return false;
        t.at += n + 1;
        for (n = 0; !tags && n < GAP_MAX && peek(&t, 0) <= ' ' && peek(&t, 0); n++)
            t.at++;
        if (!tags && (peek(&t, 0) != '<' || peek(&t, 1) == '/'))
            return false;
    }
    *g = t;
    return true;
}

void gap_into_element(struct gap *g)
{
    size_t n = 0;
    g->at++;
    while (n < GAP_MAX && (blank(peek(g, n)) || peek(g, n) == '\n' || peek(g, n) == '\r'))
        n++;
    if (word_at(g, n, "<value>"))
        g->at += n + 7;
}

/* Is the quoted name an attribute that names its element: <field name="password" …>? */
static bool names_element(const struct gap *g)
{
    struct span before = span_cut(g->text, 0, g->name_at - 1);
    return span_ends(before, SPAN_LIT(" name=")) || span_ends(before, SPAN_LIT(" key="));
}

void gap_attributes(struct gap *g)
{
    size_t n = 1;
    bool sign = false;
    while (n < ATTRIBUTES_MAX &&
           (name_byte(peek(g, n)) || (peek(g, n) && memchr(" ='\"", peek(g, n), 4)))) {
        sign |= peek(g, n) == '=';
        n++;
    }
    size_t tag = n + 1;
    while (tag < n + GAP_MAX && (blank(peek(g, tag)) || peek(g, tag) == '\n'))
        tag++;
    bool text = peek(g, n + 1) > ' ' && peek(g, n + 1) != '<' && names_element(g);
    if (peek(g, n) == '>' && sign && (text || word_at(g, tag, "<value>")))
        g->at += n;
}
