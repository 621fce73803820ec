/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The borders of places and of names beside forms, mended once the model has spoken: what a form
 * prints before a value is no part of it ("Lieferadresse Finkenstieg 8") and alone on its line no
 * place; what says a house's number belongs to its street ("No. 45/2, Galle Road"), a postcode to
 * the street before it, and behind a town it is one of its own ("Pune 411001"). No name begins with
 * a digit. Called once for a text; looks at a few bytes beside each finding.
 */
#include "letters.h"
#include "ner_int.h"

/* What forms print before an address or a name, and what no place or person begins with. */
static const char *const heads[] = {
    "Adresse",     "Anschrift",     "Lieferadresse", "Lieferanschrift", "Rechnungsadresse",
    "Wohnadresse", "Wohnanschrift", "Empfänger",     "Absender",        "Teilnehmer",
    "Address",     "Indirizzo",     "Dirección",     "Direccion",       "Domicilio",
    "Endereço",    "Destinatario",  "Destinatário",  "Destinataire",    "Adres",
    "Adress",      "Adresa",        "Adrese",        "Adresas",         "Osoite",
    "Kundennr"};

enum { HEAD_LEAST = 5 };
/* The second letters of `heads` by the first. */
#define LETTER(c) ((uint32_t)1 << ((c)&31))
static const uint32_t head_letters[32] = {['A' & 31] = LETTER('b') | LETTER('d') | LETTER('n'),
                                          ['D' & 31] = LETTER('e') | LETTER('i') | LETTER('o'),
                                          ['E' & 31] = LETTER('m') | LETTER('n'),
                                          ['I' & 31] = LETTER('n'),
                                          ['K' & 31] = LETTER('u'),
                                          ['L' & 31] = LETTER('i'),
                                          ['O' & 31] = LETTER('s'),
                                          ['R' & 31] = LETTER('e'),
                                          ['T' & 31] = LETTER('e'),
                                          ['W' & 31] = LETTER('o')};

/* The same of one part of an address: "City Hall" begins with one, so they count alone only. */
static const char *const parts[] = {
    "City",       "Town",   "Street",    "Postcode", "County",  "State",   "Country",
    "PLZ",        "Ort",    "Wohnort",   "Straße",   "Strasse", "Stadt",   "Hausnummer",
    "Ville",      "CP",     "Pays",      "CAP",      "Città",   "Comune",  "Municipio",
    "Localidad",  "Ciudad", "Provincia", "Cidade",   "Bairro",  "CEP",     "Plaats",
    "Woonplaats", "Straat", "Miasto",    "Ulica",    "Atte",    "Nr domu", "Code postal"};

/* What stands before a house's number in English of many countries. */
static const char *const house_words[] = {"No",   "No.",  "House", "Plot", "Office",
                                          "Shop", "Gate", "Villa", "Lot"};

/* Postcodes by their form: A a letter, 9 a digit, X either. */
static const char *const codes[] = {"999999",  "99999",    "A9 9AA",  "A99 9AA",
                                    "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA",
                                    "A9A 9A9", "A9A9A9",   "A99 XXXX"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

static bool wordy(uint8_t c)
{
    return is_digit(c) || is_letter(c) || c >= 0x80;
}

static bool one_of(struct span word, const char *const *of, size_t n)
{
    uint8_t first = byte_at(word, 0) | 0x20, second = byte_at(word, 1) | 0x20;
    for (size_t i = 0; i < n; i++)
        if (first == (of[i][0] | 0x20) && second == (of[i][1] | 0x20) &&
            span_is_nocase(word, of[i]))
            return true;
    return false;
}

static bool has_form(struct span t, size_t at, const char *form)
{
    for (; *form; form++, at++) {
        uint8_t c = byte_at(t, at);
        if (*form == 'A'   ? !is_letter(c)
            : *form == '9' ? !is_digit(c)
            : *form == 'X' ? !(is_digit(c) || is_letter(c))
                           : c != (uint8_t)*form)
            return false;
    }
    return true;
}

/* The end of the postcode at `at`, or `at`. */
static size_t code_end(struct span t, size_t at)
{
    for (size_t i = 0; i < COUNT(codes); i++) {
        size_t end = at + strlen(codes[i]);
        if (!has_form(t, at, codes[i]) || wordy(byte_at(t, end)))
            continue;
        uint8_t sign = byte_at(t, end);
        bool goes_on = (sign == '.' || sign == ',' || sign == '-' || sign == '/' || sign == ':' ||
                        sign == ' ') &&
                       is_digit(byte_at(t, end + 1)) && codes[i][0] == '9';
        return goes_on ? at : end;
    }
    return at;
}

/* Four digits that end a clause and are no year. */
static size_t short_code_end(struct span t, size_t at)
{
    uint8_t behind = byte_at(t, at + 4);
    bool year = (byte_at(t, at) == '1' && byte_at(t, at + 1) == '9') ||
                (byte_at(t, at) == '2' && byte_at(t, at + 1) == '0');
    bool ends =
        !behind || behind == '\n' || behind == ')' || behind == '"' ||
        ((behind == '.' || behind == ',' || behind == ';') && !is_digit(byte_at(t, at + 5)));
    return has_form(t, at, "9999") && !year && ends ? at + 4 : at;
}

static bool at_line_start(struct span t, size_t at)
{
    while (at && (t.p[at - 1] == ' ' || t.p[at - 1] == '\t'))
        at--;
    return !at || t.p[at - 1] == '\n';
}

/* Is it no more than what a form prints? */
static bool is_label(struct span t, const struct finding *f)
{
    enum { LABEL_MOST = 16 };
    struct span value = span_cut(t, f->start, f->end - f->start);
    uint8_t behind = byte_at(t, f->end);
    bool alone = !behind || behind == '\n' || behind == '\r' || behind == ':' || behind == '\t';
    return alone && value.n <= LABEL_MOST && at_line_start(t, f->start) &&
           (one_of(value, heads, COUNT(heads)) || one_of(value, parts, COUNT(parts)));
}

/* Take the form's word from the start. */
static void cut_head(struct span t, struct finding *f)
{
    struct span value = span_cut(t, f->start, f->end - f->start);
    if (value.n <= HEAD_LEAST || !(head_letters[value.p[0] & 31] >> (value.p[1] & 31) & 1))
        return; /* most */
    size_t blank = span_find(value, 0, ' ');
    if (blank >= HEAD_LEAST && blank + 1 < value.n &&
        one_of(span_cut(value, 0, blank), heads, COUNT(heads)))
        f->start += (uint32_t)blank + 1;
}

/* "No. 45/2": the word before the house's number. */
static void take_house_word(struct span t, struct finding *f)
{
    size_t at = f->start;
    if (!is_digit(byte_at(t, at)) || !at || t.p[at - 1] != ' ')
        return;
    size_t from = --at;
    while (from && at - from < 8 && (is_letter(t.p[from - 1]) || t.p[from - 1] == '.'))
        from--;
    if (one_of(span_cut(t, from, at - from), house_words, COUNT(house_words)))
        f->start = (uint32_t)from;
}

/* "stockport sk" of "stockport sk7 4rd": the finding ends within a postcode. */
static bool take_cut_code(struct span t, struct finding *f)
{
    size_t at = f->end;
    while (at > f->start && f->end - at < 3 && is_letter(t.p[at - 1]))
        at--;
    if (!is_digit(byte_at(t, f->end)) || (at > f->start && wordy(t.p[at - 1])))
        return false;
    size_t end = code_end(t, at);
    if (end > f->end)
        f->end = (uint32_t)end;
    return end > at;
}

/* "ISO 27001": three capitals are a norm's, or whose it is, more often than a town's. */
static bool is_norm(struct span name)
{
    bool capitals = name.n == 3;
    for (size_t i = 0; i < name.n && capitals; i++)
        capitals = (uint8_t)(name.p[i] - 'A') < 26;
    return capitals;
}

/* The postcode behind a street or a town. */
static struct err take_code(struct span t, struct findings *out, size_t i)
{
    struct finding *f = &out->v[i];
    size_t at = f->end + (byte_at(t, f->end) == ',');
    if (take_cut_code(t, f) || byte_at(t, at) != ' ' ||
        is_norm(span_cut(t, f->start, f->end - f->start)))
        return OK;
    at++;
    if (!is_digit(byte_at(t, at)) && !is_digit(byte_at(t, at + 1)) && !is_digit(byte_at(t, at + 2)))
        return OK; /* most */
    size_t end = code_end(t, at);
    if (end == at && at == f->end + 1U)
        end = short_code_end(t, at);
    if (end == at)
        return OK;
    if (f->rule == NER_RULE_STREET) {
        f->end = (uint32_t)end;
        return OK;
    }
    struct finding code = *f;
    code.start = (uint32_t)at;
    code.end = (uint32_t)end;
    code.entity = ENTITY_ZIP_CODE;
    return findings_add(out, code);
}

/* "19 Cedar Close\nCity\nExeter": a form's label stands between the lines of an address; what is
 * behind it is a finding of its own. */
static struct err split_at_label(struct span t, struct findings *out, size_t i)
{
    struct finding rest = out->v[i];
    size_t line = span_find(span_cut(t, 0, rest.end), rest.start, '\n');
    while (line < rest.end) {
        size_t next = span_find(span_cut(t, 0, rest.end), line + 1, '\n');
        struct span label = span_cut(t, line + 1, next - line - 1);
        if (one_of(label, parts, COUNT(parts)) || one_of(label, heads, COUNT(heads))) {
            out->v[i].end = (uint32_t)line;
            rest.start = (uint32_t)next + 1;
            return rest.start < rest.end ? findings_add(out, rest) : OK;
        }
        line = next;
    }
    return OK;
}

struct err place_mend(struct span text, struct findings *out, size_t first)
{
    size_t kept = first, n = out->n;
    for (size_t i = first; i < n; i++) {
        struct finding f = out->v[i];
        bool place = f.entity == ENTITY_LOCATION, person = f.entity == ENTITY_PERSON;
        if ((place || person) && is_label(text, &f))
            continue;
        if (person && is_digit(text.p[f.start]))
            continue;
        if (place || person)
            cut_head(text, &f);
        if (place)
            take_house_word(text, &f);
        out->v[kept++] = f;
    }
    out->n = kept;
    for (size_t i = first; i < kept; i++) {
        if (out->v[i].rule == NER_RULE_STREET)
            TRY(split_at_label(text, out, i));
        if (out->v[i].entity == ENTITY_LOCATION)
            TRY(take_code(text, out, i));
    }
    return OK;
}
