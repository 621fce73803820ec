/* SPDX-License-Identifier: Apache-2.0 */
/* A crew gives every task back once, done, in the order they were put, however long each takes; and
 * works on with as many threads as it can have. */
#include "unit.h"

#include "crew.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { TASKS = 3000 };

struct task {
    unsigned n, doubled;
    atomic_uint runs;
};

struct common {
    atomic_uint opened, closed;
    unsigned most; /* opens that succeed */
};

static void *open_own(void *common)
{
    struct common *c = common;
    if (atomic_fetch_add(&c->opened, 1) >= c->most) {
        atomic_fetch_sub(&c->opened, 1);
        return NULL;
    }
    return c;
}

static void close_own(void *own)
{
    atomic_fetch_add(&((struct common *)own)->closed, 1);
}

static void run(void *own, void *task)
{
    struct task *t = task;
    (void)own;
    if (t->n % 7 == 0)
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    t->doubled = 2 * t->n;
    atomic_fetch_add(&t->runs, 1);
}

static void all_tasks(unsigned most, unsigned tasks)
{
    struct common common = {.most = most};
    const struct crew_work work = {&common, open_own, close_own, run};
    struct crew *c = crew_new(&work);
    assert_non_null(c);
    size_t room = crew_room(c);
    struct task *ring = calloc(room, sizeof *ring);
    assert_non_null(ring);
    assert_true(crew_empty(c));
    unsigned taken = 0, put = 0;
    while (taken < tasks) {
        if (put < tasks && !crew_full(c)) {
            ring[put % room] = (struct task){.n = put};
            crew_put(c, &ring[put++ % room]);
            continue;
        }
        struct task *t = crew_take(c);
        assert_int_equal(t->n, taken);
        assert_int_equal(t->doubled, 2 * taken);
        assert_int_equal(atomic_load(&t->runs), 1);
        taken++;
    }
    assert_true(crew_empty(c));
    crew_free(c);
    free(ring);
    assert_int_equal(atomic_load(&common.opened), atomic_load(&common.closed));
    assert_in_range(atomic_load(&common.opened), 1, most);
}

static void test_order(void **state)
{
    (void)state;
    all_tasks(1000, TASKS);
    all_tasks(1000, 1);
    all_tasks(1000, 5);
}

static void test_fewer_threads(void **state)
{
    (void)state;
    all_tasks(1, TASKS); /* none but the one that puts */
    all_tasks(2, TASKS);
}

static void test_none(void **state)
{
    (void)state;
    struct common common = {.most = 0};
    const struct crew_work work = {&common, open_own, close_own, run};
    assert_null(crew_new(&work));
    crew_free(NULL);
    common.most = 1;
    crew_free(crew_new(&work));
    assert_int_equal(atomic_load(&common.closed), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_fewer_threads),
                                       cmocka_unit_test(test_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
