/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger role: the only writer of the log of records and of the access keys. Gates put records
 * into rings; this process stores them and says so through each ring's committed position.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "file.h"
#include "keyfile.h"
#include "ledger_int.h"
#include "num.h"

#include <stdio.h>

enum { TEND_MS = 1000, MS = 1000000 };

static struct ledger the_ledger;

void ledger_send(struct role_peer *to, const struct wire_msg *m)
{
    struct err e = role_send(to, m);
    (void)e;
}

void ledger_done(struct role_peer *to, uint32_t tag, enum wire_status status, const char *text)
{
    struct wire_msg m = {.type = WIRE_DONE,
                         .done = {.tag = tag, .status = (uint8_t)status, .text = span_str(text)}};
    ledger_send(to, &m);
}

/* --- start --------------------------------------------------------------------------------- */

static struct err make_paths(struct ledger *l, const char *state)
{
    if (asprintf(&l->ledger_dir, "%s/ledger", state) < 0 ||
        asprintf(&l->keys_dir, "%s/keys", state) < 0 ||
        asprintf(&l->head_dir, "%s/head", state) < 0 ||
        asprintf(&l->keys_file, "%s/list", l->keys_dir) < 0 ||
        asprintf(&l->head_file, "%s/ledger", l->head_dir) < 0)
        return err(ERR_NOMEM);
    TRY(file_make_dirs(l->keys_dir, 0700));
    return file_make_dirs(l->head_dir, 0700);
}

/* Which start of the machine this is: its id without dashes, or "unknown". */
static void boot_id(char out[AUDIT_BOOT_MAX + 1])
{
    BUF_AUTO text = buf_init(64);
    size_t n = 0;
    if (!failed(file_read("/proc/sys/kernel/random/boot_id", &text)))
        for (size_t i = 0; i < text.n && n < 16; i++)
            if (num_hex_digit(text.p[i]) < 16)
                out[n++] = (char)text.p[i];
    out[n] = 0;
    if (n == 0)
        memcpy(out, "unknown", sizeof "unknown");
}

static struct err open_log(struct ledger *l)
{
    char boot[AUDIT_BOOT_MAX + 1];
    struct audit_found found;
    boot_id(boot);
    const struct settings *s = role_settings(l->role);
    struct audit_log_options o = {
        .dir = l->ledger_dir,
        .pin = l->head_file,
        .boot = span_str(boot),
        .mode = s->audit.mode == AUDIT_DURABLE ? AUDIT_LOG_DURABLE : AUDIT_LOG_BATCHED,
    };
    struct err e = audit_log_open(&o, &l->log, &found);
    if (failed(e) && found.why)
        log_line(LOG_LEVEL_ERROR, "the log of records is damaged: see sanctum ledger verify",
                 LOG_STR("why", found.why), LOG_U64("missing", found.missing));
    TRY(e);
    l->recovered = found.next;
    if (found.cut)
        log_line(LOG_LEVEL_WARNING, "a commit that was never finished was removed",
                 LOG_U64("records", found.next));
    return audit_reader_open(l->ledger_dir, &l->reader);
}

static struct err open_keys(struct ledger *l)
{
    struct shm keys;
    struct fault f;
    TRY(role_segment(l->role, "keys", SHM_READ_WRITE, key_table_bytes(), &keys));
    TRY(key_table_attach(&l->keys, keys.p, keys.n, true));
    struct err e = key_file_load(l->keys_file, &l->keys, &f);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "the access keys cannot be loaded", LOG_STR("why", f.why),
                 LOG_U64("byte", f.at), LOG_STR("file", l->keys_file));
    return e;
}

static struct err prepare(struct role *r)
{
    struct ledger *l = role_context(r);
    l->role = r;
    TRY(make_paths(l, role_state_dir(r)));
    TRY(open_keys(l));
    TRY(open_log(l));
    return tree_open(l);
}

static void confine(struct role *r, struct sandbox *box)
{
    const struct ledger *l = role_context(r);
    sandbox_add_path(box, l->ledger_dir, SANDBOX_PATH_WRITE);
    sandbox_add_path(box, l->keys_dir, SANDBOX_PATH_WRITE);
    sandbox_add_path(box, l->head_dir, SANDBOX_PATH_WRITE);
}

struct err ledger_note(struct ledger *l, const struct audit_record *r)
{
    struct audit_record timed = *r;
    uint64_t seq;
    timed.time_ns = clock_wall_ns();
    timed.mono_ns = clock_mono_ns();
    struct err e = audit_log_add(l->log, &timed, &seq);
    if (err_cat(e) == ERR_AGAIN) {
        TRY(audit_log_commit(l->log));
        e = audit_log_add(l->log, &timed, &seq);
    }
    TRY(e);
    return audit_log_commit(l->log);
}

static void on_tend(struct loop_timer *t)
{
    struct ledger *l = LOOP_OWNER(t, struct ledger, tend);
    struct err e = audit_log_tend(l->log);
    l->failures += failed(e);
    if (failed(e) && !l->untended)
        log_line(LOG_LEVEL_ERROR, "the log cannot be looked after", LOG_ERR("error", e));
    if (!failed(e) && l->untended)
        log_line(LOG_LEVEL_WARNING, "the log can be looked after again");
    l->untended = failed(e);
    if (!failed(e))
        tree_tick(l);
    e = loop_timer_set(role_loop(l->role), t, loop_now_ns(role_loop(l->role)) + TEND_MS * MS,
                       on_tend);
    if (failed(e))
        role_exit(l->role, 2);
}

static struct err start(struct role *r)
{
    struct ledger *l = role_context(r);
    TRY(ledger_note(l, &(struct audit_record){.kind = AUDIT_started}));
    key_table_set_loaded(&l->keys); /* records can be stored: gates may let clients in */
    rings_start(l);
    return loop_timer_set(role_loop(r), &l->tend, clock_mono_ns() + TEND_MS * MS, on_tend);
}

/* --- while it runs ------------------------------------------------------------------------- */

static struct err on_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    struct ledger *l = role_context(r);
    switch (m->type) {
    case WIRE_RING_END:
        return rings_end(l, m->ring_end.ring);
    case WIRE_KEY_ADD:
        keys_add(l, from, &m->key_add);
        return OK;
    case WIRE_KEY_REVOKE:
        keys_revoke(l, from, &m->key_revoke);
        return OK;
    case WIRE_KEY_LIST_ASK:
        keys_list(l, from, &m->key_list_ask);
        return OK;
    case WIRE_SECRET_NOTE:
        return secrets_note(l, from, &m->secret_note);
    case WIRE_LEDGER_PAGE_ASK:
        pages_read(l, from, &m->ledger_page_ask);
        return OK;
    case WIRE_STATUS_ASK:
        pages_status(l, from, m->status_ask.tag);
        return OK;
    default:
        return err(ERR_INPUT);
    }
}

static struct err on_ring(struct role *r, struct wire_grant *g)
{
    return rings_attach(role_context(r), g);
}

/* Store everything and go. What cannot be stored stays in the rings, which parent keeps. */
static void drain(struct role *r, uint32_t within_ms)
{
    struct ledger *l = role_context(r);
    (void)within_ms;
    l->draining = true;
    bool all = rings_serve(l);
    struct err e = ledger_note(l, &(struct audit_record){.kind = AUDIT_stopped});
    if (!failed(e))
        e = audit_log_tend(l->log);
    if (!failed(e))
        tree_finish(l, rings_live(l));
    if (failed(e) || !all)
        log_line(LOG_LEVEL_ERROR, "stopping with records unstored", LOG_ERR("error", e));
    role_exit(r, failed(e) ? 2 : 0);
}

int main(int argc, char **argv)
{
    static const struct role_ops ops = {.role = WIRE_LEDGER,
                                        .prepare = prepare,
                                        .confine = confine,
                                        .start = start,
                                        .message = on_message,
                                        .ring = on_ring,
                                        .drain = drain};
    return role_main(argc, argv, &ops, &the_ledger);
}
