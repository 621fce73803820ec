/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places on the globe: decimal degrees right behind a word that names them ("lat": 52.52001), or a
 * pair with one near by (coordinates: 48.85837, 2.29448); without such a word it is any number, and
 * code and data are full of pairs of those. Degrees, minutes and seconds with a point of the
 * compass need no word: 52.52001° N, 52°31'12.0"N, 52 deg 31' 12.00" N, N 52° 31.2'. Called for a
 * number with a fraction, or that a sign or word of degrees follows.
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

/* ---- with a point of the compass ---- */

/* What a sign behind a number says that it counts, from the largest on. */
enum unit { UNIT_DEGREES, UNIT_MINUTES, UNIT_SECONDS, UNITS };
static const struct {
    const char *sign;
    enum unit unit;
} signs[] = {{"\xC2\xB0", UNIT_DEGREES},
             {"\xC2\xBA", UNIT_DEGREES},
             {" deg", UNIT_DEGREES},
             {"''", UNIT_SECONDS},
             {"'", UNIT_MINUTES},
             {"\"", UNIT_SECONDS},
             {"\xE2\x80\xB2", UNIT_MINUTES},
             {"\xE2\x80\xB3", UNIT_SECONDS},
             {"\xE2\x80\x99", UNIT_MINUTES},
             {"\xE2\x80\x9D", UNIT_SECONDS}};

/* The bytes of the sign of `unit` at `at`, 0 for none. */
static size_t sign_at(struct span t, size_t at, enum unit unit)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign);
        if (span_is(span_cut(t, at, n), signs[i].sign))
            return signs[i].unit == unit ? n : 0;
    }
    return 0;
}

/* The end of a number of up to three digits, perhaps with a fraction, and its sign; `at` for none.
 */
static size_t part_end(struct span t, size_t at, enum unit unit)
{
    size_t i = at;
    unsigned whole = 0;
    for (; i - at < 3 && is(peek(t, i), C_DIGIT); i++)
        whole = whole * 10 + (unsigned)(t.p[i] - '0');
    if (i == at || whole > (unit == UNIT_DEGREES ? 180 : 59))
        return at;
    if (peek(t, i) == '.')
        for (size_t point = i++; i - point <= DECIMALS_MAX && is(peek(t, i), C_DIGIT); i++)
            ;
    size_t sign = sign_at(t, i, unit);
    return sign ? i + sign : at;
}

static bool is_compass(struct span t, size_t at)
{
    uint8_t c = peek(t, at);
    return c && memchr("NSEWO", c, 5) && !is(prev(t, at), C_WORD) &&
           !is(peek(t, at + 1), C_LETTER | C_HIGH);
}

/* The end of the degrees at `at`, of one point of the compass before or behind them; 0 for none. */
static size_t compass_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t start = at, end = at, parts = 0;
    for (enum unit unit = UNIT_DEGREES; unit < UNITS; unit++) {
        size_t from = end + (parts && peek(t, end) == ' '), to = part_end(t, from, unit);
        if (to == from)
            break;
        end = to;
        parts++;
    }
    if (parts == 0 || (parts == 1 && degrees_end(t, at, 180) == at)) /* turn 90° W */
        return 0;
    size_t letter = end + (peek(t, end) == ' '), before = at - (at && t.p[at - 1] == ' ');
    bool leads = before && is_compass(t, before - 1) && parts > 1, trails = is_compass(t, letter);
    bool apart = letter > end && before < at; /* N 52° 31.2' E 13° 24.5': E is the next one's */
    bool more = peek(t, letter + 1) == ' ' && is(peek(t, letter + 2), C_DIGIT);
    if (!leads && !trails)
        return 0;
    if (leads && (apart || !trails))
        start = before - 1;
    if (trails && !(leads && apart && more))
        end = letter + 1;
    scan_emit(p, ENTITY_GEO_COORDINATE, start, end, 2.5F, 0);
    return end;
}

size_t geo_read(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t took = probe_wants(p, ENTITY_GEO_COORDINATE) ? compass_read(p, at) : 0;
    if (took)
        return took;
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
