/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps (RFC 3339, years 1 to 9999) and durations as text, and the proleptic calendar. */
#include "cel_int.h"

#include <stdio.h>

static const int64_t SECONDS_MIN = -62135596800, SECONDS_MAX = 253402300799;
enum { DAY = 86400, BILLION = 1000000000 };

bool cel_timestamp_valid(int64_t seconds)
{
    return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX;
}

struct err cel_timestamp_of(int64_t seconds, uint32_t nanos, struct cel_value *out)
{
    if (!cel_timestamp_valid(seconds) || nanos >= BILLION)
        return err(ERR_INPUT);
    *out = (struct cel_value){.kind = CEL_TIMESTAMP, .n = nanos, .i = seconds};
    return OK;
}

/* Days since 1970-01-01 (H. Hinnant's algorithm: years start in March). */
int64_t cel_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct civil cel_civil(int64_t seconds)
{
    int64_t days = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    struct civil c = {.year = yoe + era * 400,
                      .month = (int)(mp < 10 ? mp + 3 : mp - 9),
                      .day = (int)(doy - (153 * mp + 2) / 5 + 1),
                      .wday = (int)(((days + 4) % 7 + 7) % 7),
                      .hour = (int)(rest / 3600),
                      .minute = (int)(rest / 60 % 60),
                      .second = (int)(rest % 60)};
    c.year += c.month <= 2;
    c.yday = (int)(days - cel_days(c.year, 1, 1));
    return c;
}

/* n digits at s.p[at]; -1 when there are not. */
static int field(struct span s, size_t at, size_t n)
{
    int v = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

static int month_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* ".123": nanoseconds; moves *at behind it. */
static bool fraction(struct span s, size_t *at, uint32_t *nanos)
{
    uint32_t unit = BILLION / 10;
    *nanos = 0;
    if (*at >= s.n || s.p[*at] != '.')
        return true;
    size_t from = ++*at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at, unit /= 10)
        *nanos += (uint32_t)(s.p[*at] - '0') * unit;
    return *at > from;
}

/* Z or ±hh:mm up to the end, in seconds east. */
static bool offset(struct span s, int *out)
{
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
        *out = 0;
        return true;
    }
    int h = field(s, 1, 2), m = field(s, 4, 2);
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' || h < 0 || h > 23 || m < 0 ||
        m > 59)
        return false;
    *out = (h * 3600 + m * 60) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

bool cel_parse_timestamp(struct span s, struct cel_value *out)
{
    int year = field(s, 0, 4), month = field(s, 5, 2), day = field(s, 8, 2);
    int hour = field(s, 11, 2), minute = field(s, 14, 2), second = field(s, 17, 2), east;
    if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' || (s.p[10] != 'T' && s.p[10] != 't') ||
        s.p[13] != ':' || s.p[16] != ':')
        return false;
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    size_t at = 19;
    uint32_t nanos;
    if (!fraction(s, &at, &nanos) || !offset(span_from(s, at), &east))
        return false;
    int64_t seconds = cel_days(year, month, day) * DAY + hour * 3600 + minute * 60 + second - east;
    return !failed(cel_timestamp_of(seconds, nanos, out));
}

/* Digits of the fraction without trailing zeros, with its point; returns the length. */
static int put_fraction(uint32_t nanos, char out[11])
{
    if (nanos == 0) {
        out[0] = 0;
        return 0;
    }
    int n = snprintf(out, 11, ".%09u", nanos % BILLION);
    while (out[n - 1] == '0')
        out[--n] = 0;
    return n;
}

size_t cel_format_timestamp(struct cel_value v, char out[TIME_TEXT])
{
    struct civil c = cel_civil(v.i);
    char frac[11];
    put_fraction(v.n, frac);
    return (size_t)snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", (int)c.year,
                            c.month, c.day, c.hour, c.minute, c.second, frac);
}

size_t cel_format_duration(int64_t nanos, char out[TIME_TEXT])
{
    char frac[11];
    uint64_t size = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    put_fraction((uint32_t)(size % BILLION), frac);
    return (size_t)snprintf(out, TIME_TEXT, "%s%llu%ss", nanos < 0 ? "-" : "",
                            (unsigned long long)(size / BILLION), frac);
}

static int64_t unit_of(struct span s, size_t *at)
{
    static const struct {
        const char *name;
        int64_t nanos;
    } units[] = {{"ns", 1},       {"us", 1000},   {"\xc2\xb5s", 1000},   {"\xce\xbcs", 1000},
                 {"ms", 1000000}, {"s", BILLION}, {"m", 60LL * BILLION}, {"h", 3600LL * BILLION}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct span name = span_str(units[i].name);
        if (span_starts(span_from(s, *at), name)) {
            *at += name.n;
            return units[i].nanos;
        }
    }
    return 0;
}

/* One "1.5h" at *at, added to *sum (a magnitude up to 2^63). */
static bool part(struct span s, size_t *at, uint64_t *sum)
{
    uint64_t whole = 0, frac = 0, scale = 1, v;
    size_t digits = 0;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at, digits++)
        if (__builtin_mul_overflow(whole, (uint64_t)10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(s.p[*at] - '0'), &whole))
            return false;
    if (*at < s.n && s.p[*at] == '.') {
        for (++*at; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at, digits++) {
            if (scale < 1000000000000000ULL) {
                frac = frac * 10 + (uint64_t)(s.p[*at] - '0');
                scale *= 10;
            }
        }
    }
    int64_t unit = unit_of(s, at);
    if (digits == 0 || unit == 0 || __builtin_mul_overflow(whole, (uint64_t)unit, &v))
        return false;
    /* frac/scale of a unit, in two steps that stay below 2^64 */
    unsigned __int128 rest = (unsigned __int128)frac * (uint64_t)unit / scale;
    return !__builtin_add_overflow(v, (uint64_t)rest, &v) &&
           !__builtin_add_overflow(*sum, v, sum) && *sum <= (uint64_t)INT64_MAX + 1;
}

bool cel_parse_duration(struct span s, int64_t *nanos)
{
    bool negative = s.n && s.p[0] == '-';
    size_t at = negative || (s.n && s.p[0] == '+');
    uint64_t sum = 0;
    if (s.n - at == 1 && s.p[at] == '0') {
        *nanos = 0;
        return true;
    }
    if (at == s.n)
        return false;
    while (at < s.n)
        if (!part(s, &at, &sum))
            return false;
    if (sum > (uint64_t)INT64_MAX + negative)
        return false;
    *nanos = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}
