/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durable append through the tree, beside a raw write of the very same bytes and fdatasync, turn by
 * turn in one run so that both meet the same disk. Ours is all that the ledger does with a record:
 * JSON, frame, one synchronised write (then whoever waits is answered); and once a second of the
 * run and at its end the tree: leaves, tiles, the signature, HEAD and checkpoint. Two figures a
 * row:
 *
 *     waiting   median until a commit is acknowledged, raw ÷ ours
 *     all       the whole run, tree and checkpoints of all its records included, raw ÷ ours
 *     settling  afterwards, when there is time: the tiles onto the medium, which no promise needs
 *
 * The raw side is measured twice: into reserved space (what our segments do, the faster) and
 * appended to a growing file. Give a directory on the disk to measure.
 */
#define _GNU_SOURCE
#include "audit_reader.h"
#include "audit_records.h"
#include "audit_tree.h"
#include "clock.h"
#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 1500, PATHS = 4200 };

struct side {
    int fd;
    uint64_t at, total, took[ROUNDS];
};

struct bench {
    char base[PATHS], path[6][PATHS + 16];
    struct audit_log *log;
    struct audit_tree *tree;
    struct audit_reader *reader;
    struct buf same; /* the last commit's records as they lie in the segment */
    struct side reserved, growing;
    uint64_t waited[ROUNDS], total, published_ns, checkpoints;
};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double median_us(uint64_t *v)
{
    qsort(v, ROUNDS, sizeof *v, by_value);
    return (double)v[ROUNDS / 2] / 1000;
}

static void sign(struct bench *b)
{
    must(audit_log_tend(b->log), "tend");
    must(audit_tree_follow(b->tree, UINT64_MAX), "follow");
    must(audit_tree_publish(b->tree), "publish");
    b->published_ns = clock_mono_ns();
    b->checkpoints++;
}

static void ours(struct bench *b, int round, unsigned group)
{
    uint64_t start = clock_mono_ns();
    add(b->log, group);
    must(audit_log_commit(b->log), "commit");
    b->waited[round] = clock_mono_ns() - start;
    if (clock_mono_ns() - b->published_ns >= 1000000000U || round == ROUNDS - 1)
        sign(b);
    b->total += clock_mono_ns() - start;
}

static void read_back(struct bench *b, unsigned group)
{
    struct audit_entry e;
    buf_clear(&b->same);
    for (unsigned i = 0; i < group; i++) {
        must(audit_reader_next(b->reader, &e), "read");
        must(buf_put_u8(&b->same, (uint8_t)(e.json.n >> 8)), "memory");
        must(buf_put_u8(&b->same, (uint8_t)e.json.n), "memory");
        must(buf_put(&b->same, e.json), "memory");
    }
}

static void raw(struct side *s, int round, struct span bytes)
{
    uint64_t start = clock_mono_ns();
    must(disk_put(s->fd, bytes, s->at), "raw write");
    must(disk_sync(s->fd), "raw sync");
    s->took[round] = clock_mono_ns() - start;
    s->total += s->took[round];
    s->at += bytes.n;
}

static double settle_us(struct bench *b)
{
    uint64_t start = clock_mono_ns();
    while (audit_tree_unsettled(b->tree))
        must(audit_tree_settle(b->tree, UINT64_MAX), "settle");
    return (double)(clock_mono_ns() - start) / 1000;
}

static void row(struct bench *b, const char *name, unsigned group)
{
    b->total = b->reserved.total = b->growing.total = b->checkpoints = 0;
    b->published_ns = clock_mono_ns();
    for (int i = 0; i < ROUNDS; i++) {
        ours(b, i, group);
        read_back(b, group);
        raw(&b->reserved, i, buf_span(&b->same));
        raw(&b->growing, i, buf_span(&b->same));
    }
    double wait = median_us(b->waited), space = median_us(b->reserved.took),
           grow = median_us(b->growing.took), total = (double)b->total;
    printf("%-22s waiting %7.1f us   raw, reserved %7.1f us %.2fx   raw, growing %7.1f us %.2fx\n",
           name, wait, space, space / wait, grow, grow / wait);
    printf("%22s all     %7.0f /s   raw, reserved %7.0f /s %.2fx   raw, growing %7.0f /s %.2fx   "
           "(%llu checkpoints)\n",
           "", group * ROUNDS / total * 1e9, group * ROUNDS / (double)b->reserved.total * 1e9,
           (double)b->reserved.total / total, group * ROUNDS / (double)b->growing.total * 1e9,
           (double)b->growing.total / total, (unsigned long long)b->checkpoints);
    printf("%22s settling %6.2f us a record\n", "", settle_us(b) / group / ROUNDS);
}

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Batched mode at 10,000 records a second: a commit every 100 ms, looked after once a second. */
static void batched(struct bench *b, int turn)
{
    bool tree = turn % 2;
    enum { SECONDS = 12, COMMITS = 10, GROUP = 500 };
    struct audit_log *log;
    struct audit_found found;
    struct audit_tree *t = NULL;
    struct audit_tree_found tree_found;
    char path[4][PATHS + 32];
    static const char *const names[] = {"ledger", "head", "key", "vkey"};
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/batched%d-%s", b->base, turn, names[i]);
    struct audit_log_options o = {
        .dir = path[0], .boot = SPAN_LIT("0123456789abcdef"), .mode = AUDIT_LOG_BATCHED};
    struct audit_tree_options to = {path[0], path[1], path[2], path[3]};
    must(audit_log_open(&o, &log, &found), "open");
    if (tree)
        must(audit_tree_open(&to, log, &t, &tree_found), "open tree");
    double start = cpu_us();
    for (int i = 1; i <= SECONDS * COMMITS; i++) {
        add(log, GROUP);
        add(log, GROUP);
        must(audit_log_commit(log), "commit");
        if (i % COMMITS)
            continue;
        must(audit_log_tend(log), "tend");
        if (!tree)
            continue;
        must(audit_tree_follow(t, UINT64_MAX), "follow");
        must(audit_tree_publish(t), "publish");
    }
    printf("batched, %s  %5.2f us of CPU a record\n",
           tree ? "with the tree   " : "without the tree",
           (cpu_us() - start) / (SECONDS * COMMITS * 2.0 * GROUP));
    audit_tree_close(t);
    audit_log_close(log);
}

static void begin(struct bench *b, const char *where)
{
    static const char *const names[] = {"ledger", "head", "key", "vkey", "raw1", "raw2"};
    struct audit_found found;
    struct audit_tree_found tree_found;
    snprintf(b->base, sizeof b->base, "%s/bench-tree-XXXXXX", where);
    if (!mkdtemp(b->base))
        exit(2);
    for (int i = 0; i < 6; i++)
        snprintf(b->path[i], sizeof b->path[i], "%s/%s", b->base, names[i]);
    struct audit_log_options o = {
        .dir = b->path[0], .boot = SPAN_LIT("0123456789abcdef"), .mode = AUDIT_LOG_DURABLE};
    struct audit_tree_options t = {b->path[0], b->path[1], b->path[2], b->path[3]};
    must(audit_log_open(&o, &b->log, &found), "open");
    must(audit_tree_open(&t, b->log, &b->tree, &tree_found), "open tree");
    b->same = buf_init(AUDIT_COMMIT_MAX);
    must(audit_reader_open(b->path[0], &b->reader), "open reader");
    must(disk_open(b->path[4], DISK_CREATE, &b->reserved.fd), "raw file");
    must(disk_reserve(b->reserved.fd, (uint64_t)1 << 30), "reserve");
    must(disk_sync(b->reserved.fd), "sync");
    must(disk_open(b->path[5], DISK_CREATE, &b->growing.fd), "raw file");
}

int main(int argc, char **argv)
{
    static struct bench b;
    begin(&b, argc > 1 ? argv[1] : ".");
    row(&b, "one waiting writer", 1);
    row(&b, "batches of 16", 16);
    row(&b, "batches of 256", 256);
    audit_tree_close(b.tree);
    audit_log_close(b.log);
    audit_reader_close(b.reader);
    buf_free(&b.same);
    disk_close(&b.reserved.fd);
    disk_close(&b.growing.fd);
    for (int i = 0; i < 6; i++)
        batched(&b, i);
    printf("files are in %s\n", b.base);
    return 0;
}
