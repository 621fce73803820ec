/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places on the globe: decimal degrees right behind a word that names them ("lat": 52.52001), or a
 * pair with one near by (coordinates: 48.85837, 2.29448). Called for a number with a fraction;
 * without such a word it is any number, and code and data are full of pairs of those.
 */
#include "scan_int.h"

enum { DECIMALS_MIN = 3, DECIMALS_MAX = 15, SIGNS_MAX = 6, NAME_MAX_BYTES = 12 };
#define PAIR_ODDS 2.0F /* a weak word right before it, or a strong one near by */

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

/* Does a word right before `at` name degrees of a single number (lat, lon, lng, longitude; not
 * location)? */
static bool named_alone(const struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t end = at;
    while (end && at - end < SIGNS_MAX && memchr(" :=\"'([", t.p[end - 1], 7))
        end--;
    size_t word = end;
    while (word && end - word < NAME_MAX_BYTES && is(t.p[word - 1], C_LETTER))
        word--;
    return end - word >= 3 && memchr("tng", ascii_lower(t.p[word + 2]), 3) &&
           cue_is(p->sc->cues, span_cut(t, word, end - word), ENTITY_GEO_COORDINATE);
}

/* Does a word around the pair [at, end)? */
static bool named_near(struct probe *p, size_t at, size_t end)
{
    return probe_weight(p, at, end, ENTITY_GEO_COORDINATE, false) >= PAIR_ODDS;
}

size_t geo_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t start = at - (prev(t, at) == '-'), end = degrees_end(t, at, 180);
    if (end == at || !probe_wants(p, ENTITY_GEO_COORDINATE))
        return 0;
    size_t next = end + (peek(t, end) == ',');
    next += peek(t, next) == ' ';
    size_t second = next > end ? degrees_end(t, next, 180) : next;
    if (second > next ? !named_near(p, start, second) : !named_alone(p, start))
        return 0;
    if (second > next)
        end = second;
    scan_emit(p, ENTITY_GEO_COORDINATE, start, end, 2.5F, 0);
    return end;
}
