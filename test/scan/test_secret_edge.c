/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No byte before a text or behind it is read: every case of secret_cases.txt, begun and ended at
 * each of its bytes, between two pages that cannot be read.
 */
#define _DEFAULT_SOURCE
#include "unit.h"

#include "scan.h"
#include "secret_scan.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *page;
static size_t page_n;
static struct scanner *scanner;

static void look(struct span s)
{
    struct findings f = {.max = 1000}, all = {.max = 1000};
    assert_ok(secret_scan(s, &f));
    assert_ok(scan_text(scanner, s, &all));
    findings_free(&f);
    findings_free(&all);
}

static void at_edges(const char *text, size_t n)
{
    for (size_t cut = 0; cut < n; cut++) {
        memcpy(page, text + cut, n - cut);
        look(span(page, n - cut));
        memcpy(page + page_n - (n - cut), text, n - cut);
        look(span(page + page_n - (n - cut), n - cut));
    }
}

/* The case without the marks around its secret; its length. */
static size_t without_marks(const char *line, char *out)
{
    size_t n = 0;
    for (const char *c = line; *c && *c != '\n'; c++)
        if ((uint8_t)c[0] == 0xc2 && ((uint8_t)c[1] == 0xab || (uint8_t)c[1] == 0xbb))
            c++;
        else
            out[n++] = *c;
    return n;
}

static void test_cases(void **state)
{
    (void)state;
    char line[2048], text[2048];
    unsigned cases = 0;
    FILE *f = fopen(SOURCE_ROOT "/test/scan/secret_cases.txt", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (line[0] != '+' && line[0] != '-')
            continue;
        at_edges(text, without_marks(line + 2, text));
        cases++;
    }
    fclose(f);
    assert_true(cases > 900);
}

static void test_short(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"jane:Xk9fQ2zR7\"",
                                        "\"root/Xk9!Q2zR7\" is",
                                        "'a:b1c'",
                                        "(Xk9!fQ2zR7)",
                                        "https://a:b1@c",
                                        "\"x\": \"passport\", \"id_number\": \"C56781234\"",
                                        "a: passport\nid_number: C56781234"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        at_edges(texts[i], strlen(texts[i]));
}

static int set_up(void **state)
{
    (void)state;
    page_n = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, 3 * page_n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page_n, page_n, PROT_READ | PROT_WRITE) != 0)
        return 1;
    page = p + page_n;
    struct scan_config cfg = scan_config_default();
    return failed(scanner_new(&cfg, &scanner));
}

static int tear_down(void **state)
{
    (void)state;
    scanner_free(scanner);
    return munmap(page - page_n, 3 * page_n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_short), cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
