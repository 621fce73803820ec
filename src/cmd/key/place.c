/* SPDX-License-Identifier: Apache-2.0 */
/* Access keys with and without a daemon. */
#define _GNU_SOURCE
#include "b64.h"
#include "file.h"
#include "json.h"
#include "json_put.h"
#include "key_int.h"
#include "keyfile.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the daemon ---------------------------------------------------------------------------- */

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
        TRY(statebooks_ask(&p->books, span_str(line), &answer));
        uint64_t before = next;
        if (failed(take_keys(p, answer, &next)) || (next && next <= before))
            return statebooks_fail(&p->books, err(ERR_INPUT),
                                   "the daemon's answer is not understood");
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
    return statebooks_ask(&p->books, buf_span(&line), &answer);
}

static struct err revoke_remote(struct place *p, const struct key_entry *e)
{
    char line[128];
    struct span answer;
    snprintf(line, sizeof line, "{\"id\":\"%s\",\"op\":\"key_revoke\"}", e->id);
    return statebooks_ask(&p->books, span_str(line), &answer);
}

/* --- the state directory ------------------------------------------------------------------- */

static struct err load_local(struct place *p)
{
    char dir[STATEBOOKS_PATH], path[STATEBOOKS_PATH];
    struct fault f = {0};
    statebooks_path(&p->books, "keys", dir);
    statebooks_path(&p->books, "keys/list", path);
    struct err e = file_make_dirs(dir, 0700);
    if (!failed(e))
        e = key_file_load(path, &p->table, &f);
    if (!failed(e))
        return OK;
    snprintf(p->books.why, sizeof p->books.why, "%s, byte %zu: %s", path, f.at,
             f.why ? f.why : "unreadable");
    return e;
}

static struct err note(struct place *p, enum audit_kind kind, const struct key_entry *e)
{
    return statebooks_note(
        &p->books,
        &(struct audit_record){.kind = kind, .key = span_str(e->name), .key_id = span_str(e->id)});
}

static struct err save_local(struct place *p)
{
    char path[STATEBOOKS_PATH];
    statebooks_path(&p->books, "keys/list", path);
    struct err e = key_file_save(path, &p->table);
    return failed(e) ? statebooks_fail(&p->books, e, "the keys cannot be written") : OK;
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

struct err place_open(struct place *p, const char *state)
{
    p->memory = calloc(1, key_table_bytes());
    TRY(statebooks_open(&p->books, state));
    if (!p->memory)
        return statebooks_fail(&p->books, err(ERR_NOMEM), "out of memory");
    TRY(key_table_attach(&p->table, p->memory, key_table_bytes(), true));
    return p->books.remote ? load_remote(p) : load_local(p);
}

void place_close(struct place *p)
{
    statebooks_close(&p->books);
    free(p->memory);
    p->memory = NULL;
}

struct err place_add(struct place *p, const struct key_entry *e)
{
    return p->books.remote ? add_remote(p, e) : add_local(p, e);
}

struct err place_revoke(struct place *p, const struct key_entry *e)
{
    return p->books.remote ? revoke_remote(p, e) : revoke_local(p, e);
}
