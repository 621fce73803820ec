/* SPDX-License-Identifier: Apache-2.0 */
/* An era: the settings as read once, and what roles need of the file system because of them. */
#include "parent_int.h"

#include <stdlib.h>

#include "file.h"
#include "settings_load.h"
#include "shm.h"

static struct err explain(struct buf *why, struct err e, const char *what, struct span which)
{
    struct span reason = log_err_text(e);
    TRY(buf_printf(why, "%s %.*s: %.*s", what, SPAN_ARG(which), SPAN_ARG(reason)));
    return e;
}

/* ---- settings ---- */

static struct err load(struct parent *p, struct settings *s, struct buf *why)
{
    buf_clear(&p->config_path);
    TRY(settings_path(p->config, &p->config_path));
    const char *path = NULL;
    if (p->config_path.n) {
        TRY(buf_put_u8(&p->config_path, 0));
        path = (const char *)p->config_path.p;
    }
    struct conf_fault f = {0};
    struct err e = settings_load(path, s, &f);
    if (failed(e))
        TRY(conf_fault_text(&f, why));
    else if (s->n_budgets)
        log_line(LOG_LEVEL_WARNING, "budgets are read but not enforced by this version",
                 LOG_U64("budgets", s->n_budgets));
    return e;
}

static struct err seal_settings(struct era *e)
{
    BUF_AUTO bytes = buf_init(SETTINGS_MESSAGE_MAX);
    TRY(settings_encode(&e->settings, &bytes));
    return shm_blob("sanctum-settings", buf_span(&bytes), &e->settings_fd);
}

static bool uses_tls(const struct settings *s)
{
    for (size_t i = 0; i < s->n_providers; i++)
        if (s->providers[i].tls)
            return true;
    return false;
}

/* The certificates that upstream servers are checked against: needed as soon as one provider is
 * reached over TLS. */
static struct err seal_ca(struct era *e, struct buf *why)
{
    if (!uses_tls(&e->settings))
        return OK;
    BUF_AUTO path = buf_init(4096), bytes = buf_init(CA_MAX);
    TRY(buf_put(&path, e->settings.ca_file));
    TRY(buf_put_u8(&path, 0));
    struct err r = file_read((const char *)path.p, &bytes);
    if (failed(r))
        return explain(why, r, "cannot read ca_file", e->settings.ca_file);
    return shm_blob("sanctum-ca", buf_span(&bytes), &e->ca_fd);
}

/* ---- sockets ---- */

static struct socket *find_socket(struct parent *p, struct span address, uint32_t gate)
{
    for (size_t i = 0; i < p->socket_count; i++)
        if (p->sockets[i].gate == gate && span_is(address, p->sockets[i].address))
            return &p->sockets[i];
    return NULL;
}

/* Sockets of one address share their port, which would also let a stranger's in: so the first of
 * them is tried without sharing. */
static struct err bind_one(struct parent *p, const struct settings_listener *l, int *fd)
{
    if (l->is_unix) {
        char path[NET_PATH_MAX + 1] = "";
        if (l->host.n > NET_PATH_MAX)
            return err(ERR_INPUT);
        memcpy(path, l->host.p, l->host.n);
        return net_listen_unix(path, 0600, fd);
    }
    struct net_addr a;
    TRY(net_parse_ip(l->host, (uint16_t)l->port, &a));
    bool first = true;
    for (size_t i = 0; i < p->socket_count; i++)
        first &= !span_is(l->address, p->sockets[i].address);
    if (first) {
        int probe;
        TRY(net_listen(&a, false, &probe));
        net_close(&probe);
    }
    return net_listen(&a, true, fd);
}

static struct err add_socket(struct parent *p, const struct settings_listener *l, uint32_t gate,
                             uint32_t generation)
{
    struct socket *s = find_socket(p, l->address, gate);
    if (!s) {
        if (p->socket_count == SOCKETS_MAX || l->address.n >= sizeof s->address)
            return err(ERR_LIMIT);
        int fd;
        TRY(bind_one(p, l, &fd));
        s = &p->sockets[p->socket_count++];
        *s = (struct socket){.gate = gate, .fd = fd};
        memcpy(s->address, l->address.p, l->address.n);
    }
    s->generation = generation;
    return OK;
}

static struct err bind_all(struct parent *p, const struct era *e, struct buf *why)
{
    for (size_t i = 0; i < e->settings.n_listeners; i++) {
        const struct settings_listener *l = &e->settings.listeners[i];
        for (uint32_t g = 0; g < (l->is_unix ? 1 : e->gates); g++) {
            struct err r = add_socket(p, l, g, e->generation);
            if (failed(r))
                return explain(why, r, "cannot listen on", l->address);
        }
    }
    return OK;
}

void era_keep_sockets(struct parent *p, const struct era *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->socket_count; i++) {
        if (e && p->sockets[i].generation == e->generation)
            p->sockets[kept++] = p->sockets[i];
        else
            net_close(&p->sockets[i].fd);
    }
    p->socket_count = kept;
}

int era_socket(struct parent *p, const struct era *e, size_t listener, uint32_t gate)
{
    const struct settings_listener *l = &e->settings.listeners[listener];
    struct socket *s = find_socket(p, l->address, l->is_unix ? 0 : gate);
    return s ? s->fd : -1;
}

struct err era_addresses(const struct era *e, struct buf *out)
{
    for (size_t i = 0; i < e->settings.n_listeners; i++) {
        if (i)
            TRY(buf_put_u8(out, ' '));
        TRY(buf_put(out, e->settings.listeners[i].address));
    }
    return OK;
}

/* ---- the whole ---- */

static struct err fill(struct parent *p, struct era *e, struct buf *why)
{
    TRY(load(p, &e->settings, why));
    uint64_t gates = e->settings.gates ? e->settings.gates : proc_cpu_count();
    e->gates = gates > GATES_MAX ? GATES_MAX : (uint32_t)gates;
    TRY(seal_settings(e));
    TRY(seal_ca(e, why));
    return bind_all(p, e, why);
}

void era_take_back_sockets(struct parent *p)
{
    for (size_t i = 0; p->era && i < p->socket_count; i++)
        for (size_t k = 0; k < p->era->settings.n_listeners; k++)
            if (span_is(p->era->settings.listeners[k].address, p->sockets[i].address) &&
                p->sockets[i].gate < p->era->gates)
                p->sockets[i].generation = p->era->generation;
    if (p->era)
        era_keep_sockets(p, p->era);
}

struct err era_new(struct parent *p, struct era **out, struct buf *why)
{
    *out = NULL;
    struct era *e = calloc(1, sizeof *e);
    if (!e)
        return err(ERR_NOMEM);
    e->settings_fd = e->ca_fd = -1;
    e->generation = ++p->generation;
    struct err r = fill(p, e, why);
    if (failed(r)) {
        era_free(e);
        era_take_back_sockets(p);
        if (why->n == 0)
            TRY(explain(why, r, "cannot use", SPAN_LIT("these settings")));
        return r;
    }
    *out = e;
    return OK;
}

void era_free(struct era *e)
{
    if (!e)
        return;
    settings_free(&e->settings);
    net_close(&e->settings_fd);
    net_close(&e->ca_fd);
    free(e);
}
