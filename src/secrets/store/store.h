/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed store: named secret values in one file, each sealed on its own (crypt/seal) under a
 * key derived from the store's key. The store's key is random and wrapped by what unlocks the
 * store: a passphrase (Argon2id) or a key file. Replaced as a whole, mode 0600.
 *
 *     "sanctum vault\n" format:u8 algorithm:u8 id[16]
 *     unlock:u8 kib:u32 passes:u32 salt[16]  wrapped key[32 + SEAL_OVERHEAD]
 *     count:u32  { name:u16+bytes version:u64 updated:u64 value:u32+sealed bytes } …   by name
 *     hash[32]: HMAC of all of it under a key derived from the store's
 *
 * Integers are little-endian. What is authenticated with each value: store id, name, version, so
 * values cannot change places and old ones cannot come back inside the file. A whole old file put
 * back opens: only the ledger could tell that.
 *
 * Values are opened when asked for and stay sealed in memory otherwise.
 */
#ifndef SANCTUM_SECRETS_STORE_STORE_H
#define SANCTUM_SECRETS_STORE_STORE_H

#include "buf.h"
#include "err.h"
#include "span.h"

enum {
    STORE_NAME_MAX = 96,
    STORE_VALUE_MAX = 16 * 1024,
    STORE_ENTRIES_MAX = 1024,
    STORE_FILE_MAX = 20 * 1024 * 1024,
    STORE_KEY_BYTES = 32,
};

/* What opens a store. */
enum store_unlock { STORE_BY_KEY_FILE = 1, STORE_BY_PASSPHRASE = 2 };

struct store;
/* A new, empty store in memory. `secret`: the key file's 32 bytes, or the passphrase (1 to 1024
 * bytes; costs 0.6 s). */
MUST struct err store_new(enum store_unlock how, struct span secret, struct store **out);
/* What opens the store in these bytes. ERR_INPUT: not a store. ERR_DENIED: a newer format. */
MUST struct err store_unlock_of(struct span bytes, enum store_unlock *how);
/* Open. ERR_DENIED: the secret is wrong, or a newer format. ERR_CORRUPT: damaged or changed. */
MUST struct err store_parse(struct span bytes, struct span secret, struct store **out);
/* Wipes. NULL is fine. */
void store_free(struct store *s);
/* The file's bytes, appended. */
MUST struct err store_format(const struct store *s, struct buf *out);

/* A name a person may use: 1 to STORE_NAME_MAX of [A-Za-z0-9._/-], a letter or digit first. Names
 * that begin with '.' are the program's own. */
bool store_name_valid(struct span name);

/* Set (new version) or add. ERR_INPUT: name; ERR_LIMIT: value too long, or too many. */
MUST struct err store_set(struct store *s, struct span name, struct span value, uint64_t now_s);
/* Append the value to `out`. ERR_CLOSED: no such name. ERR_CORRUPT: it does not open. */
MUST struct err store_get(const struct store *s, struct span name, struct buf *out);
/* ERR_CLOSED: no such name. */
MUST struct err store_remove(struct store *s, struct span name);

struct store_info {
    struct span name; /* borrowed until the store changes */
    uint64_t version, updated_s;
    size_t bytes; /* of the value */
};
size_t store_count(const struct store *s);
/* i < store_count; in the order of names. */
struct store_info store_at(const struct store *s, size_t i);

#endif
