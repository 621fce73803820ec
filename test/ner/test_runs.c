/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of name-like words that context.c finds by bits, against a walk from token to token. */
#include "unit.h"

#include "file.h"
#include "model_int.h"

static struct dict *dict;
static struct tok room[PAD + BLOCK_TOKENS + PAD];
static uint8_t line_case[BLOCK_TOKENS + 1];
static uint16_t maybe[BLOCK_TOKENS];
static struct key_ids keys[BLOCK_TOKENS + 2];
static struct marks marks;
static struct seq seq = {room + PAD, 0, keys, &marks, line_case, maybe, 0};
static struct file_map map;
static struct ner *ner;

static bool like(const struct tok *t)
{
    const struct gaz g = t->w->gaz;
    bool no_case = t->cap == CAP_LOWER || line_case[t->line] == LINE_ALL_CAPITALS;
    return token_maybe(t) && (!no_case || ((g.first || g.last) && !g.common));
}

static bool joins(const struct tok *t)
{
    return t->sign ? strchr("-.&'", t->sign) != NULL : t->w->gaz.lex == LEX_PARTICLE;
}

/* Behind the last token of the run that begins at `from`. */
static size_t run_end(size_t from)
{
    enum { BETWEEN = 2 };
    size_t to = from + 1, between = 0;
    for (size_t i = to; i < seq.n && seq.v[i].start <= seq.v[i - 1].end + 1; i++) {
        if (like(&seq.v[i])) {
            to = i + 1;
            between = 0;
        } else if (!joins(&seq.v[i]) || ++between > BETWEEN) {
            break;
        }
    }
    return to;
}

/* Returns how many runs of more than one token there are. */
static size_t check_block(void)
{
    size_t longer = 0;
    for (size_t i = 0; i < seq.n;) {
        size_t to = like(&seq.v[i]) ? run_end(i) : i;
        longer += to > i + 1;
        for (size_t k = i; k < to; k++) {
            assert_int_equal(seq.v[k].run_from, i);
            assert_int_equal(seq.v[k].run_to, to);
        }
        if (to == i) {
            assert_int_equal(seq.v[i].run_to, 0);
            to++;
        }
        i = to;
    }
    return longer;
}

/* In blocks of 1, 2, ... tokens, so that runs begin and end anywhere among the bits. */
static size_t check_text(struct span text)
{
    size_t longer = 0;
    for (size_t at = 0, most = 1; at < text.n; most = most % BLOCK_TOKENS + 1) {
        dict_refresh(dict);
        seq.n = tokenise(dict, &ner->gaz, text, &at, seq.v, most);
        for (unsigned k = 0; k < PAD; k++)
            room[k] = seq.v[seq.n + k] = dict_padding(dict);
        context_fill(&seq);
        longer += check_block();
    }
    return longer;
}

static void runs_of_texts(void **state)
{
    (void)state;
    struct buf b = buf_init(1U << 24);
    assert_ok(file_read("test/ner/data/forms.txt", &b));
    assert_ok(file_read("test/ner/data/prose.txt", &b));
    assert_true(check_text(buf_span(&b)) > 1000);
    buf_free(&b);
}

/* Names, what joins them and what does not, in any order. */
static void runs_of_anything(void **state)
{
    (void)state;
    static const char *const piece[] = {"Anna", "Bell", "Klein",    "de",    "van",   "-",    ".",
                                        "&",    "'",    "kowalska", "the",   "of",    ",",    " ",
                                        " ",    "  ",   "\n",       " Bell", " Anna", " de ", "- "};
    enum { PIECES = sizeof piece / sizeof *piece, TEXTS = 20000 };
    struct buf b = buf_init(1U << 24);
    uint32_t random = 7;
    for (unsigned k = 0; k < TEXTS; k++) {
        random = random * 1664525 + 1013904223;
        assert_ok(buf_put(&b, span_str(piece[(random >> 16) % PIECES])));
    }
    assert_true(check_text(buf_span(&b)) > 500);
    buf_free(&b);
}

static int set_up(void **state)
{
    (void)state;
    if (failed(dict_new(&dict)) || failed(file_map_open("models/ner-en.bin", &map)) ||
        failed(ner_open(map.bytes, &ner, NULL)))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dict_free(dict);
    ner_close(ner);
    file_map_close(&map);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_texts),
        cmocka_unit_test(runs_of_anything),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
