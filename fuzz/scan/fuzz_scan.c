/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner on any bytes. The first byte chooses the configuration, the second the length of the
 * pieces, the rest is text; with the first byte's highest bit its first line is the name of the
 * field that holds it, with the second highest it stands three times in a text of 10 KB, with the
 * third highest, too, of 42 KB: longer than what a stream holds back behind a link. Words and now
 * and then a value stand between. What holds, whatever the bytes:
 *   the vectors' sweep finds what the plain C one finds;
 *   text in pieces gives what the whole gives, with nothing found before what was called settled;
 *   a second look finds the same, and what is found lies inside the text and reaches its score;
 *   one type asked for alone is found where it was found among all, and nothing else is;
 *   settled, the findings do not overlap and cover what they covered.
 */
#include <stdlib.h>

#include "buf.h"
#include "scan.h"

/* covers: src/scan/scan.c src/scan/sweep.c src/scan/anchor.c src/scan/stream.c */
/* covers: src/scan/resolve.c src/scan/shape.c src/scan/number.c src/scan/phone.c */
/* covers: src/scan/card.c src/scan/iban.c src/scan/check.c src/scan/check_world.c */
/* covers: src/scan/date.c src/scan/net.c src/scan/link.c src/scan/address.c src/scan/geo.c */
/* covers: src/scan/coin.c src/scan/coin_check.c src/scan/column.c src/scan/cue.c */
/* covers: src/scan/cue_word.c src/scan/cue_window.c src/scan/near.c src/scan/fold.c */
/* covers: src/scan/owner.c src/scan/address_before.c src/scan/address_code.c */
/* covers: src/scan/address_street.c src/scan/address_wide.c src/scan/cue_map.c */
/* covers: src/scan/cue_member.c src/scan/cue_table.c src/scan/cue_weight.c src/scan/list.c */
/* covers: src/scan/plate.c src/scan/secret_pin.c src/scan/shape_index.c */
/* planted: src/scan/stream.c | sw->from = less(sw->from, drop); | sw->from += 0; */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { USUAL, LOW, OWN, CONFIGS, FAR = 0x20, LONG = 0x40, FIELD = 0x80 };
enum { APART = 5000, FAR_APART = 36000, TEXT_MAX = 1 << 20 };

static struct scan_config configs[CONFIGS];
static struct scanner *fast[CONFIGS], *plain[CONFIGS], *alone[CONFIGS][ENTITY_ALL];

static void must(bool ok)
{
    if (!ok)
        abort();
}

static struct scanner *make(const struct scan_config *cfg, bool plain_c)
{
    struct scan_config c = *cfg;
    struct scanner *s;
    c.plain_c = plain_c;
    must(!failed(scanner_new(&c, &s)));
    return s;
}

/* The owner's lists and recognisers, with look-around, words and context. */
static void make_own(struct scan_config *c)
{
    static const struct scan_term allow[] = {{SPAN_LIT("4111 1111 1111 1111"), ENTITY_COUNT},
                                             {SPAN_LIT("a@example.com"), ENTITY_EMAIL_ADDRESS}};
    static const struct scan_term deny[] = {{SPAN_LIT("Ada Byron"), ENTITY_PERSON},
                                            {SPAN_LIT("x-y"), ENTITY_OWN}};
    static const struct scan_pattern patterns[] = {{SPAN_LIT("[A-Z]{2}-\\d{3,6}"), 0, 0.4F},
                                                   {SPAN_LIT("(?<=id )\\w+(?!\\w)"), 0, 0.9F},
                                                   {SPAN_LIT("\\bkunde\\b"), REGEX_NOCASE, 1}};
    static const struct span words[] = {SPAN_LIT("blue whale"), SPAN_LIT("narwhal")};
    static const struct span context[] = {SPAN_LIT("order"), SPAN_LIT("ticket")};
    static const struct scan_custom custom[] = {
        {patterns, 3, words, 2, 0.8F, context, 2, ENTITY_OWN + 1, SCAN_RULE_OWN},
        {patterns, 1, NULL, 0, 0, NULL, 0, ENTITY_US_SSN, SCAN_RULE_OWN + 1}};
    c->allow = allow;
    c->allow_n = 2;
    c->deny = deny;
    c->deny_n = 2;
    c->custom = custom;
    c->custom_n = 2;
}

static void prepare(void)
{
    for (size_t i = 0; i < CONFIGS; i++)
        configs[i] = scan_config_default();
    configs[LOW].threshold = 0;
    configs[OWN].thresholds[ENTITY_PHONE_NUMBER] = 0.3F;
    make_own(&configs[OWN]);
    for (size_t i = 0; i < CONFIGS; i++) {
        fast[i] = make(&configs[i], false);
        plain[i] = make(&configs[i], true);
    }
}

static const struct scanner *only(size_t config, size_t entity)
{
    struct scan_config c = configs[config];
    if (!alone[config][entity]) {
        c.entities = (struct scan_set){{0}};
        scan_set_add(&c.entities, (enum entity)entity);
        alone[config][entity] = make(&c, false);
    }
    return alone[config][entity];
}

static bool equal(const struct finding *a, const struct finding *b)
{
    return a->start == b->start && a->end == b->end && a->entity == b->entity &&
           a->rule == b->rule && a->score == b->score;
}

static int order(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int d = (a->start > b->start) - (a->start < b->start);
    d = d ? d : (a->end > b->end) - (a->end < b->end);
    d = d ? d : (a->entity > b->entity) - (a->entity < b->entity);
    d = d ? d : (a->rule > b->rule) - (a->rule < b->rule);
    return d ? d : (a->score > b->score) - (a->score < b->score);
}

static void sort(struct findings *f)
{
    if (f->n)
        qsort(f->v, f->n, sizeof *f->v, order);
}

static void same(const struct findings *a, const struct findings *b)
{
    must(a->n == b->n);
    for (size_t i = 0; i < a->n; i++)
        must(equal(&a->v[i], &b->v[i]));
}

static struct findings scan(const struct scanner *s, struct span key, struct span text)
{
    struct findings f = {.max = 1 << 20};
    must(!failed(key.n ? scan_field(s, key, text, &f) : scan_text(s, text, &f)));
    sort(&f);
    return f;
}

static void check(size_t config, struct span text, const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        must(x->start < x->end && x->end <= text.n && x->entity < ENTITY_ALL);
        float least = configs[config].thresholds[x->entity];
        must(x->score >= (least > 0 ? least : configs[config].threshold) && x->score <= 1);
    }
}

static void in_pieces(const struct scanner *s, struct span text, size_t piece,
                      const struct findings *whole)
{
    struct findings f = {.max = 1 << 20};
    struct scan_stream *st;
    must(!failed(scan_stream_new(s, &st)));
    for (size_t at = 0; at < text.n; at += piece) {
        size_t before = f.n, settled = scan_stream_settled(st);
        must(!failed(scan_stream_feed(st, span_cut(text, at, piece), at + piece >= text.n, &f)));
        for (size_t i = before; i < f.n; i++)
            must(f.v[i].start >= settled);
    }
    scan_stream_free(st);
    sort(&f);
    same(whole, &f);
    findings_free(&f);
}

/* The type of the first finding, asked for alone. */
static void one_type(size_t config, struct span key, struct span text, const struct findings *all)
{
    if (!all->n || config == OWN)
        return;
    size_t entity = all->v[all->n / 2].entity;
    struct findings f = scan(only(config, entity), key, text);
    for (size_t i = 0; i < f.n; i++)
        must(f.v[i].entity == entity);
    findings_free(&f);
}

static void resolved(struct span text, struct findings *f)
{
    size_t covered = 0, kept = 0, bytes = 0, after = 0;
    for (size_t i = 0, end = 0; i < f->n; i++) { /* sorted by start */
        size_t from = f->v[i].start > end ? f->v[i].start : end;
        bytes += f->v[i].end > from ? f->v[i].end - from : 0;
        end = f->v[i].end > end ? f->v[i].end : end;
        covered = end;
    }
    scan_resolve(text, f);
    for (size_t i = 0; i < f->n; i++) {
        must(f->v[i].start < f->v[i].end && f->v[i].end <= text.n && f->v[i].start >= kept);
        kept = f->v[i].end;
        after += f->v[i].end - f->v[i].start;
    }
    must(kept == covered && after == bytes);
}

/* Words, and now and then what is always found: whatever a stream gets wrong when it forgets what
 * is behind it, the next value shows. Only digits, which no stream holds back for long. */
static void fill(struct buf *out, size_t n)
{
    for (size_t k = 0; k < n; k += 8) {
        const char *word = k % 56 ? "walking " : "along\n\n ";
        must(!failed(buf_puts(out, k % 456 == 200 ? "10.20.30.40 " : word)));
    }
}

/* The text at the start, in the middle and at the end of a long one. */
static struct span thrice(struct span text, size_t apart, struct buf *out)
{
    must(!failed(buf_put(out, text)));
    fill(out, APART);
    must(!failed(buf_put(out, text)));
    fill(out, apart);
    must(!failed(buf_put(out, text)));
    return buf_span(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fast[0])
        prepare();
    if (size < 2)
        return 0;
    size_t config = data[0] % FAR % CONFIGS;
    struct span text = span(data + 2, size - 2), key = SPAN_NONE;
    if (data[0] & FIELD) {
        size_t line = span_find(text, 0, '\n');
        key = span_cut(text, 0, line);
        text = span_from(text, line + 1);
    }
    BUF_AUTO copies = buf_init(TEXT_MAX);
    if (data[0] & LONG)
        text = thrice(text, data[0] & FAR ? FAR_APART : APART, &copies);
    struct findings a = scan(fast[config], key, text), b = scan(plain[config], key, text),
                    again = scan(fast[config], key, text);
    same(&a, &b);
    same(&a, &again);
    check(config, text, &a);
    if (!key.n)
        in_pieces(fast[config], text, data[0] & LONG ? 64U + 8U * data[1] : 1U + data[1], &a);
    one_type(config, key, text, &a);
    resolved(text, &a);
    findings_free(&a);
    findings_free(&b);
    findings_free(&again);
    return 0;
}
