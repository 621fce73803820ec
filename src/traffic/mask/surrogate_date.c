/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for dates: all of a principal's are moved back by the same number of whole weeks, so
 * that weekdays, distances and order stay true. Read are day, month and year in one of the common
 * orders, the month as a number or an English word; a time of day behind them stays. A date without
 * a year or with two digits of it gets a token.
 */
#include "surrogate_int.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = 3, WEEKS_MIN = 2, WEEKS = 45 };

struct part {
    size_t at, n; /* bytes of the value */
    unsigned v;
    bool word;
};

struct date {
    struct part p[PARTS];
    unsigned day, month, year; /* indexes of p */
};

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

/* 1..12, or 0. A word of three letters and more that begins a month's name. */
static unsigned month_of(struct span word)
{
    if (span_eq_nocase(word, SPAN_LIT("sept")))
        return 9;
    for (unsigned m = 0; m < 12; m++) {
        struct span name = span_str(months[m]);
        if (span_eq_nocase(word, name) ||
            (word.n == 3 && span_eq_nocase(word, span_cut(name, 0, 3))))
            return m + 1;
    }
    return 0;
}

/* The next number or month at or behind *at; other words (weekdays, "of", "th") are passed over. */
static bool next_part(struct span v, size_t *at, struct part *p)
{
    while (*at < v.n) {
        size_t from = *at, end = from;
        bool digits = ascii_is_digit(v.p[from]), letters = ascii_is_letter(v.p[from]);
        while (end < v.n &&
               (digits ? ascii_is_digit(v.p[end]) : letters && ascii_is_letter(v.p[end])))
            end++;
        *at = end > from ? end : from + 1;
        *p = (struct part){.at = from, .n = end - from, .word = letters};
        if (letters)
            p->v = month_of(span_cut(v, from, end - from));
        for (size_t i = from; digits && i < end && end - from <= 4; i++)
            p->v = p->v * 10 + v.p[i] - '0';
        if (digits || p->v)
            return true;
    }
    return false;
}

static bool is_year(const struct part *p)
{
    return !p->word && p->n == 4 && p->v >= 1000;
}

/* Which part is what. With numbers alone: 2024-03-09; 03/09/2024 is in March, 9.3.2024 and 9-3-2024
 * likewise; the other way round where there is no such month. */
static bool find_order(struct span v, struct date *d)
{
    const struct part *p = d->p;
    d->year = is_year(&p[0]) ? 0 : 2;
    if (!is_year(&p[d->year]))
        return false;
    unsigned first = d->year == 0 ? 1 : 0, second = first + 1;
    bool month_first = d->year == 0 || v.p[p[0].at + p[0].n] == '/';
    if (p[first].word || p[second].word)
        month_first = p[first].word;
    else if (d->year == 2 && p[month_first ? first : second].v > 12)
        month_first = !month_first;
    d->month = month_first ? first : second;
    d->day = month_first ? second : first;
    return true;
}

static bool read_date(struct span v, struct date *d)
{
    size_t at = 0;
    for (unsigned i = 0; i < PARTS; i++)
        if (!next_part(v, &at, &d->p[i]))
            return false;
    if (!find_order(v, d))
        return false;
    const struct part *day = &d->p[d->day], *month = &d->p[d->month];
    return !day->word && day->n <= 2 && day->v >= 1 && day->v <= 31 && month->v >= 1 &&
           month->v <= 12 && (month->word || month->n <= 2);
}

/* ---- the calendar: days since 1970-01-01 ---- */

static long days_from(long y, unsigned m, unsigned day)
{
    y -= m <= 2;
    long era = y / 400;
    unsigned yoe = (unsigned)(y - era * 400),
             doy = (153 * (m + (m > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
    return era * 146097 + (long)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

static void civil_from(long z, unsigned *y, unsigned *m, unsigned *day)
{
    z += 719468;
    long era = z / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (unsigned)(yoe + era * 400 + (*m <= 2));
}

/* ---- writing ---- */

static const char *ordinal(unsigned day)
{
    unsigned last = day / 10 == 1 ? 0 : day % 10;
    return last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
}

/* "th" right behind the day. */
static bool has_ordinal(struct span v, const struct part *day)
{
    size_t at = day->at + day->n;
    struct span s = span_cut(v, at, 2);
    bool ends = at + 2 >= v.n || !ascii_is_letter(v.p[at + 2]);
    return ends && (span_eq_nocase(s, SPAN_LIT("st")) || span_eq_nocase(s, SPAN_LIT("nd")) ||
                    span_eq_nocase(s, SPAN_LIT("rd")) || span_eq_nocase(s, SPAN_LIT("th")));
}

static size_t put_part(struct span v, const struct date *d, unsigned i, unsigned value, bool pad,
                       uint8_t *out)
{
    const struct part *p = &d->p[i];
    if (!p->word)
        return (size_t)snprintf((char *)out, 16,
                                i == d->year ? "%04u"
                                : pad        ? "%02u"
                                             : "%u",
                                value);
    const char *name = months[value - 1];
    size_t n = p->n <= 4 && p->n < strlen(months[p->v - 1]) ? 3 : strlen(name);
    memcpy(out, name, n);
    surrogate_dress(span_cut(v, p->at, p->n), out, n);
    return n;
}

size_t surrogate_date(struct dice *d, struct span v, uint8_t *out)
{
    struct date t;
    if (v.n > SURROGATE_MAX / 2 || !read_date(v, &t))
        return 0;
    struct dice weeks = {.k = d->k, .what = SPAN_LIT("weeks"), .attempt = d->attempt};
    long back = 7 * (long)(surrogate_roll(&weeks, WEEKS) + WEEKS_MIN);
    unsigned value[PARTS];
    civil_from(days_from((long)t.p[t.year].v, t.p[t.month].v, t.p[t.day].v) - back, &value[t.year],
               &value[t.month], &value[t.day]);
    const struct part *day = &t.p[t.day], *month = &t.p[t.month];
    bool pad = day->n == 2 && (month->word ? day->v < 10 : month->n == 2);
    size_t n = 0, at = 0;
    for (unsigned i = 0; i < PARTS; i++) {
        memcpy(out + n, v.p + at, t.p[i].at - at);
        n += t.p[i].at - at;
        n += put_part(v, &t, i, value[i], pad, out + n);
        at = t.p[i].at + t.p[i].n;
        if (i == t.day && has_ordinal(v, day)) {
            memcpy(out + n, ordinal(value[i]), 2);
            n += 2;
            at += 2;
        }
    }
    memcpy(out + n, v.p + at, v.n - at);
    n += v.n - at;
    for (size_t i = 0; i < n; i++)
        if (out[i] < ' ' || out[i] >= 0x7f || memchr("\"\\<>", out[i], 4))
            return 0;
    return n;
}
