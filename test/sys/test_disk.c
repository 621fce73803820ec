/* SPDX-License-Identifier: Apache-2.0 */
/* Where what was written into a reserved file ends. */
#include "unit.h"

#include "disk.h"

#include <stdlib.h>
#include <unistd.h>

enum { BYTES = 1 << 20, FAR = 300000 };

static void written(void **state)
{
    (void)state;
    char path[] = "/tmp/sanctum-disk-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    uint64_t end;
    assert_ok(disk_written(fd, &end));
    assert_int_equal(end, 0);
    assert_ok(disk_reserve(fd, BYTES));
    assert_ok(disk_put(fd, SPAN_LIT("first"), 0));
    assert_ok(disk_put(fd, SPAN_LIT("last"), FAR)); /* with a hole before it */
    assert_ok(disk_written(fd, &end));
    assert_true(end >= FAR + 4 && end <= BYTES);
    static uint8_t rest[BYTES];
    size_t got;
    memset(rest, 1, sizeof rest);
    assert_ok(disk_get(fd, rest, sizeof rest, end, &got));
    assert_int_equal(got, BYTES - end);
    for (size_t i = 0; i < got; i++)
        assert_int_equal(rest[i], 0);
    assert_ok(disk_put(fd, SPAN_LIT("end"), BYTES - 3));
    assert_ok(disk_written(fd, &end));
    assert_int_equal(end, BYTES);
    close(fd);
    unlink(path);
    int ends[2];
    assert_int_equal(pipe(ends), 0); /* nothing can be told of it: its size */
    assert_ok(disk_written(ends[0], &end));
    assert_int_equal(end, 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
