/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of places share. Private to place*.c. */
#ifndef SANCTUM_NER_PLACE_INT_H
#define SANCTUM_NER_PLACE_INT_H

#include "letters.h"
#include "ner_int.h"

/* Words of a list. */
#define COUNT(a) (sizeof(a) / sizeof *(a))

static inline bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static inline bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* Is it a letter's byte, of any script? */
static inline bool in_word(uint8_t c)
{
    return is_letter(c) || c >= 0x80;
}

/* The start of the word that ends at `end`, not before `from`. */
static inline size_t word_start(struct span t, size_t from, size_t end)
{
    while (end > from && in_word(t.p[end - 1]))
        end--;
    return end;
}

/* Eight bytes of the text, zeros behind its end. */
static inline uint64_t eight_bytes(struct span t, size_t at)
{
    uint64_t v = 0;
    if (t.n - at >= sizeof v)
        memcpy(&v, t.p + at, sizeof v);
    else
        memcpy(&v, t.p + at, t.n - at);
    return v;
}

/* Is one of eight bytes c? Not 0 where it is. */
static inline uint64_t holds8(uint64_t v, uint8_t c)
{
    const uint64_t ones = 0x0101010101010101ULL, top = ones << 7;
    v ^= ones * c;
    return (v - ones) & ~v & top;
}

/* A bit for each letter: sets of second letters by the first refuse most words. */
#define LETTER(c) ((uint32_t)1 << ((c)&31))

/* The second and third letters of words by the first; those of two bytes count as bytes. */
struct begin {
    uint32_t second, third;
};

/* May the word be one of those the table was made of? Two letters refuse nearly all. */
static inline bool may_begin_as(const struct begin of[32], struct span word)
{
    if (word.n < 3)
        return false;
    struct begin b = of[word.p[0] & 31];
    return b.second >> (word.p[1] & 31) & b.third >> (word.p[2] & 31) & 1;
}

/* The end of the postcode at `at`, or `at`. */
size_t place_code_end(struct span t, size_t at);
/* The end of four digits that end a clause and are no year, or `at`. */
size_t place_short_code_end(struct span t, size_t at);

/* Is the name no more than what labels a number, "TC Kimlik No"? */
bool name_is_label(struct span t, const struct finding *f);
/* Take from the name what stands before a title and a label glued behind it. */
void name_cut(struct span t, struct finding *f);

/* Does a title stand right before the name, "Frau Kunde"? */
bool name_has_title(struct span t, const struct finding *f);

/* The end of the name with what a dash or an apostrophe joins to it, "Park Ji-sung"; not past
 * `most`. */
size_t name_whole_end(struct span t, const struct finding *f, size_t most);
/* Take the other parts of a name that HL7 writes, "WELLINGTON^MARCUS", between `from` and `to`. */
void name_take_parts(struct span t, struct finding *f, size_t from, size_t to);
/* Take from the name what a form prints behind it. False: it is a label, or nothing is left. */
bool name_in_form(struct span t, struct finding *f);

/* Take everyday words of Hebrew and Arabic from the name. False: it is made of them. */
bool everyday_cut(struct span t, struct finding *f);
static inline bool everyday_may(uint8_t first)
{
    return first >= 0xD7 && first <= 0xDB;
}

/* Join the parts of addresses around out->v[first..] that are places behind a comma. They stay in
 * order and apart. */
void place_lines(struct span text, struct findings *out, size_t first);

#endif
