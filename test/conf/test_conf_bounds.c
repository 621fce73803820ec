/* SPDX-License-Identifier: Apache-2.0 */
/* Config files that are cut at every byte, and that grow. */
#include "growth.h"

#include "conf.h"

#include <stdlib.h>

static void parse(struct span in)
{
    struct arena a = arena_init(16 << 20);
    const struct conf_node *root;
    struct conf_fault f;
    assert_ok(conf_parse(in, "grown.yaml", &a, &root, &f));
    arena_free(&a);
}

static void put_many(struct buf *out, const char *open, const char *each, const char *close,
                     size_t n)
{
    assert_ok(buf_puts(out, open));
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_puts(out, each));
    assert_ok(buf_puts(out, close));
}

static void many_members(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_ok(buf_printf(out, "key%zu: v\n", i));
}

static void many_elements(struct buf *out, size_t n)
{
    put_many(out, "a: [", "x,", "y]\n", n);
}

static void a_long_text(struct buf *out, size_t n)
{
    put_many(out, "a: \"", "\\n x", "\"\n", n);
}

static void many_comments(struct buf *out, size_t n)
{
    put_many(out, "a: b\n", "# c\n\n", "", n);
}

static void many_lists_of_one(struct buf *out, size_t n)
{
    put_many(out, "a:\n", "- - x\n", "", n);
}

static void time_grows_with_the_input(void **state)
{
    (void)state;
    assert_linear(many_members, parse, 1500);
    assert_linear(many_elements, parse, 1500);
    assert_linear(a_long_text, parse, 5000);
    assert_linear(many_comments, parse, 5000);
    assert_linear(many_lists_of_one, parse, 800);
}

/* A file that is cut is another file, or a fault at one of its lines. */
static void cut_anywhere(void **state)
{
    (void)state;
    static const char whole[] = "# of everything\nversion: 1\na: {b: [c, \"d\\u00e9\", 'e']}\n"
                                "list:\n  - x: |\n      text\n    y: >-\n      folded\n"
                                "  - \"\xe2\x82\xac\"\nlast: end\n";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        uint8_t *p = malloc(n ? n : 1);
        assert_non_null(p);
        memcpy(p, whole, n);
        struct arena a = arena_init(1 << 20);
        const struct conf_node *root;
        struct conf_fault f = {0};
        struct err e = conf_parse(span(p, n), "cut.yaml", &a, &root, &f);
        if (failed(e))
            assert_true(err_cat(e) == ERR_INPUT && *f.text && f.line <= 11);
        else
            assert_non_null(root);
        arena_free(&a);
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_grows_with_the_input),
                                       cmocka_unit_test(cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
