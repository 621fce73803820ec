/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers: what stands at a digit is offered to the recognisers of numbers, from those that are
 * certain by their form to those that need a cue. Called for every word that holds a digit, and for
 * every group of a number until one recogniser took it.
 */
#include "scan_int.h"

enum { WORD_MAX = 100, HOUSE_DIGITS = 6, COIN_LEAST = 20, CARD_LEAST = 12 };

static bool chain_sign(struct span t, size_t at, size_t *width, uint8_t *sep)
{
    uint8_t c = peek(t, at);
    *width = 1;
    *sep = c;
    if (c == '%' && peek(t, at + 1) == '2' && peek(t, at + 2) == '0') {
        *width = 3;
        *sep = ' ';
        return true;
    }
    if (c == ')' || c == ' ') {
        /* ") ", " (" and ")-" are one sign. */
        uint8_t d = peek(t, at + 1);
        if ((c == ')' && (d == ' ' || d == '-' || d == '/' || d == '.')) ||
            (c == ' ' && d == '(')) {
            *width = 2;
            *sep = c == ')' ? ')' : '(';
        }
        return true;
    }
    return c == '-' || c == '.' || c == '/' || c == '(';
}

void chain_read(struct span t, size_t at, struct chain *c)
{
    c->start = at;
    c->n = 0;
    c->digits_n = 0;
    c->more = false;
    uint8_t sep = 0;
    for (size_t width = 0;; at += width) {
        size_t from = at, len = 0;
        if (c->n == CHAIN_GROUPS) {
            c->more = true;
            return;
        }
        c->at[c->n] = (uint32_t)(from - c->start);
        c->sep[c->n] = sep;
        c->first[c->n] = c->digits_n;
        for (; len < 255 && is(peek(t, at), C_DIGIT); at++, len++)
            if (c->digits_n < CHAIN_DIGITS)
                c->digits[c->digits_n++] = t.p[at];
        c->len[c->n++] = (uint8_t)len;
        c->end = at;
        if (len == 255)
            return;
        /* "0221 / 934 84 59": an area code apart */
        if (c->n == 1 && c->digits[0] == '0' && len >= 3 && len <= 5 &&
            span_is(span_cut(t, at, 3), " / ") && is(peek(t, at + 3), C_DIGIT) &&
            peek(t, at + 3) != '0') {
            width = 3;
            sep = '/';
            continue;
        }
        if (!chain_sign(t, at, &width, &sep) || !is(peek(t, at + width), C_DIGIT))
            return;
    }
}

static size_t word_end(struct span t, size_t at)
{
    size_t end = at;
    while (end - at < WORD_MAX && is(peek(t, end), C_WORD))
        end++;
    return end;
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
        s = letters;
    }
    return took;
}

/* Digits that continue a version, a decimal number or a path are no number of their own. */
static bool is_fraction(struct span t, size_t at)
{
    uint8_t c = prev(t, at);
    return (c == '.' || c == ',') && at >= 2 && is(t.p[at - 2], C_DIGIT);
}

/* Signs below 64, a bit each. */
#define SIGN(c) ((uint64_t)1 << (c))
static inline bool one_of(uint8_t c, uint64_t signs)
{
    return c < 64 && (signs >> c & 1);
}

/* Could a word before the number matter? Some signs, then a letter or digit. */
static bool word_before(struct span t, size_t at)
{
    const uint64_t signs = SIGN(' ') | SIGN('.') | SIGN(':') | SIGN('-') | SIGN('/') | SIGN('=') |
                           SIGN(',') | SIGN('"') | SIGN('\'');
    for (unsigned k = 0; k < 4 && at && one_of(t.p[at - 1], signs); k++)
        at--;
    return at && (is(t.p[at - 1], C_WORD | C_HIGH) || t.p[at - 1] == '\'');
}

static bool word_after(struct span t, size_t at)
{
    const uint64_t signs = SIGN(' ') | SIGN('.') | SIGN(',') | SIGN('-') | SIGN('/') | SIGN('+');
    for (unsigned k = 0; k < 3 && at < t.n && one_of(t.p[at], signs); k++)
        at++;
    return at < t.n && (is(t.p[at], C_WORD | C_HIGH) || t.p[at] == '#' || t.p[at] == '\'');
}

/* Up to six digits with nothing joined to them, the frequent case in prose, code and logs: a part
 * of a date in words, a house number, an age, a postcode; too short for all else. */
static bool stands_alone(struct span t, size_t at, size_t end)
{
    size_t width;
    uint8_t sep;
    if (end - at > 6)
        return false;
    for (size_t i = at; i < end; i++)
        if (!is(t.p[i], C_DIGIT))
            return false;
    if (chain_sign(t, end, &width, &sep) && is(peek(t, end + width), C_DIGIT))
        return false;
    return t.p[at] != '0' || peek(t, end + 1) != '/'; /* "0221 / 934": chain_read */
}

static size_t small_number(struct probe *p, size_t at, size_t end)
{
    enum { POSTCODE_LEAST = 5 };
    struct span t = p->text;
    bool before = word_before(t, at), after = word_after(t, end);
    size_t took = 0;
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
    return took ? took : larger(address_read(p, at), age_read(p, at, end));
}

/* Signs of a MAC address beside the word. */
static bool mac_may_be(struct span t, size_t at, size_t end)
{
    uint8_t before = prev(t, at), after = peek(t, end);
    return before == '-' || before == '.' || (after == '.' && end - at == 4) ||
           (after == '-' && end - at == 2);
}

/* Digits at `at`, as many as a house number may have and one more. */
static size_t first_digits(struct span t, size_t at)
{
    size_t n = 1;
    while (n <= HOUSE_DIGITS && is(peek(t, at + n), C_DIGIT))
        n++;
    return n;
}

static void digits_first(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    size_t took = 0;
    if (is_fraction(t, at) && at >= p->skip && prev(t, at) == '.')
        return;
    if (mac_may_be(t, at, end))
        took = mac_dots_read(p, at);
    size_t few = first_digits(t, at);
    if (!took && few <= HOUSE_DIGITS && at + few < end && end - at < COIN_LEAST &&
        near_no_unit(p, at + few, end)) {
        took = larger(shape_read(p, at, at + 1), with_prefix(p, at));
        if (took > p->skip)
            p->skip = took;
        return;
    }
    if (!took && stands_alone(t, at, end)) {
        took = small_number(p, at, end);
        if (took > p->skip)
            p->skip = took;
        return;
    }
    uint8_t sign = peek(t, at + few);
    if (!took && few <= 3 && sign == '.')
        took = ip4_read(p, at);
    if (!took && peek(t, end) == '.')
        took = geo_read(p, at);
    if (!took && few <= 4 && (sign == '-' || sign == '/' || sign == '.'))
        took = date_in_digits(p, at);
    bool words = !took && few <= HOUSE_DIGITS && !near_no_words(p, at);
    if (words)
        took = date_in_words(p, at, at + few);
    if (took) {
        p->skip = took;
        return;
    }
    if (end - at > 32) {
        coin_read(p, at, end);
        p->skip = end;
        return;
    }
    struct chain c;
    chain_read(t, at, &c);
    took = c.digits_n < CARD_LEAST ? 0 : card_read(p, &c, 0);
    if (took) {
        if (c.len[0] >= 16 || c.len[0] == 13) /* a person's number may be a card's, too */
            shape_read(p, at, at + 1);
        p->skip = took;
        return;
    }
    took = phone_read(p, &c, 0);
    if (!took || prev(t, at) != '+')
        took = larger(took, shape_read(p, at, at + 1));
    took = larger(took, with_prefix(p, at));
    if (!took && words)
        took = larger(address_read(p, at), age_read(p, at, end));
    if (!took && end - at >= COIN_LEAST)
        took = coin_read(p, at, end);
    if (took > p->skip)
        p->skip = took;
}

/* "card4111111111111111": the digits right behind a word that names what they are. */
static bool label_glued(const struct probe *p, size_t word, size_t at)
{
    struct span t = p->text;
    if (at - word < 2 || at - word > 20)
        return false;
    for (size_t i = word; i < at; i++)
        if (!is(t.p[i], C_LETTER))
            return false;
    struct chain c;
    chain_read(t, at, &c);
    return c.digits_n >= 7 && cue_names(p->sc->cues, span_cut(t, word, at - word));
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

void number_at(struct probe *p, size_t word, size_t at)
{
    struct span t = p->text;
    size_t end = word_end(t, at);
    if (word == at && is_hex_literal(t, at, end))
        return;
    if (word + 1 == at && after_escape(t, at))
        word = at;
    if (word == at) {
        digits_first(p, at, end);
        return;
    }
    if (end - word > WORD_MAX) {
        coin_read(p, word, end);
        return;
    }
    size_t took = iban_read(p, word);
    if (!took && end - word >= 25)
        took = coin_read(p, word, end);
    if (!took && end - word <= 20)
        took = larger(shape_read(p, word, at + 1), with_prefix(p, word));
    if (!took)
        took = mac_dots_read(p, word);
    if (!took && label_glued(p, word, at)) {
        p->glued = at;
        digits_first(p, at, end);
    }
    if (took > p->skip)
        p->skip = took;
}
