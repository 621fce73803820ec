/* SPDX-License-Identifier: Apache-2.0 */
/* The span operations that are too long to stand inline. */
#define _GNU_SOURCE
#include "span.h"

bool span_eq_nocase(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    return true;
}

bool span_is_nocase(struct span s, const char *text)
{
    for (size_t i = 0; i < s.n; i++)
        if (text[i] == 0 || ascii_lower(s.p[i]) != ascii_lower((uint8_t)text[i]))
            return false;
    return text[s.n] == 0;
}

size_t span_find(struct span s, size_t from, uint8_t c)
{
    if (from >= s.n)
        return s.n;
    const uint8_t *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : s.n;
}

size_t span_search(struct span s, size_t from, struct span needle)
{
    if (from > s.n || needle.n == 0)
        return from > s.n ? s.n : from;
    if (s.n - from < needle.n)
        return s.n;
    /* few bytes of a line: what the C library's search prepares costs more than it saves */
    enum { SHORT = 1024, SHORT_NEEDLE = 32 };
    if (s.n - from > SHORT || needle.n > SHORT_NEEDLE) {
        const uint8_t *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
        return hit ? (size_t)(hit - s.p) : s.n;
    }
    const uint8_t *at = s.p + from, *stop = s.p + s.n - needle.n + 1;
    for (; at < stop && (at = memchr(at, needle.p[0], (size_t)(stop - at))); at++)
        if (!memcmp(at, needle.p, needle.n))
            return (size_t)(at - s.p);
    return s.n;
}

int span_cmp(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c;
    return (a.n > b.n) - (a.n < b.n);
}

struct span span_trim(struct span s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = span_from(s, 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

bool span_eq_const_time(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    volatile uint8_t diff = 0;
    for (size_t i = 0; i < a.n; i++)
        diff = (uint8_t)(diff | (a.p[i] ^ b.p[i]));
    return diff == 0;
}
