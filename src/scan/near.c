/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frequent number: a few digits in prose, a list or code that are nobody's. Called by the sweep
 * before any recogniser is. The word before and the words behind say no by their
 * first three letters; whatever is unusual (a capital, a digit, a letter beyond ASCII, a backslash)
 * is left to the recognisers, so that "no" is never wrong.
 */
#include "cue_int.h"
#include "scan_int.h"

enum { SIGNS_BEFORE = 4, SIGNS_BEHIND = 3, WORD_MOST = 44, WORDS_BEHIND = 3 };

/* Signs below 64, a bit each. */
#define SIGN(c) ((uint64_t)1 << (c))
static inline bool one_of(uint8_t c, uint64_t signs)
{
    return c < 64 && (signs >> c & 1);
}

/* The top bit of each byte of v that is no small letter. */
static inline uint64_t not_lower(uint64_t v)
{
    return (letters_of(v) & v << 2) ^ 0x8080808080808080U;
}

/* How many small letters stand right before `at`, at most WORD_MOST. */
static size_t letters_before(struct span t, size_t at)
{
    size_t n = 0;
    for (; n < WORD_MOST && at - n >= 8; n += 8) {
        uint64_t stop = not_lower(load8(t.p + at - n - 8));
        if (stop)
            return n + (size_t)__builtin_clzll(stop) / 8;
    }
    while (n < WORD_MOST && n < at && is(t.p[at - n - 1], C_LOWER))
        n++;
    return n;
}

static size_t letters_behind(struct span t, size_t at)
{
    size_t n = 0;
    for (; n < WORD_MOST && t.n - at - n >= 8; n += 8) {
        uint64_t stop = not_lower(load8(t.p + at + n));
        if (stop)
            return n + (size_t)__builtin_ctzll(stop) / 8;
    }
    while (n < WORD_MOST && at + n < t.n && is(t.p[at + n], C_LOWER))
        n++;
    return n;
}

/* A byte beside a word of small letters that makes it unusual. */
static inline bool unusual(uint8_t c)
{
    return is(c, C_WORD | C_HIGH) || c == '\\' || c == '-' || c == '\'';
}

static const uint64_t signs_before = SIGN(' ') | SIGN('.') | SIGN(':') | SIGN('-') | SIGN('/') |
                                     SIGN('=') | SIGN(',') | SIGN('"') | SIGN('\'');

/* Past signs before [.., at). */
static inline size_t signs_end(struct span t, size_t at)
{
    for (unsigned k = 0; k < SIGNS_BEFORE && at && one_of(t.p[at - 1], signs_before); k++)
        at--;
    return at;
}

/* The word of small letters before [.., at): none, or none of those at `place`. */
static bool nothing_at(const struct probe *p, size_t at, enum near_place place)
{
    struct span t = p->text;
    size_t n = letters_before(t, at);
    const uint8_t *word = t.p + at - n;
    if (n < at && (n ? unusual(word[-1]) : is(word[-1], C_WORD | C_HIGH)))
        return false;
    return n < 2 || !near_may_be(p->sc->cues, place, word[0], word[1], n > 2 ? word[2] : 0);
}

/* The word before [.., at), past some signs; past "9:" of "9:30" the one before that. */
static bool nothing_before(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t end = signs_end(t, at), digits = end;
    while (digits && end - digits < 3 && is(t.p[digits - 1], C_DIGIT))
        digits--;
    return digits == end ? nothing_at(p, end, NEAR_BEFORE)
                         : nothing_at(p, signs_end(t, digits), NEAR_SECOND);
}

/* "years", "yr", "ans", "anni", "Jahre", "jaar"; "of May", "de mayo" */
static bool unit_or_link(const uint8_t *word, size_t n)
{
    uint8_t second = word[1], third = n > 2 ? word[2] : 0;
    switch (word[0]) {
    case 'y':
        return (second == 'e' && third == 'a') || second == 'r' || (second == 'o' && n == 2);
    case 'a':
        return second == 'n' && (third == 's' || third == 'n' || third == 'o');
    case 'j':
        return second == 'a';
    case 'o':
        return n == 2 && second == 'f';
    case 'd':
        return n == 2 && second == 'e';
    default:
        return false;
    }
}

/* The words behind the digits, past some signs; behind a decimal number no street follows at once.
 */
static bool nothing_behind(const struct probe *p, size_t at, bool decimal)
{
    const uint64_t signs = SIGN(' ') | SIGN('.') | SIGN(',') | SIGN('-') | SIGN('/') | SIGN('+');
    struct span t = p->text;
    for (unsigned k = 0; k < SIGNS_BEHIND && at < t.n && one_of(t.p[at], signs); k++)
        at++;
    if (at == t.n || !(is(t.p[at], C_WORD | C_HIGH) || t.p[at] == '#' || t.p[at] == '\''))
        return true;
    for (unsigned k = 0; k < WORDS_BEHIND; k++) {
        size_t n = letters_behind(t, at), end = at + n;
        const uint8_t *word = t.p + at;
        if (n < 2 || unusual(peek(t, end)) ||
            near_may_be(p->sc->cues, k ? NEAR_STREET : NEAR_BEHIND, word[0], word[1],
                        n > 2 ? word[2] : 0))
            return false;
        if (k == 0 && unit_or_link(word, n))
            return false;
        if (decimal &&
            (near_may_be(p->sc->cues, NEAR_STREET, word[0], word[1], n > 2 ? word[2] : 0) ||
             near_may_be(p->sc->cues, NEAR_SECOND, word[0], word[1], n > 2 ? word[2] : 0)))
            return false;
        at = end + (peek(t, end) == '.');
        if (peek(t, at) == ' ')
            at++;
        if (at == end)
            return true; /* nothing goes on */
        uint8_t c = peek(t, at);
        if (!is(c, C_WORD | C_HIGH) && c != '\'' && c != '#')
            return true;
    }
    return true;
}

/* A sign at `at` that may join a number or a hardware address to what follows. */
static inline bool joined(struct span t, size_t at)
{
    const uint64_t signs =
        SIGN(' ') | SIGN('(') | SIGN(')') | SIGN('-') | SIGN('.') | SIGN('/') | SIGN('%');
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    return one_of(c, signs) && (is(d, C_DIGIT) || is(peek(t, at + 2), C_DIGIT) ||
                                ((c == '-' || c == '.') && is(d, C_WORD)));
}

/* "12.5", "0.4321": at most six digits. */
static bool decimal_nothing(const struct probe *p, size_t at, size_t n)
{
    enum { DIGITS = 6, DEGREES = 3 };
    struct span t = p->text;
    size_t point = at + n, end = point + 1;
    while (end - at <= DIGITS + 1 && is(peek(t, end), C_DIGIT))
        end++;
    if (end - at > DIGITS + 1 || is(peek(t, end), C_WORD | C_HIGH) || joined(t, end) ||
        !shape_none_at(p, at))
        return false;
    if (end - point > DEGREES) {
        size_t sign = signs_end(t, at); /* degrees: no more signs may stand before their name */
        if (sign && memchr(" :=\"'([", t.p[sign - 1], 7))
            return false;
    }
    return nothing_behind(p, end, true) && nothing_before(p, at);
}

bool near_nothing(const struct probe *p, size_t at, size_t n)
{
    struct span t = p->text;
    uint8_t before = at ? t.p[at - 1] : 0;
    if (before == '-' || before == '.')
        return false;
    if (peek(t, at + n) == '.' && is(peek(t, at + n + 1), C_DIGIT))
        return decimal_nothing(p, at, n);
    return !joined(t, at + n) && shape_none(p, n) && nothing_behind(p, at + n, false) &&
           nothing_before(p, at);
}
