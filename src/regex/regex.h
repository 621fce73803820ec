/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions in RE2's syntax, matched in time linear in the text: O(text × program), with
 * no backtracking, no back-references and no look-around, so that neither a pattern nor a text of
 * an attacker can make a match slow. Used for users' own patterns, CEL's `matches` and SOPS rules.
 *
 * Accepted: literals, `.`, classes with ranges and negation, \d \D \w \W \s \S and [[:alpha:]]
 * (both ASCII, as in RE2), \pL \PL \p{Lu} for the categories L Lu Ll M N Nd P S Z, groups
 * (capturing, named
 * `(?P<n>…)` or `(?<n>…)`, `(?:…)`; nothing is captured), flags `(?imsU-imsU)` and `(?i:…)`,
 * alternation,
 * `* + ? {n} {n,} {n,m}` with their lazy forms (counts up to 1000), `^ $ \A \z \b \B`, escapes
 * \a \f \n \r \t \v \123 \x7f \x{10ffff} \Q…\E and backslash before punctuation.
 * Refused with a position: everything else, among it \C, scripts such as \p{Greek}, look-around,
 * back-references, a repeat of a repeat (`a**`), counts above 1000, and whatever passes a limit.
 *
 * Text is UTF-8; a byte that is part of no valid sequence counts as one U+FFFD. Case-insensitive
 * matching uses Unicode's simple folding.
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
};

struct regex_limits {
    size_t pattern_max; /* bytes of the expression */
    size_t program_max; /* instructions, at most REGEX_PROGRAM_MAX */
};

enum {
    REGEX_DEPTH = 100, /* groups inside each other */
    REGEX_REPEAT = 1000,
    REGEX_PROGRAM_MAX = 50000,
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

#endif
