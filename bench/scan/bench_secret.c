/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the detectors of secrets cost at their anchors: nanoseconds a call on ordinary English, on
 * code, on JSON, with the anchors found beforehand so that only the detectors are timed, and the
 * same a byte of text. The vector pass adds its sweep (bench_scan).
 *
 *     bench_secret [FILE...]
 */
#include "secret_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum kind { RUN, WORD, URL, PEM };
struct anchor {
    uint32_t at;
    uint8_t kind;
};

static const char *const samples[][2] = {
    {"English",
     "The committee met on Tuesday to talk about the budget for the coming year. Members asked "
     "whether the author of the report had the authority to speak, and a second reading was "
     "set for June; a key question stayed open.\n"},
    {"code",
     "static int read_configuration_file(struct config *out, const char *path)\n{\n    FILE *f = "
     "fopen(path, \"r\");\n    if (f == NULL)\n        return -1;\n    token = next_token(f, "
     "&state->lexer);\n    out->max_tokens = 4096;\n    return parse_configuration(f, out);\n}\n"},
    {"JSON", "{\"id\": 18231, \"name\": \"north gate\", \"tags\": [\"a\", \"b\"], \"created_at\": "
             "\"2026-03-01T10:00:00Z\", \"url\": \"https://files.internal/v1/objects/18231\", "
             "\"token_type\": \"bearer\", \"size\": 120394}\n"},
};

static bool key_at(struct span t, size_t at)
{
    for (size_t k = 0; k < SECRET_WORD_KEYS; k++) {
        const uint8_t *key = secret_word_keys[k].key;
        size_t i = 0;
        while (i < 4 && key[i] && at + i < t.n && ascii_lower(t.p[at + i]) == key[i])
            i++;
        if (i == 4 || !key[i])
            return true;
    }
    return false;
}

static size_t find_anchors(struct span t, struct anchor *out)
{
    size_t n = 0, run = 0;
    for (size_t i = 0; i < t.n; i++) {
        bool in_run = secret_run_byte[t.p[i]];
        run = in_run ? run + 1 : 0;
        if (run == SECRET_RUN_MIN)
            out[n++] = (struct anchor){(uint32_t)(i + 1 - run), RUN};
        if (span_starts(span_from(t, i), SPAN_LIT("://")))
            out[n++] = (struct anchor){(uint32_t)i, URL};
        if (span_starts(span_from(t, i), SPAN_LIT("-----BEGIN")))
            out[n++] = (struct anchor){(uint32_t)i, PEM};
        if (key_at(t, i))
            out[n++] = (struct anchor){(uint32_t)i, WORD};
    }
    return n;
}

static double once(struct span t, const struct anchor *a, size_t n, size_t *found)
{
    struct findings f = {.max = 1 << 24};
    struct secret_pass p = secret_pass_of(t, &f);
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (size_t i = 0; i < n; i++)
        switch (a[i].kind) {
        case RUN:
            secret_at_run(&p, a[i].at);
            break;
        case WORD:
            secret_at_word(&p, a[i].at);
            break;
        case URL:
            secret_at_url(&p, a[i].at);
            break;
        default:
            secret_at_pem(&p, a[i].at);
        }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    *found = f.n;
    findings_free(&f);
    return (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
}

static void measure(const char *name, struct span t)
{
    struct anchor *a = malloc((t.n + 1) * sizeof *a);
    if (!a)
        return;
    size_t n = find_anchors(t, a), found = 0;
    double best = 1e18;
    for (int round = 0; round < 15; round++) {
        double ns = once(t, a, n, &found);
        best = ns < best ? ns : best;
    }
    printf("%-24s %9zu bytes %7.1f anchors/KB %6.1f ns/anchor %7.3f ns/byte %6zu found\n", name,
           t.n, (double)n * 1024 / (double)t.n, n ? best / (double)n : 0, best / (double)t.n,
           found);
    free(a);
}

int main(int argc, char **argv)
{
    enum { SIZE = 4 << 20 };
    uint8_t *p = malloc(SIZE);
    if (!p)
        return 2;
    for (size_t s = 0; s < sizeof samples / sizeof *samples && argc < 2; s++) {
        size_t len = strlen(samples[s][1]);
        for (size_t i = 0; i < SIZE; i++)
            p[i] = (uint8_t)samples[s][1][i % len];
        measure(samples[s][0], span(p, SIZE));
    }
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f)
            return 2;
        measure(argv[i], span(p, fread(p, 1, SIZE, f)));
        fclose(f);
    }
    free(p);
    return 0;
}
