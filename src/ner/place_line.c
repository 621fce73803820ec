/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that only the whole line tells: parts between commas up to a town that the model knows,
 * "Rose Cottage, Mill Lane, Great Missenden, Bucks HP16 0AX", "Plot No. 44, Jubilee Hills,
 * Hyderabad 500033". From the town the parts before it are read backwards: a house's number that a
 * word names, a word for a street or a house at the end, or plain capitalised words between such;
 * and what is behind it forwards, up to the postcode. Enough of them are one finding. Called once
 * for a text; a place with no comma on either side costs a look at two bytes.
 */
#include "place_int.h"
#include "utf8.h"

enum { PART_WORDS = 6, PART_BYTES = 64, LINE_PARTS = 7, PLAIN_MOST = 2 };

/* What a part says of a line: how much in favour of an address. */
enum part_says {
    PART_NONE = -1, /* no part of one */
    PART_PLAIN = 0,
    PART_NAMED = 1,    /* "Mill Lane", "B-204" */
    PART_NUMBERED = 2, /* "Plot No. 44", "12 Mill Lane" */
};
enum { LINE_ENOUGH = 2 /* with a postcode one is enough */ };

struct words {
    struct span v[PART_WORDS]; /* the last first */
    size_t n;
};

/* What stands before a unit's or a plot's number. */
static const char *const units[] = {"flat",  "apt",      "apartment", "unit",    "suite", "level",
                                    "lot",   "plot",     "house",     "h",       "door",  "d",
                                    "shop",  "office",   "room",      "villa",   "blk",   "rr",
                                    "stall", "bungalow", "floor",     "quarter", "qtr",   "site",
                                    "khata", "survey",   "bag",       "box",     "kiosk"};
/* The same where other things are numbered so, too. */
static const char *const divisions[] = {"phase", "tower", "block",  "sector", "wing",     "stage",
                                        "cross", "main",  "gali",   "street", "lane",     "ward",
                                        "zone",  "gate",  "pocket", "road",   "barangay", "lote",
                                        "moo",   "quận",  "phường", "huyện"};
/* What stands behind a number in words or an ordinal, "1st Floor". */
static const char *const counted[] = {"floor", "cross", "main", "block", "stage", "phase", "lane"};
/* The last word of a street, a house or an estate; of these ... */
static const char *const names[] = {
    "street",    "lane",       "road",    "avenue",      "cottage", "rectory",    "vicarage",
    "farm",      "farmhouse",  "lodge",   "manor",       "barn",    "apartments", "apartment",
    "residency", "residences", "enclave", "nagar",       "colony",  "layout",     "society",
    "chambers",  "building",   "bldg",    "mansions",    "estate",  "marg",       "vihar",
    "bagh",      "salai",      "chowk",   "bazar",       "bazaar",  "crescent",   "terrace",
    "mews",      "drive",      "st",      "rd",          "ave",     "ln",         "blvd",
    "boulevard", "complex",    "towers",  "condominium", "villas",  "bungalow",   "extension",
    "township",  "puram",      "farms",   "croft",       "boreen",  "flats",      "wharf",
    "prospekt",  "prospect"};
/* ... these are surnames, too. */
static const char *const doubtful[] = {"house",   "hills",   "hill",  "park", "court", "grove",
                                       "gardens", "heights", "close", "way",  "place", "square",
                                       "green",   "view",    "walk",  "row",  "rise",  "plaza",
                                       "mill",    "hall",    "quay"};
static const char *const links[] = {"of", "the", "de", "la", "du", "des",
                                    "le", "na",  "da", "do", "an", "y"};

/* The first word of a street behind its house's number, in Vietnam and Wales. */
static const char *const leads[] = {"Đường", "đường", "Phố",    "phố",   "Ngõ",
                                    "ngõ",   "Heol",  "Ffordd", "Stryd", "Lôn"};
/* How streets end that Slavs call after somebody or something: "Husova 17". */
static const char *const slavic[] = {"ova", "eva", "ská", "cká", "ého", "iego"};
/* A town's word before its name: "TP. Hồ Chí Minh". */
static const char *const town_words[] = {"TP. ", "Tp. ", "TP ", "TP."};

/* A point behind the word does not count. */
static bool listed(struct span word, const char *const *of, size_t n)
{
    if (word.n && word.p[word.n - 1] == '.')
        word.n--;
    return one_of(word, of, n);
}

/* ---- words of a part */

static bool begins_high(struct span word)
{
    uint32_t cp;
    if (!word.n)
        return false;
    if (word.p[0] < 0x80)
        return (uint8_t)(word.p[0] - 'A') < 26;
    utf8_next(word, 0, &cp);
    return letters_fold(cp) & LETTERS_UPPER || letters_caseless(cp);
}

static bool in_address(uint8_t c)
{
    return in_word(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == '\'' || c == '#' ||
           c == '&';
}

/* May the word be one of a part: capitalised, a number, a link? */
static bool may_join(struct span word)
{
    return begins_high(word) || is_digit(word.p[0]) || word.p[0] == '#' || span_is(word, "&") ||
           listed(word, links, COUNT(links));
}

/* The words that end at `end`, one blank between each; where they begin. */
static size_t words_before(struct span t, size_t end, struct words *w)
{
    size_t at = end, start = end;
    w->n = 0;
    while (w->n < PART_WORDS && end - at < PART_BYTES) {
        size_t from = at;
        while (from && in_address(t.p[from - 1]))
            from--;
        struct span word = span_cut(t, from, at - from);
        if (!word.n || !may_join(word))
            break;
        w->v[w->n++] = word;
        start = from;
        at = from - (from && t.p[from - 1] == ' ');
        if (at == from)
            break;
    }
    for (; w->n && listed(w->v[w->n - 1], links, COUNT(links)) && !begins_high(w->v[w->n - 1]);
         w->n--)
        start += w->v[w->n - 1].n + 1;
    return start;
}

/* "44", "44/1", "B-204", "22/F", "302A", "#12" */
static bool is_number(struct span word)
{
    enum { NUMBER_MOST = 8 };
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < word.n; i++) {
        digits += is_digit(word.p[i]);
        letters += in_word(word.p[i]);
    }
    return digits && letters <= 2 && word.n <= NUMBER_MOST;
}

/* "N88W16447": a house of Wisconsin's grid. */
static bool is_grid(struct span word)
{
    size_t i = 1;
    if (word.n < 6 || !memchr("NSEW", word.p[0], 4))
        return false;
    while (i < word.n && is_digit(word.p[i]))
        i++;
    if (i == 1 || i == word.n || !memchr("NSEW", word.p[i], 4))
        return false;
    for (i++; i < word.n; i++)
        if (!is_digit(word.p[i]))
            return false;
    return true;
}

/* "1st", "3rd" */
static bool is_ordinal(struct span word)
{
    return word.n > 2 && word.n < 6 && is_digit(word.p[0]) && !is_digit(word.p[word.n - 1]) &&
           !is_digit(word.p[word.n - 2]);
}

static bool is_roman(struct span word)
{
    for (size_t i = 0; i < word.n; i++)
        if (!memchr("IVX", word.p[i], 3))
            return false;
    return word.n > 0;
}

/* "Plot No. 44", "Flat 302", "1st Floor": does a word name the number? 2 one of a house, 1 one of
 * other things as well, 0 none. */
static unsigned names_number(const struct words *w)
{
    for (size_t i = 0; i + 1 < w->n; i++) { /* v[i] stands behind v[i + 1] */
        size_t name = i + 1;
        bool number = is_number(w->v[i]) || (w->v[i].n == 1 && begins_high(w->v[i]));
        if (number && name + 1 < w->n &&
            listed(w->v[name], (const char *const[]){"no", "number"}, 2))
            name++;
        if (number && listed(w->v[name], units, COUNT(units)))
            return 2;
        if ((number && listed(w->v[name], divisions, COUNT(divisions))) ||
            (is_ordinal(w->v[i + 1]) && listed(w->v[i], counted, COUNT(counted))))
            return 1;
    }
    return 0;
}

/* "Ramnagar", "Vidyaranyapuram" */
static bool ends_in_quarter(struct span word)
{
    return word.n > 7 && (span_ends(word, SPAN_LIT("nagar")) || span_ends(word, SPAN_LIT("puram")));
}

/* What the last word says that is no number: 2 a street, a house, 1 perhaps. */
static unsigned names_street(const struct words *w)
{
    size_t last = w->n > 2 && (is_roman(w->v[0]) || is_number(w->v[0])) ? 1 : 0;
    if (ends_in_quarter(w->v[last]))
        return 2;
    if (w->n < last + 2)
        return 0;
    return listed(w->v[last], names, COUNT(names))         ? 2
           : listed(w->v[last], doubtful, COUNT(doubtful)) ? 1
                                                           : 0;
}

/* "17", "17a": a house's number, no year. */
static bool is_house(struct span word)
{
    size_t digits = 0;
    while (digits < word.n && is_digit(word.p[digits]))
        digits++;
    return digits && digits <= 3 && word.n <= digits + 1 && is_number(word);
}

/* "Husova 17" */
static bool is_slavic_street(const struct words *w)
{
    if (w->n != 2 || !is_house(w->v[0]) || w->v[1].n < 6)
        return false;
    for (size_t i = 0; i < COUNT(slavic); i++)
        if (span_ends(w->v[1], span_str(slavic[i])))
            return true;
    return false;
}

/* "25 Đường Lê Lợi", "6 Heol y Bont", "Nevsky Prospekt 28": the number before or behind a street
 * that its first or its last word tells. */
static bool is_street_of_world(const struct words *w)
{
    size_t last = w->n;
    bool led = last > 2 && is_house(w->v[last - 1]) && one_of(w->v[last - 2], leads, COUNT(leads));
    bool ended = last > 2 && is_house(w->v[0]) && listed(w->v[1], names, COUNT(names));
    return led || ended || is_slavic_street(w);
}

static bool all_words(const struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->v[i].n; k++)
            if (is_digit(w->v[i].p[k]) || w->v[i].p[k] == '#' || w->v[i].p[k] == '/')
                return false;
    return true;
}

/* What the part with these words says; `person`: the model takes it for one. */
static enum part_says part_says(const struct words *w, bool person)
{
    if (!w->n)
        return PART_NONE;
    struct span first = w->v[w->n - 1];
    unsigned number = names_number(w), street = names_street(w);
    if (number == 2 || is_grid(first) || is_street_of_world(w))
        return PART_NUMBERED;
    if (street && w->n > 2 && is_number(first))
        return PART_NUMBERED;
    if (number || street == 2 || (street && !person) || (w->n == 1 && is_number(first)))
        return PART_NAMED;
    if (person && w->n > 1)
        return PART_NONE;
    return all_words(w) && w->n <= 4 ? PART_PLAIN : PART_NONE;
}

/* ---- the line */

/* The findings of a text, and the place that is read from. */
struct line {
    struct span t;
    const struct findings *all;
    size_t first, kept, at; /* the tagger's [first, kept) stand before the one at `at` */
    size_t start, end;
    int says;
    bool code;    /* a postcode ends it */
    bool eircode; /* ... of Ireland, where it is the house's own, or the county */
};

/* Is [start, end) part of what the model says is a person? */
static bool is_person(const struct line *l, size_t start, size_t end)
{
    for (size_t i = l->kept; i > l->first && l->all->v[i - 1].end > start; i--)
        if (l->all->v[i - 1].entity == ENTITY_PERSON && l->all->v[i - 1].start < end)
            return true;
    return false;
}

/* "TP. Hồ Chí Minh": the town with its word. */
static void take_town_word(struct line *l)
{
    for (size_t i = 0; i < COUNT(town_words); i++) {
        size_t n = strlen(town_words[i]);
        if (l->start >= n && !memcmp(l->t.p + l->start - n, town_words[i], n)) {
            l->start -= n;
            return;
        }
    }
}

static void read_left(struct line *l)
{
    struct span t = l->t;
    unsigned plain = 0;
    bool person = false; /* "House 12, Clifton, Karachi": a quarter between a house and a town */
    size_t at = l->start;
    for (unsigned k = 0; k < LINE_PARTS && at > 2 && t.p[at - 1] == ' ' && t.p[at - 2] == ',';
         k++) {
        struct words w;
        size_t from = words_before(t, at - 2, &w);
        bool named = is_person(l, from, at - 2);
        enum part_says says = part_says(&w, named);
        plain = says == PART_PLAIN ? plain + 1 : 0;
        if (says == PART_NONE || plain > PLAIN_MOST || (person && says != PART_NUMBERED))
            return;
        person = named && says == PART_PLAIN;
        at = from;
        l->says += says;
        if (says != PART_PLAIN)
            l->start = from;
    }
}

/* The finding of a place or its postcode that begins at `at`, NULL when none does. */
static const struct finding *place_at(const struct line *l, size_t at)
{
    for (size_t i = l->at; i < l->all->n && l->all->v[i].start <= at; i++) {
        const struct finding *f = &l->all->v[i];
        if (f->start == at && (f->entity == ENTITY_LOCATION || f->entity == ENTITY_ZIP_CODE))
            return f;
    }
    return NULL;
}

/* Past ", ", " - ", ". ", " (" or ") " at `at`; `at` when there is none of them. */
static size_t past_sign(struct span t, size_t at)
{
    size_t i = at;
    while (i - at < 3 && byte_at(t, i) && memchr(" ,-.()", t.p[i], 6))
        i++;
    return i > at && t.p[i - 1] != '.' && t.p[i - 1] != ',' && t.p[i - 1] != '-' ? i : at;
}

/* "Bucks HP16 0AX", "Westmeath, N37 X2P4": up to three words and the postcode behind them; its end,
 * 0 when there is none. */
static size_t words_to_code(struct span t, size_t at)
{
    enum { WORDS = 3 };
    for (unsigned k = 0; k < WORDS; k++) {
        size_t end = at;
        while (in_word(byte_at(t, end)))
            end++;
        if (!begins_high(span_cut(t, at, end - at)))
            return 0;
        at = end + (byte_at(t, end) == ',');
        if (byte_at(t, at) != ' ')
            return 0;
        at++;
        size_t code = place_code_end(t, at);
        if (code > at)
            return code;
    }
    return 0;
}

/* "SP", "MH": a state's letters, nothing behind; their end, 0 when there are none. */
static size_t state_end(struct span t, size_t at)
{
    bool two = (uint8_t)(byte_at(t, at) - 'A') < 26 && (uint8_t)(byte_at(t, at + 1) - 'A') < 26;
    uint8_t behind = byte_at(t, at + 2);
    return two && (!behind || memchr("\n.,\"", behind, 4)) ? at + 2 : 0;
}

/* "Co. Westmeath", "County Cork"; its end, 0 when it is none. */
static size_t county_end(struct span t, size_t at)
{
    static const char *const says[] = {"Co. ", "Co ", "County "};
    for (size_t i = 0; i < COUNT(says); i++) {
        size_t from = at + strlen(says[i]), end = from;
        if (!span_is(span_cut(t, at, from - at), says[i]))
            continue;
        while (is_letter(byte_at(t, end)))
            end++;
        return begins_high(span_cut(t, from, end - from)) ? end : 0;
    }
    return 0;
}

/* The end of the postcode at `at` or behind a few words there; 0 when there is none. */
static size_t code_or_words(struct span t, size_t at)
{
    size_t end = place_code_end(t, at);
    if (end == at)
        end = place_short_code_end(t, at);
    return end > at ? end : words_to_code(t, at);
}

static void read_right(struct line *l)
{
    struct span t = l->t;
    for (unsigned k = 0; k < LINE_PARTS; k++) {
        size_t at = past_sign(t, l->end), end = county_end(t, at);
        if (at == l->end)
            return;
        if (end) {
            l->eircode |= k > 0;
            l->end = end;
            continue;
        }
        const struct finding *f = place_at(l, at);
        bool code = f && f->entity == ENTITY_ZIP_CODE;
        end = f ? f->end : code_or_words(t, at);
        code |= !f && end;
        if (!end)
            end = state_end(t, at);
        if (!end)
            return;
        l->code |= code;
        l->eircode |= code && end - at == 8 && t.p[end - 5] == ' ';
        l->end = end;
    }
}

/* "Derrylea, Clifden, Co. Galway", "..., H71 X9R2": places up to a county or Ireland's postcode. */
static bool read_irish(struct line *l)
{
    if (byte_at(l->t, l->end) != ',')
        return false; /* most */
    read_right(l);
    return l->eircode;
}

/* Is the line around the place an address? */
static bool read_line(struct line *l)
{
    enum { SURE = 50 /* per cent */ };
    const struct finding *f = &l->all->v[l->at];
    l->start = f->start;
    l->end = f->end;
    l->code = f->rule == NER_RULE_STREET; /* is as much as one */
    if (f->entity != ENTITY_LOCATION || f->score * 100 < SURE)
        return false;
    bool street = f->rule == NER_RULE_STREET;
    take_town_word(l);
    size_t town = l->start;
    if (!street && (town < 3 || l->t.p[town - 2] != ','))
        return read_irish(l);
    read_left(l);
    read_right(l);
    if (l->start == town)
        return l->eircode || (street && l->end > f->end);
    return l->says + l->code >= LINE_ENOUGH;
}

void place_lines(struct span text, struct findings *out, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < out->n; i++) {
        struct finding f = out->v[i];
        struct line l = {.t = text, .all = out, .first = first, .kept = kept, .at = i};
        bool inside = kept > first && f.start < out->v[kept - 1].end; /* of the line before it */
        if (!inside && read_line(&l)) {
            for (; kept > first && out->v[kept - 1].end > l.start; kept--)
                if (out->v[kept - 1].start < l.start)
                    l.start = out->v[kept - 1].start;
            f.start = (uint32_t)l.start;
            f.end = (uint32_t)l.end;
            f.rule = NER_RULE_STREET;
        }
        if (!inside)
            out->v[kept++] = f;
        else if (f.end > out->v[kept - 1].end)
            out->v[kept - 1].end = f.end;
    }
    out->n = kept;
}
