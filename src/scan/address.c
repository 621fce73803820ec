/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Street addresses: one LOCATION from house number or street to postcode, unit included. Called for
 * a number of up to six digits that nothing else took; it is a house number when a street stands
 * behind it ("34 chemin des Vignes", "5799 N Franklin View Way") or before it ("Lange Gasse 74",
 * "Calle Mayor, 5"). The words that make a street are in cue.def.
 */
#include "address_int.h"

enum { STREET_WORDS = 6, STREET_BYTES = 80, HOUSE_MOST = 5 };
#define STREET_SURE 1.6F /* log-odds of a street that one of the words for it names */

/* Past "12", "12b", "16/46", "12-14", "198 bis". */
static size_t house_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    for (unsigned part = 0; part < 2; part++) {
        size_t from = i;
        while (i - from < 6 && is(peek(t, i), C_DIGIT))
            i++;
        if (i == from || i - from > 5)
            return part ? from - 1 : at;
        if (is(peek(t, i), C_LETTER) && !is(peek(t, i + 1), C_WORD | C_HIGH))
            i++;
        if ((peek(t, i) != '/' && peek(t, i) != '-') || !is(peek(t, i + 1), C_DIGIT))
            break;
        i++;
    }
    return is(peek(t, i), C_WORD | C_HIGH) ? at : i;
}

/* "275, Brigade Road": a number that is no year, and no day of a month. */
static bool comma_house(const struct probe *p, size_t end)
{
    struct span t = p->text;
    size_t at = end, word;
    while (at && end - at < 8 && (is(t.p[at - 1], C_DIGIT) || t.p[at - 1] == '/'))
        at--;
    if (end - at == 4 && (t.p[at] == '1' || t.p[at] == '2') && !memchr(t.p + at, '/', 4))
        return false;
    for (word = at - (at && t.p[at - 1] == ' '); word && is(t.p[word - 1], C_LETTER); word--)
        ;
    return at == word || !word_is(p, word, at - 1, CUE_MONTH);
}

static bool names_street(const struct probe *p, size_t at, size_t end)
{
    return capital(p->text, at) || is(p->text.p[at], C_DIGIT) || word_is(p, at, end, CUE_PARTICLE);
}

/* "Shibuya-ku", "Teheran-ro": a ward or street of Japan or Korea in Latin letters. */
static bool eastern(struct span t, size_t at, size_t end)
{
    static const char *const tails[] = {"ku",   "gu",  "ro", "gil", "dong", "cho",
                                        "dori", "shi", "si", "do",  "ga",   "machi"};
    size_t dash = end;
    while (dash > at && t.p[dash - 1] != '-')
        dash--;
    if (dash == at || !capital(t, at))
        return false;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (span_is(span_cut(t, dash, end - dash), tails[i]))
            return true;
    return false;
}

/* "Mill", "Shores", "Greens": a word that is mostly something else ends a street's name. */
static bool rare_street(const struct probe *p, size_t at, size_t end)
{
    if (end - at < 3 || !is(p->text.p[at], C_UPPER))
        return false;
    if (word_is(p, at, end, CUE_STREET_RARE))
        return true;
    end--;
    return p->text.p[end] == 's' &&
           (word_is(p, at, end, CUE_STREET_RARE) || word_is(p, at, end, CUE_STREET));
}

/* How sure a word of a street's name is its last: 2, 1, or 0 when it is not. */
static unsigned street_type(const struct probe *p, size_t at, size_t end, float *odds)
{
    unsigned type = eastern(p->text, at, end) ? 2 : word_is(p, at, end, CUE_STREET);
    *odds = type == 2 ? 2.2F : 1.6F;
    if (type || !rare_street(p, at, end))
        return type;
    *odds = 0;
    return 1;
}

/* A house's number of three digits and more that is no year and not round: few other numbers stand
 * before a name. */
static bool large_house(struct span t, size_t end)
{
    size_t at = end;
    while (at && end - at < 6 && is(t.p[at - 1], C_DIGIT))
        at--;
    bool year = end - at == 4 && (!memcmp(t.p + at, "19", 2) || !memcmp(t.p + at, "20", 2));
    return end - at >= 3 && !year && memcmp(t.p + end - 2, "00", 2) != 0;
}

/* A street behind the number at [.., at): its end and how sure; 0 when there is none. `unit`: the
 * number is a flat's, and a comma or a line may stand before the street. */
static size_t street_after(const struct probe *p, size_t at, bool unit, float *odds)
{
    struct span t = p->text;
    unsigned lines = 0;
    size_t i = unit ? place_gap(t, at, &lines) : gap_end(t, at, true), last = 0;
    if (i == at || lines > 1)
        return 0;
    size_t e = word_end(t, i);
    if (e - i == 3 && word_is(p, i, e, CUE_UNIT) && gap_end(t, e, false) > e) {
        i = gap_end(t, e, false); /* bis, ter */
        e = word_end(t, i);
    }
    unsigned before = word_is(p, i, e, CUE_STREET_BEFORE);
    bool comma = peek(t, at) == ',', lower = !capital(t, i) && !is(peek(t, i), C_DIGIT);
    if (comma && !before && !unit && (!capital(t, i) || !comma_house(p, at)))
        return 0;
    *odds = before == 2 ? 2.0F : 1.0F;
    size_t most = lower && !before ? 3 : STREET_WORDS;
    for (size_t k = 0; k < most && e > i && e - at < STREET_BYTES; k++) {
        float sure = 0;
        unsigned type = k || eastern(t, i, e) ? street_type(p, i, e, &sure) : 0;
        if (type && (!lower || type == 2) && (!before || capital(t, i))) {
            last = e;
            *odds = lower ? 0.9F : sure;
            if (sure == 0 && (unit || large_house(t, at)))
                *odds = 0.9F;
            if (comma && !unit)
                *odds -= 1.2F;
        } else if (last && !word_is(p, i, e, CUE_DIRECTION)) {
            break;
        } else if (last) {
            last = e;
        } else if (before && k && !names_street(p, i, e)) {
            break;
        } else if (!before && !lower && !names_street(p, i, e)) {
            return 0;
        }
        if (before && k && capital(t, i))
            last = e;
        if (last == e && peek(t, e) == ' ' && is(peek(t, e + 1), C_DIGIT)) {
            size_t number = word_end(t, e + 1);
            if (number - e <= 3 && peek(t, number) == ' ' && peek(t, number + 1) == '#')
                return number; /* "Tampines Street 11 #26-64" */
        }
        size_t next = gap_end(t, e, false);
        if (next == e && peek(t, e) == ',') {
            next = gap_end(t, e, true);
            next = eastern(t, next, word_end(t, next)) ? next : e;
        }
        if (next == e)
            break;
        i = next;
        e = word_end(t, i);
    }
    return last;
}

/* ---- a street before the number ---- */

struct words {
    size_t start[STREET_WORDS], end[STREET_WORDS], n; /* nearest first */
};

static void words_before(struct span t, size_t at, size_t most, struct words *w)
{
    size_t e = at;
    w->n = 0;
    for (bool first = true; w->n < most && at - e < STREET_BYTES; first = false) {
        size_t gap = e;
        if (gap && t.p[gap - 1] == ' ')
            gap--;
        if (gap && ((first && (t.p[gap - 1] == ',' || t.p[gap - 1] == ':')) ||
                    t.p[gap - 1] == '.' || t.p[gap - 1] == '/' || t.p[gap - 1] == 0xBA))
            gap--;
        if (gap == e)
            return;
        size_t s = gap;
        while (s && gap - s < 40 &&
               (wordy(t.p[s - 1]) || (t.p[s - 1] == '-' && s < gap && s >= 2 && wordy(t.p[s - 2]))))
            s--;
        if (s + 1 < gap && after_escape(t, s + 1))
            s++;
        if (s == gap)
            return;
        w->start[w->n] = s;
        w->end[w->n++] = gap;
        e = s;
    }
}

/* "Cortésstraße", "Drottninggatan": how sure, 0 when it is no composed street. */
static bool composed(const struct probe *p, size_t s, size_t e)
{
    struct span t = p->text;
    if (!capital(t, s))
        return false;
    /* "Shimada-Allee": the part behind the dash alone. */
    for (size_t i = s + 1; i + 3 < e; i++)
        if (t.p[i] == '-' && word_is(p, i + 1, e, CUE_STREET_SUFFIX))
            return true;
    for (size_t n = 3; n <= 10 && n + 2 < e - s; n++)
        if (word_is(p, e - n, e, CUE_STREET_SUFFIX) && n + 2 <= e - s &&
            (t.p[e - n] & 0xC0) != 0x80 && !capital(t, e - n))
            return true;
    return false;
}

static bool prepositional(struct span t, size_t s, size_t e)
{
    static const char *const words[] = {"Am", "An", "Auf", "Im", "Zum", "Zur", "Unter", "Hinter"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(span_cut(t, s, e - s), words[i]))
            return true;
    return false;
}

static bool word_of(struct span t, const struct words *w, size_t k, const char *word)
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
    struct words w;
    uint8_t last = at >= 4 && t.p[at - 1] == ' ' ? t.p[at - 2] | 0x20 : 0;
    if (!last || !memchr("xhsocraep", last, 9))
        return SIZE_MAX;
    words_before(t, at, 3, &w);
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

/* What says "number" before a house's, at `at`: "No: ", "nr. ", "n.º ", "#", "д. "; where it
 * begins, `at` when it is none. */
static size_t number_word(struct span t, size_t at)
{
    static const char *const words[] = {
        "no", "nr", "n", "num", "n\xC3\xBAm", "\xD0\xB4", "blk", "\xD0\xB4\xD0\xBE\xD0\xBC"};
    size_t end = at;
    if (prev(t, at) == '#')
        return at - 1;
    if (prev(t, end) == ' ')
        end--;
    if (prev(t, end) == ':')
        end--;
    if (end >= 2 && t.p[end - 2] == 0xC2 && (t.p[end - 1] == 0xBA || t.p[end - 1] == 0xB0))
        end -= 2;
    if (prev(t, end) == '.')
        end--;
    uint8_t last = prev(t, end);
    if (!is(last, C_HIGH) && !memchr("ornmk", ascii_lower(last), 5))
        return at; /* none of the words ends so */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (end >= n + 2 && span_eq_nocase(span_cut(t, end - n, n), span_str(words[i])) &&
            (t.p[end - n - 1] == ' ' || t.p[end - n - 1] == ','))
            return end - n;
    }
    return at;
}

/* "Karl Johans gate 12", "Váci út 5": the word before the number is a street's, the one before that
 * its name. */
static size_t named_lower(const struct probe *p, const struct words *w, float *odds)
{
    struct span t = p->text;
    size_t k = 1;
    if (w->n < 2 || !capital(t, w->start[1]))
        return SIZE_MAX;
    unsigned sure = word_is(p, w->start[0], w->end[0], CUE_STREET_LAST);
    if (!sure)
        return SIZE_MAX;
    while (k + 1 < w->n && k < 3 && capital(t, w->start[k + 1]) && t.p[w->end[k + 1]] == ' ')
        k++;
    *odds = sure == 2 ? 1.6F : 0.2F;
    return w->start[k];
}

/* Where the street before the number at `at` begins; SIZE_MAX when there is none. */
static size_t street_before(const struct probe *p, size_t at, float *odds)
{
    struct span t = p->text;
    struct words w;
    size_t k = 0, said = number_word(t, at);
    bool numbered = said < at;
    at = said;
    words_before(t, at, STREET_WORDS, &w);
    if (!w.n)
        return SIZE_MAX;
    if (!capital(t, w.start[0]) && !is(t.p[w.start[0]], C_DIGIT))
        return named_lower(p, &w, odds);
    if (k < w.n && composed(p, w.start[k], w.end[k])) {
        *odds = 2.0F;
        bool of_place = k + 1 < w.n && capital(t, w.start[k + 1]) && t.p[w.end[k + 1]] == ' ' &&
                        w.end[k + 1] - w.start[k + 1] > 4 &&
                        !memcmp(t.p + w.end[k + 1] - 2, "er", 2); /* Wiener Hauptstraße */
        return w.start[k + of_place];
    }
    if (k + 1 < w.n && capital(t, w.start[k]) && capital(t, w.start[k + 1])) {
        bool suffix = word_is(p, w.start[k], w.end[k], CUE_STREET_SUFFIX) != 0;
        bool turkish = word_is(p, w.start[k], w.end[k], CUE_STREET) == 2 && numbered;
        *odds = prepositional(t, w.start[k + 1], w.end[k + 1]) ? 0.9F : 1.6F;
        if (suffix || turkish)
            return w.start[k + 1];
        if (prepositional(t, w.start[k + 1], w.end[k + 1])) {
            *odds = -0.2F;
            return w.start[k + 1];
        }
    }
    bool named = false;
    for (; k < w.n; k++) {
        unsigned before = word_is(p, w.start[k], w.end[k], CUE_STREET_BEFORE);
        if (before && named) {
            *odds = before == 2 ? 2.0F : 1.2F;
            return w.start[k];
        }
        bool capitals = capital(t, w.start[k]);
        named = named || capitals;
        bool digits = is(t.p[w.start[k]], C_DIGIT) && w.end[k] - w.start[k] <= HOUSE_MOST;
        if (!capitals && !digits && !word_is(p, w.start[k], w.end[k], CUE_PARTICLE))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* "Vodičkova 123/4, 110 00 Praha": capitalised words, a house's number, a postcode and a place: an
 * address though no word says street. Where the words begin, SIZE_MAX when it is none. */
static size_t before_postcode(const struct probe *p, size_t at, size_t house)
{
    struct span t = p->text;
    struct words w;
    size_t k = 0, code = house;
    if (peek(t, code) == ' ' && is(peek(t, code + 1), C_UPPER) && !is(peek(t, code + 2), C_WORD)) {
        code += 2; /* "12 A 3" */
        if (peek(t, code) == ' ' && address_digits(t, code + 1) > code + 1)
            code = address_digits(t, code + 1);
    }
    if (peek(t, code) != ',' || peek(t, code + 1) != ' ')
        return SIZE_MAX;
    size_t end = address_postcode(t, code + 2);
    if (!end || !(is(t.p[code + 2], C_DIGIT) || t.p[code + 3] == '-') || peek(t, end) != ' ' ||
        !capital(t, end + 1) || !is(peek(t, end + 1), C_UPPER | C_HIGH))
        return SIZE_MAX;
    words_before(t, at, 3, &w);
    while (k < w.n && capital(t, w.start[k]) && t.p[w.end[k]] == ' ' &&
           !word_is(p, w.start[k], w.end[k], CUE_MONTH) &&
           !word_is(p, w.start[k], w.end[k], CUE_COUNTER) &&
           !word_is(p, w.start[k], w.end[k], CUE_UNIT))
        k++;
    return k && w.end[0] - w.start[0] >= 4 ? w.start[k - 1] : SIZE_MAX;
}

static bool begins_well(struct span t, size_t at)
{
    uint8_t c = prev(t, at);
    return !is(c, C_WORD | C_HIGH) && c != '.' && c != '-' && c != '/' && c != '$' && c != '#' &&
           c != ':' && c != '@' && c != '_' && c != '=';
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
    return capital(t, w) && word_is(p, w, i - 1, CUE_UNIT) ? w : at;
}

/* "Flat" right before the number at `at`: where it begins, `at` when no such word does. */
static size_t unit_word(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t w = at && t.p[at - 1] == ' ' ? at - 1 : at;
    while (w && at - w < 12 && is(t.p[w - 1], C_LETTER))
        w--;
    return at - w > 4 && capital(t, w) && word_is(p, w, at - 1, CUE_UNIT) ? w : at;
}

/* "Carrera 7 # 71-21": a street of numbers, its end behind the house's; 0 when it is none. */
static size_t grid_end(const struct probe *p, size_t at, size_t house, size_t *start)
{
    struct span t = p->text;
    struct words w;
    size_t i = house + (peek(t, house) == ' '), e = i;
    if (peek(t, i) != '#')
        return 0;
    i += 1 + (peek(t, i + 1) == ' ');
    while (e < i || is(peek(t, e), C_DIGIT) || (peek(t, e) == '-' && is(peek(t, e + 1), C_DIGIT)))
        e++;
    words_before(t, at, 1, &w);
    if (!w.n || e < i + 3 || !memchr(t.p + i, '-', e - i) ||
        !word_is(p, w.start[0], w.end[0], CUE_STREET_BEFORE))
        return 0;
    *start = w.start[0];
    return e;
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

size_t address_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    if (!probe_wants(p, ENTITY_LOCATION))
        return 0;
    size_t took = address_wide(p, at);
    if (took)
        return took;
    size_t house = house_end(p, at), start = at, end = 0;
    float odds = 0;
    if (house == at)
        return 0;
    size_t unit = unit_word(p, at), grid = grid_end(p, at, house, &start);
    if (grid) {
        odds = 2.0F;
        end = grid;
    } else if (begins_well(t, at) || prev(t, at) == ':' || prev(t, at) == '=') {
        end = street_after(p, house, unit < at, &odds);
        if (end)
            start = unit < at ? unit : unit_before(p, at);
    }
    size_t box = end ? SIZE_MAX : box_before(t, at);
    if (box != SIZE_MAX) {
        start = box;
        odds = 2.0F;
        end = house;
        while (peek(t, end) == ' ' && is(peek(t, end + 1), C_DIGIT) &&
               house_end(p, end + 1) > end + 1) /* Postfach 10 11 12 */
            end = house_end(p, end + 1);
    } else if (!end && (prev(t, at) == ' ' || prev(t, at) == ':' || prev(t, at) == '#' ||
                        prev(t, at) == 0xBA)) {
        start = street_before(p, at, &odds);
        if (start == SIZE_MAX && (start = before_postcode(p, at, house)) != SIZE_MAX)
            odds = 1.0F;
        if (start == SIZE_MAX)
            return 0;
        if (start >= 2 && t.p[start - 1] == ' ' && t.p[start - 2] == '/')
            return 0;
        end = house;
    }
    if (!end)
        return 0;
    if (start < at && peek(t, end) == ' ' && is(peek(t, end + 1), C_UPPER) &&
        !is(peek(t, end + 2), C_WORD | C_HIGH) && peek(t, end + 2) != '.' &&
        peek(t, end + 2) != ':') {
        end += 2; /* "12 A 3": a stair and a door */
        if (peek(t, end) == ' ' && is(peek(t, end + 1), C_DIGIT) && house_end(p, end + 1) > end + 1)
            end = house_end(p, end + 1);
    }
    for (size_t k = 0, from = 0; k < 4 && end > from; k++) {
        from = end;
        end = address_unit_end(p, from);
    }
    /* A house, a word for a street and a postcode: no word around it says otherwise. */
    size_t tail = address_tail_end(p, end);
    bool whole = tail > end && odds >= STREET_SURE;
    odds += tail > end ? 1.0F : 0;
    if (!whole)
        odds += 0.5F * probe_weight(p, start, end, ENTITY_LOCATION, false);
    return emit_address(p, start, tail, odds);
}
