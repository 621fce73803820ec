/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store on disk, in DIR (STATE/vault, 0700): `store`, the key file `key` when no passphrase
 * opens it, and `lock`, held while a change is made. And the two duties there are now: values for
 * providers, and the masking root.
 */
#ifndef SANCTUM_SECRETS_STORE_STOREFILE_H
#define SANCTUM_SECRETS_STORE_STOREFILE_H

#include "disk.h"
#include "secret.h"
#include "store.h"

enum { STOREFILE_ROOT_BYTES = 32 };
#define STOREFILE_MASKING_ROOT ".masking-root"

/* Is there a store, and does a passphrase open it? ERR_CLOSED: there is none. ERR_DENIED: a newer
 * format, or others may read it. */
MUST struct err storefile_unlock(const char *dir, enum store_unlock *how);
/* Open the store, or make one when there is none: opened by `passphrase` if it is not empty, else
 * by the key file, which is made too (32 random bytes in hexadecimal, mode 0600). A key file that
 * others may read is refused. The masking root is made with the store. ERR_DENIED: no passphrase
 * given, or the wrong one. */
MUST struct err storefile_open(const char *dir, struct span passphrase, uint64_t now_s,
                               struct store **out);
/* Write atomically. Hold the lock (storefile_lock) from before the open. */
MUST struct err storefile_save(const char *dir, const struct store *s);
/* ERR_AGAIN: another process changes the store. */
MUST struct err storefile_lock(const char *dir, int *fd);
/* Which version of the file this is: to see that it changed. */
MUST struct err storefile_stamp(const char *dir, struct disk_stamp *out);

/* The masking key of a principal, derived from the masking root in the store: it stays the same
 * when the principal's access keys change. */
MUST struct err storefile_mask_key(const struct store *s, struct span principal, uint8_t out[32]);

/*
 * The value that a provider's key setting names, appended to `out`; one newline at the end of a
 * file is dropped. "vault:NAME" from the store (may be NULL); "credential:NAME" from the directory
 * `credentials` (may be NULL); "file:PATH". Files that group or world may read are refused with
 * ERR_DENIED. ERR_CLOSED: there is none; ERR_INPUT: no such kind of reference, or no printable
 * one-line value.
 */
MUST struct err storefile_resolve(const struct store *s, const char *credentials,
                                  struct span reference, struct buf *out);

#endif
