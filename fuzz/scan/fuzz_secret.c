/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in any bytes. Three marks make what is hard to guess easy to reach: 0x01 and a byte stand
 * for a made-up token of a format, its checksum right; 0x02 and a byte for one without; what lies
 * between 0x03 and 0x04 is put into base64. What holds, whatever the bytes: findings inside the
 * text, disjoint and sorted; a second look finds the same; and the one-pass scanner masks the same
 * secrets as the plain reader of the whole, where all is ASCII.
 */
#include "b64.h"
#include "buf.h"
#include "scan.h"
#include "scan/secret_made.h"
#include "secret_scan.h"

/* covers: src/scan/secret_auth.c src/scan/secret_call.c src/scan/secret_check.c */
/* covers: src/scan/secret_code.c src/scan/secret_command.c src/scan/secret_decl.c */
/* covers: src/scan/secret_gap.c src/scan/secret_judge.c src/scan/secret_name.c */
/* covers: src/scan/secret_pem.c src/scan/secret_phrase.c src/scan/secret_place.c */
/* covers: src/scan/secret_rule.c src/scan/secret_scan.c src/scan/secret_token.c */
/* covers: src/scan/secret_sql.c src/scan/secret_url.c src/scan/secret_value.c */
/* covers: src/scan/secret_foreign.c src/scan/secret_made.c src/scan/secret_word.c */
/* covers: src/scan/secret_label.c src/scan/secret_quote.c src/scan/secret_said.c */
/* covers: src/scan/secret_table.c src/scan/secret_anchor.c src/scan/secret_mixed.c */
/* covers: src/scan/secret_program.c src/scan/secret_tag.c */
/* covers: src/scan/secret_tool.c */
/* planted: src/scan/secret_token.c | text.n - i >= 3 && secret_head | text.n - i >= 2 &&
 * secret_head */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 16, RIGHT = 1, MADE = 2, OPEN = 3, CLOSE = 4 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void put_token(struct buf *out, uint8_t which, bool right)
{
    char token[TOKEN_MAX];
    const struct rule *r = &rules[which % RULES];
    draw_seed = 1 + which;
    size_t n = make_token(r, token);
    if (right)
        mend(r, token, n);
    (void)failed(buf_put(out, span(token, n)));
}

/* What is written since `from`, in base64. */
static void wrap(struct buf *out, size_t from)
{
    BUF_AUTO plain = buf_init(TEXT_MAX);
    uint8_t text[2 * TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    must(!failed(buf_put(&plain, span(out->p + from, out->n - from))));
    b64_encode(&w, buf_span(&plain), B64_STD);
    out->n = from;
    (void)failed(buf_put(out, wr_span(&w)));
}

static void expand(struct span in, struct buf *out)
{
    size_t open = SIZE_MAX;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        if ((c == RIGHT || c == MADE) && i + 1 < in.n) {
            put_token(out, in.p[++i], c == RIGHT);
        } else if (c == OPEN) {
            open = out->n;
        } else if (c == CLOSE && open < out->n) {
            wrap(out, open);
            open = SIZE_MAX;
        } else {
            (void)failed(buf_put_u8(out, c));
        }
    }
}

static void check(struct span text, const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        must(x->start < x->end && x->end <= text.n && x->rule < SECRET_RULE_COUNT);
        must(x->entity == ENTITY_SECRET && x->score > 0 && x->score <= 1);
        must(!i || x->start >= f->v[i - 1].end);
    }
}

/* The same secrets at or above the threshold. */
static void same(const struct findings *a, const struct findings *b, float least)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a->n && a->v[i].score < least)
            i++;
        while (k < b->n && b->v[k].score < least)
            k++;
        if (i == a->n || k == b->n)
            break;
        must(a->v[i].start == b->v[k].start && a->v[i].end == b->v[k].end &&
             a->v[i].rule == b->v[k].rule);
    }
    must(i == a->n && k == b->n);
}

static bool ascii(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= 0x80)
            return false;
    return true;
}

static void one_pass(struct span text, const struct findings *whole)
{
    static struct scanner *s;
    struct scan_config cfg = scan_config_default();
    struct findings f = {.max = 1 << 20};
    if (!s) {
        cfg.entities = (struct scan_set){{0}};
        scan_set_add(&cfg.entities, ENTITY_SECRET);
        must(!failed(scanner_new(&cfg, &s)));
    }
    must(!failed(scan_text(s, text, &f)));
    scan_resolve(text, &f);
    if (ascii(text)) /* in others it reads what invisible and odd characters hide as one */
        same(whole, &f, SCAN_THRESHOLD);
    check(text, &f);
    findings_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUF_AUTO in = buf_init(TEXT_MAX);
    struct findings f = {.max = 1 << 20}, again = {.max = 1 << 20};
    expand(span(data, size), &in);
    uint8_t *copy = malloc(in.n + !in.n); /* ends where the text ends: a read behind it is seen */
    must(copy != NULL);
    if (in.n)
        memcpy(copy, in.p, in.n);
    struct span text = span(copy, in.n);
    must(!failed(secret_scan(text, &f)) && !failed(secret_scan(text, &again)));
    check(text, &f);
    must(f.n == again.n);
    same(&f, &again, 0);
    one_pass(text, &f);
    findings_free(&f);
    findings_free(&again);
    free(copy);
    return 0;
}
