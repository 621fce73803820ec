/* SPDX-License-Identifier: Apache-2.0 */
/* What both benchmarks of the books write: records as a gate makes them, no two alike. */
#ifndef SANCTUM_BENCH_AUDIT_RECORDS_H
#define SANCTUM_BENCH_AUDIT_RECORDS_H

#include "audit_log.h"
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>

static void must(struct err e, const char *what)
{
    if (!failed(e))
        return;
    fprintf(stderr, "%s: %s\n", what, err_word(e));
    exit(2);
}

static void add(struct audit_log *l, unsigned group)
{
    static uint64_t n;
    for (unsigned i = 0; i < group; i++) {
        char id[32];
        uint64_t seq;
        snprintf(id, sizeof id, "req_%016llx", (unsigned long long)(n++ * 0x9e3779b97f4a7c15U));
        struct audit_record r = {.kind = AUDIT_closed,
                                 .time_ns = clock_wall_ns(),
                                 .mono_ns = clock_mono_ns(),
                                 .request_id = span_str(id),
                                 .key = SPAN_LIT("agent1"),
                                 .key_id = SPAN_LIT("k7f3q2mx"),
                                 .surface = SPAN_LIT("/v1/chat/completions"),
                                 .model = SPAN_LIT("small"),
                                 .provider = SPAN_LIT("openrouter"),
                                 .status = 200,
                                 .latency_us = (uint32_t)n};
        must(audit_log_add(l, &r, &seq), "add");
    }
}

#endif
