/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table-driven recogniser: ids and numbers of one country that have a fixed shape (shape.def).
 * Called once per word with a digit. Rows are found by the class and length of the value's first
 * run of digits or letters, so that a word costs only the rows that can fit; without a cue most
 * rows cannot reach their threshold, and those are not even compared.
 */
#include "shape_row_int.h"

#include <math.h>

struct match {
    uint8_t value[SHAPE_BYTES]; /* digits and letters, upper case; 8 may be written behind */
    size_t n, end;
    bool marks, letters;
};

static inline bool sign(uint8_t c)
{
    return is_sign(c, SIGN(' ') | SIGN('-') | SIGN('.') | SIGN('/'));
}

/* What a letter of a shape stands for; the others for themselves. */
static const uint8_t element_class[256] = {
    ['d'] = C_DIGIT, ['u'] = C_UPPER, ['a'] = C_LETTER, ['x'] = C_UPPER | C_DIGIT, ['n'] = C_WORD};

/* A shape's sign against the text at *at; advances. `mark` is the sign of its separators: 0 not yet
 * met, 1 none. */
static bool sign_match(uint8_t e, struct span t, size_t *at, uint8_t *mark, struct match *m)
{
    uint8_t c = peek(t, *at);
    if (e == '?') {
        bool there = c == ' ' || c == '-';
        m->marks = m->marks || there;
        *at += there;
        return true;
    }
    if (sign(c) && (!*mark || c == *mark)) {
        *mark = c;
        ++*at;
        return true;
    }
    if (e == '_' || *mark > 1)
        return false;
    *mark = 1;
    return true;
}

/* One element against the text at *at; advances. */
static bool element_match(uint8_t e, struct span t, size_t *at, uint8_t *mark, struct match *m)
{
    uint8_t c = peek(t, *at);
    if (e == '-' || e == '_' || e == '?')
        return sign_match(e, t, at, mark, m);
    if (element_class[e] ? !is(c, element_class[e]) : c != e)
        return false;
    ++*at;
    if (!is(c, C_WORD)) {
        m->marks = true;
        return true;
    }
    m->letters = m->letters || is(c, C_LETTER);
    m->value[m->n++] = is(c, C_LOWER) ? (uint8_t)(c - 32) : c;
    return true;
}

/* How many of eight elements from the first on are digits. */
static inline size_t digit_elements(uint64_t shape)
{
    uint64_t other = shape ^ 'd' * 0x0101010101010101U;
    return other ? (size_t)__builtin_ctzll(other) / 8 : 8;
}

static bool shape_match(const uint8_t *shape, struct span t, size_t at, struct match *m)
{
    uint8_t mark = 0;
    m->n = 0;
    m->marks = m->letters = false;
    for (size_t n; *shape; shape += n) {
        n = digit_elements(load8(shape));
        if (n) { /* most are that */
            uint64_t v = load8_of(t, at);
            if (digits_in(v) < n)
                return false;
            store8(m->value + m->n, v);
            m->n += n;
            at += n;
        } else if (element_match(*shape, t, &at, &mark, m)) {
            n = 1;
        } else {
            return false;
        }
    }
    m->end = at;
    m->marks = m->marks || mark > 1;
    return true;
}

/* ",50" behind plain digits is a decimal part; ",12.05.1999" the next value of a row, and so is
 * ",41" where a comma stands before the digits or behind it, too. */
static bool decimals(struct span t, size_t start, size_t end)
{
    size_t at = end + 1;
    while (at - end < 4 && is(peek(t, at), C_DIGIT))
        at++;
    uint8_t c = peek(t, at);
    return at - end <= 3 && !is(c, C_WORD) && c != ',' && prev(t, start) != ',' &&
           !(c && strchr(".-/:", c) && is(peek(t, at + 1), C_WORD));
}

/* A value does not go on behind its end in its own alphabet, and is no piece of a longer number. */
static bool ends_well(struct span t, size_t at, const struct match *m)
{
    uint8_t c = peek(t, m->end), d = peek(t, m->end + 1);
    if (is(c, C_WORD) || c == '@')
        return false;
    if (c == '-' || c == '_')
        return !is(d, C_WORD);
    if (c == ',')
        return m->marks || m->letters || m->n > 12 || !is(d, C_DIGIT) || !decimals(t, at, m->end);
    if (c == '.' || c == ':' || c == '+')
        return !is(d, C_DIGIT);
    /* a percent sign is one, unless it begins an encoded sign */
    return c != '%' || !is(d, C_DIGIT) || (memchr("0235", d, 4) && is(peek(t, m->end + 2), C_HEX));
}

static bool starts_well(const struct probe *p, size_t at)
{
    struct span t = p->text;
    uint8_t c = prev(t, at), b = at >= 2 ? t.p[at - 2] : 0;
    if ((is(c, C_WORD) && at != p->glued) || c == '@' || c == '$' || c == '+')
        return false;
    if (c == '-' || c == '.' || c == '/')
        return !is(b, C_DIGIT) && !(c == '/' && is(b, C_WORD)) && !(c == '-' && is(b, C_WORD));
    return c != '\\' || b == '\\';
}

/* By the byte behind a run and the one after it. */
static const uint8_t at_once[256] = {
    ['0' ... '9'] = FOLLOW_WORD, ['A' ... 'Z'] = FOLLOW_WORD, ['a' ... 'z'] = FOLLOW_LOWER};
static const uint8_t behind_sign[256] = {
    ['0' ... '9'] = FOLLOW_DIGIT, ['A' ... 'Z'] = FOLLOW_LETTER, ['a' ... 'z'] = FOLLOW_SMALL};

static inline enum follow follow_of(struct span t, size_t at)
{
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    return (enum follow)(sign(c) || c == '+' ? behind_sign[d] : at_once[c]);
}

/* 01234567890, 98765432100, or one of many groups of four: nobody's number unless words say so. */
static bool unlikely(const struct probe *p, size_t at, const struct match *m)
{
    struct span t = p->text;
    size_t up = 0, down = 0;
    for (size_t i = 0; i + 1 < m->n; i++) {
        up += m->value[i + 1] == (m->value[i] == '9' ? '0' : m->value[i] + 1);
        down += m->value[i + 1] == (m->value[i] == '0' ? '9' : m->value[i] - 1);
    }
    if (up + 2 >= m->n || down + 2 >= m->n)
        return true;
    if (memchr(t.p + at, ' ', m->end - at) && in_a_row(p, at))
        return true;
    return m->n == 12 && !m->letters && m->end - at == 14 && !is(peek(t, at + 4), C_WORD) &&
           card_is_piece(p, at, m->end, t.p[at + 4], false);
}

/* What follows the second run, which ends at `at`, as a bit of shape_index.third. */
static unsigned third_run(struct span t, size_t at)
{
    enum follow follow = follow_of(t, at);
    if (follow != FOLLOW_DIGIT)
        return follow == FOLLOW_END ? NO_THIRD : THIRD_LETTER;
    return (unsigned)digits_at_most(t, at + 1, RUN_MAX);
}

/* Letters from `at` on, at most RUN_MAX; *kind whether any is small. */
static inline size_t letters_run(struct span t, size_t at, enum kind *kind)
{
    uint64_t letters, small = 0, v;
    size_t n = 0, more;
    do {
        v = load8_of(t, at + n);
        letters = letters_of(v);
        more = bytes_before(~letters & 0x8080808080808080U);
        small |= letters & v << 2 & (more < 8 ? ((uint64_t)1 << 8 * more) - 1 : UINT64_MAX);
        n += more;
    } while (more == 8 && n < RUN_MAX);
    *kind = small ? RUN_LETTERS : RUN_CAPITALS;
    return n < RUN_MAX ? n : RUN_MAX;
}

static const struct rows no_rows;

/* The rows to compare at `at`, where the first run is of letters. */
static struct rows rows_for_letters(const struct shape_index *x, struct span t, size_t at,
                                    uint32_t *third)
{
    enum kind kind;
    size_t n = letters_run(t, at, &kind);
    if (!n || n == RUN_MAX)
        return no_rows;
    enum follow follow = follow_of(t, at + n);
    if (follow == FOLLOW_WORD)
        return x->digits[kind][n][digits_at_most(t, at + n, RUN_MAX)];
    if (follow == FOLLOW_DIGIT)
        *third = (uint32_t)1 << digits_at_most(t, at + n + 1, RUN_MAX);
    return x->run[kind][n][follow];
}

/* The letters at `at`, a second run, as a bit of listed_row.third. */
static __attribute__((noinline)) uint32_t second_run(struct span t, size_t at)
{
    enum kind kind;
    size_t n = letters_run(t, at, &kind);
    return (uint32_t)1 << (kind == RUN_LETTERS ? SECOND_SMALL : n);
}

/* The rows to compare at `at`; of them those may match that have a bit of *third in theirs. */
static struct rows rows_for(const struct shape_index *x, struct span t, size_t at, uint32_t *third)
{
    size_t n = digits_at_most(t, at, RUN_MAX), end = at + n, second;
    *third = UINT32_MAX;
    if (!n)
        return rows_for_letters(x, t, at, third);
    if (n == RUN_MAX)
        return no_rows;
    enum follow follow = follow_of(t, end);
    if (follow == FOLLOW_LETTER && x->run[RUN_DIGITS][n][follow].n)
        *third = second_run(t, end + 1);
    if (follow != FOLLOW_DIGIT)
        return x->run[RUN_DIGITS][n][follow];
    second = digits_at_most(t, end + 1, RUN_MAX);
    *third = (uint32_t)1 << third_run(t, end + 1 + second);
    return x->third[sign_number(t.p[end])][n][second] & *third ? x->digits[RUN_DIGITS][n][second]
                                                               : no_rows;
}

bool shape_none(const struct shape_index *x, size_t digits)
{
    const struct rows *run = x->run[RUN_DIGITS][digits];
    return !run[FOLLOW_END].n && !run[FOLLOW_SMALL].n;
}

uint32_t shape_dotless(const struct shape_index *x, size_t digits)
{
    uint32_t none = 0;
    for (size_t second = 0; second <= RUN_MAX; second++)
        none |= (~x->third[sign_number('.')][digits][second] >> NO_THIRD & 1) << second;
    return none;
}

#define LISTED_ODDS 4.5F
/* The log-odds of a match as this row's entity, -HUGE_VALF when it is none or cannot reach the
 * threshold. Whichever is known or cheap says no first: the words around, once they were read, else
 * the check digits. */
static float row_odds(struct probe *p, size_t row, size_t at, const struct match *m, float *said)
{
    const struct shape *s = &shape_rows[row];
    float odds = p->sc->shapes->odds[row] + (m->marks ? s->marks : 0);
    float least = p->sc->least[s->entity];
    bool known = p->cue_start == at && p->cue_end == m->end;
    if (odds + CUE_WEIGHT_MAX < least)
        return -HUGE_VALF;
    bool listed = probe_lists(p, (enum entity)s->entity, at);
    if (known && !listed && odds < least && !cues_name(&p->cues, (enum entity)s->entity))
        return -HUGE_VALF;
    bool strong = !known && !listed && odds + CUE_WEAK_MAX < least; /* only a strong word helps */
    if (!known && !s->check(span(m->value, m->n)))
        return -HUGE_VALF;
    if (strong && !cues_may(p, at, m->end, (enum entity)s->entity))
        return -HUGE_VALF;
    bool evident = s->entity == ENTITY_US_SSN && m->marks && s->marks > 0;
    *said = probe_weight(p, at, m->end, (enum entity)s->entity, evident);
    if (listed && *said > -LISTED_ODDS)
        *said = fmaxf(*said, LISTED_ODDS); /* the label of the first is theirs, too */
    odds += *said;
    if (odds < least || (known && !s->check(span(m->value, m->n))))
        return -HUGE_VALF;
    return odds;
}

bool shape_none_dotted(const struct probe *p, size_t at, size_t n, size_t second)
{
    const struct shape_index *x = p->sc->shapes;
    unsigned third = third_run(p->text, at + n + 1 + second);
    return !(x->third[sign_number('.')][n][second] >> third & 1) || shape_none_at(p, at);
}

bool shape_none_at(const struct probe *p, size_t at)
{
    const struct shape_index *x = p->sc->shapes;
    uint32_t third;
    struct rows rows = rows_for(x, p->text, at, &third);
    struct match m;
    for (size_t i = rows.first; i < (size_t)rows.first + rows.n; i++)
        if (x->row[i].third & third && shape_match(x->shape[x->row[i].shape], p->text, at, &m) &&
            ends_well(p->text, at, &m))
            return false;
    return true;
}

/* Digits and letters at `at`, as many as a shape may have and more. */
static size_t letters_at(struct span t, size_t at)
{
    size_t n = 0, more = 8;
    for (; more == 8 && n <= SHAPE_MAX; n += more) {
        uint64_t v = load8_of(t, at + n);
        more = bytes_before(no_digits_of(v) & ~letters_of(v));
    }
    return n;
}

/* May the row fit where so many digits and letters stand (a bit) and c is the first? No branch:
 * what one row says tells nothing of the next. */
static inline bool row_may(const struct listed_row *r, uint32_t third, uint32_t letters, uint8_t c)
{
    return ((r->third & third) != 0) & ((r->letters & letters) != 0) &
           ((r->first == 0) | (r->first == c));
}

size_t shape_read(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    const struct shape_index *x = p->sc->shapes;
    uint32_t third;
    struct rows rows = rows_for(x, t, at, &third);
    size_t took = 0;
    if (!rows.n || !starts_well(p, at))
        return 0;
    const char *read = NULL; /* several rows have one shape */
    bool fits = false;
    struct match m;
    uint32_t letters = (uint32_t)1 << letters_at(t, at);
    for (size_t i = rows.first; i < (size_t)rows.first + rows.n; i++) {
        size_t row = x->row[i].shape;
        const struct shape *s = &shape_rows[row];
        if (!row_may(&x->row[i], third, letters, t.p[at]))
            continue;
        if (s->shape != read) {
            read = s->shape;
            fits = shape_match(x->shape[row], t, at, &m) && m.end >= end && ends_well(t, at, &m);
        }
        if (!fits)
            continue;
        float said, odds = row_odds(p, row, at, &m, &said);
        if (odds == -HUGE_VALF || (said < 2 && unlikely(p, at, &m)))
            continue;
        if (scan_emit(p, (enum entity)s->entity, at, m.end, odds, 0))
            probe_list(p, (enum entity)s->entity, at, m.end);
        if (m.end > took)
            took = m.end;
    }
    return took;
}
