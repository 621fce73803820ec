/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letters of all scripts from two tables and one list of ranges (letters_table.h, generated).
 * Called for every byte at or above 0x80 by way of its code point; ASCII never comes here.
 */
#include "letters.h"

#include "letters_table.h"

#include <stddef.h>

static bool in_ranges(uint32_t cp)
{
    size_t lo = 0, hi = sizeof letters_not / sizeof letters_not[0];
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (cp < letters_not[mid][0])
            hi = mid;
        else if (cp > letters_not[mid][1])
            lo = mid + 1;
        else
            return true;
    }
    return false;
}

static uint32_t from_table(uint16_t e)
{
    return (uint32_t)(e & 0x7fff) | (e & 0x8000 ? LETTERS_UPPER : 0);
}

uint32_t letters_fold(uint32_t cp)
{
    if (cp < 0x80) {
        uint32_t low = cp | 0x20;
        if (low - 'a' >= 26)
            return 0;
        return low == cp ? cp : low | LETTERS_UPPER;
    }
    if (cp < 0x600)
        return from_table(letters_low[cp - 0x80]);
    if (cp >= 0x1e00 && cp < 0x2000)
        return from_table(letters_more[cp - 0x1e00]);
    if (cp - 0xff21 < 26) /* full-width capitals */
        return (cp - 0xff21 + 'a') | LETTERS_UPPER;
    if (cp - 0xff41 < 26)
        return cp - 0xff41 + 'a';
    if (cp == 0xfffd || (cp >= 0xd800 && cp < 0xe000) || cp > 0x10ffff || in_ranges(cp))
        return 0;
    return cp;
}
