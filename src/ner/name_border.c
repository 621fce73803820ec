/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a name ends: the model's tokens end at a dash or an apostrophe within a name ("Park
 * Ji-sung", "Lupita Nyong'o"), and its spans run over what a form prints behind the name ("Ada
 * Conti Nato", "lahir 9 Mei 2001") or are a label ("Name des Kindes:"). Called once for each name
 * the model found; looks at its own bytes and the few beside it.
 */
#include "place_int.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What stands behind a dash and is no part of a name: "Obama-era". */
static const char *const tails[] = {
    "era",      "like",      "led",     "based",    "style",   "backed", "esque",
    "owned",    "born",      "run",     "type",     "related", "themed", "era's",
    "trained",  "made",      "written", "directed", "penned",  "free",   "friendly",
    "inspired", "appointed", "signed",  "shaped",   "and"};
static bool in_word(uint8_t c)
{
    return is_letter(c) || c >= 0x80;
}

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

/* ---- beside forms ---- */

/* What a form prints behind a name, before the next value. */
static const char *const labels[] = {
    "name",     "nome",     "cognome", "nom",   "prénom", "nombre",  "nombres", "apellido",
    "vorname",  "surname",  "naam",    "imię",  "jméno",  "adres",   "address", "adresse",
    "email",    "mail",     "phone",   "tel",   "tél",    "telefon", "mobile",  "dob",
    "date",     "city",     "ort",     "ville", "fax",    "age",     "gender",  "sex",
    "forename", "initials", "title",   "role",  "dept",   "email",   "geb",     "id"};
/* The same with the value right behind them. */
static const char *const bare[] = {"nato", "nata", "dob", "geb", "forename", "surname", "vorname"};
/* "Name des Kindes:" is a label whatever it says. */
static const char *const heads[] = {"name", "nom", "nome", "naam", "nombre"};

static size_t word_start(struct span t, size_t from, size_t end)
{
    while (end > from && in_word(t.p[end - 1]))
        end--;
    return end;
}

/* The end of the name without the label it ends with. */
static size_t before_label(struct span t, const struct finding *f)
{
    size_t at = word_start(t, f->start, f->end), end = at;
    struct span word = span_cut(t, at, f->end - at);
    bool colon = byte_at(t, f->end) == ':';
    bool label = colon ? one_of(word, labels, COUNT(labels)) : one_of(word, bare, COUNT(bare));
    while (end > f->start && !in_word(t.p[end - 1]) && t.p[end - 1] != '.')
        end--;
    return label && (colon || end > f->start) ? end : f->end;
}

/* "lahir 9 Mei 2001": the end of the name before a number that stands apart in it. */
static size_t before_number(struct span t, const struct finding *f)
{
    size_t at = f->start;
    while (at < f->end && !(t.p[at] == ' ' && is_digit(byte_at(t, at + 1))))
        at++;
    return at;
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
static const char *const columns[] = {
    "mieter",        "vermieter",       "eigentümer",   "inhaber",        "besitzer",
    "fahrer",        "kunde",           "lieferant",    "anzahl",         "betrag",
    "menge",         "artikel",         "kennzeichen",  "svnr",           "amka",
    "qty",           "psalm",           "sndr",         "petsa",          "cantidad",
    "importe",       "fecha",           "precio",       "cliente",        "paciente",
    "inquilino",     "locataire",       "montant",      "quantité",       "huurder",
    "bedrag",        "aantal",          "najemca",      "kwota",          "nazwisko",
    "příjmení",      "fibonacci",       "tenant",       "landlord",       "steuerberater",
    "notarin",       "steuerberaterin", "rechtsanwalt", "rechtsanwältin", "geschäftsführer",
    "hausverwaltung"};
/* Makes and firms whose names are of two words, as people's are. */
static const char *const firms[] = {
    "alfa romeo",     "aston martin",    "harley davidson", "harley-davidson", "rolls royce",
    "rolls-royce",    "jp morgan",       "j.p. morgan",     "morgan stanley",  "goldman sachs",
    "merrill lynch",  "lehman brothers", "dow jones",       "charles schwab",  "philip morris",
    "calvin klein",   "ralph lauren",    "tommy hilfiger",  "hugo boss",       "louis vuitton",
    "yves rocher",    "jack daniel",     "jack daniels",    "johnnie walker",  "jim beam",
    "captain morgan", "mary kay",        "estee lauder",    "estée lauder",    "max mara",
    "jimmy choo",     "manolo blahnik",  "wells fargo",     "warner bros",     "johns hopkins",
    "jack wolfskin",  "helly hansen",    "john deere",      "massey ferguson", "black & decker",
    "moody's",        "marks & spencer", "fred perry",      "ted baker",       "karen millen"};
/* What a theorem or an illness is called after is nobody in the text: "von Neumann architecture".
 */
static const char *const terms[] = {
    "architecture", "algorithm", "theorem",    "distribution", "noise",       "trials",
    "transform",    "syndrome",  "disease",    "equation",     "equations",   "constant",
    "sequence",     "filter",    "inequality", "conjecture",   "lemma",       "numbers",
    "machine",      "machines",  "polynomial", "lymphoma",     "coefficient", "manoeuvre",
    "maneuver",     "paradox",   "integral",   "regression"};

/* "Max retries: 5": what a greatest and a least are of. */
static const char *const bounds[] = {
    "retries", "value",  "values",  "delay", "length", "size",  "width", "height",
    "count",   "speed",  "power",   "price", "number", "level", "limit", "depth",
    "weight",  "tokens", "results", "rows",  "items",  "users", "age",   "connections"};

static bool is_bound(struct span value)
{
    return span_is_nocase(value, "max") || span_is_nocase(value, "min");
}

/* Is what the model found no person, but called after one, or a form's word? */
static bool is_called_after(struct span t, const struct finding *f)
{
    size_t end = f->end;
    while (end > f->start && !in_word(t.p[end - 1]))
        end--;
    struct span value = span_cut(t, f->start, end - f->start);
    if (one_of(value, columns, COUNT(columns)) || one_of(value, firms, COUNT(firms)))
        return true;
    if (byte_at(t, f->end) != ' ')
        return false;
    struct span next = span_cut(t, f->end + 1, word_end(t, f->end + 1) - f->end - 1);
    return one_of(next, terms, COUNT(terms)) ||
           (is_bound(value) && one_of(next, bounds, COUNT(bounds)));
}

bool name_in_form(struct span t, struct finding *f)
{
    if (is_named(t, f) || is_called_after(t, f))
        return false;
    f->end = (uint32_t)before_number(t, f);
    f->end = (uint32_t)before_label(t, f);
    return f->end > f->start;
}
