/* SPDX-License-Identifier: Apache-2.0 */
/* Nations, religions, parties, forms of address, login names: what is found beside given findings
 * of the tagger, and what is left alone. No weights are needed. */
#include "unit.h"

#include "group_marks.h"
#include "ner.h"

#include <stdio.h>
#include <stdlib.h>

/* Findings as "TYPE:text;", beside `names`, each a person. */
static void found(const char *text, const char *const names[], char out[1024])
{
    struct findings f = {.max = 100};
    size_t n = 0;
    for (size_t i = 0; names && names[i]; i++) {
        size_t at = span_search(span_str(text), 0, span_str(names[i]));
        assert_true(at < strlen(text));
        assert_ok(findings_add(&f, (struct finding){(uint32_t)at, (uint32_t)(at + strlen(names[i])),
                                                    ENTITY_PERSON, NER_RULE_MODEL, 0.9F}));
    }
    size_t first = f.n;
    assert_ok(ner_lists(span_str(text), &f, 0));
    out[0] = 0;
    for (size_t i = first; i < f.n; i++)
        if (f.v[i].score >= 0.7F)
            n += (size_t)snprintf(out + n, 1024 - n, "%s:%.*s;",
                                  entity_name((enum entity)f.v[i].entity),
                                  (int)(f.v[i].end - f.v[i].start), text + f.v[i].start);
    findings_free(&f);
}

struct row {
    const char *text, *found;
    const char *names[3];
};

static void all(const struct row *rows, size_t n)
{
    char got[1024];
    for (size_t i = 0; i < n; i++) {
        found(rows[i].text, rows[i].names, got);
        if (strcmp(got, rows[i].found) != 0)
            fail_msg("%s: %s", rows[i].text, got);
    }
}
#define ALL(rows) all(rows, sizeof(rows) / sizeof *(rows))

static void test_groups(void **state)
{
    static const struct row rows[] = {
        {"the Brazilian delegation (Muslim) left", "NRP:Brazilian;NRP:Muslim;", {0}},
        {"South African voters, a New Zealander, GERMAN papers",
         "NRP:South African;NRP:New Zealander;NRP:GERMAN;",
         {0}},
        {"an African-American senator of the Democrats",
         "NRP:African-American;NRP:Democrats;",
         {0}},
        {"Polish the table with green soap; a Green spoke; she is Polish",
         "NRP:Green;NRP:Polish;",
         {0}},
        {"he speaks French, translated into German", "", {0}},
        {"Germane, germans, GermanShepherd, German_x, xGerman", "", {0}},
        {"German Lopez and Christian Bale", "", {"German Lopez", "Christian Bale"}},
        {"Brazilian", "NRP:Brazilian;", {0}},
        {"Brazilian-", "NRP:Brazilian;", {0}},
        {"", "", {0}},
    };
    (void)state;
    ALL(rows);
}

/* Every word of the lists is found, from all capitals too: none is refused by its first letters. */
static void test_lists_are_whole(void **state)
{
    static const char *const groups[] = {
#define GROUP(word, how) word,
#include "group.def"
#undef GROUP
    };
    static const char *const titles[] = {
#define HONORIFIC(word, how) word,
#include "title.def"
#undef HONORIFIC
    };
    (void)state;
    char text[64], want[80], got[1024];
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        snprintf(text, sizeof text, "a %s", groups[i]);
        snprintf(want, sizeof want, "NRP:%s;", groups[i]);
        found(text, NULL, got);
        assert_string_equal(got, want);
        if (groups[i][1] == '-')
            continue; /* capitals are told by the second letter */
        for (char *c = text + 2; *c; c++)
            *c = (char)(*c - (*c >= 'a' && *c <= 'z' ? 'a' - 'A' : 0));
        snprintf(want, sizeof want, "NRP:%s;", text + 2);
        found(text, NULL, got);
        assert_string_equal(got, want);
    }
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        static const char *const names[] = {"Xu", NULL};
        if (strchr(titles[i], '-'))
            continue; /* Dipl.-Ing: no word goes on behind a point and a dash */
        snprintf(text, sizeof text, "%s Xu", titles[i]);
        snprintf(want, sizeof want, "TITLE:%s;", titles[i]);
        found(text, names, got);
        assert_string_equal(got, want);
    }
}

static void test_titles(void **state)
{
    static const struct row rows[] = {
        {"Mr. Smith, Dr Anna, MRS JONES and Prof.Weber",
         "TITLE:Mr;TITLE:Dr;TITLE:MRS;TITLE:Prof;",
         {0}},
        {"President Obama, Aunt May", "TITLE:President;TITLE:Aunt;", {"Obama", "May"}},
        {"the President said; General Electric; Aunt of mine; Dr; Dr.", "", {0}},
        {"Sig.ra Rossi and Frau \xc3\x96zdemir", "TITLE:Sig.ra;TITLE:Frau;", {0}},
        {"Drive, Mrx Smith, aMr Smith", "", {0}},
    };
    (void)state;
    ALL(rows);
}

static void test_handles(void **state)
{
    static const struct row rows[] = {
        {"ask @anna_k or (@john.doe), thanks", "USERNAME:anna_k;USERNAME:john.doe;", {0}},
        {"a@b.example @types/node @Test(1) x.@y @media @param p", "", {0}},
        {"@Override\npublic", "", {0}},
        {"nick=Mr. Bell, ask @French there",
         "USERNAME:Mr;USERNAME:French;",
         {0}}, /* one thing each */
        {"{\"username\": \"hamza92\", \"login\":\"m.kowalska\"} nick=zoe_",
         "USERNAME:hamza92;USERNAME:m.kowalska;USERNAME:zoe_;",
         {0}},
        {"user_id: 4711, login: root, username = , login:", "", {0}},
        {"login: anna@b.example, handle(x)", "", {0}},
        {"/**\n * @stable ICU 2.0\n * in @mode %MTD or\n\t * @data1: what is sent", "", {0}},
        {" * @anna_k - owner\n  * @bert_k too", "USERNAME:anna_k;USERNAME:bert_k;", {0}},
        {"x;\n    // @ts-ignore\n    y\n// @anna_k did it", "USERNAME:anna_k;", {0}},
        {"    @cached\n    def f(self):\n    @anna_k\nthanks", "USERNAME:anna_k;", {0}},
        {"  my $n = 1;\npush @lib, $x and @parts", "", {0}},
        {"it is my $5, @anna_k. Oh my $BTC! @bert_k and my ($x) are here",
         "USERNAME:anna_k;USERNAME:bert_k;",
         {0}},
        {"ask @anna_k; team (@bert_k, @carl_k); @dora_k = the best, not \\@ORDERED",
         "USERNAME:anna_k;USERNAME:bert_k;USERNAME:carl_k;USERNAME:dora_k;",
         {0}},
        {"{user_id: 'user_id'}", "", {0}},
        {"handle: ph, handle: anna92, handle: @bertk, \"handle\": \"carlk\", handle: dorak\n",
         "USERNAME:anna92;USERNAME:bertk;USERNAME:carlk;USERNAME:dorak;",
         {0}},
        {"join @lib_x, then (@my_k) writes; @FT_New_Face does not",
         "USERNAME:lib_x;USERNAME:my_k;",
         {0}},
        {"@", "", {0}},
    };
    (void)state;
    ALL(rows);
}

/* Wherever in the steps of 64 bytes a word, a key or a sign stands, it is found as it is alone. */
static void test_offsets(void **state)
{
    static const char *const texts[] = {
        "African-American x.Danish a_b.Danish U.S.-German; Mr.German",
        "\"login\":\"anna_k\", login='bert_k' my.login=carl_k, 7login=dora_k",
        "@anna_k.Danish @bert_k\303\251 Danish, Do\303\261a Anna, New Zealander",
    };
    char text[512], alone[1024], shifted[1024];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        found(texts[i], NULL, alone);
        assert_true(strlen(alone) > 20);
        for (int n = 0; n < 160; n++) {
            (void)snprintf(text, sizeof text, "%*s%s", n, "", texts[i]);
            found(text, NULL, shifted);
            assert_string_equal(shifted, alone);
        }
    }
}

static void test_marks(void **state)
{
    uint8_t bytes[256 + GROUP_STEP];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t at = 0; at < 256; at++) {
        struct group_marks a = group_marks(bytes + at), b = group_marks_plain(bytes + at);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

/* A full list is an error, and nothing is lost silently. */
static void test_ceiling(void **state)
{
    struct findings f = {.max = 1};
    (void)state;
    assert_int_equal(err_cat(ner_lists(SPAN_LIT("German, Danish and Muslim people"), &f, 0)),
                     ERR_LIMIT);
    findings_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_lists_are_whole),
        cmocka_unit_test(test_titles),  cmocka_unit_test(test_handles),
        cmocka_unit_test(test_offsets), cmocka_unit_test(test_marks),
        cmocka_unit_test(test_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
