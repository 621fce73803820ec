/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any line on the control socket: one refusal, one wait, or one status; what is sent to a sibling
 * is a message that control may send, which encodes and decodes to itself and carries this tag.
 */
/* covers: src/role/control/ask.c */
/* planted: src/role/control/ask.c | return out->n <= max ? OK : err(ERR_LIMIT); | return OK; */
#include <stdlib.h>

#include "control_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned answers, sent;
static struct control control;

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* What the line is answered by, and the siblings. */
void client_refuse(struct client *k, struct span why)
{
    must(why.n > 0);
    k->waiting = WAIT_NOTHING;
    answers++;
}

void answer_status(struct client *k)
{
    must(k->waiting == WAIT_STATUS);
    answers++;
}

struct role_peer *role_peer(struct role *r, enum wire_role role, uint32_t index)
{
    static char there[WIRE_ROLE_COUNT];
    (void)r;
    return index == 0 ? (struct role_peer *)(void *)&there[role] : NULL;
}

struct err role_send(struct role_peer *p, const struct wire_msg *m)
{
    static uint8_t bytes[WIRE_MAX], again[WIRE_MAX];
    struct wire_msg back;
    struct wr w = wr_of(bytes, sizeof bytes), v = wr_of(again, sizeof again);
    (void)p;
    must(wire_may_talk(WIRE_CONTROL, WIRE_PARENT));
    struct err e = wire_encode(m, &w);
    if (failed(e)) { /* text that no name may hold: control refuses, nothing else */
        must(err_cat(e) == ERR_INPUT);
        return e;
    }
    must(!failed(wire_decode(wr_span(&w), &back)) && back.type == m->type);
    must(!failed(wire_encode(&back, &v)) && span_eq(wr_span(&w), wr_span(&v)));
    sent++;
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct client k;
    if (size > LINE_MAX_BYTES)
        return 0;
    k = (struct client){.control = &control, .fd = -1};
    answers = sent = 0;
    ask_line(&k, span(data, size));
    must(answers == 1 || sent > 0);
    must(k.waiting == WAIT_STATUS || answers + sent == 1);
    for (size_t i = 0; i < 4; i++)
        buf_free(&k.status[i]);
    return 0;
}
