/* SPDX-License-Identifier: Apache-2.0 */
/*
 * German number plates: one to three letters of a district, one or two more, one to four digits and
 * an E or H ("M-AB 1234", "WÜ QW 759H"). Too many ways to write for rows of shape.def. Called at
 * digits with capitals before them; much else looks like that, so only a word makes one a plate.
 */
#include "scan_int.h"

#include <math.h>

enum { DISTRICT_MAX = 3, SERIES_MAX = 2, DIGITS_MAX = 4, CHARACTERS_MAX = 8 };
#define PLATE_ODDS (-2.1F)

static bool dash_or_blank(uint8_t c)
{
    return c == ' ' || c == '-';
}

/* The start of up to `most` capitals that end at `end`, with Ä, Ö and Ü; *n is how many. */
static size_t capitals_before(struct span t, size_t end, size_t most, size_t *n)
{
    size_t at = end;
    for (*n = 0; *n < most && at; ++*n) {
        if (is(t.p[at - 1], C_UPPER))
            at--;
        else if (at >= 2 && t.p[at - 2] == 0xC3 && memchr("\x84\x96\x9C", t.p[at - 1], 3))
            at -= 2;
        else
            break;
    }
    return at;
}

size_t plate_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t digit = at, end, series, district;
    while (digit - at < SERIES_MAX && is(peek(t, digit), C_UPPER))
        digit++;
    for (end = digit; end - digit <= DIGITS_MAX && is(peek(t, end), C_DIGIT);)
        end++;
    if (end == digit || end - digit > DIGITS_MAX || t.p[digit] == '0')
        return 0;
    size_t characters = end - digit;
    end += peek(t, end) == 'E' || peek(t, end) == 'H';
    if (is(peek(t, end), C_WORD | C_HIGH))
        return 0;
    size_t gap = digit == at && at && dash_or_blank(t.p[at - 1]);
    size_t start = capitals_before(t, digit - gap, SERIES_MAX, &series);
    if (!series || !start || !dash_or_blank(t.p[start - 1]))
        return 0;
    start = capitals_before(t, start - 1, DISTRICT_MAX, &district);
    characters += series + district;
    if (!district || characters > CHARACTERS_MAX ||
        (start && is(t.p[start - 1], C_WORD | C_HIGH)) ||
        (p->sc->least[ENTITY_DE_KFZ] > PLATE_ODDS && !column_may(t, start) &&
         !cues_may(p, start, end, ENTITY_DE_KFZ)))
        return 0;
    float odds = PLATE_ODDS + probe_weight(p, start, end, ENTITY_DE_KFZ, false);
    return scan_emit(p, ENTITY_DE_KFZ, start, end, odds, 0) ? end : 0;
}
