/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bytes of a value say before its name is weighed: a password or token, or a word, a call,
 * a type of the program's. Called for every value that something announces.
 */
#include "secret_gap_int.h"

enum { OF_DIGIT = 1, OF_LETTER = 2, OF_PATH = 4, OF_SIGN = 8, OF_CODE = 16 };
#define O5(c, v)  [c] = v, [(c) + 1] = v, [(c) + 2] = v, [(c) + 3] = v, [(c) + 4] = v
#define O25(c, v) O5(c, v), O5((c) + 5, v), O5((c) + 10, v), O5((c) + 15, v), O5((c) + 20, v)
static const uint8_t value_bytes[256] = {
    O5('0', OF_DIGIT),
    O5('5', OF_DIGIT),
    O25('A', OF_LETTER),
    ['Z'] = OF_LETTER,
    O25('a', OF_LETTER),
    ['z'] = OF_LETTER,
    /* a sentence's or path's punctuation; a call's, a tag's */
    ['.'] = OF_PATH,
    ['/'] = OF_PATH | OF_CODE,
    ['('] = OF_PATH | OF_CODE,
    [':'] = OF_PATH | OF_CODE,
    ['='] = OF_PATH | OF_CODE,
    ['<'] = OF_CODE,
    ['>'] = OF_CODE,
    ['{'] = OF_CODE,
    ['}'] = OF_CODE,
    /* what no word and no path holds */
    ['!'] = OF_SIGN,
    ['#'] = OF_SIGN,
    ['$'] = OF_SIGN,
    ['%'] = OF_SIGN,
    ['&'] = OF_SIGN,
    ['*'] = OF_SIGN,
    ['?'] = OF_SIGN,
    ['@'] = OF_SIGN,
    ['^'] = OF_SIGN,
    ['+'] = OF_SIGN,
    ['~'] = OF_SIGN,
};

/* Letters and digits, and no sentence's or path's punctuation. */
static bool mixed(struct span s)
{
    return (secret_made_of(s, value_bytes) & (OF_DIGIT | OF_LETTER | OF_PATH)) ==
           (OF_DIGIT | OF_LETTER);
}

/* The same, or a long random one with base64's punctuation. */
bool secret_opaque(struct span s)
{
    bool digit = false;
    if (mixed(s))
        return true;
    for (size_t i = 0; i < s.n; i++) {
        digit |= secret_digit(s.p[i]);
        bool inner = s.p[i] == '=' && i + 1 < s.n && s.p[i + 1] != '='; /* name=value */
        if (inner || (!secret_alnum(s.p[i]) && !memchr("+/=-_", s.p[i], 5)))
            return false;
    }
    return digit && s.n >= 20 && s.p[0] != '/' && secret_surprise(s) >= SECRET_RANDOM_SURE;
}

/* Letters, digits and a sign that no word and no path holds. */
bool secret_spelled(struct span s)
{
    const unsigned want = OF_DIGIT | OF_LETTER | OF_SIGN;
    unsigned of = secret_made_of(s, value_bytes);
    if ((of & want) != want)
        return false;
    size_t sign = of & OF_CODE ? span_find(s, 0, '=') : 0; /* x7$k=9q; but name=a!1 */
    if (sign == s.n || sign + 1 == s.n)
        return false;
    struct span rest = span_from(s, sign + 1);
    return !(of & OF_CODE) ||
           ((secret_made_of(span_cut(s, 1, sign ? sign - 1 : 0), value_bytes) & OF_SIGN) &&
            !(secret_made_of(rest, value_bytes) & OF_CODE) &&
            !(secret_made_of(span_cut(s, 0, sign), value_bytes) & OF_CODE));
}

bool secret_sum(struct span s)
{
    size_t sign = span_find(s, 0, '+'), at = sign + 1;
    while (at < s.n && secret_digit(s.p[at]))
        at++;
    return at == s.n && !(secret_made_of(s, secret_classes) & F_LOWER);
}

bool secret_letters(struct span s)
{
    enum { LETTERS_MIN = 9 };
    size_t upper = 0, lower = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!(value_bytes[s.p[i]] & (OF_LETTER | OF_SIGN)))
            return false;
        upper += (uint8_t)(s.p[i] - 'A') < 26;
        lower += (uint8_t)(s.p[i] - 'a') < 26;
    }
    float least = upper + lower < s.n ? SECRET_RANDOM_LIKELY : SECRET_RANDOM_SURE;
    return s.n >= LETTERS_MIN && upper && lower && secret_surprise(s) >= least;
}

bool secret_digits(struct span s)
{
    size_t n = 0;
    while (n < s.n && secret_digit(s.p[n]))
        n++;
    return n == s.n && n >= 8;
}

bool secret_strong(struct span s)
{
    return secret_letters(s) || secret_opaque(s) || secret_spelled(s) || secret_numbered(s) ||
           secret_passphrase(s);
}

/* --token abcdef.0123456789abcdef: letters, digits and dots, no file's name. */
bool secret_told_token(struct span s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        digits += secret_digit(s.p[i]);
        if (!secret_alnum(s.p[i]) && s.p[i] != '.')
            return false;
    }
    return s.n >= 20 && digits >= 3;
}

/* A word or a name of the program's, or a call: no password, no key. */
bool secret_plain_word(struct span s, bool quoted)
{
    /* a number of a program, 0x80A7; a pointer or cast */
    if (s.n <= 18 && s.p[0] == '0' && s.p[1] == 'x')
        return true;
    if (!quoted &&
        (s.p[0] == '(' || s.p[0] == '{' || ((s.p[0] == '*' || s.p[0] == '&') && !mixed(s))))
        return true;
    size_t n = 0;
    while (n < s.n && (secret_classes[s.p[n]] & (F_NAME | F_DIGIT)) == F_NAME)
        n++;
    if (n == s.n)
        return secret_surprise(s) < 22;
    return !quoted && n && (s.p[n] == '(' || s.p[n] == '[') && secret_alnum(s.p[n - 1]);
}

bool secret_has_code(struct span s)
{
    return secret_made_of(s, value_bytes) & OF_CODE;
}

bool secret_user_at_host(struct span s)
{
    size_t at = span_find(s, 0, '@'), dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool small = (uint8_t)(s.p[i] - 'a') < 26 || secret_digit(s.p[i]) || s.p[i] == '-';
        if (!small && i != at && s.p[i] != '.')
            return false;
        dots += i > at && s.p[i] == '.';
    }
    return at && dots;
}

bool secret_function_name(struct span s)
{
    enum { HUMPS = 3 };
    size_t small = 0, humps = 0, digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!secret_alnum(c) && c != '_')
            return false;
        digits += secret_digit(c);
        humps += small >= 2 && (uint8_t)(c - 'A') < 26;
        small = (uint8_t)(c - 'a') < 26 ? small + 1 : 0;
    }
    return !digits || humps >= HUMPS;
}
