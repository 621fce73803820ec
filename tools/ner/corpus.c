/* SPDX-License-Identifier: Apache-2.0 */
/* The trainer's input and output files. Made by the project's own tools: errors end the run. */
#include "train.h"

#include "buf.h"
#include "file.h"
#include "hash.h"
#include "wr.h"

#include <stdio.h>
#include <stdlib.h>

bool options_read(int argc, char **argv, struct options *o)
{
    *o = (struct options){.rows = 12 << 16, .epochs = 4, .runs = 3, .seed = 1};
    int at = argc < 4 ? argc : 3;
    if (at == 3) {
        o->lists = argv[1];
        o->out = argv[2];
        o->corpus = (const char *const *)&argv[3];
    }
    for (; at < argc && argv[at][0] != '-'; at++)
        o->corpora++;
    for (; at + 1 < argc; at += 2) {
        unsigned long v = strtoul(argv[at + 1], NULL, 10);
        if (strcmp(argv[at], "--rows") == 0)
            o->rows = (unsigned)v;
        else if (strcmp(argv[at], "--epochs") == 0)
            o->epochs = (unsigned)v;
        else if (strcmp(argv[at], "--runs") == 0)
            o->runs = (unsigned)v;
        else if (strcmp(argv[at], "--seed") == 0)
            o->seed = v;
        else
            break;
    }
    if (at == argc && o->corpora && o->runs && o->epochs && o->rows >= ROWS_MIN &&
        o->rows % ROWS_A_LINE == 0 && o->rows <= ROWS_MAX)
        return true;
    fprintf(stderr,
            "usage: ner-train LISTS OUT CORPUS... [--rows N] [--epochs N] [--runs N] [--seed "
            "N]\n");
    return false;
}

static bool read_whole(const char *path, struct buf *b)
{
    *b = buf_init((size_t)1 << 30);
    if (!failed(file_read(path, b)) && !failed(buf_put_u8(b, 0)))
        return true;
    fprintf(stderr, "ner-train: cannot read %s\n", path);
    return false;
}

/* ---- texts */

static unsigned long number(const char **p)
{
    char *end;
    unsigned long v = strtoul(*p, &end, 10);
    *p = *end ? end + 1 : end;
    return v;
}

static bool doc_read(const char **p, const char *end, struct doc *d)
{
    if (**p != 'D')
        return false;
    *p += 2;
    size_t bytes = number(p);
    d->n = number(p);
    if (bytes + 1 > (size_t)(end - *p))
        return false;
    d->text = span(*p, bytes);
    *p += bytes + 1;
    d->spans = d->n ? calloc(d->n, sizeof *d->spans) : NULL;
    for (size_t k = 0; k < d->n; k++) {
        if (!d->spans)
            return false;
        d->spans[k].start = (uint32_t)number(p);
        d->spans[k].end = (uint32_t)number(p);
        d->spans[k].kind = (uint8_t)number(p);
        if (d->spans[k].kind >= KINDS || d->spans[k].end > bytes)
            return false;
    }
    return true;
}

bool corpus_read(const char *path, struct corpus *c)
{
    struct buf b;
    *c = (struct corpus){0};
    if (!read_whole(path, &b))
        return false;
    size_t cap = 0, n;
    c->bytes = buf_take(&b, &n);
    const char *p = (const char *)c->bytes, *end = p + n - 1;
    while (p < end) {
        if (c->n == cap) {
            cap = cap ? cap * 2 : 1024;
            struct doc *more = realloc(c->docs, cap * sizeof *more);
            if (!more)
                return false;
            c->docs = more;
        }
        c->docs[c->n] = (struct doc){0};
        if (!doc_read(&p, end, &c->docs[c->n++])) {
            fprintf(stderr, "ner-train: %s: document %zu is malformed\n", path, c->n);
            return false;
        }
    }
    return true;
}

void corpus_shuffle(struct corpus *c, struct rng *r)
{
    for (size_t i = c->n; i > 1; i--) {
        size_t k = rng_below(r, (uint32_t)i);
        struct doc swap = c->docs[i - 1];
        c->docs[i - 1] = c->docs[k];
        c->docs[k] = swap;
    }
}

void corpus_free(struct corpus *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->docs[i].spans);
    free(c->docs);
    free(c->bytes);
}

/* ---- word lists */

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

/* A word that finds no room where it may be looked for (one in a hundred) is left out. */
static void lists_put(uint32_t *slots, unsigned log2, uint64_t hash, struct gaz g)
{
    uint32_t mask = (1U << log2) - 1, tag = (uint32_t)(hash >> 32) & ~((1U << GAZ_BITS) - 1);
    uint32_t at = (uint32_t)hash & mask & ~15U;
    for (unsigned i = 0; i < GAZ_PROBES; i++, at = (at + 1) & mask) {
        uint32_t e = slots[at];
        if (e && (e & ~((1U << GAZ_BITS) - 1)) != tag)
            continue;
        struct gaz h = gaz_unpack(e);
        g.first = larger(g.first, h.first);
        g.last = larger(g.last, h.last);
        g.common = larger(g.common, h.common);
        g.city = larger(g.city, h.city);
        g.lex = h.lex ? h.lex : g.lex;
        slots[at] = tag | gaz_pack(g);
        return;
    }
}

/* The words of lines "WORD\tFIRST\tLAST\tCOMMON\tCITY\tLEX\n". */
static bool lists_parse(const char *p, uint32_t *slots, unsigned log2)
{
    while (*p) {
        const char *tab = strchr(p, '\t');
        if (!tab)
            return false;
        uint8_t folded[FOLDED_MAX];
        size_t len = word_fold(span(p, (size_t)(tab - p)), folded);
        p = tab + 1;
        uint8_t v[5];
        for (unsigned k = 0; k < 5; k++)
            v[k] = (uint8_t)number(&p);
        lists_put(slots, log2, word_hash(folded, len), (struct gaz){v[0], v[1], v[2], v[3], v[4]});
    }
    return true;
}

bool lists_add(const char *path, uint32_t *slots, unsigned log2)
{
    struct buf b;
    if (!read_whole(path, &b))
        return false;
    bool ok = lists_parse((const char *)buf_span(&b).p, slots, log2);
    buf_free(&b);
    return ok;
}

bool lists_read(const char *path, struct gaz_table *t)
{
    struct buf b;
    if (!read_whole(path, &b))
        return false;
    size_t n;
    char *bytes = (char *)buf_take(&b, &n);
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += bytes[i] == '\n';
    unsigned log2 = 8;
    while (log2 < GAZ_LOG2_MAX && (size_t)1 << log2 < lines + lines / 4)
        log2++;
    uint32_t *slots = calloc((size_t)1 << log2, sizeof *slots);
    if (!slots)
        return false;
    if (!lists_parse(bytes, slots, log2))
        return false;
    free(bytes);
    *t = (struct gaz_table){slots, log2};
    return true;
}

void lists_free(struct gaz_table *t)
{
    free((void *)(uintptr_t)t->slots);
    *t = (struct gaz_table){0};
}

/* ---- weights file */

/* Probability i / 64 as a score of 255: the operating point 0.7 stands at probability 1/2. */
static unsigned score_at(unsigned i)
{
    enum { HALF = (CALIBRATION - 1) / 2, AT_HALF = 179 };
    return i <= HALF ? i * AT_HALF / HALF : AT_HALF + (i - HALF) * (255 - AT_HALF) / HALF;
}

static void head_write(const struct model_out *m, uint8_t head[MODEL_HEAD])
{
    memset(head, 0, MODEL_HEAD);
    struct wr w = wr_of(head, MODEL_HEAD);
    wr_str(&w, MODEL_MAGIC);
    wr_le(&w, 4, NER_FORMAT);
    wr_le(&w, 4, m->rows);
    wr_le(&w, 4, m->gaz.log2);
    wr_le(&w, 4, UNITS);
    wr_str(&w, "en");
    w.n = MODEL_TRANS_AT;
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++)
            wr_le(&w, 2, (uint16_t)m->trans[x][y]);
    w.n = MODEL_CALIBRATION_AT;
    for (unsigned k = 0; k < KINDS; k++)
        for (unsigned i = 0; i < CALIBRATION; i++)
            wr_u8(&w, (uint8_t)score_at(i));
}

bool model_write(const struct model_out *m, const char *path)
{
    uint8_t head[MODEL_HEAD];
    head_write(m, head);
    struct span gaz = span(m->gaz.slots, (size_t)4 << m->gaz.log2);
    struct span rows = span(m->row, (size_t)WIDTH * m->rows);
    struct span whole = span(head, sizeof head);
    const struct span parts[] = {span_cut(whole, 8, 24), span_from(whole, MODEL_TRANS_AT), gaz,
                                 rows};
    hash_sha256_parts(parts, 4, head + 32);
    struct buf b = buf_init((size_t)NER_WEIGHTS_MAX);
    bool ok = !failed(buf_put(&b, whole)) && !failed(buf_put(&b, gaz)) &&
              !failed(buf_put(&b, rows)) && !failed(file_replace(path, buf_span(&b), 0644));
    buf_free(&b);
    if (!ok)
        fprintf(stderr, "ner-train: cannot write %s\n", path);
    return ok;
}
