/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a message from a sibling: decoded or refused. What is decoded encodes to the same
 * bytes again (one spelling per message), and the list of grants in it is walked to its end.
 */
/* covers: src/role/wire/wire.c */
/* planted: src/role/wire/wire.c | if (s.n > f->max || (f->kind == STR && !utf8_is_line(s))) | if
 * (f->kind == STR && !utf8_is_line(s)) */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk_grants(struct span rest)
{
    struct wire_grant g;
    while (rest.n && !failed(wire_grant_decode(&rest, &g))) {
        if (strlen(g.name) >= WIRE_GRANT_NAME || g.fd_count > WIRE_GRANT_FDS)
            abort();
        uint8_t bytes[WIRE_GRANT_NAME + 8];
        struct wr w = wr_of(bytes, sizeof bytes);
        struct wire_grant again;
        wire_grant_encode(&g, &w);
        struct span written = wr_span(&w);
        if (failed(wr_done(&w)) || failed(wire_grant_decode(&written, &again)) || written.n ||
            again.kind != g.kind || again.role != g.role || again.index != g.index ||
            strcmp(again.name, g.name) != 0)
            abort();
    }
}

/* Any bytes as a text of a message: what is encoded is decoded. */
static void put_text(struct span text)
{
    static uint8_t out[WIRE_MAX];
    struct wire_msg back, m = {.type = WIRE_KEY_REVOKE, .key_revoke = {.id = text}};
    struct wr w = wr_of(out, sizeof out), none = wr_of(out, 1);
    if (failed(wire_encode(&m, &w)))
        return;
    if (failed(wire_decode(wr_span(&w), &back)) || !span_eq(back.key_revoke.id, text) ||
        !failed(wire_encode(&m, &none)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[WIRE_MAX];
    struct wire_msg m;
    walk_grants(span(data, size));
    put_text(span(data, size));
    if (failed(wire_decode(span(data, size), &m)))
        return 0;
    if (m.type == WIRE_HANDOVER)
        walk_grants(m.handover.grants);
    struct wr w = wr_of(out, sizeof out);
    if (failed(wire_encode(&m, &w)) || !span_eq(wr_span(&w), span(data, size)))
        abort();
    if (size > wire_max_size(m.type) || wire_type_name(m.type)[0] == '?' ||
        (wire_is_secret(m.type) && m.type == WIRE_HANDOVER))
        abort();
    for (unsigned from = 0; from < WIRE_ROLE_COUNT; from++)
        for (unsigned to = 0; to < WIRE_ROLE_COUNT; to++) {
            struct err e =
                wire_accept(m.type, (enum wire_role)from, (enum wire_role)to, WIRE_SERVING, 0);
            if (!failed(e) && !wire_may_talk((enum wire_role)from, (enum wire_role)to))
                abort();
            if (wire_role_name((enum wire_role)from)[0] == '?')
                abort();
        }
    return 0;
}
