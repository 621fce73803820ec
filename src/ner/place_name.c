/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names beside forms: what labels a number ("TC Kimlik No", "CUIL") is nobody's name, a label glued
 * to a name is none of it ("Sigrid NyholmTo:"), and what stands before a title is not the name's
 * ("rappeler M. Garnier"). Called for each name that the model found.
 */
#include "place_int.h"

/* Words that label numbers and fields, as no name has them. */
static const char *const labels[] = {
    "aadhaar",  "kimlik",   "pesel",        "cuil",      "cuit",      "cnpj",         "soyadı",
    "soyad",    "passport", "paspoort",     "reisepass", "vorname",   "nachname",     "telefon",
    "telefoon", "telefone", "teléfono",     "email",     "nummer",    "número",       "numero",
    "codice",   "fiscale",  "geburtsdatum", "adresse",   "dirección", "personnummer", "rechnung"};
/* The same where they are not written as names are: "CNP", "iban". */
static const char *const brief[] = {"cnp", "iban", "nif", "dni",  "cpf", "curp", "bsn",
                                    "abn", "acn",  "tfn", "itin", "ssn", "ahv",  "nhs"};
/* ... and where capitals tell them from names. */
static const char *const capitals[] = {"nik", "iva", "rut", "nino"};
/* The second letters of all by the first, and the third; those of two bytes count as bytes. */
static const struct {
    uint32_t second, third;
} letters[32] = {['A' & 31] = {LETTER('a') | LETTER('b') | LETTER('c') | LETTER('d') | LETTER('h'),
                               LETTER('d') | LETTER('n') | LETTER('r') | LETTER('v')},
                 ['B' & 31] = {LETTER('s'), LETTER('n')},
                 ['C' & 31] = {LETTER('n') | LETTER('o') | LETTER('p') | LETTER('u'),
                               LETTER('d') | LETTER('f') | LETTER('i') | LETTER('p') | LETTER('r')},
                 ['D' & 31] = {LETTER('i') | LETTER('n'), LETTER('i') | LETTER('r')},
                 ['E' & 31] = {LETTER('m'), LETTER('a')},
                 ['F' & 31] = {LETTER('i'), LETTER('s')},
                 ['G' & 31] = {LETTER('e'), LETTER('b')},
                 ['I' & 31] = {LETTER('b') | LETTER('t') | LETTER('v'), LETTER('a') | LETTER('i')},
                 ['K' & 31] = {LETTER('i'), LETTER('m')},
                 ['N' & 31] = {LETTER('a') | LETTER(0xC3) | LETTER('h') | LETTER('i') | LETTER('u'),
                               LETTER('c') | LETTER('f') | LETTER('k') | LETTER('m') | LETTER('n') |
                                   LETTER('s') | LETTER(0xBA)},
                 ['P' & 31] = {LETTER('a') | LETTER('e'), LETTER('r') | LETTER('s')},
                 ['R' & 31] = {LETTER('e') | LETTER('u'), LETTER('c') | LETTER('i') | LETTER('t')},
                 ['S' & 31] = {LETTER('o') | LETTER('s'), LETTER('n') | LETTER('y')},
                 ['T' & 31] = {LETTER('e') | LETTER('f'), LETTER('l') | LETTER('n')},
                 ['V' & 31] = {LETTER('o'), LETTER('r')}};
static const char *const titles[] = {"m",    "mr",   "mrs", "ms",  "mme", "mlle", "dr",
                                     "herr", "frau", "sr",  "sra", "sig", "mevr", "dhr"};
static const char *const glued[] = {"To",    "From", "Cc",  "Date",    "Subject", "Phone",
                                    "Email", "Tel",  "DOB", "Address", "Name",    "Status"};

/* The word at or behind `at` before `to`, empty at the end. */
static struct span next_word(struct span t, size_t at, size_t to)
{
    while (at < to && !in_word(t.p[at]))
        at++;
    size_t end = at;
    while (end < to && in_word(t.p[end]))
        end++;
    return span_cut(t, at, end - at);
}

static bool is_small(uint8_t c)
{
    return (uint8_t)(c - 'a') < 26;
}

static bool has_small(struct span s)
{
    size_t i = 0;
    while (i < s.n && !is_small(s.p[i]))
        i++;
    return i < s.n;
}

/* May a word that begins at p be a label, by its first three letters? In the lowest bit. */
static uint32_t may_begin(const uint8_t *p)
{
    return letters[p[0] & 31].second >> (p[1] & 31) & letters[p[0] & 31].third >> (p[2] & 31);
}

/* Of eight bytes, the top bit of each that is in a word. */
static inline uint64_t in_words8(uint64_t v)
{
    const uint64_t top = 0x8080808080808080ULL;
    return (letters_not8(v) ^ top) | (v & top);
}

/* Of the eight bytes at `at`, a bit for each that is in a word. */
static inline uint32_t word_bits(struct span t, size_t at)
{
    const uint64_t gather = 0x0102040810204080ULL;
    uint64_t v = eight_bytes(t, at < t.n ? at : t.n);
    return (uint32_t)((in_words8(v) >> 7) * gather >> 56);
}

/* May a word of the name at [at, end) be a label? Nearly all names have no more words than are
 * asked at once: where they begin, and how many there are, cannot be guessed. Where there are fewer
 * the first byte is asked again, which may be no word's: a wrong yes is no harm. */
static bool may_hold_label(struct span t, size_t at, size_t end)
{
    enum { BYTES = 16, WORDS = 3, ALL = (1 << BYTES) - 1 };
    uint32_t may = 0, before = 0; /* is the byte before in a word? */
    for (; at + 2 < end; at += BYTES) {
        size_t left = end - 2 - at; /* where a word of three letters may begin */
        uint32_t in = word_bits(t, at) | word_bits(t, at + 8) << 8;
        uint32_t starts = in & ~(in << 1 | before) & (left < BYTES ? (1U << left) - 1 : ALL);
        const uint8_t *p = t.p + at;
        before = in >> (BYTES - 1);
#pragma GCC unroll 3
        for (unsigned k = 0; k < WORDS; k++, starts &= starts - 1)
            may |= may_begin(p + __builtin_ctz(starts | 1U << BYTES) % BYTES);
        for (; starts; starts &= starts - 1)
            may |= may_begin(p + __builtin_ctz(starts));
    }
    return may & 1;
}

bool name_is_label(struct span t, const struct finding *f)
{
    struct span value = span_cut(t, f->start, f->end - f->start), word;
    if (!may_hold_label(t, f->start, f->end))
        return false; /* most */
    for (size_t at = f->start; (word = next_word(t, at, f->end)).n;
         at = (size_t)(word.p - t.p) + word.n) {
        if (word.n < 3 || !(may_begin(word.p) & 1))
            continue;
        if (one_of(word, labels, COUNT(labels)))
            return true;
        bool as_name = word.n > 1 && !is_small(word.p[0]) && is_small(word.p[1]);
        bool alone = word.n == value.n;
        bool loud = word.n > 1 && !is_small(word.p[0]) && !as_name;
        if (!as_name && (alone || has_small(value)) &&
            (one_of(word, brief, COUNT(brief)) ||
             (loud && one_of(word, capitals, COUNT(capitals)))))
            return true;
    }
    return false;
}

/* "de rappeler M. Thibault Garnier": where the name begins behind a title that a small word stands
 * before; its start where there is none. */
static size_t behind_title(struct span t, const struct finding *f)
{
    struct span word, before = SPAN_NONE;
    size_t start = f->start;
    for (size_t at = start; (word = next_word(t, at, f->end)).n;
         at = (size_t)(word.p - t.p) + word.n) {
        struct span next = next_word(t, (size_t)(word.p - t.p) + word.n, f->end);
        if (next.n && before.n > 1 && is_small(before.p[0]) && one_of(word, titles, COUNT(titles)))
            start = (size_t)(next.p - t.p);
        before = word;
    }
    return start;
}

bool name_has_title(struct span t, const struct finding *f)
{
    size_t end = f->start;
    while (end && (t.p[end - 1] == ' ' || t.p[end - 1] == '.'))
        end--;
    size_t at = word_start(t, 0, end);
    return end < f->start && one_of(span_cut(t, at, end - at), titles, COUNT(titles));
}

void name_cut(struct span t, struct finding *f)
{
    if (is_small(t.p[f->start]))
        f->start = (uint32_t)behind_title(t, f);
    if (byte_at(t, f->end) != ':')
        return; /* most */
    for (size_t i = 0; i < COUNT(glued); i++) {
        size_t n = strlen(glued[i]), at = f->end - n;
        if (f->end - f->start > n + 2 && span_is(span_cut(t, at, n), glued[i]) &&
            is_small(t.p[at - 1]))
            f->end = (uint32_t)at;
    }
}
