/* SPDX-License-Identifier: Apache-2.0 */
/* The making of an encrypted document, shared by the files that write one. */
#ifndef SANCTUM_SECRETS_SOPS_JOB_INT_H
#define SANCTUM_SECRETS_SOPS_JOB_INT_H

#include "sops_int.h"
#include "splice.h"

struct sops_job {
    struct sops_doc *d;
    struct arena arena; /* new texts */
    struct splice s;
    struct gcm g;
    bool *wanted;
    struct span *sealed; /* the new ENC text of each item; empty: stays */
    struct sops_meta *meta;
    struct buf section;
};

/* Ends with sops_job_end either way. */
MUST struct err sops_job_begin(struct sops_job *j, struct sops_doc *d, const uint8_t key[SOPS_KEY]);
void sops_job_end(struct sops_job *j);
/* Seal item i: j->sealed[i]. */
MUST struct err sops_job_seal(struct sops_job *j, uint32_t i);
/* lastmodified and mac in j->meta, of the values as they are now. */
MUST struct err sops_job_mac(struct sops_job *j);

#endif
