/* SPDX-License-Identifier: Apache-2.0 */
/* Argon2id. Once per unlocking of a store that has a passphrase. */
#include "stretch.h"

#include <sodium.h>

_Static_assert(STRETCH_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "as the library has it");

struct err stretch_passphrase(struct span passphrase, const uint8_t salt[STRETCH_SALT_BYTES],
                              uint32_t kib, uint32_t passes, uint8_t key[STRETCH_KEY_BYTES])
{
    if (kib < STRETCH_KIB_MIN || kib > STRETCH_KIB_MAX || passes < STRETCH_PASSES_MIN ||
        passes > STRETCH_PASSES_MAX)
        return err(ERR_LIMIT);
    if (sodium_init() < 0)
        return err(ERR_BUG);
    if (crypto_pwhash_argon2id(key, STRETCH_KEY_BYTES, (const char *)passphrase.p, passphrase.n,
                               salt, passes, (size_t)kib * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return err(ERR_NOMEM);
    return OK;
}
