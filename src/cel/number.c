/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and text. The C library's conversions use the locale's decimal point; here it is put in
 * and taken out, so that a host program's setlocale changes nothing.
 */
#include "cel_int.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_MAX = 1100 }; /* longer texts are no sensible numbers */

static char point(void)
{
    return localeconv()->decimal_point[0];
}

static size_t skip_digits(struct span s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

/* [sign] digits [. digits] [e [sign] digits], with a digit before or after the point. */
static bool is_decimal(struct span s)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+'), from = at;
    at = skip_digits(s, at);
    size_t digits = at - from;
    if (at < s.n && s.p[at] == '.') {
        from = ++at;
        at = skip_digits(s, at);
        digits += at - from;
    }
    if (digits == 0)
        return false;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        at += at < s.n && (s.p[at] == '-' || s.p[at] == '+');
        from = at;
        at = skip_digits(s, at);
        if (at == from)
            return false;
    }
    return at == s.n;
}

bool cel_parse_double(struct span s, double *out)
{
    char text[NUMBER_MAX + 1];
    if (span_is(s, "NaN") || span_is(s, "Infinity") || span_is(s, "-Infinity") ||
        span_is(s, "+Infinity")) {
        *out = s.p[0] == 'N' ? (double)NAN : s.p[0] == '-' ? (double)-INFINITY : (double)INFINITY;
        return true;
    }
    if (s.n > NUMBER_MAX || !is_decimal(s))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *dot = strchr(text, '.');
    if (dot)
        *dot = point();
    *out = strtod(text, NULL);
    return true;
}

static void fix_point(char *text)
{
    char *dot = strchr(text, point());
    if (dot)
        *dot = '.';
}

/* The fewest digits that read back the same. */
static int shortest(double d, char out[DOUBLE_TEXT])
{
    for (int digits = 15; digits < 17; digits++) {
        snprintf(out, DOUBLE_TEXT, "%.*e", digits - 1, d);
        if (strtod(out, NULL) == d)
            return digits;
    }
    return 17;
}

/* "1.5000e+01" has zeros to drop: how many digits say something. */
static int significant(const char *text)
{
    int n = 0, last = 1;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9')
            continue;
        n++;
        if (*text != '0')
            last = n;
    }
    return last;
}

size_t cel_format_double(double d, char out[DOUBLE_TEXT])
{
    if (isnan(d) || isinf(d))
        return (size_t)snprintf(out, DOUBLE_TEXT, "%s",
                                isnan(d) ? "NaN"
                                : d < 0  ? "-Infinity"
                                         : "Infinity");
    int digits = shortest(d, out);
    if (digits == 17)
        snprintf(out, DOUBLE_TEXT, "%.16e", d);
    digits = significant(out);
    double size = fabs(d);
    if (size != 0 && (size < 1e-4 || size >= 1e17)) {
        snprintf(out, DOUBLE_TEXT, "%.*e", digits - 1, d);
    } else {
        int exponent = (int)strtol(strchr(out, 'e') + 1, NULL, 10);
        int after = digits - 1 - exponent;
        snprintf(out, DOUBLE_TEXT, "%.*f", after > 0 ? after : 0, d);
    }
    fix_point(out);
    return strlen(out);
}

struct err cel_print_double(struct buf *out, char how, int precision, double d)
{
    char text[NUMBER_MAX + 400];
    if (isnan(d) || isinf(d))
        return buf_puts(out, isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
    int n = how == 'e' ? snprintf(text, sizeof text, "%.*e", precision, d)
                       : snprintf(text, sizeof text, "%.*f", precision, d);
    if (n < 0 || (size_t)n >= sizeof text)
        return err(ERR_LIMIT);
    fix_point(text);
    return buf_puts(out, text);
}

bool cel_parse_uint(struct span s, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t d = (uint8_t)(s.p[i] - '0');
        if (d > 9 || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)d, &v))
            return false;
    }
    *out = v;
    return s.n > 0;
}

bool cel_parse_int(struct span s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    bool sign = negative || (s.n && s.p[0] == '+');
    uint64_t v;
    if (!cel_parse_uint(span_from(s, sign), &v) || v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}
