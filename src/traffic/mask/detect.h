/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding: scanner and tagger over one text, joined, filtered by the rules and resolved into
 * disjoint findings. What is done with them is mask.h's.
 */
#ifndef SANCTUM_TRAFFIC_DETECT_H
#define SANCTUM_TRAFFIC_DETECT_H

#include "mask.h"

/* How much of the rules applies to a text. */
enum detect_scope {
    DETECT_ALL,
    DETECT_STRUCTURED, /* no names */
    DETECT_CERTAIN,    /* mail addresses, cards, IBANs, SSNs, secrets: for identifiers */
    DETECT_SECRETS,
};

/*
 * The findings of `text` at or above the rules' threshold, sorted, disjoint, borrowed from `w`
 * until its next use. `key`: the name of the field that holds the text, or empty. Names found are
 * remembered in `w` for later texts until detect_forget. ERR_LIMIT, ERR_NOMEM: the text must not
 * pass.
 */
MUST struct err detect_text(const struct mask_engine *e, struct mask_work *w, struct span key,
                            struct span text, enum detect_scope scope,
                            const struct findings **found);
/* A new conversation begins. */
void detect_forget(struct mask_work *w);

#endif
