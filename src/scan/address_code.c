/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a house and its street, as address.c asks for it: a unit, a place, a postcode
 * (digits of most countries, and the forms with letters). Frequent is nothing of all that.
 */
#include "address_int.h"

enum { TAIL_BYTES = 72 };

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
    size_t blank = peek(t, e) == ' ';
    if (letters - at != 1 || e - d != 2 || !is(peek(t, e + blank), C_UPPER))
        return 0;
    e -= !blank; /* D02X285 */
    for (d = e + 1; d - e < 5 && is(peek(t, d), C_UPPER | C_DIGIT); d++)
        ;
    return d - e == 5 && !is(peek(t, d), C_WORD) ? d : 0;
}

/* "L2C7X8" */
static bool canadian(struct span t, size_t at)
{
    for (size_t i = 0; i < 6; i++)
        if (!is(peek(t, at + i), i % 2 ? C_DIGIT : C_UPPER))
            return false;
    return !is(peek(t, at + 6), C_WORD);
}

/* "0917 674 3756": the digits before `at` are a phone's first group. */
static bool digits_go_on(struct span t, size_t at)
{
    uint8_t sign = peek(t, at);
    size_t e = address_digits(t, at + 1);
    return (sign == ' ' || sign == '-' || sign == '.') && e - at > 3 && peek(t, e) == sign &&
           is(peek(t, e + 1), C_DIGIT);
}

/* "sk7 4rd": Britain's in small letters; its end, 0 when it is none. */
static size_t small_british_end(struct span t, size_t at)
{
    size_t e = at + 1 + is(peek(t, at + 1), C_LOWER);
    if (!is(peek(t, e), C_DIGIT))
        return 0;
    e += 1 + is(peek(t, e + 1), C_LOWER | C_DIGIT);
    bool inward = peek(t, e) == ' ' && is(peek(t, e + 1), C_DIGIT) && is(peek(t, e + 2), C_LOWER) &&
                  is(peek(t, e + 3), C_LOWER) && !is(peek(t, e + 4), C_WORD);
    return inward ? e + 4 : 0;
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
        else if (d - at == 4 && letters_at(t, d, 2))
            d += 2; /* 9308NJ */
        return is(peek(t, d), C_WORD) || digits_go_on(t, d) ? 0 : d;
    }
    if (d - at == 2 && peek(t, d) == '-' && is(peek(t, d + 1), C_DIGIT)) {
        for (e = d + 1; e - d < 5 && is(peek(t, e), C_DIGIT); e++)
            ;
        return e - d == 4 ? e : 0;
    }
    /* Britain and Canada: a letter, two to four of letters and digits, a blank, digit and two more.
     */
    if (is(peek(t, at), C_LOWER))
        return small_british_end(t, at);
    if (!is(peek(t, at), C_UPPER))
        return 0;
    for (e = at + 1; e - at < 4 && is(peek(t, e), C_UPPER | C_DIGIT); e++)
        ;
    if (canadian(t, at))
        return at + 6;
    if (e - at < 2 || peek(t, e) != ' ' || !is(peek(t, e + 1), C_DIGIT) ||
        !(is(t.p[at + 1], C_DIGIT) || is(peek(t, at + 2), C_DIGIT)) ||
        !is(peek(t, e + 2), C_UPPER) || !is(peek(t, e + 3), C_UPPER | C_DIGIT))
        return 0;
    return is(peek(t, e + 4), C_WORD) ? 0 : e + 4;
}

/* ---- unit and place ---- */

/* The floor's side behind "3º" or "2.": "B", "Esq.", "izq.", "tv"; its end, `at` when none. */
static size_t side_end(struct span t, size_t at)
{
    static const char *const sides[] = {"esq",  "dto", "dta", "fte", "izq", "izda",
                                        "dcha", "der", "drt", "tv",  "th",  "mf"};
    size_t i = at + (peek(t, at) == ' '), e = word_end(t, i);
    if (i == at || e == i)
        return at;
    if (e - i == 1 && is(t.p[i], C_UPPER))
        return e;
    for (size_t k = 0; k < sizeof sides / sizeof *sides; k++)
        if (span_is_nocase(span_cut(t, i, e - i), sides[k]))
            return e + (peek(t, e) == '.');
    return at;
}

/* " #27B", ", Apt 92", " Suite 330", ", 2ºD", ", 2. tv.", ", piso 7D", " - apto 42". */
size_t address_unit_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    if (peek(t, i) == '.')
        i++; /* Dr., Apt 14 */
    if (peek(t, i) == ' ' && peek(t, i + 1) == ',')
        i++;
    if (peek(t, i) == ',')
        i++;
    for (unsigned k = 0; k < 2 && peek(t, i) == ' '; k++)
        i++;
    if (i == at)
        return at;
    if (peek(t, i) == '-' && peek(t, i + 1) == ' ')
        i += 2;
    size_t e = word_end(t, i);
    if (peek(t, i) == '#') {
        e = word_end(t, i + 1);
        return e > i + 1 ? e : at;
    }
    if (is(peek(t, i), C_DIGIT) && i > at + 1) {
        /* 2ºD, 1ª: digits, the sign of an ordinal, perhaps a letter */
        size_t d = i;
        while (d - i < 3 && is(peek(t, d), C_DIGIT))
            d++;
        bool point = peek(t, d) == '.';
        d += point;
        if (peek(t, d) == 0xC2 &&
            (peek(t, d + 1) == 0xBA || peek(t, d + 1) == 0xAA || peek(t, d + 1) == 0xB0))
            return side_end(t, word_end(t, d));
        e = point ? side_end(t, d) : d;
        return e > d ? e : at;
    }
    if (!says_unit(p, i, e))
        return at;
    i = peek(t, e) == ':' ? e + 1 + (peek(t, e + 1) == ' ') : gap_end(t, e, false);
    e = word_end(t, i);
    bool door = is(peek(t, i), C_DIGIT) || e - i == 1 || peek(t, i) == '#' ||
                (is(peek(t, i), C_UPPER) && is(peek(t, i + 1), C_DIGIT));
    return i < e && e - i <= 5 && door ? e : at;
}

/* Do capitals alone make up the word? */
static bool shouted(struct span t, size_t at, size_t end)
{
    for (size_t i = at; i < end; i++)
        if (is(t.p[i], C_LOWER))
            return false;
    return end - at > 1;
}

/* "nsw 2007", "tx 75074" at `at`: a state in small letters and its postcode; the end, 0 when it is
 * none. */
static size_t small_state_end(struct span t, size_t at)
{
    static const char us[] = "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn "
                             "ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va "
                             "wa wv wi wy dc";
    static const char australian[] = "nsw vic qld tas act wa sa nt";
    size_t e = at, digits;
    while (e - at < 3 && is(peek(t, e), C_LOWER))
        e++;
    digits = peek(t, e) == ' ' ? address_digits(t, e + 1) : e;
    if (e - at < 2 || digits < e + 5 || digits > e + 6 || is(peek(t, digits), C_WORD | C_HIGH))
        return 0;
    const char *states = digits == e + 6 ? us : australian;
    for (const char *s = states; s; s = strchr(s, ' '), s += s != NULL)
        if (!strncmp(s, (const char *)t.p + at, e - at) && (s[e - at] == ' ' || !s[e - at]))
            return digits;
    return 0;
}

/* ", ultimo nsw 2007": a town in small letters, its state and postcode; `at` when there is none. */
static __attribute__((noinline, cold)) size_t small_tail_end(struct span t, size_t at)
{
    enum { WORDS = 4 };
    unsigned lines = 0;
    for (size_t k = 0, i = at; k < WORDS; k++) {
        size_t next = place_gap(t, i, &lines), end;
        if (next == i || lines || !is(peek(t, next), C_LOWER))
            return at;
        end = k ? small_state_end(t, next) : 0; /* no ", in 20000 homes" */
        if (end)
            return end;
        for (i = next; is(peek(t, i), C_LETTER); i++)
            ;
    }
    return at;
}

/* Words of a place up to a postcode: its end, or `at` when none follows. */
size_t address_tail_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t small = is(peek(t, at + 1 + (peek(t, at) == ',')), C_LOWER) ? small_tail_end(t, at) : at;
    if (small > at)
        return small;
    unsigned lines = 0, words = 0;
    size_t from = at + (peek(t, at) == '.' && peek(t, at + 1) == ',');
    for (size_t i = from; i - at < TAIL_BYTES && words < 7;) {
        size_t next = place_gap(t, i, &lines);
        if (next == i || lines > 2)
            return at;
        i = next;
        size_t end = address_postcode(t, i);
        if (end)
            return end;
        size_t e = word_end(t, i);
        size_t dash = e;
        while (dash > i && is(t.p[dash - 1], C_DIGIT))
            dash--;
        if (e - dash == 6 && dash > i + 1 && t.p[dash - 1] == '-' && capital(t, i))
            return e; /* Sagar-896052 */
        bool district =
            words && e > i && e - i <= 2 && is(t.p[i], C_DIGIT) && is(t.p[e - 1], C_DIGIT);
        bool label = prev(t, i) == '\n' && peek(t, e) == '\n' && shouted(t, i, e) && e - i < 5;
        if (label) /* "PLZ", "CAP": a form's */
            return at;
        if (e == i || (!district && ((!capital(t, i) && !word_is(p, i, e, CUE_PARTICLE)) ||
                                     is(t.p[e - 1], C_DIGIT))))
            return at; /* "Dublin 2" has a district */
        words++;
        i = e + (peek(t, e) == '.');
    }
    return at;
}

/* "N", "14": the district behind a town's name. */
static bool district(struct span t, size_t at, size_t end)
{
    return end > at && end - at <= 2 &&
           (is(t.p[at], C_DIGIT) || (end - at == 1 && is(t.p[at], C_UPPER)));
}

/* Is it the postcode of a country that writes it before the town: digits that a comma, a line or
 * the house stands before, and no town or state? */
static bool leads_town(struct span t, size_t at)
{
    size_t i = at;
    if (i > 3 && is(t.p[i - 1], C_UPPER) && is(t.p[i - 2], C_UPPER) && t.p[i - 3] == ' ')
        i -= 3; /* 9308 NJ */
    while (i && (is(t.p[i - 1], C_DIGIT) ||
                 ((t.p[i - 1] == ' ' || t.p[i - 1] == '-') && i > 1 && is(t.p[i - 2], C_DIGIT))))
        i--;
    while (i && (t.p[i - 1] == '-' || is(t.p[i - 1], C_UPPER)))
        i--; /* CH-8001 */
    while (i && (t.p[i - 1] == ' ' || t.p[i - 1] == '\n' || t.p[i - 1] == '\r'))
        i--;
    return at - i >= 4 && (prev(t, i) == ',' || peek(t, i) == '\n' || is(prev(t, i), C_DIGIT) ||
                           prev(t, i) == '.');
}

size_t address_town_end(const struct probe *p, size_t at)
{
    enum { WORDS = 4 };
    struct span t = p->text;
    size_t i = at + 1, end = at;
    if (!is(prev(t, at), C_WORD) || peek(t, at) != ' ' || !capital(t, i) || !leads_town(t, at))
        return at;
    bool loud = shouted(t, i, word_end(t, i));
    for (unsigned k = 0; k < WORDS; k++) {
        size_t e = word_end(t, i);
        bool small = k && word_is(p, i, e, CUE_PARTICLE);
        if (e == i || !(small || capital(t, i) || (k && district(t, i, e))) ||
            (k && !loud && !district(t, i, e) && shouted(t, i, e)))
            break;
        if (!small || capital(t, i))
            end = e;
        if (peek(t, e) != ' ' || (loud && k) || (k && district(t, i, e)))
            break;
        i = e + 1;
    }
    return end;
}
