/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IBAN: two letters and two digits at the start of a word name the country, the country names the
 * length; exactly that many letters and digits are taken, past single blanks, dashes and one line
 * break, and must fit the structure and mod 97. Called for every word that begins with letters and
 * holds a digit. A BIC stands here too: it is found where "BIC" or "SWIFT" announces it.
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

static const struct country *country_of(const uint8_t code[2])
{
    size_t lo = 0, hi = COUNTRIES;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = memcmp(countries[mid].code, code, 2);
        if (!order)
            return &countries[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
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

/* Past one sign between groups: a blank, a dash, %20, or a line break with blanks around it. */
static size_t sign_end(struct span t, size_t at, bool *broken)
{
    uint8_t c = peek(t, at);
    if (c == '%' && peek(t, at + 1) == '2' && peek(t, at + 2) == '0')
        return at + 3;
    if (c == ' ' && is(peek(t, at + 1), C_WORD))
        return at + 1;
    if (c == '-')
        return at + 1;
    size_t end = at;
    while (end - at < 8 && (peek(t, end) == ' ' || peek(t, end) == '\r' || peek(t, end) == '\n'))
        end++;
    if (end == at || *broken || !memchr(t.p + at, '\n', end - at))
        return at;
    *broken = true;
    return end;
}

size_t iban_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    uint8_t v[IBAN_MAX];
    if (t.n - at < 15 || !is(t.p[at], C_LETTER) || !is(t.p[at + 1], C_LETTER) ||
        !is(t.p[at + 2], C_DIGIT) || !is(peek(t, at + 3), C_DIGIT))
        return 0;
    for (size_t i = 0; i < 4; i++)
        v[i] = is(t.p[at + i], C_LOWER) ? (uint8_t)(t.p[at + i] - 32) : t.p[at + i];
    const struct country *c = country_of(v);
    if (!c || !memcmp(v + 2, "00", 2) || !memcmp(v + 2, "01", 2) || !memcmp(v + 2, "99", 2))
        return 0;
    bool broken = false;
    size_t n = 4, end = at + 4;
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

/* Four letters, a country, two characters, perhaps three more. */
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
    const uint8_t *c = t.p + at + 4;
    return country_of(c) || !memcmp(c, "US", 2) || !memcmp(c, "CA", 2) || !memcmp(c, "AU", 2) ||
                   !memcmp(c, "JP", 2) || !memcmp(c, "CN", 2) || !memcmp(c, "HK", 2) ||
                   !memcmp(c, "SG", 2) || !memcmp(c, "IN", 2) || !memcmp(c, "ZA", 2) ||
                   !memcmp(c, "KR", 2) || !memcmp(c, "MX", 2) || !memcmp(c, "NZ", 2)
               ? n
               : 0;
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
            return;
        if (!is(t.p[i], C_WORD) || is(t.p[i - 1], C_WORD))
            continue;
        words++;
        size_t n = bic_length(t, i);
        if (n) {
            scan_emit(p, ENTITY_SWIFT_BIC, i, i + n, score_logit(0.1F) + 4.5F, 0);
            return;
        }
    }
}
