/* SPDX-License-Identifier: Apache-2.0 */
/*
 * General check-digit schemes and the numbers of North and South America and Britain. Called for
 * every candidate whose shape fits, so they are short loops without tables where possible.
 * check_world.c holds the rest.
 */
#include "check_int.h"

bool check_digits(struct span v, size_t n)
{
    if (v.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_digit(v.p[i]))
            return false;
    return true;
}

unsigned check_weigh(struct span v, const char *weights)
{
    unsigned sum = 0;
    for (size_t i = 0; weights[i] && i < v.n; i++)
        sum += digit(v, i) * (unsigned)(weights[i] - '0');
    return sum;
}

bool check_same(struct span v)
{
    for (size_t i = 1; i < v.n; i++)
        if (v.p[i] != v.p[0])
            return false;
    return true;
}

bool check_luhn(struct span v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (!is_digit(v.p[v.n - 1 - i]))
            return false;
        unsigned d = digit(v, v.n - 1 - i) << (i & 1);
        sum += d > 9 ? d - 9 : d;
    }
    return v.n > 1 && sum % 10 == 0;
}

/* The product in the symmetry group of the pentagon, and the permutation applied i times. */
static unsigned dihedral(unsigned j, unsigned k)
{
    if (j < 5)
        return k < 5 ? (j + k) % 5 : 5 + (j + k - 5) % 5;
    return k < 5 ? 5 + (j - k) % 5 : (j + 5 - k) % 5;
}

bool check_verhoeff(struct span v)
{
    static const char turn[] = "1576283094";
    unsigned c = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (!is_digit(v.p[v.n - 1 - i]))
            return false;
        unsigned d = digit(v, v.n - 1 - i);
        for (size_t k = i % 8; k; k--)
            d = (unsigned)(turn[d] - '0');
        c = dihedral(c, d);
    }
    return v.n > 1 && c == 0;
}

bool check_mod11_10(struct span v)
{
    unsigned p = 10;
    for (size_t i = 0; i + 1 < v.n; i++) {
        if (!is_digit(v.p[i]))
            return false;
        unsigned x = (digit(v, i) + p) % 10;
        p = 2 * (x ? x : 10) % 11;
    }
    return v.n > 1 && is_digit(v.p[v.n - 1]) && (11 - p) % 10 == digit(v, v.n - 1);
}

/* Append what letters and digits stand for to the decimal number whose rest by 97 is *r; false
 * where v holds something else. */
static bool rest97(struct span v, uint64_t *r)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned d = base36(v.p[i]);
        if (d >= 36)
            return false;
        *r = *r * (d < 10 ? 10 : 100) + d;
        if (*r >> 56)
            *r %= 97;
    }
    return true;
}

bool check_iban(struct span v)
{
    uint64_t r = 0;
    return v.n >= 15 && rest97(span_from(v, 4), &r) && rest97(span_cut(v, 0, 4), &r) && r % 97 == 1;
}

bool check_icao(struct span v)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < v.n; i++) {
        unsigned d = base36(v.p[i]);
        if (d >= 36)
            return false;
        sum += d * (i % 3 == 0 ? 7U : i % 3 == 1 ? 3U : 1U);
    }
    return v.n > 1 && is_digit(v.p[v.n - 1]) && sum % 10 == digit(v, v.n - 1);
}

bool check_ean13(struct span v)
{
    return check_digits(v, 13) && check_weigh(v, "1313131313131") % 10 == 0;
}

bool check_date(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day < 29 || year % 4 == 0;
}

bool check_yymmdd(struct span v)
{
    return v.n >= 6 && check_date(number2(v, 0), number2(v, 2), number2(v, 4));
}

bool check_ddmmyy(struct span v)
{
    return v.n >= 6 && check_date(number2(v, 4), number2(v, 2), number2(v, 0));
}

/* Routing number: prefix 00-12, 21-32, 61-72, 80; weights 3 7 1. */
bool check_aba(struct span v)
{
    if (!check_digits(v, 9) || check_same(v))
        return false;
    unsigned head = number2(v, 0);
    if (!(head <= 12 || (head >= 21 && head <= 32) || (head >= 61 && head <= 72) || head == 80))
        return false;
    return check_weigh(v, "371371371") % 10 == 0;
}

/* Luhn over 80840 and the ten digits: the prefix adds 24. */
bool check_npi(struct span v)
{
    if (!check_digits(v, 10) || (v.p[0] != '1' && v.p[0] != '2'))
        return false;
    uint8_t all[15] = "80840";
    memcpy(all + 5, v.p, 10);
    return check_luhn(span(all, 15));
}

bool check_dea(struct span v)
{
    if (v.n != 9 || !strchr("ABCDEFGHJKLMPRSTUX", v.p[0]) || !(is_upper(v.p[1]) || v.p[1] == '9'))
        return false;
    struct span d = span_from(v, 2);
    if (!check_digits(d, 7))
        return false;
    return check_weigh(d, "121212") % 10 == digit(d, 6);
}

/* No check digit; areas, groups, serials that are never issued, and numbers used in advertising. */
bool check_us_ssn(struct span v)
{
    if (!check_digits(v, 9) || check_same(v))
        return false;
    if (v.p[0] == '9' || !memcmp(v.p, "000", 3) || !memcmp(v.p, "666", 3) ||
        !memcmp(v.p + 3, "00", 2) || !memcmp(v.p + 5, "0000", 4))
        return false;
    return memcmp(v.p, "123456789", 9) != 0 && memcmp(v.p, "98765432", 8) != 0 &&
           memcmp(v.p, "078051120", 9) != 0;
}

/* 9dd-gg-dddd, gg 50-65, 70-88, 90-92, 94-99. */
bool check_us_itin(struct span v)
{
    if (!check_digits(v, 9) || v.p[0] != '9')
        return false;
    unsigned g = number2(v, 3);
    return (g >= 50 && g <= 65) || (g >= 70 && g <= 88) || (g >= 90 && g != 93);
}

/* The first two digits name an office that issues; these never were assigned. */
bool check_us_ein(struct span v)
{
    if (!check_digits(v, 9) || check_same(v))
        return false;
    static const uint8_t never[] = {0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97};
    return memchr(never, (int)number2(v, 0), sizeof never) == NULL;
}

/* A British postcode whose area of two letters exists and has such a district ("IP65" is how tight
 * a case is; from 91 on they are large users'), and whose last two letters may stand there. */
bool check_uk_area(struct span v)
{
    enum { EACH = 4, LARGE_USERS = 91 };
    static const char last_district[] =
        "AB56AL10BA22BB18BD24BH31BL09BN45BR08BS49BT94BX09CA28CB25CF83CH66"
        "CM77CO16CR09CT21CV47CW12DA18DD11DE75DG16DH09DL17DN41DT11DY14EC04"
        "EH55EN11EX39FK21FY08GL56GU52GY10HA09HD09HG05HP27HR09HS09HU20HX07"
        "IG11IM09IP33IV63JE05KA30KT24KW17KY16LA23LD08LE67LL78LN13LS29LU07"
        "ME20MK46ML12NE71NG34NN29NP44NR35NW11OL16OX49PA80PE38PH50PL35PO41"
        "PR26RG45RH20RM20SA73SE28SG19SK23SL09SM07SN26SO53SP11SR08SS17ST21"
        "SW20SY25TA24TD15TF13TN40TQ14TR27TS29TW20UB11WA16WC02WD25WF17WN08"
        "WR15WS15WV16YO62ZE03";
    if (v.n < 6 || memchr("CIKMOV", v.p[v.n - 1], 6) || memchr("CIKMOV", v.p[v.n - 2], 6))
        return false;
    unsigned district = (unsigned)(v.p[2] - '0');
    if (v.n == 7 && is_digit(v.p[3]))
        district = number2(v, 2);
    for (size_t i = 0; i + 1 < sizeof last_district; i += EACH)
        if (!memcmp(last_district + i, v.p, 2))
            return district >= LARGE_USERS || district <= number2(span(last_district + i, EACH), 2);
    return false;
}

/* Medicare beneficiary: digit 1-9, letter, letter or digit, digit, twice over, two digits. */
bool check_us_mbi(struct span v)
{
    static const char kind[] = "1LXdLXdLLdd";
    if (v.n != 11)
        return false;
    for (size_t i = 0; i < 11; i++) {
        bool letter = is_upper(v.p[i]) && !strchr("SLOIBZ", v.p[i]);
        bool number = is_digit(v.p[i]) && (kind[i] != '1' || v.p[i] != '0');
        if (!(kind[i] == 'L' ? letter : kind[i] == 'X' ? letter || number : number))
            return false;
    }
    return true;
}

/* 49 CFR 565: transliterated letters, weights, position 9 holds the remainder of 11. */
bool check_vin(struct span v)
{
    static const char value[] = "12345678.12345.7.923456789";
    static const uint8_t weight[17] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    unsigned sum = 0;
    if (v.n != 17)
        return false;
    for (size_t i = 0; i < 17; i++) {
        unsigned d = is_digit(v.p[i])   ? digit(v, i)
                     : is_upper(v.p[i]) ? (unsigned)(value[v.p[i] - 'A'] - '0')
                                        : 99;
        if (d > 9)
            return false;
        sum += d * weight[i];
    }
    return v.p[8] == (sum % 11 == 10 ? 'X' : '0' + sum % 11);
}

bool check_nhs(struct span v)
{
    if (!check_digits(v, 10) || check_same(v))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++)
        sum += digit(v, i) * (unsigned)(10 - i);
    unsigned c = (11 - sum % 11) % 11;
    return c < 10 && c == digit(v, 9);
}

bool check_nino(struct span v)
{
    if (v.n != 9 || !check_digits(span_cut(v, 2, 6), 6) || v.p[8] < 'A' || v.p[8] > 'D')
        return false;
    if (!is_upper(v.p[0]) || !is_upper(v.p[1]) || strchr("DFIQUV", v.p[0]) ||
        strchr("DFIOQUV", v.p[1]))
        return false;
    static const char never[] = "BGGBNKKNNTTNZZ";
    for (size_t i = 0; never[i]; i += 2)
        if (!memcmp(v.p, never + i, 2))
            return false;
    return true;
}

/* Five letters of the surname padded with 9, decade, month (women + 50), day, year, two initials.
 */
bool check_uk_driving(struct span v)
{
    if (v.n != 16 || !is_upper(v.p[0]) || !check_digits(span_cut(v, 5, 6), 6))
        return false;
    bool pad = false;
    for (size_t i = 0; i < 5; i++) {
        if (v.p[i] != '9' && (!is_upper(v.p[i]) || pad))
            return false;
        pad = v.p[i] == '9';
    }
    unsigned month = number2(v, 6) % 50, day = number2(v, 8);
    return v.p[6] != '2' && v.p[6] != '3' && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
           (is_upper(v.p[11]) || v.p[11] == '9') && (is_upper(v.p[12]) || v.p[12] == '9');
}

/* LLddLLL with an age code 02-29 or 51-79. */
bool check_uk_plate(struct span v)
{
    unsigned age = number2(v, 2);
    return v.n == 7 && ((age >= 2 && age <= 29) || (age >= 51 && age <= 79)) &&
           !strchr("IQ", v.p[4]) && !strchr("IQ", v.p[5]) && !strchr("IQ", v.p[6]);
}

bool check_ca_sin(struct span v)
{
    return check_digits(v, 9) && v.p[0] != '0' && v.p[0] != '8' && !check_same(v) && check_luhn(v);
}

bool check_br_cpf(struct span v)
{
    if (!check_digits(v, 11) || check_same(v))
        return false;
    unsigned a = 0, b = 0;
    for (size_t i = 0; i < 9; i++)
        a += digit(v, i) * (unsigned)(10 - i);
    for (size_t i = 0; i < 10; i++)
        b += digit(v, i) * (unsigned)(11 - i);
    return a * 10 % 11 % 10 == digit(v, 9) && b * 10 % 11 % 10 == digit(v, 10);
}

/* Letters count as their ASCII value less 48 (numbers issued since July 2026). */
bool check_br_cnpj(struct span v)
{
    static const char weight[] = "6543298765432";
    if (v.n != 14 || check_same(v) || !check_digits(span_from(v, 12), 2))
        return false;
    unsigned a = 0, b = 0;
    for (size_t i = 0; i < 13; i++) {
        unsigned d = (unsigned)v.p[i] - '0';
        if (i < 12)
            a += d * (unsigned)(weight[i + 1] - '0');
        b += d * (unsigned)(weight[i] - '0');
    }
    a %= 11;
    b %= 11;
    return digit(v, 12) == (a < 2 ? 0 : 11 - a) && digit(v, 13) == (b < 2 ? 0 : 11 - b);
}

bool check_cl_rut(struct span v)
{
    if (v.n < 8 || v.n > 9 || !check_digits(span_cut(v, 0, v.n - 1), v.n - 1))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < v.n; i++)
        sum += digit(v, v.n - 2 - i) * (unsigned)(2 + i % 6);
    unsigned c = 11 - sum % 11;
    return v.p[v.n - 1] == (c == 11 ? '0' : c == 10 ? 'K' : '0' + c);
}

bool check_ar_cuit(struct span v)
{
    if (!check_digits(v, 11))
        return false;
    unsigned head = number2(v, 0), c = 11 - check_weigh(v, "5432765432") % 11;
    return (head == 20 || (head >= 23 && head <= 27) || head == 30 || head == 33 || head == 34) &&
           (c == 11   ? 0
            : c == 10 ? 9
                      : c) == digit(v, 10);
}

/* 4 letters, birth date, sex, 5 letters, a character, check digit mod 10 over 37 symbols. */
bool check_mx_curp(struct span v)
{
    if (v.n != 18 || !check_digits(span_cut(v, 4, 6), 6) || !check_yymmdd(span_from(v, 4)) ||
        !strchr("HMX", v.p[10]) || !is_digit(v.p[17]))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 17; i++) {
        unsigned d = base36(v.p[i]);
        if (d >= 36)
            return false;
        d += d > 23; /* the letter after N is not in ASCII and has number 24 */
        sum += d * (unsigned)(18 - i);
    }
    return (10 - sum % 10) % 10 == digit(v, 17);
}

/* 3 letters (a firm) or 4 (a person), a date, 3 characters; the last checks mod 11. */
bool check_mx_rfc(struct span v)
{
    if (v.n != 12 && v.n != 13)
        return false;
    size_t letters = v.n - 9;
    if (!check_digits(span_cut(v, letters, 6), 6) || !check_yymmdd(span_from(v, letters)))
        return false;
    unsigned sum = v.n == 12 ? 37 * 13U : 0;
    for (size_t i = 0; i + 1 < v.n; i++) {
        unsigned d = v.p[i] == '&' ? 24 : base36(v.p[i]);
        if (v.p[i] != '&') {
            if (d >= 36)
                return false;
            d += d > 23;
        }
        sum += d * (unsigned)(v.n - i);
    }
    unsigned c = 11 - sum % 11;
    return v.p[v.n - 1] == (c == 11 ? '0' : c == 10 ? 'A' : '0' + c);
}

bool check_de_serial(struct span v)
{
    size_t letters = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (!is_digit(v.p[i]) && !strchr("CFGHJKLMNPRTVWXYZ", v.p[i]))
            return false;
        letters += !is_digit(v.p[i]);
    }
    return letters > 1 && letters < v.n;
}

bool check_de_pass(struct span v)
{
    for (size_t i = 1; i < v.n; i++)
        if (!is_digit(v.p[i]))
            return check_de_card(v);
    return false;
}
