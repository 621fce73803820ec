/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of words "a|b|c", and the word that somebody probably meant. */
#include "conf.h"

enum { WORD_MAX = 64 };

struct span conf_word(const char *words, size_t i)
{
    struct span rest = span_str(words ? words : "");
    for (;; i--) {
        size_t end = span_find(rest, 0, '|');
        if (i == 0)
            return span_cut(rest, 0, end);
        if (end == rest.n)
            return SPAN_NONE;
        rest = span_from(rest, end + 1);
    }
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein with neighbours swapped, case ignored: insert, delete, replace, swap cost 1.
 */
static unsigned distance(struct span a, struct span b)
{
    unsigned row[3][WORD_MAX + 1];
    unsigned *two = row[0], *one = row[1], *now = row[2];
    for (unsigned k = 0; k <= b.n; k++)
        one[k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (unsigned)i;
        for (size_t k = 1; k <= b.n; k++) {
            uint8_t x = ascii_lower(a.p[i - 1]), y = ascii_lower(b.p[k - 1]);
            now[k] = least(least(one[k], now[k - 1]) + 1, one[k - 1] + (x != y));
            bool swapped =
                i > 1 && k > 1 && x == ascii_lower(b.p[k - 2]) && y == ascii_lower(a.p[i - 2]);
            if (swapped)
                now[k] = least(now[k], two[k - 2] + 1);
        }
        unsigned *spare = two;
        two = one;
        one = now;
        now = spare;
    }
    return one[b.n];
}

struct span conf_nearest(const char *words, struct span text)
{
    struct span best = SPAN_NONE, w;
    unsigned least_cost = (unsigned)(text.n / 3 > 0 ? text.n / 3 : 1) + 1;
    if (text.n == 0 || text.n > WORD_MAX)
        return best;
    for (size_t i = 0; (w = conf_word(words, i)).n; i++) {
        if (w.n > WORD_MAX)
            continue;
        unsigned cost = distance(text, w);
        if (cost < least_cost) {
            least_cost = cost;
            best = w;
        }
    }
    return best;
}
