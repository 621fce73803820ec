/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network addresses: IPv4 at a digit, IPv6 and MAC at a colon between hex digits, MAC with dots or
 * dashes at its first digit. Frequent: the refusals, in code and logs full of numbers and colons.
 */
#include "scan_int.h"

static bool octet(struct span t, size_t *at)
{
    unsigned n = 0;
    size_t i = *at;
    for (; i - *at < 3 && is(peek(t, i), C_DIGIT); i++)
        n = n * 10 + (unsigned)(t.p[i] - '0');
    bool ok = i > *at && n <= 255 && !is(peek(t, i), C_DIGIT) && !(t.p[*at] == '0' && i - *at > 1);
    *at = i;
    return ok;
}

size_t quad_end(struct span t, size_t at)
{
    for (unsigned k = 0; k < 4; k++) {
        if (k && (peek(t, at) != '.' || !is(peek(t, ++at), C_DIGIT)))
            return 0;
        if (!octet(t, &at))
            return 0;
    }
    return at;
}

/* "84.88.32.28": an address, or a phone as Denmark and Norway write one, where words say so of it
 * and none says that it is an address. */
static bool is_phone(struct probe *p, size_t at, size_t end)
{
    struct span t = p->text;
    if (end - at != 11 || t.p[at + 2] != '.' || t.p[at + 5] != '.' || t.p[at + 8] != '.')
        return false;
    const struct cues *c = probe_cues(p, at, end);
    enum cue_tier phone = cues_tier(c, ENTITY_PHONE_NUMBER);
    return phone >= CUE_NEAR && phone > cues_tier(c, ENTITY_IP_ADDRESS);
}

/* A dotted quad ends right before `end`, as the first address of a range. */
static bool quad_before(struct span t, size_t end)
{
    enum { QUAD_MOST = 15 };
    size_t at = end;
    while (at && end - at < QUAD_MOST && (is(t.p[at - 1], C_DIGIT) || t.p[at - 1] == '.'))
        at--;
    return !is(prev(t, at), C_WORD) && quad_end(t, at) == end;
}

/* "section 4.4.8.2", "§ 4.4.8.2": a place in a document, none of whose numbers has three digits. */
static bool of_document(struct span t, size_t at, size_t end)
{
    static const char *const words[] = {"section", "sections", "clause", "chapter", "abschnitt"};
    enum { WORD_MOST = 9 };
    for (size_t i = at; i + 2 < end; i++)
        if (is(t.p[i], C_DIGIT) && is(t.p[i + 1], C_DIGIT) && is(t.p[i + 2], C_DIGIT))
            return false;
    size_t to = at - (prev(t, at) == ' '), from = to;
    if (to > 1 && t.p[to - 1] == 0xA7 && t.p[to - 2] == 0xC2)
        return true;
    while (from && to - from <= WORD_MOST && is(t.p[from - 1], C_LETTER))
        from--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is_nocase(span_cut(t, from, to - from), words[i]))
            return true;
    return false;
}

size_t ip4_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t end = quad_end(t, at);
    uint8_t before = prev(t, at), after = peek(t, end);
    if (!end || is(after, C_WORD) || (after == '.' && is(peek(t, end + 1), C_DIGIT)))
        return 0;
    if (before == ':' && at >= 2 && is(t.p[at - 2], C_HEX | C_HOST) &&
        (t.p[at - 2] == ':' || (at >= 5 && !memcmp(t.p + at - 5, "ffff", 4))))
        return end; /* the tail of an IPv6 address */
    if (is(before, C_WORD) || (before == '.' && at >= 2 && is(t.p[at - 2], C_WORD)) ||
        (before == '-' && at >= 2 && is(t.p[at - 2], C_WORD) && !quad_before(t, at - 1)))
        return 0;
    if (after == '-' && is(peek(t, end + 1), C_WORD) && !quad_end(t, end + 1))
        return end; /* a version with a suffix */
    if (of_document(t, at, end))
        return end;
    if (is_phone(p, at, end))
        return 0;
    float odds = 2.0F; /* counter-cues stand before the address */
    if (!cues_uncounted(p, at) && !cues_label(p, at, ENTITY_IP_ADDRESS) &&
        cues_tier(probe_cues_before(p, at), CUE_COUNTER) == CUE_LABEL &&
        cues_tier(probe_cues(p, at, end), ENTITY_IP_ADDRESS) < CUE_LABEL)
        odds = -2.0F;
    if (t.p[at] == '0')
        odds -= 0.5F;
    scan_emit(p, ENTITY_IP_ADDRESS, at, end, odds, 0);
    return end;
}

/* ---- colons ---- */

struct groups {
    size_t start, end;
    unsigned n, empty; /* groups, and how many "::" */
    bool digit, pairs; /* some decimal digit; every group has two hex digits */
    bool wide;         /* some group has more than four */
};

/* The maximal text of hex digits and colons around `colon`, at most 48 bytes to each side. */
static struct groups groups_around(struct span t, size_t colon)
{
    struct groups g = {.start = colon, .end = colon, .pairs = true};
    while (g.start && colon - g.start < 48 &&
           (is(t.p[g.start - 1], C_HEX) || t.p[g.start - 1] == ':'))
        g.start--;
    while (g.end < t.n && g.end - colon < 48 && (is(t.p[g.end], C_HEX) || t.p[g.end] == ':'))
        g.end++;
    if (g.end > g.start + 1 && t.p[g.end - 1] == ':' && t.p[g.end - 2] != ':')
        g.end--; /* punctuation */
    if (g.start < colon && t.p[g.start] == ':' && t.p[g.start + 1] != ':')
        g.start++; /* "mac:12:…" whose word is no hex */
    size_t len = 0;
    for (size_t i = g.start; i <= g.end; i++) {
        bool sign = i == g.end || t.p[i] == ':';
        if (!sign) {
            len++;
            g.digit = g.digit || is(t.p[i], C_DIGIT);
            continue;
        }
        g.wide = g.wide || len > 4;
        g.pairs = g.pairs && len == 2;
        g.n += len > 0;
        g.empty += len == 0 && i > g.start && i < g.end && t.p[i - 1] == ':';
        len = 0;
    }
    return g;
}

static bool outside_word(struct span t, size_t start, size_t end)
{
    uint8_t a = prev(t, start), b = peek(t, end);
    bool leader = a == '.' && start >= 2 && t.p[start - 2] == '.';
    return !is(a, C_WORD) && a != '_' && (a != '.' || leader) && !is(b, C_WORD) && b != '_';
}

static void mac_report(struct probe *p, size_t start, size_t end)
{
    bool zero = true, ones = true;
    for (size_t i = start; i < end; i++) {
        if (!is(p->text.p[i], C_HEX))
            continue;
        zero = zero && p->text.p[i] == '0';
        ones = ones && ascii_lower(p->text.p[i]) == 'f';
    }
    if (!zero && !ones)
        scan_emit(p, ENTITY_MAC_ADDRESS, start, end, 2.5F, 0);
}

/* Past an embedded dotted quad whose first octet the colons already hold, and past a zone. */
static size_t ip6_tail(struct span t, size_t start, size_t end, bool *quad)
{
    size_t octets = end;
    while (octets > start && t.p[octets - 1] != ':')
        octets--;
    size_t q = peek(t, end) == '.' ? quad_end(t, octets) : 0;
    *quad = q != 0;
    if (q)
        end = q;
    if (peek(t, end) == '%' && is(peek(t, end + 1), C_LETTER))
        for (end++; end < t.n && is(t.p[end], C_WORD); end++)
            if (end - start > 80)
                break;
    return end;
}

/* "::1" by itself: no slice "x[::1]", no scope. */
static bool loopback(struct span t, const struct groups *g)
{
    uint8_t a = prev(t, g->start), b = g->start >= 2 ? t.p[g->start - 2] : 0;
    return g->end - g->start == 3 && t.p[g->start] == ':' && t.p[g->end - 1] == '1' && a != ']' &&
           a != ')' && !(a == '[' && (is(b, C_WORD) || b == ']' || b == ')' || b == '_'));
}

/* The top bit of each byte of v that is a hex digit; that is a colon. */
static inline uint64_t hexes_of(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t low = (v | ones * 0x20) & ones * 0x7F;
    uint64_t from_a = low + ones * (0x80 - 'a'), past_f = low + ones * (0x7F - 'f');
    return ((from_a & ~past_f & ~v) | ~no_digits_of(v)) & ones * 0x80;
}

static inline uint64_t colons_of(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t x = v ^ ones * ':';
    return ~(((x & ones * 0x7F) + ones * 0x7F) | x) & ones * 0x80;
}

/* No other colon stands beside the hex digits on the two sides of the one at `at`: "9:30", "id:".
 */
static inline bool colon_alone(uint64_t before, uint64_t behind)
{
    enum { DIGITS = 5 };
    const uint64_t tops = 0x8080808080808080U;
    uint64_t stop = ~hexes_of(before) & tops, end = ~hexes_of(behind) & tops;
    if (stop < (uint64_t)1 << 8 * (8 - DIGITS) || !(end << 8 * (8 - DIGITS)))
        return false;
    uint64_t last = (uint64_t)1 << 63 >> __builtin_clzll(stop);
    return !(colons_of(before) & last) && !(colons_of(behind) & end & -end);
}

/* The hex digits and colons up to `at` are the end of a word: "std::of". */
static inline bool ends_word(struct span t, size_t at, uint64_t before)
{
    uint64_t stop = ~(hexes_of(before) | colons_of(before)) & 0x8080808080808080U;
    if (!stop)
        return false;
    size_t start = at - (size_t)__builtin_clzll(stop) / 8;
    uint8_t c = prev(t, start);
    return (is(c, C_WORD) || c == '_') &&
           (start == at || t.p[start] != ':' || t.p[start + 1] == ':');
}

/* Nothing is what most colons in code and logs are of. */
static bool colon_idle(struct span t, size_t at)
{
    if (at < 8)
        return false;
    uint64_t before = load8(t.p + at - 8);
    return colon_alone(before, load8_of(t, at + 1)) || ends_word(t, at, before);
}

void colon_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    if (at < p->skip || colon_idle(t, at))
        return;
    struct groups g = groups_around(t, at);
    if (g.n < 2 && g.empty == 0)
        return;
    if (g.pairs && g.n == 6 && !g.empty) {
        if (outside_word(t, g.start, g.end)) {
            mac_report(p, g.start, g.end);
            p->skip = g.end;
        }
        return;
    }
    if (g.wide || g.n > 8 || g.empty > 1 || (!g.empty && g.n < 6))
        return;
    bool quad;
    size_t end = ip6_tail(t, g.start, g.end, &quad);
    unsigned n = g.n + quad;
    if (g.empty ? n > 7 : n != 8)
        return;
    bool alone = g.n < 2 && g.empty && !quad;
    if (!outside_word(t, g.start, end) || (alone && !loopback(t, &g)))
        return;
    float odds = g.n >= 3 || quad ? 2.5F : 1.0F;
    if (!g.digit)
        odds -= 3.0F; /* dead::beef */
    scan_emit(p, ENTITY_IP_ADDRESS, g.start, end, odds, 0);
    p->skip = end;
}

/* "0014.e802.095c" and "F0-C4-CD-65-ED-22", at a word that holds a digit: the first words may hold
 * letters only, so step back over them. */
size_t mac_dots_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    uint8_t before = prev(t, at);
    if (before != '-' && before != '.' && peek(t, at + 2) != '-' && peek(t, at + 4) != '.')
        return 0;
    for (unsigned k = 0;
         k < 5 && at >= 3 && t.p[at - 1] == '-' && is(t.p[at - 2], C_HEX) && is(t.p[at - 3], C_HEX);
         k++)
        at -= 3;
    for (unsigned k = 0;
         k < 2 && at >= 5 && t.p[at - 1] == '.' && is(t.p[at - 2], C_HEX) && is(t.p[at - 5], C_HEX);
         k++)
        at -= 5;
    size_t word = at;
    while (word - at < 5 && is(peek(t, word), C_HEX))
        word++;
    size_t group = word - at;
    uint8_t sign = peek(t, word);
    if (!((group == 4 && sign == '.') || (group == 2 && sign == '-')))
        return 0;
    size_t groups = group == 4 ? 3 : 6, end = at;
    bool letters = group == 2;
    for (size_t k = 0; k < groups; k++) {
        if (k && peek(t, end++) != sign)
            return 0;
        for (size_t i = 0; i < group; i++) {
            letters = letters || is(peek(t, end), C_LETTER);
            if (!is(peek(t, end++), C_HEX))
                return 0;
        }
    }
    if (!outside_word(t, at, end) || (peek(t, end) == sign && is(peek(t, end + 1), C_WORD)) ||
        prev(t, at) == sign)
        return 0;
    if (!letters && cues_tier(probe_cues(p, at, end), ENTITY_MAC_ADDRESS) < CUE_NEAR)
        return 0; /* "6304.2839.4039" may be a card */
    mac_report(p, at, end);
    return end;
}
