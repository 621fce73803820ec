/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A span is borrowed bytes: pointer and length, never owned, never NUL-terminated. It is how all
 * text and all outside bytes are handed around. An empty span may have p == NULL.
 */
#ifndef SANCTUM_BASE_SPAN_H
#define SANCTUM_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *p;
    size_t n;
};

#define SPAN_NONE     ((struct span){NULL, 0})
#define SPAN_LIT(lit) ((struct span){(const uint8_t *)("" lit), sizeof(lit) - 1})
/* For printf("%.*s", SPAN_ARG(s)): only for bytes known to be printable. */
#define SPAN_ARG(s)                                                                                \
    (int)((s).n > 4096 ? 4096 : (s).n), (const char *)((s).p ? (s).p : (const uint8_t *)"")

static inline struct span span(const void *p, size_t n)
{
    return (struct span){p, n};
}

static inline struct span span_str(const char *s)
{
    return (struct span){(const uint8_t *)s, strlen(s)};
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *s)
{
    return span_eq(a, span_str(s));
}

/* Bytes [at, at+n), cut to what is there. Total. */
static inline struct span span_cut(struct span s, size_t at, size_t n)
{
    if (at > s.n)
        at = s.n;
    if (n > s.n - at)
        n = s.n - at;
    return (struct span){s.p ? s.p + at : NULL, n};
}

/* Everything from `at` on. Total. */
static inline struct span span_from(struct span s, size_t at)
{
    return span_cut(s, at, s.n);
}

static inline bool span_starts(struct span s, struct span head)
{
    return s.n >= head.n && (head.n == 0 || memcmp(s.p, head.p, head.n) == 0);
}

static inline bool span_ends(struct span s, struct span tail)
{
    return s.n >= tail.n && (tail.n == 0 || memcmp(s.p + (s.n - tail.n), tail.p, tail.n) == 0);
}

/* ASCII only: 'A'..'Z' to lower case, other bytes unchanged. */
static inline uint8_t ascii_lower(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26 ? (uint8_t)(c | 0x20) : c;
}
static inline bool ascii_is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}
static inline bool ascii_is_letter(uint8_t c)
{
    return (uint8_t)(ascii_lower(c) - 'a') < 26;
}

/* Equal without regard to ASCII case. */
bool span_eq_nocase(struct span a, struct span b);
/* The same with a text that ends in a NUL, whose length is not asked for: most comparisons in a row
 * of names end at the first byte. */
bool span_is_nocase(struct span s, const char *text);
/* Offset of the first `c` at or after `from`; s.n when there is none. */
size_t span_find(struct span s, size_t from, uint8_t c);
/* Offset of the first occurrence of `needle` at or after `from`; s.n when there is none. */
size_t span_search(struct span s, size_t from, struct span needle);
/* Order as memcmp, a shorter prefix first: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
/* `s` without leading and trailing blanks and tabs. */
struct span span_trim(struct span s);
/* Equality whose time depends only on the lengths, for digests and keys. */
bool span_eq_const_time(struct span a, struct span b);

#endif
