/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access keys on disk: STATE/keys/list, mode 0600, replaced as a whole. Text, one key a line,
 * so that an owner can read it; it holds hashes, no key. Format 1:
 *
 *     sanctum keys 1
 *     <id> <name> active|revoked <created> <expires> <scopes> <sha256 of the key, hexadecimal>
 *     ...
 *     end <number of keys>
 *
 * Times are seconds since 1970, expires 0 = never. Strict: one blank between fields, no other line.
 */
#ifndef SANCTUM_SECRETS_KEYS_KEYFILE_H
#define SANCTUM_SECRETS_KEYS_KEYFILE_H

#include "buf.h"
#include "keytable.h"

enum { KEY_FILE_MAX = 1024 * 1024 };

/* Read the text: `each` is called once per key, in order. ERR_INPUT with the line's position;
 * ERR_DENIED for a newer format; what `each` returns ends it. */
MUST struct err key_file_parse(struct span text, struct fault *fault,
                               struct err (*each)(void *arg, const struct key_entry *e), void *arg);

/* Put every key of the file into the table and revoke what the table has beyond it. A missing file
 * is an empty one. ERR_DENIED when others may read it. */
MUST struct err key_file_load(const char *path, struct key_table *t, struct fault *fault);
/* Write all of the table's keys, oldest first. */
MUST struct err key_file_save(const char *path, const struct key_table *t);

#endif
