/* SPDX-License-Identifier: Apache-2.0 */
/* The parts below the tagger: letters, words, tokens, code marks, the sum of rows. */
#include "unit.h"

#include "file.h"
#include "letters.h"
#include "model_int.h"

#include <stdlib.h>

static struct dict *dict;
static struct tok room[PAD + BLOCK_TOKENS + PAD];
static uint8_t line_case[BLOCK_TOKENS + 1];
static uint16_t maybe[BLOCK_TOKENS];
static struct seq seq = {room + PAD, 0, line_case, maybe, 0};
static struct gaz_table no_lists;

static void cut(const char *text)
{
    size_t at = 0;
    struct span s = span_str(text);
    dict_clear(dict);
    seq.n = tokenise(dict, &no_lists, s, &at, seq.v, BLOCK_TOKENS);
    assert_int_equal(at, s.n);
    for (unsigned k = 0; k < PAD; k++)
        room[k] = seq.v[seq.n + k] = (struct tok){.w = dict_pad(dict)};
    context_fill(&seq);
}

/* Tokens joined by '|', as the tokeniser cuts `text`. */
static void expect_tokens(const char *text, const char *want)
{
    char got[512];
    size_t n = 0;
    cut(text);
    for (size_t i = 0; i < seq.n; i++) {
        size_t len = seq.v[i].end - seq.v[i].start;
        assert_true(n + len + 2 < sizeof got);
        if (i)
            got[n++] = '|';
        memcpy(got + n, text + seq.v[i].start, len);
        n += len;
    }
    got[n] = 0;
    assert_string_equal(got, want);
}

static void letters_of_all_scripts(void **state)
{
    (void)state;
    assert_int_equal(letters_fold('A'), 'a' | LETTERS_UPPER);
    assert_int_equal(letters_fold(0xc9), 'e' | LETTERS_UPPER);    /* É */
    assert_int_equal(letters_fold(0x142), 'l');                   /* ł */
    assert_int_equal(letters_fold(0x410), 0x430 | LETTERS_UPPER); /* Cyrillic A */
    assert_int_equal(letters_fold(0x5f20), 0x5f20);               /* an ideograph */
    assert_int_equal(letters_fold(0x2019), 0);
    assert_int_equal(letters_fold(0x1f600), 0); /* a face is no letter */
    assert_int_equal(letters_fold(0xff15), 0);  /* full-width digit */
    assert_int_equal(letters_fold(0x110000), 0);
    assert_int_equal(letters_fold(0xfffd), 0);
    assert_true(letters_ideograph(0x4e00) && letters_caseless(0x5d0));
}

static void tokens(void **state)
{
    (void)state;
    expect_tokens("Anna's 2 cats.", "Anna|'|s|2|cats|.");
    expect_tokens("O'Brien d'accord O\xe2\x80\x99Neil", "O'Brien|d|'|accord|O\xe2\x80\x99Neil");
    expect_tokens("a\tb\r\nc", "a|\t|b|\n|c");
    expect_tokens("M\xc3\xbcller-Le\xcc\x81vy", "M\xc3\xbcller|-|Le\xcc\x81vy");
    expect_tokens("\xe5\xbc\xa0\xe4\xbc\x9f ok", "\xe5\xbc\xa0|\xe4\xbc\x9f|ok");
    expect_tokens("so\xe2\x80\x8b"
                  "ft\xc2\xa0x",
                  "so\xe2\x80\x8b"
                  "ft|x");
    expect_tokens("\xff"
                  "a\xc3",
                  "\xff|a|\xc3"); /* broken bytes are signs */
    expect_tokens(" \n ", "\n");
    expect_tokens("", "");
}

static void same_word_whatever_the_accents_and_case(void **state)
{
    (void)state;
    cut("Jos\xc3\xa9 JOSE jose");
    assert_true(seq.v[0].w->hash == seq.v[1].w->hash && seq.v[1].w->hash == seq.v[2].w->hash);
    assert_int_equal(seq.v[0].w->cap, CAP_FIRST);
    assert_int_equal(seq.v[1].w->cap, CAP_ALL);
    assert_int_equal(seq.v[2].w->cap, CAP_LOWER);
    cut("Anna Annb");
    assert_true(seq.v[0].w->hash != seq.v[1].w->hash);
}

/* Is the token that starts with `word` marked as code? */
static bool is_code(const char *text, const char *word)
{
    cut(text);
    size_t at = (size_t)(strstr(text, word) - text);
    for (size_t i = 0; i < seq.n; i++)
        if (seq.v[i].start <= at && at < seq.v[i].end)
            return (seq.v[i].flags & TOKEN_CODE) != 0;
    fail_msg("no token at %s", word);
    return false;
}

static void code_is_marked(void **state)
{
    (void)state;
    assert_true(is_code("int martin_count = 1;", "martin"));
    assert_true(is_code("see https://example.com/anna for it", "anna"));
    assert_true(is_code("mail anna.smith@example.com now", "smith"));
    assert_true(is_code("thanks @anna", "anna"));
    assert_true(is_code("open /home/anna/notes", "anna"));
    assert_true(is_code("{\"anna\": 1}", "anna"));
    assert_true(is_code("key AnNa4RobErTx99KevinQz81Pq end", "RobErTx"));
    assert_true(is_code("anna123 logged in", "anna"));
    assert_true(is_code("return anna.smith;", "smith"));
    assert_false(is_code("J.Smith", "Smith"));
    assert_false(is_code("Anna/Bob will come", "Bob"));
    assert_false(is_code("{\"name\": \"Anna\"}", "Anna"));
    assert_false(is_code("She said \"Anna\" twice", "Anna"));
    assert_false(is_code("Name:Anna", "Anna"));
}

static void keys_reach_their_values(void **state)
{
    (void)state;
    cut("x\nname: Anna Smith\nBob");
    uint32_t name = seq.v[2].w->id;
    assert_int_equal(context_key(seq, 4).one, name);
    assert_int_equal(context_key(seq, 4).far, 1);
    assert_int_equal(context_key(seq, 5).far, 2);
    assert_int_equal(context_key(seq, 7).far, 0); /* the next line has no key */
    cut("name:\nAnna");
    assert_int_equal(context_key(seq, 3).one, seq.v[0].w->id);
}

/* Style habit 15: the vector sum equals its plain twin, on text of every kind. */
static void vector_sum_is_plain_sum(void **state)
{
    (void)state;
    struct file_map m;
    struct ner *n;
    struct buf b = buf_init(1U << 24);
    assert_ok(file_map_open("models/ner-en.bin", &m));
    assert_ok(ner_open(m.bytes, &n, NULL));
    assert_ok(file_read("test/ner/data/forms.txt", &b));
    size_t compared = 0, differ = 0;
    for (size_t at = 0; at < b.n && compared < 20000;) {
        dict_clear(dict);
        seq.n = tokenise(dict, &n->gaz, buf_span(&b), &at, seq.v, 256);
        for (unsigned k = 0; k < PAD; k++)
            room[k] = seq.v[seq.n + k] = (struct tok){.w = dict_pad(dict)};
        context_fill(&seq);
        struct emission fast[256], plain;
        for (size_t i = 0; i < seq.n; i++)
            crf_emission(n, seq, i, &fast[i]);
        for (size_t i = 0; i < seq.n; i++)
            seq.v[i].w->summed = dict_pad(dict)->summed = 0;
        for (size_t i = 0; i < seq.n; i++, compared++) {
            crf_emission_plain(n, seq, i, &plain);
            assert_memory_equal(&fast[i], &plain, sizeof plain);
            differ += plain.y[0] != plain.y[1];
        }
    }
    assert_true(differ > compared / 2); /* sums of real weights, not zeros */
    buf_free(&b);
    ner_close(n);
    file_map_close(&m);
}

static int set_up(void **state)
{
    (void)state;
    return failed(dict_new(&dict)) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    dict_free(dict);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_all_scripts),
        cmocka_unit_test(tokens),
        cmocka_unit_test(same_word_whatever_the_accents_and_case),
        cmocka_unit_test(code_is_marked),
        cmocka_unit_test(keys_reach_their_values),
        cmocka_unit_test(vector_sum_is_plain_sum),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
