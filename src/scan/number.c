/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers: what stands at a digit is offered to the recognisers of numbers, from those that are
 * certain by their form to those that need a cue. Called for every word that holds a digit, and for
 * every group of a number until one recogniser took it.
 */
#include "number_int.h"
#include "scan_int.h"

enum {
    WORD_MAX = 100,
    HOUSE_DIGITS = 6,
    COIN_LEAST = 20,
    CARD_LEAST = 12,
    GROUP_MAX = 255,
    LABEL_MOST = 16
};
#define SHORT_POSTCODE_ODDS 1.0F

__attribute__((noinline, cold)) uint64_t load8_last(struct span t, size_t at)
{
    uint8_t last[8] = {0};
    struct span left = span_from(t, at);
    if (left.n)
        memcpy(last, left.p, left.n < sizeof last ? left.n : sizeof last);
    return load8(last);
}

size_t digits_many(struct span t, size_t at, size_t most)
{
    size_t n = 8;
    for (size_t more = n; more == 8 && n < most; n += more)
        more = digits_in(load8_of(t, at + n));
    return n;
}

/* ---- groups ---- */

/* What joins digits at `at` to those before it, no single sign: ") ", " (" and ")-" are one sign,
 * so are an encoded blank and, before two digits, a dash between blanks. The bytes it has, 0 for
 * none. */
static size_t wide_sign(struct span t, size_t at, uint8_t *sep)
{
    uint8_t c = peek(t, at), d = peek(t, at + 1);
    size_t width = 2;
    if (c == '%' && d == '2' && peek(t, at + 2) == '0') {
        *sep = ' ';
        width = 3;
    } else if (c == ')' && (d == ' ' || d == '-' || d == '/' || d == '.')) {
        *sep = ')';
    } else if (c == ' ' && d == '(') {
        *sep = '(';
    } else if (c == ' ' && d == '-' && peek(t, at + 2) == ' ' && is(peek(t, at + 4), C_DIGIT)) {
        *sep = '-';
        width = 3;
    } else {
        return 0;
    }
    return is(peek(t, at + width), C_DIGIT) ? width : 0;
}

/* What may join groups of digits. */
static const uint64_t joints =
    SIGN(' ') | SIGN('-') | SIGN('.') | SIGN('/') | SIGN('(') | SIGN(')') | SIGN('%');

/* A sign at `at` that joins the digits behind it to those before: the bytes it has, 0 for none. */
static inline size_t joint(struct span t, size_t at, uint8_t *sep)
{
    uint8_t c = peek(t, at);
    if (!is_sign(c, joints))
        return 0;
    *sep = c;
    return c != '%' && is(peek(t, at + 1), C_DIGIT) ? 1 : wide_sign(t, at, sep);
}

/* "0221 / 934 84 59", "+49 (0) 30 / 901 820": an area code apart; `at` is behind the last group. */
static bool area_code(struct span t, size_t at, const struct chain *c)
{
    enum { CODES_MOST = 7 };
    uint8_t before = prev(t, c->start);
    bool leads = c->n == 1 ? c->digits[0] == '0' && c->len[0] >= 3 && c->len[0] <= 5
                           : c->digits_n <= CODES_MOST && (before == '+' || before == '(');
    return leads && span_is(span_cut(t, at, 3), " / ") && is(peek(t, at + 3), C_DIGIT) &&
           peek(t, at + 3) != '0';
}

/* Read the digits at `at` as a group of c: how many, 255 at most. */
static inline size_t group_read(struct span t, size_t at, struct chain *c)
{
    size_t len = 0, n = 8;
    while (n == 8 && len < GROUP_MAX) {
        uint64_t v = load8_of(t, at + len);
        n = digits_in(v);
        store8(c->digits + c->digits_n, v);
        c->digits_n = c->digits_n + n < CHAIN_DIGITS ? (uint8_t)(c->digits_n + n) : CHAIN_DIGITS;
        len += n;
    }
    return len < GROUP_MAX ? len : GROUP_MAX;
}

void chain_read(struct span t, size_t at, struct chain *c)
{
    size_t width = 0;
    uint8_t sep = 0;
    c->start = at;
    c->n = c->digits_n = 0;
    c->more = false;
    do {
        at += width;
        if (c->n == CHAIN_GROUPS) {
            c->more = true;
            return;
        }
        c->at[c->n] = (uint32_t)(at - c->start);
        c->sep[c->n] = sep;
        c->first[c->n] = c->digits_n;
        size_t len = group_read(t, at, c);
        c->len[c->n++] = (uint8_t)len;
        c->end = at += len;
        if (len == GROUP_MAX)
            return;
        width = joint(t, at, &sep);
        if (!width && peek(t, at + 1) == '/' && area_code(t, at, c)) {
            width = 3;
            sep = '/';
        }
    } while (width);
}

bool number_starred(struct span t, size_t start, size_t end)
{
    size_t before = 0, behind = 0;
    while (before < 4 && prev(t, start - before) == '*')
        before++;
    while (behind < 4 && peek(t, end + behind) == '*')
        behind++;
    uint8_t a = prev(t, start - before), b = peek(t, end + behind);
    bool many = before > 3 || behind > 3 || ((before == 3 || behind == 3) && before != behind);
    return many || (before && (is(a, C_WORD) || a == ')')) || (behind && is(b, C_WORD));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* May capitals stand before `at`, or before a sign there? In most texts two bytes say no. */
static bool prefix_may(struct span t, size_t at)
{
    uint8_t c = at ? t.p[at - 1] : 0, b = at > 1 ? t.p[at - 2] : 0;
    return is(c == ' ' || c == '-' || c == '.' ? b : c, C_UPPER | C_HIGH);
}

/* "AB 86 26 …", "X-674…", "B MW 12": one to three capitals and a sign before the digits. */
static size_t with_prefix(struct probe *p, size_t at)
{
    struct span t = p->text;
    if (!prefix_may(t, at))
        return 0;
    size_t s = at, took = plate_read(p, at);
    for (unsigned part = 0; part < 2; part++) {
        uint8_t c = prev(t, s);
        if (c != ' ' && c != '-' && c != '.')
            break;
        size_t letters = s - 1;
        while (letters && s - 1 - letters < 4 && is(t.p[letters - 1], C_UPPER))
            letters--;
        if (letters == s - 1 || s - 1 - letters > 3 || is(prev(t, letters), C_WORD))
            break;
        took = larger(took, shape_read(p, letters, at + 1));
        if (at - letters == 3)
            took = larger(took, iban_read(p, letters));
        s = letters;
    }
    return took;
}

/* What may stand between a number and a word before it. */
enum { SIGNS_BEFORE = 4 };
static const uint64_t signs_before = SIGN(' ') | SIGN('.') | SIGN(':') | SIGN('-') | SIGN('/') |
                                     SIGN('=') | SIGN(',') | SIGN('"') | SIGN('\'');

/* Could a word before the number matter? Some signs, then a letter or digit. */
static bool word_before(struct span t, size_t at)
{
    for (unsigned k = 0; k < SIGNS_BEFORE && at && is_sign(t.p[at - 1], signs_before); k++)
        at--;
    return at && (is(t.p[at - 1], C_WORD | C_HIGH) || t.p[at - 1] == '\'');
}

static bool word_after(struct span t, size_t at)
{
    const uint64_t signs = SIGN(' ') | SIGN('.') | SIGN(',') | SIGN('-') | SIGN('/') | SIGN('+');
    for (unsigned k = 0; k < 3 && at < t.n && is_sign(t.p[at], signs); k++)
        at++;
    return at < t.n && (is(t.p[at], C_WORD | C_HIGH) || t.p[at] == '#' || t.p[at] == '\'');
}

/* Up to six digits with nothing joined to them, the frequent case in prose, code and logs: a part
 * of a date in words, a house number, an age, a postcode; too short for all else. */
static bool stands_alone(struct span t, const struct number *n)
{
    uint8_t sep;
    return n->digits <= HOUSE_DIGITS && n->at + n->digits == n->end && !joint(t, n->end, &sep) &&
           (t.p[n->at] != '0' || peek(t, n->end + 1) != '/'); /* "0221 / 934": chain_read */
}

/* "x.zip 2010", "zip/2019", "zip: 4096 bytes", "the first zip, 1989": is the word at [from, to) no
 * postcode's name, but what files are called? */
static bool of_archive(struct span t, size_t from, size_t to, size_t end)
{
    uint8_t before = prev(t, from), behind = t.p[to];
    return behind == '/' || (behind == ' ' && (before == '.' || before == '/')) ||
           (behind == ',' && peek(t, to + 1) == ' ') || near_unit(t, end);
}

/* "Postcode 4101", "PLZ: 8001": four digits are a postcode right behind its name alone. */
static size_t short_postcode(struct probe *p, size_t at, size_t end)
{
    static const char *const names[] = {NEAR_POSTCODES};
    struct span t = p->text;
    size_t to = at, from;
    for (unsigned k = 0; k < SIGNS_BEFORE && to && is_sign(t.p[to - 1], signs_before); k++)
        to--;
    uint8_t last = to ? t.p[to - 1] | 0x20 : 0;
    if (last != 'p' && last != 'e' && last != 'z' && last != 'r' && last != 'l')
        return 0; /* most */
    for (from = to; from && to - from < LABEL_MOST && is(t.p[from - 1], C_LETTER); from--)
        ;
    if (to - from < 3 || of_archive(t, from, to, end))
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(span_cut(t, from, to - from), names[i]))
            return scan_emit(p, ENTITY_ZIP_CODE, at, end, SHORT_POSTCODE_ODDS, 0) ? end : 0;
    return 0;
}

static size_t small_number(struct probe *p, size_t at, size_t end)
{
    enum { SHORT_POSTCODE = 4, POSTCODE_LEAST = 5 };
    struct span t = p->text;
    bool before = word_before(t, at), after = word_after(t, end);
    size_t took = geo_degrees_may(t, end) ? geo_read(p, at) : 0;
    if (took)
        return took;
    if (end - at >= POSTCODE_LEAST && near_no_words(p, at))
        return shape_read(p, at, at + 1);
    if (!before && !after)
        return end - at >= POSTCODE_LEAST ? shape_read(p, at, at + 1) : 0;
    took = date_in_words(p, at, end);
    if (took)
        return took;
    if (after || end - at >= POSTCODE_LEAST)
        took = shape_read(p, at, at + 1);
    if (before)
        took = larger(took, with_prefix(p, at));
    took = took ? took : larger(address_read(p, at), age_read(p, at, end));
    return took || !before || end - at != SHORT_POSTCODE ? took : short_postcode(p, at, end);
}

/* Signs of a MAC address beside the word. */
static bool mac_may_be(struct span t, size_t at, size_t end)
{
    uint8_t before = prev(t, at), after = peek(t, end);
    return before == '-' || before == '.' || (after == '.' && end - at == 4) ||
           (after == '-' && end - at == 2);
}

/* An address, a place or a date. */
static size_t formed_read(struct probe *p, const struct number *n)
{
    uint8_t sign = peek(p->text, n->at + n->digits);
    size_t took = 0;
    if (n->digits <= 3 && sign == '.')
        took = ip4_read(p, n->at);
    if (!took && (peek(p->text, n->end) == '.' || geo_degrees_may(p->text, n->end)))
        took = geo_read(p, n->at);
    if (!took && sign == '-' && is(prev(p->text, n->at), C_HIGH))
        took = address_read(p, n->at); /* a town of Japan stands before its blocks */
    if (!took && n->digits <= 4 && (sign == '-' || sign == '/' || sign == '.'))
        took = date_in_digits(p, n->at);
    if (!took && n->digits <= 4)
        took = date_in_words(p, n->at, n->at + n->digits);
    if (!took && n->digits == 8)
        took = date_of_eight(p, n->at);
    return took;
}

/* What programs count: few digits in few groups, only blanks between them. */
static bool counted(struct span t, const struct chain *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (c->sep[i] != ' ')
            return false;
    if (c->n == 2 && c->len[0] == 3 && near_status(t, c->start))
        return true;
    return c->n <= COUNTED_GROUPS && c->digits_n <= COUNTED_DIGITS && near_unit(t, c->end);
}

/* "cp 5551234 /tmp/x": the name of a file. */
static bool copied(struct span t, size_t at, size_t end)
{
    if (at < 3 || t.p[at - 2] != 'p' || memcmp(t.p + at - 3, "cp ", 3) != 0)
        return false; /* most */
    uint8_t to = peek(t, end + 1);
    return (at == 3 || !is(t.p[at - 4], C_WORD)) && peek(t, end) == ' ' &&
           (to == '/' || to == '.' || to == '~');
}

/* A card, a phone, an id; else a house or an age. */
static size_t grouped_read(struct probe *p, const struct number *n)
{
    struct span t = p->text;
    struct chain c;
    chain_read(t, n->at, &c);
    size_t took = c.digits_n < CARD_LEAST ? 0 : card_read(p, &c);
    if (took) {
        if (c.len[0] >= 16 || c.len[0] == 13) /* a person's number may be a card's, too */
            shape_read(p, n->at, n->at + 1);
        return took;
    }
    if (counted(t, &c) || copied(t, n->at, n->end))
        return 0;
    took = phone_read(p, &c);
    if (!took || prev(t, n->at) != '+')
        took = larger(took, shape_read(p, n->at, n->at + 1));
    took = larger(took, with_prefix(p, n->at));
    if (!took && n->digits <= HOUSE_DIGITS && !near_no_words(p, n->at))
        took = larger(address_read(p, n->at), age_read(p, n->at, n->end));
    return took ? took : coin_read(p, n->at, n->end);
}

/* Digits with no letter before them, or only some that name them: the end of the value that begins
 * there, 0 when there is none. */
static size_t digits_read(struct probe *p, const struct number *n)
{
    struct span t = p->text;
    size_t at = n->at, behind = at + n->digits, took = 0;
    if (mac_may_be(t, at, n->end))
        took = mac_dots_read(p, at);
    if (took)
        return took;
    if (n->digits <= HOUSE_DIGITS && behind < n->end && n->end - at < COIN_LEAST &&
        near_no_unit(p, at, behind, n->end))
        return larger(shape_read(p, at, at + 1), with_prefix(p, at));
    if (stands_alone(t, n))
        return small_number(p, at, n->end);
    took = formed_read(p, n);
    if (took)
        return took;
    if (n->end - at <= 32)
        return grouped_read(p, n);
    coin_read(p, at, n->end);
    return n->end;
}

/* "card4111111111111111": the digits right behind a word that names what they are. */
static bool label_glued(const struct probe *p, const struct number *n)
{
    enum { GLUED_LEAST = 7 };
    struct span t = p->text;
    size_t word = n->word, at = n->at;
    if (at - word < 2 || at - word > 20 ||
        (n->digits < GLUED_LEAST && !is_sign(peek(t, at + n->digits), joints)))
        return false; /* most: "uint32_t", "utf8" */
    for (size_t i = word; i < at; i++)
        if (!is(t.p[i], C_LETTER))
            return false;
    struct chain c;
    chain_read(t, at, &c);
    return c.digits_n >= GLUED_LEAST && cue_names(p->sc->cues, span_cut(t, word, at - word));
}

/* "0x1f": a program's number. What is as long as a wallet is looked at (coin.c). */
static bool is_hex_literal(struct span t, size_t at, size_t end)
{
    size_t n = 2;
    if (t.p[at] != '0' || peek(t, at + 1) != 'x' || end - at >= COIN_LEAST)
        return false;
    while (at + n < end && is(t.p[at + n], C_HEX))
        n++;
    return n > 2 && at + n == end;
}

/* Letters and digits: the end of the value that begins with the word, 0 when there is none. */
static size_t word_read(struct probe *p, const struct number *n)
{
    struct span t = p->text;
    size_t length = n->end - n->word, took = 0;
    if (is(peek(t, n->word + 2), C_DIGIT))
        took = iban_read(p, n->word);
    if (!took && length >= 25)
        took = coin_read(p, n->word, n->end);
    if (!took && length <= 20)
        took = larger(shape_read(p, n->word, n->at + 1), with_prefix(p, n->word));
    if (!took && mac_may_be(t, n->word, n->end))
        took = mac_dots_read(p, n->word);
    if (!took && n->at == n->word + 1 && n->digits <= 2)
        took = date_of_reign(p, n->at);
    if (took || !label_glued(p, n))
        return took;
    p->glued = n->at;
    return digits_read(p, n);
}

/* Where a long word ends, at most WORD_MAX behind its digit. */
static size_t word_end(struct span t, const struct number *n)
{
    size_t end = n->end;
    while (end - n->at < WORD_MAX && is(peek(t, end), C_WORD))
        end++;
    return end;
}

void number_at(struct probe *p, struct number n)
{
    size_t took;
    if (n.end - n.at == NUMBER_SEEN)
        n.end = word_end(p->text, &n);
    if (n.word == n.at && is_hex_literal(p->text, n.at, n.end))
        return;
    if (n.word + 1 == n.at && after_escape(p->text, n.at))
        n.word = n.at;
    if (n.end - n.word > WORD_MAX) {
        coin_read(p, n.word, n.end);
        return;
    }
    took = n.word == n.at ? digits_read(p, &n) : word_read(p, &n);
    if (took > p->skip)
        p->skip = took;
}
