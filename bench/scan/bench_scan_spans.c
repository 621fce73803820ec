/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans of texts, for tools/eval: reads "LENGTH\n" and that many bytes again and again from
 * standard input; prints "ENTITY START END SCORE RULE" (byte offsets) per finding and an empty line
 * per text. Without input it does nothing, so running all benchmarks runs it harmlessly.
 * --threshold X;
 * --raw leaves overlaps in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scan.h"
#include "secret_scan.h"

static bool read_text(uint8_t **text, size_t *n)
{
    char line[32];
    if (!fgets(line, sizeof line, stdin))
        return false;
    *n = strtoul(line, NULL, 10);
    *text = malloc(*n + 1);
    return *text && fread(*text, 1, *n, stdin) == *n;
}

int main(int argc, char **argv)
{
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    bool raw = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--threshold") && i + 1 < argc)
            cfg.threshold = strtof(argv[++i], NULL);
        raw = raw || !strcmp(argv[i], "--raw");
    }
    if (failed(scanner_new(&cfg, &s)))
        return 2;
    uint8_t *text;
    for (size_t n; read_text(&text, &n); free(text)) {
        struct findings f = {.max = 100000};
        if (failed(scan_text(s, span(text, n), &f)))
            return 2;
        if (!raw)
            scan_resolve(span(text, n), &f);
        for (size_t i = 0; i < f.n; i++)
            printf("%s %u %u %.3f %s\n", entity_name(f.v[i].entity), f.v[i].start, f.v[i].end,
                   (double)f.v[i].score,
                   f.v[i].entity == ENTITY_SECRET ? secret_rule_name(f.v[i].rule) : "-");
        puts("");
        findings_free(&f);
    }
    scanner_free(s);
    return 0;
}
