/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payment cards: 12 to 19 digits, Luhn, an issuer's prefix. What form alone makes likely needs no
 * cue: 15 and 16 digits of a known scheme, or a grouping only cards have. Ranges: card.def.
 */
#include "check.h"
#include "number_int.h"
#include "scan_int.h"

struct range {
    uint32_t from, to; /* of the first six digits */
    uint32_t lengths;  /* bit n: n digits are issued */
};

#define LEN(n) (1U << (n))
static const struct range ranges[] = {
#define CARD(from, to, lengths) {from, to, lengths},
#include "card.def"
#undef CARD
};

/* Does a scheme issue numbers of this prefix and length? */
static bool known(const uint8_t *d, size_t n)
{
    uint32_t head = 0;
    for (size_t i = 0; i < 6; i++)
        head = head * 10 + (uint32_t)(d[i] - '0');
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (head >= ranges[i].from && head <= ranges[i].to && (ranges[i].lengths >> n & 1))
            return true;
    return false;
}

static bool all_same(const uint8_t *d, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (d[i] != d[0])
            return false;
    return true;
}

/* 6735 6736 6737 6738: groups that count. */
static bool counts(const uint8_t *d, size_t n)
{
    enum { GROUP = 4 };
    if (n != 4 * GROUP)
        return false;
    unsigned last = 0;
    for (size_t i = 0; i < n; i += GROUP) {
        unsigned group = 0;
        for (size_t k = 0; k < GROUP; k++)
            group = group * 10 + (unsigned)(d[i + k] - '0');
        if (i && group != last + 1)
            return false;
        last = group;
    }
    return true;
}

/* 13 digits that are a time in milliseconds or a book's or article's number. */
static bool is_time_or_book(const uint8_t *d)
{
    if (d[0] == '1' && d[1] >= '5')
        return true;
    return d[0] == '9' && d[1] == '7' && (d[2] == '8' || d[2] == '9') && check_ean13(span(d, 13));
}

/* 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4, 4-4-4-3, 4-5-6, 6-13, 4-4-4, 4-4-5 and so on, one sign. */
static bool grouped_like_a_card(const struct chain *c, size_t groups)
{
    if (groups < 3)
        return groups == 2 && c->len[0] == 6 && c->len[1] == 13;
    if (c->len[0] != 4)
        return false;
    for (size_t i = 1; i < groups; i++)
        if (c->len[i] > 6 || (c->len[i] < 3 && i + 1 < groups) || c->sep[i] != c->sep[1])
            return false;
    return true;
}

/* Lengths other than 16 that a scheme is known for, and the prefixes of Maestro itself, which has
 * them all. Articles, parcels and message ids have as many digits, so the rest of the wide ranges
 * needs a cue. */
static bool usual(const uint8_t *d, size_t n)
{
    static const uint16_t maestro[] = {5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763};
    static const uint16_t maestro12[] = {604, 6390};
    unsigned head = 0;
    for (size_t i = 0; i < 4; i++)
        head = head * 10 + (unsigned)(d[i] - '0');
    for (size_t i = 0; i < sizeof maestro / sizeof *maestro; i++)
        if (head == maestro[i])
            return true;
    switch (n) {
    case 12:
        return (head >= 5600 && head < 5900) || head == maestro12[0] || head == maestro12[1];
    case 13:
        return d[0] == '4';
    case 14:
        return d[0] == '3' && memchr("0689", d[1], 4);
    case 15:
        return d[0] == '3' && (d[1] == '4' || d[1] == '7');
    case 19:
        return d[0] == '4' || !memcmp(d, "62", 2);
    default:
        return false;
    }
}

/* JCB's old numbers: one in five thousand of those of their length begins so. */
static bool is_jcb15(const uint8_t *d, size_t n)
{
    return n == 15 && (!memcmp(d, "1800", 4) || !memcmp(d, "2131", 4));
}

/* How likely before cues. */
static float card_odds(const uint8_t *d, size_t n, bool grouped, bool issued)
{
    float odds = score_logit(0.03F) + 2.3F; /* Luhn */
    if (issued)
        odds += is_jcb15(d, n) ? 3.6F : n == 16 ? 2.8F : usual(d, n) ? 2.2F : 1.2F;
    if (n == 13 && check_ean13(span(d, n)))
        odds -= 1.5F;
    if (grouped)
        odds += issued ? 2.5F : n == 16 ? 2.2F : 1.0F;
    return odds;
}

static bool borders(const struct probe *p, size_t start, size_t end)
{
    struct span t = p->text;
    uint8_t a = prev(t, start), b = peek(t, end);
    if ((is(a, C_WORD) && start != p->glued) || (is(b, C_WORD) && b != 'x') ||
        number_starred(t, start, end))
        return false;
    if ((a == '.' || a == '-') && start >= 2 && is(t.p[start - 2], C_WORD))
        return false;
    return !((b == '.' || b == '-' || b == '_') && is(peek(t, end + 1), C_WORD)) && b != '@';
}

/* Digits from `at` on, at most five. */
static size_t digits_from(struct span t, size_t at)
{
    size_t n = 0;
    while (n < 5 && is(peek(t, at + n), C_DIGIT))
        n++;
    return n;
}

bool card_begins(struct span t, size_t at)
{
    struct chain c;
    chain_read(t, at, &c);
    size_t n = 0;
    for (size_t groups = 1; groups <= c.n && groups <= 4; groups++) {
        n += c.len[groups - 1];
        if (groups >= 3 && n >= 14 && n <= 16 && grouped_like_a_card(&c, groups) &&
            known(c.digits, n) && check_luhn(span(c.digits, n)))
            return true;
    }
    return false;
}

/* Four or five hex digits with letters among them, next to a number across its sign or a line
 * break: "52DE 9911 9912". */
static bool hex_group(struct span t, size_t at, size_t end)
{
    size_t letters = 0;
    for (size_t i = at; i < end; i++)
        letters += is(t.p[i], C_LETTER);
    return end - at >= 4 && end - at <= 5 && letters && letters < end - at &&
           !is(prev(t, at), C_WORD) && !is(peek(t, end), C_WORD);
}

static bool behind_hex(struct span t, size_t start, uint8_t sign)
{
    if (!start || (t.p[start - 1] != sign && t.p[start - 1] != '\n'))
        return false;
    size_t at = start - 1;
    while (at && start - at < 8 && is(t.p[at - 1], C_HEX))
        at--;
    return hex_group(t, at, start - 1);
}

static bool before_hex(struct span t, size_t end, uint8_t sign)
{
    if (peek(t, end) != sign && peek(t, end) != '\n')
        return false;
    size_t to = end + 1;
    while (to - end < 8 && is(peek(t, to), C_HEX))
        to++;
    return hex_group(t, end + 1, to);
}

/* Four groups of four that begin as Visa's and Mastercard's do. */
static bool great_scheme(struct span t, size_t start, size_t end)
{
    uint8_t first = t.p[start], second = t.p[start + 1];
    return end - start == 19 && (first == '4' || (first == '5' && second >= '1' && second <= '5'));
}

/* Two numbers before it, each behind the sign, and one behind: a row of numbers. */
static bool in_row(struct span t, size_t start, size_t end, uint8_t sign)
{
    if (peek(t, end) != sign || !digits_from(t, end + 1))
        return false;
    size_t at = start, groups = 0;
    for (; groups < 2 && at >= 2 && t.p[at - 1] == sign && is(t.p[at - 2], C_DIGIT); groups++) {
        size_t from = --at;
        while (at > 0 && from - at < 6 && is(t.p[at - 1], C_DIGIT))
            at--;
        if (is(prev(t, at), C_WORD))
            return false;
    }
    return groups == 2;
}

bool card_is_piece(const struct probe *p, size_t start, size_t end, uint8_t sign, bool issued)
{
    struct span t = p->text;
    if (sign != ' ' && sign != '-' && sign != '.')
        return false;
    if (sign == '.' && prev(t, start) == sign)
        return true; /* [.5698.0020.0002] */
    size_t before = 0;
    while (before < 5 && start >= before + 2 && is(t.p[start - before - 2], C_DIGIT))
        before++;
    if (prev(t, start) == sign && (before == 4 || (before && !issued)) && p->skip + 1 != start)
        return true;
    if (sign == ' ' && p->skip + 1 != start && !great_scheme(t, start, end) &&
        in_row(t, start, end, sign))
        return true;
    if (behind_hex(t, start, sign) || before_hex(t, end, sign))
        return true;
    if (peek(t, end) != sign || digits_from(t, end + 1) != 4)
        return false;
    /* One group more, as an expiry date or a year, is let pass where an issuer has the prefix. */
    bool more = peek(t, end + 5) == sign && digits_from(t, end + 6) == 4;
    return issued ? more && !card_begins(t, end + 1) : !card_begins(t, end + 1);
}

/* One or two digits more would make a number of the scheme's length, too: that one's check failed.
 */
static bool cut_short(const struct chain *c, size_t next, const uint8_t *d, size_t n)
{
    return next + 1 == c->n && c->len[next] <= 2 && c->sep[next] == c->sep[next - 1] &&
           n + c->len[next] <= 19 && known(d, n + c->len[next]);
}

static size_t try_card(struct probe *p, const struct chain *c, size_t groups)
{
    const uint8_t *d = c->digits;
    size_t start = c->start, end = chain_group_end(c, groups - 1), n = 0;
    for (size_t i = 0; i < groups; i++)
        n += c->len[i];
    if (n < 12 || n > 19 || all_same(d, n) || !check_luhn(span(d, n)) || counts(d, n))
        return 0;
    if (groups == 1 && n == 13 && is_time_or_book(d))
        return 0;
    if (!borders(p, start, end))
        return 0;
    bool issued = known(d, n);
    bool grouped = groups > 1 && grouped_like_a_card(c, groups);
    if (groups > 1 && (!grouped || card_is_piece(p, start, end, c->sep[1], n >= 14 && issued) ||
                       cut_short(c, groups, d, n)))
        return 0;
    float odds = card_odds(d, n, grouped, issued);
    /* twelve digits are a person's number in many countries */
    bool evident = issued && n > 12 && (grouped || n == 16);
    if (!evident || !probe_certain(p, ENTITY_CREDIT_CARD, odds))
        odds += probe_weight(p, start, end, ENTITY_CREDIT_CARD, evident);
    return scan_emit(p, ENTITY_CREDIT_CARD, start, end, odds, 0) ? end : 0;
}

size_t card_read(struct probe *p, const struct chain *c)
{
    size_t n = 0, groups = 0;
    if (c->len[0] < 4)
        return 0;
    /* The most groups joined by one sign that make no more than 19 digits; then fewer. */
    while (groups < c->n && n + c->len[groups] <= 19 && (groups < 2 || c->sep[groups] == c->sep[1]))
        n += c->len[groups++];
    for (; groups; groups--) {
        size_t end = try_card(p, c, groups);
        if (end)
            return end;
    }
    return 0;
}
