/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a name ends: the model's tokens end at a dash or an apostrophe within a name ("Park
 * Ji-sung", "Lupita Nyong'o"), and its spans run over what a form prints behind the name ("Ada
 * Conti Nato", "lahir 9 Mei 2001") or are a label ("Name des Kindes:"). Called once for each name
 * the model found; looks at its own bytes and the few beside it.
 */
#include "place_int.h"

/* What stands behind a dash and is no part of a name: "Obama-era". */
static const char *const tails[] = {
    "era",      "like",      "led",     "based",    "style",   "backed", "esque",
    "owned",    "born",      "run",     "type",     "related", "themed", "era's",
    "trained",  "made",      "written", "directed", "penned",  "free",   "friendly",
    "inspired", "appointed", "signed",  "shaped",   "and"};
static size_t word_end(struct span t, size_t at)
{
    while (in_word(byte_at(t, at)))
        at++;
    return at;
}

/* Where the name that ends at `end` ends with what a dash or an apostrophe joins to it. */
static size_t joined_end(struct span t, size_t end)
{
    uint8_t sign = byte_at(t, end);
    size_t from = end + 1, to = word_end(t, from);
    struct span word = span_cut(t, from, to - from);
    if (!word.n || byte_at(t, to) == '@' || byte_at(t, to) == '_' || is_digit(byte_at(t, to)))
        return end;
    if (sign == '-')
        return word.n < 2 || one_of(word, tails, COUNT(tails)) ? end : to;
    bool capital = word.n > 1 && (uint8_t)(word.p[0] - 'A') < 26;
    return capital || span_is(word, "o") ? to : end; /* "Anna's", "Ayşe'ye" go on otherwise */
}

size_t name_whole_end(struct span t, const struct finding *f, size_t most)
{
    uint8_t sign = byte_at(t, f->end);
    if ((sign != '-' && sign != '\'') || !in_word(byte_at(t, f->end + 1)))
        return f->end; /* most */
    size_t end = joined_end(t, f->end);
    return end <= most ? end : f->end;
}

void name_take_parts(struct span t, struct finding *f, size_t from, size_t to)
{
    size_t at = f->start, end = f->end, word;
    while (at > from && t.p[at - 1] == '^' && (word = word_start(t, from, at - 1)) < at - 1)
        at = word;
    while (byte_at(t, end) == '^' && (word = word_end(t, end + 1)) > end + 1 && word <= to)
        end = word;
    f->start = (uint32_t)at;
    f->end = (uint32_t)end;
}

/* ---- beside forms ---- */

/* What a form prints behind a name, before the next value. */
static const char *const labels[] = {
    "name",     "nome",     "cognome", "nom",   "prénom", "nombre",  "nombres", "apellido",
    "vorname",  "surname",  "naam",    "imię",  "jméno",  "adres",   "address", "adresse",
    "email",    "mail",     "phone",   "tel",   "tél",    "telefon", "mobile",  "dob",
    "date",     "city",     "ort",     "ville", "fax",    "age",     "gender",  "sex",
    "forename", "initials", "title",   "role",  "dept",   "geb",     "id"};
/* The same with the value right behind them. */
static const char *const bare[] = {"nato", "nata", "dob", "geb", "forename", "surname", "vorname"};
/* "Name des Kindes:" is a label whatever it says. */
static const char *const heads[] = {"name", "nom", "nome", "naam", "nombre"};

/* The last letters but one of `bare` by the last. */
static const uint32_t bare_letters[32] = {['a' & 31] = LETTER('t'),
                                          ['b' & 31] = LETTER('e') | LETTER('o'),
                                          ['e' & 31] = LETTER('m'),
                                          ['o' & 31] = LETTER('t')};

/* May the name end with one of `bare`? Two letters refuse nearly all. */
static bool may_end_bare(struct span name)
{
    return name.n > 2 && bare_letters[name.p[name.n - 1] & 31] >> (name.p[name.n - 2] & 31) & 1;
}

/* The end of the name without the label it ends with. */
static size_t before_label(struct span t, const struct finding *f)
{
    bool colon = byte_at(t, f->end) == ':';
    if (!colon && !may_end_bare(span_cut(t, f->start, f->end - f->start)))
        return f->end; /* most */
    size_t at = word_start(t, f->start, f->end), end = at;
    struct span word = span_cut(t, at, f->end - at);
    bool label = colon ? one_of(word, labels, COUNT(labels)) : one_of(word, bare, COUNT(bare));
    while (end > f->start && !in_word(t.p[end - 1]) && t.p[end - 1] != '.')
        end--;
    return label && (colon || end > f->start) ? end : f->end;
}

/* "lahir 9 Mei 2001": the end of the name before a number that stands apart in it. Where it does
 * not end in digits somebody else may stand behind the number: "Ada Conti 1 Lea Sommer". */
static size_t before_number(struct span t, const struct finding *f)
{
    if (!is_digit(t.p[f->end - 1]))
        return f->end; /* most */
    struct span name = span_cut(t, 0, f->end);
    size_t at = span_find(name, f->start, ' ');
    while (at < name.n && !is_digit(byte_at(name, at + 1)))
        at = span_find(name, at + 1, ' ');
    return at;
}

/* What small names are followed by in chats: "thx priyanka ur a lifesaver". */
static const char *const chat_words[] = {"ur",  "u",   "pls", "plz", "lol",
                                         "omg", "btw", "tbh", "idk", "rn"};

/* The end of the name before such a word. */
static size_t before_chat(struct span t, const struct finding *f)
{
    if ((uint8_t)(t.p[f->start] - 'a') >= 26)
        return f->end; /* most */
    size_t at = word_start(t, f->start, f->end);
    if (f->end - at > 3 || at <= f->start + 2 || t.p[at - 1] != ' ')
        return f->end;
    return one_of(span_cut(t, at, f->end - at), chat_words, COUNT(chat_words)) ? at - 1 : f->end;
}

/* May a dash or a quotation mark stand in it? */
static bool may_go_over(struct span t, const struct finding *f)
{
    uint64_t some = 0;
    for (size_t at = f->start; at < f->end; at += sizeof some) {
        uint64_t v = eight_bytes(t, at);
        some |= holds8(v, '-') | holds8(v, '"');
    }
    return some != 0;
}

/* Does the name end in small letters from `at` on? */
static bool ends_small(struct span name, size_t at)
{
    while (at < name.n && ((uint8_t)(name.p[at] - 'a') < 26 || name.p[at] == ' '))
        at++;
    return at == name.n;
}

/* The end of the name before what is none: small letters behind a dash between blanks ("Oluchi -
 * rice"), or the end of a quoted field with the next one's begin. */
static size_t before_other(struct span t, const struct finding *f)
{
    struct span name = span_cut(t, f->start, f->end - f->start);
    if (!may_go_over(t, f))
        return f->end; /* most */
    for (size_t i = 1; i + 3 < name.n; i++) {
        const uint8_t *p = name.p + i;
        bool dash = p[0] == ' ' && p[1] == '-' && p[2] == ' ' && ends_small(name, i + 3);
        if (dash || (p[0] == '"' && (p[1] == ',' || p[1] == ';') && p[2] == '"'))
            return f->start + i;
    }
    return f->end;
}

/* Does "Name" stand before what a colon ends? */
static bool is_named(struct span t, const struct finding *f)
{
    if (byte_at(t, f->end) != ':' || f->start < 4 || t.p[f->start - 1] != ' ')
        return false;
    size_t end = f->start - 1, at = word_start(t, 0, end);
    return one_of(span_cut(t, at, end - at), heads, COUNT(heads)) &&
           (at == 0 || t.p[at - 1] == '\n');
}

/* ---- what is called after people ---- */

/* Heads of forms and columns, and trades behind a name, that the model takes for people. */
static const char *const columns[] = {"mieter",
                                      "vermieter",
                                      "eigentümer",
                                      "inhaber",
                                      "besitzer",
                                      "fahrer",
                                      "kunde",
                                      "lieferant",
                                      "anzahl",
                                      "betrag",
                                      "menge",
                                      "artikel",
                                      "kennzeichen",
                                      "svnr",
                                      "amka",
                                      "qty",
                                      "psalm",
                                      "sndr",
                                      "petsa",
                                      "cantidad",
                                      "importe",
                                      "fecha",
                                      "precio",
                                      "cliente",
                                      "paciente",
                                      "inquilino",
                                      "locataire",
                                      "montant",
                                      "quantité",
                                      "huurder",
                                      "bedrag",
                                      "aantal",
                                      "najemca",
                                      "kwota",
                                      "nazwisko",
                                      "příjmení",
                                      "fibonacci",
                                      "tenant",
                                      "landlord",
                                      "steuerberater",
                                      "notarin",
                                      "steuerberaterin",
                                      "rechtsanwalt",
                                      "rechtsanwältin",
                                      "geschäftsführer",
                                      "hausverwaltung",
                                      "ngày",
                                      "tarihi",
                                      "doğum"};
/* Makes and firms whose names are of two words, as people's are; none that somebody has, as Ted
 * Baker and Mary Kay. */
static const char *const firms[] = {
    "alfa romeo",     "aston martin",    "harley davidson", "harley-davidson", "rolls royce",
    "rolls-royce",    "jp morgan",       "j.p. morgan",     "morgan stanley",  "goldman sachs",
    "merrill lynch",  "lehman brothers", "dow jones",       "louis vuitton",   "yves rocher",
    "captain morgan", "estee lauder",    "estée lauder",    "max mara",        "wells fargo",
    "warner bros",    "johns hopkins",   "jack wolfskin",   "helly hansen",    "massey ferguson",
    "black & decker", "moody's",         "marks & spencer"};
/* How columns begin. */
static const struct begin column_letters[32] = {
    ['A' & 31] = {LETTER('a') | LETTER('m') | LETTER('n') | LETTER('r'),
                  LETTER('k') | LETTER('n') | LETTER('t') | LETTER('z')},
    ['B' & 31] = {LETTER('e'), LETTER('d') | LETTER('s') | LETTER('t')},
    ['C' & 31] = {LETTER('a') | LETTER('l'), LETTER('i') | LETTER('n')},
    ['D' & 31] = {LETTER('o'), LETTER(0xC4)},
    ['E' & 31] = {LETTER('i'), LETTER('g')},
    ['F' & 31] = {LETTER('a') | LETTER('e') | LETTER('i'), LETTER('b') | LETTER('c') | LETTER('h')},
    ['G' & 31] = {LETTER('e'), LETTER('s')},
    ['H' & 31] = {LETTER('a') | LETTER('u'), LETTER('u')},
    ['I' & 31] = {LETTER('m') | LETTER('n'), LETTER('h') | LETTER('p') | LETTER('q')},
    ['K' & 31] = {LETTER('e') | LETTER('u') | LETTER('w'), LETTER('n') | LETTER('o')},
    ['L' & 31] = {LETTER('a') | LETTER('i') | LETTER('o'), LETTER('c') | LETTER('e') | LETTER('n')},
    ['M' & 31] = {LETTER('e') | LETTER('i') | LETTER('o'), LETTER('e') | LETTER('n')},
    ['N' & 31] = {LETTER('a') | LETTER('g') | LETTER('o'),
                  LETTER('j') | LETTER('t') | LETTER('z') | LETTER(0xC3)},
    ['P' & 31] = {LETTER('a') | LETTER('e') | LETTER('r') | LETTER('s'),
                  LETTER('a') | LETTER('c') | LETTER('e') | LETTER('t') | LETTER(0x99)},
    ['Q' & 31] = {LETTER('t') | LETTER('u'), LETTER('a') | LETTER('y')},
    ['R' & 31] = {LETTER('e'), LETTER('c')},
    ['S' & 31] = {LETTER('n') | LETTER('t') | LETTER('v'), LETTER('d') | LETTER('e') | LETTER('n')},
    ['T' & 31] = {LETTER('a') | LETTER('e'), LETTER('n') | LETTER('r')},
    ['V' & 31] = {LETTER('e'), LETTER('r')},
};

/* How firms begin. */
static const struct begin firm_letters[32] = {
    ['A' & 31] = {LETTER('l') | LETTER('s'), LETTER('f') | LETTER('t')},
    ['B' & 31] = {LETTER('l'), LETTER('a')},
    ['C' & 31] = {LETTER('a'), LETTER('p')},
    ['D' & 31] = {LETTER('o'), LETTER('w')},
    ['E' & 31] = {LETTER('s'), LETTER('t')},
    ['G' & 31] = {LETTER('o'), LETTER('l')},
    ['H' & 31] = {LETTER('a') | LETTER('e'), LETTER('l') | LETTER('r')},
    ['J' & 31] = {LETTER('.') | LETTER('a') | LETTER('o') | LETTER('p'),
                  LETTER(' ') | LETTER('c') | LETTER('h') | LETTER('p')},
    ['L' & 31] = {LETTER('e') | LETTER('o'), LETTER('h') | LETTER('u')},
    ['M' & 31] = {LETTER('a') | LETTER('e') | LETTER('o'),
                  LETTER('o') | LETTER('r') | LETTER('s') | LETTER('x')},
    ['R' & 31] = {LETTER('o'), LETTER('l')},
    ['W' & 31] = {LETTER('a') | LETTER('e'), LETTER('l') | LETTER('r')},
    ['Y' & 31] = {LETTER('v'), LETTER('e')},
};

/* What a theorem or an illness is called after is nobody in the text: "von Neumann architecture".
 * It has one word and small ones; "Anna Schmidt numbers" is somebody. */
static const char *const terms[] = {
    "architecture", "algorithm", "theorem",    "distribution", "noise",       "trials",
    "transform",    "syndrome",  "disease",    "equation",     "equations",   "constant",
    "sequence",     "filter",    "inequality", "conjecture",   "lemma",       "numbers",
    "machine",      "machines",  "polynomial", "lymphoma",     "coefficient", "manoeuvre",
    "maneuver",     "paradox",   "integral",   "regression"};
/* How these begin. */
static const struct begin term_letters[32] = {
    ['A' & 31] = {LETTER('l') | LETTER('r'), LETTER('c') | LETTER('g')},
    ['C' & 31] = {LETTER('o'), LETTER('e') | LETTER('n')},
    ['D' & 31] = {LETTER('i'), LETTER('s')},
    ['E' & 31] = {LETTER('q'), LETTER('u')},
    ['F' & 31] = {LETTER('i'), LETTER('l')},
    ['I' & 31] = {LETTER('n'), LETTER('e') | LETTER('t')},
    ['L' & 31] = {LETTER('e') | LETTER('y'), LETTER('m')},
    ['M' & 31] = {LETTER('a'), LETTER('c') | LETTER('n')},
    ['N' & 31] = {LETTER('o') | LETTER('u'), LETTER('i') | LETTER('m')},
    ['P' & 31] = {LETTER('a') | LETTER('o'), LETTER('l') | LETTER('r')},
    ['R' & 31] = {LETTER('e'), LETTER('g')},
    ['S' & 31] = {LETTER('e') | LETTER('y'), LETTER('n') | LETTER('q')},
    ['T' & 31] = {LETTER('h') | LETTER('r'), LETTER('a') | LETTER('e') | LETTER('i')},
};

/* "Max retries: 5": what a greatest and a least are of. */
static const char *const bounds[] = {
    "retries", "value",  "values",  "delay", "length", "size",  "width", "height",
    "count",   "speed",  "power",   "price", "number", "level", "limit", "depth",
    "weight",  "tokens", "results", "rows",  "items",  "users", "age",   "connections"};

static bool is_bound(struct span value)
{
    return value.n == 3 && (span_is_nocase(value, "max") || span_is_nocase(value, "min"));
}

/* "von Neumann": is all before the last word written small? */
static bool is_surname(struct span value)
{
    bool small = true;
    for (size_t at = 0; (at = span_find(value, at, ' ')) < value.n; at++)
        small &= (uint8_t)(value.p[word_start(value, 0, at)] - 'a') < 26;
    return small;
}

/* Does a small letter stand behind the name's blank? */
static bool goes_on_small(struct span t, const struct finding *f)
{
    return byte_at(t, f->end) == ' ' && (uint8_t)(byte_at(t, f->end + 1) - 'a') < 26;
}

/* Is what the model found no person, but called after one, or a form's word? */
static bool is_called_after(struct span t, const struct finding *f)
{
    struct span value = span_cut(t, f->start, f->end - f->start);
    bool column = may_begin_as(column_letters, value), firm = may_begin_as(firm_letters, value);
    bool small = goes_on_small(t, f);
    if (!column && !firm && !small)
        return false; /* most */
    while (value.n && !in_word(value.p[value.n - 1]))
        value.n--;
    bool one = column && span_find(value, 0, ' ') == value.n;
    if ((one && one_of(value, columns, COUNT(columns))) ||
        (firm && one_of(value, firms, COUNT(firms))))
        return true;
    if (!small)
        return false;
    struct span next = span_cut(t, f->end + 1, word_end(t, f->end + 1) - f->end - 1);
    if (is_bound(value))
        return one_of(next, bounds, COUNT(bounds));
    return may_begin_as(term_letters, next) && one_of(next, terms, COUNT(terms)) &&
           is_surname(value);
}

/* "Dear Max Mara,": who is greeted is somebody, whatever else is called so; a firm's people follow
 * its name. */
static bool is_greeted(struct span t, const struct finding *f)
{
    static const char *const greetings[] = {"dear",   "hi",   "hello", "hallo", "liebe",
                                            "lieber", "cher", "chère", "hola"};
    size_t at = f->start && t.p[f->start - 1] == ' ' ? word_start(t, 0, f->start - 1) : f->start;
    return at < f->start && byte_at(t, f->end) == ',' &&
           one_of(span_cut(t, at, f->start - 1 - at), greetings, COUNT(greetings));
}

bool name_in_form(struct span t, struct finding *f)
{
    if (is_named(t, f) || (is_called_after(t, f) && !name_has_title(t, f) && !is_greeted(t, f)))
        return false;
    f->end = (uint32_t)before_number(t, f);
    f->end = (uint32_t)before_other(t, f);
    f->end = (uint32_t)before_chat(t, f);
    f->end = (uint32_t)before_label(t, f);
    return f->end > f->start;
}
