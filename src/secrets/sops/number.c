/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and timestamps of YAML: what a plain scalar is, the bytes that are sealed and hashed for
 * it, and how a number is written back. The rules are those of the YAML reader of SOPS: it takes
 * 017 for octal, drops underscores, and reads an integer that 64 bits do not hold as a float, which
 * changes its value. Once a plain scalar.
 */
#define _GNU_SOURCE
#include "num.h"
#include "sops_int.h"
#include "wr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_MAX = 512 };

static bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

/* The text without its underscores and its sign. */
static bool strip(struct span s, char out[NUMBER_MAX], bool *negative)
{
    size_t n = 0, i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    *negative = i && s.p[0] == '-';
    if (s.n >= NUMBER_MAX || i == s.n || (!is_digit(s.p[i]) && s.p[i] != '.'))
        return false;
    for (; i < s.n; i++)
        if (s.p[i] != '_')
            out[n++] = (char)s.p[i];
    out[n] = 0;
    return true;
}

/* ---- integers ---- */

/* 12, 017, 0o17, 0x1F, 0b11: false where it is none. *fits: 64 signed bits hold it. */
static bool integer(const char *digits, bool negative, uint64_t *magnitude, bool *fits)
{
    unsigned base = 10;
    if (digits[0] == '0' && digits[1]) {
        uint8_t c = (uint8_t)(digits[1] | 32);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        digits += base == 8 && c != 'o' ? 1 : 2;
    }
    uint64_t v = 0;
    *fits = true;
    for (const char *p = digits; *p; p++) {
        unsigned d = num_hex_digit((uint8_t)*p);
        if (d >= base)
            return false;
        *fits = *fits && v <= (UINT64_MAX - d) / base;
        v = v * base + d;
    }
    *fits = *fits && v <= (uint64_t)INT64_MAX + negative;
    *magnitude = v;
    return *digits != 0;
}

/* digits[.digits][e[+-]digits] or .digits[e…] */
static bool is_decimal(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    s += digits;
    if (*s == '.') {
        size_t more = strspn(++s, "0123456789");
        digits += more;
        s += more;
    }
    if (digits && (*s | 32) == 'e') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        size_t exponent = strspn(s, "0123456789");
        digits = exponent;
        s += exponent;
    }
    return digits && !*s;
}

static bool is_word_float(struct span s)
{
    static const char *const words[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                        "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(s, words[i]))
            return true;
    return false;
}

enum sops_type sops_number_type(struct span s, bool *fits)
{
    char digits[NUMBER_MAX];
    bool negative;
    uint64_t v;
    *fits = true;
    if (is_word_float(s))
        return SOPS_FLOAT;
    if (!strip(s, digits, &negative))
        return SOPS_STR;
    if (integer(digits, negative, &v, fits))
        return *fits ? SOPS_INT : SOPS_FLOAT;
    *fits = true;
    return is_decimal(digits) && isfinite(strtod(digits, NULL)) ? SOPS_FLOAT : SOPS_STR;
}

/* ---- canonical bytes ---- */

/* The fewest digits that read back as v: d.ddde±xx. */
static void shortest(double v, char out[40])
{
    for (int precision = 0; precision < 17; precision++) {
        snprintf(out, 40, "%.*e", precision, v);
        if (strtod(out, NULL) == v)
            return;
    }
}

/* Those digits without an exponent. */
static struct err put_float(double v, struct wr *w)
{
    char text[40], digits[40] = {0};
    size_t n = 0;
    shortest(v, text);
    const char *p = text;
    if (*p == '-')
        wr_u8(w, (uint8_t)*p++);
    for (; *p != 'e'; p++)
        if (is_digit((uint8_t)*p))
            digits[n++] = *p;
    long point = strtol(p + 1, NULL, 10) + 1; /* digits before the point */
    if (point <= 0)
        wr_str(w, "0.");
    for (long i = point < 0 ? point : 0; i < 0; i++)
        wr_u8(w, '0');
    for (long i = 0; i < (long)n || i < point; i++) {
        if (i == point && i > 0)
            wr_u8(w, '.');
        wr_u8(w, i < (long)n ? (uint8_t)digits[i] : '0');
    }
    return wr_done(w);
}

static struct err put_word(struct span s, struct wr *w)
{
    bool nan = (s.p[s.n - 1] | 32) == 'n';
    wr_str(w, nan ? "NaN" : s.p[0] == '-' ? "-Inf" : "+Inf");
    return wr_done(w);
}

struct err sops_number_canonical(enum sops_type type, struct span text, struct arena *arena,
                                 struct span *out)
{
    char digits[NUMBER_MAX];
    uint8_t bytes[NUMBER_MAX];
    struct wr w = wr_of(bytes, sizeof bytes);
    bool negative, fits;
    uint64_t v;
    if (is_word_float(text)) {
        TRY(put_word(text, &w));
        return arena_copy(arena, wr_span(&w), out);
    }
    if (!strip(text, digits, &negative))
        return err(ERR_INPUT);
    if (type == SOPS_INT) {
        if (!integer(digits, negative, &v, &fits) || !fits)
            return err(ERR_INPUT);
        char whole[32];
        snprintf(whole, sizeof whole, "%s%llu", negative && v ? "-" : "", (unsigned long long)v);
        return arena_copy(arena, span_str(whole), out);
    }
    double value = strtod(digits, NULL);
    if (!isfinite(value))
        return err(ERR_INPUT);
    TRY(put_float(negative ? -value : value, &w));
    return arena_copy(arena, wr_span(&w), out);
}

bool sops_is_no_number(struct span plain)
{
    return span_is(plain, "NaN") || span_is(plain, "+Inf") || span_is(plain, "-Inf");
}

struct err sops_number_spell(enum sops_type type, struct span text, bool json, struct buf *out)
{
    enum { PLAIN_MAX = 18 }; /* digits; more would read back as an integer of too many bits */
    if (type == SOPS_FLOAT && sops_is_no_number(text)) {
        if (json)
            return err_make(ERR_INPUT, SOPS_FORMAT);
        return buf_puts(out, text.p[0] == 'N' ? ".nan" : text.p[0] == '-' ? "-.inf" : ".inf");
    }
    char copy[NUMBER_MAX], short_form[40];
    if (type == SOPS_INT || text.n <= PLAIN_MAX || text.n >= sizeof copy ||
        (span_find(text, 0, '.') < text.n && text.n <= 2 * PLAIN_MAX))
        return buf_put(out, text);
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    shortest(strtod(copy, NULL), short_form);
    return buf_puts(out, short_form);
}

/* ---- timestamps ---- */

/* One or two digits, or exactly `n` of them. */
static bool take(struct span s, size_t *at, size_t least, size_t most, unsigned *out)
{
    size_t start = *at;
    for (*out = 0; *at < s.n && *at - start < most && is_digit(s.p[*at]); ++*at)
        *out = *out * 10 + (unsigned)(s.p[*at] - '0');
    return *at - start >= least;
}

static bool take_mark(struct span s, size_t *at, uint8_t c)
{
    bool there = *at < s.n && s.p[*at] == c;
    *at += there;
    return there;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct span s, size_t *at, struct wr *w)
{
    unsigned year, month, day;
    char text[24];
    if (!take(s, at, 4, 4, &year) || !take_mark(s, at, '-') || !take(s, at, 1, 2, &month) ||
        !take_mark(s, at, '-') || !take(s, at, 1, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    snprintf(text, sizeof text, "%04u-%02u-%02uT", year % 10000, month % 100, day % 100);
    wr_str(w, text);
    return true;
}

/* 1:02:03.45: nanoseconds at most, zeros at the end dropped. */
static bool take_clock(struct span s, size_t *at, struct wr *w)
{
    unsigned hour, minute, second;
    char text[24];
    if (!take(s, at, 1, 2, &hour) || !take_mark(s, at, ':') || !take(s, at, 1, 2, &minute) ||
        !take_mark(s, at, ':') || !take(s, at, 1, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    snprintf(text, sizeof text, "%02u:%02u:%02u", hour % 100, minute % 100, second % 100);
    wr_str(w, text);
    if (*at + 1 >= s.n || (s.p[*at] != '.' && s.p[*at] != ',') || !is_digit(s.p[*at + 1]))
        return true;
    size_t start = ++*at, last = start;
    for (; *at < s.n && is_digit(s.p[*at]); ++*at)
        if (s.p[*at] != '0' && *at - start < 9)
            last = *at + 1;
    if (last > start)
        wr_u8(w, '.');
    wr_put(w, span_cut(s, start, last - start));
    return true;
}

/* Z or +02:00. */
static bool take_zone(struct span s, size_t *at, struct wr *w)
{
    unsigned hour, minute;
    char text[16];
    if (take_mark(s, at, 'Z')) {
        wr_u8(w, 'Z');
        return true;
    }
    char sign = *at < s.n ? (char)s.p[*at] : 0;
    if ((sign != '+' && sign != '-') || s.n - *at != 6)
        return false;
    ++*at;
    if (!take(s, at, 2, 2, &hour) || !take_mark(s, at, ':') || !take(s, at, 2, 2, &minute) ||
        hour > 23 || minute > 59)
        return false;
    snprintf(text, sizeof text, "%c%02u:%02u", sign, hour % 100, minute % 100);
    wr_str(w, hour || minute ? text : "Z");
    return true;
}

bool sops_time(struct span s, struct wr *w)
{
    size_t at = 0;
    if (!take_date(s, &at, w))
        return false;
    if (at == s.n) {
        wr_str(w, "00:00:00Z");
        return true;
    }
    bool zoned = s.p[at] == 'T' || s.p[at] == 't';
    if (!zoned && s.p[at] != ' ')
        return false;
    at++;
    if (!take_clock(s, &at, w))
        return false;
    if (!zoned)
        wr_u8(w, 'Z');
    return (!zoned || take_zone(s, &at, w)) && at == s.n;
}
