/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's recognisers: expressions and words of all of them become one set that is searched in
 * one pass over the text as it is. Where there are none nothing here is called. Matches are rare;
 * only then are the words nearby read.
 */
#include "scan_int.h"

#include <stdlib.h>

enum { WORDS_BYTES = 256 * 1024 };
static const struct regex_limits words_limits = {WORDS_BYTES, REGEX_PROGRAM_MAX};

struct rule {
    uint8_t custom; /* which recogniser */
    float odds;     /* of its score */
};

struct owner {
    struct regex **re; /* expressions, in the order of the set */
    struct rule *rule;
    size_t n;
    struct regex_set *set;
    struct {
        uint16_t entity, rule;
        bool context;
    } of[SCAN_CUSTOM_MAX];
};

/* ---- making ---- */

static float odds_of(float score)
{
    return score >= 1 ? 100 : score <= 0 ? -100 : score_logit(score);
}

static bool is_score(float x)
{
    return x >= 0 && x <= 1;
}

static struct err add_one(struct owner *o, struct span source, unsigned flags,
                          const struct regex_limits *limits, struct rule rule)
{
    TRY(regex_compile(source, flags | REGEX_PYTHON, limits, &o->re[o->n], NULL));
    o->rule[o->n++] = rule;
    return OK;
}

struct err scan_pattern_check(const struct scan_pattern *p, struct fault *f)
{
    struct regex *re;
    size_t start, end;
    bool found;
    if (!is_score(p->score))
        return fault_at(f, ERR_INPUT, 0, "a score is a number from 0 to 1");
    TRY(regex_compile(p->regex, p->flags | REGEX_PYTHON, NULL, &re, f));
    struct err e = regex_find(re, SPAN_NONE, 0, &start, &end, &found);
    regex_free(re);
    if (!failed(e) && found)
        return fault_at(f, ERR_INPUT, 0, "the expression matches where there is nothing");
    return e;
}

static int longest_first(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->n != y->n ? (x->n > y->n ? -1 : 1) : span_cmp(*x, *y);
}

/* One expression of all words; a longer one is tried before its own beginning. */
static struct err words_regex(const struct span *v, size_t n, struct buf *out)
{
    TRY(buf_puts(out, "(?<![\\pL\\pN_])(?:"));
    for (size_t i = 0; i < n; i++) {
        if (v[i].n == 0)
            return err(ERR_INPUT);
        TRY(buf_puts(out, i ? "|" : ""));
        for (size_t k = 0; k < v[i].n; k++) {
            uint8_t c = v[i].p[k];
            if (c < 0x80 && !is(c, C_LETTER | C_DIGIT) && c != '_' && c > ' ')
                TRY(buf_put_u8(out, '\\'));
            TRY(buf_put_u8(out, c));
        }
    }
    return buf_puts(out, ")(?![\\pL\\pN_])");
}

static struct err add_words(struct owner *o, const struct scan_custom *c, uint8_t i)
{
    if (c->words_n == 0)
        return OK;
    if (c->words_n > SCAN_WORDS_MAX)
        return err(ERR_LIMIT);
    if (!is_score(c->words_score))
        return err(ERR_INPUT);
    struct span *sorted = malloc(c->words_n * sizeof *sorted);
    if (!sorted)
        return err(ERR_NOMEM);
    memcpy(sorted, c->words, c->words_n * sizeof *sorted);
    qsort(sorted, c->words_n, sizeof *sorted, longest_first);
    BUF_AUTO source = buf_init(WORDS_BYTES);
    struct err e = words_regex(sorted, c->words_n, &source);
    free(sorted);
    TRY(e);
    return add_one(o, buf_span(&source), REGEX_NOCASE, &words_limits,
                   (struct rule){i, odds_of(c->words_score)});
}

static struct err add_custom(struct owner *o, const struct scan_custom *c, uint8_t i)
{
    if (c->entity == ENTITY_COUNT || c->entity >= ENTITY_ALL)
        return err(ERR_INPUT);
    o->of[i].entity = (uint16_t)c->entity;
    o->of[i].rule = c->rule;
    o->of[i].context = c->context_n > 0;
    for (size_t k = 0; k < c->n; k++) {
        if (!is_score(c->v[k].score))
            return err(ERR_INPUT);
        TRY(add_one(o, c->v[k].regex, c->v[k].flags, NULL,
                    (struct rule){i, odds_of(c->v[k].score)}));
    }
    return add_words(o, c, i);
}

struct err owner_new(const struct scan_custom *v, size_t n, struct owner **out)
{
    size_t all = n;
    *out = NULL;
    if (n == 0)
        return OK;
    if (n > SCAN_CUSTOM_MAX)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (v[i].n > SCAN_PATTERNS_MAX)
            return err(ERR_LIMIT);
        all += v[i].n;
    }
    struct owner *o = calloc(1, sizeof *o);
    if (!o)
        return err(ERR_NOMEM);
    o->re = calloc(all, sizeof *o->re);
    o->rule = calloc(all, sizeof *o->rule);
    struct err e = o->re && o->rule ? OK : err(ERR_NOMEM);
    for (size_t i = 0; i < n && !failed(e); i++)
        e = add_custom(o, &v[i], (uint8_t)i);
    if (!failed(e))
        e = regex_set_new((const struct regex *const *)o->re, o->n, &o->set);
    if (failed(e)) {
        owner_free(o);
        return e;
    }
    *out = o;
    return OK;
}

void owner_free(struct owner *o)
{
    if (!o)
        return;
    regex_set_free(o->set);
    for (size_t i = 0; o->re && i < o->n; i++)
        regex_free(o->re[i]);
    free(o->re);
    free(o->rule);
    free(o);
}

/* ---- finding ---- */

struct pass {
    struct probe *p;
    const struct owner *o;
    struct findings *out;
};

static struct err hit(void *self, size_t which, size_t start, size_t end)
{
    const struct pass *s = self;
    const struct scanner *sc = s->p->sc;
    unsigned i = s->o->rule[which].custom;
    unsigned entity = s->o->of[i].entity;
    float odds = s->o->rule[which].odds;
    if (!scan_set_has(&sc->wanted, (enum entity)entity))
        return OK;
    if (s->o->of[i].context && odds < 100) {
        struct cues cues;
        cues_read_before(s->p, start, &cues);
        cues_read_after(s->p, start, end, &cues);
        enum cue_tier tier = cues_tier(&cues, CUE_CUSTOM + i);
        odds += tier == CUE_NONE ? 0 : tier == CUE_FAR ? 1.2F : tier == CUE_NEAR ? 3.0F : 4.5F;
    }
    if (odds < sc->least[entity])
        return OK;
    return findings_add(s->out, (struct finding){(uint32_t)start, (uint32_t)end, (uint16_t)entity,
                                                 s->o->of[i].rule, score_of(odds)});
}

struct err owner_scan(struct probe *p, struct span t, struct findings *out)
{
    struct pass s = {p, p->sc->owner, out};
    return regex_set_scan(p->sc->owner->set, t, hit, &s);
}
