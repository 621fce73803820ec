/* SPDX-License-Identifier: Apache-2.0 */
/* Records for those who ask, a page at a time, and what the ledger says of itself. */
#include "json_put.h"
#include "ledger_int.h"

enum { PAGE_MAX = 61440, PAGE_RECORDS = 500, STATUS_MAX = 2048 };

/* Up to `count` records from `from` on; *next is where to go on, 0: the end was reached. */
static struct err read_page(struct audit_reader *r, uint64_t from, uint32_t count,
                            struct buf *lines, uint64_t *next)
{
    struct audit_entry e;
    TRY(audit_reader_seek(r, from));
    for (*next = from; count > 0; count--) {
        struct err end = audit_reader_next(r, &e);
        if (err_cat(end) == ERR_AGAIN) {
            *next = 0;
            return OK;
        }
        TRY(end);
        if (lines->n + e.json.n + 1 > PAGE_MAX)
            break;
        TRY(buf_put(lines, e.json));
        TRY(buf_put_u8(lines, '\n'));
        *next = e.seq + 1;
    }
    return OK;
}

void pages_read(struct ledger *l, struct role_peer *from, const struct wire_body_ledger_page_ask *m)
{
    BUF_AUTO lines = buf_init(PAGE_MAX);
    uint64_t next = 0;
    uint32_t count = m->count < PAGE_RECORDS ? m->count : PAGE_RECORDS;
    struct err e = read_page(l->reader, m->from, count, &lines, &next);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "records cannot be read", LOG_ERR("error", e));
    struct wire_msg answer = {.type = WIRE_LEDGER_PAGE,
                              .ledger_page = {.tag = m->tag,
                                              .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                                              .next = next,
                                              .lines = buf_span(&lines)}};
    ledger_send(from, &answer);
}

static struct err put_status(struct ledger *l, struct buf *out)
{
    uint64_t active = 0, rings = 0;
    struct key_entry k;
    for (uint32_t i = 0; i < l->keys.count; i++)
        active += key_table_at(&l->keys, i, &k) && k.state == KEY_ACTIVE;
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++)
        rings += l->rings[i].id != 0;
    const struct settings *s = role_settings(l->role);
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_text(&p, "audit", s->audit.mode == AUDIT_DURABLE ? "durable" : "batched");
    json_put_u64(&p, "failures", l->failures);
    json_put_u64(&p, "keys", active);
    json_put_u64(&p, "records", audit_log_next(l->log) - audit_log_pending(l->log));
    json_put_u64(&p, "refused_records", l->refused);
    json_put_u64(&p, "rings", rings);
    json_put_u64(&p, "signed_records", audit_tree_signed(l->tree));
    json_put_bool(&p, "storing", l->backoff_ms == 0);
    json_put_end(&p);
    return json_put_done(&p);
}

void pages_status(struct ledger *l, struct role_peer *from, uint32_t tag)
{
    BUF_AUTO body = buf_init(STATUS_MAX);
    struct err e = put_status(l, &body);
    struct wire_msg answer = {.type = WIRE_STATUS,
                              .status = {.tag = tag,
                                         .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                                         .body = buf_span(&body)}};
    ledger_send(from, &answer);
}
