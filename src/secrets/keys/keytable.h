/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access keys in memory that processes share. The ledger role writes it, every gate maps it
 * read-only: a check is one SHA-256, a probe and one constant-time comparison, no message; a
 * revocation holds from the next request.
 *
 * A slot is guarded by a sequence word (odd while it is written): a reader that saw it change reads
 * again, and after a bounded number of tries calls the key unknown. The reader believes nothing: it
 * fixed the number of slots when it attached, probes at most that many, and cuts every text at the
 * size of its field. Only hashes are stored, so the memory holds no key.
 *
 * T1 a slot's id never changes once set. T2 the writer leaves the sequence word even. T3 an entry
 * is found at or after the place its id hashes to, with no empty slot between. T4 one writer.
 */
#ifndef SANCTUM_SECRETS_KEYS_KEYTABLE_H
#define SANCTUM_SECRETS_KEYS_KEYTABLE_H

#include "keytext.h"

/* Keys in one table, revoked ones included: those are kept, so that records can be explained. */
enum { KEY_TABLE_SLOTS = 4096, KEY_TABLE_MAX = 3072 };

enum key_state { KEY_EMPTY, KEY_ACTIVE, KEY_REVOKED };

struct key_entry {
    char id[KEY_ID_CHARS + 1];
    char name[KEY_NAME_MAX + 1]; /* the principal */
    uint8_t hash[KEY_HASH_BYTES];
    enum key_state state;
    uint32_t scopes;    /* KEY_SCOPE_* */
    uint64_t created_s; /* seconds since 1970 */
    uint64_t expires_s; /* 0: never */
};

struct key_table {
    struct key_slot *slots;
    uint32_t count; /* KEY_TABLE_SLOTS */
    bool writable;
    uint32_t used; /* slots with a key, as the writer counts them */
};

/* Bytes of shared memory that a table takes. */
size_t key_table_bytes(void);
/* Use the memory at p (n bytes, 8-aligned) as a table. A writer makes zeroed memory an empty table.
 * ERR_CORRUPT: it is no table of this format. */
MUST struct err key_table_attach(struct key_table *t, void *p, size_t n, bool writable);

/* The writer has put every key it knows, and is ready itself; readers that come earlier would take
 * all keys for unknown. */
void key_table_set_loaded(struct key_table *t);
bool key_table_loaded(const struct key_table *t);

/*
 * The gate's question: whose key is this text? OK with the entry in *out only when it is known,
 * active and not expired at `now_s`; otherwise ERR_DENIED and *out is zeroed, save that `state` and
 * `id` tell the log of a revoked or expired key whose secret was right. The time taken tells
 * nothing of the secret. About 0.3 µs.
 */
MUST struct err key_table_find(const struct key_table *t, struct span text, uint64_t now_s,
                               struct key_entry *out);

/* The entry in slot i (0..count), torn reads excluded. False: empty. For lists. */
bool key_table_at(const struct key_table *t, uint32_t i, struct key_entry *out);

/* Writer: insert or replace the entry of that id. ERR_LIMIT when KEY_TABLE_MAX are there;
 * ERR_DENIED when attached for reading; ERR_INPUT for an entry that breaks its fields' rules. */
MUST struct err key_table_put(struct key_table *t, const struct key_entry *e);
/* Writer: revoke. ERR_INPUT: no such id. */
MUST struct err key_table_revoke(struct key_table *t, struct span id);

/* Fields as they must be: used by the table and by the key file. */
bool key_entry_valid(const struct key_entry *e);

#endif
