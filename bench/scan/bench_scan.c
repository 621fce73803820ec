/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the scanner reads, beside a sweep that only counts '@' and digits: gigabytes a second on
 * one core for several kinds of text, every text different; and microseconds for one chat message.
 * usage: bench_scan [MiB per kind]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "scan.h"

static uint64_t seed = 88172645463325252U;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const char *const words[] = {
    "the",    "of",       "and",    "please", "send",    "report",  "meeting", "about", "we",
    "should", "discuss",  "with",   "team",   "quarter", "results", "look",    "fine",  "but",
    "there",  "remains",  "one",    "issue",  "in",      "module",  "that",    "reads", "values",
    "from",   "database", "before", "they",   "arrive",  "can",     "you",     "check", "whether",
    "it",     "works",    "again",  "after",  "change",  "to",      "function"};
static const char *const code[] = {"static int ",
                                   "for (i = 0; i < n; i++) ",
                                   "return err(ERR_INPUT);\n",
                                   "struct node *next",
                                   "if (!p->left) ",
                                   "buf[k++] = c;\n",
                                   "} else {\n",
                                   "memcpy(out, in, len);\n",
                                   "/* why */\n",
                                   "uint32_t h = x * 2654435761u;\n",
                                   "case 3:\n",
                                   "log_debug(\"state %d\", st);\n"};
static const char *const entities[] = {"mail anna.kowalska%u@example-mail.com today",
                                       "call +49 40 8498%03u please",
                                       "card 4111 1111 1111 1111 %u",
                                       "ssn 536-22-%04u",
                                       "IBAN DE89 3704 0044 0532 0130 00 ref %u",
                                       "server 10.1.2.%u answered",
                                       "token ghp_a8Fq%uZx91kLmN04bVcXz7sDfGhJk2LpQ3w",
                                       "at 742 Evergreen Terrace, Springfield %u"};

static size_t word_text(char *p, size_t n, unsigned every, const char *const *list, size_t count,
                        bool blanks)
{
    size_t at = 0, next_entity = every;
    while (at + 200 < n) {
        if (every && at >= next_entity) {
            at += (size_t)sprintf(p + at, entities[next() % 8], (unsigned)(next() % 200));
            p[at++] = ' ';
            next_entity = at + every;
        }
        const char *w = list[next() % count];
        size_t len = strlen(w);
        memcpy(p + at, w, len);
        at += len;
        if (blanks)
            p[at++] = next() % 12 ? ' ' : '\n';
    }
    return at;
}

static size_t base64_text(char *p, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i++)
        p[i] = set[next() & 63];
    return n;
}

static size_t byte_sweep(const uint8_t *p, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += (p[i] == '@') + ((uint8_t)(p[i] - '0') < 10);
    return found;
}

static void measure(const struct scanner *s, const char *name, const char *p, size_t n)
{
    struct span all = span(p, n);
    double best = 1e9, sweep = 1e9;
    size_t found = 0, sink = 0;
    for (int round = 0; round < 5; round++) {
        double t = now();
        found = 0;
        for (size_t at = 0; at < n; at += 16384) {
            struct findings f = {.max = 100000};
            if (failed(scan_text(s, span_cut(all, at, 16384), &f)))
                abort();
            found += f.n;
            findings_free(&f);
        }
        t = now() - t;
        best = t < best ? t : best;
        t = now();
        sink += byte_sweep(all.p, n);
        t = now() - t;
        sweep = t < sweep ? t : sweep;
    }
    printf("%-26s %7.2f GB/s  sweep %6.2f GB/s  ratio %.2f  %zu findings/MB%s\n", name,
           (double)n / best / 1e9, (double)n / sweep / 1e9, sweep / best, found * 1000000 / n,
           sink == 1 ? " " : "");
}

static void chat(const struct scanner *s, char *p)
{
    enum { TEXTS = 2000, SIZE = 1024 };
    for (size_t i = 0; i < TEXTS; i++) {
        char *t = p + i * SIZE;
        size_t n = word_text(t, SIZE, 330, words, sizeof words / sizeof *words, true);
        memset(t + n, ' ', SIZE - n);
    }
    double best = 1e9;
    size_t found = 0;
    for (int round = 0; round < 20; round++) {
        double t = now();
        found = 0;
        for (size_t i = 0; i < TEXTS; i++) {
            struct findings f = {.max = 1000};
            if (failed(scan_text(s, span(p + i * SIZE, SIZE), &f)))
                abort();
            scan_resolve(span(p + i * SIZE, SIZE), &f);
            found += f.n;
            findings_free(&f);
        }
        t = now() - t;
        best = t < best ? t : best;
    }
    printf("1 KB chat, %.1f entities     %7.2f us\n", (double)found / TEXTS, best / TEXTS * 1e6);
}

int main(int argc, char **argv)
{
    size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 16) << 20;
    char *p = malloc(n + 4096);
    struct scan_config cfg = scan_config_default();
    struct scanner *s, *plain;
    if (!p || failed(scanner_new(&cfg, &s)))
        return 2;
    cfg.plain_c = true;
    if (failed(scanner_new(&cfg, &plain)))
        return 2;
    size_t words_n = sizeof words / sizeof *words, code_n = sizeof code / sizeof *code;
    measure(s, "prose, nothing", p, word_text(p, n, 0, words, words_n, true));
    measure(s, "prose, 1 entity per KB", p, word_text(p, n, 1000, words, words_n, true));
    measure(plain, "  the same, plain C", p, word_text(p, n, 1000, words, words_n, true));
    measure(s, "prose, 1 entity per 100 B", p, word_text(p, n, 100, words, words_n, true));
    measure(s, "code", p, word_text(p, n, 0, code, code_n, false));
    measure(s, "base64", p, base64_text(p, n));
    chat(s, p);
    scanner_free(s);
    scanner_free(plain);
    free(p);
    return 0;
}
