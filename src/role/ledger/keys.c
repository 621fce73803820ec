/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access keys. A key is made by the command that asks: only its hash comes here. Adding: table,
 * file, record; it counts when the answer is sent. Revoking: the table first, so that it holds at
 * once whatever the disk does.
 */
#include "clock.h"
#include "json_put.h"
#include "keyfile.h"
#include "ledger_int.h"

enum { LINES_MAX = 32768, LINE_ROOM = 512 };

static bool copy_text(char *field, size_t size, struct span s)
{
    if (s.n == 0 || s.n >= size)
        return false;
    memcpy(field, s.p, s.n);
    return true;
}

static struct err entry_of(const struct wire_body_key_add *m, struct key_entry *e)
{
    *e = (struct key_entry){
        .state = KEY_ACTIVE, .created_s = clock_wall_ns() / 1000000000U, .expires_s = m->expires};
    if (!copy_text(e->id, sizeof e->id, m->id) || !copy_text(e->name, sizeof e->name, m->name))
        return err(ERR_INPUT);
    memcpy(e->hash, m->digest, sizeof e->hash);
    e->scopes = KEY_SCOPES_DEFAULT;
    if (m->scopes.n)
        TRY(key_scopes_read(m->scopes, &e->scopes));
    return key_entry_valid(e) ? OK : err(ERR_INPUT);
}

/* The entry of that id. */
static bool find(const struct ledger *l, struct span id, struct key_entry *e)
{
    for (uint32_t i = 0; i < l->keys.count; i++)
        if (key_table_at(&l->keys, i, e) && span_eq(span_str(e->id), id))
            return true;
    return false;
}

static struct err note(struct ledger *l, enum audit_kind kind, const struct key_entry *e)
{
    return ledger_note(l, &(struct audit_record){
                              .kind = kind, .key = span_str(e->name), .key_id = span_str(e->id)});
}

static struct err add(struct ledger *l, const struct key_entry *e)
{
    TRY(key_table_put(&l->keys, e));
    struct err bad = key_file_save(l->keys_file, &l->keys);
    if (!failed(bad))
        bad = note(l, AUDIT_key_created, e);
    if (failed(bad))
        TRY(key_table_revoke(&l->keys, span_str(e->id)));
    return bad;
}

void keys_add(struct ledger *l, struct role_peer *from, const struct wire_body_key_add *m)
{
    struct key_entry e, there;
    if (failed(entry_of(m, &e))) {
        ledger_done(from, m->tag, WIRE_INVALID, "not a key: id, name or scopes are wrong");
        return;
    }
    if (find(l, m->id, &there)) {
        ledger_done(from, m->tag, WIRE_INVALID, "there is a key of that id");
        return;
    }
    struct err bad = add(l, &e);
    if (failed(bad))
        log_line(LOG_LEVEL_ERROR, "a key could not be stored", LOG_ERR("error", bad));
    ledger_done(from, m->tag, failed(bad) ? WIRE_UNAVAILABLE : WIRE_OK,
                failed(bad) ? "the key could not be stored" : "");
}

void keys_revoke(struct ledger *l, struct role_peer *from, const struct wire_body_key_revoke *m)
{
    struct key_entry e;
    if (!find(l, m->id, &e)) {
        ledger_done(from, m->tag, WIRE_UNKNOWN, "no key has that id");
        return;
    }
    struct err bad = key_table_revoke(&l->keys, m->id);
    if (!failed(bad))
        bad = key_file_save(l->keys_file, &l->keys);
    if (!failed(bad))
        bad = note(l, AUDIT_key_revoked, &e);
    if (failed(bad))
        log_line(LOG_LEVEL_ERROR, "a revocation could not be stored", LOG_ERR("error", bad));
    ledger_done(from, m->tag, failed(bad) ? WIRE_UNAVAILABLE : WIRE_OK,
                failed(bad) ? "revoked, but not stored: it holds until the ledger starts again"
                            : "");
}

static struct err put_line(struct buf *out, const struct key_entry *e)
{
    char scopes[KEY_SCOPES_TEXT_MAX];
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_u64(&p, "created", e->created_s);
    json_put_u64(&p, "expires", e->expires_s);
    json_put_text(&p, "id", e->id);
    json_put_text(&p, "name", e->name);
    json_put_text(&p, "scopes", key_scopes_format(e->scopes, scopes));
    json_put_text(&p, "state", e->state == KEY_ACTIVE ? "active" : "revoked");
    json_put_end(&p);
    TRY(json_put_done(&p));
    return buf_put_u8(out, '\n');
}

void keys_list(struct ledger *l, struct role_peer *from, const struct wire_body_key_list_ask *m)
{
    BUF_AUTO lines = buf_init(LINES_MAX);
    struct err e = OK;
    uint32_t i = m->from;
    for (; i < l->keys.count && lines.n + LINE_ROOM < LINES_MAX && !failed(e); i++) {
        struct key_entry k;
        if (key_table_at(&l->keys, i, &k))
            e = put_line(&lines, &k);
    }
    struct wire_msg answer = {.type = WIRE_KEY_LIST,
                              .key_list = {.tag = m->tag,
                                           .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                                           .next = i < l->keys.count ? i : 0,
                                           .lines = buf_span(&lines)}};
    ledger_send(from, &answer);
}
