/* SPDX-License-Identifier: Apache-2.0 */
/* Floor 0: spans, buffers, cursors, numbers, text encodings, arena. */

#include "unit.h"

#include "arena.h"
#include "b64.h"
#include "buf.h"
#include "charset.h"
#include "num.h"
#include "rd.h"
#include "terminal.h"
#include "utf8.h"

static void span_search_finds_and_misses(void **state)
{
    (void)state;
    struct span s = SPAN_LIT("one two one");
    assert_int_equal(span_search(s, 0, SPAN_LIT("one")), 0);
    assert_int_equal(span_search(s, 1, SPAN_LIT("one")), 8);
    assert_int_equal(span_search(s, 9, SPAN_LIT("one")), s.n);
    assert_int_equal(span_find(s, 5, 't'), s.n);
    assert_true(span_eq_nocase(SPAN_LIT("AbC"), SPAN_LIT("aBc")));
    assert_false(span_eq_nocase(SPAN_LIT("[bc"), SPAN_LIT("{bc")));
    assert_true(span_is_nocase(SPAN_LIT("AbC"), "aBc"));
    assert_true(span_is_nocase(SPAN_NONE, ""));
    assert_false(span_is_nocase(SPAN_LIT("abc"), "abcd"));
    assert_false(span_is_nocase(SPAN_LIT("abcd"), "abc"));
    assert_false(span_is_nocase(SPAN_LIT("ab\0"), "ab"));
    assert_false(span_is_nocase(SPAN_LIT("[bc"), "{bc"));
    assert_int_equal(span_cut(s, 100, 5).n, 0);
}

static void buf_stops_at_its_ceiling(void **state)
{
    (void)state;
    struct buf b = buf_init(300);
    for (int i = 0; i < 300; i++)
        assert_false(failed(buf_put_u8(&b, 'x')));
    assert_int_equal(err_cat(buf_put_u8(&b, 'x')), ERR_LIMIT);
    assert_int_equal(b.n, 300);
    buf_drop(&b, 299);
    assert_int_equal(b.n, 1);
    buf_free(&b);
    assert_false(failed(buf_printf(&b, "%d-%s", 7, "a")));
    assert_true(span_is(buf_span(&b), "7-a"));
    buf_free(&b);
}

static void cursor_refuses_lying_lengths(void **state)
{
    (void)state;
    struct rd r = rd_of(SPAN_LIT("\x01\x02\x03"));
    struct span s;
    uint64_t v;
    assert_true(failed(rd_take(&r, UINT64_MAX, &s)));
    assert_false(failed(rd_be(&r, 2, &v)));
    assert_int_equal(v, 0x102);
    assert_true(failed(rd_end(&r)));
    assert_true(failed(rd_le(&r, 2, &v)));
    assert_false(failed(rd_skip(&r, 1)));
    assert_false(failed(rd_end(&r)));
}

static void numbers_are_strict(void **state)
{
    (void)state;
    uint64_t v;
    assert_false(failed(num_u64(SPAN_LIT("18446744073709551615"), UINT64_MAX, &v)));
    assert_true(v == UINT64_MAX);
    const char *bad[] = {"", "01", "+1", "-1", " 1", "1 ", "1a", "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(failed(num_u64(span_str(bad[i]), UINT64_MAX, &v)));
    assert_int_equal(err_cat(num_u64(SPAN_LIT("11"), 10, &v)), ERR_LIMIT);
    assert_false(failed(num_hex(SPAN_LIT("fF"), &v)));
    assert_int_equal(v, 255);
}

static void utf16_there_and_back(void **state)
{
    (void)state;
    /* U+FEFF a U+00E9 U+20AC U+1F600 U+FFFD */
    const struct span little = SPAN_LIT("\xff\xfe"
                                        "a\0"
                                        "\xe9\0"
                                        "\xac\x20"
                                        "\x3d\xd8\x00\xde"
                                        "\xfd\xff");
    const struct span big = SPAN_LIT("\xfe\xff"
                                     "\0a"
                                     "\0\xe9"
                                     "\x20\xac"
                                     "\xd8\x3d\xde\x00"
                                     "\xff\xfd");
    const struct span utf8 = SPAN_LIT("\xef\xbb\xbf"
                                      "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd");
    const struct span wide[] = {little, big};
    for (size_t i = 0; i < 2; i++) {
        enum charset o = charset_of(wide[i]);
        BUF_AUTO out = buf_init(100), back = buf_init(100);
        assert_int_equal(o, i ? CHARSET_UTF16_BE : CHARSET_UTF16_LE);
        assert_true(charset_whole(wide[i], o));
        assert_ok(charset_to_utf8(wide[i], o, &out));
        assert_true(span_eq(buf_span(&out), utf8));
        assert_ok(charset_from_utf8(buf_span(&out), o, &back));
        assert_true(span_eq(buf_span(&back), wide[i]));
    }
    assert_int_equal(charset_of(utf8), CHARSET_UTF8);
    assert_int_equal(charset_marked(SPAN_LIT("\xff")), CHARSET_UTF8);
    /* Halves of a pair alone and in the wrong order, half a unit. */
    static const struct {
        const char *in;
        size_t n;
        const char *utf8;
    } broken[] = {{"\x3d\xd8", 2, "\xef\xbf\xbd"},
                  {"\x00\xde"
                   "a\0",
                   4,
                   "\xef\xbf\xbd"
                   "a"},
                  {"\x3d\xd8"
                   "a\0",
                   4,
                   "\xef\xbf\xbd"
                   "a"},
                  {"\x3d\xd8\x3d\xd8\x00\xde", 6, "\xef\xbf\xbd\xf0\x9f\x98\x80"},
                  {"a\0b", 3, "a"}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        BUF_AUTO out = buf_init(100);
        struct span in = span(broken[i].in, broken[i].n);
        assert_false(charset_whole(in, CHARSET_UTF16_LE));
        assert_ok(charset_to_utf8(in, CHARSET_UTF16_LE, &out));
        assert_true(span_is(buf_span(&out), broken[i].utf8));
    }
}

static void one_byte_a_character_there_and_back(void **state)
{
    (void)state;
    uint8_t all[256];
    BUF_AUTO out = buf_init(1024), back = buf_init(1024);
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    struct span every = span(all, sizeof all);
    assert_int_equal(charset_of(every), CHARSET_WINDOWS_1252);
    assert_true(charset_whole(every, CHARSET_WINDOWS_1252));
    assert_ok(charset_to_utf8(every, CHARSET_WINDOWS_1252, &out));
    assert_true(utf8_valid(buf_span(&out)));
    assert_ok(charset_from_utf8(buf_span(&out), CHARSET_WINDOWS_1252, &back));
    assert_true(span_eq(buf_span(&back), every));
    buf_clear(&out);
    assert_ok(
        charset_to_utf8(SPAN_LIT("O\x92Neil \x80 5 f\xfcr Zo\xeb"), CHARSET_WINDOWS_1252, &out));
    assert_true(span_is(buf_span(&out), "O\xe2\x80\x99Neil \xe2\x82\xac 5 f\xc3\xbcr Zo\xc3\xab"));
    buf_clear(&back);
    assert_int_equal(
        err_cat(charset_from_utf8(SPAN_LIT("!\xe4\xb8\xad"), CHARSET_WINDOWS_1252, &back)),
        ERR_INPUT);
    for (enum charset c = CHARSET_UTF8, found; c <= CHARSET_WINDOWS_1252; c++)
        assert_true(charset_find(span_str(charset_name(c)), &found) && found == c);
    assert_false(charset_find(SPAN_LIT("utf-7"), &(enum charset){0}));
    /* Mostly UTF-8 with a broken byte in it is UTF-8, half of each too. */
    assert_int_equal(charset_of(SPAN_LIT("z\xc3\xab \xc3\xbc \xff")), CHARSET_UTF8);
    assert_int_equal(charset_of(SPAN_LIT("z\xc3\xab \xff")), CHARSET_UTF8);
    assert_int_equal(charset_of(SPAN_LIT("z\xeb \xfc")), CHARSET_WINDOWS_1252);
}

static void utf8_refuses_what_rfc_3629_refuses(void **state)
{
    (void)state;
    const char *bad[] = {"\xc0\x80",         "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                         "\xf0\x8f\xbf\xbf", "\x80",         "\xe2\x82",     "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(utf8_valid_prefix(span_str(bad[i])), 0);
    struct span good = SPAN_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_true(utf8_valid(good));
    assert_int_equal(utf8_count(good), 4);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint8_t out[4];
        uint32_t back;
        size_t n = utf8_put(cp, out);
        assert_int_equal(n == 0, cp >= 0xd800 && cp < 0xe000);
        if (n) {
            assert_int_equal(utf8_next(span(out, n), 0, &back), n);
            assert_int_equal(back, cp);
        }
    }
}

static void base64_has_one_spelling(void **state)
{
    (void)state;
    uint8_t out[64];
    struct wr w = wr_of(out, sizeof out);
    b64_encode(&w, SPAN_LIT("foob"), B64_STD);
    assert_true(span_is(wr_span(&w), "Zm9vYg=="));
    const char *bad[] = {
        "Zm9vYh==", "Zm9vYg=", "Zm9vYg", "Zm9v Yg==", "Zm9vY===", "=m9v", "Zm9vYg==Zm9v"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        w = wr_of(out, sizeof out);
        assert_true(failed(b64_decode(&w, span_str(bad[i]), B64_STD, NULL)));
    }
    w = wr_of(out, sizeof out);
    assert_false(failed(b64_decode(&w, SPAN_LIT("_-8"), B64_URL_RAW, NULL)));
    assert_int_equal(w.n, 2);
    for (size_t n = 0; n < 20; n++) {
        uint8_t raw[20], text[64], back[20];
        for (size_t i = 0; i < n; i++)
            raw[i] = (uint8_t)(i * 37 + n);
        for (int kind = B64_STD; kind <= B64_URL_RAW; kind++) {
            struct wr t = wr_of(text, sizeof text), r = wr_of(back, sizeof back);
            b64_encode(&t, span(raw, n), (enum b64_kind)kind);
            assert_int_equal(t.n, b64_len(n, (enum b64_kind)kind));
            assert_false(failed(b64_decode(&r, wr_span(&t), (enum b64_kind)kind, NULL)));
            assert_true(span_eq(wr_span(&r), span(raw, n)));
        }
    }
    w = wr_of(out, sizeof out);
    base32_crockford(&w, 31, 8);
    assert_true(span_is(wr_span(&w), "0000000z"));
}

static void terminal_sequences_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        bool blank, cut;
    } of[] = {
        {"\x1b[mx", 3, false, false},
        {"\x1b[0;38;5;208mx", 13, false, false},
        {"\x1b[38:2::255:0:0mx", 16, false, false},
        {"\x1b[38;2;255;255;255;48;2;255;255;255mx", 36, false, false},
        {"\x1b[38;2;255;255;255;48;2;255;255;255;1;2;3mx", 0, true, false}, /* too long */
        {"\x1b[Kx", 3, false, false},
        {"\x1b[2Jx", 4, false, false},
        {"\x1b[12;40Hx", 8, true, false},
        {"\x1b[?25lx", 6, true, false},
        {"\x1b[0 qx", 5, true, false},
        {"\x1b[411111m", 0, true, false},
        {"\x1b[31\n", 0, true, false},
        {"\x1b(Bx", 3, false, false},
        {"\x1b]0;title\a", 4, true, false},
        {"\x1b]title", 0, true, false},
        {"\x1b\\x", 2, true, false},
        {"\0337\033[m", 2, true, false},
        {"\033c\n", 2, true, false},
        {"\033M", 0, true, true},
        {"\x1bMaria", 0, true, false},
        {"\0334111", 0, true, false},
        {"\0337911", 0, true, false},
        {"\x1b(415)", 0, false, false},
        {"\x1b\n", 0, true, false},
        {"\x1b", 0, true, true},
        {"\x1b[", 0, true, true},
        {"\x1b[31;", 0, true, true},
        {"\x1b[0 ", 0, true, true},
        {"\x1b]12", 0, true, true},
        {"\x1b(", 0, false, true},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        bool blank = true, cut;
        assert_int_equal(terminal_sequence(span_str(of[i].text), 0, &blank, &cut), of[i].n);
        assert_int_equal(cut, of[i].cut);
        assert_true(of[i].n == 0 || blank == of[i].blank);
    }
}

static void arena_holds_its_ceiling_and_forgets(void **state)
{
    (void)state;
    struct arena a = arena_init(100000);
    void *p;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            assert_false(failed(arena_take(&a, 999, &p)));
            for (size_t k = 0; k < 999; k++)
                assert_int_equal(((uint8_t *)p)[k], 0);
            memset(p, 0xee, 999);
        }
        assert_int_equal(err_cat(arena_take(&a, 1000, &p)), ERR_LIMIT);
        arena_reset(&a);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_search_finds_and_misses),
        cmocka_unit_test(buf_stops_at_its_ceiling),
        cmocka_unit_test(cursor_refuses_lying_lengths),
        cmocka_unit_test(numbers_are_strict),
        cmocka_unit_test(utf8_refuses_what_rfc_3629_refuses),
        cmocka_unit_test(utf16_there_and_back),
        cmocka_unit_test(one_byte_a_character_there_and_back),
        cmocka_unit_test(base64_has_one_spelling),
        cmocka_unit_test(terminal_sequences_are_told),
        cmocka_unit_test(arena_holds_its_ceiling_and_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
