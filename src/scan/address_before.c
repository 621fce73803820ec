/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streets before their house's number, as address.c asks for them: "Lange Gasse 74", "Calle Mayor,
 * 5", "Slovenska cesta 55". Words are read backwards from the number; frequent is the refusal at
 * the first.
 */
#include "address_int.h"

void address_words_before(struct span t, size_t at, size_t most, struct address_words *w)
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

/* "Unter den Eichen", "An der Alster" */
static bool behind_article(struct span t, const struct address_words *w)
{
    static const char *const articles[] = {"den", "dem", "der"};
    return w->n > 2 && capital(t, w->start[0]) && t.p[w->end[1]] == ' ' && t.p[w->end[2]] == ' ' &&
           address_one_word(span_cut(t, w->start[1], w->end[1] - w->start[1]), articles,
                            sizeof articles / sizeof *articles) &&
           (prepositional(t, w->start[2], w->end[2]) ||
            span_is(span_cut(t, w->start[2], w->end[2] - w->start[2]), "In"));
}

/* "Norra", "Lange": does the word belong to the composed street behind it? */
static bool leads_street(struct span t, size_t s, size_t e)
{
    static const char *const words[] = {
        "Norra",  "Södra", "Östra",  "Västra", "Stora",  "Lilla", "Gamla", "Nya",   "Nordre",
        "Søndre", "Østre", "Vestre", "Store",  "Lille",  "Gamle", "Nye",   "Oude",  "Nieuwe",
        "Lange",  "Korte", "Kurze",  "Große",  "Kleine", "Alte",  "Neue",  "Obere", "Untere"};
    return address_one_word(span_cut(t, s, e - s), words, sizeof words / sizeof *words);
}

/* "Rothschild Blvd 45": a word for a street that nothing else has, its name before it, and a number
 * that is no year. */
static bool street_of_words(const struct probe *p, const struct address_words *w, size_t at)
{
    struct span t = p->text;
    return !address_year(t, at) && prev(t, at) == ' ' && w->n > 1 && w->end[0] + 1 == at &&
           capital(t, w->start[0]) && capital(t, w->start[1]) && t.p[w->end[1]] == ' ' &&
           word_is(p, w->start[0], w->end[0], CUE_STREET) == 2;
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
static size_t named_lower(const struct probe *p, const struct address_words *w, float *odds)
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

/* Does the word end with one of the n, behind `before` bytes and more? */
static bool ends_with_any(struct span word, size_t before, const char *const *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_ends(span_from(word, before), span_str(of[i])))
            return true;
    return false;
}

/* "weserstr. 61", "drottninggatan 8": composed in small letters, with the few ends that no other
 * word has. Programs have "outputstr 12": without its dot "str" wants one of the usual streets. */
static bool small_composed(struct span t, size_t s, size_t e)
{
    static const char *const ends[] = {"strasse", "straße", "straat", "gatan"};
    static const char *const usual[] = {"hauptstr",  "hofstr",  "bergstr",  "bachstr",
                                        "feldstr",   "waldstr", "kirchstr", "schulstr",
                                        "gartenstr", "burgstr", "parkstr"};
    static const char *const others[] = {"administr", "demonstr", "rekonstr", "illustr"};
    struct span word = span_cut(t, s, e - s);
    if (word.n < SMALL_STREET_LEAST || !is(word.p[0], C_LOWER) ||
        address_one_word(word, others, sizeof others / sizeof *others))
        return false;
    if (span_ends(word, SPAN_LIT("str")))
        return peek(t, e) == '.' || ends_with_any(word, 0, usual, sizeof usual / sizeof *usual);
    return ends_with_any(word, 3, ends, sizeof ends / sizeof *ends);
}

/* Where the street whose word is the k-th begins: "Gran Vía" with what stands before it. */
static size_t with_gran(struct span t, const struct address_words *w, size_t k)
{
    bool gran = k + 1 < w->n && span_is(span_cut(t, w->start[k + 1], 5), "Gran ");
    return w->start[k + gran];
}

/* Where the street before the number at `at` begins; SIZE_MAX when there is none. */
size_t address_street_before(const struct probe *p, size_t at, float *odds)
{
    struct span t = p->text;
    struct address_words w;
    size_t k = 0, said = number_word(t, at);
    bool numbered = said < at;
    at = said;
    address_words_before(t, at, STREET_WORDS, &w);
    if (!w.n)
        return SIZE_MAX;
    if (small_composed(t, w.start[0], w.end[0])) {
        *odds = 0.9F;
        return w.start[0];
    }
    if (!capital(t, w.start[0]) && !is(t.p[w.start[0]], C_DIGIT))
        return named_lower(p, &w, odds);
    if (k < w.n && composed(p, w.start[k], w.end[k])) {
        *odds = 2.0F;
        bool of_place = k + 1 < w.n && capital(t, w.start[k + 1]) && t.p[w.end[k + 1]] == ' ' &&
                        w.end[k + 1] - w.start[k + 1] > 4 &&
                        !memcmp(t.p + w.end[k + 1] - 2, "er", 2); /* Wiener Hauptstraße */
        if (k + 1 < w.n && t.p[w.end[k + 1]] == ' ')
            of_place |= leads_street(t, w.start[k + 1], w.end[k + 1]) ||
                        prepositional(t, w.start[k + 1], w.end[k + 1]);
        return w.start[k + of_place];
    }
    if (k + 1 < w.n && capital(t, w.start[k]) && capital(t, w.start[k + 1])) {
        bool suffix = word_is(p, w.start[k], w.end[k], CUE_STREET_SUFFIX) != 0;
        bool turkish = word_is(p, w.start[k], w.end[k], CUE_STREET) == 2 && numbered;
        bool last = word_is(p, w.start[k], w.end[k], CUE_STREET_LAST) == 2;
        *odds = prepositional(t, w.start[k + 1], w.end[k + 1]) ? 0.9F : 1.6F;
        if (suffix || turkish || last)
            return w.start[k + 1];
        if (prepositional(t, w.start[k + 1], w.end[k + 1])) {
            *odds = -0.2F;
            return w.start[k + 1];
        }
    }
    if (behind_article(t, &w)) {
        *odds = 0;
        return w.start[2];
    }
    if (street_of_words(p, &w, at)) {
        *odds = 1.0F;
        for (k = 1; k + 1 < w.n && capital(t, w.start[k + 1]) && t.p[w.end[k + 1]] == ' '; k++)
            ;
        return w.start[k];
    }
    bool named = false;
    for (; k < w.n; k++) {
        unsigned before = word_is(p, w.start[k], w.end[k], CUE_STREET_BEFORE);
        if (before && named) {
            *odds = before == 2 ? 2.0F : 1.2F;
            return with_gran(t, &w, k);
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
size_t address_before_postcode(const struct probe *p, size_t at, size_t house)
{
    struct span t = p->text;
    struct address_words w;
    size_t k = 0, code = house;
    if (peek(t, code) == ' ' && is(peek(t, code + 1), C_UPPER) && !is(peek(t, code + 2), C_WORD)) {
        code += 2; /* "12 A 3" */
        if (peek(t, code) == ' ' && address_digits(t, code + 1) > code + 1)
            code = address_digits(t, code + 1);
    }
    if (peek(t, code) != ',' || peek(t, code + 1) != ' ' ||
        (address_year(t, at) && address_year(t, code + 2)))
        return SIZE_MAX;
    size_t end = address_postcode(t, code + 2);
    if (!end || !(is(t.p[code + 2], C_DIGIT) || t.p[code + 3] == '-') || peek(t, end) != ' ' ||
        !capital(t, end + 1) || !is(peek(t, end + 1), C_UPPER | C_HIGH))
        return SIZE_MAX;
    address_words_before(t, at, 3, &w);
    while (k < w.n && capital(t, w.start[k]) && t.p[w.end[k]] == ' ' &&
           !word_is(p, w.start[k], w.end[k], CUE_MONTH) &&
           !word_is(p, w.start[k], w.end[k], CUE_COUNTER) &&
           !word_is(p, w.start[k], w.end[k], CUE_UNIT))
        k++;
    return k && w.end[0] - w.start[0] >= 4 ? w.start[k - 1] : SIZE_MAX;
}
