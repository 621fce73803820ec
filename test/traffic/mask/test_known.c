/* SPDX-License-Identifier: Apache-2.0 */
/* Values that a request holds are found again, however many there are, and nothing else is. */
#include "unit.h"

#include "known_int.h"

#include <stdio.h>

enum { MOST = 300, SPELT = 40 };

/* Value `i`: a mail address, a name of two words, a short word, a secret, a word. */
static enum entity value(unsigned i, char out[SPELT])
{
    static const enum entity types[] = {ENTITY_EMAIL_ADDRESS, ENTITY_PERSON, ENTITY_PERSON,
                                        ENTITY_SECRET, ENTITY_USERNAME};
    char a = (char)('a' + i % 26), b = (char)('a' + i / 26 % 26);
    const char *const forms[] = {"%c%cu%u@Example.com", "Ma%c%c Jense%u", "%c%c", "$%c%cq.%u_X7kk",
                                 "%c%c-%u-kim"};
    snprintf(out, SPELT, forms[i % 5], a, b, i);
    return types[i % 5];
}

static void swap_case(char *s)
{
    for (; *s; s++)
        if ((uint8_t)(ascii_lower((uint8_t)*s) - 'a') < 26)
            *s ^= 0x20;
}

static void learn(struct mask_session *s, unsigned n)
{
    char text[SPELT], token[SPELT * 2];
    mask_session_reset(s);
    for (unsigned i = 0; i < n; i++) {
        const char *type = entity_name(value(i, text));
        snprintf(token, sizeof token, "<%s_%08u>", type, i);
        assert_ok(mask_session_add(s, span_str(token), span_str(text)));
    }
}

static void all_are_found(void **state)
{
    (void)state;
    struct mask_session *s;
    struct known *k;
    assert_ok(mask_session_new(SIZE_MAX, &s));
    assert_ok(known_new(&k));
    for (unsigned n = 0; n <= MOST; n += n < 60 ? 1 : 48) {
        BUF_AUTO text = buf_init(1 << 16);
        struct findings found = {.max = 1 << 12};
        static uint32_t at[2 * MOST];
        unsigned places = 0;
        learn(s, n);
        known_reset(k, 1 << 16);
        assert_ok(known_learn(k, s));
        assert_ok(buf_puts(&text, "Nothing of it stands here, nor in xMary Jenses. "));
        for (unsigned i = 0; i < 2 * n; i++) {
            char one[SPELT];
            enum entity e = value(i % n, one);
            if (i >= n && (e == ENTITY_EMAIL_ADDRESS || i % n % 5 == 1))
                swap_case(one);
            at[places++] = (uint32_t)text.n;
            assert_ok(buf_printf(&text, "%s, or else ", one));
        }
        assert_ok(known_find(k, s, buf_span(&text), &found));
        assert_int_equal(found.n, places);
        for (unsigned i = 0; i < places; i++)
            assert_int_equal(found.v[i].start, at[i]);
        findings_free(&found);
    }
    known_free(k);
    mask_session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
