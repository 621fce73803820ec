/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token map of one request. session.c issues and keeps tokens, look.c recognises them in text,
 * mask.c and the restorers use both.
 */
#ifndef SANCTUM_TRAFFIC_MASK_SESSION_INT_H
#define SANCTUM_TRAFFIC_MASK_SESSION_INT_H

#include "mask.h"

enum {
    TOKEN_NAME_MAX = 44,  /* longest type, "_", 12 characters, "." and 2 */
    TOKEN_SHORT = 8,      /* characters of a digest */
    TOKEN_LONG = 12,      /* the same after a clash */
    TOKEN_VARIANT = 2,    /* characters after the dot */
    STAND_IN_MIN = 3,     /* bytes: shorter ones are found by accident */
    STAND_IN_MAX = 255,   /* bytes: a longer one is nobody's */
    STAND_INS_MAX = 4096, /* more values than that get tokens */
};

/* What a token stands for, beside its bytes. */
enum token_form {
    TOKEN_PLAIN,   /* text */
    TOKEN_NUMBER,  /* a JSON number: the token is a whole JSON string */
    TOKEN_LITERAL, /* text that only looked like a token of this request */
    TOKEN_PART,    /* a word of a name that has a stand-in: for restoring only */
    TOKEN_PIECE,   /* part of a value that goes on in another text; not looked for elsewhere */
    TOKEN_JOINED,  /* text beside a letter or digit, where its stand-in would not be found again */
};

struct mask_token {
    uint32_t value, value_n; /* bytes of session.text */
    uint16_t entity;
    uint8_t form;          /* enum token_form */
    uint8_t n;             /* bytes of name; 0: it is known by what stands for it alone */
    uint32_t with, with_n; /* bytes of session.text that stand for it, where `styled` */
    uint32_t next;         /* the next token whose stand-in begins alike: index + 1 */
    bool styled, restores;
    /* "<" name ">" with the type in upper case: text[1..n] in lower case is the canonical name */
    uint8_t text[TOKEN_NAME_MAX + 2];
    uint8_t name[TOKEN_NAME_MAX];
};

/* Open addressing: slot = index + 1, 0 free. Never more than half full. */
struct token_table {
    uint32_t *slot;
    size_t cap, n;
};

/* Names that stood in the request and are no tokens of it: nothing may be issued under them. */
struct seen_name {
    uint8_t n, name[TOKEN_NAME_MAX];
};

/* Where a token stands in a masked text, and what restoring it changes; all in characters. */
struct shift {
    uint32_t text; /* which text; several may share a list */
    uint32_t at, masked, plain;
};
struct shifts {
    struct shift *v;
    size_t n, cap;
    uint64_t chars; /* of the masked text at hand so far */
};
/* Characters (code points) of valid UTF-8. */
size_t shift_chars(struct span text);
/* A token of `masked` characters for `plain` ones stands at s->chars, which moves behind it. */
MUST struct err shift_add(struct shifts *s, uint32_t text, size_t masked, size_t plain);
/* The position in the restored text that belongs to one in the masked text; `end`: one that ends
 * something. */
uint64_t shift_restored(const struct shifts *s, uint32_t text, uint64_t at, bool end);
void shift_free(struct shifts *s);

/* Operators and names of the owner's types, as an engine has them. */
struct style {
    bool any, surrogates; /* some operator is not MASK_TOKEN; some is MASK_SURROGATE */
    struct mask_operator op[ENTITY_ALL];
    struct span own[ENTITY_ALL - ENTITY_OWN];
    size_t own_n;
    struct buf text; /* what the spans point at */
};

struct mask_session {
    const struct style *style; /* NULL: tokens only */
    struct buf heard;          /* text so far, where stand-ins must not collide with it */
    uint32_t stand_in[256];    /* tokens known by a stand-in, by its first byte: index + 1 */
    uint64_t stand_in_n[256][STAND_IN_MAX / 64 + 1]; /* a bit for each length they have */
    size_t stand_ins;
    size_t max;
    uint64_t seed[2];
    const struct mask_key *key;
    struct buf text; /* the values */
    size_t longest;  /* bytes of the longest value */
    struct mask_token *v;
    size_t n, cap;
    struct token_table by_value, by_name, by_seen, by_stand_in;
    struct seen_name *seen;
    size_t seen_n, seen_cap;
    uint64_t counts[ENTITY_COUNT], total;         /* the owner's types are among CUSTOM; */
    uint64_t own_counts[ENTITY_ALL - ENTITY_OWN]; /* and each for itself */
    bool numbers;                                 /* some token is TOKEN_NUMBER */
    uint32_t *sorted; /* token numbers by canonical name; valid for the first sorted_n tokens */
    size_t sorted_n, sorted_cap;
    struct shifts documents; /* of documents that answers may cite: text = its number from 1 */
    bool first[256];         /* letters, both cases, that begin a live token's type */
};

static inline struct span token_value(const struct mask_session *s, const struct mask_token *t)
{
    return span(s->text.p ? s->text.p + t->value : NULL, t->value_n);
}
static inline struct span token_text(const struct mask_token *t)
{
    return span(t->text, t->n + 2U);
}
/* What stands in the text for it. */
static inline struct span token_shown(const struct mask_session *s, const struct mask_token *t)
{
    return t->styled ? span(s->text.p ? s->text.p + t->with : NULL, t->with_n) : token_text(t);
}
/* Without brackets, for places that allow none. */
static inline struct span token_bare(const struct mask_token *t)
{
    return span(t->text + 1, t->n);
}

/* Begin a request of this principal. */
void session_begin(struct mask_session *s, const struct mask_key *k);
/* A type's name, also of the owner's. */
struct span style_type(const struct style *y, unsigned entity);
/* Let the operator of its type decide what stands for a token just issued. (style.c) */
MUST struct err style_apply(struct mask_session *s, uint32_t index);
/* Does what its operator made stand for it and lead back to it? */
bool style_undone(const struct mask_session *s, uint32_t index);
/* Text of the request, before anything in it gets a stand-in. */
MUST struct err style_hear(struct mask_session *s, struct span text);
/* Know token `index` by its stand-in, too. ERR_NOMEM. */
MUST struct err session_stand_in(struct mask_session *s, uint32_t index);
/* The token that `text` stands for, or NULL. */
const struct mask_token *session_stand_in_of(const struct mask_session *s, struct span text);
/* The token of `value`: the one it has, or a new one. Counts one occurrence. ERR_LIMIT, ERR_NOMEM.
 */
MUST struct err session_token(struct mask_session *s, enum entity e, enum token_form form,
                              struct span value, uint32_t *index);
/* Count one occurrence. */
void session_use(struct mask_session *s, uint32_t index);
/* The token called `name` (canonical), or NULL. */
const struct mask_token *session_find(const struct mask_session *s, struct span name);
/* Remember a look-alike that passes. ERR_LIMIT, ERR_NOMEM. */
MUST struct err session_see(struct mask_session *s, struct span name);
/* Make session_prefix answer for all tokens issued so far. ERR_NOMEM. */
MUST struct err session_sort(struct mask_session *s);
/* Does some token's canonical name begin with `head`? After session_sort. */
bool session_prefix(const struct mask_session *s, struct span head);

/* The normal form of a value: what all its spellings share. At most value.n bytes into `out`. */
size_t normal_form(enum entity e, struct span value, uint8_t *out);
/* Does the type's normal form consist of digits for this value? Then *n of them are in out. */
bool normal_digits(struct span value, uint8_t *out, size_t cap, size_t *n);

/* A keyed 64-bit hash for tables. */
uint64_t table_hash(const uint64_t seed[2], uint64_t salt, struct span s);

#endif
