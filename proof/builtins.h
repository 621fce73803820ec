/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler's own functions, in words that Frama-C understands. Included before every file. */
#ifndef SANCTUM_PROOF_EVA_BUILTINS_H
#define SANCTUM_PROOF_EVA_BUILTINS_H

/* Alignment changes nothing that EVA looks at. */
#define _Alignas(n)

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memmem(const void *text, size_t n, const void *word, size_t m);

static int eva_mul_u(uint64_t a, uint64_t b, uint64_t *out)
{
    *out = a * b;
    return b != 0 && a > UINT64_MAX / b;
}

static int eva_add_u(uint64_t a, uint64_t b, uint64_t *out)
{
    *out = a + b;
    return a > UINT64_MAX - b;
}

static int eva_mul_s(int64_t a, int64_t b, int64_t *out)
{
    if (b > 0    ? a > INT64_MAX / b || a < INT64_MIN / b
        : b < -1 ? a < INT64_MAX / b || a > INT64_MIN / b
                 : b == -1 && a == INT64_MIN)
        return 1;
    *out = a * b;
    return 0;
}

static int eva_add_s(int64_t a, int64_t b, int64_t *out)
{
    if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)
        return 1;
    *out = a + b;
    return 0;
}

#define __builtin_mul_overflow(a, b, out)                                                          \
    (__builtin_types_compatible_p(__typeof__(out), int64_t *)                                      \
         ? eva_mul_s((int64_t)(a), (int64_t)(b), (void *)(out))                                    \
         : eva_mul_u((uint64_t)(a), (uint64_t)(b), (void *)(out)))
#define __builtin_add_overflow(a, b, out)                                                          \
    (__builtin_types_compatible_p(__typeof__(out), int64_t *)                                      \
         ? eva_add_s((int64_t)(a), (int64_t)(b), (void *)(out))                                    \
         : eva_add_u((uint64_t)(a), (uint64_t)(b), (void *)(out)))

#endif
