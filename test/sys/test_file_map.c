/* SPDX-License-Identifier: Apache-2.0 */
/* Mapped files: content, pages handed back and read again, and a file cut short under the map; and
 * copies in large pages. */
#include "unit.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BYTES = 3 << 20 };

static char path[] = "/tmp/sanctum-map-XXXXXX";

static void make_file(void)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    uint8_t *p = malloc(BYTES);
    assert_non_null(p);
    memset(p, 7, BYTES);
    assert_ok(file_write_fd(fd, span(p, BYTES)));
    free(p);
    close(fd);
}

static size_t sum(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i];
    return n;
}

static void test_passed(void **state)
{
    (void)state;
    make_file();
    struct file_map m;
    assert_ok(file_map_open(path, &m));
    assert_int_equal(m.bytes.n, BYTES);
    for (size_t at = 0; at <= BYTES; at += 4096)
        file_map_passed(&m, at);
    assert_int_equal(sum(m.bytes), 7UL * BYTES);
    assert_false(file_map_torn(&m));
    file_map_close(&m);
    unlink(path);
}

static void test_torn(void **state)
{
    (void)state;
    make_file();
    struct file_map m, other;
    assert_ok(file_map_open(path, &m));
    assert_ok(file_map_open("/proc/self/exe", &other));
    assert_int_equal(truncate(path, BYTES / 2), 0);
    assert_int_equal(sum(m.bytes), 7UL * BYTES / 2);
    assert_true(file_map_torn(&m));
    assert_false(file_map_torn(&other));
    file_map_close(&m);
    file_map_close(&other);
    unlink(path);
}

static void test_copy(void **state)
{
    (void)state;
    make_file();
    struct file_copy c;
    assert_fails(ERR_LIMIT, file_copy_open(path, BYTES - 1, &c));
    assert_null(c.base);
    assert_ok(file_copy_open(path, BYTES, &c));
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(c.bytes.n, BYTES);
    assert_int_equal(sum(c.bytes), 7UL * BYTES);
    file_copy_close(&c);
    assert_fails(ERR_LIMIT, file_copy_open(path, BYTES, &c)); /* empty */
    assert_fails(ERR_IO, file_copy_open("/dev/zero", BYTES, &c));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_passed), cmocka_unit_test(test_torn),
                                       cmocka_unit_test(test_copy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
