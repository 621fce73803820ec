/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Street addresses: one LOCATION from house number or street to postcode, unit included. Called for
 * a number of up to six digits that nothing else took; it is a house number when a street stands
 * behind it ("34 chemin des Vignes", "5799 N Franklin View Way") or before it ("Lange Gasse 74",
 * "Calle Mayor, 5"). The words that make a street are in cue.def.
 */
#include "scan_int.h"
#include "utf8.h"

enum { STREET_WORDS = 6, TAIL_BYTES = 72, STREET_BYTES = 80 };

static bool wordy(uint8_t c)
{
    return is(c, C_WORD | C_HIGH) || c == '\'';
}

/* The end of the word at `at`: letters, digits, inner dashes and apostrophes. */
static size_t word_end(struct span t, size_t at)
{
    size_t i = at;
    while (i - at < 40 &&
           (wordy(peek(t, i)) || (peek(t, i) == '-' && i > at && wordy(peek(t, i + 1)))))
        i++;
    return i;
}

static bool capital(struct span t, size_t at)
{
    uint32_t cp;
    uint8_t c = peek(t, at);
    if (c < 0x80)
        return is(c, C_UPPER);
    utf8_next(t, at, &cp);
    /* Latin letters alternate; other scripts without case count as capitals. */
    return cp >= 0x370 || (cp >= 0xC0 && cp <= 0xDE) || (cp >= 0x100 && cp < 0x180 && !(cp & 1)) ||
           (cp >= 0x1E00 && cp < 0x1F00 && !(cp & 1));
}

static unsigned word_is(const struct probe *p, size_t at, size_t end, unsigned kind)
{
    return cue_is(p->sc->cues, span_cut(p->text, at, end - at), kind);
}

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

/* One blank, comma and blank, or a dot and blank: where the next word begins; `at` when none. */
static size_t gap_end(struct span t, size_t at, bool comma)
{
    size_t i = at;
    if (peek(t, i) == '.' || (comma && peek(t, i) == ','))
        i++;
    if (peek(t, i) == ' ' && peek(t, i + 1) != ' ')
        i++;
    return i > at && (wordy(peek(t, i)) || peek(t, i) == '#') ? i : at;
}

static bool names_street(const struct probe *p, size_t at, size_t end)
{
    return capital(p->text, at) || is(p->text.p[at], C_DIGIT) || word_is(p, at, end, CUE_PARTICLE);
}

/* A street behind the number at [.., at): its end and how sure; 0 when there is none. */
static size_t street_after(const struct probe *p, size_t at, float *odds)
{
    struct span t = p->text;
    size_t i = gap_end(t, at, true), last = 0;
    if (i == at)
        return 0;
    size_t e = word_end(t, i);
    if (e - i == 3 && word_is(p, i, e, CUE_UNIT) && gap_end(t, e, false) > e) {
        i = gap_end(t, e, false); /* bis, ter */
        e = word_end(t, i);
    }
    unsigned before = word_is(p, i, e, CUE_STREET_BEFORE);
    bool comma = peek(t, at) == ',', lower = !capital(t, i) && !is(t.p[i], C_DIGIT);
    if (comma && !before)
        return 0;
    *odds = before == 2 ? 2.0F : 1.0F;
    size_t most = lower && !before ? 3 : STREET_WORDS;
    for (size_t k = 0; k < most && e > i && e - at < STREET_BYTES; k++) {
        unsigned type = k ? word_is(p, i, e, CUE_STREET) : 0;
        if (type && (!lower || type == 2) && (!before || capital(t, i))) {
            last = e;
            *odds = lower ? 0.9F : type == 2 ? 2.2F : 1.6F;
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
        size_t next = gap_end(t, e, false);
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

/* "PO Box 1234", "P.O. Box 77", "Postfach 1011": where it begins, SIZE_MAX when it is none. */
static size_t box_before(struct span t, size_t at)
{
    static const char *const alone[] = {"postfach", "postbus", "apartado", "postboks"};
    struct words w;
    uint8_t last = at >= 4 && t.p[at - 1] == ' ' ? t.p[at - 2] | 0x20 : 0;
    if (last != 'x' && last != 'h' && last != 's' && last != 'o')
        return SIZE_MAX;
    words_before(t, at, 3, &w);
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

/* Where the street before the number at `at` begins; SIZE_MAX when there is none. */
static size_t street_before(const struct probe *p, size_t at, float *odds)
{
    struct span t = p->text;
    struct words w;
    size_t k = 0;
    words_before(t, at, 1, &w);
    if (w.n && w.end[0] - w.start[0] == 2 &&
        span_eq_nocase(span_cut(t, w.start[0], 2), SPAN_LIT("no")))
        k = 1; /* Atatürk Caddesi No: 5 */
    else if (!w.n || !(capital(t, w.start[0]) || is(t.p[w.start[0]], C_DIGIT)))
        return SIZE_MAX; /* most numbers */
    words_before(t, at, STREET_WORDS, &w);
    if (k >= w.n || !(capital(t, w.start[k]) || is(t.p[w.start[k]], C_DIGIT)))
        return SIZE_MAX;
    if (composed(p, w.start[k], w.end[k])) {
        *odds = 2.0F;
        return w.start[k];
    }
    if (k + 1 < w.n && capital(t, w.start[k]) && capital(t, w.start[k + 1])) {
        bool suffix = word_is(p, w.start[k], w.end[k], CUE_STREET_SUFFIX) != 0;
        bool turkish = word_is(p, w.start[k], w.end[k], CUE_STREET) == 2 && k == 1;
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
        if (!capitals && !is(t.p[w.start[k]], C_DIGIT) &&
            !word_is(p, w.start[k], w.end[k], CUE_PARTICLE))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* ---- unit, place and postcode ---- */

/* " #27B", ", Apt 92", " Suite 330", ", 2ºD", ", piso 7D". */
static size_t unit_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    if (peek(t, i) == '.')
        i++; /* Dr., Apt 14 */
    if (peek(t, i) == ',')
        i++;
    if (peek(t, i) == ' ')
        i++;
    if (i == at)
        return at;
    size_t e = word_end(t, i);
    if (peek(t, i) == '#') {
        e = word_end(t, i + 1);
        return e > i + 1 ? e : at;
    }
    if (is(peek(t, i), C_DIGIT) && i > at + 1) {
        /* 2ºD, 1ª: digits, the sign of an ordinal, perhaps a letter */
        size_t d = i;
        while (d - i < 3 && is(peek(t, d), C_DIGIT))
            d++;
        if (peek(t, d) == 0xC2 && (peek(t, d + 1) == 0xBA || peek(t, d + 1) == 0xAA)) {
            e = word_end(t, i);
            bool letter = peek(t, e) == ' ' && is(peek(t, e + 1), C_UPPER) &&
                          !is(peek(t, e + 2), C_WORD | C_HIGH);
            return letter ? e + 2 : e;
        }
        return at;
    }
    if (!word_is(p, i, e, CUE_UNIT))
        return at;
    i = gap_end(t, e, false);
    e = word_end(t, i);
    return i < e && e - i <= 5 && (is(t.p[i], C_DIGIT) || e - i == 1 || t.p[i] == '#') ? e : at;
}

static bool letters_at(struct span t, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is(peek(t, at + i), C_UPPER))
            return false;
    return true;
}

/* The end of a postcode at `at`, 0 when there is none. */
static size_t postcode_end(struct span t, size_t at)
{
    size_t d = at, e;
    while (d - at < 7 && is(peek(t, d), C_DIGIT))
        d++;
    if (d - at >= 4 && d - at <= 6) {
        if (d - at == 5 && peek(t, d) == '-' && is(peek(t, d + 1), C_DIGIT)) {
            for (e = d + 1; e - d < 6 && is(peek(t, e), C_DIGIT); e++)
                ;
            d = e - d == 5 || e - d == 4 ? e : d;
        }
        if (d - at == 4 && peek(t, d) == ' ' && letters_at(t, d + 1, 2) &&
            !is(peek(t, d + 3), C_WORD))
            d += 3; /* 9308 NJ */
        return is(peek(t, d), C_WORD) ? 0 : d;
    }
    if (d - at == 2 && peek(t, d) == '-' && is(peek(t, d + 1), C_DIGIT)) {
        for (e = d + 1; e - d < 5 && is(peek(t, e), C_DIGIT); e++)
            ;
        return e - d == 4 ? e : 0;
    }
    /* Britain and Canada: a letter, two to four of letters and digits, a blank, digit and two more.
     */
    if (!is(peek(t, at), C_UPPER))
        return 0;
    for (e = at + 1; e - at < 4 && is(peek(t, e), C_UPPER | C_DIGIT); e++)
        ;
    if (e - at < 2 || peek(t, e) != ' ' || !is(peek(t, e + 1), C_DIGIT) ||
        !(is(t.p[at + 1], C_DIGIT) || is(peek(t, at + 2), C_DIGIT)) ||
        !is(peek(t, e + 2), C_UPPER) || !is(peek(t, e + 3), C_UPPER | C_DIGIT))
        return 0;
    return is(peek(t, e + 4), C_WORD) ? 0 : e + 4;
}

/* Past commas, blanks and at most one line break. */
static size_t place_gap(struct span t, size_t at, unsigned *lines)
{
    size_t i = at;
    for (; i - at < 6 && peek(t, i) && strchr(" ,;\n\r-", t.p[i]); i++)
        *lines += t.p[i] == '\n';
    if (peek(t, i) == '\\' && peek(t, i + 1) == 'n') {
        ++*lines;
        i += 2; /* an escape that was left undecoded */
    }
    return i;
}

/* Words of a place up to a postcode: its end, or `at` when none follows. */
static size_t tail_end(const struct probe *p, size_t at)
{
    struct span t = p->text;
    unsigned lines = 0, words = 0;
    for (size_t i = at; i - at < TAIL_BYTES && words < 7;) {
        size_t next = place_gap(t, i, &lines);
        if (next == i || lines > 2)
            return at;
        i = next;
        size_t end = postcode_end(t, i);
        if (end)
            return end;
        size_t e = word_end(t, i);
        if (e == i || (!capital(t, i) && !word_is(p, i, e, CUE_PARTICLE)) ||
            is(t.p[e - 1], C_DIGIT))
            return at;
        words++;
        i = e + (peek(t, e) == '.');
    }
    return at;
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

size_t address_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    if (!probe_wants(p, ENTITY_LOCATION))
        return 0;
    size_t house = house_end(p, at), start = at, end = 0;
    float odds = 0;
    if (house == at)
        return 0;
    if (begins_well(t, at) || prev(t, at) == ':' || prev(t, at) == '=')
        end = street_after(p, house, &odds);
    if (end)
        start = unit_before(p, at);
    size_t box = end ? SIZE_MAX : box_before(t, at);
    if (box != SIZE_MAX) {
        start = box;
        odds = 2.0F;
        end = house;
        while (peek(t, end) == ' ' && is(peek(t, end + 1), C_DIGIT) &&
               house_end(p, end + 1) > end + 1) /* Postfach 10 11 12 */
            end = house_end(p, end + 1);
    } else if (!end && (prev(t, at) == ' ' || prev(t, at) == ':')) {
        start = street_before(p, at, &odds);
        if (start == SIZE_MAX)
            return 0;
        if (start >= 2 && t.p[start - 1] == ' ' && t.p[start - 2] == '/')
            return 0;
        end = house;
    }
    if (!end)
        return 0;
    for (unsigned k = 0; k < 2; k++)
        end = unit_end(p, end);
    size_t tail = tail_end(p, end);
    if (tail > end)
        odds += 1.0F;
    odds += 0.5F * probe_weight(p, start, end, ENTITY_LOCATION);
    return scan_emit(p, ENTITY_LOCATION, start, tail, odds, SCAN_RULE_ADDRESS) ? tail : 0;
}
