/* SPDX-License-Identifier: Apache-2.0 */
/* Processes get exactly what they are given; their ends are told rightly; commands are bounded. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "path.h"
#include "proc.h"

static struct err sh(const char *script, struct buf *out, struct proc_end *end, int timeout_ms,
                     struct span input)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};
    struct proc_run r = {.path = "/bin/sh",
                         .argv = argv,
                         .envp = envp,
                         .out = out,
                         .input = input,
                         .timeout_ms = timeout_ms};
    return proc_run(&r, end);
}

static void runs_and_captures(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(1 << 20);
    struct proc_end end;
    assert_ok(sh("printf %s \"$ONLY\"; cat; exit 7", &out, &end, 5000, SPAN_LIT(" input")));
    assert_span(buf_span(&out), SPAN_LIT("this input"));
    assert_int_equal(end.status, 7);
    assert_int_equal(end.signal, 0);
    assert_ok(sh("kill -9 $$", NULL, &end, 5000, SPAN_NONE));
    assert_int_equal(end.signal, 9);
    /* More input than a pipe holds, to a program that reads late; and to one that never does. */
    struct buf big = buf_init(1 << 20);
    for (int i = 0; i < 300; i++)
        assert_ok(buf_printf(&big, "%01000d", i));
    buf_clear(&out);
    assert_ok(sh("sleep 0.05; cat", &out, &end, 5000, buf_span(&big)));
    assert_int_equal(out.n, big.n);
    assert_ok(sh("true", NULL, &end, 5000, buf_span(&big)));
    buf_free(&big);
}

static void bounded(void **state)
{
    (void)state;
    BUF_AUTO out = buf_init(1000);
    struct proc_end end;
    uint64_t begin = clock_mono_ns();
    assert_fails(ERR_LIMIT, sh("exec sleep 30", &out, &end, 50, SPAN_NONE));
    assert_fails(ERR_LIMIT, sh("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxx; done", &out, &end,
                               5000, SPAN_NONE));
    assert_true(clock_mono_ns() - begin < 25000000000U); /* nobody waited for the sleeper */
    const char *const argv[] = {"none", NULL};
    struct proc_run r = {.path = "/no/such/program", .argv = argv, .timeout_ms = 100};
    struct err e = proc_run(&r, &end);
    assert_fails(ERR_IO, e);
    assert_int_equal(err_detail(e), 2); /* ENOENT, from behind the fork */
}

static void only_the_given_descriptors(void **state)
{
    (void)state;
    int extra = open("/dev/null", O_RDONLY), ends[2]; /* not close-on-exec on purpose */
    assert_true(extra >= 0);
    assert_int_equal(pipe(ends), 0);
    const char *const argv[] = {"sh", "-c", "ls /proc/self/fd; sleep 10", NULL};
    /* 1 and 4 are our pipe, in an order that has to be untangled; `ls` adds one of its own. */
    struct proc_spec s = {
        .path = "/bin/sh", .argv = argv, .fds = {-1, ends[1], -1, ends[0], ends[1]}, .fd_count = 5};
    struct proc p;
    assert_ok(proc_start(&s, &p));
    close(ends[1]);
    char text[64];
    ssize_t n = read(ends[0], text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = 0;
    assert_string_equal(text, "0\n1\n2\n3\n4\n5\n");
    struct proc_end end;
    assert_fails(ERR_AGAIN, proc_wait(&p, 1, &end));
    assert_ok(proc_kill(&p));
    assert_ok(proc_wait(&p, 5000, &end));
    assert_int_equal(end.signal, 9);
    assert_fails(ERR_CLOSED, proc_kill(&p));
    close(ends[0]);
    close(extra);
}

static void terminate(void **state)
{
    (void)state;
    const char *const argv[] = {"sleep", "30", NULL};
    struct proc_spec s = {.path = "/bin/sleep",
                          .argv = argv,
                          .fds = {-1, -1, -1},
                          .fd_count = 3,
                          .dies_with_parent = true};
    struct proc p;
    struct proc_end end;
    assert_ok(proc_start(&s, &p));
    assert_ok(proc_reap(&p, &end));
    assert_false(end.ended);
    assert_ok(proc_terminate(&p));
    assert_ok(proc_wait(&p, 5000, &end));
    assert_int_equal(end.signal, 15);
    s.fd_count = 2;
    assert_fails(ERR_BUG, proc_start(&s, &p));
}

static void itself(void **state)
{
    (void)state;
    BUF_AUTO dir = buf_init(4096), here = buf_init(4096);
    assert_ok(proc_self_dir(&dir));
    assert_int_equal(dir.p[0], '/');
    assert_ok(path_current_dir(&here));
    assert_true(proc_cpu_count() >= 1);
    assert_int_equal(proc_pid(), getpid());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_and_captures),
        cmocka_unit_test(bounded),
        cmocka_unit_test(only_the_given_descriptors),
        cmocka_unit_test(terminate),
        cmocka_unit_test(itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
