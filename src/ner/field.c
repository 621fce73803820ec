/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values whose label leaves no doubt: `"street":"Lindengracht"`, "Город: Ярославль", "Forename:
 * Ifeanyi". The model, which weighs words, passes by those it has not seen; here the label decides,
 * where neither the model nor a list found anything in its value. Called once for a text; a colon
 * or a sign of equality costs a look at the two letters before it.
 */
#include "place_int.h"
#include "utf8.h"

enum { KEY_MOST = 24, VALUE_MOST = 48, WORDS_MOST = 5 };

/* Labels as they are without blanks, dashes and underscores. */
static const char *const streets[] = {"street",     "streetname",  "strasse",    "straße", "straat",
                                      "straatnaam", "calle",       "ulica",      "ulice",  "utca",
                                      "gatuadress", "gateadresse", "logradouro", "sokak",  "улица",
                                      "rua",        "rue",         "indirizzo",  "Улица"};
static const char *const towns[] = {
    "city",       "town",         "ort",      "wohnort",    "stadt",  "stad",    "woonplaats",
    "ville",      "ciudad",       "cidade",   "città",      "miasto", "město",   "bydliště",
    "poststed",   "postort",      "oraș",     "город",      "Город",  "місто",   "Місто",
    "град",       "Град",         "πόλη",     "Πόλη",       "şehir",  "المدينة", "מגורים",
    "birthplace", "placeofbirth", "hometown", "geburtsort", "county"};
static const char *const people[] = {
    "forename",   "forenames",  "surname",    "firstname",  "lastname",   "fullname",   "givenname",
    "givennames", "familyname", "middlename", "vorname",    "nachname",   "prénom",     "cognome",
    "apellido",   "apellidos",  "nombres",    "sobrenome",  "achternaam", "voornaam",   "imię",
    "nazwisko",   "jméno",      "příjmení",   "fornavn",    "etternavn",  "efternavn",  "förnamn",
    "efternamn",  "etunimi",    "sukunimi",   "keresztnév", "vezetéknév", "prenume",    "имя",
    "фамилия",    "прізвище",   "όνομα",      "επώνυμο",    "soyadı",     "maidenname", "Имя",
    "Фамилия",    "Прізвище",   "Όνομα",      "Επώνυμο"};
/* What stands for a value where there is none, and types of programs. */
static const char *const nothing[] = {
    "n/a",    "none",   "null",  "unknown", "other", "yes",     "no",       "true",     "false",
    "string", "str",    "text",  "number",  "empty", "missing", "required", "optional", "same",
    "see",    "na",     "nil",   "tbd",     "tba",   "varchar", "char",     "integer",  "nan",
    "please", "enter",  "first", "last",    "full",  "any",     "field",    "label",    "type",
    "schema", "object", "array", "boolean", "input", "option",  "your",     "select",   "the",
    "name",   "street", "city",  "town"};

/* The last letters but one of all by the last; those of two bytes count as bytes. */
static const uint32_t last_letters[32] = {
    [0x80 & 31] = LETTER(0xC3),
    ['a' & 31] = LETTER('c') | LETTER('u'),
    ['d' & 31] = LETTER('a') | LETTER('e'),
    ['e' & 31] = LETTER('c') | LETTER('d') | LETTER('l') | LETTER('m') | LETTER('s') | LETTER('u') |
                 LETTER(0x9F),
    ['h' & 31] = LETTER('t'),
    ['i' & 31] = LETTER('m') | LETTER(0xD8),
    ['k' & 31] = LETTER('a'),
    ['m' & 31] = LETTER('a') | LETTER('o') | LETTER(0xC3),
    ['n' & 31] = LETTER('m') | LETTER('v') | LETTER('w'),
    ['o' & 31] = LETTER('d') | LETTER('k') | LETTER('n') | LETTER('r') | LETTER('t') | LETTER('z') |
                 LETTER(0xD1),
    ['p' & 31] = LETTER(0xD0),
    ['q' & 31] = LETTER(0xC4) | LETTER(0xCE),
    ['r' & 31] = LETTER('i'),
    ['s' & 31] = LETTER('e') | LETTER('o') | LETTER('s') | LETTER('t'),
    ['t' & 31] = LETTER('a') | LETTER('d') | LETTER('e') | LETTER('r') | LETTER(0xD0),
    ['u' & 31] = LETTER(0xD0),
    ['v' & 31] = LETTER(0xA9),
    ['w' & 31] = LETTER(0xCE),
    ['y' & 31] = LETTER('t') | LETTER(0xC4) | LETTER(0xC8),
    [0x9B & 31] = LETTER(0xC4),
    [0x9D & 31] = LETTER(0xD7),
    [0x9E & 31] = LETTER(0xD0),
    [0x9F & 31] = LETTER(0xCE),
};

/* How they begin. */
static const struct begin first_letters[32] = {
    ['A' & 31] = {LETTER('c') | LETTER('p'), LETTER('e') | LETTER('h')},
    ['B' & 31] = {LETTER('i') | LETTER('y'), LETTER('d') | LETTER('r')},
    ['C' & 31] = {LETTER('a') | LETTER('i') | LETTER('o'),
                  LETTER('d') | LETTER('g') | LETTER('l') | LETTER('t') | LETTER('u')},
    ['E' & 31] = {LETTER('f') | LETTER('t') | LETTER(0x9F),
                  LETTER('e') | LETTER('t') | LETTER('u')},
    ['F' & 31] = {LETTER('a') | LETTER(0xC3) | LETTER('i') | LETTER('o') | LETTER('u'),
                  LETTER('l') | LETTER('m') | LETTER('r') | LETTER(0xB6)},
    ['G' & 31] = {LETTER('a') | LETTER('e') | LETTER('i'), LETTER('b') | LETTER('t') | LETTER('v')},
    ['H' & 31] = {LETTER('o'), LETTER('m')},
    ['I' & 31] = {LETTER('m') | LETTER('n'), LETTER('d') | LETTER('i')},
    ['J' & 31] = {LETTER('m'), LETTER(0xC3)},
    ['K' & 31] = {LETTER('e'), LETTER('r')},
    ['L' & 31] = {LETTER('a') | LETTER('o'), LETTER('g') | LETTER('s')},
    ['M' & 31] = {LETTER('a') | LETTER(0xC4) | LETTER('i'),
                  LETTER('a') | LETTER('d') | LETTER('i') | LETTER(0x9B)},
    ['N' & 31] = {LETTER(0xA0) | LETTER('a') | LETTER(0x8C) | LETTER('o') | LETTER(0xB5),
                  LETTER('c') | LETTER('m') | LETTER(0xCE) | LETTER(0xCF) | LETTER('z')},
    ['O' & 31] = {LETTER(0x80) | LETTER(0x8C) | LETTER('r'),
                  LETTER('a') | LETTER(0xCE) | LETTER(0xCF) | LETTER('t')},
    ['P' & 31] = {LETTER(0xA3) | LETTER(0xA4) | LETTER(0xC5) | LETTER('l') | LETTER('o') |
                      LETTER('r') | LETTER(0xB3) | LETTER(0xB8) | LETTER(0xBC) | LETTER(0xBF),
                  LETTER('a') | LETTER(0xC3) | LETTER('e') | LETTER(0xD0) | LETTER(0xD1) |
                      LETTER('s') | LETTER(0x99)},
    ['Q' & 31] = {LETTER(0x83) | LETTER(0x84), LETTER(0xD0)},
    ['R' & 31] = {LETTER('u'), LETTER('a') | LETTER('e')},
    ['S' & 31] = {LETTER('o') | LETTER('t') | LETTER('u'),
                  LETTER('a') | LETTER('b') | LETTER('k') | LETTER('r') | LETTER('y')},
    ['T' & 31] = {LETTER('o'), LETTER('w')},
    ['U' & 31] = {LETTER('l') | LETTER('t'), LETTER('c') | LETTER('i')},
    ['V' & 31] = {LETTER('e') | LETTER('i') | LETTER('o'),
                  LETTER('l') | LETTER('o') | LETTER('r') | LETTER('z')},
    ['W' & 31] = {LETTER('o') | LETTER(0x9E), LETTER('h') | LETTER('o') | LETTER(0xD7)},
    ['X' & 31] = {LETTER(0xA7), LETTER(0xD9)},
};

#define FIELD_SCORE 0.85F

/* What one of the labels announces; ENTITY_COUNT: it is none. */
static unsigned announces(struct span label)
{
    if (!may_begin_as(first_letters, label))
        return ENTITY_COUNT; /* most */
    if (one_of(label, people, COUNT(people)))
        return ENTITY_PERSON;
    bool place = one_of(label, towns, COUNT(towns)) || one_of(label, streets, COUNT(streets));
    return place ? ENTITY_LOCATION : ENTITY_COUNT;
}

/* "last name", "first_name": the word at [at, end) with the one before it. */
static unsigned announced_by_two(struct span t, size_t at, size_t end)
{
    uint8_t both[2 * KEY_MOST];
    if (!at || !memchr(" _-", t.p[at - 1], 3))
        return ENTITY_COUNT;
    size_t from = word_start(t, 0, at - 1), before = at - 1 - from, n = end - at;
    if (before == 0 || before > KEY_MOST || n > KEY_MOST)
        return ENTITY_COUNT;
    memcpy(both, t.p + from, before);
    memcpy(both + before, t.p + at, n);
    return announces(span(both, before + n));
}

/* "key: surname\nvalue: X", {"name":"surname","value":"X"}: where the label ends that the word
 * "value" which ends at `end` is of; `end` itself, where it is another word. */
static size_t value_of(struct span t, size_t end)
{
    size_t at = end - 5;
    if (end < 5 || (t.p[end - 1] | 0x20) != 'e') /* most */
        return end;
    if (!span_is_nocase(span_cut(t, at, 5), "value") || (at && in_word(t.p[at - 1])))
        return end;
    while (at && end - at < KEY_MOST && !in_word(t.p[at - 1]) && t.p[at - 1] != ':')
        at--;
    return at;
}

/* What the label that ends at `end` announces; ENTITY_COUNT: nothing. */
static unsigned announced(struct span t, size_t end)
{
    end = value_of(t, end);
    size_t at = word_start(t, 0, end);
    struct span word = span_cut(t, at, end - at);
    unsigned entity = announces(word);
    bool name = entity == ENTITY_COUNT && word.n <= strlen("names") &&
                span_is_nocase(span_cut(word, 0, 4), "name");
    return name ? announced_by_two(t, at, end) : entity;
}

/* ---- values ---- */

struct value {
    size_t start, end;
};

/* Past blanks, and a line's end behind which the value is set in. */
static size_t past_blanks(struct span t, size_t at)
{
    while (byte_at(t, at) == ' ' || byte_at(t, at) == '\t')
        at++;
    return at;
}

/* May the value go on with c? A digit, a link's or a program's sign is none of a name or street. */
static bool goes_on(uint8_t c)
{
    return in_word(c) || c == ' ' || c == '.' || c == '\'' || c == '-';
}

/* "Masarykova 18", "Lerchenweg 9a": the end of the house's number at `at`, or `at`. */
static size_t house_end(struct span t, size_t at)
{
    enum { HOUSE_MOST = 4 };
    size_t end = at;
    while (end - at < HOUSE_MOST && is_digit(byte_at(t, end)))
        end++;
    if (end == at || !at || t.p[at - 1] != ' ')
        return at;
    return end + (is_letter(byte_at(t, end)) && !in_word(byte_at(t, end + 1)));
}

/* The value behind a label's sign at `at`, of a place with its house; empty when it is none that a
 * name or a town could be. */
static struct value value_at(struct span t, size_t at, bool place)
{
    struct value v = {0, 0};
    size_t from = past_blanks(t, at + 1);
    uint8_t quote = byte_at(t, from);
    bool quoted = quote == '"' || quote == '\'';
    from += quoted;
    size_t end = from, words = 1;
    for (; end - from <= VALUE_MOST && goes_on(byte_at(t, end)); end++)
        words += t.p[end] == ' ';
    end = place ? house_end(t, end) : end;
    uint8_t first = byte_at(t, from), stop = byte_at(t, end);
    bool capital = (uint8_t)(first - 'A') < 26 || first >= 0x80;
    bool closed = quoted ? stop == quote
                         : !stop || stop == '\n' || stop == '\r' || stop == ',' || stop == ';' ||
                               stop == '|' || stop == '\t' || stop == '<';
    while (end > from && t.p[end - 1] == ' ')
        end--;
    if (!capital || !closed || end < from + 3 || words > WORDS_MOST)
        return v;
    size_t word = from;
    while (in_word(byte_at(t, word)) || byte_at(t, word) == '/')
        word++;
    if (one_of(span_cut(t, from, word - from), nothing, COUNT(nothing)))
        return v;
    return (struct value){from, end};
}

static bool is_beside(uint8_t c)
{
    return (c == ' ') | (c == '"') | (c == '\'');
}

/* Does the byte before a label's sign, or before a quote and a blank there, end one of theirs?
 * Nearly none does; which it is cannot be guessed. */
static size_t label_end(struct span t, size_t sign)
{
    enum { LEAST = 3 };
    if (sign < LEAST)
        return 0;
    unsigned one = is_beside(t.p[sign - 1]), two = one & is_beside(t.p[sign - 2]);
    size_t end = sign - one - two;
    bool may = end >= LEAST && last_letters[t.p[end - 1] & 31] >> (t.p[end - 2] & 31) & 1;
    return may && in_word(t.p[end - 1]) ? end : 0;
}

/* ---- what stands behind a name ---- */

/* Does a word that may be a name begin there, with a capital where its script has them? */
static bool is_capital(struct span t, size_t at)
{
    uint32_t cp = byte_at(t, at);
    if (cp >= 0x80)
        utf8_next(t, at, &cp);
    return (letters_fold(cp) & LETTERS_UPPER) || letters_caseless(cp);
}

/* "Surname OKONKWO Forename IFEANYI": the other part of the name f, behind its label without a
 * colon; empty when there is none. */
static struct value other_part(struct span t, const struct finding *f)
{
    struct value none = {0, 0};
    size_t at = past_blanks(t, f->end), end = at;
    if (at == f->end || !may_begin_as(first_letters, span_from(t, at)) || !is_capital(t, at))
        return none; /* most */
    while (in_word(byte_at(t, end)))
        end++;
    size_t from = past_blanks(t, end), to = from;
    if (from == end || !is_capital(t, from) ||
        !one_of(span_cut(t, at, end - at), people, COUNT(people)))
        return none;
    while (in_word(byte_at(t, to)) || (byte_at(t, to) == '-' && in_word(byte_at(t, to + 1))))
        to++;
    return (struct value){from, to > from + 1 ? to : 0};
}

/* ---- addresses of vCards ---- */

/* Is the colon at `at` that of "ADR;TYPE=HOME:"? */
static bool is_card_address(struct span t, size_t at)
{
    enum { HEAD_MOST = 40 };
    size_t line = at;
    while (line && at - line < HEAD_MOST && t.p[line - 1] != '\n')
        line--;
    struct span head = span_cut(t, line, at - line);
    size_t point = span_find(head, 0, '.'); /* "item1.ADR" */
    head = point < head.n ? span_from(head, point + 1) : head;
    return span_is_nocase(span_cut(head, 0, 3), "adr") && (head.n == 3 || head.p[3] == ';');
}

/* What is one field of the address at [at, end): a place, a postcode, or ENTITY_COUNT. */
static unsigned card_field(struct span t, size_t at, size_t end)
{
    bool digits = end - at >= 3 && end - at <= 10, letters = false;
    for (size_t i = at; i < end; i++) {
        digits &= is_digit(t.p[i]) || t.p[i] == '-' || t.p[i] == ' ';
        letters |= in_word(t.p[i]);
    }
    return digits ? ENTITY_ZIP_CODE : letters && end > at + 1 ? ENTITY_LOCATION : ENTITY_COUNT;
}

/* The walk over a text: what was found in it, up to which of that, and what is added. */
struct fields {
    struct span t;
    struct findings *out, *added;
    size_t k;
};

/* The finding that touches [start, end), NULL for none. Asked from left to right. */
static struct finding *touching(struct fields *w, size_t start, size_t end)
{
    while (w->k < w->out->n && w->out->v[w->k].end <= start)
        w->k++;
    return w->k < w->out->n && w->out->v[w->k].start < end ? &w->out->v[w->k] : NULL;
}

static struct err add(struct fields *w, struct value v, unsigned entity)
{
    if (w->added->n && w->added->v[w->added->n - 1].end > v.start)
        return OK;
    return findings_add(w->added, (struct finding){(uint32_t)v.start, (uint32_t)v.end,
                                                   (uint16_t)entity, NER_RULE_LIST, FIELD_SCORE});
}

/* The fields of the address behind the colon at `at`: what the model took for people are places. */
static struct err card_address(struct fields *w, size_t at)
{
    enum { FIELDS = 7, FIELD_BYTES = 80 };
    size_t from = at + 1;
    for (unsigned i = 0; i < FIELDS; i++) {
        size_t end = from;
        while (end - from < FIELD_BYTES && byte_at(w->t, end) && !memchr(";\r\n", w->t.p[end], 3))
            end++;
        unsigned entity = card_field(w->t, from, end);
        struct finding *f = touching(w, from, end);
        if (f && f->entity == ENTITY_PERSON && entity == ENTITY_LOCATION)
            f->entity = ENTITY_LOCATION;
        else if (!f && entity != ENTITY_COUNT)
            TRY(add(w, (struct value){from, end}, entity));
        if (byte_at(w->t, end) != ';')
            return OK;
        from = end + 1;
    }
    return OK;
}

/* What the label before the colon at `at` announces. */
static struct err labelled(struct fields *w, size_t at)
{
    if (byte_at(w->t, at + 1) == ';' && is_card_address(w->t, at))
        return card_address(w, at);
    size_t end = label_end(w->t, at);
    unsigned entity = end ? announced(w->t, end) : ENTITY_COUNT;
    if (entity == ENTITY_COUNT)
        return OK; /* most */
    struct value v = value_at(w->t, at, entity == ENTITY_LOCATION);
    struct finding *f = v.end ? touching(w, v.start, v.end) : NULL;
    if (!v.end || !f)
        return v.end ? add(w, v, entity) : OK;
    if (f->start == v.start && f->end == v.end &&
        (f->entity == ENTITY_PERSON || f->entity == ENTITY_LOCATION))
        f->entity = (uint16_t)entity; /* "strasse":"Rosenwinkel" is nobody */
    return OK;
}

/* The parts of names whose labels have no colon. */
static struct err bare_parts(struct fields *w, size_t first)
{
    for (size_t i = first; i < w->out->n; i++) {
        const struct finding *f = &w->out->v[i];
        struct value v = {0, 0};
        if (f->entity == ENTITY_PERSON)
            v = other_part(w->t, f);
        if (v.end && (i + 1 == w->out->n || w->out->v[i + 1].start >= v.end))
            TRY(add(w, v, ENTITY_PERSON));
    }
    return OK;
}

struct err field_names(struct span text, struct findings *added, struct findings *out, size_t first)
{
    struct fields w = {text, out, added, first};
    added->n = 0;
    TRY(bare_parts(&w, first));
    if (added->n)
        TRY(findings_merge(out, first, added));
    added->n = 0;
    for (size_t at = 0; (at = span_find(text, at, ':')) < text.n; at++)
        TRY(labelled(&w, at));
    return added->n ? findings_merge(out, first, added) : OK;
}
