/* SPDX-License-Identifier: Apache-2.0 */
/* A client's line to messages. Every member is checked here; the receiver checks again. */
#include "b64.h"
#include "control_int.h"
#include "json.h"

#define NUMBER_MAX UINT64_C(9007199254740991)

struct question {
    struct client *client;
    struct span line;
    struct wire_msg msg;
    struct buf text; /* unescaped members */
};

/* A member that is text, at most `max` bytes; missing is empty. */
static struct err get_text(struct question *q, const char *name, size_t max, struct span *out)
{
    struct span raw;
    TRY(json_find(q->line, &raw, name, NULL));
    *out = SPAN_NONE;
    if (raw.n == 0)
        return OK;
    size_t from = q->text.n;
    TRY(json_get_string(raw, &q->text));
    *out = span(q->text.p + from, q->text.n - from);
    return out->n <= max ? OK : err(ERR_LIMIT);
}

/* A member that is a number; missing is 0. */
static struct err get_number(struct question *q, const char *name, uint64_t max, uint64_t *out)
{
    struct span raw;
    TRY(json_find(q->line, &raw, name, NULL));
    *out = 0;
    return raw.n ? json_get_u64(raw, max, out) : OK;
}

/* --- operations ---------------------------------------------------------------------------- */

static struct err fill_key_add(struct question *q)
{
    struct wire_body_key_add *m = &q->msg.key_add;
    struct span digest;
    q->msg.type = WIRE_KEY_ADD;
    TRY(get_text(q, "id", 32, &m->id));
    TRY(get_text(q, "name", 128, &m->name));
    TRY(get_text(q, "scopes", 512, &m->scopes));
    TRY(get_text(q, "digest", 2 * sizeof m->digest, &digest));
    TRY(get_number(q, "expires", NUMBER_MAX, &m->expires));
    struct wr w = wr_of(m->digest, sizeof m->digest);
    TRY(hex_decode(&w, digest));
    return w.n == sizeof m->digest ? OK : err(ERR_INPUT);
}

static struct err fill_key_revoke(struct question *q)
{
    q->msg.type = WIRE_KEY_REVOKE;
    return get_text(q, "id", 32, &q->msg.key_revoke.id);
}

static struct err fill_key_list(struct question *q)
{
    uint64_t from;
    q->msg.type = WIRE_KEY_LIST_ASK;
    TRY(get_number(q, "from", UINT32_MAX, &from));
    q->msg.key_list_ask.from = (uint32_t)from;
    return OK;
}

static struct err fill_secret_note(struct question *q)
{
    static const char *const deeds[WIRE_DEED_COUNT] = {"read", "set", "removed"};
    struct wire_body_secret_note *m = &q->msg.secret_note;
    struct span deed;
    q->msg.type = WIRE_SECRET_NOTE;
    TRY(get_text(q, "object", 1024, &m->object));
    TRY(get_text(q, "deed", 16, &deed));
    for (m->deed = 0; m->deed < WIRE_DEED_COUNT; m->deed++)
        if (span_is(deed, deeds[m->deed]))
            return m->object.n ? OK : err(ERR_INPUT);
    return err(ERR_INPUT);
}

static struct err fill_ledger_page(struct question *q)
{
    uint64_t count;
    q->msg.type = WIRE_LEDGER_PAGE_ASK;
    TRY(get_number(q, "from", NUMBER_MAX, &q->msg.ledger_page_ask.from));
    TRY(get_number(q, "count", UINT32_MAX, &count));
    q->msg.ledger_page_ask.count = (uint32_t)count;
    return OK;
}

static struct err fill_reload(struct question *q)
{
    q->msg.type = WIRE_RELOAD_ASK;
    return OK;
}

static struct err fill_stop(struct question *q)
{
    q->msg.type = WIRE_STOP_ASK;
    return OK;
}

static const struct operation {
    const char *name;
    enum wire_role to;
    enum waiting waiting;
    struct err (*fill)(struct question *q);
} operations[] = {
    {"key_add", WIRE_LEDGER, WAIT_DONE, fill_key_add},
    {"key_revoke", WIRE_LEDGER, WAIT_DONE, fill_key_revoke},
    {"key_list", WIRE_LEDGER, WAIT_KEYS, fill_key_list},
    {"secret_note", WIRE_LEDGER, WAIT_DONE, fill_secret_note},
    {"ledger_page", WIRE_LEDGER, WAIT_RECORDS, fill_ledger_page},
    {"reload", WIRE_PARENT, WAIT_DONE, fill_reload},
    {"stop", WIRE_PARENT, WAIT_DONE, fill_stop},
};

/* Every message names the asking in its first member, the tag. */
static void set_tag(struct wire_msg *m, uint32_t tag)
{
    switch (m->type) {
#define TAGGED(TYPE, name)                                                                         \
    case TYPE:                                                                                     \
        m->name.tag = tag;                                                                         \
        break
        TAGGED(WIRE_KEY_ADD, key_add);
        TAGGED(WIRE_KEY_REVOKE, key_revoke);
        TAGGED(WIRE_KEY_LIST_ASK, key_list_ask);
        TAGGED(WIRE_SECRET_NOTE, secret_note);
        TAGGED(WIRE_LEDGER_PAGE_ASK, ledger_page_ask);
        TAGGED(WIRE_RELOAD_ASK, reload_ask);
        TAGGED(WIRE_STOP_ASK, stop_ask);
#undef TAGGED
    default:
        break;
    }
}

static void wait_for(struct client *k, enum waiting what)
{
    k->waiting = what;
    k->tag = ++k->control->last_tag;
}

/* Ask one process; false: it is not there. */
static bool ask_status_of(struct client *k, enum wire_role role, uint32_t index)
{
    struct role_peer *p = role_peer(k->control->role, role, index);
    struct wire_msg m = {.type = WIRE_STATUS_ASK, .status_ask = {.tag = k->tag}};
    return p && !failed(role_send(p, &m));
}

static void ask_status(struct client *k)
{
    static const enum wire_role single[] = {WIRE_PARENT, WIRE_LEDGER, WIRE_VAULT};
    wait_for(k, WAIT_STATUS);
    k->missing = 0;
    for (size_t i = 0; i < 4; i++)
        buf_clear(&k->status[i]);
    for (size_t i = 0; i < 3; i++)
        k->missing += ask_status_of(k, single[i], 0);
    for (uint32_t i = 0; i < GATES_ASKED; i++)
        k->missing += ask_status_of(k, WIRE_GATE, i);
    if (k->missing == 0)
        answer_status(k);
}

static void ask_one(struct client *k, const struct operation *o, struct question *q)
{
    struct role_peer *p = role_peer(k->control->role, o->to, 0);
    wait_for(k, o->waiting);
    set_tag(&q->msg, k->tag);
    if (!p || failed(role_send(p, &q->msg)))
        client_refuse(k, SPAN_LIT("the process that answers this is not there: try again"));
}

static void ask_named(struct client *k, struct span op, struct question *q)
{
    if (span_is(op, "status")) {
        ask_status(k);
        return;
    }
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        const struct operation *o = &operations[i];
        if (!span_is(op, o->name))
            continue;
        if (failed(o->fill(q)))
            client_refuse(k, SPAN_LIT("a member is missing, or not what it should be"));
        else
            ask_one(k, o, q);
        return;
    }
    client_refuse(k, SPAN_LIT("no such operation"));
}

void ask_line(struct client *k, struct span line)
{
    struct question q = {.client = k, .line = line, .text = buf_init(2 * LINE_MAX_BYTES)};
    struct span op;
    /* Reserved once: members point into it. */
    if (failed(buf_reserve(&q.text, 2 * LINE_MAX_BYTES)))
        client_refuse(k, SPAN_LIT("out of memory"));
    else if (failed(get_text(&q, "op", 32, &op)))
        client_refuse(k, SPAN_LIT("not a JSON object with an operation"));
    else
        ask_named(k, op, &q);
    buf_free(&q.text);
}
