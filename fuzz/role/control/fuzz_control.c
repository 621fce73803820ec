/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any line on the control socket: one refusal, one wait, or one status; what is sent to a sibling
 * is a message that control may send, which encodes and decodes to itself and carries this tag.
 * And what follows the line is what the siblings answer: the client gets one line of JSON.
 */
/* covers: src/role/control/ask.c src/role/control/answer.c */
/* planted: src/role/control/ask.c | return out->n <= max ? OK : err(ERR_LIMIT); | return OK; */
#include <stdlib.h>

#include "control_int.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned answers, sent;
static struct control control;
static struct client client;

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

/* One object, in one line. */
void client_answer(struct client *k)
{
    struct json j = json_of(buf_span(&k->out));
    struct json_token t;
    must(!failed(json_next(&j, &t)) && t.type == JSON_OBJECT);
    while (t.type != JSON_END)
        must(!failed(json_next(&j, &t)));
    must(memchr(k->out.p, '\n', k->out.n) == NULL);
    k->waiting = WAIT_NOTHING;
    answers++;
}

struct client *client_waiting(struct control *c, uint32_t tag, enum waiting what)
{
    must(c == &control);
    return client.waiting == what && client.tag == tag ? &client : NULL;
}

static char there[WIRE_ROLE_COUNT];

enum wire_role role_peer_role(const struct role_peer *p)
{
    return (enum wire_role)((const char *)p - there);
}

struct role_peer *role_peer(struct role *r, enum wire_role role, uint32_t index)
{
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

/* The rest of the input as answers, a byte for the kind and the role and one for the length before
 * each; some under a tag of nobody. */
static void answer(struct span in)
{
    while (in.n >= 2 && client.waiting != WAIT_NOTHING) {
        struct wire_msg m = {.type = WIRE_NO_MESSAGE};
        struct span body = span_cut(in, 2, in.p[1]);
        uint32_t tag = client.tag + (in.p[0] >= 0xf0);
        unsigned before = answers;
        switch (in.p[0] % 5) {
        case 0:
            m.type = WIRE_STATUS;
            m.status = (struct wire_body_status){.tag = tag, .status = in.p[0] >> 7, .body = body};
            break;
        case 1:
            m.type = WIRE_DONE;
            m.done = (struct wire_body_done){.tag = tag, .status = in.p[0] >> 7, .text = body};
            break;
        case 2:
            m.type = WIRE_KEY_LIST;
            m.key_list = (struct wire_body_key_list){
                .tag = tag, .status = in.p[0] >> 7, .next = body.n, .lines = body};
            break;
        case 3:
            m.type = WIRE_LEDGER_PAGE;
            m.ledger_page = (struct wire_body_ledger_page){
                .tag = tag, .status = in.p[0] >> 7, .next = body.n, .lines = body};
            break;
        default:
            m.type = WIRE_RELOAD_ASK;
            break;
        }
        struct role_peer *from = (struct role_peer *)(void *)&there[in.p[0] / 5 % WIRE_ROLE_COUNT];
        struct err e = answer_message(&control, from, &m);
        must(!failed(e) || err_cat(e) == ERR_INPUT);
        must(answers <= before + 1 && (answers == before || client.waiting == WAIT_NOTHING));
        in = span_from(in, 2 + body.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    size_t line = span_find(in, 0, '\n');
    if (line > LINE_MAX_BYTES)
        return 0;
    client = (struct client){.control = &control, .fd = -1, .out = buf_init(ANSWER_MAX)};
    for (size_t i = 0; i < 4; i++)
        client.status[i] = buf_init(ANSWER_MAX);
    answers = sent = 0;
    ask_line(&client, span_cut(in, 0, line));
    must(answers == 1 || sent > 0);
    must(client.waiting == WAIT_STATUS || answers + sent == 1);
    answer(span_from(in, line + 1));
    for (size_t i = 0; i < 4; i++)
        buf_free(&client.status[i]);
    buf_free(&client.out);
    return 0;
}
