/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why one of sanctum's own findings has its score: what the value would have with no words around
 * it, and which word does most for it. Told by looking again with words blanked, so that there is
 * no second account, which could be wrong, of how words count. A few dozen looks at some 200 bytes,
 * for a client that asked for it.
 */
#include "presidio_int.h"
#include "utf8.h"

#include <string.h>

/* Bytes around the value, of the value, of the field's name; words that are tried, the nearest
 * before the value and behind it, the first of the name. What counts from farther away is not
 * told. */
enum { BEFORE = 160, VALUE_MAX = 512, AFTER = 80, NAME_MAX = 128 };
enum { TRIED_BEFORE = 28, TRIED_AFTER = 12, TRIED_NAME = 8, TRIED_MAX = 48 };

/* The name of the field and the text near the value, as one run of bytes. */
struct scene {
    uint8_t b[NAME_MAX + BEFORE + VALUE_MAX + AFTER];
    size_t name, start, end, n; /* where the name ends, where the value stands, where all ends */
    struct {
        size_t at, n;
    } word[TRIED_MAX];
    size_t words;
};

/* Latin-1's signs, quotes, dashes and blanks are none. */
static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) - 'a' < 26;
    return c >= 0xc0 && c != 0xd7 && c != 0xf7 && (c < 0x2000 || c >= 0x2c00) &&
           (c < 0x3000 || c >= 0x3040);
}

/* Where the word that begins at `at` ends; `at` where none does. */
static size_t word_end(struct span s, size_t at)
{
    uint32_t cp;
    for (size_t n; at < s.n; at += n) {
        n = utf8_next(s, at, &cp);
        if (!is_letter(cp))
            break;
    }
    return at;
}

/* The first `most` words there, or the last ones. */
static void words_in(struct scene *s, size_t from, size_t to, size_t most, bool last)
{
    struct span part = span(s->b, to);
    size_t first = s->words;
    for (size_t i = from, end; i < to && (last || s->words - first < most); i = end) {
        uint32_t cp;
        end = word_end(part, i);
        if (end == i) {
            end += utf8_next(part, i, &cp);
            continue;
        }
        if (s->words - first == most)
            memmove(&s->word[first], &s->word[first + 1], (--s->words - first) * sizeof *s->word);
        s->word[s->words].at = i;
        s->word[s->words++].n = end - i;
    }
}

static struct scene scene_of(struct span name, struct span text, const struct hit *x)
{
    struct scene s;
    size_t from = x->start > BEFORE ? utf8_ceil(text, x->start - BEFORE) : 0;
    size_t to = utf8_floor(text, text.n - x->end > AFTER ? x->end + AFTER : text.n);
    if (name.n)
        memcpy(s.b, name.p, name.n);
    memcpy(s.b + name.n, text.p + from, to - from);
    s.name = name.n;
    s.start = name.n + (x->start - from);
    s.end = name.n + (x->end - from);
    s.n = name.n + (to - from);
    s.words = 0;
    words_in(&s, 0, s.name, TRIED_NAME, false);
    words_in(&s, s.name, s.start, TRIED_BEFORE, true);
    words_in(&s, s.end, s.n, TRIED_AFTER, false);
    return s;
}

static void blank(struct scene *s, size_t word)
{
    memset(s->b + s->word[word].at, ' ', s->word[word].n);
}

static void blank_all_but(struct scene *s, size_t kept)
{
    for (size_t i = 0; i < s->words; i++)
        if (i != kept)
            blank(s, i);
}

/* The score that the value has there; 0 where it is not found. */
static struct err look(struct presidio *p, const struct mask_engine *engine, const struct scene *s,
                       enum entity e, double *score)
{
    const struct findings *found;
    struct span name = span(s->b, s->name), text = span(s->b + s->name, s->n - s->name);
    *score = 0;
    detect_forget(p->work);
    TRY(detect_text(engine, p->work, name, text, DETECT_STRUCTURED, &found));
    for (size_t i = 0; i < found->n; i++) {
        const struct finding *f = &found->v[i];
        bool sure;
        if (f->entity == e && s->name + f->start == s->start && s->name + f->end == s->end)
            *score = api_score(f, &sure);
    }
    return OK;
}

/* The word without which the score is lowest; where each can be missed, the one that alone raises
 * it most. s->words where there is none. */
static struct err main_word(struct presidio *p, const struct mask_engine *engine,
                            const struct scene *s, const struct hit *x, size_t *word)
{
    double least = x->score, most = x->base, score;
    struct scene without, with;
    *word = s->words;
    for (size_t i = 0; i < s->words; i++) {
        without = *s;
        blank(&without, i);
        TRY(look(p, engine, &without, x->entity, &score));
        if (score < least) {
            least = score;
            *word = i;
        }
    }
    for (size_t i = 0; i < s->words && least == x->score; i++) {
        with = *s;
        blank_all_but(&with, i);
        TRY(look(p, engine, &with, x->entity, &score));
        if (score > most) {
            most = score;
            *word = i;
        }
    }
    return OK;
}

static struct err put_lower(struct arena *a, struct span word, struct span *out)
{
    void *p;
    TRY(arena_take(a, word.n, &p));
    struct wr w = wr_of(p, word.n);
    for (size_t i = 0; i < word.n; i++)
        wr_u8(&w, ascii_lower(word.p[i]));
    *out = wr_span(&w);
    return OK;
}

struct err explain_hit(struct request *r, const struct mask_engine *engine, struct span name,
                       struct span text, struct hit *x)
{
    double score;
    size_t word;
    if (x->end - x->start > VALUE_MAX || name.n > NAME_MAX)
        return OK;
    struct scene s = scene_of(name, text, x), bare = s;
    TRY(look(r->p, engine, &s, x->entity, &score));
    if (score != x->score) /* something farther away counts */
        return OK;
    blank_all_but(&bare, bare.words);
    TRY(look(r->p, engine, &bare, x->entity, &score));
    if (score >= x->score)
        return OK;
    x->base = score;
    TRY(main_word(r->p, engine, &s, x, &word));
    if (word == s.words)
        return OK;
    return put_lower(&r->arena, span(s.b + s.word[word].at, s.word[word].n), &x->supporting);
}
