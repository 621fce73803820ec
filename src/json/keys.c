/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicate keys: one hash set for all objects of a body; an entry is (object, name). SipHash-1-3
 * with the caller's seed, so that whoever writes the keys cannot make them collide.
 */
#include "json_int.h"

enum { FIRST_SLOTS = 32 };

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

struct err json_keys_see(struct json_keys *k, struct json *j, const struct json_token *t)
{
    if (t->type == JSON_OBJECT)
        k->scope[t->depth + 1] = t->start;
    if (t->type != JSON_KEY)
        return OK;
    TRY(grow(k));
    struct span text;
    TRY(decoded(k, j, t, &text));
    uint32_t scope = k->scope[t->depth];
    uint64_t h = hash(k, scope, text);
    struct json_key_slot *s = slot_for(k->slots, k->cap, h, scope, text);
    if (s->text.p) {
        j->e = fault_at(&j->fault, ERR_INPUT, t->start, "the same key twice in one object");
        return j->e;
    }
    *s = (struct json_key_slot){text, h, scope};
    k->n++;
    return OK;
}
