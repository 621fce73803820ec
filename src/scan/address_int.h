/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of street addresses share: words as addresses have them, and what stands between
 * them. Private to address*.c.
 */
#ifndef SANCTUM_SCAN_ADDRESS_INT_H
#define SANCTUM_SCAN_ADDRESS_INT_H

#include "scan_int.h"
#include "utf8.h"

enum { STREET_WORDS = 6, STREET_BYTES = 80, HOUSE_MOST = 5 };
#define ADDRESS_SURE 1.6F /* log-odds of a street that one of the words for it names */

static inline bool wordy(uint8_t c)
{
    return is(c, C_WORD | C_HIGH) || c == '\'';
}

/* The apostrophe at `at` belongs to a word: 's-Gravenhage, St James' Road. Others close quotes. */
static inline bool apostrophe(struct span t, size_t at)
{
    uint8_t next = peek(t, at + 1);
    return is(next, C_WORD | C_HIGH) || (next == ' ' && prev(t, at) == 's');
}

/* The end of the word at `at`: letters, digits, apostrophes and inner dashes. */
static inline size_t word_end(struct span t, size_t at)
{
    size_t i = at;
    for (uint8_t c; i - at < 40; i++) {
        c = peek(t, i);
        if (is(c, C_WORD | C_HIGH) || (c == '\'' && apostrophe(t, i)))
            continue;
        if (c != '-' || i == at || !wordy(peek(t, i + 1)))
            break;
    }
    return i;
}

static inline bool capital(struct span t, size_t at)
{
    uint32_t cp;
    uint8_t c = peek(t, at);
    if (c < 0x80)
        return is(c, C_UPPER);
    utf8_next(t, at, &cp);
    /* Latin letters alternate; other scripts without case count as capitals. */
    return cp >= 0x370 || (cp >= 0xC0 && cp <= 0xDE) || (cp >= 0x100 && cp < 0x180 && !(cp & 1)) ||
           (cp >= 0x1E00 && cp < 0x1F00 && !(cp & 1));
}

static inline unsigned word_is(const struct probe *p, size_t at, size_t end, unsigned kind)
{
    return cue_is(p->sc->cues, span_cut(p->text, at, end - at), kind);
}

/* "Apt", "Suite", "Of." (but not "of"): does the word lead to a unit's number? */
static inline bool says_unit(const struct probe *p, size_t at, size_t end)
{
    return word_is(p, at, end, CUE_UNIT) &&
           (peek(p->text, end) == '.' || !span_is_nocase(span_cut(p->text, at, end - at), "of"));
}

/* One blank, comma and blank, or a dot and blank: where the next word begins; `at` when none. */
static inline size_t gap_end(struct span t, size_t at, bool comma)
{
    size_t i = at;
    if (peek(t, i) == '.' || (comma && peek(t, i) == ','))
        i++;
    if (peek(t, i) == ' ' && peek(t, i + 1) != ' ')
        i++;
    return i > at && (wordy(peek(t, i)) || peek(t, i) == '#') ? i : at;
}

/* Past commas, blanks and at most one line break. */
static inline size_t place_gap(struct span t, size_t at, unsigned *lines)
{
    size_t i = at;
    if (peek(t, i) == ';' && !strchr(" \r\n", peek(t, i + 1)))
        return at; /* a field ends */
    for (; i - at < 6 && peek(t, i) && strchr(" ,;\n\r-", t.p[i]); i++)
        *lines += t.p[i] == '\n';
    if (peek(t, i) == '\\' && peek(t, i + 1) == 'n') {
        ++*lines;
        i += 2; /* an escape that was left undecoded */
    }
    return i;
}

/* Is the word one of the n, whatever the case of ASCII? */
bool address_one_word(struct span word, const char *const *of, size_t n);

/* A street behind the number at [.., at): its end and how sure; 0 when there is none. `unit`: the
 * number is a flat's, and a comma or a line may stand before the street. */
size_t address_street_after(const struct probe *p, size_t at, bool unit, float *odds);

struct address_words {
    size_t start[STREET_WORDS], end[STREET_WORDS], n; /* nearest first */
};

/* Four digits at `at` that are rather a year than a house's number. */
static inline bool address_year(struct span t, size_t at)
{
    return is(peek(t, at + 3), C_DIGIT) && !is(peek(t, at + 4), C_DIGIT) &&
           (!memcmp(t.p + at, "19", 2) || !memcmp(t.p + at, "20", 2));
}

/* The words of an address that end right before `at`, at most `most` of them. */
void address_words_before(struct span t, size_t at, size_t most, struct address_words *w);
/* Where the street before the number at `at` begins; SIZE_MAX when there is none. */
size_t address_street_before(const struct probe *p, size_t at, float *odds);
/* "Vodičkova 123/4, 110 00 Praha": capitalised words, a house's number, a postcode and a place: an
 * address though no word says street. Where the words begin, SIZE_MAX when it is none. */
size_t address_before_postcode(const struct probe *p, size_t at, size_t house);

/* Past " #27B", ", Apt 92", ", 2ºD", " - apto 42" at `at`; `at` when there is none. */
size_t address_unit_end(const struct probe *p, size_t at);
/* Past the words of a place up to a postcode; `at` when none follows. */
size_t address_tail_end(const struct probe *p, size_t at);
/* The end of the town behind a postcode of digits that ends at `at` ("59803 Neustadt"); `at` when
 * there is none. */
size_t address_town_end(const struct probe *p, size_t at);

#endif
