/* SPDX-License-Identifier: Apache-2.0 */
/* What roles answer, as one line for the client. A body is passed on only if it is JSON: a sibling
 * is not trusted to keep the lines whole. */
#include "control_int.h"
#include "json.h"
#include "json_put.h"

/* One JSON value without a newline? */
static bool is_json(struct span s)
{
    struct json j = json_of(s);
    struct json_token t = {.type = JSON_NULL};
    while (t.type != JSON_END)
        if (failed(json_next(&j, &t)))
            return false;
    return span_find(s, 0, '\n') == s.n;
}

/* Lines of JSON as the elements of an array. */
static void put_lines(struct json_put *p, const char *name, struct span lines)
{
    json_put_array(p, name);
    for (size_t at = 0; at < lines.n;) {
        size_t end = span_find(lines, at, '\n');
        struct span line = span_cut(lines, at, end - at);
        if (is_json(line))
            json_put_raw(p, NULL, line);
        at = end + 1;
    }
    json_put_end(p);
}

static void finish(struct client *k, struct json_put *p)
{
    json_put_bool(p, "ok", true);
    json_put_end(p);
    if (failed(json_put_done(p)))
        client_refuse(k, SPAN_LIT("the answer is too large"));
    else
        client_answer(k);
}

static void put_object_or_null(struct json_put *p, const char *name, const struct buf *body)
{
    if (body->n)
        json_put_raw(p, name, buf_span(body));
    else
        json_put_null(p, name);
}

void answer_status(struct client *k)
{
    struct json_put p = json_put_to(&k->out);
    json_put_object(&p, NULL);
    BUF_AUTO gates = buf_init(ANSWER_MAX);
    struct err e = buf_put_u8(&gates, '[');
    if (!failed(e))
        e = buf_put(&gates, buf_span(&k->status[3]));
    if (!failed(e))
        e = buf_put_u8(&gates, ']');
    if (failed(e))
        buf_clear(&gates);
    put_object_or_null(&p, "gates", &gates);
    put_object_or_null(&p, "ledger", &k->status[1]);
    json_put_u64(&p, "not_answering", k->missing);
    put_object_or_null(&p, "parent", &k->status[0]);
    put_object_or_null(&p, "vault", &k->status[2]);
    finish(k, &p);
}

static struct err add_status(struct client *k, enum wire_role role, struct span body)
{
    if (!is_json(body))
        return err(ERR_INPUT);
    struct buf *b = &k->status[role == WIRE_PARENT   ? 0
                               : role == WIRE_LEDGER ? 1
                               : role == WIRE_VAULT  ? 2
                                                     : 3];
    if (b->n && role != WIRE_GATE)
        return err(ERR_INPUT); /* it has answered before */
    if (b->n)
        TRY(buf_put_u8(b, ','));
    return buf_put(b, body);
}

static struct err on_status(struct control *c, struct role_peer *from,
                            const struct wire_body_status *m)
{
    struct client *k = client_waiting(c, m->tag, WAIT_STATUS);
    if (!k || k->missing == 0)
        return OK;
    if (m->status == WIRE_OK)
        TRY(add_status(k, role_peer_role(from), m->body));
    if (--k->missing == 0)
        answer_status(k);
    return OK;
}

static void on_done(struct control *c, const struct wire_body_done *m)
{
    struct client *k = client_waiting(c, m->tag, WAIT_DONE);
    if (!k)
        return;
    if (m->status != WIRE_OK) {
        client_refuse(k, m->text.n ? m->text : SPAN_LIT("refused"));
        return;
    }
    struct json_put p = json_put_to(&k->out);
    json_put_object(&p, NULL);
    finish(k, &p);
}

static void on_page(struct client *k, enum wire_status status, const char *name, struct span lines,
                    uint64_t next)
{
    if (!k)
        return;
    if (status != WIRE_OK) {
        client_refuse(k, SPAN_LIT("the ledger could not read it"));
        return;
    }
    struct json_put p = json_put_to(&k->out);
    json_put_object(&p, NULL);
    put_lines(&p, name, lines);
    json_put_u64(&p, "next", next);
    finish(k, &p);
}

struct err answer_message(struct control *c, struct role_peer *from, const struct wire_msg *m)
{
    switch (m->type) {
    case WIRE_STATUS:
        return on_status(c, from, &m->status);
    case WIRE_DONE:
        on_done(c, &m->done);
        return OK;
    case WIRE_KEY_LIST:
        on_page(client_waiting(c, m->key_list.tag, WAIT_KEYS), m->key_list.status, "keys",
                m->key_list.lines, m->key_list.next);
        return OK;
    case WIRE_LEDGER_PAGE:
        on_page(client_waiting(c, m->ledger_page.tag, WAIT_RECORDS), m->ledger_page.status,
                "records", m->ledger_page.lines, m->ledger_page.next);
        return OK;
    default:
        return err(ERR_INPUT);
    }
}
