/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postcodes, as address.c asks for them behind a street or a place: digits of most countries, and
 * the forms with letters. Frequent is no postcode at all.
 */
#include "scan_int.h"

static bool letters_at(struct span t, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is(peek(t, at + i), C_UPPER))
            return false;
    return true;
}

size_t address_digits(struct span t, size_t at)
{
    size_t d = at;
    while (d - at < 7 && is(peek(t, d), C_DIGIT))
        d++;
    return d;
}

/* "114 55", "150-0002", "1200-123", "D02 X285", "C1043AAZ", "A-8010", "C.P. 64000"; 0 for none. */
static size_t rare_postcode_end(struct span t, size_t at)
{
    size_t d = address_digits(t, at), e = address_digits(t, d + 1), first = d - at,
           second = e - d - 1;
    uint8_t sign = peek(t, d);
    if ((first == 3 && sign == ' ' && second == 2) || (first == 3 && sign == '-' && second == 4) ||
        (first == 4 && sign == '-' && second == 3))
        return is(peek(t, e), C_WORD) ? 0 : e;
    if (first)
        return 0;
    size_t letters = at;
    while (letters - at < 3 && is(peek(t, letters), C_UPPER))
        letters++;
    if (letters == at)
        return 0;
    if (span_is(span_cut(t, at, 5), "C.P. ") || span_is(span_cut(t, at, 3), "CP ")) {
        d = at + (peek(t, at + 1) == '.' ? 5 : 3);
        e = address_digits(t, d);
        return e - d == 5 || e - d == 4 ? e : 0;
    }
    d = letters + (peek(t, letters) == '-');
    e = address_digits(t, d);
    if (d > letters) /* a country before it */
        return (e - d == 4 || e - d == 5) && !is(peek(t, e), C_WORD) ? e : 0;
    if (letters - at == 1 && e - d == 4) {
        size_t tail = e;
        while (tail - e < 3 && is(peek(t, tail), C_UPPER))
            tail++;
        return (tail == e || tail - e == 3) && !is(peek(t, tail), C_WORD) ? tail : 0;
    }
    if (letters - at != 1 || e - d != 2 || peek(t, e) != ' ' || !is(peek(t, e + 1), C_UPPER))
        return 0;
    for (d = e + 1; d - e < 5 && is(peek(t, d), C_UPPER | C_DIGIT); d++)
        ;
    return d - e == 5 && !is(peek(t, d), C_WORD) ? d : 0;
}

/* "0917 674 3756": the digits before `at` are a phone's first group. */
static bool digits_go_on(struct span t, size_t at)
{
    uint8_t sign = peek(t, at);
    size_t e = address_digits(t, at + 1);
    return (sign == ' ' || sign == '-' || sign == '.') && e - at > 3 && peek(t, e) == sign &&
           is(peek(t, e + 1), C_DIGIT);
}

size_t address_postcode(struct span t, size_t at)
{
    size_t d = at, e = rare_postcode_end(t, at);
    if (e)
        return e;
    while (d - at < 7 && is(peek(t, d), C_DIGIT))
        d++;
    if (d - at >= 4 && d - at <= 6) {
        if (d - at == 5 && peek(t, d) == '-' && is(peek(t, d + 1), C_DIGIT)) {
            for (e = d + 1; e - d < 6 && is(peek(t, e), C_DIGIT); e++)
                ;
            d = e - d == 5 || e - d == 4 ? e : d;
        }
        if (d - at == 4 && peek(t, d) == ' ' && letters_at(t, d + 1, 2) &&
            !is(peek(t, d + 3), C_WORD))
            d += 3; /* 9308 NJ */
        return is(peek(t, d), C_WORD) || digits_go_on(t, d) ? 0 : d;
    }
    if (d - at == 2 && peek(t, d) == '-' && is(peek(t, d + 1), C_DIGIT)) {
        for (e = d + 1; e - d < 5 && is(peek(t, e), C_DIGIT); e++)
            ;
        return e - d == 4 ? e : 0;
    }
    /* Britain and Canada: a letter, two to four of letters and digits, a blank, digit and two more.
     */
    if (!is(peek(t, at), C_UPPER))
        return 0;
    for (e = at + 1; e - at < 4 && is(peek(t, e), C_UPPER | C_DIGIT); e++)
        ;
    if (e - at < 2 || peek(t, e) != ' ' || !is(peek(t, e + 1), C_DIGIT) ||
        !(is(t.p[at + 1], C_DIGIT) || is(peek(t, at + 2), C_DIGIT)) ||
        !is(peek(t, e + 2), C_UPPER) || !is(peek(t, e + 3), C_UPPER | C_DIGIT))
        return 0;
    return is(peek(t, e + 4), C_WORD) ? 0 : e + 4;
}
