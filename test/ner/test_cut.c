/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens cut 64 bytes at a time by vectors, by the plain twin, and one after the other. */
#include "unit.h"

#include "file.h"
#include "ner_int.h"

static size_t cut_all(struct span text, size_t max,
                      size_t (*many)(struct span, size_t *, struct cut *, size_t),
                      struct cut out[BLOCK_TOKENS])
{
    size_t n = 0, more, at = 0;
    do {
        more = many(text, &at, out + n, max);
        n += more;
        assert_true(n + max < BLOCK_TOKENS);
    } while (more);
    assert_int_equal(at, text.n);
    return n;
}

static void same_cuts(const struct cut *a, size_t n, const struct cut *b, size_t m)
{
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++)
        assert_true(a[i].start == b[i].start && a[i].end == b[i].end && a[i].kind == b[i].kind);
}

static void cuts_are_equal(struct span text, size_t max)
{
    static struct cut fast[BLOCK_TOKENS], plain[BLOCK_TOKENS], one[BLOCK_TOKENS];
    size_t n = cut_all(text, max, cut_many, fast), m = 0;
    same_cuts(fast, n, plain, cut_all(text, max, cut_many_plain, plain));
    for (size_t at = 0; at < text.n && m < BLOCK_TOKENS; m++) {
        enum word_kind kind;
        size_t end = cut_next(text, &at, &kind);
        if (end == at)
            break;
        one[m] = (struct cut){(uint32_t)at, (uint32_t)end, (uint8_t)kind, 0};
        at = end;
    }
    same_cuts(fast, n, one, m);
}

/* Each kind of byte at every place of a step, between letters, digits, blanks and O's. */
static void cutting_is_the_same_in_steps(void **state)
{
    (void)state;
    static const char *const around[] = {"ab", "A1 ", " ", "O'Neil D'Arcy'O'", "7", "a\xcc\x81'\n"};
    static const char *const what[] = {"'",    "\xe2\x80\x99",
                                       "\xff", "\xe7\x8e\x8b",
                                       "\t",   "\n",
                                       "",     "_",
                                       "O'",   "D\xe2\x80\x99",
                                       "\x7f", "9",
                                       "Z",    "\xc2\xad",
                                       "@",    "["};
    enum { LONG = 160 };
    for (unsigned a = 0; a < sizeof around / sizeof *around; a++)
        for (unsigned k = 0; k < sizeof what / sizeof *what; k++)
            for (size_t at = 0; at < LONG; at++) {
                uint8_t text[LONG + 16];
                size_t n = 0, unit = strlen(around[a]), more = strlen(what[k]);
                while (n < at)
                    text[n] = (uint8_t)around[a][n % unit], n++;
                memcpy(text + n, what[k], more);
                for (n += more; n < LONG; n++)
                    text[n] = (uint8_t)around[a][n % unit];
                cuts_are_equal(span(text, n), 1 + at % 70);
            }
    struct buf forms = buf_init(1U << 20);
    assert_ok(file_read("test/ner/data/forms.txt", &forms));
    for (size_t at = 0; at + 700 < forms.n; at += 211)
        cuts_are_equal(span_cut(buf_span(&forms), at, 700), 64);
    buf_free(&forms);
    uint8_t text[256];
    for (unsigned byte = 0; byte < 256; byte++) { /* every byte, between every two others */
        for (unsigned i = 0; i < sizeof text; i++)
            text[i] = (uint8_t)(i & 1 ? byte : i / 2 + (byte & 1 ? 128 : 0));
        cuts_are_equal(span(text, sizeof text), 64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cutting_is_the_same_in_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
