/* SPDX-License-Identifier: Apache-2.0 */
/* Scratch: it keeps its memory from text to text, so that a steady load allocates nothing. */
#include "work_int.h"

#include "random.h"

#include <stdlib.h>

/* `cache`: another's, or NULL for one of its own. */
static struct err work_new(const struct ner *ner, struct cache *cache, struct mask_work **out)
{
    struct mask_work *w = calloc(1, sizeof *w);
    if (!w)
        return err(ERR_NOMEM);
    uint8_t seed[16];
    random_bytes(seed, sizeof seed);
    w->inner = llm_doc_of(seed);
    w->found.max = w->all.max = WORK_FINDINGS_MAX;
    w->text = w->inner_text = w->keyed = w->value = buf_init(LLM_BODY_MAX);
    for (size_t i = 0; i < VIEW_DEPTH; i++)
        w->view.layer[i].text = buf_init(3 * (size_t)LLM_BODY_MAX);
    seams_init(&w->seams, LLM_BODY_MAX * 2);
    seams_init(&w->inner_seams, LLM_BODY_MAX * 2);
    w->edits = arena_init(WORK_ARENA_MAX);
    w->borrows = cache != NULL;
    w->cache = cache ? cache : calloc(1, sizeof *w->cache);
    struct err e = w->cache ? known_new(&w->known) : err(ERR_NOMEM);
    if (!failed(e))
        e = ghash_new(&w->fingerprint);
    if (!failed(e) && ner)
        e = ner_work_new(ner, &w->ner);
    if (!failed(e) && ner)
        e = ner_memory_new(WORK_MEMORY_WORDS, &w->memory);
    if (failed(e)) {
        mask_work_free(w);
        return e;
    }
    *out = w;
    return OK;
}

struct err mask_work_new(const struct ner *ner, struct mask_work **out)
{
    return work_new(ner, NULL, out);
}

struct err mask_work_beside(const struct mask_work *other, const struct ner *ner,
                            struct mask_work **out)
{
    return work_new(ner, other->cache, out);
}

void mask_work_wipe(struct mask_work *w)
{
    uint8_t seed[sizeof w->inner.seed];
    memcpy(seed, w->inner.seed, sizeof seed);
    llm_doc_free(&w->inner);
    w->inner = llm_doc_of(seed);
    arena_wipe(&w->edits);
    buf_wipe(&w->text);
    buf_wipe(&w->inner_text);
    buf_wipe(&w->keyed);
    buf_wipe(&w->value);
    view_free(&w->view);
    seams_wipe(&w->seams);
    seams_wipe(&w->inner_seams);
    known_reset(w->known, 0);
    detect_forget(w);
}

void mask_work_free(struct mask_work *w)
{
    if (!w)
        return;
    if (w->known)
        mask_work_wipe(w);
    ner_work_free(w->ner);
    ner_memory_free(w->memory);
    known_free(w->known);
    mask_work_no_cache(w);
    ghash_free(&w->fingerprint);
    findings_free(&w->found);
    findings_free(&w->all);
    seams_free(&w->seams);
    seams_free(&w->inner_seams);
    free(w->edit);
    free(w->mark);
    free(w->span);
    free(w->map.v);
    free(w->inner_map.v);
    free(w);
}

void mask_work_large(struct mask_work *w)
{
    w->found.max = w->all.max = UINT32_MAX;
    w->text.max = w->keyed.max = w->value.max = UINT32_MAX;
    for (size_t i = 0; i < VIEW_DEPTH; i++)
        w->view.layer[i].text.max = UINT32_MAX;
}

void mask_work_no_cache(struct mask_work *w)
{
    if (!w->borrows)
        free(w->cache);
    w->cache = NULL;
}

void detect_forget(struct mask_work *w)
{
    if (w->memory)
        ner_memory_reset(w->memory);
}
