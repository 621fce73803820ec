/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with the headers it wants first, and what every unit test needs. */
#ifndef SANCTUM_TEST_UNIT_H
#define SANCTUM_TEST_UNIT_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <netdb.h>

/* The err-returning call must succeed / must fail with this category. */
#define assert_ok(call)         assert_int_equal((call).v, 0)
#define assert_fails(cat, call) assert_int_equal((int)err_cat(call), (int)(cat))
/* Two spans hold the same bytes. */
#define assert_span(a, b)                                                                          \
    do {                                                                                           \
        struct span a_ = (a), b_ = (b);                                                            \
        assert_int_equal(a_.n, b_.n);                                                              \
        if (a_.n)                                                                                  \
            assert_memory_equal(a_.p, b_.p, a_.n);                                                 \
    } while (0)

/* Tests of name look-up need one name that every machine has; a bare root may lack even that. */
#define skip_without_localhost()                                                                   \
    do {                                                                                           \
        struct addrinfo *found_ = NULL;                                                            \
        if (getaddrinfo("localhost", NULL, NULL, &found_) != 0)                                    \
            skip();                                                                                \
        freeaddrinfo(found_);                                                                      \
    } while (0)

#endif
