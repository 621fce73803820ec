/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the vault's values come from. The store is read again when its file changed (a command set
 * a value), so a new provider key is used by the next question. Credentials and files are read
 * once, before the ladder; a reload starts a new vault, which reads them anew.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "log.h"
#include "proc.h"
#include "vault_int.h"

#include <stdio.h>

static struct err read_store(struct values *v)
{
    struct store *s;
    struct disk_stamp stamp;
    TRY(storefile_open(v->dir, secret_span(&v->passphrase), clock_wall_ns() / 1000000000U, &s));
    struct err e = storefile_stamp(v->dir, &stamp);
    if (failed(e)) {
        store_free(s);
        return e;
    }
    store_free(v->store);
    v->store = s;
    v->stamp = stamp;
    return OK;
}

/* The store as it is on disk now. */
static struct err refresh(struct values *v)
{
    struct disk_stamp now;
    TRY(storefile_stamp(v->dir, &now));
    bool same = now.inode == v->stamp.inode && now.size == v->stamp.size &&
                now.changed_ns == v->stamp.changed_ns;
    return same ? OK : read_store(v);
}

/* A credential or a file; what is missing is said once and answered as missing. */
static void hold(struct values *v, size_t i)
{
    const struct settings_provider *p = &v->settings->providers[i];
    struct buf value = buf_init(STORE_VALUE_MAX);
    struct err e = storefile_resolve(NULL, proc_env("CREDENTIALS_DIRECTORY"), p->key, &value);
    if (!failed(e))
        e = secret_copy(buf_span(&value), &v->held[i]);
    buf_wipe(&value);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "the key of a provider cannot be read",
                 LOG_SPAN("provider", p->name), LOG_SPAN("key", p->key), LOG_ERR("error", e));
}

struct err values_open(struct values *v, const char *state, const struct settings *s,
                       struct secret *passphrase)
{
    *v = (struct values){.settings = s, .passphrase = *passphrase};
    *passphrase = (struct secret){0};
    if (asprintf(&v->dir, "%s/vault", state) < 0)
        return err(ERR_NOMEM);
    int lock; /* two vaults of one start must not both make a store */
    TRY(storefile_lock(v->dir, &lock));
    struct err e = read_store(v);
    disk_close(&lock);
    TRY(e);
    for (size_t i = 0; i < s->n_providers; i++)
        if (s->providers[i].key_source == KEY_CREDENTIAL || s->providers[i].key_source == KEY_FILE)
            hold(v, i);
    return OK;
}

struct err values_provider_key(struct values *v, size_t i, struct buf *out)
{
    if (i >= v->settings->n_providers)
        return err(ERR_CLOSED);
    const struct settings_provider *p = &v->settings->providers[i];
    if (p->key_source == KEY_VAULT) {
        TRY(refresh(v));
        return storefile_resolve(v->store, NULL, p->key, out);
    }
    if (v->held[i].n == 0)
        return err(ERR_CLOSED);
    return buf_put(out, secret_span(&v->held[i]));
}

struct err values_mask_key(struct values *v, struct span principal, uint8_t out[32])
{
    return storefile_mask_key(v->store, principal, out);
}
