/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of SOPS documents. A program that needs the cipher alone does not link libsodium. */
#include "gcm.h"

#include <sodium.h>
#include <stdlib.h>

struct err gcm_hash_begin(struct gcm *h)
{
    crypto_hash_sha512_state *state = malloc(sizeof *state);
    *h = (struct gcm){.ctx = state};
    if (!state)
        return err(ERR_NOMEM);
    crypto_hash_sha512_init(state);
    return OK;
}

void gcm_hash_more(struct gcm *h, struct span in)
{
    if (in.n)
        crypto_hash_sha512_update(h->ctx, in.p, in.n);
}

void gcm_hash_end(struct gcm *h, uint8_t out[GCM_SHA512])
{
    crypto_hash_sha512_final(h->ctx, out);
    free(h->ctx);
    h->ctx = NULL;
}
