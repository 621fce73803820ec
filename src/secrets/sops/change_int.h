/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of an encrypted source: where a value goes (place.c), and what seals the result (change.c).
 */
#ifndef SANCTUM_SECRETS_SOPS_CHANGE_INT_H
#define SANCTUM_SECRETS_SOPS_CHANGE_INT_H

#include "json.h"
#include "num.h"
#include "sops_int.h"
#include "splice.h"

struct sops_step {
    struct span name; /* p is NULL: `index` counts */
    uint64_t index;
};
struct sops_index {
    struct sops_step step[SOPS_DEPTH];
    uint32_t n;
};

/* In order, not overlapping; texts in the arena. */
struct sops_edits {
    struct arena arena;
    struct splice_edit v[4];
    uint32_t n;
    enum sops_type type; /* of the new value, where the source cannot say; SOPS_NULL: it can */
};

MUST struct err sops_index_parse(struct span text, struct sops_index *out, struct fault *f);
MUST struct err sops_reseal(const struct sops_doc *old, const struct sops_edits *e, struct buf *out,
                            struct fault *f);

/* ---- place.c: `value` is a document {"value": …}, whose node 1 is meant ---- */

/* In the place of what stands at `node`. */
MUST struct err sops_place_value(const struct sops_doc *d, uint32_t node,
                                 const struct sops_doc *value, struct sops_edits *e,
                                 struct fault *f);
/* As a new member or element of the collection `node`, behind the others. */
MUST struct err sops_place_member(const struct sops_doc *d, uint32_t node,
                                  const struct sops_step *step, const struct sops_doc *value,
                                  struct sops_edits *e, struct fault *f);
/* Take `node` away. */
MUST struct err sops_place_nothing(const struct sops_doc *d, uint32_t node, struct sops_edits *e,
                                   struct fault *f);

#endif
