/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streets behind their house's number, as address.c asks for them: "34 chemin des Vignes", "5799 N
 * Franklin View Way", "11840 State Route 41". Frequent is the refusal, a word or two on.
 */
#include "address_int.h"

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

/* Where the digits that end at `end` begin. */
static size_t digits_start(struct span t, size_t end)
{
    size_t at = end;
    while (at && end - at < 6 && is(t.p[at - 1], C_DIGIT))
        at--;
    return at;
}

/* Has the number before `end` three digits and more, and is no year? */
static bool long_house(struct span t, size_t end)
{
    size_t at = digits_start(t, end);
    return end - at >= 3 && !address_year(t, at);
}

/* ... nor round: few other numbers stand before a name. */
static bool large_house(struct span t, size_t end)
{
    return long_house(t, end) && memcmp(t.p + end - 2, "00", 2) != 0;
}

bool address_one_word(struct span word, const char *const *of, size_t n)
{
    uint8_t first = word.n ? ascii_lower(word.p[0]) : 0;
    for (size_t i = 0; i < n; i++)
        if (first == ascii_lower((uint8_t)of[i][0]) && span_is_nocase(word, of[i]))
            return true;
    return false;
}

/* "County Road 12", "State Route 41", "Hwy 290 E", "FM 1960 W", "County Road G" at `at`, behind the
 * house's number that ends at `house`: the end, 0 when it is none. */
static size_t road_with_number(const struct probe *p, size_t house, size_t at)
{
    static const char *const of[] = {"county", "state",  "us",       "old",   "farm",
                                     "ranch",  "forest", "township", "rural", "private"};
    static const char *const roads[] = {"road", "rd", "route", "rte", "highway", "hwy"};
    static const char *const alone[] = {"route", "highway", "hwy"}; /* as near.c has them */
    static const char *const brief[] = {"fm", "cr", "sr"};          /* "104 FM 98" is a radio's */
    enum { NUMBER_MOST = 4 };
    struct span t = p->text;
    if (!memchr("csuofrtph", ascii_lower(peek(t, at)), 9))
        return 0; /* none of them */
    size_t first = at, e = word_end(t, at);
    for (unsigned k = 0; k < 2 && peek(t, e) == ' ' &&
                         address_one_word(span_cut(t, at, e - at), of, sizeof of / sizeof *of);
         k++) {
        at = e + 1;
        e = word_end(t, at);
    }
    struct span word = span_cut(t, at, e - at);
    size_t number = e + 1, end = word_end(t, number);
    bool road = at > first ? address_one_word(word, roads, sizeof roads / sizeof *roads)
                           : address_one_word(word, alone, sizeof alone / sizeof *alone) ||
                                 ((house - digits_start(t, house) > 3 || end - number > 2) &&
                                  address_one_word(word, brief, sizeof brief / sizeof *brief));
    if (at == first && !long_house(t, house)) /* "take 2 Route 66 signs", "1995 Highway 61" */
        return 0;
    if (!road || peek(t, e) != ' ' || end == number || end - number > NUMBER_MOST ||
        !(is(t.p[number], C_DIGIT) || (end - number == 1 && is(t.p[number], C_UPPER))))
        return 0;
    size_t side = word_end(t, end + 1);
    return peek(t, end) == ' ' && side - end <= 3 && word_is(p, end + 1, side, CUE_DIRECTION) ? side
                                                                                              : end;
}

/* Behind a street of Korea: " 29-gil". */
static size_t lane_end(struct span t, size_t at)
{
    size_t e = word_end(t, at + 1);
    bool lane = peek(t, at) == ' ' && is(peek(t, at + 1), C_DIGIT) && e > at + 5 &&
                span_is(span_cut(t, e - 4, 4), "-gil");
    return lane ? e : at;
}

/* Behind a street of Singapore: " 11" of "Tampines Street 11 #26-64"; `at` where none is. */
static size_t numbered_street_end(struct span t, size_t at)
{
    size_t number = peek(t, at) == ' ' && is(peek(t, at + 1), C_DIGIT) ? word_end(t, at + 1) : at;
    bool unit = number - at <= 3 && peek(t, number) == ' ' && peek(t, number + 1) == '#';
    return unit ? number : at;
}

/* Where the next word of a street begins, a ward of Japan's behind a comma, too; `at` when none
 * does. */
static size_t next_word(struct span t, size_t at)
{
    size_t next = gap_end(t, at, false);
    if (next > at || peek(t, at) != ',')
        return next;
    next = gap_end(t, at, true);
    return eastern(t, next, word_end(t, next)) ? next : at;
}

/* "45th", "3rd" */
static bool ordinal(struct span t, size_t at, size_t end)
{
    return end - at > 2 && is(t.p[at], C_DIGIT) && is(t.p[end - 1], C_LOWER) &&
           is(t.p[end - 2], C_LOWER);
}

/* "1200 19th street vendors", "300 1st place prizes": in small letters a word that a street's name
 * ends in is mostly something else; does the sentence go on behind the one at [at, end)? */
static bool goes_on(const struct probe *p, size_t at, size_t end)
{
    enum { WORD_LEAST = 4 }; /* "in", "apt", "now" may follow a street */
    struct span t = p->text;
    size_t next = end + 1, e = next;
    if (end - at == 2 || peek(t, end) != ' ') /* "45th st" */
        return false;
    while (is(peek(t, e), C_LOWER))
        e++;
    return e - next >= WORD_LEAST && !says_unit(p, next, e) && address_tail_end(p, end) == end;
}

/* A street behind the number at [.., at): its end and how sure; 0 when there is none. `unit`: the
 * number is a flat's, and a comma or a line may stand before the street. */
size_t address_street_after(const struct probe *p, size_t at, bool unit, float *odds)
{
    struct span t = p->text;
    unsigned lines = 0;
    size_t i = unit ? place_gap(t, at, &lines) : gap_end(t, at, true), last = 0;
    if (i == at || lines > 1)
        return 0;
    size_t road = lines ? 0 : road_with_number(p, at, i), e = word_end(t, i);
    if (road) {
        *odds = ADDRESS_SURE;
        return road;
    }
    if (e - i == 3 && word_is(p, i, e, CUE_UNIT) && gap_end(t, e, false) > e) {
        i = gap_end(t, e, false); /* bis, ter */
        e = word_end(t, i);
    }
    unsigned before = word_is(p, i, e, CUE_STREET_BEFORE);
    bool comma = peek(t, at) == ',', lower = !capital(t, i) && !is(peek(t, i), C_DIGIT);
    if (comma && !before && !unit && (!capital(t, i) || !comma_house(p, at)))
        return 0;
    *odds = before == 2 ? 2.0F : 1.0F;
    bool directed = lower && !before && long_house(t, at) && word_is(p, i, e, CUE_DIRECTION) == 2;
    size_t first = i, first_end = e;
    size_t most = lower && !before ? 3 + directed : STREET_WORDS;
    for (size_t k = 0; k < most && e > i && e - at < STREET_BYTES; k++) {
        float sure = 0;
        unsigned type = k || eastern(t, i, e) ? street_type(p, i, e, &sure) : 0;
        directed |= lower && ordinal(t, i, e) && long_house(t, at); /* "2210 45th st" */
        if (type == 1 && (directed || ordinal(t, first, first_end)) && !capital(t, i) &&
            goes_on(p, i, e))
            return 0;
        if (type && (!lower || type == 2 || directed) && (!before || capital(t, i))) {
            if (lower && word_is(p, first, first_end, CUE_STREET) == 2)
                return 0; /* "5 lane highway" */
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
        if (last == e && type == 2)
            last = e = lane_end(t, e);
        if (last == e && numbered_street_end(t, e) > e)
            return numbered_street_end(t, e);
        size_t next = next_word(t, e);
        if (next == e)
            break;
        i = next;
        e = word_end(t, i);
    }
    return last;
}
