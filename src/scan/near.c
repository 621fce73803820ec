/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frequent number: a few digits in prose, a list or code that are nobody's. Called by the sweep
 * before any recogniser is. The word before and the words behind say no by their first four
 * letters; whatever is unusual (a digit or dash beside them, a letter beyond ASCII, a backslash) is
 * left to the recognisers, so that "no" is never wrong.
 */
#include "cue_int.h"
#include "scan_int.h"

enum { SIGNS_BEFORE = 4, SIGNS_BEHIND = 3, WORD_MOST = 44, WORDS_BEHIND = 3, STREET_WORDS = 6 };

/* Signs below 64, a bit each. */
#define SIGN(c) ((uint64_t)1 << (c))
static inline bool one_of(uint8_t c, uint64_t signs)
{
    return c < 64 && (signs >> c & 1);
}

/* How many letters of ASCII stand right before `at`, at most WORD_MOST. */
static size_t letters_before(struct span t, size_t at)
{
    size_t n = 0;
    for (; n < WORD_MOST && at - n >= 8; n += 8) {
        uint64_t stop = ~letters_of(load8(t.p + at - n - 8)) & 0x8080808080808080U;
        if (stop)
            return n + (size_t)__builtin_clzll(stop) / 8;
    }
    while (n < WORD_MOST && n < at && is(t.p[at - n - 1], C_LETTER))
        n++;
    return n;
}

static size_t letters_behind(struct span t, size_t at)
{
    size_t n = 0;
    for (; n < WORD_MOST && t.n - at - n >= 8; n += 8) {
        uint64_t stop = ~letters_of(load8(t.p + at + n)) & 0x8080808080808080U;
        if (stop)
            return n + (size_t)__builtin_ctzll(stop) / 8;
    }
    while (n < WORD_MOST && at + n < t.n && is(t.p[at + n], C_LETTER))
        n++;
    return n;
}

/* A byte beside a word of letters that makes it unusual. */
static inline bool unusual(uint8_t c)
{
    return is(c, C_WORD | C_HIGH) || c == '\\' || c == '-' || c == '\'';
}

/* May the word of n letters be one that matters there? */
static inline bool may_be(const struct probe *p, enum near_place place, const uint8_t *word,
                          size_t n)
{
    return near_may_be(p->sc->cues, place, near_letters(word, n));
}

/* ---- before ---- */

static const uint64_t signs_before = SIGN(' ') | SIGN('.') | SIGN(':') | SIGN('-') | SIGN('/') |
                                     SIGN('=') | SIGN(',') | SIGN('"') | SIGN('\'');

/* Past signs before [.., at). */
static inline size_t signs_end(struct span t, size_t at)
{
    for (unsigned k = 0; k < SIGNS_BEFORE && at && one_of(t.p[at - 1], signs_before); k++)
        at--;
    return at;
}

/* What stands before [.., at) makes one word with what stands there. */
static inline bool joins_word(struct span t, size_t at)
{
    uint8_t c = at ? t.p[at - 1] : ' ', d = at > 1 ? t.p[at - 2] : ' ';
    return is(c, C_WORD | C_HIGH) || c == '\'' || c == '\\' ||
           (c == '-' && (is(d, C_WORD | C_HIGH) || d == '\''));
}

/* "Am", "Auf", "Im", "Zur", "Unter", "Hinter": a street may begin so. */
static inline bool preposition(uint8_t first)
{
    return first == 'A' || first == 'I' || first == 'Z' || first == 'U' || first == 'H';
}

static size_t digits_start(struct span t, size_t end)
{
    size_t at = end;
    while (at && end - at < WORD_MOST && is(t.p[at - 1], C_DIGIT))
        at--;
    return at;
}

/* The words before a capitalised one at [.., at) begin no street. */
static bool no_street_before(const struct probe *p, size_t at)
{
    struct span t = p->text;
    for (unsigned k = 0; k < STREET_WORDS; k++) {
        size_t end = at - (at && t.p[at - 1] == ' ');
        end -= end && (t.p[end - 1] == '.' || t.p[end - 1] == '/');
        if (end && is(t.p[end - 1], C_HIGH))
            return false;
        size_t n = end < at ? letters_before(t, end) : 0;
        if (end == at || (!n && !(end && (is(t.p[end - 1], C_WORD) || t.p[end - 1] == '\''))))
            return true; /* no word joins */
        const uint8_t *word = t.p + end - n;
        if (!n && is(t.p[end - 1], C_DIGIT)) {
            at = digits_start(t, end);
            if (at && unusual(t.p[at - 1]))
                return false;
            continue;
        }
        if ((n < end && unusual(word[-1])) || may_be(p, NEAR_BEHIND, word, n) ||
            preposition(word[0]))
            return false;
        if (is(word[0], C_LOWER) && !may_be(p, NEAR_INSIDE, word, n))
            return true;
        at = end - n;
    }
    return true;
}

/* The capitalised word [at, end) and those before it. */
static bool nothing_of_capital(const struct probe *p, size_t at, size_t end)
{
    const uint8_t *word = p->text.p + at;
    size_t n = end - at;
    if (n < 2 || is(word[n - 1], C_UPPER))
        return false; /* a plate's letters? */
    if (n > 2 && may_be(p, NEAR_SUFFIX, word + n - 3, 3))
        return false; /* a composed street? */
    return no_street_before(p, at);
}

/* The word that ends at `end`, past some signs before `at`. */
static bool nothing_of_word(const struct probe *p, size_t end, size_t at)
{
    size_t n = letters_before(p->text, end);
    const uint8_t *word = p->text.p + end - n;
    if ((n < end && unusual(word[-1])) || may_be(p, NEAR_BEFORE, word, n))
        return false;
    if (is(word[0], C_LOWER))
        return n == 1 || !is(word[n - 1], C_UPPER);
    return !memchr(p->text.p + end, ',', at - end) && nothing_of_capital(p, end - n, end);
}

/* The word before [.., at), past some signs; past a number ("9:" of "9:30") the one before that. */
static bool nothing_before(const struct probe *p, size_t at)
{
    size_t end = signs_end(p->text, at);
    uint8_t last = end ? p->text.p[end - 1] : 0;
    if (is(last, C_LETTER))
        return nothing_of_word(p, end, at);
    if (is(last, C_DIGIT)) {
        size_t digits = digits_start(p->text, end);
        return !joins_word(p->text, digits) && no_street_before(p, digits);
    }
    return !is(last, C_HIGH) && last != '#';
}

/* ---- behind ---- */

/* "of May", "de mayo": does the word of n letters at `at` link digits with what may be a month? */
static bool links_month(const struct probe *p, size_t at, size_t n)
{
    struct span t = p->text;
    size_t i = at + n, blanks = 0;
    if (n != 2 ||
        !((t.p[at] == 'o' && t.p[at + 1] == 'f') || (t.p[at] == 'd' && t.p[at + 1] == 'e')))
        return false;
    while (blanks++ < 3 && peek(t, i) == ' ')
        i++;
    size_t month = letters_behind(t, i);
    return is(peek(t, i + month), C_HIGH) || (month && may_be(p, NEAR_BEHIND, t.p + i, month));
}

/* Whose digits are looked at: what they may be with the words behind them differs. */
enum digits {
    DIGITS_ALONE,    /* no sign joins more */
    DIGITS_JOINED,   /* shape_read looks at them by itself */
    DIGITS_FRACTION, /* it may be a street's first word */
};

/* The word of n letters right behind the digits at `at`. */
static bool nothing_first(const struct probe *p, size_t at, const uint8_t *word, size_t n,
                          enum digits kind)
{
    if (may_be(p, NEAR_BEHIND, word, n) || links_month(p, (size_t)(word - p->text.p), n))
        return false;
    if (kind == DIGITS_FRACTION &&
        (may_be(p, NEAR_STREET, word, n) || may_be(p, NEAR_INSIDE, word, n)))
        return false;
    return is(word[0], C_LOWER) || kind == DIGITS_JOINED ||
           (kind == DIGITS_ALONE && shape_none_at(p, at));
}

static size_t digits_end(struct span t, size_t at)
{
    size_t end = at;
    while (end < t.n && end - at < WORD_MOST && is(t.p[end], C_DIGIT))
        end++;
    return end;
}

/* May the word end a street's name? One with a capital may be rare, and have an s behind it. */
static bool ends_street(const struct probe *p, const uint8_t *word, size_t n)
{
    if (may_be(p, NEAR_STREET, word, n))
        return true;
    if (!is(word[0], C_UPPER))
        return false;
    bool plural = n > 2 && word[n - 1] == 's';
    return may_be(p, NEAR_RARE, word, n) ||
           (plural && (may_be(p, NEAR_RARE, word, n - 1) || may_be(p, NEAR_STREET, word, n - 1)));
}

/* ", Shibuya-ku" at `at`: what may be a ward ends a street's name even behind a comma. */
static bool ward_may(struct span t, size_t at)
{
    size_t i = at + 1 + (peek(t, at + 1) == ' ');
    return peek(t, at) == ',' && is(peek(t, i), C_UPPER | C_HIGH) &&
           unusual(peek(t, i + letters_behind(t, i)));
}

/* The words behind the digits [at, end), past some signs. */
static bool nothing_behind(const struct probe *p, size_t at, size_t end, enum digits kind)
{
    const uint64_t signs = SIGN(' ') | SIGN('.') | SIGN(',') | SIGN('-') | SIGN('/') | SIGN('+');
    const uint64_t goes_on = SIGN(' ') | SIGN('.') | SIGN('-') | SIGN('\''); /* a street's words */
    struct span t = p->text;
    if (kind == DIGITS_JOINED && (peek(t, end) == '-' || peek(t, end) == '/')) {
        end = digits_end(t, end + 1); /* house number "12-14" */
        if (unusual(peek(t, end)))
            return false;
    }
    if (kind == DIGITS_FRACTION && !one_of(peek(t, end), goes_on))
        return true;
    size_t i = end;
    for (unsigned k = 0; k < SIGNS_BEHIND && i < t.n && one_of(t.p[i], signs); k++)
        i++;
    bool comma = peek(t, end) == ',', small = is(peek(t, i), C_LOWER);
    if (comma && is(peek(t, i), C_DIGIT)) { /* the next of a list? */
        size_t next = digits_end(t, i);
        bool postcode = next - i >= 3 && peek(t, next) == ' ' &&
                        is(peek(t, next + 1), C_UPPER | C_DIGIT | C_HIGH);
        return !unusual(peek(t, next)) && !postcode;
    }
    if (i == t.n || !(is(t.p[i], C_WORD | C_HIGH) || t.p[i] == '#' || t.p[i] == '\''))
        return true;
    if (t.p[i] == '\'') { /* a quote: part of a word, which is no capitalised one then */
        i++;
        small = true;
    }
    if (peek(t, end) == ' ' && is(t.p[i], C_UPPER) && !is(peek(t, i + 1), C_WORD | C_HIGH))
        return false; /* "12 A 3" */
    for (unsigned k = 0; k < (small ? WORDS_BEHIND : STREET_WORDS); k++) {
        size_t n = letters_behind(t, i), to = n ? i + n : digits_end(t, i);
        const uint8_t *word = t.p + i;
        if (to == i || (!n && !k && kind != DIGITS_JOINED) || unusual(peek(t, to)))
            return false;
        if (n && (k == 0 ? !nothing_first(p, at, word, n, kind) : ends_street(p, word, n)))
            return false;
        if ((comma && small) ||
            (k && !small && is(word[0], C_LOWER) && !may_be(p, NEAR_INSIDE, word, n)))
            return true;
        i = to + (peek(t, to) == '.');
        if (peek(t, i) == ' ')
            i++;
        uint8_t c = peek(t, i);
        if (i == to || (!is(c, C_WORD | C_HIGH) && c != '\'' && c != '#'))
            return !ward_may(t, i); /* nothing goes on */
    }
    return true;
}

/* Does a sign at `at` join the n digits before it to a number or a hardware address? */
static inline bool joined(struct span t, size_t at, size_t n)
{
    const uint64_t signs =
        SIGN(' ') | SIGN('(') | SIGN(')') | SIGN('-') | SIGN('.') | SIGN('/') | SIGN('%');
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    if (!one_of(c, signs))
        return false;
    if (is(d, C_DIGIT) || (c == '-' && n == 2 && is(d, C_HEX)) ||
        (c == '.' && n == 4 && is(d, C_HEX)))
        return true;
    bool wide = c == '%' || (c == ' ' && d == '(') ||
                (c == ')' && (d == ' ' || d == '-' || d == '/' || d == '.'));
    return wide && is(peek(t, at + 2), C_DIGIT);
}

/* "12.5", "0.4321": at most six digits. */
static bool decimal_nothing(const struct probe *p, size_t at, size_t n)
{
    enum { DIGITS = 6, DEGREES = 3 };
    struct span t = p->text;
    size_t point = at + n, end = point + 1;
    while (end - at <= DIGITS + 1 && is(peek(t, end), C_DIGIT))
        end++;
    if (end - at > DIGITS + 1 || is(peek(t, end), C_WORD | C_HIGH) || joined(t, end, 0) ||
        !shape_none_dotted(p, at, n, end - point - 1))
        return false;
    if (end - point > DEGREES) {
        size_t sign = signs_end(t, at); /* degrees: no more signs may stand before their name */
        if (sign && memchr(" :=\"'([", t.p[sign - 1], 7))
            return false;
    }
    return nothing_behind(p, at, end, DIGITS_FRACTION) && nothing_before(p, at);
}

bool near_nothing(const struct probe *p, size_t at, size_t n)
{
    struct span t = p->text;
    uint8_t before = at ? t.p[at - 1] : 0;
    if (before == '.' ||
        (before == '-' && at > 2 && is(t.p[at - 2], C_HEX) && is(t.p[at - 3], C_HEX)))
        return false; /* a hardware address? */
    if (peek(t, at + n) == '.' && is(peek(t, at + n + 1), C_DIGIT))
        return decimal_nothing(p, at, n);
    return !joined(t, at + n, n) && shape_none(p, n) &&
           nothing_behind(p, at, at + n, DIGITS_ALONE) && nothing_before(p, at);
}

bool near_no_words(const struct probe *p, size_t at)
{
    size_t end = digits_end(p->text, at);
    return !p->sc->plain_c && !is(peek(p->text, end), C_WORD | C_HIGH) &&
           nothing_behind(p, at, end, DIGITS_JOINED) && nothing_before(p, at);
}

bool near_no_unit(const struct probe *p, size_t letter, size_t end)
{
    struct span t = p->text;
    size_t n = letters_behind(t, letter);
    if (p->sc->plain_c || is(peek(t, end), C_HIGH) || n == 0)
        return false;
    if (n == 1)
        return letter + 1 < end; /* "12b" is a house */
    if (n == 2)                  /* 1st 2nd 3rd 4th, "of", "de" */
        return !memchr("snrtod", ascii_lower(t.p[letter]), 6);
    return !may_be(p, NEAR_BEHIND, t.p + letter, n);
}
