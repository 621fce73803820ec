/* SPDX-License-Identifier: Apache-2.0 */
/* scrypt over libsodium. Once a passphrase. */
#include "scrypt.h"

#include <sodium.h>

struct err scrypt_key(struct span passphrase, struct span salt, unsigned log_n,
                      uint8_t out[SCRYPT_KEY_BYTES])
{
    if (log_n < 1 || log_n > SCRYPT_LOG_MAX)
        return err(ERR_LIMIT);
    if (sodium_init() < 0)
        return err(ERR_BUG);
    if (crypto_pwhash_scryptsalsa208sha256_ll(passphrase.p, passphrase.n, salt.p, salt.n,
                                              (uint64_t)1 << log_n, 8, 1, out,
                                              SCRYPT_KEY_BYTES) != 0)
        return err(ERR_NOMEM);
    return OK;
}
