/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML subset: what is refused, with the exact line and words; values of every type. */
#include "unit.h"

#include "conf.h"

#include <stdio.h>
#include <stdlib.h>

struct sample {
    bool yes;
    uint64_t count, size, wait, money;
    double part;
    uint32_t word;
    unsigned __int128 set;
    struct span text;
    struct conf_texts texts;
};

#define ROW(name, type, min, max, words, def, flags)                                               \
    {                                                                                              \
#name, CONF_##type, offsetof(struct sample, name), min, max, words, def, flags,            \
            CONF_RELOAD, ""                                                                        \
    }
static const struct conf_setting rows[] = {
    ROW(yes, BOOL, 0, 1, NULL, "true", 0),
    ROW(count, COUNT, 1, 10, NULL, "3", 0),
    ROW(size, SIZE, 10, 1 << 30, NULL, "64KiB", 0),
    ROW(wait, DURATION, 100, 3600000, NULL, "5s", 0),
    ROW(money, USD, 0, 1000000000000U, NULL, "0.25", 0),
    ROW(part, FRACTION, 0, 1000000, NULL, "0.7", 0),
    ROW(word, WORD, 0, 2, "red|green|blue", "green", 0),
    ROW(set, WORDS, 0, 0, "red|green|blue", "red,blue", 0),
    ROW(text, TEXT, 2, 8, NULL, NULL, CONF_SENSITIVE),
    ROW(texts, TEXTS, 1, 8, NULL, "one,two", 0),
};
static const struct conf_table table = {"sample", rows, sizeof rows / sizeof *rows,
                                        sizeof(struct sample)};

static struct err load(struct span yaml, struct arena *a, struct sample *out, struct conf_fault *f)
{
    const struct conf_node *root;
    *out = (struct sample){0};
    TRY(conf_parse(yaml, "t.yaml", a, &root, f));
    TRY(conf_defaults(&table, a, out));
    return conf_read(&table, root, a, out, f);
}

static void assert_fault(struct span yaml, const char *want)
{
    struct arena a = arena_init(8 << 20);
    struct sample s;
    struct conf_fault f = {0};
    BUF_AUTO text = buf_init(4096);
    assert_fails(ERR_INPUT, load(yaml, &a, &s, &f));
    assert_ok(conf_fault_text(&f, &text));
    assert_ok(buf_put_u8(&text, 0));
    assert_string_equal((const char *)text.p, want);
    arena_free(&a);
}

static void defaults_then_values(void **state)
{
    (void)state;
    struct arena a = arena_init(8 << 20);
    struct sample s;
    struct conf_fault f;
    assert_ok(load(SPAN_LIT("# nothing\n"), &a, &s, &f));
    assert_true(s.yes && s.count == 3 && s.size == 65536 && s.wait == 5000);
    assert_true(s.money == 250000000 && s.part == 0.7 && s.word == 1 && s.set == 5);
    assert_int_equal(s.texts.n, 2);
    assert_span(s.texts.v[1], SPAN_LIT("two"));
    assert_ok(load(SPAN_LIT("---\nyes: false\ncount: 10\nsize: 1MiB\nwait: 1m\nmoney: 2.5\n"
                            "part: 0.123456\nword: 'blue'\nset: []\ntext: \"a\\\"b\"\n"
                            "texts:\n  - x\n  - \"12\"\n"),
                   &a, &s, &f));
    assert_true(!s.yes && s.count == 10 && s.size == 1 << 20 && s.wait == 60000);
    assert_true(s.money == 2500000000U && s.part == 0.123456 && s.word == 2 && s.set == 0);
    assert_span(s.text, SPAN_LIT("a\"b"));
    assert_span(s.texts.v[1], SPAN_LIT("12"));
    arena_free(&a);
}

/* What is printed reads back as the same value, for every row. */
static void printing_is_the_inverse(void **state)
{
    (void)state;
    struct arena a = arena_init(8 << 20);
    struct sample s, again;
    struct conf_fault f;
    BUF_AUTO out = buf_init(4096);
    assert_ok(load(SPAN_LIT("size: 1536KiB\nwait: 90s\nmoney: 0.000000001\npart: 0.05\n"
                            "text: 'a\"\\b'\ntexts: [\"'\", '\"', \"\\\\\"]\n"),
                   &a, &s, &f));
    for (size_t i = 0; i < table.n; i++) {
        assert_ok(buf_printf(&out, "%s: ", rows[i].name));
        assert_ok(conf_print(&rows[i], (const uint8_t *)&s + rows[i].offset, &out));
        assert_ok(buf_puts(&out, "\n"));
    }
    assert_ok(load(buf_span(&out), &a, &again, &f));
    assert_true(again.yes == s.yes && again.count == s.count && again.size == s.size &&
                again.wait == s.wait && again.money == s.money && again.part == s.part &&
                again.word == s.word && again.set == s.set);
    assert_span(again.text, s.text);
    assert_int_equal(again.texts.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_span(again.texts.v[i], s.texts.v[i]);
    arena_free(&a);
}

static void faults_name_file_line_and_expectation(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *want;
    } bad[] = {
        {"a: &x 1\n", "t.yaml:1: expected a value, found an anchor (&)"},
        {"\na: *x\n", "t.yaml:2: expected a value, found an alias (*); put text with * in quotes"},
        {"a: !!int 1\n", "t.yaml:1: expected a value, found a tag (!)"},
        {"a: ! x\n", "t.yaml:1: expected a value, found a tag (!)"},
        {"count: 3\nyes: true\ncount: 4\n",
         "t.yaml:3: expected each key once, found \"count\" again (first on line 1)"},
        {"yes: true\n\tcount: 3\n", "t.yaml:2: expected blanks in the indentation, found a tab"},
        {"a: 1\n---\nb: 2\n", "t.yaml:2: expected one document, found a second"},
        {"%YAML 1.1\n---\na: 1\n", "t.yaml:1: expected no directive"},
        {"[a]: 1\n", "t.yaml:1: expected a key that is text"},
        {"a: \x01\n", "t.yaml:1: expected text, found a control character"},
        {"x: 1\na: \xff\n", "t.yaml:2: expected valid UTF-8"},
        {"\xef\xbb\xbf"
         "a: 1\n",
         "t.yaml:1: expected text, found a byte order mark"},
        {"- 1\n", "t.yaml:1: expected the settings of sample, found a list"},
        {"wat: 5s\n", "t.yaml:1: expected a setting of sample, found \"wat\"; did you mean wait?"},
        {"yes: true\nxyzzy: 1\n", "t.yaml:2: expected a setting of sample, found \"xyzzy\""},
        {"yes: yes\n", "t.yaml:1: expected true or false for yes, found \"yes\""},
        {"yes: \"true\"\n", "t.yaml:1: expected true or false for yes, found \"true\""},
        {"yes:\n", "t.yaml:1: expected true or false for yes, found nothing"},
        {"count: 11\n", "t.yaml:1: expected a number from 1 to 10 for count, found \"11\""},
        {"count: 0x3\n", "t.yaml:1: expected a number from 1 to 10 for count, found \"0x3\""},
        {"count: [3]\n", "t.yaml:1: expected a number from 1 to 10 for count, found a list"},
        {"size: 5 MiB\n", "t.yaml:1: expected a size from 10 to 1GiB for size, found \"5 MiB\""},
        {"size: 99999999999999999999\n",
         "t.yaml:1: expected a size from 10 to 1GiB for size, found \"99999999999999999999\""},
        {"wait: 30\n", "t.yaml:1: expected a duration from 100ms to 1h for wait, found \"30\""},
        {"wait: 2d\n", "t.yaml:1: expected a duration from 100ms to 1h for wait, found \"2d\""},
        {"money: -1\n",
         "t.yaml:1: expected an amount in USD from 0 to 1000 for money, found \"-1\""},
        {"money: 1.0000000001\n",
         "t.yaml:1: expected an amount in USD from 0 to 1000 for money, found \"1.0000000001\""},
        {"part: 1.1\n", "t.yaml:1: expected a fraction from 0 to 1 for part, found \"1.1\""},
        {"part: .5\n", "t.yaml:1: expected a fraction from 0 to 1 for part, found \".5\""},
        {"word: gren\n",
         "t.yaml:1: expected red | green | blue for word, found \"gren\"; did you mean green?"},
        {"set: [red, bleu]\n", "t.yaml:1: expected a list of red | green | blue for set, found "
                               "\"bleu\"; did you mean blue?"},
        {"set: [red, red]\n", "t.yaml:1: expected each of set once, found red again"},
        {"set: red\n",
         "t.yaml:1: expected a list of red | green | blue for set, found \"red\"; did you mean "
         "red?"},
        {"text: averyveryverylongsecret\n", "t.yaml:1: expected text of 2 to 8 bytes for text"},
        {"texts: [{}]\n",
         "t.yaml:1: expected a list of texts of 1 to 8 bytes for texts, found a mapping"},
        {"texts: [\"\"]\n",
         "t.yaml:1: expected a list of texts of 1 to 8 bytes for texts, found nothing"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fault(span_str(bad[i].yaml), bad[i].want);
}

static void ceilings_hold(void **state)
{
    (void)state;
    struct buf b = buf_init(1 << 20);
    for (int i = 0; i < CONF_DEPTH_MAX + 1; i++)
        assert_ok(buf_puts(&b, "[\n"));
    assert_fault(buf_span(&b), "t.yaml:33: expected at most 32 levels");
    buf_clear(&b);
    while (b.n < CONF_BYTES_MAX)
        assert_ok(buf_puts(&b, "["));
    struct arena a = arena_init(8 << 20);
    const struct conf_node *root;
    struct conf_fault f;
    assert_fails(ERR_INPUT, conf_parse(buf_span(&b), "t.yaml", &a, &root, &f));
    assert_ok(buf_puts(&b, "["));
    assert_fault(buf_span(&b), "t.yaml: expected at most 262144 bytes, found 262145");
    buf_clear(&b);
    assert_ok(buf_puts(&b, "["));
    for (int i = 0; i <= CONF_NODES_MAX; i++)
        assert_ok(buf_puts(&b, "1,\n"));
    arena_reset(&a);
    assert_fails(ERR_INPUT, conf_parse(buf_span(&b), "t.yaml", &a, &root, &f));
    assert_string_equal(f.text, "expected fewer entries in one file");
    struct arena tiny = arena_init(100);
    assert_fails(ERR_LIMIT, conf_parse(SPAN_LIT("a: [1, 2, 3]"), "t.yaml", &tiny, &root, &f));
    arena_free(&tiny);
    arena_free(&a);
    buf_free(&b);
}

static void nearest_word_is_near(void **state)
{
    (void)state;
    assert_span(conf_nearest("providers|models|masking", SPAN_LIT("provider")),
                SPAN_LIT("providers"));
    assert_span(conf_nearest("providers|models|masking", SPAN_LIT("maskign")), SPAN_LIT("masking"));
    assert_span(conf_nearest("providers|models|masking", SPAN_LIT("Models")), SPAN_LIT("models"));
    assert_int_equal(conf_nearest("providers|models", SPAN_LIT("budgets")).n, 0);
    assert_int_equal(conf_nearest("a|b", SPAN_LIT("")).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_then_values),
        cmocka_unit_test(printing_is_the_inverse),
        cmocka_unit_test(faults_name_file_line_and_expectation),
        cmocka_unit_test(ceilings_hold),
        cmocka_unit_test(nearest_word_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
