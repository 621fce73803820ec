/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSH private keys under a passphrase (PROTOCOL.key): bcrypt_pbkdf gives key and counter of
 * AES-256-CTR, which is what ssh-keygen has written since OpenSSH 7.8. Rare; the rounds a file asks
 * for are capped before they run.
 */
#define _DEFAULT_SOURCE
#include "aes_ctr.h"
#include "age_int.h"
#include "bcrypt.h"
#include "rd.h"

static struct err refuse(struct fault *f, const char *why)
{
    return fault_at(f, ERR_DENIED, 0, why);
}

/* u32 length and salt, u32 rounds, no more. */
static struct err read_options(struct span options, struct span *salt, uint64_t *rounds)
{
    struct rd r = rd_of(options);
    uint64_t n;
    TRY(rd_be(&r, 4, &n));
    TRY(rd_take(&r, n, salt));
    TRY(rd_be(&r, 4, rounds));
    return rd_end(&r);
}

struct err age_ssh_unlock(struct span cipher, struct span kdf, struct span options,
                          struct span passphrase, uint8_t *body, size_t n, struct fault *f)
{
    uint8_t key[AES_CTR_KEY + AES_CTR_IV];
    struct span salt;
    uint64_t rounds;
    if (!span_is(cipher, "aes256-ctr") || !span_is(kdf, "bcrypt"))
        return refuse(f, "an SSH key under a cipher that is not read here: ssh-keygen -p -Z "
                         "aes256-ctr changes it");
    if (failed(read_options(options, &salt, &rounds)))
        return fault_at(f, ERR_INPUT, 0, "a malformed OpenSSH private key");
    struct err e = bcrypt_pbkdf(passphrase, salt, rounds, key, sizeof key);
    if (!failed(e))
        e = aes_ctr(key, key + AES_CTR_KEY, body, n);
    explicit_bzero(key, sizeof key);
    if (err_cat(e) == ERR_LIMIT)
        return refuse(f, "an SSH key whose passphrase takes more rounds than are run here");
    return e;
}
