/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON form of a record, RFC 8785: members in the order of their names, so the order of the
 * lines in audit_record_json is the rule. Every text is clean (its own JSON spelling) and every
 * number has at most 15 digits, so its shortest spelling is the one written here.
 */
#include "audit_int.h"
#include "audit_time.h"

#define SCHEMA "1"
enum { NANO = 9, MICRO_IN_MS = 3 };

static void put_lit(struct wr *w, const char *s)
{
    wr_str(w, s);
}

/* ,"name":"text" */
static void put_text(struct wr *w, const char *opening, struct span text)
{
    put_lit(w, opening);
    wr_put(w, text);
    wr_u8(w, '"');
}

static void put_number(struct wr *w, const char *opening, uint64_t v)
{
    put_lit(w, opening);
    wr_dec(w, v);
}

/* v / 10^places as ECMAScript spells that number: no trailing zeros, below 1e-6 with an exponent.
 */
static void put_scaled(struct wr *w, const char *opening, uint64_t v, unsigned places)
{
    put_lit(w, opening);
    while (places && v % 10 == 0) {
        v /= 10;
        places--;
    }
    uint8_t digits[20];
    struct wr d = wr_of(digits, sizeof digits);
    wr_dec(&d, v);
    if (places == 0) {
        wr_put(w, wr_span(&d));
    } else if (d.n > places) {
        wr_put(w, span(digits, d.n - places));
        wr_u8(w, '.');
        wr_put(w, span(digits + d.n - places, places));
    } else if (places - d.n < 6) {
        wr_put(w, span("0.00000", 2 + places - d.n));
        wr_put(w, wr_span(&d));
    } else {
        wr_u8(w, digits[0]);
        if (d.n > 1)
            wr_u8(w, '.');
        wr_put(w, span(digits + 1, d.n - 1));
        put_number(w, "e-", places - (unsigned)d.n + 1);
    }
}

/* Entity types in the order of their names. */
static const uint8_t *entities_by_name(void)
{
    static uint8_t order[ENTITY_COUNT];
    static bool sorted;
    for (size_t i = 0; !sorted && i < ENTITY_COUNT; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(entity_name(order[at - 1]), entity_name((enum entity)i)) > 0; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)i;
    }
    sorted = true;
    return order;
}

/* "entities":{"EMAIL_ADDRESS":1}, and the sum. */
static uint64_t put_entities(struct wr *w, const uint32_t masked[ENTITY_COUNT])
{
    uint64_t total = 0;
    const uint8_t *order = entities_by_name();
    for (size_t i = 0; i < ENTITY_COUNT; i++) {
        if (masked[order[i]] == 0)
            continue;
        put_lit(w, total ? ",\"" : ",\"entities\":{\"");
        put_lit(w, entity_name(order[i]));
        put_number(w, "\":", masked[order[i]]);
        total += masked[order[i]];
    }
    if (total)
        wr_u8(w, '}');
    return total;
}

/* Present when the text is: an absent model is left out. */
static void put_if(struct wr *w, const char *opening, struct span text)
{
    if (text.n)
        put_text(w, opening, text);
}

struct err audit_record_json(const struct audit_record *r, uint64_t seq, struct span boot,
                             struct wr *w)
{
    unsigned parts = audit_kind_parts(r->kind);
    bool result = parts & AUDIT_PART_RESULT;
    put_lit(w, "{");
    if (r->actor.n) {
        put_text(w, "\"actor\":\"", r->actor);
        put_lit(w, ",");
    }
    put_text(w, "\"boot\":\"", boot);
    if (result && r->cost_known)
        put_scaled(w, ",\"cost_usd\":", r->cost_nanousd, NANO);
    uint64_t masked = parts & AUDIT_PART_MASKED ? put_entities(w, r->masked) : 0;
    if (result && r->tokens_known)
        put_number(w, ",\"input_tokens\":", r->input_tokens);
    put_if(w, ",\"key\":\"", r->key);
    put_if(w, ",\"key_id\":\"", r->key_id);
    put_text(w, ",\"kind\":\"", span_str(audit_kind_name(r->kind)));
    if (result)
        put_scaled(w, ",\"latency_ms\":", r->latency_us, MICRO_IN_MS);
    if (parts & AUDIT_PART_MASKED)
        put_number(w, ",\"masked\":", masked);
    put_if(w, ",\"model\":\"", r->model);
    put_number(w, ",\"mono_us\":", r->mono_ns / 1000);
    put_if(w, ",\"object\":\"", r->object);
    if (result && r->tokens_known)
        put_number(w, ",\"output_tokens\":", r->output_tokens);
    put_if(w, ",\"provider\":\"", r->provider);
    put_if(w, ",\"request_id\":\"", r->request_id);
    if (result)
        put_number(w, ",\"restored\":", r->restored);
    put_number(w, ",\"seq\":", seq);
    if (result)
        put_number(w, ",\"status\":", r->status);
    put_if(w, ",\"surface\":\"", r->surface);
    put_lit(w, ",\"time\":\"");
    audit_time_put(w, r->time_ns);
    put_lit(w, "\",\"v\":" SCHEMA "}");
    return wr_done(w);
}
