/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the scanner reads, beside a sweep that only counts '@' and digits: gigabytes a second on
 * one core for several kinds of text, every text different; and microseconds for one chat message.
 * usage: bench_scan [MiB per kind [KIND]]     KIND: mixed, prose, chat, code, JSON, logs, CSV
 *        bench_scan -f FILE...                 texts of somebody's own
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
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- texts: lines of several kinds, filled in at random ---- */

static const char *const words[] = {
    "the",    "of",       "and",    "please", "send",    "report",  "meeting", "about", "we",
    "should", "discuss",  "with",   "team",   "quarter", "results", "look",    "fine",  "but",
    "there",  "remains",  "one",    "issue",  "in",      "module",  "that",    "reads", "values",
    "from",   "database", "before", "they",   "arrive",  "can",     "you",     "check", "whether",
    "it",     "works",    "again",  "after",  "change",  "to",      "function"};

/* $w a word, $W a word with a capital, $n a number below 5000, $d a digit, $x eight hex digits. */
static const char *const prose[] = {"$w $w $w $w $w $w $w $w $w $w ",
                                    "$w $w, $w $w $w $w. $W $w\n"};
static const char *const chat[] = {
    "user: $W $w $w $w $w, $w $w $w $w?\n",
    "assistant: $W $w $w $w $w $w $w $w. $W $w $w $w $w $w $w $w $w.\n",
    "$W $w $w $n $w $w $w $w $w $w, $w $w $w $w!\n",
    "- $w $w $w (about $n $w)\n",
    "I $w $w $w $w $w at $d:30, $w $w $w $w $w $w $w. It's $w $w $w $w $$$n.\n",
    "## $W $w $w\n\n$W $w $w $w $w $w `$w_$w` $w $w $w $w $w.\n"};
static const char *const code[] = {
    "static int $w_$w(struct $w *$w, size_t n)\n{\n",
    "    for (size_t i = 0; i < n; i++)\n        $w[i] = $w->$w & 0xFF;\n",
    "    if (!$w->$w || $w_$w($w, $n) < 0)\n        return err(ERR_INPUT);\n",
    "    /* $W $w $w $w $w $w. */\n",
    "    memcpy(out + $d, $w.$w, sizeof $w);\n}\n\n",
    "    uint32_t h = x * 2654435761u;\n    $w_$w(\"$w %d $w\", $w.$w);\n",
    "def $w_$w(self, $w=None):\n    \"\"\"$W $w $w $w.\"\"\"\n    return self.$w[$d:] + [$w]\n",
    "import { $w$W, $w } from './$w/$w.js';\n",
    "const $w$W = await $w.$w($w => $w.$w === $n);\n"};
static const char *const json[] = {
    "{\"id\": $n, \"$w\": \"$w $w\", \"$w_count\": $n, \"ok\": true, \"tags\": [\"$w\", \"$w\"]}\n",
    "    {\n      \"$w\": \"$w $w $w $w\",\n      \"ratio\": 0.$n,\n      \"$w\": null\n    },\n",
    "{\"role\":\"user\",\"content\":\"$W $w $w $w $w $w $w $w $w.\",\"max_tokens\":$n}\n",
    "{\"type\":\"function\",\"name\":\"$w_$w\",\"arguments\":\"{\\\"$w\\\": $d}\"}\n"};
static const char *const logs[] = {"[$n/5000] Compiling C object $w/lib$w.a.p/$w_$w.c.o\n",
                                   "INFO  worker-$d: $w $w finished in $n ms ($n rows)\n",
                                   "WARN  $w.$w.$W: $w $w, retry $d of 5\n",
                                   "    at $w$W ($w/$w/$w.js:$n:$d)\n",
                                   "DEBUG [$w-$d] $w=$w $w=$n $w=0x$x $w $w\n",
                                   "test $w::$w::$w_$w ... ok\n",
                                   "GET /$w/$w?page=$n 200 $n bytes\n"};
static const char *const csv[] = {"$n,$w $w,$n.$d$d,$w,$n\n", "$n,\"$w, $w\",$d.$d,$w,\n"};

/* What a person would not want to send. */
static const char *const entities[] = {"mail anna.kowalska$n@example-mail.com today",
                                       "call +49 40 8498$d$d$d please",
                                       "card 4111 1111 1111 1111 $n",
                                       "ssn 536-22-$d$d$d7",
                                       "IBAN DE89 3704 0044 0532 0130 00 ref $n",
                                       "server 10.1.2.$d$d answered",
                                       "token ghp_a8Fq$n$d$dZx91kLmN04bVcXz7sDfGhJk2LpQ3w",
                                       "at 742 Evergreen Terrace, Springfield $n"};

static size_t word_put(char *p, bool capital)
{
    const char *w = words[next() % (sizeof words / sizeof *words)];
    size_t n = strlen(w);
    memcpy(p, w, n);
    if (capital)
        p[0] = (char)(p[0] - 32);
    return n;
}

/* One line; at most 400 bytes. */
static size_t fill(char *p, const char *line)
{
    size_t at = 0;
    for (; *line; line++) {
        if (*line != '$') {
            p[at++] = *line;
            continue;
        }
        line++;
        if (*line == 'w' || *line == 'W')
            at += word_put(p + at, *line == 'W');
        else if (*line == 'n')
            at += (size_t)sprintf(p + at, "%u", (unsigned)(next() % 5000));
        else if (*line == 'x')
            at += (size_t)sprintf(p + at, "%08x", (unsigned)(next() >> 32));
        else
            p[at++] = *line == 'd' ? (char)('0' + next() % 10) : *line;
    }
    return at;
}

struct kind {
    const char *name;
    const char *const *lines;
    size_t n;
};
#define KIND(name, lines)                                                                          \
    {                                                                                              \
        name, lines, sizeof lines / sizeof *lines                                                  \
    }
static const struct kind kinds[] = {KIND("prose", prose), KIND("chat", chat), KIND("code", code),
                                    KIND("JSON", json),   KIND("logs", logs), KIND("CSV", csv)};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Text of one kind with an entity about every `every` bytes, 0 none. */
static size_t text(char *p, size_t n, const struct kind *k, size_t every)
{
    size_t at = 0, next_entity = every;
    while (at + 400 < n) {
        at += fill(p + at, k->lines[next() % k->n]);
        if (every && at >= next_entity) {
            at += fill(p + at, entities[next() % 8]);
            p[at++] = next() % 2 ? ' ' : '\n';
            next_entity += every;
        }
    }
    memset(p + at, ' ', n - at);
    return n;
}

/* All kinds by turns, 8 KiB each. */
static size_t mixed(char *p, size_t n, size_t every)
{
    size_t at = 0;
    for (size_t i = 0; at + 8192 <= n; i++)
        at += text(p + at, 8192, &kinds[i % KINDS], every);
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

static void message(const struct scanner *s, char *p)
{
    enum { TEXTS = 2000, SIZE = 1024 };
    for (size_t i = 0; i < TEXTS; i++)
        text(p + i * SIZE, SIZE, &kinds[1], 330);
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

static void all_kinds(const struct scanner *s, const struct scanner *plain, char *p, size_t n)
{
    char name[64];
    measure(s, "mixed, 1 entity per KB", p, mixed(p, n, 1000));
    measure(plain, "  the same, plain C", p, n / 8192 * 8192);
    for (size_t k = 0; k < KINDS; k++) {
        snprintf(name, sizeof name, "%s, nothing", kinds[k].name);
        measure(s, name, p, text(p, n, &kinds[k], 0));
        snprintf(name, sizeof name, "%s, 1 entity per KB", kinds[k].name);
        measure(s, name, p, text(p, n, &kinds[k], 1000));
    }
    measure(s, "mixed, 1 entity per 100 B", p, mixed(p, n, 100));
    measure(s, "base64", p, base64_text(p, n));
    message(s, p);
}

/* As much of each file as fits. */
static int files(const struct scanner *s, char **path, char *p, size_t most)
{
    for (; *path; path++) {
        const char *slash = strrchr(*path, '/');
        FILE *f = fopen(*path, "rb");
        if (!f)
            return 2;
        size_t n = fread(p, 1, most, f);
        fclose(f);
        measure(s, slash ? slash + 1 : *path, p, n);
    }
    return 0;
}

int main(int argc, char **argv)
{
    bool given = argc > 2 && !strcmp(argv[1], "-f");
    size_t n = (argc > 1 && !given ? strtoul(argv[1], NULL, 10) : 16) << 20;
    const char *only = argc > 2 ? argv[2] : NULL;
    char *p = malloc(n + 4096);
    struct scan_config cfg = scan_config_default();
    struct scanner *s, *plain;
    if (!p || failed(scanner_new(&cfg, &s)))
        return 2;
    cfg.plain_c = true;
    if (failed(scanner_new(&cfg, &plain)))
        return 2;
    if (given)
        return files(s, argv + 2, p, n);
    if (!only)
        all_kinds(s, plain, p, n);
    else if (!strcmp(only, "mixed"))
        measure(s, only, p, mixed(p, n, 1000));
    for (size_t k = 0; only && k < KINDS; k++)
        if (!strcmp(only, kinds[k].name))
            measure(s, only, p, text(p, n, &kinds[k], 1000));
    scanner_free(s);
    scanner_free(plain);
    free(p);
    return 0;
}
