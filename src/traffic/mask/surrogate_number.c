/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for numbers and codes: phones, cards, accounts, and whatever has digits and letters in
 * fixed places. The way of writing stays.
 */
#include "surrogate_int.h"

#include <string.h>

/* The value with its digits replaced, sign for sign. */
size_t surrogate_refill(struct span v, const uint8_t *digits, size_t n, uint8_t *out)
{
    size_t k = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (ascii_is_digit(v.p[i]))
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
        if (ascii_is_digit(v.p[i]) && n < cap)
            out[n++] = v.p[i];
    return n;
}

static void fill(struct dice *d, uint8_t *digits, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        digits[i] = (uint8_t)('0' + surrogate_roll(d, 10));
}

enum { DIGITS_MAX = 40 };

/* Numbers that are kept for examples: Ofcom, ARCEP, ACMA, BNetzA, PTS, ComReg. */
static const struct range {
    const char
        *begins;      /* what stands in the value: with its country code, or from the trunk 0 on */
    const char *with; /* what stands there instead */
    uint8_t n, code;  /* digits in all; of the country code */
} ranges[] = {
    {"44207", "442079460", 12, 2}, {"447", "447700900", 12, 2}, {"44", "441632960", 12, 2},
    {"07", "07700900", 11, 0},     {"02", "02079460", 11, 0},   {"01", "01632960", 11, 0},
    {"336", "336399801", 11, 2},   {"33", "33199000", 11, 2},   {"614", "614915701", 11, 2},
    {"061", "0255500", 10, 0},     {"49", "493023125", 12, 2},  {"46", "468465004", 11, 2},
    {"353", "3532091", 12, 3},
};

/* A range of the value's country, best with as many digits. */
static const struct range *range_of(const uint8_t *digits, size_t n, bool plus)
{
    const struct range *best = NULL;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *r = &ranges[i];
        size_t head = strlen(r->begins);
        if (plus != (r->code > 0) || n < head || memcmp(digits, r->begins, head) != 0)
            continue;
        if (r->n == n)
            return r;
        if (plus && !best)
            best = r;
    }
    return best;
}

/* +49 30231251234: another length than the value has. */
static size_t put_phone(const struct range *r, const uint8_t *digits, uint8_t *out)
{
    size_t n = 0;
    out[n++] = '+';
    for (size_t i = 0; i < r->n; i++) {
        if (i == r->code)
            out[n++] = ' ';
        out[n++] = digits[i];
    }
    return n;
}

size_t surrogate_phone(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const areas[] = {"202", "206", "303", "312", "404", "415",
                                        "503", "602", "617", "713", "808", "907"};
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits);
    if (n < 7 || n > 15)
        return 0;
    bool plus = v.p[0] == '+', us = n == 11 && digits[0] == '1';
    if (us || (n == 10 && digits[0] >= '2' && !plus)) {
        memcpy(digits + us, areas[surrogate_roll(d, 12)], 3);
        memcpy(digits + us + 3, "55501", 5);
        fill(d, digits, us + 8U, n);
        return surrogate_refill(v, digits, n, out);
    }
    const struct range *r = range_of(digits, n, plus);
    if (r) {
        memcpy(digits, r->with, strlen(r->with));
        fill(d, digits, strlen(r->with), r->n);
        return r->n == n ? surrogate_refill(v, digits, n, out) : put_phone(r, digits, out);
    }
    /* country or trunk code stay; the rest is 555 01 and free digits */
    size_t head = plus ? 2 : n == 7 ? 0 : digits[0] == '0';
    memcpy(digits + head, "55501", 5);
    fill(d, digits, head + 5, n);
    return surrogate_refill(v, digits, n, out);
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

/* The first six digits of the numbers that the card schemes give out for tests. */
static const char *test_card(const uint8_t *digits)
{
    static const char *const heads[][2] = {
        {"34", "343434"}, {"37", "378282"}, {"35", "353011"}, {"30", "305693"}, {"3", "385200"},
        {"4", "424242"},  {"2", "222300"},  {"62", "620000"}, {"65", "601111"}, {"64", "601111"},
        {"60", "601111"}, {"6", "675964"},  {"51", "510510"}, {"52", "520082"}, {"53", "555555"},
        {"54", "545454"}, {"55", "555555"}, {"5", "501800"},
    };
    size_t i = 0;
    while (i + 1 < sizeof heads / sizeof *heads &&
           memcmp(digits, heads[i][0], strlen(heads[i][0])) != 0)
        i++;
    return heads[i][1];
}

size_t surrogate_card(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits);
    if (n < 12 || n > 19)
        return 0;
    const char *head = test_card(digits);
    memcpy(digits, head, 6);
    fill(d, digits, 6, n - 1);
    digits[n - 1] = luhn_digit(digits, n - 1);
    return surrogate_refill(v, digits, n, out);
}

/* Never issued: areas from 900 on are no SSN, groups below 50 no ITIN either. */
size_t surrogate_ssn(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = digits_of(v, digits, sizeof digits);
    if (n != 9)
        return 0;
    fill(d, digits, 1, n);
    digits[0] = '9';
    digits[3] = (uint8_t)('0' + surrogate_roll(d, 5));
    digits[4] = (uint8_t)('1' + surrogate_roll(d, 9));
    return surrogate_refill(v, digits, n, out);
}

/* Same kinds of characters in the same places. */
size_t surrogate_shape(struct dice *d, struct span v, uint8_t *out)
{
    bool some = false;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (c < ' ' || c >= 0x7f || memchr("\"\\<>", c, 4))
            return 0;
        out[i] = c;
        if (ascii_is_digit(c))
            out[i] = (uint8_t)(i == 0 && c != '0' ? '1' + surrogate_roll(d, 9)
                                                  : '0' + surrogate_roll(d, 10));
        else if (is_upper(c))
            out[i] = (uint8_t)('A' + surrogate_roll(d, 26));
        else if (is_lower(c))
            out[i] = (uint8_t)('a' + surrogate_roll(d, 26));
        some |= out[i] != c;
    }
    return some ? v.n : 0;
}

/* ISO 13616: country and way of writing stay, the check digits hold. */
size_t surrogate_iban(struct dice *d, struct span v, uint8_t *out)
{
    uint8_t code[64];
    size_t n = 0, k = 4;
    if (!surrogate_shape(d, v, out))
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
        unsigned value = ascii_is_digit(c) ? (unsigned)(c - '0') : ascii_lower(c) - 'a' + 10U;
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
