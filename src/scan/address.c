/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Street addresses: one LOCATION from house number or street to postcode, unit included. Called for
 * a number of up to six digits that nothing else took; it is a house number when a street stands
 * behind it ("34 chemin des Vignes", "5799 N Franklin View Way") or before it ("Lange Gasse 74",
 * "Calle Mayor, 5"). The words that make a street are in cue.def.
 */
#include "address_int.h"

/* "12bis", "7ter": the end of the word glued to the number that ends at `at`, or `at`. */
static size_t glued_again(struct span t, size_t at)
{
    struct span word = span_cut(t, at, 3);
    bool again = span_is(word, "bis") || span_is(word, "ter");
    return again && !is(peek(t, at + 3), C_WORD | C_HIGH) ? at + 3 : at;
}

/* Past "12", "12b", "12bis", "16/46", "12-14", "88a/2/14", "3-14-5". */
static size_t house_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    for (unsigned part = 0; part < 3; part++) {
        size_t from = i;
        while (i - from < 6 && is(peek(t, i), C_DIGIT))
            i++;
        if (i == from || i - from > 5)
            return part ? from - 1 : at;
        if (is(peek(t, i), C_LETTER))
            i = is(peek(t, i + 1), C_WORD | C_HIGH) ? glued_again(t, i) : i + 1;
        if ((peek(t, i) != '/' && peek(t, i) != '-') || !is(peek(t, i + 1), C_DIGIT))
            break;
        i++;
    }
    return is(peek(t, i), C_WORD | C_HIGH) ? at : i;
}

static bool word_of(struct span t, const struct address_words *w, size_t k, const char *word)
{
    return k < w->n &&
           span_eq_nocase(span_cut(t, w->start[k], w->end[k] - w->start[k]), span_str(word));
}

/* "PO Box 1234", "P.O. Box 77", "Postfach 1011", "PSC 7761", "FPO AP 12345": where it begins,
 * SIZE_MAX when it is none. */
static size_t box_before(struct span t, size_t at)
{
    static const char *const alone[] = {"postfach", "postbus", "apartado",
                                        "postboks", "psc",     "cmr"};
    static const char *const abroad[] = {"aa", "ae", "ap"};
    struct address_words w;
    uint8_t last = at >= 4 && t.p[at - 1] == ' ' ? t.p[at - 2] | 0x20 : 0;
    if (!last || !memchr("xhsocraep", last, 9))
        return SIZE_MAX;
    address_words_before(t, at, 3, &w);
    for (size_t i = 0; i < sizeof abroad / sizeof *abroad; i++)
        if (word_of(t, &w, 0, abroad[i]) &&
            (word_of(t, &w, 1, "apo") || word_of(t, &w, 1, "fpo") || word_of(t, &w, 1, "dpo")))
            return w.start[1];
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (word_of(t, &w, 0, alone[i]))
            return w.start[0];
    if (!word_of(t, &w, 0, "box"))
        return SIZE_MAX;
    if (word_of(t, &w, 1, "po") || word_of(t, &w, 1, "gpo"))
        return w.start[1];
    if ((word_of(t, &w, 1, "o") && word_of(t, &w, 2, "p")) ||
        (word_of(t, &w, 1, "office") && word_of(t, &w, 2, "post")))
        return w.start[2];
    return SIZE_MAX;
}

static bool begins_well(struct span t, size_t at)
{
    uint8_t c = prev(t, at);
    if (c == '_' || c == '-' || c == '/')
        return !is(prev(t, at - 1), C_WORD | C_HIGH);
    if (is(c, C_HIGH))
        return after_sign(t, at);
    return !is(c, C_WORD) && c != '.' && c != '$' && c != '#' && c != ':' && c != '@' && c != '=';
}

/* "Flat 34, 62 Highland Road": where the unit begins, `at` when there is none. */
static size_t unit_before(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    if (i < 5 || t.p[i - 1] != ' ')
        return at;
    i -= t.p[i - 2] == ',' ? 2 : 1;
    size_t e = i;
    while (i && e - i < 5 && is(t.p[i - 1], C_WORD))
        i--;
    if (i == e || !i || t.p[i - 1] != ' ' || !(is(t.p[i], C_DIGIT) || e - i == 1))
        return at;
    size_t w = i - 1;
    while (w && i - w < 12 && is(t.p[w - 1], C_LETTER))
        w--;
    bool said = capital(t, w) || peek(t, e) == ',';
    return said && says_unit(p, w, i - 1) ? w : at;
}

/* "Unit 7B, Tower 2, 67 Ayala Avenue", "2-chome 7-1 Umeda": where what leads to the number at `at`
 * begins. */
static size_t units_before(const struct probe *p, size_t at)
{
    enum { UNITS = 3 };
    static const char chome[] = "-chome ";
    struct span t = p->text;
    size_t n = sizeof chome - 1, start = unit_before(p, at);
    for (size_t k = 1, from = at; k < UNITS && start < from; k++) {
        from = start;
        start = unit_before(p, start);
    }
    if (start > n + 1 && !memcmp(t.p + start - n, chome, n) && is(t.p[start - n - 1], C_DIGIT))
        start -= n + 1;
    return start;
}

/* "No. 1288 Zhongshan North Road": where what says "number" before the address begins, `start` when
 * nothing does. */
static size_t number_said(struct span t, size_t start)
{
    size_t at = start - (start && t.p[start - 1] == ' ');
    at -= at < start && at && t.p[at - 1] == '.';
    bool no = at < start && at >= 2 && t.p[at - 2] == 'N' && (t.p[at - 1] | 0x20) == 'o' &&
              !is(prev(t, at - 2), C_WORD | C_HIGH) && is(peek(t, start), C_DIGIT);
    return no ? at - 2 : start;
}

/* "Flat" right before the number at `at`: where it begins, `at` when no such word does. */
static size_t unit_word(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t w = at && t.p[at - 1] == ' ' ? at - 1 : at;
    while (w && at - w < 12 && is(t.p[w - 1], C_LETTER))
        w--;
    return at - w > 4 && capital(t, w) && word_is(p, w, at - 1, CUE_UNIT) == 2 ? w : at;
}

/* "Carrera 7 # 71-21": a street of numbers, its end behind the house's; 0 when it is none. */
static size_t grid_end(const struct probe *p, size_t at, size_t house, size_t *start)
{
    struct span t = p->text;
    struct address_words w;
    size_t i = house + (peek(t, house) == ' '), e = i;
    if (peek(t, i) != '#')
        return 0;
    i += 1 + (peek(t, i + 1) == ' ');
    while (e < i || is(peek(t, e), C_DIGIT) || (peek(t, e) == '-' && is(peek(t, e + 1), C_DIGIT)))
        e++;
    address_words_before(t, at, 1, &w);
    if (!w.n || e < i + 3 || !memchr(t.p + i, '-', e - i) ||
        !word_is(p, w.start[0], w.end[0], CUE_STREET_BEFORE))
        return 0;
    *start = w.start[0];
    return e;
}

/* "Mühlweg 11 b," */
static bool house_letter(struct span t, size_t at)
{
    uint8_t behind = peek(t, at + 2);
    return peek(t, at) == ' ' && is(peek(t, at + 1), C_LOWER) && t.p[at + 1] <= 'h' &&
           (!behind || behind == ',' || behind == '\n');
}

/* "Rue Haute 77 bis, 1000 Bruxelles": the end of what tells one house from its neighbour; `at` when
 * nothing does. */
static size_t house_again(struct span t, size_t at)
{
    static const char *const words[] = {" bis", " ter", " hs"};
    for (size_t i = 0; i < sizeof words / sizeof *words && peek(t, at) == ' '; i++) {
        size_t end = at + strlen(words[i]);
        uint8_t behind = peek(t, end);
        if (span_is(span_cut(t, at, end - at), words[i]) &&
            (!behind || behind == ',' || behind == '\n'))
            return end;
    }
    return at;
}

/* A comma with no blank behind it, as it stands between the fields of a table. */
static bool bare_comma(struct span t, size_t at)
{
    return t.p[at] == ',' && peek(t, at + 1) != ' ' && peek(t, at + 1) != '\n';
}

/* Is what begins at `at` a field of a row: behind a bare comma, or the first of its line with such
 * commas in the line above? */
static bool begins_field(struct span t, size_t at)
{
    enum { LINE_MOST = 160 };
    uint8_t before = prev(t, at);
    if (before != '\n')
        return before == ',';
    for (size_t i = at - 1; i && at - i < LINE_MOST && t.p[i - 1] != '\n'; i--)
        if (bare_comma(t, i - 1))
            return true;
    return false;
}

/* An address in a row of a table: each of its fields is one finding, so that the row keeps its
 * columns. */
static bool emit_fields(struct probe *p, size_t start, size_t end, float odds)
{
    bool any = false;
    for (size_t at = start, from = start; at <= end; at++) {
        if (at < end && !bare_comma(p->text, at))
            continue;
        if (at > from)
            any |= scan_emit(p, ENTITY_LOCATION, from, at, odds, SCAN_RULE_ADDRESS);
        from = at + 1;
    }
    return any;
}

/* A whole address, and the town behind its postcode; its end, 0 when it is too little of one. */
static size_t emit_address(struct probe *p, size_t start, size_t end, float odds)
{
    if (begins_field(p->text, start))
        return emit_fields(p, start, end, odds) ? end : 0;
    if (!scan_emit(p, ENTITY_LOCATION, start, end, odds, SCAN_RULE_ADDRESS))
        return 0;
    size_t town = end + 1, town_end = address_town_end(p, end);
    if (town_end > town)
        scan_emit(p, ENTITY_LOCATION, town, town_end, odds, SCAN_RULE_ADDRESS);
    return end;
}

/* What is known of an address: from its house or street to the house's end, and the log-odds of its
 * words. end 0: none. */
struct street {
    size_t start, end;
    float odds;
};

/* "Unit 7, 12 High Street": with a street behind its house, or a house of a grid's. */
static struct street street_behind(struct probe *p, size_t at, size_t house)
{
    struct span t = p->text;
    struct street s = {at, 0, 0};
    size_t unit = unit_word(p, at);
    s.end = grid_end(p, at, house, &s.start);
    if (s.end) {
        s.odds = 2.0F;
    } else if (begins_well(t, at) || prev(t, at) == ':' || prev(t, at) == '=') {
        s.end = address_street_after(p, house, unit < at, &s.odds);
        s.start = s.end ? number_said(t, units_before(p, unit)) : at;
    }
    return s;
}

/* "Postfach 10 11 12": the groups of its number. */
static struct street box_with(const struct probe *p, size_t at, size_t house)
{
    struct street s = {box_before(p->text, at), house, 2.0F};
    if (s.start == SIZE_MAX)
        return (struct street){0};
    for (size_t next = s.end + 1; peek(p->text, s.end) == ' ' && is(peek(p->text, next), C_DIGIT) &&
                                  house_end(p, next) > next;
         next = s.end + 1)
        s.end = house_end(p, next);
    return s;
}

/* "Hauptstraße 12", or a line that a postcode follows. */
static struct street street_before_house(struct probe *p, size_t at, size_t house)
{
    struct span t = p->text;
    struct street s = {0, house, 0};
    uint8_t before = prev(t, at);
    if (before != ' ' && before != ':' && before != '#' && before != 0xBA)
        return (struct street){0};
    s.start = address_street_before(p, at, &s.odds);
    if (s.start == SIZE_MAX) {
        s.start = address_before_postcode(p, at, house);
        s.odds = 1.0F;
    }
    if (s.start == SIZE_MAX || (s.start >= 2 && t.p[s.start - 1] == ' ' && t.p[s.start - 2] == '/'))
        return (struct street){0};
    return s;
}

/* "Address Line 2: Apt 9": behind the label's number at `at` a unit that is a field of its own. */
static struct street unit_field(const struct probe *p, size_t at, size_t house)
{
    struct span t = p->text;
    bool label = t.p[at] == '2' && house == at + 1 && peek(t, house) == ':' && at > 5;
    if (!label || prev(t, at) != ' ') /* most */
        return (struct street){0};
    struct span word = span_cut(t, at - 5, 4);
    size_t unit = house + 1 + (peek(t, house + 1) == ' '), end = word_end(t, unit);
    bool said = span_eq_nocase(word, SPAN_LIT("line")) || span_eq_nocase(word, SPAN_LIT("ress"));
    if (!said || !capital(t, unit) || !says_unit(p, unit, end) || peek(t, end) != ' ')
        return (struct street){0};
    size_t door = word_end(t, end + 1);
    bool numbered = is(peek(t, end + 1), C_DIGIT) || door == end + 2; /* no "Unit tests" */
    return (struct street){unit, numbered && is(t.p[door - 1], C_WORD) ? door : 0, ADDRESS_SURE};
}

/* Behind a house that its street stands before: "12 A 3", a stair and a door, or "12 b". */
static size_t door_end(const struct probe *p, size_t house, size_t end)
{
    struct span t = p->text;
    if (peek(t, end) == ' ' && is(peek(t, end + 1), C_UPPER) &&
        !is(peek(t, end + 2), C_WORD | C_HIGH) && peek(t, end + 2) != '.' &&
        peek(t, end + 2) != ':') {
        end += 2;
        if (peek(t, end) == ' ' && is(peek(t, end + 1), C_DIGIT) && house_end(p, end + 1) > end + 1)
            end = house_end(p, end + 1);
    }
    if (end == house && house_letter(t, end))
        return end + 2;
    return end == house ? house_again(t, end) : end;
}

size_t address_read(struct probe *p, size_t at)
{
    enum { UNITS = 4 };
    if (!probe_wants(p, ENTITY_LOCATION))
        return 0;
    size_t took = address_wide(p, at), house = took ? at : house_end(p, at);
    if (took || house == at)
        return took;
    struct street s = street_behind(p, at, house);
    if (!s.end)
        s = box_with(p, at, house);
    if (!s.end)
        s = street_before_house(p, at, house);
    if (!s.end)
        s = unit_field(p, at, house);
    if (!s.end)
        return 0;
    size_t end = s.start < at ? door_end(p, house, s.end) : s.end;
    for (size_t k = 0, from = 0; k < UNITS && end > from; k++) {
        from = end;
        end = address_unit_end(p, from);
    }
    /* A house, a word for a street and a postcode: no word around it says otherwise. */
    size_t tail = address_tail_end(p, end);
    bool whole = tail > end && s.odds >= ADDRESS_SURE;
    s.odds += tail > end ? 1.0F : 0;
    if (!whole)
        s.odds += 0.5F * probe_weight(p, s.start, end, ENTITY_LOCATION, false);
    return emit_address(p, s.start, tail, s.odds);
}
