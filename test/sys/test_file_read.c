/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files read: empty ones, up to the ceiling and over it, appended, from a pipe, and of a size
 * that the system does not tell; and large ones into memory that begins on a page. */
#include "unit.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LARGE = 300 * 1000 };

static uint8_t bytes[LARGE];

static int file_of(size_t n)
{
    char path[] = "/tmp/sanctum-read-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);
    assert_ok(file_write_fd(fd, span(bytes, n)));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 255, 256, 4096, 65535, 65536, 65537, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int fd = file_of(sizes[i]);
        struct buf fits = buf_init(sizes[i]), tight = buf_init(sizes[i] - (sizes[i] > 0));
        assert_ok(file_read_fd(fd, &fits));
        assert_span(buf_span(&fits), span(bytes, sizes[i]));
        lseek(fd, 0, SEEK_SET);
        if (sizes[i])
            assert_fails(ERR_LIMIT, file_read_fd(fd, &tight));
        buf_free(&fits);
        buf_free(&tight);
        close(fd);
    }
}

static void test_appended(void **state)
{
    (void)state;
    int fd = file_of(LARGE);
    struct buf b = buf_init(2 * LARGE);
    assert_ok(buf_puts(&b, "head"));
    assert_ok(file_read_fd(fd, &b));
    assert_int_equal(b.n, LARGE + 4);
    assert_memory_equal(b.p, "head", 4);
    assert_memory_equal(b.p + 4, bytes, LARGE);
    buf_free(&b);
    close(fd);
}

static void test_page(void **state)
{
    (void)state;
    int fd = file_of(LARGE);
    struct buf b = buf_init(2 * LARGE);
    assert_ok(file_read_fd(fd, &b));
    assert_int_equal((uintptr_t)b.p % 4096, 0);
    buf_free(&b);
    close(fd);
}

static void test_unknown_size(void **state)
{
    (void)state;
    int fds[2];
    struct buf b = buf_init(1 << 20);
    assert_int_equal(pipe(fds), 0);
    assert_ok(file_write_fd(fds[1], span(bytes, 5000)));
    close(fds[1]);
    assert_ok(file_read_fd(fds[0], &b));
    assert_int_equal(b.n, 5000);
    close(fds[0]);
    buf_free(&b);
    assert_ok(file_read("/proc/self/maps", &b)); /* the system calls it empty */
    assert_true(b.n > 0);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_appended), cmocka_unit_test(test_page),
                                       cmocka_unit_test(test_unknown_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
