/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twice the input, about twice the time: what a reader of outside bytes costs must grow with its
 * input and no faster. Time is this thread's CPU time, the best of several, and what looks too much
 * is measured again, so that a busy machine changes little. The input grows eightfold, so that
 * linear (8, or twice that where memory no longer fits the cache) and quadratic (64) lie far apart.
 */
#ifndef SANCTUM_TEST_GROWTH_H
#define SANCTUM_TEST_GROWTH_H

#include "buf.h"
#include "unit.h"

#include <time.h>

enum { GROWTH_INPUT_MAX = 64 << 20, GROWTH_BY = 8, GROWTH_BAD = 28, GROWTH_TRIES = 3 };

/* Appends an input of size n (in whatever it is that shall grow). */
typedef void growth_make(struct buf *out, size_t n);
/* Reads it, as it is read in earnest. */
typedef void growth_read(struct span in);

/* CPU seconds for one reading. */
static inline double growth_best(growth_read *read, struct span in)
{
    double best = 1e9;
    for (int i = 0; i < 7; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
        read(in);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
        double took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
        best = took < best ? took : best;
    }
    return best;
}

/* Size 8n over size n. A tenth of a millisecond is given, for what does not grow. */
static inline double growth_of(growth_make *make, growth_read *read, size_t n)
{
    double took[2];
    for (int k = 0; k < 2; k++) {
        BUF_AUTO in = buf_init(GROWTH_INPUT_MAX);
        make(&in, k ? GROWTH_BY * n : n);
        took[k] = growth_best(read, buf_span(&in));
    }
    return took[1] / (took[0] + 1e-4);
}

#define assert_linear(make, read, n)                                                               \
    do {                                                                                           \
        double grew_ = growth_of(make, read, n);                                                   \
        for (int i_ = 1; i_ < GROWTH_TRIES && grew_ >= GROWTH_BAD; i_++)                           \
            grew_ = growth_of(make, read, n);                                                      \
        if (grew_ >= GROWTH_BAD)                                                                   \
            fail_msg("%s: %d times the input takes %.1f times the time", #make, GROWTH_BY, grew_); \
    } while (0)

#endif
