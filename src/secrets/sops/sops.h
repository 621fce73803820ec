/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOPS documents (3.x): YAML, JSON, dotenv, INI and binary files whose values are encrypted one by
 * one under a data key, which age recipients hold. Documents are edited by byte position: what is
 * not a changed value keeps its bytes, so comments, order and differences stay as they are.
 *
 * A document is read into a flat list of items (values and comments in document order) with their
 * places in the source. Every function here works on that list:
 *
 *     struct sops_doc d;
 *     TRY(sops_read(&d, source, SOPS_YAML, &fault));
 *     TRY(sops_open(&d, &identities, &fault));          // data key, every value, then the MAC
 *     TRY(sops_write_plain(&d, &out));
 *     sops_drop(&d);
 *
 * What the format's MAC does not cover (key names, type tags, empty values, comments) is not
 * covered here either.
 */
#ifndef SANCTUM_SECRETS_SOPS_SOPS_H
#define SANCTUM_SECRETS_SOPS_SOPS_H

#include "age.h"
#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

enum {
    SOPS_BYTES_MAX = 64 << 20, /* of a document */
    SOPS_ITEMS_MAX = 1 << 20,
    SOPS_DEPTH = 64,
    SOPS_KEY = 32,
    SOPS_RECIPIENTS_MAX = 256,
};

enum sops_format { SOPS_YAML, SOPS_JSON, SOPS_DOTENV, SOPS_INI, SOPS_BINARY };
/* By the name's ending; SOPS_BINARY for every other. */
enum sops_format sops_format_of(const char *path);
/* "yaml", "json", "dotenv", "ini", "binary"; false when it is none. */
bool sops_format_named(const char *name, enum sops_format *out);

enum sops_type {
    SOPS_STR,
    SOPS_INT,
    SOPS_FLOAT,
    SOPS_BOOL,
    SOPS_TIME,
    SOPS_BYTES,
    SOPS_COMMENT,
    SOPS_NULL,
    SOPS_EMPTY_MAP,
    SOPS_EMPTY_LIST,
};

/* Details of errors, beside the categories: what kind of refusal it was. */
enum sops_failure {
    SOPS_NO_CLASS,
    SOPS_FORMAT,  /* not a valid SOPS document */
    SOPS_NO_KEY,  /* no identity gives the data key */
    SOPS_DECRYPT, /* a value is not what its key path and type say */
    SOPS_MAC,     /* the document's MAC is wrong, absent or unreadable */
};
/* "format", "key", "decrypt", "mac"; NULL for other errors. */
const char *sops_failure_text(struct err e);

struct sops_node {
    struct span name; /* empty for list elements and roots */
    struct span path; /* names down to here, each with ':' after it: the additional data */
    uint32_t parent;  /* UINT32_MAX: the root of a document */
    uint32_t index;   /* in its list; UINT32_MAX for a mapping's member */
    uint32_t children;
    uint32_t item;   /* 1 + the index of its value's item; 0: a collection that is not empty */
    uint32_t at;     /* source: its key or its dash; the value of a list element in brackets */
    uint32_t behind; /* source: behind the colon or dash; JSON, in brackets: at the value */
    uint32_t end;    /* source: behind the value; not known (0) for collections in block style */
    uint32_t column; /* of `at` in its line */
    bool flow;       /* stands inside brackets */
    bool meta;       /* belongs to the sops section */
    bool hit;        /* the document's rule names it or one of its parents */
    bool expanded;   /* while reading: what stands here is an alias of YAML */
};

struct sops_item {
    uint32_t node;       /* a value's own node; a comment's container */
    uint32_t start, end; /* source bytes that spell it */
    uint8_t type;        /* of `text`, as the source has it */
    uint8_t plain_type;  /* of `plain` */
    bool flow, quoted;   /* spelt inside brackets; spelt in quotes */
    bool sealed;         /* `text` is an ENC value and was opened */
    uint32_t column;     /* of the line's content, for block text */
    struct span text;    /* what it says, escapes resolved */
    struct span plain;   /* after sops_open, or of a clear document: the value itself */
};

struct sops_cut {
    uint32_t start, end;
};

/* The selection rule of a document; at most one of them is set. */
enum sops_rule_kind {
    SOPS_RULE_NONE,
    SOPS_UNENCRYPTED_SUFFIX,
    SOPS_ENCRYPTED_SUFFIX,
    SOPS_UNENCRYPTED_REGEX,
    SOPS_ENCRYPTED_REGEX,
    SOPS_UNENCRYPTED_COMMENT_REGEX,
    SOPS_ENCRYPTED_COMMENT_REGEX,
};
struct sops_rule {
    enum sops_rule_kind kind;
    struct span text;
};

struct sops_recipient {
    uint32_t group;
    struct span recipient, enc; /* text; armored age file */
};

struct sops_meta {
    bool present, foreign; /* foreign: holds keys of other kinds than age */
    struct sops_rule rule;
    bool mac_only_encrypted;
    struct span mac, lastmodified, version;
    uint32_t mac_item, modified_item; /* their items */
    uint32_t indent; /* columns a level of a fresh section goes in by; 0: as SOPS has it */
    struct sops_recipient to[SOPS_RECIPIENTS_MAX];
    uint32_t recipients, groups, threshold; /* groups: 0 without key groups */
};

struct sops_doc {
    enum sops_format format;
    struct span source; /* borrowed */
    struct arena arena;
    struct sops_node *nodes;
    struct sops_item *items;
    struct sops_cut *cuts; /* the sops section: what a clear document has not */
    uint32_t *ends;        /* where each document of the source takes a sops section */
    uint32_t n_nodes, n_items, n_cuts, n_ends;
    uint32_t cap_nodes, cap_items, cap_cuts, cap_ends;
    uint32_t *names; /* hash table of (parent, name), against duplicate keys */
    uint32_t names_cap;
    struct sops_meta meta;
    uint8_t key[SOPS_KEY]; /* after sops_open */
    bool open;
};

/* Parse. `source` must outlive the document. ERR_INPUT (SOPS_FORMAT) with the position. Drop the
 * document either way. */
MUST struct err sops_read(struct sops_doc *d, struct span source, enum sops_format format,
                          struct fault *f);
/* A clear binary document: `bytes` as the one value of the JSON document it will be. */
MUST struct err sops_read_bytes(struct sops_doc *d, struct span bytes);
void sops_drop(struct sops_doc *d);
/* Find the data key, open every value, check the MAC: all or nothing. */
MUST struct err sops_open(struct sops_doc *d, const struct age_keys *identities, struct fault *f);
/* The same, but a document where nothing except the MAC is wrong (or absent) counts as open: then
 * *wrong, and f->why says what. Its values are each sealed for their place, but somebody without
 * the key may have put back old ones, taken some away or changed clear ones. For a person's repair.
 */
MUST struct err sops_open_ignoring_mac(struct sops_doc *d, const struct age_keys *identities,
                                       bool *wrong, struct fault *f);
/* Append the clear document: values in their places, the sops section gone. */
MUST struct err sops_write_plain(const struct sops_doc *d, struct buf *out);
/* Append the values as JSON, one document after another. */
MUST struct err sops_write_json(const struct sops_doc *d, struct buf *out);
/* The node at ["a"]["b"][0] of the first document (an empty index: its root). ERR_INPUT: the index
 * is malformed, or there is nothing. */
MUST struct err sops_find(const struct sops_doc *d, struct span index, uint32_t *node,
                          struct fault *f);

/* Append one value: a text as it is, without a line end; anything else as `format` writes it. */
MUST struct err sops_write_value(const struct sops_doc *d, uint32_t node, enum sops_format format,
                                 struct buf *out);

/* Append the clear document `d` (open, or never encrypted) in another format. ERR_INPUT: the format
 * cannot hold it (dotenv: values at the top; INI: values in sections; binary: a text `data`). */
MUST struct err sops_write_as(struct sops_doc *d, enum sops_format format, struct buf *out,
                              struct fault *f);

/* Who gets a new document and how. Recipients are given by text, grouped. */
struct sops_policy {
    struct sops_rule rule;
    bool mac_only_encrypted;
    uint32_t recipients, groups, threshold;
    uint32_t indent[5]; /* of an enum sops_format's documents: `stores` of .sops.yaml */
    struct {
        uint32_t group;
        struct span text;
    } to[SOPS_RECIPIENTS_MAX];
};
/* Add "age1…,age1…" as the policy's one group, or as group `g`. */
MUST struct err sops_policy_add(struct sops_policy *p, struct span list, uint32_t group);
/* Take the recipients of a list away, from every group. */
void sops_policy_remove(struct sops_policy *p, struct span list);
/* Does the document have exactly these recipients, groups and threshold? */
bool sops_policy_is(const struct sops_policy *p, const struct sops_doc *d);
/* The policy of an existing document. */
void sops_policy_of(const struct sops_doc *d, struct sops_policy *p);
/* The first creation rule of a .sops.yaml that fits `path` (relative to that file). Texts go to the
 * arena. ERR_DENIED: none fits. */
MUST struct err sops_policy_find(struct span config, const char *path, struct arena *arena,
                                 struct sops_policy *p, struct fault *f);

/*
 * Append the encrypted form of the clear document `d`. With `old` (an open document) its data key
 * is kept, and with it the ciphertext of every value whose path, type and text are unchanged; its
 * recipients too. Without, a fresh data key is wrapped for the policy's recipients.
 */
MUST struct err sops_encrypt(struct sops_doc *d, const struct sops_policy *p,
                             const struct sops_doc *old, struct buf *out, struct fault *f);
/*
 * Append `d` (open) with `value` (any JSON text) at ["a"]["b"][0] of its first document; every byte
 * that is not of this value, mac or lastmodified stays. What is missing on the way there is made:
 * members at the end of their mapping, an element behind the last one of its list whatever its
 * number. A scalar on the way gives way to a collection. *changed: is the value another one now?
 * ERR_INPUT: the index is malformed, does not fit a list or a mapping on its way, or the format
 * cannot hold the value (dotenv: scalars at the top; INI: scalars in sections).
 */
MUST struct err sops_set(struct sops_doc *d, struct span index, struct span value, bool *changed,
                         struct buf *out, struct fault *f);
/* Append `d` (open) without the value at the index. ERR_INPUT: nothing is there. */
MUST struct err sops_unset(struct sops_doc *d, struct span index, struct buf *out, struct fault *f);
/* Append `d` (open) with a fresh data key and every value sealed anew, for the policy's recipients.
 */
MUST struct err sops_rotate(struct sops_doc *d, const struct sops_policy *p, struct buf *out,
                            struct fault *f);
/* Append `d` (open) with the same data key wrapped for the policy's recipients. */
MUST struct err sops_update_keys(struct sops_doc *d, const struct sops_policy *p, struct buf *out,
                                 struct fault *f);

#endif
