/* SPDX-License-Identifier: Apache-2.0 */
/* The measure of growth.h itself: what it lets through, what it sees, and what cannot mislead it.
 */
#include "growth.h"

/* Work that no compiler leaves out. */
static void spend(size_t units)
{
    volatile size_t sum = 0;
    for (size_t i = 0; i < units; i++)
        sum = sum + i;
}

static void a_constant(const void *with, struct span in)
{
    (void)with;
    spend(in.n > 0);
}

static void linear(const void *with, struct span in)
{
    (void)with;
    spend(20 * in.n);
}

/* As a sort is: 10.4 times the time. */
static void n_log_n(const void *with, struct span in)
{
    (void)with;
    for (size_t n = in.n; n; n /= 2)
        spend(2 * in.n);
}

/* 38 times the time: a list walked for some of the elements. */
static void n_to_seven_fourths(const void *with, struct span in)
{
    (void)with;
    size_t k = 1;
    while (k * k * k * k < in.n * in.n * in.n)
        k++;
    for (size_t i = 0; i < in.n; i++)
        spend(k);
}

static void quadratic(const void *with, struct span in)
{
    (void)with;
    for (size_t i = 0; i < in.n; i++)
        spend(i);
}

/* 181 times. */
static void n_to_five_halves(const void *with, struct span in)
{
    size_t root = 1;
    while (root * root < in.n)
        root++;
    for (size_t i = 0; i < root / 4; i++)
        quadratic(with, in);
}

/* Linear up to some length, as inputs of every day have it, and quadratic behind it. */
static void quadratic_late(const void *with, struct span in)
{
    (void)with;
    spend(100 * in.n);
    for (size_t i = 1000; i < in.n; i++)
        spend(i);
}

static double grown_in(int rounds, growth_read_with *read, const void *with)
{
    return growth_of(&(struct growth){growth_repeat, "x", read, with}, 500, rounds);
}

static bool passes(growth_read_with *read, const void *with)
{
    return grown_in(GROWTH_ROUNDS, read, with) < GROWTH_BAD;
}

/* In few rounds: one that a neighbour on the machine spoils would be enough to miss it, and in
 * earnest a fault is missed by one run among many at the worst. */
static bool is_seen(growth_read_with *read, const void *with)
{
    enum { FEW = 2 };
    return grown_in(FEW, read, with) >= GROWTH_BAD;
}

static void what_grows_as_its_input_passes(void **state)
{
    (void)state;
    assert_true(passes(a_constant, NULL));
    assert_true(passes(linear, NULL));
    assert_true(passes(n_log_n, NULL));
}

static void what_grows_faster_is_seen(void **state)
{
    (void)state;
    assert_true(is_seen(n_to_seven_fourths, NULL));
    assert_true(is_seen(quadratic, NULL));
    assert_true(is_seen(quadratic_late, NULL));
}

/* A neighbour on the machine: three readings of eight, in no order, take two to four times as long.
 */
static void disturbed(const void *with, struct span in)
{
    static uint32_t seed = 1;
    seed = seed * 1664525 + 1013904223;
    growth_read_with *const *read = with;
    for (uint32_t i = 0, times = seed >> 29; i <= (times > 3 ? 0 : times); i++)
        (*read)(NULL, in);
}

static void a_busy_machine_changes_neither(void **state)
{
    (void)state;
    static growth_read_with *const fine = linear, *const bad = n_to_five_halves;
    assert_true(passes(disturbed, &fine));
    assert_true(is_seen(disturbed, &bad));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_grows_as_its_input_passes),
                                       cmocka_unit_test(what_grows_faster_is_seen),
                                       cmocka_unit_test(a_busy_machine_changes_neither)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
