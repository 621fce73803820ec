/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The binary form of a record. Encoded by the gate twice a request (frequent, so: one copy of a
 * fixed struct, then the texts), decoded by the ledger from memory that the gate may have filled
 * with anything. What never happens here: allocation, a failure because of a client's text.
 */
#include "audit_int.h"
#include "b64.h"
#include "hash.h"
#include "rd.h"

enum { FORMAT = 2, TEXTS = 8, MARK = 17 };
/* After the fixed part: n_masked pairs of entity number (ascending) and count, then the texts. */
struct wire_masked {
    uint8_t entity;
    uint32_t count;
} __attribute__((packed));

enum { KNOWS_TOKENS = 1, KNOWS_COST = 2 };

/* The fixed part as it lies in the ring, in native byte order: both ends are one machine. */
struct wire {
    uint64_t time_ns, mono_ns, input_tokens, output_tokens, cost_nanousd;
    uint32_t restored, latency_us;
    uint16_t status;
    uint8_t format, kind, known, n_masked;
    uint8_t lengths[TEXTS];
} __attribute__((packed));

static const struct {
    uint16_t at, max;
    uint8_t parts;
} texts[TEXTS] = {
#define TEXT(field, limit, parts)                                                                  \
    {                                                                                              \
        offsetof(struct audit_record, field), limit, parts                                         \
    }
    TEXT(request_id, AUDIT_REQUEST_ID_MAX, AUDIT_PART_REQUEST),
    TEXT(key, AUDIT_KEY_MAX, AUDIT_PART_REQUEST | AUDIT_PART_KEY),
    TEXT(key_id, AUDIT_KEY_ID_MAX, AUDIT_PART_REQUEST | AUDIT_PART_KEY),
    TEXT(surface, AUDIT_SURFACE_MAX, AUDIT_PART_REQUEST),
    TEXT(model, AUDIT_MODEL_MAX, AUDIT_PART_REQUEST),
    TEXT(provider, AUDIT_PROVIDER_MAX, AUDIT_PART_REQUEST),
    TEXT(object, AUDIT_OBJECT_MAX, AUDIT_PART_SECRET),
    TEXT(actor, AUDIT_ACTOR_MAX, AUDIT_PART_SECRET),
#undef TEXT
};

_Static_assert(sizeof(struct wire) + ENTITY_COUNT * sizeof(struct wire_masked) +
                       AUDIT_REQUEST_ID_MAX + AUDIT_KEY_MAX + AUDIT_KEY_ID_MAX + AUDIT_SURFACE_MAX +
                       AUDIT_MODEL_MAX + AUDIT_PROVIDER_MAX + AUDIT_OBJECT_MAX + AUDIT_ACTOR_MAX <=
                   AUDIT_RECORD_MAX,
               "a record at all its limits fits");

static const struct {
    const char *name;
    uint8_t parts;
} kinds[] = {
#define AUDIT_KIND(name, number, parts) [number] = {#name, parts},
#include "audit_kind.def"
#undef AUDIT_KIND
};

static bool kind_known(unsigned kind)
{
    return kind < sizeof kinds / sizeof *kinds && kinds[kind].name;
}

const char *audit_kind_name(enum audit_kind kind)
{
    return kind_known(kind) ? kinds[kind].name : "unknown";
}

unsigned audit_kind_parts(enum audit_kind kind)
{
    return kind_known(kind) ? kinds[kind].parts : 0;
}

static struct span *text_of(struct audit_record *r, size_t i)
{
    return (struct span *)((char *)r + texts[i].at);
}

/* Not 0 in the top bit of a byte that is 0; a false hit only above a true one. */
static uint64_t zero_bytes(uint64_t v)
{
    return (v - 0x0101010101010101U) & ~v & 0x8080808080808080U;
}

/* Printable ASCII without quote and backslash: such text is its own JSON spelling. */
static bool is_clean(struct span s)
{
    const uint64_t ones = 0x0101010101010101U;
    while (s.n >= 8) {
        uint64_t v;
        memcpy(&v, s.p, 8);
        if ((v & 0x80 * ones) | ((v - 0x20 * ones) & ~v & 0x80 * ones) |
            zero_bytes(v ^ '"' * ones) | zero_bytes(v ^ '\\' * ones) | zero_bytes(v ^ 0x7f * ones))
            return false;
        s = span_from(s, 8);
    }
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e || s.p[i] == '"' || s.p[i] == '\\')
            return false;
    return true;
}

/* The text, cleaned and marked as the header says. Rare: clients send clean, short names. */
static void put_marked(struct wr *w, struct span s, size_t max)
{
    uint8_t digest[HASH_BYTES];
    hash_sha256(s, digest);
    size_t keep = s.n < max - MARK ? s.n : max - MARK;
    for (size_t i = 0; i < keep; i++)
        wr_u8(w, is_clean(span(s.p + i, 1)) ? s.p[i] : '?');
    wr_u8(w, '~');
    hex_encode(w, span(digest, (MARK - 1) / 2));
}

static uint64_t at_most(uint64_t v, uint64_t max)
{
    return v < max ? v : max;
}

static uint8_t put_masked(struct wr *w, const uint32_t masked[ENTITY_COUNT])
{
    uint8_t n = 0;
    for (size_t i = 0; i < ENTITY_COUNT; i++) {
        struct wire_masked pair = {(uint8_t)i, masked[i]};
        if (masked[i]) {
            wr_put(w, span(&pair, sizeof pair));
            n++;
        }
    }
    return n;
}

struct err audit_record_encode(const struct audit_record *r, uint8_t out[AUDIT_RECORD_MAX],
                               size_t *n)
{
    if (!kind_known(r->kind))
        return err(ERR_INPUT);
    unsigned parts = kinds[r->kind].parts;
    struct wire fixed = {
        .time_ns = r->time_ns, .mono_ns = r->mono_ns, .format = FORMAT, .kind = (uint8_t)r->kind};
    if (parts & AUDIT_PART_RESULT) {
        fixed.restored = r->restored;
        fixed.latency_us = r->latency_us;
        fixed.status = r->status;
        fixed.known = (r->tokens_known ? KNOWS_TOKENS : 0) | (r->cost_known ? KNOWS_COST : 0);
        fixed.input_tokens = r->tokens_known ? at_most(r->input_tokens, AUDIT_AMOUNT_MAX) : 0;
        fixed.output_tokens = r->tokens_known ? at_most(r->output_tokens, AUDIT_AMOUNT_MAX) : 0;
        fixed.cost_nanousd = r->cost_known ? at_most(r->cost_nanousd, AUDIT_AMOUNT_MAX) : 0;
    }
    struct wr w = wr_of(out + sizeof fixed, AUDIT_RECORD_MAX - sizeof fixed);
    if (parts & AUDIT_PART_MASKED)
        fixed.n_masked = put_masked(&w, r->masked);
    for (size_t i = 0; i < TEXTS; i++) {
        if (!(texts[i].parts & parts))
            continue;
        struct span s = *(const struct span *)((const char *)r + texts[i].at);
        size_t before = w.n;
        if (s.n <= texts[i].max && is_clean(s))
            wr_put(&w, s);
        else
            put_marked(&w, s, texts[i].max);
        fixed.lengths[i] = (uint8_t)(w.n - before);
    }
    memcpy(out, &fixed, sizeof fixed);
    *n = sizeof fixed + w.n;
    return wr_done(&w);
}

/* What the fixed part says outside its kind's groups, or over the limits. */
static bool fixed_is_strict(const struct wire *f, unsigned parts)
{
    if (!(parts & AUDIT_PART_MASKED) && f->n_masked)
        return false;
    uint64_t tokens = f->input_tokens | f->output_tokens;
    if (!(parts & AUDIT_PART_RESULT) &&
        (f->restored | f->latency_us | f->status | f->known | tokens | f->cost_nanousd))
        return false;
    if ((f->known & ~(KNOWS_TOKENS | KNOWS_COST)) || (!(f->known & KNOWS_TOKENS) && tokens) ||
        (!(f->known & KNOWS_COST) && f->cost_nanousd))
        return false;
    return f->input_tokens <= AUDIT_AMOUNT_MAX && f->output_tokens <= AUDIT_AMOUNT_MAX &&
           f->cost_nanousd <= AUDIT_AMOUNT_MAX && f->status <= 999 &&
           f->mono_ns / 1000 <= AUDIT_AMOUNT_MAX;
}

static void take_fixed(struct audit_record *r, const struct wire *f)
{
    *r = (struct audit_record){
        .kind = f->kind,
        .time_ns = f->time_ns,
        .mono_ns = f->mono_ns,
        .restored = f->restored,
        .latency_us = f->latency_us,
        .status = f->status,
        .tokens_known = f->known & KNOWS_TOKENS,
        .cost_known = f->known & KNOWS_COST,
        .input_tokens = f->input_tokens,
        .output_tokens = f->output_tokens,
        .cost_nanousd = f->cost_nanousd,
    };
}

/* Ascending and never 0, so that one record has one spelling. */
static struct err take_masked(struct rd *c, unsigned n, uint32_t masked[ENTITY_COUNT])
{
    int last = -1;
    for (unsigned i = 0; i < n; i++) {
        struct wire_masked pair;
        struct span s;
        TRY(rd_take(c, sizeof pair, &s));
        memcpy(&pair, s.p, sizeof pair);
        if (pair.entity <= last || pair.entity >= ENTITY_COUNT || pair.count == 0)
            return err(ERR_INPUT);
        masked[pair.entity] = pair.count;
        last = pair.entity;
    }
    return OK;
}

struct err audit_record_decode(struct span in, struct audit_record *r)
{
    struct rd c = rd_of(in);
    struct span head;
    struct wire fixed;
    TRY(rd_take(&c, sizeof fixed, &head));
    memcpy(&fixed, head.p, sizeof fixed);
    if (fixed.format != FORMAT || !kind_known(fixed.kind))
        return err(ERR_INPUT);
    unsigned parts = kinds[fixed.kind].parts;
    if (!fixed_is_strict(&fixed, parts))
        return err(ERR_INPUT);
    take_fixed(r, &fixed);
    TRY(take_masked(&c, fixed.n_masked, r->masked));
    for (size_t i = 0; i < TEXTS; i++) {
        if (fixed.lengths[i] > texts[i].max || (fixed.lengths[i] && !(texts[i].parts & parts)))
            return err(ERR_INPUT);
        TRY(rd_take(&c, fixed.lengths[i], text_of(r, i)));
        if (!is_clean(*text_of(r, i)))
            return err(ERR_INPUT);
    }
    return rd_end(&c);
}
