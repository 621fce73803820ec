/* SPDX-License-Identifier: Apache-2.0 */
/* What is stepped over at once is what a look at it would step over, too. */
#include "unit.h"

#include "look_int.h"

/* May a token or a stand-in begin with this byte? Inside words stand-ins alone do. */
static bool may_begin(const struct mask_session *s, uint8_t c, bool joined)
{
    bool letter = (uint8_t)(ascii_lower(c) - 'a') < 26;
    if (s->stand_in[c] || c == '<' || c == '\\' || c == '&' || c == '%')
        return true;
    return (c == '"' && s->numbers) || (letter && !joined && s->first[c]);
}

static void every_byte(const struct mask_session *s)
{
    const struct look_skips skips = look_skips_of(s);
    for (unsigned c = 0; c < 256; c++)
        for (unsigned before = 0; before < 2; before++) {
            const uint8_t text[] = {(uint8_t)c};
            bool joined = before;
            size_t at = look_skip(&skips, span(text, 1), 0, &joined);
            assert_int_equal(at, may_begin(s, (uint8_t)c, before) ? 0 : 1);
            assert_int_equal(joined, at ? look_joins((uint8_t)c) : before);
        }
}

static void as_one_by_one(void **state)
{
    (void)state;
    struct mask_session *s;
    assert_ok(mask_session_new(SIZE_MAX, &s));
    every_byte(s);
    assert_ok(mask_session_add(s, SPAN_LIT("<PERSON_12345678>"), SPAN_LIT("Ada")));
    assert_ok(mask_session_add(s, SPAN_LIT("<9_LIVES_12345678>"), SPAN_LIT("Tom")));
    every_byte(s);
    s->numbers = true;
    every_byte(s);
    assert_ok(mask_session_add(s, SPAN_LIT("Grace Hopper"), SPAN_LIT("Ada Byron")));
    assert_ok(mask_session_add(s, SPAN_LIT("\xc3\x89mile"), SPAN_LIT("Bob")));
    assert_ok(mask_session_add(s, SPAN_LIT("+1 555"), SPAN_LIT("+1 415")));
    every_byte(s);
    mask_session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_one_by_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
