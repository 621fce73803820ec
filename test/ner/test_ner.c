/* SPDX-License-Identifier: Apache-2.0 */
/* The tagger as masking sees it, with the shipped weights: what is found, and what never is. */
#include "unit.h"

#include "file.h"
#include "ner.h"

#include <stdio.h>

static struct file_map map;
static struct ner *ner;
static struct ner_work *work;

static int set_up(void **state)
{
    (void)state;
    struct fault f = {0};
    assert_ok(file_map_open("models/ner-en.bin", &map));
    assert_ok(ner_open(map.bytes, &ner, &f));
    assert_ok(ner_work_new(ner, &work));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ner_work_free(work);
    ner_close(ner);
    file_map_close(&map);
    return 0;
}

/* The PERSON findings at or above 0.7, joined by '|'. */
static void persons(const char *text, struct ner_memory *m, char *out, size_t cap)
{
    struct findings f = {.max = 1000};
    struct span s = span_str(text);
    assert_ok(ner_tag(ner, work, m, s, &f));
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < f.n; i++)
        if (f.v[i].entity == ENTITY_PERSON && f.v[i].score >= 0.7F) {
            int k = snprintf(out + n, cap - n, "%s%.*s", n ? "|" : "",
                             SPAN_ARG(span_cut(s, f.v[i].start, f.v[i].end - f.v[i].start)));
            assert_true(k >= 0 && (size_t)k < cap - n);
            n += (size_t)k;
        }
    findings_free(&f);
}

static void expect(const char *text, const char *want)
{
    char got[1024];
    persons(text, NULL, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("%s\n  found  [%s]\n  wanted [%s]", text, got, want);
}

static void names_in_many_forms(void **state)
{
    (void)state;
    expect("Please send the contract to Anna Kowalska today.", "Anna Kowalska");
    expect("hi, my name is peter hofmann and my order is late", "peter hofmann");
    expect("CUSTOMER: MARTIN BERGSTROM", "MARTIN BERGSTROM");
    expect("Kowalska, Anna", "Kowalska, Anna");
    expect("Dr. Sofia Lindqvist's report", "Sofia Lindqvist");
    expect("{\"name\": \"Rahul Sharma\", \"city\": \"Pune\"}", "Rahul Sharma");
    expect("name: Marie-Claire Dupont\nrole: admin\n", "Marie-Claire Dupont");
}

static void what_is_no_person(void **state)
{
    (void)state;
    expect("The meeting on Monday is in Berlin.", "");
    expect("for (size_t i = 0; i < martin_count; i++) sum += v[i];", "");
    expect("I asked Claude and then Gemini to fix it.", "");
    expect("curl https://example.com/anna/smith.html", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_many_forms),
        cmocka_unit_test(what_is_no_person),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
