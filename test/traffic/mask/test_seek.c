/* SPDX-License-Identifier: Apache-2.0 */
/* The searches of the views: with vectors and without they stop at the same places, the next sign
 * is the next one, and no run is passed over. */
#include "unit.h"

#include "view_int.h"

#include <stdlib.h>

enum { TEXT = 400, ROUNDS = 4000 };

static uint32_t state = 7;

static uint32_t next_random(void)
{
    state = state * 1664525U + 1013904223U;
    return state >> 8;
}

/* Words, now and then a sign or a byte of a character outside ASCII. */
static void fill(uint8_t *p, size_t n, unsigned rare)
{
    static const uint8_t odd[] = {'\\', '%', '&', '=', 0xc3,   0xe2, 0x80, 0xd0, 0xff,
                                  '*',  '+', '~', '<', '\x1b', '\r', '\n', '\t'};
    for (size_t i = 0; i < n; i++) {
        p[i] = next_random() % 9 ? (uint8_t)('a' + next_random() % 26) : ' ';
        if (next_random() % rare == 0)
            p[i] = odd[next_random() % sizeof odd];
    }
}

static bool is_sign(uint8_t c)
{
    return c && strchr("\\%&=+<~\x1b\r\n", c);
}

static bool is_low(uint8_t c)
{
    return c < '+';
}

static void the_next_sign_is_found(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t n = next_random() % TEXT;
        uint8_t *p = malloc(n ? n : 1); /* of its own size: a byte read behind it is seen */
        assert_non_null(p);
        fill(p, n, 1 + round % 97);
        for (size_t at = 0; at <= n; at++) {
            size_t next = view_next_sign(span(p, n), at);
            assert_int_equal(next, view_next_sign_plain(span(p, n), at));
            for (size_t i = at; i < next; i++)
                assert_false(is_sign(p[i]));
            at = next;
        }
        free(p);
    }
}

static void no_run_is_passed_over(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t n = next_random() % TEXT, clean = 0;
        uint8_t *p = malloc(n ? n : 1);
        assert_non_null(p);
        fill(p, n, 1 + round % 97);
        for (unsigned k = 0; k < round % 3 && n > VIEW_RUN_MIN + 9; k++)
            memset(p + next_random() % (n - VIEW_RUN_MIN - 9), 'x',
                   VIEW_RUN_MIN + next_random() % 9);
        size_t at = next_random() % (n + 1), next = view_inside_run(span(p, n), at);
        assert_int_equal(next, view_inside_run_plain(span(p, n), at));
        for (size_t i = at; i < next; i++) {
            clean = is_low(p[i]) ? 0 : clean + 1;
            assert_true(clean < VIEW_RUN_MIN);
        }
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_next_sign_is_found),
                                       cmocka_unit_test(no_run_is_passed_over)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
