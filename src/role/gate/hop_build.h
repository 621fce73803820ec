/* SPDX-License-Identifier: Apache-2.0 */
/* What building a hop's request works with: hop_request.c builds, hop_long.c has it done in turns.
 */
#ifndef SANCTUM_ROLE_GATE_HOP_BUILD_H
#define SANCTUM_ROLE_GATE_HOP_BUILD_H

#include "upstream.h"

struct build {
    struct exchange *x;
    const struct gate_provider *p;
    const struct mask_key *k; /* NULL where nothing is masked */
    struct mask_work *work;
    struct llm_doc *doc; /* the body as read */
    struct buf *out;     /* scratch for the masked body */
};

/* Mask (or not, by the provider's trust) and build x->out. M6: any failure here ends the hop with
 * nothing sent. */
MUST struct err build_request(const struct build *b, struct fault *f);

/* Have the current hop's request, which is to be masked, built in turns with everything else;
 * hop_built is called in a later round. ERR_NOMEM: it is not going to be. */
MUST struct err build_long(struct exchange *x);

#endif
