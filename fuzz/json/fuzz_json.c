/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader on any bytes. Checked: tokens lie in order inside the input; every scanner gives the
 * same tokens; decoded text escapes and decodes to itself; offsets mapped back stay in the string.
 */
/* covers: src/json/json.c src/json/string.c src/json/number.c */
/* planted: src/json/string.c | cp == ESCAPE_LONE ? 0xfffd : cp | cp */
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
    must(t->lone || json_text_is(j, t, wr_span(&w)));
}

static uint64_t walk(struct span in, enum json_engine engine, bool deep)
{
    static const uint64_t seed[2] = {5, 6};
    if (!json_force_engine(engine))
        return 0;
    struct arena a = arena_init(16 << 20);
    struct json_keys keys = json_keys_of(&a, seed);
    struct json j = json_of(in);
    struct json_token t;
    uint64_t sum = 1;
    size_t last = 0;
    for (;;) {
        struct err e = json_next(&j, &t);
        if (failed(e)) {
            must(j.fault.at <= in.n && j.fault.why);
            sum = sum * 31 + j.fault.at;
            break;
        }
        must(t.start >= last && t.end >= t.start && t.end <= in.n);
        last = t.end;
        sum = sum * 31 + t.start * 7 + t.end * 3 + t.type + (unsigned)t.escaped + (unsigned)t.lone;
        if (t.type == JSON_END)
            break;
        if (deep && (t.type == JSON_STRING || t.type == JSON_KEY))
            check_string(&j, &t, &a);
        if (deep && failed(json_keys_see(&keys, &j, &t)))
            break;
    }
    arena_free(&a);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size), found;
    uint64_t plain = walk(in, JSON_ENGINE_PLAIN, false);
    uint64_t sse2 = walk(in, JSON_ENGINE_SSE2, false), avx2 = walk(in, JSON_ENGINE_AVX2, false);
    must(sse2 == 0 || sse2 == plain);
    must(avx2 == 0 || avx2 == plain);
    walk(in, JSON_ENGINE_BEST, true);
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
