/* SPDX-License-Identifier: Apache-2.0 */
/* Scratches: one that shares another's memory of texts, and one that was wiped, give the same
 * bytes; what is wiped is gone. */
#include "fixture.h"
#include "work_int.h"

static const char body[] = "{\"messages\":[{\"role\":\"system\",\"content\":\"Write to Ada "
                           "Lovelace <bob@example.com>, whose card is "
                           "4111 1111 1111 1111, and to nobody else; should that fail, say so and "
                           "ask what to do instead of guessing.\"},"
                           "{\"role\":\"user\",\"content\":\"Q2FsbCBib2JAZXhhbXBsZS5jb20gdG9kYXk= "
                           "\\\"bob%40example.com\\\"\"},"
                           "{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
                           "\"arguments\":\"{\\\"t\\\\u006f\\\":"
                           "\\\"Kim and Bob\\\",\\\"then\\\":\\\" Smith\\\"}\"}}]}]}";

static void expect_empty(const struct buf *b)
{
    assert_null(b->p);
}

static void the_same_after_a_wipe(void **state)
{
    struct fixture *f = *state;
    struct mask_work *own = f->work, *beside;
    BUF_AUTO first = buf_init(sizeof body * 4);
    assert_ok(fixture_mask(f, LLM_CHAT, span_str(body)));
    assert_true(mask_values(f->session) > 3);
    assert_ok(buf_put(&first, buf_span(&f->out)));
    assert_ok(mask_work_beside(own, NULL, &beside));
    for (int i = 0; i < 3; i++) {
        f->work = beside;
        assert_ok(fixture_mask(f, LLM_CHAT, span_str(body)));
        assert_span(buf_span(&f->out), buf_span(&first));
        assert_non_null(beside->text.p);
        assert_ptr_equal(beside->cache, own->cache);
        mask_work_wipe(beside);
        expect_empty(&beside->text);
        expect_empty(&beside->inner_text);
        expect_empty(&beside->keyed);
        expect_empty(&beside->value);
        expect_empty(&beside->seams.text);
        expect_empty(&beside->inner_seams.text);
        for (size_t k = 0; k < VIEW_DEPTH; k++)
            expect_empty(&beside->view.layer[k].text);
        assert_int_equal(beside->known->n, 0);
        f->work = own;
        assert_ok(fixture_mask(f, LLM_CHAT, span_str(body)));
        assert_span(buf_span(&f->out), buf_span(&first));
    }
    mask_work_free(beside);
    assert_ok(fixture_mask(f, LLM_CHAT, span_str(body))); /* what they shared is still there */
    assert_span(buf_span(&f->out), buf_span(&first));
}

static struct cache_tag tag_in_set(size_t set, uint8_t number)
{
    return (struct cache_tag){{(uint8_t)(set >> 8), (uint8_t)set, number}};
}

/* Texts of one set stay side by side; one more takes the place of the longest not asked for. */
static void the_cache_keeps_what_is_asked_for(void **state)
{
    struct mask_work *w = ((struct fixture *)*state)->work;
    const struct findings none = {0};
    struct cache_tag t[CACHE_WAYS + 1], other = tag_in_set(7, 0);
    for (uint8_t i = 0; i <= CACHE_WAYS; i++) {
        t[i] = tag_in_set(6, i);
        assert_null(cache_find(w, &t[i]));
    }
    for (size_t i = 0; i < CACHE_WAYS; i++)
        cache_keep(w, &t[i], &none, 0);
    cache_keep(w, &other, &none, 0);
    for (size_t i = CACHE_WAYS; i-- > 0;)
        assert_non_null(cache_find(w, &t[i]));
    cache_keep(w, &t[CACHE_WAYS], &none, 0);
    for (size_t i = 0; i <= CACHE_WAYS; i++)
        assert_int_equal(cache_find(w, &t[i]) != NULL, i != CACHE_WAYS - 1);
    assert_non_null(cache_find(w, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_cache_keeps_what_is_asked_for, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(the_same_after_a_wipe, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
