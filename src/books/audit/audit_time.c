/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil time from and to nanoseconds, without locale and time zone tables. Called for every record
 * and costs about 20 ns.
 */
#include "audit_time.h"

#define SECOND UINT64_C(1000000000)
#define DAY    UINT64_C(86400)

/* Digits of v, exactly `width` of them. */
static void put_digits(struct wr *w, uint64_t v, unsigned width)
{
    uint8_t digits[9];
    for (unsigned i = width; i-- > 0; v /= 10)
        digits[i] = (uint8_t)('0' + v % 10);
    wr_put(w, span(digits, width));
}

/* Days since 1970-01-01 to year, month (1..12), day; the year is counted from 1 March of year 0, in
 * eras of 400 years of 146,097 days. */
static void civil(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    uint64_t z = days + 719468;
    uint64_t era = z / 146097, doe = z % 146097;
    uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = (unsigned)(era * 400 + yoe + (*month <= 2));
}

static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
    uint64_t y = year - (month <= 2);
    uint64_t yoe = y % 400, mp = (month + 9) % 12;
    uint64_t doy = (153 * mp + 2) / 5 + day - 1;
    return y / 400 * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void audit_time_put(struct wr *w, uint64_t ns)
{
    uint64_t seconds = ns / SECOND;
    unsigned year, month, day;
    civil(seconds / DAY, &year, &month, &day);
    put_digits(w, year, 4);
    wr_u8(w, '-');
    put_digits(w, month, 2);
    wr_u8(w, '-');
    put_digits(w, day, 2);
    wr_u8(w, 'T');
    put_digits(w, seconds % DAY / 3600, 2);
    wr_u8(w, ':');
    put_digits(w, seconds % 3600 / 60, 2);
    wr_u8(w, ':');
    put_digits(w, seconds % 60, 2);
    wr_u8(w, '.');
    put_digits(w, ns % SECOND, 9);
    wr_u8(w, 'Z');
}

/* `width` digits at *at, moving it; -1 when there are not so many. */
static long get_digits(struct span s, size_t *at, size_t width)
{
    struct span d = span_cut(s, *at, width);
    long v = 0;
    for (size_t i = 0; i < d.n; i++) {
        if (d.p[i] < '0' || d.p[i] > '9')
            return -1;
        v = v * 10 + d.p[i] - '0';
    }
    *at += width;
    return d.n == width ? v : -1;
}

/* Numbers of two digits, each after its separator: "-11-21" by "--". */
static bool get_fields(struct span s, size_t *at, const char *separators, long out[])
{
    for (size_t i = 0; separators[i]; i++) {
        if (*at >= s.n || s.p[*at] != (uint8_t)separators[i])
            return false;
        (*at)++;
        out[i] = get_digits(s, at, 2);
        if (out[i] < 0)
            return false;
    }
    return true;
}

/* ".123456789", or nothing. */
static bool get_fraction(struct span s, size_t *at, uint64_t *ns)
{
    *ns = 0;
    if (*at >= s.n || s.p[*at] != '.')
        return true;
    uint64_t unit = SECOND;
    for ((*at)++; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        unit /= 10;
        if (unit == 0)
            return false;
        *ns += unit * (uint64_t)(s.p[*at] - '0');
    }
    return unit < SECOND;
}

struct err audit_time_read(struct span s, uint64_t *ns)
{
    size_t at = 0;
    long md[2], hms[3] = {0}, year = get_digits(s, &at, 4);
    uint64_t fraction = 0;
    if (year < 1970 || year > 2553 || !get_fields(s, &at, "--", md))
        return err(ERR_INPUT);
    if (at < s.n && (!get_fields(s, &at, "T::", hms) || !get_fraction(s, &at, &fraction) ||
                     at + 1 != s.n || s.p[at] != 'Z'))
        return err(ERR_INPUT);
    if (md[0] < 1 || md[0] > 12 || md[1] < 1 || hms[0] > 23 || hms[1] > 59 || hms[2] > 59)
        return err(ERR_INPUT);
    uint64_t days = days_of((unsigned)year, (unsigned)md[0], (unsigned)md[1]);
    unsigned y, m, d;
    civil(days, &y, &m, &d);
    if (m != (unsigned)md[0] || d != (unsigned)md[1])
        return err(ERR_INPUT); /* 31 April is no day */
    uint64_t seconds = days * DAY + (uint64_t)(hms[0] * 3600 + hms[1] * 60 + hms[2]);
    *ns = seconds * SECOND + fraction;
    return OK;
}
