/* SPDX-License-Identifier: Apache-2.0 */
/* What whole bodies and streams share: restoring one text, and one leaf of a body. */
#ifndef SANCTUM_TRAFFIC_MASK_RESTORE_INT_H
#define SANCTUM_TRAFFIC_MASK_RESTORE_INT_H

#include "look_int.h"
#include "restore.h"
#include "splice.h"

/* Scratch of one restorer. */
struct restore_work {
    const struct mask_session *s;
    struct look_skips skips;
    struct buf text;    /* a leaf decoded, behind what its lane held */
    struct buf out;     /* the text restored */
    struct buf encoded; /* as the content of a JSON string */
    struct splice edits;
    uint64_t count;
    struct shifts *shifts; /* where restore_run notes what it changes; or NULL */
    struct shifts cited;   /* of the leaf cited_leaf - 1 of the body */
    size_t cited_leaf;
    bool request; /* a masked request: number tokens stand wherever a number stood */
};

/*
 * Restore l->in into `out` from the beginning on. *used: bytes dealt with; the rest may still
 * become a token (only when !l->final). *joined: state of the text, in and out.
 */
MUST struct err restore_run(struct restore_work *w, const struct look *l, bool *joined,
                            size_t *used);
/* A leaf's text: decoded, appended to w->text. */
MUST struct err restore_decode(struct restore_work *w, const struct llm_doc *d,
                               const struct llm_leaf *l);
/* Put w->out in the place of the leaf's content. `doc` lends its arena. */
MUST struct err restore_replace(struct restore_work *w, struct llm_doc *d,
                                const struct llm_leaf *l);
/* A leaf that is whole: everything but lanes. */
MUST struct err restore_leaf(struct restore_work *w, struct llm_doc *d, const struct llm_leaf *l);
/* A position: its number as `restored` says. */
MUST struct err restore_position(struct restore_work *w, struct llm_doc *d,
                                 const struct llm_leaf *l, const struct shifts *s, uint32_t text);
struct restore_work restore_work_of(const struct mask_session *s);
void restore_work_free(struct restore_work *w);

#endif
