/* SPDX-License-Identifier: Apache-2.0 */
/* The weights file: cut, flipped, or wrong with a right digest, it is refused with its place. */
#include "unit.h"

#include "file.h"
#include "hash.h"
#include "model_int.h"

#include <stdlib.h>

static struct buf good;

static int set_up(void **state)
{
    (void)state;
    good = buf_init((size_t)NER_WEIGHTS_MAX);
    return failed(file_read("models/ner-en.bin", &good)) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&good);
    return 0;
}

static struct err open_bytes(struct span s, struct fault *f)
{
    struct ner *n = NULL;
    struct err e = ner_open(s, &n, f);
    if (!failed(e))
        ner_close(n);
    return e;
}

static void seal(struct buf *b)
{
    struct span w = buf_span(b);
    const struct span parts[] = {span_cut(w, 8, 24), span_from(w, MODEL_TRANS_AT)};
    hash_sha256_parts(parts, 2, b->p + 32);
}

static void good_file_opens(void **state)
{
    (void)state;
    struct ner *n;
    assert_ok(ner_open(buf_span(&good), &n, NULL));
    assert_int_equal(strlen(ner_version(n)), 16);
    ner_close(n);
    seal(&good); /* the test's own seal is the file's */
    assert_ok(open_bytes(buf_span(&good), NULL));
}

/* Every length up to 2 KiB, then a sample: each refused. The copy is exact, so that a read behind
 * it is seen by the address sanitizer. */
static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n < good.n; n += n < 2048 ? 1 : 77777) {
        uint8_t *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, good.p, n);
        struct fault f = {0};
        assert_fails(ERR_CORRUPT, open_bytes(span(copy, n), &f));
        assert_non_null(f.why);
        assert_true(f.at <= n + 32);
        free(copy);
    }
}

static void every_flip_is_refused(void **state)
{
    (void)state;
    for (size_t at = 0; at < good.n; at += at < 1100 ? 37 : 333331) {
        good.p[at] ^= 0x10;
        assert_true(failed(open_bytes(buf_span(&good), NULL)));
        good.p[at] ^= 0x10;
    }
    assert_ok(open_bytes(buf_span(&good), NULL));
}

/* A value that no digest protects from: the file is sealed again after the change. */
static void refuse(size_t at, uint8_t value, enum err_cat cat, size_t where)
{
    uint8_t old = good.p[at];
    struct fault f = {0};
    assert_int_not_equal(old, value);
    good.p[at] = value;
    seal(&good);
    assert_fails(cat, open_bytes(buf_span(&good), &f));
    assert_int_equal(f.at, where);
    good.p[at] = old;
    seal(&good);
}

static void sealed_nonsense_is_refused(void **state)
{
    (void)state;
    refuse(0, 'x', ERR_CORRUPT, 0);
    refuse(8, NER_FORMAT + 1, ERR_LIMIT, 8);
    refuse(8, 0, ERR_CORRUPT, 8);
    refuse(8, NER_FORMAT - 1, ERR_CORRUPT, 8);
    refuse(14, 0, ERR_CORRUPT, 12);
    refuse(15, 1, ERR_CORRUPT, 12);
    refuse(16, 31, ERR_CORRUPT, 16);
    refuse(20, 1, ERR_CORRUPT, 20);
    refuse(31, 'x', ERR_CORRUPT, 24);
    refuse(MODEL_TRANS_AT + 1, 0x7f, ERR_CORRUPT, MODEL_TRANS_AT);
    refuse(MODEL_BIAS_AT + 3, 0x7f, ERR_CORRUPT, MODEL_BIAS_AT + 2);
    refuse(MODEL_CALIBRATION_AT + 20, 0, ERR_CORRUPT, MODEL_CALIBRATION_AT + 20);
    assert_ok(open_bytes(buf_span(&good), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_file_opens),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flip_is_refused),
        cmocka_unit_test(sealed_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
