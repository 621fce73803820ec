/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in tables: the head of a CSV, TSV or Markdown table names what stands below ("user,
 * password"). secret_word.c asks at every telling word whether it is a cell of a head; if so, the
 * columns are kept in the pass and the sweep hands over each row as it comes to it, until one has
 * another number of cells. Rows are read once, so a table costs its length.
 *
 * A head is a line of short cells of words with no row of a table right above it.
 */
#include "secret_int.h"

enum { HEAD_MAX = 400, HEAD_BACK = 156, CELL_MAX = 48, CELLS_MAX = 32 };

static bool delimits(uint8_t c)
{
    return c == ',' || c == ';' || c == '\t' || c == '|';
}

static bool pads(uint8_t c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '`' || c == '\r';
}

/* Where the line ends that `at` is on; SIZE_MAX when it is longer than `most`. */
static size_t line_end(struct span t, size_t at, size_t most)
{
    size_t stop = t.n - at > most ? at + most : t.n;
    size_t end = span_find(span_cut(t, 0, stop), at, '\n');
    return end >= stop && stop < t.n ? SIZE_MAX : end;
}

/* The next cell from *at on, without blanks and quotes; *at moves behind its delimiter, to `end` +
 * 1 after the last. */
static struct span next_cell(struct span t, size_t *at, size_t end, uint8_t sign)
{
    size_t from = *at, to = from;
    bool quoted = false;
    for (; to < end && (quoted || t.p[to] != sign); to++)
        quoted ^= t.p[to] == '"';
    *at = to + 1;
    while (from < to && pads(t.p[from]))
        from++;
    while (to > from && pads(t.p[to - 1]))
        to--;
    return span_cut(t, from, to - from);
}

/* The sign between the cells, when `name` is one of several on its line; 0 when it is not. */
static uint8_t sign_beside(struct span t, struct span name, size_t *from)
{
    size_t at = (size_t)(name.p - t.p), end = at + name.n;
    while (pads(secret_byte(t, end)))
        end++;
    uint8_t after = end < t.n ? t.p[end] : '\n';
    if (!delimits(after) && after != '\n')
        return 0;
    size_t i = at;
    while (i > 0 && at - i < CELL_MAX &&
           (secret_alnum(t.p[i - 1]) || pads(t.p[i - 1]) || t.p[i - 1] == '_' || t.p[i - 1] == '-'))
        i--;
    uint8_t before = i ? t.p[i - 1] : '\n';
    *from = i;
    if (delimits(before))
        return after == '\n' || after == before ? before : 0;
    return before == '\n' && after != '\n' ? after : 0;
}

/* Note the columns that hold secrets, if the line is short cells of words. */
static void read_head(struct secret_pass *p, size_t at, size_t end, uint8_t sign)
{
    unsigned n = 0, filled = 0;
    uint32_t passwords = 0, keys = 0;
    /* "|| Host || Password ||": a wiki's head, whose rows have the sign once */
    bool twice = sign == '|' && p->text.p[at] == sign && secret_byte(p->text, at + 1) == sign;
    for (size_t i = at; i <= end; n++) {
        struct span cell = next_cell(p->text, &i, end, sign);
        i += twice && i <= end && secret_byte(p->text, i) == sign;
        unsigned digits = 0;
        filled += cell.n > 0;
        if (cell.n > CELL_MAX || n == CELLS_MAX)
            return;
        for (size_t k = 0; k < cell.n; k++) {
            uint8_t c = cell.p[k];
            digits = secret_digit(c) ? digits + 1 : 0;
            if (digits > 2 || !(secret_alnum(c) || c >= 0x80 || memchr(" _-./#()", c, 8)))
                return;
        }
        struct secret_named named = secret_name_of(cell);
        if (named.kind == NAME_PASSWORD)
            passwords |= (uint32_t)1 << n;
        else if (named.kind == NAME_KEY || named.kind == NAME_WEAK)
            keys |= (uint32_t)1 << n;
    }
    if (filled < 2 || !(passwords | keys))
        return;
    p->row_sign = sign;
    p->row_cells = (uint8_t)n;
    p->row_passwords = passwords;
    p->row_keys = keys;
    p->row_at = end + 1;
}

void secret_table_head(struct secret_pass *p, struct span name)
{
    struct span t = p->text;
    size_t at = (size_t)(name.p - t.p), start;
    uint8_t sign = sign_beside(t, name, &start);
    if (!sign)
        return;
    size_t low = at > HEAD_BACK ? at - HEAD_BACK : 0;
    while (start > low && t.p[start - 1] != '\n')
        start--;
    if (start && t.p[start - 1] != '\n')
        return;
    size_t end = line_end(t, at, HEAD_MAX);
    if (end == SIZE_MAX || p->row_at == end + 1) /* another column of the same head */
        return;
    for (size_t i = start; i-- > low + 1 && t.p[i - 1] != '\n';)
        if (t.p[i - 1] == sign)
            return; /* a row, not a head */
    read_head(p, start, end, sign);
}

/* "|---|:--:|" */
static bool is_rule(struct span line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!memchr("|-: \r", line.p[i], 5))
            return false;
    return line.n >= 3;
}

void secret_at_row(struct secret_pass *p)
{
    struct span t = p->text;
    size_t at = p->row_at, end = at < t.n ? line_end(t, at, SECRET_ROW_MAX) : SIZE_MAX;
    p->row_at = 0;
    if (end == SIZE_MAX)
        return;
    struct span line = span_cut(t, at, end - at);
    if (p->row_sign != '|' || !is_rule(line)) {
        unsigned n = 0;
        for (size_t i = at; i <= end; n++)
            next_cell(t, &i, end, p->row_sign);
        if (n != p->row_cells)
            return;
        n = 0;
        for (size_t i = at; i <= end; n++) {
            struct span cell = next_cell(t, &i, end, p->row_sign);
            uint32_t bit = (uint32_t)1 << n;
            if (!((p->row_passwords | p->row_keys) & bit))
                continue;
            enum secret_name kind = p->row_passwords & bit ? NAME_PASSWORD : NAME_KEY;
            size_t from = (size_t)(cell.p - t.p);
            secret_value(p, from, from + cell.n, (struct secret_named){.kind = kind}, true);
        }
    }
    p->row_at = end + 1;
}
