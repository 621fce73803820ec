/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML reader's state, shared by its three files. */
#ifndef SANCTUM_SECRETS_SOPS_YAML_INT_H
#define SANCTUM_SECRETS_SOPS_YAML_INT_H

#include "sops_int.h"

enum yaml_kind { YAML_MAP, YAML_LIST };
struct yaml_level {
    enum yaml_kind kind;
    uint32_t column, node, count;
};

/* What may stand before a value or a key: "&anchor" and "!tag". */
struct yaml_props {
    bool any;
    size_t start; /* of the tag, where there is one */
    struct span anchor, tag;
};

/* A change that makes a document one that can be edited value by value: an alias, or a mapping in
 * brackets at the top, written out; an anchor taken away. */
struct yaml_rewrite {
    uint32_t start, end, node; /* SOPS_NO_NODE: nothing comes in its place */
};

struct yaml_anchor;
enum { YAML_BUCKETS = 1024 };

struct yaml {
    struct sops_doc *d;
    struct fault *f;
    struct span in;
    size_t at;
    size_t line; /* where the current line starts */
    struct yaml_level level[SOPS_DEPTH];
    uint32_t depth;
    uint32_t root;    /* of the current document */
    uint32_t pending; /* a node whose value has not come yet; SOPS_NO_NODE: none */
    uint32_t pending_column;
    uint32_t explicit_key; /* the pending node of a "? key" whose ": value" may come */
    struct yaml_props pending_props;
    size_t section;        /* where the sops section of this document starts; in.n + 1: nowhere */
    size_t separators;     /* U+2028 and U+2029 not met in quotes yet, where alone they may stand */
    size_t separators_to;  /* behind the last one met */
    size_t separator_last; /* where the last one of the source is */
    size_t seen;           /* list_ahead looked as far as here, and found: */
    bool seen_list;
    bool started; /* a document is open */
    bool marked;  /* a "---" or "..." was met */
    bool aliased; /* something must be written out before the document can be edited */
    struct yaml_anchor *anchors;
    uint32_t n_anchors, cap_anchors, copied;
    uint32_t *bucket; /* YAML_BUCKETS of them, or NULL: 1 + the newest anchor of this hash */
    struct yaml_rewrite *rewrites;
    uint32_t n_rewrites, cap_rewrites;
};

struct err yaml_bad(struct yaml *y, size_t at, const char *why);

/* ---- yaml_scalar.c ---- */

/* A quoted, plain or block scalar as an item (its node is the caller's to set), not yet added.
 * `parent` is the column that lines which go on must pass. The cursor ends behind it. */
MUST struct err yaml_text(struct yaml *y, int parent, bool flow, const struct yaml_props *p,
                          struct sops_item *out);
/* Any value at the cursor (scalar, brackets, alias), added to the document as `node`'s. */
MUST struct err yaml_value(struct yaml *y, uint32_t node, int parent, bool flow,
                           const struct yaml_props *p);
/* A key that stands here, cursor behind its colon; *found false: none does, cursor as before, and
 * *key is the scalar's text. `p`: what stood before it. */
MUST struct err yaml_key(struct yaml *y, bool flow, const struct yaml_props *p, struct span *key,
                         bool *found);

/* ---- yaml_props.c ---- */

/* Anchor and tag at the cursor, blanks behind them skipped. */
MUST struct err yaml_props(struct yaml *y, struct yaml_props *out);
/* Put a tag's type on a scalar. ERR_INPUT where the text is none of that type. */
MUST struct err yaml_tagged(struct yaml *y, const struct yaml_props *p, struct sops_item *it);
/* Does the tag make any scalar a text? */
bool yaml_tag_is_text(const struct yaml_props *p);
/* Remember what an anchor names: a node, or the text of a key. */
MUST struct err yaml_anchor_node(struct yaml *y, const struct yaml_props *p, uint32_t node);
MUST struct err yaml_anchor_key(struct yaml *y, const struct yaml_props *p, struct span key);
/* "*name" at the cursor: its value, copied below `node`. */
MUST struct err yaml_alias(struct yaml *y, uint32_t node);
MUST struct err yaml_rewrite_add(struct yaml *y, size_t start, size_t end, uint32_t node);
/* The source with everything written out; *out lies in the document's arena. */
MUST struct err yaml_rewritten(struct yaml *y, struct span *out);

/* ---- yaml_flow.c ---- */

/* A value in brackets. */
MUST struct err yaml_flow(struct yaml *y, uint32_t node);

/* ---- yaml.c ---- */

/* Blanks, then an optional comment of `node`'s, then the line's end. */
MUST struct err yaml_line_end(struct yaml *y, uint32_t node);
MUST struct err yaml_comment(struct yaml *y, uint32_t node);
/* A name that comes twice, as a failure at `at`. */
struct err yaml_twice(struct yaml *y, size_t at, struct err e);

#endif
