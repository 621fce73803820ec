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

static struct cache_slot *set_of(const struct mask_work *w, const struct cache_tag *tag)
{
    size_t i = (size_t)tag->b[CACHE_TAG] << 8 | tag->b[CACHE_TAG + 1];
    return w->cache->set[i % CACHE_SETS];
}

const struct cache_slot *cache_find(const struct mask_work *w, const struct cache_tag *tag)
{
    struct cache_slot *s = set_of(w, tag);
    for (size_t i = 0; i < CACHE_WAYS; i++)
        if (s[i].asked && memcmp(s[i].tag, tag->b, CACHE_TAG) == 0) {
            s[i].asked = ++w->cache->questions;
            return &s[i];
        }
    return NULL;
}

/* In place of what was not asked for the longest: texts of one conversation that fall into the same
 * set do not drive each other out with every turn. */
void cache_keep(struct mask_work *w, const struct cache_tag *tag, const struct findings *f,
                size_t names)
{
    if (f->n > CACHE_FINDINGS)
        return;
    struct cache_slot *set = set_of(w, tag), *s = set;
    for (size_t i = 1; i < CACHE_WAYS; i++)
        if (set[i].asked < s->asked)
            s = &set[i];
    memcpy(s->tag, tag->b, CACHE_TAG);
    s->asked = ++w->cache->questions;
    s->n = (uint32_t)f->n;
    s->names = (uint32_t)names;
    s->plain = w->viewed == VIEW_NONE;
    if (f->n)
        memcpy(s->v, f->v, f->n * sizeof *f->v);
}
