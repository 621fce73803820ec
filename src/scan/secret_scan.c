/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain-C driver: finds every anchor byte by byte and calls the detectors. It is what the
 * vector pass is compared with, and what reads the insides of encodings. Nothing here is fast; the
 * text it is used on is short.
 */
#include "secret_int.h"

#include <stdlib.h>

/* The word keys by their first byte: 0 ends a chain. */
struct key_chains {
    uint8_t first[256], next[SECRET_WORD_KEYS + 1];
};

static void key_chains_make(struct key_chains *c)
{
    memset(c->first, 0, sizeof c->first);
    for (size_t k = 0; k < SECRET_WORD_KEYS; k++) {
        uint8_t *head = &c->first[secret_word_keys[k].key[0]];
        c->next[k + 1] = *head;
        *head = (uint8_t)(k + 1);
    }
}

static bool word_key_at(const struct key_chains *c, struct span text, size_t at)
{
    for (size_t k = c->first[ascii_lower(text.p[at])]; k; k = c->next[k]) {
        const uint8_t *key = secret_word_keys[k - 1].key;
        size_t i = 1;
        while (i < 4 && key[i] && ascii_lower(secret_byte(text, at + i)) == key[i])
            i++;
        if (i == 4 || !key[i])
            return true;
    }
    return false;
}

static size_t run_len(struct span text, size_t at)
{
    size_t n = 0;
    while (n < SECRET_RUN_MIN && at + n < text.n && secret_run_byte[text.p[at + n]])
        n++;
    return n;
}

/* The first digits of a word: what stands before is letters. */
static void digit_at(struct secret_pass *p, size_t at)
{
    enum { WORD = 64 };
    struct span text = p->text;
    size_t start = at, digits = at, end;
    while (start && at - start < WORD && secret_alnum(text.p[start - 1]))
        if (secret_digit(text.p[--start]))
            return;
    while (digits - at < WORD && secret_digit(secret_byte(text, digits)))
        digits++;
    end = digits + secret_alnum(secret_byte(text, digits));
    if (secret_mixed(text, start, at, digits - at, end))
        secret_at_mixed(p, start, at);
}

static void colon_at(struct secret_pass *p, size_t at)
{
    if (secret_port(p->text, at))
        secret_at_pgpass(p, at);
    if (secret_label(p->text.p[at - 1], p->text, at))
        secret_at_label(p, at);
}

void secret_sweep(struct secret_pass *p)
{
    struct span text = p->text;
    bool run_before = false; /* the byte before was of a run */
    struct key_chains keys;
    key_chains_make(&keys);
    for (size_t i = 0; i < text.n && !failed(p->err); i++) {
        uint8_t c = text.p[i];
        bool run = secret_run_byte[c];
        if (p->row_at == i && i)
            secret_at_row(p);
        if (secret_digit(c) && !(i && secret_digit(text.p[i - 1])))
            digit_at(p, i);
        if (c == '@')
            secret_at_mail(p, i);
        if (c == ':' && span_starts(span_from(text, i), SPAN_LIT("://")))
            secret_at_url(p, i);
        else if (c == ':' && secret_pw(text, i))
            secret_at_word(p, i - 2);
        else if (c == ':' && i && text.p[i - 1] != ' ')
            colon_at(p, i);
        else if (word_key_at(&keys, text, i))
            secret_at_word(p, i);
        if (run && !run_before && run_len(text, i) >= SECRET_RUN_MIN)
            secret_at_run(p, i); /* behind the word, as in the pass: KEY may end a run's block */
        run_before = run;
        if (c >= 0x80 && i && secret_alnum(text.p[i - 1]) && secret_hides(text, i))
            secret_at_hidden(p, i);
        if (c < 0x80 && i && text.p[i - 1] >= 0x80)
            secret_at_foreign(p, i);
    }
}

bool secret_better(const struct finding *a, const struct finding *b)
{
    enum secret_evidence ea = secret_rule_evidence(a->rule, a->score);
    enum secret_evidence eb = secret_rule_evidence(b->rule, b->score);
    bool ma = a->score >= SECRET_MASKED, mb = b->score >= SECRET_MASKED;
    if (ma != mb)
        return ma;
    if (ea != eb)
        return ea > eb;
    if (a->score != b->score)
        return a->score > b->score;
    if (a->end - a->start != b->end - b->start)
        return a->end - a->start > b->end - b->start;
    return a->start != b->start ? a->start < b->start : a->rule < b->rule;
}

static int by_place(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return secret_better(a, b) ? -1 : secret_better(b, a);
}

void secret_settle(struct findings *f, size_t first)
{
    if (f->n - first < 2)
        return;
    qsort(f->v + first, f->n - first, sizeof *f->v, by_place);
    size_t kept = first;
    for (size_t i = first + 1; i < f->n; i++) {
        struct finding *last = &f->v[kept], now = f->v[i];
        if (now.start >= last->end) {
            f->v[++kept] = now;
            continue;
        }
        struct finding win = secret_better(&now, last) ? now : *last;
        if (now.score >= SECRET_MASKED && last->score >= SECRET_MASKED) {
            win.start = now.start < last->start ? now.start : last->start;
            win.end = now.end > last->end ? now.end : last->end;
        }
        *last = win;
    }
    f->n = kept + 1;
}

struct err secret_scan(struct span text, struct findings *out)
{
    if (text.n > UINT32_MAX - 64)
        return err(ERR_LIMIT);
    size_t first = out->n;
    struct secret_pass p = secret_pass_of(text, out);
    secret_sweep(&p);
    TRY(p.err);
    secret_settle(out, first);
    return OK;
}
