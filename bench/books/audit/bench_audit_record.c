/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds per record: what the gate pays to encode, the ledger to decode and to write JSON.
 * Every record differs. */
#include "audit_record.h"
#include "clock.h"

#include <stdio.h>

enum { ROUNDS = 1000000 };

static struct audit_record sample(unsigned i, char id[20])
{
    snprintf(id, 20, "req_%013u", i);
    struct audit_record r = {.kind = i & 1 ? AUDIT_closed : AUDIT_opened,
                             .time_ns = 1763719442000000000U + i,
                             .mono_ns = i * 1000U,
                             .request_id = span(id, 17),
                             .key = SPAN_LIT("agent1"),
                             .key_id = SPAN_LIT("k7f3q2mx"),
                             .surface = SPAN_LIT("/v1/chat/completions"),
                             .model = SPAN_LIT("gpt-4o-mini"),
                             .provider = SPAN_LIT("openrouter"),
                             .restored = i % 5,
                             .tokens_known = true,
                             .cost_known = true,
                             .input_tokens = i % 4096,
                             .output_tokens = i % 512,
                             .cost_nanousd = i * 37,
                             .latency_us = i % 100000,
                             .status = 200};
    r.masked[ENTITY_PERSON] = 1 + i % 3;
    r.masked[ENTITY_EMAIL_ADDRESS] = 1;
    return r;
}

int main(void)
{
    static uint8_t wire[256][AUDIT_RECORD_MAX];
    static struct audit_record in[256];
    static char ids[256][20], json[AUDIT_JSON_MAX];
    size_t n[256], bytes = 0;
    for (unsigned i = 0; i < 256; i++)
        in[i] = sample(i, ids[i]);
    uint64_t t0 = clock_mono_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        in[i % 256].time_ns += i;
        if (failed(audit_record_encode(&in[i % 256], wire[i % 256], &n[i % 256])))
            return 1;
    }
    uint64_t t1 = clock_mono_ns();
    struct audit_record out;
    for (unsigned i = 0; i < ROUNDS; i++)
        if (failed(audit_record_decode(span(wire[i % 256], n[i % 256]), &out)))
            return 1;
    uint64_t t2 = clock_mono_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct wr w = wr_of(json, sizeof json);
        if (failed(audit_record_json(&in[i % 256], i, SPAN_LIT("0123456789abcdef"), &w)))
            return 1;
        bytes += w.n;
    }
    uint64_t t3 = clock_mono_ns();
    printf("encode %.0f ns, decode %.0f ns, JSON %.0f ns a record (%zu bytes in the ring, %zu as "
           "JSON)\n",
           (double)(t1 - t0) / ROUNDS, (double)(t2 - t1) / ROUNDS, (double)(t3 - t2) / ROUNDS, n[1],
           bytes / ROUNDS);
    return 0;
}
