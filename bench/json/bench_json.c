/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast bodies are read: every token of a chat body of 1 KB and of a conversation of 400 KB
 * (code, so one escape in about 40 bytes; a third of the messages hold non-ASCII text), with each
 * scanner, beside one sweep over the same bytes that adds them up. Each body differs from the one
 * before.
 */
#define _GNU_SOURCE
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODIES = 16, CHAT = 1024, CONVERSATION = 400 * 1024 };

static void need(struct err e)
{
    if (failed(e))
        exit(2);
}

static void body(struct buf *b, size_t size, unsigned seed)
{
    static const char *const lines[] = {
        "Please look at the function below and say what is wrong with it, thank you.",
        "    for (size_t i = 0; i < n; i++)\\n        total += values[i];\\n    return total;\\n",
        "Stra\xc3\x9f"
        "e, caf\xc3\xa9, \xe2\x82\xac 12,50 \xe2\x80\x94 f\xc3\xbcr die n\xc3\xa4"
        "chste Woche.",
        "The error was \\\"no such file\\\" and it came up after the third call of the day.",
    };
    need(buf_printf(b, "{\"model\":\"gpt-%u\",\"stream\":true,\"messages\":[", seed));
    for (unsigned i = 0; b->n + 200 < size; i++) {
        need(buf_printf(b, "%s{\"role\":\"%s\",\"content\":\"%u ", i ? "," : "",
                        i % 2 ? "assistant" : "user", seed * 7919 + i));
        size_t stop = size < 4096 ? size - 200 : b->n + 1500;
        for (unsigned k = 0; b->n < stop; k++)
            need(buf_puts(b, lines[(seed + i + k / 3) % 4]));
        need(buf_puts(b, "\"}"));
    }
    need(buf_puts(b, "],\"temperature\":0.70,\"max_tokens\":1024}"));
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t tokens(struct span in)
{
    struct json j = json_of(in);
    struct json_token t;
    uint64_t n = 0;
    do {
        need(json_next(&j, &t));
        n++;
    } while (t.type != JSON_END);
    return n;
}

static uint64_t sweep(struct span in)
{
    uint64_t sum = 0, w;
    for (size_t at = 0; in.n - at >= 8; at += 8) {
        memcpy(&w, in.p + at, 8);
        sum += w;
    }
    return sum;
}

volatile uint64_t bench_kept; /* so that the work is not thrown out */

/* GB/s, the best of several rounds over all bodies. */
static double rate(uint64_t (*work)(struct span), const struct buf *bodies, size_t size)
{
    double best = 0;
    size_t times = (8 << 20) / size / BODIES + 1;
    for (int round = 0; round < 15; round++) {
        size_t bytes = 0;
        double start = now();
        for (size_t i = 0; i < times * BODIES; i++) {
            bench_kept += work(buf_span(&bodies[i % BODIES]));
            bytes += bodies[i % BODIES].n;
        }
        double gbs = (double)bytes / (now() - start) / 1e9;
        best = gbs > best ? gbs : best;
    }
    return best;
}

int main(void)
{
    static const struct {
        const char *name;
        enum json_engine engine;
    } engines[] = {
        {"avx2", JSON_ENGINE_AVX2}, {"sse2", JSON_ENGINE_SSE2}, {"plain", JSON_ENGINE_PLAIN}};
    static const size_t sizes[] = {CHAT, CONVERSATION};
    for (size_t s = 0; s < 2; s++) {
        struct buf bodies[BODIES];
        for (unsigned i = 0; i < BODIES; i++) {
            bodies[i] = buf_init(1 << 20);
            body(&bodies[i], sizes[s], i + 1);
        }
        double memory = rate(sweep, bodies, sizes[s]);
        printf("%zu bytes, %lu tokens: sweep %.1f GB/s\n", bodies[0].n,
               (unsigned long)tokens(buf_span(&bodies[0])), memory);
        for (size_t e = 0; e < 3; e++) {
            if (!json_force_engine(engines[e].engine))
                continue;
            double gbs = rate(tokens, bodies, sizes[s]);
            printf("  %-6s %6.2f GB/s  %8.2f us a body  %.2f of the sweep\n", engines[e].name, gbs,
                   (double)bodies[0].n / gbs / 1e3, gbs / memory);
        }
        for (unsigned i = 0; i < BODIES; i++)
            buf_free(&bodies[i]);
    }
    return 0;
}
