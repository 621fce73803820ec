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
    size_t section; /* where the sops section of this document starts; in.n + 1: nowhere */
    size_t seen;    /* list_ahead looked as far as here, and found: */
    bool seen_list;
    bool started; /* a document is open */
    bool marked;  /* a "---" or "..." was met */
};

struct err yaml_bad(struct yaml *y, size_t at, const char *why);
/* yaml_scalar.c: quoted, plain and block scalars. `parent` is the column that continuation lines
 * must pass. The cursor ends behind the scalar. */
MUST struct err yaml_scalar(struct yaml *y, uint32_t node, int parent, bool flow);
/* A key that stands here, cursor behind its colon; *found false: no key stands here. */
MUST struct err yaml_key(struct yaml *y, bool flow, struct span *key, bool *found);
/* yaml_flow.c: a value in brackets. */
MUST struct err yaml_flow(struct yaml *y, uint32_t node);
/* Blanks, then an optional comment of `node`'s, then the line's end. */
MUST struct err yaml_line_end(struct yaml *y, uint32_t node);
MUST struct err yaml_comment(struct yaml *y, uint32_t node);

#endif
