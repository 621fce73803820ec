/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of regex: the tree that the parser makes, and the program the matcher runs.
 * Code points are uint32_t; a class is a run of ranges, sorted and disjoint.
 */
#ifndef SANCTUM_REGEX_INT_H
#define SANCTUM_REGEX_INT_H

#include "arena.h"
#include "regex.h"

enum { CP_MAX = 0x10ffff };

struct re_range {
    uint32_t lo, hi;
};

/* A class under construction: ranges in any order until re_class_close. */
struct re_class {
    struct re_range *v;
    size_t n, cap;
};

enum re_node_kind { RE_EMPTY, RE_CLASS, RE_CAT, RE_ALT, RE_REPEAT, RE_ASSERT, RE_LOOK };
enum re_assert {
    RE_TEXT_START,
    RE_TEXT_END,
    RE_LINE_START,
    RE_LINE_END,
    RE_WORD_EDGE,
    RE_NO_WORD_EDGE,
    RE_WORD_EDGE_UNICODE,
    RE_NO_WORD_EDGE_UNICODE,
};

struct re_node {
    enum re_node_kind kind;
    enum re_assert assert;
    bool lazy;
    bool behind, negate; /* LOOK; its body is `first` */
    int min, max;        /* max -1: no end; LOOK: characters that the body takes */
    const struct re_range *range;
    size_t n_range;
    struct re_node *first, *next; /* children of CAT, ALT, REPEAT; the list they stand in */
};

/* Parse into a tree in the arena. */
MUST struct err re_parse(struct span pattern, unsigned flags, struct arena *a, struct re_node **out,
                         struct fault *f);

/* The most characters that a match of the tree takes, -1: no end (compile.c). */
int re_width(const struct re_node *node);

/* ---- classes (class.c) ---- */
MUST struct err re_class_add(struct arena *a, struct re_class *c, uint32_t lo, uint32_t hi);
/* And n ranges behind those it has. */
MUST struct err re_class_join(struct arena *a, struct re_class *c, const struct re_range *v,
                              size_t n);
/* What of a named set is added: its cases first, then of all that the complement, as RE2 does. */
enum re_set_how { RE_NEGATED = 1, RE_FOLDED = 2 };
/* The ranges of a named set: 'd' 'w' 's' (upper case: the complement), of ASCII or of all scripts.
 * False for another letter. */
bool re_class_perl(struct arena *a, struct re_class *c, uint8_t letter, bool unicode, bool fold,
                   struct err *e);
/* [:alpha:] by its name. */
bool re_class_posix(struct arena *a, struct re_class *c, struct span name, unsigned how,
                    struct err *e);
bool re_class_unicode(struct arena *a, struct re_class *c, struct span name, unsigned how,
                      struct err *e);
/* Add every code point that folds together with one of the class; c must be closed, and is. */
MUST struct err re_class_fold(struct arena *a, struct re_class *c);
/* Sort and merge. */
void re_class_close(struct re_class *c);
/* Replace by the complement; c must be closed. */
MUST struct err re_class_negate(struct arena *a, struct re_class *c);
/* Is the code point in one of the n ranges, which are sorted? */
bool re_in_ranges(const struct re_range *v, size_t n, uint32_t cp);
/* Is it one of \w's: of ASCII, or of all scripts? */
bool re_is_word(uint32_t cp, bool unicode);

/* ---- program ---- */
enum re_op { OP_CHAR, OP_CLASS, OP_SPLIT, OP_JUMP, OP_ASSERT, OP_LOOK, OP_MATCH };
struct re_inst {
    uint32_t op;
    uint32_t x, y; /* CHAR: code point; CLASS: first range, count; SPLIT: preferred, other; JUMP:
                      to; ASSERT: enum re_assert; LOOK: enum re_look and characters << 2, where to
                      go on: its body lies between and ends with MATCH */
};
enum re_look { LOOK_BEHIND = 1, LOOK_NOT = 2 };

struct regex {
    struct re_inst *prog;
    struct re_range *ranges;
    size_t n, n_ranges;
    bool anchored;     /* every match starts at the text's start */
    bool starts;       /* every match begins with a byte of `start` */
    uint8_t start[32]; /* a bit a byte value */
};

/* ---- match.c, for sets ---- */

/* As regex_find, for matches that start before `limit`. `work`: characters that may be read; it is
 * counted down, and where it runs out *found stays false with *work 0. */
MUST struct err re_find_in(const struct regex *re, struct span text, size_t from, size_t limit,
                           size_t *work, size_t *start, size_t *end, bool *found);
bool re_takes(const struct regex *re, const struct re_inst *i, uint32_t cp);

#endif
