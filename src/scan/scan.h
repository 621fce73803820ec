/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner: one pass over a text finds everything that has a shape (mail addresses, numbers of
 * all countries, credentials, network addresses, street addresses). Names of people are the
 * tagger's (ner/); its findings may join these before scan_resolve.
 *
 * Text is decoded UTF-8 (the caller has undone JSON escapes), but every function is total on any
 * bytes. Offsets are bytes of the text handed in, also where the scanner had to fold full-width
 * digits, odd blanks, dashes and invisible characters before it could recognise a value.
 *
 * Cost: linear in the text, whatever it holds; about 1 ns a byte where findings are few. No
 * allocation except growing `out`, and one copy of the text where folding is needed.
 */
#ifndef SANCTUM_SCAN_SCAN_H
#define SANCTUM_SCAN_SCAN_H

#include "finding.h"
#include "regex.h"

/* A text must be shorter than this (offsets are 32 bits). ERR_LIMIT otherwise. */
#define SCAN_TEXT_MAX (UINT32_MAX - 64U)
/* What the mask command and the gateway use unless configured (INTERFACE: score 0.7). */
#define SCAN_THRESHOLD 0.7F
/* Terms a list may hold, bytes a term may have; recognisers of the owner's, the patterns and words
 * that one of them may have. */
#define SCAN_TERMS_MAX    10000U
#define SCAN_TERM_LEN_MAX 256U
#define SCAN_CUSTOM_MAX   64U
#define SCAN_PATTERNS_MAX 64U
#define SCAN_WORDS_MAX    4096U

/* A set of entity types. */
struct scan_set {
    uint64_t bits[(ENTITY_ALL + 63) / 64];
};

static inline void scan_set_add(struct scan_set *s, enum entity e)
{
    s->bits[(size_t)e / 64] |= (uint64_t)1 << ((size_t)e % 64);
}

static inline bool scan_set_has(const struct scan_set *s, enum entity e)
{
    return s->bits[(size_t)e / 64] >> ((size_t)e % 64) & 1;
}

/* Every type there is. */
struct scan_set scan_set_all(void);

/*
 * A term of the owner's lists, borrowed while the scanner is made. It matches whole words, ASCII
 * case ignored. In the allow list a finding (of `entity`, or of any when ENTITY_COUNT) whose text
 * is the term is dropped; credentials are never dropped by a term of any type, only by one of
 * SECRET. In the deny list every occurrence is reported as `entity` with score 1.
 */
struct scan_term {
    struct span text;
    enum entity entity;
};

/*
 * A recogniser of the owner's: expressions (regex.h, REGEX_PYTHON is on), each with its score, and
 * a list of words that count wherever one stands as a whole word, letters' case ignored. All
 * expressions of all recognisers are searched for in one pass (regex_set). Borrowed while made.
 */
struct scan_pattern {
    struct span regex;
    unsigned flags; /* enum regex_flag */
    float score;    /* 0..1, before context; 1 needs no context */
};
struct scan_custom {
    const struct scan_pattern *v;
    size_t n;
    const struct span *words;
    size_t words_n;
    float words_score;
    const struct span *context; /* words nearby that add the weight of a strong cue */
    size_t context_n;
    enum entity entity; /* one there is, or ENTITY_OWN + i */
    uint16_t rule;      /* given back in finding.rule */
};
/* finding.rule of the owner's recognisers begins here by convention: no other rule has it. */
#define SCAN_RULE_OWN 0x4000U

/* Would scanner_new take this pattern? `f` gets the position and the reason. As regex_compile, and
 * ERR_INPUT for one that can match nothing at all. */
MUST struct err scan_pattern_check(const struct scan_pattern *p, struct fault *f);

struct scan_config {
    struct scan_set entities;     /* what is looked for */
    float threshold;              /* 0..1 */
    float thresholds[ENTITY_ALL]; /* per type; 0 = `threshold` */
    const struct scan_term *allow, *deny;
    size_t allow_n, deny_n;
    const struct scan_custom *custom;
    size_t custom_n;
    bool plain_c; /* plain C even where SIMD is there, no quick refusal: tests and doubt */
};

/* Every type, SCAN_THRESHOLD, no lists. */
struct scan_config scan_config_default(void);

/* Immutable once made: processes and threads share it. */
struct scanner;

/* Copies all it needs of the configuration. ERR_INPUT (a bad score, entity or an empty term),
 * ERR_LIMIT, ERR_NOMEM. About 1 ms and 150 KiB. */
MUST struct err scanner_new(const struct scan_config *cfg, struct scanner **out);
void scanner_free(struct scanner *s);

/*
 * Append what `text` holds at or above its type's threshold, in no particular order; findings may
 * overlap until scan_resolve. finding.rule: for SECRET the rule of secret_scan.h, for LOCATION
 * SCAN_RULE_ADDRESS, for the owner's recognisers theirs.
 * ERR_LIMIT (text too long, `out` full), ERR_NOMEM; then `out` is incomplete and the text must not
 * pass.
 */
MUST struct err scan_text(const struct scanner *s, struct span text, struct findings *out);
/* The same for a text that is the value of a field called `key` (JSON key, column, form label): the
 * name counts as context right before the text. */
MUST struct err scan_field(const struct scanner *s, struct span key, struct span text,
                           struct findings *out);
/* Are the words at [start, end) no more than what names the value behind them ("NIK: 3171...") or
 * an element's end? For what a tagger took for a name; microseconds where the words are a cue. */
bool scan_is_label(const struct scanner *s, struct span text, size_t start, size_t end);
/* finding.rule of a LOCATION that is a street address (house number to postcode). */
#define SCAN_RULE_ADDRESS 1U

/*
 * Make findings of one text disjoint and sorted by start: every byte that any of them covered stays
 * covered, by exactly one. Heavier type weight x (score x length) squared wins; what a loser
 * covered beyond the winner goes to the winner. Findings of one type that touch are not joined,
 * except partly overlapping ones. An SSN, mail address or secret inside a link keeps its own bytes.
 * Deterministic: the order of the input does not matter. n log n.
 */
void scan_resolve(struct span text, struct findings *in_out);

/*
 * Text that arrives in pieces. The findings are those of scan_text over the whole, wherever the
 * cuts fall, with offsets into the whole.
 */
struct scan_stream;
MUST struct err scan_stream_new(const struct scanner *s, struct scan_stream **out);
/* Take the next piece; `last` = nothing follows. Appends what has become certain. */
MUST struct err scan_stream_feed(struct scan_stream *st, struct span piece, bool last,
                                 struct findings *out);
/* All findings that start before this offset of the whole have been appended. */
size_t scan_stream_settled(const struct scan_stream *st);
void scan_stream_free(struct scan_stream *st);

#endif
