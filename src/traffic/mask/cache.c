/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of texts seen lately. An agent sends its whole conversation with every turn; only the
 * last message is new, and looking at the others again would cost most of the time of a request.
 * Kept are positions and types, never text: a slot is found by a MAC under the principal's own key
 * over the text and everything else that decides the result (rules, weights, scope, what the tagger
 * remembers), so that an answer from here is the answer the detectors would give.
 */
#include "work_int.h"

struct cache_tag cache_tag_of(const struct mask_engine *e, const struct mask_work *w,
                              struct span text, unsigned scope)
{
    const uint8_t how = (uint8_t)scope;
    const struct span parts[] = {
        SPAN_LIT("findings 1"),
        span(e->version, sizeof e->version),
        span(&how, 1),
        e->ner && w->memory ? ner_memory_digest(w->memory) : SPAN_NONE,
        text,
    };
    struct cache_tag tag;
    hash_mac_parts(&w->cache_key->mac, parts, sizeof parts / sizeof *parts, tag.b);
    return tag;
}

static struct cache_slot *slot_of(const struct mask_work *w, const struct cache_tag *tag)
{
    size_t i = (size_t)tag->b[CACHE_TAG] << 8 | tag->b[CACHE_TAG + 1];
    return &w->cache[i % CACHE_SLOTS];
}

const struct cache_slot *cache_find(const struct mask_work *w, const struct cache_tag *tag)
{
    const struct cache_slot *s = slot_of(w, tag);
    return s->used && memcmp(s->tag, tag->b, CACHE_TAG) == 0 ? s : NULL;
}

void cache_keep(struct mask_work *w, const struct cache_tag *tag, const struct findings *f,
                size_t names)
{
    if (f->n > CACHE_FINDINGS)
        return;
    struct cache_slot *s = slot_of(w, tag);
    memcpy(s->tag, tag->b, CACHE_TAG);
    s->n = (uint32_t)f->n;
    s->names = (uint32_t)names;
    s->used = true;
    s->plain = w->viewed == VIEW_NONE;
    if (f->n)
        memcpy(s->v, f->v, f->n * sizeof *f->v);
}
