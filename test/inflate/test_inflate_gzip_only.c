/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that calls inflate_gzip alone needs zlib alone: this one reads its own list of needed
 * shared objects and must not find the other two libraries in it. The gzip bytes are gzip(1)'s.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "unit.h"

#include "inflate.h"

#include <link.h>
#include <stdio.h>

static int count_foreign(struct dl_phdr_info *info, size_t size, void *count)
{
    (void)size;
    if (strstr(info->dlpi_name, "zstd") || strstr(info->dlpi_name, "brotli"))
        ++*(int *)count;
    return 0;
}

static void test_gzip_alone(void **state)
{
    (void)state;
    static const uint8_t hello[] = {0x1f, 0x8b, 8,    0,    0,    0,    0,    0, 0,
                                    3,    0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0x00,
                                    0x20, 0x30, 0x3a, 0x36, 6,    0,    0,    0};
    BUF_AUTO out = buf_init(100);
    assert_ok(inflate_gzip(span(hello, sizeof hello), &out));
    assert_span(buf_span(&out), SPAN_LIT("hello\n"));
    int foreign = 0;
    dl_iterate_phdr(count_foreign, &foreign);
    assert_int_equal(foreign, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gzip_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
