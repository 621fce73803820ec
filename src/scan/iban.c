/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IBAN: two letters and two digits at the start of a word name the country, the country names the
 * length; exactly that many letters and digits are taken, past blanks, dashes and one line break,
 * and must fit the structure and mod 97. Called for every word that begins with letters and holds a
 * digit, and for two digits that two capitals stand before. A BIC stands here too: it is found
 * where "BIC" or "SWIFT" announces it.
 */
#include "check.h"
#include "scan_int.h"

struct country {
    char code[3];
    uint8_t length;
    const char *structure;
};

static const struct country countries[] = {
#define IBAN(code, length, structure) {code, length, structure},
#include "iban.def"
#undef IBAN
};

enum { COUNTRIES = sizeof countries / sizeof *countries, IBAN_MAX = 34 };

static inline unsigned code_number(const void *code)
{
    const uint8_t *c = code;
    return (unsigned)c[0] << 8 | c[1];
}

/* Halves without a branch: no guess would be right. */
static const struct country *country_of(const uint8_t code[2])
{
    unsigned want = code_number(code);
    const struct country *c = countries;
    for (size_t n = COUNTRIES; n > 1; n -= n / 2)
        c = code_number(c[n / 2].code) <= want ? c + n / 2 : c;
    return code_number(c->code) == want ? c : NULL;
}

static bool fits(const char *structure, const uint8_t *v)
{
    for (const char *s = structure; *s;) {
        char kind = *s++;
        unsigned n = 0;
        for (; is((uint8_t)*s, C_DIGIT); s++)
            n = n * 10 + (unsigned)(*s - '0');
        for (; n; n--, v++)
            if (!is(*v, kind == 'n' ? C_DIGIT : kind == 'a' ? C_UPPER : C_DIGIT | C_UPPER))
                return false;
    }
    return true;
}

/* Past one sign between groups: a blank, as it is or encoded (%20, in a form's + too), a dash, two
 * or three blanks, or a line break with blanks around it. */
static size_t sign_end(struct span t, size_t at, bool *broken)
{
    uint8_t c = peek(t, at);
    if (c == '%' && peek(t, at + 1) == '2' && peek(t, at + 2) == '0')
        return at + 3;
    if ((c == ' ' || c == '+' || c == '.') && is(peek(t, at + 1), C_WORD))
        return at + 1;
    if (c == '-')
        return at + 1;
    size_t end = at;
    enum { BLANKS_MOST = 3 };
    while (end - at < 8 && (peek(t, end) == ' ' || peek(t, end) == '\r' || peek(t, end) == '\n'))
        end++;
    bool line = memchr(t.p + at, '\n', end - at) != NULL;
    if (line ? *broken : end - at > BLANKS_MOST)
        return at;
    *broken |= line;
    return end;
}

size_t iban_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    uint8_t v[IBAN_MAX];
    size_t digits = at + 2 + (peek(t, at + 2) == ' '); /* DE 89 3704 ... */
    if (t.n - at < 15 || !is(t.p[at], C_LETTER) || !is(t.p[at + 1], C_LETTER) ||
        !is(t.p[digits], C_DIGIT) || !is(t.p[digits + 1], C_DIGIT))
        return 0;
    for (size_t i = 0; i < 2; i++) {
        v[i] = is(t.p[at + i], C_LOWER) ? (uint8_t)(t.p[at + i] - 32) : t.p[at + i];
        v[2 + i] = t.p[digits + i];
    }
    const struct country *c = country_of(v);
    if (!c || !memcmp(v + 2, "00", 2) || !memcmp(v + 2, "01", 2) || !memcmp(v + 2, "99", 2))
        return 0;
    bool broken = false;
    size_t n = 4, end = digits + 2;
    while (n < c->length) {
        uint8_t x = peek(t, end);
        if (!is(x, C_WORD)) {
            size_t next = sign_end(t, end, &broken);
            if (next == end || !is(peek(t, next), C_WORD))
                return 0;
            end = next;
            continue;
        }
        v[n++] = is(x, C_LOWER) ? (uint8_t)(x - 32) : x;
        end++;
    }
    if (is(peek(t, end), C_WORD) || is(prev(t, at), C_WORD) || !fits(c->structure, v + 4))
        return 0;
    if (!check_iban(span(v, n)))
        return end; /* wrong, yet its groups are no phone numbers */
    scan_emit(p, ENTITY_IBAN_CODE, at, end, score_logit(0.5F) + 4.6F, 0);
    return end;
}

static bool bic_country(const uint8_t *c)
{
    static const char *const more[] = {"US", "CA", "AU", "JP", "CN", "HK",
                                       "SG", "IN", "ZA", "KR", "MX", "NZ"};
    bool found = country_of(c) != NULL;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        found = found || !memcmp(c, more[i], 2);
    return found;
}

bool check_bic(struct span v)
{
    return v.n >= 8 && bic_country(v.p + 4);
}

/* Four letters, a country, two characters, perhaps three more: the length at `at`, 0 for none. */
static size_t bic_length(struct span t, size_t at)
{
    size_t n = 0;
    while (n < 12 && is(peek(t, at + n), C_WORD))
        n++;
    if (n != 8 && n != 11)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!is(t.p[at + i], i < 6 ? C_UPPER : C_UPPER | C_DIGIT))
            return 0;
    return bic_country(t.p + at + 4) ? n : 0;
}

static bool bic_report(struct probe *p, size_t at)
{
    size_t n = bic_length(p->text, at);
    return n && scan_emit(p, ENTITY_SWIFT_BIC, at, at + n, score_logit(0.1F) + 4.5F, 0);
}

/* "AAAABBCC is my BIC", "AAAABBCC (BIC)": among the three words before `at`. */
static bool bic_before(struct probe *p, size_t at)
{
    enum { BYTES = 28, WORDS = 4 };
    struct span t = p->text;
    size_t i = at;
    for (size_t words = 0; i && at - i < BYTES && words < WORDS; i--) {
        if (t.p[i - 1] == '\n')
            return false;
        if (!is(t.p[i - 1], C_WORD) || (i > 1 && is(t.p[i - 2], C_WORD | C_HIGH)))
            continue;
        words++;
        if (bic_report(p, i - 1))
            return true;
    }
    return false;
}

/* Where cell `n` of the line at `at` begins, past a quote; t.n when there is none before `end`. */
static size_t cell_at(struct span t, size_t at, size_t end, size_t n, uint8_t sign)
{
    for (; n && at < end && t.p[at] != '\n'; at++)
        n -= t.p[at] == sign;
    while (!n && at < end && (t.p[at] == '"' || t.p[at] == ' ' || t.p[at] == '\''))
        at++;
    return n || at >= end ? t.n : at;
}

/* The word stands in the head of a table, or on a line of its own: BICs stand in the lines below.
 */
static void bic_below(struct probe *p, size_t at)
{
    enum { LINE = 200 };
    struct span t = p->text;
    size_t start = at, cells = 0, to = t.n - at > SCAN_AHEAD ? at + SCAN_AHEAD : t.n;
    uint8_t sign = 0;
    for (; start && at - start < LINE && t.p[start - 1] != '\n'; start--)
        if (memchr(",;\t|", t.p[start - 1], 4) && (!sign || sign == t.p[start - 1])) {
            sign = t.p[start - 1];
            cells++;
        }
    for (size_t i = at; i < to; i++) {
        if (t.p[i] != '\n')
            continue;
        size_t cell = cell_at(t, i + 1, to, cells, sign);
        if (cell < t.n && !bic_report(p, cell) && !cells)
            return;
    }
}

void bic_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t word = ascii_lower(t.p[at]) == 's' ? 5 : 3;
    if (is(prev(t, at), C_LETTER) || is(peek(t, at + word), C_LETTER) ||
        (word == 5 && !span_eq_nocase(span_cut(t, at, 5), SPAN_LIT("swift"))))
        return;
    for (size_t i = at + word, words = 0; i < t.n && i - at < 32 && words < 4; i++) {
        if (t.p[i] == '\n' || is(t.p[i], C_HIGH))
            break;
        if (!is(t.p[i], C_WORD) || is(t.p[i - 1], C_WORD))
            continue;
        words++;
        if (bic_report(p, i))
            return;
    }
    if (!bic_before(p, at))
        bic_below(p, at);
}
