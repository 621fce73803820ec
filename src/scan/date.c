/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates: a full day, in digits or with the month's name, and what time follows it. Called for every
 * number of up to four digits, or eight. What reads as a date is no phone number or id whether or
 * not dates are asked for.
 */
#include "date_int.h"

static bool year_like(unsigned y, size_t digits)
{
    return digits == 2 || (digits == 4 && y >= 1000 && y <= 2199);
}

/* ":13:55:36", as a web server's log writes it. */
static bool colon_time(struct span t, size_t at)
{
    for (size_t i = at; i < at + 9; i += 3)
        if (peek(t, i) != ':' || !is(peek(t, i + 1), C_DIGIT) || !is(peek(t, i + 2), C_DIGIT))
            return false;
    return !is(peek(t, at + 9), C_WORD);
}

/* "hh:mm[:ss[.fff]]", a "T" or blank before it, a zone after it. */
static size_t time_end(struct span t, size_t at)
{
    size_t i = at, e;
    if (peek(t, i) == ',' && peek(t, i + 1) == ' ')
        i++;
    if (peek(t, i) != 'T' && peek(t, i) != ' ' && peek(t, i) != '_' && !colon_time(t, i))
        return at;
    unsigned h = date_number(t, i + 1, 2, &e);
    if (e == i + 1 || h > 24 || peek(t, e) != ':' || !is(peek(t, e + 1), C_DIGIT))
        return at;
    unsigned m = date_number(t, e + 1, 2, &e);
    if (m > 59)
        return at;
    size_t end = e;
    if (peek(t, end) == ':' && is(peek(t, end + 1), C_DIGIT)) {
        date_number(t, end + 1, 2, &end);
        if ((peek(t, end) == '.' || peek(t, end) == ',') && is(peek(t, end + 1), C_DIGIT))
            end += 1 + digits_at_most(t, end + 1, 9);
    }
    if (peek(t, end) == 'Z')
        return end + 1;
    size_t zone = end + (peek(t, end) == ' ');
    if ((peek(t, zone) == '+' || peek(t, zone) == '-') && is(peek(t, zone + 1), C_DIGIT)) {
        date_number(t, zone + 1, 2, &e);
        if (peek(t, e) == ':')
            e++;
        size_t e2;
        date_number(t, e, 2, &e2);
        if (e2 - zone >= 5)
            return e2;
    }
    return end;
}

static bool border_before(struct span t, size_t at)
{
    uint8_t c = prev(t, at), b = at >= 2 ? t.p[at - 2] : 0;
    if (is(c, C_WORD) || c == '$' || c == '\\')
        return false;
    return !((c == '-' || c == '.' || c == '/' || c == ':') && is(b, C_DIGIT)) &&
           !(c == '-' && is(b, C_LETTER));
}

static bool border_after(struct span t, size_t end)
{
    uint8_t c = peek(t, end), d = peek(t, end + 1);
    if (is(c, C_WORD))
        return false;
    return !((c == '-' || c == '.' || c == '/' || c == ':') && is(d, C_DIGIT));
}

/* y-m-d, d-m-y or m-d-y with one sign. */
static size_t numeric_end(struct span t, size_t at)
{
    size_t e1, e2, e3;
    unsigned a = date_number(t, at, 4, &e1);
    uint8_t sign = peek(t, e1);
    if (sign != '-' && sign != '/' && sign != '.')
        return 0;
    if (peek(t, e1 + 2) != sign && peek(t, e1 + 3) != sign)
        return 0;
    unsigned b = date_number(t, e1 + 1, 2, &e2);
    if (e2 == e1 + 1 || peek(t, e2) != sign)
        return 0;
    unsigned c = date_number(t, e2 + 1, 4, &e3);
    if (e3 == e2 + 1)
        return 0;
    size_t na = e1 - at, nc = e3 - e2 - 1;
    if (sign == '.' && prev(t, at) == '/')
        return 0; /* curl/9.7.10 */
    bool ok = na == 4 ? year_like(a, 4) && nc <= 2 && check_date(a, b, c)
                      : na <= 2 && (nc == 2 || nc == 4) && year_like(c, nc) &&
                            (check_date(c, b, a) || (sign != '.' && check_date(c, a, b)));
    return ok ? e3 : 0;
}

/* ---- months by name ---- */

enum { MONTH_MOST = 24 };

static bool is_month(const struct probe *p, size_t at, size_t end)
{
    if (end <= at || end - at < 3 || end - at > MONTH_MOST)
        return false;
    return cue_is(p->sc->cues, span_cut(p->text, at, end - at), CUE_MONTH) != 0;
}

static size_t letters_end(struct span t, size_t at)
{
    size_t i = at;
    while (i - at < MONTH_MOST && is(peek(t, i), C_LETTER | C_HIGH))
        i++;
    return i;
}

/* Up to three signs of [signs]. */
static size_t skip_signs(struct span t, size_t at, uint64_t signs)
{
    size_t i = at;
    while (i - at < 3 && is_sign(peek(t, i), signs))
        i++;
    return i;
}

/* The signs between a day and its month. */
#define DAY_SIGNS (SIGN(' ') | SIGN('.') | SIGN('-') | SIGN('/'))

/* The same with an ordinal's. */
static size_t skip_day_signs(struct span t, size_t at)
{
    size_t i = at;
    while (i - at < 3 &&
           (is_sign(peek(t, i), DAY_SIGNS) || peek(t, i) == 0xC2 || peek(t, i) == 0xBA)) /* º */
        i++;
    return i;
}

static size_t year_end(struct span t, size_t at)
{
    size_t e, i = at;
    if (peek(t, i) == '\'')
        i++;
    unsigned y = date_number(t, i, 4, &e);
    return e > i && year_like(y, e - i) && !is(peek(t, e), C_WORD) ? e : 0;
}

/* "13 June 2012", "3rd of May, 2001", "02-JUL-2022", "10. August 1999", "5 de mayo de 2020". */
static size_t day_first_end(const struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    size_t i = end, word = letters_end(t, i);
    if (word - i == 2 && strchr("snrte", ascii_lower(t.p[i])))
        i = word; /* 1st 2nd 3rd 4th 1er */
    i = skip_day_signs(t, i);
    word = letters_end(t, i);
    if ((word - i == 2 && (!memcmp(t.p + i, "of", 2) || !memcmp(t.p + i, "de", 2)))) {
        i = skip_signs(t, word, SIGN(' '));
        word = letters_end(t, i);
    }
    if (!is_month(p, i, word) || i == at)
        return 0;
    i = skip_signs(t, word, DAY_SIGNS | SIGN(','));
    word = letters_end(t, i);
    if (word - i == 2 && (!memcmp(t.p + i, "de", 2) || !memcmp(t.p + i, "of", 2)))
        i = skip_signs(t, word, SIGN(' '));
    return year_end(t, i);
}

/* The month's name right before the day: its start, or SIZE_MAX. */
static size_t month_before(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t e = at, signs = 0;
    while (e && signs < 2 && is_sign(t.p[e - 1], DAY_SIGNS))
        e--, signs++;
    size_t s = e;
    while (s && e - s < MONTH_MOST && is(t.p[s - 1], C_LETTER | C_HIGH))
        s--;
    return e < at && is_month(p, s, e) ? s : SIZE_MAX;
}

/* After "June 13": an ordinal's letters, a comma, the year; or a time before it, as `date` prints.
 */
static size_t month_first_end(struct span t, size_t end)
{
    size_t i = end, word = letters_end(t, i), time = time_end(t, end);
    if (time > end && peek(t, time) == ' ')
        return year_end(t, time + 1);
    if (word - i == 2 && strchr("snrt", ascii_lower(t.p[i])))
        i = word;
    i = skip_signs(t, i, SIGN(' ') | SIGN(',') | SIGN('-') | SIGN('/'));
    return i == end ? 0 : year_end(t, i);
}

/* What its form says: 0.8 of digits, 0.9 of a month's name. */
#define DIGITS_ODDS 1.386F
#define NAMED_ODDS  2.197F

/* How likely the date [start, end) is. Most are beyond their threshold whatever stands around, and
 * no word is read. */
static float odds_of(struct probe *p, size_t start, size_t end, float form)
{
    struct span t = p->text;
    bool likely = form >= p->sc->least[ENTITY_DATE_TIME];
    bool dots = peek(t, start + 4) != '-' &&
                span_find(span_cut(t, start, end - start), 0, '.') < end - start;
    if (likely && (!dots || cues_uncounted(p, start)))
        return form;
    if (cues_label(p, start, ENTITY_DATE_TIME) ||
        cues_tier(probe_cues(p, start, end), ENTITY_DATE_TIME) >= CUE_NEAR)
        return likely ? form : form + 1.5F;
    bool counted =
        dots && form < NAMED_ODDS && cues_tier(probe_cues(p, start, end), CUE_COUNTER) == CUE_LABEL;
    return counted ? form - 3.0F : form; /* version 13.10.18 */
}

static size_t report(struct probe *p, size_t start, size_t end, float form)
{
    if (!border_after(p->text, end) && time_end(p->text, end) == end)
        return 0;
    end = time_end(p->text, end);
    scan_emit(p, ENTITY_DATE_TIME, start, end, odds_of(p, start, end, form), 0);
    return end;
}

/* "2012 June 13", "2023-Mar-05": what follows the year. */
static size_t year_first_end(const struct probe *p, size_t end)
{
    struct span t = p->text;
    size_t i = skip_signs(t, end, DAY_SIGNS), w = letters_end(t, i), e;
    if (!is_month(p, i, w))
        return 0;
    i = skip_signs(t, w, DAY_SIGNS);
    unsigned day = date_number(t, i, 2, &e);
    return e > i && day >= 1 && day <= 31 && !is(peek(t, e), C_WORD) ? e : 0;
}

/* A day as it is written in one part of the world at the digits [at, end). */
static size_t world_read(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    struct date_world d =
        end - at == 4 ? date_world_of_year(t, at, end) : date_world_of_day(t, at, end);
    return d.end && border_before(t, d.start) ? report(p, d.start, d.end, NAMED_ODDS) : 0;
}

/* "dob 3 4 87": blanks part the numbers, and only its own label right before makes them a day. */
static size_t blanks_read(struct probe *p, size_t at, size_t end)
{
    size_t last = date_world_blanks(p->text, at, end);
    if (!last || cues_tier(probe_cues(p, at, last), ENTITY_DATE_TIME) != CUE_LABEL)
        return 0;
    return report(p, at, last, DIGITS_ODDS);
}

/* Four digits of a year, or up to two of a day, with what may be words beside them. */
static size_t world_or_blanks(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    uint8_t sign = peek(t, end), behind = peek(t, end + 1);
    bool dotted = sign == '.' && behind == ' ' && is(peek(t, end + 2), C_DIGIT);
    bool words =
        is(sign, C_HIGH) || (sign == ' ' && (is(behind, C_HIGH) || (behind | 0x20) == 't'));
    if (dotted || words || (sign == '-' && behind == 'W'))
        return world_read(p, at, end);
    return end - at <= 2 && sign == ' ' && is(behind, C_DIGIT) ? blanks_read(p, at, end) : 0;
}

size_t date_in_words(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    size_t last, month;
    unsigned n = date_number(t, at, 4, &last);
    if (end - at > 4 || n < 1 || (end - at == 4 && !year_like(n, 4)) || !border_before(t, at))
        return 0;
    last = world_or_blanks(p, at, end);
    if (last || (end - at < 4 && n > 31))
        return last;
    bool behind = is(peek(t, skip_day_signs(t, end)), C_LETTER | C_HIGH);
    if (end - at == 4) {
        last = behind ? year_first_end(p, end) : 0;
        return last ? report(p, at, last, NAMED_ODDS) : 0;
    }
    last = behind ? day_first_end(p, at, end) : 0;
    if (last)
        return report(p, at, last, NAMED_ODDS);
    month = month_before(p, at);
    last = month == SIZE_MAX ? 0 : month_first_end(t, end);
    return last ? report(p, month, last, NAMED_ODDS) : 0;
}

size_t date_of_reign(struct probe *p, size_t at)
{
    size_t start = at - 1, last = date_world_reign(p->text, at);
    if (!last || cues_tier(probe_cues(p, start, last), ENTITY_DATE_TIME) != CUE_LABEL)
        return 0;
    return report(p, start, last, DIGITS_ODDS);
}

size_t date_in_digits(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t end = at, last;
    while (end - at < 5 && is(peek(t, end), C_DIGIT))
        end++;
    if (end - at == 3 || end - at > 4 || !border_before(t, at) || (last = numeric_end(t, at)) == 0)
        return 0;
    return report(p, at, last, DIGITS_ODDS);
}

/* Are eight digits a day: y-m-d, d-m-y or m-d-y? */
static bool is_day(unsigned digits)
{
    unsigned first = digits / 1000000, second = digits / 10000 % 100, year = digits % 10000;
    if (year_like(digits / 10000, 4) && check_date(digits / 10000, year / 100, year % 100))
        return true;
    return year_like(year, 4) &&
           (check_date(year, second, first) || check_date(year, first, second));
}

size_t date_of_eight(struct probe *p, size_t at)
{
    enum { DAY_DIGITS = 8 };
    size_t end;
    unsigned digits = date_number(p->text, at, DAY_DIGITS, &end);
    if (end != at + DAY_DIGITS || !is_day(digits) || !border_before(p->text, at) ||
        !border_after(p->text, end))
        return 0;
    if (!cues_label(p, at, ENTITY_DATE_TIME) &&
        cues_tier(probe_cues(p, at, end), ENTITY_DATE_TIME) != CUE_LABEL)
        return 0;
    scan_emit(p, ENTITY_DATE_TIME, at, end, DIGITS_ODDS, 0);
    return end;
}

/* ---- ages ---- */

/* "age: 34", "aged 34", "\"edad\": 34": the word right before says age. Numbers this small are
 * everywhere, so the cues are not read for them. */
static bool age_label(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t e = at;
    while (e && at - e < 4 && memchr(" :=\"'", t.p[e - 1], 5))
        e--;
    size_t s = e;
    while (s && e - s < 12 && is(t.p[s - 1], C_LETTER))
        s--;
    if (s >= 3 && (t.p[s - 1] == '-' || t.p[s - 1] == '_') &&
        (t.p[s - 1] == '-' || is(t.p[s], C_UPPER) ||
         span_is(span_cut(t, s - 3 - (s > 3), 3), "max")))
        return false; /* max-age, FLAG_AGE: nobody's */
    return e < at && e - s >= 3 && e - s < 12 &&
           cue_is(p->sc->cues, span_cut(t, s, e - s), ENTITY_AGE);
}

static bool age_unit(struct span word)
{
    static const char *const units[] = {"years", "year", "yrs",   "yr",   "yo",   "y",
                                        "ans",   "años", "Jahre", "anni", "anos", "jaar"};
    if (!word.n || !memchr("yaj", ascii_lower(word.p[0]), 3))
        return false;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        if (span_eq_nocase(word, span_str(units[k])))
            return true;
    return false;
}

size_t age_read(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    size_t digits;
    unsigned n = date_number(t, at, 4, &digits);
    if (digits != end || digits - at > 3 || n < 1 || n > 120 || !probe_wants(p, ENTITY_AGE))
        return 0;
    if (is(peek(t, end), C_WORD) || peek(t, end) == '%' || peek(t, end) == ':' ||
        (peek(t, end) == '.' && is(peek(t, end + 1), C_DIGIT)) || peek(t, end) == '/')
        return 0;
    size_t i = skip_signs(t, end, SIGN(' ') | SIGN('-')), w = letters_end(t, i);
    bool unit = w - i <= 6 && age_unit(span_cut(t, i, w - i));
    size_t j = skip_signs(t, w, SIGN(' ') | SIGN('-'));
    bool old = unit && (span_eq_nocase(span_cut(t, j, 3), SPAN_LIT("old")) ||
                        span_eq_nocase(span_cut(t, j, 3), SPAN_LIT("alt")) || w - i == 2);
    bool label = age_label(p, at);
    /* "Anna Smith, 34, of …": a number between commas after a capitalised word. */
    bool apposed = prev(t, at) == ' ' && at >= 3 && t.p[at - 2] == ',' && peek(t, end) == ',' &&
                   peek(t, end + 1) == ' ' && is(t.p[at - 3], C_LETTER | C_HIGH) && n >= 16 &&
                   n <= 99;
    if (apposed) {
        size_t s = at - 2;
        while (s && is(t.p[s - 1], C_LETTER | C_HIGH) && at - s < 24)
            s--;
        apposed = is(t.p[s], C_UPPER) && is(t.p[s + 1], C_LETTER | C_HIGH) &&
                  (s == 0 || t.p[s - 1] == ' ' || t.p[s - 1] == '\n') &&
                  is(peek(t, end + 2), C_LETTER) && !unit;
    }
    if (!old && !label && !apposed)
        return 0;
    scan_emit(p, ENTITY_AGE, at, end, apposed && !old && !label ? 0.9F : 2.0F, 0);
    return end;
}
