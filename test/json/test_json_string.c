/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: decoding, the way back to raw offsets, escaping, and that every scanner agrees. */
#include "unit.h"

#include "json.h"
#include "utf8.h"

#include <stdlib.h>

static void decodes_and_maps_back(void **state)
{
    (void)state;
    struct span raw = SPAN_LIT("ab\\n\\u00e9x\\ud83d\\ude00y");
    uint8_t text[64];
    struct json_escape_at at[8];
    struct json_map map = {at, 0, 8};
    struct wr w = wr_of(text, sizeof text);
    assert_int_equal(json_escapes(raw), 4);
    assert_ok(json_unescape(raw, JSON_LONE_REFUSE, &w, &map));
    assert_span(wr_span(&w), SPAN_LIT("ab\n\xc3\xa9x\xf0\x9f\x98\x80y"));
    assert_int_equal(map.n, 3);
    static const struct {
        size_t text, start, end;
    } want[] = {{0, 0, 0},   {1, 1, 1},   {2, 2, 2},   {3, 4, 4},    {4, 4, 10},  {5, 10, 10},
                {6, 11, 11}, {7, 11, 23}, {9, 11, 23}, {10, 23, 23}, {11, 24, 24}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(json_map_start(&map, want[i].text), want[i].start);
        assert_int_equal(json_map_end(&map, want[i].text), want[i].end);
    }
    map.cap = 2;
    w.n = 0;
    assert_fails(ERR_LIMIT, json_unescape(raw, JSON_LONE_REFUSE, &w, &map));
    w = wr_of(text, 5);
    assert_fails(ERR_LIMIT, json_unescape(raw, JSON_LONE_REFUSE, &w, NULL));
}

static void lone_surrogates_follow_the_policy(void **state)
{
    (void)state;
    static const char *const lone[] = {"\\ud800",       "\\udc00",        "\\ud800x",
                                       "\\ud800\\n",    "\\ud800\\ud800", "\\udc00\\ud800",
                                       "\\ud800\\u0041"};
    BUF_AUTO b = buf_init(100);
    for (size_t i = 0; i < sizeof lone / sizeof *lone; i++) {
        BUF_AUTO quoted = buf_init(100);
        assert_ok(buf_printf(&quoted, "\"%s\"", lone[i]));
        struct json j = json_of(buf_span(&quoted));
        struct json_token t;
        assert_ok(json_next(&j, &t));
        assert_true(t.lone);
        buf_clear(&b);
        assert_fails(ERR_INPUT, json_unescape_buf(span_str(lone[i]), JSON_LONE_REFUSE, &b));
        assert_int_equal(b.n, 0);
        assert_ok(json_unescape_buf(span_str(lone[i]), JSON_LONE_REPLACE, &b));
        assert_true(utf8_valid(buf_span(&b)));
        assert_true(span_search(buf_span(&b), 0, SPAN_LIT("\xef\xbf\xbd")) < b.n);
    }
}

static void lone_surrogates_kept_come_back(void **state)
{
    (void)state;
    static const char *const same[] = {"\\ud800", "\\udfffx", "a\\n\\udc00\\ud800\xf0\x9f\x98\x80",
                                       "\xed\x9f\xbf\\ud83d<\xc3\xa9>\\ude00\\\"", "\xed\x80\x80"};
    static const size_t points[] = {1, 2, 5, 7, 1};
    BUF_AUTO text = buf_init(100);
    BUF_AUTO raw = buf_init(100);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        buf_clear(&text);
        buf_clear(&raw);
        assert_ok(json_unescape_buf(span_str(same[i]), JSON_LONE_KEEP, &text));
        assert_true(span_search(buf_span(&text), 0, SPAN_LIT("ud8")) == text.n);
        assert_ok(json_escape_kept(buf_span(&text), &raw));
        assert_span(buf_span(&raw), span_str(same[i]));
        size_t n = 0;
        for (size_t at = 0; at < text.n; n++)
            at += json_kept_next(buf_span(&text), at);
        assert_int_equal(n, points[i]);
        assert_int_equal(json_kept_count(buf_span(&text)), n);
    }
}

static void text_is_compares_decoded(void **state)
{
    (void)state;
    struct json j = json_of(SPAN_LIT("\"ro\\u006ce\""));
    struct json_token t;
    assert_ok(json_next(&j, &t));
    assert_true(json_text_is(&j, &t, SPAN_LIT("role")));
    assert_false(json_text_is(&j, &t, SPAN_LIT("rol")));
    assert_false(json_text_is(&j, &t, SPAN_LIT("roles")));
    assert_false(json_text_is(&j, &t, SPAN_LIT("")));
    j = json_of(SPAN_LIT("\"\\ud800\""));
    assert_ok(json_next(&j, &t));
    assert_false(json_text_is(&j, &t, SPAN_LIT("\xef\xbf\xbd")));
}

static void escapes_minimally_and_reads_back(void **state)
{
    (void)state;
    BUF_AUTO b = buf_init(1000);
    assert_ok(json_escape(SPAN_LIT("a\"\\/\b\t\n\f\r\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80"), &b));
    assert_span(buf_span(&b), SPAN_LIT("a\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xc3\xa9"
                                       "\xf0\x9f\x98\x80"));
    buf_clear(&b);
    assert_ok(json_escape(SPAN_LIT("a\xff\xed\xa0\x80z"), &b));
    assert_true(utf8_valid(buf_span(&b)));
    buf_clear(&b);
    assert_ok(json_escape_twice(SPAN_LIT("\"\\\n\x01"), &b));
    assert_span(buf_span(&b), SPAN_LIT("\\\\\\\"\\\\\\\\\\\\n\\\\u0001"));
}

/* Random text with everything in it: escape, then unescape, once and twice. */
static void escape_and_unescape_are_inverse(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 3000; round++) {
        BUF_AUTO text = buf_init(4000);
        BUF_AUTO once = buf_init(20000);
        BUF_AUTO twice = buf_init(40000);
        BUF_AUTO again = buf_init(40000);
        int n = rand() % 60;
        for (int i = 0; i < n; i++) {
            static const uint32_t top[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
            uint8_t c[4];
            size_t len = utf8_put((uint32_t)rand() % top[rand() % 5], c);
            assert_ok(buf_put(&text, span(c, len)));
            if (rand() % 3 == 0)
                assert_ok(buf_puts(&text, "\"\\plain run of text"));
        }
        assert_ok(json_escape(buf_span(&text), &once));
        assert_ok(json_escape(buf_span(&once), &twice));
        assert_ok(json_escape_twice(buf_span(&text), &again));
        assert_span(buf_span(&twice), buf_span(&again));
        buf_clear(&again);
        assert_ok(json_unescape_buf(buf_span(&once), JSON_LONE_REFUSE, &again));
        assert_span(buf_span(&again), buf_span(&text));
    }
}

struct scan_result {
    struct err e;
    struct fault f;
    struct json_token t;
};

static struct scan_result scan(struct span in, enum json_engine engine)
{
    assert_true(json_force_engine(engine));
    struct json j = json_of(in);
    struct scan_result r = {0};
    r.e = json_next(&j, &r.t);
    r.f = j.fault;
    return r;
}

static struct span written(struct span text, enum json_engine engine, struct buf *out)
{
    assert_true(json_force_engine(engine));
    buf_clear(out);
    assert_ok(json_escape(text, out));
    return buf_span(out);
}

/* The inside of a string decoded, with room for `room` bytes and nothing behind them; NULL: it
 * cannot be. */
static uint8_t *decoded(struct span in, size_t room, enum json_engine engine, size_t *n)
{
    assert_true(json_force_engine(engine));
    uint8_t *p = malloc(room + 1);
    assert_non_null(p);
    p[room] = 0x5a;
    struct wr w = wr_of(p, room);
    struct err e = json_unescape(in, JSON_LONE_REPLACE, &w, NULL);
    assert_int_equal(p[room], 0x5a);
    *n = w.n;
    if (!failed(e))
        return p;
    free(p);
    return NULL;
}

static void assert_decoded_alike(struct span in, size_t room, enum json_engine engine)
{
    size_t want_n, got_n;
    uint8_t *want = decoded(in, room, JSON_ENGINE_PLAIN, &want_n);
    uint8_t *got = decoded(in, room, engine, &got_n);
    assert_int_equal(!got, !want);
    if (want)
        assert_span(span(got, got_n), span(want, want_n));
    free(want);
    free(got);
}

static void assert_engines_agree(struct span in)
{
    static const enum json_engine engines[] = {JSON_ENGINE_SSE2, JSON_ENGINE_AVX2};
    BUF_AUTO plain = buf_init(1 << 12), other = buf_init(1 << 12);
    struct scan_result want = scan(in, JSON_ENGINE_PLAIN);
    struct span want_written = written(in, JSON_ENGINE_PLAIN, &plain);
    for (size_t i = 0; i < 2; i++) {
        if (!json_force_engine(engines[i]))
            continue;
        struct scan_result got = scan(in, engines[i]);
        assert_span(written(in, engines[i], &other), want_written);
        assert_decoded_alike(in, in.n, engines[i]);
        assert_decoded_alike(in, in.n / 2, engines[i]);
        assert_int_equal(got.e.v, want.e.v);
        assert_int_equal(got.t.end, want.t.end);
        assert_int_equal(got.t.escaped, want.t.escaped);
        assert_int_equal(got.t.lone, want.t.lone);
        assert_int_equal(got.f.at, want.f.at);
        assert_ptr_equal(got.f.why, want.f.why);
    }
}

/* Each odd byte (sequence) at each offset of a string, at each alignment, the end right behind it
 * and far away; the memory ends where the text does. */
static void every_scanner_agrees_at_every_offset(void **state)
{
    (void)state;
    static const char *const odd[] = {"\"",
                                      "\\\"",
                                      "\\",
                                      "\\n",
                                      "\\u00e9",
                                      "\\ud83d",
                                      "\\u12",
                                      "\\ud83d\\ude00",
                                      "\x1f",
                                      "\n",
                                      "\x80",
                                      "\xc3\xa9",
                                      "\xc3",
                                      "\xe2\x82\xac",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x9f\x98\x80",
                                      "\xf0\x9f",
                                      "\x7f",
                                      " ",
                                      "!",
                                      "#",
                                      "[",
                                      "]",
                                      "\xff"};
    for (size_t o = 0; o < sizeof odd / sizeof *odd; o++)
        for (size_t before = 0; before < 160; before++)
            for (size_t after = 0; after < 80; after += after < 3 ? 1 : 38) {
                size_t align = before % 32, n = strlen(odd[o]);
                size_t total = 1 + before + n + after + 1;
                uint8_t *p = malloc(align + total);
                assert_non_null(p);
                memset(p, 'x', align + total);
                uint8_t *s = p + align;
                s[0] = '"';
                memcpy(s + 1 + before, odd[o], n);
                s[total - 1] = '"';
                assert_engines_agree(span(s, total));
                assert_engines_agree(span(s, total - 1));
                assert_engines_agree(span(s, 1 + before + n));
                free(p);
            }
    assert_true(json_force_engine(JSON_ENGINE_BEST));
}

/* Every byte value in every lane. */
static void every_byte_in_every_lane(void **state)
{
    (void)state;
    uint8_t s[66];
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 1; at < 65; at++) {
            memset(s, 'a', sizeof s);
            s[0] = s[65] = '"';
            s[at] = (uint8_t)c;
            assert_engines_agree(span(s, sizeof s));
        }
    assert_true(json_force_engine(JSON_ENGINE_BEST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_maps_back),
        cmocka_unit_test(lone_surrogates_follow_the_policy),
        cmocka_unit_test(lone_surrogates_kept_come_back),
        cmocka_unit_test(text_is_compares_decoded),
        cmocka_unit_test(escapes_minimally_and_reads_back),
        cmocka_unit_test(escape_and_unescape_are_inverse),
        cmocka_unit_test(every_scanner_agrees_at_every_offset),
        cmocka_unit_test(every_byte_in_every_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
