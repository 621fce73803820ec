/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones: fixed offsets, and TZif files (RFC 8536) whose bytes the caller supplies. A file that
 * does not parse is an unknown zone. Only the 64-bit block is read; instants behind the last
 * transition follow the POSIX rule in the footer.
 */
#include "cel_int.h"

#include "rd.h"

enum { DAY = 86400 };

static bool digits2(struct span s, size_t at, int *out)
{
    if (at + 2 > s.n || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return false;
    *out = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return true;
}

/* "02:00", "+05:30", "-00:00". */
static bool fixed_offset(struct span s, int64_t *out)
{
    int h, m, sign = 1;
    size_t at = 0;
    if (s.n && (s.p[0] == '+' || s.p[0] == '-')) {
        sign = s.p[0] == '-' ? -1 : 1;
        at = 1;
    }
    if (s.n != at + 5 || s.p[at + 2] != ':' || !digits2(s, at, &h) || !digits2(s, at + 3, &m) ||
        h > 23 || m > 59)
        return false;
    *out = sign * (h * 3600 + m * 60);
    return true;
}

static bool good_name(struct span s)
{
    if (s.n == 0 || s.n > 64 || s.p[0] == '/' || span_search(s, 0, SPAN_LIT("..")) != s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = ascii_lower(s.p[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("_+/-", c))
            return false;
    }
    return true;
}

/* ---- the footer: std offset [dst [offset] [,start[/time],end[/time]]] ---- */

struct rule {
    char kind; /* M: month, week, day; J: day without leap day; 0: day from zero */
    int month, week, day;
    int64_t time;
};

struct posix {
    struct span s;
    size_t at;
};

static bool zone_name(struct posix *p)
{
    size_t from = p->at;
    if (p->at < p->s.n && p->s.p[p->at] == '<') {
        p->at = span_find(p->s, p->at, '>') + 1;
        return p->at <= p->s.n;
    }
    while (p->at < p->s.n && ascii_lower(p->s.p[p->at]) >= 'a' && ascii_lower(p->s.p[p->at]) <= 'z')
        p->at++;
    return p->at - from >= 3;
}

static bool number(struct posix *p, int *out)
{
    size_t from = p->at;
    int v = 0;
    for (; p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '9' && v < 1000; p->at++)
        v = v * 10 + (p->s.p[p->at] - '0');
    *out = v;
    return p->at > from;
}

static bool eat(struct posix *p, uint8_t c)
{
    if (p->at >= p->s.n || p->s.p[p->at] != c)
        return false;
    p->at++;
    return true;
}

/* [±]h[:m[:s]] in seconds. */
static bool clock_time(struct posix *p, int64_t *out)
{
    int sign = eat(p, '-') ? -1 : 1, h, m = 0, s = 0;
    if (sign == 1)
        (void)eat(p, '+');
    if (!number(p, &h) || (eat(p, ':') && !number(p, &m)) || (eat(p, ':') && !number(p, &s)))
        return false;
    *out = sign * (h * 3600LL + m * 60 + s);
    return true;
}

static bool rule(struct posix *p, struct rule *r)
{
    *r = (struct rule){.time = 7200};
    if (!eat(p, ','))
        return false;
    if (eat(p, 'M')) {
        r->kind = 'M';
        if (!number(p, &r->month) || !eat(p, '.') || !number(p, &r->week) || !eat(p, '.') ||
            !number(p, &r->day) || r->month < 1 || r->month > 12 || r->week < 1 || r->week > 5 ||
            r->day > 6)
            return false;
    } else {
        r->kind = eat(p, 'J') ? 'J' : 0;
        if (!number(p, &r->day) || r->day > 365)
            return false;
    }
    return !eat(p, '/') || clock_time(p, &r->time);
}

/* The rule's instant in a year, as local wall time in seconds. */
static int64_t rule_time(const struct rule *r, int64_t year)
{
    int64_t first = cel_days(year, 1, 1);
    bool leap = cel_days(year + 1, 1, 1) - first == 366;
    if (r->kind == 'J')
        return (first + r->day - 1 + (leap && r->day >= 60)) * DAY + r->time;
    if (r->kind == 0)
        return (first + r->day) * DAY + r->time;
    int64_t day = cel_days(year, r->month, 1);
    int64_t end = r->month == 12 ? cel_days(year + 1, 1, 1) : cel_days(year, r->month + 1, 1);
    int64_t wday = ((day + 4) % 7 + 7) % 7;
    day += (r->day - wday + 7) % 7 + (r->week - 1) * 7;
    while (day >= end)
        day -= 7;
    return day * DAY + r->time;
}

static bool posix_offset(struct span s, int64_t at, int64_t *out)
{
    struct posix p = {.s = s};
    int64_t std, dst;
    struct rule start, end;
    if (!zone_name(&p) || !clock_time(&p, &std))
        return false;
    std = -std;
    *out = std;
    if (p.at == s.n)
        return true;
    dst = std + 3600;
    if (!zone_name(&p))
        return false;
    if (p.at < s.n && s.p[p.at] != ',') {
        if (!clock_time(&p, &dst))
            return false;
        dst = -dst;
    }
    if (!rule(&p, &start) || !rule(&p, &end) || p.at != s.n)
        return false;
    int64_t year = cel_civil(at + std).year;
    int64_t on = rule_time(&start, year) - std, off = rule_time(&end, year) - dst;
    bool summer = on < off ? at >= on && at < off : at >= on || at < off;
    *out = summer ? dst : std;
    return true;
}

/* ---- the file ---- */

struct counts {
    uint64_t isut, isstd, leap, time, type, chars;
};

static struct err header(struct rd *r, uint8_t *version, struct counts *c)
{
    struct span magic;
    uint64_t *all[] = {&c->isut, &c->isstd, &c->leap, &c->time, &c->type, &c->chars};
    TRY(rd_take(r, 4, &magic));
    TRY(rd_u8(r, version));
    TRY(rd_skip(r, 15));
    for (size_t i = 0; i < 6; i++)
        TRY(rd_be(r, 4, all[i]));
    return span_is(magic, "TZif") && c->type ? OK : err(ERR_INPUT);
}

static int64_t be64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

static struct err type_offset(struct span types, uint64_t i, int64_t *out)
{
    if (i >= types.n / 6)
        return err(ERR_INPUT);
    const uint8_t *p = types.p + 6 * i;
    *out = (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
    return OK;
}

/* The first type that is standard time: what holds before the first transition. */
static struct err first_offset(struct span types, int64_t *out)
{
    for (size_t i = 0; i < types.n / 6; i++)
        if (types.p[6 * i + 4] == 0)
            return type_offset(types, i, out);
    return type_offset(types, 0, out);
}

static struct err file_offset(struct span file, int64_t at, int64_t *out)
{
    struct rd r = rd_of(file);
    struct counts c;
    uint8_t version;
    struct span times, index, types, footer;
    TRY(header(&r, &version, &c));
    if (version < '2')
        return err(ERR_INPUT);
    TRY(rd_skip(&r, c.time * 5 + c.type * 6 + c.chars + c.leap * 8 + c.isstd + c.isut));
    TRY(header(&r, &version, &c));
    TRY(rd_take(&r, c.time * 8, &times));
    TRY(rd_take(&r, c.time, &index));
    TRY(rd_take(&r, c.type * 6, &types));
    TRY(rd_skip(&r, c.chars + c.leap * 12 + c.isstd + c.isut));
    TRY(rd_take(&r, rd_left(&r), &footer));
    size_t lo = 0, hi = (size_t)c.time; /* transitions at or before `at` */
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (be64(times.p + 8 * mid) <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0 && c.time)
        return first_offset(types, out);
    footer = span_cut(footer, 1, footer.n >= 2 ? footer.n - 2 : 0);
    if (lo == c.time && footer.n && posix_offset(footer, at, out))
        return OK;
    return c.time ? type_offset(types, index.p[lo - 1], out) : first_offset(types, out);
}

bool cel_zone_offset(const struct cel_input *in, struct span zone, int64_t at, int64_t *offset)
{
    struct span file;
    if (span_is(zone, "UTC") || span_is(zone, "Z")) {
        *offset = 0;
        return true;
    }
    if (fixed_offset(zone, offset))
        return true;
    if (!in->zone || !good_name(zone) || !in->zone(in->zone_arg, zone, &file))
        return false;
    return !failed(file_offset(file, at, offset));
}
