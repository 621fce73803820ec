/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inspecting a 7 MB pickle of many small objects, a 200 MB safetensors file and a 34 MB GGUF file,
 * in memory, beside one sweep over the same bytes that adds them up. Best of several runs each.
 */
#include "weights.h"

#include "buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 9, PICKLE_BYTES = 7000000, TENSORS = 400, KEYS = 200000 };

static volatile uint64_t checksum; /* keeps the sweep from being optimised away */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(struct err e)
{
    if (failed(e))
        abort();
}

static void le(struct buf *b, unsigned width, uint64_t v)
{
    for (unsigned i = 0; i < width; i++)
        must(buf_put_u8(b, (uint8_t)(v >> (8 * i))));
}

static void zeros(struct buf *b, size_t n)
{
    must(buf_reserve(b, n));
    memset(b->p + b->n, 0, n);
    b->n += n;
}

/* A list of dicts {"id": n, "name": "w…"}, memoized as Python's pickler does. */
static void make_pickle(struct buf *b)
{
    must(buf_put(b, SPAN_LIT("\x80\x04]\x94(")));
    for (unsigned i = 0; b->n < PICKLE_BYTES; i++) {
        must(buf_put(b, SPAN_LIT("}\x94(\x8c\x02id\x94J")));
        le(b, 4, i);
        must(buf_printf(b, "%c%c%s%c%c%c%06uw%c", 0x8c, 4, "name", 0x94, 0x8c, 7, i % 1000000,
                        0x94));
        must(buf_put(b, SPAN_LIT("u")));
    }
    must(buf_put(b, SPAN_LIT("e.")));
}

static void make_safetensors(struct buf *b)
{
    struct buf head = buf_init(1 << 20);
    size_t each = 500000;
    must(buf_puts(&head, "{"));
    for (size_t i = 0; i < TENSORS; i++)
        must(buf_printf(&head,
                        "%s\"layer.%zu\":{\"dtype\":\"F16\",\"shape\":[500,500],"
                        "\"data_offsets\":[%zu,%zu]}",
                        i ? "," : "", i, i * each, (i + 1) * each));
    must(buf_puts(&head, "}"));
    le(b, 8, head.n);
    must(buf_put(b, buf_span(&head)));
    zeros(b, TENSORS * each);
    buf_free(&head);
}

static void text(struct buf *b, const char *s)
{
    le(b, 8, strlen(s));
    must(buf_puts(b, s));
}

/* A vocabulary of 200,000 words and tensors up to 34 MB. */
static void make_gguf(struct buf *b)
{
    must(buf_puts(b, "GGUF"));
    le(b, 4, 3);
    le(b, 8, 1);
    le(b, 8, 1);
    text(b, "tokenizer.ggml.tokens");
    le(b, 4, 9);
    le(b, 4, 8);
    le(b, 8, KEYS);
    for (unsigned i = 0; i < KEYS; i++) {
        char word[16];
        snprintf(word, sizeof word, "w%u", i);
        text(b, word);
    }
    text(b, "w");
    le(b, 4, 1);
    le(b, 8, 7500000);
    le(b, 4, 0);
    le(b, 8, 0);
    zeros(b, (32 - b->n % 32) % 32);
    zeros(b, 30000000);
}

static void run(const char *name, void (*make)(struct buf *))
{
    struct buf b = buf_init((size_t)1 << 30);
    make(&b);
    double best = 1e9, sweep = 1e9;
    enum weights_verdict verdict = WEIGHTS_OK;
    for (int i = 0; i < RUNS; i++) {
        struct weights_report r;
        double t = now();
        must(weights_inspect(buf_span(&b), NULL, &r));
        t = now() - t;
        best = t < best ? t : best;
        verdict = r.verdict;
        weights_report_free(&r);
        t = now();
        uint64_t sum = 0;
        for (size_t k = 0; k < b.n; k++)
            sum += b.p[k];
        checksum = sum;
        t = now() - t;
        sweep = t < sweep ? t : sweep;
    }
    printf("%-28s %6.1f MB  %-10s inspect %8.3f ms  sweep %8.3f ms\n", name, (double)b.n / 1e6,
           weights_verdict_name(verdict), best, sweep);
    buf_free(&b);
}

int main(void)
{
    run("pickle of small objects", make_pickle);
    run("safetensors", make_safetensors);
    run("GGUF, 200,000 words", make_gguf);
    return 0;
}
