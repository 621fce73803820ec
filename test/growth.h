/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight times the input, about eight times the time: what a reader of outside bytes costs must grow
 * with its input and no faster. This is the only clock that tests have, and it is made so that a
 * busy or slow machine fails nothing:
 *
 * - Counted is this thread's CPU time. Reading one input of size 8n is held against reading eight
 * of size n, so that both sides take the same time, touch as much memory and meet the same
 *   disturbances, unless the cost is not linear.
 * - They are measured by turns, each as often as it takes to last, and the best of each counts.
 * - What looks too slow is measured again, many times. One good round is enough: noise passes, the
 *   shape of an algorithm does not.
 * - The bound lies halfway, in powers, between linear (8) and quadratic (64).
 */
#ifndef SANCTUM_TEST_GROWTH_H
#define SANCTUM_TEST_GROWTH_H

#include "buf.h"
#include "unit.h"

#include <malloc.h>
#include <time.h>

enum {
    GROWTH_BY = 8,
    GROWTH_BAD = 22, /* 8 to the power of 1.5 */
    GROWTH_TURNS = 5,
    GROWTH_ROUNDS = 25,
    GROWTH_INPUT_MAX = 64 << 20,
    GROWTH_MMAP_MAX = 32 << 20 /* the largest that mallopt takes */
};
#define GROWTH_LASTS  5e-4 /* CPU seconds that are measured at once, at least */
#define GROWTH_ENOUGH 0.3  /* and for which a round takes another turn */

/* Appends an input of size n (in whatever it is that shall grow). */
typedef void growth_make(struct buf *out, size_t n);
/* Reads it, as it is read in earnest. */
typedef void growth_read(struct span in);
/* Both again, with something of the test's own: a shape, what was compiled before. */
typedef void growth_make_of(const void *of, struct buf *out, size_t n);
typedef void growth_read_with(const void *with, struct span in);

struct growth {
    growth_make_of *make;
    const void *of;
    growth_read_with *read;
    const void *with;
};

/* A maker: n bytes of the text `unit`, again and again. */
static inline void growth_repeat(const void *unit, struct buf *out, size_t n)
{
    struct span text = span_str(unit);
    assert_ok(buf_reserve(out, n));
    for (; n > text.n; n -= text.n)
        assert_ok(buf_put(out, text));
    assert_ok(buf_put(out, span_cut(text, 0, n)));
}

static inline double growth_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* CPU seconds for reading each of the equal `parts` of `in`, `times` times over. */
static inline double growth_time(const struct growth *g, struct span in, size_t parts, size_t times)
{
    size_t n = in.n / parts;
    double from = growth_clock();
    for (; times; times--)
        for (size_t i = 0; i < parts; i++)
            g->read(g->with, span_cut(in, i * n, n));
    return growth_clock() - from;
}

/* One round: how many times as long as a part the whole takes. */
static inline double growth_round(const struct growth *g, struct span parts, struct span whole,
                                  size_t times)
{
    double some = 1e9, all = 1e9, end = growth_clock() + GROWTH_ENOUGH;
    for (int i = 0; i < GROWTH_TURNS && (i == 0 || growth_clock() < end); i++) {
        double t = growth_time(g, parts, GROWTH_BY, times);
        some = t < some ? t : some;
        t = growth_time(g, whole, 1, times);
        all = t < all ? t : all;
    }
    return GROWTH_BY * all / some;
}

/* How many times the time of size n size 8n takes: the first of so many rounds below GROWTH_BAD, or
 * the best of all. */
static inline double growth_of(const struct growth *g, size_t n, int rounds)
{
    BUF_AUTO one = buf_init(GROWTH_INPUT_MAX);
    BUF_AUTO parts = buf_init(GROWTH_INPUT_MAX);
    BUF_AUTO whole = buf_init(GROWTH_INPUT_MAX);
    g->make(g->of, &one, n);
    for (int i = 0; i < GROWTH_BY; i++)
        assert_ok(buf_put(&parts, buf_span(&one)));
    g->make(g->of, &whole, GROWTH_BY * n);
    /* Memory stays with the process: handing pages back and taking them anew is no one's reading.
     */
    mallopt(M_MMAP_THRESHOLD, GROWTH_MMAP_MAX);
    mallopt(M_TRIM_THRESHOLD, GROWTH_INPUT_MAX);
    size_t times = 1;
    while (growth_time(g, buf_span(&parts), GROWTH_BY, times) < GROWTH_LASTS)
        times *= 2;
    double best = 1e9;
    for (int i = 0; i < rounds && best >= GROWTH_BAD; i++) {
        double grew = growth_round(g, buf_span(&parts), buf_span(&whole), times);
        best = grew < best ? grew : best;
    }
    return best;
}

static inline void growth_assert(const char *name, const struct growth *g, size_t n)
{
    double grew = growth_of(g, n, GROWTH_ROUNDS);
    if (grew >= GROWTH_BAD)
        fail_msg("%s: %d times the input takes %.1f times the time", name, GROWTH_BY, grew);
}

/* A maker and a reader that need nothing else. */
struct growth_plain {
    growth_make *make;
    growth_read *read;
};

static inline void growth_plain_make(const void *of, struct buf *out, size_t n)
{
    const struct growth_plain *plain = of;
    plain->make(out, n);
}

static inline void growth_plain_read(const void *with, struct span in)
{
    const struct growth_plain *plain = with;
    plain->read(in);
}

#define assert_linear(make_, read_, n)                                                             \
    do {                                                                                           \
        const struct growth_plain plain_ = {make_, read_};                                         \
        growth_assert(                                                                             \
            #make_, &(struct growth){growth_plain_make, &plain_, growth_plain_read, &plain_}, n);  \
    } while (0)

#endif
