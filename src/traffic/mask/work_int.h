/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and scratch as the files of this folder see them. */
#ifndef SANCTUM_TRAFFIC_MASK_WORK_INT_H
#define SANCTUM_TRAFFIC_MASK_WORK_INT_H

#include "detect.h"
#include "json.h"
#include "known_int.h"
#include "view_int.h"

enum {
    WORK_FINDINGS_MAX = 1 << 20, /* in one text, unless mask_work_large */
    WORK_EDITS_MAX = 1 << 20,    /* in one request */
    WORK_ARENA_MAX = 64 << 20,
    WORK_MEMORY_WORDS = 4096,
};

/* ---- cache.c: findings of texts seen lately ---- */

enum {
    CACHE_SETS = 128,     /* a text may be in the slots of one set: */
    CACHE_WAYS = 16,      /* few enough to ask, so many that texts of one conversation have room */
    CACHE_FINDINGS = 12,  /* more in one text: it is not kept */
    CACHE_TEXT_MIN = 128, /* bytes; shorter texts are faster to scan */
};
struct cache_tag {
    uint8_t b[GHASH_BYTES];
};
struct cache_slot {
    uint64_t asked;    /* when it was last asked for, in questions; 0: it holds nothing */
    uint32_t n, names; /* of the n findings, those from `names` on are the tagger's */
    bool plain;        /* the text has no view */
    struct finding v[CACHE_FINDINGS];
};
struct cache_set {
    struct cache_tag tag[CACHE_WAYS];
    struct cache_slot slot[CACHE_WAYS];
};
struct cache {
    uint64_t questions;
    struct cache_set set[CACHE_SETS];
};

struct mask_engine {
    struct scanner *scanner;
    const struct ner *ner; /* NULL: no names are asked for */
    struct scan_set entities;
    float threshold[ENTITY_ALL];
    struct style style;
    enum mask_system system;
    enum mask_data data;
    bool allow_token_ids;
    struct scan_term *allow; /* the owner's, for what the tagger finds */
    size_t allow_n;
    uint8_t *allow_text;
    char version[17];
};

/* One range of one text that is masked. */
struct mark {
    struct finding f;
    uint32_t token; /* index in the session */
};

/* ---- seam.c: values that go on from one text to the next ---- */

enum { PIECE_RULE = 0xfff2 };
/* Part of such a value: bytes of one leaf's text. */
struct seam_piece {
    uint32_t leaf;
    struct finding f;
};
struct seams {
    struct seam_piece *piece;
    size_t pieces, piece_cap;
    size_t next, here; /* the pieces of the leaf at work: piece[next..next+here) */
    /* private: the joined text, its parts, the leaves side by side */
    struct buf text, leaf_text;
    struct json_map map;
    struct findings found;
    struct seam_part *part;
    size_t parts, part_cap;
    uint32_t *list;
    size_t list_cap;
    uint8_t between;
};

/* One range of the body that is replaced. */
struct edit {
    uint32_t start, end;
    uint32_t token;   /* index in the session */
    uint8_t quote;    /* backslash-quote pairs around it: 0 none, 1 `"`, 2 `\"` */
    bool bare;        /* without brackets */
    struct span with; /* instead of a token, when with.p is set */
};

struct mask_work {
    struct ner_work *ner;
    struct ner_memory *memory;
    struct known *known;
    struct findings found, all;
    struct cache *cache;              /* or NULL */
    bool borrows;                     /* the cache is another's */
    struct ghash fingerprint;         /* under the key of the principal at work: */
    const struct mask_key *cache_key; /* NULL: nobody is */
    struct buf text;                  /* a leaf decoded */
    struct buf inner_text;            /* a leaf of the JSON in it decoded */
    struct buf keyed;                 /* key and text for the tagger */
    struct buf value;                 /* a value without its escapes */
    struct view view;                 /* of the text at work, once it was asked for */
    enum { VIEW_UNKNOWN, VIEW_NONE, VIEW_MADE } viewed;
    struct json_map map, inner_map;
    struct seams seams, inner_seams; /* of the message, and of the JSON in a string */
    const struct seams *pieces;      /* what belongs to the leaf at work; or NULL */
    struct llm_doc inner;            /* JSON in a string */
    struct arena edits;
    struct edit *edit;
    size_t edit_n, edit_cap;
    struct mark *mark; /* as many as `found` may hold */
    size_t mark_n, mark_cap;
    struct mask_span *span;
    size_t span_cap;
};

/* This principal is at work from now on. */
void cache_begin(struct mask_work *w, const struct mask_key *k);
/* The tag of a text under all that decides its findings. */
struct cache_tag cache_tag_of(const struct mask_engine *e, const struct mask_work *w,
                              struct span text, unsigned scope);
/* The slot that holds this tag, or NULL. */
const struct cache_slot *cache_find(const struct mask_work *w, const struct cache_tag *tag);
void cache_keep(struct mask_work *w, const struct cache_tag *tag, const struct findings *f,
                size_t names);

/* ---- engine.c ---- */

/* Is some type asked for that the tagger's word lists tell, not its model? */
bool engine_wants_lists(const struct scan_set *set);
/* Is it the name of an AI assistant, letters' case ignored? */
bool engine_assistant(struct span name);

/* ---- detect.c ---- */

/* The view of `text`, the last one given to detect_text; *yes: it shows more than the text. */
MUST struct err detect_view(struct mask_work *w, struct span text, bool *yes);

/* ---- style.c: operators ---- */

/* Copy operators and names of the rules. ERR_INPUT, ERR_LIMIT, ERR_NOMEM. */
MUST struct err style_new(const struct mask_rules *r, struct style *y);

/* ---- text.c */

/* Marks are found one text after the other with the same session. */
struct text_pass {
    const struct mask_engine *e;
    struct mask_work *w;
    struct mask_session *s;
};
enum text_mode {
    TEXT_DETECT,  /* detectors, known values, look-alikes */
    TEXT_KNOWN,   /* known values only: signed text */
    TEXT_LITERAL, /* look-alikes only: text that the rules leave alone */
};
/* The marks of `text`, in w->mark, sorted and disjoint, each with its token issued. */
MUST struct err text_marks(const struct text_pass *p, struct span key, struct span text,
                           enum detect_scope scope, enum text_mode mode);
/* A number leaf: one mark over all of it, or none. */
MUST struct err text_number(const struct text_pass *p, struct span key, struct span raw,
                            enum detect_scope scope);
/* Does the scope let a known value of this type be masked? */
bool detect_wants(enum detect_scope scope, unsigned entity);

void seams_init(struct seams *s, size_t max);
void seams_free(struct seams *s);
void seams_wipe(struct seams *s);
/* Find the values that cross from one to another of the leaves [back, last); pieces are made for
 * those from `first` on. */
MUST struct err seams_find(const struct text_pass *p, struct seams *s, const struct llm_doc *d,
                           size_t back, size_t first, size_t last);
/* This leaf is next; leaves come in order. */
void seams_at(struct seams *s, size_t leaf);

/* ---- data.c */

/* The base64 in a data: link, or all of a text long enough to be some; empty when there is none.
 * *whole: nothing else is in it; where not, it has to be read as the text that it is, too. */
struct span data_payload(struct span text, bool *whole);
/* What it says, as UTF-8 in `to`: nothing for pictures and the like, the texts inside for other
 * data that is no text. `url`: - and _ are digits, else they are passed over. `bytes` is scratch
 * whose ceiling is b64.n. */
MUST struct err data_text(struct span b64, bool url, struct buf *bytes, struct buf *to);

/* ---- leaf.c */

/* A leaf's decoded text, in `to` where it is escaped, else the body's own bytes; then `map` leads
 * back to them. */
MUST struct err leaf_decode(const struct llm_doc *d, const struct llm_leaf *l, struct buf *to,
                            struct json_map *map, struct span *text);
/* The name of the member that a leaf belongs to, escapes and all; or empty. */
struct span leaf_key(const struct llm_doc *d, const struct llm_leaf *l);

#endif
