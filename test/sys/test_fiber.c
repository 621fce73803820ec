/* SPDX-License-Identifier: Apache-2.0 */
/* Turns: slices end, work ends, work that is not wanted unwinds, a stack that is too small kills.
 */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fiber.h"
#include "pace.h"

struct work {
    unsigned rounds, done;
    struct err end;
};

static struct err count(struct work *w)
{
    uint64_t there[64];
    for (; w->done < w->rounds; w->done++) {
        memset(there, (int)w->done, sizeof there);
        TRY(pace_turn());
        for (size_t i = 0; i < 64; i++)
            assert_int_equal(there[i] & 0xff, w->done & 0xff);
    }
    return OK;
}

static void run(void *arg)
{
    struct work *w = arg;
    w->end = count(w);
}

static struct fiber *fiber(void)
{
    struct fiber *f = NULL;
    assert_ok(fiber_new(FIBER_STACK, &f));
    return f;
}

/* A slice of nothing ends at every turn; between slices nobody is at work. */
static void test_slices(void **state)
{
    (void)state;
    struct fiber *f = fiber();
    for (unsigned rounds = 0; rounds < 5; rounds++) {
        struct work w = {.rounds = rounds};
        unsigned slices = 1;
        fiber_begin(f, run, &w);
        while (!fiber_run(f, 0)) {
            assert_null(pace_at_work);
            assert_int_equal(w.done, slices - 1);
            slices++;
        }
        assert_int_equal(slices, rounds + 1);
        assert_int_equal(w.done, rounds);
        assert_ok(w.end);
    }
    fiber_free(f);
}

static void test_a_long_slice_ends_it(void **state)
{
    (void)state;
    struct fiber *f = fiber();
    struct work w = {.rounds = 1000};
    fiber_begin(f, run, &w);
    assert_true(fiber_run(f, UINT64_C(60000000000)));
    assert_int_equal(w.done, 1000);
    fiber_free(f);
}

/* The clock decides: work of 20 ms takes about 20 slices of 1 ms, and none is much longer. */
static void spin(void *arg)
{
    struct work *w = arg;
    uint64_t end = clock_mono_ns() + 20000000;
    while (clock_mono_ns() < end && !failed(w->end))
        w->end = pace_turn();
}

static void test_the_clock_ends_slices(void **state)
{
    (void)state;
    struct fiber *f = fiber();
    struct work w = {.end = OK};
    unsigned slices = 1;
    fiber_begin(f, spin, &w);
    while (!fiber_run(f, 1000000))
        slices++;
    assert_in_range(slices, 2, 21);
    fiber_free(f);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct fiber *f = fiber();
    struct work w = {.rounds = 1000};
    fiber_begin(f, run, &w);
    assert_false(fiber_run(f, 0));
    assert_false(fiber_run(f, 0));
    fiber_cancel(f);
    assert_int_equal(err_cat(w.end), ERR_CLOSED);
    assert_int_equal(w.done, 1);
    fiber_cancel(f); /* it has ended */
    struct work again = {.rounds = 3};
    fiber_begin(f, run, &again); /* and is of use again */
    assert_true(fiber_run(f, UINT64_C(60000000000)));
    assert_ok(again.end);
    fiber_free(f);
}

/* Two at a time keep their own stacks. */
static void test_two(void **state)
{
    (void)state;
    struct fiber *a = fiber(), *b = fiber();
    struct work v = {.rounds = 40}, w = {.rounds = 30};
    bool a_ends = false, b_ends = false;
    fiber_begin(a, run, &v);
    fiber_begin(b, run, &w);
    while (!a_ends || !b_ends) {
        a_ends = a_ends || fiber_run(a, 0);
        b_ends = b_ends || fiber_run(b, 0);
    }
    assert_int_equal(v.done + w.done, 70);
    fiber_free(a);
    fiber_free(b);
}

/* Below the stack lies nothing: who needs more is ended, and writes over nobody's memory. */
static void deep(void *arg)
{
    volatile char *big = __builtin_alloca(*(size_t *)arg);
    big[0] = 1;
}

static void test_too_deep(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fiber *f = fiber();
        size_t much = FIBER_STACK;
        signal(SIGSEGV, SIG_DFL);
        fiber_begin(f, deep, &much);
        fiber_run(f, 0);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

static void test_without_a_fiber(void **state)
{
    (void)state;
    struct work w = {.rounds = 10};
    assert_ok(count(&w));
    assert_int_equal(w.done, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_a_long_slice_ends_it),
        cmocka_unit_test(test_the_clock_ends_slices),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_two),
        cmocka_unit_test(test_too_deep),
        cmocka_unit_test(test_without_a_fiber),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
