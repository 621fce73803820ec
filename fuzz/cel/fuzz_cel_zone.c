/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zone file from outside: the first eight bytes are an instant, the rest the TZif bytes, or what
 * an expression gives as a zone's name. What holds: the offset at the instant, at every transition
 * and a second around each is that of a plain walk through the file's transitions; and the offset
 * of a name written anew is the same.
 */
#include "cel_int.h"

#include <stdio.h>
#include <stdlib.h>

/* covers: src/cel/zone.c */
/* planted: src/cel/zone.c | be64(times.p + 8 * mid) <= at | be64(times.p + 8 * mid) < at */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 44, TRANSITIONS_MAX = 16 };

/* The years 1 to 9999: no timestamp is outside. */
static const int64_t TIME_MIN = -62135596800, TIME_MAX = 253402300799;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool zone(void *arg, struct span name, struct span *tzif)
{
    (void)name;
    *tzif = *(struct span *)arg;
    return true;
}

static uint64_t be(const uint8_t *p, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v = v << 8 | p[i];
    return v;
}

/* The transitions of the second block, in order of time; SPAN_NONE when they are not. The file was
 * accepted. */
static size_t transitions(struct span file, const uint8_t **times)
{
    static const uint8_t weight[] = {1, 1, 8, 5, 6, 1}; /* bytes an entry in the first block */
    size_t at = HEADER;
    for (size_t i = 0; i < 6; i++)
        at += be(file.p + 20 + 4 * i, 4) * weight[i];
    size_t n = be(file.p + at + 32, 4);
    *times = file.p + at + HEADER;
    for (size_t i = 1; i < n; i++)
        if ((int64_t)be(*times + 8 * i - 8, 8) > (int64_t)be(*times + 8 * i, 8))
            return 0;
    return n;
}

/* Between two transitions the offset is that of the type named by the earlier one. */
static void walk(const uint8_t *times, size_t n, int64_t at, int64_t offset)
{
    const uint8_t *index = times + 8 * n, *types = index + n;
    size_t last = n;
    for (size_t i = 0; i < n; i++)
        if ((int64_t)be(times + 8 * i, 8) <= at)
            last = i;
    if (last + 1 < n)
        must(offset == (int32_t)be(types + 6 * (size_t)index[last], 4));
}

static void file(struct span bytes, int64_t at)
{
    const struct cel_input in = {.zone = zone, .zone_arg = &bytes};
    const uint8_t *times;
    int64_t offset;
    if (!cel_zone_offset(&in, SPAN_LIT("A/B"), at, &offset))
        return;
    size_t n = transitions(bytes, &times);
    walk(times, n, at, offset);
    for (size_t i = 0; i < n && i < TRANSITIONS_MAX; i++)
        for (int64_t d = -1; d <= 1; d++) {
            int64_t t = (int64_t)be(times + 8 * i, 8);
            if (t > TIME_MIN && t < TIME_MAX &&
                cel_zone_offset(&in, SPAN_LIT("A/B"), t + d, &offset))
                walk(times, n, t + d, offset);
        }
}

static void name(struct span text, int64_t at)
{
    const struct cel_input none = {0};
    char again[16];
    int64_t offset, second;
    if (!cel_zone_offset(&none, text, at, &offset))
        return;
    int64_t size = offset < 0 ? -offset : offset;
    must(size < 86400 && size % 60 == 0);
    int n = snprintf(again, sizeof again, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(size / 3600),
                     (int)(size / 60 % 60));
    must(cel_zone_offset(&none, span(again, (size_t)n), at, &second) && second == offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t at;
    if (size < sizeof at)
        return 0;
    memcpy(&at, data, sizeof at);
    at %= TIME_MAX;
    struct span rest = span(data + sizeof at, size - sizeof at);
    name(rest, at);
    file(rest, at);
    return 0;
}
