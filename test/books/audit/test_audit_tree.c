/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree over the records: it is that of the records whatever crashes, nothing acknowledged is
 * lost, no size has two roots, and what was changed behind it is not signed.
 */
#define _GNU_SOURCE
#include "audit_books.h"

#include "audit_int.h"
#include "disk.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- tests --------------------------------------------------------------------------------- */

static void records_become_a_signed_tree(void **state)
{
    (void)state;
    struct books b;
    struct stat st;
    assert_ok(books_open(&b, AUDIT_LOG_BATCHED));
    for (unsigned i = 0; i < 40; i++) {
        assert_ok(books_store(&b, i));
        if (i % 3) /* else one call is for two commits */
            assert_ok(audit_tree_follow(b.tree, UINT64_MAX));
        if (i % 5 == 0)
            assert_ok(books_sign(&b));
    }
    assert_true(audit_tree_signed(b.tree) < audit_tree_size(b.tree));
    books_close(&b);
    assert_int_equal(recover_and_judge(0), 780);
    char path[PATHS + 32];
    static const char *const private[] = {"checkpoint", "tile/0/002", "tile/entries/002"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, private[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(path, sizeof path, "%s/tile/0/002.p", dir);
    assert_false(file_exists(path)); /* the full tile took their place */
    snprintf(path, sizeof path, "%s/tile/0", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void much_is_taken_in_by_steps(void **state)
{
    (void)state;
    struct books b;
    assert_ok(books_open(&b, AUDIT_LOG_BATCHED));
    for (unsigned i = 0; i < 5; i++)
        assert_ok(books_store(&b, 199));
    assert_int_equal(audit_tree_behind(b.tree), 995);
    for (uint64_t size = 0; size < 995; size += 100) {
        assert_int_equal(audit_tree_size(b.tree), size);
        assert_int_equal(audit_tree_behind(b.tree), 995 - size);
        assert_ok(audit_tree_follow(b.tree, 100));
        if (size == 300) { /* what was taken in is signed, the rest later */
            assert_ok(audit_log_tend(b.log));
            assert_ok(audit_tree_publish(b.tree));
            assert_int_equal(audit_tree_signed(b.tree), 400);
            judge_heads();
        }
    }
    assert_int_equal(audit_tree_behind(b.tree), 0);
    books_close(&b);
    assert_int_equal(recover_and_judge(995), 995);
}

static struct err no_sync(int fd)
{
    (void)fd;
    return err_make(ERR_IO, EIO);
}

/* The frame is there, its synchronisation failed: the same records come again in a new segment (L4
 * of the log), and whoever had read on into the old one finds his way. */
static void a_commit_that_failed_is_in_the_tree_once(void **state)
{
    (void)state;
    static const struct audit_disk failing = {disk_put, no_sync, disk_reserve};
    struct books b;
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    for (unsigned round = 0; round < 3; round++) {
        assert_ok(books_store(&b, 3));
        assert_ok(audit_tree_follow(b.tree, UINT64_MAX));
        audit_log_set_disk(b.log, &failing);
        assert_fails(ERR_IO, books_store(&b, 2));
        audit_log_set_disk(b.log, NULL);
        assert_ok(audit_log_commit(b.log));
        assert_ok(audit_tree_follow(b.tree, 1));
        assert_ok(books_store(&b, 4));
        assert_ok(books_sign(&b));
        assert_int_equal(audit_tree_signed(b.tree), 9 * (round + 1));
    }
    books_close(&b);
    assert_int_equal(recover_and_judge(27), 27);
}

static void an_unsigned_log_gets_its_tree(void **state)
{
    (void)state;
    struct books b;
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    for (unsigned i = 0; i < 3; i++)
        assert_ok(books_store(&b, 200));
    books_close(&b);
    shell("rm -rf %s/tile %s", dir, key);
    assert_fails(ERR_CORRUPT,
                 books_open(&b, AUDIT_LOG_DURABLE)); /* a public key: it was signed once */
    books_close(&b);
    shell("rm %s%s", vkey, "");
    assert_int_equal(recover_and_judge(600), 600);
}

/* Store and sign for ever; tell through the pipe what is acknowledged. */
static void writer(int ack, unsigned seed)
{
    struct books b;
    srandom(seed);
    if (failed(books_open(&b, seed % 2 ? AUDIT_LOG_BATCHED : AUDIT_LOG_DURABLE)))
        _exit(3);
    for (;;) {
        if (failed(books_store(&b, 1 + (unsigned)random() % 9)))
            _exit(4);
        uint64_t next = audit_log_next(b.log);
        if (write(ack, &next, sizeof next) != sizeof next)
            _exit(5);
        if (failed(audit_tree_follow(b.tree, UINT64_MAX)) ||
            (random() % 4 == 0 && failed(books_sign(&b))))
            _exit(6);
    }
}

static void killed_at_any_time(void **state)
{
    (void)state;
    uint64_t n = 0;
    for (unsigned i = 0; n < SIZES - 1500 && (i < 40 || (n <= 100 && i < 400)); i++) {
        int p[2], status;
        uint64_t one;
        assert_int_equal(pipe(p), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(p[0]);
            writer(p[1], i);
        }
        close(p[1]);
        usleep(2000 + i * 1499 % 20000);
        kill(pid, SIGKILL);
        while (read(p[0], &one, sizeof one) == sizeof one)
            n = one;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        close(p[0]);
        n = recover_and_judge(n);
    }
    assert_true(n > 100);
}

/* The life of a ledger in short: over the edge of a tile, two commits, two checkpoints. */
static void short_life(int ack)
{
    struct books b;
    uint64_t next;
    if (failed(books_open(&b, AUDIT_LOG_DURABLE)))
        _exit(3);
    for (unsigned i = 0; i < 2; i++) {
        if (failed(books_store(&b, 3)))
            _exit(4);
        next = audit_log_next(b.log);
        if (write(ack, &next, sizeof next) != sizeof next ||
            failed(audit_tree_follow(b.tree, UINT64_MAX)) || failed(books_sign(&b)))
            _exit(5);
    }
    _exit(0);
}

/* Let it run up to its stop number `stops` (one before and one after each system call) and kill it.
 * True: it had ended before. */
static bool stopped_after(unsigned stops, uint64_t *acked)
{
    int p[2], status = 0;
    uint64_t one;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(p[0]);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        short_life(p[1]);
    }
    close(p[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    for (unsigned i = 0; i < stops && WIFSTOPPED(status); i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    bool ended = WIFEXITED(status);
    if (ended)
        assert_int_equal(WEXITSTATUS(status), 0);
    else {
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    while (read(p[0], &one, sizeof one) == sizeof one)
        *acked = one;
    close(p[0]);
    return ended;
}

static void killed_at_every_system_call(void **state)
{
    (void)state;
    struct books b;
    bool ended = false;
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    assert_ok(books_store(&b, 253)); /* 256 are reached by the first commit */
    assert_ok(books_sign(&b));
    books_close(&b);
    keep();
    unsigned stops = 0;
    for (; !ended; stops += 2) {
        uint64_t acked = 253;
        bring_back();
        ended = stopped_after(stops, &acked);
        assert_true(recover_and_judge(acked) <= 259);
    }
    assert_true(stops > 100);
}

/* --- what the medium lost ------------------------------------------------------------------ */

static void cut_file(const char *path, size_t keep_bytes)
{
    assert_int_equal(truncate(path, (off_t)keep_bytes), 0);
}

static size_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (size_t)st.st_size;
}

/* The last commit torn at every byte; the checkpoint is of what was before it. */
static void a_commit_torn_at_every_byte(void **state)
{
    (void)state;
    struct books b;
    struct segment_walk before = {0}, after = {0};
    int fd;
    char *path = segment_path(dir, 0);
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    assert_ok(books_store(&b, 20));
    assert_ok(books_sign(&b));
    assert_ok(disk_open(path, DISK_WRITE, &fd));
    assert_ok(segment_walk(fd, &before, NULL, NULL));
    assert_ok(books_store(&b, 2));
    assert_ok(audit_tree_follow(b.tree, UINT64_MAX));
    assert_ok(segment_walk(fd, &after, NULL, NULL));
    books_close(&b);
    size_t n = after.end - before.end, got;
    uint8_t frame[4096];
    assert_in_range(n, 1, sizeof frame);
    assert_ok(disk_get(fd, frame, n, before.end, &got));
    disk_close(&fd);
    keep();
    for (size_t part = 0; part <= n; part++) {
        static const uint8_t zeros[sizeof frame];
        bring_back();
        assert_ok(disk_open(path, DISK_WRITE, &fd));
        assert_ok(disk_put(fd, span(zeros, n - part), before.end + part));
        disk_close(&fd);
        uint64_t there = recover_and_judge(20);
        /* The frame is padded to 8 bytes with zeros: without them it is whole as well. */
        assert_true(there == 22 ? part + 8 > n : there == 20 && part < n);
    }
    free(path);
}

/* What was not synchronised, or is damaged, at the edge of the tree: made again. */
static void damaged_edges_are_made_again(void **state)
{
    (void)state;
    static const char *const edge[] = {"tile/0/001.p/44", "tile/entries/001.p/44",
                                       "tile/1/000.p/1"};
    struct books b;
    char path[PATHS + 64];
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    assert_ok(books_store(&b, 300));
    assert_ok(books_sign(&b));
    books_close(&b);
    keep();
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, edge[i]);
        size_t n = size_of(path);
        for (size_t part = 0; part<n; part += n> 2000 ? 97 : 13) {
            bring_back();
            cut_file(path, part);
            assert_true(findings(NULL) > 0);
            assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
            assert_true(b.found.rebuilt);
            books_close(&b);
            assert_int_equal(recover_and_judge(300), 300);
        }
        bring_back();
        assert_int_equal(unlink(path), 0);
        assert_int_equal(recover_and_judge(300), 300);
    }
    bring_back();
    snprintf(path, sizeof path, "%s/checkpoint", dir);
    for (size_t part = 0, n = size_of(path); part < n; part += 7) {
        bring_back();
        cut_file(path, part);
        assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
        books_close(&b);
        assert_int_equal(recover_and_judge(300), 300);
    }
}

/* --- what is not gone on with -------------------------------------------------------------- */

static void refused(const char *word, uint64_t missing)
{
    struct books b;
    assert_fails(ERR_CORRUPT, books_open(&b, AUDIT_LOG_DURABLE));
    assert_non_null(b.found.why);
    if (!strstr(b.found.why, word))
        fail_msg("%s is not: %s", b.found.why, word);
    assert_int_equal(b.found.missing, missing);
    books_close(&b);
    bring_back();
}

/* Also where so much waits for the tree that it is not all taken in at start. */
static void what_waits_is_read_at_start(void **state)
{
    (void)state;
    struct books b;
    assert_ok(books_open(&b, AUDIT_LOG_BATCHED));
    for (unsigned n = 0; n < AUDIT_TREE_AT_START + 40000; n += 100)
        assert_ok(books_store(&b, 100));
    books_close(&b);
    keep();
    assert_ok(books_open(&b, AUDIT_LOG_BATCHED)); /* the control: whole, it is gone on with */
    assert_true(audit_tree_behind(b.tree) > 0);
    books_close(&b);
    bring_back();
    shell("f=$(ls %s/segment-* | tail -n 2 | head -n 1); printf '\\377' | "
          "dd of=$f%s bs=1 seek=1500000 conv=notrunc status=none",
          dir, "");
    refused("altered", 0);
}

static void what_was_changed_is_not_signed(void **state)
{
    (void)state;
    struct books b;
    char other[PATHS];
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    assert_ok(books_store(&b, 5));
    assert_ok(books_sign(&b));
    shell("cp -a %s %s/older", dir, base);
    assert_ok(books_store(&b, 5));
    assert_ok(books_sign(&b));
    books_close(&b);
    keep();

    snprintf(other, sizeof other, "%s/older", base);
    shell("rm -rf %s %s", dir, pin);
    shell("cp -a %s %s", other, dir);
    refused("truncated", 5);

    for (size_t n = size_of(head); n > 0; n--) { /* a cut head is no head */
        bring_back();
        cut_file(head, n - 1);
        assert_fails(ERR_CORRUPT, books_open(&b, AUDIT_LOG_DURABLE));
        books_close(&b);
    }
    bring_back();
    assert_int_equal(unlink(head), 0);
    refused("missing", 0);
    assert_int_equal(unlink(key), 0);
    refused("missing", 0);
    assert_int_equal(chmod(key, 0644), 0);
    refused("others may read", 0);
    cut_file(key, 40);
    refused("no key", 0);

    /* Other records of the same number, in a chain that is whole by itself. */
    shell("rm -rf %s %s", dir, pin);
    struct audit_found found;
    struct audit_log_options o = {
        .dir = dir, .boot = SPAN_LIT("other"), .segment_bytes = AUDIT_SEGMENT_BYTES_MIN};
    assert_ok(audit_log_open(&o, &b.log, &found));
    b.tree = NULL;
    assert_ok(books_store(&b, 10));
    audit_log_close(b.log);
    refused("rewritten", 0);
    assert_int_equal(recover_and_judge(10), 10); /* and untouched it is gone on with */
    shell("rm -rf %s", other, "");
}

static void a_tree_that_cannot_be_written_stops_no_record(void **state)
{
    (void)state;
    struct books b;
    char tile[PATHS + 16];
    snprintf(tile, sizeof tile, "%s/tile", dir);
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    assert_ok(books_store(&b, 3));
    assert_ok(books_sign(&b));
    shell("mv %s %s.away", tile, tile);
    shell("touch %s", tile, "");
    assert_ok(books_store(&b, 300));
    assert_fails(ERR_IO, audit_tree_follow(b.tree, UINT64_MAX));
    assert_ok(books_store(&b, 3));
    assert_true(failed(audit_tree_follow(b.tree, UINT64_MAX)));
    assert_ok(audit_tree_publish(b.tree)); /* stands still */
    assert_int_equal(audit_tree_signed(b.tree), 3);
    shell("rm %s", tile, "");
    shell("mv %s.away %s", tile, tile);
    assert_ok(books_sign(&b));
    assert_int_equal(audit_tree_signed(b.tree), 306);
    books_close(&b);
    assert_int_equal(recover_and_judge(306), 306);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(records_become_a_signed_tree, clean),
        cmocka_unit_test_setup(much_is_taken_in_by_steps, clean),
        cmocka_unit_test_setup(a_commit_that_failed_is_in_the_tree_once, clean),
        cmocka_unit_test_setup(an_unsigned_log_gets_its_tree, clean),
        cmocka_unit_test_setup(killed_at_any_time, clean),
        cmocka_unit_test_setup(killed_at_every_system_call, clean),
        cmocka_unit_test_setup(a_commit_torn_at_every_byte, clean),
        cmocka_unit_test_setup(damaged_edges_are_made_again, clean),
        cmocka_unit_test_setup(what_waits_is_read_at_start, clean),
        cmocka_unit_test_setup(what_was_changed_is_not_signed, clean),
        cmocka_unit_test_setup(a_tree_that_cannot_be_written_stops_no_record, clean),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
