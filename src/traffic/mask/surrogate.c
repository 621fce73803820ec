/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins by type. Each maker gets a stream of key bytes for this value and attempt, and the
 * value as it is written; where it cannot keep the way of writing it gives none, and the value gets
 * a token. Called once for a new value of a type whose operator is `surrogate`.
 */
#include "session_int.h"
#include "surrogate_int.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

/* Key bytes, without end for what is needed here. */
struct dice {
    const struct mask_key *k;
    struct span what;
    unsigned attempt, block, left;
    uint8_t b[HASH_BYTES];
};

static unsigned roll(struct dice *d, unsigned n)
{
    if (d->left < 2) {
        const uint8_t mark[4] = {0, 2, (uint8_t)d->attempt, (uint8_t)d->block++};
        const struct span parts[] = {SPAN_LIT("surrogate"), span(mark, sizeof mark), d->what};
        hash_mac_parts(&d->k->mac, parts, 3, d->b);
        d->left = HASH_BYTES;
    }
    d->left -= 2;
    return (d->b[d->left] | (unsigned)d->b[d->left + 1] << 8) % n;
}

static bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static bool is_upper(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26;
}

static bool is_lower(uint8_t c)
{
    return (uint8_t)(c - 'a') < 26;
}

/* ---- names ---- */

enum script { LATIN, CYRILLIC, GREEK, ARABIC, HEBREW, HAN, HANGUL, SCRIPTS };
enum kind { GIVEN, FAMILY };
struct names {
    const char *const *v;
    size_t n;
};
#define NAMES(script, kind, ...) static const char *const script##_##kind[] = {__VA_ARGS__};
#include "surrogate_names.def"
#undef NAMES
#define NAMES(script, kind, ...)                                                                   \
    [script][kind] = {script##_##kind, sizeof script##_##kind / sizeof *script##_##kind},
static const struct names names[SCRIPTS][2] = {
#include "surrogate_names.def"
};
#undef NAMES

static enum script script_of(struct span word)
{
    for (size_t at = 0; at < word.n;) {
        uint32_t c;
        at += utf8_next(word, at, &c);
        if (c < 0x250)
            continue;
        return c >= 0x370 && c < 0x400     ? GREEK
               : c >= 0x400 && c < 0x530   ? CYRILLIC
               : c >= 0x590 && c < 0x600   ? HEBREW
               : c >= 0x600 && c < 0x780   ? ARABIC
               : c >= 0x4e00 && c < 0xa000 ? HAN
               : c >= 0xac00 && c < 0xd7b0 ? HANGUL
                                           : SCRIPTS;
    }
    return LATIN;
}

/* As the word has its capitals: JONES, jones or Jones. */
static void dress(struct span word, uint8_t *out, size_t n)
{
    bool lower = false, upper = false;
    for (size_t i = 0; i < word.n; i++) {
        lower |= is_lower(word.p[i]);
        upper |= is_upper(word.p[i]);
    }
    for (size_t i = 0; i < n && word.n > 1; i++)
        if (upper && !lower && is_lower(out[i]))
            out[i] &= 0xdf;
        else if (lower && !upper)
            out[i] = ascii_lower(out[i]);
}

size_t surrogate_name(const struct mask_key *k, struct span word, bool last, unsigned attempt,
                      uint8_t *out)
{
    uint8_t low[64];
    enum script s = script_of(word);
    if (s == SCRIPTS || word.n == 0 || word.n > sizeof low)
        return 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < 0x80 && !is_upper(word.p[i]) && !is_lower(word.p[i]) &&
            !memchr("-'.", word.p[i], 3))
            return 0;
        low[i] = ascii_lower(word.p[i]);
    }
    struct dice d = {.k = k, .what = span(low, word.n), .attempt = attempt};
    const struct names *list = &names[s][last ? FAMILY : GIVEN];
    const char *name = list->v[roll(&d, (unsigned)list->n)];
    size_t n = strlen(name);
    memcpy(out, name, n);
    dress(word, out, n);
    return n;
}

/* ---- numbers ---- */

/* The value with its digits replaced, sign for sign. */
static size_t refill(struct span v, const uint8_t *digits, size_t n, uint8_t *out)
{
    size_t k = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (is_digit(v.p[i]))
            out[i] = k < n ? digits[k++] : '0';
        else if (v.p[i] >= ' ' && v.p[i] < 0x7f && !memchr("\"\\<>", v.p[i], 4))
            out[i] = v.p[i];
        else
            return 0;
    }
    return v.n;
}

static size_t digits_of(struct span v, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++)
        if (is_digit(v.p[i]) && n < cap)
            out[n++] = v.p[i];
    return n;
}

static void fill(struct dice *d, uint8_t *digits, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        digits[i] = (uint8_t)('0' + roll(d, 10));
}

enum { DIGITS_MAX = 40 };

static const struct range {
    const char *begins; /* what stands in the value */
    const char *with;   /* what stands there instead */
    size_t n, free;     /* digits in all, and how many of them at the end are free */
} ranges[] = {
    {"44207", "442079460", 12, 3}, {"447", "447700900", 12, 3}, {"44", "441632960", 12, 3},
    {"07", "07700900", 11, 3},     {"02", "02079460", 11, 3},   {"01", "01632960", 11, 3},
    {"336", "336399801", 11, 2},   {"33", "33199000", 11, 3},   {"614", "614915701", 11, 2},
    {"061", "0255500", 10, 3},     {"49", "493023125", 12, 3},  {"1", "12125550", 11, 0},
};

static size_t make_phone(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const areas[] = {"202", "206", "303", "312", "404", "415",
                                        "503", "602", "617", "713", "808", "907"};
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits), i = 0;
    if (n < 7 || n > 15)
        return 0;
    bool plus = v.p[0] == '+', us = n == 11 && digits[0] == '1';
    if (us || (n == 10 && digits[0] >= '2' && !plus)) {
        memcpy(digits + us, areas[roll(d, 12)], 3);
        memcpy(digits + us + 3, "55501", 5);
        fill(d, digits, us + 8U, n);
        return refill(v, digits, n, out);
    }
    while (i < sizeof ranges / sizeof *ranges &&
           (ranges[i].n != n || plus == (ranges[i].begins[0] == '0') ||
            memcmp(digits, ranges[i].begins, strlen(ranges[i].begins)) != 0))
        i++;
    if (i < sizeof ranges / sizeof *ranges) {
        memcpy(digits, ranges[i].with, strlen(ranges[i].with));
        fill(d, digits, strlen(ranges[i].with), n);
    } else { /* country or trunk code stay; the rest is 555 01 and free digits */
        size_t head = plus ? 2 : n == 7 ? 0 : digits[0] == '0';
        memcpy(digits + head, "55501", 5);
        fill(d, digits, head + 5, n);
    }
    return refill(v, digits, n, out);
}

static uint8_t luhn_digit(const uint8_t *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned v = digits[n - 1 - i] - '0';
        v = i % 2 ? v : 2 * v;
        sum += v > 9 ? v - 9 : v;
    }
    return (uint8_t)('0' + (10 - sum % 10) % 10);
}

static size_t make_card(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits);
    if (n < 12 || n > 19)
        return 0;
    const char *head = digits[0] == '5' || digits[0] == '2' ? "555555"
                       : digits[0] == '3'                   ? "378282"
                       : digits[0] == '6'                   ? "601111"
                                                            : "424242";
    memcpy(digits, head, 6);
    fill(d, digits, 6, n - 1);
    digits[n - 1] = luhn_digit(digits, n - 1);
    return refill(v, digits, n, out);
}

/* Never issued: areas from 900 on are no SSN, groups below 50 no ITIN either. */
static size_t make_ssn(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits);
    if (n != 9)
        return 0;
    fill(d, digits, 1, n);
    digits[0] = '9';
    digits[3] = (uint8_t)('0' + roll(d, 5));
    digits[4] = (uint8_t)('1' + roll(d, 9));
    return refill(v, digits, n, out);
}

/* Same kinds of characters in the same places. */
static size_t make_shape(struct dice *d, struct span v, uint8_t *out)
{
    bool some = false;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (c < ' ' || c >= 0x7f || memchr("\"\\<>", c, 4))
            return 0;
        out[i] = c;
        if (is_digit(c))
            out[i] = (uint8_t)(i == 0 && c != '0' ? '1' + roll(d, 9) : '0' + roll(d, 10));
        else if (is_upper(c))
            out[i] = (uint8_t)('A' + roll(d, 26));
        else if (is_lower(c))
            out[i] = (uint8_t)('a' + roll(d, 26));
        some |= out[i] != c;
    }
    return some ? v.n : 0;
}

/* ISO 13616: country and way of writing stay, the check digits hold. */
static size_t make_iban(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t code[64];
    size_t n = 0, k = 4;
    if (!make_shape(d, v, out))
        return 0;
    for (size_t i = 0; i < v.n && n < sizeof code; i++)
        if (v.p[i] != ' ' && v.p[i] != '-') {
            code[n] = n < 4 ? v.p[i] : out[i];
            n++;
        }
    if (n < 8)
        return 0;
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++, k = (k + 1) % n) { /* from the fifth on, then the head */
        uint8_t c = k == 2 || k == 3 ? '0' : code[k];
        unsigned value = is_digit(c) ? (unsigned)(c - '0') : ascii_lower(c) - 'a' + 10U;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    unsigned check = 98 - rest;
    code[2] = (uint8_t)('0' + check / 10);
    code[3] = (uint8_t)('0' + check % 10);
    for (size_t i = 0, j = 0; i < v.n && j < 4; i++)
        if (v.p[i] != ' ' && v.p[i] != '-')
            out[i] = code[j++];
    return v.n;
}

/* ---- addresses of machines ---- */

static size_t make_email(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const hosts[] = {"example.org", "example.com", "example.net"};
    (void)v;
    const struct names *a = &names[LATIN][GIVEN], *b = &names[LATIN][FAMILY];
    int n = snprintf((char *)out, SURROGATE_MAX, "%s.%s%u@%s", a->v[roll(d, (unsigned)a->n)],
                     b->v[roll(d, (unsigned)b->n)], roll(d, 90) + 10, hosts[roll(d, 3)]);
    for (int i = 0; i < n; i++)
        out[i] = ascii_lower(out[i]);
    return (size_t)n;
}

static size_t make_ip(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const nets[] = {"192.0.2", "198.51.100", "203.0.113"};
    size_t slash = span_find(v, 0, '/');
    bool four = span_find(v, 0, ':') == v.n;
    int n = four ? snprintf((char *)out, SURROGATE_MAX, "%s.%u", nets[roll(d, 3)], roll(d, 254) + 1)
                 : snprintf((char *)out, SURROGATE_MAX, "2001:db8::%x:%x", roll(d, 0xffff) + 1,
                            roll(d, 0xffff) + 1);
    if (span_find(v, 0, '%') < v.n || v.n - slash > 5)
        return 0;
    memcpy(out + n, v.p + slash, v.n - slash);
    return (size_t)n + v.n - slash;
}

/* RFC 7042: 00:00:5E:00:53:xx. */
static size_t make_mac(struct dice *d, struct span v, uint8_t *out)
{
    static const char fixed[] = "00005e0053", hex[] = "0123456789abcdef";
    size_t k = 0;
    bool upper = false;
    for (size_t i = 0; i < v.n; i++)
        upper |= is_upper(v.p[i]);
    for (size_t i = 0; i < v.n; i++) {
        if (memchr(":-.", v.p[i], 3)) {
            out[i] = v.p[i];
            continue;
        }
        uint8_t c = (uint8_t)(k < 10 ? fixed[k] : hex[roll(d, 16)]);
        out[i] = upper && is_lower(c) ? c & 0xdf : c;
        k++;
    }
    return k == 12 ? v.n : 0;
}

static size_t make_url(struct dice *d, struct span v, uint8_t *out)
{
    bool plain = span_search(v, 0, SPAN_LIT("://")) == v.n;
    int n = snprintf((char *)out, SURROGATE_MAX, "%sexample.org/%04x%04x", plain ? "" : "https://",
                     roll(d, 0xffff), roll(d, 0xffff));
    return (size_t)n;
}

/* ---- places and firms ---- */

static size_t make_place(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const towns[] = {"Elmbridge",  "Northvale", "Oakhaven",   "Rivermouth",
                                        "Stonefield", "Westmere",  "Ashcombe",   "Brookdale",
                                        "Clearwater", "Fernhill",  "Harborview", "Lakemont"};
    const char *town = towns[roll(d, 12)];
    const struct names *b = &names[LATIN][FAMILY];
    bool street = v.p[0] < 0x80 && span_search(v, 0, SPAN_LIT(" ")) < v.n && is_digit(v.p[0]);
    int n = street ? snprintf((char *)out, SURROGATE_MAX, "%u %s Street, %s", roll(d, 900) + 100,
                              b->v[roll(d, (unsigned)b->n)], town)
                   : snprintf((char *)out, SURROGATE_MAX, "%s", town);
    return (size_t)n;
}

static size_t make_firm(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const ends[] = {"Group", "Partners", "Holdings", "Associates"};
    (void)v;
    const struct names *b = &names[LATIN][FAMILY];
    return (size_t)snprintf((char *)out, SURROGATE_MAX, "%s %s", b->v[roll(d, (unsigned)b->n)],
                            ends[roll(d, 4)]);
}

/* ---- dates: all of a principal's are moved by the same number of days ---- */

static long days_from(long y, unsigned m, unsigned day)
{
    y -= m <= 2;
    long era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400),
             doy = (153 * (m + (m > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
    return era * 146097 + (long)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

static void civil_from(long z, unsigned *y, unsigned *m, unsigned *day)
{
    z += 719468;
    long era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (unsigned)(yoe + era * 400 + (*m <= 2));
}

/* 2024-03-09, 2024/03/09, 09.03.2024, 03/09/2024: eight digits and two equal signs. */
static size_t make_date(struct dice *d, struct span v, uint8_t *out)
{
    unsigned y, m, day;
    uint8_t t[DIGITS_MAX];
    if (v.n != 10 || digits_of(v, t, sizeof t) != 8)
        return 0;
    bool iso = !is_digit(v.p[4]) && v.p[7] == v.p[4];
    if (!iso && (is_digit(v.p[2]) || v.p[5] != v.p[2]))
        return 0;
    const uint8_t *yp = iso ? t : t + 4, *mp = iso ? t + 4 : v.p[2] == '/' ? t : t + 2;
    const uint8_t *dp = iso ? t + 6 : v.p[2] == '/' ? t + 2 : t;
    y = (yp[0] - '0') * 1000U + (yp[1] - '0') * 100U + (yp[2] - '0') * 10U + yp[3] - '0';
    m = (mp[0] - '0') * 10U + mp[1] - '0';
    day = (dp[0] - '0') * 10U + dp[1] - '0';
    if (m < 1 || m > 12 || day < 1 || day > 31 || y < 1000)
        return 0;
    struct dice shift = {.k = d->k, .what = SPAN_LIT("days"), .attempt = d->attempt};
    civil_from(days_from((long)y, m, day) - (long)roll(&shift, 330) - 15, &y, &m, &day);
    char text[32];
    if (iso)
        snprintf(text, sizeof text, "%04u%02u%02u", y, m, day);
    else
        snprintf(text, sizeof text, "%02u%02u%04u", v.p[2] == '/' ? m : day,
                 v.p[2] == '/' ? day : m, y);
    return refill(v, (const uint8_t *)text, 8, out);
}

/* ---- by type ---- */

size_t surrogate_make(const struct mask_key *k, enum entity e, struct span value, unsigned attempt,
                      uint8_t *out)
{
    uint8_t normal[2 * SURROGATE_MAX];
    if (value.n == 0 || value.n > SURROGATE_MAX - 8)
        return 0;
    struct dice d = {.k = k, .attempt = attempt};
    d.what = span(normal, normal_form(e, value, normal));
    switch (e) {
    case ENTITY_EMAIL_ADDRESS:
        return make_email(&d, value, out);
    case ENTITY_PHONE_NUMBER:
        return make_phone(&d, value, out);
    case ENTITY_CREDIT_CARD:
        return make_card(&d, value, out);
    case ENTITY_IBAN_CODE:
        return make_iban(&d, value, out);
    case ENTITY_US_SSN:
        return make_ssn(&d, value, out);
    case ENTITY_IP_ADDRESS:
        return make_ip(&d, value, out);
    case ENTITY_MAC_ADDRESS:
        return make_mac(&d, value, out);
    case ENTITY_URL:
        return make_url(&d, value, out);
    case ENTITY_DATE_TIME:
        return make_date(&d, value, out);
    case ENTITY_LOCATION:
    case ENTITY_STREET_ADDRESS:
        return make_place(&d, value, out);
    case ENTITY_ORGANIZATION:
        return make_firm(&d, value, out);
    case ENTITY_SECRET:
    case ENTITY_CRYPTO:
    case ENTITY_PERSON:
    case ENTITY_NRP:
    case ENTITY_AGE:
    case ENTITY_TITLE:
        return 0;
    default:
        return make_shape(&d, value, out);
    }
}
