/* SPDX-License-Identifier: Apache-2.0 */
/* Check digits of Australia, Europe, Africa and Asia. See check.h. */
#include "check_int.h"

bool check_au_tfn(struct span v)
{
    return check_digits(v, 9) && !check_same(v) && check_weigh(v, "14375869:") % 11 == 0;
}

bool check_au_abn(struct span v)
{
    static const uint8_t weight[11] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
    if (!check_digits(v, 11) || v.p[0] == '0' || number2(v, 0) < 11)
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 11; i++)
        sum += (digit(v, i) - (i == 0)) * weight[i];
    return sum % 89 == 0;
}

bool check_au_acn(struct span v)
{
    return check_digits(v, 9) && !check_same(v) &&
           (10 - check_weigh(v, "87654321") % 10) % 10 == digit(v, 8);
}

bool check_au_medicare(struct span v)
{
    return check_digits(v, 10) && v.p[0] >= '2' && v.p[0] <= '6' &&
           check_weigh(v, "13791379") % 10 == digit(v, 8);
}

/* Among the first ten digits exactly one occurs twice or three times, none three in a row. */
bool check_de_tax_id(struct span v)
{
    if (!check_digits(v, 11) || v.p[0] == '0')
        return false;
    uint8_t count[10] = {0};
    unsigned more = 0;
    for (size_t i = 0; i < 10; i++) {
        count[digit(v, i)]++;
        if (i >= 2 && v.p[i] == v.p[i - 1] && v.p[i] == v.p[i - 2])
            return false;
    }
    for (size_t d = 0; d < 10; d++) {
        if (count[d] > 3)
            return false;
        more += count[d] > 1;
    }
    return more == 1 && check_mod11_10(v);
}

bool check_de_vat(struct span v)
{
    struct span d = span_from(v, v.n == 11 ? 2 : 0);
    return check_digits(d, 9) && d.p[0] != '0' && check_mod11_10(d);
}

static unsigned digit_sum(unsigned x)
{
    return x / 10 + x % 10;
}

/* Area, birth date (day may be + 50), initial of the birth name as 01-26, serial. */
bool check_de_rvnr(struct span v)
{
    static const char weight[] = "212571212121";
    if (v.n != 12 || !is_upper(v.p[8]) || !check_digits(span_cut(v, 0, 8), 8) ||
        !check_digits(span_from(v, 9), 3))
        return false;
    unsigned letter = (unsigned)v.p[8] - 'A' + 1, day = number2(v, 2) % 50, month = number2(v, 4);
    if (day < 1 || day > 31 || month > 12)
        return false;
    uint8_t d[12];
    for (size_t i = 0; i < 8; i++)
        d[i] = (uint8_t)digit(v, i);
    d[8] = (uint8_t)(letter / 10);
    d[9] = (uint8_t)(letter % 10);
    d[10] = (uint8_t)digit(v, 9);
    d[11] = (uint8_t)digit(v, 10);
    unsigned sum = 0;
    for (size_t i = 0; i < 12; i++)
        sum += digit_sum(d[i] * (unsigned)(weight[i] - '0'));
    return sum % 10 == digit(v, 11);
}

bool check_de_kvnr(struct span v)
{
    if (v.n != 10 || !is_upper(v.p[0]) || !check_digits(span_from(v, 1), 9))
        return false;
    unsigned letter = (unsigned)v.p[0] - 'A' + 1;
    unsigned sum = letter / 10 + digit_sum(2 * (letter % 10));
    for (size_t i = 1; i < 9; i++)
        sum += digit_sum(digit(v, i) * (i % 2 ? 1U : 2U));
    return sum % 10 == digit(v, 9);
}

/* Identity card and passport: no vowels and no letter that looks like a digit; ICAO check digit. */
bool check_de_card(struct span v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_digit(v.p[i]) && !strchr("CFGHJKLMNPRTVWXYZ", v.p[i]))
            return false;
    return (v.n == 9 || v.n == 10) && check_icao(v);
}

bool check_de_lanr(struct span v)
{
    return check_digits(v, 9) && !check_same(v) &&
           (10 - check_weigh(v, "494949") % 10) % 10 == digit(v, 6);
}

bool check_at_svnr(struct span v)
{
    if (!check_digits(v, 10) || v.p[0] == '0')
        return false;
    unsigned day = number2(v, 4), month = number2(v, 6);
    unsigned sum = check_weigh(v, "3790584216");
    return day >= 1 && day <= 31 && month >= 1 && month <= 15 && sum % 11 == digit(v, 3);
}

bool check_ch_ahv(struct span v)
{
    return v.n == 13 && !memcmp(v.p, "756", 3) && check_ean13(v);
}

static bool nif_letter(unsigned n, uint8_t letter)
{
    return letter == (uint8_t) "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23];
}

bool check_es_nif(struct span v)
{
    if (v.n < 8 || v.n > 9 || !check_digits(span_cut(v, 0, v.n - 1), v.n - 1))
        return false;
    unsigned n = 0;
    for (size_t i = 0; i + 1 < v.n; i++)
        n = n * 10 + digit(v, i);
    return n != 0 && nif_letter(n, v.p[v.n - 1]);
}

bool check_es_nie(struct span v)
{
    if (v.n < 9 || v.n > 10 || v.p[0] < 'X' || v.p[0] > 'Z' ||
        !check_digits(span_cut(v, 1, v.n - 2), v.n - 2))
        return false;
    unsigned n = (unsigned)v.p[0] - 'X';
    for (size_t i = 1; i + 1 < v.n; i++)
        n = n * 10 + digit(v, i);
    return nif_letter(n, v.p[v.n - 1]);
}

/* Digits may be written as LMNPQRSTUV where two people would share a code. */
static bool omocode(uint8_t c)
{
    return is_digit(c) || (c != 0 && strchr("LMNPQRSTUV", c));
}

bool check_it_fiscal(struct span v)
{
    static const uint8_t odd[36] = {1,  0, 5, 7,  9,  13, 15, 17, 19, 21, 1,  0,
                                    5,  7, 9, 13, 15, 17, 19, 21, 2,  4,  18, 20,
                                    11, 3, 6, 8,  12, 14, 16, 10, 22, 25, 24, 23};
    static const char kind[] = "LLLLLLddMddLddd";
    if (v.n != 16)
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 15; i++) {
        uint8_t c = v.p[i];
        if (kind[i] == 'd' ? !omocode(c) : !is_upper(c))
            return false;
        if (kind[i] == 'M' && !strchr("ABCDEHLMPRST", c))
            return false;
        unsigned d = base36(c);
        sum += i % 2 ? (d < 10 ? d : d - 10) : odd[d];
    }
    return v.p[15] == 'A' + sum % 26;
}

bool check_it_vat(struct span v)
{
    struct span d = span_from(v, v.n == 13 ? 2 : 0);
    return check_digits(d, 11) && !check_same(d) && check_luhn(d);
}

/* Sex, year, month, department (2A, 2B in Corsica), commune, serial, key 97 - n mod 97. */
bool check_fr_nir(struct span v)
{
    if (v.n != 15 || !strchr("12378", v.p[0]))
        return false;
    /* In Corsica 2A counts as 19 and 2B as 18. */
    bool corsica = v.p[5] == '2' && (v.p[6] == 'A' || v.p[6] == 'B');
    uint64_t n = 0;
    for (size_t i = 0; i < 13; i++) {
        unsigned d = digit(v, i);
        if (corsica && i == 5)
            d = 1;
        else if (corsica && i == 6)
            d = v.p[6] == 'A' ? 9 : 8;
        else if (d > 9)
            return false;
        n = n * 10 + d;
    }
    unsigned month = number2(v, 3);
    if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50))
        return false;
    return check_digits(span_from(v, 13), 2) && 97 - n % 97 == number2(v, 13);
}

bool check_nl_bsn(struct span v)
{
    if (!check_digits(v, 9) || check_same(v))
        return false;
    unsigned sum = check_weigh(v, "98765432");
    return (sum + 11 - digit(v, 8)) % 11 == 0;
}

bool check_be_nn(struct span v)
{
    if (!check_digits(v, 11))
        return false;
    unsigned month = number2(v, 2), key = number2(v, 9);
    uint64_t n = 0;
    for (size_t i = 0; i < 9; i++)
        n = n * 10 + digit(v, i);
    if (month % 20 > 12 || number2(v, 4) > 31)
        return false;
    return 97 - n % 97 == key || 97 - (n + 2000000000U) % 97 == key;
}

bool check_pt_nif(struct span v)
{
    v = span_from(v, v.n == 11 ? 2 : 0); /* PT before it, as in the VAT number */
    if (!check_digits(v, 9) || !strchr("1235689", v.p[0]) || check_same(v))
        return false;
    unsigned c = 11 - check_weigh(v, "98765432") % 11;
    return (c > 9 ? 0 : c) == digit(v, 8);
}

bool check_pl_pesel(struct span v)
{
    if (!check_digits(v, 11))
        return false;
    unsigned month = number2(v, 2) % 20;
    return check_date(number2(v, 0), month, number2(v, 4)) &&
           (10 - check_weigh(v, "1379137913") % 10) % 10 == digit(v, 10);
}

static struct span last10(struct span v)
{
    return v.n == 12 ? span_from(v, 2) : v;
}

bool check_se_pnr(struct span v)
{
    struct span d = last10(v);
    if (!check_digits(d, 10) || (v.n == 12 && memcmp(v.p, "19", 2) && memcmp(v.p, "20", 2)))
        return false;
    unsigned day = number2(d, 4);
    return check_date(number2(d, 0), number2(d, 2), day > 60 ? day - 60 : day) && check_luhn(d);
}

bool check_se_orgnr(struct span v)
{
    return check_digits(v, 10) && v.p[2] >= '2' && check_luhn(v);
}

/* k1 and k2; 2024's successors shift the month by 40 (test numbers by 80). */
bool check_no_fnr(struct span v)
{
    if (!check_digits(v, 11))
        return false;
    unsigned day = number2(v, 0), month = number2(v, 2) % 40;
    if (!check_date(number2(v, 4), month, day > 40 ? day - 40 : day))
        return false;
    unsigned k1 = (11 - check_weigh(v, "376189452") % 11) % 11;
    unsigned k2 = (11 - check_weigh(v, "5432765432") % 11) % 11;
    return k1 == digit(v, 9) && k2 == digit(v, 10);
}

bool check_dk_cpr(struct span v)
{
    return check_digits(v, 10) && check_ddmmyy(v);
}

bool check_fi_hetu(struct span v)
{
    if (v.n != 10 && v.n != 11)
        return false;
    /* The century sign may be punctuation, which the shape does not keep. */
    struct span serial = span_from(v, v.n - 4);
    if (!check_digits(span_cut(v, 0, 6), 6) || !check_digits(span_cut(serial, 0, 3), 3) ||
        !check_ddmmyy(v))
        return false;
    unsigned n = 0;
    for (size_t i = 0; i < 6; i++)
        n = n * 10 + digit(v, i);
    for (size_t i = 0; i < 3; i++)
        n = n * 10 + digit(serial, i);
    return serial.p[3] == (uint8_t) "0123456789ABCDEFHJKLMNPRSTUVWXY"[n % 31];
}

bool check_cz_rc(struct span v)
{
    if (!check_digits(v, 10))
        return false;
    unsigned month = number2(v, 2) % 50, rest = 0;
    if (month > 20)
        month -= 20;
    for (size_t i = 0; i < 9; i++)
        rest = (rest * 10 + digit(v, i)) % 11;
    return check_date(number2(v, 0), month, number2(v, 4)) && rest % 10 == digit(v, 9);
}

bool check_ro_cnp(struct span v)
{
    if (!check_digits(v, 13) || v.p[0] == '0' || !check_yymmdd(span_from(v, 1)))
        return false;
    unsigned county = number2(v, 7), c = check_weigh(v, "279146358279") % 11;
    return county >= 1 && county <= 52 && (c == 10 ? 1 : c) == digit(v, 12);
}

bool check_hu_taj(struct span v)
{
    return check_digits(v, 9) && !check_same(v) && check_weigh(v, "37373737") % 10 == digit(v, 8);
}

/* Month + 20 before 1900, + 40 from 2000. */
bool check_bg_egn(struct span v)
{
    if (!check_digits(v, 10))
        return false;
    return check_date(number2(v, 0), number2(v, 2) % 20, number2(v, 4)) &&
           check_weigh(v, "2485:9736") % 11 % 10 == digit(v, 9);
}

bool check_gr_amka(struct span v)
{
    return check_digits(v, 11) && check_ddmmyy(v) && check_luhn(v);
}

bool check_ru_snils(struct span v)
{
    if (!check_digits(v, 11) || check_same(v))
        return false;
    unsigned c = check_weigh(v, "987654321") % 101;
    return (c == 100 ? 0 : c) == number2(v, 9);
}

bool check_ru_inn(struct span v)
{
    if (check_digits(v, 10))
        return !check_same(v) && check_weigh(v, "24:359468") % 11 % 10 == digit(v, 9);
    if (!check_digits(v, 12) || check_same(v))
        return false;
    return check_weigh(v, "724:359468") % 11 % 10 == digit(v, 10) &&
           check_weigh(v, "3724:359468") % 11 % 10 == digit(v, 11);
}

bool check_ua_rnokpp(struct span v)
{
    if (!check_digits(v, 10) || check_same(v))
        return false;
    /* The first weight is -1, which is 10 mod 11. */
    return check_weigh(v, ":57946:57") % 11 % 10 == digit(v, 9);
}

bool check_tr_id(struct span v)
{
    if (!check_digits(v, 11) || v.p[0] == '0')
        return false;
    unsigned odd = 0, even = 0;
    for (size_t i = 0; i < 9; i++)
        *(i % 2 ? &even : &odd) += digit(v, i);
    unsigned ten = (odd * 7 + 100 - even) % 10;
    return ten == digit(v, 9) && (odd + even + ten) % 10 == digit(v, 10);
}

bool check_tr_plate(struct span v)
{
    return v.n >= 5 && v.n <= 9 && number2(v, 0) >= 1 && number2(v, 0) <= 81;
}

bool check_il_id(struct span v)
{
    return check_digits(v, 9) && !check_same(v) && check_luhn(v);
}

bool check_ae_eid(struct span v)
{
    return check_digits(v, 15) && !memcmp(v.p, "784", 3) && number2(v, 3) >= 19 &&
           number2(v, 3) <= 20 && check_luhn(v);
}

bool check_za_id(struct span v)
{
    return check_digits(v, 13) && check_yymmdd(v) && v.p[10] <= '2' && check_luhn(v);
}

bool check_in_aadhaar(struct span v)
{
    if (!check_digits(v, 12) || v.p[0] < '2')
        return false;
    bool mirror = true;
    for (size_t i = 0; i < 6; i++)
        mirror = mirror && v.p[i] == v.p[11 - i];
    return !mirror && check_verhoeff(v);
}

bool check_in_pan(struct span v)
{
    return v.n == 10 && strchr("ABCFGHJLPT", v.p[3]) != NULL;
}

bool check_in_gstin(struct span v)
{
    if (v.n != 15 || !check_digits(span_cut(v, 0, 2), 2) || number2(v, 0) < 1 ||
        (number2(v, 0) > 38 && number2(v, 0) != 97) || v.p[13] != 'Z')
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 14; i++) {
        unsigned x = base36(v.p[i]) * (i % 2 ? 2U : 1U);
        sum += x / 36 + x % 36;
    }
    return base36(v.p[14]) == (36 - sum % 36) % 36;
}

bool check_in_plate(struct span v)
{
    static const char states[] =
        "ANAPARASBRCHCGDDDLGAGJHRHPJKJHKAKLLALDMPMHMNMLMZNLODORPYPBRJSKTNTSTR"
        "UPUKUAWB";
    for (size_t i = 0; states[i]; i += 2)
        if (v.n >= 8 && !memcmp(v.p, states + i, 2))
            return true;
    return false;
}

bool check_pk_cnic(struct span v)
{
    return check_digits(v, 13) && v.p[0] >= '1' && v.p[0] <= '8' && !check_same(v);
}

static unsigned kr_rest(struct span v)
{
    return check_weigh(v, "234567892345") % 11;
}

/* Numbers given since October 2020 are random after the sex digit: the check is an opinion only. */
bool check_kr_rrn(struct span v)
{
    return check_digits(v, 13) && v.p[6] >= '1' && v.p[6] <= '4' && check_yymmdd(v) &&
           ((v.p[6] >= '3' && number2(v, 0) >= 20 && number2(v, 0) < 50) ||
            (11 - kr_rest(v)) % 10 == digit(v, 12));
}

bool check_kr_frn(struct span v)
{
    return check_digits(v, 13) && v.p[6] >= '5' && v.p[6] <= '8' && check_yymmdd(v) &&
           (13 - kr_rest(v)) % 10 == digit(v, 12);
}

bool check_kr_brn(struct span v)
{
    if (!check_digits(v, 10) || check_same(v))
        return false;
    unsigned sum = check_weigh(v, "137137135") + digit(v, 8) * 5 / 10;
    return (10 - sum % 10) % 10 == digit(v, 9);
}

bool check_kr_licence(struct span v)
{
    return check_digits(v, 12) && number2(v, 0) >= 11 && number2(v, 0) <= 28 && number2(v, 0) != 27;
}

bool check_jp_my(struct span v)
{
    if (!check_digits(v, 12) || check_same(v))
        return false;
    unsigned rest = check_weigh(v, "65432765432") % 11;
    return (rest <= 1 ? 0 : 11 - rest) == digit(v, 11);
}

bool check_cn_id(struct span v)
{
    if (v.n != 18 || !check_digits(span_cut(v, 0, 17), 17) || number2(v, 0) < 11 ||
        number2(v, 0) > 82 || (number2(v, 6) != 19 && number2(v, 6) != 20) ||
        !check_yymmdd(span_from(v, 8)))
        return false;
    return v.p[17] == (uint8_t) "10X98765432"[check_weigh(v, "79:584216379:5842") % 11];
}

bool check_hk_id(struct span v)
{
    size_t letters = v.n - 7;
    if ((v.n != 8 && v.n != 9) || !check_digits(span_cut(v, letters, 6), 6))
        return false;
    unsigned sum =
        letters == 2 ? base36(v.p[0]) * 9 + base36(v.p[1]) * 8 : 36 * 9 + base36(v.p[0]) * 8;
    for (size_t i = 0; i < 6; i++)
        sum += digit(v, letters + i) * (unsigned)(7 - i);
    unsigned c = (11 - sum % 11) % 11;
    return v.p[v.n - 1] == (c == 10 ? 'A' : '0' + c);
}

bool check_tw_id(struct span v)
{
    static const uint8_t letter[26] = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                       22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
    if (v.n != 10 || !is_upper(v.p[0]) || !check_digits(span_from(v, 1), 9) ||
        !strchr("1289", v.p[1]))
        return false;
    unsigned l = letter[v.p[0] - 'A'];
    unsigned sum = l / 10 + l % 10 * 9 + check_weigh(span_from(v, 1), "87654321") + digit(v, 9);
    return sum % 10 == 0;
}

bool check_sg_nric(struct span v)
{
    if (v.n != 9 || !check_digits(span_cut(v, 1, 7), 7))
        return false;
    unsigned sum = check_weigh(span_from(v, 1), "2765432");
    sum += v.p[0] == 'T' || v.p[0] == 'G' ? 4 : 0;
    switch (v.p[0]) {
    case 'T':
    case 'S':
        return v.p[8] == (uint8_t) "JZIHGFEDCBA"[sum % 11];
    case 'G':
    case 'F':
        return v.p[8] == (uint8_t) "XWUTRQPNMLK"[sum % 11];
    case 'M':
        return v.p[8] == (uint8_t) "KLJNPQRTUWX"[10 - (sum + 3) % 11];
    default:
        return false;
    }
}

/* Three generations: 8 digits, year and 5 digits, T/R/S year entity 4 digits; a letter each. */
bool check_sg_uen(struct span v)
{
    if (v.n == 9)
        return check_digits(span_cut(v, 0, 8), 8) &&
               v.p[8] == (uint8_t) "XMKECAWLJDB"[check_weigh(v, ":4938271") % 11];
    if (v.n != 10)
        return false;
    if (check_digits(span_cut(v, 0, 9), 9))
        return v.p[9] == (uint8_t) "ZKCMDNERGWH"[check_weigh(v, ":86497531") % 11];
    if (!strchr("RST", v.p[0]) || !check_digits(span_cut(v, 1, 2), 2) ||
        !check_digits(span_cut(v, 5, 4), 4))
        return false;
    static const uint8_t weight[9] = {4, 3, 5, 3, 10, 2, 2, 5, 7};
    static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) {
        const char *at = strchr(alphabet, v.p[i]);
        if (!at || !*at)
            return false;
        sum += (unsigned)(at - alphabet) * weight[i];
    }
    unsigned k = (sum + 6) % 11;
    return v.p[9] == (uint8_t)alphabet[k];
}

bool check_my_nric(struct span v)
{
    unsigned place = number2(v, 6);
    return check_digits(v, 12) && check_yymmdd(v) && place >= 1 && place <= 99 && place != 17 &&
           place != 18 && place != 19 && place != 20 && place != 69 && place != 70 && place != 73 &&
           place != 80 && place != 81 && !(place > 93 && place < 98);
}

bool check_id_nik(struct span v)
{
    if (!check_digits(v, 16) || number2(v, 0) < 11 || number2(v, 0) > 97)
        return false;
    unsigned day = number2(v, 6);
    return check_date(number2(v, 10), number2(v, 8), day > 40 ? day - 40 : day) &&
           memcmp(v.p + 12, "0000", 4) != 0;
}

bool check_th_id(struct span v)
{
    if (!check_digits(v, 13) || v.p[0] == '0' || check_same(v))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < 12; i++)
        sum += digit(v, i) * (unsigned)(13 - i);
    return (11 - sum % 11) % 10 == digit(v, 12);
}

bool check_ph_tin(struct span v)
{
    return (check_digits(v, 9) || check_digits(v, 12)) && !check_same(v) &&
           check_weigh(v, "98765432") % 11 == digit(v, 8);
}
