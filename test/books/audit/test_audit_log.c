/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log on disk: what is acknowledged is read back, after kill -9, torn writes, failing disks and
 * full ones; what was changed is told.
 */
#define _GNU_SOURCE

#include "unit.h"

#include "audit_int.h"
#include "audit_log.h"
#include "audit_reader.h"
#include "buf.h"
#include "disk.h"
#include "file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[] = "/tmp/sanctum-audit-XXXXXX";
static char dir[64], pin[64];

static int make_base(void **state)
{
    (void)state;
    if (!mkdtemp(base))
        return -1;
    snprintf(dir, sizeof dir, "%s/ledger", base);
    snprintf(pin, sizeof pin, "%s/head", base);
    return 0;
}

/* Empty the directory: by the names that are in it. */
static int clean(void **state)
{
    (void)state;
    struct buf names = buf_init(1 << 20);
    if (!failed(disk_names(dir, &names)))
        for (size_t at = 0; at < names.n; at += strlen((char *)names.p + at) + 1) {
            char path[400];
            snprintf(path, sizeof path, "%s/%s", dir, (char *)names.p + at);
            unlink(path);
        }
    buf_free(&names);
    rmdir(dir);
    unlink(pin);
    char temp[80];
    snprintf(temp, sizeof temp, "%s.new", pin);
    unlink(temp);
    return 0;
}

static int drop_base(void **state)
{
    clean(state);
    return rmdir(base);
}

static struct audit_log_options options(enum audit_mode mode)
{
    return (struct audit_log_options){.dir = dir,
                                      .pin = pin,
                                      .boot = SPAN_LIT("b00t"),
                                      .mode = mode,
                                      .segment_bytes = AUDIT_SEGMENT_BYTES_MIN};
}

static struct audit_log *open_log(enum audit_mode mode)
{
    struct audit_log_options o = options(mode);
    struct audit_found found;
    struct audit_log *l;
    assert_ok(audit_log_open(&o, &l, &found));
    return l;
}

static struct audit_record record(uint64_t i, char id[32])
{
    snprintf(id, 32, "req-%llu", (unsigned long long)i);
    return (struct audit_record){.kind = AUDIT_opened,
                                 .time_ns = 1763719442000000000U + i * 1000000000U,
                                 .request_id = span_str(id),
                                 .model = SPAN_LIT("m"),
                                 .surface = SPAN_LIT("/v1/chat/completions")};
}

static uint64_t add(struct audit_log *l, uint64_t i)
{
    char id[32];
    uint64_t seq;
    struct audit_record r = record(i, id);
    assert_ok(audit_log_add(l, &r, &seq));
    return seq;
}

static void fill(struct audit_log *l, uint64_t from, uint64_t to, unsigned group)
{
    for (uint64_t i = from; i < to; i++) {
        assert_int_equal(add(l, i), i);
        if (i % group == group - 1)
            assert_ok(audit_log_commit(l));
    }
    assert_ok(audit_log_commit(l));
}

/* All records, in order, without gaps, each with the id that its number was given. */
static uint64_t read_all(void)
{
    struct audit_reader *r;
    struct audit_entry e;
    struct err end;
    uint64_t n = 0;
    char want[64];
    assert_ok(audit_reader_open(dir, &r));
    while (!failed(end = audit_reader_next(r, &e))) {
        assert_int_equal(e.seq, n);
        snprintf(want, sizeof want, "\"request_id\":\"req-%llu\"", (unsigned long long)n);
        assert_true(span_search(e.json, 0, span_str(want)) < e.json.n);
        n++;
    }
    if (err_cat(end) != ERR_AGAIN)
        fail_msg("at record %llu: %s", (unsigned long long)n, audit_reader_fault(r).why);
    audit_reader_close(r);
    return n;
}

static void what_is_stored_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_all(), 0);
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    assert_int_equal(read_all(), 0);
    fill(l, 0, 10, 3);
    assert_int_equal(read_all(), 10);
    add(l, 10);
    assert_int_equal(audit_log_pending(l), 1);
    assert_int_equal(read_all(), 10); /* pending is not stored */
    audit_log_close(l);
    l = open_log(AUDIT_LOG_BATCHED);
    assert_int_equal(audit_log_next(l), 10);
    fill(l, 10, 20, 1);
    assert_ok(audit_log_tend(l));
    assert_int_equal(read_all(), 20);
    audit_log_close(l);
    struct stat st;
    char *path = segment_path(dir, 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, AUDIT_SEGMENT_BYTES_MIN);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    free(path);
}

enum { MANY = 30000 }; /* about 6 MiB: three segments */

static void segments_follow_each_other(void **state)
{
    (void)state;
    struct audit_log *l = open_log(AUDIT_LOG_BATCHED);
    for (uint64_t i = 0; i < MANY; i += 1000) {
        fill(l, i, i + 1000, 7);
        assert_ok(audit_log_tend(l));
    }
    audit_log_close(l);
    assert_int_equal(read_all(), MANY);
    uint64_t *firsts;
    size_t n;
    assert_ok(segment_list(dir, &firsts, &n));
    assert_true(n >= 3);
    struct audit_reader *r;
    struct audit_entry e;
    assert_ok(audit_reader_open(dir, &r));
    uint64_t probes[] = {0, 1, 6, 7, 8, firsts[1] - 1, firsts[1], firsts[1] + 1, MANY - 1};
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        assert_ok(audit_reader_seek(r, probes[i]));
        assert_ok(audit_reader_next(r, &e));
        assert_int_equal(e.seq, probes[i]);
        assert_ok(audit_reader_seek_time(r, 1763719442000000000U + probes[i] * 1000000000U));
        assert_ok(audit_reader_next(r, &e));
        assert_int_equal(e.seq, probes[i]);
    }
    uint64_t next;
    assert_ok(audit_reader_end(r, &next));
    assert_int_equal(next, MANY);
    assert_fails(ERR_AGAIN, audit_reader_next(r, &e));
    assert_ok(audit_reader_seek_time(r, UINT64_MAX));
    assert_fails(ERR_AGAIN, audit_reader_next(r, &e));
    audit_reader_close(r);
    free(firsts);
}

static void a_reader_follows_the_writer(void **state)
{
    (void)state;
    struct audit_reader *r;
    struct audit_entry e;
    assert_ok(audit_reader_open(dir, &r));
    assert_fails(ERR_AGAIN, audit_reader_next(r, &e));
    struct audit_log *l = open_log(AUDIT_LOG_BATCHED);
    for (uint64_t i = 0; i < 3000; i++) {
        assert_fails(ERR_AGAIN, audit_reader_next(r, &e));
        add(l, i);
        assert_ok(audit_log_commit(l));
        assert_ok(audit_reader_next(r, &e));
        assert_int_equal(e.seq, i);
    }
    audit_reader_close(r);
    audit_log_close(l);
}

/* --- crashes ------------------------------------------------------------------------------- */

/* Store records for ever; tell through the pipe what is acknowledged. Never returns. */
static void writer(int ack, enum audit_mode mode)
{
    struct audit_log_options o = options(mode);
    struct audit_found found;
    struct audit_log *l;
    if (failed(audit_log_open(&o, &l, &found)))
        _exit(3);
    for (unsigned round = 0;; round++) {
        for (unsigned i = 0; i <= round % 5; i++) {
            char id[32];
            uint64_t seq;
            struct audit_record r = record(audit_log_next(l), id);
            if (failed(audit_log_add(l, &r, &seq)))
                _exit(4);
        }
        if (failed(audit_log_commit(l)))
            _exit(5);
        uint64_t next = audit_log_next(l);
        if (write(ack, &next, sizeof next) != sizeof next)
            _exit(6);
        if (round % 16 == 0 && failed(audit_log_tend(l)))
            _exit(7);
    }
}

static uint64_t kill_a_writer(enum audit_mode mode, unsigned after_us)
{
    int p[2];
    uint64_t acked = 0, one;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(p[0]);
        writer(p[1], mode);
    }
    close(p[1]);
    usleep(after_us);
    kill(pid, SIGKILL);
    while (read(p[0], &one, sizeof one) == sizeof one)
        acked = one;
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    close(p[0]);
    return acked;
}

static void nothing_acknowledged_is_lost_when_killed(void **state)
{
    (void)state;
    uint64_t stored = 0;
    for (unsigned i = 0; i < 60 || (stored <= 100 && i < 600); i++) { /* a slow machine */
        uint64_t acked =
            kill_a_writer(i % 2 ? AUDIT_LOG_BATCHED : AUDIT_LOG_DURABLE, 500 + i * 997 % 20000);
        uint64_t now = read_all();
        assert_true(now >= acked);
        assert_true(now >= stored);
        stored = now;
    }
    assert_true(stored > 100);
}

/* Damage `n` bytes of the first segment at `at`. */
static void damage(uint64_t at, size_t n, uint8_t mask)
{
    int fd;
    char *path = segment_path(dir, 0);
    uint8_t bytes[4096];
    size_t got;
    assert_ok(disk_open(path, DISK_WRITE, &fd));
    assert_ok(disk_get(fd, bytes, n, at, &got));
    for (size_t i = 0; i < n; i++)
        bytes[i] = mask ? bytes[i] ^ mask : 0;
    assert_ok(disk_put(fd, span(bytes, n), at));
    disk_close(&fd);
    free(path);
}

static struct segment_walk walk(void)
{
    struct segment_walk w = {0};
    int fd;
    char *path = segment_path(dir, 0);
    assert_ok(disk_open(path, DISK_READ, &fd));
    assert_ok(segment_walk(fd, &w, NULL, NULL));
    disk_close(&fd);
    free(path);
    return w;
}

/* The last commit torn at every byte: as if its first k bytes had reached the medium, and as if all
 * but one byte had. */
static void a_torn_commit_is_cut_whole(void **state)
{
    (void)state;
    struct audit_log_options o = options(AUDIT_LOG_DURABLE);
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    fill(l, 0, 5, 1);
    uint64_t from = walk().end;
    fill(l, 5, 8, 100); /* one commit */
    size_t n = walk().end - from;
    audit_log_close(l);
    unlink(pin);
    uint8_t frame[2048];
    int fd;
    size_t got;
    char *path = segment_path(dir, 0);
    assert_ok(disk_open(path, DISK_WRITE, &fd));
    assert_ok(disk_get(fd, frame, n, from, &got));
    for (size_t keep = 0; keep < n; keep += keep < FRAME_HEAD ? 1 : 37) {
        struct audit_found found;
        uint8_t zeros[2048] = {0};
        assert_ok(disk_put(fd, span(frame, n), from));
        assert_ok(disk_put(fd, span(zeros, n - keep), from + keep));
        if (keep % 3 == 0) /* the later sectors came first */
            assert_ok(disk_put(fd, span(frame + keep + 1, n - keep - 1), from + keep + 1));
        if (keep % 3 == 0 && frame[keep] == 0)
            continue;
        struct err e = audit_log_open(&o, &l, &found);
        if (failed(e))
            print_error("%zu of %zu: %s\n", keep, n, found.why);
        bool padding = keep >= n - 8 && !failed(e) && found.next == 8;
        assert_ok(e);
        if (!padding) {
            assert_int_equal(found.next, 5);
            assert_int_equal(read_all(), 5);
            fill(l, 5, 6, 1);
            assert_int_equal(read_all(), 6);
        }
        audit_log_close(l);
        unlink(pin);
        assert_ok(disk_put(fd, span(zeros, sizeof zeros), from));
    }
    disk_close(&fd);
    free(path);
}

/* E 1: flip any byte of what is stored: told, and where. */
static void every_flipped_byte_is_told(void **state)
{
    (void)state;
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    fill(l, 0, 6, 2);
    assert_ok(audit_log_tend(l));
    audit_log_close(l);
    struct segment_walk w = walk();
    assert_true(w.clean);
    unsigned told = 0, flips = 0;
    for (uint64_t at = 0; at < w.end; at++, flips++) {
        damage(at, 1, 0x40);
        struct audit_log_options o = options(AUDIT_LOG_DURABLE);
        struct audit_found found;
        struct err e = audit_log_open(&o, &l, &found);
        assert_null(l);
        assert_true(failed(e) && found.why);
        told++;
        damage(at, 1, 0x40);
    }
    assert_int_equal(told, flips);
    assert_int_equal(read_all(), 6); /* and nothing was changed by looking */
    /* In the middle the reader tells it too, without a pin. */
    damage(SEGMENT_HEAD + FRAME_HEAD + 20, 1, 1);
    struct audit_reader *r;
    struct audit_entry entry;
    assert_ok(audit_reader_open(dir, &r));
    assert_fails(ERR_CORRUPT, audit_reader_next(r, &entry));
    assert_int_equal(audit_reader_fault(r).seq, 0);
    assert_int_equal(audit_reader_fault(r).at, SEGMENT_HEAD);
    audit_reader_close(r);
}

static void a_log_that_lost_records_is_told(void **state)
{
    (void)state;
    struct audit_log_options o = options(AUDIT_LOG_DURABLE);
    struct audit_found found;
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    fill(l, 0, 5, 1);
    uint64_t end = walk().end;
    fill(l, 5, 9, 2);
    assert_ok(audit_log_tend(l));
    audit_log_close(l);
    damage(end, 2000, 0);
    assert_fails(ERR_CORRUPT, audit_log_open(&o, &l, &found));
    assert_int_equal(found.missing, 4);
    assert_non_null(strstr(found.why, "truncated"));
    char *path = segment_path(dir, 0);
    unlink(path);
    assert_fails(ERR_CORRUPT, audit_log_open(&o, &l, &found));
    assert_int_equal(found.missing, 9);
    assert_non_null(strstr(found.why, "missing"));
    /* Another log of at least that length is told by its hash. */
    char mine[80];
    snprintf(mine, sizeof mine, "%s.kept", pin);
    assert_int_equal(rename(pin, mine), 0);
    l = open_log(AUDIT_LOG_DURABLE);
    fill(l, 0, 9, 3);
    audit_log_close(l);
    assert_int_equal(rename(mine, pin), 0);
    assert_fails(ERR_CORRUPT, audit_log_open(&o, &l, &found));
    assert_non_null(strstr(found.why, "rewritten"));
    free(path);
}

static void a_newer_format_is_refused(void **state)
{
    (void)state;
    struct audit_log_options o = options(AUDIT_LOG_DURABLE);
    struct audit_found found;
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    fill(l, 0, 2, 1);
    audit_log_close(l);
    damage(16, 1, 3);
    assert_fails(ERR_CORRUPT, audit_log_open(&o, &l, &found));
    assert_non_null(strstr(found.why, "newer"));
}

/* --- a failing disk ------------------------------------------------------------------------ */

static int fail_in; /* the n-th call from now fails */

static bool now_fails(void)
{
    return fail_in > 0 && --fail_in == 0;
}

static struct err put_or_fail(int fd, struct span s, uint64_t at)
{
    if (!now_fails())
        return disk_put(fd, s, at);
    struct err half = disk_put(fd, span_cut(s, 0, s.n / 2), at); /* a short write */
    return failed(half) ? half : err_make(ERR_IO, EIO);
}

static struct err sync_or_fail(int fd)
{
    return now_fails() ? err_make(ERR_IO, EIO) : disk_sync(fd);
}

static struct err reserve_or_fail(int fd, uint64_t size)
{
    return now_fails() ? err_make(ERR_IO, ENOSPC) : disk_reserve(fd, size);
}

static const struct audit_disk failing = {put_or_fail, sync_or_fail, reserve_or_fail};

/* L4: make each disk call fail once. Nothing is acknowledged by the failing commit, the same
 * records are stored under the same numbers by the next, and every record is there once. */
static void each_failing_call_loses_nothing(void **state)
{
    unsigned failures = 0;
    for (int which = 1; which < 40; which++) {
        clean(state);
        struct audit_log *l = open_log(which % 2 ? AUDIT_LOG_DURABLE : AUDIT_LOG_BATCHED);
        audit_log_set_disk(l, &failing);
        fail_in = which;
        uint64_t next = 0;
        for (int commit = 0; commit < 12; commit++) {
            add(l, next++);
            add(l, next++);
            while (failed(audit_log_commit(l))) {
                failures++;
                assert_true(read_all() <= next);
            }
            assert_int_equal(read_all(), next);
            if (failed(audit_log_tend(l)))
                failures++;
        }
        audit_log_close(l);
        fail_in = 0;
        assert_int_equal(read_all(), next);
        l = open_log(AUDIT_LOG_DURABLE);
        assert_int_equal(audit_log_next(l), next);
        fill(l, next, next + 3, 1);
        assert_int_equal(read_all(), next + 3);
        audit_log_close(l);
    }
    assert_true(failures >= 24);
}

/* The disk full when the next segment is due: refused, then stored when there is room again. */
static void a_full_disk_refuses_and_recovers(void **state)
{
    (void)state;
    struct audit_log *l = open_log(AUDIT_LOG_BATCHED);
    struct rlimit old, small = {AUDIT_SEGMENT_BYTES_MIN / 2, AUDIT_SEGMENT_BYTES_MIN};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    uint64_t i = 0;
    struct err e = OK;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    while (!failed(e)) {
        for (int k = 0; k < 50; k++)
            add(l, i++);
        e = audit_log_commit(l);
    }
    assert_int_equal(err_cat(e), ERR_IO);
    uint64_t before = read_all();
    assert_true(before > 1000 && before < i);
    assert_true(failed(audit_log_commit(l)));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_ok(audit_log_commit(l));
    assert_int_equal(read_all(), i);
    audit_log_close(l);
}

static uint64_t room; /* bytes that the disk can reserve */

static struct err reserve_in_room(int fd, uint64_t size)
{
    return size > room ? err_make(ERR_IO, ENOSPC) : disk_reserve(fd, size);
}

/* Where a whole segment has no room, a smaller one is begun; below the least, nothing is. */
static void a_small_disk_takes_smaller_segments(void **state)
{
    (void)state;
    static const struct audit_disk small = {disk_put, disk_sync, reserve_in_room};
    struct audit_log_options o = {.dir = dir,
                                  .pin = pin,
                                  .boot = SPAN_LIT("b"),
                                  .segment_bytes = 4 * AUDIT_SEGMENT_BYTES_MIN};
    struct audit_log *l;
    struct audit_found found;
    assert_ok(audit_log_open(&o, &l, &found));
    audit_log_set_disk(l, &small);
    uint64_t i = 0, full = 0;
    for (room = 3 * (uint64_t)AUDIT_SEGMENT_BYTES_MIN; room; room -= AUDIT_SEGMENT_BYTES_MIN) {
        struct err e = OK;
        for (int commit = 0; commit < 200 && !failed(e); commit++) {
            for (int k = 0; k < 200; k++)
                add(l, i++);
            e = audit_log_commit(l);
        }
        assert_ok(e);
    }
    while (!failed(audit_log_commit(l)))
        for (int k = 0; k < 200; k++)
            add(l, i++);
    full = read_all();
    assert_true(full < i);
    room = AUDIT_SEGMENT_BYTES_MIN;
    assert_ok(audit_log_commit(l));
    assert_int_equal(read_all(), i);
    audit_log_close(l);
    assert_ok(audit_log_open(&o, &l, &found)); /* segments of several sizes are read again */
    assert_int_equal(audit_log_next(l), i);
    audit_log_close(l);
}

/* An unacknowledged commit never outgrows its ceiling. */
static void pending_records_have_a_ceiling(void **state)
{
    (void)state;
    struct audit_log *l = open_log(AUDIT_LOG_DURABLE);
    char id[32];
    uint64_t seq, n = 0;
    struct err e = OK;
    while (!failed(e)) {
        struct audit_record r = record(n, id);
        e = audit_log_add(l, &r, &seq);
        n += !failed(e);
    }
    assert_int_equal(err_cat(e), ERR_AGAIN);
    assert_true(n > 1000);
    assert_ok(audit_log_commit(l));
    assert_int_equal(read_all(), n);
    audit_log_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_stored_is_read, clean),
        cmocka_unit_test_teardown(segments_follow_each_other, clean),
        cmocka_unit_test_teardown(a_reader_follows_the_writer, clean),
        cmocka_unit_test_teardown(nothing_acknowledged_is_lost_when_killed, clean),
        cmocka_unit_test_teardown(a_torn_commit_is_cut_whole, clean),
        cmocka_unit_test_teardown(every_flipped_byte_is_told, clean),
        cmocka_unit_test_teardown(a_log_that_lost_records_is_told, clean),
        cmocka_unit_test_teardown(a_newer_format_is_refused, clean),
        cmocka_unit_test_teardown(each_failing_call_loses_nothing, clean),
        cmocka_unit_test_teardown(a_full_disk_refuses_and_recovers, clean),
        cmocka_unit_test_teardown(a_small_disk_takes_smaller_segments, clean),
        cmocka_unit_test_teardown(pending_records_have_a_ceiling, clean),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
