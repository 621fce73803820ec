/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places on the globe: decimal degrees behind a word that names them ("lat": 52.52001, coordinates:
 * 48.85837, 2.29448). Called for a number with a fraction; without such a word right before it, it
 * is any number, and code and data are full of pairs of those.
 */
#include "scan_int.h"

enum { DECIMALS_MIN = 3, DECIMALS_MAX = 15, SIGNS_MAX = 6, NAME_MAX_BYTES = 12 };

/* The end of "-12.34567" at `at`, degrees up to `most`; `at` when there is none. */
static size_t degrees_end(struct span t, size_t at, unsigned most)
{
    size_t i = at + (peek(t, at) == '-'), from = i;
    unsigned whole = 0;
    for (; i - from < 3 && is(peek(t, i), C_DIGIT); i++)
        whole = whole * 10 + (unsigned)(t.p[i] - '0');
    if (i == from || whole > most || peek(t, i) != '.')
        return at;
    size_t point = i++;
    while (i - point <= DECIMALS_MAX && is(peek(t, i), C_DIGIT))
        i++;
    bool ends = !is(peek(t, i), C_WORD) && !(peek(t, i) == '.' && is(peek(t, i + 1), C_DIGIT));
    return i - point > DECIMALS_MIN && ends ? i : at;
}

/* Does a word right before `at` name degrees? *alone: it says so of a single number, too (lat, lon,
 * lng, longitude; not location). */
static bool named(const struct probe *p, size_t at, bool *alone)
{
    struct span t = p->text;
    size_t end = at;
    while (end && at - end < SIGNS_MAX && memchr(" :=\"'([", t.p[end - 1], 7))
        end--;
    size_t word = end;
    while (word && end - word < NAME_MAX_BYTES && is(t.p[word - 1], C_LETTER))
        word--;
    if (end - word < 3)
        return false;
    uint8_t third = ascii_lower(t.p[word + 2]);
    *alone = third == 't' || third == 'n' || third == 'g';
    return cue_is(p->sc->cues, span_cut(t, word, end - word), ENTITY_GEO_COORDINATE) != 0;
}

size_t geo_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t start = at - (prev(t, at) == '-'), end = degrees_end(t, at, 180);
    bool alone;
    if (end == at || !probe_wants(p, ENTITY_GEO_COORDINATE) || !named(p, start, &alone))
        return 0;
    size_t next = end + (peek(t, end) == ',');
    next += next > end && peek(t, next) == ' ';
    size_t second = next > end ? degrees_end(t, next, 180) : next;
    if (second > next)
        end = second;
    else if (!alone)
        return 0;
    scan_emit(p, ENTITY_GEO_COORDINATE, start, end, 2.5F, 0);
    return end;
}
