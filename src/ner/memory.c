/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names already seen: a set of folded-word hashes that only grows. A word in it counts as evidence
 * for PERSON where it stands again (crf.c adds a bonus), never as a decision: "Baker Street" stays
 * a street after Ms Baker. Used twice: for a conversation (struct ner_memory, the caller's) and for
 * the text at hand (inside struct ner_work).
 */
#include "model_int.h"

#include "hash.h"
#include "wr.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 256 /* of a few texts: they stay near */ };

struct err ner_memory_new(size_t max_words, struct ner_memory **out)
{
    enum { WORDS_MAX = 1 << 20 };
    if (max_words == 0 || max_words > WORDS_MAX)
        return err(ERR_LIMIT);
    size_t slots = SLOTS_FIRST;
    while (slots < 2 * max_words)
        slots *= 2;
    struct ner_memory *m = calloc(1, sizeof *m + (slots + max_words) * sizeof m->v[0]);
    if (!m)
        return err(ERR_NOMEM);
    m->max = max_words;
    m->slots = SLOTS_FIRST;
    m->word = m->v + slots;
    *out = m;
    return OK;
}

/* The slot of `hash`, or the free one where it belongs. */
static size_t slot_of(const struct ner_memory *m, uint64_t hash)
{
    size_t at = (size_t)(hash ^ hash >> 32) & (m->slots - 1);
    while (m->v[at] && m->v[at] != hash)
        at = (at + 1) & (m->slots - 1);
    return at;
}

/* Twice as many slots: there is room for all that `max` words need. */
static __attribute__((noinline)) void grow(struct ner_memory *m)
{
    memset(m->v, 0, m->slots * sizeof m->v[0]);
    m->slots *= 2;
    for (size_t i = 0; i < m->n; i++)
        m->v[slot_of(m, m->word[i])] = m->word[i];
}

/* Few of many slots are taken, and it is done for every text. Word by word from the last one: when
 * a slot is emptied, no word that is left was pushed past it. */
void ner_memory_reset(struct ner_memory *m)
{
    for (size_t i = m->n; i-- > 0;) {
        m->v[slot_of(m, m->word[i])] = 0;
        m->few[m->word[i] % MEMORY_FEW] = 0;
    }
    explicit_bzero(m->word, m->n * sizeof m->word[0]);
    m->n = m->digested = 0;
    m->slots = SLOTS_FIRST;
    memset(m->digest, 0, sizeof m->digest);
}

void ner_memory_free(struct ner_memory *m)
{
    if (m) {
        explicit_bzero(m->v, m->slots * sizeof m->v[0]);
        explicit_bzero(m->word, m->n * sizeof m->word[0]);
        explicit_bzero(m->few, sizeof m->few);
    }
    free(m);
}

struct span ner_memory_digest(struct ner_memory *m)
{
    for (; m->digested < m->n; m->digested++) {
        uint8_t raw[8];
        struct wr w = wr_of(raw, sizeof raw);
        wr_le(&w, 8, m->word[m->digested]);
        const struct span parts[] = {span(m->digest, sizeof m->digest), wr_span(&w)};
        hash_sha256_parts(parts, 2, m->digest);
    }
    return span(m->digest, sizeof m->digest);
}

bool memory_has(const struct ner_memory *m, uint64_t hash)
{
    return memory_may_have(m, hash) && m->v[slot_of(m, hash)] == hash;
}

bool memory_empty(const struct ner_memory *m)
{
    return !m || m->n == 0;
}

bool memory_add(struct ner_memory *m, uint64_t hash)
{
    size_t at = slot_of(m, hash);
    if (m->v[at] || m->n == m->max || hash == 0)
        return false;
    m->v[at] = m->word[m->n++] = hash;
    m->few[hash % MEMORY_FEW] = 1;
    if (2 * m->n > m->slots)
        grow(m);
    return true;
}

bool memory_worth(const struct word *w)
{
    static const bool never[LEX_COUNT] = {
        [LEX_TITLE] = true,   [LEX_PARTICLE] = true, [LEX_SUFFIX] = true,    [LEX_COMPANY] = true,
        [LEX_STREET] = true,  [LEX_UNIT] = true,     [LEX_MONTH] = true,     [LEX_COUNTRY] = true,
        [LEX_DEMONYM] = true, [LEX_KEY] = true,      [LEX_ASSISTANT] = true, [LEX_ORGWORD] = true,
    };
    enum { TOO_PLAIN = 3, TOO_LARGE = 5 };
    if (w->kind != WORD_LETTERS || never[w->gaz.lex] || w->gaz.common >= TOO_PLAIN)
        return false;
    return w->cap == CAP_NONE || (w->len > 2 && w->gaz.city < TOO_LARGE);
}

void memory_learn_words(struct ner_memory *m, struct seq s, const struct finding *found,
                        const uint16_t *at, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (found[k].entity != ENTITY_PERSON || found[k].score < MEMORY_SCORE_HERE)
            continue;
        for (size_t i = at[k]; i < s.n && s.v[i].end <= found[k].end; i++)
            if (memory_worth(s.v[i].w))
                memory_add(m, s.v[i].w->hash);
    }
}

void ner_memory_learn(const struct ner *n, struct ner_memory *m, struct span text,
                      const struct finding *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i].entity != ENTITY_PERSON || found[i].score < MEMORY_SCORE ||
            found[i].rule == NER_RULE_WIDE) /* single ideographs, which are words of all kinds */
            continue;
        struct span name = span_cut(text, found[i].start, found[i].end - found[i].start);
        for (size_t at = 0; at < name.n;) {
            enum word_kind kind;
            size_t end = cut_next(name, &at, &kind);
            if (end == at)
                break;
            struct word w;
            uint8_t bytes[WORD_BYTES] = {0};
            size_t n_bytes = end - at < WORD_BYTES ? end - at : WORD_BYTES;
            memcpy(bytes, name.p + at, n_bytes);
            word_make(bytes, n_bytes, kind, &w);
            word_look_up(&n->gaz, &w);
            if (memory_worth(&w))
                memory_add(m, w.hash);
            at = end;
        }
    }
}
