/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens cut 64 bytes at a time by vectors of both lengths, by the plain twin, and one after the
 * other. */
#include "unit.h"

#include "file.h"
#include "ner_int.h"

/* Tokens that were cut. */
struct all {
    size_t n;
    struct tok tok[BLOCK_TOKENS];
    uint8_t is[BLOCK_TOKENS];
};

typedef size_t many_fn(struct cutter *, struct cuts, size_t);

static void cut_all(struct span text, size_t max, many_fn *many, struct all *out)
{
    struct cutter c = {text, 0, CUT_NO_GLUE};
    size_t more;
    out->n = 0;
    memset(out->tok, 0xff, sizeof out->tok);
    do {
        more = many(&c, (struct cuts){out->tok + out->n, out->is + out->n}, max);
        assert_true(more <= max);
        out->n += more;
        assert_true(out->n + max < BLOCK_TOKENS);
    } while (more);
    assert_int_equal(c.at, text.n);
}

/* The same by cut_next, but for whether it is an ASCII sign, and which number. */
static void cut_single(struct span text, struct all *out)
{
    size_t at = 0, before = text.n;
    for (out->n = 0; at < text.n && out->n < BLOCK_TOKENS; out->n++) {
        enum word_kind kind;
        size_t end = cut_next(text, &at, &kind);
        if (end == at)
            break;
        bool glued = at == before && kind != WORD_NEWLINE;
        out->tok[out->n] = (struct tok){.start = (uint32_t)at, .end = (uint32_t)end};
        out->tok[out->n].flags = glued ? TOKEN_GLUED : 0;
        out->is[out->n] = (uint8_t)kind;
        before = kind == WORD_NEWLINE ? text.n : end;
        at = end;
    }
}

static bool same_token(const struct tok *a, const struct tok *b)
{
    return a->start == b->start && a->end == b->end && a->flags == b->flags && a->run_from == 0 &&
           a->run_to == 0 && a->line == 0 && a->key_at == 0;
}

/* What a token is, from its text. */
static uint8_t is_of(struct span token, enum word_kind kind)
{
    if (kind == WORD_LETTERS)
        return CUT_LETTERS;
    const uint8_t n = (uint8_t)(token.n < 9 ? token.n : 9);
    if (kind == WORD_DIGITS)
        return (uint8_t)('0' + n);
    if (token.p[0] == '*' || token.p[0] == '~')
        return (uint8_t)((token.p[0] == '*' ? CUT_STARS : CUT_TILDES) + n / 2 * 2);
    return token.p[0] < 0x80 ? token.p[0] : CUT_SIGN;
}

static void cuts_are_equal(struct span text, size_t max)
{
    static many_fn *const ways[] = {cut_many, cut_many_narrow, cut_many_plain};
    static struct all many, one;
    cut_single(text, &one);
    for (unsigned way = 0; way < sizeof ways / sizeof *ways; way++) {
        cut_all(text, max, ways[way], &many);
        assert_int_equal(many.n, one.n);
        for (size_t i = 0; i < one.n; i++) {
            struct span token = span_cut(text, one.tok[i].start, one.tok[i].end - one.tok[i].start);
            enum word_kind kind = (enum word_kind)one.is[i];
            assert_true(same_token(&many.tok[i], &one.tok[i]));
            assert_int_equal(cut_kind(many.is[i]), kind);
            assert_int_equal(many.is[i], is_of(token, kind));
        }
    }
}

/* Each kind of byte at every place of a step, between letters, digits, blanks and O's. */
static void cutting_is_the_same_in_steps(void **state)
{
    (void)state;
    static const char *const around[] = {"ab", "A1 ",          " ",   "O'Neil D'Arcy'O'",
                                         "7",  "a\xcc\x81'\n", "**_", "~`a* "};
    static const char *const what[] = {"'",    "\xe2\x80\x99",
                                       "\xff", "\xe7\x8e\x8b",
                                       "\t",   "\n",
                                       "",     "_",
                                       "O'",   "D\xe2\x80\x99",
                                       "\x7f", "9",
                                       "Z",    "\xc2\xad",
                                       "@",    "[",
                                       "\x1b", "\x1b[0m\x1b[1;31m"};
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
