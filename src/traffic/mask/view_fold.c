/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line ends in the middle of a value. Calendars, cards and directories (RFC 5545 3.1, RFC 6350 3.2,
 * RFC 2849) fold a long line wherever it is full, in a mail address too, and go on behind one
 * blank; mails, comments and manuals are wrapped between the groups of a number. Called for every
 * line end; frequent: text on both sides.
 */
#include "view_int.h"

/* The length of the line that ends right before `end`, up to `most` and one. */
static size_t line_length(struct span t, size_t end, size_t most)
{
    size_t n = 0;
    while (n < end && n <= most && t.p[end - n - 1] != '\n')
        n++;
    return n;
}

/* ---- folded */

/* Programs break at 75 bytes, or before a character that would not fit; LDIF's at 76 to 78. */
enum { FOLD_LEAST = 71, FOLD_MOST = 79, LINES_BACK = 24 };

/* ATTENDEE;CN=…, dn: …: a name and what parts it from its value. */
static bool begins_field(struct span line)
{
    enum { NAME_LEAST = 2, NAME_MOST = 32 };
    size_t n = 0;
    while (n < NAME_MOST && (ascii_is_letter(byte_at(line, n)) || byte_at(line, n) == '-' ||
                             (n && ascii_is_digit(byte_at(line, n)))))
        n++;
    return n >= NAME_LEAST && (byte_at(line, n) == ':' || byte_at(line, n) == ';');
}

/* Do full lines alone lead from a field's first one to `end`? */
static bool of_field(struct span t, size_t end)
{
    for (unsigned lines = 0; lines < LINES_BACK; lines++) {
        size_t n = line_length(t, end, FOLD_MOST), from = end - n;
        if (n < FOLD_LEAST || n > FOLD_MOST)
            return false;
        if (t.p[from] != ' ' && t.p[from] != '\t')
            return begins_field(span_from(t, from));
        if (from < 2)
            return false;
        end = from - 1 - (t.p[from - 2] == '\r');
    }
    return true;
}

/* `next`: behind the line end at `at`. */
static bool folded(struct span t, size_t at, size_t next, struct view_escape *e)
{
    uint8_t blank = byte_at(t, next), first = byte_at(t, next + 1);
    if (blank != ' ' && blank != '\t')
        return false;
    if ((first == ' ' ? byte_at(t, next + 2) : first) <= ' ' || !of_field(t, at)) /* indented */
        return false;
    e->n = (uint32_t)(next + 1 - at);
    e->out_n = 0;
    e->tells = e->names = e->within = true;
    e->in_word = first != ' ' && t.p[at - 1] != ' ';
    return true;
}

/* ---- wrapped */

enum { WRAP_LEAST = 40, WRAP_MOST = 120, NUMBER_MOST = 30 };

/* Does the line that ends at `end` end with groups of a number that a word stands before: "card
 * 4111 1111", "at +49 171", "SSN 536-90-"? What a table or a list of numbers ends with does not. */
static bool number_open(struct span t, size_t end)
{
    size_t from = end, digits = 0, groups = 0;
    bool sign = end && t.p[end - 1] == '-';
    for (; from && end - from < NUMBER_MOST; from--) {
        uint8_t c = t.p[from - 1];
        if (!ascii_is_digit(c) && !(c && strchr(" -./()+", c)))
            break;
        digits += ascii_is_digit(c);
        groups += ascii_is_digit(c) && (from == end || !ascii_is_digit(t.p[from]));
        sign |= c == '+' || c == '(';
    }
    uint8_t before = from ? t.p[from - 1] : 0;
    sign |= digits == 4 && (uint8_t)(before - 'A') < 26; /* GB82 WEST 1234 */
    return digits > 1 && (groups > 1 || sign) &&
           (ascii_is_letter(before) || before == ':' || before >= 0x80);
}

/* Behind what leads a line of a quoted mail or a comment. */
static size_t leader_end(struct span t, size_t at)
{
    enum { QUOTES = 4, BLANKS = 8 };
    size_t from = at;
    while (at - from < BLANKS && (byte_at(t, at) == ' ' || byte_at(t, at) == '\t'))
        at++;
    uint8_t c = byte_at(t, at);
    for (unsigned n = 0; n < QUOTES && byte_at(t, at) == '>'; n++)
        at += 1 + (byte_at(t, at + 1) == ' ');
    if (c == '/' || c == '-')
        at += byte_at(t, at + 1) == c ? 2 : 0;
    else if (c == '#' || c == '*' || c == '%' || c == ';')
        at++;
    return at + (byte_at(t, at) == ' ');
}

/* `next`: behind the line end at `at`. */
static bool wrapped(struct span t, size_t at, size_t next, struct view_escape *e)
{
    size_t end = at;
    while (end && at - end < 2 && t.p[end - 1] == ' ')
        end--;
    uint8_t last = end ? t.p[end - 1] : 0;
    if (!ascii_is_digit(last) && last != '-' && last != ')')
        return false; /* most */
    size_t more = leader_end(t, next), length = line_length(t, at, WRAP_MOST);
    if (!ascii_is_digit(byte_at(t, more)) || !ascii_is_digit(byte_at(t, more + 1)) ||
        length < WRAP_LEAST || length > WRAP_MOST || !number_open(t, end))
        return false;
    e->n = (uint32_t)(more - at);
    e->out[0] = ' ';
    e->out_n = last != '-' && end == at; /* else the blank before it is there */
    e->tells = e->within = true;
    e->names = false;
    return true;
}

bool view_fold_at(struct span t, size_t at, struct view_escape *e)
{
    size_t end = at + (t.p[at] == '\r');
    if (byte_at(t, end) != '\n' || (t.p[at] == '\n' && at > 0 && t.p[at - 1] == '\r'))
        return false;
    return folded(t, at, end + 1, e) || wrapped(t, at, end + 1, e);
}
