/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control sequences of terminals. Called for every ESC of a text; all but a few of them begin
 * "ESC [", numbers, "m".
 */
#include "terminal.h"

enum { NUMBER_MAX = 5 }; /* digits of one parameter; more may be a value */

static bool between(struct span t, size_t at, uint8_t low, uint8_t high)
{
    return at < t.n && t.p[at] >= low && t.p[at] <= high;
}

/* Behind the parameters at `at`: numbers with ; or : between them, at first perhaps one of <=>?
 * (5.4.2). `end`: as far as a sequence may go. */
static size_t parameters(struct span t, size_t at, size_t end)
{
    size_t digits = 0;
    at += between(t, at, '<', '?');
    for (; at < end && between(t, at, '0', ';'); at++) {
        digits = t.p[at] <= '9' ? digits + 1 : 0;
        if (digits > NUMBER_MAX)
            break;
    }
    return at;
}

/* ESC [ parameters, intermediate bytes, final byte. Of the final ones, m is colours and J and K
 * erase. */
static size_t control(struct span t, size_t at, bool *blank, bool *cut)
{
    size_t last = at + TERMINAL_MAX - 1, end = parameters(t, at + 2, last);
    while (end < last && between(t, end, ' ', '/'))
        end++;
    *cut = end == t.n && end < last;
    if (end > last || !between(t, end, '@', '~'))
        return 0;
    *blank = t.p[end] != 'm' && t.p[end] != 'J' && t.p[end] != 'K';
    return end + 1 - at;
}

/* ESC ] number ; and the text stays. */
static size_t command(struct span t, size_t at, bool *cut)
{
    size_t end = at + 2;
    while (end - at - 2 < NUMBER_MAX && between(t, end, '0', '9'))
        end++;
    *cut = end == t.n;
    return between(t, end, ';', ';') ? end + 1 - at : 0;
}

/* ESC ( B: "back to ASCII", before the colours' end. A number in brackets is none. */
static size_t charset(struct span t, size_t at, bool *cut)
{
    *cut = at + 2 == t.n;
    return between(t, at + 2, 'A', 'Z') ? 3 : 0;
}

/* ESC \ ends a command's text; ESC 7, ESC M and others stand alone (5.3, 5.5). A letter or digit
 * does so where no word goes on behind it: of a name or a number it would take the first. */
static size_t alone(struct span t, size_t at, bool *cut)
{
    static const char signs[] = "\\=>^_", others[] = "78cDEHMNOPXZ";
    uint8_t c = t.p[at + 1];
    if (c && strchr(signs, c))
        return 2;
    if (!c || !strchr(others, c))
        return 0;
    *cut = at + 2 == t.n;
    return between(t, at + 2, 0, ' ') ? 2 : 0;
}

size_t terminal_sequence(struct span t, size_t at, bool *blank, bool *cut)
{
    *cut = at + 1 == t.n;
    *blank = true;
    if (*cut)
        return 0;
    switch (t.p[at + 1]) {
    case '[':
        return control(t, at, blank, cut);
    case ']':
        return command(t, at, cut);
    case '(':
    case ')':
        *blank = false;
        return charset(t, at, cut);
    default:
        return alone(t, at, cut);
    }
}

size_t terminal_strip(struct span t, uint8_t *out)
{
    size_t n = 0;
    bool blank, cut;
    for (size_t at = 0; at < t.n;) {
        size_t skip = t.p[at] == TERMINAL_ESC ? terminal_sequence(t, at, &blank, &cut) : 0;
        if (!skip)
            out[n++] = t.p[at];
        else if (blank)
            out[n++] = ' ';
        at += skip ? skip : 1;
    }
    return n;
}
