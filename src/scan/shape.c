/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table-driven recogniser: ids and numbers of one country that have a fixed shape (shape.def).
 * Called once per word with a digit. Rows are found by the class and length of the value's first
 * run of digits or letters, so that a word costs only the rows that can fit; without a cue most
 * rows cannot reach their threshold, and those are not even compared.
 */
#include "scan_int.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

static bool check_none(struct span v)
{
    (void)v;
    return true;
}

/* Without a cue only one with letters: the maker's part has some, other long numbers have none. */
static bool check_vin_letters(struct span v)
{
    for (size_t i = 0; i < v.n; i++)
        if (is(v.p[i], C_LETTER))
            return check_vin(v);
    return false;
}

struct shape {
    uint8_t entity;
    const char *shape;
    float base;
    bool (*check)(struct span);
    float proof, marks;
};

static const struct shape shapes[] = {
#define SHAPE(entity, shape, base, check, proof, marks)                                            \
    {ENTITY_##entity, shape, base, check_##check, proof, marks},
#include "shape.def"
#undef SHAPE
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], RUN_MAX = 20, LISTED = SHAPES * 64 };

/* What the first run is made of. Most shapes have capitals only, most words do not. */
enum kind { RUN_DIGITS, RUN_CAPITALS, RUN_LETTERS /* some of them small */, KINDS };

/* What stands behind the first run. */
enum follow {
    FOLLOW_END,    /* nothing that could belong to the value */
    FOLLOW_WORD,   /* a capital or digit at once */
    FOLLOW_LOWER,  /* a small letter at once */
    FOLLOW_DIGIT,  /* a sign, then a digit */
    FOLLOW_LETTER, /* a sign, then a capital */
    FOLLOW_SMALL,  /* a sign, then a small letter */
    FOLLOWS,
};

struct rows {
    uint16_t first, n;
};

/* The signs that digits may stand behind, and how many digits a bitmap of lengths tells apart. */
enum { SIGNS = 5, NO_THIRD = 0, THIRD_LETTER = 31 };

struct shape_index {
    /* behind so many digits, a sign and so many more: how many digits may follow behind a further
     * sign (a bit each, RUN_MAX more, NO_THIRD none), or whether a letter may */
    uint32_t third[SIGNS][RUN_MAX][RUN_MAX + 1];
    /* rows whose first run may be `n` of a kind, by what follows; for digits behind digits, or at
     * once behind letters, also by how many those are */
    struct rows run[KINDS][RUN_MAX][FOLLOWS], digits[KINDS][RUN_MAX][RUN_MAX + 1];
    uint16_t row[LISTED];
    /* of a row in `digits` behind a sign, what it says of `third`; of others all bits */
    uint32_t row_third[LISTED];
    size_t rows_n;
    float odds[SHAPES]; /* of a match with everything but cues: the most it can have */
};

/* Can the element stand for a digit, or for a letter? */
static bool element_fits(char e, bool letter)
{
    if (e == 'd' || is((uint8_t)e, C_DIGIT))
        return !letter;
    if (e == 'u' || e == 'a' || is((uint8_t)e, C_UPPER))
        return letter;
    return e == 'x' || e == 'n';
}

/* For a small letter? */
static bool fits_small(char e)
{
    return e == 'a' || e == 'n';
}

static bool is_element(char e)
{
    return element_fits(e, false) || element_fits(e, true);
}

/* What of a shape stands behind a run: signs there may or must be, then the rest. */
struct after_run {
    const char *rest;
    bool may, must;
};

static struct after_run after_run(const char *shape)
{
    struct after_run a = {shape, false, false};
    for (; *a.rest && !is_element(*a.rest); a.rest++) {
        a.may = true;
        a.must = a.must || (*a.rest != '-' && *a.rest != '?');
    }
    return a;
}

/* May what is left of a shape behind its first run go on like this? */
static bool follow_fits(const struct after_run *a, bool letters, enum follow follow)
{
    char e = *a->rest;
    switch (follow) {
    case FOLLOW_WORD:
        return e && !a->must && element_fits(e, !letters);
    case FOLLOW_LOWER:
        return e && !a->must && !letters && fits_small(e);
    case FOLLOW_DIGIT:
        return !e || (a->may && element_fits(e, false));
    case FOLLOW_LETTER:
        return !e || (a->may && element_fits(e, true));
    case FOLLOW_SMALL:
        return !e || (a->may && fits_small(e));
    default:
        return !e;
    }
}

/* How one shape may begin: behind a first run of n, what may follow (a bit each), and how many
 * digits where digits do (a bit each, RUN_MAX stands for more too). */
struct beginnings {
    struct beginning {
        uint8_t follow;
        uint32_t digits;
        const char *rest; /* of the shape */
    } v[KINDS][RUN_MAX];
};

/* The lengths that a run of digits in the text may have where `rest` begins to match. */
static uint32_t digit_lengths(const char *rest)
{
    uint32_t set = 0;
    if (!*rest)
        return UINT32_MAX; /* the shape is over */
    for (size_t n = 0; n < RUN_MAX && *rest; rest++) {
        if (*rest == '-' || *rest == '?')
            continue;
        if (!element_fits(*rest, false))
            break;
        n++;
        struct after_run a = after_run(rest + 1);
        if (!*a.rest || a.may || element_fits(*a.rest, true))
            set |= (uint32_t)1 << n;
    }
    return set;
}

static const char signs[SIGNS + 1] = " -./+";

static size_t sign_number(uint8_t c)
{
    return c == ' ' ? 0 : c == '-' ? 1 : c == '.' ? 2 : c == '/' ? 3 : 4;
}

/* May the sign stand in the text behind the run that `rest` follows? Where the shape is over,
 * ends_well lets only these two pass. */
static bool sign_fits(const char *rest, char sign)
{
    switch (*rest) {
    case '\0':
        return sign == ' ' || sign == '/';
    case '-':
    case '_':
        return sign != '+';
    case '?':
        return sign == ' ' || sign == '-';
    default:
        return *rest == sign;
    }
}

/* What may follow where the shape goes on with `rest` behind a second run: struct shape_index. */
static uint32_t third_lengths(const char *rest)
{
    struct after_run a = after_run(rest);
    if (!*a.rest)
        return UINT32_MAX;
    uint32_t set = element_fits(*a.rest, true) ? (uint32_t)1 << THIRD_LETTER : 0;
    return a.may ? set | digit_lengths(a.rest) : set;
}

/* The same where it goes on with `rest` behind the first run, and the second has n digits. */
static uint32_t third_behind(const char *rest, size_t n)
{
    struct after_run a = after_run(rest);
    uint32_t set = *a.rest ? 0 : UINT32_MAX;
    size_t second = 0;
    for (const char *r = a.rest; second < n && *r; r++) {
        if (*r == '-' || *r == '?')
            continue;
        if (!element_fits(*r, false))
            break;
        if (++second == n)
            set |= third_lengths(r + 1);
    }
    return set;
}

/* Note what may stand behind a first run of n digits and a sign; `rest` is the shape's. */
static void third_add(struct shape_index *x, const char *rest, size_t n)
{
    for (size_t s = 0; s < SIGNS; s++)
        for (size_t k = 0; sign_fits(rest, signs[s]) && k <= RUN_MAX; k++)
            x->third[s][n][k] |= third_behind(rest, k);
}

static void begin(struct shape_index *x, const char *shape, struct beginnings *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        const char *s = shape;
        bool small = kind != RUN_LETTERS; /* one of them must stand for a small letter */
        for (size_t n = 1; n < RUN_MAX && *s; s++) {
            if (*s == '-' || *s == '?')
                continue;
            if (!element_fits(*s, kind != RUN_DIGITS))
                break;
            small = small || fits_small(*s);
            struct after_run a = after_run(s + 1);
            for (unsigned f = 0; f < FOLLOWS; f++)
                if (small && follow_fits(&a, kind != RUN_DIGITS, (enum follow)f))
                    out->v[kind][n].follow |= (uint8_t)(1U << f);
            if (kind == RUN_DIGITS)
                third_add(x, s + 1, n);
            out->v[kind][n].rest = s + 1;
            out->v[kind][n++].digits = digit_lengths(a.rest);
        }
    }
}

/* With all that signs and cues can add. */
static bool may_reach(const struct scanner *s, const struct shape *row)
{
    float most = score_logit(row->base) + row->proof + fmaxf(row->marks, 0) + CUE_WEIGHT_MAX;
    return scan_set_has(&s->wanted, row->entity) && most >= s->least[row->entity];
}

static void row_add(struct shape_index *x, struct rows *to, size_t shape, uint32_t third)
{
    if (x->rows_n == LISTED)
        return;
    x->row_third[x->rows_n] = third;
    x->row[x->rows_n++] = (uint16_t)shape;
    to->n++;
}

/* Of the rows with a first run of n, those that go on with so many digits. */
static void digits_make(struct shape_index *x, const struct beginnings *b, unsigned kind, size_t n,
                        size_t second)
{
    struct rows all = x->run[kind][n][kind == RUN_DIGITS ? FOLLOW_DIGIT : FOLLOW_WORD];
    x->digits[kind][n][second].first = (uint16_t)x->rows_n;
    for (size_t i = all.first; i < (size_t)all.first + all.n; i++) {
        const struct beginning *from = &b[x->row[i]].v[kind][n];
        if (from->digits >> second & 1)
            row_add(x, &x->digits[kind][n][second], x->row[i],
                    kind == RUN_DIGITS ? third_behind(from->rest, second) : UINT32_MAX);
    }
}

static void rows_make(struct shape_index *x, const struct beginnings *b)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (size_t n = 1; n < RUN_MAX; n++)
            for (unsigned f = 0; f < FOLLOWS; f++) {
                x->run[kind][n][f].first = (uint16_t)x->rows_n;
                for (size_t i = 0; i < SHAPES; i++)
                    if (b[i].v[kind][n].follow >> f & 1)
                        row_add(x, &x->run[kind][n][f], i, UINT32_MAX);
            }
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (size_t n = 1; n < RUN_MAX; n++)
            for (size_t second = 1; second <= RUN_MAX; second++)
                digits_make(x, b, kind, n, second);
}

struct err shape_index_new(const struct scanner *s, struct shape_index **out)
{
    struct shape_index *x = calloc(1, sizeof *x);
    struct beginnings *b = calloc(SHAPES, sizeof *b);
    if (!x || !b) {
        free(x);
        free(b);
        return err(ERR_NOMEM);
    }
    for (size_t i = 0; i < SHAPES; i++) {
        if (may_reach(s, &shapes[i]))
            begin(x, shapes[i].shape, &b[i]);
        x->odds[i] = score_logit(shapes[i].base) + shapes[i].proof;
    }
    rows_make(x, b);
    free(b);
    *out = x;
    return x->rows_n < LISTED ? OK : err(ERR_BUG);
}

void shape_index_free(struct shape_index *x)
{
    free(x);
}

struct match {
    uint8_t value[40]; /* digits and letters, upper case */
    size_t n, end;
    bool marks, letters;
};

static bool sign(uint8_t c)
{
    return c == ' ' || c == '-' || c == '.' || c == '/';
}

/* One element against the text at *at; advances. `mark` is the sign of the shape's separators: 0
 * not yet met, 1 none. */
static bool element_match(char e, struct span t, size_t *at, uint8_t *mark, struct match *m)
{
    uint8_t c = peek(t, *at);
    bool fits;
    switch (e) {
    case '-':
        if (*mark > 1 ? c == *mark : *mark == 0 && sign(c)) {
            *mark = c;
            ++*at;
            return true;
        }
        if (*mark > 1)
            return false;
        *mark = 1;
        return true;
    case '_':
        if (!sign(c) || (*mark && c != *mark))
            return false;
        *mark = c;
        ++*at;
        return true;
    case '?':
        if (c == ' ' || c == '-') {
            m->marks = true;
            ++*at;
        }
        return true;
    case 'd':
        fits = is(c, C_DIGIT);
        break;
    case 'u':
        fits = is(c, C_UPPER);
        break;
    case 'a':
        fits = is(c, C_LETTER);
        break;
    case 'x':
        fits = is(c, C_UPPER | C_DIGIT);
        break;
    case 'n':
        fits = is(c, C_WORD);
        break;
    default:
        fits = c == (uint8_t)e;
        if (fits && !is(c, C_WORD)) {
            m->marks = true;
            ++*at;
            return true;
        }
    }
    if (!fits || m->n == sizeof m->value)
        return false;
    m->letters = m->letters || is(c, C_LETTER);
    m->value[m->n++] = is(c, C_LOWER) ? (uint8_t)(c - 32) : c;
    ++*at;
    return true;
}

static bool shape_match(const char *shape, struct span t, size_t at, struct match *m)
{
    uint8_t mark = 0;
    m->n = 0;
    m->marks = m->letters = false;
    for (; *shape; shape++)
        if (*shape == 'd' && is(peek(t, at), C_DIGIT) && m->n < sizeof m->value)
            m->value[m->n++] = t.p[at++]; /* most are that */
        else if (!element_match(*shape, t, &at, &mark, m))
            return false;
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

static enum follow follow_of(struct span t, size_t at)
{
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    if (is(c, C_WORD))
        return is(c, C_LOWER) ? FOLLOW_LOWER : FOLLOW_WORD;
    if (!sign(c) && c != '+')
        return FOLLOW_END;
    return is(d, C_DIGIT)   ? FOLLOW_DIGIT
           : is(d, C_UPPER) ? FOLLOW_LETTER
           : is(d, C_LOWER) ? FOLLOW_SMALL
                            : FOLLOW_END;
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
    size_t n = 0;
    if (follow != FOLLOW_DIGIT)
        return follow == FOLLOW_END ? NO_THIRD : THIRD_LETTER;
    while (n < RUN_MAX && is(peek(t, at + 1 + n), C_DIGIT))
        n++;
    return (unsigned)n;
}

/* The rows to compare at `at`; of them those may match that have a bit of *third in row_third. */
static struct rows rows_for(const struct shape_index *x, struct span t, size_t at, uint32_t *third)
{
    unsigned class = is(t.p[at], C_DIGIT) ? C_DIGIT : C_LETTER, seen = 0;
    size_t end = at, n = 0;
    *third = UINT32_MAX;
    for (; end - at < RUN_MAX && is(peek(t, end), class); end++)
        seen |= scan_classes[t.p[end]];
    if (end == at || end - at >= RUN_MAX)
        return (struct rows){0, 0};
    enum follow follow = follow_of(t, end);
    enum kind kind = class == C_DIGIT ? RUN_DIGITS : seen & C_LOWER ? RUN_LETTERS : RUN_CAPITALS;
    bool sign = kind == RUN_DIGITS; /* between the first run and the digits behind it */
    if (follow != (sign ? FOLLOW_DIGIT : FOLLOW_WORD))
        return x->run[kind][end - at][follow];
    while (n < RUN_MAX && is(peek(t, end + sign + n), C_DIGIT))
        n++;
    *third = sign ? (uint32_t)1 << third_run(t, end + 1 + n) : UINT32_MAX;
    if (sign && !(x->third[sign_number(t.p[end])][end - at][n] & *third))
        return (struct rows){0, 0};
    return x->digits[kind][end - at][n];
}

bool shape_none(const struct shape_index *x, size_t digits)
{
    const struct rows *run = x->run[RUN_DIGITS][digits];
    return !run[FOLLOW_END].n && !run[FOLLOW_SMALL].n;
}

#define LISTED_ODDS 4.5F
/* The log-odds of a match as this row's entity, -HUGE_VALF when it is none or cannot reach the
 * threshold. Whichever is known or cheap says no first: the words around, once they were read, else
 * the check digits. */
static float row_odds(struct probe *p, size_t row, size_t at, const struct match *m, float *said)
{
    const struct shape *s = &shapes[row];
    float odds = p->sc->shapes->odds[row] + (m->marks ? s->marks : 0);
    float least = p->sc->least[s->entity];
    bool known = p->cue_start == at && p->cue_end == m->end;
    if (odds + CUE_WEIGHT_MAX < least)
        return -HUGE_VALF;
    bool listed = probe_lists(p, (enum entity)s->entity, at);
    bool strong = !known && !listed && odds + CUE_WEAK_MAX < least; /* only a strong word helps */
    if (strong && !column_may(p->text, at) && !(cues_may(p, at, m->end) & SAYS_TYPE))
        return -HUGE_VALF;
    if (!known && !s->check(span(m->value, m->n)))
        return -HUGE_VALF;
    if (strong && !(cues_may(p, at, m->end) & SAYS_TYPE))
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
        if (x->row_third[i] & third && shape_match(shapes[x->row[i]].shape, p->text, at, &m) &&
            ends_well(p->text, at, &m))
            return false;
    return true;
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
    for (size_t i = rows.first; i < (size_t)rows.first + rows.n; i++) {
        const struct shape *s = &shapes[x->row[i]];
        if (!(x->row_third[i] & third))
            continue;
        if (s->shape != read) {
            read = s->shape;
            fits = shape_match(read, t, at, &m) && m.end >= end && ends_well(t, at, &m);
        }
        if (!fits)
            continue;
        float said, odds = row_odds(p, x->row[i], at, &m, &said);
        if (odds == -HUGE_VALF || (said < 2 && unlikely(p, at, &m)))
            continue;
        if (scan_emit(p, (enum entity)s->entity, at, m.end, odds, 0))
            probe_list(p, (enum entity)s->entity, at, m.end);
        if (m.end > took)
            took = m.end;
    }
    return took;
}
