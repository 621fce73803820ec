/* SPDX-License-Identifier: Apache-2.0 */
/* Random texts for the tests of expressions: repeatable numbers, and strings that end where they
 * must. */
#ifndef SANCTUM_TEST_REGEX_RANDOM_H
#define SANCTUM_TEST_REGEX_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint64_t seed = 88172645463325252ULL;

static unsigned pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

struct text {
    char b[512];
    size_t n;
};

static void put(struct text *t, const char *s)
{
    size_t n = strlen(s);
    if (t->n + n < sizeof t->b) {
        memcpy(t->b + t->n, s, n + 1);
        t->n += n;
    }
}

#endif
