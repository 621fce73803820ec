/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader on any bytes. Checked: tokens lie in order inside the input; every scanner gives the
 * same tokens; a value skipped is a value read; decoded text escapes (once and twice) and decodes
 * to itself, halves of surrogate pairs included where they are kept; offsets mapped back stay in
 * the string; a key is seen twice when the canonical form finds it twice; edits that change nothing
 * give the same bytes.
 */
/* covers: src/json/json.c src/json/string.c src/json/scan.c src/json/keys.c src/json/find.c */
/* covers: src/json/splice.c */
/* planted: src/json/string.c | lone != JSON_LONE_KEEP || failed | failed */
#include "jcs.h"
#include "json.h"
#include "splice.h"
#include "utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_string(const struct json *j, const struct json_token *t, struct arena *a)
{
    struct span raw = json_inner(j, t);
    void *text, *entries;
    size_t n = json_escapes(raw);
    if (failed(arena_take(a, raw.n, &text)) ||
        failed(arena_take(a, n * sizeof(struct json_escape_at), &entries)))
        return;
    struct json_map map = {entries, 0, n};
    struct wr w = wr_of(text, raw.n);
    must(!failed(json_unescape(raw, JSON_LONE_REPLACE, &w, &map)));
    must(utf8_valid(wr_span(&w)));
    must((n > 0) == t->escaped);
    for (size_t i = 0; i < map.n; i++) /* an escape says something, half a pair too */
        must(map.v[i].text_n >= 1 && map.v[i].raw_n >= 2);
    for (size_t i = 0; i <= w.n; i++) {
        size_t start = json_map_start(&map, i), end = json_map_end(&map, i);
        must(start <= end && end <= raw.n);
    }
    must(json_map_end(&map, w.n) == raw.n);
    BUF_AUTO escaped = buf_init(6 * w.n + 16);
    BUF_AUTO back = buf_init(escaped.max);
    if (failed(json_escape(wr_span(&w), &escaped)))
        return;
    must(!failed(json_unescape_buf(buf_span(&escaped), JSON_LONE_REFUSE, &back)));
    must(span_eq(buf_span(&back), wr_span(&w)));
    buf_clear(&back);
    must(!failed(json_escape_twice(wr_span(&w), &back)));
    BUF_AUTO once = buf_init(back.n);
    must(!failed(json_unescape_buf(buf_span(&back), JSON_LONE_REFUSE, &once)));
    must(span_eq(buf_span(&once), buf_span(&escaped)));
    must(t->lone || json_text_is(j, t, wr_span(&w)));
}

/* Decoded with its halves of surrogate pairs, and written again: what a reader makes of it stays.
 */
static void check_kept(const struct json *j, const struct json_token *t)
{
    struct span raw = json_inner(j, t);
    BUF_AUTO text = buf_init(raw.n), escaped = buf_init(6 * raw.n + 16), back = buf_init(raw.n);
    must(!failed(json_unescape_buf(raw, JSON_LONE_KEEP, &text)));
    must(utf8_valid(buf_span(&text)) == !t->lone);
    must(!failed(json_escape_kept(buf_span(&text), &escaped)));
    must(!failed(json_unescape_buf(buf_span(&escaped), JSON_LONE_KEEP, &back)));
    must(span_eq(buf_span(&back), buf_span(&text)));
}

/* Every string replaced by itself, in one piece and in many. */
static void check_edits(struct span in, struct arena *a)
{
    struct splice s = splice_of(in, a);
    struct json j = json_of(in);
    struct json_token t = {.type = JSON_NULL};
    while (t.type != JSON_END && !failed(json_next(&j, &t)))
        if (t.type == JSON_STRING || t.type == JSON_KEY)
            must(!failed(splice_add(&s, t.start, t.end, json_raw(&j, &t))));
    must(failed(splice_add(&s, in.n + 1, in.n + 1, SPAN_NONE)));
    BUF_AUTO out = buf_init(in.n), joined = buf_init(in.n);
    must(s.out_n == in.n && !failed(splice_write(&s, &out)) && span_eq(buf_span(&out), in));
    static struct span piece[512];
    size_t n;
    if (failed(splice_pieces(&s, piece, sizeof piece / sizeof *piece, &n)))
        return;
    for (size_t i = 0; i < n; i++)
        must(piece[i].n && !failed(buf_put(&joined, piece[i])));
    must(span_eq(buf_span(&joined), in));
}

/* Skipping a value asks the same of it as reading it. */
static void check_skip(struct span in, bool good)
{
    struct json j = json_of_depth(in, JSON_DEPTH), k = json_of_depth(in, JSON_DEPTH);
    struct json_token t;
    struct span raw = SPAN_NONE;
    bool skipped =
        !failed(json_skip_value(&j, &raw)) && !failed(json_next(&j, &t)) && t.type == JSON_END;
    must(skipped == good);
    if (good && !failed(json_next(&k, &t)) && (t.type == JSON_OBJECT || t.type == JSON_ARRAY))
        must(!failed(json_skip_rest(&k, &t)) && span_eq(json_raw(&k, &t), raw));
}

/* No key stands twice in what has a canonical form; what is good JSON and has none is over a limit
 * of the form, or has a key twice. */
static void check_keys(struct span in, struct arena *a, bool good, bool twice)
{
    BUF_AUTO out = buf_init(8 * in.n + 64);
    struct fault f = {0, NULL};
    bool canonical = !failed(jcs_canonical(in, a, &out, &f));
    must(!canonical || (good && !twice));
    must(!twice || (f.why && f.at <= in.n));
}

/* A sum over the tokens. */
static uint64_t walk(struct span in, enum json_engine engine)
{
    if (!json_force_engine(engine))
        return 0;
    struct json j = json_of(in);
    struct json_token t = {.type = JSON_NULL};
    uint64_t sum = 1;
    size_t last = 0;
    while (t.type != JSON_END) {
        struct err e = json_next(&j, &t);
        if (failed(e)) {
            must(j.fault.at <= in.n && j.fault.why);
            return sum * 31 + j.fault.at;
        }
        must(t.start >= last && t.end >= t.start && t.end <= in.n);
        last = t.end;
        sum = sum * 31 + t.start * 7 + t.end * 3 + t.type + (unsigned)t.escaped + (unsigned)t.lone;
    }
    return sum;
}

/* Strings and keys one by one, then the document as a whole. */
static void look(struct span in)
{
    static const uint64_t seed[2] = {5, 6};
    struct arena a = arena_init(16 << 20);
    struct json_keys keys = json_keys_of(&a, seed);
    struct json j = json_of(in);
    struct json_token t = {.type = JSON_NULL};
    bool twice = false, good = true;
    while (good && t.type != JSON_END) {
        good = !failed(json_next(&j, &t));
        if (good && (t.type == JSON_STRING || t.type == JSON_KEY))
            check_string(&j, &t, &a);
        if (good && (t.type == JSON_STRING || t.type == JSON_KEY))
            check_kept(&j, &t);
        if (good && !twice) {
            struct json as_is = j; /* a key seen twice stops the reader */
            twice = failed(json_keys_see(&keys, &j, &t));
            j = as_is;
        }
    }
    check_keys(in, &a, good, twice);
    check_skip(in, good);
    check_edits(in, &a);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size), found;
    uint64_t plain = walk(in, JSON_ENGINE_PLAIN);
    uint64_t sse2 = walk(in, JSON_ENGINE_SSE2), avx2 = walk(in, JSON_ENGINE_AVX2);
    must(sse2 == 0 || sse2 == plain);
    must(avx2 == 0 || avx2 == plain);
    must(json_force_engine(JSON_ENGINE_BEST));
    look(in);
    if (!failed(json_find(in, &found, "a", "b", NULL)) && found.n)
        must(found.p >= data && found.n <= size);
    BUF_AUTO text = buf_init(1 << 20);
    uint64_t number;
    double real;
    bool yes;
    bool read = !failed(json_get_string(in, &text)) || !failed(json_get_u64(in, 1000, &number)) ||
                !failed(json_get_bool(in, &yes)) || !failed(json_get_double(in, &real));
    must(!read || !failed(json_find(in, &found, "a", NULL)));
    return 0;
}
