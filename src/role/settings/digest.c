/* SPDX-License-Identifier: Apache-2.0 */
/* The settings' digest. In a file of its own: who does not ask for it links no crypto. */
#include "hash.h"
#include "settings.h"

_Static_assert((int)SETTINGS_DIGEST == (int)HASH_BYTES, "the digest is SHA-256");

struct err settings_digest(const struct settings *s, uint8_t out[SETTINGS_DIGEST])
{
    BUF_AUTO message = buf_init(SETTINGS_MESSAGE_MAX);
    TRY(settings_encode(s, &message));
    hash_sha256(buf_span(&message), out);
    return OK;
}
