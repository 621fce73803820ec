/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions in RE2's syntax, matched in time linear in the text: O(text × program), with
 * no backtracking, no back-references and no look-around, so that neither a pattern nor a text of
 * an attacker can make a match slow. Used for users' own patterns, CEL's `matches` and SOPS rules.
 *
 * Accepted: literals, `.`, classes with ranges and negation, \d \D \w \W \s \S (ASCII as
 * in RE2, but see REGEX_UNICODE) and [[:alpha:]] (always ASCII), \pL \PL \p{Lu} for the categories
 * L Lu Ll M N Nd P S Z, groups (capturing, named
 * `(?P<n>…)` or `(?<n>…)`, `(?:…)`; nothing is captured), flags `(?imsU-imsU)` and `(?i:…)`,
 * alternation,
 * `* + ? {n} {n,} {n,m}` with their lazy forms (counts up to 1000), `^ $ \A \z \b \B`, escapes
 * \a \f \n \r \t \v \123 \x7f \x{10ffff} \Q…\E and backslash before punctuation.
 * Refused with a position: everything else, among it \C, scripts such as \p{Greek}, look-around
 * (see REGEX_LOOK), back-references, a repeat of a repeat (`a**`), counts above 1000, and whatever
 * passes a limit.
 *
 * Text is UTF-8; a byte that is part of no valid sequence counts as one U+FFFD. Case-insensitive
 * matching uses Unicode's simple folding, of named sets too, before they are negated: (?i)\p{Lu}
 * takes "a", (?i)\P{Lu} no letter that has cases; (?i)\w takes the Kelvin sign, as in RE2, but not
 * with REGEX_PYTHON's (?a), as in Python.
 */
#ifndef SANCTUM_REGEX_REGEX_H
#define SANCTUM_REGEX_REGEX_H

#include "err.h"
#include "span.h"

struct regex;

enum regex_flag {
    REGEX_NOCASE = 1, /* as (?i) */
    REGEX_LINES = 2,  /* as (?m): ^ and $ match at line ends too */
    REGEX_DOTALL = 4, /* as (?s): . matches \n */
    /* Accept (?=x) (?!x) (?<=x) (?<!x) where x takes at most REGEX_LOOK_WIDTH characters and holds
     * no other of them, and \Z as \z: what recognisers written for Python use as borders. Each is
     * a test at one place with a fixed cost, so time stays linear. */
    REGEX_LOOK = 8,
    /* \d \w \s \b and their opposites as Python's regex and UTS #18 annex C have them: digits,
     * letters, marks and white space of every script. (?a) and (?u) choose, too. */
    REGEX_UNICODE = 16,
    REGEX_PYTHON = REGEX_LOOK | REGEX_UNICODE,
};

struct regex_limits {
    size_t pattern_max; /* bytes of the expression */
    size_t program_max; /* instructions, at most REGEX_PROGRAM_MAX */
};

enum {
    REGEX_DEPTH = 100, /* groups inside each other */
    REGEX_REPEAT = 1000,
    REGEX_PROGRAM_MAX = 50000,
    REGEX_LOOK_WIDTH = 32,    /* characters */
    REGEX_LOOK_PROGRAM = 256, /* instructions of one look-around */
};
/* 4,000 bytes and 10,000 instructions: for text that others write. */
extern const struct regex_limits regex_limits_default;

/*
 * Compile. `limits` NULL means the default. ERR_INPUT (bad syntax) or ERR_LIMIT (too large) with
 * `f` filled; ERR_NOMEM. The program takes 12 bytes an instruction and 8 a class range. Immutable
 * afterwards: threads may share it.
 */
MUST struct err regex_compile(struct span pattern, unsigned flags,
                              const struct regex_limits *limits, struct regex **out,
                              struct fault *f);
void regex_free(struct regex *re);
/* Instructions of the compiled program: what one character of text may cost at most. */
size_t regex_size(const struct regex *re);

/* Does the expression match anywhere in text? ERR_NOMEM is the only failure. */
MUST struct err regex_match(const struct regex *re, struct span text, bool *found);
/*
 * The first match that starts at or after byte `from`: leftmost, and of those the one that RE2 and
 * Perl prefer. [*start, *end) in bytes. What stands before `from` is seen by ^ and \b.
 */
MUST struct err regex_find(const struct regex *re, struct span text, size_t from, size_t *start,
                           size_t *end, bool *found);

/* As regex_find, for matches that start before `limit`, as far as *steps go: a step is one state
 * for one character, about 10 ns, those of look-around too, so this bounds time whatever the
 * expression. It is counted down;
 * where it runs out *found stays false and *steps is 0. */
MUST struct err regex_find_within(const struct regex *re, struct span text, size_t from,
                                  size_t limit, size_t *steps, size_t *start, size_t *end,
                                  bool *found);

/* ---- many expressions in one pass ---- */

/*
 * A set of expressions, searched for by one automaton that reads each byte once: a table of states,
 * made in advance, at most REGEX_SET_STATES of them. It tells in which stretch of the text which
 * expression may match (assertions count as true there); the matcher above then looks at such a
 * stretch alone. Where a table of all of them would be too large there are several, and an
 * expression too large for a table of its own is matched without: slower, still linear.
 */
struct regex_set;
enum { REGEX_SET_STATES = 2048, REGEX_SET_MAX = 1024 };

/* `v` is borrowed: the expressions must outlive the set. ERR_LIMIT above REGEX_SET_MAX, ERR_NOMEM.
 * At most about 0.2 s, for hostile expressions; a table takes two bytes a state and byte class. */
MUST struct err regex_set_new(const struct regex *const *v, size_t n, struct regex_set **out);
void regex_set_free(struct regex_set *s);
/* States of all tables, and expressions that have none. */
void regex_set_size(const struct regex_set *s, size_t *states, size_t *without);

/* Gets a match of expression `which`; a failure ends the scan and is handed up. */
typedef struct err (*regex_set_hit)(void *self, size_t which, size_t start, size_t end);
/*
 * Every match that is not empty: of each expression those that regex_find finds when it goes on
 * from the end of the one before. Those of one expression come in order, of different ones in any.
 * Linear in the text: where one expression's matches in a stretch would take more than
 * REGEX_SET_WORK times its length, the rest of the stretch is one match.
 */
enum { REGEX_SET_WORK = 64 };
MUST struct err regex_set_scan(const struct regex_set *s, struct span text, regex_set_hit hit,
                               void *self);

#endif
