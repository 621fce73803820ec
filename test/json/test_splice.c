/* SPDX-License-Identifier: Apache-2.0 */
/* Edits by position: the result, the pieces, and lists that are refused. */
#include "unit.h"

#include "splice.h"

#include <stdlib.h>

static void keeps_every_other_byte(void **state)
{
    (void)state;
    struct arena a = arena_init(1 << 20);
    struct splice s = splice_of(SPAN_LIT("{\"a\":\"Ann\",\"n\":1.10}"), &a);
    BUF_AUTO out = buf_init(1000);
    assert_ok(splice_add(&s, 6, 9, SPAN_LIT("<PERSON_1>")));
    assert_ok(splice_add(&s, 20, 20, SPAN_LIT(" ")));
    assert_ok(splice_write(&s, &out));
    assert_span(buf_span(&out), SPAN_LIT("{\"a\":\"<PERSON_1>\",\"n\":1.10} "));
    assert_int_equal(s.out_n, out.n);
    struct span pieces[5];
    size_t n;
    assert_ok(splice_pieces(&s, pieces, 5, &n));
    assert_int_equal(n, 4); /* nothing stands behind the last edit */
    assert_ptr_equal(pieces[0].p, s.in.p);
    assert_fails(ERR_LIMIT, splice_pieces(&s, pieces, 3, &n));
    arena_free(&a);
}

static void refuses_disorder(void **state)
{
    (void)state;
    struct arena a = arena_init(1 << 20);
    struct splice s = splice_of(SPAN_LIT("0123456789"), &a);
    assert_ok(splice_add(&s, 2, 4, SPAN_NONE));
    assert_fails(ERR_BUG, splice_add(&s, 3, 5, SPAN_NONE));
    assert_fails(ERR_BUG, splice_add(&s, 6, 5, SPAN_NONE));
    assert_fails(ERR_BUG, splice_add(&s, 9, 11, SPAN_NONE));
    assert_ok(splice_add(&s, 4, 4, SPAN_LIT("a")));
    assert_ok(splice_add(&s, 4, 4, SPAN_LIT("b")));
    BUF_AUTO out = buf_init(100);
    assert_ok(splice_write(&s, &out));
    assert_span(buf_span(&out), SPAN_LIT("01ab456789"));
    BUF_AUTO small = buf_init(9);
    assert_fails(ERR_LIMIT, splice_write(&s, &small));
    assert_int_equal(small.n, 0);
    arena_free(&a);
}

/* Random lists against a byte-by-byte model; pieces joined give the same. */
static void agrees_with_a_model(void **state)
{
    (void)state;
    srand(11);
    uint8_t in[200];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)('a' + i % 26);
    for (int round = 0; round < 3000; round++) {
        struct arena a = arena_init(1 << 20);
        struct splice s = splice_of(span(in, (size_t)rand() % sizeof in), &a);
        BUF_AUTO want = buf_init(100000);
        size_t at = 0;
        for (int i = rand() % 40; i > 0; i--) {
            size_t start = at + (size_t)rand() % 6, end = start + (size_t)rand() % 6;
            if (end > s.in.n)
                break;
            struct span with = span("0123456789", (size_t)rand() % 10);
            assert_ok(splice_add(&s, start, end, with));
            assert_ok(buf_put(&want, span_cut(s.in, at, start - at)));
            assert_ok(buf_put(&want, with));
            at = end;
        }
        assert_ok(buf_put(&want, span_from(s.in, at)));
        BUF_AUTO got = buf_init(100000);
        BUF_AUTO joined = buf_init(100000);
        assert_ok(splice_write(&s, &got));
        assert_span(buf_span(&got), buf_span(&want));
        struct span pieces[100];
        size_t n;
        assert_ok(splice_pieces(&s, pieces, 2 * s.n + 1, &n));
        for (size_t i = 0; i < n; i++)
            assert_ok(buf_put(&joined, pieces[i]));
        assert_span(buf_span(&joined), buf_span(&want));
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_other_byte),
        cmocka_unit_test(refuses_disorder),
        cmocka_unit_test(agrees_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
