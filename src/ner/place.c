/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The borders of places and of names beside forms, mended once the model has spoken: what a form
 * prints before a value is no part of it ("Lieferadresse Finkenstieg 8") and alone on its line no
 * place; what says a house's number belongs to its street ("No. 45/2, Galle Road"), a postcode to
 * the street before it, and behind a town it is one of its own ("Pune 411001"). No name begins with
 * a digit. Called once for a text; looks at a few bytes beside each finding.
 */
#include "place_int.h"

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
    "City",       "Town",      "Street",    "Postcode", "County",     "State",      "Country",
    "PLZ",        "Ort",       "Wohnort",   "Straße",   "Strasse",    "Stadt",      "Hausnummer",
    "Ville",      "CP",        "Pays",      "CAP",      "Città",      "Comune",     "Municipio",
    "Localidad",  "Ciudad",    "Provincia", "Cidade",   "Bairro",     "CEP",        "Plaats",
    "Woonplaats", "Straat",    "Miasto",    "Ulica",    "Atte",       "Nr domu",    "Code postal",
    "Población",  "Poblacion", "Localité",  "Località", "Localidade", "Logradouro", "Ortschaft",
    "Bundesland", "Kanton",    "Kraj",      "Obec",     "Poststed",   "Postort",    "Kommune",
    "Şehir",      "İlçe"};
/* Their second letters by the first; those of two bytes count as the first of them. */
static const uint32_t part_letters[32] = {
    ['A' & 31] = LETTER('t'),
    ['B' & 31] = LETTER('a') | LETTER('u'),
    ['C' & 31] = LETTER('a') | LETTER('e') | LETTER('i') | LETTER('o') | LETTER('p'),
    [0xC4 & 31] = LETTER(0xB0),
    [0xC5 & 31] = LETTER(0x9E),
    ['H' & 31] = LETTER('a'),
    ['K' & 31] = LETTER('a') | LETTER('o') | LETTER('r'),
    ['L' & 31] = LETTER('o'),
    ['M' & 31] = LETTER('i') | LETTER('u'),
    ['N' & 31] = LETTER('r'),
    ['O' & 31] = LETTER('b') | LETTER('r'),
    ['P' & 31] = LETTER('a') | LETTER('l') | LETTER('o') | LETTER('r'),
    ['S' & 31] = LETTER('t'),
    ['T' & 31] = LETTER('o'),
    ['U' & 31] = LETTER('l'),
    ['V' & 31] = LETTER('i'),
    ['W' & 31] = LETTER('o')};

/* What stands before a house's number in English of many countries. */
static const char *const house_words[] = {"No",   "No.",  "House", "Plot", "Office",
                                          "Shop", "Gate", "Villa", "Lot"};

/* Postcodes by their form: A a letter, 9 a digit, X either. */
static const char *const codes[] = {"999999",  "99999",    "A9 9AA",  "A99 9AA",
                                    "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA",
                                    "A9A 9A9", "A9A9A9",   "A99 XXXX"};

static bool wordy(uint8_t c)
{
    return is_digit(c) || in_word(c);
}

/* Is the word one that forms print before a value? */
static bool is_form_word(struct span word)
{
    uint8_t first = byte_at(word, 0) & 31, second = byte_at(word, 1) & 31;
    if (!((head_letters[first] | part_letters[first]) >> second & 1))
        return false; /* most */
    return one_of(word, heads, COUNT(heads)) || one_of(word, parts, COUNT(parts));
}

static bool has_digit(struct span s)
{
    size_t i = 0;
    while (i < s.n && !is_digit(s.p[i]))
        i++;
    return i < s.n;
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

/* May a postcode begin here, by the signs of it that all have? */
static bool may_be_code(struct span t, size_t at)
{
    if (is_digit(byte_at(t, at)))
        return is_digit(byte_at(t, at + 4));
    return is_letter(byte_at(t, at)) &&
           (is_digit(byte_at(t, at + 1)) || is_digit(byte_at(t, at + 2)));
}

size_t place_code_end(struct span t, size_t at)
{
    if (!may_be_code(t, at))
        return at; /* most */
    for (size_t i = 0; i < COUNT(codes); i++) {
        size_t end = at + strlen(codes[i]);
        if (!has_form(t, at, codes[i]) || wordy(byte_at(t, end)))
            continue;
        uint8_t sign = byte_at(t, end);
        if (codes[i][4] == 'X' && !has_digit(span_cut(t, at + 4, 4)))
            continue; /* "n32 long" */
        bool goes_on = (sign == '.' || sign == ',' || sign == '-' || sign == '/' || sign == ':' ||
                        sign == ' ') &&
                       is_digit(byte_at(t, end + 1)) && codes[i][0] == '9';
        goes_on |= sign == '-' && is_letter(byte_at(t, end + 1)); /* "12000-page" */
        return goes_on ? at : end;
    }
    return at;
}

size_t place_short_code_end(struct span t, size_t at)
{
    uint8_t behind = byte_at(t, at + 4);
    bool year = (byte_at(t, at) == '1' && byte_at(t, at + 1) == '9') ||
                (byte_at(t, at) == '2' && byte_at(t, at + 1) == '0');
    bool ends =
        !behind || behind == '\n' || behind == ')' || behind == '"' ||
        ((behind == '.' || behind == ',' || behind == ';') && !is_digit(byte_at(t, at + 5)));
    bool round = byte_at(t, at + 2) == '0' && byte_at(t, at + 3) == '0'; /* "Oslo 1200" is far */
    return has_form(t, at, "9999") && !year && !round && ends ? at + 4 : at;
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
    static const uint64_t ends = 1 | 1 << '\n' | 1 << '\r' | 1 << '\t' | (uint64_t)1 << ':';
    bool alone = behind < 64 && ends >> behind & 1;
    if (!alone || value.n > LABEL_MOST || !(behind == ':' || at_line_start(t, f->start)))
        return false;
    return is_form_word(value);
}

/* ---- what is no place ---- */

/* Bodies whose norms have numbers, and what a card's check digits are called: "IEC 61508", "exp
 * 04/27 cvv 123". */
static const char *const norms[] = {"ISO", "IEC",  "IEEE", "ANSI", "DIN",
                                    "RFC", "NIST", "ASTM", "JIS"};
static const char *const checks[] = {"cvv", "cvc", "cvv2", "cvc2", "csc"};
/* What clubs are called behind their town: "Chelsea FC". */
static const char *const clubs[] = {"FC", "F.C.", "AFC", "CF", "FK"};

/* The word at `at`, of letters, points and digits behind them. */
static struct span plain_word(struct span t, size_t at)
{
    size_t end = at;
    while (is_letter(byte_at(t, end)) || (end > at && is_digit(byte_at(t, end))) ||
           (end > at && byte_at(t, end) == '.' && is_letter(byte_at(t, end + 1))))
        end++;
    return span_cut(t, at, end - at);
}

/* "IEC 61508" */
static bool is_of_norms(struct span t, const struct finding *f)
{
    struct span value = span_cut(t, f->start, f->end - f->start);
    return value.n >= 3 && value.n <= 4 && byte_at(t, f->end) == ' ' &&
           is_digit(byte_at(t, f->end + 1)) && (uint8_t)(value.p[1] - 'A') < 26 &&
           one_of(value, norms, COUNT(norms));
}

/* "Chelsea FC", "Bank of Ireland" */
static bool is_of_firm(struct span t, const struct finding *f)
{
    static const char bank[] = "Bank of ";
    size_t n = sizeof bank - 1;
    if (f->start >= n && t.p[f->start - 2] == 'f' && !memcmp(t.p + f->start - n, bank, n))
        return true;
    uint8_t next = byte_at(t, f->end) == ' ' ? byte_at(t, f->end + 1) : 0;
    return (next == 'F' || next == 'A' || next == 'C') &&
           one_of(plain_word(t, f->end + 1), clubs, COUNT(clubs));
}

/* What a street's line with these numbers in it is instead: "04/27 cvv 123", "24 серпня 1991": a
 * card's check digits, or a day. */
static bool is_numbers(struct span t, const struct finding *f)
{
    size_t at = f->start, word;
    while (at < f->end && !is_digit(t.p[at]))
        at = span_find(span_cut(t, 0, f->end), at, ' ') + 1;
    size_t first = at;
    while (at < f->end && t.p[at] != ' ')
        at++;
    word = at + 1;
    while (word < f->end && t.p[word] != ' ')
        word++;
    struct span name = span_cut(t, at + 1, word - at - 1);
    if (word >= f->end || !is_digit(byte_at(t, word + 1)))
        return false; /* most */
    bool year = has_form(t, word + 1, "9999") && !wordy(byte_at(t, word + 5)) &&
                (t.p[word + 1] == '1' || t.p[word + 1] == '2');
    bool small = name.n > 2 && (is_letter(name.p[0]) ? name.p[0] >= 'a' : name.p[0] >= 0xC3);
    return one_of(name, checks, COUNT(checks)) || (year && small && at - first <= 2);
}

static bool has_letter(struct span s)
{
    size_t i = 0;
    while (i < s.n && !is_letter(s.p[i]) && s.p[i] < 0x80)
        i++;
    return i < s.n;
}

/* Take the form's word from the start. */
static void cut_head(struct span t, struct finding *f)
{
    struct span value = span_cut(t, f->start, f->end - f->start);
    if (value.n <= HEAD_LEAST || !(head_letters[value.p[0] & 31] >> (value.p[1] & 31) & 1))
        return; /* most */
    size_t blank = span_find(value, 0, ' ');
    if (blank >= HEAD_LEAST && has_letter(span_from(value, blank)) &&
        one_of(span_cut(value, 0, blank), heads, COUNT(heads)))
        f->start += (uint32_t)blank + 1;
}

/* Take the number of a list from the start of a name, "2 Anna Voigt". False: digits belong to it,
 * it is none. */
static bool cut_number(struct span t, struct finding *f)
{
    size_t at = f->start;
    while (at < f->end && is_digit(t.p[at]))
        at++;
    bool number = at > f->start;
    while (number && at < f->end && (t.p[at] == '.' || t.p[at] == ')' || t.p[at] == ' '))
        at++;
    if (number && (at == f->end || !wordy(t.p[at]) || wordy(t.p[at - 1])))
        return false;
    f->start = (uint32_t)at;
    return true;
}

/* "W156N8480": the letter of a house in Wisconsin's grid, before its digits. */
static void take_grid_letter(struct span t, size_t from, struct finding *f)
{
    size_t at = f->start, i = at;
    if (at <= from || !memchr("NSEW", t.p[at - 1], 4) || (at > 1 && wordy(t.p[at - 2])))
        return;
    while (is_digit(byte_at(t, i)))
        i++;
    if (i > at && byte_at(t, i) && memchr("NSEW", t.p[i], 4) && is_digit(byte_at(t, i + 1)))
        f->start--;
}

/* "C838N92N8 gültig bis 2031": a place whose first word is a number of a document. */
static bool begins_as_id(struct span t, const struct finding *f)
{
    enum { LEAST = 7, DIGITS_LEAST = 4 };
    size_t at = f->start, start = at, digits = 0, small = 0;
    bool word = is_letter(t.p[at]) && at + 1 < f->end && (uint8_t)(t.p[at + 1] - 'a') < 26;
    if (word)
        return false; /* most: numbers have no small letters */
    size_t least = DIGITS_LEAST + (f->rule != NER_RULE_STREET); /* C1043AAZ */
    while (start && (is_digit(t.p[start - 1]) || is_letter(t.p[start - 1])))
        start--;
    for (at = start; at < f->end && (is_digit(t.p[at]) || is_letter(t.p[at])); at++) {
        digits += is_digit(t.p[at]);
        small += t.p[at] >= 'a';
    }
    bool grid = memchr("NSEW", t.p[start], 4) != NULL; /* W156N8480 */
    return at - start >= LEAST && digits >= least && digits < at - start && !small && !grid;
}

/* "No. 45/2": the word before the house's number it begins with; `from`: what stands before it is
 * another's. */
static void take_house_word(struct span t, size_t from, struct finding *f)
{
    size_t at = f->start;
    if (!at || t.p[at - 1] != ' ')
        return;
    size_t word = --at;
    while (word > from && at - word < 8 && (is_letter(t.p[word - 1]) || t.p[word - 1] == '.'))
        word--;
    if (one_of(span_cut(t, word, at - word), house_words, COUNT(house_words)))
        f->start = (uint32_t)word;
}

/* The end of the postcode that the finding ends within, "stockport sk" of "stockport sk7 4rd"; 0
 * when it does not. */
static size_t cut_code_end(struct span t, const struct finding *f)
{
    size_t at = f->end;
    if (!is_digit(byte_at(t, at)))
        return 0; /* most */
    while (at > f->start && f->end - at < 3 && is_letter(t.p[at - 1]))
        at--;
    if (at > f->start && wordy(t.p[at - 1]))
        return 0;
    size_t end = place_code_end(t, at);
    return end > f->end ? end : 0;
}

/* "ISO 27001": three capitals are a norm's, or whose it is, more often than a town's. */
static bool is_norm(struct span name)
{
    bool capitals = name.n == 3;
    for (size_t i = 0; i < name.n && capitals; i++)
        capitals = (uint8_t)(name.p[i] - 'A') < 26;
    return capitals;
}

/* "12345 units", "10000 people": digits that count what is behind them. */
static bool counts(struct span t, size_t end)
{
    static const char *const many[] = {"people", "men", "women", "children", "km", "m", "ms", "of"};
    size_t at = end + 1, e = at;
    if (byte_at(t, end) != ' ')
        return false;
    while (e - at < 20 && (uint8_t)(byte_at(t, e) - 'a') < 26)
        e++;
    return !wordy(byte_at(t, e)) && ((e - at > 3 && t.p[e - 1] == 's') ||
                                     one_of(span_cut(t, at, e - at), many, COUNT(many)));
}

/* The postcode behind the place that ends at `from`, "Pune 411001": where it begins, and *end. 0
 * when there is none. */
static size_t code_behind(struct span t, size_t from, size_t *end)
{
    size_t at = from + (byte_at(t, from) == ',');
    if (byte_at(t, at) != ' ')
        return 0;
    at++;
    if (!is_digit(byte_at(t, at)) && !is_digit(byte_at(t, at + 1)) && !is_digit(byte_at(t, at + 2)))
        return 0; /* most */
    size_t behind = place_code_end(t, at);
    if (behind == at && at == from + 1)
        behind = place_short_code_end(t, at);
    if (behind == at || counts(t, behind))
        return 0;
    *end = behind;
    return at;
}

/* Does the line before `at` name a postcode: "PLZ/Ort:", "Postnr og by:"? */
static bool code_said(struct span t, size_t at)
{
    enum { LABEL_BYTES = 40 };
    static const char *const says[] = {"plz", "post", "pcode", "zip", "cap", "cp", "pin", "kod"};
    size_t from = at;
    while (from && at - from < LABEL_BYTES && t.p[from - 1] != '\n')
        from--;
    for (size_t i = 0; i < COUNT(says); i++)
        for (size_t k = from, n = strlen(says[i]); k + n < at; k++)
            if ((k == from || !wordy(t.p[k - 1])) &&
                span_eq_nocase(span_cut(t, k, n), span_str(says[i])))
                return true;
    return false;
}

/* The postcode before the town that begins at `town`, "PLZ/Ort: 79098 Freiburg": where it begins,
 * `town` when there is none. Four digits want their label, too. */
static size_t code_before(struct span t, size_t from, size_t town)
{
    size_t at = town - (town > from), end = at;
    if (end == town || t.p[end] != ' ')
        return town;
    while (at > from && end - at < 8 && (is_digit(t.p[at - 1]) || t.p[at - 1] == '-'))
        at--;
    if (end - at < 4)
        return town; /* most */
    bool five = end - at == 5 || (end - at == 6 && t.p[at + 2] == '-');
    uint8_t sign = at > 1 && t.p[at - 1] == ' ' ? t.p[at - 2] : 0;
    bool begins = !at || t.p[at - 1] == '\n' || sign == ':' || sign == ',';
    if (!is_digit(t.p[at]) || !(five || end - at == 4) || !begins)
        return town;
    return (five && sign != ':') || code_said(t, at) ? at : town;
}

/* Take the postcode behind a street or a town, unless it reaches past `to`, where another finding
 * begins. */
static struct err take_code(struct span t, size_t to, struct finding *f, struct findings *added)
{
    struct finding code = *f;
    size_t end = cut_code_end(t, f), at = 0;
    if (!end)
        at = code_behind(t, f->end, &end);
    if (!end || end > to || (at && is_norm(span_cut(t, f->start, f->end - f->start))))
        return OK;
    if (!at || f->rule == NER_RULE_STREET) {
        f->end = (uint32_t)end;
        return OK;
    }
    code.start = (uint32_t)at;
    code.end = (uint32_t)end;
    code.entity = ENTITY_ZIP_CODE;
    return findings_add(added, code);
}

static struct err add_code_before(struct span t, size_t from, const struct finding *f,
                                  struct findings *added)
{
    struct finding code = *f;
    size_t at = f->start > from ? code_before(t, from, f->start) : f->start;
    if (at == f->start)
        return OK; /* most */
    code.start = (uint32_t)at;
    code.end = f->start - 1;
    code.entity = ENTITY_ZIP_CODE;
    return findings_add(added, code);
}

/* What stands between the lines of an address. */
static bool between(uint8_t c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n';
}

/* "19 Cedar Close\nCity\nExeter": a form's label stands between the lines of an address. *f ends
 * before the first; what is behind it is *rest, a finding of its own. False: there is none. */
static bool cut_at_label(struct span t, struct finding *f, struct finding *rest)
{
    struct span whole = span_cut(t, 0, f->end);
    size_t line = span_find(whole, f->start, '\n');
    while (line < whole.n) {
        size_t next = span_find(whole, line + 1, '\n');
        size_t end = next - (next > line + 1 && t.p[next - 1] == '\r');
        struct span label = span_cut(t, line + 1, end - line - 1);
        if (is_form_word(label)) {
            *rest = *f;
            f->end = (uint32_t)line;
            while (f->end > f->start + 1 && between(t.p[f->end - 1]))
                f->end--;
            while (next < whole.n && between(t.p[next]))
                next++;
            rest->start = (uint32_t)next;
            return next < whole.n;
        }
        line = next;
    }
    return false;
}

/* The lines of a street between labels, each a finding, and the postcode behind the last. */
static struct err mend_behind(struct span t, size_t to, struct finding *f, struct findings *added)
{
    struct finding rest;
    while (f->rule == NER_RULE_STREET && cut_at_label(t, f, &rest)) {
        TRY(findings_add(added, rest));
        f = &added->v[added->n - 1];
    }
    return take_code(t, to, f, added);
}

/* A name between what ends at `from` and `to`. False: it is none. */
static bool mend_name(struct span t, size_t from, size_t to, struct finding *f)
{
    if (is_label(t, f) || !cut_number(t, f) || name_is_label(t, f) || !name_in_form(t, f))
        return false;
    f->end = (uint32_t)name_whole_end(t, f, to);
    if (byte_at(t, f->end) == '^' || (f->start && t.p[f->start - 1] == '^'))
        name_take_parts(t, f, from, to);
    name_cut(t, f);
    cut_head(t, f);
    return !everyday_may(t.p[f->start]) || everyday_cut(t, f);
}

/* "22 rue des" of "22 rue des martyrs": no street ends in an article. The end with the word behind
 * it. */
static size_t behind_article(struct span t, const struct finding *f)
{
    static const char *const articles[] = {"de",  "du", "des", "la", "le", "les",
                                           "del", "di", "da",  "do", "dos"};
    size_t at = word_start(t, f->start, f->end), end = f->end + 1;
    if (byte_at(t, f->end) != ' ' || at == f->start || f->end - at > 3 || t.p[at] < 'a' ||
        !one_of(span_cut(t, at, f->end - at), articles, COUNT(articles)))
        return f->end; /* most */
    while (in_word(byte_at(t, end)))
        end++;
    return end > f->end + 3 ? end : f->end;
}

/* The start of a place behind what ends at `from`. False: it is none. */
static bool mend_place(struct span t, size_t from, struct finding *f)
{
    bool street = f->rule == NER_RULE_STREET;
    if (is_label(t, f) || (street ? is_numbers(t, f) : is_of_norms(t, f) || is_of_firm(t, f)))
        return false;
    if (street)
        f->end = (uint32_t)behind_article(t, f);
    cut_head(t, f);
    if (begins_as_id(t, f))
        return false;
    if (is_digit(byte_at(t, f->start))) {
        take_house_word(t, from, f);
        take_grid_letter(t, from, f);
    }
    return true;
}

struct err place_mend(struct span text, struct findings *added, struct findings *out, size_t first)
{
    size_t kept = first, from = 0; /* where the finding before ends */
    added->n = 0;
    for (size_t i = first; i < out->n; i++) {
        struct finding f = out->v[i];
        size_t to = i + 1 < out->n ? out->v[i + 1].start : text.n;
        if ((f.entity == ENTITY_PERSON && !mend_name(text, from, to, &f)) ||
            (f.entity == ENTITY_LOCATION && !mend_place(text, from, &f)))
            continue;
        out->v[kept++] = f;
        from = f.end;
    }
    out->n = kept;
    from = 0;
    for (size_t i = first; i < kept; i++) {
        size_t to = i + 1 < kept ? out->v[i + 1].start : text.n;
        if (out->v[i].entity == ENTITY_LOCATION) {
            TRY(add_code_before(text, from, &out->v[i], added));
            TRY(mend_behind(text, to, &out->v[i], added));
        }
        from = out->v[i].end;
    }
    if (added->n)
        TRY(findings_merge(out, first, added));
    place_lines(text, out, first);
    return OK;
}
