/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a tree grows and is checked: records of 320 bytes, every one different, appended to the
 * unfinished tiles (leaf hash, and every node of every full tile) without touching the disk; the
 * same read back from bundles and compared; beside SHA-256 of the same bytes by the same library.
 * One core; CPU time; the best of several rounds, so that a busy neighbour is not measured.
 */
#define _GNU_SOURCE
#include "hash.h"
#include "merkle_proof.h"
#include "tile_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RECORDS = 1 << 16, RECORD = 320, ROUNDS = 15 };

static uint8_t *records;
static struct buf bundles;

static void need(struct err e)
{
    if (failed(e))
        exit(2);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct err drop(void *self, const struct tile *t, const struct merkle_hash *hashes)
{
    (void)self;
    (void)t;
    (void)hashes;
    return OK;
}

static struct span record(size_t i)
{
    return span(records + i * RECORD, RECORD);
}

static void plain_hash(struct merkle_hash *out)
{
    for (size_t i = 0; i < RECORDS; i++)
        hash_sha256(record(i), out->b);
}

static void frontier(struct merkle_hash *out)
{
    struct merkle m = {0};
    struct merkle_hash leaf;
    for (size_t i = 0; i < RECORDS; i++) {
        merkle_leaf(record(i), &leaf);
        need(merkle_append(&m, &leaf));
    }
    merkle_root(&m, out);
}

static void tiles(struct merkle_hash *out)
{
    static struct tile_stack s;
    struct tile_sink sink = {drop, NULL};
    struct merkle_hash leaf;
    s.size = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        merkle_leaf(record(i), &leaf);
        need(tile_stack_push(&s, &leaf, &sink));
    }
    tile_stack_root(&s, out);
}

/* What the check of a log does with each entry of its bundles, its files being in memory. */
static void verify(struct merkle_hash *out)
{
    static struct tile_stack s;
    struct tile_sink sink = {drop, NULL};
    struct rd r = rd_of(buf_span(&bundles));
    struct merkle_hash leaf;
    struct span entry;
    s.size = 0;
    while (!failed(tile_bundle_next(&r, &entry))) {
        merkle_leaf(entry, &leaf);
        need(tile_stack_push(&s, &leaf, &sink));
    }
    tile_stack_root(&s, out);
}

static double rate(void (*work)(struct merkle_hash *), struct merkle_hash *out)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        work(out);
        double r = RECORDS / (now() - start) / 1e6;
        best = r > best ? r : best;
    }
    return best;
}

int main(void)
{
    struct merkle_hash h, first;
    records = malloc((size_t)RECORDS * RECORD);
    if (!records)
        return 2;
    bundles = buf_init((size_t)RECORDS * (RECORD + 2));
    srandom(7);
    for (size_t i = 0; i < (size_t)RECORDS * RECORD; i++)
        records[i] = (uint8_t)random();
    for (size_t i = 0; i < RECORDS; i++)
        need(tile_bundle_put(&bundles, record(i)));
    double plain = rate(plain_hash, &h);
    double front = rate(frontier, &first), tile = rate(tiles, &h);
    if (!merkle_same(&h, &first))
        return 2;
    double check = rate(verify, &h);
    if (!merkle_same(&h, &first))
        return 2;
    printf("records of %d bytes, million a second, one core\n", RECORD);
    printf("SHA-256 of the record alone  %6.2f\n", plain);
    printf("append, frontier             %6.2f  %.2fx\n", front, front / plain);
    printf("append, tiles                %6.2f  %.2fx\n", tile, tile / plain);
    printf("verify from bundles          %6.2f  %.2fx\n", check, check / plain);
    return 0;
}
