/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: between clients and model providers. It holds prompts, the access keys of the providers
 * its settings name and the masking keys of principals; it opens no file and starts no process.
 *
 * This file is the process's start and end and its talk with siblings; the way of a request is in
 * client.c, exchange.c, hop.c, upstream.c, relay.c, in this order.
 */
#include "exchange.h"

#include "json_put.h"
#include "probe.h"
#include "proc.h"
#include "random.h"
#include "rd.h"
#include "rules.h"
#include "upstream.h"

#include <stdlib.h>

enum {
    OUT_MAX = 4 * (size_t)LLM_BODY_MAX, /* an answer's bytes on their way out */
    CA_MAX = 4 << 20,
    PEM_MAX = 1 << 20,
};
/* A kept connection may ask once more while draining; then it is told to close. */
#define DRAIN_IDLE_MS  500
#define KEYS_POLL_NS   UINT64_C(2000000)
#define ACCEPT_REST_NS UINT64_C(100000000)
#define ADDRESS_TTL_NS (60 * UINT64_C(1000000000))

static struct gate the_gate; /* one a process; too large for the stack */

/* --- siblings: vault and resolve -------------------------------------------------------------- */

void gate_wake_waiting(struct gate *g)
{
    struct exchange *list = g->waiting;
    g->waiting = NULL; /* those that must wait on put themselves back */
    if (list)
        list->at = &list;
    while (list) {
        struct exchange *x = list;
        exchange_unwait(x);
        exchange_retry(x);
    }
}

static bool ask(struct gate *g, enum wire_role role, uint32_t index, const struct wire_msg *m)
{
    struct role_peer *p = role_peer(g->role, role, index);
    return p && !failed(role_send(p, m));
}

static struct err ask_key(struct gate *g, struct gate_provider *p)
{
    struct wire_msg m = {.type = WIRE_PROVIDER_KEY_ASK,
                         .provider_key_ask = {.tag = p->index, .provider = p->s->name}};
    if (p->key_state == UPKEY_ABSENT && ask(g, WIRE_VAULT, 0, &m))
        p->key_state = UPKEY_ASKED;
    return err(ERR_AGAIN);
}

/* The resolver that has the fewest questions of this gate. */
static uint32_t idle_resolver(const struct gate *g)
{
    uint32_t open[WIRE_RESOLVERS] = {0}, best = 0;
    for (size_t i = 0; i < g->settings->n_providers; i++)
        open[g->providers[i].resolver] += g->providers[i].address_state == ADDRESS_ASKED;
    for (uint32_t r = 0; r < WIRE_RESOLVERS; r++)
        if (role_peer(g->role, WIRE_RESOLVE, r) &&
            (open[r] < open[best] || !role_peer(g->role, WIRE_RESOLVE, best)))
            best = r;
    return best;
}

static struct err ask_address(struct gate *g, struct gate_provider *p)
{
    struct wire_msg m = {
        .type = WIRE_RESOLVE_ASK,
        .resolve_ask = {.tag = p->index, .port = (uint16_t)p->s->port, .host = p->s->host}};
    if (p->address_state == ADDRESS_ASKED)
        return err(ERR_AGAIN);
    p->resolver = idle_resolver(g);
    if (ask(g, WIRE_RESOLVE, p->resolver, &m))
        p->address_state = ADDRESS_ASKED;
    return err(ERR_AGAIN);
}

struct err gate_provider_ready(struct gate *g, struct gate_provider *p)
{
    if (p->s->kind == KIND_ECHO)
        return OK;
    if (p->s->key_source != KEY_NONE) {
        if (p->key_state == UPKEY_REFUSED) {
            p->key_state = UPKEY_ABSENT; /* asked anew by the next request */
            return err(ERR_DENIED);
        }
        if (p->key_state != UPKEY_HELD)
            return ask_key(g, p);
    }
    if (p->address_state == ADDRESS_HELD && loop_now_ns(g->loop) < p->address_until_ns)
        return OK;
    if (p->address_state == ADDRESS_REFUSED) {
        p->address_state = ADDRESS_ABSENT;
        return err(ERR_DENIED);
    }
    /* Old addresses serve while new ones are asked for. */
    struct err e = ask_address(g, p);
    return p->n_address ? OK : e;
}

static struct gate_principal *principal_named(struct gate *g, struct span name)
{
    for (size_t i = 0; i < g->n_principals; i++)
        if (span_is(name, g->principals[i].name))
            return &g->principals[i];
    return NULL;
}

struct gate_principal *gate_principal(struct gate *g, const char *name)
{
    struct span wanted = span_str(name);
    struct gate_principal *p = principal_named(g, wanted);
    if (p || g->n_principals == GATE_PRINCIPALS)
        return p;
    p = &g->principals[g->n_principals++];
    *p = (struct gate_principal){.state = MASK_KEY_ABSENT};
    memcpy(p->name, wanted.p, wanted.n);
    return p;
}

struct err gate_mask_key(struct gate *g, struct gate_principal *p, const struct mask_key **out)
{
    if (!p)
        return err(ERR_LIMIT);
    if (p->state == MASK_KEY_HELD) {
        *out = &p->key;
        return OK;
    }
    struct wire_msg m = {
        .type = WIRE_MASK_KEY_ASK,
        .mask_key_ask = {.tag = (uint32_t)(p - g->principals), .principal = span_str(p->name)}};
    if (p->state == MASK_KEY_ABSENT && ask(g, WIRE_VAULT, 0, &m))
        p->state = MASK_KEY_ASKED;
    return err(ERR_AGAIN);
}

static struct err take_provider_key(struct gate *g, const struct wire_body_provider_key *m)
{
    if (m->tag >= g->settings->n_providers || g->providers[m->tag].key_state != UPKEY_ASKED)
        return err(ERR_INPUT);
    struct gate_provider *p = &g->providers[m->tag];
    p->key_state = UPKEY_REFUSED;
    buf_wipe(&p->key);
    if (m->status == WIRE_OK) {
        TRY(buf_put(&p->key, m->key));
        p->key_state = UPKEY_HELD;
    }
    return OK;
}

static struct err take_mask_key(struct gate *g, const struct wire_body_mask_key *m)
{
    if (m->tag >= g->n_principals || g->principals[m->tag].state != MASK_KEY_ASKED)
        return err(ERR_INPUT);
    struct gate_principal *p = &g->principals[m->tag];
    p->state = MASK_KEY_ABSENT;
    if (m->status != WIRE_OK)
        return OK;
    TRY(mask_key_init(&p->key, span(m->key, sizeof m->key), span_str(p->name)));
    p->state = MASK_KEY_HELD;
    return OK;
}

/* The addresses as net wants them: count × {4 or 6, 16 bytes}. */
static struct err take_addresses(struct gate *g, const struct wire_body_resolved *m)
{
    if (m->tag >= g->settings->n_providers || g->providers[m->tag].address_state != ADDRESS_ASKED)
        return err(ERR_INPUT);
    struct gate_provider *p = &g->providers[m->tag];
    struct rd r = rd_of(m->addresses);
    p->address_state = ADDRESS_REFUSED;
    if (m->status != WIRE_OK || m->count == 0)
        return OK;
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        uint8_t family;
        struct span ip;
        TRY(rd_u8(&r, &family));
        TRY(rd_take(&r, 16, &ip));
        if ((family != 4 && family != 6) || n == GATE_ADDRESSES)
            continue;
        struct net_addr *a = &p->address[n++];
        *a = (struct net_addr){.port = (uint16_t)p->s->port,
                               .family = family == 4 ? NET_IP4 : NET_IP6};
        memcpy(a->ip, ip.p, family == 4 ? 4 : 16);
    }
    p->n_address = n;
    p->address_state = ADDRESS_HELD;
    p->address_until_ns = loop_now_ns(g->loop) + ADDRESS_TTL_NS;
    return rd_end(&r);
}

/* --- records ---------------------------------------------------------------------------------- */

void gate_await_records(struct gate *g)
{
    uint64_t lowest = UINT64_MAX;
    for (const struct exchange *x = g->waiting; x; x = x->next)
        if (x->step == STEP_RECORD && x->ring_at < lowest)
            lowest = x->ring_at;
    if (lowest != UINT64_MAX && ring_out_await(&g->ring, lowest))
        loop_defer(g->loop, &g->wake, gate_on_records);
}

void gate_on_records(struct loop_deferred *d)
{
    struct gate *g = LOOP_OWNER(d, struct gate, wake);
    gate_wake_waiting(g);
    gate_await_records(g);
}

static void on_ring(struct loop_watch *w, unsigned ready)
{
    (void)ready;
    struct gate *g = LOOP_OWNER(w, struct gate, ring_watch);
    ring_clear_wake(w->fd);
    gate_on_records(&g->wake);
}

static struct err take_ring(struct role *r, struct wire_grant *grant)
{
    struct gate *g = role_context(r);
    if (grant->kind != WIRE_GRANT_RING_OUT || g->has_ring)
        return OK;
    TRY(ring_out_attach(&g->ring, grant->fds[0], grant->fds[1], grant->fds[2]));
    grant->fds[2] = -1;
    g->ring_watch.fd = grant->fds[3];
    grant->fds[3] = -1;
    g->has_ring = true;
    return OK;
}

/* --- start ------------------------------------------------------------------------------------ */

/* Providers whose masking settings are equal share one engine: it is not small. */
static struct err make_engine(struct gate *g, size_t i)
{
    struct gate_provider *p = &g->providers[i];
    if (p->s->trust != TRUST_MASKED)
        return OK;
    for (size_t k = 0; k < i; k++)
        if (g->providers[k].engine && rules_equal(&g->providers[k].s->masking, &p->s->masking)) {
            p->engine = g->providers[k].engine;
            return OK;
        }
    return rules_engine(g->settings, &p->s->masking, g->ner, &p->engine);
}

static struct err make_providers(struct gate *g)
{
    for (size_t i = 0; i < g->settings->n_providers; i++) {
        struct gate_provider *p = &g->providers[i];
        p->s = &g->settings->providers[i];
        p->index = (uint32_t)i;
        p->gate = g;
        p->probe.watch.fd = -1;
        p->key = buf_init(4096);
        TRY(make_engine(g, i));
        struct net_addr a;
        if (p->s->kind != KIND_ECHO &&
            !failed(net_parse_ip(p->s->host, (uint16_t)p->s->port, &a))) {
            p->address[0] = a;
            p->n_address = 1;
            p->address_state = ADDRESS_HELD;
            p->address_until_ns = UINT64_MAX;
        }
    }
    return OK;
}

static struct err make_tls(struct gate *g)
{
    BUF_AUTO pem = buf_init(CA_MAX);
    bool needed = false;
    for (size_t i = 0; i < g->settings->n_providers; i++)
        needed = needed || g->settings->providers[i].tls;
    if (!needed)
        return OK;
    TRY(role_blob(g->role, "ca", 0, &pem));
    return tls_client_config(&g->upstream_tls, buf_span(&pem), NULL);
}

static struct err make_listeners(struct gate *g)
{
    for (uint32_t i = 0; i < g->settings->n_listeners; i++) {
        struct gate_listener *l = &g->listeners[i];
        l->gate = g;
        l->index = i;
        l->fd = role_take_listener(g->role, i);
        if (l->fd < 0)
            return err(ERR_INPUT);
        if (g->settings->listeners[i].certificate.n == 0)
            continue;
        BUF_AUTO chain = buf_init(PEM_MAX), key = buf_init(PEM_MAX);
        TRY(role_blob(g->role, "listener.cert", i, &chain));
        TRY(role_blob(g->role, "listener.key", i, &key));
        struct err e = tls_server_config(&l->tls, buf_span(&chain), buf_span(&key), NULL);
        buf_wipe(&key);
        TRY(e);
    }
    return OK;
}

static struct err prepare(struct role *r)
{
    struct gate *g = role_context(r);
    struct shm keys;
    uint8_t seed[16];
    g->role = r;
    g->loop = role_loop(r);
    g->settings = role_settings(r);
    g->out = buf_init(OUT_MAX);
    g->body = buf_init(OUT_MAX);
    random_bytes(&g->id_random, sizeof g->id_random);
    random_bytes(seed, sizeof seed);
    g->doc = llm_doc_of(seed);
    g->principals = calloc(GATE_PRINCIPALS, sizeof *g->principals);
    if (!g->principals)
        return err(ERR_NOMEM);
    TRY(role_segment(r, "keys", SHM_READ, key_table_bytes(), &keys));
    TRY(key_table_attach(&g->keys, keys.p, keys.n, false));
    TRY(role_segment(r, "weights", SHM_READ, 1, &g->weights));
    TRY(ner_open(shm_span(&g->weights), &g->ner, NULL));
    TRY(mask_work_new(g->ner, &g->work));
    TRY(make_tls(g));
    TRY(make_providers(g));
    return make_listeners(g);
}

/* The gate may connect to its providers' ports and to nothing else. */
static void confine(struct role *r, struct sandbox *box)
{
    const struct settings *s = role_settings(r);
    for (size_t i = 0; i < s->n_providers; i++)
        if (s->providers[i].kind != KIND_ECHO)
            sandbox_add_port(box, (uint16_t)s->providers[i].port);
}

static void on_accept(struct loop_watch *w, unsigned ready);

static void rested(struct loop_timer *t)
{
    struct gate_listener *l = LOOP_OWNER(t, struct gate_listener, rest);
    struct loop *loop = l->gate->loop;
    if (l->gate->draining || !failed(loop_watch_level(loop, &l->watch, l->fd, on_accept)))
        return;
    if (failed(loop_timer_set(loop, t, loop_now_ns(loop) + ACCEPT_REST_NS, rested)))
        role_exit(l->gate->role, 2);
}

/* No descriptor is left for the client that waits, and the listener would say so again at once:
 * look away until some client has gone. */
static void rest(struct gate_listener *l)
{
    struct loop *loop = l->gate->loop;
    if (!failed(loop_timer_set(loop, &l->rest, loop_now_ns(loop) + ACCEPT_REST_NS, rested)))
        loop_unwatch(&l->watch);
}

/* Take some of those who wait. False: nobody is left, or nobody can be taken. */
static bool take_clients(struct gate_listener *l)
{
    for (int i = 0; i < GATE_ACCEPTS; i++) {
        int fd;
        struct net_addr peer;
        struct err e = net_accept(l->fd, &fd, &peer);
        if (err_cat(e) == ERR_LIMIT)
            rest(l);
        if (failed(e))
            return false;
        client_open(l->gate, fd, l->index);
    }
    return true;
}

static void on_accept(struct loop_watch *w, unsigned ready)
{
    (void)ready;
    (void)take_clients(LOOP_OWNER(w, struct gate_listener, watch));
}

static void listen_all(struct gate *g)
{
    for (uint32_t i = 0; i < g->settings->n_listeners; i++)
        if (failed(
                loop_watch_level(g->loop, &g->listeners[i].watch, g->listeners[i].fd, on_accept)))
            role_exit(g->role, 2);
}

/* Before the ledger has loaded the access keys and stored a first record every key would be unknown
 * and no request could be recorded: clients wait in the listener's queue for the milliseconds that
 * takes. Where it cannot (a full disk), nobody was let in. */
static void await_keys(struct loop_timer *t)
{
    struct gate *g = LOOP_OWNER(t, struct gate, keys_timer);
    uint64_t again = loop_now_ns(g->loop) + KEYS_POLL_NS;
    if (g->draining)
        return;
    if (key_table_loaded(&g->keys) || failed(loop_timer_set(g->loop, t, again, await_keys)))
        listen_all(g);
}

/* Ask for what requests will need before the first of them comes. */
static void ask_ahead(struct gate *g)
{
    for (size_t i = 0; i < g->settings->n_providers; i++) {
        struct err e = gate_provider_ready(g, &g->providers[i]);
        (void)failed(e);
    }
}

static struct err start(struct role *r)
{
    struct gate *g = role_context(r);
    /* Not before the large tables are made: they come from the kernel, empty pages untouched. */
    proc_keep_memory(GATE_KEPT_MEMORY);
    await_keys(&g->keys_timer);
    if (g->has_ring)
        TRY(loop_watch_level(g->loop, &g->ring_watch, g->ring_watch.fd, on_ring));
    ask_ahead(g);
    return OK;
}

/* --- while it runs ---------------------------------------------------------------------------- */

static struct err put_status(struct gate *g, struct buf *out)
{
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_u64(&p, "clients", g->n_clients);
    json_put_u64(&p, "served", g->served);
    json_put_u64(&p, "refused", g->refused);
    json_put_u64(&p, "records_lost", g->records_lost);
    json_put_u64(&p, "buffered_bytes", g->buffered);
    json_put_object(&p, "providers");
    for (size_t i = 0; i < g->settings->n_providers; i++) {
        const struct gate_provider *v = &g->providers[i];
        json_put_key(&p, v->s->name);
        json_put_object(&p, NULL);
        json_put_bool(&p, "key", v->s->key_source == KEY_NONE || v->key_state == UPKEY_HELD);
        json_put_bool(&p, "address", v->s->kind == KIND_ECHO || v->n_address > 0);
        json_put_bool(&p, "masked", v->engine != NULL);
        json_put_u64(&p, "idle_connections", v->n_idle);
        json_put_end(&p);
    }
    json_put_end(&p);
    json_put_end(&p);
    return json_put_done(&p);
}

static struct err answer_status(struct gate *g, struct role_peer *from, uint32_t tag)
{
    BUF_AUTO body = buf_init(16 * 1024);
    struct err e = put_status(g, &body);
    struct wire_msg m = {.type = WIRE_STATUS,
                         .status = {.tag = tag,
                                    .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                                    .body = failed(e) ? SPAN_NONE : buf_span(&body)}};
    return role_send(from, &m);
}

static struct err message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    struct gate *g = role_context(r);
    switch (m->type) {
    case WIRE_PROVIDER_KEY:
        TRY(take_provider_key(g, &m->provider_key));
        break;
    case WIRE_MASK_KEY:
        TRY(take_mask_key(g, &m->mask_key));
        break;
    case WIRE_RESOLVED:
        TRY(take_addresses(g, &m->resolved));
        break;
    case WIRE_STATUS_ASK:
        return answer_status(g, from, m->status_ask.tag);
    default:
        return err(ERR_DENIED);
    }
    gate_wake_waiting(g);
    return OK;
}

/* What a dead sibling was asked it will not answer: ask its successor. */
static void peer(struct role *r, struct role_peer *p)
{
    struct gate *g = role_context(r);
    if (role_peer_role(p) == WIRE_VAULT) {
        for (size_t i = 0; i < g->settings->n_providers; i++)
            if (g->providers[i].key_state == UPKEY_ASKED)
                g->providers[i].key_state = UPKEY_ABSENT;
        for (size_t i = 0; i < g->n_principals; i++)
            if (g->principals[i].state == MASK_KEY_ASKED)
                g->principals[i].state = MASK_KEY_ABSENT;
    }
    if (role_peer_role(p) == WIRE_RESOLVE)
        for (size_t i = 0; i < g->settings->n_providers; i++)
            if (g->providers[i].address_state == ADDRESS_ASKED &&
                g->providers[i].resolver == role_peer_index(p))
                g->providers[i].address_state = ADDRESS_ABSENT;
    gate_wake_waiting(g);
    if (role_state(r) == WIRE_SERVING)
        ask_ahead(g);
}

void gate_client_gone(struct gate *g)
{
    if (g->draining && g->n_clients == 0)
        role_exit(g->role, 0);
}

/* Who had come before is still served: closing the queue would reset them. */
static void hang_up(struct gate_listener *l)
{
    loop_unwatch(&l->watch);
    while (take_clients(l))
        ;
    loop_timer_stop(&l->rest);
    net_close(&l->fd);
}

static void drain(struct role *r, uint32_t within_ms)
{
    struct gate *g = role_context(r);
    g->draining = true;
    for (uint32_t i = 0; i < g->settings->n_listeners; i++)
        hang_up(&g->listeners[i]);
    for (size_t i = 0; i < g->settings->n_providers; i++) {
        upstream_drop_idle(&g->providers[i]);
        probe_stop(&g->providers[i]);
    }
    for (struct client *c = g->clients, *next; c; c = next) {
        next = c->next;
        if (within_ms == 0)
            client_close(c);
        else if (!c->x)
            client_wait(c, DRAIN_IDLE_MS); /* its next request may be on its way */
    }
    if (g->n_clients == 0)
        role_exit(r, 0);
}

int main(int argc, char **argv)
{
    static const struct role_ops ops = {
        .role = WIRE_GATE,
        .prepare = prepare,
        .confine = confine,
        .start = start,
        .message = message,
        .peer = peer,
        .ring = take_ring,
        .drain = drain,
    };
    return role_main(argc, argv, &ops, &the_gate);
}
