/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values a request is known to hold, searched for in every later text of it (M2). Values are
 * those of a session; the index borrows it.
 */
#ifndef SANCTUM_TRAFFIC_MASK_KNOWN_INT_H
#define SANCTUM_TRAFFIC_MASK_KNOWN_INT_H

#include "heads_int.h"
#include "pairs_int.h"
#include "session_int.h"

struct known_value {
    uint32_t token; /* index in the session */
    uint16_t slot;  /* private: its head's slot, its first two bytes (what a reset has to undo) */
    uint16_t two;
    uint16_t head; /* private: in `heads`, where it is that long */
    uint8_t how;   /* private */
};

/* Open addressing by the whole hash: index = value + 1, or KNOWN_HEAD; 0 free. */
struct known_slot {
    uint64_t hash;
    uint32_t index;
};

/* A bit for each length of values, of those compared as they are and of those in any letter case.
 */
struct lengths {
    uint64_t exact, nocase;
};

struct known {
    struct known_value *v;
    size_t n, cap;
    struct known_slot *table; /* private: values, and the heads that longer ones share */
    size_t used, table_cap;
    struct lengths *lengths; /* private: of the values, by their first bytes */
    uint8_t *pair;           /* private: bit set for the first two bytes of every value */
    size_t taken;            /* tokens of the session that were looked at */
    uint64_t budget;         /* steps left in this request */
    bool numbers;            /* some value is digits */
    bool inside;             /* some value counts inside words, too (secrets) */
    struct pairs begin;      /* private: first two bytes */
    struct pairs brief;      /* private: those of the values shorter than a head */
    struct heads heads;      /* private: of the others */
    size_t words;            /* private: how many are no digits, */
    size_t briefs;           /* and shorter than a head */
};

MUST struct err known_new(struct known **out);
void known_free(struct known *k);
/* Forget. `bytes`: size of the request, which sets what searching may cost. */
void known_reset(struct known *k, size_t bytes);
/* Take in the tokens that the session has issued since. */
MUST struct err known_learn(struct known *k, const struct mask_session *s);
/*
 * Append an occurrence of a known value as a finding with score 1 and rule KNOWN_RULE, wherever one
 * stands in `text` as a whole word; at one place the longest. ERR_LIMIT when long values stand
 * in the request again and again, each begun a byte later, so that searching would take more than
 * the budget. Cost: a few bit tests a byte, and the bytes of what a value begins like.
 */
MUST struct err known_find(struct known *k, const struct mask_session *s, struct span text,
                           struct findings *out);
enum { KNOWN_RULE = 0xfff0, LITERAL_RULE = 0xfff1 };

#endif
