/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault role: the only process of the daemon that holds the key of the sealed store. It answers
 * gates by the name of a provider or a principal, never by the name of a secret, and never writes.
 */
#include "json_put.h"
#include "log.h"
#include "vault_int.h"

enum { KEY_MAX = 4096, STATUS_MAX = 1024, PASSPHRASE_MAX = 1024 };

static struct vault the_vault;

static struct err take_passphrase(struct role *r, struct secret *out)
{
    struct buf text = buf_init(PASSPHRASE_MAX + 1);
    *out = (struct secret){0};
    struct err e = role_blob(r, "passphrase", 0, &text);
    if (err_cat(e) == ERR_INPUT)
        return OK; /* none was given */
    if (!failed(e) && text.n && text.p[text.n - 1] == '\n')
        text.n--;
    if (!failed(e))
        e = secret_copy(buf_span(&text), out);
    buf_wipe(&text);
    return e;
}

static struct err prepare(struct role *r)
{
    struct vault *v = role_context(r);
    struct secret passphrase;
    v->role = r;
    TRY(take_passphrase(r, &passphrase));
    struct err e = values_open(&v->values, role_state_dir(r), role_settings(r), &passphrase);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR,
                 err_cat(e) == ERR_DENIED
                     ? "the vault does not open: a passphrase is needed, or it is wrong, or "
                       "others may read its files"
                     : "the vault does not open",
                 LOG_ERR("error", e));
    return e;
}

static void confine(struct role *r, struct sandbox *box)
{
    const struct vault *v = role_context(r);
    sandbox_add_path(box, v->values.dir, SANDBOX_PATH_READ);
}

static enum wire_status status_of(struct err e)
{
    switch (err_cat(e)) {
    case ERR_NONE:
        return WIRE_OK;
    case ERR_CLOSED:
        return WIRE_UNKNOWN;
    case ERR_DENIED:
        return WIRE_DENIED;
    case ERR_INPUT:
        return WIRE_INVALID;
    default:
        return WIRE_UNAVAILABLE;
    }
}

static void send(struct role_peer *to, const struct wire_msg *m)
{
    struct err e = role_send(to, m);
    (void)e; /* a peer that is gone or does not read has lost its channel: nothing else to do */
}

/* Damage is a security event, not a missing key. */
static void note_failure(struct err e, const char *what)
{
    if (err_cat(e) != ERR_NONE && err_cat(e) != ERR_CLOSED)
        log_line(LOG_LEVEL_ERROR, what, LOG_ERR("error", e));
}

void vault_give_key(struct vault *v, struct role_peer *to, uint32_t tag, size_t provider,
                    struct err allowed)
{
    struct buf key = buf_init(KEY_MAX);
    struct err e = failed(allowed) ? allowed : values_provider_key(&v->values, provider, &key);
    note_failure(e, "the key of a provider could not be given");
    struct wire_msg m = {.type = WIRE_PROVIDER_KEY,
                         .provider_key = {.tag = tag, .status = (uint8_t)status_of(e)}};
    if (!failed(e))
        m.provider_key.key = buf_span(&key);
    send(to, &m);
    buf_wipe(&key);
}

/* What is not there is said at once; what is there is recorded first. */
static void provider_key(struct vault *v, struct role_peer *from, bool allowed,
                         const struct wire_body_provider_key_ask *ask)
{
    size_t provider = settings_provider_find(v->values.settings, ask->provider);
    struct buf key = buf_init(KEY_MAX);
    struct err e = allowed ? values_provider_key(&v->values, provider, &key) : err(ERR_AGAIN);
    buf_wipe(&key);
    if (failed(e))
        vault_give_key(v, from, ask->tag, provider, e);
    else
        reads_begin(v, from, ask->tag, provider);
}

static void mask_key(struct vault *v, struct role_peer *from, bool allowed,
                     const struct wire_body_mask_key_ask *ask)
{
    struct wire_msg m = {.type = WIRE_MASK_KEY, .mask_key = {.tag = ask->tag}};
    struct err e = err(ERR_AGAIN);
    if (allowed)
        e = ask->principal.n ? values_mask_key(&v->values, ask->principal, m.mask_key.key)
                             : err(ERR_INPUT);
    note_failure(e, "a masking key could not be derived");
    m.mask_key.status = (uint8_t)status_of(e);
    send(from, &m);
    secret_wipe(&m, sizeof m);
}

static void status(struct vault *v, struct role_peer *from, uint32_t tag)
{
    BUF_AUTO body = buf_init(STATUS_MAX);
    struct json_put p = json_put_to(&body);
    json_put_object(&p, NULL);
    json_put_u64(&p, "answered", v->answered);
    json_put_u64(&p, "limited", v->limited);
    json_put_text(&p, "opened_by", v->values.passphrase.n ? "passphrase" : "key file");
    json_put_u64(&p, "secrets", store_count(v->values.store) - 1); /* the masking root is ours */
    json_put_u64(&p, "unrecorded", v->unrecorded);
    json_put_end(&p);
    struct err e = json_put_done(&p);
    struct wire_msg m = {.type = WIRE_STATUS,
                         .status = {.tag = tag,
                                    .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                                    .body = buf_span(&body)}};
    send(from, &m);
}

static struct err on_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    struct vault *v = role_context(r);
    if (m->type == WIRE_STATUS_ASK) {
        status(v, from, m->status_ask.tag);
        return OK;
    }
    if (m->type == WIRE_SECRET_NOTED) {
        reads_noted(v, &m->secret_noted);
        return OK;
    }
    if (m->type != WIRE_PROVIDER_KEY_ASK && m->type != WIRE_MASK_KEY_ASK)
        return err(ERR_INPUT);
    bool allowed = rate_take(&v->rate, role_peer_id(from), loop_now_ns(role_loop(r)));
    *(allowed ? &v->answered : &v->limited) += 1;
    if (m->type == WIRE_PROVIDER_KEY_ASK)
        provider_key(v, from, allowed, &m->provider_key_ask);
    else
        mask_key(v, from, allowed, &m->mask_key_ask);
    return OK;
}

static void on_peer(struct role *r, struct role_peer *p)
{
    if (role_peer_role(p) == WIRE_LEDGER)
        reads_tell(role_context(r));
}

static void on_peer_lost(struct role *r, struct role_peer *p)
{
    struct vault *v = role_context(r);
    rate_forget(&v->rate, role_peer_id(p));
    reads_forget(v, role_peer_id(p));
}

static void drain(struct role *r, uint32_t within_ms)
{
    (void)within_ms;
    role_exit(r, 0);
}

int main(int argc, char **argv)
{
    static const struct role_ops ops = {.role = WIRE_VAULT,
                                        .prepare = prepare,
                                        .confine = confine,
                                        .message = on_message,
                                        .peer = on_peer,
                                        .peer_lost = on_peer_lost,
                                        .drain = drain};
    return role_main(argc, argv, &ops, &the_vault);
}
