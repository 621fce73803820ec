/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognising tokens in text, one place at a time, in every spelling that models and their
 * renderers use. Masking asks it what of the caller's own text would be taken for a token, the
 * restorers what to restore: the same function, so that they cannot disagree (M4).
 */
#ifndef SANCTUM_TRAFFIC_MASK_LOOK_INT_H
#define SANCTUM_TRAFFIC_MASK_LOOK_INT_H

#include "session_int.h"

/* How the text is written. */
enum look_text {
    LOOK_PLAIN, /* as it is */
    LOOK_JSON,  /* JSON source: a backslash escapes, a quote may open a number token */
};

enum look_verdict {
    LOOK_NO,   /* no token begins here */
    LOOK_MORE, /* more bytes are needed to tell (never when `final`) */
    LOOK_YES,  /* a live token, or a look-alike when `t` is NULL */
};

struct look {
    const struct mask_session *s;
    struct span in;
    enum look_text text;
    bool final;       /* nothing follows `in` */
    bool look_alikes; /* report names that are no tokens, too */
};

/* How a byte can be stepped over (look_skip): behind a byte of no word, inside a word; and what it
 * is itself for the next one. */
enum { LOOK_APART = 1, LOOK_JOINED = 2, LOOK_NEXT = 2 };

struct look_hit {
    size_t n;                   /* bytes of `in` it takes */
    const struct mask_token *t; /* NULL: a look-alike */
    bool whole;                 /* a number token with its quotes: to become a number */
    uint8_t name_n;
    uint8_t name[TOKEN_NAME_MAX]; /* canonical; of a look-alike without its variant when that is
                                     no part of it */
};

/* Is `c` a byte after which no token without brackets can begin? */
static inline bool look_joins(uint8_t c)
{
    uint8_t low = ascii_lower(c);
    return (uint8_t)(low - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_';
}

/*
 * Which bytes can be stepped over: where nothing begins with them. Inside words nothing does but
 * stand-ins. Made once for a session whose tokens are all issued.
 */
struct look_skips {
    uint8_t c[256]; /* private */
};
struct look_skips look_skips_of(const struct mask_session *s);
/* The first place at or after `at` to look at. *joined: is the byte before it one of look_joins? */
static inline size_t look_skip(const struct look_skips *t, struct span in, size_t at, bool *joined)
{
    uint8_t state = LOOK_APART << *joined, how; /* the set that has to hold it; its successor */
    for (; at < in.n && (how = t->c[in.p[at]]) & state; at++)
        state = how >> LOOK_NEXT;
    *joined = state == LOOK_JOINED;
    return at;
}

/* Look at in[at]. `joined`: the byte before is one of look_joins. */
enum look_verdict look_at(const struct look *l, size_t at, bool joined, struct look_hit *hit);
/* Bytes to step over where no token begins: an escape of JSON source is one step. 0: more bytes are
 * needed to tell. */
size_t look_step(const struct look *l, size_t at);
/* After such a step: does what was stepped over join with a name behind it? */
bool look_joined(const struct look *l, size_t at, size_t step);

/*
 * The places of a text where a token or a look-alike with a name could begin, in any spelling: near
 * a digest. Most texts have none. Fast, never a false no.
 */
enum { LOOK_MARKS = 3 };
struct look_places {
    struct span text;
    size_t next[LOOK_MARKS]; /* private */
};
struct look_places look_places_of(struct span text);
/* The first place at or after `at` to look at; text.n when there is none. `at` never goes back. */
size_t look_place(struct look_places *p, size_t at);
/* Is there one? */
bool look_worthwhile(struct span text);

#endif
