/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicate keys. The first few of each object are compared one by one, and most objects have no
 * more. The rest go into one hash set for all objects of a body; an entry is (object, name).
 * SipHash-1-3 with the caller's seed, so that whoever writes the keys cannot make them collide.
 */
#include "json_int.h"

enum {
    FEW = 12, /* more keys than that in one object: the set */
    FIRST_SEEN = 64,
    FIRST_SLOTS = 64,
};

struct json_key_slot {
    struct span text; /* p == NULL: free */
    uint64_t hash;
    uint32_t scope; /* where the object begins */
};

struct json_keys json_keys_of(struct arena *arena, const uint64_t seed[2])
{
    return (struct json_keys){.arena = arena, .seed = {seed[0], seed[1]}};
}

static inline uint64_t rotate(uint64_t v, unsigned n)
{
    return v << n | v >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"); the object's place is mixed
 * into the key. Its value never leaves the process, so byte order does not matter. */
static uint64_t hash(const struct json_keys *k, uint32_t scope, struct span s)
{
    uint64_t k0 = k->seed[0] ^ scope, k1 = k->seed[1];
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575U, k1 ^ 0x646f72616e646f6dU, k0 ^ 0x6c7967656e657261U,
                     k1 ^ 0x7465646279746573U};
    uint64_t w;
    size_t at = 0;
    for (; s.n - at >= 8; at += 8) {
        memcpy(&w, s.p + at, 8);
        v[3] ^= w;
        sip_round(v);
        v[0] ^= w;
    }
    w = (uint64_t)s.n << 56;
    for (unsigned i = 0; at + i < s.n; i++)
        w |= (uint64_t)s.p[at + i] << (8 * i);
    v[3] ^= w;
    sip_round(v);
    v[0] ^= w;
    v[2] ^= 0xff;
    sip_round(v), sip_round(v), sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot that holds (scope, text), or the free one where it belongs. */
static struct json_key_slot *slot_for(struct json_key_slot *slots, size_t cap, uint64_t h,
                                      uint32_t scope, struct span text)
{
    for (size_t i = h & (cap - 1);; i = (i + 1) & (cap - 1)) {
        struct json_key_slot *s = &slots[i];
        if (!s->text.p || (s->hash == h && s->scope == scope && span_eq(s->text, text)))
            return s;
    }
}

/* At most half full, so that look-ups stay short. */
static struct err grow(struct json_keys *k)
{
    if (k->n < k->cap / 2)
        return OK;
    size_t cap = k->cap ? k->cap * 2 : FIRST_SLOTS;
    void *fresh;
    TRY(arena_take(k->arena, cap * sizeof *k->slots, &fresh));
    for (size_t i = 0; i < k->cap; i++) {
        const struct json_key_slot *s = &k->slots[i];
        if (s->text.p)
            *slot_for(fresh, cap, s->hash, s->scope, s->text) = *s;
    }
    k->slots = fresh;
    k->cap = cap;
    return OK;
}

/* The name decoded; a lone surrogate counts as U+FFFD, so two different ones are held for equal:
 * refused rather than let through. */
static struct err decoded(const struct json_keys *k, const struct json *j,
                          const struct json_token *t, struct span *text)
{
    *text = json_inner(j, t);
    if (!t->escaped)
        return OK;
    void *p;
    TRY(arena_take(k->arena, text->n, &p));
    struct wr w = wr_of(p, text->n);
    TRY(json_unescape(*text, JSON_LONE_REPLACE, &w, NULL));
    *text = wr_span(&w);
    return OK;
}

/* Into the set. */
static struct err put(struct json_keys *k, uint32_t scope, struct span text, bool *twice)
{
    TRY(grow(k));
    uint64_t h = hash(k, scope, text);
    struct json_key_slot *s = slot_for(k->slots, k->cap, h, scope, text);
    *twice = s->text.p != NULL;
    if (*twice)
        return OK;
    *s = (struct json_key_slot){text, h, scope};
    k->n++;
    return OK;
}

/* Room for one key more in `seen`. */
static struct err room(struct json_keys *k)
{
    if (k->seen_n < k->seen_cap)
        return OK;
    size_t cap = k->seen_cap ? k->seen_cap * 2 : FIRST_SEEN;
    void *fresh;
    TRY(arena_take(k->arena, cap * sizeof *k->seen, &fresh));
    if (k->seen_n)
        memcpy(fresh, k->seen, k->seen_n * sizeof *k->seen);
    k->seen = fresh;
    k->seen_cap = cap;
    return OK;
}

/* One of the first few keys of this object. The last of them takes all to the set. */
static struct err put_few(struct json_keys *k, struct json_keys_object *o, struct span text,
                          bool *twice)
{
    *twice = false;
    k->seen_n = o->end; /* objects inside are done with */
    for (size_t i = o->first; i < o->end && !*twice; i++)
        *twice = span_eq(k->seen[i], text);
    if (*twice)
        return OK;
    TRY(room(k));
    k->seen[k->seen_n++] = text;
    o->end++;
    bool known;
    if (o->end - o->first == FEW)
        for (size_t i = o->first; i < o->end; i++)
            TRY(put(k, o->scope, k->seen[i], &known));
    return OK;
}

struct err json_keys_see(struct json_keys *k, struct json *j, const struct json_token *t)
{
    if (t->type == JSON_OBJECT) {
        uint32_t next = (uint32_t)k->seen_n;
        k->object[t->depth + 1] = (struct json_keys_object){t->start, next, next};
    }
    if (t->type == JSON_OBJECT_END)
        k->seen_n = k->object[t->depth + 1].first;
    if (t->type != JSON_KEY)
        return OK;
    struct json_keys_object *o = &k->object[t->depth];
    struct span text;
    bool twice;
    TRY(decoded(k, j, t, &text));
    TRY(o->end - o->first < FEW ? put_few(k, o, text, &twice) : put(k, o->scope, text, &twice));
    if (twice)
        j->e = fault_at(&j->fault, ERR_INPUT, t->start, "the same key twice in one object");
    return j->e;
}
