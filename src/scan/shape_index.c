/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of shape.def and its index: by the class and length of a value's first run of digits or
 * letters, and what follows it, the rows that can fit. Made once per scanner; rows that cannot
 * reach their threshold with all that cues add are left out.
 */
#include "shape_row_int.h"

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

const struct shape shape_rows[SHAPES] = {
#define SHAPE(entity, shape, base, check, proof, marks)                                            \
    {ENTITY_##entity, shape, base, check_##check, proof, marks},
#include "shape.def"
#undef SHAPE
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

/* The same of letters; SECOND_SMALL where one of them may be small. */
static uint32_t letter_lengths(const char *rest)
{
    uint32_t set = 0;
    if (!*rest)
        return UINT32_MAX;
    for (size_t n = 0; n < RUN_MAX && *rest; rest++) {
        if (*rest == '-' || *rest == '?')
            continue;
        if (!element_fits(*rest, true))
            break;
        n++;
        set |= (uint32_t)fits_small(*rest) << SECOND_SMALL;
        struct after_run a = after_run(rest + 1);
        if (!*a.rest || a.may || element_fits(*a.rest, false))
            set |= (uint32_t)1 << n;
    }
    return set;
}

static const char signs[SIGNS + 1] = " -./+";

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

/* A shape without signs has so many digits and letters; all bits where it may have some. */
static uint32_t letters_of_shape(const char *shape)
{
    size_t n = 0;
    while (is_element(shape[n]))
        n++;
    return shape[n] ? UINT32_MAX : (uint32_t)1 << n;
}

static void row_add(struct shape_index *x, struct rows *to, size_t shape, uint32_t third)
{
    const char *s = shape_rows[shape].shape;
    if (x->rows_n == LISTED)
        return;
    x->row[x->rows_n++] = (struct listed_row){third, letters_of_shape(s), (uint16_t)shape,
                                              is((uint8_t)*s, C_UPPER | C_DIGIT) ? (uint8_t)*s : 0};
    to->n++;
}

/* Of the rows with a first run of n, those that go on with so many digits. */
static void digits_make(struct shape_index *x, const struct beginnings *b, unsigned kind, size_t n,
                        size_t second)
{
    struct rows all = x->run[kind][n][kind == RUN_DIGITS ? FOLLOW_DIGIT : FOLLOW_WORD];
    x->digits[kind][n][second].first = (uint16_t)x->rows_n;
    for (size_t i = all.first; i < (size_t)all.first + all.n; i++) {
        const struct beginning *from = &b[x->row[i].shape].v[kind][n];
        if (from->digits >> second & 1)
            row_add(x, &x->digits[kind][n][second], x->row[i].shape,
                    kind == RUN_DIGITS ? third_behind(from->rest, second) : UINT32_MAX);
    }
}

/* What a row asks of the second run where `f` follows the first. */
static uint32_t second_lengths(const struct beginning *b, unsigned kind, enum follow f)
{
    if (f == FOLLOW_DIGIT && kind != RUN_DIGITS)
        return b->digits;
    if (f == FOLLOW_LETTER && kind == RUN_DIGITS)
        return letter_lengths(after_run(b->rest).rest);
    return UINT32_MAX;
}

static void rows_make(struct shape_index *x, const struct beginnings *b)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (size_t n = 1; n < RUN_MAX; n++)
            for (unsigned f = 0; f < FOLLOWS; f++) {
                x->run[kind][n][f].first = (uint16_t)x->rows_n;
                for (size_t i = 0; i < SHAPES; i++)
                    if (b[i].v[kind][n].follow >> f & 1)
                        row_add(x, &x->run[kind][n][f], i,
                                second_lengths(&b[i].v[kind][n], kind, (enum follow)f));
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
    bool fit = true;
    for (size_t i = 0; i < SHAPES; i++) {
        size_t n = strlen(shape_rows[i].shape);
        fit = fit && n <= SHAPE_MAX;
        memcpy(x->shape[i], shape_rows[i].shape, n <= SHAPE_MAX ? n : 0);
        if (may_reach(s, &shape_rows[i]))
            begin(x, shape_rows[i].shape, &b[i]);
        x->odds[i] = score_logit(shape_rows[i].base) + shape_rows[i].proof;
    }
    rows_make(x, b);
    free(b);
    *out = x;
    return fit && x->rows_n < LISTED ? OK : err(ERR_BUG);
}

void shape_index_free(struct shape_index *x)
{
    free(x);
}
