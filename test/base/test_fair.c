/* SPDX-License-Identifier: Apache-2.0 */
/* Fair queueing: flows take turns, each one's own things keep their order, nothing is saved up. */
#include "unit.h"

#include "fair.h"

#include <stdlib.h>
#include <string.h>

/* Things are done one at a time, or `lanes` at a time, the earliest taken being done first. */
static void expect(struct fair_queue *q, struct fair_item *all, const char *order)
{
    for (const char *c = order; *c; c++) {
        struct fair_item *i = fair_take(q);
        assert_non_null(i);
        assert_int_equal('a' + (i - all), *c);
        fair_drop(i);
    }
}

static void add(struct fair_queue *q, struct fair_item *all, const char *names, const char *flow)
{
    for (const char *c = names; *c; c++)
        fair_add(q, &all[*c - 'a'], flow);
}

static void test_turns(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    assert_null(fair_take(&q));
    add(&q, all, "abcd", "one");
    add(&q, all, "ef", "two");
    add(&q, all, "g", "three");
    expect(&q, all, "aegbfcd");
    assert_null(fair_take(&q));
}

static void test_who_comes_later_waits_for_one(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    add(&q, all, "abcdef", "one");
    expect(&q, all, "ab");
    struct fair_item *at_work = fair_take(&q);
    assert_ptr_equal(at_work, &all[2]);
    add(&q, all, "x", "two"); /* comes while one of the six is being done */
    fair_drop(at_work);
    expect(&q, all, "xdef");
}

static void test_nothing_is_saved_up(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    add(&q, all, "z", "two");
    expect(&q, all, "z");
    add(&q, all, "abcd", "one");
    expect(&q, all, "ab");
    add(&q, all, "xyz", "two"); /* was away: still one by one with the other */
    expect(&q, all, "xcdyz");
}

static void test_who_asks_at_once_again(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    add(&q, all, "abcd", "one");
    add(&q, all, "x", "two");
    expect(&q, all, "ax");
    add(&q, all, "y", "two"); /* as soon as its last one is done */
    expect(&q, all, "y");
    add(&q, all, "x", "two");
    expect(&q, all, "bx");
    add(&q, all, "y", "two");
    expect(&q, all, "cy");
}

static void test_one_of_a_flow_at_a_time(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    add(&q, all, "abc", "one");
    struct fair_item *first = fair_take(&q);
    assert_ptr_equal(first, &all[0]);
    assert_null(fair_take(&q));
    add(&q, all, "x", "two");
    struct fair_item *second = fair_take(&q);
    assert_ptr_equal(second, &all[23]);
    assert_null(fair_take(&q));
    add(&q, all, "y", "two"); /* while its other is at work: behind the first flow's next */
    fair_drop(second);
    assert_ptr_equal(fair_take(&q), &all[24]);
    fair_drop(first);
    assert_ptr_equal(fair_take(&q), &all[1]);
}

static void test_dropped_while_waiting(void **state)
{
    (void)state;
    struct fair_queue q = {0};
    struct fair_item all[26] = {0};
    fair_drop(&all[0]); /* in no queue */
    add(&q, all, "abc", "one");
    add(&q, all, "x", "two");
    fair_drop(&all[0]);
    fair_drop(&all[0]);
    expect(&q, all, "xbc");
}

/* However things come and go: a flow's next thing is preceded by at most one of each other flow's
 * that came after it. */
static void test_bounded_wait(void **state)
{
    (void)state;
    enum { THINGS = 3000, FLOWS = 5 };
    static const char *const flow[FLOWS] = {"a", "b", "c", "d", "e"};
    struct fair_item *all = calloc(THINGS, sizeof *all);
    unsigned since[FLOWS][FLOWS] = {{0}}, open[FLOWS] = {0};
    struct fair_queue q = {0};
    uint32_t r = 1;
    size_t added = 0;
    for (size_t done = 0; done < THINGS;) {
        r = r * 1664525 + 1013904223;
        if (added < THINGS && (r >> 16) % 3) {
            size_t f = (r >> 20) % 7 % FLOWS; /* two of them ask more than others */
            if (open[f]++ == 0)
                memset(since[f], 0, sizeof since[f]);
            fair_add(&q, &all[added++], flow[f]);
            continue;
        }
        struct fair_item *i = fair_take(&q);
        if (!i)
            continue;
        size_t f = (size_t)(i->flow[0] - 'a');
        for (size_t other = 0; other < FLOWS; other++)
            if (open[other] && other != f)
                assert_true(++since[other][f] <= 2); /* one that was before it, one after */
        open[f]--;
        memset(since[f], 0, sizeof since[f]);
        fair_drop(i);
        done++;
    }
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_who_comes_later_waits_for_one),
        cmocka_unit_test(test_nothing_is_saved_up),
        cmocka_unit_test(test_who_asks_at_once_again),
        cmocka_unit_test(test_one_of_a_flow_at_a_time),
        cmocka_unit_test(test_dropped_while_waiting),
        cmocka_unit_test(test_bounded_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
