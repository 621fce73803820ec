/* SPDX-License-Identifier: Apache-2.0 */
/* A zone file from outside: the first eight bytes are the instant, the rest the TZif bytes. */
#include "cel_int.h"

/* covers: src/cel/zone.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool zone(void *arg, struct span name, struct span *tzif)
{
    (void)name;
    *tzif = *(struct span *)arg;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t at, offset;
    if (size < sizeof at)
        return 0;
    memcpy(&at, data, sizeof at);
    at %= INT64_C(253402300800); /* timestamps reach no further */
    struct span file = span(data + sizeof at, size - sizeof at);
    struct cel_input in = {.zone = zone, .zone_arg = &file};
    (void)cel_zone_offset(&in, SPAN_LIT("A/B"), at, &offset);
    return 0;
}
