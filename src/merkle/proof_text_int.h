/* SPDX-License-Identifier: Apache-2.0 */
/* What proof files and askings of witnesses share: hashes, one a line in base64, an empty line, and
 * the signed checkpoint to the end. */
#ifndef SANCTUM_MERKLE_PROOF_TEXT_INT_H
#define SANCTUM_MERKLE_PROOF_TEXT_INT_H

#include "buf.h"
#include "merkle_proof.h"

/* From byte `at` of `bytes` on. ERR_INPUT with position. The checkpoint is borrowed and not empty.
 */
MUST struct err proof_text_parse(struct span bytes, size_t at, struct merkle_proof *proof,
                                 struct span *checkpoint, struct fault *f);
/* Append. */
MUST struct err proof_text_put(const struct merkle_proof *proof, struct span checkpoint,
                               struct buf *out);

#endif
