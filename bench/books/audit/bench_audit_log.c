/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A durable commit of the log beside a raw write of the same bytes into reserved space and
 * fdatasync, alternating in one run so that both meet the same disk; medians. Give a directory on
 * the disk to measure (default: build/, or the current directory).
 */
#define _GNU_SOURCE
#include "audit_log.h"
#include "audit_records.h"
#include "clock.h"
#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 400, GROUPS = 4 };

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double median_us(uint64_t *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return (double)v[n / 2] / 1000;
}

int main(int argc, char **argv)
{
    static const unsigned groups[GROUPS] = {1, 16, 64, 256};
    static uint64_t ours[ROUNDS], raw[ROUNDS];
    static uint8_t bytes[512 * 1024];
    char dir[4000], path[4100];
    int fd;
    snprintf(dir, sizeof dir, "%s/bench-ledger-XXXXXX", argc > 1 ? argv[1] : ".");
    if (!mkdtemp(dir))
        return 2;
    snprintf(path, sizeof path, "%s/raw", dir);
    must(disk_open(path, DISK_CREATE, &fd), "raw file");
    must(disk_reserve(fd, 256 << 20), "reserve");
    must(disk_sync(fd), "sync");
    uint64_t at = 0;
    struct audit_log *l;
    struct audit_found found;
    struct audit_log_options o = {
        .dir = dir, .boot = SPAN_LIT("0123456789abcdef"), .mode = AUDIT_LOG_DURABLE};
    must(audit_log_open(&o, &l, &found), "open");
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 % 251);
    for (size_t g = 0; g < GROUPS; g++) {
        size_t n = groups[g] * 330 + 88;
        for (int i = 0; i < ROUNDS; i++) {
            uint64_t t0 = clock_mono_ns();
            add(l, groups[g]);
            must(audit_log_commit(l), "commit");
            uint64_t t1 = clock_mono_ns();
            must(disk_put(fd, span(bytes, n), at), "write");
            must(disk_sync(fd), "sync");
            uint64_t t2 = clock_mono_ns();
            at += n;
            ours[i] = t1 - t0;
            raw[i] = t2 - t1;
            must(audit_log_tend(l), "tend"); /* where a role does it: nobody waits */
        }
        double a = median_us(ours, ROUNDS), b = median_us(raw, ROUNDS);
        printf("%3u records a commit: %7.1f us, raw write + fdatasync %7.1f us, ratio %.2f, %.0f "
               "records/s\n",
               groups[g], a, b, a / b, groups[g] * 1e6 / a);
    }
    audit_log_close(l);
    disk_close(&fd);
    printf("files are in %s\n", dir);
    return 0;
}
