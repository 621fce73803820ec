/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frequent number: a few digits in prose, a list or code that are nobody's. Called by the sweep
 * before any recogniser is. The word before and the words behind say no by their first four
 * letters; whatever is unusual (a digit or dash beside them, a letter beyond ASCII, a backslash) is
 * left to the recognisers, so that "no" is never wrong.
 */
#include "cue_int.h"
#include "number_int.h"
#include "scan_int.h"

enum { SIGNS_BEFORE = 4, SIGNS_BEHIND = 3, WORD_MOST = 44, WORDS_BEHIND = 3, STREET_WORDS = 6 };

/* Bytes by what they are beside a number. */
enum {
    SIGN_BEFORE = 1, /* may stand between it and the word before */
    SIGN_BEHIND = 2, /* between it and the word behind */
    IN_STREET = 4,   /* between the words of a street's name */
    JOINS = 8,       /* joins more digits to it */
    GOES_ON = 16,    /* begins a word behind it, or what is taken for one */
    UNUSUAL = 32,    /* beside a word of letters: makes it something else */
};
static const uint8_t beside[256] = {
    [' '] = SIGN_BEFORE | SIGN_BEHIND | IN_STREET | JOINS,
    ['.'] = SIGN_BEFORE | SIGN_BEHIND | IN_STREET | JOINS,
    ['-'] = SIGN_BEFORE | SIGN_BEHIND | IN_STREET | JOINS | UNUSUAL,
    ['/'] = SIGN_BEFORE | SIGN_BEHIND | JOINS,
    [','] = SIGN_BEFORE | SIGN_BEHIND,
    [':'] = SIGN_BEFORE,
    ['='] = SIGN_BEFORE,
    ['"'] = SIGN_BEFORE,
    ['\''] = SIGN_BEFORE | IN_STREET | GOES_ON | UNUSUAL,
    ['+'] = SIGN_BEHIND,
    ['('] = JOINS,
    [')'] = JOINS,
    ['%'] = JOINS,
    ['#'] = GOES_ON,
    ['\\'] = UNUSUAL,
    ['0' ... '9'] = GOES_ON | UNUSUAL,
    ['A' ... 'Z'] = GOES_ON | UNUSUAL,
    ['a' ... 'z'] = GOES_ON | UNUSUAL,
    [0x80 ... 0xFF] = GOES_ON | UNUSUAL,
};

static inline bool is_beside(uint8_t c, unsigned of)
{
    return (beside[c] & of) != 0;
}

/* A word of letters of ASCII, perhaps empty: at most some WORD_MOST of it. */
struct near_word {
    const uint8_t *p;
    size_t n;
    uint32_t letters; /* near_letters, 0 where there are none */
};

/* How many letters begin at `at`, and how many end there: a few dozen at most. Asked for long
 * words, and near the text's border. */
static __attribute__((noinline)) size_t letters_behind(struct span t, size_t at)
{
    size_t n = 0;
    while (n < WORD_MOST && at + n < t.n && is(t.p[at + n], C_LETTER))
        n++;
    return n;
}

static __attribute__((noinline)) size_t letters_before(struct span t, size_t at)
{
    size_t n = 0;
    while (n < WORD_MOST && n < at && is(t.p[at - n - 1], C_LETTER))
        n++;
    return n;
}

static inline struct near_word long_word(const uint8_t *p, size_t n)
{
    return (struct near_word){p, n, n ? near_letters(p, n) : 0};
}

/* The word that begins at `at`, at the text's end or before. Nearly all are shorter than eight
 * letters. */
static inline struct near_word word_behind(struct span t, size_t at)
{
    uint64_t v = t.n - at < 8 ? 0 : load8(t.p + at);
    uint64_t stop = ~letters_of(v) & 0x8080808080808080U;
    if (t.n - at < 8 || !stop)
        return long_word(t.p + at, letters_behind(t, at));
    size_t n = (size_t)__builtin_ctzll(stop) / 8;
    return (struct near_word){t.p + at, n, (uint32_t)(v & (((uint64_t)1 << 8 * n) - 1))};
}

/* The word that ends right before `at`. */
static inline struct near_word word_before(struct span t, size_t at)
{
    uint64_t v = at < 8 ? 0 : load8(t.p + at - 8);
    uint64_t stop = ~letters_of(v) & 0x8080808080808080U;
    if (at < 8 || !stop) {
        size_t n = letters_before(t, at);
        return long_word(t.p + at - n, n);
    }
    size_t n = (size_t)__builtin_clzll(stop) / 8;
    return (struct near_word){t.p + at - n, n, n ? (uint32_t)(v >> (64 - 8 * n)) : 0};
}

/* A byte beside a word of letters that makes it unusual. */
static inline bool unusual(uint8_t c)
{
    return is_beside(c, UNUSUAL);
}

/* May it be one that matters there? */
static inline bool may_be(const struct probe *p, enum near_place place, const struct near_word *w)
{
    return near_may_be(p->sc->cues, place, w->letters);
}

/* ---- before ---- */

/* Past signs before [.., at). */
static inline size_t signs_end(struct span t, size_t at)
{
    for (unsigned k = 0; k < SIGNS_BEFORE && at && is_beside(t.p[at - 1], SIGN_BEFORE); k++)
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
        uint8_t last = end ? t.p[end - 1] : ' ';
        if (is(last, C_HIGH))
            return false;
        if (end == at)
            return true; /* no word joins */
        if (is(last, C_DIGIT)) {
            at = digits_start(t, end);
            if (at && unusual(t.p[at - 1]))
                return false;
            continue;
        }
        if (!is(last, C_LETTER))
            return last != '\'';
        struct near_word w = word_before(t, end);
        if ((w.n < end && unusual(w.p[-1])) || may_be(p, NEAR_BEHIND, &w) || preposition(w.p[0]))
            return false;
        if (is(w.p[0], C_LOWER) && !may_be(p, NEAR_INSIDE, &w))
            return true;
        at = end - w.n;
    }
    return true;
}

/* Are the few capitals at [word, end) the letters of an id or a number plate, perhaps with more of
 * them before? */
static bool may_be_prefix(const struct probe *p, size_t word)
{
    const uint8_t *t = p->text.p;
    bool sign = word > 1 && (t[word - 1] == ' ' || t[word - 1] == '-' || t[word - 1] == '.');
    return (sign && is(t[word - 2], C_UPPER | C_HIGH)) || !shape_none_at(p, word);
}

/* A capitalised word at [word, end), past some signs before `at`, and those before it: rare. */
static __attribute__((noinline)) bool nothing_of_capital(const struct probe *p, size_t word,
                                                         size_t end, size_t at)
{
    enum { PREFIX_MOST = 3 };
    const uint8_t *t = p->text.p;
    if (memchr(t + end, ',', at - end) ||
        (end - word <= PREFIX_MOST && is(t[end - 1], C_UPPER) && may_be_prefix(p, word)))
        return false;
    if (end - word > 2 && near_may_be(p->sc->cues, NEAR_SUFFIX, near_letters(t + end - 3, 3)))
        return false; /* a composed street? */
    return no_street_before(p, word);
}

/* The word that ends at `end`, past some signs before `at`. */
static inline bool nothing_of_word(const struct probe *p, size_t end, size_t at)
{
    struct near_word w = word_before(p->text, end);
    if ((w.n < end && unusual(w.p[-1])) || may_be(p, NEAR_BEFORE, &w))
        return false;
    if (is(w.p[0], C_LOWER)) /* "weserstr. 61": a long one may be composed */
        return (w.n == 1 || !is(w.p[w.n - 1], C_UPPER)) &&
               (w.n < SMALL_STREET_LEAST ||
                !near_may_be(p->sc->cues, NEAR_SUFFIX, near_letters(w.p + w.n - 3, 3)));
    return !may_be(p, NEAR_STREET, &w) && nothing_of_capital(p, end - w.n, end, at);
}

/* The word before [.., at), past some signs; past a number ("9:" of "9:30") the one before that. */
static inline bool nothing_before(const struct probe *p, size_t at)
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

/* "of May", "de mayo": what stands behind a word of two letters, which ends at `end`, may be a
 * month. */
static __attribute__((noinline)) bool month_behind(const struct probe *p, size_t end)
{
    size_t i = end, blanks = 0;
    while (blanks++ < 3 && peek(p->text, i) == ' ')
        i++;
    struct near_word month = word_behind(p->text, i);
    return is(peek(p->text, i + month.n), C_HIGH) || (month.n && may_be(p, NEAR_BEHIND, &month));
}

/* Does the word w link digits with what may be a month? */
static inline bool links_month(const struct probe *p, const struct near_word *w)
{
    const uint32_t of = 'o' | 'f' << 8, de = 'd' | 'e' << 8;
    return w->n == 2 && (w->letters == of || w->letters == de) &&
           month_behind(p, (size_t)(w->p - p->text.p) + w->n);
}

/* Whose digits are looked at: what they may be with the words behind them differs. */
enum digits {
    DIGITS_ALONE,    /* no sign joins more */
    DIGITS_JOINED,   /* shape_read looks at them by itself */
    DIGITS_FRACTION, /* it may be a street's first word */
};

/* The word right behind the digits at `at`. */
static inline bool nothing_first(const struct probe *p, size_t at, const struct near_word *w,
                                 enum digits kind)
{
    if (may_be(p, NEAR_BEHIND, w) || links_month(p, w))
        return false;
    if (kind == DIGITS_FRACTION && (may_be(p, NEAR_STREET, w) || may_be(p, NEAR_INSIDE, w)))
        return false;
    return is(w->p[0], C_LOWER) || kind == DIGITS_JOINED ||
           (kind == DIGITS_ALONE && shape_none_at(p, at));
}

static size_t digits_end(struct span t, size_t at)
{
    return at + digits_at_most(t, at, WORD_MOST);
}

/* May the word end a street's name? One with a capital may be rare, and have an s behind it. */
static inline bool ends_street(const struct probe *p, const struct near_word *w)
{
    if (may_be(p, NEAR_STREET, w))
        return true;
    if (!is(w->p[0], C_UPPER))
        return false;
    if (may_be(p, NEAR_RARE, w))
        return true;
    if (w->n < 3 || w->p[w->n - 1] != 's')
        return false;
    struct near_word one = {w->p, w->n - 1, near_letters(w->p, w->n - 1)};
    return may_be(p, NEAR_RARE, &one) || may_be(p, NEAR_STREET, &one);
}

/* ", Shibuya-ku", the comma at `at`: what may be a ward ends a street's name even behind one. */
static bool ward_may(struct span t, size_t at)
{
    size_t i = at + 1 + (peek(t, at + 1) == ' ');
    return is(peek(t, i), C_UPPER | C_HIGH) && unusual(peek(t, i + word_behind(t, i).n));
}

/* Digits behind a comma: the next of a list, no postcode? */
static bool list_goes_on(struct span t, size_t at)
{
    size_t next = digits_end(t, at);
    bool postcode =
        next - at >= 3 && peek(t, next) == ' ' && is(peek(t, next + 1), C_UPPER | C_DIGIT | C_HIGH);
    return !unusual(peek(t, next)) && !postcode;
}

/* The words from i on behind the digits at `at`; `small`: they begin with a small letter. */
static inline bool nothing_of_words(const struct probe *p, size_t at, size_t i, bool small,
                                    bool comma, enum digits kind)
{
    struct span t = p->text;
    for (unsigned k = 0; k < (small ? WORDS_BEHIND : STREET_WORDS); k++) {
        struct near_word w = word_behind(t, i);
        size_t to = w.n ? i + w.n : digits_end(t, i);
        uint8_t c = peek(t, to);
        if (to == i || (!w.n && !k && kind != DIGITS_JOINED) || unusual(c))
            return false;
        if (w.n && (k == 0 ? !nothing_first(p, at, &w, kind) : ends_street(p, &w)))
            return false;
        if ((comma && small) || (k && !small && is(w.p[0], C_LOWER) && !may_be(p, NEAR_INSIDE, &w)))
            return true;
        if (c != ' ' && c != '.')
            return c != ',' || !ward_may(t, to); /* nothing goes on */
        i = to + 1;
        if (c == '.' && peek(t, i) == ' ')
            i++;
        if (!is_beside(peek(t, i), GOES_ON))
            return true;
    }
    return true;
}

/* The words behind the digits [at, end), past some signs. */
static inline bool nothing_behind(const struct probe *p, size_t at, size_t end, enum digits kind)
{
    struct span t = p->text;
    if (kind == DIGITS_JOINED && (peek(t, end) == '-' || peek(t, end) == '/')) {
        end = digits_end(t, end + 1); /* house number "12-14", "3/14/5" */
        if (unusual(peek(t, end)) || peek(t, end) == '/')
            return false;
    }
    uint8_t first = peek(t, end);
    if (kind == DIGITS_FRACTION && !is_beside(first, IN_STREET))
        return true;
    size_t i = end;
    for (unsigned k = 0; k < SIGNS_BEHIND && is_beside(peek(t, i), SIGN_BEHIND); k++)
        i++;
    uint8_t c = peek(t, i);
    if (!is_beside(c, GOES_ON))
        return true;
    bool comma = first == ',', small = is(c, C_LOWER);
    if (comma && is(c, C_DIGIT))
        return list_goes_on(t, i);
    if (c == '\'') { /* a quote: part of a word, which is no capitalised one then */
        i++;
        small = true;
    }
    if (first == ' ' && is(peek(t, i), C_UPPER) && !is(peek(t, i + 1), C_WORD | C_HIGH))
        return false; /* "12 A 3" */
    return nothing_of_words(p, at, i, small, comma, kind);
}

/* Does a sign at `at` join the n digits before it to a number or a hardware address? */
static inline bool joined(struct span t, size_t at, size_t n)
{
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    if (!is_beside(c, JOINS))
        return false;
    if (is(d, C_DIGIT) || (c == '-' && n == 2 && is(d, C_HEX)) ||
        (c == '.' && n == 4 && is(d, C_HEX)))
        return true;
    if (c == ' ' && d == '-') /* 415 - 555 - 2671 */
        return (n == 0 || n > 2) && peek(t, at + 2) == ' ' && is(peek(t, at + 3), C_DIGIT);
    bool wide = c == '%' || (c == ' ' && d == '(') ||
                (c == ')' && (d == ' ' || d == '-' || d == '/' || d == '.'));
    return wide && is(peek(t, at + 2), C_DIGIT);
}

/* ", -12.3", " 1.2": a second number with a fraction. */
static bool pair_goes_on(struct span t, size_t at)
{
    at += peek(t, at) == ',';
    at += peek(t, at) == ' ';
    at += peek(t, at) == '-';
    size_t point = digits_end(t, at);
    return point > at && peek(t, point) == '.' && is(peek(t, point + 1), C_DIGIT);
}

/* "12.5", "0.4321": at most six digits. */
static bool decimal_nothing(const struct probe *p, size_t at, size_t n)
{
    enum { DIGITS = 6, DEGREES = 3 };
    struct span t = p->text;
    size_t point = at + n, end = point + 1;
    while (end - at <= DIGITS + 1 && is(peek(t, end), C_DIGIT))
        end++;
    uint8_t c = peek(t, end);
    if (end - at > DIGITS + 1 || (unusual(c) && c != '\\') || joined(t, end, 0))
        return false;
    size_t second = end - point - 1;
    bool ends = !is_sign(c, SIGN(' ') | SIGN('-') | SIGN('.') | SIGN('/') | SIGN('+'));
    if (!(ends && p->sc->dotless[n] >> second & 1) && !shape_none_dotted(p, at, n, second))
        return false;
    if (end - point > DEGREES && pair_goes_on(t, end))
        return false; /* a place on the globe? */
    if (end - point > DEGREES) {
        size_t sign = signs_end(t, at); /* degrees: no more signs may stand before their name */
        if (sign && memchr(" :=\"'([", t.p[sign - 1], 7))
            return false;
    }
    return nothing_behind(p, at, end, DIGITS_FRACTION) && nothing_before(p, at);
}

bool near_unit_word(struct span t, size_t at)
{
    static const char *const units[] = {"bytes", "byte", "rows", "kB", "KB", "KiB", "MiB", "GiB"};
    struct near_word w = word_behind(t, at);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (w.n == strlen(units[i]) && !memcmp(w.p, units[i], w.n))
            return !unusual(peek(t, at + w.n));
    return false;
}

/* "200 4252 bytes": the digits at `at` are the first of two or three groups before a unit. */
static bool counted(struct span t, size_t at)
{
    size_t end = digits_end(t, at), blanks = 0;
    for (; blanks + 1 < COUNTED_GROUPS && is(peek(t, end + 1), C_DIGIT); blanks++) {
        if (peek(t, end) != ' ')
            return false;
        end = digits_end(t, end + 1);
    }
    return end - at - blanks <= COUNTED_DIGITS && near_unit(t, end);
}

/* "3/12", "[491/5000]": the n digits at `at`, and those behind the stroke. */
static bool fraction_nothing(const struct probe *p, size_t at, size_t n)
{
    enum { DIGITS = 6 };
    struct span t = p->text;
    size_t end = digits_end(t, at + n + 1);
    if (unusual(peek(t, end)) || joined(t, end, 0) ||
        (end - at - 1 > DIGITS && !near_boxed(t, at, end)))
        return false;
    return shape_none_at(p, at) && nothing_behind(p, at, at + n, DIGITS_JOINED) &&
           nothing_before(p, at);
}

/* n digits that a sign joins to more. */
static __attribute__((noinline)) bool joined_nothing(const struct probe *p, size_t at, size_t n)
{
    uint8_t c = peek(p->text, at + n);
    if (c == '/' && is(peek(p->text, at + n + 1), C_DIGIT))
        return fraction_nothing(p, at, n);
    if (c == ' ' && n == 3 && near_status(p->text, at)) {
        size_t end = digits_end(p->text, at + n + 1);
        return !unusual(peek(p->text, end)) && !joined(p->text, end, 0);
    }
    return c == ' ' && counted(p->text, at) && nothing_before(p, at);
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
    if (joined(t, at + n, n))
        return joined_nothing(p, at, n);
    if (peek(t, at + n) == ':' && t.p[at] == '2')
        return false; /* "Address Line 2:" */
    return (p->sc->shapeless >> n & 1) && nothing_behind(p, at, at + n, DIGITS_ALONE) &&
           nothing_before(p, at);
}

bool near_no_words(const struct probe *p, size_t at)
{
    size_t end = digits_end(p->text, at);
    return !p->sc->plain_c && !is(peek(p->text, end), C_WORD | C_HIGH) &&
           nothing_behind(p, at, end, DIGITS_JOINED) && nothing_before(p, at);
}

/* "테헤란로 152the": an address of the East needs no word behind its number. */
static bool behind_high(struct span t, size_t at)
{
    size_t edge = at - (prev(t, at) == ' ');
    return is(prev(t, edge), C_HIGH);
}

bool near_no_unit(const struct probe *p, size_t at, size_t letter, size_t end)
{
    struct span t = p->text;
    struct near_word w = word_behind(t, letter);
    if (p->sc->plain_c || is(peek(t, end), C_HIGH) || w.n == 0 || behind_high(t, at))
        return false;
    if (w.n == 1)
        return letter + 1 < end && t.p[letter + 1] != '/'; /* "12b", "88a/2" are houses */
    if (w.n == 2)                                          /* 1st 2nd 3rd 4th 1er, "of", "de" */
        return !memchr("snrtode", ascii_lower(t.p[letter]), 7);
    return !may_be(p, NEAR_BEHIND, &w);
}
