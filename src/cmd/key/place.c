/* SPDX-License-Identifier: Apache-2.0 */
/* Access keys with and without a daemon. */
#define _GNU_SOURCE
#include "audit_log.h"
#include "b64.h"
#include "clock.h"
#include "disk.h"
#include "file.h"
#include "json.h"
#include "json_put.h"
#include "key_int.h"
#include "keyfile.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_SIZE = STATEDIR_MAX + 64 };

static struct err fail(struct place *p, struct err e, const char *why)
{
    snprintf(p->why, sizeof p->why, "%s", why);
    return e;
}

static void path_of(const struct place *p, const char *name, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)p->state.p, name);
}

/* --- the daemon ---------------------------------------------------------------------------- */

/* Ask; an answer that is not ok leaves its sentence in why. */
static struct err ask(struct place *p, struct span line, struct span *answer)
{
    struct span ok, text;
    bool good = false;
    struct err e = ctl_ask(&p->ctl, line, answer);
    if (failed(e))
        return fail(p, e, "the daemon does not answer");
    TRY(json_find(*answer, &ok, "ok", NULL));
    TRY(json_find(*answer, &text, "error", NULL));
    if (ok.n)
        TRY(json_get_bool(ok, &good));
    if (good)
        return OK;
    BUF_AUTO why = buf_init(sizeof p->why - 1);
    if (text.n && !failed(json_get_string(text, &why)))
        snprintf(p->why, sizeof p->why, "%.*s", SPAN_ARG(buf_span(&why)));
    else
        snprintf(p->why, sizeof p->why, "the daemon refused");
    return err(ERR_DENIED);
}

static struct err get_text(struct span object, const char *name, char *out, size_t size)
{
    struct span raw;
    BUF_AUTO text = buf_init(size - 1);
    TRY(json_find(object, &raw, name, NULL));
    TRY(json_get_string(raw, &text));
    memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return OK;
}

static struct err get_number(struct span object, const char *name, uint64_t *out)
{
    struct span raw;
    TRY(json_find(object, &raw, name, NULL));
    return json_get_u64(raw, UINT64_MAX, out);
}

static struct err take_key(struct place *p, struct span object)
{
    struct key_entry e = {0};
    char state[16] = "", scopes[KEY_SCOPES_TEXT_MAX] = "";
    TRY(get_text(object, "id", e.id, sizeof e.id));
    TRY(get_text(object, "name", e.name, sizeof e.name));
    TRY(get_text(object, "state", state, sizeof state));
    TRY(get_text(object, "scopes", scopes, sizeof scopes));
    TRY(get_number(object, "created", &e.created_s));
    TRY(get_number(object, "expires", &e.expires_s));
    e.state = strcmp(state, "active") == 0 ? KEY_ACTIVE : KEY_REVOKED;
    if (strcmp(scopes, "-") != 0)
        TRY(key_scopes_read(span_str(scopes), &e.scopes));
    return key_table_put(&p->table, &e);
}

static struct err take_keys(struct place *p, struct span answer, uint64_t *next)
{
    struct span keys, one;
    TRY(get_number(answer, "next", next));
    TRY(json_find(answer, &keys, "keys", NULL));
    struct json j = json_of(keys);
    struct json_token t;
    TRY(json_next(&j, &t));
    if (t.type != JSON_ARRAY)
        return err(ERR_INPUT);
    while (!failed(json_skip_value(&j, &one)))
        TRY(take_key(p, one));
    return OK;
}

static struct err load_remote(struct place *p)
{
    uint64_t next = 0;
    do {
        char line[64];
        struct span answer;
        snprintf(line, sizeof line, "{\"from\":%llu,\"op\":\"key_list\"}",
                 (unsigned long long)next);
        TRY(ask(p, span_str(line), &answer));
        uint64_t before = next;
        if (failed(take_keys(p, answer, &next)) || (next && next <= before))
            return fail(p, err(ERR_INPUT), "the daemon's answer is not understood");
    } while (next);
    return OK;
}

static struct err add_remote(struct place *p, const struct key_entry *e)
{
    char hex[2 * KEY_HASH_BYTES], scopes[KEY_SCOPES_TEXT_MAX];
    struct wr w = wr_of(hex, sizeof hex);
    struct span answer;
    BUF_AUTO line = buf_init(4096);
    hex_encode(&w, span(e->hash, sizeof e->hash));
    struct json_put j = json_put_to(&line);
    json_put_object(&j, NULL);
    json_put_str(&j, "digest", wr_span(&w));
    json_put_u64(&j, "expires", e->expires_s);
    json_put_text(&j, "id", e->id);
    json_put_text(&j, "name", e->name);
    json_put_text(&j, "op", "key_add");
    json_put_text(&j, "scopes", key_scopes_format(e->scopes, scopes));
    json_put_end(&j);
    TRY(json_put_done(&j));
    return ask(p, buf_span(&line), &answer);
}

static struct err revoke_remote(struct place *p, const struct key_entry *e)
{
    char line[128];
    struct span answer;
    snprintf(line, sizeof line, "{\"id\":\"%s\",\"op\":\"key_revoke\"}", e->id);
    return ask(p, span_str(line), &answer);
}

/* --- the state directory ------------------------------------------------------------------- */

static struct err load_local(struct place *p)
{
    char dir[PATH_SIZE], path[PATH_SIZE];
    struct fault f = {0};
    path_of(p, "keys", dir);
    path_of(p, "keys/list", path);
    struct err e = file_make_dirs(dir, 0700);
    if (!failed(e))
        e = key_file_load(path, &p->table, &f);
    if (!failed(e))
        return OK;
    snprintf(p->why, sizeof p->why, "%s, byte %zu: %s", path, f.at, f.why ? f.why : "unreadable");
    return e;
}

/* The same record that a daemon would leave. */
static struct err note(struct place *p, enum audit_kind kind, const struct key_entry *e)
{
    char dir[PATH_SIZE], head_dir[PATH_SIZE], pin[PATH_SIZE];
    struct audit_log *log;
    struct audit_found found;
    uint64_t seq;
    path_of(p, "ledger", dir);
    path_of(p, "head", head_dir);
    path_of(p, "head/ledger", pin);
    TRY(file_make_dirs(head_dir, 0700));
    struct audit_log_options o = {
        .dir = dir, .pin = pin, .boot = SPAN_LIT("command"), .mode = AUDIT_LOG_DURABLE};
    struct err bad = audit_log_open(&o, &log, &found);
    if (failed(bad))
        return fail(p, bad, found.why ? found.why : "the log of records cannot be written");
    struct audit_record r = {.kind = kind,
                             .time_ns = clock_wall_ns(),
                             .mono_ns = clock_mono_ns(),
                             .key = span_str(e->name),
                             .key_id = span_str(e->id)};
    bad = audit_log_add(log, &r, &seq);
    if (!failed(bad))
        bad = audit_log_commit(log);
    if (!failed(bad))
        bad = audit_log_tend(log);
    audit_log_close(log);
    return failed(bad) ? fail(p, bad, "the log of records cannot be written") : OK;
}

static struct err save_local(struct place *p)
{
    char path[PATH_SIZE];
    path_of(p, "keys/list", path);
    struct err e = key_file_save(path, &p->table);
    return failed(e) ? fail(p, e, "the keys cannot be written") : OK;
}

/* Record first: a key that no record knows must not exist. */
static struct err add_local(struct place *p, const struct key_entry *e)
{
    TRY(key_table_put(&p->table, e));
    TRY(note(p, AUDIT_key_created, e));
    return save_local(p);
}

static struct err revoke_local(struct place *p, const struct key_entry *e)
{
    TRY(key_table_revoke(&p->table, span_str(e->id)));
    TRY(save_local(p));
    return note(p, AUDIT_key_revoked, e);
}

/* --- both ---------------------------------------------------------------------------------- */

static struct err find_state(struct place *p, const char *state)
{
    TRY(statedir_path(state, &p->state));
    return buf_put_u8(&p->state, 0);
}

static struct err connect_daemon(struct place *p)
{
    BUF_AUTO path = buf_init(PATH_SIZE);
    TRY(statedir_socket((const char *)p->state.p, &path));
    TRY(buf_put_u8(&path, 0));
    p->remote = true;
    struct err e = ctl_open((const char *)path.p, &p->ctl);
    return failed(e) ? fail(p, e, "the state directory is in use, but no daemon answers") : OK;
}

struct err place_open(struct place *p, const char *state)
{
    *p = (struct place){.lock = -1, .ctl = {.fd = -1}, .state = buf_init(STATEDIR_MAX + 1)};
    p->memory = calloc(1, key_table_bytes());
    if (!p->memory)
        return fail(p, err(ERR_NOMEM), "out of memory");
    TRY(key_table_attach(&p->table, p->memory, key_table_bytes(), true));
    if (failed(find_state(p, state)))
        return fail(p, err(ERR_INPUT), "no state directory: give --state");
    struct err e = statedir_open((const char *)p->state.p, &p->lock);
    if (err_cat(e) == ERR_AGAIN) {
        TRY(connect_daemon(p));
        return load_remote(p);
    }
    if (failed(e))
        return fail(p, e, "the state directory cannot be used");
    return load_local(p);
}

void place_close(struct place *p)
{
    ctl_close(&p->ctl);
    disk_close(&p->lock);
    buf_free(&p->state);
    free(p->memory);
    p->memory = NULL;
}

struct err place_add(struct place *p, const struct key_entry *e)
{
    return p->remote ? add_remote(p, e) : add_local(p, e);
}

struct err place_revoke(struct place *p, const struct key_entry *e)
{
    return p->remote ? revoke_remote(p, e) : revoke_local(p, e);
}
