/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folded lines of calendars, cards and directories (RFC 5545 3.1, RFC 6350 3.2, RFC 2849): a long
 * line is broken wherever it is full, in the middle of a mail address too, and goes on behind one
 * blank. Called where a blank follows a line end; frequent: indented code, comments.
 */
#include "view_int.h"

/* Programs break at 75 bytes, or before a character that would not fit; LDIF's at 76 to 78. */
enum { LINE_LEAST = 71, LINE_MOST = 79, LINES_BACK = 24 };

/* Where the line that ends right before `end` begins; `end` when it is not as long as a full one.
 */
static size_t full_line(struct span t, size_t end)
{
    size_t from = end;
    while (from > 0 && end - from <= LINE_MOST && t.p[from - 1] != '\n')
        from--;
    return end - from >= LINE_LEAST && end - from <= LINE_MOST ? from : end;
}

/* ATTENDEE;CN=…, dn: …: a name and what parts it from its value. */
static bool begins_field(struct span line)
{
    enum { NAME_LEAST = 2, NAME_MOST = 32 };
    size_t n = 0;
    while (n < NAME_MOST &&
           ((uint8_t)(ascii_lower(byte_at(line, n)) - 'a') < 26 || byte_at(line, n) == '-' ||
            (n && (uint8_t)(byte_at(line, n) - '0') < 10)))
        n++;
    return n >= NAME_LEAST && (byte_at(line, n) == ':' || byte_at(line, n) == ';');
}

/* Do full lines alone lead from a field's first one to `end`? */
static bool of_field(struct span t, size_t end)
{
    for (unsigned lines = 0; lines < LINES_BACK; lines++) {
        size_t from = full_line(t, end);
        if (from == end)
            return false;
        if (t.p[from] != ' ' && t.p[from] != '\t')
            return begins_field(span_from(t, from));
        if (from < 2)
            return false;
        end = from - 1 - (t.p[from - 2] == '\r');
    }
    return true;
}

bool view_fold_at(struct span t, size_t at, struct view_escape *e)
{
    size_t end = at + (t.p[at] == '\r');
    uint8_t blank = byte_at(t, end + 1), next = byte_at(t, end + 2);
    bool begins = t.p[at] == '\r' || at == 0 || t.p[at - 1] != '\r';
    if (!begins || byte_at(t, end) != '\n' || (blank != ' ' && blank != '\t'))
        return false;
    if ((next == ' ' ? byte_at(t, end + 3) : next) <= ' ' || !of_field(t, at)) /* indented */
        return false;
    e->n = (uint32_t)(end + 2 - at);
    e->out_n = 0;
    e->tells = e->names = e->within = true;
    e->in_word = next != ' ' && t.p[at - 1] != ' ';
    return true;
}
