/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns: the head of a table (CSV, TSV, semicolons, Markdown and the frames of consoles, or just
 * aligned by blanks) names what stands below. Asked for a value whose words around are read;
 * frequent is the refusal, two bytes before the value.
 *
 * The head is looked for once, in the lines right above the first row that is asked about, and kept
 * while the rows below have as many cells. Everything read lies within COLUMN_BEHIND bytes before
 * the value and LINE_MAX_BYTES after (R1).
 */
#include "cue_int.h"
#include "scan_int.h"

enum { LINE_MAX_BYTES = 400, COLUMN_BEHIND = 900, CELL_MAX = 48, HEAD_LINES = 4, GAP = 2 };

_Static_assert((int)COLUMN_BEHIND <= (int)SCAN_BEHIND, "R1");
_Static_assert((int)LINE_MAX_BYTES <= (int)SCAN_AHEAD, "R1");

static bool delimits(uint8_t c)
{
    return c == ',' || c == ';' || c == '\t' || c == '|';
}

/* A word and a blank stand before `at`, as in nearly all prose: no cell begins there. */
static inline bool in_prose(struct span t, size_t at)
{
    return at > 1 && t.p[at - 1] == ' ' && is(t.p[at - 2], C_LETTER);
}

/* The delimiter right before a cell that begins at `at` (a quote and a blank may stand between, and
 * more blanks behind the rule of a table), a line break for the first cell, else 0. */
static uint8_t before_cell(struct span t, size_t at)
{
    size_t blanks = 0;
    while (blanks < at && blanks < CELL_MAX && t.p[at - blanks - 1] == ' ')
        blanks++;
    if (blanks > 2)
        return blanks < at && t.p[at - blanks - 1] == '|' ? '|' : 0;
    for (unsigned k = 0; k < 3; k++) {
        uint8_t c = at ? t.p[at - 1] : '\n';
        if (delimits(c) || c == '\n')
            return c;
        if (c != ' ' && c != '"' && c != '\'' && c != '+' && c != '(')
            return 0;
        at--;
    }
    return 0;
}

/* The top bit of each byte of v that is a line break. */
static inline uint64_t line_ends(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    v ^= ones * '\n';
    return ~((v & ones * 0x7F) + ones * 0x7F) & ~v & ones * 0x80;
}

/* Where the line that holds `at` begins; SIZE_MAX when it is too long. */
static size_t line_start(struct span t, size_t at)
{
    size_t from = at < LINE_MAX_BYTES ? 0 : at - LINE_MAX_BYTES, i = at;
    for (; i >= from + 8; i -= 8) {
        uint64_t end = line_ends(load8(t.p + i - 8));
        if (end)
            return i - (size_t)__builtin_clzll(end) / 8;
    }
    for (; i > from; i--)
        if (t.p[i - 1] == '\n')
            return i;
    return at < LINE_MAX_BYTES ? 0 : SIZE_MAX;
}

static size_t line_end(struct span t, size_t at)
{
    size_t most = t.n - at < LINE_MAX_BYTES ? t.n - at : LINE_MAX_BYTES;
    const uint8_t *end = most ? memchr(t.p + at, '\n', most) : NULL;
    return end ? (size_t)(end - t.p) : at + most;
}

/* Cells of [at, end) between `sign`s outside double quotes. */
static size_t cells(struct span t, size_t at, size_t end, uint8_t sign)
{
    size_t n = 1;
    bool quoted = false;
    if (at == end || !memchr(t.p + at, '"', end - at)) { /* the frequent case, by vectors */
        for (; at < end; at++)
            n += t.p[at] == sign;
        return n;
    }
    for (; at < end; at++) {
        quoted ^= t.p[at] == '"';
        n += t.p[at] == sign && !quoted;
    }
    return n;
}

/* The n-th cell of a head, without quotes and blanks. */
static struct span cell(struct span head, uint8_t sign, size_t n)
{
    size_t at = 0, end = 0;
    for (; end < head.n; end++) {
        if (head.p[end] != sign)
            continue;
        if (!n--)
            break;
        at = end + 1;
    }
    return end == head.n && n ? SPAN_NONE : span_cut(head, at, end - at);
}

/* Short cells of words, most of them: no row of values, no code, no prose. */
static bool is_head(struct span line, uint8_t sign)
{
    size_t width = 0, in_digits = 0;
    bool letters = false;
    for (size_t i = 0; i < line.n; i++) {
        uint8_t c = line.p[i];
        if (c == sign) {
            width = in_digits = 0;
            continue;
        }
        letters = letters || is(c, C_LETTER | C_HIGH);
        in_digits = is(c, C_DIGIT) ? in_digits + 1 : 0;
        if (++width > CELL_MAX || in_digits > 2)
            return false;
        if (is(c, C_WORD | C_HIGH) || c == ' ')
            continue;
        bool bracket = c == '(' && i && line.p[i - 1] == ' ';
        if (!bracket && !memchr("_-./#'\")\r", c, 9))
            return false;
    }
    return letters;
}

/* "|---|:--:|", "+----+----+" */
static bool is_rule(struct span line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!memchr("|-+=: \r", line.p[i], 7))
            return false;
    return line.n >= 3;
}

/* The line above `at` (a line's start) as a span; false at the start of the text or too far up. */
static bool line_above(struct span t, size_t at, size_t floor, struct span *line, size_t *start)
{
    if (!at || at <= floor)
        return false;
    *start = line_start(t, at - 1);
    if (*start == SIZE_MAX || *start < floor)
        return false;
    *line = span_cut(t, *start, at - 1 - *start);
    return true;
}

/* Find the head above the row at `row` with `n` cells: the topmost of the lines right above that
 * have as many. */
static void find_head(struct column *c, struct span t, size_t row, uint8_t sign, size_t n)
{
    size_t floor =
        row > COLUMN_BEHIND - LINE_MAX_BYTES ? row - (COLUMN_BEHIND - LINE_MAX_BYTES) : 0;
    struct span line, head = SPAN_NONE;
    size_t at = row, start;
    for (unsigned k = 0; k < HEAD_LINES && line_above(t, at, floor, &line, &start); k++) {
        at = start;
        if (sign == '|' && is_rule(line))
            continue;
        if (cells(line, 0, line.n, sign) != n)
            break;
        head = is_head(line, sign) && line.n <= sizeof c->head ? line : SPAN_NONE;
    }
    c->n = (uint16_t)head.n;
    c->sign = sign;
    c->cells = (uint16_t)n;
    if (head.n)
        memcpy(c->head, head.p, head.n);
}

/* ---- INSERT INTO t (a, b) VALUES (1, 2), (3, 4) ---- */

static const char values[] = "values";
enum { VALUES = sizeof values - 1 };

static bool values_at(struct span t, size_t at)
{
    return span_eq_nocase(span_cut(t, at, VALUES), span_str(values));
}

/* Does the word begin in [at, end), with this letter, and more stand behind it? */
static bool has_values(struct span t, size_t at, size_t end, uint8_t first)
{
    struct span line = span_cut(t, 0, end);
    for (; (at = span_find(line, at, first)) + VALUES < end; at++)
        if (values_at(t, at))
            return true;
    return false;
}

/* Does the line hold rows of values? "(02) 9322 0662" holds none. */
static bool has_tuples(struct span t, size_t row, size_t end)
{
    size_t at = row;
    while (at < end && (t.p[at] == ' ' || t.p[at] == '\t'))
        at++;
    if (peek(t, at) == '(') {
        while (at < end && t.p[at] != ',' && t.p[at] != ')')
            at++;
        return peek(t, at) == ',';
    }
    return has_values(t, at, end, 'v') || has_values(t, at, end, 'V');
}

/* The bracket that opens the list in which `at` stands, SIZE_MAX when there is none; *n is how many
 * commas outside quotes lie between. */
static size_t list_start(struct span t, size_t at, size_t floor, size_t *n)
{
    bool quoted = false;
    *n = 0;
    for (size_t i = at - (at > floor && t.p[at - 1] == '\''); i > floor; i--) {
        uint8_t c = t.p[i - 1];
        if (c == '\'')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '(')
            return i - 1;
        else if (c == ')' || c == ';')
            return SIZE_MAX;
        else
            *n += c == ',';
    }
    return SIZE_MAX;
}

static size_t blank_before(struct span t, size_t at)
{
    while (at && (t.p[at - 1] == ' ' || t.p[at - 1] == '\n' || t.p[at - 1] == '\r'))
        at--;
    return at;
}

/* The name of the column whose value stands at `start`; empty when this is no such list. */
static struct span insert_column(struct span t, size_t start)
{
    size_t floor = start > COLUMN_BEHIND ? start - COLUMN_BEHIND : 0, n, k;
    size_t open = list_start(t, start, floor, &n);
    if (open == SIZE_MAX)
        return SPAN_NONE;
    size_t at = blank_before(t, open);
    while (at > floor + VALUES && !values_at(t, at - VALUES)) {
        if (at == blank_before(t, open) && t.p[at - 1] != ',')
            return SPAN_NONE; /* neither the first row nor behind another */
        at--;
    }
    at = at > floor + VALUES ? blank_before(t, at - VALUES) : 0;
    if (!at || t.p[at - 1] != ')')
        return SPAN_NONE;
    size_t names = list_start(t, at - 1, floor, &k);
    return names == SIZE_MAX ? SPAN_NONE : cell(span_cut(t, names + 1, at - 2 - names), ',', n);
}

/* ---- columns aligned by blanks: cells begin below each other, GAP blanks or more apart ---- */

/* GAP blanks stand before `at`, or a line break. */
static bool after_gap(struct span t, size_t at)
{
    for (size_t k = 0; k < GAP; k++)
        if (k == at || t.p[at - k - 1] == '\n')
            return k == 0;
        else if (t.p[at - k - 1] != ' ')
            return false;
    return true;
}

/* Some cell of the line begins behind a gap and another cell. */
static bool has_gap(struct span line)
{
    size_t first = 0;
    while (first < line.n && line.p[first] == ' ')
        first++;
    for (size_t i = first + 1; i < line.n; i++)
        if (line.p[i] != ' ' && after_gap(line, i))
            return true;
    return false;
}

/* The line right above the row, or above rows below it that were asked about, when it is a head. */
static void find_aligned(struct column *c, struct span t, size_t row, size_t last)
{
    size_t floor = row > COLUMN_BEHIND ? row - COLUMN_BEHIND : 0;
    struct span line;
    bool kept = c->n && c->sign == ' ';
    for (size_t at = row, k = 0; k < HEAD_LINES && line_above(t, at, floor, &line, &at); k++) {
        if (kept && at == last)
            return;
        if (!line.n || line.n > sizeof c->head)
            break;
        if (!is_head(line, ' ') || !has_gap(line))
            continue;
        c->n = (uint16_t)line.n;
        c->sign = ' ';
        memcpy(c->head, line.p, line.n);
        return;
    }
    c->n = 0;
}

static bool begins_character(uint8_t c)
{
    return (c & 0xC0) != 0x80;
}

/* The cell of the head that begins where the value at `start` does, or one character before it,
 * since a sign may belong to the value. */
static struct span aligned_cell(struct span head, struct span t, size_t row, size_t start)
{
    size_t column = 0, at = 0, end;
    for (size_t i = row; i < start; i++)
        column += begins_character(t.p[i]);
    for (size_t n = 0; at < head.n; at++) {
        if (!begins_character(head.p[at]))
            continue;
        if (n == column || (n + 1 == column && head.p[at] != ' ' && after_gap(head, at)))
            break;
        n++;
    }
    if (at == head.n || head.p[at] == ' ' || !after_gap(head, at))
        return SPAN_NONE;
    for (end = at; end < head.n && (head.p[end] != ' ' || !after_gap(head, end + 1)); end++)
        ;
    return span_cut(head, at, end - at);
}

static uint8_t sign_of_line(struct span t, size_t at, size_t end)
{
    for (; at < end; at++)
        if (delimits(t.p[at]))
            return t.p[at];
    return 0;
}

bool column_may(struct span t, size_t start)
{
    uint8_t before = start ? t.p[start - 1] : 0;
    if (in_prose(t, start))
        return false;
    return before_cell(t, start) || before == '(' || after_gap(t, start) ||
           (before == '\'' && start > 1 && t.p[start - 2] == '(');
}

/* The row at `row`, with a value at `start` behind `sign`, is asked about: find its head. */
static void row_begin(struct column *c, struct span t, size_t row, size_t start, uint8_t sign)
{
    size_t end = line_end(t, start), last = c->row;
    c->row = row;
    c->tuples = has_tuples(t, row, end);
    if (sign == '\n')
        sign = sign_of_line(t, start, end);
    size_t n = sign ? cells(t, row, end, sign) : 0;
    if (n < 2 && after_gap(t, start))
        find_aligned(c, t, row, last);
    else if (n < 2)
        c->n = 0;
    else if (!c->n || c->sign != sign || c->cells != n) {
        find_head(c, t, row, sign, n);
        if (!c->n && after_gap(t, start) && has_gap(span_cut(t, row, end - row)))
            find_aligned(c, t, row, last);
    }
}

/* What the row, which was begun, calls the column of the value at `start` behind `sign`. */
static struct span name_in_row(const struct column *c, struct span t, size_t start, uint8_t sign)
{
    size_t row = c->row;
    if (c->tuples)
        return insert_column(t, start);
    if (c->n && c->sign == ' ')
        return aligned_cell(span(c->head, c->n), t, row, start);
    if (!c->n || !sign || (sign != '\n' && c->sign != sign))
        return SPAN_NONE;
    return cell(span(c->head, c->n), c->sign, cells(t, row, start, c->sign) - 1);
}

struct span column_name(struct probe *p, size_t start)
{
    struct span t = p->text;
    struct column *c = &p->column;
    if (start == c->start)
        return c->name;
    if (in_prose(t, start))
        return SPAN_NONE;
    uint8_t sign = before_cell(t, start);
    if (!sign && !column_may(t, start))
        return SPAN_NONE;
    size_t row = line_start(t, start);
    if (row == SIZE_MAX)
        return SPAN_NONE;
    if (row != c->row)
        row_begin(c, t, row, start, sign);
    c->start = start;
    c->name = name_in_row(c, t, start, sign);
    return c->name;
}

struct span column_beside(const struct probe *p, size_t start, int side)
{
    const struct column *c = &p->column;
    if (c->tuples || !c->n || c->sign == ' ')
        return SPAN_NONE;
    size_t n = cells(p->text, c->row, start, c->sign) - 1;
    return side < 0 && !n ? SPAN_NONE
                          : cell(span(c->head, c->n), c->sign, side < 0 ? n - 1 : n + 1);
}
