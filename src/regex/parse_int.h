/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two files that read an expression: parse.c and, for classes and escapes,
 * parse_class.c. */
#ifndef SANCTUM_REGEX_PARSE_INT_H
#define SANCTUM_REGEX_PARSE_INT_H

#include "regex_int.h"

#include "utf8.h"

enum { SWAP = 1 << 8 /* U: lazy repeats are greedy, greedy ones lazy */ };

/* A class with sets of many ranges: the same text under the same flags is the same class, and
 * neither made nor kept twice. No class's text depends on what stands behind it. */
struct made {
    const struct made *next;
    struct span text;
    unsigned flags;
    const struct re_range *v;
    size_t n;
};
enum {
    MADE_MIN = 16,
    NAMED_MAX = 1 << 17, /* ranges of sets that are named, some 20 ms */
};

struct parser {
    struct span in;
    size_t at;
    unsigned depth;
    unsigned flags; /* enum regex_flag, SWAP */
    bool looking;   /* inside look-around */
    const struct made *made;
    size_t named; /* ranges of sets so far */
    struct arena *a;
    struct fault *f;
};

MUST static inline struct err bad(struct parser *p, size_t at, const char *why)
{
    return fault_at(p->f, ERR_INPUT, at, why);
}

static inline bool has(const struct parser *p, unsigned flag)
{
    return (p->flags & flag) != 0;
}

static inline int peek(const struct parser *p)
{
    return p->at < p->in.n ? p->in.p[p->at] : -1;
}

static inline bool eat(struct parser *p, uint8_t c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static inline uint32_t next_cp(struct parser *p)
{
    uint32_t cp;
    p->at += utf8_next(p->in, p->at, &cp);
    return cp;
}

MUST struct err re_new_node(struct parser *p, enum re_node_kind kind, struct re_node **out);
/* The ranges are borrowed. */
MUST struct err re_class_node(struct parser *p, const struct re_range *v, size_t n,
                              struct re_node **out);
/* An escape that names one code point; its backslash, at `from`, is read, its letter is next. */
MUST struct err re_escaped_cp(struct parser *p, size_t from, uint32_t *cp);
/* \d or \pL outside a class, from its backslash; *done false when the escape is something else
 * (nothing is read). */
MUST struct err re_escaped_class(struct parser *p, struct re_node **out, bool *done);
/* A class; its "[", at `from`, is read. */
MUST struct err re_bracket(struct parser *p, size_t from, struct re_node **out);

#endif
