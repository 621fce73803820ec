/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared table of access keys. Frequent: key_table_find, once a request in every gate. Rare:
 * writing, by the ledger role alone. What never happens: a reader that waits for the writer without
 * bound, or that follows a word of the shared memory out of the table.
 */
#include "keytable.h"

#include <stdatomic.h>
#include <string.h>

#define MAGIC UINT64_C(0x3130424154594b53) /* "SKYTAB01" */
enum { TRIES = 1000, WORDS = (sizeof(struct key_entry) + 7) / 8 };

/* One entry as words, so that readers and writer never race on anything but atomics. */
struct key_slot {
    _Atomic uint64_t sequence;
    _Atomic uint64_t words[WORDS];
};
struct header {
    uint64_t magic;
    uint64_t count;
    uint64_t slot_bytes;
};

/* What the word behind the slots says: no key was ever written; all keys were; some may have been.
 */
enum { FRESH, LOADED, BEGUN };

/* Behind the slots, so that a table of this format is a table of the one before. */
static _Atomic uint64_t *loaded_word(const struct key_table *t)
{
    return (_Atomic uint64_t *)(void *)(t->slots + KEY_TABLE_SLOTS);
}

size_t key_table_bytes(void)
{
    return sizeof(struct header) + KEY_TABLE_SLOTS * sizeof(struct key_slot) + sizeof(uint64_t);
}

void key_table_set_loaded(struct key_table *t)
{
    if (t->writable)
        atomic_store_explicit(loaded_word(t), LOADED, memory_order_release);
}

bool key_table_loaded(const struct key_table *t)
{
    return atomic_load_explicit(loaded_word(t), memory_order_acquire) == LOADED;
}

static uint32_t entries(const struct key_table *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++)
        n += atomic_load_explicit(&t->slots[i].sequence, memory_order_relaxed) != 0;
    return n;
}

struct err key_table_attach(struct key_table *t, void *p, size_t n, bool writable)
{
    struct header *h = p, head, none = {0};
    if (n < key_table_bytes())
        return err(ERR_CORRUPT);
    memcpy(&head, h, sizeof head);
    const struct header want = {MAGIC, KEY_TABLE_SLOTS, sizeof(struct key_slot)};
    if (writable && memcmp(&head, &none, sizeof head) == 0)
        *h = head = want;
    if (memcmp(&head, &want, sizeof head) != 0)
        return err(ERR_CORRUPT);
    *t = (struct key_table){(struct key_slot *)(h + 1), KEY_TABLE_SLOTS, writable, 0};
    /* A fresh one stays unread: half a megabyte, of which few keys need little. */
    if (writable && atomic_load_explicit(loaded_word(t), memory_order_acquire) != FRESH)
        t->used = entries(t);
    return OK;
}

/* Where an id's probe begins: ids are random, so their own bits spread. FNV-1a. */
static uint32_t place(struct span id, uint32_t count)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < id.n; i++)
        h = (h ^ id.p[i]) * 16777619U;
    return (h ^ h >> 15) % count;
}

/* A consistent copy of one slot. False: empty, or the writer never stood still. */
static bool read_slot(const struct key_slot *s, struct key_entry *out)
{
    union {
        uint64_t words[WORDS];
        struct key_entry entry;
    } copy;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = atomic_load_explicit(&s->sequence, memory_order_acquire);
        if (before == 0)
            return false;
        if (before & 1)
            continue;
        for (size_t w = 0; w < WORDS; w++)
            copy.words[w] = atomic_load_explicit(&s->words[w], memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&s->sequence, memory_order_relaxed) != before)
            continue;
        *out = copy.entry;
        out->id[KEY_ID_CHARS] = 0;
        out->name[KEY_NAME_MAX] = 0;
        return true;
    }
    return false;
}

static void write_slot(struct key_slot *s, const struct key_entry *e)
{
    union {
        uint64_t words[WORDS];
        struct key_entry entry;
    } copy = {.words = {0}};
    copy.entry = *e;
    /* A writer that died in the middle left it odd: go on from there (T2). */
    uint64_t odd = atomic_load_explicit(&s->sequence, memory_order_relaxed) | 1;
    atomic_store_explicit(&s->sequence, odd, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (size_t w = 0; w < WORDS; w++)
        atomic_store_explicit(&s->words[w], copy.words[w], memory_order_relaxed);
    atomic_store_explicit(&s->sequence, odd + 1, memory_order_release);
}

/* The slot that holds `id`, or the empty one where it belongs (T3); NULL when the table is full. */
static struct key_slot *probe(const struct key_table *t, struct span id, struct key_entry *e)
{
    uint32_t at = place(id, t->count);
    for (uint32_t i = 0; i < t->count; i++, at = at + 1 == t->count ? 0 : at + 1) {
        struct key_slot *s = &t->slots[at];
        *e = (struct key_entry){0};
        if (atomic_load_explicit(&s->sequence, memory_order_acquire) == 0)
            return s;
        if (read_slot(s, e) && span_eq(span_str(e->id), id))
            return s;
    }
    *e = (struct key_entry){0};
    return NULL;
}

struct err key_table_find(const struct key_table *t, struct span text, uint64_t now_s,
                          struct key_entry *out)
{
    struct span id;
    struct key_entry e;
    uint8_t hash[KEY_HASH_BYTES];
    *out = (struct key_entry){0};
    if (failed(key_text_id(text, &id)))
        return err(ERR_DENIED);
    key_text_hash(text, hash);
    probe(t, id, &e); /* not found: e is zero, and no hash is */
    bool right = span_eq_const_time(span(hash, sizeof hash), span(e.hash, sizeof e.hash));
    if (!right)
        return err(ERR_DENIED);
    if (e.state == KEY_ACTIVE && (e.expires_s == 0 || now_s < e.expires_s)) {
        *out = e;
        return OK;
    }
    out->state = e.state;
    memcpy(out->id, e.id, sizeof out->id);
    return err(ERR_DENIED);
}

bool key_table_at(const struct key_table *t, uint32_t i, struct key_entry *out)
{
    return i < t->count && read_slot(&t->slots[i], out) && out->state != KEY_EMPTY;
}

bool key_entry_valid(const struct key_entry *e)
{
    struct span id = span(e->id, strnlen(e->id, sizeof e->id));
    struct span name = span(e->name, strnlen(e->name, sizeof e->name));
    if (id.n != KEY_ID_CHARS || !key_name_valid(name) || (e->scopes & ~KEY_SCOPES_ALL))
        return false;
    for (size_t i = 0; i < id.n; i++)
        if ((uint8_t)(id.p[i] - '0') >= 10 && (uint8_t)(id.p[i] - 'a') >= 26)
            return false;
    return e->state == KEY_ACTIVE || e->state == KEY_REVOKED;
}

struct err key_table_put(struct key_table *t, const struct key_entry *e)
{
    if (!t->writable)
        return err(ERR_DENIED);
    if (!key_entry_valid(e))
        return err(ERR_INPUT);
    struct key_entry there;
    struct key_slot *s = probe(t, span_str(e->id), &there);
    bool more = there.state == KEY_EMPTY;
    if (!s || (more && t->used >= KEY_TABLE_MAX))
        return err(ERR_LIMIT);
    t->used += more;
    if (atomic_load_explicit(loaded_word(t), memory_order_relaxed) == FRESH)
        atomic_store_explicit(loaded_word(t), BEGUN, memory_order_release);
    write_slot(s, e);
    return OK;
}

struct err key_table_revoke(struct key_table *t, struct span id)
{
    struct key_entry e;
    if (!t->writable)
        return err(ERR_DENIED);
    struct key_slot *s = probe(t, id, &e);
    if (!s || e.state == KEY_EMPTY)
        return err(ERR_INPUT);
    e.state = KEY_REVOKED;
    write_slot(s, &e);
    return OK;
}
