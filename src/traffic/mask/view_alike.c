/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters that look like, or count as, ASCII letters and digits: digits of other scripts, the
 * mathematical alphabets, raised and circled ones, and Cyrillic and Greek letters among Latin ones.
 * (Full-width forms and invisible characters are the scanner's own.) Called for characters outside
 * ASCII that may be such; a word that is Cyrillic or Greek throughout stays what it is.
 */
#include "view_int.h"

#include "utf8.h"

/* The zeros of scripts with digits of their own. */
static const uint16_t zeros[] = {0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66,
                                 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0,
                                 0x0f20, 0x1040, 0x17e0, 0x1810, 0x2070, 0x2080};

static const struct {
    uint16_t c;
    char ascii;
} letters[] = {
    {0x391, 'A'}, {0x392, 'B'}, {0x395, 'E'}, {0x396, 'Z'}, {0x397, 'H'}, {0x399, 'I'},
    {0x39a, 'K'}, {0x39c, 'M'}, {0x39d, 'N'}, {0x39f, 'O'}, {0x3a1, 'P'}, {0x3a4, 'T'},
    {0x3a5, 'Y'}, {0x3a7, 'X'}, {0x3b1, 'a'}, {0x3bd, 'v'}, {0x3bf, 'o'}, {0x3c1, 'p'},
    {0x405, 'S'}, {0x406, 'I'}, {0x408, 'J'}, {0x410, 'A'}, {0x412, 'B'}, {0x415, 'E'},
    {0x41a, 'K'}, {0x41c, 'M'}, {0x41d, 'H'}, {0x41e, 'O'}, {0x420, 'P'}, {0x421, 'C'},
    {0x422, 'T'}, {0x423, 'Y'}, {0x425, 'X'}, {0x430, 'a'}, {0x435, 'e'}, {0x43e, 'o'},
    {0x440, 'p'}, {0x441, 'c'}, {0x443, 'y'}, {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'},
    {0x458, 'j'}, {0x4bb, 'h'}, {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'},
};

static bool is_latin(uint8_t c)
{
    return ascii_is_letter(c) || ascii_is_digit(c);
}

/* Does the word around hold Latin letters next to the run of others that at..end is part of? */
static bool among_latin(struct span t, size_t at, size_t end)
{
    enum { RUN = 16 };
    for (size_t n = 0; end < t.n && t.p[end] >= 0x80 && n < RUN; n++)
        end++;
    for (size_t n = 0; at > 0 && t.p[at - 1] >= 0x80 && n < RUN; n++)
        at--;
    return (end < t.n && is_latin(t.p[end])) || (at > 0 && is_latin(t.p[at - 1]));
}

static uint8_t digit_or_mark(uint32_t c)
{
    if (c >= 0x2000 && c < 0x2070) /* dashes and quotes, the most frequent by far */
        return 0;
    if (c == 0xb9 || c == 0xb2 || c == 0xb3) /* the raised 1, 2 and 3 are Latin-1's */
        return c == 0xb9 ? '1' : (uint8_t)('2' + (c - 0xb2));
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10U)
            return (uint8_t)('0' + (c - zeros[i]));
    if (c >= 0x2460 && c <= 0x2468)
        return (uint8_t)('1' + (c - 0x2460));
    if (c >= 0x24b6 && c <= 0x24e9)
        return (uint8_t)(c < 0x24d0 ? 'A' + (c - 0x24b6) : 'a' + (c - 0x24d0));
    if (c >= 0x1d400 && c < 0x1d6a4)
        return (uint8_t)((c - 0x1d400) % 52 < 26 ? 'A' + (c - 0x1d400) % 26
                                                 : 'a' + (c - 0x1d400) % 26);
    return c >= 0x1d7ce && c <= 0x1d7ff ? (uint8_t)('0' + (c - 0x1d7ce) % 10) : 0;
}

bool view_alike_at(struct span t, size_t at, struct view_escape *e)
{
    uint32_t c;
    if ((t.p[at] & 0xc0) == 0x80)
        return false;
    size_t n = utf8_next(t, at, &c);
    uint8_t ascii = digit_or_mark(c);
    for (size_t i = 0; !ascii && c < 0x600 && i < sizeof letters / sizeof *letters; i++)
        if (letters[i].c == c && among_latin(t, at, at + n))
            ascii = (uint8_t)letters[i].ascii;
    if (!ascii)
        return false;
    e->n = (uint32_t)n;
    e->out[0] = ascii;
    e->out_n = 1;
    e->tells = true;
    e->names = ascii > '9';
    return true;
}
