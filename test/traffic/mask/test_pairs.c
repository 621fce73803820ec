/* SPDX-License-Identifier: Apache-2.0 */
/* No pair is passed over, whatever the processor, and what holds none is passed. */
#include "unit.h"

#include "pairs_int.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT = 300, ROUNDS = 3000 };

static uint32_t state = 7;

static uint32_t next_random(void)
{
    state = state * 1664525U + 1013904223U;
    return state >> 8;
}

static bool is(uint8_t wanted, uint8_t c, bool nocase)
{
    bool letter = (uint8_t)((wanted | 0x20) - 'a') < 26;
    return c == wanted || (nocase && letter && c == (wanted ^ 0x20));
}

static void none_is_passed_over(void **unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct pairs s = {0};
        uint8_t pair[20][2];
        bool nocase[20];
        size_t n = next_random() % 20, len = next_random() % TEXT;
        unsigned signs = round % 2 ? 256 : 16; /* few signs: many pairs */
        for (size_t i = 0; i < n; i++) {
            for (int k = 0; k < 2; k++)
                pair[i][k] = (uint8_t)('A' + next_random() % signs);
            nocase[i] = next_random() % 2;
            pairs_add(&s, pair[i][0], pair[i][1], nocase[i]);
        }
        uint8_t *p = malloc(len ? len : 1); /* of its own size: a byte read behind it is seen */
        assert_non_null(p);
        for (size_t i = 0; i < len; i++)
            p[i] = (uint8_t)('A' + next_random() % signs);
        size_t found = 0;
        for (size_t at = 0; at < len;) {
            size_t to = pairs_next(&s, span(p, len), at);
            size_t same = pairs_next_plain(&s, span(p, len), at);
            assert_true(to == same || (to + 1 >= len && same + 1 >= len));
            for (size_t i = at; i < to && i + 1 < len; i++)
                for (size_t k = 0; k < n; k++)
                    assert_false(is(pair[k][0], p[i], nocase[k]) &&
                                 is(pair[k][1], p[i + 1], nocase[k]));
            found += to + 1 < len;
            at = to + 1;
        }
        if (n == 0)
            assert_int_equal(found, 0);
        free(p);
    }
}

static void stops_where_one_stands(void **unused)
{
    (void)unused;
    struct pairs s = {0};
    uint8_t text[200];
    pairs_add(&s, 'A', 'n', true);
    pairs_add(&s, 'x', '9', false);
    for (size_t at = 0; at + 1 < sizeof text; at++) {
        memset(text, '.', sizeof text);
        assert_true(pairs_next(&s, span(text, sizeof text), 0) + 1 >= sizeof text);
        memcpy(text + at, "aN", 2);
        assert_int_equal(pairs_next(&s, span(text, sizeof text), 0), at);
        memcpy(text + at, "x9", 2);
        assert_int_equal(pairs_next(&s, span(text, sizeof text), at), at);
        memcpy(text + at, "X9", 2);
        assert_true(pairs_next(&s, span(text, sizeof text), 0) + 1 >= sizeof text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(none_is_passed_over),
                                       cmocka_unit_test(stops_where_one_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
