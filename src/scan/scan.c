/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner object, and one text from start to end: fold if needed, sweep, the owner's
 * recognisers and lists, thresholds, offsets back to the text as it was. stream.c does the same in
 * pieces.
 */
#include "fold_int.h"
#include "scan_int.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>

float score_logit(float p)
{
    return logf(p / (1 - p));
}

float score_of(float log_odds)
{
    return 1 / (1 + expf(-log_odds));
}

struct scan_set scan_set_all(void)
{
    struct scan_set s = {{0}};
    for (size_t e = 0; e < ENTITY_ALL; e++)
        scan_set_add(&s, (enum entity)e);
    return s;
}

struct scan_config scan_config_default(void)
{
    return (struct scan_config){.entities = scan_set_all(), .threshold = SCAN_THRESHOLD};
}

/* ---- lists ---- */

static int by_text(const void *a, const void *b)
{
    const struct scan_entry *x = a, *y = b;
    int order = span_cmp(x->text, y->text);
    return order ? order : (int)x->entity - (int)y->entity;
}

static struct err list_new(const struct scan_term *terms, size_t n, struct scan_list *out)
{
    size_t bytes = 0;
    if (n > SCAN_TERMS_MAX)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (!terms[i].text.n || terms[i].entity >= ENTITY_ALL)
            return err(ERR_INPUT);
        if (terms[i].text.n > SCAN_TERM_LEN_MAX)
            return err(ERR_LIMIT);
        bytes += terms[i].text.n;
    }
    if (!n)
        return OK;
    out->v = calloc(n, sizeof *out->v);
    out->bytes = malloc(bytes);
    if (!out->v || !out->bytes)
        return err(ERR_NOMEM);
    uint8_t *to = out->bytes;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < terms[i].text.n; k++)
            to[k] = ascii_lower(terms[i].text.p[k]);
        out->v[i] = (struct scan_entry){span(to, terms[i].text.n), (uint16_t)terms[i].entity};
        if (terms[i].text.n > out->longest)
            out->longest = terms[i].text.n;
        to += terms[i].text.n;
    }
    out->n = n;
    qsort(out->v, n, sizeof *out->v, by_text);
    return OK;
}

static void list_free(struct scan_list *l)
{
    free(l->v);
    free(l->bytes);
}

/* The first entry whose text is `word` in any case; l->n when there is none. */
static size_t list_find(const struct scan_list *l, struct span word)
{
    uint8_t low[SCAN_TERM_LEN_MAX];
    if (word.n > sizeof low || word.n > l->longest)
        return l->n;
    for (size_t i = 0; i < word.n; i++)
        low[i] = ascii_lower(word.p[i]);
    size_t lo = 0, hi = l->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (span_cmp(l->v[mid].text, span(low, word.n)) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->n && span_eq(l->v[lo].text, span(low, word.n)) ? lo : l->n;
}

static bool allowed(const struct scanner *s, enum entity e, struct span text)
{
    for (size_t i = list_find(&s->allow, text);
         i < s->allow.n && span_eq_nocase(s->allow.v[i].text, text); i++) {
        unsigned of = s->allow.v[i].entity;
        if (of == e || (of == ENTITY_COUNT && e != ENTITY_SECRET))
            return true;
    }
    return false;
}

/* ---- the object ---- */

static struct err config_copy(const struct scan_config *cfg, struct scanner *s)
{
    s->wanted = cfg->entities;
    s->secrets = scan_set_has(&s->wanted, ENTITY_SECRET);
    for (size_t e = 0; e < ENTITY_ALL; e++) {
        float t = cfg->thresholds[e] > 0 ? cfg->thresholds[e] : cfg->threshold;
        if (!(t >= 0 && t <= 1))
            return err(ERR_INPUT);
        s->threshold[e] = t;
        s->least[e] = t <= 0.001F ? -100 : t >= 0.999F ? score_logit(0.999F) : score_logit(t);
    }
    TRY(owner_new(cfg->custom, cfg->custom_n, &s->owner));
    s->plain_c = cfg->plain_c;
    s->anchors = cfg->plain_c ? anchors_plain : anchors_best();
    anchor_keys_make(&s->keys);
    TRY(list_new(cfg->allow, cfg->allow_n, &s->allow));
    TRY(list_new(cfg->deny, cfg->deny_n, &s->deny));
    TRY(cue_index_new(cfg->custom, cfg->custom_n, cfg->plain_c, &s->cues));
    TRY(shape_index_new(s, &s->shapes));
    for (size_t n = 1; n <= NEAR_DIGITS; n++) {
        s->shapeless |= (uint32_t)shape_none(s->shapes, n) << n;
        s->dotless[n] = shape_dotless(s->shapes, n);
    }
    return OK;
}

struct err scanner_new(const struct scan_config *cfg, struct scanner **out)
{
    struct scanner *s = calloc(1, sizeof *s);
    if (!s)
        return err(ERR_NOMEM);
    struct err e = config_copy(cfg, s);
    if (failed(e)) {
        scanner_free(s);
        return e;
    }
    *out = s;
    return OK;
}

void scanner_free(struct scanner *s)
{
    if (!s)
        return;
    list_free(&s->allow);
    list_free(&s->deny);
    owner_free(s->owner);
    cue_index_free(s->cues);
    shape_index_free(s->shapes);
    free(s);
}

/* ---- reporting ---- */

bool probe_wants(const struct probe *p, enum entity e)
{
    return scan_set_has(&p->sc->wanted, e);
}

void probe_reset(struct probe *p)
{
    for (size_t i = 0; i < CUE_BLOCKS; i++)
        p->blocks[i].at = SIZE_MAX;
    p->may_start = p->column.start = p->label_start = SIZE_MAX;
}

const struct cues *probe_cues_before(struct probe *p, size_t start)
{
    if (p->cue_start != start) {
        cues_read_before(p, start, &p->cues);
        p->cue_end = SIZE_MAX;
        p->cue_start = start;
    }
    return &p->cues;
}

const struct cues *probe_cues(struct probe *p, size_t start, size_t end)
{
    probe_cues_before(p, start);
    if (p->cue_end != end) {
        cues_read_after(p, start, end, &p->cues);
        p->cue_end = end;
    }
    return &p->cues;
}

float probe_weight(struct probe *p, size_t start, size_t end, enum entity e, bool evident)
{
    if (p->cue_start != start && cues_label(p, start, e))
        return CUE_WEIGHT_MAX;
    const struct cues *c = probe_cues_before(p, start);
    return cues_weight(cues_settle(c, e) ? c : probe_cues(p, start, end), e, evident);
}

bool probe_certain(const struct probe *p, enum entity e, float odds)
{
    const float worst = -1.5F; /* cues_weight: a counter-cue is its label */
    return odds + worst >= p->sc->least[e];
}

bool scan_emit(struct probe *p, enum entity e, size_t start, size_t end, float log_odds,
               unsigned rule)
{
    if (log_odds < p->sc->least[e] || !probe_wants(p, e) || failed(p->err))
        return false;
    /* A run that was cut at a ceiling may end inside a character. */
    struct finding f = {(uint32_t)utf8_floor(p->text, start), (uint32_t)utf8_ceil(p->text, end),
                        (uint16_t)e, (uint16_t)rule, score_of(log_odds)};
    p->err = findings_add(p->out, f);
    return true;
}

/* ---- the owner's recognisers and deny list, over the text as it is ---- */

static bool inside_word(struct span t, size_t at)
{
    return at && at < t.n && is(t.p[at - 1], C_WORD | C_HIGH) && is(t.p[at], C_WORD | C_HIGH);
}

static struct err deny_scan(const struct scanner *s, struct span t, struct findings *out)
{
    for (size_t at = 0; s->deny.n && at < t.n; at++) {
        if (inside_word(t, at) || t.p[at] == ' ')
            continue;
        for (size_t n = t.n - at < s->deny.longest ? t.n - at : s->deny.longest; n; n--) {
            size_t i = inside_word(t, at + n) ? s->deny.n : list_find(&s->deny, span_cut(t, at, n));
            if (i == s->deny.n || s->deny.v[i].entity == ENTITY_COUNT)
                continue;
            TRY(findings_add(out, (struct finding){(uint32_t)at, (uint32_t)(at + n),
                                                   s->deny.v[i].entity, 0, 1}));
            break;
        }
    }
    return OK;
}

struct err scan_owner(struct probe *p, struct span t, struct findings *out)
{
    TRY(deny_scan(p->sc, t, out));
    return p->sc->owner ? owner_scan(p, t, out) : OK;
}

/* ---- one text ---- */

void scan_settle(const struct scanner *s, struct span text, size_t base, struct findings *f,
                 size_t first)
{
    size_t keep = first;
    for (size_t i = first; i < f->n; i++) {
        struct finding one = f->v[i];
        /* Everything else was compared in log-odds before it was added. */
        if (one.entity == ENTITY_SECRET && one.score < s->threshold[ENTITY_SECRET])
            continue;
        if (s->allow.n && one.start >= base &&
            allowed(s, (enum entity)one.entity,
                    span_cut(text, one.start - base, one.end - one.start)))
            continue;
        f->v[keep++] = one;
    }
    f->n = keep;
}

static struct err scan_folded(const struct scanner *s, struct span key, struct span text,
                              struct secret_joints joints, struct findings *out)
{
    struct probe p = {
        .sc = s, .text = text, .key = key, .out = out, .cue_start = SIZE_MAX, .glued = SIZE_MAX};
    p.column.row = SIZE_MAX;
    struct sweep sw = {.secrets = secret_pass_of(text, out)};
    sw.secrets.joints = joints;
    sweep_run(&p, &sw, true);
    TRY(sw.secrets.err);
    return p.err;
}

struct err scan_field(const struct scanner *s, struct span key, struct span text,
                      struct findings *out)
{
    size_t first = out->n;
    if (text.n > SCAN_TEXT_MAX)
        return err(ERR_LIMIT);
    if (fold_needed(text))
        TRY(scan_pieces(s, key, text, out));
    else
        TRY(scan_folded(s, key, text, (struct secret_joints){0}, out));
    if (s->deny.n || s->owner) {
        struct probe p = {.sc = s, .text = text, .key = key, .out = out, .cue_start = SIZE_MAX};
        p.column.row = p.glued = SIZE_MAX;
        probe_reset(&p);
        TRY(scan_owner(&p, text, out));
    }
    scan_settle(s, text, 0, out, first);
    return OK;
}

struct err scan_text(const struct scanner *s, struct span text, struct findings *out)
{
    return scan_field(s, SPAN_NONE, text, out);
}
