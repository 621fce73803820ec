/* SPDX-License-Identifier: Apache-2.0 */
/* The message table: every message comes back as it went, nothing else is accepted, and who may
 * talk to whom is what the architecture page draws. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "ipc.h"
#include "wire.h"

static uint8_t text[WIRE_MAX], bytes[WIRE_MAX + 16], again[WIRE_MAX];

/* Fill every field of `m` as its list says: numbers with a pattern, texts to `fill` bytes or their
 * maximum. */
#define U8(name, max)      b->name = 0xA5;
#define U16(name, max)     b->name = 0xA55A;
#define U32(name, max)     b->name = 0xDEADBEEF;
#define U64(name, max)     b->name = 0x0123456789ABCDEF;
#define STR(name, max)     b->name = span(text, fill < max ? fill : max);
#define BYTES(name, max)   b->name = span(text, fill < max ? fill : max);
#define FIX(name, max)     memset(b->name, 0x77, max);
#define F(kind, name, max) kind(name, max)
#define MESSAGE(NAME, name, from, to, states, fds, flags, list)                                    \
    static void fill_##name(struct wire_body_##name *b, size_t fill)                               \
    {                                                                                              \
        (void)fill;                                                                                \
        list                                                                                       \
    }
#include "wire.def"
#undef MESSAGE
#undef F

static void fill(struct wire_msg *m, enum wire_type t, size_t n)
{
    memset(m, 0, sizeof *m);
    m->type = t;
    switch (t) {
#define MESSAGE(NAME, name, from, to, states, fds, flags, list)                                    \
    case WIRE_##NAME:                                                                              \
        fill_##name(&m->name, n);                                                                  \
        break;
#include "wire.def"
#undef MESSAGE
    default:
        fail();
    }
}

static void round_trip(void **state)
{
    (void)state;
    memset(text, 'a', sizeof text);
    static const size_t sizes[] = {0, 1, 20, WIRE_MAX};
    for (unsigned t = 1; t < WIRE_TYPE_COUNT; t++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct wire_msg m, back;
            fill(&m, (enum wire_type)t, sizes[i]);
            struct wr w = wr_of(bytes, sizeof bytes), v = wr_of(again, sizeof again);
            assert_ok(wire_encode(&m, &w));
            assert_true(w.n <= wire_max_size(m.type));
            if (sizes[i] == WIRE_MAX)
                assert_int_equal(w.n, wire_max_size(m.type)); /* the bound is exact */
            assert_ok(wire_decode(wr_span(&w), &back));
            assert_int_equal(back.type, m.type);
            assert_ok(wire_encode(&back, &v));
            assert_span(wr_span(&w), wr_span(&v));
        }
}

static void sizes(void **state)
{
    (void)state;
    for (unsigned t = 1; t < WIRE_TYPE_COUNT; t++)
        assert_true(wire_max_size((enum wire_type)t) <= IPC_MSG_MAX);
    assert_int_equal(wire_max_size(WIRE_NO_MESSAGE), 0);
    assert_int_equal(wire_max_size(WIRE_TYPE_COUNT), 0);
}

/* Every prefix, every tail and every type that is none is refused. */
static void strict(void **state)
{
    (void)state;
    memset(text, 'a', sizeof text);
    struct wire_msg m, back;
    for (unsigned t = 1; t < WIRE_TYPE_COUNT; t++) {
        fill(&m, (enum wire_type)t, 5);
        struct wr w = wr_of(bytes, sizeof bytes);
        assert_ok(wire_encode(&m, &w));
        for (size_t n = 0; n < w.n; n++)
            assert_fails(ERR_INPUT, wire_decode(span(bytes, n), &back));
        bytes[w.n] = 0;
        assert_fails(ERR_INPUT, wire_decode(span(bytes, w.n + 1), &back));
    }
    static const uint16_t none[] = {0, WIRE_TYPE_COUNT, 0xffff};
    for (size_t i = 0; i < 3; i++) {
        memcpy(bytes, &none[i], 2);
        assert_fails(ERR_INPUT, wire_decode(span(bytes, 2), &back));
        m.type = (enum wire_type)none[i];
        struct wr w = wr_of(bytes, sizeof bytes);
        assert_fails(ERR_BUG, wire_encode(&m, &w));
    }
}

static void texts(void **state)
{
    (void)state;
    struct wire_msg m = {.type = WIRE_RESOLVE_ASK}, back;
    struct wr w = wr_of(bytes, sizeof bytes);
    m.resolve_ask.host = SPAN_LIT("a\nb");
    assert_fails(ERR_INPUT, wire_encode(&m, &w));
    m.resolve_ask.host = span(text, 254); /* one above the maximum */
    assert_fails(ERR_LIMIT, wire_encode(&m, &w));
    w = wr_of(bytes, sizeof bytes);
    m.resolve_ask.host = SPAN_LIT("abc");
    assert_ok(wire_encode(&m, &w));
    assert_ok(wire_decode(wr_span(&w), &back));
    static const uint8_t wrong[] = {0, '\n', 0x7f, 0xff, 0xc0};
    for (size_t i = 0; i < sizeof wrong; i++) {
        bytes[w.n - 1] = wrong[i];
        assert_fails(ERR_INPUT, wire_decode(wr_span(&w), &back));
    }
}

/* The pairs that may talk, as in docs/ARCHITECTURE.md: parent with each, and these. */
static void pairs(void **state)
{
    (void)state;
    static const enum wire_role may[][2] = {{WIRE_GATE, WIRE_VAULT},     {WIRE_GATE, WIRE_RESOLVE},
                                            {WIRE_CONTROL, WIRE_LEDGER}, {WIRE_VAULT, WIRE_LEDGER},
                                            {WIRE_CONTROL, WIRE_VAULT},  {WIRE_CONTROL, WIRE_GATE}};
    for (unsigned a = 0; a < WIRE_ROLE_COUNT; a++)
        for (unsigned b = 0; b < WIRE_ROLE_COUNT; b++) {
            bool expected = (a == WIRE_PARENT) != (b == WIRE_PARENT);
            for (size_t i = 0; i < sizeof may / sizeof may[0]; i++)
                expected |=
                    (may[i][0] == a && may[i][1] == b) || (may[i][1] == a && may[i][0] == b);
            if (wire_may_talk((enum wire_role)a, (enum wire_role)b) != expected)
                fail_msg("%s and %s", wire_role_name((enum wire_role)a),
                         wire_role_name((enum wire_role)b));
        }
}

static void permissions(void **state)
{
    (void)state;
    assert_ok(wire_accept(WIRE_MASK_KEY_ASK, WIRE_GATE, WIRE_VAULT, WIRE_SERVING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_MASK_KEY_ASK, WIRE_CONTROL, WIRE_VAULT, WIRE_SERVING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_MASK_KEY_ASK, WIRE_GATE, WIRE_RESOLVE, WIRE_SERVING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_MASK_KEY_ASK, WIRE_GATE, WIRE_VAULT, WIRE_STARTING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_MASK_KEY_ASK, WIRE_GATE, WIRE_VAULT, WIRE_SERVING, 1));
    assert_fails(ERR_DENIED, wire_accept(WIRE_HANDOVER, WIRE_PARENT, WIRE_GATE, WIRE_SERVING, 3));
    assert_ok(wire_accept(WIRE_HANDOVER, WIRE_PARENT, WIRE_GATE, WIRE_STARTING, 3));
    assert_fails(ERR_DENIED, wire_accept(WIRE_HANDOVER, WIRE_GATE, WIRE_VAULT, WIRE_STARTING, 3));
    assert_fails(ERR_DENIED, wire_accept(WIRE_NO_MESSAGE, WIRE_PARENT, WIRE_GATE, WIRE_SERVING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_DRAIN, (enum wire_role)99, WIRE_GATE, WIRE_SERVING, 0));
    assert_fails(ERR_DENIED,
                 wire_accept(WIRE_DRAIN, WIRE_PARENT, WIRE_GATE, (enum wire_state)9, 0));
    assert_true(wire_is_secret(WIRE_PROVIDER_KEY));
    assert_true(wire_is_secret(WIRE_MASK_KEY));
    assert_false(wire_is_secret(WIRE_RESOLVED));
}

static void grants(void **state)
{
    (void)state;
    struct wire_grant g = {.kind = WIRE_GRANT_RING_IN, .role = WIRE_GATE, .index = 77, .name = "x"};
    struct wire_grant h = {.kind = WIRE_GRANT_BLOB, .name = "settings"}, back;
    struct wr w = wr_of(bytes, sizeof bytes);
    wire_grant_encode(&g, &w);
    size_t first = w.n;
    wire_grant_encode(&h, &w);
    struct span rest = wr_span(&w);
    assert_ok(wire_grant_decode(&rest, &back));
    assert_int_equal(back.kind, WIRE_GRANT_RING_IN);
    assert_int_equal(back.index, 77);
    assert_int_equal(back.fd_count, 4);
    assert_int_equal(back.fds[3], -1);
    assert_ok(wire_grant_decode(&rest, &back));
    assert_string_equal(back.name, "settings");
    assert_int_equal(back.fd_count, 1);
    assert_fails(ERR_INPUT, wire_grant_decode(&rest, &back));
    for (size_t n = 0; n < first; n++) {
        rest = span(bytes, n);
        assert_fails(ERR_INPUT, wire_grant_decode(&rest, &back));
    }
    static const size_t places[] = {0, 1, 6};
    for (size_t i = 0; i < 3; i++) { /* kind, role, length of the name */
        uint8_t keep = bytes[places[i]];
        bytes[places[i]] = 200;
        rest = span(bytes, w.n);
        assert_fails(ERR_INPUT, wire_grant_decode(&rest, &back));
        bytes[places[i]] = keep;
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(wire_role_name(WIRE_RESOLVE), "resolve");
    assert_string_equal(wire_role_name((enum wire_role)50), "?");
    assert_string_equal(wire_type_name(WIRE_DRAIN), "DRAIN");
    assert_string_equal(wire_type_name((enum wire_type)5000), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(sizes), cmocka_unit_test(strict),
        cmocka_unit_test(texts),      cmocka_unit_test(pairs), cmocka_unit_test(permissions),
        cmocka_unit_test(grants),     cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
