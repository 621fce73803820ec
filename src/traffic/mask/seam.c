/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seams: a model reads the parts of a message, and the strings of a list, one behind the other. A
 * value that begins in one and ends in the next is seen by no look at either, so what lies around
 * the seam is put together and looked at again. Each half of what is found there becomes a value of
 * its own: the restored request is the one that came.
 *
 * Parts of earlier messages are only read (M3): there the later half alone is masked.
 *
 * Called once for each message and for each JSON in a string. Frequent: no seam at all, or one
 * between a full stop and a capital, which costs two comparisons.
 */
#include "work_int.h"

#include <stdlib.h>

enum {
    REACH = 4096, /* bytes of a long part on each side of a seam */
    PIECES_MAX = 1 << 20,
};

/* Part of a leaf's text in the joined text. */
struct seam_part {
    uint32_t leaf, offset; /* of the part in the leaf's text */
    uint32_t at, n;        /* in the joined text */
};

/* ---- lists ---- */

static struct err grow(void **v, size_t *cap, size_t n, size_t each)
{
    if (n < *cap)
        return OK;
    size_t more = *cap ? *cap * 2 : 16;
    if (more > PIECES_MAX)
        return err(ERR_LIMIT);
    void *p = realloc(*v, more * each);
    if (!p)
        return err(ERR_NOMEM);
    *v = p;
    *cap = more;
    return OK;
}

static struct err add_part(struct seams *s, struct span text, uint32_t leaf, size_t offset)
{
    TRY(grow((void **)&s->part, &s->part_cap, s->parts, sizeof *s->part));
    s->part[s->parts++] =
        (struct seam_part){leaf, (uint32_t)offset, (uint32_t)s->text.n, (uint32_t)text.n};
    return buf_put(&s->text, text);
}

static struct err add_piece(struct seams *s, uint32_t leaf, struct finding f)
{
    TRY(grow((void **)&s->piece, &s->piece_cap, s->pieces, sizeof *s->piece));
    s->piece[s->pieces++] = (struct seam_piece){leaf, f};
    return OK;
}

/* ---- what was found in the joined text ---- */

/* The share that part `i` has in the finding; empty when it has none. */
static struct span share(const struct seams *s, size_t i, const struct finding *f)
{
    const struct seam_part *p = &s->part[i];
    size_t start = f->start > p->at ? f->start : p->at;
    size_t end = f->end < p->at + p->n ? f->end : p->at + p->n;
    return start < end ? span_cut(buf_span(&s->text), start, end - start) : SPAN_NONE;
}

/* The first part that the finding has a share in. */
static size_t first_part(const struct seams *s, const struct finding *f)
{
    size_t low = 0, high = s->parts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->part[mid].at + s->part[mid].n <= f->start)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool reaches(const struct seams *s, size_t i, const struct finding *f)
{
    return i < s->parts && s->part[i].at < f->end;
}

/* Is some share a value by itself? Then two whole values stand side by side, and no halves. */
static struct err is_whole(const struct text_pass *p, const struct seams *s,
                           const struct finding *f, bool *yes)
{
    *yes = false;
    if (f->entity == ENTITY_SECRET)
        return OK;
    for (size_t i = first_part(s, f); reaches(s, i, f) && !*yes; i++) {
        struct span own = share(s, i, f);
        const struct findings *found;
        if (own.n == 0)
            continue;
        TRY(detect_text(p->e, p->w, SPAN_NONE, own, DETECT_STRUCTURED, &found));
        *yes = found->n == 1 && found->v[0].end - found->v[0].start == own.n;
    }
    return OK;
}

static struct err take_finding(const struct text_pass *p, struct seams *s, const struct finding *f,
                               uint32_t first)
{
    bool whole, used = false;
    TRY(is_whole(p, s, f, &whole));
    if (whole)
        return OK;
    for (size_t i = first_part(s, f); reaches(s, i, f); i++) {
        struct span own = share(s, i, f);
        const struct seam_part *part = &s->part[i];
        if (own.n == 0 || part->leaf < first)
            continue;
        struct finding piece = *f;
        piece.start = part->offset + (uint32_t)(own.p - s->text.p) - part->at;
        piece.end = piece.start + (uint32_t)own.n;
        piece.rule = PIECE_RULE;
        used = true;
        TRY(add_piece(s, part->leaf, piece));
    }
    uint32_t token; /* the whole of it is known from now on (M2) */
    struct span all = span_cut(buf_span(&s->text), f->start, f->end - f->start);
    return used ? session_token(p->s, (enum entity)f->entity, TOKEN_PLAIN, all, &token) : OK;
}

/* Look at the joined text; what crosses a seam becomes pieces of leaves from `first` on. */
static struct err look(const struct text_pass *p, struct seams *s, uint32_t first)
{
    const struct findings *found;
    size_t n = 0;
    if (s->parts < 2)
        return OK;
    TRY(detect_text(p->e, p->w, SPAN_NONE, buf_span(&s->text), DETECT_STRUCTURED, &found));
    s->found.n = 0;
    for (; n < found->n; n++)
        if (reaches(s, first_part(s, &found->v[n]) + 1, &found->v[n]))
            TRY(findings_add(&s->found, found->v[n]));
    for (size_t i = 0; i < s->found.n; i++)
        TRY(take_finding(p, s, &s->found.v[i], first));
    return OK;
}

/* ---- which leaves stand side by side ---- */

static bool is_text(uint8_t kind)
{
    return kind == LLM_TEXT || kind == LLM_RESULT || kind == LLM_ARG;
}

static bool word_sign(uint8_t c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c >= 0x80;
}

/* May a value go on over this border? By the raw signs on its two sides: blanks are looked behind,
 * a backslash may be anything. */
static bool may_cross(const struct llm_doc *d, const struct llm_leaf *a, const struct llm_leaf *b)
{
    struct span x = llm_leaf_inner(d, a), y = llm_leaf_inner(d, b);
    uint8_t left = x.p[x.n - 1], right = y.p[0];
    if (left == ' ' && x.n > 1)
        left = x.p[x.n - 2];
    if (right == ' ' && y.n > 1)
        right = y.p[1];
    if (strchr(".!?:;,", left) && left && (uint8_t)(right - 'A') < 26)
        return y.n > 1 && (uint8_t)(y.p[1] - 'A') < 26; /* a sentence begins */
    bool ends = word_sign(left) || (left && strchr("@._-+/=:%&#~()\\", left));
    bool begins = word_sign(right) || (right && strchr("@._-+/=:%&#~()\\", right));
    return ends && begins;
}

/* Put leaf `i` behind the joined text. A long one ends it and begins the next. */
static struct err join_leaf(const struct text_pass *p, struct seams *s, const struct llm_doc *d,
                            uint32_t i, uint32_t first)
{
    struct span text;
    TRY(leaf_decode(d, &d->leaf[i], &s->leaf_text, &s->map, &text));
    if (s->parts && s->between)
        TRY(buf_put_u8(&s->text, s->between));
    if (text.n <= 2 * REACH)
        return add_part(s, text, i, 0);
    if (s->parts) {
        TRY(add_part(s, span_cut(text, 0, REACH), i, 0));
        TRY(look(p, s, first));
    }
    s->parts = 0;
    buf_clear(&s->text);
    return add_part(s, span_from(text, text.n - REACH), i, text.n - REACH);
}

/* Leaves list[0..n) stand side by side. */
static struct err join(const struct text_pass *p, struct seams *s, const struct llm_doc *d,
                       uint32_t first, size_t n)
{
    static const uint8_t between[] = {0, ' '};
    for (size_t k = 0; k < sizeof between && n > 1; k++) {
        s->parts = 0;
        s->between = between[k];
        buf_clear(&s->text);
        for (size_t i = 0; i < n; i++)
            TRY(join_leaf(p, s, d, s->list[i], first));
        TRY(look(p, s, first));
    }
    return OK;
}

static int by_leaf(const void *a, const void *b)
{
    uint32_t x = ((const struct seam_piece *)a)->leaf, y = ((const struct seam_piece *)b)->leaf;
    return (x > y) - (x < y);
}

struct err seams_find(const struct text_pass *p, struct seams *s, const struct llm_doc *d,
                      size_t back, size_t first, size_t last)
{
    size_t n = 0;
    s->pieces = s->next = s->here = 0;
    for (size_t i = back; i < last; i++) {
        const struct llm_leaf *l = &d->leaf[i];
        if (l->kind == LLM_NAME || l->kind == LLM_SEQ || l->end - l->start <= 2)
            continue;
        const struct llm_leaf *before = n ? &d->leaf[s->list[n - 1]] : NULL;
        bool text = is_text(l->kind);
        if (before && (!text || l->depth != before->depth || !may_cross(d, before, l))) {
            TRY(join(p, s, d, (uint32_t)first, n));
            n = 0;
        }
        if (!text)
            continue;
        TRY(grow((void **)&s->list, &s->list_cap, n, sizeof *s->list));
        s->list[n++] = (uint32_t)i;
    }
    TRY(join(p, s, d, (uint32_t)first, n));
    if (s->pieces > 1)
        qsort(s->piece, s->pieces, sizeof *s->piece, by_leaf);
    return OK;
}

void seams_at(struct seams *s, size_t leaf)
{
    s->next += s->here;
    s->here = 0;
    while (s->next < s->pieces && s->piece[s->next].leaf < leaf)
        s->next++;
    while (s->next + s->here < s->pieces && s->piece[s->next + s->here].leaf == leaf)
        s->here++;
}

void seams_init(struct seams *s, size_t max)
{
    s->text = buf_init(max);
    s->leaf_text = buf_init(max);
    s->found.max = WORK_FINDINGS_MAX;
}

void seams_wipe(struct seams *s)
{
    buf_wipe(&s->text);
    buf_wipe(&s->leaf_text);
}

void seams_free(struct seams *s)
{
    seams_wipe(s);
    findings_free(&s->found);
    free(s->map.v);
    free(s->part);
    free(s->piece);
    free(s->list);
}
