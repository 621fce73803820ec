/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of texts seen lately. An agent sends its whole conversation with every turn; only the
 * last message is new, and looking at the others again would cost most of the time of a request.
 * Kept are positions and types, never text: a slot is found by a fingerprint under the principal's
 * own key over the text and everything else that decides the result (rules, weights, scope, what
 * the tagger remembers), so that an answer from here is the answer the detectors would give. No
 * fingerprint leaves this file (ghash.h).
 */
#include "work_int.h"

void cache_begin(struct mask_work *w, const struct mask_key *k)
{
    w->cache_key = k;
    if (w->cache)
        ghash_key(&w->fingerprint, k->findings);
}

struct cache_tag cache_tag_of(const struct mask_engine *e, const struct mask_work *w,
                              struct span text, unsigned scope)
{
    const uint8_t how = (uint8_t)scope;
    const struct span parts[] = {
        span(e->version, sizeof e->version),
        span(&how, 1),
        e->ner && w->memory ? ner_memory_digest(w->memory) : SPAN_NONE,
        text,
    };
    struct cache_tag tag;
    ghash_parts(&w->fingerprint, parts, sizeof parts / sizeof *parts, tag.b);
    return tag;
}

static struct cache_set *set_of(const struct mask_work *w, const struct cache_tag *tag)
{
    size_t i = (size_t)tag->b[0] << 8 | tag->b[1];
    return &w->cache->set[i % CACHE_SETS];
}

const struct cache_slot *cache_find(const struct mask_work *w, const struct cache_tag *tag)
{
    struct cache_set *s = set_of(w, tag);
    for (size_t i = 0; i < CACHE_WAYS; i++)
        if (memcmp(&s->tag[i], tag, sizeof *tag) == 0 && s->slot[i].asked) {
            s->slot[i].asked = ++w->cache->questions;
            return &s->slot[i];
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
    struct cache_set *set = set_of(w, tag);
    size_t at = 0;
    for (size_t i = 1; i < CACHE_WAYS; i++)
        if (set->slot[i].asked < set->slot[at].asked)
            at = i;
    struct cache_slot *s = &set->slot[at];
    set->tag[at] = *tag;
    s->asked = ++w->cache->questions;
    s->n = (uint32_t)f->n;
    s->names = (uint32_t)names;
    s->plain = w->viewed == VIEW_NONE;
    if (f->n)
        memcpy(s->v, f->v, f->n * sizeof *f->v);
}
